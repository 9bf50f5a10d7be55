//! Sets of global transaction identifiers, in the text forms of MySQL and MariaDB.
//!
//! MySQL: `uuid:1-5:7,uuid:9`, with tags since 8.3 (`uuid:1-3:tag:4-5`). Syntax: MySQL 8.4 manual, 19.1.3.1 "GTID
//! Format and Storage"; that one uuid may carry intervals of several tags is how the server prints them.
//! MariaDB: `0-1-270,1-2-5`, domain-server-sequence, one entry a domain, as in `gtid_binlog_pos`.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// The last transaction number of MySQL: one below `GNO_END` (`sql/rpl_gtid.h`), the largest signed 64-bit number.
const LAST_NUMBER: u64 = i64::MAX as u64 - 1;

/// The longest tag (`mysql::gtid::tag_max_length`).
const LONGEST_TAG: usize = 32;

/// A set of transactions, always in its normal form: two sets with the same transactions are equal.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum GtidSet {
    /// No transaction at all, which either kind writes as nothing.
    #[default]
    Empty,
    /// A set in the form of MySQL.
    Mysql(MysqlGtidSet),
    /// A set in the form of MariaDB.
    Mariadb(MariadbGtidSet),
}

/// Transaction numbers by source and tag; never empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MysqlGtidSet {
    sources: BTreeMap<Source, Vec<Interval>>,
}

/// The last transaction of each domain, which stands for all before it; never empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MariadbGtidSet {
    domains: BTreeMap<u32, Last>,
}

/// Why a text is not a set of transactions.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum GtidError {
    /// Nothing stands between two commas, or beside one.
    #[error("a GTID set has nothing beside one of its commas: `{text}`")]
    EmptyPart {
        /// The whole text.
        text: String,
    },
    /// A part is of neither form.
    #[error("`{part}` is neither `uuid:interval` nor `domain-server-sequence`")]
    Form {
        /// What stands between the commas.
        part: String,
    },
    /// A part is of the other form than the parts before it.
    #[error("`{part}` is of the other kind than the parts before it: MySQL and MariaDB do not mix")]
    MixedKinds {
        /// What stands between the commas.
        part: String,
    },
    /// What stands before the first colon is not a uuid.
    #[error("`{uuid}` is not the uuid of a server")]
    Uuid {
        /// The uuid as written.
        uuid: String,
    },
    /// No interval follows a uuid or a tag.
    #[error("`{part}` names a uuid or a tag without an interval")]
    NoInterval {
        /// What stands between the commas.
        part: String,
    },
    /// What stands between two colons begins like a tag, and is none.
    #[error("`{tag}` is not a tag: at most 32 letters, digits and underscores")]
    Tag {
        /// The tag as written.
        tag: String,
    },
    /// What stands between two colons is not an interval.
    #[error("`{interval}` is not an interval like `7` or `1-5`")]
    Interval {
        /// The interval as written.
        interval: String,
    },
    /// One of the three numbers of MariaDB is too large, or not a number.
    #[error("`{number}` in `{part}` is not a number, or too large")]
    Number {
        /// The number as written.
        number: String,
        /// What stands between the commas.
        part: String,
    },
    /// A domain of MariaDB is named twice.
    #[error("`{part}` names the domain {domain} a second time")]
    DomainTwice {
        /// What stands between the commas.
        part: String,
        /// The domain.
        domain: u32,
    },
}

/// A server and maybe a tag: what MySQL counts transactions by. Ordered as the server prints them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Source {
    uuid: u128,
    tag: Option<String>,
}

/// Transaction numbers from `first` to `last`, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Interval {
    first: u64,
    last: u64,
}

/// The last transaction of a domain. The sequence comes first, as it decides which of two is later.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Last {
    sequence: u64,
    server: u32,
}

impl GtidSet {
    /// Whether every transaction of `other` is in this set; `None` when one is of MySQL and one of MariaDB.
    ///
    /// In MariaDB the sequence of a domain decides, whichever server wrote last: it grows over all servers.
    #[must_use]
    pub fn contains(&self, other: &Self) -> Option<bool> {
        match (self, other) {
            (_, Self::Empty) => Some(true),
            (Self::Empty, Self::Mysql(_) | Self::Mariadb(_)) => Some(false),
            (Self::Mysql(this), Self::Mysql(other)) => Some(this.contains(other)),
            (Self::Mariadb(this), Self::Mariadb(other)) => Some(this.contains(other)),
            (Self::Mysql(_), Self::Mariadb(_)) | (Self::Mariadb(_), Self::Mysql(_)) => None,
        }
    }

    /// The transactions of both sets; `None` when one is of MySQL and one of MariaDB.
    #[must_use]
    pub fn union(&self, other: &Self) -> Option<Self> {
        match (self, other) {
            (some, Self::Empty) | (Self::Empty, some) => Some(some.clone()),
            (Self::Mysql(this), Self::Mysql(other)) => Some(Self::Mysql(this.union(other))),
            (Self::Mariadb(this), Self::Mariadb(other)) => Some(Self::Mariadb(this.union(other))),
            (Self::Mysql(_), Self::Mariadb(_)) | (Self::Mariadb(_), Self::Mysql(_)) => None,
        }
    }
}

impl FromStr for GtidSet {
    type Err = GtidError;

    /// Reads either form; blanks and newlines around the parts and their numbers are passed over.
    ///
    /// A MySQL source may come several times and its intervals in any order. Unlike the server, empty parts, reversed
    /// intervals and hexadecimal numbers are refused: in a command they are slips.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut set = Self::Empty;
        if text.trim_ascii().is_empty() {
            return Ok(set);
        }
        for part in text.split(',').map(str::trim_ascii) {
            if part.is_empty() {
                return Err(GtidError::EmptyPart { text: text.to_owned() });
            }
            set.add(part)?;
        }
        if let Self::Mysql(mysql) = &mut set {
            mysql.sources.values_mut().for_each(normalise);
        }
        Ok(set)
    }
}

impl fmt::Display for GtidSet {
    /// Writes the normal form on one line: sorted, intervals merged, hexadecimal digits and tags in lower case.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => Ok(()),
            Self::Mysql(mysql) => mysql.fmt(formatter),
            Self::Mariadb(mariadb) => mariadb.fmt(formatter),
        }
    }
}

impl GtidSet {
    /// Adds one comma-separated part; the intervals of MySQL are left unsorted.
    fn add(&mut self, part: &str) -> Result<(), GtidError> {
        let of_mysql = part.contains(':') || parse_uuid(part).is_some();
        if !of_mysql && part.split('-').count() != 3 {
            return Err(GtidError::Form { part: part.to_owned() });
        }
        if matches!(self, Self::Empty) {
            *self = if of_mysql {
                Self::Mysql(MysqlGtidSet { sources: BTreeMap::new() })
            } else {
                Self::Mariadb(MariadbGtidSet { domains: BTreeMap::new() })
            };
        }
        match self {
            Self::Mysql(set) if of_mysql => set.add(part),
            Self::Mariadb(set) if !of_mysql => set.add(part),
            Self::Empty | Self::Mysql(_) | Self::Mariadb(_) => Err(GtidError::MixedKinds { part: part.to_owned() }),
        }
    }
}

impl MysqlGtidSet {
    fn contains(&self, other: &Self) -> bool {
        other.sources.iter().all(|(source, wanted)| {
            self.sources.get(source).is_some_and(|held| wanted.iter().all(|&interval| holds(held, interval)))
        })
    }

    fn union(&self, other: &Self) -> Self {
        let mut sources = self.sources.clone();
        for (source, intervals) in &other.sources {
            let merged = sources.entry(source.clone()).or_default();
            merged.extend_from_slice(intervals);
            normalise(merged);
        }
        Self { sources }
    }

    fn add(&mut self, part: &str) -> Result<(), GtidError> {
        let mut items = part.split(':').map(str::trim_ascii);
        let uuid = items.next().unwrap_or_default();
        let uuid = parse_uuid(uuid).ok_or_else(|| GtidError::Uuid { uuid: uuid.to_owned() })?;
        let mut tag = None;
        let mut interval_due = true;
        for item in items {
            if item.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_') {
                // Only the server's own mixed form puts a tag after intervals; two tags in a row are a slip.
                if interval_due && tag.is_some() {
                    return Err(GtidError::NoInterval { part: part.to_owned() });
                }
                tag = Some(parse_tag(item)?);
                interval_due = true;
            } else {
                let interval = parse_interval(item).ok_or_else(|| GtidError::Interval { interval: item.to_owned() })?;
                self.sources.entry(Source { uuid, tag: tag.clone() }).or_default().push(interval);
                interval_due = false;
            }
        }
        if interval_due {
            return Err(GtidError::NoInterval { part: part.to_owned() });
        }
        Ok(())
    }
}

impl fmt::Display for MysqlGtidSet {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut previous = None;
        for (Source { uuid, tag }, intervals) in &self.sources {
            if previous != Some(uuid) {
                if previous.is_some() {
                    formatter.write_str(",")?;
                }
                write_uuid(formatter, *uuid)?;
            }
            previous = Some(uuid);
            if let Some(tag) = tag {
                write!(formatter, ":{tag}")?;
            }
            for Interval { first, last } in intervals {
                write!(formatter, ":{first}")?;
                if last > first {
                    write!(formatter, "-{last}")?;
                }
            }
        }
        Ok(())
    }
}

impl MariadbGtidSet {
    fn contains(&self, other: &Self) -> bool {
        let holds = |domain, wanted: &Last| self.domains.get(domain).is_some_and(|last| last.sequence >= wanted.sequence);
        other.domains.iter().all(|(domain, wanted)| holds(domain, wanted))
    }

    fn union(&self, other: &Self) -> Self {
        let mut domains = self.domains.clone();
        for (&domain, &last) in &other.domains {
            domains.entry(domain).and_modify(|held| *held = last.max(*held)).or_insert(last);
        }
        Self { domains }
    }

    fn add(&mut self, part: &str) -> Result<(), GtidError> {
        let numbers: Vec<&str> = part.split('-').map(str::trim_ascii).collect();
        let &[domain, server, sequence] = numbers.as_slice() else {
            return Err(GtidError::Form { part: part.to_owned() });
        };
        let wrong = |number: &str| GtidError::Number { number: number.to_owned(), part: part.to_owned() };
        let id = |number| digits(number).and_then(|number| u32::try_from(number).ok()).ok_or_else(|| wrong(number));
        let (domain, server) = (id(domain)?, id(server)?);
        let sequence = digits(sequence).ok_or_else(|| wrong(sequence))?;
        if self.domains.insert(domain, Last { sequence, server }).is_some() {
            return Err(GtidError::DomainTwice { part: part.to_owned(), domain });
        }
        Ok(())
    }
}

impl fmt::Display for MariadbGtidSet {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut separator = "";
        for (domain, Last { sequence, server }) in &self.domains {
            write!(formatter, "{separator}{domain}-{server}-{sequence}")?;
            separator = ",";
        }
        Ok(())
    }
}

/// Sorts the intervals and joins those that overlap or touch.
fn normalise(intervals: &mut Vec<Interval>) {
    intervals.sort_unstable();
    intervals.dedup_by(|next, kept| {
        let joins = next.first <= kept.last.saturating_add(1);
        if joins {
            kept.last = kept.last.max(next.last);
        }
        joins
    });
}

/// Whether normal `intervals` hold all of `wanted`: one of them must, as no two of them touch.
fn holds(intervals: &[Interval], wanted: Interval) -> bool {
    let beyond = intervals.partition_point(|interval| interval.first <= wanted.first);
    let nearest = beyond.checked_sub(1).and_then(|index| intervals.get(index));
    nearest.is_some_and(|interval| interval.last >= wanted.last)
}

/// Reads the 36 characters of a uuid, in either case.
fn parse_uuid(text: &str) -> Option<u128> {
    let groups: Vec<&str> = text.split('-').collect();
    let well_formed = groups.iter().map(|group| group.len()).eq([8, 4, 4, 4, 12])
        && groups.iter().all(|group| group.bytes().all(|byte| byte.is_ascii_hexdigit()));
    if well_formed { u128::from_str_radix(&groups.concat(), 16).ok() } else { None }
}

fn write_uuid(formatter: &mut fmt::Formatter<'_>, uuid: u128) -> fmt::Result {
    let group = |shift: u32, bits: u32| (uuid >> shift) & ((1 << bits) - 1);
    let (time_low, time_middle, time_high) = (group(96, 32), group(80, 16), group(64, 16));
    let (clock, node) = (group(48, 16), group(0, 48));
    write!(formatter, "{time_low:08x}-{time_middle:04x}-{time_high:04x}-{clock:04x}-{node:012x}")
}

/// Reads a tag, whose first character the caller has looked at; the server folds it to lower case.
fn parse_tag(text: &str) -> Result<String, GtidError> {
    let well_formed = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if !well_formed || text.len() > LONGEST_TAG {
        return Err(GtidError::Tag { tag: text.to_owned() });
    }
    Ok(text.to_ascii_lowercase())
}

fn parse_interval(text: &str) -> Option<Interval> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let (first, last) = (digits(first.trim_ascii())?, digits(last.trim_ascii())?);
    (1 <= first && first <= last && last <= LAST_NUMBER).then_some(Interval { first, last })
}

/// The number that `text` spells in plain digits; the `+` that Rust would take is refused.
fn digits(text: &str) -> Option<u64> {
    let plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if plain { text.parse().ok() } else { None }
}
