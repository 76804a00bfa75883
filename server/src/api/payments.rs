//! Payments: batches to approve, and one's own pay.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use domain::Fault;
use domain::ids::{BatchId, PaymentId, SubjectId};
use domain::payment::FindingKind;
use engine::payment::Outcome;

use super::Refused;
use super::extract::{Act, Asked, Body, Named, id};
use super::paging::{next, page_size};
use super::payment_views::{
    AcceptBody, ApproveBody, ApprovedView, BatchView, BatchesPage, BatchesQuery, OwnPaymentView, ReasonBody,
    RemindedView, SlipView,
};
use super::views::Problem;
use crate::http::Host;

/// List batches, the latest first
#[utoipa::path(get, path = "/pay/batches", tag = "pay", params(BatchesQuery), responses((status = 200, body = BatchesPage)))]
pub async fn list(
    State(host): State<Host>,
    Act(act): Act,
    Asked(asked): Asked<BatchesQuery>,
) -> Result<Json<BatchesPage>, Refused> {
    let page = host.house.payments.batches(&act, asked.after.map(BatchId), page_size(asked.limit)?).await?;
    let next = next(&page, |it| it.batch.id.0);
    Ok(Json(BatchesPage { batches: page.rows.into_iter().map(Into::into).collect(), next }))
}

/// One batch, with all that is to be decided
#[utoipa::path(get, path = "/pay/batches/{id}", tag = "pay", params(("id" = Uuid, Path)), responses((status = 200, body = BatchView), (status = 404, body = Problem)))]
pub async fn get(
    State(host): State<Host>,
    Act(act): Act,
    Named(batch): Named<String>,
) -> Result<Json<BatchView>, Refused> {
    Ok(Json(host.house.payments.batch(&act, id(&batch)?).await?.into()))
}

/// Approve a batch as you have seen it
///
/// If anything of it has changed since, nothing is approved. What holds your own pay, or is paid by rates you wrote, needs
/// somebody else besides.
#[utoipa::path(post, path = "/pay/batches/{id}/approve", tag = "pay", params(("id" = Uuid, Path)), request_body = ApproveBody, responses((status = 200, body = ApprovedView), (status = 409, body = Problem, description = "It has changed, is not over, was approved already, or something is not decided")))]
pub async fn approve(
    State(host): State<Host>,
    Act(act): Act,
    Named(batch): Named<String>,
    Body(body): Body<ApproveBody>,
) -> Result<Json<ApprovedView>, Refused> {
    let outcome = host.house.payments.approve(&act, id(&batch)?, &body.hash).await?;
    Ok(Json(ApprovedView { approved: outcome == Outcome::Approved }))
}

/// Remind those whose work for a batch may be missing
///
/// Each of them is told once a day. Answers how many they are.
#[utoipa::path(post, path = "/pay/batches/{id}/remind", tag = "pay", params(("id" = Uuid, Path)), responses((status = 200, body = RemindedView), (status = 409, body = Problem, description = "Everything is in")))]
pub async fn remind(
    State(host): State<Host>,
    Act(act): Act,
    Named(batch): Named<String>,
) -> Result<Json<RemindedView>, Refused> {
    Ok(Json(RemindedView { people: host.house.payments.remind(&act, id(&batch)?).await? }))
}

/// Accept what was found about somebody
#[utoipa::path(post, path = "/pay/batches/{id}/accept", tag = "pay", params(("id" = Uuid, Path)), request_body = AcceptBody, responses((status = 204), (status = 409, body = Problem, description = "It says something else by now"), (status = 422, body = Problem)))]
pub async fn accept(
    State(host): State<Host>,
    Act(act): Act,
    Named(batch): Named<String>,
    Body(body): Body<AcceptBody>,
) -> Result<StatusCode, Refused> {
    let unknown = || Fault::field("findings", "One of these is no kind of finding.");
    let said = body
        .findings
        .into_iter()
        .map(|it| Some((FindingKind::parse(&it.kind)?, it.sentence)))
        .collect::<Option<Vec<_>>>()
        .ok_or_else(unknown)?;
    let subject = SubjectId(body.subject);
    host.house.payments.accept(&act, id(&batch)?, subject, &said, &body.reason).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// One payment, line by line
#[utoipa::path(get, path = "/pay/payments/{id}", tag = "pay", params(("id" = Uuid, Path)), responses((status = 200, body = SlipView), (status = 404, body = Problem)))]
pub async fn slip(
    State(host): State<Host>,
    Act(act): Act,
    Named(payment): Named<String>,
) -> Result<Json<SlipView>, Refused> {
    let payment: PaymentId = id(&payment)?;
    Ok(Json(host.house.payments.slip(&act, payment).await?.into()))
}

/// Pay somebody with the next batch and not with this one
#[utoipa::path(put, path = "/pay/payments/{id}/hold", tag = "pay", params(("id" = Uuid, Path)), request_body = ReasonBody, responses((status = 204), (status = 409, body = Problem), (status = 422, body = Problem)))]
pub async fn hold(
    State(host): State<Host>,
    Act(act): Act,
    Named(payment): Named<String>,
    Body(body): Body<ReasonBody>,
) -> Result<StatusCode, Refused> {
    host.house.payments.hold(&act, id(&payment)?, &body.reason).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Pay it with this batch again
#[utoipa::path(delete, path = "/pay/payments/{id}/hold", tag = "pay", params(("id" = Uuid, Path)), responses((status = 204), (status = 409, body = Problem)))]
pub async fn let_go(
    State(host): State<Host>,
    Act(act): Act,
    Named(payment): Named<String>,
) -> Result<StatusCode, Refused> {
    host.house.payments.let_go(&act, id(&payment)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Your own pay, the latest first
#[utoipa::path(get, path = "/pay/mine", tag = "pay", responses((status = 200, body = [OwnPaymentView])))]
pub async fn mine(State(host): State<Host>, Act(act): Act) -> Result<Json<Vec<OwnPaymentView>>, Refused> {
    let own = host.house.payments.mine(&act).await?;
    Ok(Json(own.into_iter().map(Into::into).collect()))
}

/// Take a line back that was approved
///
/// What was paid for it is made up for by the next payment, and the work can be entered once more.
#[utoipa::path(post, path = "/pay/lines/{id}/reverse", tag = "pay", params(("id" = Uuid, Path)), request_body = ReasonBody, responses((status = 204), (status = 409, body = Problem, description = "It is not approved, or was taken back already"), (status = 422, body = Problem)))]
pub async fn reverse(
    State(host): State<Host>,
    Act(act): Act,
    Named(line): Named<String>,
    Body(body): Body<ReasonBody>,
) -> Result<StatusCode, Refused> {
    host.house.payments.reverse(&act, id(&line)?, &body.reason).await?;
    Ok(StatusCode::NO_CONTENT)
}
