//! The cluster that lines are for, as a prompt shows it.

use crate::target::Target;

/// What a prompt shows of a cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Aim {
    /// The profile, or where the first of its masters listens.
    pub name: String,
    /// Nothing may go wrong there.
    pub production: bool,
}

impl Aim {
    /// What is shown of this cluster.
    #[must_use]
    pub fn at(target: &Target) -> Self {
        let name = target.profile.clone().unwrap_or_else(|| target.masters[0].to_string());
        Self { name, production: target.production }
    }

    /// What stands behind the name.
    pub(super) const fn warning(&self) -> &'static str {
        if self.production { " (production)" } else { "" }
    }
}
