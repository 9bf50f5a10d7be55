//! The store of the embedded DM: what keeps it from being opened, and that nothing is overwritten then.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::Arc;

use dmctl::cluster::{DATABASE, Journal as _, OpenError, Opened, Record, Source, State, Store, Subtask};
use dmctl::model::lifecycle::Life;
use dmctl::model::subtask::{Figures, SubtaskProgress};
use dmctl::model::{DmError, SourceName, TaskName, WorkerName};
use tempfile::TempDir;

use crate::embedded_engine::{source, task};

fn refused(folder: &Path) -> OpenError {
    match Store::open(folder) {
        Ok(_) => panic!("it was opened"),
        Err(error) => error,
    }
}

fn records() -> Vec<Record> {
    let (a, shop) = (SourceName::seen("a"), TaskName::seen("shop"));
    let errors = vec![DmError::coded(10001, "database driver error").because("it's \"gone\"\nfor good").in_scope("upstream")];
    let notes = Arc::from(["the view `v` is not copied".to_owned()]);
    let figures = Figures::from(&SubtaskProgress { rows_done: 7, position: "(bin.1, 4)".to_owned(), notes, ..Default::default() });
    vec![
        Record::Worker(WorkerName::seen("worker1")),
        Record::Source(a.clone(), Arc::new(Source { file: source("a", false), worker: Some(WorkerName::seen("worker1")) })),
        Record::Task { name: shop.clone(), file: Arc::new(task("shop", &["a"], 4, 4000)), over: true },
        Record::Subtask((shop.clone(), a), Subtask { life: Life::Failed, held: true, errors, figures: Some(figures.into()) }),
        Record::Template(shop, Arc::from("{\"name\": \"shop\"}")),
    ]
}

fn opened(folder: &Path) -> Opened {
    Store::open(folder).unwrap().1
}

#[test]
fn what_was_written_is_there_again() {
    let folder = TempDir::new().unwrap();
    let mut state = State::default();
    let (mut store, fresh) = Store::open(folder.path()).unwrap();
    assert_eq!(fresh.state, state);
    store.write(&records()).unwrap();
    drop(store);
    records().into_iter().for_each(|record| state.apply(record));
    let again = opened(folder.path());
    assert_eq!(again.state, state);
    assert_eq!(again.cluster_id, fresh.cluster_id);
    let other = TempDir::new().unwrap();
    assert_ne!(opened(other.path()).cluster_id, fresh.cluster_id, "clusters are told apart by it");
}

#[test]
fn nobody_else_can_read_it() {
    let folder = TempDir::new().unwrap();
    let inside = folder.path().join("data");
    let (mut store, _) = Store::open(&inside).unwrap();
    store.write(&records()).unwrap();
    let rights = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(rights(&inside), 0o700);
    let files: Vec<_> = fs::read_dir(&inside).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert!(files.len() >= 3, "the database, its log and the lock: {files:?}");
    for path in files {
        assert_eq!(rights(&path), 0o600, "{}", path.display());
    }
}

#[test]
fn the_second_server_is_told_who_holds_it() {
    let folder = TempDir::new().unwrap();
    let first = Store::open(folder.path()).unwrap();
    let told = refused(folder.path()).to_string();
    assert!(told.ends_with(&format!("is in use by the server with process id {}", std::process::id())), "{told}");
    drop(first);
    assert!(Store::open(folder.path()).is_ok());
}

/// Spoils the database, and sees that opening it is refused and changes nothing of it.
fn spoilt(spoil: impl FnOnce(&Path), expected: impl FnOnce(&OpenError) -> bool) -> String {
    let folder = TempDir::new().unwrap();
    let (mut store, _) = Store::open(folder.path()).unwrap();
    store.write(&records()).unwrap();
    drop(store);
    let path = folder.path().join(DATABASE);
    spoil(&path);
    let before = fs::read(&path).unwrap();
    let error = refused(folder.path());
    assert!(expected(&error), "{error:?}");
    assert_eq!(fs::read(&path).unwrap(), before, "it was left as it is");
    error.to_string().replace(&*folder.path().to_string_lossy(), "FOLDER")
}

fn sql(path: &Path, statement: &str) {
    let connection = rusqlite::Connection::open(path).unwrap();
    connection.execute_batch(statement).unwrap();
}

#[test]
fn a_store_that_can_not_be_used_is_left_alone() {
    let told = spoilt(|path| fs::write(path, "no database").unwrap(), |error| matches!(error, OpenError::Damaged { .. }));
    assert_eq!(told, "FOLDER/dmctl.db is damaged: it is no database");
    let cut = |path: &Path| {
        let whole = fs::read(path).unwrap();
        fs::write(path, &whole[..whole.len() / 2]).unwrap();
    };
    spoilt(cut, |error| matches!(error, OpenError::Damaged { .. }));
    let scratch = |path: &Path| {
        let mut whole = fs::read(path).unwrap();
        whole[4096..].fill(0xff);
        fs::write(path, whole).unwrap();
    };
    spoilt(scratch, |error| matches!(error, OpenError::Damaged { .. }));
    let told = spoilt(|path| sql(path, "PRAGMA user_version = 99"), |error| matches!(error, OpenError::Newer { .. }));
    assert!(told.contains("was written by a newer dmctl: it has version 99 of the format"), "{told}");
    let told = spoilt(|path| sql(path, "PRAGMA application_id = 7"), |error| matches!(error, OpenError::Foreign { .. }));
    assert_eq!(told, "FOLDER/dmctl.db is the database of another program");
    let nonsense = |path: &Path| sql(path, "UPDATE subtask SET life = 'asleep'");
    let told = spoilt(nonsense, |error| matches!(error, OpenError::Damaged { .. }));
    assert_eq!(told, "FOLDER/dmctl.db is damaged: a subtask in it is not what was written");
    let told = spoilt(|path| fs::write(path, "").unwrap(), |error| matches!(error, OpenError::Damaged { .. }));
    assert_eq!(told, "FOLDER/dmctl.db is damaged: it is empty");
}

/// What a server leaves that was killed after it had written.
fn left_by_a_killed_server() -> TempDir {
    let (folder, left) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let (mut store, _) = Store::open(folder.path()).unwrap();
    store.write(&records()).unwrap();
    for entry in fs::read_dir(folder.path()).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), left.path().join(entry.file_name())).unwrap();
    }
    left
}

#[test]
fn a_part_that_is_missing_is_told_and_can_be_put_back() {
    let part = |name: &'static str| move |folder: &Path| folder.join(name);
    let (database, log) = (part(DATABASE), part("dmctl.db-wal"));
    let is_whole = left_by_a_killed_server();
    assert_eq!(opened(is_whole.path()).state.tasks.len(), 1);
    let gone = |path: &Path| fs::remove_file(path).unwrap();
    let emptied = |path: &Path| fs::write(path, "").unwrap();
    type Part<'a> = &'a dyn Fn(&Path) -> std::path::PathBuf;
    type Spoil = fn(&Path);
    let cases: [(Part<'_>, Spoil, &str); 3] = [
        (&database, gone, "it is gone, and its log is still there"),
        (&database, emptied, "it is empty"),
        (&log, gone, "its log is gone, which has what was written last"),
    ];
    for (path, spoil, expected) in cases {
        let folder = left_by_a_killed_server();
        let path = path(folder.path());
        let good = fs::read(&path).unwrap();
        spoil(&path);
        // The second server is told the same as the first.
        for _ in 0..2 {
            let told = refused(folder.path()).to_string();
            assert!(told.ends_with(&format!("dmctl.db is damaged: {expected}")), "{told}");
        }
        fs::write(&path, good).unwrap();
        assert_eq!(opened(folder.path()).state.tasks.len(), 1, "{expected}");
    }
}

#[test]
fn no_byte_that_has_changed_changes_what_is_read() {
    let folder = TempDir::new().unwrap();
    let (mut store, _) = Store::open(folder.path()).unwrap();
    store.write(&records()).unwrap();
    drop(store);
    let good = opened(folder.path());
    let path = folder.path().join(DATABASE);
    let whole = fs::read(&path).unwrap();
    let written: Vec<usize> = (0..whole.len()).filter(|at| whole[*at] != 0).collect();
    let mut refused = 0;
    for at in written.into_iter().step_by(7) {
        let folder = TempDir::new().unwrap();
        let mut spoilt = whole.clone();
        spoilt[at] ^= 1 << (at % 8);
        fs::write(folder.path().join(DATABASE), spoilt).unwrap();
        match Store::open(folder.path()) {
            Ok((_, read)) => assert_eq!(read, good, "byte {at}"),
            Err(_) => refused += 1,
        }
    }
    assert!(refused > 50, "{refused}: most of it is rows");
}

/// A log that is broken somewhere ends there for SQLite, without a word.
#[test]
fn no_byte_that_has_changed_in_the_log_lets_something_be_missing() {
    let left = left_by_a_killed_server();
    let log = "dmctl.db-wal";
    let good = fs::read(left.path().join(log)).unwrap();
    let copy = |spoilt: &[u8]| {
        let folder = TempDir::new().unwrap();
        for name in [DATABASE, "lock"] {
            fs::copy(left.path().join(name), folder.path().join(name)).unwrap();
        }
        fs::write(folder.path().join(log), spoilt).unwrap();
        folder
    };
    let whole = opened(copy(&good).path());
    let mut refusals = 0;
    // Each frame has a head of 24 bytes and a page; the log itself a head of 32.
    for at in (0..good.len()).step_by(997).chain(0..64).chain(32 + 4120..32 + 4120 + 24) {
        let mut spoilt = good.clone();
        spoilt[at] ^= 1 << (at % 8);
        let folder = copy(&spoilt);
        match Store::open(folder.path()) {
            Ok((_, read)) => assert_eq!(read, whole, "byte {at}"),
            Err(error) => {
                refusals += 1;
                assert!(matches!(error, OpenError::Damaged { .. }), "byte {at}: {error}");
                assert_eq!(fs::read(folder.path().join(log)).unwrap(), spoilt, "byte {at}: it was left as it is");
                assert_eq!(
                    refused(folder.path()).to_string(),
                    error.to_string(),
                    "byte {at}: the second server is told the same as the first"
                );
            }
        }
    }
    assert!(refusals > 50, "{refusals}");
    let folder = copy(&good[..good.len() / 2]);
    let told = refused(folder.path()).to_string();
    assert!(told.ends_with("what was changed last is missing (1 of 1 changes)"), "{told}");
    fs::remove_file(folder.path().join("lock")).unwrap();
    assert_eq!(opened(folder.path()).state, State::default(), "who takes the lock away goes on with what is there");
}

#[test]
fn what_a_creation_left_that_was_cut_off_is_no_database() {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("dmctl.db.new"), "half of it").unwrap();
    assert_eq!(opened(folder.path()).state, State::default());
    assert!(!folder.path().join("dmctl.db.new").exists());
}

#[test]
fn a_folder_that_can_not_be_used_is_told() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    let told = refused(&file.join("data")).to_string();
    assert!(told.ends_with("can't be used: Not a directory"), "{told}");
    let told = refused(&file).to_string();
    assert!(told.ends_with("file can't be used: File exists"), "{told}");
    if !nix::unistd::geteuid().is_root() {
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o500)).unwrap();
        let told = refused(folder.path()).to_string();
        assert!(told.ends_with("can't be used: Permission denied"), "{told}");
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o700)).unwrap();
    }
}

#[test]
fn a_write_is_made_as_a_whole_or_not_at_all() {
    let folder = TempDir::new().unwrap();
    let (mut store, _) = Store::open(folder.path()).unwrap();
    // The last record is the one that fails.
    sql(&folder.path().join(DATABASE), "CREATE TRIGGER no BEFORE INSERT ON template BEGIN SELECT RAISE(ABORT, 'no room'); END");
    let error = store.write(&records()).unwrap_err();
    assert_eq!(error.to_string(), "the state could not be written: no room");
    drop(store);
    sql(&folder.path().join(DATABASE), "DROP TRIGGER no");
    assert_eq!(opened(folder.path()).state, State::default());
}
