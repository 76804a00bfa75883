//! Applying files, and looking at what was applied.

use std::marker::PhantomData;
use std::time::Duration;

use domain::Fault;
use domain::audit::Thing;
use domain::fault::FieldFault;
use serde_json::json;
use sha2::{Digest, Sha256};
use similar::TextDiff;
use tokio::task::spawn_blocking;

use super::Shelved;
use super::store::{self, Entry, Version, VersionLine};
use crate::Error;
use crate::act::Act;
use crate::audit::{self, record};
use crate::db::Db;
use crate::page::Page;
use crate::secret::to_hex;
use crate::written::Misread;

/// How long to look for the smallest difference; after that a larger one will do.
const DIFFERENCE_WITHIN: Duration = Duration::from_millis(200);

/// The use cases of a kind of thing that is kept in versions.
pub struct Versioned<T> {
    pub(crate) db: Db,
    of: PhantomData<fn() -> T>,
}

impl<T> Clone for Versioned<T> {
    fn clone(&self) -> Self {
        Self { db: self.db.clone(), of: PhantomData }
    }
}

/// What applying a file does, or would do.
#[derive(Clone, Debug)]
pub struct Plan {
    pub thing: Thing,
    pub name: String,
    pub title: String,
    /// The version that is the newest afterwards.
    pub version: i64,
    pub change: Change,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// The first version of something new.
    New,
    /// The newest version says the same already.
    Same,
    /// A new version; what is different in the file, line by line.
    Changed { difference: String },
}

/// A version with what it belongs to.
#[derive(Clone, Debug)]
pub struct Opened<T> {
    pub entry: Entry,
    pub version: Version,
    pub what: T,
}

impl<T: Shelved> Versioned<T> {
    pub const fn new(db: Db) -> Self {
        Self { db, of: PhantomData }
    }

    /// What applying this file would do. Nothing is changed.
    pub async fn plan(&self, act: &Act, source: &str) -> Result<Plan, Error> {
        act.need(T::SHELF.manage)?;
        let read = Read::<T>::behind(&self.db, source).await?;
        let newest = store::version_by_name(&self.db, T::SHELF, read.what.name(), None).await?;
        Ok(read.plan(newest.as_ref()).compared(&read, newest.as_ref(), source))
    }

    /// Applies a file: a version that says something new is kept under the next number. Whoever names the version they
    /// know of (0 for none) is refused if another has come since.
    pub async fn apply(&self, act: &Act, source: &str, base: Option<i64>) -> Result<Plan, Error> {
        let kept = T::SHELF;
        act.need(kept.manage)?;
        let read = Read::<T>::behind(&self.db, source).await?;
        let fresh = Entry {
            id: act.world.id(),
            name: read.what.name().to_owned(),
            title: read.what.title().to_owned(),
            version: 0,
            changed_at: act.at,
        };
        let mut tx = self.db.begin().await?;
        // Of two who apply at once, the second finds what the first has kept.
        let entry = store::hold(&mut tx, kept, &fresh).await?;
        let newest = store::version_in(&mut tx, kept, entry.id, entry.version).await?;
        if let Some(base) = base
            && base != entry.version
        {
            let message = format!(
                "Version {} of this {} was applied meanwhile, by somebody who did not know of this one. Look at the \
                 change again.",
                entry.version,
                kept.thing.word()
            );
            return Err(Fault::conflict(message).into());
        }
        let plan = read.plan(newest.as_ref());
        if plan.change == Change::Same {
            return Ok(plan);
        }
        let (author_id, author_name) = act.author();
        let version = Version {
            of: entry.id,
            number: plan.version,
            hash: read.hash.clone(),
            source: source.to_owned(),
            definition: read.kept.clone(),
            author_id,
            author_name,
            applied_at: act.at,
        };
        store::add(&mut tx, kept, &plan.title, &version).await?;
        read.what.applied(&mut tx, version.of, act.at).await?;
        let entry = audit::Entry {
            action: kept.applied,
            thing: kept.thing,
            thing_id: plan.name.clone(),
            thing_name: &plan.name,
            before: newest.as_ref().map(|before| json!({ "version": before.number, "hash": before.hash })),
            after: Some(json!({ "version": version.number, "hash": version.hash })),
        };
        record(&mut tx, act, entry).await?;
        tx.commit().await?;
        // Nobody waits for this any more.
        Ok(plan.compared(&read, newest.as_ref(), source))
    }

    pub async fn list(&self, act: &Act, after: Option<&str>, size: usize) -> Result<Page<Entry>, Error> {
        act.need(T::SHELF.see)?;
        let limit = i64::try_from(size).unwrap_or(1000) + 1;
        Ok(Page::of(store::list(&self.db, T::SHELF, after, limit).await?, size))
    }

    /// One version; the newest if none is named.
    pub async fn open(&self, act: &Act, name: &str, number: Option<i64>) -> Result<Opened<T>, Error> {
        let entry = self.named(act, name).await?;
        let number = number.unwrap_or(entry.version);
        let version = store::version(&self.db, T::SHELF, entry.id, number).await?;
        let version = version.ok_or_else(|| Fault::not_found(format!("{name} has no version {number}.")))?;
        let what = serde_json::from_str(&version.definition)?;
        Ok(Opened { entry, version, what })
    }

    /// The versions of one of them, the newest first.
    pub async fn versions(
        &self,
        act: &Act,
        name: &str,
        before: Option<i64>,
        size: usize,
    ) -> Result<Page<VersionLine>, Error> {
        let entry = self.named(act, name).await?;
        let limit = i64::try_from(size).unwrap_or(1000) + 1;
        let before = before.unwrap_or(i64::MAX);
        Ok(Page::of(store::versions(&self.db, T::SHELF, entry.id, before, limit).await?, size))
    }

    async fn named(&self, act: &Act, name: &str) -> Result<Entry, Error> {
        act.need(T::SHELF.see)?;
        // A name with a NUL in it is the name of nothing, and PostgreSQL would not even look.
        let found = if name.contains('\0') { None } else { store::by_name(&self.db, T::SHELF, name).await? };
        let word = T::SHELF.thing.label().to_lowercase();
        Ok(found.ok_or_else(|| Fault::not_found(format!("There is no such {word}.")))?)
    }
}

/// Something that was read from its file.
struct Read<T> {
    what: T,
    /// As it is kept and hashed.
    kept: String,
    hash: String,
}

impl<T: Shelved> Read<T> {
    /// Reading a large file takes a while, and so is done off the threads that serve requests.
    async fn behind(db: &Db, source: &str) -> Result<Self, Error> {
        let source = source.to_owned();
        let read = spawn_blocking(move || T::read(&source)).await?.map_err(misread)?;
        let what = read.settled(db).await?;
        let kept = serde_json::to_string(&what)?;
        let hash = to_hex(&Sha256::digest(&kept));
        Ok(Self { what, kept, hash })
    }

    fn plan(&self, newest: Option<&Version>) -> Plan {
        let (version, change) = match newest {
            None => (1, Change::New),
            Some(newest) if newest.hash == self.hash => (newest.number, Change::Same),
            Some(newest) => (newest.number + 1, Change::Changed { difference: String::new() }),
        };
        let (name, title) = (self.what.name().to_owned(), self.what.title().to_owned());
        Plan { thing: T::SHELF.thing, name, title, version, change }
    }
}

impl Plan {
    /// With what is different in the file, where something is, and in what was chosen for it.
    fn compared<T: Shelved>(mut self, read: &Read<T>, newest: Option<&Version>, source: &str) -> Self {
        if let (Change::Changed { difference: empty }, Some(newest)) = (&mut self.change, newest) {
            let before = serde_json::from_str::<T>(&newest.definition);
            let before = before.map(|before| before.chosen()).unwrap_or_default();
            let with = |source: &str, chosen: &[String]| {
                let mut text = format!("{}\n", source.trim_end_matches('\n'));
                for line in chosen {
                    text.extend(["# ", line, "\n"]);
                }
                text
            };
            *empty = difference(&with(&newest.source, &before), &with(source, &read.what.chosen()));
        }
        self
    }
}

/// What is different between two files, with three lines around each place.
pub fn difference(before: &str, after: &str) -> String {
    let diff = TextDiff::configure().timeout(DIFFERENCE_WITHIN).diff_lines(before, after);
    diff.unified_diff().context_radius(3).to_string()
}

/// Each fault with its place as the field: whoever shows it can lead there.
fn misread(all: Vec<Misread>) -> Fault {
    let fields = all
        .into_iter()
        .map(|one| FieldFault { field: format!("{}:{}", one.at.line, one.at.column), message: one.message });
    let mut fault = Fault::invalid("This cannot be applied; see what is wrong with it.");
    fault.fields = fields.collect();
    fault
}
