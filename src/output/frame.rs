//! A text that is painted again and again at the same place of a terminal.

use unicode_width::UnicodeWidthChar as _;

/// What stands on the terminal of the last painting.
#[derive(Debug, Default)]
pub struct Frame {
    rows: usize,
}

impl Frame {
    /// What to write so that `text` stands where the last one stood. It is cut to `width` columns and `height` rows, so that a row of the
    /// text is a row of the screen. Styles of the text stay whole.
    pub fn paint(&mut self, text: &str, width: usize, height: usize) -> String {
        // The terminal shows all of it at once, where it knows these two marks.
        let mut out = String::from("\u{1b}[?2026h");
        if self.rows > 0 {
            out.push_str(&format!("\r\u{1b}[{}A", self.rows));
        }
        let most = height.saturating_sub(2).max(1);
        let rows: Vec<&str> = text.lines().collect();
        let shown = if rows.len() > most { most - 1 } else { rows.len() };
        for row in rows.iter().take(shown) {
            cut(row, width, &mut out);
            out.push_str("\u{1b}[K\n");
        }
        self.rows = shown;
        if shown < rows.len() {
            cut(&format!("({} rows more)", rows.len() - shown), width, &mut out);
            out.push_str("\u{1b}[K\n");
            self.rows += 1;
        }
        out.push_str("\u{1b}[J\u{1b}[?2026l");
        out
    }
}

/// Adds as much of a row as `width` columns hold; a cut one ends in `…`.
fn cut(row: &str, width: usize, out: &mut String) {
    let width_of = |text: &str| crate::output::clean::without_styles(text).chars().filter_map(char::width).sum::<usize>();
    let is_whole = width_of(row) <= width;
    let room = if is_whole { usize::MAX } else { width.saturating_sub(1) };
    let mut used = 0;
    let mut characters = row.chars();
    let mut styled = false;
    while let Some(character) = characters.next() {
        if character == '\u{1b}' {
            styled = true;
            out.push(character);
            for part in characters.by_ref() {
                out.push(part);
                if part.is_ascii_alphabetic() {
                    break;
                }
            }
            continue;
        }
        let wide = character.width().unwrap_or_default();
        if used + wide > room {
            break;
        }
        used += wide;
        out.push(character);
    }
    if !is_whole {
        out.push('…');
    }
    if styled {
        out.push_str("\u{1b}[0m");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn screen(paintings: &[String]) -> Vec<String> {
        let mut parser = vt100::Parser::new(6.try_into().unwrap(), 12.try_into().unwrap(), 0);
        for painting in paintings {
            parser.process(painting.replace('\n', "\r\n").as_bytes());
        }
        parser.screen().rows(0, 12).map(|row| row.trim_end().to_owned()).collect()
    }

    #[test]
    fn nothing_of_the_last_painting_stays() {
        let mut frame = Frame::default();
        let first = frame.paint("one\ntwo\nthree", 12, 6);
        let second = frame.paint("a", 12, 6);
        assert_eq!(screen(&[first, second]), ["a", "", "", "", "", ""]);
    }

    #[test]
    fn what_does_not_fit_is_cut() {
        let mut frame = Frame::default();
        let first = frame.paint("\u{1b}[31m日本語日本語日本語\u{1b}[0m\n2\n3\n4\n5\n6\n7", 12, 6);
        let second = frame.paint("0123456789ab\n0123456789abc", 12, 6);
        assert_eq!(screen(std::slice::from_ref(&first)), ["日本語日本…", "2", "3", "(4 rows mor…", "", ""]);
        assert_eq!(screen(&[first, second])[..2], ["0123456789ab", "0123456789a…"]);
    }
}
