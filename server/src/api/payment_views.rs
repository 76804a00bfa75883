//! Bodies of payments.

use chrono::{DateTime, NaiveDate, Utc};
use domain::Currency;
use domain::money::Amount;
use domain::timesheet::Hours;
use engine::payment::{
    Approval, Batch, Explained, Found, Missing, Own, PaidTo, Payment, Slip, Summed, Whole,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::account_views::AccountView;

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct BatchesQuery {
    /// The `next` of the page before
    pub after: Option<Uuid>,
    /// 1 to 200; 50 if absent
    pub limit: Option<usize>,
}

#[derive(Serialize, ToSchema)]
pub struct BatchesPage {
    pub batches: Vec<BatchLineView>,
    pub next: Option<Uuid>,
}

#[derive(Serialize, ToSchema)]
pub struct BatchLineView {
    pub id: Uuid,
    pub from_on: NaiveDate,
    pub until_on: NaiveDate,
    pub currency: String,
    /// open or approved
    pub state: &'static str,
    pub cut_off_on: NaiveDate,
    pub pay_on: NaiveDate,
    /// Of those who are paid with it
    pub people: i64,
    /// In major units of the currency, like 31204.50
    pub amount: String,
    /// People who are paid with the next batch
    pub held: i64,
    /// What nobody has decided about yet
    pub findings: i64,
    /// Payments that are in a file, and nothing is known of yet
    pub sent: i64,
    /// Payments that have arrived
    pub paid: i64,
}

impl From<Summed> for BatchLineView {
    fn from(it: Summed) -> Self {
        let Summed { batch, people, minor, held, findings, payable: _, sent, paid } = it;
        Self {
            id: batch.id.0,
            from_on: batch.period().from,
            until_on: batch.period().until,
            state: batch.state.word(),
            cut_off_on: batch.cut_off_on,
            pay_on: batch.pay_on,
            people,
            amount: plain(minor, &batch.currency),
            currency: batch.currency.to_string(),
            held,
            findings,
            sent,
            paid,
        }
    }
}

/// The number alone, with the decimals of its currency.
fn plain(minor: i64, currency: &Currency) -> String {
    Amount::new(minor, currency.clone()).plain()
}

#[derive(Serialize, ToSchema)]
pub struct BatchView {
    pub id: Uuid,
    pub from_on: NaiveDate,
    pub until_on: NaiveDate,
    pub currency: String,
    /// open or approved
    pub state: &'static str,
    pub cut_off_on: NaiveDate,
    pub pay_on: NaiveDate,
    pub people: usize,
    pub amount: String,
    pub held: usize,
    /// People, and the batch itself, about whom something is not decided
    pub undecided: usize,
    /// Tells what you see from all else: send it when you approve
    pub hash: String,
    /// Whether its last day is over, wherever its projects are
    pub is_over: bool,
    /// Whether it is computed and looked through as it is now
    pub is_settled: bool,
    /// By their codes
    pub projects: Vec<String>,
    pub payments: Vec<PaymentView>,
    pub findings: Vec<FindingView>,
    /// People whose work may be missing
    pub missing: Vec<MissingView>,
    /// Those who have approved exactly this
    pub approvals: Vec<ApprovalView>,
    pub approved_at: Option<DateTime<Utc>>,
}

impl From<Whole> for BatchView {
    fn from(whole: Whole) -> Self {
        let Batch { id, currency, cut_off_on, pay_on, state, approved_at, .. } = whole.batch.clone();
        let period = whole.batch.period();
        let payments: Vec<_> = whole
            .payments
            .iter()
            .map(|it| PaymentView::of(it.clone(), whole.paid_to(it.person_id).cloned(), &currency))
            .collect();
        Self {
            id: id.0,
            from_on: period.from,
            until_on: period.until,
            state: state.word(),
            cut_off_on,
            pay_on,
            people: whole.people,
            amount: plain(whole.minor, &currency),
            held: whole.held,
            undecided: whole.open,
            hash: whole.digest,
            is_over: whole.ready.is_over,
            is_settled: whole.ready.is_settled,
            projects: whole.ready.projects.iter().map(ToString::to_string).collect(),
            payments,
            findings: whole.found.into_iter().map(FindingView::from).collect(),
            missing: whole.ready.missing.into_iter().map(MissingView::from).collect(),
            approvals: whole.approvals.into_iter().map(ApprovalView::from).collect(),
            approved_at,
            currency: currency.to_string(),
        }
    }
}

#[derive(Serialize, ToSchema)]
pub struct PaymentView {
    pub id: Uuid,
    pub person: Uuid,
    pub name: String,
    pub lines: i64,
    pub hours: String,
    pub units: i64,
    /// What its lines come to, in major units of the currency
    pub worth: String,
    /// What was owed from before: at most zero
    pub carried: String,
    /// What is paid of both: nothing, where more is owed
    pub amount: String,
    /// Why it is paid with the next batch
    pub held_for: Option<String>,
    /// Where it goes: once it is approved, for good
    pub account: Option<AccountView>,
}

impl PaymentView {
    fn of(it: Payment, to: Option<PaidTo>, currency: &Currency) -> Self {
        Self {
            id: it.id.0,
            person: it.person_id.0,
            name: it.person_name.to_string(),
            lines: it.lines,
            hours: Hours::of_minutes(it.minutes).to_string(),
            units: it.units,
            worth: plain(it.minor, currency),
            carried: plain(it.carried_minor, currency),
            amount: plain(it.pay_minor, currency),
            held_for: it.held_for,
            account: to.map(Into::into),
        }
    }
}

#[derive(Serialize, ToSchema)]
pub struct FindingView {
    /// A person, or the batch itself
    pub subject: Uuid,
    /// Like no-rate, pay-jump or pace-peers
    pub kind: &'static str,
    pub figure: String,
    pub baseline: String,
    pub sentence: String,
    /// Why it was accepted, if it was
    pub accepted_for: Option<String>,
    pub accepted_by: Option<String>,
    pub accepted_at: Option<DateTime<Utc>>,
}

impl From<Found> for FindingView {
    fn from(it: Found) -> Self {
        Self {
            subject: it.subject_id.0,
            kind: it.kind.word(),
            figure: it.figure,
            baseline: it.baseline,
            sentence: it.sentence,
            accepted_for: it.accepted_for,
            accepted_by: it.accepted_by.map(|name| name.to_string()),
            accepted_at: it.accepted_at,
        }
    }
}

#[derive(Serialize, ToSchema)]
pub struct RemindedView {
    pub people: usize,
}

#[derive(Serialize, ToSchema)]
pub struct MissingView {
    pub person: Uuid,
    pub name: String,
    /// Lines that are entered and not submitted; 0 if nothing is entered at all
    pub unsent: i64,
}

impl From<Missing> for MissingView {
    fn from(it: Missing) -> Self {
        Self { person: it.person.0, name: it.name.to_string(), unsent: it.unsent }
    }
}

#[derive(Serialize, ToSchema)]
pub struct ApprovalView {
    pub person: Uuid,
    pub name: String,
    pub at: DateTime<Utc>,
}

impl From<Approval> for ApprovalView {
    fn from(it: Approval) -> Self {
        Self { person: it.person_id.0, name: it.person_name.to_string(), at: it.at }
    }
}

#[derive(Serialize, ToSchema)]
pub struct SlipView {
    pub payment: PaymentView,
    pub batch: Uuid,
    pub from_on: NaiveDate,
    pub until_on: NaiveDate,
    pub currency: String,
    /// open or approved
    pub state: &'static str,
    pub pay_on: NaiveDate,
    /// Lines that cannot be paid yet, because no rate applies to them
    pub unpaid_lines: i64,
    pub lines: Vec<PaidLineView>,
}

impl From<Slip> for SlipView {
    fn from(slip: Slip) -> Self {
        let currency = slip.batch.currency.clone();
        Self {
            payment: PaymentView::of(slip.payment, slip.paid_to, &currency),
            batch: slip.batch.id.0,
            from_on: slip.batch.period().from,
            until_on: slip.batch.period().until,
            state: slip.batch.state.word(),
            pay_on: slip.batch.pay_on,
            unpaid_lines: slip.marks.unpaid_lines,
            lines: slip.lines.into_iter().map(|it| PaidLineView::of(it, &currency)).collect(),
            currency: currency.to_string(),
        }
    }
}

#[derive(Serialize, ToSchema)]
pub struct PaidLineView {
    pub id: Uuid,
    pub work_on: NaiveDate,
    /// By its code
    pub project: String,
    pub task: String,
    pub hours: String,
    pub units: i64,
    pub note: Option<String>,
    pub hour_price: Option<String>,
    pub unit_price: Option<String>,
    pub amount: String,
    /// Since when its rate applies, and when that was written down
    pub rate_from: NaiveDate,
    pub rate_written_at: DateTime<Utc>,
    /// Why a line that was paid before is taken back by this one
    pub takes_back: Option<String>,
    /// Why it was taken back later
    pub taken_back: Option<String>,
}

impl PaidLineView {
    fn of(it: Explained, currency: &Currency) -> Self {
        Self {
            id: it.line_id.0,
            work_on: it.work_on,
            project: it.project_code.to_string(),
            task: it.task_name.to_string(),
            hours: Hours::of_minutes(it.minutes).to_string(),
            units: it.units,
            note: it.note.map(|note| note.to_string()),
            hour_price: it.hour_price.map(|price| price.to_string()),
            unit_price: it.unit_price.map(|price| price.to_string()),
            amount: plain(it.minor, currency),
            rate_from: it.rate_from,
            rate_written_at: it.rate_written_at,
            takes_back: it.takes_back,
            taken_back: it.taken_back,
        }
    }
}

#[derive(Serialize, ToSchema)]
pub struct OwnPaymentView {
    pub id: Uuid,
    pub from_on: NaiveDate,
    pub until_on: NaiveDate,
    pub currency: String,
    /// Of its batch: open or approved
    pub state: &'static str,
    pub pay_on: NaiveDate,
    pub lines: i64,
    pub hours: String,
    pub units: i64,
    pub amount: String,
    pub held_for: Option<String>,
}

impl From<Own> for OwnPaymentView {
    fn from(it: Own) -> Self {
        let period = it.period();
        Self {
            id: it.id.0,
            from_on: period.from,
            until_on: period.until,
            state: it.state.word(),
            pay_on: it.pay_on,
            lines: it.lines,
            hours: Hours::of_minutes(it.minutes).to_string(),
            units: it.units,
            amount: plain(it.minor, &it.currency),
            currency: it.currency.to_string(),
            held_for: it.held_for,
        }
    }
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ApproveBody {
    /// The `hash` of the batch as you have seen it
    pub hash: String,
}

#[derive(Serialize, ToSchema)]
pub struct ApprovedView {
    /// Otherwise somebody else has to approve it, too
    pub approved: bool,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AcceptBody {
    /// A person, or the batch itself
    pub subject: Uuid,
    /// Kind and sentence of each, as they were read
    pub findings: Vec<AcceptedFinding>,
    pub reason: String,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AcceptedFinding {
    pub kind: String,
    pub sentence: String,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReasonBody {
    pub reason: String,
}
