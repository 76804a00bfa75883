use chrono::{DateTime, Utc};
use domain::people::Permission;
use domain::run::DeadReason;
use engine::Error;
use engine::run::{DeadLetter, Runs};
use leptos::prelude::*;

use super::parts::{short_id, tabs};
use crate::ui::Column::{Number, Text, Unsaid};
use crate::ui::filters::{filters, pick};
use crate::ui::{Column, Heading, ago, button_form, empty, icon, in_app, load, pager, shown, table, tag};
use crate::visit::{self, query};

const COLUMNS: [Column; 6] =
    [Text("Run"), Text("Reason"), Text("Last error"), Number("Tries"), Text("Since"), Unsaid("Actions")];

const PAGE: usize = 50;

pub fn dead_page() -> impl IntoView {
    load(content())
}

async fn content() -> Result<AnyView, Error> {
    let act = visit::act()?;
    let before = query("after").and_then(|id| id.parse().ok());
    let words = query("reason").unwrap_or_default();
    let reason = DeadReason::parse(&words);
    let page = expect_context::<Runs>().dead_letters(&act, None, reason, before, PAGE).await?;
    let kept = reason.map(|reason| format!("reason={reason}")).unwrap_or_default();
    let may = act.may(Permission::ManageRuns);
    let list = if page.rows.is_empty() && reason.is_some() {
        let action = view! { <a class="button" href="/dead-letters">"Show all dead letters"</a> };
        let words = "Nothing was given up for this reason, or all of it is on its way again.";
        empty("circle-check", "No dead letters of this kind", words, action).into_any()
    } else if page.rows.is_empty() {
        let words =
            "What cannot be brought to an end lies here until somebody has it tried again. Nothing does now.";
        empty("circle-check", "No dead letters", words, ()).into_any()
    } else {
        let shown = shown(page.rows.len(), page.has_more, "One dead letter", "dead letters");
        let next = page.rows.last().filter(|_| page.has_more).map(|last| format!("after={}", last.run_id));
        let rows: Vec<_> = page.rows.iter().map(|letter| row(letter, may, act.at)).collect();
        view! {
            {table("table", "Dead letters, the newest run first", &COLUMNS, rows)}
            {pager(shown, &kept, before.is_some(), next)}
        }
        .into_any()
    };
    let heading = Heading {
        title: "Runs".to_owned(),
        sub: Some("Runs that could not be brought to an end. None vanishes.".into_any()),
        ..Heading::default()
    };
    let reasons = DeadReason::ALL.iter().map(|reason| (reason.word(), reason.label()));
    let inside = pick("reason", "Reason", reasons, &words);
    let filters = filters("Filter dead letters", "/dead-letters", reason.is_some(), inside);
    // All of a kind: what they have in common is what was put right meanwhile.
    let all = reason.filter(|_| may && !page.rows.is_empty()).map(|reason| {
        let href = format!("/runs/change?reason={reason}");
        view! { <p><a class="button small" href=href>{icon("undo-2")}"Try all of these again"</a></p> }
    });
    Ok(in_app(heading, view! { {tabs("/dead-letters")} {filters} {all} {list} }))
}

fn row(letter: &DeadLetter, may: bool, now: DateTime<Utc>) -> impl IntoView + use<> {
    let short = short_id(letter.run_id);
    let again = may.then(|| {
        let label = format!("Try {short} again");
        let button =
            view! { <button class="button small" aria-label=label>{icon("undo-2")}"Try again"</button> };
        button_form("retry_run", vec![("id", letter.run_id.to_string())], button)
    });
    let step = Some(letter.step.clone()).filter(|step| !step.is_empty());
    view! {
        <tr>
            <th scope="row">
                <span class="who">
                    <span class="grow">
                        <a class="row-link mono" href=format!("/runs/{}", letter.run_id)>{short}</a>
                        {step.map(|step| view! { <span class="sub mono">{step}</span> })}
                    </span>
                </span>
            </th>
            <td data-label="Reason">{tag("bad", letter.reason.label())}</td>
            <td data-label="Last error" class="wide">{letter.error.clone()}</td>
            <td data-label="Tries" class="num">{letter.attempts}</td>
            <td data-label="Since">{ago(letter.at, now)}</td>
            <td class="fit has-actions"><span class="row-actions">{again}</span></td>
        </tr>
    }
}
