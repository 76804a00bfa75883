//! Mailing notices: one mail to a person for all that they were told lately and have not read.

use std::fmt::Write;

use chrono::{DateTime, TimeDelta, Utc};
use domain::ids::NoticeId;
use futures_util::StreamExt;
use futures_util::stream;
use serde_json::{Value, json};

use super::store::{self, Letter};
use crate::Error;
use crate::act::Act;
use crate::db::{Db, DbError};
use crate::mail::Mailer;

/// How many people's mails are read together, and how many are handed over at once.
const PEOPLE: i64 = 200;
const HANDS: usize = 8;

/// What is older is told here only: whoever sets up mail does not want last year's to be sent.
const TOO_OLD: TimeDelta = TimeDelta::days(2);

/// So often a mail is tried; the waits between double, from this on.
const TRIES: i64 = 6;
const WAIT: TimeDelta = TimeDelta::minutes(5);

/// How notices reach people outside: by which server, and where links lead.
#[derive(Clone)]
pub struct Post {
    pub mailer: Mailer,
    pub base_url: String,
}

/// Whether anything is to be mailed.
pub(crate) async fn is_any_due(db: &Db, at: DateTime<Utc>) -> Result<bool, DbError> {
    store::is_any_due(db, at).await
}

impl Post {
    /// Mails what is due until nothing is. What a server has taken is never sent again, unless the process ends between that and
    /// its being written down.
    pub(crate) async fn send_due(&self, db: &Db, act: &Act) -> Result<Value, Error> {
        let (mut sent, mut failed) = (0, 0);
        loop {
            let letters = store::due(db, act.world.now(), PEOPLE).await?;
            if letters.is_empty() {
                return Ok(json!({ "mailed": sent, "failed": failed }));
            }
            let all: Vec<Vec<Letter>> = by_person(letters);
            let mut tries = stream::iter(all)
                .map(|letters| async move { (self.send(act, &letters).await, letters) })
                .buffer_unordered(HANDS);
            while let Some((done, letters)) = tries.next().await {
                let ids: Vec<NoticeId> = letters.iter().map(|it| it.id).collect();
                let so_often = letters.iter().map(|it| it.tries).max().unwrap_or_default() + 1;
                let mut tx = db.begin().await?;
                match done {
                    Ok(was_sent) => {
                        sent += usize::from(was_sent);
                        store::mailed(&mut tx, &ids).await?;
                    }
                    Err(error) if so_often < TRIES => {
                        failed += 1;
                        let person = letters.first().map(|it| it.person_id);
                        tracing::warn!(%error, ?person, so_often, "notices could not be mailed; they are tried again later");
                        let wait = WAIT * i32::try_from(1_i64 << so_often.clamp(0, TRIES)).unwrap_or(1);
                        store::again(&mut tx, &ids, act.world.now() + wait).await?;
                    }
                    Err(error) => {
                        failed += 1;
                        let person = letters.first().map(|it| it.person_id);
                        tracing::error!(%error, ?person, so_often, "notices could not be mailed, and are given up");
                        store::mailed(&mut tx, &ids).await?;
                    }
                }
                tx.commit().await?;
            }
        }
    }

    /// Answers whether there was anything to send.
    async fn send(&self, act: &Act, letters: &[Letter]) -> Result<bool, Error> {
        let lately = act.world.now() - TOO_OLD;
        let told: Vec<_> = letters.iter().filter(|it| it.is_wanted && it.made_at > lately).collect();
        let Some(first) = told.first() else { return Ok(false) };
        let subject = match told.len() {
            1 => first.kind.label().to_owned(),
            many => format!("{many} things you should know of"),
        };
        let mut body = format!("Hello {},\n", first.name);
        for it in &told {
            // Writing to a string cannot fail.
            let _ = write!(body, "\n{}\n{}{}\n", it.sentence, self.base_url, it.path);
        }
        let _ = write!(
            body,
            "\nAll of it is listed at {0}/notices; there you can also say that you want no such mails.\n",
            self.base_url
        );
        self.mailer.deliver(&first.email, &subject, body).await?;
        Ok(true)
    }
}

fn by_person(letters: Vec<Letter>) -> Vec<Vec<Letter>> {
    let mut all: Vec<Vec<Letter>> = Vec::new();
    for letter in letters {
        match all.last_mut() {
            Some(same) if same.first().is_some_and(|it| it.person_id == letter.person_id) => {
                same.push(letter);
            }
            _ => all.push(vec![letter]),
        }
    }
    all
}
