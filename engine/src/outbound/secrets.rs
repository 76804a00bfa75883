use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use domain::Wrong;

/// Where each secret is looked for in the environment: `COUNTERSIGN_SECRET_ERP_TOKEN` is `erp_token`.
const PREFIX: &str = "COUNTERSIGN_SECRET_";

/// In the place of a secret where people look.
pub const MASK: &str = "•••";

/// What definitions may use without knowing it. Never written down, never logged.
#[derive(Clone, Default)]
pub struct Secrets(Arc<BTreeMap<String, String>>);

impl Secrets {
    /// The name of a secret as definitions write it: never the secret itself.
    pub fn name(text: &str) -> Result<String, Wrong> {
        let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        if !text.is_empty() && text.len() <= 60 && text.chars().all(fits) {
            return Ok(text.to_owned());
        }
        Err("This is the name of a secret, never the secret itself: small letters, digits and underscores, like \
             erp_token."
            .into())
    }

    pub fn new(named: impl IntoIterator<Item = (String, String)>) -> Self {
        Self(Arc::new(named.into_iter().collect()))
    }

    /// From variables of the environment with the names secrets have there.
    pub fn from_variables(variables: impl IntoIterator<Item = (String, String)>) -> Self {
        let named = variables
            .into_iter()
            .filter_map(|(name, value)| Some((name.strip_prefix(PREFIX)?.to_ascii_lowercase(), value)));
        Self::new(named)
    }

    /// A secret, or what to do about it that it is not there.
    pub fn get(&self, name: &str) -> Result<&str, String> {
        self.0.get(name).map(String::as_str).ok_or_else(|| {
            let variable = name.to_ascii_uppercase();
            format!("The secret “{name}” is not set. Set {PREFIX}{variable} where workers run.")
        })
    }
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} secrets", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_have_their_names_in_the_environment_and_are_not_shown() {
        let variables = [("COUNTERSIGN_SECRET_ERP_TOKEN", "hunter2"), ("PATH", "/bin")];
        let secrets =
            Secrets::from_variables(variables.map(|(name, value)| (name.to_owned(), value.to_owned())));
        assert_eq!(secrets.get("erp_token"), Ok("hunter2"));
        assert!(secrets.get("path").unwrap_err().contains("COUNTERSIGN_SECRET_PATH"));
        assert!(!format!("{secrets:?}").contains("hunter2"));
    }
}
