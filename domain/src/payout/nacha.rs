//! Credits over the ACH network of the United States: records of 94 characters in blocks of ten.

use super::latin::latin_or;
use super::{Instruction, Order, PayerAch};
use crate::Fault;
use crate::payee::{Account, UsKind};

/// Credits only.
const CREDITS: &str = "220";
/// No entry is larger: 99,999,999.99.
const MOST: i64 = 9_999_999_999;
/// The same for all of a file.
const MOST_OF_ALL: i64 = 999_999_999_999;
/// Banks take two files of one day with the same of these for the same file.
const MODIFIERS: &[u8; 36] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
const BLOCK: usize = 10;
const HASH: u64 = 10_000_000_000;

pub fn write(order: &Order) -> Result<String, Fault> {
    let payer = order.payer()?;
    let ach = payer.ach.as_ref().ok_or_else(|| {
        Fault::conflict(
            "The payer has no routing number and company id, so no NACHA file can be made. A manager enters them under Pay, Payer.",
        )
    })?;
    if order.total() > MOST_OF_ALL {
        return Err(Fault::conflict("This is more than one NACHA file can pay. Pay a part of it by a list."));
    }
    let name = latin_or(payer.name.as_str(), 70, "Payer").to_ascii_uppercase();
    let bank = ach.routing.as_str().get(..8).unwrap_or_default();
    let mut records = vec![file_header(order, ach, &name), batch_header(order, ach, &name, bank)];
    let mut hash = 0_u64;
    for (n, it) in order.instructions.iter().enumerate() {
        let (record, routing) = entry(order, it, bank, n + 1)?;
        hash = (hash + routing) % HASH;
        records.push(record);
    }
    let count = order.instructions.len();
    let total = order.total();
    records.push(format!(
        "8{CREDITS}{count:06}{hash:010}{:012}{total:012}{}{:19}{:6}{bank}{:07}",
        0,
        text(&ach.company_id, 10),
        "",
        "",
        1
    ));
    let blocks = (records.len() + 1).div_ceil(BLOCK);
    records.push(format!("9{:06}{blocks:06}{count:08}{hash:010}{:012}{total:012}{:39}", 1, 0, ""));
    records.resize(blocks * BLOCK, "9".repeat(94));
    Ok(records.join("\r\n") + "\r\n")
}

fn file_header(order: &Order, ach: &PayerAch, name: &str) -> String {
    format!(
        "101 {}{:>10}{}{}094101{}{}{:8}",
        ach.routing,
        ach.company_id,
        order.made_at.format("%y%m%d%H%M"),
        char::from(MODIFIERS[order.before_today % MODIFIERS.len()]),
        text(&latin_or(&ach.bank_name, 23, "BANK").to_ascii_uppercase(), 23),
        text(name, 23),
        ""
    )
}

fn batch_header(order: &Order, ach: &PayerAch, name: &str, bank: &str) -> String {
    format!(
        "5{CREDITS}{}{:20}{}PPD{}{}{}{:3}1{bank}{:07}",
        text(name, 16),
        "",
        text(&ach.company_id, 10),
        text("PAY", 10),
        order.pay_on.format("%y%m%d"),
        order.pay_on.format("%y%m%d"),
        "",
        1
    )
}

/// One credit, and its part of the sum that banks check routing numbers by.
fn entry(order: &Order, it: &Instruction, bank: &str, n: usize) -> Result<(String, u64), Fault> {
    let unfit =
        || Fault::conflict(format!("The payment of {} cannot be made by ACH. Pay it by a list.", it.person));
    let Account::Us { holder, routing, number, kind } = &it.account else { return Err(unfit()) };
    if order.currency.code() != "USD" || !(1..=MOST).contains(&it.minor) {
        return Err(unfit());
    }
    let code = match kind {
        UsKind::Checking => "22",
        UsKind::Savings => "32",
    };
    let name = latin_or(holder.as_str(), 22, "PAYEE").to_ascii_uppercase();
    let record = format!(
        "6{code}{routing}{}{:010}{}{}{:2}0{bank}{n:07}",
        text(number.as_str(), 17),
        it.minor,
        text(it.reference.as_str(), 15),
        text(&name, 22),
        ""
    );
    let eight = routing.as_str().get(..8).and_then(|digits| digits.parse().ok()).ok_or_else(unfit)?;
    Ok((record, eight))
}

/// Left, and filled up with spaces to its length.
fn text(text: &str, length: usize) -> String {
    let text: String = text.chars().take(length).collect();
    format!("{text:length$}")
}
