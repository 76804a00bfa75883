//! Payment files that are tables.

use super::latin::latin_or;
use std::borrow::Cow;

use super::{Instruction, Order};
use crate::Fault;
use crate::cell::harmless;
use crate::money::Amount;
use crate::payee::Account;

/// PayPal reads no titles: address, amount, currency, reference, note, wallet. It takes 5,000 rows at most.
pub fn paypal(order: &Order) -> Result<String, Fault> {
    const MOST: usize = 5_000;
    if order.instructions.len() > MOST {
        return Err(Fault::conflict("PayPal takes 5,000 payments a file at most. Pay these by a list."));
    }
    let mut table = Table::new();
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
    let mut table = Table::new();
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
    let mut table = Table::new();
    table.row(&[
        "reference",
        "person",
        "method",
        "account holder",
        "account",
        "bank",
        "kind",
        "amount",
        "currency",
        "pay on",
        "text",
    ])?;
    for it in &order.instructions {
        let (holder, account, bank, kind) = match &it.account {
            Account::Iban { holder, iban } => (holder.as_str(), iban.as_str(), iban.country(), ""),
            Account::Us { holder, routing, number, kind } => {
                (holder.as_str(), number.as_str(), routing.as_str(), kind.word())
            }
            Account::Paypal { email } => ("", email.as_str(), "", ""),
            Account::Wise { holder, email } => (holder.as_str(), email.as_str(), "", ""),
            Account::Manual { way } => ("", way.as_str(), "", ""),
        };
        table.row(&[
            it.reference.as_str(),
            &it.person,
            it.account.method().word(),
            holder,
            account,
            bank,
            kind,
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

struct Table(csv::Writer<Vec<u8>>);

impl Table {
    fn new() -> Self {
        Self(csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new()))
    }

    fn row(&mut self, cells: &[&str]) -> Result<(), Fault> {
        let cells = cells.iter().map(|cell| harmless(cell));
        self.0.write_record(cells.map(Cow::into_owned)).map_err(|_| unwritten())
    }

    fn text(self) -> Result<String, Fault> {
        let bytes = self.0.into_inner().map_err(|_| unwritten())?;
        String::from_utf8(bytes).map_err(|_| unwritten())
    }
}

fn unwritten() -> Fault {
    Fault::new(crate::FaultKind::Internal, "The file could not be written.")
}
