//! Payment files that are tables.

use super::latin::latin_or;
use std::borrow::Cow;

use super::{Instruction, Order};
use crate::Fault;
use crate::cell::harmless;
use crate::money::Amount;
use crate::payee::Account;

/// PayPal reads no titles: address, amount, currency, reference, note, wallet.
pub fn paypal(order: &Order) -> Result<String, Fault> {
    let mut table = Table::for_machines();
    for it in &order.instructions {
        let Account::Paypal { email } = &it.account else { return Err(unfit(it, "PayPal")) };
        let note: String = it.text.chars().take(400).collect();
        table.row(&[
            email.as_str(),
            &amount(order, it),
            order.currency.code(),
            it.reference.as_str(),
            &note,
            "PAYPAL",
        ])?;
    }
    table.text()
}

/// What Wise's template for people known by their email address asks for.
pub fn wise(order: &Order) -> Result<String, Fault> {
    let mut table = Table::for_machines();
    table.row(&[
        "name",
        "recipientEmail",
        "paymentReference",
        "receiverType",
        "amountCurrency",
        "amount",
        "sourceCurrency",
        "targetCurrency",
    ])?;
    for it in &order.instructions {
        let Account::Wise { holder, email } = &it.account else { return Err(unfit(it, "Wise")) };
        let code = order.currency.code();
        table.row(&[
            &latin_or(holder.as_str(), 70, "Payee"),
            email.as_str(),
            it.reference.as_str(),
            "PERSON",
            "target",
            &amount(order, it),
            code,
            code,
        ])?;
    }
    table.text()
}

/// Everything a person needs to pay it by hand.
pub fn list(order: &Order) -> Result<String, Fault> {
    let mut table = Table::for_people();
    table.row(&[
        "reference",
        "person",
        "method",
        "account holder",
        "account",
        "bank",
        "amount",
        "currency",
        "pay on",
        "text",
    ])?;
    for it in &order.instructions {
        let (holder, account, bank) = match &it.account {
            Account::Iban { holder, iban } => (holder.as_str(), iban.to_string(), iban.country().to_owned()),
            // A spreadsheet takes digits alone for a number, and drops the zeros before them.
            Account::Us { holder, routing, number, kind } => {
                (holder.as_str(), format!("{number} ({})", kind.word()), format!("ABA {routing}"))
            }
            Account::Paypal { email } => ("", email.to_string(), String::new()),
            Account::Wise { holder, email } => (holder.as_str(), email.to_string(), String::new()),
            Account::Manual { way } => ("", way.to_string(), String::new()),
        };
        table.row(&[
            it.reference.as_str(),
            &it.person,
            it.account.method().word(),
            holder,
            &account,
            &bank,
            &amount(order, it),
            order.currency.code(),
            &order.pay_on.to_string(),
            &it.text,
        ])?;
    }
    table.text()
}

fn amount(order: &Order, it: &Instruction) -> String {
    Amount::new(it.minor, order.currency.clone()).plain()
}

fn unfit(it: &Instruction, whose: &str) -> Fault {
    Fault::conflict(format!("The account of {} is not one of {whose}. Pay it by a list.", it.person))
}

struct Table {
    writer: csv::Writer<Vec<u8>>,
    for_people: bool,
}

impl Table {
    /// What a program reads is written as it is: an address with a sign before it would be another address.
    fn for_machines() -> Self {
        Self::new(false)
    }

    /// What people open in a spreadsheet computes nothing.
    fn for_people() -> Self {
        Self::new(true)
    }

    fn new(for_people: bool) -> Self {
        let writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
        Self { writer, for_people }
    }

    fn row(&mut self, cells: &[&str]) -> Result<(), Fault> {
        let cells =
            cells.iter().map(|cell| if self.for_people { harmless(cell) } else { Cow::Borrowed(*cell) });
        self.writer.write_record(cells.map(Cow::into_owned)).map_err(|_| unwritten())
    }

    fn text(self) -> Result<String, Fault> {
        let bytes = self.writer.into_inner().map_err(|_| unwritten())?;
        String::from_utf8(bytes).map_err(|_| unwritten())
    }
}

fn unwritten() -> Fault {
    Fault::new(crate::FaultKind::Internal, "The file could not be written.")
}
