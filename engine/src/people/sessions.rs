//! Sessions: kept here, so that they can be listed and ended from elsewhere.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use domain::Fault;
use domain::audit::{Action, Thing};
use domain::ids::PersonId;
use domain::people::{Permission, Person};

use super::{People, store};
use crate::Error;
use crate::act::Act;
use crate::audit::{Entry, record};
use crate::db::Tx;

/// How stale "last seen" may become; writing it on every request would make every read a write.
const TOUCH_EVERY: TimeDelta = TimeDelta::minutes(5);

/// A session as the store keeps it.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct StoredSession {
    pub id_hash: String,
    pub person_id: Option<PersonId>,
    /// What the session layer remembers, as JSON.
    pub data: String,
    pub address: String,
    pub agent: String,
    pub expires_at: DateTime<Utc>,
    /// Since when the password has held with which it begins; not kept.
    #[sqlx(skip)]
    pub password_of: Option<DateTime<Utc>>,
}

/// A session as its owner sees it.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct SessionRow {
    pub id_hash: String,
    pub address: String,
    pub agent: String,
    pub created_at: DateTime<Utc>,
    pub seen_at: DateTime<Utc>,
}

impl People {
    pub async fn load_session(
        &self,
        id_hash: &str,
        now: DateTime<Utc>,
    ) -> Result<Option<StoredSession>, Error> {
        Ok(store::session::load(&self.db, id_hash, now).await?)
    }

    /// `false` if a session of that id exists. One whose password was changed meanwhile begins for nobody.
    pub async fn create_session(&self, session: &StoredSession, now: DateTime<Utc>) -> Result<bool, Error> {
        let mut tx = self.db.begin().await?;
        let nobody;
        let session = if may_begin(&mut tx, session).await? {
            session
        } else {
            nobody = StoredSession { person_id: None, data: "{}".to_owned(), ..session.clone() };
            &nobody
        };
        let made = store::session::insert(&mut tx, session, now).await?;
        tx.commit().await?;
        Ok(made)
    }

    /// `false` if the session has ended meanwhile: an ended session must not come back by being saved.
    pub async fn save_session(&self, session: &StoredSession) -> Result<bool, Error> {
        let mut tx = self.db.begin().await?;
        let begins = session.person_id != store::session::person_of(&mut tx, &session.id_hash).await?;
        if begins && !may_begin(&mut tx, session).await? {
            return Ok(false);
        }
        let saved = store::session::update(&mut tx, session).await?;
        tx.commit().await?;
        Ok(saved)
    }

    pub async fn delete_session(&self, id_hash: &str) -> Result<(), Error> {
        let mut tx = self.db.begin().await?;
        store::session::delete(&mut tx, id_hash).await?;
        Ok(tx.commit().await?)
    }

    /// The person behind a session.
    pub async fn who(&self, id_hash: &str, now: DateTime<Utc>) -> Result<Option<Arc<Person>>, Error> {
        let Some(who) = store::session::who(&self.db, id_hash, now).await? else { return Ok(None) };
        if now - who.session_seen_at > TOUCH_EVERY {
            let (people, id_hash, person) = (self.clone(), id_hash.to_owned(), who.person.id);
            note_behind("when somebody was last seen", async move {
                people.note_seen(&id_hash, person, now).await
            });
        }
        Ok(Some(Arc::new(who.person)))
    }

    async fn note_seen(&self, id_hash: &str, person: PersonId, now: DateTime<Utc>) -> Result<(), Error> {
        let mut tx = self.db.begin().await?;
        store::session::touch(&mut tx, id_hash, now).await?;
        store::person::seen(&mut tx, person, now).await?;
        Ok(tx.commit().await?)
    }

    /// The sessions of a person: one's own, or anybody's for an admin.
    pub async fn sessions(&self, act: &Act, of: PersonId) -> Result<Vec<SessionRow>, Error> {
        if act.person()?.id != of {
            act.need(Permission::ManagePeople)?;
        }
        Ok(store::session::of_person(&self.db, of, act.at).await?)
    }

    pub async fn end_session(&self, act: &Act, of: PersonId, id_hash: &str) -> Result<(), Error> {
        let owner = self.whose_sessions(act, of).await?;
        let mut tx = self.db.begin().await?;
        if !store::session::delete_of(&mut tx, of, id_hash).await? {
            return Err(Fault::not_found("This session has already ended.").into());
        }
        record(&mut tx, act, ended(Action::SessionRevoked, &owner, 1)).await?;
        Ok(tx.commit().await?)
    }

    /// Ends every session of a person but the one at hand. Answers how many.
    pub async fn end_other_sessions(
        &self,
        act: &Act,
        of: PersonId,
        keep: Option<&str>,
    ) -> Result<u64, Error> {
        let owner = self.whose_sessions(act, of).await?;
        let mut tx = self.db.begin().await?;
        let ended_now = store::session::delete_all(&mut tx, of, keep).await?;
        if ended_now > 0 {
            record(&mut tx, act, ended(Action::SessionRevoked, &owner, ended_now)).await?;
        }
        tx.commit().await?;
        Ok(ended_now)
    }

    async fn whose_sessions(&self, act: &Act, of: PersonId) -> Result<Person, Error> {
        let me = act.person_in_browser()?;
        if me.id == of {
            return Ok(me.clone());
        }
        act.need(Permission::ManagePeople)?;
        Ok(store::person::by_id(&self.db, of).await?.ok_or_else(super::invite::no_such_person)?)
    }

    /// Forgets what has run out: sessions, and throttles whose time is over.
    pub async fn sweep(&self, now: DateTime<Utc>) -> Result<u64, Error> {
        let mut tx = self.db.begin().await?;
        let gone = store::session::delete_expired(&mut tx, now).await?
            + store::throttle::forget_past(&mut tx, now).await?;
        tx.commit().await?;
        Ok(gone)
    }
}

/// Whether the password a session begins with still holds. Until this transaction ends, it does.
async fn may_begin(tx: &mut Tx, session: &StoredSession) -> Result<bool, Error> {
    match (session.person_id, session.password_of) {
        (None, _) => Ok(true),
        (Some(person), Some(since)) => Ok(store::credential::hold_unchanged(tx, person, since).await?),
        (Some(_), None) => Ok(false),
    }
}

/// Notes something behind the answer: neither a full disk nor a locked file must keep anybody from reading.
pub(super) fn note_behind(
    what: &'static str,
    noting: impl Future<Output = Result<(), Error>> + Send + 'static,
) {
    tokio::spawn(async move {
        if let Err(error) = noting.await {
            tracing::warn!(%error, "{what} could not be noted");
        }
    });
}

pub(super) fn ended(action: Action, owner: &Person, sessions: u64) -> Entry<'_, (), serde_json::Value> {
    Entry {
        action,
        thing: Thing::Session,
        thing_id: owner.id.to_string(),
        thing_name: owner.name.as_str(),
        before: None,
        after: Some(serde_json::json!({ "sessions": sessions })),
    }
}
