use serde::{Deserialize, Serialize};

use crate::audit::words;
use std::fmt;

words! {
    /// What a person does here. One person may have several roles.
    Role {
        Annotator => "annotator", "Annotator";
        Reviewer => "reviewer", "Reviewer";
        Manager => "manager", "Manager";
        Admin => "admin", "Admin";
    }
}

impl Role {
    const fn bit(self) -> i64 {
        match self {
            Self::Annotator => 1,
            Self::Reviewer => 2,
            Self::Manager => 4,
            Self::Admin => 8,
        }
    }

    /// What choosing the role means, for the form that offers it.
    pub const fn hint(self) -> &'static str {
        match self {
            Self::Annotator => "Enters hours and units, sees their own pay",
            Self::Reviewer => "Decides outputs that need a person",
            Self::Manager => "Audits and approves payment batches",
            Self::Admin => "Looks after people, projects and policy",
        }
    }
}

/// A set of roles. Kept as one number (annotator 1, reviewer 2, manager 4, admin 8), because "everybody who is a
/// manager" is then one comparison in either database; written as a list of words everywhere else.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "sql", derive(sqlx::Type), sqlx(transparent))]
#[serde(from = "Vec<Role>", into = "Vec<Role>")]
pub struct Roles(i64);

impl Roles {
    pub const NONE: Self = Self(0);
    pub const ALL: Self = Self::of(&[Role::Annotator, Role::Reviewer, Role::Manager, Role::Admin]);

    pub const fn of(roles: &[Role]) -> Self {
        let mut bits = 0;
        let mut i = 0;
        while i < roles.len() {
            bits |= roles[i].bit();
            i += 1;
        }
        Self(bits)
    }

    pub const fn has(self, role: Role) -> bool {
        self.0 & role.bit() != 0
    }

    pub const fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    pub fn iter(self) -> impl Iterator<Item = Role> {
        Role::ALL.iter().copied().filter(move |role| self.has(*role))
    }

    /// From the words of a form or a file. Names the first word it does not know.
    pub fn parse<'a>(words: impl IntoIterator<Item = &'a str>) -> Result<Self, crate::Wrong> {
        let mut roles = Vec::new();
        for word in words.into_iter().map(str::trim).filter(|word| !word.is_empty()) {
            let role = Role::parse(&word.to_lowercase()).ok_or_else(|| {
                crate::Wrong::from(format!(
                    "“{word}” is not a role; use annotator, reviewer, manager or admin."
                ))
            })?;
            roles.push(role);
        }
        if roles.is_empty() { Err("Choose at least one role.".into()) } else { Ok(Self::of(&roles)) }
    }
}

impl From<Vec<Role>> for Roles {
    fn from(roles: Vec<Role>) -> Self {
        Self::of(&roles)
    }
}

impl From<Roles> for Vec<Role> {
    fn from(roles: Roles) -> Self {
        roles.iter().collect()
    }
}

impl fmt::Display for Roles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words: Vec<_> = self.iter().map(Role::word).collect();
        f.write_str(&words.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_read_and_write_as_words() {
        let roles = Roles::parse(["Manager", " annotator"]).unwrap();
        assert_eq!(roles.to_string(), "annotator, manager");
        assert_eq!(serde_json::to_string(&roles).unwrap(), r#"["annotator","manager"]"#);
        assert_eq!(serde_json::from_str::<Roles>(r#"["manager","annotator"]"#).unwrap(), roles);
        assert!(Roles::parse(["boss"]).unwrap_err().to_string().contains("boss"));
        assert!(Roles::parse([""]).is_err());
    }
}
