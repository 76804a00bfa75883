use chrono::{DateTime, Utc};
use domain::ids::{PersonId, ReviewId, RunId, WorkflowId};
use domain::review::{Ground, Level, ReviewState, Trigger, Verdict};
use domain::workflow::{StepName, WorkflowName};
use sqlx::types::Json;

use crate::db::rows::{change_runs, change_steps, fetch_portions, insert_rows, places, run_portions, values};
use crate::db::{Db, DbError, Tx};
use crate::{on_db, on_tx, run_tx};

/// A review that is to be opened.
#[derive(Clone, Debug)]
pub struct Opened {
    pub id: ReviewId,
    pub run_id: RunId,
    pub step: StepName,
    pub workflow_id: WorkflowId,
    /// The first of them names the review in lists.
    pub grounds: Vec<Ground>,
    /// JSON; nothing if the step could not be done.
    pub found: Option<String>,
    pub confidence: Option<f64>,
    pub opened_at: DateTime<Utc>,
    pub due_at: DateTime<Utc>,
}

#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Review {
    pub id: ReviewId,
    pub run_id: RunId,
    pub step: StepName,
    pub workflow_id: WorkflowId,
    pub state: ReviewState,
    /// Whether it counts for its run.
    pub current: bool,
    pub level: Level,
    pub grounds: Json<Vec<Ground>>,
    pub found: Option<String>,
    pub confidence: Option<f64>,
    pub opened_at: DateTime<Utc>,
    pub due_at: DateTime<Utc>,
    pub verdict: Option<Verdict>,
    pub output: Option<String>,
    pub reason: Option<String>,
    pub comment: Option<String>,
    pub decided_by: Option<PersonId>,
    pub decided_name: Option<String>,
    pub decided_at: Option<DateTime<Utc>>,
}

const COLUMNS: &str = "id, run_id, step, workflow_id, state, current, level, grounds, found, confidence, opened_at, due_at, \
                       verdict, output, reason, comment, decided_by, decided_name, decided_at";

impl From<&Opened> for Review {
    fn from(opened: &Opened) -> Self {
        Self {
            id: opened.id,
            run_id: opened.run_id,
            step: opened.step.clone(),
            workflow_id: opened.workflow_id,
            state: ReviewState::Open,
            current: true,
            level: Level::Reviewers,
            grounds: Json(opened.grounds.clone()),
            found: opened.found.clone(),
            confidence: opened.confidence,
            opened_at: opened.opened_at,
            due_at: opened.due_at,
            verdict: None,
            output: None,
            reason: None,
            comment: None,
            decided_by: None,
            decided_name: None,
            decided_at: None,
        }
    }
}

/// A review as lists show it: without what may be long.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct ReviewLine {
    pub id: ReviewId,
    pub run_id: RunId,
    pub step: StepName,
    pub workflow: WorkflowName,
    pub title: String,
    /// What the caller of the run calls it.
    pub key: Option<String>,
    pub state: ReviewState,
    pub level: Level,
    pub grounds: Json<Vec<Ground>>,
    pub confidence: Option<f64>,
    pub opened_at: DateTime<Utc>,
    pub due_at: DateTime<Utc>,
    pub verdict: Option<Verdict>,
    pub decided_name: Option<String>,
    pub decided_at: Option<DateTime<Utc>>,
}

/// A review that goes to the managers, who have until then.
#[derive(Clone, Copy, Debug)]
pub struct Handed {
    pub id: ReviewId,
    pub due_at: DateTime<Utc>,
}

/// What somebody has decided.
#[derive(Clone, Debug)]
pub struct Decision {
    pub verdict: Verdict,
    /// JSON.
    pub output: Option<String>,
    pub reason: Option<String>,
    pub comment: Option<String>,
    pub by: (Option<PersonId>, String),
    pub at: DateTime<Utc>,
}

/// What a list of reviews is narrowed to.
#[derive(Clone, Copy, Debug)]
pub struct ReviewFilter {
    pub state: ReviewState,
    pub workflow: Option<WorkflowId>,
    pub trigger: Option<Trigger>,
    pub level: Option<Level>,
}

/// Opens reviews. One that is there already was kept by a commit whose answer got lost.
pub async fn open(tx: &mut Tx, reviews: &[&Opened]) -> Result<(), DbError> {
    insert_rows!(
        *tx,
        reviews,
        "INSERT INTO review (state, level, id, run_id, step, workflow_id, trigger, grounds, found, confidence, opened_at, due_at)",
        12,
        |query, one| query
            .bind(ReviewState::Open)
            .bind(Level::Reviewers)
            .bind(one.id)
            .bind(one.run_id)
            .bind(&one.step)
            .bind(one.workflow_id)
            .bind(one.grounds.first().map_or(Trigger::Always, |ground| ground.trigger))
            .bind(Json(&one.grounds))
            .bind(&one.found)
            .bind(one.confidence)
            .bind(one.opened_at)
            .bind(one.due_at),
        " ON CONFLICT (id) DO NOTHING"
    )
}

/// What was opened for these runs and counts for them.
pub async fn current_of(tx: &mut Tx, runs: &[RunId]) -> Result<Vec<Review>, DbError> {
    fetch_portions!(
        *tx,
        runs,
        |count| format!("SELECT {COLUMNS} FROM review WHERE current AND run_id IN ({})", places(count)),
        |sql| sqlx::query_as(&sql),
        |query, run| query.bind(*run)
    )
}

/// Those that are open still, and whose time has not been made longer meanwhile.
pub async fn open_among(
    tx: &mut Tx,
    reviews: &[(ReviewId, DateTime<Utc>)],
) -> Result<Vec<ReviewId>, DbError> {
    fetch_portions!(
        *tx,
        reviews,
        |count| format!(
            "SELECT review.id FROM (VALUES {}) AS said CROSS JOIN review WHERE review.id = said.column1 \
             AND review.state = 'open' AND review.due_at <= said.column2",
            values(count, 2)
        ),
        |sql| sqlx::query_scalar::<_, ReviewId>(&sql),
        |query, one| query.bind(one.0).bind(one.1)
    )
}

/// Nobody has decided in time. Only for reviews found to be open in this transaction, which has their tasks.
pub async fn lapse(tx: &mut Tx, reviews: &[ReviewId]) -> Result<(), DbError> {
    run_portions!(
        *tx,
        reviews,
        |count| format!("UPDATE review SET state = 'lapsed' WHERE id IN ({})", places(count)),
        |sql| sqlx::query(&sql),
        |query, id| query.bind(*id)
    )
}

/// Hands reviews to the managers. Those that are not open, or with them already, stay as they are.
pub async fn hand_on(tx: &mut Tx, handed: &[Handed]) -> Result<(), DbError> {
    run_portions!(
        *tx,
        handed,
        |count| format!(
            "UPDATE review SET level = 'managers', due_at = said.column2 FROM (VALUES {}) AS said \
             WHERE review.id = said.column1 AND review.state = 'open' AND review.level = 'reviewers'",
            values(count, 2)
        ),
        |sql| sqlx::query(&sql),
        |query, one| query.bind(one.id).bind(one.due_at)
    )
}

/// The runs have ended: nobody needs to look any more.
pub async fn withdraw(tx: &mut Tx, runs: &[RunId]) -> Result<(), DbError> {
    change_runs(tx, "UPDATE review SET state = 'withdrawn' WHERE current AND state = 'open' AND", runs).await
}

/// These steps of a run are done again, and so is the looking.
pub async fn forget(tx: &mut Tx, run: RunId, steps: &[StepName]) -> Result<(), DbError> {
    change_steps(tx, "UPDATE review SET current = FALSE WHERE current AND", run, steps).await
}

/// What did not let its run go on is looked at anew when that is tried again.
pub async fn forget_failed(tx: &mut Tx, runs: &[RunId]) -> Result<(), DbError> {
    const AGAIN: &str = "UPDATE review SET current = FALSE WHERE current \
                         AND (verdict = 'reject' OR state IN ('lapsed', 'withdrawn')) AND";
    change_runs(tx, AGAIN, runs).await
}

/// A review, held until the transaction ends.
pub async fn hold(tx: &mut Tx, id: ReviewId) -> Result<Option<Review>, DbError> {
    let sql = format!("SELECT {COLUMNS} FROM review WHERE id = $1{}", tx.for_update("review"));
    on_tx!(*tx, c => sqlx::query_as(&sql).bind(id).fetch_optional(c).await)
}

pub async fn decide(tx: &mut Tx, id: ReviewId, decision: &Decision) -> Result<(), DbError> {
    run_tx!(
        *tx,
        sqlx::query(
            "UPDATE review SET state = 'decided', verdict = $2, output = $3, reason = $4, comment = $5, decided_by = $6, \
             decided_name = $7, decided_at = $8 WHERE id = $1"
        )
        .bind(id)
        .bind(decision.verdict)
        .bind(&decision.output)
        .bind(&decision.reason)
        .bind(&decision.comment)
        .bind(decision.by.0)
        .bind(&decision.by.1)
        .bind(decision.at)
    )?;
    Ok(())
}

pub async fn review(db: &Db, id: ReviewId) -> Result<Option<Review>, DbError> {
    let sql = format!("SELECT {COLUMNS} FROM review WHERE id = $1");
    on_db!(db, c => sqlx::query_as(&sql).bind(id).fetch_optional(c).await)
}

/// Everything that was ever to be looked at of a run, in the order it was opened.
pub async fn reviews_of(db: &Db, run: RunId, limit: i64) -> Result<Vec<Review>, DbError> {
    let sql = format!("SELECT {COLUMNS} FROM review WHERE run_id = $1 ORDER BY id LIMIT $2");
    on_db!(db, c => sqlx::query_as(&sql).bind(run).bind(limit).fetch_all(c).await)
}

/// Open ones by when they are due, others the newest first; those behind the given one.
pub async fn list(
    db: &Db,
    filter: ReviewFilter,
    after: Option<ReviewId>,
    limit: i64,
) -> Result<Vec<ReviewLine>, DbError> {
    // The word itself, and no parameter: the indexes are for the open ones.
    let mut conditions = format!("review.state = '{}'", filter.state);
    for (asked, condition) in [
        (filter.workflow.is_some(), " AND review.workflow_id = $3"),
        (filter.trigger.is_some(), " AND review.trigger = $4"),
        (filter.level.is_some(), " AND review.level = $5"),
    ] {
        conditions.push_str(if asked { condition } else { "" });
    }
    let (behind, order, shown) = if filter.state == ReviewState::Open {
        (
            " AND (review.due_at, review.id) > (SELECT last.due_at, last.id FROM review AS last WHERE last.id = $2)",
            "review.due_at, review.id",
            "found.due_at, found.id",
        )
    } else {
        (" AND review.id < $2", "review.id DESC", "found.id DESC")
    };
    conditions.push_str(if after.is_some() { behind } else { "" });
    // Which they are is found first, by the index that has their order: together with what is shown of them, a planner may
    // rather begin with the workflows, and sort everything there is.
    let sql = format!(
        "SELECT review.id, review.run_id, review.step, workflow.name AS workflow, workflow.title, run.key, review.state, \
         review.level, review.grounds, review.confidence, review.opened_at, review.due_at, review.verdict, review.decided_name, \
         review.decided_at FROM (SELECT id, due_at FROM review WHERE {conditions} ORDER BY {order} LIMIT $1) AS found \
         CROSS JOIN review CROSS JOIN run CROSS JOIN workflow \
         WHERE review.id = found.id AND run.id = review.run_id AND workflow.id = review.workflow_id ORDER BY {shown}"
    );
    on_db!(db, c => sqlx::query_as(&sql)
        .bind(limit).bind(after).bind(filter.workflow).bind(filter.trigger).bind(filter.level)
        .fetch_all(c).await)
}
