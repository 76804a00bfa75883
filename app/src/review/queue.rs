use chrono::{DateTime, Utc};
use domain::people::Permission;
use domain::review::{Level, ReviewState, Trigger};
use domain::workflow::WorkflowName;
use engine::Error;
use engine::review::{ReviewLine, Reviews, Sought};
use engine::workflow::Workflows;
use leptos::prelude::*;

use super::parts::{due, level_tag, state_tag, trigger_tags, why_short};
use crate::ui::Column::{Number, Text};
use crate::ui::filters::{filters, pick, pick_else};
use crate::ui::{
    Column, Follow, Heading, ago, empty, filter_query, icon, in_app, live_part, load, pager, shown, table,
};
use crate::visit::{self, query};

const OPEN: [Column; 4] = [Text("Item"), Text("Why"), Number("Confidence"), Text("Due")];
const ENDED: [Column; 4] = [Text("Item"), Text("Why"), Text("How it ended"), Text("By")];

const PAGE: usize = 50;

/// More workflows than a list to choose from can show.
const MOST_WORKFLOWS: usize = 200;

const NAMES: [&str; 4] = ["state", "workflow", "trigger", "level"];

pub fn queue_page() -> impl IntoView {
    load(content())
}

/// What the words of the address mean; nothing if one of them means nothing, and so no review fits it.
fn sought(words: &[String; 4]) -> Option<Sought> {
    let [state, workflow, trigger, level] =
        words.each_ref().map(|word| Some(word.as_str()).filter(|word| !word.is_empty()));
    Some(Sought {
        state: state.map_or(Some(ReviewState::Open), ReviewState::parse)?,
        workflow: workflow.map(WorkflowName::parse).transpose().ok()?,
        trigger: trigger.map(|word| Trigger::parse(word).ok_or(())).transpose().ok()?,
        level: level.map(|word| Level::parse(word).ok_or(())).transpose().ok()?,
    })
}

async fn content() -> Result<AnyView, Error> {
    let act = visit::act()?;
    act.need(Permission::SeeReviews)?;
    let words = NAMES.map(|name| query(name).unwrap_or_default());
    let pairs: Vec<_> = NAMES.into_iter().zip(words.iter().map(String::as_str)).collect();
    let kept = filter_query(&pairs);
    let after = query("after").and_then(|id| id.parse().ok());
    let sought = sought(&words);
    let found = match &sought {
        Some(sought) => Some(expect_context::<Reviews>().list(&act, sought, after, PAGE).await?),
        None => None,
    };
    let open = sought.as_ref().is_some_and(|sought| sought.state == ReviewState::Open);
    let list = match &found {
        Some(page) if !page.rows.is_empty() => {
            let shown = shown(page.rows.len(), page.has_more, "One review", "reviews");
            let next = page.rows.last().filter(|_| page.has_more).map(|last| format!("after={}", last.id));
            let rows: Vec<_> = page.rows.iter().map(|line| row(line, open, act.at)).collect();
            let (caption, columns) = if open {
                ("Reviews that wait, those due first at the top", &OPEN)
            } else {
                ("Reviews, the newest first", &ENDED)
            };
            let rows = view! {
                {table("table reviews", caption, columns, rows)}
                {pager(shown, &kept, after.is_some(), next)}
            };
            view! { {live_part("reviews", rows)} <Follow /> }.into_any()
        }
        Some(_) if kept.is_empty() && after.is_none() => {
            let words = "Everything was decided. What a machine is not sure of, or must not decide alone, shows up here by itself.";
            let action = view! { <a class="button" href="/reviews?state=decided">{icon("check-check")}"See what was decided"</a> };
            empty("circle-check", "Nothing waits for you", words, action).into_any()
        }
        _ => {
            let action = view! { <a class="button" href="/reviews">"Show all that wait"</a> };
            empty(
                "check-check",
                "No review fits this filter",
                "Try another workflow, reason or state.",
                action,
            )
            .into_any()
        }
    };
    let first = found.as_ref().filter(|_| open && after.is_none()).and_then(|page| {
        let mine =
            |line: &&ReviewLine| line.level == Level::Reviewers || act.may(Permission::DecideEscalated);
        page.rows.iter().find(mine).map(|line| line.id)
    });
    let [state, workflow, trigger, level] = &words;
    let workflows = expect_context::<Workflows>().list(&act, None, MOST_WORKFLOWS).await?.rows;
    let workflows = workflows.into_iter().map(|workflow| (workflow.name, workflow.title));
    let others = ReviewState::ALL.iter().filter(|state| **state != ReviewState::Open);
    let bar = view! {
        {pick("workflow", "Workflow", workflows, workflow)}
        {pick("trigger", "Why", Trigger::ALL.iter().map(|it| (it.word(), it.label())), trigger)}
        {pick("level", "Who decides", Level::ALL.iter().map(|it| (it.word(), it.label())), level)}
        {pick_else("state", "State", "Waiting", others.map(|it| (it.word(), it.label())), state)}
    };
    let bar = filters("Filter reviews", "/reviews", !kept.is_empty(), bar);
    let heading = Heading {
        title: "Reviews".to_owned(),
        actions: first.filter(|_| act.may(Permission::Decide)).map(|id| {
            view! { <a class="button primary" href=format!("/reviews/{id}")>{icon("play")}"Start with the first"</a> }
                .into_any()
        }),
        ..Heading::default()
    };
    Ok(in_app(heading, view! { {bar} {list} }))
}

fn row(line: &ReviewLine, open: bool, now: DateTime<Utc>) -> impl IntoView + use<> {
    let name = line.key.clone().unwrap_or_else(|| line.title.clone());
    let rest = if open {
        let sure = line.confidence.map(|sure| format!("{:.0} %", sure * 100.0));
        view! {
            <td data-label="Confidence" class="num">{sure.unwrap_or_else(|| "–".to_owned())}</td>
            <td data-label="Due">{due(line.due_at, now)}</td>
        }
        .into_any()
    } else {
        let by = line.decided_name.clone();
        view! {
            <td data-label="How it ended">{state_tag(line.state, line.verdict)}</td>
            <td data-label="By">{by} " " {line.decided_at.map(|at| view! { <span class="sub">{ago(at, now)}</span> })}</td>
        }
        .into_any()
    };
    view! {
        <tr>
            <th scope="row">
                <span class="who">
                    <span class="grow">
                        <a class="row-link truncate" href=format!("/reviews/{}", line.id)>{name}</a>
                        <span class="sub truncate">{line.title.clone()}</span>
                    </span>
                </span>
            </th>
            <td data-label="Why" class="wide">
                <span>{trigger_tags(&line.grounds)} {level_tag(line.level)} " " {why_short(&line.grounds)}</span>
            </td>
            {rest}
        </tr>
    }
}
