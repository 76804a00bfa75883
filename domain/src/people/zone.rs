use serde::{Deserialize, Serialize};

use crate::Wrong;
use crate::text::text_type;

/// An IANA time zone by name. The browser knows only the shape of a name; the server knows the tables.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "sql", derive(sqlx::Type), sqlx(transparent))]
#[serde(try_from = "String", into = "String")]
pub struct Zone(String);

impl Zone {
    pub fn utc() -> Self {
        Self("UTC".to_owned())
    }

    pub fn parse(text: &str) -> Result<Self, Wrong> {
        let text = text.trim();
        if text.is_empty() {
            return Err("Choose a time zone.".into());
        }
        let shaped =
            text.len() <= 64 && text.chars().all(|c| c.is_ascii_alphanumeric() || "/_+-".contains(c));
        if shaped && known(text) {
            Ok(Self(text.to_owned()))
        } else {
            Err("Choose a time zone from the list, like Europe/Berlin.".into())
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(feature = "zones")]
mod tables {
    use chrono::{DateTime, Utc};
    use chrono_tz::{TZ_VARIANTS, Tz};

    use super::Zone;

    pub(super) fn known(name: &str) -> bool {
        name.parse::<Tz>().is_ok()
    }

    impl Zone {
        /// What the clock on the wall shows there.
        pub fn local(&self, at: DateTime<Utc>) -> DateTime<Tz> {
            at.with_timezone(&self.0.parse().unwrap_or(Tz::UTC))
        }

        /// The zones to choose from: places, without the historical aliases.
        pub fn choices() -> impl Iterator<Item = &'static str> {
            TZ_VARIANTS.iter().map(|zone| zone.name()).filter(|name| {
                *name == "UTC"
                    || (name.contains('/') && !name.starts_with("Etc/") && !name.starts_with("US/"))
            })
        }
    }
}

#[cfg(feature = "zones")]
use tables::known;

#[cfg(not(feature = "zones"))]
const fn known(_name: &str) -> bool {
    true
}

text_type!(Zone);

#[cfg(all(test, feature = "zones"))]
mod tests {
    use super::*;

    #[test]
    fn zones_by_name() {
        assert!(Zone::parse("Europe/Berlin").is_ok());
        assert!(Zone::parse("UTC").is_ok());
        assert!(Zone::choices().all(|name| Zone::parse(name).is_ok()));
        for wrong in ["", "Europe/Nowhere", "../etc/passwd", "CET+1'"] {
            assert!(Zone::parse(wrong).is_err(), "{wrong}");
        }
    }
}
