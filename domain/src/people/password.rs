use std::fmt;

use crate::Wrong;

/// The fewest characters a password may have. Length is what counts (NIST SP 800-63B); how guessable it is beyond
/// that is judged on the server, where the dictionaries are.
pub const MIN_PASSWORD: usize = 10;

/// Hashing reads the whole password; an endless one would be a way to keep the server busy.
const MAX_PASSWORD: usize = 256;

/// A password somebody wants to have. It is never shown, logged or serialised.
#[derive(Clone)]
pub struct NewPassword(String);

impl NewPassword {
    pub fn parse(text: &str) -> Result<Self, Wrong> {
        match text.chars().count() {
            0 => Err("Enter a password.".into()),
            n if n < MIN_PASSWORD => {
                Err(format!("Use at least {MIN_PASSWORD} characters; this has {n}.").into())
            }
            n if n > MAX_PASSWORD => Err(format!("Use at most {MAX_PASSWORD} characters.").into()),
            _ => Ok(Self(text.to_owned())),
        }
    }

    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for NewPassword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NewPassword(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn length_is_what_counts() {
        assert!(NewPassword::parse("ten chars!").is_ok());
        assert!(NewPassword::parse("päßwörtërß").is_ok());
        assert!(NewPassword::parse("nine char").is_err());
        assert!(NewPassword::parse(&"x".repeat(257)).is_err());
    }

    #[test]
    fn a_password_is_never_printed() {
        assert!(!format!("{:?}", NewPassword::parse("hunter2hunter2").unwrap()).contains("hunter2"));
    }
}
