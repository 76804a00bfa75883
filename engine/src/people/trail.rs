//! What the audit log says about people.

use domain::audit::{Action, Thing};
use domain::people::Person;

use crate::audit::Entry;

/// A line about a person.
pub(super) fn entry<'a>(
    action: Action,
    person: &'a Person,
    before: Option<&'a Person>,
    after: Option<&'a Person>,
) -> Entry<'a, &'a Person, &'a Person> {
    Entry {
        action,
        thing: Thing::Person,
        thing_id: person.id.to_string(),
        thing_name: person.name.as_str(),
        before,
        after,
    }
}
