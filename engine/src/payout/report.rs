//! Taking in what a bank or service says became of transfers: all of it or nothing, and as often as it comes.

use std::collections::{BTreeMap, BTreeSet};

use domain::audit::{Action, Thing};
use domain::ids::{PayoutFileId, PersonId, TransferId};
use domain::payout::{Heard, Report, TransferState, Verdict};
use domain::people::Permission;
use domain::{Fault, FaultKind};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::Payouts;
use super::store::file;
use super::store::transfer::{self, Transfer};
use crate::Error;
use crate::act::Act;
use crate::audit::{Entry, record_all};
use crate::db::Tx;
use crate::secret::to_hex;

/// What a report has changed.
#[derive(Clone, Debug, Default)]
pub struct Taken {
    /// By name.
    pub changed: Vec<Change>,
    /// So many entries say what was known.
    pub known: usize,
    /// So many say nothing final.
    pub pending: usize,
}

#[derive(Clone, Debug)]
pub struct Change {
    pub was: TransferState,
    pub now: Transfer,
}

impl Payouts {
    pub async fn report(&self, act: &Act, text: &str) -> Result<Taken, Error> {
        act.need(Permission::SendPay)?;
        let me = act.person_in_browser()?.id;
        let report = Report::read(text)?;
        let mut tx = self.db.begin().await?;
        let mut heard = told(&mut tx, &report).await?;
        heard.extend(whole(&mut tx, &report).await?);
        let taken = sort(me, heard, report.still())?;
        if taken.changed.is_empty() {
            return Ok(taken);
        }
        settle(&mut tx, act, &taken.changed).await?;
        let now = taken.changed.iter().map(|it| (&it.now, it.now.state, it.now.reason.as_deref()));
        super::tell::settled(&mut tx, act, now).await?;
        let names = file::names(&mut tx, &by_file(&taken).into_keys().collect::<Vec<_>>()).await?;
        record_all(&mut tx, act, &entries(&taken, &names, &to_hex(&Sha256::digest(text)))).await?;
        tx.commit().await?;
        Ok(taken)
    }
}

fn by_file(taken: &Taken) -> BTreeMap<PayoutFileId, Vec<&Transfer>> {
    let mut all: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for it in &taken.changed {
        // What became something stood in a file.
        all.entry(it.now.file_id.unwrap_or(PayoutFileId(Uuid::nil()))).or_default().push(&it.now);
    }
    all
}

/// A line of the log for each file: what became of which transfer, by which report.
fn entries<'a>(
    taken: &Taken,
    names: &'a BTreeMap<PayoutFileId, String>,
    sha256: &str,
) -> Vec<Entry<'a, (), Value>> {
    let entry = |(id, transfers): (PayoutFileId, Vec<&Transfer>)| {
        let said: Vec<_> = transfers
            .into_iter()
            .map(|it| json!({ "reference": it.reference, "state": it.state, "reason": it.reason }))
            .collect();
        Entry {
            action: Action::PayoutReported,
            thing: Thing::Payout,
            thing_id: id.to_string(),
            thing_name: names.get(&id).map_or("A report", String::as_str),
            before: None,
            after: Some(json!({ "sha256": sha256, "transfers": said })),
        }
    };
    by_file(taken).into_iter().map(entry).collect()
}

/// A transfer, and what is said of it.
type Said<'a> = (Transfer, &'a Verdict);

/// What is said of single transfers.
async fn told<'a>(tx: &mut Tx, report: &'a Report) -> Result<Vec<Said<'a>>, Error> {
    let references: Vec<_> = report.transfers.keys().chain(&report.pending).collect();
    let found = transfer::by_references(tx, &references).await?;
    if found.len() < references.len() {
        let known: BTreeSet<_> = found.iter().map(|it| &it.reference).collect();
        let unknown: Vec<_> = references.iter().filter(|it| !known.contains(*it)).collect();
        let some: Vec<_> = unknown.iter().take(3).map(ToString::to_string).collect();
        let more = if unknown.len() > 3 { " and others" } else { "" };
        let message = format!(
            "This report tells of {}{more}, which nothing was sent under here. Nothing of it is taken.",
            some.join(", ")
        );
        return Err(refused(message));
    }
    Ok(found
        .into_iter()
        .filter_map(|it| report.transfers.get(&it.reference).map(|said| (it, said)))
        .collect())
}

/// What is said of whole files, for whatever of them is not told of by itself and still on its way. If a file is said to be
/// refused, that goes for all of it.
async fn whole<'a>(tx: &mut Tx, report: &'a Report) -> Result<Vec<Said<'a>>, Error> {
    let mut all = Vec::new();
    for (id, said) in &report.files {
        let id = PayoutFileId(*id);
        let row = file::by_id_in(tx, id).await?.ok_or_else(|| {
            refused("This report answers a file that was not made here. Nothing of it is taken.".to_owned())
        })?;
        // Others pay by now what it would have paid.
        if row.withdrawn_at.is_some() && said.state != TransferState::Failed {
            let message = format!(
                "{} was withdrawn here, and this report says that it was carried out. Find out at once what was paid, before \
                 the files that took its place are sent: nothing of the report is taken.",
                row.name
            );
            return Err(Fault { kind: FaultKind::Conflict, ..Fault::field("report", message) }.into());
        }
        let of_file = transfer::of_file_in(tx, id).await?.into_iter();
        all.extend(
            of_file
                .filter(|it| {
                    !report.transfers.contains_key(&it.reference) && !report.pending.contains(&it.reference)
                })
                .filter(|it| said.state != TransferState::Paid || it.state != TransferState::Failed)
                .map(|it| (it, said)),
        );
    }
    Ok(all)
}

fn sort(me: PersonId, heard: Vec<Said<'_>>, pending: usize) -> Result<Taken, Error> {
    let mut taken = Taken { pending, ..Taken::default() };
    for (mut it, said) in heard {
        match it.state.hearing(said.state) {
            Heard::Known => taken.known += 1,
            Heard::News => {
                // Whoever says that a payment has failed has it paid again.
                if it.person_id == me && said.state != TransferState::Paid {
                    let message =
                        "This report says that your own pay did not arrive. Somebody else has to take it in.";
                    return Err(Fault::forbidden(message).into());
                }
                let was = std::mem::replace(&mut it.state, said.state);
                it.reason.clone_from(&said.reason);
                taken.changed.push(Change { was, now: it });
            }
            Heard::Contradiction => {
                let (is, says) = (it.state.label(), said.state.label());
                let message = format!(
                    "{} for {} is “{is}” here, and “{says}” in this report. Find out which of the two is right: nothing \
                     of the report is taken.",
                    it.reference, it.person_name
                );
                return Err(Fault { kind: FaultKind::Conflict, ..Fault::field("report", message) }.into());
            }
        }
    }
    taken
        .changed
        .sort_by(|a, b| (a.now.person_name.as_str(), a.now.id).cmp(&(b.now.person_name.as_str(), b.now.id)));
    Ok(taken)
}

/// Writes what they have become. If one is not any more what it was when it was read, nothing is written.
async fn settle(tx: &mut Tx, act: &Act, changed: &[Change]) -> Result<(), Error> {
    let mut alike: BTreeMap<_, Vec<TransferId>> = BTreeMap::new();
    for it in changed {
        alike.entry((it.was, it.now.state, it.now.reason.as_deref())).or_default().push(it.now.id);
    }
    for ((was, state, reason), ids) in alike {
        if !transfer::settle(tx, &ids, was, state, reason, act.at).await? {
            return Err(Fault::conflict("Somebody else was faster. Send the report again.").into());
        }
    }
    Ok(())
}

fn refused(message: String) -> Error {
    Fault::field("report", message).into()
}
