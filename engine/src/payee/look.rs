//! Looking at accounts.

use domain::Fault;
use domain::ids::PersonId;
use domain::people::{Permission, Person};

use super::Payees;
use super::store::{self, Kept, Listed};
use crate::Error;
use crate::act::Act;
use crate::page::Page;

/// Nobody reads more of somebody's old accounts.
const MOST: i64 = 50;

/// Where somebody is paid to.
#[derive(Clone, Debug)]
pub struct Known {
    pub person: Person,
    /// What counts now.
    pub counting: Option<Kept>,
    /// What was entered and is held.
    pub held: Option<Kept>,
    /// What there was before, the latest first.
    pub before: Vec<Kept>,
}

impl Payees {
    /// One's own, or anybody's for whoever sees what they are paid.
    pub async fn known(&self, act: &Act, whose: PersonId) -> Result<Known, Error> {
        let own = act.person().is_ok_and(|me| me.id == whose);
        act.need(if own { Permission::SeeOwnPay } else { Permission::SeePay })?;
        let person = self.people.known(whose).await?;
        let person = person.ok_or_else(|| Fault::not_found("There is no such person."))?;
        let mut before = store::of(&self.db, whose, MOST).await?;
        let held = take(&mut before, |it| it.is_held(act.at));
        let counting = take(&mut before, |it| it.withdrawn_at.is_none());
        Ok(Known { person, counting, held, before })
    }

    /// Everybody who works on a project, by name: those whose change is held, those without an account, or all.
    pub async fn list(
        &self,
        act: &Act,
        wanted: Wanted,
        after: Option<PersonId>,
        size: usize,
    ) -> Result<Page<Listed>, Error> {
        act.need(Permission::SeePay)?;
        let limit = i64::try_from(size + 1).unwrap_or(i64::MAX);
        Ok(Page::of(store::list(&self.db, wanted, after, act.at, limit).await?, size))
    }
}

/// Which people to list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Wanted {
    #[default]
    All,
    Held,
    Missing,
    /// Somebody else has the same account.
    Shared,
}

impl Wanted {
    /// By the word of a filter; whoever asks for everybody says nothing.
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "held" => Some(Self::Held),
            "missing" => Some(Self::Missing),
            "shared" => Some(Self::Shared),
            _ => None,
        }
    }
}

/// The first that is so, out of the list.
fn take(list: &mut Vec<Kept>, is_it: impl Fn(&Kept) -> bool) -> Option<Kept> {
    list.iter().position(is_it).map(|place| list.remove(place))
}
