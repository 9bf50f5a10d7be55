//! Passwords that are at hand for files that leave them open.

/// Passwords from the environment; they have no debug form.
#[derive(Default)]
pub struct Passwords {
    /// Of the upstream of a source: `DMCTL_SOURCE_PASSWORD`.
    pub source: Option<String>,
    /// Of the target of a task: `DMCTL_TARGET_PASSWORD`.
    pub target: Option<String>,
}
