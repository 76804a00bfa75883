//! What went wrong, in the words a person reads.
//!
//! A [`Fault`] travels to browsers and API clients, so it has no room for anything an operator should see: those
//! things are logged under the request id, which the fault carries so that the two can be matched.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};

/// One value that cannot be accepted: what is wrong with it and what would be right, in one sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong(pub Cow<'static, str>);

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Wrong {}

impl From<&'static str> for Wrong {
    fn from(text: &'static str) -> Self {
        Self(Cow::Borrowed(text))
    }
}

impl From<String> for Wrong {
    fn from(text: String) -> Self {
        Self(Cow::Owned(text))
    }
}

/// Which kind of trouble it is; the HTTP status follows from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FaultKind {
    /// It cannot even be read: not JSON, not a form.
    Malformed,
    /// The address exists, but not for this method.
    WrongMethod,
    /// The body is of a kind that is not taken here.
    WrongType,
    /// The values do not fit; `fields` says which and why.
    Invalid,
    /// Nobody is signed in, or the sign-in has ended.
    SignedOut,
    /// Signed in, but without the right to do this.
    Forbidden,
    /// There is no such thing, or none this person may know of.
    NotFound,
    /// Somebody else was faster, or the thing is no longer in a state where this can be done.
    Conflict,
    /// A link or code that was good once.
    Gone,
    /// More than this place accepts at once.
    TooLarge,
    /// Too many tries; `retry_after_s` says when the next one counts.
    TooMany,
    /// The database or another service does not answer; trying again later makes sense.
    Unavailable,
    /// The disk is full: nothing was saved.
    Full,
    /// Our mistake.
    Internal,
}

impl FaultKind {
    pub const fn status(self) -> u16 {
        match self {
            Self::Malformed => 400,
            Self::WrongMethod => 405,
            Self::WrongType => 415,
            Self::Invalid => 422,
            Self::SignedOut => 401,
            Self::Forbidden => 403,
            Self::NotFound => 404,
            Self::Conflict => 409,
            Self::Gone => 410,
            Self::TooLarge => 413,
            Self::TooMany => 429,
            Self::Unavailable => 503,
            Self::Full => 507,
            Self::Internal => 500,
        }
    }

    /// Whether whoever meets it may have to ask for help, and so is told how to name the request.
    pub const fn needs_help(self) -> bool {
        matches!(self, Self::Forbidden | Self::NotFound | Self::Unavailable | Self::Full | Self::Internal)
    }

    /// The heading of an error page and the `title` of a problem document.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Malformed => "This cannot be read",
            Self::WrongMethod => "This cannot be done here",
            Self::WrongType => "This kind of body is not taken here",
            Self::Invalid => "Some values need another look",
            Self::SignedOut => "Please sign in",
            Self::Forbidden => "You cannot do this",
            Self::NotFound => "There is nothing here",
            Self::Conflict => "This has changed in the meantime",
            Self::Gone => "This link no longer works",
            Self::TooLarge => "That is too large",
            Self::TooMany => "Too many tries",
            Self::Unavailable => "Something we need does not answer",
            Self::Full => "There is no space left",
            Self::Internal => "Something went wrong on our side",
        }
    }
}

/// What is wrong with one field of a form or one member of a JSON body.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldFault {
    pub field: String,
    pub message: String,
}

/// Everything the person on the other side is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    pub kind: FaultKind,
    pub message: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<FieldFault>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after_s: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
}

impl Fault {
    pub fn new(kind: FaultKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), fields: Vec::new(), retry_after_s: None, request_id: None }
    }

    pub fn forbidden(message: impl Into<String>) -> Self {
        Self::new(FaultKind::Forbidden, message)
    }

    pub fn not_found(message: impl Into<String>) -> Self {
        Self::new(FaultKind::NotFound, message)
    }

    pub fn conflict(message: impl Into<String>) -> Self {
        Self::new(FaultKind::Conflict, message)
    }

    /// One wrong field, which is also the whole message.
    /// Several values do not fit; say which in `fields`.
    pub fn invalid(message: impl Into<String>) -> Self {
        Self::new(FaultKind::Invalid, message)
    }

    pub fn field(field: impl Into<String>, message: impl Into<String>) -> Self {
        let message = message.into();
        let mut fault = Self::new(FaultKind::Invalid, message.clone());
        fault.fields.push(FieldFault { field: field.into(), message });
        fault
    }

    pub fn too_many(retry_after_s: u64) -> Self {
        let mut fault = Self::new(
            FaultKind::TooMany,
            format!("Too many tries. Please wait {} and try again.", human_wait(retry_after_s)),
        );
        fault.retry_after_s = Some(retry_after_s);
        fault
    }

    /// Something does not fit, for these reasons, each with its place below a field.
    pub fn misfit(field: &str, inside: Vec<FieldFault>, message: impl Into<String>) -> Self {
        let below = |fault: FieldFault| FieldFault { field: format!("{field}{}", fault.field), ..fault };
        Self { fields: inside.into_iter().map(below).collect(), ..Self::invalid(message) }
    }

    /// Where a form has one field for something larger: what is wrong somewhere in that is said there, with its place.
    #[must_use]
    pub fn gathered_at(self, field: &str) -> Self {
        let (inside, mut fields): (Vec<_>, Vec<_>) =
            self.fields.into_iter().partition(|fault| fault.field.starts_with(field));
        let said: Vec<_> = inside
            .iter()
            .map(|fault| match fault.field.trim_start_matches(field) {
                "" => fault.message.clone(),
                place => format!("{place}: {}", fault.message),
            })
            .collect();
        if !said.is_empty() {
            fields.push(FieldFault { field: field.to_owned(), message: said.join(" · ") });
        }
        Self { fields, ..self }
    }

    /// The message of one field, if it has one.
    pub fn of(&self, field: &str) -> Option<&str> {
        self.fields.iter().find(|fault| fault.field == field).map(|fault| fault.message.as_str())
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Fault {}

fn human_wait(seconds: u64) -> String {
    match seconds {
        0..=1 => "a second".to_owned(),
        2..=59 => format!("{seconds} seconds"),
        60..=89 => "a minute".to_owned(),
        _ => format!("{} minutes", seconds.div_ceil(60)),
    }
}

/// Parses the fields of a form and keeps every fault, so that a person hears of all of them at once.
///
/// ```
/// use domain::{fault::Check, people::Email};
/// let mut check = Check::default();
/// let email = check.field("email", Email::parse("nobody"));
/// assert!(email.is_none());
/// assert_eq!(check.fault().fields.len(), 1);
/// ```
#[derive(Default)]
pub struct Check {
    faults: Vec<FieldFault>,
}

impl Check {
    pub fn field<T>(&mut self, name: &str, parsed: Result<T, Wrong>) -> Option<T> {
        match parsed {
            Ok(value) => Some(value),
            Err(wrong) => {
                self.wrong(name, wrong.to_string());
                None
            }
        }
    }

    pub fn wrong(&mut self, name: &str, message: impl Into<String>) {
        self.faults.push(FieldFault { field: name.to_owned(), message: message.into() });
    }

    /// Every fault so far, as one.
    pub fn fault(self) -> Fault {
        let message = match self.faults.len() {
            1 => "One value needs another look.".to_owned(),
            n => format!("{n} values need another look."),
        };
        let mut fault = Fault::new(FaultKind::Invalid, message);
        fault.fields = self.faults;
        fault
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_read_naturally() {
        let said: Vec<_> = [1, 30, 60, 90, 900].into_iter().map(human_wait).collect();
        assert_eq!(said, ["a second", "30 seconds", "a minute", "2 minutes", "15 minutes"]);
    }

    #[test]
    fn a_fault_survives_the_wire() {
        let fault = Fault::field("email", "Enter an email address");
        let text = serde_json::to_string(&fault).unwrap();
        assert_eq!(serde_json::from_str::<Fault>(&text).unwrap(), fault);
    }

    #[test]
    fn every_fault_of_a_form_is_kept() {
        let mut check = Check::default();
        check.wrong("a", "no");
        check.wrong("b", "no");
        let fault = check.fault();
        assert_eq!((fault.fields.len(), fault.kind.status()), (2, 422));
    }
}
