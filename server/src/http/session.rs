//! The store behind tower-sessions: our own table, over our own connections, under the hash of the id.

use std::collections::HashMap;
use std::fmt;

use app::visit::keys;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use engine::Error;
use engine::people::{People, StoredSession};
use engine::secret;
use engine::world::World;
use serde_json::Value;
use tower_sessions::SessionStore;
use tower_sessions::cookie::time::OffsetDateTime;
use tower_sessions::session::{Id, Record};
use tower_sessions::session_store::{Error as StoreError, Result};

use crate::House;

#[derive(Clone)]
pub struct Sessions {
    people: People,
    world: World,
}

impl Sessions {
    pub fn new(house: &House) -> Self {
        Self { people: house.people.clone(), world: house.world.clone() }
    }
}

impl fmt::Debug for Sessions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sessions")
    }
}

fn hash_of(id: &Id) -> String {
    secret::hash(&id.to_string())
}

fn lost(error: Error) -> StoreError {
    StoreError::Backend(error.to_string())
}

/// Who it belongs to and where it came from stand in columns of their own, so that they can be listed.
fn to_stored(record: &Record) -> Result<StoredSession> {
    let text = |key: &str| record.data.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let expires_at =
        DateTime::<Utc>::from_timestamp(record.expiry_date.unix_timestamp(), 0).unwrap_or_default();
    Ok(StoredSession {
        id_hash: hash_of(&record.id),
        person_id: text(keys::PERSON).parse().ok(),
        data: serde_json::to_string(&record.data).map_err(|error| StoreError::Encode(error.to_string()))?,
        address: text(keys::ADDRESS),
        agent: text(keys::AGENT),
        expires_at,
        password_of: text(keys::PASSWORD_OF).parse().ok(),
    })
}

#[async_trait]
impl SessionStore for Sessions {
    async fn create(&self, record: &mut Record) -> Result<()> {
        while !self.people.create_session(&to_stored(record)?, self.world.now()).await.map_err(lost)? {
            record.id = Id::default();
        }
        Ok(())
    }

    async fn save(&self, record: &Record) -> Result<()> {
        // A session that was ended meanwhile stays ended; the person is asked to sign in again.
        self.people.save_session(&to_stored(record)?).await.map(drop).map_err(lost)
    }

    async fn load(&self, id: &Id) -> Result<Option<Record>> {
        let stored = self.people.load_session(&hash_of(id), self.world.now()).await.map_err(lost)?;
        let Some(stored) = stored else { return Ok(None) };
        let data: HashMap<String, Value> =
            serde_json::from_str(&stored.data).map_err(|error| StoreError::Decode(error.to_string()))?;
        let expiry_date = OffsetDateTime::from_unix_timestamp(stored.expires_at.timestamp())
            .map_err(|error| StoreError::Decode(error.to_string()))?;
        Ok(Some(Record { id: *id, data, expiry_date }))
    }

    async fn delete(&self, id: &Id) -> Result<()> {
        self.people.delete_session(&hash_of(id)).await.map_err(lost)
    }
}
