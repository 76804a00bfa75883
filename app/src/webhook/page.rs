use chrono::{DateTime, TimeDelta, Utc};
use domain::Fault;
use domain::people::Permission;
use domain::webhook::MessageState;
use engine::Error;
use engine::webhook::{Delivery, Webhooks, WholeMessage};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use super::list::state_tag;
use crate::run::parts::{pretty, short_id};
use crate::ui::Column::{Number, Text};
use crate::ui::{
    Column, Heading, ago, button_form, facts, full, icon, in_app, lasting, load, table, tag, until,
};
use crate::visit;

const COLUMNS: [Column; 4] = [Number("Try"), Text("Answer"), Number("Took"), Text("When")];

pub fn message_page() -> impl IntoView {
    let id = use_params_map().with_untracked(|params| params.get("id")).unwrap_or_default();
    load(content(id))
}

async fn content(id: String) -> Result<AnyView, Error> {
    let act = visit::act()?;
    let id = id.parse().map_err(|_| Fault::not_found("There is no such message."))?;
    let whole = expect_context::<Webhooks>().open(&act, id).await?;
    let message = &whole.message;
    let tries = if whole.deliveries.is_empty() {
        view! { <p class="muted">"It has not been tried yet."</p> }.into_any()
    } else {
        let rows: Vec<_> = whole.deliveries.iter().map(|one| row(one, act.at)).collect();
        table("table", "Tries to deliver it, the newest first", &COLUMNS, rows).into_any()
    };
    let content = view! {
        <section class="card" aria-label="About this message"><div class="card-body">{about(&whole, act.at)}</div></section>
        <section class="section" aria-labelledby="tries"><h2 id="tries">"Tries"</h2>{tries}</section>
        <section class="section" aria-labelledby="body">
            <h2 id="body">"What it says"</h2>
            <pre class="code" tabindex="0">{pretty(&message.body)}</pre>
        </section>
    };
    let again = (act.may(Permission::ManageRuns) && message.state != MessageState::Pending).then(|| {
        let button = view! { <button class="button">{icon("send")}"Send again"</button> };
        button_form("send_message_again", vec![("id", id.to_string())], button).into_any()
    });
    let heading = Heading {
        title: message.kind.clone(),
        beside: Some(state_tag(message.state).into_any()),
        sub: Some(view! { <span class="mono">{format!("msg_{}", id.0.simple())}</span> }.into_any()),
        above: Some(("Webhooks", "/webhooks")),
        actions: again,
        ..Heading::default()
    };
    Ok(in_app(heading, content))
}

fn about(whole: &WholeMessage, now: DateTime<Utc>) -> impl IntoView + use<> {
    let message = &whole.message;
    let run = message.run_id;
    let mut pairs = vec![
        ("Goes to", view! { <span class="mono">{message.url.clone()}</span> }.into_any()),
        ("Signed with", view! { <span class="mono">{message.secret.clone()}</span> }.into_any()),
        (
            "Of",
            view! { <a href=format!("/runs/{run}")>{format!("{} ", message.workflow)} <span class="mono">{short_id(run)}</span></a> {format!(", {}", message.step)} }
                .into_any(),
        ),
        ("Written", full(message.written_at).into_any()),
    ];
    if message.state == MessageState::Pending {
        pairs.push(("Next try", until(message.next_at, now).into_any()));
    }
    facts(pairs)
}

fn row(one: &Delivery, now: DateTime<Utc>) -> impl IntoView + use<> {
    let mark = if one.error.is_empty() { tag("ok", "Taken") } else { tag("bad", "Failed") };
    let status = one.status.map(|status| format!(" {status}"));
    view! {
        <tr>
            <th scope="row" class="num">{one.number}</th>
            <td data-label="Answer" class="wide">{mark} {status} " " <span class="muted">{one.error.clone()}</span></td>
            <td data-label="Took" class="num">{lasting(TimeDelta::milliseconds(one.took_ms))}</td>
            <td data-label="When">{ago(one.at, now)}</td>
        </tr>
    }
}
