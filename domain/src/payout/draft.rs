use serde::{Deserialize, Serialize};

use super::{Payer, PayerAch, PayerBank, Place};
use crate::fault::Check;
use crate::payee::{HolderName, IbanNumber, RoutingNumber};
use crate::people::one_line;
use crate::text::text_type;
use crate::{Fault, Wrong};

/// The code of a bank: four letters, two of the country, two or five more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Bic(String);

impl Bic {
    pub fn parse(text: &str) -> Result<Self, Wrong> {
        let code: String =
            text.chars().filter(|c| !c.is_whitespace()).map(|c| c.to_ascii_uppercase()).collect();
        let fits = matches!(code.len(), 8 | 11)
            && code
                .bytes()
                .enumerate()
                .all(|(n, c)| if n < 6 { c.is_ascii_uppercase() } else { c.is_ascii_alphanumeric() });
        if fits { Ok(Self(code)) } else { Err("Enter a BIC like DEUTDEFF, or leave it out.".into()) }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

text_type!(Bic);

/// Who pays, as it was entered. What a desk has no use for is left empty.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct PayerDraft {
    pub name: String,
    pub iban: String,
    pub bic: String,
    pub town: String,
    pub country: String,
    pub routing: String,
    pub bank_name: String,
    pub company_id: String,
}

impl PayerDraft {
    pub fn of(payer: &Payer) -> Self {
        let mut draft = Self { name: payer.name.to_string(), ..Self::default() };
        if let Some(bank) = &payer.bank {
            draft.iban = bank.iban.to_string();
            draft.bic = bank.bic.as_ref().map(ToString::to_string).unwrap_or_default();
            if let Some(place) = &bank.place {
                draft.town.clone_from(&place.town);
                draft.country.clone_from(&place.country);
            }
        }
        if let Some(ach) = &payer.ach {
            draft.routing = ach.routing.to_string();
            draft.bank_name.clone_from(&ach.bank_name);
            draft.company_id.clone_from(&ach.company_id);
        }
        draft
    }

    pub fn parse(&self) -> Result<Payer, Fault> {
        let mut check = Check::default();
        let name = check.field("name", HolderName::parse(&self.name));
        let is_there = |texts: &[&String]| texts.iter().any(|text| !text.trim().is_empty());
        let mut bank = None;
        if is_there(&[&self.iban, &self.bic, &self.town, &self.country]) {
            let iban = check.field("iban", IbanNumber::parse(&self.iban));
            let bic = if is_there(&[&self.bic]) { check.field("bic", Bic::parse(&self.bic)) } else { None };
            let place = self.place(&mut check);
            bank = iban.map(|iban| PayerBank { iban, bic, place });
        }
        let mut ach = None;
        if is_there(&[&self.routing, &self.bank_name, &self.company_id]) {
            let routing = check.field("routing", RoutingNumber::parse(&self.routing));
            let bank_name = check.field("bank_name", one_line(&self.bank_name, 60, "the name of the bank"));
            let company_id = check.field("company_id", company_id(&self.company_id));
            if let (Some(routing), Some(bank_name), Some(company_id)) = (routing, bank_name, company_id) {
                ach = Some(PayerAch { routing, bank_name, company_id });
            }
        }
        let fault = check.fault();
        match name {
            Some(name) if fault.fields.is_empty() => Ok(Payer { name, bank, ach }),
            _ => Err(fault),
        }
    }

    fn place(&self, check: &mut Check) -> Option<Place> {
        if self.town.trim().is_empty() && self.country.trim().is_empty() {
            return None;
        }
        let town = check.field("town", one_line(&self.town, 35, "the town"));
        let country = self.country.trim().to_ascii_uppercase();
        let fits = country.len() == 2 && country.bytes().all(|c| c.is_ascii_uppercase());
        let country = check
            .field("country", if fits { Ok(country) } else { Err("Enter two letters, like DE.".into()) });
        town.zip(country).map(|(town, country)| Place { town, country })
    }
}

fn company_id(text: &str) -> Result<String, Wrong> {
    let id = text.trim().to_ascii_uppercase();
    let fits = id.len() == 10 && id.bytes().all(|c| c.is_ascii_alphanumeric());
    if fits {
        Ok(id)
    } else {
        Err("Enter the ten characters your bank knows you by, like 1123456789.".into())
    }
}
