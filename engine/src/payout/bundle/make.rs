//! Making the bundle of an approved batch.

use std::collections::HashMap;
use std::io::{Cursor, Write};

use domain::Currency;
use domain::audit::{Action, Thing};
use domain::ids::{BatchId, PaymentId};
use domain::money::Amount;
use domain::people::Permission;
use serde_json::json;
use sha2::{Digest, Sha256};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::parts::{
    self, About, ApprovalRow, FileRow, LineRow, PaymentRow, TransferRow, table, typed, unwritten,
};
use super::store;
use crate::Error;
use crate::act::Act;
use crate::audit::{Entry, Line, jsonl_row, record};
use crate::db::Db;
use crate::payment::{self, Bundled};
use crate::payout::Payouts;
use crate::payout::store::file::{self, PayoutFile};
use crate::payout::store::transfer::{self, Transfer};
use crate::secret::to_hex;

/// Of so many payments the lines are held in memory at once.
const PAYMENTS: usize = 256;

impl Payouts {
    /// All that was approved and paid with a batch, as a ZIP file. It names accounts in full, and so each time is written down.
    pub async fn bundle(&self, act: &Act, id: BatchId) -> Result<(String, Vec<u8>), Error> {
        act.need(Permission::SendPay)?;
        let me = act.person_in_browser()?;
        let bundled = payment::bundled(&self.db, act, id).await?;
        let files = file::of_batch(&self.db, id).await?;
        let transfers = transfer::of_batch(&self.db, id).await?;
        let batch = &bundled.batch;
        let about = About {
            kind: parts::KIND.to_owned(),
            batch: id.to_string(),
            from: batch.period().from.to_string(),
            until: batch.period().until.to_string(),
            currency: batch.currency.to_string(),
            pay_on: batch.pay_on.to_string(),
            hash: to_hex(batch.digest.as_deref().unwrap_or_default()),
            made_at: act.at.to_rfc3339(),
            made_by: me.name.to_string(),
        };
        let mut zip = Zip::new();
        zip.put(parts::README, parts::EXPLAINED.as_bytes())?;
        zip.put(parts::ABOUT, &serde_json::to_vec_pretty(&about)?)?;
        zip.put(parts::APPROVED, bundled.text.as_bytes())?;
        zip.put(parts::APPROVALS, &table(approvals(&bundled))?)?;
        zip.put(
            parts::PAYMENTS,
            &table(bundled.payments.iter().map(|it| payment_row(it, &batch.currency)))?,
        )?;
        zip = write_lines(&self.db, zip, &bundled).await?;
        zip.put(parts::TRANSFERS, &table(transfers.iter().map(|it| transfer_row(it, &files)))?)?;
        zip.put(parts::FILES, &table(files.iter().map(file_row))?)?;
        for file in &files {
            zip.put(&parts::file(&file.name, file.withdrawn_at.is_some()), &self.content(file).await?)?;
        }
        zip.put(parts::AUDIT, audit(&self.db, id, &files, &transfers).await?.as_bytes())?;
        let content = zip.done()?;
        let name = format!("batch-{}-{}-{}.zip", about.from, about.until, about.currency);
        let mut tx = self.db.begin().await?;
        let thing_name = format!("{}, {}", batch.currency, batch.period());
        let entry: Entry<'_, (), _> = Entry {
            action: Action::BundleMade,
            thing: Thing::Batch,
            thing_id: id.to_string(),
            thing_name: &thing_name,
            before: None,
            after: Some(json!({ "sha256": to_hex(&Sha256::digest(&content)), "files": files.len() })),
        };
        record(&mut tx, act, entry).await?;
        tx.commit().await?;
        Ok((name, content))
    }
}

fn approvals(bundled: &Bundled) -> impl Iterator<Item = ApprovalRow> + '_ {
    bundled.approvals.iter().map(|it| ApprovalRow {
        person_id: it.person_id.to_string(),
        person: typed(it.person_name.as_str()),
        at: it.at.to_rfc3339(),
        hash: to_hex(&it.digest),
    })
}

fn payment_row(it: &payment::Payment, currency: &Currency) -> PaymentRow {
    PaymentRow {
        payment_id: it.id.to_string(),
        person_id: it.person_id.to_string(),
        person: typed(it.person_name.as_str()),
        lines: it.lines,
        minor: it.minor,
        carried_minor: it.carried_minor,
        pay_minor: it.pay_minor,
        pays: Amount::new(it.pay_minor, currency.clone()).plain(),
        held_for: typed(it.held_for.as_deref().unwrap_or_default()),
    }
}

fn transfer_row(it: &Transfer, files: &[PayoutFile]) -> TransferRow {
    let file = files.iter().find(|file| it.file_id == Some(file.id));
    TransferRow {
        reference: it.reference.to_string(),
        payment_id: it.payment_id.to_string(),
        minor: it.minor,
        account: typed(&it.shown),
        state: it.state.word().to_owned(),
        state_at: it.state_at.to_rfc3339(),
        reason: typed(it.reason.as_deref().unwrap_or_default()),
        file: file.map(|file| file.name.clone()).unwrap_or_default(),
    }
}

fn file_row(it: &PayoutFile) -> FileRow {
    FileRow {
        name: it.name.clone(),
        sha256: to_hex(&it.digest),
        size: it.size,
        format: it.format.word().to_owned(),
        transfers: it.transfers,
        minor: it.minor,
        pay_on: it.pay_on.to_string(),
        made_at: it.made_at.to_rfc3339(),
        made_by: typed(it.made_by_name.as_ref().map(ToString::to_string).unwrap_or_default().as_str()),
        withdrawn_at: it.withdrawn_at.map(|at| at.to_rfc3339()).unwrap_or_default(),
    }
}

/// What the lines of held payments were is with the batch that they are paid with.
async fn write_lines(db: &Db, mut zip: Zip, bundled: &Bundled) -> Result<Zip, Error> {
    zip.begin(parts::LINES)?;
    let paid: Vec<PaymentId> =
        bundled.payments.iter().filter(|it| it.held_for.is_none()).map(|it| it.id).collect();
    let mut is_titled = false;
    for some in paid.chunks(PAYMENTS) {
        let lines = store::lines(db, some).await?;
        // Packing millions of lines takes seconds, in which others have to be answered.
        let (goes_on, some_here) = (is_titled, !lines.is_empty());
        let packed = tokio::task::spawn_blocking(move || -> Result<Zip, Error> {
            let text = table(lines.iter().map(line_row))?;
            let titles =
                if goes_on { text.iter().position(|c| *c == b'\n').map_or(0, |at| at + 1) } else { 0 };
            zip.go_on(text.get(titles..).unwrap_or_default())?;
            Ok(zip)
        });
        zip = packed.await.map_err(unwritten)??;
        is_titled |= some_here;
    }
    Ok(zip)
}

fn line_row(it: &store::PaidLine) -> LineRow {
    let price = |price: Option<_>| price.map_or_else(String::new, |price| format!("{price}"));
    LineRow {
        payment_id: it.payment_id.to_string(),
        line_id: it.line_id.to_string(),
        line_version: it.line_version,
        work_on: it.work_on.to_string(),
        project: it.project_code.to_string(),
        task: typed(it.task_name.as_str()),
        minutes: it.minutes,
        units: it.units,
        rate_id: it.rate_id.to_string(),
        hour_price: price(it.hour_price),
        unit_price: price(it.unit_price),
        minor: it.minor,
    }
}

/// What the log says of the batch, its files and its transfers, in the order in which it was written.
async fn audit(db: &Db, id: BatchId, files: &[PayoutFile], transfers: &[Transfer]) -> Result<String, Error> {
    let files = files.iter().map(|it| it.id.to_string());
    let sent = transfers.iter().flat_map(|it| [it.id.to_string(), it.payment_id.to_string()]);
    let mut things: Vec<_> = files.chain(sent).collect();
    things.sort();
    things.dedup();
    let mut lines: HashMap<i64, Line> = HashMap::new();
    for line in store::of_batch(db, id).await?.into_iter().chain(store::of_payouts(db, &things).await?) {
        lines.insert(line.seq, line);
    }
    let mut lines: Vec<_> = lines.into_values().collect();
    lines.sort_by_key(|line| line.seq);
    lines.iter().map(jsonl_row).collect()
}

/// A ZIP file that is being written. Every entry has the same date, so that the same content is the same file.
struct Zip(Box<ZipWriter<Cursor<Vec<u8>>>>);

impl Zip {
    fn new() -> Self {
        Self(Box::new(ZipWriter::new(Cursor::new(Vec::new()))))
    }

    fn begin(&mut self, name: &str) -> Result<(), Error> {
        let options =
            SimpleFileOptions::default().large_file(true).last_modified_time(zip::DateTime::default());
        self.0.start_file(name, options).map_err(unwritten)
    }

    fn go_on(&mut self, content: &[u8]) -> Result<(), Error> {
        self.0.write_all(content).map_err(unwritten)
    }

    fn put(&mut self, name: &str, content: &[u8]) -> Result<(), Error> {
        self.begin(name)?;
        self.go_on(content)
    }

    fn done(self) -> Result<Vec<u8>, Error> {
        Ok(self.0.finish().map_err(unwritten)?.into_inner())
    }
}
