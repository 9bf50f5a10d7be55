//! An error as DM writes it, taken apart.

use serde::{Deserialize, Serialize};

use super::dm_code::DmCode;

/// An error of DM. On the wire it is one text,
/// `[code=N:class=C:scope=S:level=L], Message: …, RawCause: …, Workaround: …`, whose last two parts may be missing.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct DmError {
    /// DM's number for it; `None` for an error that is not DM's own.
    pub code: Option<u32>,
    /// The part of DM that raised it, such as `scheduler`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub class: Option<String>,
    /// `upstream`, `downstream` or `internal`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
    /// What went wrong.
    pub message: String,
    /// What lies beneath, in the words of the part that failed.
    pub cause: Option<String>,
    /// What DM advises to do.
    pub workaround: Option<String>,
}

impl DmError {
    /// An error with a text only.
    pub fn plain(message: impl Into<String>) -> Self {
        Self { message: message.into(), ..Self::default() }
    }

    /// An error with one of DM's numbers, and with what DM writes beside it.
    pub fn coded(code: u32, message: impl Into<String>) -> Self {
        let known = DmCode::of(code);
        Self {
            code: Some(code),
            class: Some(known.class.to_owned()),
            scope: Some(known.scope.to_owned()),
            message: message.into(),
            cause: None,
            workaround: None,
        }
    }

    /// The same with what lies beneath.
    #[must_use]
    pub fn because(self, cause: impl Into<String>) -> Self {
        Self { cause: Some(cause.into()), ..self }
    }

    /// The same with what to do about it.
    #[must_use]
    pub fn cured_by(self, workaround: impl Into<String>) -> Self {
        Self { workaround: Some(workaround.into()), ..self }
    }

    /// The same with where it arose: `upstream`, `downstream` or `internal`.
    #[must_use]
    pub fn in_scope(self, scope: impl Into<String>) -> Self {
        Self { scope: Some(scope.into()), ..self }
    }

    /// The error as DM writes it: one text. Without a number it is the message, with what lies beneath behind it.
    #[must_use]
    pub fn to_text(&self) -> String {
        let Some(code) = self.code else {
            let more = [self.cause.as_deref(), self.workaround.as_deref()];
            return more.into_iter().flatten().fold(self.message.clone(), |text, more| format!("{text}: {more}"));
        };
        let known = DmCode::of(code);
        let class = self.class.as_deref().unwrap_or(known.class);
        let scope = self.scope.as_deref().unwrap_or(known.scope);
        let mut text = format!("[code={code}:class={class}:scope={scope}:level={}], Message: {}", known.level, self.message);
        for (name, part) in [("RawCause", &self.cause), ("Workaround", &self.workaround)] {
            if let Some(part) = part {
                text.push_str(&format!(", {name}: {part}"));
            }
        }
        text
    }

    /// The message without the positions that DM puts before it: what is left tells more where room is short.
    #[must_use]
    pub fn gist(&self) -> &str {
        let located = self.message.starts_with("startLocation: [") || self.message.starts_with("endLocation: [");
        let rest = self.message.split_once("]: ").filter(|_| located);
        rest.map_or(self.message.as_str(), |(_, rest)| rest)
    }

    /// Takes a text apart. A text that is not of DM's form becomes the message.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let text = text.trim();
        // Where DM gives Go's formatter more than its text has room for, the news stands in what the formatter adds.
        if let Some((before, rest)) = text.split_once("%!(EXTRA string=")
            && let Some((extra, after)) = rest.rsplit_once(')')
        {
            let said = Self::parse(&format!("{before}{after}"));
            let extra = Self::parse(extra);
            let news = [Some(extra.message), extra.cause].into_iter().flatten().filter(|news| !news.is_empty());
            let cause = said.cause.into_iter().chain(news).collect::<Vec<_>>().join(": ");
            let cause = (!cause.is_empty()).then_some(cause);
            return Self { cause, workaround: said.workaround.or(extra.workaround), ..said };
        }
        Self::parse_coded(text).unwrap_or_else(|| Self::plain(text))
    }

    /// Takes apart a text with one error a line, as REST's `error_msg` has it. A line that does not begin an error goes on with the
    /// one before it.
    #[must_use]
    pub fn parse_lines(text: &str) -> Vec<Self> {
        let mut texts: Vec<String> = Vec::new();
        for line in text.lines().filter(|line| !line.trim().is_empty()) {
            match texts.last_mut() {
                Some(last) if !line.starts_with("[code=") => {
                    last.push('\n');
                    last.push_str(line);
                }
                _ => texts.push(line.to_owned()),
            }
        }
        texts.iter().map(|text| Self::parse(text)).collect()
    }

    fn parse_coded(text: &str) -> Option<Self> {
        let (head, rest) = text.strip_prefix("[code=")?.split_once(']')?;
        let mut head = head.split(':');
        let code = head.next()?.parse().ok()?;
        let mut part =
            |key: &str| head.next().and_then(|pair| pair.strip_prefix(key)).filter(|value| !value.is_empty()).map(str::to_owned);
        let (class, scope) = (part("class="), part("scope="));
        let rest = rest.strip_prefix(", Message: ").or_else(|| rest.strip_prefix(", Message:")).unwrap_or(rest);
        // The cause may be an error of DM itself, with a workaround of its own: the last one is the nearest to the fault.
        let (rest, workaround) = cut_last(rest, ", Workaround: ");
        let (message, cause) = match rest.split_once(", RawCause: ").or_else(|| rest.strip_prefix("RawCause: ").map(|c| ("", c))) {
            Some((message, cause)) => (message, Some(cause)),
            None => (rest, None),
        };
        let (message, cause) = match (message.trim(), cause.map(str::trim)) {
            ("", Some(cause)) => (cause, None),
            parts => parts,
        };
        Some(Self {
            code: Some(code),
            class,
            scope,
            message: sentence(message),
            cause: cause.filter(|cause| !cause.is_empty()).map(sentence),
            workaround: workaround.map(|text| text.trim().to_owned()),
        })
    }
}

/// DM puts a full stop behind whatever comes last; ours come without one.
fn sentence(text: &str) -> String {
    text.trim().strip_suffix('.').filter(|text| !text.ends_with('.')).unwrap_or(text.trim()).to_owned()
}

fn cut_last<'a>(text: &'a str, mark: &str) -> (&'a str, Option<&'a str>) {
    match text.rfind(mark) {
        Some(at) => (&text[..at], Some(&text[at + mark.len()..])),
        None => (text, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_finds_its_place() {
        let error = DmError::parse(
            "[code=46018:class=scheduler:scope=internal:level=medium], Message: task with name nope not exist, \
             Workaround: Please use `query-status` command to see tasks.",
        );
        assert_eq!(error.code, Some(46018));
        assert_eq!(error.class.as_deref(), Some("scheduler"));
        assert_eq!(error.message, "task with name nope not exist");
        assert_eq!(error.cause, None);
        assert_eq!(error.workaround.as_deref(), Some("Please use `query-status` command to see tasks."));
    }

    #[test]
    fn a_cause_without_a_message_is_the_message() {
        let error = DmError::parse("[code=34019:class=load-unit:scope=internal:level=high], Message: , RawCause: bad SQL.\n");
        assert_eq!((error.message.as_str(), error.cause), ("bad SQL", None));
    }

    #[test]
    fn an_error_inside_an_error_stays_its_cause() {
        let error = DmError::parse(
            "[code=38008:class=dm-master:scope=internal:level=high], Message: grpc request error, RawCause: rpc error: code = \
             Unknown desc = [code=43006:class=validator:scope=not-set:level=medium], Message: validator not found, Workaround: w",
        );
        assert_eq!(error.code, Some(38008));
        assert_eq!(error.message, "grpc request error");
        assert!(error.cause.is_some_and(|cause| cause.contains("[code=43006")));
        assert_eq!(error.workaround.as_deref(), Some("w"));
    }

    #[test]
    fn what_the_formatter_had_no_room_for_is_the_cause() {
        let error = DmError::parse(
            "[code=49001:class=openapi:scope=internal:level=high], Message: check the detailed error message%!(EXTRA string=\
             [code=30040:class=relay-unit:scope=internal:level=high], Message: UUID none not found (at all))",
        );
        assert_eq!((error.code, error.message.as_str()), (Some(49001), "check the detailed error message"));
        assert_eq!(error.cause.as_deref(), Some("UUID none not found (at all)"));
        assert_eq!(DmError::parse("plain%!(EXTRA string=)"), DmError::plain("plain"));
    }

    #[test]
    fn what_is_written_is_read_back() {
        let plain = DmError::coded(46018, "task with name nope not exist");
        let full = plain.clone().because("it was deleted").cured_by("`dmctl task list` shows what there is").in_scope("upstream");
        for error in [plain, full] {
            assert_eq!(DmError::parse(&error.to_text()), error);
        }
        let text = "[code=46018:class=scheduler:scope=internal:level=medium], Message: m, Workaround: w";
        assert_eq!(DmError::coded(46018, "m").cured_by("w").to_text(), text);
        assert_eq!(DmError::plain("a").because("b").to_text(), "a: b");
    }

    #[test]
    fn other_texts_are_messages() {
        assert_eq!(DmError::parse("task not found"), DmError::plain("task not found"));
        assert_eq!(DmError::parse("[code=x]").message, "[code=x]");
        assert_eq!(DmError::parse("").message, "");
        assert_eq!(DmError::parse("[code=1").message, "[code=1");
    }

    #[test]
    fn the_gist_has_no_positions() {
        let error = DmError::plain(
            "startLocation: [position: (a.1, 4), gtid-set: ], endLocation: [position: (a.1, 9), gtid-set: ]: it failed",
        );
        assert_eq!(error.gist(), "it failed");
        assert_eq!(DmError::plain("a [b]: c").gist(), "a [b]: c");
    }

    #[test]
    fn one_error_a_line() {
        let two = "[code=1:class=a:scope=b:level=c], Message: one\nmore of one\n[code=2:class=a:scope=b:level=c], Message: two\n";
        let errors = DmError::parse_lines(two);
        assert_eq!(errors.iter().map(|error| error.code).collect::<Vec<_>>(), [Some(1), Some(2)]);
        assert_eq!(errors[0].message, "one\nmore of one");
    }
}
