//! Workbooks (.xlsx): a zip of XML. Nothing is believed of what it says about its own size.

use std::collections::BTreeMap;
use std::io::{Cursor, Read, copy, sink};

use calamine::{DataRef, Reader, SheetType, SheetVisible, Xlsx, XlsxError};
use chrono::NaiveDate;
use domain::Wrong;
use domain::timesheet::import::{Cell, MOST_COLUMNS, Merged, Row, Table};
use zip::ZipArchive;

use super::source::{MOST_ROWS, Sheet, too_many_rows};

/// A sheet of hours of as many rows as are taken has less.
const MOST_BYTES: u64 = 160 * 1024 * 1024;
const MOST_PARTS: usize = 2_000;

type Book<'a> = Xlsx<Cursor<&'a [u8]>>;

pub fn open(bytes: &[u8]) -> Result<Vec<Sheet>, Wrong> {
    measure(bytes)?;
    let mut book: Book<'_> = calamine::open_workbook_from_rs(Cursor::new(bytes)).map_err(unreadable)?;
    let is_shown = |sheet: &&calamine::Sheet| {
        sheet.visible == SheetVisible::Visible && sheet.typ == SheetType::WorkSheet
    };
    let names: Vec<_> =
        book.sheets_metadata().iter().filter(is_shown).map(|sheet| sheet.name.clone()).collect();
    let mut left = MOST_ROWS;
    let mut sheets = Vec::new();
    for name in names {
        let rows = rows(&mut book, &name, left)?;
        left -= rows.len();
        let merged = book.merge_cells_by_sheet_name(&name).unwrap_or_default();
        let merged = merged.into_iter().map(|at| Merged {
            rows: (at.start.0.saturating_add(1), at.end.0.saturating_add(1)),
            columns: (column(at.start.1), column(at.end.1)),
        });
        sheets.push(Sheet { table: Table { rows, merged: merged.collect() }, name });
    }
    Ok(sheets)
}

/// Unpacks everything once, into nothing: what would take more memory than there is must not be begun.
fn measure(bytes: &[u8]) -> Result<(), Wrong> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|_| broken())?;
    if archive.len() > MOST_PARTS {
        return Err(
            "This workbook has more parts than a sheet of hours has. Save its table as a file of its own."
                .into(),
        );
    }
    let mut left = MOST_BYTES;
    for place in 0..archive.len() {
        let part = archive.by_index(place).map_err(|_| broken())?;
        let size = copy(&mut part.take(left + 1), &mut sink()).map_err(|_| broken())?;
        left = left.checked_sub(size).ok_or_else(|| {
            Wrong::from(
                "Unpacked, this is larger than any sheet of hours. Save its table as a file of its own.",
            )
        })?;
    }
    Ok(())
}

/// The cells that are there, one after the other: a sheet may claim to be a million columns wide.
fn rows(book: &mut Book<'_>, name: &str, most: usize) -> Result<Vec<Row>, Wrong> {
    let mut rows: BTreeMap<u32, Vec<Cell>> = BTreeMap::new();
    let mut cells = book.worksheet_cells_reader(name).map_err(unreadable)?;
    while let Some(found) = cells.next_cell().map_err(unreadable)? {
        let (row, at) = (found.get_position().0, column(found.get_position().1));
        let cell = cell(found.get_value());
        if at >= MOST_COLUMNS || cell.is_empty() {
            continue;
        }
        let row = rows.entry(row).or_default();
        if row.len() <= at {
            row.resize(at + 1, Cell::Empty);
        }
        if let Some(slot) = row.get_mut(at) {
            *slot = cell;
        }
        if rows.len() > most {
            return Err(too_many_rows());
        }
    }
    Ok(rows.into_iter().map(|(at, cells)| Row { number: at.saturating_add(1), cells }).collect())
}

fn column(at: u32) -> usize {
    usize::try_from(at).unwrap_or(usize::MAX)
}

fn cell(value: &DataRef<'_>) -> Cell {
    let text = |text: &str| if text.trim().is_empty() { Cell::Empty } else { Cell::Text(text.to_owned()) };
    match value {
        DataRef::Empty => Cell::Empty,
        #[expect(clippy::cast_precision_loss, reason = "spreadsheets keep every number so")]
        DataRef::Int(number) => Cell::Number(*number as f64),
        DataRef::Float(number) => Cell::Number(*number),
        DataRef::String(it) | DataRef::DateTimeIso(it) | DataRef::DurationIso(it) => text(it),
        DataRef::SharedString(it) => text(it),
        DataRef::Bool(it) => text(if *it { "TRUE" } else { "FALSE" }),
        DataRef::Error(error) => Cell::Broken(error.to_string()),
        DataRef::DateTime(when) => {
            let days = when.as_f64();
            if when.is_duration() || (0.0..1.0).contains(&days) {
                return minutes(days);
            }
            let (year, month, day, ..) = when.to_ymd_hms_milli();
            NaiveDate::from_ymd_opt(year.into(), month.into(), day.into())
                .map_or(Cell::Number(days), Cell::Day)
        }
    }
}

fn minutes(days: f64) -> Cell {
    let minutes = (days * 1_440.0).round();
    #[expect(clippy::cast_possible_truncation, reason = "the range was looked at")]
    if (0.0..1e9).contains(&minutes) { Cell::Minutes(minutes as i64) } else { Cell::Number(days) }
}

fn broken() -> Wrong {
    "This workbook is damaged. Open it in a spreadsheet program and save it anew.".into()
}

fn unreadable(error: XlsxError) -> Wrong {
    match error {
        XlsxError::Password => "This workbook has a password. Save it without one.".into(),
        _ => broken(),
    }
}
