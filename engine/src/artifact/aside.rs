use std::borrow::Cow;
use std::fmt;

use domain::ids::RunId;
use sha2::{Digest, Sha256};

use crate::secret::to_hex;

/// What is longer is set aside.
pub const LARGEST_INSIDE: usize = 64 * 1024;

pub type Hash = [u8; 32];

/// Something that is set aside for a run.
#[derive(Clone, Debug)]
pub struct Artifact {
    pub run_id: RunId,
    pub hash: Hash,
    pub content: String,
}

/// What stands in a row for it: `@`, its hash and how many bytes it has. No JSON begins like that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reference {
    pub hash: Hash,
    pub bytes: usize,
}

impl Reference {
    /// Nothing if it is what it is, and stands for nothing else.
    pub fn read(text: &str) -> Option<Self> {
        let (hash, bytes) = text.strip_prefix('@')?.split_once(':')?;
        Some(Self { hash: from_hex(hash)?, bytes: bytes.parse().ok()? })
    }

    /// As addresses name it.
    pub fn name(&self) -> String {
        to_hex(&self.hash)
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "@{}:{}", self.name(), self.bytes)
    }
}

/// A hash as addresses name it.
pub fn from_hex(text: &str) -> Option<Hash> {
    let mut hash = Hash::default();
    if text.len() != hash.len() * 2 || !text.is_ascii() {
        return None;
    }
    for (byte, at) in hash.iter_mut().zip((0..).step_by(2)) {
        *byte = u8::from_str_radix(text.get(at..at + 2)?, 16).ok()?;
    }
    Some(hash)
}

/// Gathers what is set aside while rows are written.
#[derive(Default)]
pub struct Aside(Vec<Artifact>);

impl Aside {
    /// What is written into a row for a text.
    pub fn text<'t>(&mut self, run_id: RunId, text: &'t str) -> Cow<'t, str> {
        if text.len() <= LARGEST_INSIDE {
            return Cow::Borrowed(text);
        }
        let hash = Sha256::digest(text).into();
        let reference = Reference { hash, bytes: text.len() };
        self.0.push(Artifact { run_id, hash, content: text.to_owned() });
        Cow::Owned(reference.to_string())
    }

    pub fn maybe<'t>(&mut self, run_id: RunId, text: Option<&'t str>) -> Option<Cow<'t, str>> {
        text.map(|text| self.text(run_id, text))
    }

    /// Of some of the runs.
    pub fn artifacts_of(self, runs: &[RunId]) -> Vec<Artifact> {
        self.0.into_iter().filter(|artifact| runs.contains(&artifact.run_id)).collect()
    }

    pub fn artifacts(&self) -> &[Artifact] {
        &self.0
    }
}
