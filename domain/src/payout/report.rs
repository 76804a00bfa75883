//! What banks and services say became of transfers: a status message (`pain.002`), or a table.

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use super::{Reference, TransferState, status_xml};
use crate::Fault;
use crate::cell::meant;

/// What a report says; of the same transfer the last word.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    pub transfers: BTreeMap<Reference, Verdict>,
    /// Of whole payment files, by their ids: it holds for whatever of one is not told of by itself.
    pub files: BTreeMap<Uuid, Verdict>,
    /// Of these nothing final is said: the bank has them, or is still at it.
    pub pending: BTreeSet<Reference>,
    /// So many files of which nothing final is said.
    pub pending_files: usize,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    pub state: TransferState,
    /// Why it is not paid.
    pub reason: Option<String>,
}

/// No bank's word is longer in our books.
const REASON: usize = 200;

impl Verdict {
    pub(super) fn new(state: TransferState, said: &str) -> Self {
        let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
        let reason = match (state, said.is_empty()) {
            (TransferState::Paid, _) => None,
            (_, true) => Some("No reason was given.".to_owned()),
            (_, false) => Some(said.chars().take(REASON).collect()),
        };
        Self { state, reason }
    }
}

impl Report {
    /// How many entries say nothing final.
    pub fn still(&self) -> usize {
        self.pending.len() + self.pending_files
    }

    /// Another word on the same transfer takes the place of the one before.
    pub(super) fn tell(&mut self, reference: Reference, verdict: Option<Verdict>) {
        if let Some(verdict) = verdict {
            self.pending.remove(&reference);
            self.transfers.insert(reference, verdict);
        } else {
            self.transfers.remove(&reference);
            self.pending.insert(reference);
        }
    }

    pub fn read(text: &str) -> Result<Self, Fault> {
        // Lines that end in two signs would be counted wrong.
        let text = text.replace("\r\n", "\n");
        let text = text.trim_start_matches('\u{feff}').trim();
        if text.is_empty() {
            return Err(wrong("Choose a file, or paste what is in it."));
        }
        let report = if text.starts_with('<') { status_xml::read(text)? } else { table(text)? };
        if report.transfers.is_empty() && report.files.is_empty() && report.still() == 0 {
            return Err(wrong("This report tells of no payment."));
        }
        Ok(report)
    }
}

pub(super) fn wrong(message: impl Into<String>) -> Fault {
    Fault::field("report", message)
}

/// What a column of ours, of a bank or of a service is called.
const REFERENCES: [&str; 8] = [
    "reference",
    "endtoendid",
    "paymentreference",
    "senderitemid",
    "uniqueid",
    "recipientidentifier",
    "individualid",
    "customerreference",
];
const STATES: [&str; 5] = ["state", "status", "transactionstatus", "paymentstatus", "outcome"];
const REASONS: [&str; 5] = ["reason", "reasoncode", "error", "errormessage", "details"];

fn table(text: &str) -> Result<Report, Fault> {
    let head = text.lines().next().unwrap_or_default();
    let separator = [b';', b'\t', b','].into_iter().max_by_key(|it| {
        // Of as many, the comma: it is the last.
        head.bytes().filter(|c| c == it).count()
    });
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(separator.unwrap_or(b','))
        .trim(csv::Trim::All)
        .flexible(true)
        .from_reader(text.as_bytes());
    let titles = reader.headers().map_err(|_| wrong("The first row cannot be read as titles."))?.clone();
    let column = |names: &[&str]| titles.iter().position(|title| names.contains(&plain(title).as_str()));
    let (Some(reference), Some(state)) = (column(&REFERENCES), column(&STATES)) else {
        return Err(wrong(
            "The first row has to name the columns reference and state; reason, where something was not paid.",
        ));
    };
    let reason = column(&REASONS);
    let mut report = Report::default();
    for row in reader.records() {
        let row = row.map_err(|error| {
            let line = error.position().map_or(0, csv::Position::line);
            wrong(format!("Line {line} cannot be read as a row of a table."))
        })?;
        let line = row.position().map_or(0, csv::Position::line);
        let cell = |column: usize| meant(row.get(column).unwrap_or_default()).trim();
        if row.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        let said = cell(reference);
        let reference = Reference::parse(said).ok_or_else(|| {
            wrong(format!(
                "Line {line}: “{said}” is no reference of ours. They have twelve letters and digits."
            ))
        })?;
        match state_of(cell(state)) {
            Some(Word::Final(state)) => {
                let verdict = Verdict::new(state, reason.map(cell).unwrap_or_default());
                report.tell(reference, Some(verdict));
            }
            Some(Word::Pending) => report.tell(reference, None),
            None => {
                let said = cell(state);
                return Err(wrong(format!(
                    "Line {line}: “{said}” is no state we know. Write paid, failed or returned."
                )));
            }
        }
    }
    Ok(report)
}

/// `End-to-end ID` and `endToEndId` are the same.
fn plain(title: &str) -> String {
    title.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// A word of a report.
pub(super) enum Word {
    Final(TransferState),
    /// Nothing has become of it yet.
    Pending,
}

/// Ours, those of banks, and those of the services we write files for.
pub(super) fn state_of(word: &str) -> Option<Word> {
    match plain(word).as_str() {
        "paid"
        | "success"
        | "succeeded"
        | "completed"
        | "complete"
        | "settled"
        | "claimed"
        | "acsc"
        | "accc"
        | "outgoingpaymentsent" => Some(Word::Final(TransferState::Paid)),
        "failed" | "failure" | "rejected" | "denied" | "blocked" | "cancelled" | "canceled" | "rjct"
        | "canc" => Some(Word::Final(TransferState::Failed)),
        "returned" | "refunded" | "fundsrefunded" | "bouncedback" | "reversed" => {
            Some(Word::Final(TransferState::Returned))
        }
        "sent"
        | "pending"
        | "processing"
        | "unclaimed"
        | "onhold"
        | "new"
        | "accp"
        | "actc"
        | "acsp"
        | "acwc"
        | "acwp"
        | "pdng"
        | "rcvd"
        | "incomingpaymentwaiting" => Some(Word::Pending),
        _ => None,
    }
}
