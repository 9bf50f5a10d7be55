//! Tables and aligned fields.

use nu_ansi_term::{Color, Style as Ansi};
use unicode_width::UnicodeWidthStr as _;

use super::{clean, cut};

/// What a piece of text means; the colour follows from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Style {
    /// Nothing special.
    #[default]
    Plain,
    /// As it should be.
    Good,
    /// Worth a look.
    Warning,
    /// Broken.
    Bad,
    /// Of little interest.
    Faint,
    /// A heading.
    Strong,
}

impl Style {
    fn ansi(self) -> Ansi {
        match self {
            Self::Plain => Ansi::new(),
            Self::Good => Color::Green.normal(),
            Self::Warning => Color::Yellow.normal(),
            Self::Bad => Color::Red.normal(),
            Self::Faint => Ansi::new().dimmed(),
            Self::Strong => Ansi::new().bold(),
        }
    }

    /// Puts the style around a text.
    pub(super) fn paint(self, text: &str, styled: bool) -> String {
        if styled && self != Self::Plain { self.ansi().paint(text).to_string() } else { text.to_owned() }
    }
}

/// A piece of text with a meaning.
#[derive(Debug, Clone, Default)]
pub struct Cell {
    text: String,
    style: Style,
}

impl Cell {
    /// Text with a style.
    pub fn new(text: impl Into<String>, style: Style) -> Self {
        Self { text: text.into(), style }
    }

    /// What stands where there is nothing to say.
    #[must_use]
    pub fn none() -> Self {
        Self::new("-", Style::Faint)
    }

    /// The text, or the sign for nothing.
    pub fn maybe(text: Option<impl Into<String>>) -> Self {
        text.map_or_else(Self::none, |text| Self::new(text, Style::Plain))
    }

    pub(super) fn write(&self, out: &mut String, styled: bool) {
        out.push_str(&self.style.paint(&clean::line(&self.text), styled));
    }
}

impl<T: Into<String>> From<T> for Cell {
    fn from(text: T) -> Self {
        Self::new(text, Style::Plain)
    }
}

/// Rows below a head. Columns are separated by two blanks, all left-aligned.
#[derive(Debug)]
pub struct Table {
    head: Vec<&'static str>,
    rows: Vec<Vec<Cell>>,
    /// What is said instead of a table without rows.
    empty: &'static str,
}

impl Table {
    /// A table with these column names, and what to say when there are no rows.
    #[must_use]
    pub fn new(head: &[&'static str], empty: &'static str) -> Self {
        Self { head: head.to_vec(), rows: Vec::new(), empty }
    }

    /// Adds a row; it has one cell a column.
    pub fn row(&mut self, cells: impl IntoIterator<Item = Cell>) {
        self.rows.push(cells.into_iter().collect());
    }

    pub(super) fn render(&self, out: &mut String, styled: bool, width: Option<usize>) {
        if self.rows.is_empty() {
            out.push_str(self.empty);
            out.push('\n');
            return;
        }
        let rows: Vec<Vec<(String, Style)>> =
            std::iter::once(self.head.iter().map(|name| ((*name).to_owned(), Style::Strong)).collect())
                .chain(
                    self.rows.iter().map(|row| row.iter().map(|cell| (clean::line(&cell.text).into_owned(), cell.style)).collect()),
                )
                .collect();
        let mut widths: Vec<usize> = (0..self.head.len())
            .map(|column| rows.iter().filter_map(|row| row.get(column)).map(|(text, _)| text.width()).max().unwrap_or(0))
            .collect();
        if let Some(room) = width {
            fit(&mut widths, room);
        }
        for row in &rows {
            let last = row.iter().rposition(|(text, _)| !text.is_empty()).unwrap_or(0);
            for (column, (text, style)) in row.iter().enumerate().take(last + 1) {
                let text = cut(text, widths[column]);
                out.push_str(&style.paint(&text, styled));
                if column < last {
                    let padding = widths[column] - text.width() + 2;
                    out.extend(std::iter::repeat_n(' ', padding));
                }
            }
            out.push('\n');
        }
    }
}

/// Narrows the widest columns until the row fits. Below a readable width it gives up, and the terminal wraps.
fn fit(widths: &mut [usize], room: usize) {
    const READABLE: usize = 5;
    loop {
        let total = widths.iter().sum::<usize>() + 2 * widths.len().saturating_sub(1);
        let Some(widest) = widths.iter_mut().max() else { return };
        if total <= room || *widest <= READABLE {
            return;
        }
        *widest -= 1;
    }
}

/// Aligned `key: value` lines.
pub(super) fn fields(out: &mut String, title: Option<&Cell>, fields: &[(&'static str, Cell)], styled: bool) {
    let indent = if let Some(title) = title {
        title.write(out, styled);
        out.push('\n');
        "  "
    } else {
        ""
    };
    let widest = fields.iter().map(|(key, _)| key.width()).max().unwrap_or(0);
    for (key, cell) in fields {
        let text = clean::block(&cell.text);
        let mut lines = text.lines();
        let padding = " ".repeat(widest - key.width() + 1);
        let first = cell.style.paint(lines.next().unwrap_or_default(), styled);
        out.push_str(format!("{indent}{key}:{padding}{first}").trim_end());
        out.push('\n');
        for line in lines {
            let margin = " ".repeat(indent.len() + widest + 2);
            out.push_str(format!("{margin}{}", cell.style.paint(line, styled)).trim_end());
            out.push('\n');
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn render(table: &Table, width: Option<usize>) -> String {
        let mut out = String::new();
        table.render(&mut out, false, width);
        out
    }

    #[test]
    fn a_table_is_cut_for_a_terminal_only() {
        let mut table = Table::new(&["NAME", "ERROR"], "none");
        table.row(["täsk".into(), "something long that went wrong".into()]);
        table.row(["二".into(), Cell::none()]);
        assert_eq!(render(&table, None), "NAME  ERROR\ntäsk  something long that went wrong\n二    -\n");
        assert_eq!(render(&table, Some(20)), "NAME  ERROR\ntäsk  something lon…\n二    -\n");
        assert_eq!(render(&Table::new(&["NAME"], "nothing here"), None), "nothing here\n");
    }

    #[test]
    fn fields_line_up() {
        let mut out = String::new();
        fields(&mut out, Some(&"title".into()), &[("a", "1".into()), ("long", "2\n3".into()), ("x", "".into())], false);
        assert_eq!(out, "title\n  a:    1\n  long: 2\n        3\n  x:\n");
    }
}
