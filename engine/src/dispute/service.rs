use chrono::TimeDelta;
use domain::Fault;
use domain::audit::{Action, Thing};
use domain::dispute::{AnswerDraft, Outcome, answer_by, said};
use domain::ids::{DisputeId, LineId, PaymentId};
use domain::notice::NoticeKind;
use domain::people::Permission;
use serde_json::{Value, json};

use super::store::{self, Dispute, Row};
use crate::Error;
use crate::act::Act;
use crate::audit::{Entry, record};
use crate::db::{Db, Tx};
use crate::notice::{self, New};

/// More of those that ended are not shown.
const MOST: i64 = 200;

/// The use cases of disputes.
#[derive(Clone)]
pub struct Disputes {
    db: Db,
    /// How long an answer may take, on days on which somebody works.
    within: TimeDelta,
}

impl Disputes {
    pub const fn new(db: Db, within: TimeDelta) -> Self {
        Self { db, within }
    }

    /// Says that a line of one's own is wrong.
    pub async fn raise(&self, act: &Act, line: LineId, text: &str) -> Result<DisputeId, Error> {
        act.need(Permission::DisputeLines)?;
        let me = act.person()?;
        let text = said(text).map_err(|wrong| Fault::field("said", wrong.to_string()))?;
        let mut tx = self.db.begin().await?;
        let line = store::line(&mut tx, line).await?.filter(|line| line.person_id == me.id);
        let line = line.ok_or_else(|| Fault::not_found("There is no such line."))?;
        if line.state.can_change() {
            let message = "You can change this line yourself: it is not submitted.";
            return Err(Fault::conflict(message).into());
        }
        let id = DisputeId(act.world.id());
        let row = Row { id, line, said: text, at: act.at, answer_by: answer_by(act.at, self.within) };
        if !store::put(&mut tx, &row).await? {
            return Err(
                Fault::conflict("You have said that this line is wrong, and wait for an answer.").into()
            );
        }
        let managers = store::managers(&mut tx, row.line.project_id).await?;
        let by = row.answer_by.format("%A, %-d %B");
        let new = managers.into_iter().map(|person| New {
            person,
            kind: NoticeKind::LineDisputed,
            about: id.to_string(),
            sentence: format!(
                "{} says that their line of {} is wrong. They wait for an answer until {by}.",
                me.name,
                row.line.work_on.format("%A, %-d %B")
            ),
            path: "/pay/disputes".to_owned(),
        });
        notice::tell(&mut tx, act, new.collect()).await?;
        let after = json!({ "line": row.line.id, "work_on": row.line.work_on, "said": row.said, "answer_by": row.answer_by });
        tell(&mut tx, act, Action::LineDisputed, id, me.name.as_str(), after).await?;
        tx.commit().await?;
        Ok(id)
    }

    /// Says what was found, and what is done about it.
    pub async fn answer(&self, act: &Act, id: DisputeId, draft: &AnswerDraft) -> Result<(), Error> {
        act.need(Permission::AnswerDisputes)?;
        let me = act.person()?;
        let (outcome, answer) = draft.parse()?;
        let mut tx = self.db.begin().await?;
        let it = store::by_id(&mut tx, id).await?.ok_or_else(no_such_dispute)?;
        if it.person_id == me.id {
            return Err(Fault::forbidden("This line is your own. Somebody else has to answer.").into());
        }
        if !store::end(&mut tx, id, outcome, Some(&answer), (me.id, act.at)).await? {
            return Err(Fault::conflict("This is answered already. Reload to see what was said.").into());
        }
        let day = it.work_on.format("%A, %-d %B");
        let new = New {
            person: it.person_id,
            kind: NoticeKind::DisputeAnswered,
            about: id.to_string(),
            sentence: match outcome {
                Outcome::PutRight => format!("Your line of {day} is put right: {answer}"),
                _ => format!("Your line of {day} stays as it is: {answer}"),
            },
            path: it.path(),
        };
        notice::tell(&mut tx, act, vec![new]).await?;
        let after = json!({ "line": it.line_id, "outcome": outcome, "answer": answer });
        tell(&mut tx, act, Action::DisputeAnswered, id, it.person_name.as_str(), after).await?;
        Ok(tx.commit().await?)
    }

    /// Whoever has said that a line is wrong takes that back.
    pub async fn withdraw(&self, act: &Act, id: DisputeId) -> Result<(), Error> {
        act.need(Permission::DisputeLines)?;
        let me = act.person()?;
        let mut tx = self.db.begin().await?;
        let it = store::by_id(&mut tx, id).await?.filter(|it| it.person_id == me.id);
        let it = it.ok_or_else(no_such_dispute)?;
        if !store::end(&mut tx, id, Outcome::Withdrawn, None, (me.id, act.at)).await? {
            return Err(Fault::conflict("This is answered already. Reload to see what was said.").into());
        }
        let after = json!({ "line": it.line_id, "outcome": Outcome::Withdrawn });
        tell(&mut tx, act, Action::DisputeAnswered, id, me.name.as_str(), after).await?;
        Ok(tx.commit().await?)
    }

    /// Those that wait for an answer, the one that is due first before all others; or those that ended, the latest first.
    pub async fn list(&self, act: &Act, open: bool) -> Result<Vec<Dispute>, Error> {
        act.need(Permission::SeePay)?;
        Ok(if open { store::waiting(&self.db).await? } else { store::ended(&self.db, MOST).await? })
    }

    /// How many wait for an answer.
    pub async fn waiting(&self, act: &Act) -> Result<i64, Error> {
        act.need(Permission::SeePay)?;
        Ok(store::count(&self.db).await?)
    }

    /// What was said about the lines of a payment that somebody may see, the latest of each first.
    pub async fn of_payment(&self, id: PaymentId) -> Result<Vec<Dispute>, Error> {
        Ok(store::of_payment(&self.db, id).await?)
    }
}

fn no_such_dispute() -> Fault {
    Fault::not_found("Nobody has said that, or not any more.")
}

async fn tell(
    tx: &mut Tx,
    act: &Act,
    action: Action,
    id: DisputeId,
    name: &str,
    after: Value,
) -> Result<(), Error> {
    let entry: Entry<'_, (), _> = Entry {
        action,
        thing: Thing::Timesheet,
        thing_id: id.to_string(),
        thing_name: name,
        before: None,
        after: Some(after),
    };
    record(tx, act, entry).await
}
