//! Telling, and reading what one was told.

use std::collections::HashSet;

use chrono::TimeDelta;
use domain::Fault;
use domain::ids::{NoticeId, PersonId};
use domain::notice::NoticeKind;

use super::store::{self, Notice, Row};
use crate::Error;
use crate::act::Act;
use crate::db::{Db, Tx};
use crate::page::Page;

/// So much later it is mailed: what happens together is told together, and what was read by then is not mailed.
const MAIL_AFTER: TimeDelta = TimeDelta::minutes(2);

/// What was read is kept for so long.
const KEEP: TimeDelta = TimeDelta::days(180);

/// How many are forgotten in one transaction.
const AT_ONCE: i64 = 500;

/// The use cases of notices. Everybody has their own, and nobody those of others.
#[derive(Clone)]
pub struct Notices {
    db: Db,
}

/// Something somebody is to be told.
pub struct New {
    pub person: PersonId,
    pub kind: NoticeKind,
    /// What tells it from others of its kind: nobody is told the same twice.
    pub about: String,
    pub sentence: String,
    pub path: String,
}

/// Tells them, in the transaction in which it happens. Nobody is told what they have done themselves.
pub(crate) async fn tell(tx: &mut Tx, act: &Act, new: Vec<New>) -> Result<(), Error> {
    let me = act.person().ok().map(|me| me.id);
    let rows: Vec<_> = new
        .into_iter()
        .filter(|it| me != Some(it.person))
        .map(|new| Row { id: NoticeId(act.world.id()), new, at: act.at, mail_from: act.at + MAIL_AFTER })
        .collect();
    Ok(store::put(tx, &rows).await?)
}

/// What these were told is not so. Answers about which of it nobody has read, nor was mailed: that is taken back and need not be
/// said.
pub(crate) async fn take_back(
    tx: &mut Tx,
    kind: NoticeKind,
    abouts: &[String],
) -> Result<HashSet<String>, Error> {
    Ok(store::take_back(tx, kind, abouts).await?.into_iter().map(|(about,)| about).collect())
}

impl Notices {
    pub const fn new(db: Db) -> Self {
        Self { db }
    }

    /// The latest first, so many to a page, after the one that was the last of the page before.
    pub async fn mine(&self, act: &Act, after: Option<NoticeId>, size: usize) -> Result<Page<Notice>, Error> {
        let me = act.person()?.id;
        let limit = i64::try_from(size + 1).unwrap_or(i64::MAX);
        Ok(Page::of(store::of(&self.db, me, after, limit).await?, size))
    }

    /// How many are not read, up to a hundred.
    pub async fn unread(&self, act: &Act) -> Result<i64, Error> {
        Ok(store::unread(&self.db, act.person()?.id).await?)
    }

    /// One was read; answers where it leads.
    pub async fn open(&self, act: &Act, id: NoticeId) -> Result<String, Error> {
        let mut tx = self.db.begin().await?;
        let path = store::read(&mut tx, act.person()?.id, id, act.at).await?;
        let path = path.ok_or_else(|| Fault::not_found("There is no such notice."))?;
        tx.commit().await?;
        Ok(path)
    }

    /// Everything was read that there was when somebody looked.
    pub async fn read_all(&self, act: &Act, upto: NoticeId) -> Result<(), Error> {
        let mut tx = self.db.begin().await?;
        store::read_all(&mut tx, act.person()?.id, upto, act.at).await?;
        Ok(tx.commit().await?)
    }

    /// Whether somebody wants mails about them.
    pub async fn is_mailed(&self, act: &Act) -> Result<bool, Error> {
        Ok(store::is_mailed(&self.db, act.person()?.id).await?)
    }

    pub async fn set_mailed(&self, act: &Act, mailed: bool) -> Result<(), Error> {
        let mut tx = self.db.begin().await?;
        store::set_mailed(&mut tx, act.person()?.id, mailed).await?;
        Ok(tx.commit().await?)
    }
}

/// Forgets what was read long ago; answers how many there were.
pub(crate) async fn forget(db: &Db, act: &Act) -> Result<u64, Error> {
    let mut all = 0;
    loop {
        let mut tx = db.begin().await?;
        let some = store::forget(&mut tx, act.at - KEEP, AT_ONCE).await?;
        tx.commit().await?;
        all += some;
        if some == 0 {
            return Ok(all);
        }
    }
}
