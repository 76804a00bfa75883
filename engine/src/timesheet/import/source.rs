//! The bytes of a file as sheets of cells, whatever program has written them.

use domain::Wrong;
use domain::timesheet::import::Table;

use super::{delimited, workbook};

/// More rows than a sheet of hours has, and what is still read in a second.
pub const MOST_ROWS: usize = 200_000;

/// A sheet, by its name if it has one.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sheet {
    pub name: String,
    pub table: Table,
}

/// Reads every sheet that has anything in it.
pub fn open(bytes: &[u8]) -> Result<Vec<Sheet>, Wrong> {
    let begins = |with: &[u8]| bytes.starts_with(with);
    let sheets = if begins(b"PK\x03\x04") {
        workbook::open(bytes)?
    } else if begins(b"\xd0\xcf\x11\xe0") {
        return Err(
            "This is a workbook of an old kind, or one with a password. Save it as .xlsx without a password."
                .into(),
        );
    } else if begins(b"%PDF") || begins(b"\x89PNG") || begins(b"\xff\xd8\xff") {
        return Err("This is a picture or a document, and no spreadsheet. Use .xlsx or .csv.".into());
    } else {
        vec![Sheet { name: String::new(), table: delimited::open(bytes)? }]
    };
    let filled: Vec<_> = sheets.into_iter().filter(|sheet| !sheet.table.rows.is_empty()).collect();
    if filled.is_empty() { Err("There is nothing in this file.".into()) } else { Ok(filled) }
}

pub(super) fn too_many_rows() -> Wrong {
    "This has more than 200,000 rows. Split it into files of fewer.".into()
}
