//! Looking at reviews: the queue, and one with all that is needed to decide it.

use std::sync::Arc;

use domain::Fault;
use domain::ids::{ReviewId, WorkflowId};
use domain::people::Permission;
use domain::review::{Level, ReviewState, Trigger};
use domain::workflow::{self, WorkflowName};
use serde_json::Value;

use super::Reviews;
use super::store::{self, Review, ReviewFilter, ReviewLine};
use crate::Error;
use crate::act::Act;
use crate::page::Page;
use crate::run::Run;
use crate::workflow::{PreparedReview, named};

/// Which reviews somebody wants to see.
#[derive(Clone, Debug)]
pub struct Sought {
    pub state: ReviewState,
    pub workflow: Option<WorkflowName>,
    pub trigger: Option<Trigger>,
    pub level: Option<Level>,
}

impl Default for Sought {
    fn default() -> Self {
        Self { state: ReviewState::Open, workflow: None, trigger: None, level: None }
    }
}

/// A review with all that is needed to decide it.
#[derive(Clone, Debug)]
pub struct WholeReview {
    pub review: Review,
    pub run: Run,
    pub workflow: WorkflowName,
    pub title: String,
    /// What the definition says about it.
    pub asked: workflow::Review,
    /// The JSON Schema a correction must fit, if there is one.
    pub schema: Option<Value>,
}

impl Reviews {
    /// Open ones by when they are due, others the newest first; those behind the given one.
    pub async fn list(
        &self,
        act: &Act,
        sought: &Sought,
        after: Option<ReviewId>,
        size: usize,
    ) -> Result<Page<ReviewLine>, Error> {
        act.need(Permission::SeeReviews)?;
        let workflow: Option<WorkflowId> = match &sought.workflow {
            None => None,
            Some(name) => match named(&self.db, name).await? {
                Some(workflow) => Some(workflow.id),
                None => return Ok(Page { rows: Vec::new(), has_more: false }),
            },
        };
        let Sought { state, trigger, level, .. } = *sought;
        let filter = ReviewFilter { state, workflow, trigger, level };
        let limit = i64::try_from(size).unwrap_or(1000) + 1;
        Ok(Page::of(store::list(&self.db, filter, after, limit).await?, size))
    }

    pub async fn open(&self, act: &Act, id: ReviewId) -> Result<WholeReview, Error> {
        act.need(Permission::SeeReviews)?;
        Ok(self.whole(id).await?.0)
    }

    /// The one to look at next, other than this one; nothing if there is none somebody may decide.
    pub async fn next(&self, act: &Act, but: ReviewId) -> Result<Option<ReviewId>, Error> {
        let level = (!act.may(Permission::DecideEscalated)).then_some(Level::Reviewers);
        let page = self.list(act, &Sought { level, ..Sought::default() }, None, 2).await?;
        Ok(page.rows.into_iter().map(|line| line.id).find(|id| *id != but))
    }

    /// Also with what decides whether a correction fits.
    pub(super) async fn whole(&self, id: ReviewId) -> Result<(WholeReview, Arc<PreparedReview>), Error> {
        let review = store::review(&self.db, id).await?.ok_or_else(no_such_review)?;
        let (run, prepared) = self.runs.known(review.run_id).await?;
        let asked = Arc::clone(prepared.review(&review.step).ok_or_else(no_such_review)?);
        let definition = prepared.definition();
        let whole = WholeReview {
            workflow: definition.name.clone(),
            title: definition.title.clone(),
            schema: asked.schema().cloned(),
            review,
            run,
            asked: asked.review().clone(),
        };
        Ok((whole, asked))
    }
}

pub(super) fn no_such_review() -> Fault {
    Fault::not_found("There is no such review.")
}
