//! What Enter does: a line that lacks something opens the list of it instead of running.

use std::sync::Arc;

use reedline::{ValidationResult, Validator};

use super::desk::{self, Desk};
use crate::words::{self, Ending};

/// Decides whether a line is run.
pub(super) struct Whole(pub(super) Arc<Desk>);

impl Validator for Whole {
    fn validate(&self, text: &str) -> ValidationResult {
        let lines = desk::lines(text);
        // Several lines were pasted: they run as a file does, which tells what each lacks.
        let [(_, line)] = lines.as_slice() else { return ValidationResult::Complete };
        if words::split(line).ending == Ending::Complete && self.0.missing(line).is_none() {
            return ValidationResult::Complete;
        }
        self.0.enter();
        ValidationResult::Incomplete
    }
}
