//! DM's numbers for errors, as far as this program raises them itself: to which part each belongs, where it arose, and how bad it is.

/// What DM writes beside a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DmCode {
    /// The number.
    pub code: u32,
    /// The part of DM that raises it.
    pub class: &'static str,
    /// Where it arose.
    pub scope: &'static str,
    /// How bad it is.
    pub level: &'static str,
}

const fn entry(code: u32, class: &'static str, scope: &'static str, level: &'static str) -> DmCode {
    DmCode { code, class, scope, level }
}

/// The numbers in their order.
const TABLE: &[DmCode] = &[
    entry(10001, "database", "not-set", "high"),
    entry(10005, "database", "not-set", "high"),
    entry(10006, "database", "not-set", "high"),
    entry(11010, "functional", "internal", "high"),
    entry(11015, "functional", "internal", "high"),
    entry(20001, "config", "internal", "medium"),
    entry(20003, "config", "internal", "medium"),
    entry(20004, "config", "internal", "medium"),
    entry(20005, "config", "internal", "medium"),
    entry(20007, "config", "internal", "medium"),
    entry(20008, "config", "internal", "medium"),
    entry(20011, "config", "internal", "medium"),
    entry(20013, "config", "internal", "medium"),
    entry(20014, "config", "internal", "medium"),
    entry(20019, "config", "internal", "medium"),
    entry(20020, "config", "internal", "medium"),
    entry(20021, "config", "internal", "medium"),
    entry(20022, "config", "internal", "medium"),
    entry(20023, "config", "internal", "medium"),
    entry(20024, "config", "internal", "medium"),
    entry(20026, "config", "internal", "medium"),
    entry(20031, "config", "internal", "medium"),
    entry(20032, "config", "internal", "medium"),
    entry(20033, "config", "internal", "medium"),
    entry(20037, "config", "internal", "high"),
    entry(20038, "config", "internal", "high"),
    entry(20041, "config", "internal", "high"),
    entry(20044, "config", "internal", "high"),
    entry(20045, "config", "internal", "high"),
    entry(20050, "config", "internal", "low"),
    entry(20051, "config", "internal", "low"),
    entry(20053, "config", "internal", "medium"),
    entry(20054, "config", "internal", "medium"),
    entry(20057, "config", "internal", "high"),
    entry(20060, "config", "internal", "medium"),
    entry(20064, "config", "internal", "high"),
    entry(20066, "config", "internal", "medium"),
    entry(26005, "task-check", "internal", "medium"),
    entry(26007, "task-check", "internal", "medium"),
    entry(32001, "dump-unit", "internal", "high"),
    entry(34019, "load-unit", "internal", "high"),
    entry(38029, "dm-master", "internal", "high"),
    entry(38041, "dm-master", "internal", "medium"),
    entry(38045, "dm-master", "internal", "medium"),
    entry(38048, "dm-master", "internal", "low"),
    entry(38049, "dm-master", "internal", "low"),
    entry(38058, "dm-master", "internal", "high"),
    entry(40005, "dm-worker", "internal", "medium"),
    entry(40006, "dm-worker", "internal", "medium"),
    entry(40007, "dm-worker", "internal", "medium"),
    entry(40056, "dm-worker", "internal", "high"),
    entry(40070, "dm-worker", "internal", "high"),
    entry(46004, "scheduler", "internal", "medium"),
    entry(46005, "scheduler", "internal", "medium"),
    entry(46006, "scheduler", "internal", "medium"),
    entry(46007, "scheduler", "internal", "medium"),
    entry(46008, "scheduler", "internal", "medium"),
    entry(46009, "dm-master", "internal", "medium"),
    entry(46010, "dm-master", "internal", "medium"),
    entry(46014, "scheduler", "internal", "medium"),
    entry(46016, "dm-master", "internal", "medium"),
    entry(46017, "dm-master", "internal", "medium"),
    entry(46018, "scheduler", "internal", "medium"),
    entry(46024, "scheduler", "internal", "low"),
    entry(46025, "scheduler", "internal", "low"),
    entry(46033, "scheduler", "internal", "low"),
    entry(46035, "scheduler", "internal", "low"),
    entry(49001, "openapi", "internal", "high"),
    // DM's own for an error that has no number.
    entry(50000, "not-set", "not-set", "high"),
];

impl DmCode {
    /// What DM writes beside a number; for one that is not in the table, that nothing is set.
    #[must_use]
    pub fn of(code: u32) -> Self {
        let found = TABLE.binary_search_by_key(&code, |entry| entry.code);
        found.map_or(entry(code, "not-set", "not-set", "high"), |place| TABLE[place])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_order() {
        assert!(TABLE.is_sorted_by(|one, two| one.code < two.code));
        assert_eq!(DmCode::of(46018).class, "scheduler");
        assert_eq!(DmCode::of(1).class, "not-set");
    }
}
