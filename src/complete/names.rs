//! The live names of a cluster, as far as they are known.

/// What is known of a cluster at a moment.
#[derive(Clone, Debug, Default)]
pub struct Names {}
