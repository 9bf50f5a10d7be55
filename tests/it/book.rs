//! The examples of the README and of the book: each block marked `console` is run, line by line, and must give what it shows.
//!
//! A page is one story: its blocks run in their order, in one folder and on one cluster, which changes with them. A comment before a
//! block, `<!-- cluster: NAME -->`, turns to a new cluster; [`World::start`] knows the names. A `yaml` or `toml` block that begins with a
//! comment of a file's name is that file, from there on. A line `...` in an answer stands for any lines. `BOOK=renew` writes down what came instead.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use crate::book_clusters::World;
use crate::harness::Sandbox;

/// A block of a page.
struct Block {
    /// The word behind the fence.
    word: String,
    /// Its lines, and the number of the first one in the page, from 0.
    lines: Vec<String>,
    first: usize,
    /// The cluster that it turns to.
    cluster: Option<String>,
}

/// A line that was typed, and what a person saw.
struct Step {
    typed: String,
    shown: Vec<String>,
    /// A blank line stands before it.
    apart: bool,
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The pages that are read by users, in the order of their names.
fn pages() -> Vec<PathBuf> {
    let mut pages: Vec<PathBuf> = fs::read_dir(root().join("docs")).unwrap().map(|entry| entry.unwrap().path()).collect();
    pages.retain(|path| path.extension().is_some_and(|extension| extension == "md"));
    pages.sort();
    pages.insert(0, root().join("README.md"));
    pages
}

fn blocks(text: &str) -> Vec<Block> {
    let (mut found, mut open, mut cluster) = (Vec::new(), None::<Block>, None);
    for (number, line) in text.lines().enumerate() {
        match (open.take(), line.strip_prefix("```")) {
            (None, Some(word)) => {
                open = Some(Block { word: word.to_owned(), lines: Vec::new(), first: number + 1, cluster: cluster.take() });
            }
            (Some(block), Some(_)) => found.push(block),
            (Some(mut block), None) => {
                block.lines.push(line.to_owned());
                open = Some(block);
            }
            (None, None) => {
                let comment = line.strip_prefix("<!-- cluster: ").and_then(|rest| rest.strip_suffix(" -->"));
                cluster = comment.map(str::to_owned).or(cluster);
            }
        }
    }
    found
}

fn steps(lines: &[String]) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    let mut continued = false;
    for (index, line) in lines.iter().enumerate() {
        if let Some(typed) = line.strip_prefix("$ ") {
            let apart = index > 0 && lines[index - 1].is_empty();
            steps.push(Step { typed: typed.to_owned(), shown: Vec::new(), apart });
        } else {
            let step = steps.last_mut().expect("a console block begins with a line that is typed");
            if continued {
                step.typed = format!("{}\n{line}", step.typed);
            } else {
                step.shown.push(line.clone());
            }
        }
        continued = (continued || line.starts_with("$ ")) && line.ends_with('\\');
    }
    for step in &mut steps {
        trim(&mut step.shown);
    }
    steps
}

/// Takes blank lines at the end away: they part steps.
fn trim(lines: &mut Vec<String>) {
    while lines.last().is_some_and(String::is_empty) {
        lines.pop();
    }
}

/// Whether lines are as shown, where `...` stands for any of them.
fn fits(shown: &[String], came: &[String]) -> bool {
    match shown.split_first() {
        None => came.is_empty(),
        Some((line, rest)) if line == "..." => (0..=came.len()).any(|skipped| fits(rest, &came[skipped..])),
        Some((line, rest)) => came.first() == Some(line) && fits(rest, &came[1..]),
    }
}

/// Runs a line in the shell of every system. What both streams say comes as a person sees it.
fn run(sandbox: &Sandbox, typed: &str) -> String {
    let inner = sandbox.command();
    let programs = sandbox.path("programs");
    if !programs.exists() {
        fs::create_dir(&programs).unwrap();
        std::os::unix::fs::symlink(inner.get_program(), programs.join("dmctl")).unwrap();
    }
    let mut command = std::process::Command::new("sh");
    command.arg("-c").arg(format!("exec 2>&1\n{typed}\n")).env_clear().current_dir(inner.get_current_dir().unwrap());
    for (key, value) in inner.get_envs() {
        command.env(key, value.unwrap());
    }
    command.env("PATH", format!("{}:/usr/bin:/bin", programs.display())).stdin(Stdio::null());
    let output = command.output().unwrap();
    assert!(output.stderr.is_empty());
    String::from_utf8(output.stdout).unwrap()
}

/// What came of a page.
#[derive(Default)]
struct Played {
    /// How many lines were run.
    ran: usize,
    /// Each line that did not give what is shown, and what it gave.
    differing: Vec<String>,
    /// The page as it should be.
    should: String,
}

/// Runs a page.
fn play(page: &Path) -> Played {
    let text = fs::read_to_string(page).unwrap();
    let name = page.strip_prefix(root()).unwrap().display().to_string();
    let blocks = blocks(&text);
    if !blocks.iter().any(|block| block.word == "console") {
        return Played::default();
    }
    let mut played = Played::default();
    let mut lines: Vec<Option<String>> = text.lines().map(|line| Some(line.to_owned())).collect();
    let (mut world, mut files) = (None, Vec::<(String, String)>::new());
    for block in &blocks {
        if let Some(cluster) = &block.cluster {
            world = World::start(cluster);
            if world.is_none() {
                // It can't be had here, and has said so.
                return Played { ran: played.ran, ..Played::default() };
            }
        }
        if !["console", "yaml", "toml"].contains(&block.word.as_str()) {
            continue;
        }
        let world = world.get_or_insert_with(|| World::start("book").unwrap());
        if block.word != "console" {
            let file = block.lines.first().and_then(|line| line.strip_prefix("# ")).filter(|file| !file.contains(' '));
            files.extend(file.map(|file| (file.to_owned(), block.lines.join("\n") + "\n")));
            continue;
        }
        for (file, text) in files.iter().filter(|(file, _)| !world.sandbox.path(file).exists()) {
            world.write(file, text);
        }
        let mut renewed = Vec::new();
        for step in steps(&block.lines) {
            if let Some(file) = step.typed.strip_prefix("cat ").filter(|file| !world.sandbox.path(file).exists()) {
                world.write(file, &(step.shown.join("\n") + "\n"));
            }
            let came = world.shown(&run(&world.sandbox, &world.real(&step.typed)));
            let mut came: Vec<String> = came.lines().map(|line| line.trim_end().to_owned()).collect();
            trim(&mut came);
            let as_shown = fits(&step.shown, &came);
            if !as_shown {
                let place = format!("{name}:{}", block.first + 1);
                played.differing.push(format!("{place}: $ {}\n{}\n", step.typed, came.join("\n")));
            }
            if step.apart {
                renewed.push(String::new());
            }
            renewed.push(format!("$ {}", step.typed));
            renewed.extend(if as_shown { step.shown } else { came });
            played.ran += 1;
        }
        for place in block.first..block.first + block.lines.len() {
            lines[place] = None;
        }
        lines[block.first] = Some(renewed.join("\n"));
    }
    played.should = lines.into_iter().flatten().collect::<Vec<_>>().join("\n") + "\n";
    played
}

#[test]
fn every_example_gives_what_it_shows() {
    let renew = std::env::var_os("BOOK").is_some_and(|word| word == "renew");
    let (mut wrong, mut ran) = (Vec::new(), 0);
    for page in pages() {
        let played = play(&page);
        if renew && !played.differing.is_empty() {
            fs::write(&page, played.should).unwrap();
        }
        ran += played.ran;
        wrong.extend(played.differing);
    }
    assert!(wrong.is_empty(), "not as shown (BOOK=renew writes down what came):\n{}", wrong.join("\n"));
    assert!(ran > 40, "only {ran} lines were run");
}

#[test]
fn an_answer_that_differs_is_seen() {
    let lines = |text: &str| -> Vec<String> { text.lines().map(str::to_owned).collect() };
    assert!(fits(&lines("a\n...\nd"), &lines("a\nb\nc\nd")));
    assert!(fits(&lines("...\nd"), &lines("d")));
    assert!(!fits(&lines("a\n...\nd"), &lines("a\nb\nc")));
    assert!(!fits(&lines("a"), &lines("a\nb")));
    assert!(!fits(&lines("a\nb"), &lines("a")));
    let block = lines("$ dmctl task list \\\n  --stage running\nNAME\n\n$ dmctl member list");
    let steps = steps(&block);
    assert_eq!(steps[0].typed, "dmctl task list \\\n  --stage running");
    assert_eq!((steps[0].shown.as_slice(), steps[1].apart, steps[1].shown.len()), (lines("NAME").as_slice(), true, 0));
}
