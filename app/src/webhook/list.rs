use chrono::{DateTime, Utc};
use domain::people::Permission;
use domain::webhook::MessageState;
use engine::Error;
use engine::page::Page;
use engine::webhook::{Message, MessageFilter, Webhooks};
use leptos::prelude::*;

use crate::run::parts::{short_id, tabs};
use crate::ui::Column::{Number, Text};
use crate::ui::filters::{filters, pick};
use crate::ui::{Column, Heading, ago, button_form, empty, icon, in_app, load, pager, shown, table, tag};
use crate::visit::{self, query};

const COLUMNS: [Column; 5] =
    [Text("Message"), Text("State"), Text("Goes to"), Number("Failed tries"), Text("Written")];

const PAGE: usize = 50;

pub fn list_page() -> impl IntoView {
    load(content())
}

async fn content() -> Result<AnyView, Error> {
    let act = visit::act()?;
    let words = query("state").unwrap_or_default();
    let run = query("run").unwrap_or_default();
    let filter = MessageFilter { state: MessageState::parse(&words), run: run.parse().ok() };
    let before = query("after").and_then(|id| id.parse().ok());
    let page = if filter.run.is_none() && !run.is_empty() {
        // No run has an id that cannot be read, and so none has written anything.
        Page { rows: Vec::new(), has_more: false }
    } else {
        expect_context::<Webhooks>().list(&act, filter, before, PAGE).await?
    };
    let kept = crate::ui::filter_query(&[("state", &words), ("run", &run)]);
    let list = if page.rows.is_empty() && !kept.is_empty() {
        let action = view! { <a class="button" href="/webhooks">"Show all messages"</a> };
        empty("send", "No messages of this kind", "Nothing fits this filter.", action).into_any()
    } else if page.rows.is_empty() {
        let words = "A step of a workflow that says emit tells others something by a signed webhook. Nothing was told yet.";
        empty("send", "No messages yet", words, ()).into_any()
    } else {
        let shown = shown(page.rows.len(), page.has_more, "One message", "messages");
        let next = page.rows.last().filter(|_| page.has_more).map(|last| format!("after={}", last.id));
        let rows: Vec<_> = page.rows.iter().map(|message| row(message, act.at)).collect();
        view! {
            {table("table", "Messages, the newest first", &COLUMNS, rows)}
            {pager(shown, &kept, before.is_some(), next)}
        }
        .into_any()
    };
    let states = MessageState::ALL.iter().map(|state| (state.word(), state.label()));
    let inside = view! {
        {pick("state", "State", states, &words)}
        {(!run.is_empty()).then(|| view! { <input type="hidden" name="run" value=run.clone()/> })}
    };
    let filters = filters("Filter messages", "/webhooks", !kept.is_empty(), inside);
    // It sends all there are, and so is offered only where all of them are shown.
    let again = (filter.state == Some(MessageState::Failed)
        && filter.run.is_none()
        && act.may(Permission::ManageRuns)
        && !page.rows.is_empty())
    .then(|| {
        let button = view! { <button class="button small">{icon("send")}"Send all of these again"</button> };
        view! { <div>{button_form("send_all_messages_again", vec![], button)}</div> }
    });
    let heading = Heading {
        title: "Runs".to_owned(),
        sub: Some(
            "What runs tell others. A message is sent until it has arrived, for three days.".into_any(),
        ),
        ..Heading::default()
    };
    let of_run = filter.run.map(|run| {
        let link = view! { <a class="mono" href=format!("/runs/{run}")>{short_id(run)}</a> };
        view! { <p class="muted">"Only what the run " {link} " has told."</p> }
    });
    Ok(in_app(heading, view! { {tabs("/webhooks")} {filters} {of_run} {again} {list} }))
}

pub fn state_tag(state: MessageState) -> impl IntoView {
    let kind = match state {
        MessageState::Pending => "info",
        MessageState::Delivered => "ok",
        MessageState::Failed => "bad",
    };
    tag(kind, state.label())
}

fn row(message: &Message, now: DateTime<Utc>) -> impl IntoView + use<> {
    view! {
        <tr>
            <th scope="row">
                <span class="who">
                    <span class="grow">
                        <a class="row-link mono" href=format!("/webhooks/{}", message.id)>{message.kind.clone()}</a>
                        <span class="sub truncate mono">{format!("{} · {}", message.workflow, message.step)}</span>
                    </span>
                </span>
            </th>
            <td data-label="State">{state_tag(message.state)}</td>
            <td data-label="Goes to" class="wide clip">{message.url.clone()}</td>
            <td data-label="Failed tries" class="num">{message.failed}</td>
            <td data-label="Written">{ago(message.written_at, now)}</td>
        </tr>
    }
}
