//! How a workflow goes: what was counted in the last hours, added up.

use std::collections::BTreeMap;

use chrono::{DurationRound, TimeDelta};
use domain::people::Permission;
use domain::run::sketch::percentile;
use domain::run::{AttemptState, RunState};
use domain::workflow::WorkflowName;

use super::Runs;
use super::store::{self, Sum};
use super::tally::{COST, DEAD, DECIDED, LATE, OPENED, OVERRIDDEN, RETRIED, STALE, TOOK, WAITED};
use crate::Error;
use crate::act::Act;
use crate::workflow::named;

/// Of runs as a whole, and of each step.
#[derive(Clone, Debug, Default)]
pub struct Numbers {
    pub success: i64,
    pub failed: i64,
    pub cancelled: i64,
    /// Of those that failed: given up, to lie among the dead letters.
    pub dead: i64,
    /// Ended later than they should have.
    pub late: i64,
    /// Results that were dropped: whoever came to them was taken for lost, and somebody else had gone on.
    pub stale: i64,
    /// From taken in to ended.
    pub took: Spans,
    /// What its models have cost, in millionths of a dollar.
    pub cost: i64,
    pub steps: Vec<StepNumbers>,
}

#[derive(Clone, Debug, Default)]
pub struct StepNumbers {
    pub step: String,
    pub success: i64,
    pub skipped: i64,
    pub failed: i64,
    /// Of those that failed: followed by another try.
    pub retried: i64,
    /// Of those that failed: the end of their run, which lies among the dead letters.
    pub dead: i64,
    /// How many reviews were opened and decided, and how many of those not accepted as they were.
    pub opened: i64,
    pub decided: i64,
    pub overridden: i64,
    /// What its model has cost, in millionths of a dollar.
    pub cost: i64,
    pub waited: Spans,
    pub took: Spans,
}

/// In microseconds; nothing if nothing was counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Spans {
    pub p50: Option<i64>,
    pub p95: Option<i64>,
    pub p99: Option<i64>,
}

impl Runs {
    /// What happened in the last hours, this one included; nothing if there is no such workflow.
    pub async fn numbers(
        &self,
        act: &Act,
        workflow: &WorkflowName,
        hours: u32,
    ) -> Result<Option<Numbers>, Error> {
        act.need(Permission::SeeRuns)?;
        let Some(workflow) = named(&self.db, workflow).await? else { return Ok(None) };
        let this_hour = act.at.duration_trunc(TimeDelta::hours(1)).unwrap_or(act.at);
        let since = this_hour - TimeDelta::hours(i64::from(hours) - 1);
        Ok(Some(added_up(&store::sums(&self.db, workflow.id, since).await?)))
    }
}

fn added_up(sums: &[Sum]) -> Numbers {
    let mut by_step: BTreeMap<&str, Vec<&Sum>> = BTreeMap::new();
    for sum in sums {
        by_step.entry(&sum.step).or_default().push(sum);
    }
    let whole = by_step.remove("").unwrap_or_default();
    Numbers {
        success: count(&whole, RunState::Success.word()),
        failed: count(&whole, RunState::Failed.word()),
        cancelled: count(&whole, RunState::Cancelled.word()),
        dead: count(&whole, DEAD),
        late: count(&whole, LATE),
        stale: count(&whole, STALE),
        took: spans(&whole, TOOK),
        cost: sums.iter().filter(|sum| sum.measure == COST).map(|sum| sum.count).sum(),
        steps: by_step
            .into_iter()
            .map(|(step, sums)| StepNumbers {
                step: step.to_owned(),
                success: count(&sums, AttemptState::Success.word()),
                skipped: count(&sums, AttemptState::Skipped.word()),
                failed: count(&sums, AttemptState::Failed.word()),
                retried: count(&sums, RETRIED),
                dead: count(&sums, DEAD),
                opened: count(&sums, OPENED),
                decided: count(&sums, DECIDED),
                overridden: count(&sums, OVERRIDDEN),
                cost: count(&sums, COST),
                waited: spans(&sums, WAITED),
                took: spans(&sums, TOOK),
            })
            .collect(),
    }
}

fn count(sums: &[&Sum], measure: &str) -> i64 {
    sums.iter().filter(|sum| sum.measure == measure).map(|sum| sum.count).sum()
}

fn spans(sums: &[&Sum], measure: &str) -> Spans {
    let buckets: Vec<_> =
        sums.iter().filter(|sum| sum.measure == measure).map(|sum| (sum.bucket, sum.count)).collect();
    let at = |percent| percentile(&buckets, percent);
    Spans { p50: at(50), p95: at(95), p99: at(99) }
}
