use domain::Fault;
use domain::ids::PersonId;
use domain::people::Permission;
use engine::Error;
use engine::act::Act;
use engine::payee::{Kept, Known, Payees};
use leptos::prelude::*;

use super::form::account_form;
use crate::project::frame::param;
use crate::ui::{Heading, banner, button_form, date, full, icon, in_app, load, tag};
use crate::visit;

pub fn own_page() -> impl IntoView {
    load(own())
}

pub fn person_page() -> impl IntoView {
    load(of_person())
}

async fn own() -> Result<AnyView, Error> {
    let act = visit::act()?;
    let known = expect_context::<Payees>().known(&act, act.person()?.id).await?;
    let heading = Heading {
        title: "Where your pay goes".to_owned(),
        above: Some(("My pay", "/my-pay")),
        ..Heading::default()
    };
    Ok(in_app(heading, content(&act, &known)))
}

async fn of_person() -> Result<AnyView, Error> {
    let act = visit::act()?;
    let id: PersonId = param("id").parse().map_err(|_| Fault::not_found("There is no such person."))?;
    let known = expect_context::<Payees>().known(&act, id).await?;
    let heading = Heading {
        title: known.person.name.to_string(),
        sub: Some("Where they are paid to".into_any()),
        above: Some(("Accounts", "/pay/accounts")),
        ..Heading::default()
    };
    Ok(in_app(heading, content(&act, &known)))
}

fn content(act: &Act, known: &Known) -> impl IntoView + use<> {
    let theirs = act.person().is_ok_and(|me| me.id == known.person.id);
    let may_edit = theirs || act.may(Permission::EditAccounts);
    let is_first = known.counting.is_none();
    let entering = may_edit.then(|| {
        let title = if is_first { "Enter an account" } else { "Enter another account" };
        let hours = expect_context::<Payees>().wait().num_hours();
        let words = if theirs && is_first {
            "It counts at once. If you change it later, the change is held for a while, so that nobody else can do it unnoticed."
                .to_owned()
        } else {
            let whom = if theirs { "you are told by mail" } else { "they are told by mail" };
            format!("It is held for {hours} hours, and {whom}. Until then, pay goes where it went.")
        };
        view! {
            <section class="section" aria-labelledby="enter">
                <h2 id="enter">{title}</h2>
                <p class="muted">{words}</p>
                {account_form(&known.person, theirs, is_first)}
            </section>
        }
    });
    view! {
        <div class="stack">
            {known.held.as_ref().map(|held| held_card(act, held, theirs, may_edit))}
            {counting_card(known, theirs)}
            {entering}
            {before(&known.before)}
        </div>
    }
}

fn counting_card(known: &Known, theirs: bool) -> AnyView {
    let Some(kept) = &known.counting else {
        let words = if theirs {
            "Nobody knows yet where to send your pay."
        } else {
            "They have not entered an account that counts."
        };
        return banner("warn", words).into_any();
    };
    view! {
        <section class="card" aria-labelledby="counting">
            <div class="card-header">
                <div>
                    <h2 id="counting" class="mono">{kept.shown.clone()}</h2>
                    <p class="sub">{entered(kept)}</p>
                </div>
                {tag("ok", "Paid to")}
            </div>
        </section>
    }
    .into_any()
}

/// What is about to change, and who can still do something about it.
fn held_card(act: &Act, held: &Kept, theirs: bool, may_edit: bool) -> impl IntoView + use<> {
    let me = act.person().ok().map(|me| me.id);
    let id = || vec![("account", held.id.to_string())];
    let withdraw = may_edit.then(|| {
        let button = view! { <button class="button danger-quiet">{icon("ban")}"Withdraw it"</button> };
        button_form("withdraw_account", id(), button)
    });
    let may_release = act.may(Permission::EditAccounts) && !theirs && me != Some(held.entered_by);
    let release = may_release.then(|| {
        let button = view! { <button class="button">{icon("check")}"Release it now"</button> };
        button_form("release_account", id(), button)
    });
    let words = if theirs {
        "If you did not want this, withdraw it now."
    } else {
        "If they do not know of it, withdraw it."
    };
    view! {
        <section class="card" aria-labelledby="held">
            <div class="card-header">
                <div>
                    <h2 id="held" class="mono">{held.shown.clone()}</h2>
                    <p class="sub">{entered(held)}". It counts from "{full(held.counts_from)}" on. "{words}</p>
                </div>
                {tag("warn", "Held")}
            </div>
            <div class="card-footer row">{release}{withdraw}</div>
        </section>
    }
}

fn entered(kept: &Kept) -> impl IntoView + use<> {
    let released = kept.released_by_name.as_ref().map(|name| format!(", released by {name}"));
    view! { {kept.method.label()}", entered by "{kept.entered_by_name.to_string()}" on "{date(kept.entered_at)}{released} }
}

fn before(before: &[Kept]) -> Option<impl IntoView + use<>> {
    let rows: Vec<_> = before
        .iter()
        .map(|it| {
            let gone = it.withdrawn_by_name.as_ref().map(|name| {
                view! { ". Withdrawn by "{name.to_string()}" on "{it.withdrawn_at.map(date)} }
            });
            view! { <li><div class="grow"><p class="title mono">{it.shown.clone()}</p><p class="sub">{entered(it)}{gone}</p></div></li> }
        })
        .collect();
    (!rows.is_empty()).then(|| {
        view! {
            <section class="section" aria-labelledby="before">
                <h2 id="before">"Before"</h2>
                <div class="card"><ul class="list">{rows}</ul></div>
            </section>
        }
    })
}
