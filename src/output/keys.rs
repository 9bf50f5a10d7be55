//! Any key: what ends something that is shown until the reader has seen enough.

use std::io;
use std::os::fd::{AsFd, OwnedFd};

use rustix::event::{self, PollFd, PollFlags, Timespec};
use rustix::termios::{self, LocalModes, QueueSelector};
use tokio::sync::oneshot;

use super::modes::Without;

/// How often it is seen whether a key is still waited for.
const LOOK_EVERY: Timespec = Timespec { tv_sec: 0, tv_nsec: 50_000_000 };

/// A terminal that gives keys one by one and shows none of them, until this is dropped. Ctrl-C stays a signal.
pub struct Keys {
    terminal: OwnedFd,
    pressed: oneshot::Receiver<()>,
    _one_by_one: Without,
}

impl Keys {
    /// Waits for a key from now on; what was typed before counts for nothing. `None` where standard input is no terminal.
    #[must_use]
    pub fn listen() -> Option<Self> {
        let terminal = io::stdin().as_fd().try_clone_to_owned().ok()?;
        let one_by_one = Without::these(LocalModes::ECHO | LocalModes::ICANON, &terminal)?;
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
        Some(Self { terminal, pressed, _one_by_one: one_by_one })
    }

    /// Ends when a key was pressed, or the terminal is gone.
    pub async fn pressed(&mut self) {
        let _or_gone = (&mut self.pressed).await;
    }
}

impl Drop for Keys {
    fn drop(&mut self) {
        // The key itself means nothing more than that. Only then is the terminal as before.
        let _pressed = termios::tcflush(&self.terminal, QueueSelector::IFlush);
    }
}
