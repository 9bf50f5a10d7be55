//! Any key: what ends something that is shown until the reader has seen enough.

use std::io;
use std::os::fd::{AsFd, OwnedFd};

use rustix::event::{self, PollFd, PollFlags, Timespec};
use rustix::termios::{self, LocalModes, OptionalActions, QueueSelector, Termios};
use tokio::sync::oneshot;

/// How often it is seen whether a key is still waited for.
const LOOK_EVERY: Timespec = Timespec { tv_sec: 0, tv_nsec: 50_000_000 };

/// A terminal that gives keys one by one and shows none of them, until this is dropped. Ctrl-C stays a signal.
pub struct Keys {
    terminal: OwnedFd,
    before: Termios,
    pressed: oneshot::Receiver<()>,
}

impl Keys {
    /// Waits for a key from now on; what was typed before counts for nothing. `None` where standard input is no terminal.
    #[must_use]
    pub fn listen() -> Option<Self> {
        let terminal = io::stdin().as_fd().try_clone_to_owned().ok()?;
        let before = termios::tcgetattr(&terminal).ok()?;
        let mut silent = before.clone();
        silent.local_modes.remove(LocalModes::ECHO | LocalModes::ICANON);
        termios::tcsetattr(&terminal, OptionalActions::Now, &silent).ok()?;
        let _what_was_typed_before = termios::tcflush(&terminal, QueueSelector::IFlush);
        let (press, pressed) = oneshot::channel();
        let watched = terminal.try_clone().ok()?;
        std::thread::spawn(move || {
            while !press.is_closed() {
                let mut ready = [PollFd::new(&watched, PollFlags::IN)];
                match event::poll(&mut ready, Some(&LOOK_EVERY)) {
                    Ok(0) | Err(rustix::io::Errno::INTR) => {}
                    Ok(_) | Err(_) => {
                        let _nobody_waits = press.send(());
                        return;
                    }
                }
            }
        });
        Some(Self { terminal, before, pressed })
    }

    /// Ends when a key was pressed, or the terminal is gone.
    pub async fn pressed(&mut self) {
        let _or_gone = (&mut self.pressed).await;
    }
}

impl Drop for Keys {
    fn drop(&mut self) {
        // The key itself means nothing more than that.
        let _pressed = termios::tcflush(&self.terminal, QueueSelector::IFlush);
        let _nowhere_to_tell = termios::tcsetattr(&self.terminal, OptionalActions::Now, &self.before);
    }
}
