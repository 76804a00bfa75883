//! What the API shows and takes of reviews.

use chrono::{DateTime, Utc};
use domain::review::{Ground, Verdict};
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

/// Where a review stands
#[derive(Serialize, ToSchema)]
pub struct ReviewHead {
    pub id: Uuid,
    pub step: String,
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

/// What lists, runs and reviews themselves know of a review is held in rows of two kinds, with the same names.
macro_rules! head {
    ($review:expr) => {
        ReviewHead {
            id: $review.id.0,
            step: $review.step.to_string(),
            state: $review.state.word(),
            level: $review.level.word(),
            grounds: $review.grounds.0.into_iter().map(GroundView::from).collect(),
            confidence: $review.confidence,
            opened_at: $review.opened_at,
            due_at: $review.due_at,
            verdict: $review.verdict.map(Verdict::word),
            decided_by: $review.decided_name,
            decided_at: $review.decided_at,
        }
    };
}

impl From<Review> for ReviewHead {
    fn from(review: Review) -> Self {
        head!(review)
    }
}

#[derive(Serialize, ToSchema)]
pub struct ReviewLineView {
    #[serde(flatten)]
    pub head: ReviewHead,
    pub run: Uuid,
    pub workflow: String,
    /// What the caller of the run calls it
    pub key: Option<String>,
}

impl From<ReviewLine> for ReviewLineView {
    fn from(line: ReviewLine) -> Self {
        Self { run: line.run_id.0, workflow: line.workflow.to_string(), key: line.key, head: head!(line) }
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
        let [found, output] = [&review.found, &review.output].map(|text| text.as_deref().map(json));
        let (reason, comment) = (review.reason.clone(), review.comment.clone());
        Self {
            line: ReviewLineView {
                run: review.run_id.0,
                workflow: workflow.to_string(),
                key: run.key,
                head: review.into(),
            },
            input: json(&run.input),
            found,
            schema,
            reasons: asked.reasons,
            output,
            reason,
            comment,
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
