//! Any text: a name comes back exactly, a position comes back equal, and DM's reading agrees.

#![no_main]

use dmctl::model::position::{BinlogName, Position};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Ok(name) = text.parse::<BinlogName>() {
        assert_eq!(name.to_string(), text);
        assert_eq!(name.partial_cmp(&name), Some(std::cmp::Ordering::Equal));
        let upstream = name.without_relay_suffix();
        assert_eq!(upstream.to_string().parse(), Ok(upstream.clone()));
        assert_eq!(upstream.number(), name.number());
    }
    let read = Position::parse_dm(text);
    if let Ok(position) = text.parse::<Position>() {
        assert_eq!(position.to_string().parse(), Ok(position.clone()));
        if text.starts_with('(') && text.ends_with(')') {
            assert_eq!(position.to_string().len(), text.len() - leading_zeros_of_offset(text));
        }
        assert_eq!(read, Ok(Some(position)));
    } else {
        assert!(!matches!(read, Ok(Some(_))));
    }
});

/// The only thing which the shown form of a position leaves out.
fn leading_zeros_of_offset(text: &str) -> usize {
    let offset = text.rsplit(' ').next().unwrap_or_default().trim_end_matches(')');
    offset.len() - offset.trim_start_matches('0').len().max(1)
}
