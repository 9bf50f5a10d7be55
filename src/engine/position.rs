//! The moment of a snapshot, as the binlog of the source tells it.

use crate::model::position::Position;

/// Where the binlog of a source stood when a snapshot was taken.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Moment {
    /// Which server it was.
    pub(super) server: String,
    /// The binlog file; empty without a binlog, or where it may not be seen.
    pub(super) file: String,
    /// The place in it.
    pub(super) offset: u64,
    /// The GTID set; empty without GTIDs.
    pub(super) gtid_set: String,
}

impl Moment {
    /// Whether nothing has changed on the source between two moments. What can't be known counts as a change.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        if !self.gtid_set.is_empty() && self.gtid_set == other.gtid_set {
            return true;
        }
        !self.file.is_empty() && self.server == other.server && self.file == other.file && self.offset == other.offset
    }

    /// The place in DM's text.
    pub(super) fn text(&self) -> String {
        if self.file.is_empty() {
            return String::new();
        }
        match self.file.parse() {
            Ok(name) => Position { name, offset: self.offset }.to_string(),
            Err(_) => format!("({}, {})", self.file, self.offset),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moment(server: &str, file: &str, offset: u64, gtid_set: &str) -> Moment {
        Moment { server: server.to_owned(), file: file.to_owned(), offset, gtid_set: gtid_set.to_owned() }
    }

    #[test]
    fn what_is_not_known_to_be_the_same_is_a_change() {
        let here = moment("a", "bin.000001", 4, "");
        assert!(here.is_same(&here));
        assert!(!here.is_same(&moment("b", "bin.000001", 4, "")), "another server");
        assert!(!here.is_same(&moment("a", "bin.000001", 5, "")));
        assert!(!moment("a", "", 0, "").is_same(&moment("a", "", 0, "")), "no binlog");
        assert!(moment("a", "bin.000001", 900, "0-1-7").is_same(&moment("a", "bin.000002", 4, "0-1-7")), "only rotated");
        assert_eq!(here.text(), "(bin.000001, 4)");
    }
}
