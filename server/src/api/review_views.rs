//! What the API shows and takes of reviews.

use chrono::{DateTime, Utc};
use domain::review::Ground;
use engine::review::{Review, ReviewLine, WholeReview};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::run_views::json;

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ReviewsQuery {
    /// open, decided, lapsed or withdrawn; open if not said
    pub state: Option<String>,
    /// The name of a workflow
    pub workflow: Option<String>,
    /// What opened it first: low_confidence, high_risk, repeated_failure, key_customer, sample or always
    pub trigger: Option<String>,
    /// reviewers or managers
    pub level: Option<String>,
    /// The `next` of the page before
    pub after: Option<Uuid>,
    /// 1 to 200; 50 if not said
    pub limit: Option<usize>,
}

/// Why somebody is to look
#[derive(Serialize, ToSchema)]
pub struct GroundView {
    pub trigger: &'static str,
    pub said: String,
    /// The field it is about, if it is about one
    pub field: Option<String>,
    /// What was found, and the limit it was held against
    pub figure: Option<f64>,
    pub limit: Option<f64>,
}

impl From<Ground> for GroundView {
    fn from(Ground { trigger, said, field, figure, limit }: Ground) -> Self {
        Self { trigger: trigger.word(), said, field, figure, limit }
    }
}

#[derive(Serialize, ToSchema)]
pub struct ReviewLineView {
    pub id: Uuid,
    pub run: Uuid,
    pub step: String,
    pub workflow: String,
    /// What the caller of the run calls it
    pub key: Option<String>,
    pub state: &'static str,
    /// reviewers or managers: who is to decide
    pub level: &'static str,
    pub grounds: Vec<GroundView>,
    pub confidence: Option<f64>,
    pub opened_at: DateTime<Utc>,
    pub due_at: DateTime<Utc>,
    /// accept, correct or reject
    pub verdict: Option<&'static str>,
    pub decided_by: Option<String>,
    pub decided_at: Option<DateTime<Utc>>,
}

impl From<ReviewLine> for ReviewLineView {
    fn from(line: ReviewLine) -> Self {
        Self {
            id: line.id.0,
            run: line.run_id.0,
            step: line.step.to_string(),
            workflow: line.workflow.to_string(),
            key: line.key,
            state: line.state.word(),
            level: line.level.word(),
            grounds: line.grounds.0.into_iter().map(GroundView::from).collect(),
            confidence: line.confidence,
            opened_at: line.opened_at,
            due_at: line.due_at,
            verdict: line.verdict.map(domain::review::Verdict::word),
            decided_by: line.decided_name,
            decided_at: line.decided_at,
        }
    }
}

#[derive(Serialize, ToSchema)]
pub struct ReviewsPage {
    pub reviews: Vec<ReviewLineView>,
    /// Pass it as `after` for the next page; absent at the end.
    pub next: Option<Uuid>,
}

/// A review with all that is needed to decide it
#[derive(Serialize, ToSchema)]
pub struct ReviewView {
    #[serde(flatten)]
    pub line: ReviewLineView,
    /// What the run was given
    #[schema(value_type = Object)]
    pub input: Value,
    /// What the step has found; absent if it could not be done
    #[schema(value_type = Object)]
    pub found: Option<Value>,
    /// The JSON Schema a correction must fit, if there is one
    #[schema(value_type = Object)]
    pub schema: Option<Value>,
    /// The reasons to choose from; any, if there are none
    pub reasons: Vec<String>,
    /// What it was corrected to
    #[schema(value_type = Object)]
    pub output: Option<Value>,
    pub reason: Option<String>,
    pub comment: Option<String>,
}

impl From<WholeReview> for ReviewView {
    fn from(whole: WholeReview) -> Self {
        let WholeReview { review, run, workflow, asked, schema, .. } = whole;
        let Review { found, output, reason, comment, .. } = review;
        Self {
            line: ReviewLineView {
                id: review.id.0,
                run: review.run_id.0,
                step: review.step.to_string(),
                workflow: workflow.to_string(),
                key: run.key,
                state: review.state.word(),
                level: review.level.word(),
                grounds: review.grounds.0.into_iter().map(GroundView::from).collect(),
                confidence: review.confidence,
                opened_at: review.opened_at,
                due_at: review.due_at,
                verdict: review.verdict.map(domain::review::Verdict::word),
                decided_by: review.decided_name,
                decided_at: review.decided_at,
            },
            input: json(&run.input),
            found: found.as_deref().map(json),
            schema,
            reasons: asked.reasons,
            output: output.as_deref().map(json),
            reason,
            comment,
        }
    }
}

/// A review as its run shows it
#[derive(Serialize, ToSchema)]
pub struct RunReviewView {
    pub id: Uuid,
    pub step: String,
    pub state: &'static str,
    pub level: &'static str,
    pub grounds: Vec<GroundView>,
    pub opened_at: DateTime<Utc>,
    pub due_at: DateTime<Utc>,
    pub verdict: Option<&'static str>,
    pub decided_by: Option<String>,
    pub decided_at: Option<DateTime<Utc>>,
}

impl From<Review> for RunReviewView {
    fn from(review: Review) -> Self {
        Self {
            id: review.id.0,
            step: review.step.to_string(),
            state: review.state.word(),
            level: review.level.word(),
            grounds: review.grounds.0.into_iter().map(GroundView::from).collect(),
            opened_at: review.opened_at,
            due_at: review.due_at,
            verdict: review.verdict.map(domain::review::Verdict::word),
            decided_by: review.decided_name,
            decided_at: review.decided_at,
        }
    }
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DecisionBody {
    /// accept, correct or reject
    pub verdict: String,
    /// Of a correction: what it should have been
    #[schema(value_type = Object)]
    pub output: Option<Value>,
    /// From the reasons of the workflow, if it names any; needed to reject
    pub reason: Option<String>,
    pub comment: Option<String>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EscalationBody {
    /// For the managers
    pub comment: Option<String>,
}
