//! What the API shows and takes of runs.

use chrono::{DateTime, Utc};
use domain::Fault;
use engine::artifact::Reference;
use engine::run::{Attempt, Child, Event, RunLine, Start, Started, Whole};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::operation_views::DeadLetterView;
use super::review_views::ReviewHead;

/// One item
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StartBody {
    /// The name of the workflow; its newest version is taken
    pub workflow: String,
    /// What goes through it: it must fit the schema of the workflow
    #[schema(value_type = Object)]
    pub input: Value,
    /// The code of the project it belongs to
    pub project: Option<String>,
    /// What you call it: the same key again is the same run, and with another input a conflict
    pub key: Option<String>,
}

impl From<StartBody> for Start {
    fn from(StartBody { workflow, input, project, key }: StartBody) -> Self {
        Self { workflow, input, project, key }
    }
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct StartQuery {
    /// With several items: start all of them or none
    pub atomic: Option<bool>,
}

#[derive(Serialize, ToSchema)]
pub struct StartedView {
    pub id: Uuid,
    pub state: &'static str,
    /// Whether this call made it; false if its key was known
    pub made: bool,
}

impl From<Started> for StartedView {
    fn from(started: Started) -> Self {
        Self { id: started.id.0, state: started.state.word(), made: started.made }
    }
}

/// The answer to one of several items: its run, or why there is none
#[derive(Serialize, ToSchema)]
pub struct ItemView {
    #[serde(flatten)]
    pub started: Option<StartedView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<ItemProblem>,
}

/// Why an item was refused
#[derive(Serialize, ToSchema)]
pub struct ItemProblem {
    pub status: u16,
    pub detail: String,
    /// Each with the field it is about: a JSON pointer below `input`
    #[schema(value_type = Vec<Object>)]
    pub errors: Vec<domain::fault::FieldFault>,
}

impl From<Result<Started, Fault>> for ItemView {
    fn from(answer: Result<Started, Fault>) -> Self {
        match answer {
            Ok(started) => Self { started: Some(started.into()), error: None },
            Err(fault) => Self { started: None, error: Some(fault.into()) },
        }
    }
}

impl From<Fault> for ItemProblem {
    fn from(fault: Fault) -> Self {
        Self { status: fault.kind.status(), detail: fault.message, errors: fault.fields }
    }
}

#[derive(Serialize, ToSchema)]
pub struct BatchView {
    /// In the order of the items
    pub runs: Vec<ItemView>,
    pub made: usize,
    /// Whose key was known
    pub known: usize,
    pub refused: usize,
}

impl From<Vec<Result<Started, Fault>>> for BatchView {
    fn from(answers: Vec<Result<Started, Fault>>) -> Self {
        let count =
            |which: fn(&Result<Started, Fault>) -> bool| answers.iter().filter(|one| which(one)).count();
        Self {
            made: count(|one| matches!(one, Ok(started) if started.made)),
            known: count(|one| matches!(one, Ok(started) if !started.made)),
            refused: count(Result::is_err),
            runs: answers.into_iter().map(ItemView::from).collect(),
        }
    }
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct RunsQuery {
    /// The name of a workflow
    pub workflow: Option<String>,
    /// The code of a project
    pub project: Option<String>,
    /// pending, running, needs_review, success, failed or cancelled
    pub state: Option<String>,
    /// What its caller calls it
    pub key: Option<String>,
    /// Made at or after
    pub from: Option<DateTime<Utc>>,
    /// Made before
    pub until: Option<DateTime<Utc>>,
    /// Somewhere in the input, the error or the key, or the id itself. It is looked for in 20,000 runs at a time: a page may be
    /// short or empty and still have a `next`
    pub text: Option<String>,
    /// The `next` of the page before
    pub after: Option<Uuid>,
    /// 1 to 200; 50 if not said
    pub limit: Option<usize>,
}

#[derive(Serialize, ToSchema)]
pub struct RunLineView {
    pub id: Uuid,
    pub workflow: String,
    pub version: i64,
    pub state: &'static str,
    pub key: Option<String>,
    /// The code of the project it belongs to
    pub project: Option<String>,
    pub error: Option<String>,
    pub created_at: DateTime<Utc>,
    pub started_at: Option<DateTime<Utc>>,
    pub finished_at: Option<DateTime<Utc>>,
}

impl From<RunLine> for RunLineView {
    fn from(line: RunLine) -> Self {
        Self {
            id: line.id.0,
            workflow: line.workflow.to_string(),
            version: line.version,
            state: line.state.word(),
            key: line.key,
            project: line.project.map(|code| code.as_str().to_owned()),
            error: line.error,
            created_at: line.created_at,
            started_at: line.started_at,
            finished_at: line.finished_at,
        }
    }
}

/// The newest first
#[derive(Serialize, ToSchema)]
pub struct RunsPage {
    pub runs: Vec<RunLineView>,
    /// Pass it as `after` for the next page; absent at the end.
    pub next: Option<Uuid>,
}

/// A run with its whole trace
#[derive(Serialize, ToSchema)]
pub struct RunView {
    pub id: Uuid,
    pub workflow: String,
    pub version: i64,
    pub state: &'static str,
    pub key: Option<String>,
    /// The code of the project it belongs to
    pub project: Option<String>,
    #[schema(value_type = Object)]
    pub input: Value,
    #[schema(value_type = Object)]
    pub output: Option<Value>,
    /// Why it failed
    pub error: Option<String>,
    /// The run it does over again
    pub origin: Option<Uuid>,
    pub created_by: String,
    pub created_at: DateTime<Utc>,
    pub started_at: Option<DateTime<Utc>>,
    pub finished_at: Option<DateTime<Utc>>,
    /// When it is gone on with, if nobody works on it now
    pub due_at: Option<DateTime<Utc>>,
    /// What it waits for
    pub waits: Vec<WaitView>,
    /// What people were to look at, in the order it was opened
    pub reviews: Vec<ReviewHead>,
    /// In the order they began
    pub attempts: Vec<AttemptView>,
    /// The run it was made for, as the element of a list
    pub parent: Option<Uuid>,
    /// The runs that were made for the elements of its lists, a thousand at most
    pub children: Vec<ChildView>,
    pub events: Vec<EventView>,
    /// Whether there were so many tries or events that only the last thousand are here
    pub is_cut: bool,
    pub dead_letter: Option<DeadLetterView>,
}

/// One try of a step
#[derive(Serialize, ToSchema)]
pub struct AttemptView {
    pub step: String,
    pub number: i64,
    /// success, skipped or failed
    pub state: &'static str,
    #[schema(value_type = Object)]
    pub output: Option<Value>,
    pub confidence: Option<f64>,
    pub error: Option<String>,
    /// What was asked, without secrets, and what came back: of a service its status, of a model all that was said
    #[schema(value_type = Object)]
    pub detail: Option<Value>,
    /// What the model was paid, in millionths of a US dollar
    pub cost: Option<i64>,
    pub worker: String,
    /// When it could have begun
    pub due_at: DateTime<Utc>,
    pub started_at: DateTime<Utc>,
    pub finished_at: DateTime<Utc>,
    /// When it is tried again
    pub retry_at: Option<DateTime<Utc>>,
    /// Somebody had it done again: it counts no more
    pub superseded: bool,
}

#[derive(Serialize, ToSchema)]
pub struct EventView {
    pub at: DateTime<Utc>,
    pub kind: String,
    pub by: String,
    pub detail: String,
}

#[derive(Deserialize, ToSchema, Default)]
#[serde(deny_unknown_fields)]
pub struct RetryBody {
    /// The step to be done again, with all that follow it; without one, it goes on from where it had come to
    pub from: Option<String>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SignalBody {
    /// Any JSON: what the step that waits for it finds
    #[serde(default)]
    #[schema(value_type = Object)]
    pub payload: Value,
}

/// A step that waits
#[derive(Serialize, ToSchema)]
pub struct WaitView {
    pub step: String,
    /// The signal it waits for; nothing if only time is to pass
    pub signal: Option<String>,
    pub since: DateTime<Utc>,
    pub until: DateTime<Utc>,
}

/// A run that was made for the element of a list
#[derive(Serialize, ToSchema)]
pub struct ChildView {
    pub id: Uuid,
    pub step: String,
    /// The place of the element in the list, from 0
    pub place: i64,
    pub state: &'static str,
    pub error: Option<String>,
}

impl From<Child> for ChildView {
    fn from(child: Child) -> Self {
        Self {
            id: child.id.0,
            step: child.parent_step.to_string(),
            place: child.parent_place,
            state: child.state.word(),
            error: child.error,
        }
    }
}

impl From<Whole> for RunView {
    fn from(whole: Whole) -> Self {
        let Whole { run, definition, attempts, events, is_cut, standing, waits, reviews, children, dead } =
            whole;
        let waits = waits.into_iter().map(|waits| WaitView {
            step: waits.step.to_string(),
            signal: waits.signal.map(|signal| signal.to_string()),
            since: waits.since,
            until: waits.until,
        });
        Self {
            id: run.id.0,
            workflow: definition.name.to_string(),
            version: run.version,
            state: run.state.word(),
            key: run.key,
            project: run.project.map(|code| code.as_str().to_owned()),
            input: json(&run.input),
            output: run.output.as_deref().map(json),
            error: run.error,
            origin: run.origin_id.map(|origin| origin.0),
            created_by: run.created_by,
            created_at: run.created_at,
            started_at: run.started_at,
            finished_at: run.finished_at,
            due_at: standing.filter(|standing| !standing.taken).map(|standing| standing.run_at),
            waits: waits.collect(),
            reviews: reviews.into_iter().map(ReviewHead::from).collect(),
            parent: run.parent_id.map(|parent| parent.0),
            children: children.into_iter().map(ChildView::from).collect(),
            attempts: attempts.into_iter().map(AttemptView::from).collect(),
            events: events.into_iter().map(EventView::from).collect(),
            is_cut,
            dead_letter: dead.map(DeadLetterView::from),
        }
    }
}

impl From<Attempt> for AttemptView {
    fn from(attempt: Attempt) -> Self {
        Self {
            step: attempt.step.to_string(),
            number: attempt.number,
            state: attempt.state.word(),
            output: attempt.output.as_deref().map(json),
            confidence: attempt.confidence,
            error: attempt.error,
            detail: attempt.detail.as_deref().map(json),
            cost: attempt.cost,
            worker: attempt.worker,
            due_at: attempt.due_at,
            started_at: attempt.started_at,
            finished_at: attempt.finished_at,
            retry_at: attempt.retry_at,
            superseded: attempt.superseded,
        }
    }
}

impl From<Event> for EventView {
    fn from(event: Event) -> Self {
        Self { at: event.at, kind: event.kind, by: event.actor_name, detail: event.detail }
    }
}

/// What we have written ourselves reads back; for what was set aside stands by what name it can be asked for.
pub fn json(text: &str) -> Value {
    if let Some(reference) = Reference::read(text) {
        return serde_json::json!({ "$artifact": reference.name(), "bytes": reference.bytes });
    }
    serde_json::from_str(text).unwrap_or_default()
}
