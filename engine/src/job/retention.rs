use domain::audit::{Action, Thing};
use domain::workflow::Definition;
use serde_json::{Value, json};

use crate::Error;
use crate::act::Act;
use crate::audit::{Entry, record};
use crate::db::Db;
use crate::run::forget;
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
            let mut forgotten = 0;
            loop {
                let mut tx = db.begin().await?;
                let some = forget(&mut tx, domain::ids::WorkflowId(entry.id), before).await?;
                if some > 0 {
                    let entry = Entry {
                        action: Action::RunsForgotten,
                        thing: Thing::Workflow,
                        thing_id: entry.name.clone(),
                        thing_name: &entry.name,
                        before: Some(json!({ "runs": some, "ended_before": before })),
                        after: None::<Value>,
                    };
                    record(&mut tx, act, entry).await?;
                    tx.commit().await?;
                    forgotten += some;
                } else {
                    break;
                }
            }
            all += forgotten;
        }
        after = page.rows.last().map(|entry| entry.name.clone());
        if !page.has_more {
            return Ok(json!({ "runs": all }));
        }
    }
}
