//! The signals that end a server.

use std::io;

use tokio::signal::unix::{Signal, SignalKind, signal};

/// Interrupt (Ctrl-C), termination, and a terminal that was closed. What was ignored before stays so: that is how `nohup` keeps a
/// server from ending with its terminal, and a script its jobs from ending with Ctrl-C.
pub(super) struct Signals([Option<Signal>; 3]);

impl Signals {
    pub(super) fn new() -> io::Result<Self> {
        let ignored = ignored();
        let listen = |kind: SignalKind| {
            let is_ignored = ignored >> (kind.as_raw_value() - 1) & 1 == 1;
            if is_ignored { Ok(None) } else { signal(kind).map(Some) }
        };
        Ok(Self([listen(SignalKind::interrupt())?, signal(SignalKind::terminate()).map(Some)?, listen(SignalKind::hangup())?]))
    }

    /// Waits for the next one.
    pub(super) async fn next(&mut self) {
        let each = self.0.iter_mut().flatten().map(|signal| Box::pin(signal.recv()));
        futures_util::future::select_all(each).await;
    }
}

/// A bit for each ignored signal; none where the system does not tell.
fn ignored() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    line.and_then(|bits| u64::from_str_radix(bits.trim(), 16).ok()).unwrap_or(0)
}
