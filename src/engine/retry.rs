//! Waiting for what passes.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

/// The longest wait between two attempts.
const LONGEST: Duration = Duration::from_secs(10);

/// Waits a little longer each time.
#[derive(Debug)]
pub(super) struct Patience {
    next: Duration,
}

impl Patience {
    pub(super) const fn new() -> Self {
        Self { next: Duration::from_millis(100) }
    }

    /// For what takes a moment at least.
    pub(super) const fn slow() -> Self {
        Self { next: Duration::from_millis(500) }
    }

    /// Waits, unless it is asked to stop. Whether the wait is over.
    pub(super) async fn wait(&mut self, stop: &CancellationToken) -> bool {
        let wait = self.next;
        self.next = (self.next * 2).min(LONGEST);
        tokio::select! {
            () = stop.cancelled() => false,
            () = tokio::time::sleep(wait) => true,
        }
    }
}
