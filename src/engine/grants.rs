//! What a user may do, as SHOW GRANTS tells it.

use mysql_async::Conn;

use super::connect::{self, Server};
use super::error::{Fault, Side};
use super::sql;

/// What a right is for.
#[derive(Debug, PartialEq, Eq)]
enum Place {
    Everything,
    /// A pattern of schemas.
    Schema(String),
    Table(String, String),
}

/// One line of the answer.
#[derive(Debug)]
struct Line {
    /// The rights in capitals; one on some columns only has these behind it.
    rights: Vec<String>,
    place: Place,
    /// It takes rights on a schema away from those on everything.
    revokes: bool,
}

/// The rights of the user of a connection, with those of its active roles.
#[derive(Debug, Default)]
pub(super) struct Grants {
    lines: Vec<Line>,
    /// The user as it is written in a statement.
    user: String,
    /// It has roles, and none of them is active.
    has_idle_roles: bool,
    /// Capitals in names don't count.
    folds: bool,
    /// `%` and `_` in the name of a schema mean themselves.
    literal: bool,
}

impl Grants {
    /// Asks for the rights of the user of a connection.
    pub(super) async fn of(conn: &mut Conn, side: Side, server: &Server) -> Result<Self, Fault> {
        let doing = || "asking what the user may do".to_owned();
        let mut own = Self { folds: server.lower_case_names != 0, ..Self::default() };
        let user: Option<String> = connect::first(conn, side, doing, "SELECT CURRENT_USER()").await?;
        own.user = written(&user.unwrap_or_default());
        let mut query = "SHOW GRANTS".to_owned();
        // Servers that know no roles refuse the question.
        let roles: Option<Option<String>> = connect::first(conn, side, doing, "SELECT CURRENT_ROLE()").await.unwrap_or_default();
        let roles = roles.flatten().filter(|roles| !roles.is_empty() && roles != "NONE");
        if !server.is_mariadb() {
            let literal: Option<bool> = connect::first(conn, side, doing, "SELECT @@partial_revokes").await.unwrap_or_default();
            own.literal = literal == Some(true);
            // MariaDB tells the rights of the role without being asked.
            if let Some(roles) = &roles {
                query = format!("SHOW GRANTS FOR CURRENT_USER() USING {roles}");
            }
        }
        let lines: Vec<String> = connect::all(conn, side, doing, &query).await?;
        let has_roles = lines.iter().filter(|line| own.take(line)).count() > 0;
        own.has_idle_roles = has_roles && roles.is_none();
        Ok(own)
    }

    /// Takes a line up; whether it was one about a role.
    fn take(&mut self, line: &str) -> bool {
        let (rest, revokes, end) = match (line.strip_prefix("GRANT "), line.strip_prefix("REVOKE ")) {
            (Some(rest), _) => (rest, false, " TO "),
            (None, Some(rest)) => (rest, true, " FROM "),
            (None, None) => return false,
        };
        let Some((rights, rest)) = split(rest, " ON ") else { return true };
        let place = split(rest, end).and_then(|(place, _)| self::place(place));
        let Some(place) = place else { return false };
        let mut own = Vec::new();
        let mut rest = rights;
        while let Some((right, others)) = split(rest, ",") {
            own.push(right);
            rest = others;
        }
        own.push(rest);
        let rights = own.into_iter().map(|right| right.trim().to_uppercase()).collect();
        self.lines.push(Line { rights, place, revokes });
        false
    }

    /// Whether the user has roles, and none of them is active.
    pub(super) const fn has_idle_roles(&self) -> bool {
        self.has_idle_roles
    }

    /// Whether the user may read something, be it a single column.
    pub(super) fn reads(&self) -> bool {
        let reads = |right: &String| right == "ALL PRIVILEGES" || right.split(' ').next() == Some("SELECT");
        self.lines.iter().any(|line| !line.revokes && line.rights.iter().any(reads))
    }

    /// Whether the user has a right on everything.
    pub(super) fn has_global(&self, right: &str) -> bool {
        self.lines.iter().any(|line| !line.revokes && line.place == Place::Everything && line.holds(right))
    }

    /// Whether the user has a right on all of a schema.
    pub(super) fn has(&self, right: &str, schema: &str) -> bool {
        let schema = self.folded(schema);
        let fits = |line: &Line| match &line.place {
            Place::Schema(pattern) if self.literal || line.revokes => self.folded(pattern) == schema,
            Place::Schema(pattern) => fits(&self.folded(pattern), &schema),
            _ => false,
        };
        let with = |revokes: bool| self.lines.iter().filter(move |line| line.revokes == revokes && line.holds(right));
        with(false).any(fits) || (self.has_global(right) && !with(true).any(fits))
    }

    /// Whether the user has a right on a table, of whatever it comes.
    pub(super) fn has_on(&self, right: &str, schema: &str, table: &str) -> bool {
        let own = Place::Table(self.folded(schema), self.folded(table));
        let is_own = |line: &&Line| match &line.place {
            Place::Table(schema, table) => Place::Table(self.folded(schema), self.folded(table)) == own,
            _ => false,
        };
        self.has(right, schema) || self.lines.iter().filter(is_own).any(|line| !line.revokes && line.holds(right))
    }

    fn folded(&self, name: &str) -> String {
        if self.folds { name.to_lowercase() } else { name.to_owned() }
    }

    /// The statement that gives the user rights on everything.
    pub(super) fn give(&self, rights: &str) -> String {
        format!("GRANT {rights} ON *.* TO {}", self.user)
    }

    /// The statement that gives the user rights on a schema, whose name is a pattern there.
    pub(super) fn give_on_schema(&self, rights: &str, schema: &str) -> String {
        let pattern =
            if self.literal { schema.to_owned() } else { schema.replace('\\', "\\\\").replace('_', "\\_").replace('%', "\\%") };
        format!("GRANT {rights} ON {}.* TO {}", sql::name(&pattern), self.user)
    }

    /// The statement that gives the user rights on a table.
    pub(super) fn give_on_table(&self, rights: &str, schema: &str, table: &str) -> String {
        format!("GRANT {rights} ON {} TO {}", sql::table(schema, table), self.user)
    }
}

impl Line {
    fn holds(&self, right: &str) -> bool {
        self.rights.iter().any(|own| own == right || own == "ALL PRIVILEGES")
    }
}

/// A user as CURRENT_USER() gives it, in backticks. A host has no `@`, and a name may.
fn written(user: &str) -> String {
    let (name, host) = user.rsplit_once('@').unwrap_or((user, "%"));
    format!("{}@{}", sql::name(name), sql::name(host))
}

/// Splits at the first of some letters that stand outside of quotes and parentheses.
fn split<'a>(text: &'a str, at: &str) -> Option<(&'a str, &'a str)> {
    let (mut quote, mut depth) = (None, 0_usize);
    for (place, letter) in text.char_indices() {
        match (quote, letter) {
            (None, _) if depth == 0 && text[place..].starts_with(at) => return Some((&text[..place], &text[place + at.len()..])),
            (None, '`' | '\'' | '"') => quote = Some(letter),
            (None, '(') => depth += 1,
            (None, ')') => depth = depth.saturating_sub(1),
            // A doubled quote closes and opens again.
            (Some(open), letter) if open == letter => quote = None,
            _ => {}
        }
    }
    None
}

/// None for what is neither a schema nor a table.
fn place(text: &str) -> Option<Place> {
    if text == "*.*" {
        return Some(Place::Everything);
    }
    let (schema, table) = split(text, ".")?;
    let name = |text: &str| Some(text.strip_prefix('`')?.strip_suffix('`')?.replace("``", "`"));
    let schema = name(schema)?;
    Some(if table == "*" { Place::Schema(schema) } else { Place::Table(schema, name(table)?) })
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

    fn grants(lines: &[&str]) -> Grants {
        let mut grants = Grants { user: written("d`m@home@%"), ..Grants::default() };
        for line in lines {
            grants.take(line);
        }
        grants
    }

    #[test]
    fn rights_on_all_on_schemas_and_on_tables() {
        let grants = grants(&[
            "GRANT RELOAD, PROCESS ON *.* TO `dm`@`%` IDENTIFIED BY PASSWORD '*1'",
            "GRANT SELECT, LOCK TABLES ON `shop\\_%`.* TO `dm`@`%`",
            "GRANT SELECT (`a ON b`, `c`), INSERT ON `bank`.`t TO ``x` TO `dm`@`%`",
            "GRANT EXECUTE ON PROCEDURE `bank`.`p` TO `dm`@`%`",
            "GRANT ALL PRIVILEGES ON `all`.* TO `dm`@`%`",
        ]);
        assert!(grants.has_global("RELOAD") && grants.has("RELOAD", "any") && !grants.has_global("SELECT"));
        assert!(grants.has("LOCK TABLES", "shop_1") && !grants.has("LOCK TABLES", "shopx1") && !grants.has("SELECT", "bank"));
        assert!(grants.has_on("INSERT", "bank", "t TO `x") && !grants.has_on("SELECT", "bank", "t TO `x"), "{grants:?}");
        assert!(!grants.has_on("INSERT", "bank", "t") && !grants.has_on("EXECUTE", "bank", "p"));
        assert!(grants.has("DROP", "all") && !grants.has_global("DROP") && grants.reads());
    }

    #[test]
    fn roles_and_what_was_taken_away() {
        let mut own = grants(&["GRANT SELECT, RELOAD ON *.* TO `dm`@`%`", "REVOKE SELECT ON `bank`.* FROM `dm`@`%`"]);
        assert!(own.has("SELECT", "shop") && !own.has("SELECT", "bank") && own.has("RELOAD", "bank"));
        assert!(own.take("GRANT `role`@`%` TO `dm`@`%`") && !own.has_idle_roles());
        let blind = grants(&["GRANT RELOAD, LOCK TABLES ON *.* TO `dm`@`%`"]);
        assert!(!blind.reads() && grants(&["GRANT INSERT, SELECT (`id`) ON `bank`.`t` TO `dm`@`%`"]).reads());
    }

    #[test]
    fn statements_name_just_what_they_are_for() {
        let mut own = grants(&[]);
        assert_eq!(own.give("RELOAD"), "GRANT RELOAD ON *.* TO `d``m@home`@`%`");
        assert_eq!(own.give_on_schema("SELECT", "shop_1`"), "GRANT SELECT ON `shop\\_1```.* TO `d``m@home`@`%`");
        assert_eq!(own.give_on_table("SELECT", "shop_1", "a_b"), "GRANT SELECT ON `shop_1`.`a_b` TO `d``m@home`@`%`");
        own.literal = true;
        assert_eq!(own.give_on_schema("SELECT", "shop_1"), "GRANT SELECT ON `shop_1`.* TO `d``m@home`@`%`");
    }
}
