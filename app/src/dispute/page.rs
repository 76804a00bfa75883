//! What people say is wrong: what is due first, first.

use domain::dispute::Outcome;
use domain::people::Permission;
use engine::Error;
use engine::act::Act;
use engine::dispute::{Dispute, Disputes};
use leptos::prelude::*;

use crate::payment::{hours, pay_tabs};
use crate::ui::{FormState, Heading, avatar, date, empty, icon, in_app, load, on_day, tag, until};
use crate::visit;

pub fn disputes_page() -> impl IntoView {
    load(content())
}

async fn content() -> Result<AnyView, Error> {
    let act = visit::act()?;
    let ended = visit::query("show").as_deref() == Some("ended");
    let disputes = expect_context::<Disputes>().list(&act, !ended).await?;
    let heading = Heading {
        title: "Pay".to_owned(),
        sub: Some("Lines that people say are wrong. Each has an answer promised by its time.".into_any()),
        ..Heading::default()
    };
    let filter = |href: &'static str, words: &'static str, current: bool| {
        view! { <a class="chip" href=href aria-current=current.then_some("true")>{words}</a> }
    };
    let filters = view! {
        <nav class="chips" aria-label="Which">
            {filter("/pay/disputes", "Waiting", !ended)} {filter("/pay/disputes?show=ended", "Answered", ended)}
        </nav>
    };
    let content = if disputes.is_empty() {
        let words = if ended {
            "What was answered is listed here."
        } else {
            "When somebody says that a line of their pay is wrong, it waits here for an answer."
        };
        empty("message-square", "Nothing to answer", words, ()).into_any()
    } else {
        let rows: Vec<_> = disputes.iter().map(|it| card(&act, it)).collect();
        view! { <ul class="disputes">{rows}</ul> }.into_any()
    };
    Ok(in_app(heading, view! { {pay_tabs("/pay/disputes")} {filters} {content} }))
}

fn card(act: &Act, it: &Dispute) -> impl IntoView + use<> {
    let late = it.is_open() && it.answer_by < act.at;
    let due = match (it.is_open(), late) {
        (false, _) => tag("info", it.outcome.label()).into_any(),
        (true, true) => {
            view! { <span class="tag bad">"Late, was due "{date(it.answer_by)}</span> }.into_any()
        }
        (true, false) => {
            view! { <span class="tag neutral">"Due "{until(it.answer_by, act.at)}</span> }.into_any()
        }
    };
    let answer = it.answer.clone().map(|answer| {
        let who = it.ended_by_name.as_ref().map(ToString::to_string).unwrap_or_default();
        view! { <p class="answer"><span class="strong">{who}</span>": "{answer}</p> }
    });
    let own = act.person().is_ok_and(|me| me.id == it.person_id);
    let form = it.is_open().then(|| {
        if own || !act.may(Permission::AnswerDisputes) {
            view! { <p class="muted">"Somebody else has to answer."</p> }.into_any()
        } else {
            reply(it).into_any()
        }
    });
    let about = it.path();
    let about = if it.payment_id.is_some() { about } else { format!("{about}&person={}", it.person_id) };
    view! {
        <li class="card card-body dispute" class:late=late>
            <div class="dispute-head">
                {avatar(it.person_name.as_str(), &it.person_id.to_string(), "")}
                <div class="grow">
                    <p><a class="strong" href=about>{it.person_name.to_string()}</a></p>
                    <p class="sub">{what(it)}</p>
                </div>
                {due}
            </div>
            <blockquote>{it.said.clone()}</blockquote>
            {answer}
            {form}
        </li>
    }
}

fn reply(it: &Dispute) -> impl IntoView + use<> {
    let posted = FormState::of("answer_dispute");
    let is_it = posted.fault().is_some() && posted.value("dispute", "") == it.id.to_string();
    let error = is_it.then(|| posted.error("answer").or_else(|| posted.error("outcome"))).flatten();
    let id = format!("answer-{}", it.id);
    let said = if is_it { posted.value("answer", "") } else { String::new() };
    let described = error.is_some().then(|| format!("{id}-error"));
    let invalid = error.is_some().then_some("true");
    view! {
        <form class="decide" method="post" action="/do/answer_dispute">
            <input type="hidden" name="_from" value=visit::here() />
            <input type="hidden" name="dispute" value=it.id.to_string() />
            <div class="field">
                <label class="sr-only" for=id.clone()>"What you have found"</label>
                // Enter begins a line here, and decides nothing.
                <textarea class="input" id=id.clone() name="answer" rows="2" maxlength="1000" required="" placeholder="What you have found; they read it" aria-invalid=invalid aria-describedby=described>{said}</textarea>
                {error.map(|error| view! { <p class="field-error" id=format!("{id}-error")>{icon("circle-alert")}<span>{error}</span></p> })}
            </div>
            <button class="button primary" name="outcome" value=Outcome::PutRight.word()>{icon("check")}"It is put right"</button>
            <button class="button" name="outcome" value=Outcome::Stays.word()>"It stays"</button>
        </form>
    }
}

/// The day of a line, its project and what was entered.
fn what(it: &Dispute) -> impl IntoView + use<> {
    let hours = (it.minutes != 0).then(|| format!(", {}", hours(it.minutes)));
    let units = (it.units != 0).then(|| format!(", {} units", it.units));
    view! { {it.project_name.to_string()}", "{on_day(it.work_on)}{hours}{units} }
}
