//! Filters of binlog events, in source files and in task files.

use super::{Given, section};

section!(
    /// Which events of which tables are left out, or are the only ones that are kept.
    EventRule {
        /// The schemas, with `*`, `?` and `[…]`.
        "schema-pattern" => schema_pattern: String,
        /// The tables, with `*`, `?` and `[…]`; none for all of them, and the schema itself.
        "table-pattern" => table_pattern: String,
        /// The events by name.
        "events" => events: Vec<Given<String>>,
        /// Regular expressions for statements.
        "sql-pattern" => sql_pattern: Vec<Given<String>>,
        /// What is done with what fits: `Ignore`, `Do` or `Error`.
        "action" => action: String,
    }
);
