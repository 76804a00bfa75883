//! Webhooks: what runs tell others.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use domain::ids::{MessageId, RunId};
use domain::webhook::MessageState;
use engine::webhook::MessageFilter;

use super::Refused;
use super::extract::{Act, Asked, Named, id};
use super::paging::{next, page_size, word};
use super::views::Problem;
use super::webhook_views::{MessagesPage, MessagesQuery, SentAgainView, WholeMessageView};
use crate::http::Host;

/// List messages
#[utoipa::path(get, path = "/webhooks", tag = "runs", params(MessagesQuery), responses((status = 200, body = MessagesPage), (status = 422, body = Problem)))]
pub async fn list(
    State(host): State<Host>,
    Act(act): Act,
    Asked(asked): Asked<MessagesQuery>,
) -> Result<Json<MessagesPage>, Refused> {
    let state = word("state", asked.state.as_deref(), MessageState::parse)?;
    let filter = MessageFilter { state, run: asked.run.map(RunId) };
    let before = asked.after.map(MessageId);
    let page = host.house.webhooks.list(&act, filter, before, page_size(asked.limit)?).await?;
    let next = next(&page, |message| message.id.0);
    Ok(Json(MessagesPage { messages: page.rows.into_iter().map(Into::into).collect(), next }))
}

/// One message, with what was tried
#[utoipa::path(get, path = "/webhooks/{id}", tag = "runs", params(("id" = Uuid, Path)), responses((status = 200, body = WholeMessageView)))]
pub async fn get(
    State(host): State<Host>,
    Act(act): Act,
    Named(message): Named<String>,
) -> Result<Json<WholeMessageView>, Refused> {
    let whole = host.house.webhooks.open(&act, id(&message)?).await?;
    Ok(Json(whole.into()))
}

/// Send a message again
///
/// Under its id, so that its receiver knows it again.
#[utoipa::path(post, path = "/webhooks/{id}/send-again", tag = "runs", params(("id" = Uuid, Path)), responses((status = 204), (status = 409, body = Problem)))]
pub async fn send_again(
    State(host): State<Host>,
    Act(act): Act,
    Named(message): Named<String>,
) -> Result<StatusCode, Refused> {
    host.house.webhooks.send_again(&act, id(&message)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Send all messages again that were given up
#[utoipa::path(post, path = "/webhooks/send-again", tag = "runs", responses((status = 200, body = SentAgainView)))]
pub async fn send_all_again(State(host): State<Host>, Act(act): Act) -> Result<Json<SentAgainView>, Refused> {
    let (messages, more) = host.house.webhooks.send_all_again(&act).await?;
    Ok(Json(SentAgainView { messages, more }))
}
