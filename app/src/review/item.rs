use chrono::{DateTime, Utc};
use domain::Fault;
use domain::people::Permission;
use domain::review::{Ground, Level, ReviewState};
use engine::Error;
use engine::act::Act;
use engine::review::{Reviews, WholeReview};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use serde_json::Value;

use super::decision::decision;
use super::parts::{due, level_tag, state_tag, trigger_tag, trigger_tags};
use super::value::{changes, shown};
use crate::ui::{Heading, banner, facts, full, in_app, load};
use crate::visit;

pub fn item_page() -> impl IntoView {
    let id = use_params_map().with_untracked(|params| params.get("id")).unwrap_or_default();
    load(content(id))
}

async fn content(id: String) -> Result<AnyView, Error> {
    let act = visit::act()?;
    let id = id.parse().map_err(|_| Fault::not_found("There is no such review."))?;
    let whole = expect_context::<Reviews>().open(&act, id).await?;
    let open = whole.review.state == ReviewState::Open;
    let input: Value = serde_json::from_str(&whole.run.input)?;
    let found: Option<Value> = whole.review.found.as_deref().map(serde_json::from_str).transpose()?;
    let output: Option<Value> = whole.review.output.as_deref().map(serde_json::from_str).transpose()?;
    let doubted: Vec<String> =
        whole.review.grounds.iter().filter_map(|ground| ground.field.clone()).collect();
    let what = match &found {
        Some(found) => shown(found, &doubted).into_any(),
        None => view! { <p class="muted">"Nothing: the step could not be done. Say what it should have been."</p> }
            .into_any(),
    };
    let corrected = output.as_ref().map(|output| {
        view! {
            <section class="section" aria-labelledby="corrected">
                <h2 id="corrected">"Corrected to"</h2>
                <div class="card"><div class="card-body">{changes(found.as_ref().unwrap_or(&Value::Null), output)}</div></div>
            </section>
        }
    });
    let may = open && act.may(Permission::Decide);
    let mine = whole.review.level == Level::Reviewers || act.may(Permission::DecideEscalated);
    let form = (may && mine).then(|| decision(&whole, found.as_ref()));
    let not_mine = (may && !mine).then(|| {
        banner("warn", view! { "This review was handed to the managers. Only they can decide it." })
    });
    let content = view! {
        {not_mine}
        {how_it_ended(&whole)}
        <div class="desk">
            <section class="section desk-input" aria-labelledby="input">
                <h2 id="input">"What came in"</h2>
                <div class="card"><div class="card-body">{shown(&input, &[])}</div></div>
            </section>
            <div class="stack desk-found">
                <section class="section" aria-labelledby="found">
                    <h2 id="found">{format!("What “{}” found", whole.asked.of)}</h2>
                    <div class="card"><div class="card-body">{what}</div></div>
                </section>
                {corrected}
            </div>
            <div class="stack desk-decide">
                <section class="section" aria-labelledby="why">
                    <h2 id="why">"Why you are asked"</h2>
                    <ul class="grounds card">{whole.review.grounds.iter().map(ground).collect::<Vec<_>>()}</ul>
                </section>
                {form}
                <section class="card" aria-label="About this review"><div class="card-body">{about(&whole, &act)}</div></section>
            </div>
        </div>
    };
    let heading = Heading {
        title: whole.run.key.clone().unwrap_or_else(|| whole.title.clone()),
        beside: Some(
            view! { {trigger_tags(&whole.review.grounds)} {level_tag(whole.review.level)} }.into_any(),
        ),
        sub: Some(when(&whole, act.at).into_any()),
        above: Some(("Reviews", "/reviews")),
        ..Heading::default()
    };
    Ok(in_app(heading, content))
}

fn when(whole: &WholeReview, now: DateTime<Utc>) -> AnyView {
    if whole.review.state == ReviewState::Open {
        let otherwise = whole.asked.otherwise.label().to_lowercase();
        let title = whole.title.clone();
        view! { {title} " · due " {due(whole.review.due_at, now)} " (" {full(whole.review.due_at)} {format!("; otherwise: {otherwise})")} }
            .into_any()
    } else {
        view! { {whole.title.clone()} " · " {state_tag(whole.review.state, whole.review.verdict)} }.into_any()
    }
}

fn ground(ground: &Ground) -> impl IntoView + use<> {
    view! { <li>{trigger_tag(ground.trigger)} <p>{ground.said.clone()}</p></li> }
}

/// Who has decided, and what they said about it.
fn how_it_ended(whole: &WholeReview) -> Option<AnyView> {
    let review = &whole.review;
    let words = match (review.state, review.verdict, review.decided_at) {
        (ReviewState::Open, ..) => return None,
        (ReviewState::Decided, Some(verdict), Some(at)) => {
            let by = review.decided_name.clone().unwrap_or_default();
            let said: Vec<_> = [&review.reason, &review.comment].into_iter().flatten().cloned().collect();
            let said = if said.is_empty() { String::new() } else { format!(" {}", said.join(" · ")) };
            view! { <strong>{verdict.label()}</strong> {format!(" by {by}, ")} {full(at)} "." {said} }
                .into_any()
        }
        (ReviewState::Lapsed, ..) => view! { "Nobody decided in time." }.into_any(),
        _ => view! { "Nobody needs to look any more: the run was ended." }.into_any(),
    };
    Some(banner("neutral", words).into_any())
}

fn about(whole: &WholeReview, act: &Act) -> impl IntoView + use<> {
    let run = &whole.run;
    let (id, version) = (run.id, run.version);
    let link = if act.may(Permission::SeeRuns) {
        view! { <a href=format!("/runs/{id}")>"What happened before"</a> }.into_any()
    } else {
        id.to_string().into_any()
    };
    let workflow = whole.workflow.to_string();
    let href = format!("/workflows/{workflow}?version={version}");
    facts(vec![
        ("Run", link),
        ("Workflow", view! { <a href=href>{format!("{workflow}, version {version}")}</a> }.into_any()),
        ("Step", view! { <span class="mono">{whole.review.step.to_string()}</span> }.into_any()),
        ("Opened", full(whole.review.opened_at).into_any()),
    ])
}
