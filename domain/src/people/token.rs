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
        PeopleAdmin => "people:admin", "The same, and managers and admins";
        ProjectsRead => "projects:read", "Read projects";
        ProjectsWrite => "projects:write", "Make and change projects";
        PayRead => "pay:read", "Read rates, periods and pay";
        PayWrite => "pay:write", "Write rates and periods, approve pay";
        TimesheetsRead => "timesheets:read", "Read timesheets";
        TimesheetsWrite => "timesheets:write", "Enter and change timesheets";
        AuditRead => "audit:read", "Read the audit log";
        WorkflowsRead => "workflows:read", "Read workflows";
        WorkflowsWrite => "workflows:write", "Apply workflows";
        RunsRead => "runs:read", "Read runs";
        RunsWrite => "runs:write", "Start and manage runs";
        ErrandsWrite => "errands:write", "Do errands of runs";
        ReviewsRead => "reviews:read", "Read reviews";
        ReviewsWrite => "reviews:write", "Decide reviews";
    }
}

impl Scope {
    /// Whoever may change something may look at it, too.
    const fn includes(self, other: Self) -> bool {
        match other {
            Self::PeopleRead => matches!(self, Self::PeopleRead | Self::PeopleWrite | Self::PeopleAdmin),
            Self::PeopleWrite => matches!(self, Self::PeopleWrite | Self::PeopleAdmin),
            Self::PeopleAdmin => matches!(self, Self::PeopleAdmin),
            Self::ProjectsRead => matches!(self, Self::ProjectsRead | Self::ProjectsWrite),
            Self::ProjectsWrite => matches!(self, Self::ProjectsWrite),
            Self::PayRead => matches!(self, Self::PayRead | Self::PayWrite),
            Self::PayWrite => matches!(self, Self::PayWrite),
            Self::TimesheetsRead => matches!(self, Self::TimesheetsRead | Self::TimesheetsWrite),
            Self::TimesheetsWrite => matches!(self, Self::TimesheetsWrite),
            Self::AuditRead => matches!(self, Self::AuditRead),
            Self::WorkflowsRead => matches!(self, Self::WorkflowsRead | Self::WorkflowsWrite),
            Self::WorkflowsWrite => matches!(self, Self::WorkflowsWrite),
            Self::RunsRead => matches!(self, Self::RunsRead | Self::RunsWrite),
            Self::RunsWrite => matches!(self, Self::RunsWrite),
            Self::ErrandsWrite => matches!(self, Self::ErrandsWrite),
            Self::ReviewsRead => matches!(self, Self::ReviewsRead | Self::ReviewsWrite),
            Self::ReviewsWrite => matches!(self, Self::ReviewsWrite),
        }
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
        self.words().filter_map(Scope::parse).any(|held| held.includes(scope))
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
        let scopes = Scopes::parse(["projects:write"]).unwrap();
        assert!(scopes.has(Scope::ProjectsRead) && !scopes.has(Scope::PeopleRead));
        for scope in Scope::ALL {
            assert!(Scopes::parse([scope.word()]).unwrap().has(*scope), "{scope}");
        }
        assert!(Scopes::parse(["people:everything"]).is_err());
        assert!(Scopes::parse([]).is_err());
    }
}
