//! The first start: three keys, told once.

use std::fs::{self, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::Path;

/// Stands in the folder of what outlives the program once the keys were told.
const MARKER: &str = "started";
const KEYS: &str = "\
Tab lists what can stand at the cursor; Tab or Enter takes the marked row
F1 explains what the line is about, and names the other keys
Ctrl-D leaves
";

/// What to tell at this start; nothing if it was told before. Where that can't be kept in mind, it is told again.
pub(super) fn told(state: Option<&Path>) -> Option<&'static str> {
    let marker = state.map(|state| (state, state.join(MARKER)));
    if marker.as_ref().is_some_and(|(_, marker)| fs::symlink_metadata(marker).is_ok()) {
        return None;
    }
    if let Some((state, marker)) = marker {
        // A folder that can't be written is no reason not to start.
        let _unkept = mark(state, &marker);
    }
    Some(KEYS)
}

fn mark(state: &Path, marker: &Path) -> io::Result<()> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(state)?;
    OpenOptions::new().create_new(true).write(true).mode(0o600).open(marker).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_told_once_where_that_can_be_kept() {
        let folder = tempfile::tempdir().unwrap();
        let state = folder.path().join("state/dmctl");
        assert_eq!([told(Some(&state)), told(Some(&state))], [Some(KEYS), None]);
        assert_eq!(KEYS.lines().count(), 3);
        assert!(KEYS.lines().all(|line| line.len() < 80), "it breaks within a word on a terminal of 80 columns");
        let file = folder.path().join("file");
        fs::write(&file, "").unwrap();
        assert_eq!([told(Some(&file)), told(Some(&file)), told(None)], [Some(KEYS); 3]);
    }
}
