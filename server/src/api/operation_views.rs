//! What the API shows and takes of how the engine goes.

use chrono::{DateTime, Utc};
use engine::gate::{BreakerRow, DayBudget};
use engine::run::{DeadLetter, Move, Numbers, Queues, Spans, Stay, StepNumbers, Swept};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SweepBody {
    /// cancel, retry or rerun
    pub what: String,
    /// The name of a workflow
    pub workflow: Option<String>,
    /// pending, running, needs_review, success, failed or cancelled
    pub state: Option<String>,
    /// The code of a project
    pub project: Option<String>,
    /// What its caller calls it
    pub key: Option<String>,
    /// Somewhere in the input, the error or the key, or the id itself
    pub text: Option<String>,
    /// Made at or after
    pub from: Option<DateTime<Utc>>,
    /// Made before
    pub until: Option<DateTime<Utc>>,
    /// Only dead letters: faulty, exhausted or poison
    pub reason: Option<String>,
    /// Only count
    pub dry_run: Option<bool>,
}

#[derive(Serialize, ToSchema)]
pub struct SweptView {
    /// How many were changed, or would be
    pub runs: usize,
    /// Found and left as they were: they had changed meanwhile, or their input fits no more
    pub left: usize,
    /// Whether there are more than one call changes
    pub more: bool,
}

#[derive(Serialize, ToSchema)]
pub struct DeadLetterView {
    pub run: Uuid,
    /// faulty, exhausted or poison
    pub reason: &'static str,
    pub step: String,
    pub error: String,
    pub attempts: i64,
    pub at: DateTime<Utc>,
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct DeadLettersQuery {
    /// The name of a workflow
    pub workflow: Option<String>,
    /// faulty, exhausted or poison
    pub reason: Option<String>,
    /// The `next` of the page before
    pub after: Option<Uuid>,
    /// 1 to 200; 50 if not said
    pub limit: Option<usize>,
}

#[derive(Serialize, ToSchema)]
pub struct DeadLettersPage {
    pub dead_letters: Vec<DeadLetterView>,
    /// Pass it as `after` for the next page; absent at the end.
    pub next: Option<Uuid>,
}

impl From<Swept> for SweptView {
    fn from(Swept { runs, left, more }: Swept) -> Self {
        Self { runs, left, more }
    }
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MoveBody {
    /// The version they are to go on by; the newest if nothing is said
    pub to: Option<i64>,
    /// Only look what it would come to
    pub dry_run: Option<bool>,
}

#[derive(Serialize, ToSchema)]
pub struct MoveView {
    pub to: i64,
    /// How many were moved, or would be
    pub runs: usize,
    /// Why others stay on their version
    pub stay: Vec<StayView>,
    /// Whether there are more than one call looks at
    pub more: bool,
}

#[derive(Serialize, ToSchema)]
pub struct StayView {
    pub because: String,
    pub runs: usize,
    /// One of them
    pub example: Uuid,
}

impl From<Move> for MoveView {
    fn from(Move { to, runs, stay, more, newest: _ }: Move) -> Self {
        let stay = stay.into_iter().map(|Stay { because, runs, example }| StayView {
            because,
            runs,
            example: example.0,
        });
        Self { to, runs, stay: stay.collect(), more }
    }
}

/// What waits, and who works
#[derive(Serialize, ToSchema)]
pub struct QueuesView {
    pub waiting: Vec<WaitingView>,
    pub workers: Vec<WorkerView>,
    /// What waits for programs of your own
    pub errands: Vec<ErrandQueueView>,
    /// Counts go no further than this
    pub counted_up_to: i64,
}

#[derive(Serialize, ToSchema)]
pub struct WaitingView {
    /// high, normal or low
    pub priority: &'static str,
    pub due: i64,
    /// For how long the first of them has been due
    pub lag_s: Option<f64>,
    pub later: i64,
}

/// Errands that wait for programs, and those that programs have
#[derive(Serialize, ToSchema)]
pub struct ErrandQueueView {
    pub queue: String,
    pub offered: i64,
    /// For how long the first of them has been offered
    pub lag_s: Option<f64>,
    pub taken: i64,
}

#[derive(Serialize, ToSchema)]
pub struct WorkerView {
    pub name: String,
    /// How many runs it works on at once
    pub slots: i64,
    pub started_at: DateTime<Utc>,
    pub seen_at: DateTime<Utc>,
}

impl From<DeadLetter> for DeadLetterView {
    fn from(dead: DeadLetter) -> Self {
        Self {
            run: dead.run_id.0,
            reason: dead.reason.word(),
            step: dead.step,
            error: dead.error,
            attempts: dead.attempts,
            at: dead.at,
        }
    }
}

impl QueuesView {
    pub fn of(queues: Queues, now: DateTime<Utc>) -> Self {
        let waiting = queues.waiting.into_iter().map(|waiting| WaitingView {
            priority: waiting.priority().word(),
            due: waiting.due,
            lag_s: waiting.oldest.map(|oldest| (now - oldest).as_seconds_f64().max(0.0)),
            later: waiting.later,
        });
        let workers = queues.workers.into_iter().map(|worker| WorkerView {
            name: worker.id,
            slots: worker.slots,
            started_at: worker.started_at,
            seen_at: worker.seen_at,
        });
        let errands = queues.errands.into_iter().map(|one| ErrandQueueView {
            queue: one.queue.to_string(),
            offered: one.offered,
            lag_s: one.oldest.map(|oldest| (now - oldest).as_seconds_f64().max(0.0)),
            taken: one.taken,
        });
        Self {
            waiting: waiting.collect(),
            workers: workers.collect(),
            errands: errands.collect(),
            counted_up_to: queues.counted_up_to,
        }
    }
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PauseBody {
    /// What others should know
    pub why: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub struct BreakersView {
    pub breakers: Vec<BreakerView>,
}

#[derive(Serialize, ToSchema)]
pub struct BudgetsView {
    pub budgets: Vec<BudgetView>,
}

/// What the models of a workflow may cost on a day (UTC), and have cost today, in millionths of a US dollar
#[derive(Serialize, ToSchema)]
pub struct BudgetView {
    pub workflow: String,
    pub cost_per_day: i64,
    pub spent_today: i64,
    /// Whether no more models are asked until midnight
    pub spent: bool,
}

impl From<DayBudget> for BudgetView {
    fn from(budget: DayBudget) -> Self {
        Self {
            spent: budget.is_spent(),
            workflow: budget.workflow.to_string(),
            cost_per_day: budget.most,
            spent_today: budget.spent,
        }
    }
}

/// Somebody who is asked and has failed of late
#[derive(Serialize, ToSchema)]
pub struct BreakerView {
    /// A kind and a name, like model:claims-reader or host:erp.example.com
    pub dependency: String,
    /// Without any success between them
    pub failures: i64,
    /// Nobody asks before then
    pub open_until: Option<DateTime<Utc>>,
    pub last_error: String,
    pub failed_at: Option<DateTime<Utc>>,
}

impl From<BreakerRow> for BreakerView {
    fn from(row: BreakerRow) -> Self {
        let BreakerRow { dependency, failures, open_until, last_error, failed_at, .. } = row;
        Self { dependency, failures, open_until, last_error, failed_at }
    }
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct NumbersQuery {
    /// 1 to 744; 24 if not said
    pub hours: Option<u32>,
}

/// How a workflow goes
#[derive(Serialize, ToSchema)]
pub struct NumbersView {
    pub success: i64,
    pub failed: i64,
    pub cancelled: i64,
    /// Of those that failed: among the dead letters
    pub dead: i64,
    /// Ended later than the workflow wants
    pub late: i64,
    /// Results that were dropped, as whoever came to them was taken for lost
    pub stale: i64,
    /// From taken in to ended
    pub took: SpansView,
    /// What its models have cost, in millionths of a US dollar
    pub cost: i64,
    pub steps: Vec<StepNumbersView>,
}

#[derive(Serialize, ToSchema)]
pub struct StepNumbersView {
    pub step: String,
    pub success: i64,
    pub skipped: i64,
    pub failed: i64,
    /// Of those that failed: followed by another try
    pub retried: i64,
    /// Of those that failed: the end of their run, which is among the dead letters
    pub dead: i64,
    /// How many reviews were opened and decided, and how many of those were not accepted as they were
    pub opened: i64,
    pub decided: i64,
    pub overridden: i64,
    pub waited: SpansView,
    pub took: SpansView,
    /// What its model has cost, in millionths of a US dollar
    pub cost: i64,
}

/// In microseconds, off by a twentieth at most
#[derive(Serialize, ToSchema)]
pub struct SpansView {
    pub p50: Option<i64>,
    pub p95: Option<i64>,
    pub p99: Option<i64>,
}

impl From<Spans> for SpansView {
    fn from(Spans { p50, p95, p99 }: Spans) -> Self {
        Self { p50, p95, p99 }
    }
}

impl From<Numbers> for NumbersView {
    fn from(numbers: Numbers) -> Self {
        let step = |step: StepNumbers| StepNumbersView {
            step: step.step,
            success: step.success,
            skipped: step.skipped,
            failed: step.failed,
            retried: step.retried,
            dead: step.dead,
            opened: step.opened,
            decided: step.decided,
            overridden: step.overridden,
            waited: step.waited.into(),
            took: step.took.into(),
            cost: step.cost,
        };
        Self {
            success: numbers.success,
            failed: numbers.failed,
            cancelled: numbers.cancelled,
            dead: numbers.dead,
            late: numbers.late,
            stale: numbers.stale,
            took: numbers.took.into(),
            cost: numbers.cost,
            steps: numbers.steps.into_iter().map(step).collect(),
        }
    }
}
