//! Chance that is none: a number from 0 to 1 for a text, always the same.

use sha2::{Digest, Sha256};

/// A number from 0 to 1, for a seed, a purpose and a text.
pub fn chance(seed: u64, purpose: &str, text: &str) -> f64 {
    let hash = Sha256::new()
        .chain_update(seed.to_be_bytes())
        .chain_update(purpose)
        .chain_update([0])
        .chain_update(text)
        .finalize();
    let first = hash.iter().take(4).fold(0_u32, |number, byte| (number << 8) | u32::from(*byte));
    f64::from(first) / f64::from(u32::MAX)
}

/// One of so many, chosen by it.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "few"
)]
pub fn one_of(many: usize, chance: f64) -> usize {
    ((chance * many as f64) as usize).min(many.saturating_sub(1))
}
