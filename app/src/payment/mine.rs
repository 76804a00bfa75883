//! One's own pay: where the money is.

use domain::payment::{BatchState, Marks};
use domain::payout::TransferState;
use engine::Error;
use engine::payee::{Known, Payees};
use engine::payment::{Own, Payments};
use leptos::prelude::*;

use super::parts::{amount, hours, units};
use crate::ui::Column::{Number, Text};
use crate::ui::{Column, Heading, banner, date, empty, icon, in_app, load, on_day, table, tag};
use crate::visit;

const COLUMNS: [Column; 6] = [
    Text("Period"),
    Number("Hours"),
    Number("Units"),
    Number("Amount"),
    Text("Where it is"),
    Text("Pay day"),
];

pub fn mine_page() -> impl IntoView {
    load(content())
}

async fn content() -> Result<AnyView, Error> {
    let act = visit::act()?;
    let payments = expect_context::<Payments>();
    let own = payments.mine(&act).await?;
    let owed = payments.owed(&act).await?;
    let owed = (!owed.is_empty()).then(|| {
        let amounts = owed.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        let words = "More was taken back than was earned since. The next payment makes up for it.";
        banner("neutral", view! { <strong>"Owed from before: "{amounts}"."</strong>" "{words} })
    });
    let list = if own.is_empty() {
        let words = "Submit a week: what it comes to, and when it is paid, stands here a moment later.";
        let action =
            view! { <a class="button primary" href="/timesheet">{icon("clock")}"To your timesheet"</a> };
        empty("wallet", "Nothing on its way yet", words, action).into_any()
    } else {
        table("table", "Your pay, the latest first", &COLUMNS, own.iter().map(row).collect()).into_any()
    };
    let known = expect_context::<Payees>().known(&act, act.person()?.id).await?;
    let heading = Heading {
        title: "My pay".to_owned(),
        sub: Some("What you have submitted, what it comes to, and where it is.".into_any()),
        actions: Some(goes_to(&known).into_any()),
        ..Heading::default()
    };
    Ok(in_app(heading, view! { {account_note(&known, !own.is_empty())} {owed} {list} }))
}

/// Where it goes, and the way to say so.
fn goes_to(known: &Known) -> impl IntoView + use<> {
    let words = match &known.counting {
        Some(kept) => format!("Goes to {}", kept.shown),
        None => "Say where it goes".to_owned(),
    };
    view! { <a class="button" href="/my-pay/account">{icon("wallet")}{words}</a> }
}

/// What is to be known of it before anything else.
fn account_note(known: &Known, is_paid: bool) -> Option<AnyView> {
    let link = || view! { <a href="/my-pay/account">"Look at it"</a> };
    match (&known.held, &known.counting) {
        (Some(held), _) => {
            let words = format!(
                "{} has entered {} as where your pay goes. It is held for now. ",
                held.entered_by_name, held.shown
            );
            Some(banner("warn", view! { {words}{link()}"." }).into_any())
        }
        (None, None) if is_paid => {
            let link = view! { <a href="/my-pay/account">"Enter your account"</a> };
            Some(banner("warn", view! { "Nobody knows yet where to send your pay. "{link}"." }).into_any())
        }
        _ => None,
    }
}

fn row(own: &Own) -> impl IntoView + use<> {
    let place = match (&own.held_for, own.state) {
        (Some(_), BatchState::Approved) => tag("neutral", "Moved to the next batch"),
        (Some(_), BatchState::Open) => tag("warn", "Held to the next batch"),
        (None, BatchState::Open) => tag("info", "In a batch, to be approved"),
        (None, BatchState::Approved) => match own.transfer {
            None | Some(TransferState::Ready) => tag("ok", "Approved"),
            Some(TransferState::Sent) => tag("info", "Sent"),
            Some(TransferState::Paid) => tag("ok", "Paid"),
            Some(TransferState::Failed | TransferState::Returned) => tag("bad", "Did not arrive"),
        },
    };
    let since = own.transfer_at.filter(|_| own.transfer.is_some_and(|state| state != TransferState::Ready));
    let since = since.map(|at| view! { <span class="sub">{date(at)}</span> });
    let failed = own.transfer_reason.clone().map(|reason| view! { <span class="sub">{reason}</span> });
    // Its words for whom it is about; the figures of it are for those who decide.
    let marks: Marks = serde_json::from_str(&own.marks).unwrap_or_default();
    let reason = own.held_for.clone().map(|reason| view! { <span class="sub">{reason}</span> });
    let unpaid =
        (marks.unpaid_lines > 0).then(|| view! { <span class="sub">"Some of it has no rate yet"</span> });
    view! {
        <tr>
            <th scope="row"><a class="row-link truncate" href=format!("/payments/{}", own.id)>{own.period().to_string()}</a></th>
            <td data-label="Hours" class="num">{hours(own.minutes)}</td>
            <td data-label="Units" class="num">{units(own.units)}</td>
            <td data-label="Amount" class="num strong">{amount(own.minor, &own.currency)}</td>
            <td data-label="Where it is"><span>{place}{since}{failed}{reason}{unpaid}</span></td>
            <td data-label="Pay day">{on_day(own.pay_on)}</td>
        </tr>
    }
}
