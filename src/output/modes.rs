//! What a terminal does with keys by itself, switched off for a while.

use std::os::fd::OwnedFd;

use rustix::termios::{self, LocalModes, OptionalActions, Termios};

/// A terminal that does without some of it, until this is dropped.
pub(super) struct Without {
    terminal: OwnedFd,
    before: Termios,
}

impl Without {
    /// Switches these off. `None` where this is no terminal.
    pub(super) fn these(modes: LocalModes, terminal: &OwnedFd) -> Option<Self> {
        let before = termios::tcgetattr(terminal).ok()?;
        let mut changed = before.clone();
        changed.local_modes.remove(modes);
        let terminal = terminal.try_clone().ok()?;
        termios::tcsetattr(&terminal, OptionalActions::Now, &changed).ok()?;
        Some(Self { terminal, before })
    }
}

impl Drop for Without {
    fn drop(&mut self) {
        let _nowhere_to_tell = termios::tcsetattr(&self.terminal, OptionalActions::Now, &self.before);
    }
}
