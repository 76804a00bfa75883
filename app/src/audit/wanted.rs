//! Which lines somebody wants, as it stands in the address of the page and of its exports.

use domain::audit::{Action, Thing};
use domain::ids::PersonId;
use engine::Error;
use engine::act::Act;
use engine::audit::Filter;
use engine::people::{Filter as PeopleFilter, People};

use crate::ui::filters::day_begins;

/// The filter in the words of the address.
#[derive(Default)]
pub struct Wanted {
    pub who: String,
    pub action: String,
    pub thing: String,
    pub id: String,
    pub from: String,
    pub until: String,
}

/// Some word of the filter means nothing, or more than one thing: there is nothing to show, but something to say.
#[derive(Clone, Copy, Debug)]
pub struct Unclear(pub &'static str);

impl Wanted {
    /// Reads the filter by the names of its values.
    pub fn read(value: impl Fn(&str) -> Option<String>) -> Self {
        let value = |name: &str| value(name).unwrap_or_default();
        Self {
            who: value("who"),
            action: value("action"),
            thing: value("thing"),
            id: value("id"),
            from: value("from"),
            until: value("until"),
        }
    }

    pub fn pairs(&self) -> [(&'static str, &str); 6] {
        [
            ("who", &self.who),
            ("action", &self.action),
            ("thing", &self.thing),
            ("id", &self.id),
            ("from", &self.from),
            ("until", &self.until),
        ]
    }

    /// What the words mean to the person who asks: days begin where they are.
    pub async fn filter(&self, act: &Act, people: &People) -> Result<Result<Filter, Unclear>, Error> {
        let actor = match whom(act, people, &self.who).await? {
            Ok(actor) => actor,
            Err(unclear) => return Ok(Err(unclear)),
        };
        let zone = &act.person()?.zone;
        let (Ok(from), Ok(until)) = (day_begins(&self.from, zone, 0), day_begins(&self.until, zone, 1))
        else {
            return Ok(Err(Unclear("One of the dates is none. Write it like 2026-10-31.")));
        };
        if !(self.action.is_empty() || Action::parse(&self.action).is_some()) {
            return Ok(Err(Unclear("No action is called this. Choose one from the list.")));
        }
        if !(self.thing.is_empty() || Thing::parse(&self.thing).is_some()) {
            return Ok(Err(Unclear("Nothing is of this kind. Choose one from the list.")));
        }
        let some = |text: &String| (!text.is_empty()).then(|| text.clone());
        Ok(Ok(Filter {
            actor,
            action: some(&self.action),
            thing: some(&self.thing),
            thing_id: some(&self.id),
            from,
            until,
            before: None,
        }))
    }
}

async fn whom(act: &Act, people: &People, words: &str) -> Result<Result<Option<PersonId>, Unclear>, Error> {
    if words.is_empty() {
        return Ok(Ok(None));
    }
    let filter = PeopleFilter { text: Some(words.to_owned()), ..PeopleFilter::default() };
    let found = people.list(act, &filter, 50).await?.rows;
    let exact = found.iter().find(|person| person.email.as_str() == words.to_lowercase());
    Ok(match (exact, found.as_slice()) {
        (Some(one), _) | (None, [one]) => Ok(Some(one.id)),
        (None, []) => Err(Unclear("Nobody here has this name or address.")),
        (None, _) => Err(Unclear("Several people fit these words. Enter more of the name, or the address.")),
    })
}
