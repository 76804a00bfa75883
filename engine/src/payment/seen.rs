//! What a manager sees of a batch, and the hash that tells it from all else.

use std::fmt::Write;

use domain::ids::SubjectId;
use sha2::{Digest, Sha256};

use super::store::account::PaidTo;
use super::store::batch::Batch;
use super::store::finding::Found;
use super::store::look::Payment;

/// The hash of [`written`].
pub fn digest(batch: &Batch, payments: &[Payment], accounts: &[PaidTo], found: &[Found]) -> Vec<u8> {
    Sha256::digest(written(batch, payments, accounts, found)).to_vec()
}

/// All that was shown: who gets what for which lines and where, who is held, what was found and what was said to it.
pub fn written(batch: &Batch, payments: &[Payment], accounts: &[PaidTo], found: &[Found]) -> String {
    let mut text = String::new();
    let period = batch.period();
    // Writing to a string cannot fail.
    let _ = writeln!(
        text,
        "countersign batch 1\n{} {} {} {} {}",
        batch.id, period.from, period.until, batch.currency, batch.pay_on
    );
    for payment in payments {
        let held = payment.held_for.as_deref().unwrap_or_default();
        let Payment { person_id, lines, pay_minor: minor, .. } = payment;
        let digest = crate::secret::to_hex(&payment.digest);
        let _ = writeln!(text, "payment {person_id} {lines} {minor} {digest} {held:?}");
    }
    for PaidTo { person_id, account_id, shown, .. } in accounts {
        let _ = writeln!(text, "account {person_id} {account_id} {shown:?}");
    }
    for it in found {
        let accepted = it.accepted_for.as_deref().unwrap_or_default();
        let _ = writeln!(text, "finding {} {} {:?} {accepted:?}", it.subject_id, it.kind, it.sentence);
    }
    text
}

/// What nobody has looked at yet: those who are held need nobody any more.
pub fn is_open(found: &Found, payments: &[Payment]) -> bool {
    let held = |payment: &Payment| {
        SubjectId::from(payment.person_id) == found.subject_id && payment.held_for.is_some()
    };
    found.accepted_for.is_none() && !payments.iter().any(held)
}
