//! Signals that end a playground while no session is there to hear them.

use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::exit::{Code, Failure};
use crate::model::system::reason;

/// Hears them.
pub struct Ended {
    interrupt: Signal,
    terminate: Signal,
    hang_up: Signal,
}

impl Ended {
    /// Listens from now on.
    ///
    /// # Errors
    /// When the system does not let us.
    pub fn listen() -> Result<Self, Failure> {
        let listen =
            |kind| signal(kind).map_err(|error| Failure::refused(format!("cannot listen for signals: {}", reason(&error))));
        Ok(Self {
            interrupt: listen(SignalKind::interrupt())?,
            terminate: listen(SignalKind::terminate())?,
            hang_up: listen(SignalKind::hangup())?,
        })
    }

    /// Waits for one; the exit code that it means.
    pub async fn come(&mut self) -> Code {
        tokio::select! {
            _ = self.interrupt.recv() => Code::Interrupted,
            _ = self.terminate.recv() => Code::Terminated,
            _ = self.hang_up.recv() => Code::HungUp,
        }
    }
}
