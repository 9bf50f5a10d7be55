//! Rules that say what is copied, and under which name.

use super::{Given, section};

section!(
    /// Tables that get another name on the target.
    Route {
        /// A column that tells the table of a row.
        "extract-table" => extract_table: ExtractTable,
        /// A column that tells the schema of a row.
        "extract-schema" => extract_schema: ExtractSchema,
        /// A column that tells the source of a row.
        "extract-source" => extract_source: ExtractSource,
        /// The schemas, with `*`, `?` and `[…]`, or a regular expression behind `~`.
        "schema-pattern" => schema_pattern: String,
        /// The tables, likewise; none for all tables of the schema, which then keep their names.
        "table-pattern" => table_pattern: String,
        /// The schema on the target.
        "target-schema" => target_schema: String,
        /// The table on the target; none for its own name.
        "target-table" => target_table: String,
    }
);

section!(
    /// A column that tells the table of a row.
    ExtractTable {
        /// The column.
        "target-column" => target_column: String,
        /// Which part of the name goes in.
        "table-regexp" => table_regexp: String,
    }
);

section!(
    /// A column that tells the schema of a row.
    ExtractSchema {
        /// The column.
        "target-column" => target_column: String,
        /// Which part of the name goes in.
        "schema-regexp" => schema_regexp: String,
    }
);

section!(
    /// A column that tells the source of a row.
    ExtractSource {
        /// The column.
        "target-column" => target_column: String,
        /// Which part of the name goes in.
        "source-regexp" => source_regexp: String,
    }
);

section!(
    /// Which schemas and tables are copied at all.
    Tables {
        /// Only these tables.
        "do-tables" => do_tables: Vec<Given<Table>>,
        /// Only these schemas, by name, with `*`, `?` and `[…]`, or with a regular expression behind `~`.
        "do-dbs" => do_dbs: Vec<Given<String>>,
        /// All but these tables.
        "ignore-tables" => ignore_tables: Vec<Given<Table>>,
        /// All but these schemas.
        "ignore-dbs" => ignore_dbs: Vec<Given<String>>,
    }
);

section!(
    /// A table, or several by pattern.
    Table {
        /// The schema, by name, with `*`, `?` and `[…]`, or with a regular expression behind `~`.
        "db-name" => db_name: String,
        /// The table, likewise.
        "tbl-name" => tbl_name: String,
    }
);

section!(
    /// Rows that are left out. Only one kind of change has an expression.
    ExpressionFilter {
        /// The schema.
        "schema" => schema: String,
        /// The table.
        "table" => table: String,
        /// Which inserted rows.
        "insert-value-expr" => insert_value_expr: String,
        /// Which changed rows, by what they were.
        "update-old-value-expr" => update_old_value_expr: String,
        /// Which changed rows, by what they become.
        "update-new-value-expr" => update_new_value_expr: String,
        /// Which deleted rows.
        "delete-value-expr" => delete_value_expr: String,
    }
);

section!(
    /// Refused since version 6.6.
    ColumnMapping {
        /// The schemas.
        "schema-pattern" => schema_pattern: String,
        /// The tables.
        "table-pattern" => table_pattern: String,
        /// The column on the source.
        "source-column" => source_column: String,
        /// The column on the target.
        "target-column" => target_column: String,
        /// How one becomes the other.
        "expression" => expression: String,
        /// With what.
        "arguments" => arguments: Vec<Given<String>>,
        /// No longer looked at.
        "create-table-query" => create_table_query: String,
    }
);
