//! The import law: which room may name which. It reads `src` as text that was parsed, and names file and line of a breach.

use std::fs;
use std::path::{Path, PathBuf};

use syn::spanned::Spanned as _;
use syn::visit::{self, Visit};

/// A room, and what it must never name: rooms of ours, and crates.
const LAW: &[(&str, &[&str])] = &[
    (
        "model",
        &[
            "playground",
            "api",
            "app",
            "runner",
            "cli",
            "commands",
            "complete",
            "engine",
            "exit",
            "output",
            "session",
            "target",
            "wire",
            "words",
            "server",
            "cluster",
            "engine",
            "rusqlite",
            "axum",
            "tokio",
            "clap",
            "reqwest",
            "tonic",
            "mysql_async",
            "serve",
            "local",
        ],
    ),
    (
        "wire",
        &[
            "playground",
            "api",
            "app",
            "runner",
            "cli",
            "commands",
            "complete",
            "exit",
            "output",
            "session",
            "target",
            "words",
            "server",
            "cluster",
            "engine",
            "clap",
            "reqwest",
            "serve",
            "local",
        ],
    ),
    (
        "words",
        &[
            "playground",
            "api",
            "app",
            "runner",
            "cli",
            "commands",
            "complete",
            "exit",
            "output",
            "session",
            "target",
            "wire",
            "model",
            "server",
            "cluster",
            "engine",
            "serve",
            "local",
        ],
    ),
    (
        "cli",
        &[
            "playground",
            "api",
            "app",
            "runner",
            "complete",
            "output",
            "session",
            "server",
            "cluster",
            "engine",
            "target",
            "wire",
            "reqwest",
            "tonic",
            "tokio",
            "serve",
            "local",
        ],
    ),
    (
        "commands",
        &[
            "playground",
            "app",
            "runner",
            "cli",
            "complete",
            "session",
            "target",
            "wire",
            "server",
            "cluster",
            "engine",
            "reqwest",
            "tonic",
            "reedline",
            "serve",
            "local",
        ],
    ),
    (
        "api",
        &[
            "playground",
            "app",
            "runner",
            "clap",
            "cli",
            "commands",
            "complete",
            "exit",
            "output",
            "session",
            "target",
            "words",
            "server",
            "cluster",
            "engine",
            "serve",
            "local",
        ],
    ),
    (
        "output",
        &[
            "playground",
            "api",
            "app",
            "runner",
            "cli",
            "commands",
            "complete",
            "session",
            "target",
            "wire",
            "server",
            "cluster",
            "engine",
            "clap",
            "reqwest",
            "tonic",
            "serve",
            "local",
        ],
    ),
    (
        "exit",
        &[
            "playground",
            "api",
            "app",
            "runner",
            "cli",
            "commands",
            "complete",
            "session",
            "target",
            "wire",
            "server",
            "cluster",
            "engine",
            "clap",
            "reqwest",
            "tonic",
            "serve",
            "local",
        ],
    ),
    (
        "target",
        &[
            "playground",
            "app",
            "runner",
            "commands",
            "complete",
            "output",
            "session",
            "wire",
            "server",
            "cluster",
            "engine",
            "reqwest",
            "tonic",
            "tokio",
            "serve",
        ],
    ),
    (
        "complete",
        &[
            "playground",
            "app",
            "runner",
            "session",
            "server",
            "cluster",
            "engine",
            "wire",
            "reedline",
            "reqwest",
            "tonic",
            "serve",
            "local",
        ],
    ),
    (
        "cluster",
        &[
            "playground",
            "api",
            "app",
            "runner",
            "cli",
            "commands",
            "complete",
            "exit",
            "output",
            "session",
            "target",
            "wire",
            "words",
            "server",
            "engine",
            "axum",
            "clap",
            "mysql_async",
            "reqwest",
            "tonic",
            "serve",
            "local",
        ],
    ),
    (
        "engine",
        &[
            "playground",
            "api",
            "app",
            "runner",
            "cli",
            "cluster",
            "commands",
            "complete",
            "exit",
            "output",
            "server",
            "session",
            "target",
            "wire",
            "words",
            "axum",
            "clap",
            "reedline",
            "reqwest",
            "tonic",
            "serve",
            "local",
        ],
    ),
    (
        "session",
        &["playground", "app", "runner", "commands", "wire", "server", "cluster", "engine", "reqwest", "tonic", "serve", "local"],
    ),
    (
        "server",
        &[
            "playground",
            "api",
            "app",
            "runner",
            "cli",
            "commands",
            "complete",
            "engine",
            "exit",
            "local",
            "output",
            "serve",
            "session",
            "target",
            "words",
            "clap",
            "mysql_async",
            "reqwest",
            "rusqlite",
        ],
    ),
    (
        "serve",
        &[
            "playground",
            "api",
            "app",
            "runner",
            "complete",
            "session",
            "target",
            "wire",
            "words",
            "axum",
            "mysql_async",
            "reqwest",
            "rusqlite",
            "tonic",
        ],
    ),
    (
        "local",
        &[
            "playground",
            "api",
            "app",
            "runner",
            "cli",
            "cluster",
            "commands",
            "complete",
            "engine",
            "exit",
            "model",
            "output",
            "serve",
            "server",
            "session",
            "target",
            "wire",
            "words",
            "axum",
            "clap",
            "reqwest",
            "tokio",
            "tonic",
        ],
    ),
    (
        "runner",
        &["playground", "app", "complete", "engine", "cluster", "local", "serve", "server", "wire", "reedline", "reqwest", "tonic"],
    ),
    (
        "playground",
        &[
            "api",
            "app",
            "runner",
            "cli",
            "cluster",
            "complete",
            "engine",
            "output",
            "serve",
            "server",
            "session",
            "target",
            "wire",
            "words",
            "axum",
            "clap",
            "mysql_async",
            "reedline",
            "reqwest",
            "rusqlite",
            "tonic",
        ],
    ),
];

struct Names<'a> {
    room: &'a str,
    forbidden: &'a [&'a str],
    breaches: Vec<(usize, String)>,
}

impl Names<'_> {
    fn check(&mut self, segments: &[String], line: usize) {
        let named = match segments.first().map(String::as_str) {
            Some("crate") => segments.get(1),
            Some("super" | "self") | None => None,
            Some(_) => segments.first(),
        };
        if let Some(name) = named
            && name != self.room
            && self.forbidden.contains(&name.as_str())
        {
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
            visit::visit_item_mod(self, item);
        }
    }
}

fn breaches(room: &str, forbidden: &[&str], code: &str) -> Vec<(usize, String)> {
    let file = syn::parse_file(code).unwrap();
    let mut names = Names { room, forbidden, breaches: Vec::new() };
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
        let Some((_, forbidden)) = LAW.iter().find(|(name, _)| *name == room) else {
            assert!(["app", "lib", "main"].contains(&room.as_str()), "room `{room}` has no law: write it into {}", file!());
            continue;
        };
        let code = fs::read_to_string(path).unwrap();
        for (line, name) in breaches(&room, forbidden, &code) {
            found.push(format!("{}:{line}: `{room}` must not name `{name}`", path.strip_prefix(&src).unwrap().display()));
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
        "use clap::Parser;",
        "#[derive(Debug)] struct S { field: Option<clap::Command> }",
    ] {
        assert_eq!(breaches("model", &["api", "clap"], code).len(), 1, "{code}");
    }
    assert!(breaches("api", &["clap"], "use crate::api::x; use super::clap; mod tests { use clap::X; }").is_empty());
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
