//! A list that is taken in thing by thing, as it arrives. A list of ten thousand tasks is 15 MB of text, of which a few words each are
//! kept; as a whole it would be most of the memory that a session needs.

use memchr::{memchr_iter, memchr2, memrchr};
use serde::de::DeserializeOwned;

use crate::wire::openapi::List;

/// The key of the things in a list.
const KEY: &[u8] = b"\"data\"";

/// A list as far as it has arrived.
pub(super) struct Intake<'a, T, R> {
    /// What is kept of a thing.
    keep: &'a dyn Fn(T) -> R,
    kept: Vec<R>,
    marks: Marks,
    key: Key,
    /// What arrives belongs to a thing.
    in_things: bool,
    /// The thing that is arriving.
    thing: Vec<u8>,
    /// All that is no thing: a list of none, if it is a list.
    rest: Vec<u8>,
    /// Where in `rest` things were taken out, and the place behind them.
    gap: Option<(usize, Place)>,
    /// Where the thing begins that is arriving.
    place: Place,
}

/// What was seen of the key of the things.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Key {
    No,
    Written,
    WithColon,
}

impl<'a, T: DeserializeOwned, R> Intake<'a, T, R> {
    pub(super) fn new(keep: &'a dyn Fn(T) -> R) -> Self {
        let (thing, rest) = (Vec::new(), Vec::new());
        let (marks, place) = (Marks::default(), Place::START);
        Self { keep, kept: Vec::new(), marks, key: Key::No, in_things: false, thing, rest, gap: None, place }
    }

    /// Takes in what has arrived.
    ///
    /// # Errors
    /// What is wrong with the form of a thing, and where.
    pub(super) fn push(&mut self, mut text: &[u8]) -> Result<(), String> {
        while !text.is_empty() {
            let (length, mark) = self.marks.next(text);
            let (taken, left) = text.split_at(length);
            text = left;
            if self.in_things {
                self.thing.extend_from_slice(taken);
                self.look_in_things(mark)?;
            } else {
                self.rest.extend_from_slice(taken);
                self.place = self.place.behind(taken);
                self.look_outside(mark);
            }
        }
        Ok(())
    }

    fn look_outside(&mut self, mark: Option<u8>) {
        let Some(mark) = mark else { return };
        self.key = match (mark, self.key) {
            (b'"', _) if self.marks.depth == 1 && is_key(&self.rest) => Key::Written,
            (b':', Key::Written) => Key::WithColon,
            _ => {
                self.in_things = mark == b'[' && self.key == Key::WithColon && self.gap.is_none();
                Key::No
            }
        };
    }

    fn look_in_things(&mut self, mark: Option<u8>) -> Result<(), String> {
        let is_last = self.marks.depth < 2;
        if !(is_last || (self.marks.depth == 2 && mark == Some(b','))) {
            return Ok(());
        }
        let Some(end) = self.thing.pop() else { return Ok(()) };
        if !(is_last && self.kept.is_empty() && self.thing.trim_ascii().is_empty()) {
            self.take()?;
        }
        self.place = self.place.behind(&self.thing);
        self.thing.clear();
        if is_last {
            self.in_things = false;
            self.gap = Some((self.rest.len(), self.place));
            self.rest.push(end);
        }
        self.place = self.place.behind(&[end]);
        Ok(())
    }

    /// Reads the thing that has arrived, and keeps of it what is to be kept.
    fn take(&mut self) -> Result<(), String> {
        let thing: T = read(&self.thing).map_err(|flaw| {
            let path = if flaw.path == "." { String::new() } else { format!(".{}", flaw.path) };
            let place = self.place.beyond(flaw.place, Place::START);
            Flaw { path: format!("data[{}]{path}", self.kept.len()), place, ..flaw }.told()
        })?;
        self.kept.push((self.keep)(thing));
        Ok(())
    }

    /// All has arrived: what is kept of the list.
    ///
    /// # Errors
    /// What is wrong with its form, and where.
    pub(super) fn end(mut self) -> Result<Vec<R>, String> {
        if self.in_things {
            if !self.thing.trim_ascii().is_empty() {
                self.take()?;
            }
            self.gap = Some((self.rest.len(), self.place.behind(&self.thing)));
        }
        if self.rest.is_empty() {
            return Err("it is empty".to_owned());
        }
        let list: List<T> = read(&self.rest).map_err(|flaw| {
            let gap = self.gap.map(|(index, behind)| (Place::START.behind(&self.rest[..index]), behind));
            let place = match gap {
                Some((before, behind)) if flaw.place >= before => behind.beyond(flaw.place, before),
                _ => flaw.place,
            };
            Flaw { place, ..flaw }.told()
        })?;
        // The key was written in a way that was not seen.
        self.kept.extend(list.data.into_iter().map(self.keep));
        self.kept.shrink_to_fit();
        Ok(self.kept)
    }
}

/// Whether a text ends with the key of the things. A quote behind a backslash begins nothing.
fn is_key(text: &[u8]) -> bool {
    text.strip_suffix(KEY).is_some_and(|before| !before.ends_with(b"\\"))
}

/// What tells the parts of a JSON text apart.
#[derive(Default)]
struct Marks {
    depth: usize,
    in_string: bool,
    escaped: bool,
}

impl Marks {
    /// How many bytes there are up to the next bracket, comma, colon or end of a string, and which it is; `None` where none has come.
    fn next(&mut self, text: &[u8]) -> (usize, Option<u8>) {
        let mut at = 0;
        while let Some(byte) = text.get(at).copied() {
            if self.in_string && !self.escaped {
                let Some(found) = memchr2(b'"', b'\\', &text[at..]) else { break };
                at += found + 1;
                self.escaped = text[at - 1] == b'\\';
                self.in_string = self.escaped;
                if !self.in_string {
                    return (at, Some(b'"'));
                }
                continue;
            }
            at += 1;
            if std::mem::take(&mut self.escaped) {
                continue;
            }
            match byte {
                b'"' => self.in_string = true,
                b'{' | b'[' => self.depth += 1,
                b'}' | b']' => self.depth = self.depth.saturating_sub(1),
                _ => {}
            }
            if matches!(byte, b'{' | b'[' | b'}' | b']' | b',' | b':') {
                return (at, Some(byte));
            }
        }
        (text.len(), None)
    }
}

/// A place in a text, as `serde_json` tells it: the line, from 1, and how many bytes of that line there are before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    line: usize,
    column: usize,
}

impl Place {
    const START: Self = Self { line: 1, column: 0 };

    /// The place behind this text, which begins here.
    fn behind(self, text: &[u8]) -> Self {
        match memrchr(b'\n', text) {
            Some(last) => Self { line: self.line + memchr_iter(b'\n', text).count(), column: text.len() - last - 1 },
            None => Self { column: self.column + text.len(), ..self },
        }
    }

    /// Where `place` is, if what it counts as `from` is here.
    const fn beyond(self, place: Self, from: Self) -> Self {
        if place.line == from.line {
            return Self { line: self.line, column: self.column + place.column - from.column };
        }
        Self { line: self.line + place.line - from.line, column: place.column }
    }
}

/// What is wrong with the form of a text.
struct Flaw {
    /// Of which value; `.` is all of it.
    path: String,
    what: String,
    place: Place,
}

impl Flaw {
    fn told(&self) -> String {
        let Self { path, what, place: Place { line, column } } = self;
        let told = format!("{what} at line {line} column {column}");
        if path == "." { told } else { format!("at `{path}`: {told}") }
    }
}

fn read<T: DeserializeOwned>(text: &[u8]) -> Result<T, Flaw> {
    let mut reader = serde_json::Deserializer::from_slice(text);
    let value = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let (path, error) = (error.path().to_string(), error.into_inner());
        (path, error)
    });
    let value = value.and_then(|value| reader.end().map(|()| value).map_err(|error| (".".to_owned(), error)));
    value.map_err(|(path, error)| {
        let place = Place { line: error.line(), column: error.column() };
        let told = error.to_string();
        let what = told.strip_suffix(&format!(" at line {} column {}", place.line, place.column)).unwrap_or(&told).to_owned();
        Flaw { path, what, place }
    })
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    struct Thing {
        name: String,
    }

    /// What comes of a text that arrives in pieces of `length` bytes.
    fn taken(text: &str, length: usize) -> Result<Vec<String>, String> {
        let mut intake = Intake::new(&|thing: Thing| thing.name);
        text.as_bytes().chunks(length).try_for_each(|piece| intake.push(piece))?;
        intake.end()
    }

    /// What comes of a text that is read as a whole.
    fn whole(text: &str) -> Result<Vec<String>, String> {
        read::<List<Thing>>(text.as_bytes())
            .map(|list| list.data.into_iter().map(|thing| thing.name).collect())
            .map_err(|flaw| flaw.told())
    }

    #[test]
    fn a_list_in_pieces_is_the_same_list() {
        for text in [
            r#"{"total":2,"data":[{"name":"a"},{"name":"b","x":[1,{"data":[2]}],"y":"]},{\"}"}]}"#,
            r#"{"data":[{"name":"a"}],"total":1}"#,
            "{\n  \"total\": 2,\n  \"data\" :\n [ {\n\"name\": \"\\u0061\\\"\\\\\" }\n , {\"name\":\"ü\"} ] }\n",
            r#"{"data":[]}"#,
            r#"{"data": [ ] , "x":{"data":[3]},"y":"\"data","z":[{"data":[4]}]}"#,
            r#"{"data":null}"#,
            r#"{"d\u0061ta":[{"name":"a"}]}"#,
            r#"{"x\"data":[1],"data":[{"name":"a"}]}"#,
        ] {
            let expected = whole(text).unwrap();
            for length in 1..=text.len() {
                assert_eq!(taken(text, length), Ok(expected.clone()), "{text} in pieces of {length}");
            }
        }
    }

    #[test]
    fn a_flaw_is_told_as_of_the_whole() {
        for text in [
            r#"{"data":["#,
            r#"{"data":[{"name":"a"},{"name":"#,
            r#"{"data":[{"name":"a"},{"name":"b"#,
            r#"{"data":[{"name":"a"}"#,
            r#"{"data":[{"name":"a"}]"#,
            "{\"data\":[{\"name\":\"a\"},\n{\"name\":\n 7}]}",
            "{\"data\":[{\"name\":\"a\"},\n{\"nam\":\n \"b\"}]}",
            "{\"total\":2,\n\"data\":[{\"name\":\"a\"},\n{\"name\":\"b\"}],\n \"x\":tru}",
            r#"{"data":[{"name":"a"}],"data":[]}"#,
            r#"{"data":[{"name":"a"}]} x"#,
            r#"{"data":7}"#,
            r#"{"total":1}"#,
            r#"{"data":[{"name":"a" "b"}]}"#,
            r#"[{"name":"a"}]"#,
            "<html>",
            "7",
        ] {
            let expected = whole(text).unwrap_err();
            for length in 1..=text.len() {
                assert_eq!(taken(text, length), Err(expected.clone()), "{text} in pieces of {length}");
            }
        }
        for text in [
            r#"{"data":[{"name":"a"}}"#,
            r#"{"data":[,]}"#,
            r#"{"data":[{"name":"a"},]}"#,
            r#"{"data":[{"name":"a"} {"name":"b"}]}"#,
            "",
            "{",
        ] {
            assert!(taken(text, 3).is_err(), "{text}");
        }
    }
}
