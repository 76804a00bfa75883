//! What needs somebody: each with its evidence, and what can be done about it.

use domain::ids::SubjectId;
use domain::payment::FindingKind;
use engine::payment::{Found, Payment, Whole};
use leptos::prelude::*;

use super::parts::amount;
use crate::ui::{FormState, avatar, button_form, date, icon, tag};
use crate::visit;

/// All that is to be decided, person by person, and the batch itself first.
pub fn exceptions(whole: &Whole, may: bool) -> Option<impl IntoView + use<>> {
    let of_batch = whole.needs_somebody(whole.batch.id).then(|| of_batch(whole, may).into_any());
    let people = whole.payments.iter().filter(|it| whole.needs_somebody(it.person_id));
    let cards: Vec<_> =
        of_batch.into_iter().chain(people.map(|it| of_person(whole, it, may).into_any())).collect();
    (!cards.is_empty() && whole.batch.is_open()).then(|| {
        view! {
            <section class="section" aria-labelledby="needs-you">
                <h2 id="needs-you">"Needs you"</h2>
                <ul class="exceptions">{cards}</ul>
            </section>
        }
    })
}

fn of_batch(whole: &Whole, may: bool) -> impl IntoView + use<> {
    let subject = whole.batch.id.into();
    let decide = may.then(|| decide(whole, subject, None));
    view! {
        <li class="exception">
            <div class="exception-head">
                <span class="avatar none" aria-hidden="true">{icon("banknote")}</span>
                <strong class="grow">"The whole batch"</strong>
                <span class="num strong">{amount(whole.minor, &whole.batch.currency)}</span>
            </div>
            {evidence(whole, subject)}
            {decide}
        </li>
    }
}

fn of_person(whole: &Whole, payment: &Payment, may: bool) -> impl IntoView + use<> {
    let subject = payment.person_id.into();
    let name = payment.person_name.to_string();
    let currency = &whole.batch.currency;
    let before = whole.before.get(&payment.person_id).map(|before| {
        let before: Vec<_> = before.iter().map(|minor| amount(*minor, currency)).collect();
        view! { <p class="sub">"Paid before: "{before.join(", ")}</p> }
    });
    let decide = may.then(|| decide(whole, subject, Some(payment)));
    view! {
        <li class="exception">
            <div class="exception-head">
                {avatar(&name, &payment.person_id.to_string(), "")}
                <a class="grow strong truncate" href=format!("/payments/{}", payment.id)>{name.clone()}</a>
                <span class="num strong">{amount(payment.pay_minor, currency)}</span>
            </div>
            {evidence(whole, subject)}
            {before}
            {decide}
        </li>
    }
}

fn kind_tag(kind: FindingKind) -> impl IntoView {
    tag("warn", kind.label())
}

fn evidence(whole: &Whole, subject: SubjectId) -> impl IntoView + use<> {
    let lines: Vec<_> = whole
        .about(subject)
        .filter(|it| it.accepted_for.is_none())
        .map(|it| {
            view! {
                <li>
                    {kind_tag(it.kind)}
                    <p>{it.sentence.clone()}</p>
                    <p class="sub">{it.figure.clone()}" · expected: "{it.baseline.clone()}</p>
                </li>
            }
        })
        .collect();
    view! { <ul class="evidence">{lines}</ul> }
}

/// One reason, and what it is for.
fn decide(whole: &Whole, subject: SubjectId, payment: Option<&Payment>) -> impl IntoView + use<> {
    let said: Vec<_> = whole
        .about(subject)
        .filter(|it| it.accepted_for.is_none())
        .map(|it| {
            let line = format!("{} {}", it.kind, it.sentence);
            view! { <input type="hidden" name="said[]" value=line /> }
        })
        .collect();
    // There is such a form for everybody: what was refused belongs to one of them.
    let about = |state: &FormState| {
        state.fault().is_some()
            && (state.value("subject", "") == subject.to_string()
                || payment.is_some_and(|it| state.value("payment", "") == it.id.to_string()))
    };
    let refused = ["accept_findings", "hold_payment"].map(FormState::of).into_iter().find(about);
    let error = refused.as_ref().and_then(|state| state.error("reason"));
    let reason = refused.as_ref().map(|state| state.value("reason", "")).unwrap_or_default();
    let id = format!("reason-{subject}");
    let error_id = format!("{id}-error");
    let hold = payment.map(|it| {
        view! {
            <input type="hidden" name="payment" value=it.id.to_string() />
            <button class="button" formaction="/do/hold_payment">{icon("clock")}"Hold to the next batch"</button>
        }
    });
    let look = payment.map(|it| {
        view! { <a class="button ghost" href=format!("/payments/{}", it.id)>{icon("list-checks")}"Lines"</a> }
    });
    view! {
        <form class="decide" method="post" action="/do/accept_findings">
            <input type="hidden" name="_from" value=visit::here() />
            <input type="hidden" name="batch" value=whole.batch.id.to_string() />
            <input type="hidden" name="subject" value=subject.to_string() />
            {said}
            <div class="field">
                <label class="sr-only" for=id.clone()>"Reason"</label>
                <input
                    class="input"
                    id=id
                    name="reason"
                    value=reason
                    maxlength="500"
                    required=""
                    autocomplete="off"
                    placeholder="Reason, kept with the decision"
                    aria-invalid=error.is_some().then_some("true")
                    aria-describedby=error.is_some().then(|| error_id.clone())
                />
                {error.map(|error| view! { <p class="field-error" id=error_id>{icon("circle-alert")}<span>{error}</span></p> })}
            </div>
            <div class="row">
                <button class="button primary">{icon("check")}"Accept"</button>
                {hold}
                {look}
            </div>
        </form>
    }
}

/// Those who are paid with the next batch.
pub fn held(whole: &Whole, may: bool) -> Option<impl IntoView + use<>> {
    let currency = &whole.batch.currency;
    let rows: Vec<_> = whole
        .payments
        .iter()
        .filter_map(|it| {
            let reason = it.held_for.clone()?;
            let by = it.held_by.as_ref().map(|name| format!("{name}, ")).unwrap_or_default();
            let go = may.then(|| {
                let button = view! { <button class="button small">"Pay it with this batch"</button> };
                button_form("let_payment_go", vec![("payment", it.id.to_string())], button)
            });
            let href = format!("/payments/{}", it.id);
            Some(view! {
                <li>
                    {avatar(it.person_name.as_str(), &it.person_id.to_string(), "")}
                    <div class="grow">
                        <p class="title"><a href=href>{it.person_name.to_string()}</a>{amount(it.pay_minor, currency)}</p>
                        <p class="sub">{reason}" ("{by}{it.held_at.map(date)}")"</p>
                    </div>
                    {go}
                </li>
            })
        })
        .collect();
    (!rows.is_empty()).then(|| {
        view! {
            <section class="section" aria-labelledby="held">
                <h2 id="held">"Held to the next batch"</h2>
                <div class="card"><ul class="list">{rows}</ul></div>
            </section>
        }
    })
}

/// What was looked at, and why it is right.
pub fn decided(whole: &Whole) -> Option<impl IntoView + use<>> {
    let rows: Vec<_> = whole
        .found
        .iter()
        .filter_map(|it| {
            let reason = it.accepted_for.clone()?;
            let by = it.accepted_by.as_ref().map(ToString::to_string).unwrap_or_default();
            Some(view! {
                <li>
                    <p><strong>{name_of(whole, it)}</strong>" "{it.sentence.clone()}</p>
                    <p class="sub">"Accepted by "{by}", "{it.accepted_at.map(date)}": "{reason}</p>
                </li>
            })
        })
        .collect();
    (!rows.is_empty()).then(|| {
        let words =
            if rows.len() == 1 { "1 accepted".to_owned() } else { format!("{} accepted", rows.len()) };
        view! {
            <details class="rest">
                <summary>{icon("chevron-right")}<strong>{words}</strong></summary>
                <ul class="evidence">{rows}</ul>
            </details>
        }
    })
}

fn name_of(whole: &Whole, found: &Found) -> String {
    let payment = whole.payments.iter().find(|it| SubjectId::from(it.person_id) == found.subject_id);
    payment.map_or_else(|| "The whole batch".to_owned(), |it| it.person_name.to_string())
}
