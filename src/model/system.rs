//! The operating system's words for an error.

/// What went wrong, without the system's number for it: `No such file or directory`.
#[must_use]
pub fn reason(error: &std::io::Error) -> String {
    let text = error.to_string();
    text.split_once(" (os error").map_or(text.clone(), |(words, _)| words.to_owned())
}
