use domain::Fault;
use domain::ids::BatchId;
use domain::people::Permission;
use engine::Error;
use engine::act::Act;
use engine::payment::{Changed, Missing, Payment, Payments, Whole};
use engine::payout::Payouts;
use leptos::prelude::*;

use super::exceptions::{decided, exceptions, held};
use super::parts::{amount, counted, hours, state, units};
use crate::payout;
use crate::project::frame::param;
use crate::ui::Column::{Number, Text};
use crate::ui::{Column, FormState, Heading, banner, button_form, date, icon, in_app, load, on_day, table};
use crate::visit;

const PAYMENTS: [Column; 5] =
    [Text("Person"), Number("Lines"), Number("Hours"), Number("Units"), Number("Amount")];
const CHANGES: [Column; 4] = [Text("Person"), Number("Lines"), Number("Before"), Number("Now")];

/// So many names are said of those who are missing; the rest is a number.
const NAMED: usize = 12;

pub fn batch_page() -> impl IntoView {
    load(content())
}

async fn content() -> Result<AnyView, Error> {
    let act = visit::act()?;
    let id: BatchId = param("id").parse().map_err(|_| Fault::not_found("There is no such batch."))?;
    let payments = expect_context::<Payments>();
    let whole = payments.batch(&act, id).await?;
    // Whoever wanted to approve something else sees what is different.
    let posted = FormState::of("approve_batch");
    let since = posted.fault().and_then(|_| posted.value("version", "").parse().ok());
    let changes = match since {
        Some(version) if version < whole.batch.version => payments.changes(&act, id, version).await?,
        _ => Vec::new(),
    };
    let batch = &whole.batch;
    let paying = if batch.is_open() {
        None
    } else {
        Some(expect_context::<Payouts>().paying(&act, id, &batch.currency).await?)
    };
    let projects = whole.ready.projects.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let heading = Heading {
        title: batch.period().to_string(),
        beside: Some(state(batch)),
        sub: Some(
            view! { {batch.currency.to_string()} " · pay day " {on_day(batch.pay_on)} " · " {projects} }
                .into_any(),
        ),
        above: Some(("Pay", "/pay")),
        ..Heading::default()
    };
    let may = act.may(Permission::ApprovePay) && batch.is_open();
    let content = view! {
        {(!changes.is_empty()).then(|| different(&whole, &changes))}
        {verdict(&act, &whole)}
        {paying.map(|paying| payout::section(&act, batch, &paying))}
        {exceptions(&whole, may)}
        {held(&whole, may)}
        {matching(&whole)}
        {decided(&whole)}
        {nowhere(&whole)}
        {missing(&whole, act.may(Permission::ApprovePay))}
        {proof(&whole)}
    };
    Ok(in_app(heading, content))
}

/// The whole batch in one sentence, and what can be done with it.
fn verdict(act: &Act, whole: &Whole) -> impl IntoView + use<> {
    let batch = &whole.batch;
    let about_people = whole.payments.iter().filter(|it| whole.needs_somebody(it.person_id)).count();
    let matching = whole.people.saturating_sub(about_people);
    let need = (whole.open > 0).then(|| {
        view! { <a class="figure warn" href="#needs-you"><strong>{whole.open}</strong>{if whole.open == 1 { " needs you" } else { " need you" }}</a> }
    });
    let on_hold =
        (whole.held > 0).then(|| view! { <span class="figure"><strong>{whole.held}</strong>" held"</span> });
    let first = if batch.is_open() {
        view! { <span class="figure"><strong>{matching}</strong>{if matching == 1 { " matches" } else { " match" }}</span> }
    } else {
        let words = if whole.people == 1 { " person" } else { " people" };
        view! { <span class="figure"><strong>{whole.people}</strong>{words}</span> }
    };
    view! {
        <section class="verdict" aria-label="This batch">
            <p class="figures">
                {first.into_any()} {need} {on_hold}
                <span class="figure total"><strong>{amount(whole.minor, &batch.currency)}</strong></span>
            </p>
            {step(act, whole)}
        </section>
    }
}

/// The one step there is, or why it cannot be taken yet.
fn step(act: &Act, whole: &Whole) -> AnyView {
    let batch = &whole.batch;
    if let Some(at) = batch.approved_at {
        let names: Vec<_> = whole.approvals.iter().map(|it| it.person_name.to_string()).collect();
        return view! { <p class="step">{icon("circle-check")}<span>"Approved by "{names.join(" and ")}", "{date(at)}</span></p> }
            .into_any();
    }
    if !act.may(Permission::ApprovePay) {
        return ().into_any();
    }
    let wait =
        |words: String| view! { <p class="step muted">{icon("clock")}<span>{words}</span></p> }.into_any();
    if !whole.ready.is_over {
        let until = batch.period().until.format("%-d %B");
        return wait(format!("Its last day is {until}. It can be approved when that is over."));
    }
    if whole.open > 0 {
        let words = if whole.open == 1 { "Decide about it first." } else { "Decide about them first." };
        return wait(words.to_owned());
    }
    if whole.people == 0 {
        return wait("Nobody is paid with it.".to_owned());
    }
    if whole.stakes.own_edits {
        return wait(
            "You have entered where somebody of it is paid to. Somebody else has to approve it.".to_owned(),
        );
    }
    let me = act.person().ok().map(|me| me.id);
    if whole.stakes.any() && whole.approvals.iter().any(|it| Some(it.person_id) == me) {
        return wait("You have approved it. Somebody else has to, too.".to_owned());
    }
    let why = match (whole.stakes.own_pay, whole.stakes.own_rates) {
        _ if !whole.approvals.is_empty() => {
            let names: Vec<_> = whole.approvals.iter().map(|it| it.person_name.to_string()).collect();
            Some(format!("{} has approved it already; it needs you besides.", names.join(", ")))
        }
        (true, _) => Some("Your own pay is in it, so somebody else has to approve it, too.".to_owned()),
        (_, true) => {
            Some("You wrote rates that it is paid by, so somebody else has to approve it, too.".to_owned())
        }
        _ => None,
    };
    let hidden = vec![
        ("batch", batch.id.to_string()),
        ("digest", whole.digest.clone()),
        ("version", batch.version.to_string()),
    ];
    let button = view! { <button class="button primary large">{icon("check-check")}"Approve"</button> };
    let form = button_form("approve_batch", hidden, button);
    view! { <div class="step">{form}{why.map(|why| view! { <p class="muted">{why}</p> })}</div> }.into_any()
}

/// What is different from what was about to be approved.
fn different(whole: &Whole, changes: &[Changed]) -> impl IntoView + use<> {
    let currency = &whole.batch.currency;
    let rows: Vec<_> = changes
        .iter()
        .map(|it| {
            view! {
                <tr>
                    <th scope="row">{it.person_name.to_string()}</th>
                    <td data-label="Lines" class="num">{it.lines_before}" → "{it.lines_after}</td>
                    <td data-label="Before" class="num">{amount(it.minor_before, currency)}</td>
                    <td data-label="Now" class="num">{amount(it.minor_after, currency)}</td>
                </tr>
            }
        })
        .collect();
    view! {
        <section class="section" aria-labelledby="different">
            <h2 id="different">"What is different"</h2>
            {table("table", "What has changed since you opened the page", &CHANGES, rows)}
        </section>
    }
}

fn goes_to(whole: &Whole, payment: &Payment) -> Option<impl IntoView + use<>> {
    let shown = whole.paid_to(payment.person_id)?.shown.clone();
    Some(view! { <span class="sub mono">{shown}</span> })
}

/// Those about whom there is nothing to say.
fn matching(whole: &Whole) -> Option<impl IntoView + use<>> {
    let is_plain = |it: &&Payment| it.held_for.is_none() && !whole.needs_somebody(it.person_id);
    let plain: Vec<_> = whole.payments.iter().filter(is_plain).collect();
    let currency = &whole.batch.currency;
    let sum: i64 = plain.iter().map(|it| it.pay_minor).sum();
    let rows: Vec<_> = plain
        .iter()
        .map(|it| {
            view! {
                <tr>
                    <th scope="row"><a class="row-link truncate" href=format!("/payments/{}", it.id)>{it.person_name.to_string()}</a>{goes_to(whole, it)}</th>
                    <td data-label="Lines" class="num">{it.lines}</td>
                    <td data-label="Hours" class="num">{hours(it.minutes)}</td>
                    <td data-label="Units" class="num">{units(it.units)}</td>
                    <td data-label="Amount" class="num">{amount(it.pay_minor, currency)}</td>
                </tr>
            }
        })
        .collect();
    let count = i64::try_from(rows.len()).unwrap_or(i64::MAX);
    let words = if whole.batch.is_open() {
        counted(count, "match", "match")
    } else {
        counted(count, "person", "people")
    };
    // What was approved is looked at for its people; what is not, for what is odd about it.
    let open = !whole.batch.is_open() || (whole.open == 0 && count <= 30);
    (count > 0).then(|| {
        view! {
            <details class="rest" open=open>
                <summary>{icon("chevron-right")}<strong>{words}</strong><span class="end">{amount(sum, currency)}</span></summary>
                {table("table", "Payments, by name", &PAYMENTS, rows)}
            </details>
        }
    })
}

/// Whom no money can reach yet.
fn nowhere(whole: &Whole) -> Option<impl IntoView + use<>> {
    // Once it is approved, what is not on the way is said with how it is paid.
    if !whole.batch.is_open() {
        return None;
    }
    let currency = &whole.batch.currency;
    let line = |it: &Payment| {
        let why = match whole.paid_to(it.person_id) {
            _ if it.held_for.is_some() || it.pay_minor == 0 => return None,
            None => "no account".to_owned(),
            Some(to) if to.method.takes(currency) => return None,
            Some(to) => format!("{} takes no {currency}", to.shown),
        };
        let href = format!("/pay/accounts/{}", it.person_id);
        Some(
            view! { <li><a href=href>{it.person_name.to_string()}</a>" "<span class="muted">{why}</span></li> },
        )
    };
    let mut lines: Vec<_> = whole.payments.iter().filter_map(line).collect();
    let more = lines.len().saturating_sub(NAMED);
    lines.truncate(NAMED);
    let more = (more > 0).then(|| view! { <li class="muted">{format!("and {more} more")}</li> });
    (!lines.is_empty()).then(|| {
        view! {
            <section class="section" aria-labelledby="nowhere">
                <h2 id="nowhere">"Nowhere to pay to"</h2>
                <p class="muted">"Approving fixes where each payment goes. Theirs would go nowhere: ask them to enter an account, or hold them."</p>
                <ul class="names">{lines}{more}</ul>
            </section>
        }
    })
}

/// Whose work may be missing.
fn missing(whole: &Whole, may_remind: bool) -> Option<impl IntoView + use<>> {
    let missing = &whole.ready.missing;
    let line = |it: &Missing| {
        let why = match it.unsent {
            0 => "nothing entered".to_owned(),
            n => format!("{} not submitted", counted(n, "line", "lines")),
        };
        let href = format!("{}&person={}", it.path(), it.person);
        view! { <li><a href=href>{it.name.to_string()}</a>" "<span class="muted">{why}</span></li> }
    };
    let lines: Vec<_> = missing.iter().take(NAMED).map(line).collect();
    let more = missing.len().saturating_sub(NAMED);
    let more = (more > 0).then(|| view! { <li class="muted">{format!("and {more} more")}</li> });
    let cut_off = whole.batch.cut_off_on;
    let remind = may_remind.then(|| {
        let words = match missing.len() {
            1 => "Remind them".to_owned(),
            n => format!("Remind all {n}"),
        };
        let button = view! { <button class="button">{icon("bell")}{words}</button> };
        button_form("remind_missing", vec![("batch", whole.batch.id.to_string())], button)
    });
    (!missing.is_empty()).then(|| {
        view! {
            <section class="section" aria-labelledby="missing">
                <h2 id="missing">"Not in yet"</h2>
                <p class="muted">"They are on its projects. Lines are due by "{on_day(cut_off)}"; what comes later is paid with the next batch once this one is approved."</p>
                <ul class="names">{lines}{more}</ul>
                {remind}
            </section>
        }
    })
}

/// What tells this from all else.
fn proof(whole: &Whole) -> impl IntoView + use<> {
    let settled = (!whole.ready.is_settled).then(|| {
        banner("neutral", "Something has changed a moment ago and is being computed. Approving waits for it.")
    });
    let what = if whole.batch.is_open() { "What you see" } else { "What was approved" };
    view! {
        {settled}
        <p class="proof muted">{what}" has the SHA-256 "<code>{whole.digest.clone()}</code></p>
    }
}
