use domain::people::Permission;
use domain::run::{DeadReason, Sweep};
use engine::Error;
use engine::act::Act;
use engine::run::{Runs, Swept, Wanted};
use leptos::prelude::*;

use super::list::wanted;
use crate::ui::{Heading, button_form, empty, facts, icon, in_app, load};
use crate::visit::{self, query};

/// The filter, by its names in the address.
pub const NAMES: [&str; 5] = ["workflow", "state", "key", "from", "until"];

pub fn change_page() -> impl IntoView {
    load(content())
}

/// What the address asks for; nothing if one of its words means nothing.
pub fn asked(act: &Act, value: impl Fn(&str) -> Option<String>) -> Result<Option<Wanted>, Error> {
    let words = NAMES.map(|name| value(name).unwrap_or_default());
    let reason = value("reason").unwrap_or_default();
    let wanted = wanted(act, &words)?;
    Ok(match (wanted, reason.as_str()) {
        (wanted, "") => wanted,
        (wanted, reason) => {
            DeadReason::parse(reason).and_then(|reason| Some(Wanted { reason: Some(reason), ..wanted? }))
        }
    })
}

async fn content() -> Result<AnyView, Error> {
    let act = visit::act()?;
    act.need(Permission::ManageRuns)?;
    let wanted = asked(&act, query)?;
    let used: Vec<_> =
        NAMES.into_iter().chain(["reason"]).filter_map(|name| Some((name, query(name)?))).collect();
    let heading = Heading {
        title: "Change many runs".to_owned(),
        sub: Some("Nothing is changed before you have seen how many there are.".into_any()),
        above: Some(("Runs", "/runs")),
        narrow: true,
        ..Heading::default()
    };
    let Some(wanted) = wanted else {
        let back = view! { <a class="button" href="/runs">"Back to all runs"</a> };
        let nothing = empty(
            "activity",
            "This filter means nothing",
            "Choose the runs from the list of all runs.",
            back,
        );
        return Ok(in_app(heading, nothing));
    };
    let filter: Vec<_> = used.iter().map(|(name, value)| (label(name), value.clone().into_any())).collect();
    let filter = if filter.is_empty() {
        view! { <p>"Every run there is."</p> }.into_any()
    } else {
        facts(filter).into_any()
    };
    let mut offers = Vec::new();
    for sweep in Sweep::ALL {
        let swept = expect_context::<Runs>().would_sweep(&act, &wanted, *sweep).await?;
        offers.push(offer(*sweep, swept, &used));
    }
    let content = view! {
        <section class="card" aria-labelledby="which">
            <div class="card-header"><h2 id="which">"Which runs"</h2></div>
            <div class="card-body">{filter}</div>
        </section>
        <section class="section" aria-labelledby="what">
            <h2 id="what">"What to do with them"</h2>
            <ul class="list card">{offers}</ul>
        </section>
    };
    Ok(in_app(heading, content))
}

fn label(name: &str) -> &'static str {
    match name {
        "workflow" => "Workflow",
        "state" => "State",
        "key" => "Key",
        "from" => "From",
        "until" => "To",
        _ => "Given up because",
    }
}

fn offer(sweep: Sweep, swept: Swept, used: &[(&'static str, String)]) -> AnyView {
    let (name, words, button) = match sweep {
        Sweep::Cancel => {
            ("ban", "Those that have not ended. Whoever works on them drops what it does.", "button danger")
        }
        Sweep::Retry => {
            ("undo-2", "Those that failed or were cancelled, from where each had come to.", "button primary")
        }
        Sweep::Rerun => {
            ("refresh-cw", "Those that have ended: a new run for each, with the same input.", "button")
        }
    };
    let count = match (swept.runs, swept.more) {
        (0, _) => "none of them".to_owned(),
        (1, false) => "one run".to_owned(),
        (n, false) => format!("{n} runs"),
        (n, true) => format!("the newest {n} runs"),
    };
    let form = (swept.runs > 0).then(|| {
        let hidden = used.iter().cloned().chain([("what", sweep.word().to_owned())]).collect();
        let label = format!("{}: {count}", sweep.label());
        button_form("sweep_runs", hidden, view! { <button class=button>{label}</button> })
    });
    view! {
        <li>
            {icon(name)}
            <div class="grow"><p class="title">{sweep.label()} ": " {count}</p><p class="sub">{words}</p></div>
            {form}
        </li>
    }
    .into_any()
}
