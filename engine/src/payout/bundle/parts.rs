//! What a bundle consists of. Tables are CSV that a spreadsheet opens and computes nothing of.

use domain::cell::harmless;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::Error;

pub const ABOUT: &str = "bundle.json";
pub const README: &str = "README.txt";
/// The text whose SHA-256 was approved.
pub const APPROVED: &str = "approved.txt";
pub const APPROVALS: &str = "approvals.csv";
pub const PAYMENTS: &str = "payments.csv";
pub const LINES: &str = "lines.csv";
pub const TRANSFERS: &str = "transfers.csv";
pub const FILES: &str = "files.csv";
pub const AUDIT: &str = "audit.jsonl";

/// Where payment files lie, and where those that nobody should send.
pub const FOLDER: &str = "files/";
pub const WITHDRAWN: &str = "withdrawn/";

pub fn file(name: &str, withdrawn: bool) -> String {
    format!("{FOLDER}{}{name}", if withdrawn { WITHDRAWN } else { "" })
}

/// What kind of bundle this is; another number is another kind.
pub const KIND: &str = "countersign batch 1";

pub const EXPLAINED: &str = "All that was approved and paid with one batch.

approved.txt    what the approvers saw, in one way of writing; its SHA-256 is what they approved
approvals.csv   who approved that, and when
payments.csv    one row a person; held ones are not paid with this batch
lines.csv       what each payment is for, with the rate it was paid by
transfers.csv   how each payment was sent, and what became of it
files.csv       the payment files, with the SHA-256 of each
files/          the payment files, byte for byte; they name accounts in full. Those in files/withdrawn/ were not sent, and others pay
                what they would have paid: nobody should send them
audit.jsonl     what the audit log says of the batch and its payments; each line holds its own hash

Approved are, of each line, its id and version, its rate and what it is worth. Its day, project and task, and what it was not paid by, are
told beside it.

Check it with:  countersign payment verify BUNDLE
With an export of the audit log, kept by somebody else:  countersign payment verify BUNDLE --audit-log FILE
";

#[derive(Debug, Serialize, Deserialize)]
pub struct About {
    pub kind: String,
    pub batch: String,
    pub from: String,
    pub until: String,
    pub currency: String,
    pub pay_on: String,
    /// SHA-256 of `approved.txt`.
    pub hash: String,
    pub made_at: String,
    pub made_by: String,
}

#[derive(Debug, Serialize, Deserialize)]
pub struct ApprovalRow {
    pub person_id: String,
    pub person: String,
    pub at: String,
    pub hash: String,
}

#[derive(Debug, Serialize, Deserialize)]
pub struct PaymentRow {
    pub payment_id: String,
    pub person_id: String,
    pub person: String,
    pub lines: i64,
    /// What its lines come to, what was owed from before, and what is paid of both; in minor units.
    pub minor: i64,
    pub carried_minor: i64,
    pub pay_minor: i64,
    pub pays: String,
    pub held_for: String,
}

#[derive(Debug, Serialize, Deserialize)]
pub struct LineRow {
    pub payment_id: String,
    pub line_id: String,
    pub line_version: i64,
    pub work_on: String,
    pub project: String,
    pub task: String,
    pub minutes: i64,
    pub units: i64,
    pub rate_id: String,
    pub hour_price: String,
    pub unit_price: String,
    pub minor: i64,
}

#[derive(Debug, Serialize, Deserialize)]
pub struct TransferRow {
    pub reference: String,
    pub payment_id: String,
    pub minor: i64,
    pub account: String,
    pub state: String,
    pub state_at: String,
    pub reason: String,
    /// The name of the file it stands in.
    pub file: String,
}

#[derive(Debug, Serialize, Deserialize)]
pub struct FileRow {
    pub name: String,
    pub sha256: String,
    pub size: i64,
    pub format: String,
    pub transfers: i64,
    pub minor: i64,
    pub pay_on: String,
    pub made_at: String,
    pub made_by: String,
    pub withdrawn_at: String,
}

pub fn table<T: Serialize>(rows: impl IntoIterator<Item = T>) -> Result<Vec<u8>, Error> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    for row in rows {
        writer.serialize(row).map_err(unwritten)?;
    }
    writer.into_inner().map_err(unwritten)
}

pub fn rows<T: DeserializeOwned>(text: &[u8]) -> Result<Vec<T>, csv::Error> {
    csv::Reader::from_reader(text).deserialize().collect()
}

/// What a person has typed.
pub fn typed(text: &str) -> String {
    harmless(text).into_owned()
}

pub fn unwritten(error: impl std::fmt::Display) -> Error {
    Error::Export(error.to_string())
}
