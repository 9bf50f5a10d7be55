//! The import law: which room may name which. It reads `src` as text that was parsed, and names file and line of a breach.

use std::fs;
use std::path::{Path, PathBuf};

use syn::spanned::Spanned as _;
use syn::visit::{self, Visit};

/// A room, the other rooms that it may name, and crates that it must not.
pub const LAW: &[(&str, &[&str], &[&str])] = &[
    ("model", &[], &["axum", "clap", "mysql_async", "reqwest", "rusqlite", "tokio", "tonic"]),
    ("wire", &["model"], &["clap", "reqwest"]),
    ("words", &[], &[]),
    ("cli", &["commands", "exit", "model", "words"], &["reqwest", "tokio", "tonic"]),
    ("commands", &["api", "exit", "model", "output", "words"], &["reedline", "reqwest", "tonic"]),
    ("api", &["model", "wire"], &["clap"]),
    ("output", &["exit", "model", "words"], &["clap", "reqwest", "tonic"]),
    ("exit", &["model", "output", "words"], &["clap", "reqwest", "tonic"]),
    ("target", &["api", "cli", "exit", "local", "model", "words"], &["reqwest", "tokio", "tonic"]),
    ("complete", &["api", "cli", "commands", "exit", "model", "output", "target", "words"], &["reedline", "reqwest", "tonic"]),
    ("cluster", &["model"], &["axum", "clap", "mysql_async", "reqwest", "tonic"]),
    ("engine", &["model"], &["axum", "clap", "reedline", "reqwest", "tonic"]),
    ("session", &["api", "cli", "complete", "exit", "model", "output", "target", "words"], &["reqwest", "tonic"]),
    ("server", &["cluster", "model", "wire"], &["clap", "mysql_async", "reqwest", "rusqlite"]),
    (
        "serve",
        &["cli", "cluster", "commands", "engine", "exit", "local", "model", "output", "server"],
        &["axum", "mysql_async", "reqwest", "rusqlite", "tonic"],
    ),
    ("local", &[], &["axum", "clap", "reqwest", "tokio", "tonic"]),
    (
        "runner",
        &["api", "cli", "commands", "exit", "model", "output", "session", "target", "words"],
        &["reedline", "reqwest", "tonic"],
    ),
    ("playground", &["commands", "exit", "local", "model"], &["axum", "clap", "reedline", "reqwest", "rusqlite", "tonic"]),
];

struct Names<'a> {
    room: &'a str,
    may: &'a [&'a str],
    never: &'a [&'a str],
    /// How many modules are around what is looked at.
    depth: usize,
    breaches: Vec<(usize, String)>,
}

impl Names<'_> {
    fn check(&mut self, segments: &[String], line: usize) {
        let up = segments.iter().take_while(|segment| *segment == "super").count();
        let is_ours = segments[0] == "crate" || (up > 0 && up == self.depth);
        let Some(name) = segments.get(if is_ours { up.max(1) } else { 0 }) else { return };
        let is_breach = if is_ours {
            *name != self.room && LAW.iter().any(|(room, ..)| room == name) && !self.may.contains(&name.as_str())
        } else {
            self.never.contains(&name.as_str())
        };
        if is_breach || (is_ours && name == "app") {
            self.breaches.push((line, name.clone()));
        }
    }

    fn check_use(&mut self, tree: &syn::UseTree, mut prefix: Vec<String>) {
        match tree {
            syn::UseTree::Path(path) => {
                prefix.push(path.ident.to_string());
                self.check_use(&path.tree, prefix);
            }
            syn::UseTree::Group(group) => group.items.iter().for_each(|item| self.check_use(item, prefix.clone())),
            syn::UseTree::Name(name) => {
                prefix.push(name.ident.to_string());
                self.check(&prefix, name.span().start().line);
            }
            syn::UseTree::Rename(rename) => {
                prefix.push(rename.ident.to_string());
                self.check(&prefix, rename.span().start().line);
            }
            syn::UseTree::Glob(glob) => self.check(&prefix, glob.span().start().line),
        }
    }
}

impl<'ast> Visit<'ast> for Names<'_> {
    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        self.check_use(&item.tree, Vec::new());
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        if path.segments.len() > 1 {
            let segments: Vec<_> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
            self.check(&segments, path.span().start().line);
        }
        visit::visit_path(self, path);
    }

    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        // Tests may look anywhere.
        if item.ident != "tests" {
            self.depth += 1;
            visit::visit_item_mod(self, item);
            self.depth -= 1;
        }
    }
}

/// Breaches in a file that so many modules are around.
fn breaches((room, may, never): (&str, &[&str], &[&str]), depth: usize, code: &str) -> Vec<(usize, String)> {
    let file = syn::parse_file(code).unwrap();
    let mut names = Names { room, may, never, depth, breaches: Vec::new() };
    names.visit_file(&file);
    names.breaches
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|end| end == "rs") {
            found.push(path);
        }
    }
}

/// The room of a file: the first part of its path below `src`, without its ending.
fn room_of(path: &Path, src: &Path) -> String {
    let below = path.strip_prefix(src).unwrap().iter().next().unwrap();
    Path::new(below).file_stem().unwrap().to_string_lossy().into_owned()
}

#[test]
fn the_import_law_holds() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&src, &mut files);
    let mut found = Vec::new();
    for path in files.iter().filter(|path| !path.ends_with("wire/pb.rs")) {
        let room = room_of(path, &src);
        let Some(law) = LAW.iter().find(|(name, ..)| *name == room) else {
            assert!(["app", "lib", "main"].contains(&room.as_str()), "room `{room}` has no law: write it into {}", file!());
            continue;
        };
        let code = fs::read_to_string(path).unwrap();
        let below = path.strip_prefix(&src).unwrap();
        let depth = below.components().count() - usize::from(below.ends_with("mod.rs"));
        for (line, name) in breaches(*law, depth, &code) {
            found.push(format!("{}:{line}: `{room}` must not name `{name}`", below.display()));
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn a_breach_is_found_wherever_it_hides() {
    for code in [
        "use crate::api;",
        "use crate::{model, api::Client};",
        "use crate::api as other;",
        "use crate::api::*;",
        "fn f() { crate::api::call(); }",
        "fn f(client: &crate::api::Client) {}",
        "fn f() -> Vec<crate::api::Client> { todo!() }",
        "mod inner { use crate::api; }",
        "use super::api;",
        "mod inner { fn f() { super::super::api::call(); } }",
        "use clap::Parser;",
        "#[derive(Debug)] struct S { field: Option<clap::Command> }",
    ] {
        assert_eq!(breaches(("model", &["wire"], &["clap"]), 1, code).len(), 1, "{code}");
    }
    let fine = "use crate::api::x; use crate::wire::y; use super::{clap, api::z}; mod tests { use clap::X; use crate::app; }";
    assert_eq!(breaches(("api", &["wire"], &["clap"]), 2, fine), []);
}

#[test]
fn app_stays_small_and_snapshots_stay_home() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let lines = fs::read_to_string(root.join("src/app.rs")).unwrap().lines().count();
    assert!(lines < 250, "src/app.rs has {lines} lines: it only puts the rooms together");
    let mut pending = vec![root.join("src"), root.join("tests"), root.join("xtask")];
    while let Some(folder) = pending.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            assert!(path.extension().is_none_or(|end| end != "snap"), "{} belongs into snapshots", path.display());
            if path.is_dir() {
                pending.push(path);
            }
        }
    }
}

#[test]
fn no_test_file_is_forgotten() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it");
    let main = fs::read_to_string(folder.join("main.rs")).unwrap();
    let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    for path in paths.filter(|path| path.extension().is_some_and(|end| end == "rs")) {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        assert!(name == "main" || main.contains(&format!("mod {name};")), "{name} is not listed in tests/it/main.rs");
    }
}
