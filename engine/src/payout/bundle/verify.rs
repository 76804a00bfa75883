//! Checking a bundle without a database, a server or trust in whoever made it: everything in it is computed again from its
//! parts.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt::Write as _;
use std::io::{BufRead, Read, Seek};

use domain::Currency;
use domain::cell::meant;
use domain::money::{Amount, Pay, WorkPrice};
use domain::payout::{Format, Reference, TransferState};
use serde::de::DeserializeOwned;
use serde_json::Value;
use sha2::{Digest, Sha256};
use zip::ZipArchive;

use super::parts::{self, About, ApprovalRow, FileRow, LineRow, PaymentRow, TransferRow, rows};
use crate::audit::Line;
use crate::secret::to_hex;

/// So many faults of one kind are named; the rest is a number.
const NAMED: usize = 5;

/// One thing that was looked at, and what is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// In words, with what was found.
    pub what: String,
    pub wrong: Vec<String>,
}

impl Check {
    fn of(what: String, mut wrong: Vec<String>) -> Self {
        let more = wrong.len().saturating_sub(NAMED);
        wrong.truncate(NAMED);
        if more > 0 {
            wrong.push(format!("and {more} more"));
        }
        Self { what, wrong }
    }
}

/// All that was checked, or why the bundle cannot be read at all. With an export of the audit log, what the bundle says of it is
/// looked for there.
pub fn verify(bundle: impl Read + Seek, log: Option<&mut dyn BufRead>) -> Result<Vec<Check>, String> {
    let mut parts = Parts::open(bundle)?;
    let about: About = parts.json(parts::ABOUT)?;
    if about.kind != parts::KIND {
        return Err(format!(
            "This is a bundle of the kind “{}”; this program knows “{}”.",
            about.kind,
            parts::KIND
        ));
    }
    let currency = Currency::parse(&about.currency).map_err(|wrong| wrong.to_string())?;
    let text = parts.text(parts::APPROVED)?;
    let approvals: Vec<ApprovalRow> = parts.rows(parts::APPROVALS)?;
    let payments: Vec<PaymentRow> = parts.rows(parts::PAYMENTS)?;
    let lines: Vec<LineRow> = parts.rows(parts::LINES)?;
    let transfers: Vec<TransferRow> = parts.rows(parts::TRANSFERS)?;
    let files: Vec<FileRow> = parts.rows(parts::FILES)?;
    let log_lines = parts.log()?;
    let approved = Approved::read(&text);
    let mut checks = vec![
        approval(&about, &text, &approvals, &log_lines),
        whole(&about, &approved, &payments, &currency),
        each_line(&approved, &payments, &lines, &currency),
        each_transfer(&approved, &payments, &transfers, &currency, &log_lines),
        each_file(&mut parts, &files, &transfers, &currency, &log_lines),
        chain(&log_lines),
    ];
    if let Some(log) = log {
        checks.push(in_log(&log_lines, log));
    }
    Ok(checks)
}

/// What the approved text says of somebody.
struct Said {
    lines: i64,
    minor: i64,
    digest: String,
    is_held: bool,
}

struct Approved {
    head: String,
    /// Where each is paid to, as the text quotes it.
    accounts: HashMap<String, String>,
    by_person: BTreeMap<String, Said>,
}

impl Approved {
    fn read(text: &str) -> Self {
        let (mut by_person, mut accounts) = (BTreeMap::new(), HashMap::new());
        for line in text.lines() {
            if let Some((person, rest)) = line.strip_prefix("account ").and_then(|rest| rest.split_once(' '))
            {
                let shown = rest.split_once(' ').map(|it| it.1).unwrap_or_default();
                accounts.insert(person.to_owned(), shown.to_owned());
            }
            let mut words = line.splitn(6, ' ');
            if words.next() != Some("payment") {
                continue;
            }
            let mut next = || words.next().unwrap_or_default().to_owned();
            let (person, lines, minor, digest, held) = (next(), next(), next(), next(), next());
            let said = Said {
                lines: lines.parse().unwrap_or(-1),
                minor: minor.parse().unwrap_or(-1),
                digest,
                is_held: held != "\"\"",
            };
            by_person.insert(person, said);
        }
        Self { head: text.lines().nth(1).unwrap_or_default().to_owned(), accounts, by_person }
    }
}

/// The text is the one that was approved, and somebody has approved it.
fn approval(about: &About, text: &str, approvals: &[ApprovalRow], log: &[Line]) -> Check {
    let mut wrong = Vec::new();
    let hash = to_hex(&Sha256::digest(text));
    if hash != about.hash {
        wrong.push(format!("approved.txt has the SHA-256 {hash}, and not {}", about.hash));
    }
    let by: Vec<_> = approvals.iter().filter(|it| it.hash == hash).map(|it| it.person.as_str()).collect();
    if by.is_empty() {
        wrong.push("nobody has approved exactly this".to_owned());
    }
    let logged = log.iter().find(|line| {
        line.action == "batch.approved"
            && line.thing_id == about.batch
            && told(line, "hash").is_some_and(|it| it == hash.as_str())
    });
    match logged.and_then(|line| told(line, "approved_by")) {
        None => wrong.push("the audit log does not say that exactly this was approved".to_owned()),
        Some(logged) => {
            let mut ids: Vec<_> = approvals.iter().map(|it| it.person_id.as_str()).collect();
            let mut logged: Vec<_> =
                logged.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
            ids.sort_unstable();
            logged.sort_unstable();
            logged.dedup();
            if ids != logged {
                wrong.push("the audit log names others who have approved it".to_owned());
            }
        }
    }
    Check::of(format!("Approved by {}", by.join(" and ")), wrong)
}

/// The payments are those of the approved text, and their sums are right.
fn whole(about: &About, approved: &Approved, payments: &[PaymentRow], currency: &Currency) -> Check {
    let mut wrong = Vec::new();
    let head = format!("{} {} {} {} {}", about.batch, about.from, about.until, about.currency, about.pay_on);
    if approved.head != head {
        wrong.push("bundle.json tells of another batch than approved.txt".to_owned());
    }
    let known: HashSet<_> = payments.iter().map(|it| it.person_id.as_str()).collect();
    for person in approved.by_person.keys().filter(|person| !known.contains(person.as_str())) {
        wrong.push(format!("the payment of {person} was approved and is not here"));
    }
    if known.len() != payments.len() {
        wrong.push("somebody has two payments".to_owned());
    }
    for it in payments {
        let name = &it.person;
        match approved.by_person.get(&it.person_id) {
            None => wrong.push(format!("the payment of {name} was not approved")),
            Some(said) if (said.lines, said.minor) != (it.lines, it.pay_minor) => {
                wrong.push(format!(
                    "{name} is paid {} and not the {} that were approved",
                    it.pay_minor, said.minor
                ));
            }
            Some(said) if said.is_held == it.held_for.is_empty() => {
                wrong.push(format!("whether {name} is held is not as it was approved"));
            }
            Some(_) if it.pay_minor != (it.minor + it.carried_minor).max(0) => {
                wrong.push(format!("what {name} is paid is not what their lines and what they owed come to"));
            }
            Some(_) => {}
        }
    }
    let paid: Vec<_> = payments.iter().filter(|it| it.held_for.is_empty()).collect();
    let sum = Amount::new(paid.iter().map(|it| it.pay_minor).sum(), currency.clone());
    Check::of(format!("{} payments, {sum}", paid.len()), wrong)
}

/// Every payment is the sum of its lines, every line what its rate makes of it, and all of them are what was approved.
fn each_line(approved: &Approved, payments: &[PaymentRow], lines: &[LineRow], currency: &Currency) -> Check {
    let mut wrong = Vec::new();
    let mut of: HashMap<&str, Vec<&LineRow>> = HashMap::new();
    let mut seen = HashSet::new();
    for line in lines {
        of.entry(&line.payment_id).or_default().push(line);
        if !seen.insert(&line.line_id) {
            wrong.push(format!("line {} is paid twice", line.line_id));
        }
        let price = |text: &str| if text.is_empty() { Ok(None) } else { WorkPrice::parse(text).map(Some) };
        let worth = match (price(&line.hour_price), price(&line.unit_price)) {
            (Ok(hour), Ok(unit)) => Pay { hour, unit }.of(line.minutes, line.units, currency),
            _ => None,
        };
        if worth != Some(line.minor) {
            wrong.push(format!("line {} is not worth {} by its rate", line.line_id, line.minor));
        }
    }
    for it in payments.iter().filter(|it| it.held_for.is_empty()) {
        let own = of.remove(it.payment_id.as_str()).unwrap_or_default();
        let sum: i64 = own.iter().map(|line| line.minor).sum();
        if sum != it.minor || i64::try_from(own.len()).ok() != Some(it.lines) {
            wrong.push(format!("the lines of {} come to {sum} and not to {}", it.person, it.minor));
        }
        // As it was written when it was approved; see `Draft::written`.
        let mut text = format!("{}\n", it.carried_minor);
        for line in own {
            let LineRow { line_id, line_version, rate_id, hour_price, unit_price, minor, .. } = line;
            // Writing to a string cannot fail.
            let _ = writeln!(text, "{line_id} {line_version} {rate_id} {hour_price} {unit_price} {minor}");
        }
        let digest = to_hex(&Sha256::digest(&text));
        if approved.by_person.get(&it.person_id).is_none_or(|said| said.digest != digest) {
            wrong.push(format!("the lines of {} are not those that were approved", it.person));
        }
    }
    wrong.extend(of.keys().map(|payment| format!("there are lines of a payment {payment} that is not paid")));
    Check::of(format!("{} lines, each worth what its rate makes of it", lines.len()), wrong)
}

/// Every transfer pays a payment of the batch its amount, to where it was approved to go or somebody has led it since, and none is
/// paid twice.
fn each_transfer(
    approved: &Approved,
    payments: &[PaymentRow],
    transfers: &[TransferRow],
    currency: &Currency,
    log: &[Line],
) -> Check {
    let led: HashSet<_> = log
        .iter()
        .filter(|line| line.action == "transfer.again")
        .filter_map(|line| Some((line.thing_id.as_str(), told(line, "account")?.as_str()?.to_owned())))
        .collect();
    let by_id: HashMap<_, _> = payments.iter().map(|it| (it.payment_id.as_str(), it)).collect();
    let (mut wrong, mut live, mut paid) = (Vec::new(), HashSet::new(), 0);
    for it in transfers {
        let reference = &it.reference;
        let Some(state) = TransferState::parse(&it.state) else {
            wrong.push(format!("{reference} is in no state there is"));
            continue;
        };
        match by_id.get(it.payment_id.as_str()) {
            None => wrong.push(format!("{reference} pays something else than this batch")),
            Some(payment) if payment.pay_minor != it.minor => {
                wrong.push(format!("{reference} pays {} and not {}", it.minor, payment.pay_minor));
            }
            Some(payment) if approved.by_person.get(&payment.person_id).is_none_or(|said| said.is_held) => {
                wrong.push(format!("{reference} pays somebody who is held"));
            }
            Some(payment)
                if approved.accounts.get(&payment.person_id)
                    != Some(&format!("{:?}", meant(&it.account)))
                    && !led.contains(&(payment.payment_id.as_str(), meant(&it.account).to_owned())) =>
            {
                wrong.push(format!("{reference} goes to {}, where nobody has sent it", meant(&it.account)));
            }
            Some(_) => {}
        }
        if state.is_live() && !live.insert(&it.payment_id) {
            wrong.push(format!("{reference} pays what another transfer pays"));
        }
        if state == TransferState::Paid {
            paid += it.minor;
        }
    }
    let paid = Amount::new(paid, currency.clone());
    Check::of(format!("{} transfers, {paid} paid so far", transfers.len()), wrong)
}

/// Every payment file is what its hash says, and pays exactly the transfers that stand in it.
fn each_file(
    parts: &mut Parts<impl Read + Seek>,
    files: &[FileRow],
    transfers: &[TransferRow],
    currency: &Currency,
    log: &[Line],
) -> Check {
    let mut wrong = Vec::new();
    for file in files {
        let name = &file.name;
        // What was made then, and not what somebody says it was.
        let made = log.iter().any(|line| {
            line.action == "payout.made"
                && line.thing_name == *name
                && told(line, "sha256").is_some_and(|hash| hash == file.sha256.as_str())
        });
        if !made {
            wrong.push(format!("the audit log does not say that {name} was made with this SHA-256"));
        }
        let content = match parts.bytes(&parts::file(name, !file.withdrawn_at.is_empty())) {
            Ok(content) => content,
            Err(why) => {
                wrong.push(why);
                continue;
            }
        };
        if to_hex(&Sha256::digest(&content)) != file.sha256 {
            wrong.push(format!("{name} is not what its SHA-256 says"));
        }
        let read = Format::parse(&file.format)
            .ok_or_else(|| format!("{name} is of no format there is"))
            .and_then(|format| {
                let text = String::from_utf8(content).map_err(|_| format!("{name} is not text"))?;
                format.read(&text, currency).map_err(|why| format!("{name} cannot be read: {why}"))
            });
        let pays = match read {
            Ok(pays) => pays,
            Err(why) => {
                wrong.push(why);
                continue;
            }
        };
        let mut pays: Vec<(String, i64)> = pays
            .into_iter()
            .map(|(reference, minor): (Reference, i64)| (reference.to_string(), minor))
            .collect();
        let mut stand: Vec<_> = transfers
            .iter()
            .filter(|it| it.file == *name)
            .map(|it| (it.reference.clone(), it.minor))
            .collect();
        pays.sort();
        stand.sort();
        if pays != stand {
            wrong.push(format!("{name} does not pay exactly the transfers that stand in it"));
        }
        if pays.iter().map(|it| it.1).sum::<i64>() != file.minor {
            wrong.push(format!("{name} does not come to {}", file.minor));
        }
    }
    let names: HashSet<_> = files.iter().map(|it| it.name.as_str()).collect();
    for other in parts.files().iter().filter(|name| !names.contains(name.as_str())) {
        wrong.push(format!("{other} is no payment file of this batch"));
    }
    for it in transfers.iter().filter(|it| !it.file.is_empty() && !names.contains(it.file.as_str())) {
        wrong.push(format!("{} stands in a file that is not here", it.reference));
    }
    Check::of(format!("{} payment files, byte for byte", files.len()), wrong)
}

/// Each line of the log is what its hash says, and those that follow one another hold each other's.
fn chain(log: &[Line]) -> Check {
    let mut wrong = Vec::new();
    for line in log {
        if line.computed_hash().ok().as_ref() != Some(&line.hash) {
            wrong.push(format!("line {} of the log is not what its hash says", line.seq));
        }
    }
    for pair in log.windows(2) {
        let [one, next] = pair else { continue };
        if next.seq <= one.seq || (next.seq == one.seq + 1 && next.previous_hash != one.hash) {
            wrong.push(format!("line {} of the log does not follow line {}", next.seq, one.seq));
        }
    }
    Check::of(format!("{} lines of the audit log", log.len()), wrong)
}

/// The exported log holds, and has the lines of the bundle.
fn in_log(log: &[Line], exported: &mut dyn BufRead) -> Check {
    let mut wrong = Vec::new();
    let mut wanted: HashMap<i64, &str> = log.iter().map(|line| (line.seq, line.hash.as_str())).collect();
    let (mut count, mut before): (usize, Option<(i64, String)>) = (0, None);
    for text in exported.lines() {
        let line = text.map_err(|error| error.to_string()).and_then(|text| {
            serde_json::from_str::<Line>(&text).map_err(|_| "it has a line that is none of a log".to_owned())
        });
        let line = match line {
            Ok(line) => line,
            Err(why) => {
                wrong.push(format!("the exported log cannot be read: {why}"));
                break;
            }
        };
        let (seq, hash) = before.unwrap_or_else(|| (line.seq - 1, line.previous_hash.clone()));
        if let Err(broken) = line.follows(seq, &hash) {
            wrong.push(format!("the exported log breaks at line {}: {}", broken.seq, broken.why));
            break;
        }
        if wanted.get(&line.seq).is_some_and(|hash| *hash == line.hash) {
            wanted.remove(&line.seq);
        }
        count += 1;
        before = Some((line.seq, line.hash));
    }
    let mut missing: Vec<_> = wanted.into_keys().collect();
    missing.sort_unstable();
    wrong.extend(
        missing.into_iter().map(|seq| format!("line {seq} of the bundle is not in the exported log")),
    );
    Check::of(format!("{count} lines of the exported log, without a gap"), wrong)
}

/// A member of what a line of the log says became of something.
fn told(line: &Line, member: &str) -> Option<Value> {
    let after: Value = serde_json::from_str(line.after.as_deref()?).ok()?;
    after.get(member).cloned()
}

/// The entries of a bundle.
struct Parts<R>(ZipArchive<R>);

impl<R: Read + Seek> Parts<R> {
    fn open(bundle: R) -> Result<Self, String> {
        ZipArchive::new(bundle).map(Self).map_err(|error| format!("This is no bundle: {error}."))
    }

    /// The names of what lies among the payment files.
    fn files(&self) -> Vec<String> {
        let names = self.0.file_names().filter_map(Result::ok);
        let below = names.filter_map(|name| name.strip_prefix(parts::FOLDER).map(str::to_owned));
        below.map(|name| name.strip_prefix(parts::WITHDRAWN).map_or(name.clone(), str::to_owned)).collect()
    }

    fn bytes(&mut self, name: &str) -> Result<Vec<u8>, String> {
        let mut entry = self.0.by_name(name).map_err(|_| format!("{name} is not in the bundle"))?;
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).map_err(|error| format!("{name} cannot be read: {error}"))?;
        Ok(bytes)
    }

    fn text(&mut self, name: &str) -> Result<String, String> {
        String::from_utf8(self.bytes(name)?).map_err(|_| format!("{name} is not text"))
    }

    fn json<T: DeserializeOwned>(&mut self, name: &str) -> Result<T, String> {
        serde_json::from_slice(&self.bytes(name)?).map_err(|error| format!("{name} cannot be read: {error}"))
    }

    fn rows<T: DeserializeOwned>(&mut self, name: &str) -> Result<Vec<T>, String> {
        rows(&self.bytes(name)?).map_err(|error| format!("{name} cannot be read: {error}"))
    }

    fn log(&mut self) -> Result<Vec<Line>, String> {
        let text = self.text(parts::AUDIT)?;
        let line = |text: &str| {
            serde_json::from_str(text).map_err(|error| format!("{} cannot be read: {error}", parts::AUDIT))
        };
        text.lines().map(line).collect()
    }
}
