use domain::Fault;
use domain::audit::{Action, Thing};
use domain::ids::WorkflowId;
use domain::people::Permission;
use domain::run::Breaker;
use domain::workflow::{Definition, WorkflowName};
use serde_json::json;

use super::store::{self, Row};
use super::watch::{day_of, in_words};
use crate::Error;
use crate::act::Act;
use crate::audit::{Entry, record};
use crate::db::Db;

/// More than anybody asks.
const MOST_SHOWN: i64 = 200;

/// What the models of a workflow may cost on a day, and have cost today (UTC), in millionths of a dollar.
#[derive(Clone, Debug)]
pub struct DayBudget {
    pub workflow: WorkflowName,
    pub title: String,
    pub most: i64,
    pub spent: i64,
}

impl DayBudget {
    /// Whether nothing is left: no more models are asked until midnight.
    pub const fn is_spent(&self) -> bool {
        self.spent >= self.most
    }
}

/// The use cases of breakers and budgets.
#[derive(Clone)]
pub struct Gates {
    db: Db,
}

impl Gates {
    pub const fn new(db: Db) -> Self {
        Self { db }
    }

    /// Those who have failed since anything good was heard of them.
    pub async fn troubled(&self, act: &Act) -> Result<Vec<Row>, Error> {
        act.need(Permission::SeeRuns)?;
        Ok(store::troubled(&self.db, MOST_SHOWN).await?)
    }

    /// What the models of a workflow have cost since midnight, UTC, in millionths of a dollar.
    pub async fn spent_today(&self, act: &Act, workflow: WorkflowId) -> Result<i64, Error> {
        act.need(Permission::SeeRuns)?;
        Ok(store::spent(&self.db, workflow, day_of(act.at)).await?)
    }

    /// Every workflow that says what its models may cost on a day, and what they have cost today.
    pub async fn budgets(&self, act: &Act) -> Result<Vec<DayBudget>, Error> {
        act.need(Permission::SeeRuns)?;
        let mut budgets = Vec::new();
        for (id, workflow, title, definition) in store::limited(&self.db, MOST_SHOWN).await? {
            let definition: Definition = serde_json::from_str(&definition)?;
            let Some(most) = definition.budget.cost_per_day else { continue };
            let spent = store::spent(&self.db, id, day_of(act.at)).await?;
            budgets.push(DayBudget { workflow, title, most, spent });
        }
        Ok(budgets)
    }

    /// Somebody knows that all is well again, or wants to see: it is asked from now on.
    pub async fn close(&self, act: &Act, dependency: &str) -> Result<(), Error> {
        act.need(Permission::ManageRuns)?;
        let mut tx = self.db.begin().await?;
        let row = store::hold(&mut tx, dependency).await?;
        if row.failures == 0 {
            // The transaction is dropped, and with it the row that it began to make.
            return Err(
                Fault::not_found("There is no breaker of that name that has anything against it.").into()
            );
        }
        let before = json!({ "failures": row.failures, "open_until": row.open_until });
        store::put(&mut tx, &row.with(Breaker::default())).await?;
        let entry = Entry {
            action: Action::BreakerClosed,
            thing: Thing::Breaker,
            thing_id: dependency.to_owned(),
            thing_name: &in_words(dependency),
            before: Some(before),
            after: Some(json!({ "failures": 0, "open_until": null })),
        };
        record(&mut tx, act, entry).await?;
        Ok(tx.commit().await?)
    }
}
