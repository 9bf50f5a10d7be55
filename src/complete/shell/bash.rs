//! bash: readline replaces what is left of the cursor since the last quote or sign that parts words, and takes what it is given as it is.

use super::{Answer, Asked, Candidate, More, Question, described};
use crate::words::{self, At, Ending, Quote};

/// A line of bash, and what of it is replaced.
struct Line {
    question: Question,
    /// What the word says before that, and what it says behind the cursor.
    kept: (String, String),
    /// The quote in which the replacement stands.
    quote: Option<Quote>,
    /// What is being typed is the name of a file that the shell reads or writes.
    redirects: bool,
}

/// `files`, `nospace` or nothing; then what COMPREPLY is to hold, one a line: for a list to look at where there are columns for it, else
/// as it is to stand in the line.
pub(super) fn answer(asked: &Asked, offered: impl FnOnce(&Question) -> Answer) -> String {
    let Some(line) = Line::new(&asked.left, &asked.right, &asked.replaced) else { return "\n".to_owned() };
    let answer = if line.redirects { Answer { files: true, ..Answer::default() } } else { offered(&line.question) };
    if answer.files {
        return "files\n".to_owned();
    }
    let lone = answer.candidates.len() == 1;
    let goes_on = answer.candidates.iter().any(|candidate| candidate.more != More::No);
    let in_a_word = !line.kept.1.is_empty();
    let mut text = String::from(if goes_on && lone || in_a_word { "nospace\n" } else { "\n" });
    // Lines to look at are for a choice: where they come to one, readline may put it into the line, as it is.
    let described = asked.columns.map(|columns| described(&answer.candidates, columns.saturating_sub(2)));
    let lines = described.filter(|lines| is_choice(lines)).unwrap_or_else(|| line.replies(&answer.candidates));
    for line in lines {
        text.push_str(&line);
        text.push('\n');
    }
    text
}

/// Whether there are several also when readline has left out what is the same as the line before.
fn is_choice(lines: &[String]) -> bool {
    lines.windows(2).any(|pair| pair[0] != pair[1])
}

impl Line {
    fn new(left: &str, right: &str, replaced: &str) -> Option<Self> {
        let start = left.strip_suffix(replaced)?.len();
        let line = format!("{left}{right}");
        let At::Word(word) = words::word_at(&line, left.len()) else { return None };
        let raw = line.get(word.span.clone())?;
        let text = words::split(raw).words.pop().map(|word| word.text).unwrap_or_default();
        let head = words::split(line.get(word.span.start..start)?);
        let quote = match head.ending {
            Ending::OpenQuote { quote, .. } => Some(quote),
            Ending::Complete | Ending::Escape { .. } => None,
        };
        let before = head.words.into_iter().next().map(|word| word.text).unwrap_or_default();
        let behind = text.get(word.typed.len()..).unwrap_or_default().to_owned();
        // In the middle of a quoted word readline would close the quote.
        if quote.is_some() && !behind.is_empty() {
            return None;
        }
        let redirects = is_redirection(raw) || line.get(..word.span.start)?.trim_end().ends_with(['>', '<']);
        // The first word is the program's name.
        let index = word.index.checked_sub(1)?;
        let mut words = word.before;
        words.remove(0);
        words.push(text);
        words.extend(word.after);
        Some(Self { question: Question { words, index, typed: word.typed }, kept: (before, behind), quote, redirects })
    }

    fn replies(&self, candidates: &[Candidate]) -> Vec<String> {
        let (before, behind) = &self.kept;
        let mut replies: Vec<String> = Vec::new();
        for candidate in candidates {
            let Some(rest) = candidate.word.strip_prefix(before.as_str()) else { continue };
            // What stands behind the cursor stays there.
            let rest = rest.strip_suffix(behind.as_str()).unwrap_or(rest);
            // The history would be looked into, and nothing that keeps it from that is good inside of these quotes.
            // And where a reply ends in a quote of the kind that is open, readline thinks that it is closed.
            let bad = match self.quote {
                Some(Quote::Double) => rest.contains('!') || rest.ends_with('"'),
                Some(Quote::Single) => rest.ends_with('\''),
                None => false,
            };
            if !bad {
                replies.push(self.quoted(rest));
            }
        }
        // readline would close the quote behind a single folder; of two replies it takes what they share.
        if let ([reply], [Candidate { more: More::Path, .. }], Some(_)) = (replies.as_slice(), candidates, self.quote) {
            let other = format!("{reply} ");
            replies.push(other);
        }
        replies
    }

    fn quoted(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len() + 8);
        for letter in text.chars() {
            match (self.quote, letter) {
                (Some(Quote::Single), '\'') => out.push_str(r"'\''"),
                (Some(Quote::Single), letter) => out.push(letter),
                (Some(Quote::Double), '$' | '`' | '"' | '\\') => out.extend(['\\', letter]),
                (Some(Quote::Double), letter) => out.push(letter),
                (None, letter) if is_plain(letter) => out.push(letter),
                (None, letter) => out.extend(['\\', letter]),
            }
        }
        out
    }
}

/// Whether a letter means itself wherever it stands in a word.
fn is_plain(letter: char) -> bool {
    !letter.is_ascii() || letter.is_ascii_alphanumeric() || "_@%+=:,./-".contains(letter)
}

fn is_redirection(raw: &str) -> bool {
    raw.trim_start_matches(|letter: char| letter.is_ascii_digit() || letter == '&').starts_with(['<', '>'])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(left: &str, right: &str, replaced: &str) -> Line {
        Line::new(left, right, replaced).unwrap()
    }

    fn reply(left: &str, right: &str, replaced: &str, word: &str) -> Vec<String> {
        let more = if word.ends_with('/') { More::Path } else { More::No };
        let candidate = Candidate { word: word.to_owned(), shown: String::new(), about: String::new(), more };
        line(left, right, replaced).replies(&[candidate])
    }

    const NASTY: &str = r#"a $(x)`y`'q"\*"#;

    #[test]
    fn a_reply_stands_for_itself_in_every_quote() {
        for (left, replaced) in [("d task start ", ""), ("d task start \"", ""), ("d task start '", ""), ("d task start a", "a")] {
            let reply = reply(left, "", replaced, NASTY).remove(0);
            let close = &left[left.len() - replaced.len() - 1..left.len() - replaced.len()].trim();
            let whole = format!("{}{reply}{close}", &left[..left.len() - replaced.len()]);
            assert_eq!(words::split(&whole).into_texts().unwrap(), ["d", "task", "start", NASTY], "{whole}");
            assert_eq!(shlex::split(&whole).unwrap()[3], NASTY, "{whole}");
        }
        assert_eq!(reply("d task start ", "", "", "a!b"), [r"a\!b"]);
        assert_eq!(reply("d task start '", "", "", "a!b"), ["a!b"]);
        for (quote, name) in [('"', "a!b"), ('"', "a\""), ('\'', "a'")] {
            assert_eq!(reply(&format!("d task start {quote}"), "", "", name), Vec::<String>::new());
        }
    }

    #[test]
    fn only_what_readline_replaces_is_given() {
        assert_eq!(reply("d task list --source=my", "", "my", "--source=mysql-01"), ["mysql-01"]);
        assert_eq!(reply("d --master-addr 127.0.0.1:8", "", "8", "127.0.0.1:8261"), ["8261"]);
        assert_eq!(reply("d task list --source a,b", "", "a,b", "a,bc d"), [r"a,bc\ d"]);
        assert_eq!(reply("d task list '--source=a", "", "a", "--source=ab c"), ["ab c"]);
        assert!(line("d task list '--source=a", "", "--source=a").quote == Some(Quote::Single));
        assert_eq!(reply("d task sta", "rt x", "sta", "start"), ["sta"]);
        assert_eq!(reply("d task get --output \"co", "", "co", "conf/"), ["conf/", "conf/ "]);
        assert!(Line::new("d task start \"my ta", "sk\"", "my ta").is_none());
        assert!(Line::new("d # x", "", "x").is_none() && Line::new("d", "", "d").is_none());
    }

    #[test]
    fn what_is_only_looked_at_is_given_for_a_choice_only() {
        let told = |candidates: &[(&str, &str)]| {
            let asked = ["bash", "--left=d task stop ", "--columns=80"].map(str::to_owned);
            let candidate = |(name, about): &(&str, &str)| Candidate {
                word: (*name).to_owned(),
                shown: (*name).to_owned(),
                about: (*about).to_owned(),
                more: More::No,
            };
            let candidates = candidates.iter().map(candidate).collect();
            answer(&Asked::of(&asked).unwrap(), |_| Answer { candidates, ..Answer::default() })
        };
        assert_eq!(told(&[("$(x)", "$(y)"), ("b", "z")]), "\n$(x)  $(y)\nb     z\n");
        assert_eq!(told(&[("$(x)", "$(y)")]), "\n\\$\\(x\\)\n");
        let long = "$".repeat(50);
        let (quoted, both) = (r"\$".repeat(50), format!("{long}  b"));
        assert_eq!(told(&[(&long, "b"), (&both, "")]), format!("\n{quoted}\n{quoted}\\ \\ b\n"), "they look the same");
    }

    #[test]
    fn files_behind_a_redirection_are_the_shells_own() {
        for (left, replaced) in
            [("d task list > f", "f"), ("d task list >f", "f"), ("d task list 2>>f", "f"), ("d task list > ", "")]
        {
            assert!(line(left, "", replaced).redirects, "{left}");
        }
        assert!(!line("d task list f", "", "f").redirects);
    }
}
