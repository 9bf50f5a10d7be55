//! Texts for a screen that is too narrow for them.

use std::borrow::Cow;

use unicode_width::UnicodeWidthStr as _;

/// A text in so many columns: what does not fit is cut off, and `…` says so.
#[must_use]
pub fn cut(text: &str, width: usize) -> Cow<'_, str> {
    if text.width() <= width {
        return Cow::Borrowed(text);
    }
    let Some(room) = width.checked_sub(1) else { return Cow::Borrowed("") };
    // What letters take up depends on their neighbours.
    let ends = text.char_indices().map(|(at, letter)| at + letter.len_utf8());
    let kept = ends.map_while(|end| text.get(..end).filter(|kept| kept.width() <= room)).last().unwrap_or_default();
    Cow::Owned(format!("{kept}…"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cut_text_has_room_and_says_that_it_is_cut() {
        for (text, width, cut_to) in [
            ("plain", 5, "plain"),
            ("plain", 4, "pla…"),
            ("plain", 1, "…"),
            ("plain", 0, ""),
            ("", 0, ""),
            ("注文注文", 8, "注文注文"),
            ("注文注文", 7, "注文注…"),
            ("注文注文", 6, "注文…"),
            ("e\u{301}e\u{301}e\u{301}", 2, "e\u{301}…"),
        ] {
            assert_eq!(cut(text, width), cut_to, "{text} in {width}");
            assert!(cut(text, width).width() <= width);
        }
    }
}
