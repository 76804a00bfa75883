use chrono::{DateTime, Utc};
use domain::Fault;
use domain::people::Permission;
use domain::review::ReviewState;
use domain::run::RunState;
use engine::Error;
use engine::act::Act;
use engine::artifact::Reference;
use engine::review::Review;
use engine::run::{Attempt, Runs, Waits, Whole};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use super::parts::{attempt_tag, kept, pretty, short_id, state_tag};
use super::story::story;
use super::talk::talk;
use super::waterfall::waterfall;
use crate::review::why_short;
use crate::ui::Column::{Number, Text};
use crate::ui::{
    Column, Follow, Heading, ago, banner, button_form, date, dollars, facts, full, icon, in_app, lasting,
    live_part, load, secret, table, tag,
};
use crate::visit;

const ELEMENTS: [Column; 4] = [Text("Run"), Text("Step"), Number("Element"), Text("State")];

pub fn trace_page() -> impl IntoView {
    let id = use_params_map().with_untracked(|params| params.get("id")).unwrap_or_default();
    load(content(id))
}

async fn content(id: String) -> Result<AnyView, Error> {
    let act = visit::act()?;
    let id = id.parse().map_err(|_| Fault::not_found("There is no such run."))?;
    let whole = expect_context::<Runs>().open(&act, id).await?;
    let steps = if whole.attempts.is_empty() {
        view! { <div class="card"><div class="empty">{icon("timer")}<p>"No step has been tried yet."</p></div></div> }
            .into_any()
    } else {
        let cut = whole.is_cut.then(|| {
            view! { <p class="muted">"So much has happened that only the last thousand tries and events are shown."</p> }
        });
        view! { {waterfall(&whole, act.at)} {cut} }.into_any()
    };
    let now = view! {
        {why(&whole)}
        {waiting(&whole, &act)}
        {looked_at(&whole, &act)}
    };
    let content = view! {
        {live_part("now", now)}
        <div class="split">
            <div class="stack">
                {live_part("steps", view! { <section class="section" aria-labelledby="steps"><h2 id="steps">"Steps"</h2>{steps}</section> })}
                <section class="section" aria-labelledby="input">
                    <h2 id="input">"Input"</h2>
                    {kept(whole.run.id, &whole.run.input)}
                </section>
                {live_part("found", what_came_of_it(&whole, &act))}
            </div>
            <div class="stack">
                {live_part("story", what_is_known(&whole, act.at))}
                {act.may(Permission::StartRuns).then(|| as_curl(&whole))}
            </div>
        </div>
        <Follow />
    };
    let heading = Heading {
        title: whole.definition.title.clone(),
        beside: Some(live_part("state", state_tag(whole.run.state))),
        sub: Some(view! { <span class="mono">{short_id(whole.run.id)}</span> " · " {ago(whole.run.created_at, act.at)} }.into_any()),
        above: Some(("Runs", "/runs")),
        actions: Some(live_part("actions", actions(&whole, &act))),
        narrow: false,
    };
    Ok(in_app(heading, content))
}

fn what_came_of_it(whole: &Whole, act: &Act) -> impl IntoView + use<> {
    let output = whole.run.output.as_deref().map(|output| {
        view! {
            <section class="section" aria-labelledby="output">
                <h2 id="output">"Output"</h2>
                {kept(whole.run.id, output)}
            </section>
        }
    });
    let found: Vec<_> = whole.attempts.iter().map(|attempt| found(attempt, whole, act)).collect();
    view! {
        {output}
        {elements(whole)}
        <section class="section" aria-labelledby="found"><h2 id="found">"What each step found"</h2><div class="stack tight">{found}</div></section>
    }
}

fn what_is_known(whole: &Whole, now: DateTime<Utc>) -> impl IntoView + use<> {
    view! {
        <section class="card" aria-label="About this run"><div class="card-body">{about(whole, now)}</div></section>
        <section class="section" aria-labelledby="story"><h2 id="story">"What happened"</h2>{story(whole)}</section>
    }
}

/// First of all, why it is not where one would like it to be.
fn why(whole: &Whole) -> Option<AnyView> {
    let error = whole.run.error.clone()?;
    let words = match &whole.dead {
        Some(dead) => view! {
            <strong>{dead.reason.label()}". "</strong>
            {error}
            " It lies among the "
            <a href="/dead-letters">"dead letters"</a>
            "."
        }
        .into_any(),
        None => error.into_any(),
    };
    let kind = if whole.run.state == RunState::Failed { "bad" } else { "neutral" };
    Some(banner(kind, words).into_any())
}

/// What it waits for, and what can be done about it.
fn waiting(whole: &Whole, act: &Act) -> Vec<AnyView> {
    let one = |waits: &Waits| {
        let until = full(waits.until);
        let words = match &waits.signal {
            Some(signal) => view! { <strong>{waits.step.to_string()}</strong> " waits for the signal " <code>{signal.to_string()}</code> " until " {until} }.into_any(),
            None => view! { <strong>{waits.step.to_string()}</strong> " waits until " {until} }.into_any(),
        };
        let send = waits.signal.as_ref().filter(|_| act.may(Permission::StartRuns)).map(|signal| {
            let hidden = vec![("id", whole.run.id.to_string()), ("name", signal.to_string())];
            let label = format!("Send the signal {signal}");
            let button =
                view! { <button class="button small" aria-label=label>{icon("send")}"Send it"</button> };
            button_form("signal_run", hidden, button)
        });
        banner("", view! { <div class="row between"><span>{words}</span>{send}</div> }).into_any()
    };
    whole.waits.iter().map(one).collect()
}

/// What a person is to look at.
fn looked_at(whole: &Whole, act: &Act) -> Vec<AnyView> {
    let one = |review: &Review| {
        let look = act.may(Permission::SeeReviews).then(|| {
            let href = format!("/reviews/{}", review.id);
            view! { <a class="button small" href=href>{icon("check-check")}"Look at it"</a> }
        });
        let why = why_short(&review.grounds);
        let words = view! { <strong>{review.step.to_string()}</strong> " waits for a person until " {full(review.due_at)} ". " {why} };
        banner("warn", view! { <div class="row between"><span>{words}</span>{look}</div> }).into_any()
    };
    whole.reviews.iter().filter(|review| review.state == ReviewState::Open).map(one).collect()
}

fn actions(whole: &Whole, act: &Act) -> impl IntoView + use<> {
    let id = || vec![("id", whole.run.id.to_string())];
    let ended = whole.run.state.is_final();
    let may = act.may(Permission::ManageRuns);
    let cancel = (may && !ended).then(|| {
        button_form(
            "cancel_run",
            id(),
            view! { <button class="button danger">{icon("ban")}"Cancel"</button> },
        )
    });
    let retry = (may && ended && whole.run.state != RunState::Success).then(|| {
        button_form(
            "retry_run",
            id(),
            view! { <button class="button primary">{icon("undo-2")}"Try again"</button> },
        )
    });
    let rerun = (ended && act.may(Permission::StartRuns)).then(|| {
        button_form(
            "rerun_run",
            id(),
            view! { <button class="button">{icon("refresh-cw")}"Start over"</button> },
        )
    });
    view! { {rerun}{cancel}{retry} }
}

fn about(whole: &Whole, now: DateTime<Utc>) -> impl IntoView + use<> {
    let run = &whole.run;
    let name = whole.definition.name.to_string();
    let version = format!("/workflows/{name}?version={}", run.version);
    let mut pairs = vec![
        ("Id", view! { <span class="mono">{run.id.to_string()}</span> }.into_any()),
        ("Workflow", view! { <a href=version>{format!("{name}, version {}", run.version)}</a> }.into_any()),
    ];
    if let Some(project) = &run.project {
        let href = format!("/runs?project={}", project.as_str());
        pairs.push(("Project", view! { <a href=href>{project.as_str().to_owned()}</a> }.into_any()));
    }
    if let Some(key) = &run.key {
        pairs.push(("Key", view! { <span>{key.clone()}</span> }.into_any()));
    }
    if let Some(origin) = run.origin_id {
        let link = view! { <a class="mono" href=format!("/runs/{origin}")>{short_id(origin)}</a> };
        pairs.push(("Does over", link.into_any()));
    }
    pairs.push(("Taken in", view! { {date(run.created_at)} " by " {run.created_by.clone()} }.into_any()));
    if let Some(started) = run.started_at {
        pairs.push(("Waited", lasting((started - run.created_at).max(chrono::TimeDelta::zero())).into_any()));
        let end = run.finished_at.unwrap_or(now);
        pairs.push(("Took", lasting((end - started).max(chrono::TimeDelta::zero())).into_any()));
    }
    if let Some(parent) = run.parent_id {
        let link = view! { <a class="mono" href=format!("/runs/{parent}")>{short_id(parent)}</a> };
        pairs.push(("Element of", link.into_any()));
    }
    if let Some(slo) = whole.definition.slo {
        let due = run.created_at + slo.duration();
        let late = run.finished_at.unwrap_or(now) > due;
        let mark = late.then(|| view! { " " {tag("warn", "Late")} });
        pairs.push(("Wanted by", view! { {full(due)} {mark} }.into_any()));
    }
    let costs: Vec<_> = whole.attempts.iter().filter_map(|attempt| attempt.cost).collect();
    if !costs.is_empty() {
        pairs.push(("Cost", dollars(costs.iter().sum()).into_any()));
    }
    facts(pairs)
}

/// The runs of the elements of lists, those that need somebody first.
fn elements(whole: &Whole) -> Option<AnyView> {
    const MOST: usize = 100;
    if whole.children.is_empty() {
        return None;
    }
    let mut all: Vec<_> = whole.children.iter().collect();
    let rank = |state: RunState| match state {
        RunState::Failed => 0,
        RunState::NeedsReview => 1,
        RunState::Running => 2,
        RunState::Pending => 3,
        RunState::Cancelled => 4,
        RunState::Success => 5,
    };
    all.sort_by_key(|child| (rank(child.state), child.parent_place));
    let ended = all.iter().filter(|child| child.state.is_final()).count();
    let words = format!("{ended} of {} that were sent through have ended.", all.len());
    let row = |child: &&engine::run::Child| {
        view! {
            <tr>
                <th scope="row"><a class="row-link mono" href=format!("/runs/{}", child.id)>{short_id(child.id)}</a></th>
                <td data-label="Step" class="mono">{child.parent_step.to_string()}</td>
                <td data-label="Element" class="num">{child.parent_place}</td>
                <td data-label="State">{state_tag(child.state)}</td>
            </tr>
        }
    };
    let rows: Vec<_> = all.iter().take(MOST).map(row).collect();
    Some(
        view! {
            <section class="section" aria-labelledby="elements">
                <h2 id="elements">"Elements"</h2>
                <p class="muted">{words}</p>
                {table("table compact", "Runs of elements, those that need somebody first", &ELEMENTS, rows)}
            </section>
        }
        .into_any(),
    )
}

/// What one try of a step found, closed until one wants to see it.
fn found(attempt: &Attempt, whole: &Whole, act: &Act) -> impl IntoView + use<> {
    let stands_in = whole.definition.stood_in_for(&attempt.step).is_some();
    let may = act.may(Permission::ManageRuns) && !attempt.superseded && !stands_in;
    let known = whole.definition.step(&attempt.step).is_some();
    let again = (whole.run.state.is_final() && may && known).then(|| {
        let hidden = vec![("id", whole.run.id.to_string()), ("from", attempt.step.to_string())];
        let label = format!("Try again from {}", attempt.step);
        button_form("retry_run", hidden, view! { <button class="button small" aria-label=label>{icon("undo-2")}"Again from here"</button> })
    });
    let open = attempt.state == domain::run::AttemptState::Failed && !attempt.superseded;
    let sure =
        attempt.confidence.map(|sure| view! { <span class="muted">{format!("confidence {sure:.2}")}</span> });
    let number = if attempt.number > 1 { format!(" · try {}", attempt.number) } else { String::new() };
    let inside = match (&attempt.output, &attempt.error) {
        (Some(output), _) => kept(whole.run.id, output),
        (None, Some(error)) => view! { <p>{error.clone()}</p> }.into_any(),
        (None, None) => ().into_any(),
    };
    view! {
        <details class="card found" id=format!("{}-{}", attempt.step, attempt.number) open=open>
            <summary>
                <span class="mono grow">{attempt.step.to_string()}{number}</span>
                {sure}
                {attempt_tag(attempt.state)}
            </summary>
            <div class="card-body">
                {inside}
                {detail(attempt, whole)}
                <div class="row between">
                    <p class="muted">{format!("By {} in its lease {}", attempt.worker, attempt.lease_epoch)}</p>
                    {again}
                </div>
            </div>
        </details>
    }
}

/// Who was asked, and what.
fn detail(attempt: &Attempt, whole: &Whole) -> Option<AnyView> {
    let detail = attempt.detail.as_deref()?;
    if Reference::read(detail).is_some() {
        return Some(view! { <h3 class="muted">"Asked"</h3> {kept(whole.run.id, detail)} }.into_any());
    }
    let said: serde_json::Value = serde_json::from_str(detail).unwrap_or_default();
    let text = |name: &str| said.get(name).and_then(|value| value.as_str()).map(str::to_owned);
    if let Some(step) = text("fallback") {
        return Some(
            view! { <p>"Done in its place by " <span class="mono">{step}</span> "."</p> }.into_any(),
        );
    }
    if let Some(id) = text("review") {
        let review = whole.reviews.iter().find(|review| review.id.to_string() == id);
        let by = review.and_then(|review| review.decided_name.clone()).unwrap_or_else(|| "nobody".to_owned());
        let link = view! { <a href=format!("/reviews/{id}")>"Reviewed"</a> {format!(" by {by}.")} };
        return Some(view! { <p>{link}</p> }.into_any());
    }
    if let Some(id) = text("message") {
        return Some(
            view! { <p><a href=format!("/webhooks/{id}")>"The message"</a> " and how it was delivered."</p> }
                .into_any(),
        );
    }
    if let Some(queue) = text("queue") {
        let by = text("program")
            .map_or_else(|| "Nobody took it".to_owned(), |program| format!("Given to {program}"));
        return Some(view! { <p>{by} " (queue " <span class="mono">{queue}</span> ")."</p> }.into_any());
    }
    if let Some(talk) = talk(&said) {
        return Some(talk);
    }
    let asked =
        view! { <h3 class="muted">"Asked"</h3> <pre class="code" tabindex="0">{pretty(detail)}</pre> };
    Some(asked.into_any())
}

/// The same item once more, from a terminal.
fn as_curl(whole: &Whole) -> Option<AnyView> {
    const LONGEST: usize = 4_000;
    if whole.run.input.len() > LONGEST || Reference::read(&whole.run.input).is_some() {
        return None;
    }
    let project =
        whole.run.project.as_ref().map(|code| format!(r#", "project": "{code}""#)).unwrap_or_default();
    // Without its key: the same one again would be the same run.
    let body =
        format!(r#"{{"workflow": "{}", "input": {}{project}}}"#, whole.definition.name, whole.run.input);
    let url = format!("{}/api/v1/runs", visit::base_url());
    // Within single quotes a shell takes everything as it is, but for a single quote.
    let body = body.replace('\'', r"'\''");
    let text = format!(
        "curl -X POST {url} -H \"Authorization: Bearer $COUNTERSIGN_TOKEN\" -H 'Content-Type: application/json' -d '{body}'"
    );
    Some(
        view! {
            <section class="section" aria-labelledby="curl">
                <h2 id="curl">"As a call"</h2>
                {secret("The same item by curl", &text)}
            </section>
        }
        .into_any(),
    )
}
