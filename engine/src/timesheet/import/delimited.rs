//! Text in columns: CSV as spreadsheets and programs save it, in any of their alphabets.

use std::borrow::Cow;
use std::collections::BTreeMap;

use domain::Wrong;
use domain::cell::meant;
use domain::timesheet::import::{Cell, Row, Table};
use encoding_rs::{Encoding, WINDOWS_1252};

use super::source::{MOST_ROWS, too_many_rows};

/// What stands between columns, the likeliest first.
const DELIMITERS: [u8; 4] = *b",;\t|";

/// So many rows tell what stands between columns.
const TELLING: usize = 20;

pub fn open(bytes: &[u8]) -> Result<Table, Wrong> {
    let text = decoded(bytes);
    if text.contains('\0') {
        return Err("This is neither a text with columns nor a workbook. Save it as .xlsx or .csv.".into());
    }
    let (delimiter, text, lines_before) = match said(&text) {
        Some((delimiter, rest)) => (delimiter, rest, 1),
        None => (likeliest(&text), &*text, 0),
    };
    let mut reader = reader(text, delimiter);
    let mut rows = Vec::new();
    let mut record = csv::StringRecord::new();
    loop {
        let more = reader.read_record(&mut record).map_err(|error| {
            let line = error.position().map_or(0, csv::Position::line) + lines_before;
            Wrong::from(format!("Line {line} cannot be read. Save the file anew as CSV."))
        })?;
        if !more {
            return Ok(Table { rows, merged: Vec::new() });
        }
        let line = record.position().map_or(0, |at| at.line() + blank_lines(text, at.byte())) + lines_before;
        let cell = |text: &str| {
            if text.trim().is_empty() { Cell::Empty } else { Cell::Text(meant(text).to_owned()) }
        };
        let row =
            Row { number: u32::try_from(line).unwrap_or(u32::MAX), cells: record.iter().map(cell).collect() };
        if row.is_empty() {
            continue;
        }
        if rows.len() == MOST_ROWS {
            return Err(too_many_rows());
        }
        rows.push(row);
    }
}

fn reader(text: &str, delimiter: u8) -> csv::Reader<&[u8]> {
    csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .flexible(true)
        .has_headers(false)
        .from_reader(text.as_bytes())
}

/// The reader passes over empty lines, and says that a row begins where they do.
fn blank_lines(text: &str, at: u64) -> u64 {
    let rest = usize::try_from(at).ok().and_then(|at| text.as_bytes().get(at..)).unwrap_or_default();
    u64::try_from(rest.iter().take_while(|byte| **byte == b'\n').count()).unwrap_or_default()
}

/// In the alphabet its first bytes tell; otherwise in UTF-8 or, if it is none, as western Windows writes. Line ends are
/// made one sign: of two, the reader would count one line too few.
fn decoded(bytes: &[u8]) -> Cow<'_, str> {
    let text = match (Encoding::for_bom(bytes), std::str::from_utf8(bytes)) {
        (Some((encoding, _)), _) => encoding.decode(bytes).0,
        (None, Ok(text)) => Cow::Borrowed(text),
        (None, Err(_)) => WINDOWS_1252.decode(bytes).0,
    };
    if text.contains('\r') { Cow::Owned(text.replace("\r\n", "\n").replace('\r', "\n")) } else { text }
}

/// Some spreadsheets say in a line of its own what stands between columns: `sep=;`. Answers with what comes after it.
fn said(text: &str) -> Option<(u8, &str)> {
    let (first, rest) = text.split_once('\n')?;
    let sign = first.trim().to_ascii_lowercase();
    let delimiter = *sign.strip_prefix("sep=")?.as_bytes().first()?;
    DELIMITERS.contains(&delimiter).then_some((delimiter, rest))
}

/// The one by which most rows at the top have as many columns as others, and then the one by which they have most.
fn likeliest(text: &str) -> u8 {
    let alike = |delimiter: u8| {
        let mut counts: BTreeMap<usize, usize> = BTreeMap::new();
        for row in reader(text, delimiter).into_records().take(TELLING).filter_map(Result::ok) {
            *counts.entry(row.len()).or_default() += 1;
        }
        counts.into_iter().filter(|(columns, _)| *columns > 1).map(|(columns, rows)| (rows, columns)).max()
    };
    // Of equals the first, and `max_by_key` answers with the last.
    DELIMITERS.into_iter().rev().max_by_key(|delimiter| alike(*delimiter)).unwrap_or(b',')
}

#[cfg(test)]
mod tests {
    use domain::cell::harmless;
    use proptest::prelude::*;

    use super::*;

    fn texts(bytes: &[u8]) -> Vec<Vec<String>> {
        let table = open(bytes).unwrap();
        table.rows.iter().map(|row| row.cells.iter().map(|cell| cell.text().into_owned()).collect()).collect()
    }

    #[test]
    fn every_alphabet_and_delimiter_reads_alike() {
        let expected = [["Name", "Hours"], ["Pérez, Ana", "7,5"]];
        let utf8 = "Name;Hours\r\n\"Pérez, Ana\";7,5\r\n";
        let with_mark = format!("\u{feff}{utf8}");
        let latin: Vec<u8> = utf8.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
        let wide: Vec<u8> =
            [0xff, 0xfe].into_iter().chain(utf8.encode_utf16().flat_map(u16::to_le_bytes)).collect();
        for bytes in [utf8.as_bytes(), with_mark.as_bytes(), &latin, &wide] {
            assert_eq!(texts(bytes), expected);
        }
        let tabs = "Name\tHours\rPérez, Ana\t7,5\r";
        assert_eq!(texts(tabs.as_bytes()), expected);
        assert_eq!(texts("Name,Hours\n\"Pérez, Ana\",\"7,5\"\n".as_bytes()), expected);
        assert_eq!(texts("sep=|\nName|Hours\nPérez, Ana|7,5\n".as_bytes()), expected);
    }

    #[test]
    fn rows_are_numbered_as_they_are_shown() {
        let table = open(b"sep=;\r\nName;Hours\r\n\r\nAna;8\r\n;\r\nBo;7\r\n").unwrap();
        assert_eq!(table.rows.iter().map(|row| row.number).collect::<Vec<_>>(), [2, 4, 6]);
    }

    #[test]
    fn what_is_no_text_is_refused() {
        assert!(open(b"a\0b").is_err());
        assert!(open(b"").unwrap().rows.is_empty());
        let many = "a,b\n".repeat(MOST_ROWS + 1);
        assert!(open(many.as_bytes()).unwrap_err().to_string().contains("200,000"));
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = open(&bytes);
        }

        /// What is written as CSV, so that no spreadsheet computes it, is read as it was.
        #[test]
        fn what_is_written_reads_back(rows in prop::collection::vec(prop::collection::vec("[a-zé,\"\n'=+@ ]{1,8}x", 3), 1..6)) {
            let mut writer = csv::Writer::from_writer(Vec::new());
            for row in &rows {
                writer.write_record(row.iter().map(|cell| harmless(cell).into_owned())).unwrap();
            }
            let read = open(&writer.into_inner().unwrap()).unwrap();
            let read: Vec<Vec<Cell>> = read.rows.into_iter().map(|row| row.cells).collect();
            let written: Vec<Vec<Cell>> = rows.into_iter().map(|row| row.into_iter().map(Cell::Text).collect()).collect();
            prop_assert_eq!(read, written);
        }
    }
}
