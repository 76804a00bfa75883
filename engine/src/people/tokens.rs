//! API tokens: made by their owner, shown once, kept as a hash.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use domain::Fault;
use domain::audit::{Action, Thing};
use domain::fault::Check;
use domain::ids::{PersonId, TokenId};
use domain::people::{Permission, Person, Scopes, TokenName};
use serde::Serialize;

use super::invite::may_look_after;
use super::sessions::note_behind;
use super::{People, store};
use crate::Error;
use crate::act::{Act, Actor};
use crate::audit::{Entry, record};
use crate::secret::{hash, new_secret};

/// What every token begins with, so that one that leaks is recognised for what it is.
const PREFIX: &str = "csn_";

const LONGEST_DAYS: i64 = 366;
const TOUCH_EVERY: TimeDelta = TimeDelta::minutes(1);

#[derive(Clone, Debug, Serialize, sqlx::FromRow)]
pub struct Token {
    pub id: TokenId,
    pub person_id: PersonId,
    pub name: TokenName,
    pub hint: String,
    pub scopes: Scopes,
    pub created_at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
    pub used_at: Option<DateTime<Utc>>,
    pub revoked_at: Option<DateTime<Utc>>,
}

impl Token {
    pub fn works(&self, now: DateTime<Utc>) -> bool {
        self.revoked_at.is_none() && self.expires_at > now
    }
}

/// What is entered for a new token.
#[derive(Clone, Debug, Default)]
pub struct NewToken {
    pub name: String,
    pub scopes: Vec<String>,
    pub days: i64,
}

/// A token and its secret, which is never to be seen again.
#[derive(Clone, Debug)]
pub struct TokenMade {
    pub token: Token,
    pub secret: String,
}

impl People {
    /// A token for whoever is signed in.
    pub async fn make_token(&self, act: &Act, new: &NewToken) -> Result<TokenMade, Error> {
        let me = act.person_in_browser()?.clone();
        self.make_token_for(act, &me, new).await
    }

    /// A token for somebody, by the command line.
    pub async fn make_token_for(
        &self,
        act: &Act,
        owner: &Person,
        new: &NewToken,
    ) -> Result<TokenMade, Error> {
        // A token must not be able to make a wider one for its own owner.
        if act.person_in_browser().map_or(true, |me| me.id != owner.id) {
            may_look_after(act, owner.roles)?;
        }
        let mut check = Check::default();
        let name = check.field("name", TokenName::parse(&new.name));
        let scopes = check.field("scopes", Scopes::parse(new.scopes.iter().map(String::as_str)));
        let days_fit = (1..=LONGEST_DAYS).contains(&new.days);
        if !days_fit {
            check.wrong("days", format!("Choose between 1 and {LONGEST_DAYS} days."));
        }
        let (Some(name), Some(scopes), true) = (name, scopes, days_fit) else {
            return Err(check.fault().into());
        };
        let secret = format!("{PREFIX}{}", new_secret(&act.world));
        let token = Token {
            id: TokenId(act.world.id()),
            person_id: owner.id,
            name,
            hint: secret.chars().take(PREFIX.len() + 4).collect(),
            scopes,
            created_at: act.at,
            expires_at: act.at + TimeDelta::days(new.days),
            used_at: None,
            revoked_at: None,
        };
        let mut tx = self.db.begin().await?;
        store::token::insert(&mut tx, &token, &hash(&secret)).await?;
        record(&mut tx, act, entry(Action::TokenMade, &token, token.name.as_str(), Some(&token))).await?;
        tx.commit().await?;
        Ok(TokenMade { token, secret })
    }

    pub async fn tokens(&self, act: &Act, of: PersonId) -> Result<Vec<Token>, Error> {
        if act.person().map_or(true, |me| me.id != of) {
            act.need(Permission::ManagePeople)?;
        }
        Ok(store::token::of_person(&self.db, of).await?)
    }

    pub async fn revoke_token(&self, act: &Act, of: PersonId, id: TokenId) -> Result<(), Error> {
        if act.person_in_browser().map_or(true, |me| me.id != of) {
            act.need(Permission::ManagePeople)?;
        }
        let mut tx = self.db.begin().await?;
        let name = store::token::revoke(&mut tx, id, of, act.at).await?;
        let name = name.ok_or_else(|| Fault::not_found("This token has already been revoked."))?;
        let line: Entry<'_, (), ()> = Entry {
            action: Action::TokenRevoked,
            thing: Thing::Token,
            thing_id: id.to_string(),
            thing_name: &name,
            before: None,
            after: None,
        };
        record(&mut tx, act, line).await?;
        Ok(tx.commit().await?)
    }

    /// Who a token stands for, if it still holds.
    pub async fn bearer(&self, secret: &str, now: DateTime<Utc>) -> Result<Option<Actor>, Error> {
        let Some(bearer) = store::token::bearer(&self.db, &hash(secret), now).await? else { return Ok(None) };
        if bearer.token_used_at.is_none_or(|used| now - used > TOUCH_EVERY) {
            let (people, token) = (self.clone(), bearer.token_id);
            note_behind("when a token was last used", async move { people.note_used(token, now).await });
        }
        Ok(Some(Actor::Person { person: Arc::new(bearer.person), scopes: Some(bearer.token_scopes) }))
    }
}

impl People {
    async fn note_used(&self, token: TokenId, now: DateTime<Utc>) -> Result<(), Error> {
        let mut tx = self.db.begin().await?;
        store::token::used(&mut tx, token, now).await?;
        Ok(tx.commit().await?)
    }
}

fn entry<'a>(
    action: Action,
    token: &'a Token,
    name: &'a str,
    after: Option<&'a Token>,
) -> Entry<'a, (), &'a Token> {
    Entry {
        action,
        thing: Thing::Token,
        thing_id: token.id.to_string(),
        thing_name: name,
        before: None,
        after,
    }
}
