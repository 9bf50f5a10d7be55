//! The signals that end a session. They are awaited on a thread of their own, since the program's one is busy with the line.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

use crate::exit::Code;

/// Whether one has come.
pub(super) struct Signals {
    came: watch::Receiver<Option<Code>>,
    stop: Arc<AtomicBool>,
}

impl Signals {
    /// Listens from now on, for as long as the program runs.
    pub(super) fn listen() -> io::Result<Self> {
        let (tell, came) = watch::channel(None);
        let stop = Arc::new(AtomicBool::new(false));
        let flag = Arc::clone(&stop);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
        let (mut terminate, mut hang_up) = {
            let _inside = runtime.enter();
            (signal(SignalKind::terminate())?, signal(SignalKind::hangup())?)
        };
        std::thread::Builder::new().name("signals".to_owned()).spawn(move || {
            let code = runtime.block_on(async {
                tokio::select! {
                    _ = terminate.recv() => Code::Terminated,
                    _ = hang_up.recv() => Code::HungUp,
                }
            });
            tell.send_replace(Some(code));
            flag.store(true, Ordering::Relaxed);
        })?;
        Ok(Self { came, stop })
    }

    /// Becomes true when the line is to be given up.
    pub(super) fn stop(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.stop)
    }

    /// The exit code of the signal that has come.
    pub(super) fn code(&self) -> Option<Code> {
        *self.came.borrow()
    }

    /// Waits for one.
    pub(super) async fn ended(&mut self) -> Code {
        match self.came.wait_for(Option::is_some).await.ok().and_then(|code| *code) {
            Some(code) => code,
            None => std::future::pending().await,
        }
    }
}
