//! What an API token may be used for.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::name::one_line;
use crate::Wrong;
use crate::audit::words;

words! {
    /// One thing a token may do. It never allows more than its person's roles do.
    Scope {
        PeopleRead => "people:read", "Read people";
        PeopleWrite => "people:write", "Invite and change people";
        PeopleAdmin => "people:admin", "Invite and change managers and admins";
        ProjectsRead => "projects:read", "Read projects";
        ProjectsWrite => "projects:write", "Make and change projects";
        AuditRead => "audit:read", "Read the audit log";
    }
}

/// A set of scopes, written as their words with spaces between, in the database and in the API's token responses.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "sql", derive(sqlx::Type), sqlx(transparent))]
pub struct Scopes(String);

impl Scopes {
    pub fn parse<'a>(words: impl IntoIterator<Item = &'a str>) -> Result<Self, Wrong> {
        let mut scopes = Vec::new();
        for word in words.into_iter().flat_map(str::split_whitespace) {
            let scope = Scope::parse(word).ok_or_else(|| Wrong::from(format!("“{word}” is not a scope.")))?;
            if !scopes.contains(&scope.word()) {
                scopes.push(scope.word());
            }
        }
        if scopes.is_empty() { Err("Choose at least one scope.".into()) } else { Ok(Self(scopes.join(" "))) }
    }

    pub fn has(&self, scope: Scope) -> bool {
        self.0.split(' ').any(|word| word == scope.word())
    }

    pub fn words(&self) -> impl Iterator<Item = &str> {
        self.0.split(' ')
    }
}

impl fmt::Display for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What its owner calls a token, to know it again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "sql", derive(sqlx::Type), sqlx(transparent))]
pub struct TokenName(String);

impl TokenName {
    pub fn parse(text: &str) -> Result<Self, Wrong> {
        one_line(text, 60, "a name for the token").map(Self)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_are_words() {
        let scopes = Scopes::parse(["people:read projects:read", "people:read"]).unwrap();
        assert_eq!(scopes.to_string(), "people:read projects:read");
        assert!(scopes.has(Scope::PeopleRead) && !scopes.has(Scope::PeopleWrite));
        assert!(Scopes::parse(["people:everything"]).is_err());
        assert!(Scopes::parse([]).is_err());
    }
}
