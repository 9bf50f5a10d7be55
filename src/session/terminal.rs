//! The state of the terminal between lines.

use std::io::{self, IsTerminal as _, Write as _};
use std::sync::Once;
use std::time::Duration;

use crossterm::{event, terminal};

/// Whether a line editor can be shown: all three streams are terminals, and the terminal knows more than a teleprinter.
#[must_use]
pub fn is_capable() -> bool {
    let knows_enough = std::env::var_os("TERM").is_some_and(|term| !term.is_empty() && term != "dumb");
    knows_enough && io::stdin().is_terminal() && io::stdout().is_terminal() && io::stderr().is_terminal()
}

/// Throws away what was typed while nobody asked for it.
pub(super) fn drop_typed_ahead() {
    if terminal::enable_raw_mode().is_err() {
        return;
    }
    while matches!(event::poll(Duration::ZERO), Ok(true)) {
        if event::read().is_err() {
            return;
        }
    }
}

/// Gives the terminal back as it was found.
pub(super) fn restore() {
    let _it_may_be_gone = terminal::disable_raw_mode();
    let mut out = io::stdout();
    // Bracketed paste off, the cursor shown.
    let _it_may_be_gone = out.write_all(b"\x1b[?2004l\x1b[?25h").and_then(|()| out.flush());
}

/// From now on a panic of the thread that reads lines gives the terminal back before it is told.
pub(super) fn restore_at_panic() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let reader = std::thread::current().id();
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            if std::thread::current().id() == reader {
                restore();
            }
            before(panic);
        }));
    });
}
