//! What a user may do, as SHOW GRANTS tells it.

use mysql_async::Conn;

use super::connect;
use super::error::{Fault, Side};

/// Rights on everything or on a schema. Rights on single tables are not looked at.
#[derive(Debug, Default)]
pub(super) struct Grants {
    /// The rights, and the pattern of the schemas they are for; none for all.
    lines: Vec<(Vec<String>, Option<String>)>,
    roles: bool,
    /// It may read something, be it a single column.
    reads: bool,
}

impl Grants {
    /// Asks for the rights of the user of a connection.
    pub(super) async fn of(conn: &mut Conn, side: Side) -> Result<Self, Fault> {
        let doing = || "asking what the user may do".to_owned();
        let lines: Vec<String> = connect::all(conn, side, doing, "SHOW GRANTS").await?;
        let mut own = Self::default();
        lines.iter().for_each(|line| own.take(line));
        Ok(own)
    }

    fn take(&mut self, line: &str) {
        let Some(rest) = line.strip_prefix("GRANT ") else { return };
        let Some((rights, place)) = rest.split_once(" ON ") else {
            // A role: its rights stand elsewhere.
            self.roles = true;
            return;
        };
        let Some((place, _)) = place.split_once(" TO ") else { return };
        self.reads |= rights.starts_with("ALL PRIVILEGES") || rights.split([',', '(', ')']).any(|right| right.trim() == "SELECT");
        let schema = match place {
            "*.*" => None,
            place => match place.strip_suffix(".*") {
                Some(schema) => Some(schema.trim_matches('`').replace("``", "`")),
                None => return,
            },
        };
        let rights = rights.split(',').map(|right| right.trim().to_uppercase()).collect();
        self.lines.push((rights, schema));
    }

    /// Whether some rights come from roles, so that not all can be known.
    pub(super) const fn has_roles(&self) -> bool {
        self.roles
    }

    /// Whether the user may read something.
    pub(super) const fn reads(&self) -> bool {
        self.reads
    }

    /// Whether the user has a right on everything.
    pub(super) fn has_global(&self, right: &str) -> bool {
        self.lines.iter().any(|(rights, schema)| schema.is_none() && holds(rights, right))
    }

    /// Whether the user has a right on a schema.
    pub(super) fn has(&self, right: &str, schema: &str) -> bool {
        self.lines
            .iter()
            .any(|(rights, pattern)| holds(rights, right) && pattern.as_ref().is_none_or(|pattern| fits(pattern, schema)))
    }
}

fn holds(rights: &[String], right: &str) -> bool {
    rights.iter().any(|own| own == right || own == "ALL PRIVILEGES")
}

/// The pattern of a grant: `%` for any letters, `_` for one, a backslash before what means itself.
fn fits(pattern: &str, schema: &str) -> bool {
    fn walk(pattern: &[char], schema: &[char]) -> bool {
        match (pattern, schema) {
            ([], []) => true,
            (['%', rest @ ..], _) => (0..=schema.len()).any(|skip| walk(rest, &schema[skip..])),
            (['\\', letter, rest @ ..], [first, left @ ..]) => letter == first && walk(rest, left),
            (['_', rest @ ..], [_, left @ ..]) => walk(rest, left),
            ([letter, rest @ ..], [first, left @ ..]) => letter == first && walk(rest, left),
            _ => false,
        }
    }
    walk(&pattern.chars().collect::<Vec<_>>(), &schema.chars().collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rights_on_all_and_on_schemas() {
        let mut grants = Grants::default();
        grants.take("GRANT RELOAD, PROCESS ON *.* TO `dm`@`%` IDENTIFIED BY PASSWORD '*1'");
        grants.take("GRANT SELECT, LOCK TABLES ON `shop\\_%`.* TO `dm`@`%`");
        grants.take("GRANT SELECT ON `bank`.`t` TO `dm`@`%`");
        assert!(grants.has_global("RELOAD") && grants.has("RELOAD", "any") && !grants.has_global("SELECT"));
        assert!(grants.has("LOCK TABLES", "shop_1") && !grants.has("LOCK TABLES", "shopx1") && !grants.has("SELECT", "bank"));
        assert!(!grants.has_roles() && grants.reads());
        let mut blind = Grants::default();
        blind.take("GRANT RELOAD, LOCK TABLES ON *.* TO `dm`@`%`");
        assert!(!blind.reads());
        blind.take("GRANT INSERT, SELECT (`id`) ON `bank`.`t` TO `dm`@`%`");
        assert!(blind.reads());
        grants.take("GRANT `role`@`%` TO `dm`@`%`");
        grants.take("GRANT ALL PRIVILEGES ON `bank`.* TO `dm`@`%`");
        assert!(grants.has_roles() && grants.has("DROP", "bank"));
    }
}
