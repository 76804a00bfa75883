//! What can be wrong with an answer. Asked for by the id of the model (`stand-in+html`), always; or by chance.

/// A way to answer as one should not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Oddity {
    /// A page, as a proxy in between might send.
    Html,
    /// An answer without a body.
    Nothing,
    /// The first half of an answer; then the connection is closed.
    Half,
    /// Ten megabytes.
    Huge,
    /// Nothing for a minute.
    Late,
    /// Told to come back in a second.
    Busy,
    /// A fault of its own.
    Error,
    /// JSON in a fence.
    Fenced,
    /// JSON that breaks off.
    BadJson,
    /// JSON that does not fit its schema.
    Unfit,
    /// The same, but only the first time: told what was wrong, it mends it.
    UnfitOnce,
    /// Cut off because it was too long.
    Cut,
    /// It will not answer.
    Refusal,
    /// Every answer to the same question is another.
    Wavering,
    /// The request is refused, for good.
    Forbidden,
}

impl Oddity {
    const ALL: [(&str, Self); 15] = [
        ("html", Self::Html),
        ("nothing", Self::Nothing),
        ("half", Self::Half),
        ("huge", Self::Huge),
        ("late", Self::Late),
        ("busy", Self::Busy),
        ("error", Self::Error),
        ("fenced", Self::Fenced),
        ("bad-json", Self::BadJson),
        ("unfit", Self::Unfit),
        ("unfit-once", Self::UnfitOnce),
        ("cut", Self::Cut),
        ("refusal", Self::Refusal),
        ("wavering", Self::Wavering),
        ("forbidden", Self::Forbidden),
    ];

    /// The one that the id of a model names behind its plus.
    pub fn of_model(id: &str) -> Option<Self> {
        let (_, word) = id.split_once('+')?;
        Self::ALL.iter().find(|(name, _)| *name == word).map(|(_, oddity)| *oddity)
    }
}
