//! The DM between the databases: this program once more, as `dmctl serve`, with folders of its own.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::guard::{End, Guarded};
use crate::exit::Failure;
use crate::local;
use crate::model::system::reason;

/// How long it may take to serve.
const PATIENCE: Duration = Duration::from_secs(30);
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// A running DM.
pub(super) struct Serving {
    address: String,
    runtime: PathBuf,
    _guarded: Guarded,
}

impl Serving {
    /// Starts one, and waits until it serves.
    pub(super) async fn start(home: &Path) -> Result<Self, Failure> {
        let failed = |error: std::io::Error| Failure::refused(format!("a DM can't be started here: {}", reason(&error)));
        let program = std::env::current_exe().map_err(failed)?;
        let (run, data, log) = (home.join("run"), home.join("dm"), home.join("dm.log"));
        fs::create_dir_all(&run).map_err(failed)?;
        let arguments = ["serve", "--addr", "127.0.0.1:0", "--data-dir"].map(str::to_owned);
        let arguments: Vec<String> = arguments.into_iter().chain([data.display().to_string()]).collect();
        let guarded = Guarded::start(&program, &arguments, &[("XDG_RUNTIME_DIR", &run)], &log, End::InOrder).map_err(failed)?;
        let notes = run.join("dmctl");
        let mut waited = Duration::ZERO;
        while waited < PATIENCE {
            if let Some(note) = local::servers(&notes).pop() {
                return Ok(Self { address: note.addr, runtime: notes, _guarded: guarded });
            }
            if fs::read_to_string(&log).is_ok_and(|told| told.contains("error:")) {
                break;
            }
            tokio::time::sleep(LOOK_EVERY).await;
            waited += LOOK_EVERY;
        }
        let told = fs::read_to_string(&log).unwrap_or_default();
        Err(Failure::refused("the DM of the playground does not come up").because(told.trim().to_owned()))
    }

    pub(super) fn address(&self) -> &str {
        &self.address
    }

    /// Where its note is.
    pub(super) fn runtime(&self) -> PathBuf {
        self.runtime.clone()
    }
}
