//! Messages as the API shows them.

use chrono::{DateTime, Utc};
use domain::webhook::MessageState;
use engine::webhook::{Delivery, Message, WholeMessage};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::run_views::json;

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct MessagesQuery {
    /// pending, delivered or failed
    pub state: Option<String>,
    /// Only what this run has told
    pub run: Option<Uuid>,
    /// The `next` of the page before
    pub after: Option<Uuid>,
    /// 1 to 200; 50 if not said
    pub limit: Option<usize>,
}

#[derive(Serialize, ToSchema)]
pub struct MessagesPage {
    pub messages: Vec<MessageView>,
    /// Pass it as `after` for the next page
    pub next: Option<Uuid>,
}

/// Something a run tells somebody
#[derive(Serialize, ToSchema)]
pub struct MessageView {
    pub id: Uuid,
    /// As its receiver knows it
    pub webhook_id: String,
    pub run: Uuid,
    pub workflow: String,
    pub step: String,
    #[serde(rename = "type")]
    pub kind: String,
    pub url: String,
    /// pending, delivered or failed
    pub state: &'static str,
    /// Failed tries since it was written, or sent again by hand
    pub failed: i64,
    /// When it is tried next
    pub next_at: Option<DateTime<Utc>>,
    pub written_at: DateTime<Utc>,
    pub ended_at: Option<DateTime<Utc>>,
}

#[derive(Serialize, ToSchema)]
pub struct WholeMessageView {
    #[serde(flatten)]
    pub message: MessageView,
    #[schema(value_type = Object)]
    pub body: serde_json::Value,
    /// The newest try first
    pub deliveries: Vec<DeliveryView>,
}

/// One try to deliver a message
#[derive(Serialize, ToSchema)]
pub struct DeliveryView {
    pub number: i64,
    pub at: DateTime<Utc>,
    pub took_ms: i64,
    /// Of the answer, if there was one
    pub status: Option<i64>,
    /// Nothing if it was taken
    pub error: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub struct SentAgainView {
    pub messages: usize,
    /// Ask again if there are
    pub more: bool,
}

impl From<Message> for MessageView {
    fn from(message: Message) -> Self {
        let pending = message.state == MessageState::Pending;
        Self {
            id: message.id.0,
            webhook_id: format!("msg_{}", message.id.0.simple()),
            run: message.run_id.0,
            workflow: message.workflow.to_string(),
            step: message.step.to_string(),
            kind: message.kind,
            url: message.url,
            state: message.state.word(),
            failed: message.failed,
            next_at: pending.then_some(message.next_at),
            written_at: message.written_at,
            ended_at: message.ended_at,
        }
    }
}

impl From<WholeMessage> for WholeMessageView {
    fn from(whole: WholeMessage) -> Self {
        let deliveries = whole.deliveries.into_iter().map(|one: Delivery| DeliveryView {
            number: one.number,
            at: one.at,
            took_ms: one.took_ms,
            status: one.status,
            error: Some(one.error).filter(|error| !error.is_empty()),
        });
        Self {
            deliveries: deliveries.collect(),
            body: json(&whole.message.body),
            message: whole.message.into(),
        }
    }
}
