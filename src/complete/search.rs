//! The lines of a history that have certain letters.

use super::Row;
use super::rank::rank;
use super::table::Text;

/// The lines that fit what was typed, best first; among equals the order is kept.
#[must_use]
pub fn search(lines: &[String], typed: &str) -> Vec<Row> {
    let line = |index: usize| lines.get(index).map_or("", String::as_str);
    let ranked = rank(&Text::new(lines.iter().map(String::as_str)), line, |_| Some(0), None, typed);
    let rows = ranked.hits.into_iter().map(|hit| Row { value: line(hit.index).to_owned(), matched: hit.matched, ..Row::default() });
    rows.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_found_by_letters_in_order() {
        let lines = ["task list", "source transfer mysql-02 worker-12", "task start a"].map(str::to_owned);
        let found = |typed: &str| search(&lines, typed).into_iter().map(|row| row.value).collect::<Vec<_>>();
        assert_eq!(found(""), lines);
        assert_eq!(found("trans2"), ["source transfer mysql-02 worker-12"]);
        assert_eq!(found("zz"), Vec::<String>::new());
    }
}
