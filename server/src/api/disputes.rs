//! Lines that people say are wrong.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use domain::dispute::AnswerDraft;

use super::Refused;
use super::dispute_views::{AnswerBody, DisputeView, DisputesQuery, RaisedView, SaidBody};
use super::extract::{Act, Asked, Body, Named, id};
use super::views::Problem;
use crate::http::Host;

/// List lines that people say are wrong, what is due first before all others
#[utoipa::path(get, path = "/pay/disputes", tag = "pay", params(DisputesQuery), responses((status = 200, body = [DisputeView])))]
pub async fn list(
    State(host): State<Host>,
    Act(act): Act,
    Asked(asked): Asked<DisputesQuery>,
) -> Result<Json<Vec<DisputeView>>, Refused> {
    let disputes = host.house.disputes.list(&act, !asked.ended).await?;
    Ok(Json(disputes.into_iter().map(Into::into).collect()))
}

/// Say that a line of your own is wrong
#[utoipa::path(post, path = "/pay/lines/{id}/dispute", tag = "pay", params(("id" = Uuid, Path)), request_body = SaidBody, responses((status = 201, body = RaisedView), (status = 409, body = Problem, description = "It can be changed, or waits for an answer already"), (status = 422, body = Problem)))]
pub async fn raise(
    State(host): State<Host>,
    Act(act): Act,
    Named(line): Named<String>,
    Body(body): Body<SaidBody>,
) -> Result<(StatusCode, Json<RaisedView>), Refused> {
    let raised = host.house.disputes.raise(&act, id(&line)?, &body.said).await?;
    Ok((StatusCode::CREATED, Json(RaisedView { id: raised.0 })))
}

/// Say what was found about a line
#[utoipa::path(post, path = "/pay/disputes/{id}/answer", tag = "pay", params(("id" = Uuid, Path)), request_body = AnswerBody, responses((status = 204), (status = 409, body = Problem, description = "It is answered already"), (status = 422, body = Problem)))]
pub async fn answer(
    State(host): State<Host>,
    Act(act): Act,
    Named(dispute): Named<String>,
    Body(body): Body<AnswerBody>,
) -> Result<StatusCode, Refused> {
    let draft = AnswerDraft { outcome: body.outcome, answer: body.answer };
    host.house.disputes.answer(&act, id(&dispute)?, &draft).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Take back what you have said
#[utoipa::path(delete, path = "/pay/disputes/{id}", tag = "pay", params(("id" = Uuid, Path)), responses((status = 204), (status = 409, body = Problem, description = "It is answered already")))]
pub async fn withdraw(
    State(host): State<Host>,
    Act(act): Act,
    Named(dispute): Named<String>,
) -> Result<StatusCode, Refused> {
    host.house.disputes.withdraw(&act, id(&dispute)?).await?;
    Ok(StatusCode::NO_CONTENT)
}
