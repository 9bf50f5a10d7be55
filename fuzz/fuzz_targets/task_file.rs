//! Any text: a task file that can be read is the same when it was written and read again, and every flaw has a place in the text.

#![no_main]

use dmctl::model::file::Configuration;
use dmctl::model::task_file::TaskFile;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let reading = TaskFile::inspect(text);
    for flaw in &reading.flaws {
        assert!(flaw.place.line >= 1 && flaw.place.column >= 1, "{flaw:?}");
        assert!(flaw.place.line <= text.lines().count() + 1, "{flaw:?}");
    }
    // Of a file with a flaw, not all could be read.
    if let (Some(file), true) = (reading.file, reading.flaws.is_empty()) {
        let again = TaskFile::inspect(&file.to_yaml());
        assert_eq!(again.flaws, []);
        assert_eq!(again.file.as_ref(), Some(&file));
    }
});
