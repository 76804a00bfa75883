use chrono::{DateTime, Utc};
use domain::audit::{Action, Thing};
use domain::ids::{RunId, WorkflowId};
use domain::run::RunState;
use domain::workflow::Definition;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::Error;
use crate::act::Act;
use crate::audit::{Entry, record};
use crate::db::Db;
use crate::run::{forget, forgettable};
use crate::shelf::Versioned;

/// How many workflows are looked at in one go.
const PAGE: usize = 200;

/// Forgets what its workflow wants kept no longer, some hundreds to a transaction. What lies among the dead letters stays, and
/// so do the decisions of people.
pub async fn forget_runs(db: &Db, act: &Act) -> Result<Value, Error> {
    let workflows = Versioned::<Definition>::new(db.clone());
    let (mut after, mut all) = (None::<String>, 0);
    loop {
        let page = workflows.list(act, after.as_deref(), PAGE).await?;
        for entry in &page.rows {
            let opened = workflows.open(act, &entry.name, None).await?;
            let Some(keep) = opened.what.retention else { continue };
            let before = act.at - keep.duration();
            for state in RunState::ALL.iter().filter(|state| state.is_final()) {
                all += forget_all(db, act, (WorkflowId(entry.id), &entry.name), *state, before).await?;
            }
        }
        after = page.rows.last().map(|entry| entry.name.clone());
        if !page.has_more {
            return Ok(json!({ "runs": all }));
        }
    }
}

/// All of a workflow that ended like that before then.
async fn forget_all(
    db: &Db,
    act: &Act,
    (workflow, name): (WorkflowId, &str),
    state: RunState,
    before: DateTime<Utc>,
) -> Result<usize, Error> {
    let (mut behind, mut all) = (RunId(Uuid::nil()), 0);
    loop {
        let found = forgettable(db, workflow, state, before, behind).await?;
        let Some(last) = found.last().copied() else { return Ok(all) };
        behind = last;
        let mut tx = db.begin().await?;
        let some = forget(&mut tx, &found).await?;
        if some == 0 {
            continue;
        }
        let entry = Entry {
            action: Action::RunsForgotten,
            thing: Thing::Workflow,
            thing_id: name.to_owned(),
            thing_name: name,
            before: Some(json!({ "runs": some, "state": state, "ended_before": before })),
            after: None::<Value>,
        };
        record(&mut tx, act, entry).await?;
        tx.commit().await?;
        all += some;
    }
}
