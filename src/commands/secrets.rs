//! Passwords that a file leaves open: DM shows `******` in their place, and so does what `get` writes.

use std::path::Path;

use super::Context;
use crate::exit::Failure;

/// Whose password it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Of {
    /// The upstream of a source.
    Source,
    /// The target of a task.
    Target,
}

/// Finds the password that a file has left open: in the environment, or asked for.
pub(super) async fn find(of: Of, file: &Path, context: &Context<'_>) -> Result<String, Failure> {
    let (word, variable, given) = match of {
        Of::Source => ("source", "DMCTL_SOURCE_PASSWORD", &context.passwords.source),
        Of::Target => ("target", "DMCTL_TARGET_PASSWORD", &context.passwords.target),
    };
    if let Some(password) = given {
        return Ok(password.clone());
    }
    let open = |why: &str| {
        Failure::usage(format!("{} has `******` in the place of the password of the {word}", file.display()))
            .because(why)
            .hinted(format!("write the password into the file, or set {variable}"))
    };
    if !context.person.is_present() {
        return Err(open("there is no terminal to ask at; nothing was sent"));
    }
    match context.person.secret(&format!("password of the {word} in {}: ", file.display())).await {
        Some(password) if !password.is_empty() => Ok(password),
        Some(_) | None => Err(open("nothing was typed; nothing was sent")),
    }
}
