//! The manual pages of dmctl: dmctl(1), one a resource and one a verb.
//!
//! What the help pages say is made from the same grammar. What the grammar doesn't know (exit codes, variables, files) is taken from
//! the tables of the book in `docs`, so that it is written once. A package of its own, since `cargo xtask codegen` must run also while
//! the library does not compile.

use anyhow::Context;
use clap::Command;
use clap_mangen::Man;
use clap_mangen::roff::{Inline, Roff, bold, roman};

/// The pages of the book whose tables go into every page.
const EXIT_CODES: &str = include_str!("../../../docs/exit-codes.md");
const ENVIRONMENT: &str = include_str!("../../../docs/environment.md");

/// How the library of the pages defines an apostrophe, before each part.
const APOSTROPHE: &str = ".ie \\n(.g .ds Aq \\(aq\n.el .ds Aq '\n";

/// A manual page.
#[derive(Debug)]
pub struct Page {
    /// The name of its file, such as `dmctl-task-start.1`.
    pub file: String,
    /// The words behind `dmctl` that it is about; empty for dmctl(1).
    pub words: String,
    /// Its text in the language of `man`.
    pub text: String,
}

/// Makes every page, in the order of the help.
///
/// # Errors
/// When a table of the book is not where it is looked for.
pub fn pages(date: &str) -> anyhow::Result<Vec<Page>> {
    let mut grammar = dmctl::cli::grammar().disable_help_subcommand(true);
    grammar.build();
    let mut pages = Vec::new();
    add(&grammar, &[], date, &mut pages)?;
    Ok(pages)
}

fn add(command: &Command, above: &[&Command], date: &str, pages: &mut Vec<Page>) -> anyhow::Result<()> {
    pages.push(page(command, above, date)?);
    let chain: Vec<&Command> = above.iter().copied().chain([command]).collect();
    for part in command.get_subcommands().filter(|part| !part.is_hide_set()) {
        add(part, &chain, date, pages)?;
    }
    Ok(())
}

/// A page. `above` are the commands that it is a part of, the root first.
fn page(command: &Command, above: &[&Command], date: &str) -> anyhow::Result<Page> {
    let name = name(command);
    let version = above.first().unwrap_or(&command).get_version().unwrap_or_default();
    let usage = command.clone().render_usage().to_string();
    let usage = usage.trim_start_matches("Usage:").trim().to_owned();
    let heading = if above.is_empty() { "RESOURCES" } else { "VERBS" };
    let man = Man::new(command.clone().override_usage(usage).subcommand_help_heading(heading))
        .title(name.to_uppercase())
        .date(date)
        .source(format!("dmctl {version}"))
        .manual("Manual of dmctl");

    let mut text = Vec::new();
    man.render_title(&mut text)?;
    man.render_name_section(&mut text)?;
    man.render_synopsis_section(&mut text)?;
    man.render_description_section(&mut text)?;
    man.render_options_section(&mut text)?;
    if command.get_subcommands().any(|part| !part.is_hide_set()) {
        man.render_subcommands_section(&mut text)?;
    }
    let mut rest = Roff::new();
    examples(&mut rest, command);
    listed(&mut rest, "EXIT STATUS", EXIT_CODES, "The codes")?;
    listed(&mut rest, "ENVIRONMENT", ENVIRONMENT, "Variables")?;
    listed(&mut rest, "FILES", ENVIRONMENT, "Files")?;
    see_also(&mut rest, command, above);
    rest.to_writer(&mut text)?;

    // Each part brings the definition of an apostrophe along; one is enough. To man a backtick is an opening quote.
    let text = String::from_utf8(text)?;
    let text = format!("{APOSTROPHE}{}", text.replace(APOSTROPHE, "")).replace('`', "\\(ga");
    let words: Vec<&str> = above.iter().skip(1).chain([&command]).map(|command| command.get_name()).collect();
    let words = if above.is_empty() { String::new() } else { words.join(" ") };
    Ok(Page { file: format!("{name}.1"), words, text })
}

fn name(command: &Command) -> &str {
    command.get_display_name().unwrap_or_else(|| command.get_name())
}

/// The lines of the help below `Examples:`, as they are.
fn examples(page: &mut Roff, command: &Command) {
    let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
    let lines = help.lines().skip_while(|line| *line != "Examples:").skip(1);
    let lines: Vec<&str> = lines.take_while(|line| line.starts_with("  ")).collect();
    if lines.is_empty() {
        return;
    }
    page.control("SH", ["EXAMPLES"]).control("nf", []);
    for line in lines {
        page.text([roman(line)]);
    }
    page.control("fi", []);
}

/// A table of the book: what is in the first column, and beside it what is in the last.
fn listed(page: &mut Roff, title: &str, text: &str, heading: &str) -> anyhow::Result<()> {
    page.control("SH", [title]);
    for row in table(text, heading).with_context(|| format!("the book has no table below `{heading}`"))? {
        let (Some(first), Some(last)) = (row.first(), row.last()) else { continue };
        page.control("TP", []).text([bold(first.replace('`', ""))]).text(inlines(last));
    }
    Ok(())
}

fn see_also(page: &mut Roff, command: &Command, above: &[&Command]) {
    let parts = above.last().unwrap_or(&command).get_subcommands().filter(|part| !part.is_hide_set());
    let mut names: Vec<&str> = above.iter().map(|command| name(command)).chain(parts.map(name)).collect();
    names.retain(|other| *other != name(command));
    let mut line = Vec::new();
    for (index, name) in names.iter().enumerate() {
        line.extend([bold(*name), roman(if index + 1 < names.len() { "(1), " } else { "(1)" })]);
    }
    page.control("SH", ["SEE ALSO"]).text(line);
    page.control("PP", []).text([roman("The book of dmctl, which begins with docs/README.md.")]);
}

/// The rows of the first table below a heading, without its head.
fn table(text: &str, heading: &str) -> Option<Vec<Vec<String>>> {
    let below = text.lines().skip_while(|line| line.trim_start_matches('#').trim() != heading || !line.starts_with('#'));
    let rows = below.skip_while(|line| !line.starts_with('|')).take_while(|line| line.starts_with('|')).skip(2);
    let cells = |row: &str| row.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect();
    let rows: Vec<Vec<String>> = rows.map(cells).collect();
    (!rows.is_empty()).then_some(rows)
}

/// A cell of the book: code is bold, and a link is its text.
fn inlines(cell: &str) -> Vec<Inline> {
    let mut text = String::new();
    let mut rest = cell;
    while let Some((before, after)) = rest.split_once('[') {
        let link = after.split_once("](").and_then(|(shown, after)| Some((shown, after.split_once(')')?.1)));
        let (shown, left) = link.unwrap_or(("[", after));
        text.push_str(before);
        text.push_str(shown);
        rest = left;
    }
    text.push_str(rest);
    let parts = text.split('`').enumerate();
    parts.map(|(index, part)| if index % 2 == 1 { bold(part) } else { roman(part) }).collect()
}
