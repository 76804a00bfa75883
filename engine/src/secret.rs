//! Secrets that are shown once and kept as a hash: links, tokens, recovery codes, session ids.
//!
//! They are long and random, so a plain SHA-256 is enough: there is nothing to guess.

use std::fmt::Write;

use sha2::{Digest, Sha256};

use crate::world::World;

/// 256 random bits as 64 hexadecimal digits.
pub fn new_secret(world: &World) -> String {
    to_hex(&world.bytes::<32>())
}

pub fn hash(secret: &str) -> String {
    to_hex(&Sha256::digest(secret.as_bytes()))
}

pub fn to_hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

pub fn from_hex(text: &str) -> Option<Vec<u8>> {
    if !text.len().is_multiple_of(2) || !text.is_ascii() {
        return None;
    }
    (0..text.len()).step_by(2).map(|i| u8::from_str_radix(text.get(i..i + 2)?, 16).ok()).collect()
}
