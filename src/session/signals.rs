//! The signals that end a session. They are awaited on a thread of their own, since the program's one is busy with the line.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use rustix::event::{self, PollFd, PollFlags};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

use crate::exit::Code;

/// How long the program has to end by itself.
const GRACE: Duration = Duration::from_secs(1);

/// Waits until the terminal is gone; false if that can't be told.
fn wait_for_hang_up() -> bool {
    let input = io::stdin();
    loop {
        let mut watched = [PollFd::new(&input, PollFlags::empty())];
        match event::poll(&mut watched, None) {
            Err(rustix::io::Errno::INTR) => {}
            Ok(1..) => return watched.iter().any(|fd| fd.revents().intersects(PollFlags::HUP | PollFlags::ERR | PollFlags::NVAL)),
            Ok(_) | Err(_) => return false,
        }
    }
}

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
        let (gone, mut is_gone) = watch::channel(false);
        std::thread::Builder::new().name("terminal".to_owned()).spawn(move || {
            if wait_for_hang_up() {
                gone.send_replace(true);
            }
        })?;
        std::thread::Builder::new().name("signals".to_owned()).spawn(move || {
            let code = runtime.block_on(async {
                tokio::select! {
                    _ = terminate.recv() => Code::Terminated,
                    _ = hang_up.recv() => Code::HungUp,
                    // An error says that this can't be told, which is no news.
                    Ok(_) = is_gone.wait_for(|gone| *gone) => Code::HungUp,
                }
            });
            tell.send_replace(Some(code));
            flag.store(true, Ordering::Relaxed);
            // Of a terminal that is gone the editor reads nothing without end, and never looks at the flag.
            std::thread::sleep(GRACE);
            super::terminal::restore();
            let signal = if code == Code::Terminated { signal_hook::consts::SIGTERM } else { signal_hook::consts::SIGHUP };
            let _it_ends_the_program = signal_hook::low_level::emulate_default_handler(signal);
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
