//! Errands: what programs of the user do for runs.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use chrono::{DateTime, Utc};
use domain::Fault;
use domain::run::Mishap;
use domain::workflow::QueueName;
use engine::errand::{Back, Claim, Taken};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use super::Refused;
use super::extract::{Act, Body, Named, id};
use super::paging::word;
use super::run_views::json;
use super::views::Problem;
use crate::http::Host;

const MOST_AT_ONCE: usize = 100;
const SHORTEST_LEASE_S: u64 = 5;
const LONGEST_LEASE_S: u64 = 3_600;
/// Below what proxies usually wait for an answer.
const LONGEST_WAIT_S: u64 = 25;
const LONGEST_NAME: usize = 100;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ClaimBody {
    /// As the definition names it
    pub queue: String,
    /// What you call this program, for those who look at runs
    pub worker: String,
    /// 1 to 100; 1 if not said
    pub limit: Option<usize>,
    /// How long you may be silent before it is offered to others: 5 to 3600 seconds, 60 if not said
    pub lease_s: Option<u64>,
    /// How long to wait if there is nothing: up to 25 seconds, 0 if not said
    pub wait_s: Option<u64>,
}

#[derive(Serialize, ToSchema)]
pub struct ErrandsView {
    /// Empty if nothing was offered in that time
    pub errands: Vec<ErrandView>,
}

#[derive(Serialize, ToSchema)]
pub struct ErrandView {
    pub id: Uuid,
    /// Name it in everything you say about this errand
    pub epoch: i64,
    pub run: Uuid,
    pub workflow: String,
    pub step: String,
    /// Which try of the step it is
    pub number: i64,
    #[schema(value_type = Object)]
    pub input: Value,
    /// Say by then that you are still there
    pub lease_until: DateTime<Utc>,
    /// It has to be done by then
    pub until: DateTime<Utc>,
}

impl From<Taken> for ErrandView {
    fn from(taken: Taken) -> Self {
        Self {
            id: taken.id.0,
            epoch: taken.lease_epoch,
            run: taken.run_id.0,
            workflow: taken.workflow.to_string(),
            step: taken.step.to_string(),
            number: taken.number,
            input: json(&taken.input),
            lease_until: taken.lease_until,
            until: taken.until,
        }
    }
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HeartbeatBody {
    pub epoch: i64,
    /// 5 to 3600 seconds from now; 60 if not said
    pub lease_s: Option<u64>,
}

#[derive(Serialize, ToSchema)]
pub struct LeaseView {
    pub lease_until: DateTime<Utc>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CompleteBody {
    pub epoch: i64,
    /// What the step has found: it must fit the schema of the definition
    #[schema(value_type = Object)]
    pub output: Value,
    /// How sure you are of it, from 0 to 1
    pub confidence: Option<f64>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FailBody {
    pub epoch: i64,
    /// For whoever looks at the run
    pub error: String,
    /// network, timeout, busy, server, invalid or refused: what the policy of the step goes by; server if not said
    pub mishap: Option<String>,
}

/// Take errands
///
/// The most urgent first; no two programs ever take the same. With `wait_s` the answer comes as soon as something is offered.
/// Whoever is not heard of within the lease loses what they have taken.
#[utoipa::path(post, path = "/errands/claim", tag = "errands", request_body = ClaimBody, responses((status = 200, body = ErrandsView), (status = 422, body = Problem)))]
pub async fn claim(
    State(host): State<Host>,
    Act(act): Act,
    Body(body): Body<ClaimBody>,
) -> Result<Json<ErrandsView>, Refused> {
    let claim = Claim {
        queue: QueueName::parse(&body.queue).map_err(|wrong| Fault::field("queue", wrong.to_string()))?,
        worker: worker(&body.worker)?,
        limit: within("limit", body.limit.unwrap_or(1), 1, MOST_AT_ONCE)?,
        lease: lease(body.lease_s)?,
        wait: Duration::from_secs(within("wait_s", body.wait_s.unwrap_or(0), 0, LONGEST_WAIT_S)?)
            // A request that is given up in the middle must not have taken anything.
            .min(host.options.timeout / 2),
    };
    let taken = host.house.errands.claim(&act, &claim).await?;
    Ok(Json(ErrandsView { errands: taken.into_iter().map(ErrandView::from).collect() }))
}

/// Say that you are still at it
#[utoipa::path(post, path = "/errands/{id}/heartbeat", tag = "errands", params(("id" = Uuid, Path)), request_body = HeartbeatBody, responses((status = 200, body = LeaseView), (status = 409, body = Problem, description = "You have it no more: drop what you do"), (status = 422, body = Problem)))]
pub async fn heartbeat(
    State(host): State<Host>,
    Act(act): Act,
    Named(errand): Named<String>,
    Body(body): Body<HeartbeatBody>,
) -> Result<Json<LeaseView>, Refused> {
    let errands = &host.house.errands;
    let lease_until = errands.heartbeat(&act, id(&errand)?, body.epoch, lease(body.lease_s)?).await?;
    Ok(Json(LeaseView { lease_until }))
}

/// Bring back what you have found
///
/// The run goes on with it. What does not fit the schema is refused while you still have the errand. The same again changes
/// nothing, so that it can be sent again when its answer got lost.
#[utoipa::path(post, path = "/errands/{id}/complete", tag = "errands", params(("id" = Uuid, Path)), request_body = CompleteBody, responses((status = 204), (status = 409, body = Problem, description = "You have it no more"), (status = 422, body = Problem)))]
pub async fn complete(
    State(host): State<Host>,
    Act(act): Act,
    Named(errand): Named<String>,
    Body(CompleteBody { epoch, output, confidence }): Body<CompleteBody>,
) -> Result<axum::http::StatusCode, Refused> {
    host.house.errands.bring_back(&act, id(&errand)?, epoch, Back::Done { output, confidence }).await?;
    Ok(axum::http::StatusCode::NO_CONTENT)
}

/// Say that it could not be done
///
/// Whether it is offered again is for the policy of the step to say, which goes by the kind of mishap.
#[utoipa::path(post, path = "/errands/{id}/fail", tag = "errands", params(("id" = Uuid, Path)), request_body = FailBody, responses((status = 204), (status = 409, body = Problem, description = "You have it no more"), (status = 422, body = Problem)))]
pub async fn fail(
    State(host): State<Host>,
    Act(act): Act,
    Named(errand): Named<String>,
    Body(body): Body<FailBody>,
) -> Result<axum::http::StatusCode, Refused> {
    let mishap = word("mishap", body.mishap.as_deref(), Mishap::parse)?.unwrap_or(Mishap::Server);
    let back = Back::Failed { error: body.error, mishap };
    host.house.errands.bring_back(&act, id(&errand)?, body.epoch, back).await?;
    Ok(axum::http::StatusCode::NO_CONTENT)
}

fn worker(name: &str) -> Result<String, Fault> {
    let name = name.trim();
    let fits = !name.is_empty() && name.chars().count() <= LONGEST_NAME && !name.contains('\0');
    let message =
        || Fault::field("worker", format!("Give this program a name of 1 to {LONGEST_NAME} characters."));
    fits.then(|| name.to_owned()).ok_or_else(message)
}

fn lease(seconds: Option<u64>) -> Result<Duration, Fault> {
    within("lease_s", seconds.unwrap_or(60), SHORTEST_LEASE_S, LONGEST_LEASE_S).map(Duration::from_secs)
}

fn within<T: PartialOrd + std::fmt::Display>(field: &str, value: T, least: T, most: T) -> Result<T, Fault> {
    if value >= least && value <= most {
        return Ok(value);
    }
    Err(Fault::field(field, format!("Say a number from {least} to {most}.")))
}
