//! Words that nobody can guess.

use crate::exit::Failure;

/// A word of letters and digits only.
pub(super) fn word() -> Result<String, Failure> {
    let mut bytes = [0_u8; 16];
    let drawn = rustls::crypto::ring::default_provider().secure_random.fill(&mut bytes);
    drawn.map_err(|_| Failure::refused("the system gives no random numbers, and a password needs some"))?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}
