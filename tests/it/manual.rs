//! The manual pages: they say what the help says, and `man` shows them without a complaint.

use std::io::Write as _;
use std::process::{Command, Stdio};

use crate::harness::Sandbox;

/// What a reader sees of a page, in one line: no markup, and every run of blanks as one.
fn shown(page: &str) -> String {
    let mut text = String::new();
    for line in page.lines() {
        // A request is shown by its words; those that lay out have none.
        let line = match line.strip_prefix('.') {
            Some(request) => request.split_once(' ').map_or("", |(_, words)| words).trim_matches('"'),
            None => line,
        };
        text.push_str(line);
        text.push('\n');
    }
    for (from, to) in
        [("\\fB", ""), ("\\fI", ""), ("\\fR", ""), ("\\-", "-"), ("\\(ga", "`"), ("\\*(Aq", "'"), ("\\&", ""), ("\\\\", "\\")]
    {
        text = text.replace(from, to);
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The texts of a help page: what stands behind an option, and each line of the examples.
fn texts(help: &str) -> Vec<String> {
    // The blanks before an empty line, and what a page has at its options, are no text of their own.
    let help: Vec<&str> = help.lines().map(str::trim_end).filter(|line| !line.trim().starts_with("[default: ")).collect();
    let help = help.join("\n");
    let paragraphs = help.split("\n\n").filter(|part| !part.starts_with("Usage:"));
    let mut texts = Vec::new();
    for paragraph in paragraphs {
        let lines: Vec<&str> = paragraph.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
        let words = |line: &&str| !line.starts_with('-') && !line.starts_with('<') && !line.ends_with(':');
        let list = lines.iter().any(|line| ["Possible values:", "Resources:", "Commands:", "Examples:"].contains(line));
        if list {
            texts.extend(lines.iter().filter(|line| words(line)).map(|line| (*line).to_owned()));
        } else {
            texts.push(lines.iter().filter(|line| words(line)).copied().collect::<Vec<_>>().join(" "));
        }
    }
    texts.retain(|text| !text.is_empty());
    texts
}

#[test]
fn each_page_says_what_the_help_says() {
    let sandbox = Sandbox::new();
    let pages = manual::pages("").unwrap();
    let grammar = dmctl::cli::grammar();
    let verbs: usize = grammar.get_subcommands().map(|resource| resource.get_subcommands().count()).sum();
    assert_eq!(pages.len(), 1 + grammar.get_subcommands().count() + verbs);
    for page in &pages {
        let help = sandbox.run(&format!("{} --help", page.words));
        assert_eq!(help.code, 0, "{}", page.words);
        let page_shows = shown(&page.text);
        let mut compared = 0;
        for text in texts(&help.stdout) {
            // What only a help page has: its list of parts stands in another form, and the exit codes come from the book.
            let (first, rest) = text.split_once("  ").unwrap_or(("", &text));
            if first == "help" || text.starts_with("Exit codes:") {
                continue;
            }
            // A possible value is `- word: meaning`, aligned.
            let text = rest.trim_start_matches("- ").split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(page_shows.contains(&text), "{} lacks: {text}\n{page_shows}", page.file);
            compared += 1;
        }
        assert!(compared > 10, "{}: only {compared} texts were compared", page.file);
    }
}

#[test]
fn each_page_has_its_parts() {
    for page in manual::pages("2026-01-31").unwrap() {
        let title = format!(".TH {} 1 2026\\-01\\-31", page.file.trim_end_matches(".1").to_uppercase().replace('-', "\\-"));
        let plain = |text: &str| text.replace(['"', '\\'], "");
        assert!(plain(&page.text).contains(&plain(&title)), "{title}\n{}", page.text);
        for section in ["NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "EXIT STATUS", "ENVIRONMENT", "FILES", "SEE ALSO"] {
            assert!(plain(&page.text).contains(&format!(".SH {section}\n")), "{} has no {section}", page.file);
        }
        let shown = shown(&page.text);
        for part in ["124", "a wait ran out", "DM_MASTER_ADDR", "~/.config/dmctl/config.toml"] {
            assert!(shown.contains(part), "{} does not tell {part}", page.file);
        }
        // A resource by itself can't be run.
        let whole = dmctl::cli::grammar().find_subcommand(&page.words).is_none_or(|command| !command.has_subcommands());
        assert_eq!(plain(&page.text).contains(".SH EXAMPLES"), whole, "{}", page.file);
    }
}

#[test]
fn man_takes_each_page_without_a_warning() {
    let groff = Command::new("groff").arg("--version").output();
    if groff.is_err() {
        assert!(std::env::var_os("CI").is_none_or(|value| value != "true"), "groff can't be had: see .ci/tools");
        return;
    }
    for page in manual::pages("2026-01-31").unwrap() {
        let mut child = Command::new("groff")
            .args(["-man", "-Tutf8", "-P-cbou", "-Kutf8", "-ww", "-rLL=100n"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdin = child.stdin.take().unwrap();
        let text = page.text.clone();
        let writer = std::thread::spawn(move || stdin.write_all(text.as_bytes()).unwrap());
        let output = child.wait_with_output().unwrap();
        writer.join().unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{}", page.file);
        let shown = String::from_utf8(output.stdout).unwrap();
        assert!(shown.contains("\nEXIT STATUS\n"), "{}: {shown}", page.file);
        assert!(
            !shown.contains("\\(") && !shown.contains('‘'),
            "{}: markup is shown, or a quote that was a backtick: {shown}",
            page.file
        );
    }
}
