//! Looking at batches and payments.

use std::collections::{HashMap, HashSet};

use domain::Fault;
use domain::ids::{BatchId, PaymentId, PersonId, SubjectId};
use domain::money::Amount;
use domain::payment::{Marks, Thresholds};
use domain::people::Permission;
use domain::project::{ProjectCode, Terms};

use super::Payments;
use super::approve::Stakes;
use super::missing::{Missing, missing};
use super::seen;
use super::store;
use super::store::account::PaidTo;
use super::store::approval::Approval;
use super::store::around::is_over;
use super::store::batch::{Batch, Summed};
use super::store::finding::Found;
use super::store::look::{Changed, Explained, Own, Payment};
use crate::Error;
use crate::act::Act;
use crate::page::Page;

const MOST_CHANGES: i64 = 50;
const MOST_OWN: i64 = 100;

/// A batch with all that is to be decided.
pub struct Whole {
    pub batch: Batch,
    /// In the order of their names.
    pub payments: Vec<Payment>,
    /// What there is to look at, decided or not.
    pub found: Vec<Found>,
    /// Where those who are not held are paid to; who has no account is not among them.
    pub accounts: Vec<PaidTo>,
    /// Of those who are paid with it.
    pub people: usize,
    pub minor: i64,
    pub held: usize,
    /// People, and the batch itself, about whom something is not decided.
    pub open: usize,
    /// The hash of all of it.
    pub digest: String,
    /// What people got the last times, of whom something is to be decided; the last first.
    pub before: HashMap<PersonId, Vec<i64>>,
    /// Those who have said yes to exactly this.
    pub approvals: Vec<Approval>,
    /// What whoever looks has to do with it.
    pub stakes: Stakes,
    pub ready: Ready,
}

/// Whether everything is there.
pub struct Ready {
    /// Its last day is over, wherever its projects are.
    pub is_over: bool,
    /// It is computed and looked through as it is now.
    pub is_settled: bool,
    pub projects: Vec<ProjectCode>,
    pub missing: Vec<Missing>,
}

impl Whole {
    /// Where somebody is paid to with it.
    pub fn paid_to(&self, person: PersonId) -> Option<&PaidTo> {
        let place = self.accounts.binary_search_by_key(&person, |it| it.person_id).ok()?;
        self.accounts.get(place)
    }

    /// What was found about somebody, or about the batch itself.
    pub fn about(&self, subject: impl Into<SubjectId>) -> impl Iterator<Item = &Found> {
        let subject = subject.into();
        self.found.iter().filter(move |it| it.subject_id == subject)
    }

    /// Whether something about somebody, or about the batch itself, is still to be decided.
    pub fn needs_somebody(&self, subject: impl Into<SubjectId>) -> bool {
        self.about(subject).any(|it| seen::is_open(it, &self.payments))
    }
}

/// One payment, line by line.
pub struct Slip {
    pub batch: Batch,
    pub payment: Payment,
    pub marks: Marks,
    pub lines: Vec<Explained>,
    pub found: Vec<Found>,
    /// Where it goes.
    pub paid_to: Option<PaidTo>,
}

impl Payments {
    /// The latest first, so many to a page, after the one that was the last of the page before.
    pub async fn batches(
        &self,
        act: &Act,
        after: Option<BatchId>,
        size: usize,
    ) -> Result<Page<Summed>, Error> {
        act.need(Permission::SeePay)?;
        let limit = i64::try_from(size + 1).unwrap_or(i64::MAX);
        Ok(Page::of(store::batch::list(&self.db, after, limit).await?, size))
    }

    /// How many batches wait to be approved: their last day is over.
    pub async fn waiting(&self, act: &Act) -> Result<i64, Error> {
        act.need(Permission::SeePay)?;
        Ok(store::batch::ended(&self.db, act.at.date_naive()).await?)
    }

    pub async fn batch(&self, act: &Act, id: BatchId) -> Result<Whole, Error> {
        act.need(Permission::SeePay)?;
        let batch = store::batch::by_id(&self.db, id).await?.ok_or_else(no_such_batch)?;
        let mut payments = store::look::payments(&self.db, id).await?;
        let found = store::finding::of(&self.db, id).await?;
        let accounts = store::account::of(&self.db, id, act.at).await?;
        let digest = seen::digest(&batch, &payments, &accounts, &found);
        payments.sort_by(|a, b| (&a.person_name, a.person_id).cmp(&(&b.person_name, b.person_id)));
        let paid = payments.iter().filter(|it| it.held_for.is_none());
        let open: HashSet<_> =
            found.iter().filter(|it| seen::is_open(it, &payments)).map(|it| it.subject_id).collect();
        let mut approvals = store::approval::of(&self.db, id).await?;
        approvals.retain(|it| it.digest == digest);
        let ready = self.ready(act, &batch, &payments).await?;
        let mut before: HashMap<_, Vec<_>> = HashMap::new();
        if !open.is_empty() {
            for (person, minor) in store::finding::paid_before(&self.db, id, &batch.currency).await? {
                if open.contains(&person.into()) {
                    before.entry(person).or_default().push(minor);
                }
            }
        }
        Ok(Whole {
            people: paid.clone().count(),
            minor: paid.map(|it| it.pay_minor).sum(),
            held: payments.iter().filter(|it| it.held_for.is_some()).count(),
            open: open.len(),
            before,
            digest: crate::secret::to_hex(&digest),
            stakes: Stakes::of(&self.db, act, id).await?,
            approvals,
            ready,
            batch,
            payments,
            accounts,
            found,
        })
    }

    /// A batch without what is in it.
    pub async fn batch_line(&self, act: &Act, id: BatchId) -> Result<Batch, Error> {
        act.need(Permission::SeePay)?;
        Ok(store::batch::by_id(&self.db, id).await?.ok_or_else(no_such_batch)?)
    }

    async fn ready(&self, act: &Act, batch: &Batch, payments: &[Payment]) -> Result<Ready, Error> {
        let ids = store::batch::projects(&self.db, batch.id).await?;
        let terms = self.terms_of(&ids).await?;
        let mut projects: Vec<_> =
            store::around::projects(&self.db, &ids).await?.into_iter().map(|it| it.code).collect();
        projects.sort();
        let missing = if batch.is_open() { self.missing(batch, &terms, payments).await? } else { Vec::new() };
        Ok(Ready {
            is_over: is_over(&terms, batch.period(), act.at),
            is_settled: !batch.is_open()
                || (batch.settled == batch.version && !store::due::is_any(&self.db, act.at).await?),
            projects,
            missing,
        })
    }

    /// Those who are on its projects in its days, and whose work may be missing.
    async fn missing(
        &self,
        batch: &Batch,
        terms: &[Terms],
        payments: &[Payment],
    ) -> Result<Vec<Missing>, Error> {
        let period = batch.period();
        let same: Vec<_> = terms
            .iter()
            .filter(|terms| terms.calendar.period_of(period.from) == period)
            .map(|terms| terms.project_id)
            .collect();
        let paid = payments.iter().map(|it| it.person_id).collect();
        missing(&self.db, &same, period, &paid).await
    }

    /// What has changed in a batch since a version of it, the last first.
    pub async fn changes(&self, act: &Act, id: BatchId, since: i64) -> Result<Vec<Changed>, Error> {
        act.need(Permission::SeePay)?;
        Ok(store::look::changes_since(&self.db, id, since, MOST_CHANGES).await?)
    }

    /// A payment line by line, for whoever it is for or may see all of them.
    pub async fn slip(&self, act: &Act, id: PaymentId) -> Result<Slip, Error> {
        let payment = store::look::payment(&self.db, id).await?;
        let own = |payment: &Payment| {
            act.may(Permission::SeeOwnPay) && act.person().is_ok_and(|me| me.id == payment.person_id)
        };
        let Some(payment) = payment.filter(|it| own(it) || act.may(Permission::SeePay)) else {
            // Whether there is one is nobody else's business.
            act.person()?;
            return Err(no_such_payment().into());
        };
        let batch = store::batch::by_id(&self.db, payment.batch_id).await?.ok_or_else(no_such_batch)?;
        let mut found = Vec::new();
        if act.may(Permission::SeePay) {
            found = store::finding::of(&self.db, payment.batch_id).await?;
            found.retain(|it| it.subject_id == payment.person_id.into());
        }
        Ok(Slip {
            lines: store::look::lines(&self.db, id).await?,
            paid_to: store::account::of_payment(&self.db, id, act.at).await?,
            marks: serde_json::from_str(&payment.marks)?,
            batch,
            payment,
            found,
        })
    }

    /// One's own, the latest first.
    pub async fn mine(&self, act: &Act) -> Result<Vec<Own>, Error> {
        act.need(Permission::SeeOwnPay)?;
        Ok(store::look::own(&self.db, act.person()?.id, MOST_OWN).await?)
    }

    /// What one owes that no payment has made up for yet.
    pub async fn owed(&self, act: &Act) -> Result<Vec<Amount>, Error> {
        act.need(Permission::SeeOwnPay)?;
        let owed = store::look::owed(&self.db, act.person()?.id).await?;
        Ok(owed.into_iter().map(|(currency, minor)| Amount::new(minor, currency)).collect())
    }

    /// From when on something is said about a payment, with the version of that.
    pub async fn thresholds(&self, act: &Act) -> Result<(Thresholds, i64), Error> {
        act.need(Permission::SeePay)?;
        store::batch::thresholds(&self.db).await
    }
}

pub(super) fn no_such_batch() -> Fault {
    Fault::not_found("There is no such batch.")
}

pub(super) fn no_such_payment() -> Fault {
    Fault::not_found(
        "There is no such payment. It may have changed when lines were returned; look at its batch.",
    )
}
