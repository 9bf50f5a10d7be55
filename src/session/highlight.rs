//! The colours of the line: what a word is, and whether a name is known.

use std::sync::Arc;

use nu_ansi_term::{Color, Style};
use reedline::StyledText;

use super::desk::{self, Desk};
use crate::complete::{Piece, Sort};
use crate::words::{self, Ending};

/// Colours the line before each paint.
pub(super) struct Highlighter(pub(super) Arc<Desk>);

impl reedline::Highlighter for Highlighter {
    fn highlight(&self, text: &str, cursor: usize) -> StyledText {
        let mut styled = StyledText::new();
        styled.push((Style::new(), text.to_owned()));
        for (start, line) in desk::lines(text) {
            let own = |at: usize| start + at;
            for piece in self.0.pieces(line) {
                let typing = own(piece.span.end) == cursor;
                if let Some(style) = self.style(&piece, typing) {
                    styled.style_range(own(piece.span.start), own(piece.span.end), style);
                }
            }
            let split = words::split(line);
            if let Some(comment) = split.comment {
                styled.style_range(own(comment.start), own(comment.end), Style::new().dimmed());
            }
            if let Ending::OpenQuote { opened_at, .. } = split.ending {
                styled.style_range(own(opened_at), own(line.len()), Color::Yellow.normal());
            }
        }
        styled
    }
}

impl Highlighter {
    /// The style of a word. One that is still being typed is not called wrong as long as it can become right.
    fn style(&self, piece: &Piece, typing: bool) -> Option<Style> {
        Some(match piece.sort {
            Sort::Resource => Color::Blue.bold(),
            Sort::Verb => Color::Cyan.normal(),
            Sort::Flag => Color::Magenta.normal(),
            Sort::Wrong if typing && self.0.can_become(&piece.text) => return None,
            Sort::Wrong => Color::Red.normal(),
            Sort::Value(kind) => match self.0.knows(kind, &piece.text)? {
                true => Color::Green.normal(),
                false if typing => return None,
                false => Color::Yellow.underline(),
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli;
    use reedline::Highlighter as _;

    /// The pieces of a line that have a style, with its name.
    fn told(text: &str, cursor: usize) -> Vec<(String, &'static str)> {
        let desk = Arc::new(Desk::new(cli::grammar, None));
        let styled = Highlighter(desk).highlight(text, cursor).buffer;
        assert_eq!(styled.iter().map(|(_, part)| part.as_str()).collect::<String>(), text);
        let name = |style: &Style| match style.foreground {
            Some(Color::Blue) => "resource",
            Some(Color::Cyan) => "verb",
            Some(Color::Magenta) => "flag",
            Some(Color::Red) => "wrong",
            Some(Color::Yellow) => "open",
            _ if style.is_dimmed => "comment",
            _ => "",
        };
        styled.iter().map(|(style, part)| (part.clone(), name(style))).filter(|(_, name)| !name.is_empty()).collect()
    }

    #[test]
    fn each_kind_of_word_has_its_own_colour() {
        let line = "task start x --source a --bogus # why";
        let expected = [("task", "resource"), ("start", "verb"), ("--source", "flag"), ("--bogus", "wrong"), ("# why", "comment")];
        assert_eq!(told(line, 0), expected.map(|(part, name)| (part.to_owned(), name)));
        assert_eq!(told("task get 'a b", 13).last(), Some(&("'a b".to_owned(), "open")));
        assert_eq!(told("task list\nmember list", 0).len(), 4);
    }

    #[test]
    fn what_can_become_right_is_not_called_wrong() {
        for (line, cursor, wrong) in
            [("tas", 3, false), ("tas", 1, true), ("tus", 3, true), ("task sta", 8, false), ("task list --sta", 15, false)]
        {
            assert_eq!(told(line, cursor).iter().any(|(_, name)| *name == "wrong"), wrong, "{line}");
        }
    }
}
