//! Credit transfers in SEPA: ISO 20022 pain.001, by the rules of the scheme. Costs are shared (SLEV); names and texts are in
//! basic Latin; sums stand in the head of the message and in that of the payment.

use std::fmt::Write;

use super::latin::{latin, latin_or};
use super::{Instruction, Order};
use crate::Fault;
use crate::money::Amount;
use crate::payee::Account;

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Version {
    V03,
    V09,
}

impl Version {
    const fn word(self) -> &'static str {
        match self {
            Self::V03 => "pain.001.001.03",
            Self::V09 => "pain.001.001.09",
        }
    }

    const fn bic(self) -> &'static str {
        match self {
            Self::V03 => "BIC",
            Self::V09 => "BICFI",
        }
    }
}

/// The countries whose IBANs can be paid in the scheme; those of islands and territories stand under their country's.
const COUNTRIES: [&str; 42] = [
    "AD", "AL", "AT", "BE", "BG", "CH", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GB", "GI", "GR",
    "HR", "HU", "IE", "IS", "IT", "LI", "LT", "LU", "LV", "MC", "MD", "ME", "MK", "MT", "NL", "NO", "PL",
    "PT", "RO", "RS", "SE", "SI", "SK", "SM", "VA",
];

pub fn reaches(country: &str) -> bool {
    COUNTRIES.contains(&country)
}

const NAME: usize = 70;
const TEXT: usize = 140;

/// No transfer of the scheme is larger: 999,999,999.99.
const MOST: i64 = 99_999_999_999;

pub fn write(order: &Order, version: Version) -> Result<String, Fault> {
    let payer = order.payer()?;
    let bank = payer.bank.as_ref().ok_or_else(|| {
        Fault::conflict(
            "The payer has no IBAN, so no SEPA file can be made. A manager enters it under Pay, Payer.",
        )
    })?;
    let count = order.instructions.len().to_string();
    let sum = Amount::new(order.total(), order.currency.clone()).plain();
    let id = order.id.simple().to_string();
    let mut xml = Xml(String::with_capacity(1_200 + 420 * order.instructions.len()));
    xml.0.push_str("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let document = format!("Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:{}\"", version.word());
    xml.within(&document, |xml| {
        xml.within("CstmrCdtTrfInitn", |xml| {
            xml.within("GrpHdr", |xml| {
                xml.leaf("MsgId", &id);
                xml.leaf("CreDtTm", &order.made_at.format("%Y-%m-%dT%H:%M:%SZ").to_string());
                xml.leaf("NbOfTxs", &count);
                xml.leaf("CtrlSum", &sum);
                xml.within("InitgPty", |xml| xml.leaf("Nm", &latin_or(payer.name.as_str(), NAME, "Payer")));
            });
            xml.within("PmtInf", |xml| {
                // The id of the file and a letter: 35 are allowed.
                xml.leaf("PmtInfId", &format!("{id}-1"));
                xml.leaf("PmtMtd", "TRF");
                xml.leaf("BtchBookg", "true");
                xml.leaf("NbOfTxs", &count);
                xml.leaf("CtrlSum", &sum);
                xml.within("PmtTpInf", |xml| xml.within("SvcLvl", |xml| xml.leaf("Cd", "SEPA")));
                let on = order.pay_on.to_string();
                match version {
                    Version::V03 => xml.leaf("ReqdExctnDt", &on),
                    Version::V09 => xml.within("ReqdExctnDt", |xml| xml.leaf("Dt", &on)),
                }
                xml.within("Dbtr", |xml| {
                    xml.leaf("Nm", &latin_or(payer.name.as_str(), NAME, "Payer"));
                    if let Some(place) = &bank.place {
                        xml.within("PstlAdr", |xml| {
                            xml.leaf("TwnNm", &latin_or(&place.town, 35, "Town"));
                            xml.leaf("Ctry", &place.country);
                        });
                    }
                });
                xml.within("DbtrAcct", |xml| xml.within("Id", |xml| xml.leaf("IBAN", bank.iban.as_str())));
                xml.within("DbtrAgt", |xml| {
                    xml.within("FinInstnId", |xml| match &bank.bic {
                        Some(bic) => xml.leaf(version.bic(), bic.as_str()),
                        None => xml.within("Othr", |xml| xml.leaf("Id", "NOTPROVIDED")),
                    });
                });
                xml.leaf("ChrgBr", "SLEV");
                for it in &order.instructions {
                    transfer(xml, order, it)?;
                }
                Ok(())
            })
        })
    })?;
    Ok(xml.0 + "\n")
}

fn transfer(xml: &mut Xml, order: &Order, it: &Instruction) -> Result<(), Fault> {
    let Account::Iban { holder, iban } = &it.account else {
        return Err(unfit(it));
    };
    if order.currency.code() != "EUR" || !reaches(iban.country()) || !(1..=MOST).contains(&it.minor) {
        return Err(unfit(it));
    }
    xml.within("CdtTrfTxInf", |xml| {
        xml.within("PmtId", |xml| xml.leaf("EndToEndId", it.reference.as_str()));
        let amount = Amount::new(it.minor, order.currency.clone()).plain();
        xml.within("Amt", |xml| xml.leaf_with("InstdAmt", "Ccy=\"EUR\"", &amount));
        xml.within("Cdtr", |xml| xml.leaf("Nm", &latin_or(holder.as_str(), NAME, "Payee")));
        xml.within("CdtrAcct", |xml| xml.within("Id", |xml| xml.leaf("IBAN", iban.as_str())));
        let text = latin(&it.text, TEXT);
        if !text.is_empty() {
            xml.within("RmtInf", |xml| xml.leaf("Ustrd", &text));
        }
    });
    Ok(())
}

fn unfit(it: &Instruction) -> Fault {
    Fault::conflict(format!(
        "The payment of {} cannot be made by a SEPA transfer. Pay it by a list.",
        it.person
    ))
}

/// What is written is in basic Latin and codes throughout, which have nothing that XML would have to escape; the names of
/// elements are our own.
struct Xml(String);

impl Xml {
    fn within<T>(&mut self, name: &str, content: impl FnOnce(&mut Self) -> T) -> T {
        let end = name.split(' ').next().unwrap_or(name);
        // Writing to a string cannot fail.
        let _ = write!(self.0, "<{name}>");
        let done = content(self);
        let _ = write!(self.0, "</{end}>");
        done
    }

    fn leaf(&mut self, name: &str, text: &str) {
        let _ = write!(self.0, "<{name}>{text}</{name}>");
    }

    fn leaf_with(&mut self, name: &str, attribute: &str, text: &str) {
        let _ = write!(self.0, "<{name} {attribute}>{text}</{name}>");
    }
}
