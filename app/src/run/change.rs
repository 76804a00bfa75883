use domain::people::Permission;
use domain::run::Sweep;
use engine::Error;
use engine::run::{Runs, Swept};
use leptos::prelude::*;

use super::wanted::Filter;
use crate::ui::{Heading, button_form, empty, facts, icon, in_app, load};
use crate::visit::{self, query};

pub fn change_page() -> impl IntoView {
    load(content())
}

async fn content() -> Result<AnyView, Error> {
    let act = visit::act()?;
    act.need(Permission::ManageRuns)?;
    let filter = Filter::read(query);
    let heading = Heading {
        title: "Change many runs".to_owned(),
        sub: Some("Nothing is changed before you have seen how many there are.".into_any()),
        above: Some(("Runs", "/runs")),
        narrow: true,
        ..Heading::default()
    };
    let Some(wanted) = filter.meaning(&act.person()?.zone) else {
        let back = view! { <a class="button" href="/runs">"Back to all runs"</a> };
        let nothing = empty(
            "activity",
            "This filter means nothing",
            "Choose the runs from the list of all runs.",
            back,
        );
        return Ok(in_app(heading, nothing));
    };
    let said: Vec<_> = filter.said().map(|(_, label, word)| (label, word.to_owned().into_any())).collect();
    let which = if said.is_empty() {
        view! { <p>"Every run there is."</p> }.into_any()
    } else {
        facts(said).into_any()
    };
    let mut offers = Vec::new();
    for sweep in Sweep::ALL {
        let swept = expect_context::<Runs>().would_sweep(&act, &wanted, *sweep).await?;
        offers.push(offer(*sweep, swept, &filter));
    }
    let content = view! {
        <section class="card" aria-labelledby="which">
            <div class="card-header"><h2 id="which">"Which runs"</h2></div>
            <div class="card-body">{which}</div>
        </section>
        <section class="section" aria-labelledby="what">
            <h2 id="what">"What to do with them"</h2>
            <ul class="list card">{offers}</ul>
        </section>
    };
    Ok(in_app(heading, content))
}

fn offer(sweep: Sweep, swept: Swept, filter: &Filter) -> AnyView {
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
        let said = filter.said().map(|(name, _, word)| (name, word.to_owned()));
        let hidden = said.chain([("what", sweep.word().to_owned())]).collect();
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
