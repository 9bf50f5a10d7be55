//! Keeps the documents true: what they say of verbs, fields, exit codes and rooms is compared with the program.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use dmctl::exit::{Code, Failure};
use syn::visit::{self, Visit};

use crate::harness::Sandbox;
use crate::rooms::LAW;

/// Each shape of an answer, and the heading of `docs/json.md` whose table has its fields.
const SHAPES: &[(&str, &str, &str)] = &[
    ("src/output/mod.rs", "Missing", "Lists"),
    ("src/model/dm_error.rs", "DmError", "Errors of DM"),
    ("src/commands/task/list.rs", "Row", "task list"),
    ("src/commands/task/list.rs", "RowError", "task list"),
    ("src/commands/task/status.rs", "Value", "task status"),
    ("src/commands/view.rs", "SubtaskValue", "Subtask"),
    ("src/commands/view.rs", "DumpValue", "Dump"),
    ("src/commands/view.rs", "LoadValue", "Load"),
    ("src/model/status.rs", "Copied", "Copy"),
    ("src/model/status.rs", "CopiedTable", "Table of a copy"),
    ("src/commands/view.rs", "SyncValue", "Sync"),
    ("src/commands/task/verify.rs", "Value", "task verify"),
    ("src/model/verification.rs", "VerifiedSource", "Source of a comparison"),
    ("src/model/verification.rs", "VerifiedTable", "Table of a comparison"),
    ("src/model/verification.rs", "FromTable", "Table of a source"),
    ("src/model/verification.rs", "VerifiedRow", "Row of a comparison"),
    ("src/model/verification.rs", "KeyValue", "Part of a key"),
    ("src/model/verification.rs", "ColumnValues", "Values of a column"),
    ("src/commands/view.rs", "GroupValue", "Shard group"),
    ("src/commands/view.rs", "RelayValue", "Relay log"),
    ("src/commands/task/check.rs", "Value", "task check"),
    ("src/commands/task/check.rs", "Item", "Item of a check"),
    ("src/commands/task/check.rs", "Problem", "Problem of an item"),
    ("src/commands/task/check.rs", "Summary", "Summary of a check"),
    ("src/commands/task/check.rs", "Estimate", "Estimate of a check"),
    ("src/commands/source/list.rs", "Row", "source list"),
    ("src/commands/source/status.rs", "Value", "source status"),
    ("src/commands/source/status.rs", "WorkerValue", "Worker of a source"),
    ("src/commands/change.rs", "Part", "Part of a change"),
    ("src/commands/difference.rs", "Difference", "Difference"),
    ("src/commands/ddl_lock/list.rs", "Row", "ddl-lock list"),
    ("src/commands/member/list.rs", "Row", "member list"),
    ("src/runner/profile.rs", "Row", "profile list"),
    ("src/runner/profile.rs", "Value", "profile show"),
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// All documents, with their paths.
fn documents() -> Vec<(String, String)> {
    let mut paths: Vec<String> = ["README.md", "CHANGELOG.md", "CONTRIBUTING.md"].map(str::to_owned).into();
    for entry in fs::read_dir(root().join("docs")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if name.ends_with(".md") {
            paths.push(format!("docs/{name}"));
        }
    }
    paths.into_iter().map(|path| (path.clone(), read(&path))).collect()
}

/// The lines of the code blocks of a document, fenced or indented, with the word behind the fence.
fn code_lines(text: &str) -> Vec<(String, &str)> {
    let mut fence: Option<String> = None;
    let mut found = Vec::new();
    for line in text.lines() {
        match (&fence, line.strip_prefix("```")) {
            (None, Some(word)) => fence = Some(word.to_owned()),
            (Some(_), Some(_)) => fence = None,
            (Some(word), None) => found.push((word.clone(), line)),
            (None, None) => found.extend(line.strip_prefix("    ").map(|line| (String::new(), line))),
        }
    }
    found
}

/// The code spans of a line of prose, single backticks only.
fn spans(line: &str) -> Vec<&str> {
    if line.contains("``") { Vec::new() } else { line.split('`').skip(1).step_by(2).collect() }
}

/// The command lines in a document: those of code blocks, and code spans of prose that begin with `dmctl`.
fn command_lines(text: &str) -> Vec<String> {
    let shown = |line: &str| line.strip_prefix("$ ").unwrap_or(line).to_owned();
    let mut found: Vec<String> = code_lines(text).into_iter().map(|(_, line)| shown(line)).collect();
    let mut fenced = false;
    for line in text.lines() {
        if line.starts_with("```") {
            fenced = !fenced;
        } else if !fenced {
            found.extend(spans(line).into_iter().map(str::to_owned));
        }
    }
    found.retain(|line| line.starts_with("dmctl "));
    found
}

/// The words of a command line up to the first operator of a shell, without the program's name.
fn words_of(line: &str) -> Vec<String> {
    let operator = |word: &String| ["|", "||", "&&", "<", ">", ">>", "2>"].contains(&word.as_str());
    let line = line.split("; ").next().unwrap_or(line);
    let words = shlex::split(line).unwrap_or_else(|| panic!("not a line of a shell: {line}"));
    words.into_iter().skip(1).take_while(|word| !operator(word)).collect()
}

/// The tables below each heading, as rows of cells; head and rule are left out.
fn tables(text: &str) -> BTreeMap<String, Vec<Vec<Vec<String>>>> {
    let mut found: BTreeMap<String, Vec<Vec<Vec<String>>>> = BTreeMap::new();
    let (mut heading, mut inside, mut fenced) = (String::new(), false, false);
    for line in text.lines() {
        fenced ^= line.starts_with("```");
        if !fenced && line.starts_with('#') {
            heading = line.trim_start_matches('#').trim().to_owned();
        }
        let Some(row) = (!fenced).then(|| line.strip_prefix('|')).flatten() else {
            inside = false;
            continue;
        };
        let tables = found.entry(heading.clone()).or_default();
        if !inside {
            tables.push(Vec::new());
            inside = true;
        }
        let row = row.strip_suffix('|').unwrap_or(row).replace("\\|", "\u{0}");
        let row = row.split('|').map(|cell| cell.trim().replace('\u{0}', "|")).collect();
        tables.last_mut().unwrap().push(row);
    }
    for table in found.values_mut().flatten() {
        assert!(table.len() > 2, "a table without rows");
        table.drain(..2);
    }
    found
}

/// The first cell of each row, without backticks.
fn first_cells(table: &[Vec<String>]) -> Vec<String> {
    table.iter().map(|row| row[0].trim_matches('`').to_owned()).collect()
}

#[test]
fn every_command_line_is_one_of_the_grammar() {
    let mut seen = 0;
    for (path, text) in documents() {
        for line in command_lines(&text) {
            let parsed = dmctl::cli::parse(&words_of(&line));
            assert!(parsed.is_ok(), "{path}: {line}: {}", parsed.unwrap_err().message);
            seen += 1;
        }
    }
    assert!(seen > 20, "only {seen} command lines were found: does this test still see them?");
}

#[test]
fn the_piped_files_are_understood() {
    let text = read("docs/scripting.md");
    let block: Vec<&str> = code_lines(&text).into_iter().map(|(_, line)| line).collect();
    let mut files = 0;
    for (start, _) in block.iter().enumerate().filter(|(_, line)| line.starts_with("$ cat ")) {
        let lines: Vec<&str> = block[start + 1..].iter().take_while(|line| !line.starts_with("$ ")).copied().collect();
        assert!(lines.len() > 1, "{lines:?}");
        for line in lines {
            let words = dmctl::words::split(line).into_texts().unwrap();
            assert!(words.is_empty() || dmctl::cli::parse(&words).is_ok(), "{line}");
        }
        files += 1;
    }
    assert!(files > 1, "only {files} files were found");
}

#[test]
fn each_resource_has_a_page_with_every_verb() {
    let grammar = dmctl::cli::grammar();
    let mut verbs = 0;
    // Profiles are no part of a cluster, and have a section of their own.
    let is_of_cluster = |resource: &&clap::Command| resource.has_subcommands() && resource.get_name() != "profile";
    for resource in grammar.get_subcommands().filter(is_of_cluster) {
        let mut real = Vec::new();
        for verb in resource.get_subcommands() {
            let name = format!("{} {}", resource.get_name(), verb.get_name());
            let examples = verb.get_after_help().unwrap().to_string();
            let example = examples.lines().find_map(|line| line.trim().strip_prefix("dmctl ")).unwrap().to_owned();
            real.push((name, verb.get_about().unwrap().to_string(), example));
        }
        let page = format!("docs/{}.md", resource.get_name());
        let tables = tables(&read(&page));
        let table = tables.values().flatten().find(|table| table[0][0] == format!("`{}`", real[0].0));
        let table = table.unwrap_or_else(|| panic!("{page} has no table of its verbs"));
        let told: Vec<(String, String)> = first_cells(table).into_iter().zip(table.iter().map(|row| row[2].clone())).collect();
        let expected: Vec<(String, String)> = real.iter().map(|(name, about, _)| (name.clone(), about.clone())).collect();
        assert_eq!(told, expected, "{page}: names and first help lines, in the order of the help");

        // A profile that may only read tells the verbs that change something from those that don't.
        let sandbox = Sandbox::new();
        let _config = sandbox.config("[profile.look]\nmaster-addr = '127.0.0.1:1'\nread-only = true\n");
        for (row, (name, _, example)) in table.iter().zip(&real) {
            let line = example.split("&&").next().unwrap();
            let output = sandbox.run(&format!("--profile look {line}"));
            assert_ne!(output.code, 0, "{line}");
            let expected = if output.stderr.contains("is read-only, and") { "changes" } else { "reads" };
            assert_eq!(row[1], expected, "{name}: `dmctl {line}` said\n{}", output.stderr);
            verbs += 1;
        }
    }
    assert_eq!(verbs, 28);
}

#[test]
fn the_contents_of_the_book_name_every_page() {
    let contents = read("docs/README.md");
    for (path, _) in documents() {
        let Some(page) = path.strip_prefix("docs/").filter(|page| *page != "README.md") else { continue };
        assert_eq!(contents.matches(&format!("]({page})")).count(), 1, "docs/README.md: {page}");
    }
}

#[test]
fn each_code_of_dm_is_told_once() {
    let mut told = BTreeSet::new();
    for table in tables(&read("docs/troubleshooting.md")).values().flatten() {
        for row in table {
            let codes = row[0].split(", ").filter(|code| code.len() == 5 && code.bytes().all(|byte| byte.is_ascii_digit()));
            for code in codes {
                assert!(told.insert(code.to_owned()), "{code} stands in two rows");
                assert!(!row[2].is_empty() || row[3..].iter().any(|cell| !cell.is_empty()), "{code}: nothing to look at or to do");
            }
        }
    }
    // What the program itself has an advice for must be in the book too.
    for code in
        ["10001", "20022", "26005", "30037", "38024", "38058", "46007", "46009", "46014", "46019", "46023", "46025", "46035"]
    {
        assert!(told.contains(code), "{code} is not told");
    }
}

#[test]
fn the_exit_codes_are_told() {
    let codes = [
        Code::Done,
        Code::Failed,
        Code::Usage,
        Code::Unreachable,
        Code::Partial,
        Code::Unconfirmed,
        Code::TimedOut,
        Code::HungUp,
        Code::Interrupted,
        Code::Terminated,
    ];
    let file = syn::parse_file(&read("src/exit.rs")).unwrap();
    let variants = file.items.iter().find_map(|item| match item {
        syn::Item::Enum(item) if item.ident == "Code" => Some(item.variants.len()),
        _ => None,
    });
    assert_eq!(variants, Some(codes.len()), "this test must list every exit code");

    let real: Vec<(String, String)> = codes.iter().map(|code| (code.number().to_string(), code.kind().to_owned())).collect();
    let page = tables(&read("docs/exit-codes.md"));
    let told: Vec<_> = page["The codes"][0].iter().map(|row| (row[0].clone(), row[1].trim_matches('`').to_owned())).collect();
    assert_eq!(told, real, "docs/exit-codes.md");
    let json = tables(&read("docs/json.md"));
    let told: Vec<_> = json["Failures"][1].iter().map(|row| (row[1].clone(), row[0].trim_matches('`').to_owned())).collect();
    assert_eq!(told, real, "docs/json.md");
}

/// The structs of a file that serialise, with the names that their fields have in JSON. A flattened field is told as `..`.
struct Shapes(BTreeMap<String, Vec<String>>);

impl<'ast> Visit<'ast> for Shapes {
    fn visit_item_struct(&mut self, item: &'ast syn::ItemStruct) {
        let mut serialises = false;
        for attribute in item.attrs.iter().filter(|attribute| attribute.path().is_ident("derive")) {
            attribute
                .parse_nested_meta(|meta| {
                    serialises |= meta.path.segments.last().is_some_and(|segment| segment.ident == "Serialize");
                    Ok(())
                })
                .unwrap();
        }
        if serialises {
            assert!(!item.attrs.iter().any(|attribute| attribute.path().is_ident("serde")), "{}: serde on a struct", item.ident);
            self.0.insert(item.ident.to_string(), item.fields.iter().map(name_in_json).collect());
        }
        visit::visit_item_struct(self, item);
    }
}

fn name_in_json(field: &syn::Field) -> String {
    let mut name = field.ident.as_ref().unwrap().to_string();
    for attribute in field.attrs.iter().filter(|attribute| attribute.path().is_ident("serde")) {
        attribute
            .parse_nested_meta(|meta| {
                if meta.path.is_ident("flatten") {
                    name = "..".to_owned();
                } else if meta.path.is_ident("rename") && meta.input.peek(syn::token::Paren) {
                    meta.parse_nested_meta(|side| {
                        let text: syn::LitStr = side.value()?.parse()?;
                        if side.path.is_ident("serialize") {
                            name = text.value();
                        }
                        Ok(())
                    })?;
                } else if meta.path.is_ident("rename") {
                    name = meta.value()?.parse::<syn::LitStr>()?.value();
                } else if meta.input.peek(syn::Token![=]) {
                    let _other: syn::Expr = meta.value()?.parse()?;
                }
                Ok(())
            })
            .unwrap();
    }
    name
}

fn shapes(code: &str) -> BTreeMap<String, Vec<String>> {
    let mut shapes = Shapes(BTreeMap::new());
    shapes.visit_file(&syn::parse_file(code).unwrap());
    shapes.0
}

#[test]
fn renames_are_seen() {
    let code = "#[derive(Debug, serde::Serialize)] struct A { a: u8, #[serde(rename = \"c\")] b: u8,
        #[serde(rename(deserialize = \"x\", serialize = \"e\"), default)] d: u8,
        #[serde(skip_serializing_if = \"Option::is_none\")] f: u8, #[serde(flatten)] g: B }
        #[derive(Debug)] struct B { a: u8 }";
    assert_eq!(shapes(code), BTreeMap::from([("A".to_owned(), ["a", "c", "e", "f", ".."].map(str::to_owned).to_vec())]));
}

#[test]
fn every_field_is_told() {
    let json = tables(&read("docs/json.md"));
    let error = shapes(&read("src/model/dm_error.rs"))["DmError"].clone();
    for (path, shape, heading) in SHAPES {
        let found = shapes(&read(path));
        let fields = found.get(*shape).unwrap_or_else(|| panic!("{path} has no {shape}"));
        let fields: Vec<String> =
            fields.iter().flat_map(|field| if field == ".." { error.clone() } else { vec![field.clone()] }).collect();
        let told: Vec<_> = json.get(*heading).into_iter().flatten().map(|table| first_cells(table)).collect();
        assert!(told.contains(&fields), "docs/json.md, `{heading}`: {shape} in {path} has {fields:?}, told are {told:?}");
    }
}

#[test]
fn every_shape_is_told() {
    let mut pending: Vec<PathBuf> = vec![root().join("src/commands")];
    while let Some(folder) = pending.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                pending.push(path);
                continue;
            }
            let name = path.strip_prefix(root()).unwrap().to_string_lossy().into_owned();
            for shape in shapes(&fs::read_to_string(&path).unwrap()).into_keys() {
                let listed = SHAPES.iter().any(|(path, listed, _)| *path == name && *listed == shape);
                assert!(listed, "{shape} in {name}: describe it in docs/json.md, and list it in {}", file!());
            }
        }
    }
}

#[test]
fn the_examples_of_json_are_of_the_told_form() {
    let text = read("docs/json.md");
    let tables = tables(&text);
    let told: BTreeSet<String> = tables.values().flatten().flat_map(|table| first_cells(table)).collect();
    let mut kinds = BTreeSet::new();
    let mut seen = 0;
    for (_, line) in code_lines(&text).into_iter().filter(|(word, _)| word == "json") {
        let value: serde_json::Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        assert_eq!(value.to_string(), line, "as the program writes it");
        keys(&value, &mut kinds);
        seen += 1;
    }
    assert!(seen > 8, "only {seen} examples were found");
    // The two names that wrap an object, which no table has a row for.
    for key in kinds.iter().filter(|key| !["error", "stopped"].contains(&key.as_str())) {
        assert!(told.contains(key), "`{key}` stands in an example and in no table");
    }

    let failure = Failure::refused("no").value();
    let fields: Vec<&String> = failure.as_object().unwrap().keys().collect();
    assert_eq!(first_cells(&tables["Failures"][0]).iter().collect::<Vec<_>>(), fields);
    let lists = dmctl::output::Reply::list(&[(); 0], &[], dmctl::output::Document::default()).value;
    let fields: Vec<&String> = lists.as_object().unwrap().keys().collect();
    assert_eq!(first_cells(&tables["Lists"][0]).iter().collect::<Vec<_>>(), fields);
}

fn keys(value: &serde_json::Value, found: &mut BTreeSet<String>) {
    match value {
        serde_json::Value::Object(fields) => {
            for (key, value) in fields {
                found.insert(key.clone());
                keys(value, found);
            }
        }
        serde_json::Value::Array(items) => items.iter().for_each(|item| keys(item, found)),
        _ => {}
    }
}

#[test]
fn a_piped_failure_is_as_told() {
    let output = Sandbox::new().pipe("--format json", "# nothing\ntask list\n");
    let lines: Vec<serde_json::Value> = output.stderr.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((output.code, output.stdout.as_str(), lines.len()), (3, "", 2), "{}", output.stderr);
    assert_eq!(lines[0]["error"]["kind"], "unreachable");
    let stopped = lines[1]["stopped"].as_object().unwrap();
    let tables = tables(&read("docs/json.md"));
    assert_eq!(stopped.keys().cloned().collect::<Vec<_>>(), first_cells(&tables["The end of a piped file"][0]));
    assert_eq!(lines[1], serde_json::json!({ "stopped": { "line": 2, "exit_code": 3 } }));
}

#[test]
fn the_rooms_are_those_of_the_code() {
    let mut rooms = BTreeSet::new();
    for entry in fs::read_dir(root().join("src")).unwrap() {
        let path = entry.unwrap().path();
        // An empty folder is no room.
        if path.is_file() || fs::read_dir(&path).unwrap().next().is_some() {
            rooms.insert(path.file_stem().unwrap().to_string_lossy().into_owned());
        }
    }
    rooms.retain(|room| !["main", "lib"].contains(&room.as_str()));

    let tables = tables(&read("docs/architecture.md"));
    let table = &tables["The rooms"][0];
    assert_eq!(first_cells(table).into_iter().collect::<BTreeSet<_>>(), rooms, "docs/architecture.md, the table of rooms");

    let set = |cell: &str| -> BTreeSet<String> { spans(cell).into_iter().map(str::to_owned).collect() };
    for (room, row) in first_cells(table).iter().zip(table).filter(|(room, _)| *room != "app") {
        let (_, may, never) = LAW.iter().find(|(name, ..)| name == room).unwrap_or_else(|| panic!("{room} has no law"));
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        assert_eq!(set(&row[2]), names(may), "what {room} may name");
        assert_eq!(set(&row[3]), names(never), "which crates {room} never names");
    }
}

#[test]
fn the_unit_is_that_of_the_package() {
    let text = read("docs/serve.md");
    let told: String = code_lines(&text).iter().filter(|(word, _)| word == "ini").map(|(_, line)| format!("{line}\n")).collect();
    let packed = read("xtask/package/dmctl.service");
    assert_eq!(told.replace("/usr/local/bin/dmctl", "/usr/bin/dmctl"), packed);
}

#[test]
fn links_lead_somewhere() {
    let mut seen = 0;
    for (path, text) in documents() {
        let folder = root().join(&path).parent().unwrap().to_path_buf();
        let text = text.replace('\n', " ");
        for target in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let (file, anchor) = target.split_once('#').unwrap_or((target, ""));
            if target.starts_with("http") {
                continue;
            }
            let file = if file.is_empty() { root().join(&path) } else { folder.join(file) };
            assert!(file.exists(), "{path}: {target}");
            if !anchor.is_empty() {
                let shown = |c: &char| c.is_alphanumeric() || [' ', '-', '_'].contains(c);
                let anchored = fs::read_to_string(&file).unwrap().lines().any(|line| {
                    let heading: String = line.trim_start_matches('#').trim().to_lowercase().chars().filter(shown).collect();
                    line.starts_with('#') && heading.replace(' ', "-") == anchor
                });
                assert!(anchored, "{path}: {target}");
            }
            seen += 1;
        }
    }
    assert!(seen > 10, "only {seen} links were found");
}
