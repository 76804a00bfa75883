use axum::Json;
use axum::extract::State;
use domain::Fault;
use domain::ids::ReviewId;
use domain::review::{Level, ReviewState, Said, Trigger, Verdict};
use engine::review::Sought;

use super::Refused;
use super::extract::{Act, Asked, Body, Named, id};
use super::paging::{next, page_size, word};
use super::review_views::{
    DecisionBody, EscalationBody, ReviewLineView, ReviewView, ReviewsPage, ReviewsQuery,
};
use super::runs::workflow;
use super::views::Problem;
use crate::http::Host;

/// List reviews
///
/// The open ones, if no other state is asked for: those that are due first come first. Of other states, the newest first.
#[utoipa::path(get, path = "/reviews", tag = "reviews", params(ReviewsQuery), responses((status = 200, body = ReviewsPage)))]
pub async fn list(
    State(host): State<Host>,
    Act(act): Act,
    Asked(asked): Asked<ReviewsQuery>,
) -> Result<Json<ReviewsPage>, Refused> {
    let sought = Sought {
        state: word("state", asked.state.as_deref(), ReviewState::parse)?.unwrap_or(ReviewState::Open),
        workflow: workflow(asked.workflow.as_deref())?,
        trigger: word("trigger", asked.trigger.as_deref(), Trigger::parse)?,
        level: word("level", asked.level.as_deref(), Level::parse)?,
    };
    let after = asked.after.map(ReviewId);
    let page = host.house.reviews.list(&act, &sought, after, page_size(asked.limit)?).await?;
    let next = next(&page, |review| review.id.0);
    Ok(Json(ReviewsPage { reviews: page.rows.into_iter().map(ReviewLineView::from).collect(), next }))
}

/// One review, with all that is needed to decide it
#[utoipa::path(get, path = "/reviews/{id}", tag = "reviews", params(("id" = Uuid, Path)), responses((status = 200, body = ReviewView), (status = 404, body = Problem)))]
pub async fn get(
    State(host): State<Host>,
    Act(act): Act,
    Named(review): Named<String>,
) -> Result<Json<ReviewView>, Refused> {
    Ok(Json(host.house.reviews.open(&act, id(&review)?).await?.into()))
}

/// Decide a review
///
/// The run goes on with what was accepted or corrected; rejected, it ends. The same decision again by the same person
/// changes nothing, so that it can be sent again when its answer got lost.
#[utoipa::path(post, path = "/reviews/{id}/decide", tag = "reviews", params(("id" = Uuid, Path)), request_body = DecisionBody, responses((status = 200, body = ReviewView), (status = 409, body = Problem, description = "Somebody else has decided it, its time has run out, or its run was ended"), (status = 422, body = Problem, description = "What is missing, or does not fit the schema")))]
pub async fn decide(
    State(host): State<Host>,
    Act(act): Act,
    Named(review): Named<String>,
    Body(body): Body<DecisionBody>,
) -> Result<Json<ReviewView>, Refused> {
    let review = id(&review)?;
    let verdict = word("verdict", Some(&body.verdict), Verdict::parse)?
        .ok_or_else(|| Fault::field("verdict", "Say accept, correct or reject."))?;
    let said = Said { verdict, output: body.output, reason: body.reason, comment: body.comment };
    host.house.reviews.decide(&act, review, said).await?;
    Ok(Json(host.house.reviews.open(&act, review).await?.into()))
}

/// Hand a review to the managers
#[utoipa::path(post, path = "/reviews/{id}/escalate", tag = "reviews", params(("id" = Uuid, Path)), request_body = EscalationBody, responses((status = 200, body = ReviewView), (status = 409, body = Problem)))]
pub async fn escalate(
    State(host): State<Host>,
    Act(act): Act,
    Named(review): Named<String>,
    Body(body): Body<EscalationBody>,
) -> Result<Json<ReviewView>, Refused> {
    let review = id(&review)?;
    host.house.reviews.escalate(&act, review, body.comment.as_deref()).await?;
    Ok(Json(host.house.reviews.open(&act, review).await?.into()))
}
