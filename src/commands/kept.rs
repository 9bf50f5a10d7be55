//! Definitions of tasks that are being created again: each is kept in a file until it is safe in the cluster.

use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::{Value, json};

use super::file;
use crate::exit::Failure;
use crate::model::TaskName;
use crate::model::system::reason;

/// A definition in a file, readable by its owner only: it holds the password of the target.
#[derive(Deserialize)]
pub(super) struct Kept {
    cluster: u64,
    task: String,
    /// The body as the REST API showed it, and takes it again.
    pub(super) body: Value,
}

/// Where the definition of a task of this cluster is kept.
pub(super) fn path(state: Option<&Path>, cluster: u64, task: &TaskName) -> Result<PathBuf, Failure> {
    let state =
        state.ok_or_else(|| Failure::refused("there is no folder to keep the task's definition in: set XDG_STATE_HOME or HOME"))?;
    let plain: String =
        task.as_str().chars().map(|c| if c.is_ascii_alphanumeric() || c == '-' { c } else { '_' }).take(80).collect();
    // Different names may look alike in plain letters: the number tells them apart.
    let mark = task
        .as_str()
        .bytes()
        .fold(cluster ^ 0xcbf2_9ce4_8422_2325, |mark, byte| (mark ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3));
    Ok(state.join("kept").join(format!("{plain}-{mark:016x}.json")))
}

/// Keeps a definition. A file that is there stays: it is from an attempt before, and newer than nothing.
pub(super) fn keep(path: &Path, cluster: u64, task: &TaskName, body: &Value) -> Result<(), Failure> {
    let cannot = |why: String| {
        Failure::refused(format!("cannot keep the task's definition in {}: {why}", path.display())).because("nothing was sent")
    };
    if let Some(folder) = path.parent() {
        let mut builder = fs::DirBuilder::new();
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.recursive(true).create(folder).map_err(|error| cannot(reason(&error)))?;
    }
    let text = json!({ "cluster": cluster, "task": task, "body": body }).to_string();
    file::write(path, &text, true).map_err(|failure| cannot(failure.message))
}

/// What is kept of a task, if anything is.
pub(super) fn find(path: &Path, cluster: u64, task: &TaskName) -> Result<Option<Kept>, Failure> {
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(Failure::refused(format!("cannot read {}: {}", path.display(), reason(&error)))),
    };
    match serde_json::from_str::<Kept>(&text) {
        Ok(kept) if kept.cluster == cluster && kept.task == task.as_str() => Ok(Some(kept)),
        Ok(_) => Ok(None),
        Err(_) => Err(Failure::refused(format!("{} holds no definition of a task", path.display()))),
    }
}

/// Forgets a definition that is safe.
pub(super) fn forget(path: &Path) -> Option<String> {
    fs::remove_file(path).err().map(|error| format!("cannot remove {}, which holds a password: {}", path.display(), reason(&error)))
}
