//! What the API shows of how workflows go.

use engine::run::{Numbers, Spans, StepNumbers};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

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
    /// From taken in to ended
    pub took: SpansView,
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
    pub waited: SpansView,
    pub took: SpansView,
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
            waited: step.waited.into(),
            took: step.took.into(),
        };
        Self {
            success: numbers.success,
            failed: numbers.failed,
            cancelled: numbers.cancelled,
            dead: numbers.dead,
            took: numbers.took.into(),
            steps: numbers.steps.into_iter().map(step).collect(),
        }
    }
}
