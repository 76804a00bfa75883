//! Reading back what a payment file pays, from nothing but the file.

use quick_xml::Reader;
use quick_xml::events::Event;

use super::{Format, Reference};
use crate::cell::meant;
use crate::money::Amount;
use crate::{Currency, Wrong};

impl Format {
    /// The transfers of a file in their order: what each is called, and what it pays.
    pub fn read(self, text: &str, currency: &Currency) -> Result<Vec<(Reference, i64)>, Wrong> {
        match self {
            Self::Pain09 | Self::Pain03 => message(text, currency),
            Self::Nacha => records(text),
            Self::Wise => table(text, true, (2, 5), currency),
            Self::Paypal => table(text, false, (3, 1), currency),
            Self::Csv => table(text, true, (0, 6), currency),
        }
    }
}

fn pays(reference: &str, amount: &str, currency: &Currency) -> Result<(Reference, i64), Wrong> {
    let known =
        Reference::parse(reference).ok_or_else(|| Wrong::from(format!("“{reference}” is no reference")))?;
    Ok((known, Amount::parse(amount, currency.clone())?.minor))
}

fn message(text: &str, currency: &Currency) -> Result<Vec<(Reference, i64)>, Wrong> {
    let mut reader = Reader::from_str(text);
    let (mut all, mut content, mut reference) = (Vec::new(), String::new(), String::new());
    loop {
        match reader.read_event().map_err(|error| Wrong::from(error.to_string()))? {
            Event::Start(_) => content.clear(),
            Event::Text(it) => content.push_str(&it.xml10_content()),
            Event::End(it) => match it.local_name().as_ref() {
                "EndToEndId" => reference = std::mem::take(&mut content),
                "InstdAmt" => all.push(pays(&reference, &content, currency)?),
                _ => {}
            },
            Event::Eof => return Ok(all),
            _ => {}
        }
    }
}

/// The entries of a NACHA file.
fn records(text: &str) -> Result<Vec<(Reference, i64)>, Wrong> {
    let entry = |line: &str| {
        let part = |from, to| line.get(from..to).map(str::trim).unwrap_or_default().to_owned();
        let known = Reference::parse(&part(39, 54)).ok_or("an entry has no reference of ours")?;
        let minor = part(29, 39).parse().map_err(|_| "an entry has no amount")?;
        Ok((known, minor))
    };
    text.lines().filter(|line| line.starts_with('6')).map(entry).collect()
}

fn table(
    text: &str,
    has_titles: bool,
    (reference, amount): (usize, usize),
    currency: &Currency,
) -> Result<Vec<(Reference, i64)>, Wrong> {
    let mut reader = csv::ReaderBuilder::new().has_headers(has_titles).from_reader(text.as_bytes());
    let row = |row: Result<csv::StringRecord, csv::Error>| {
        let row = row.map_err(|error| Wrong::from(error.to_string()))?;
        let cell = |n: usize| meant(row.get(n).unwrap_or_default()).to_owned();
        pays(&cell(reference), &cell(amount), currency)
    };
    reader.records().map(row).collect()
}
