//! How the list is drawn: a mark, the name with its matched letters, what is told of it, and a last row that says where one is.

use nu_ansi_term::{Color, Style};
use reedline::menu_functions::style_suggestion;
use unicode_width::UnicodeWidthStr as _;

use super::configuration;
use super::desk::Offer;
use crate::complete::{Kind, Row, Wanted};
use crate::output::{clean, cut};

/// The rows that are shown, and all that is needed to draw them.
pub(super) struct View<'a> {
    pub(super) rows: &'a [Row],
    /// Which of these rows is marked.
    pub(super) marked: Option<usize>,
    pub(super) footer: &'a str,
    /// Columns of the screen.
    pub(super) width: usize,
    pub(super) styled: bool,
}

/// Draws the list, without a break behind its last row.
pub(super) fn draw(view: &View<'_>) -> String {
    // The last column is left free: a row that fills it makes some terminals wrap.
    let room = view.width.saturating_sub(1);
    let widest = view.rows.iter().map(|row| clean::line(&row.value).width()).max().unwrap_or_default();
    let names = widest.min(room.saturating_sub(2));
    let mut lines: Vec<String> = Vec::with_capacity(view.rows.len() + 1);
    for (index, row) in view.rows.iter().enumerate() {
        lines.push(line(row, view.marked == Some(index), names, room, view.styled));
    }
    let footer = cut(&clean::line(view.footer), room).into_owned();
    lines.push(if view.styled { Style::new().dimmed().paint(footer).to_string() } else { footer });
    lines.join("\r\n")
}

fn line(row: &Row, marked: bool, names: usize, room: usize, styled: bool) -> String {
    let mark = if marked { "> " } else { "  " };
    let shown = clean::line(&row.value);
    let name = cut(&shown, names);
    let pad = " ".repeat(names.saturating_sub(name.width()));
    let about = match &row.refused {
        Some(why) if row.about.is_empty() => format!("({why})"),
        Some(why) => format!("{} ({why})", row.about),
        None => row.about.clone(),
    };
    let about = clean::line(&about).into_owned();
    let left = room.saturating_sub(mark.width() + names);
    let about = if left > 4 && !about.is_empty() { format!("  {}", cut(&about, left - 2)) } else { String::new() };
    if !styled {
        return format!("{mark}{name}{pad}{about}").trim_end().to_owned();
    }
    let base = match (&row.refused, marked) {
        (Some(_), _) => Style::new().dimmed(),
        (None, true) => Style::new().bold(),
        (None, false) => Style::new(),
    };
    // A name that had to be cleaned has other letters than those that were matched.
    let matched: &[usize] = if shown == row.value { &row.matched } else { &[] };
    let hit = Style::new().underline().fg(Color::Cyan);
    let name = style_suggestion(&name, matched, &base, &hit, None);
    let mark = if marked { Color::Green.bold().paint(mark).to_string() } else { mark.to_owned() };
    format!("{mark}{name}\u{1b}[0m{pad}{}", Style::new().dimmed().paint(about))
}

/// The last row: what the last key came to, or what is chosen and how much of it there is.
pub(super) fn footer(offer: &Offer, marked: Option<usize>, said: Option<&str>) -> String {
    if let Some(said) = said {
        return said.to_owned();
    }
    let list = &offer.list;
    let place = offer.place.as_ref();
    let path = place.map(|place| place.path.join(" ")).filter(|path| !path.is_empty());
    let head = |text: &str| path.as_ref().map_or_else(|| text.to_owned(), |path| format!("{path}: {text}"));
    let note = list.note.as_deref();
    if place.is_none_or(|place| place.wanted.is_empty()) {
        return note.map_or_else(|| head("nothing more can stand here"), head);
    }
    if list.rows.is_empty() {
        let typed = offer.typed();
        return match note {
            Some(note) => head(&format!("{}: {note}", list.subject)),
            None if typed.is_empty() && is_free(offer) => head(&format!("{}: type it", list.subject)),
            None if typed.is_empty() => head(&format!("{}: there is none", list.subject)),
            None => head(&format!("{}: none fits `{typed}`", list.subject)),
        };
    }
    let at = marked.map_or_else(|| "-".to_owned(), |marked| number(marked + 1));
    let count = if list.fitting == list.total {
        format!("{at}/{}", number(list.total))
    } else {
        format!("{at}/{} of {}", number(list.fitting), number(list.total))
    };
    let shows =
        (note.is_none() && marked.is_some() && configuration::kind(offer).is_some()).then_some("Ctrl-O shows its configuration");
    let tail = note.or(shows).map(|note| format!("  {note}")).unwrap_or_default();
    head(&format!("{}  {count}{tail}", list.subject))
}

/// Whether any text can stand here, as for a number, and not only the name of something.
fn is_free(offer: &Offer) -> bool {
    let wanted = offer.place.as_ref().and_then(|place| place.wanted.first());
    let Some(Wanted::Value { kind, .. }) = wanted else { return false };
    let names_something = matches!(kind, Kind::Task | Kind::Source | Kind::Worker | Kind::Master | Kind::Member | Kind::Lock);
    offer.list.total == 0 && !names_something
}

/// A number with its thousands told apart.
fn number(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(value: &str, about: &str) -> Row {
        Row { value: value.to_owned(), about: about.to_owned(), ..Row::default() }
    }

    fn drawn(rows: &[Row], marked: Option<usize>, width: usize) -> Vec<String> {
        let text = draw(&View { rows, marked, footer: "task: command  1/2", width, styled: false });
        text.split("\r\n").map(str::to_owned).collect()
    }

    #[test]
    fn names_stand_above_one_another_also_wide_ones() {
        let rows = [row("orders", "Running"), row("注文", "Stopped"), row("ärger", "")];
        assert_eq!(drawn(&rows, Some(1), 40), ["  orders  Running", "> 注文    Stopped", "  ärger", "task: command  1/2"]);
    }

    #[test]
    fn nothing_is_wider_than_the_screen() {
        let rows = [row("a-very-long-name-of-a-task", "Running, and much is told of it"), row("注文注文注文注文注文", "x")];
        for width in 1..60 {
            for line in drawn(&rows, Some(0), width) {
                assert!(line.width() < width.max(4), "{width}: {line:?}");
            }
        }
        assert_eq!(drawn(&rows, None, 14)[..2], ["  a-very-lon…", "  注文注文注…"]);
    }

    #[test]
    fn nothing_hostile_is_drawn() {
        let rows = [row("a\u{1b}[2J\u{202e}", "b\r\n\u{7}")];
        let text = draw(&View { rows: &rows, marked: None, footer: "\u{1b}]0;x", width: 80, styled: true });
        let plain = clean::without_styles(&text.replace("\r\n", " "));
        assert!(!plain.contains(clean::is_hostile), "{plain:?}");
    }

    #[test]
    fn numbers() {
        assert_eq!([0, 999, 1000, 1_234_567].map(number), ["0", "999", "1,000", "1,234,567"]);
    }
}
