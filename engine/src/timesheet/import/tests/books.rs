//! Workbooks as spreadsheet programs write them, and as nobody should.

use std::io::{Cursor, Write};

use domain::timesheet::import::{Cell, Merged};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use crate::timesheet::import::source::open;

const TYPES: &str = r#"<?xml version="1.0" encoding="UTF-8"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/></Types>"#;
const RELS: &str = r#"<?xml version="1.0" encoding="UTF-8"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#;
/// Style 1 is a date, style 2 a length of time.
const STYLES: &str = r#"<?xml version="1.0" encoding="UTF-8"?><styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><numFmts count="1"><numFmt numFmtId="164" formatCode="[h]:mm"/></numFmts><cellXfs count="3"><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="164"/></cellXfs></styleSheet>"#;

/// A sheet: its name, the XML of its cells, and its merged ranges.
pub struct Page<'a> {
    pub name: &'a str,
    pub state: &'a str,
    pub rows: String,
    pub merged: &'a [&'a str],
}

/// A text, inline as some programs write it.
pub fn text(at: &str, text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;");
    format!(r#"<c r="{at}" t="inlineStr"><is><t>{text}</t></is></c>"#)
}

pub fn number(at: &str, style: u8, number: f64) -> String {
    format!(r#"<c r="{at}" s="{style}"><v>{number}</v></c>"#)
}

pub fn row(number: u32, cells: &[String]) -> String {
    format!(r#"<row r="{number}">{}</row>"#, cells.concat())
}

pub fn book(pages: &[Page<'_>]) -> Vec<u8> {
    let sheet = |(page, n): (&Page<'_>, usize)| {
        format!(r#"<sheet name="{}" sheetId="{n}" state="{}" r:id="s{n}"/>"#, page.name, page.state)
    };
    let link = |n: usize| {
        format!(
            r#"<Relationship Id="s{n}" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet{n}.xml"/>"#
        )
    };
    let sheets = pages.iter().zip(1..).map(sheet).collect::<Vec<_>>().concat();
    let links = (1..=pages.len()).map(link).collect::<Vec<_>>().concat();
    let workbook = format!(
        r#"<?xml version="1.0" encoding="UTF-8"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets>{sheets}</sheets></workbook>"#
    );
    let links = format!(
        r#"<?xml version="1.0" encoding="UTF-8"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{links}<Relationship Id="st" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles" Target="styles.xml"/></Relationships>"#
    );
    let mut parts = vec![
        ("[Content_Types].xml".to_owned(), TYPES.to_owned()),
        ("_rels/.rels".to_owned(), RELS.to_owned()),
        ("xl/workbook.xml".to_owned(), workbook),
        ("xl/_rels/workbook.xml.rels".to_owned(), links),
        ("xl/styles.xml".to_owned(), STYLES.to_owned()),
    ];
    for (page, n) in pages.iter().zip(1..) {
        let merged =
            page.merged.iter().map(|it| format!(r#"<mergeCell ref="{it}"/>"#)).collect::<Vec<_>>().concat();
        let merged = if merged.is_empty() { merged } else { format!("<mergeCells>{merged}</mergeCells>") };
        let sheet = format!(
            r#"<?xml version="1.0" encoding="UTF-8"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{}</sheetData>{merged}</worksheet>"#,
            page.rows
        );
        parts.push((format!("xl/worksheets/sheet{n}.xml"), sheet));
    }
    zipped(parts.iter().map(|(name, content)| (name.as_str(), content.as_bytes())), CompressionMethod::Stored)
}

pub fn zipped<'a>(parts: impl Iterator<Item = (&'a str, &'a [u8])>, method: CompressionMethod) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in parts {
        writer.start_file(name, SimpleFileOptions::default().compression_method(method)).unwrap();
        writer.write_all(content).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

pub fn page(rows: &[String]) -> Page<'static> {
    Page { name: "Hours", state: "visible", rows: rows.concat(), merged: &[] }
}

#[test]
fn cells_are_what_they_are_formatted_as() {
    let rows = [row(
        3,
        &[
            text("A3", "Pérez & Søn"),
            number("B3", 1, 46_329.0),
            number("C3", 2, 0.3125),
            number("D3", 0, 7.5),
            r#"<c r="E3" t="e"><f>1/0</f><v>#DIV/0!</v></c>"#.to_owned(),
            r#"<c r="F3"><f>D3*2</f><v>15</v></c>"#.to_owned(),
            number("G3", 1, 1.0),
        ],
    )];
    let sheets = open(&book(&[page(&rows)])).unwrap();
    let table = &sheets[0].table;
    assert_eq!((table.rows.len(), table.rows[0].number, sheets[0].name.as_str()), (1, 3, "Hours"));
    let day = |y, m, d| Cell::Day(chrono::NaiveDate::from_ymd_opt(y, m, d).unwrap());
    assert_eq!(
        table.rows[0].cells[..6],
        [
            Cell::Text("Pérez & Søn".into()),
            day(2026, 11, 3),
            Cell::Minutes(450),
            Cell::Number(7.5),
            Cell::Broken("#DIV/0!".into()),
            Cell::Number(15.0),
        ]
    );
    assert!(
        matches!(&table.rows[0].cells[6], Cell::Day(day) if day.to_string().starts_with("19")),
        "{:?}",
        table.rows[0].cells[6]
    );
}

#[test]
fn merged_cells_and_hidden_sheets_are_seen() {
    let rows = row(1, &[text("A1", "Name")]) + &row(2, &[text("A2", "Ana")]);
    let hidden = Page { name: "Lists", state: "hidden", rows: row(1, &[text("A1", "x")]), merged: &[] };
    let shown = Page { name: "Hours", state: "visible", rows, merged: &["A2:A4"] };
    let sheets = open(&book(&[hidden, shown])).unwrap();
    assert_eq!(sheets.iter().map(|sheet| sheet.name.as_str()).collect::<Vec<_>>(), ["Hours"]);
    assert_eq!(sheets[0].table.merged, [Merged { rows: (2, 4), columns: (0, 0) }]);
}

#[test]
fn a_lonely_cell_at_the_end_of_the_world_takes_no_memory() {
    let rows =
        row(1, &[text("A1", "Name")]) + &row(1_048_576, &[text("B1048576", "Ana"), text("XFD1048576", "x")]);
    let sheets = open(&book(&[Page { rows, ..page(&[]) }])).unwrap();
    let table = &sheets[0].table;
    assert_eq!(
        table.rows.iter().map(|row| (row.number, row.cells.len())).collect::<Vec<_>>(),
        [(1, 1), (1_048_576, 2)]
    );
}

#[test]
fn what_unpacks_to_more_than_there_should_be_is_not_unpacked() {
    let zeros = vec![b' '; 16 * 1024 * 1024];
    let names: Vec<_> = (0..12).map(|n| format!("xl/part{n}.xml")).collect();
    let bomb =
        zipped(names.iter().map(|name| (name.as_str(), zeros.as_slice())), CompressionMethod::Deflated);
    assert!(bomb.len() < 1024 * 1024, "{} bytes", bomb.len());
    assert!(open(&bomb).unwrap_err().to_string().contains("larger than any sheet"));
    let names: Vec<_> = (0..2_100).map(|n| format!("p{n}")).collect();
    let many = zipped(names.iter().map(|name| (name.as_str(), &b""[..])), CompressionMethod::Stored);
    assert!(open(&many).unwrap_err().to_string().contains("more parts"));
}

#[test]
fn what_is_no_workbook_is_said_to_be_none() {
    let whole = book(&[page(&[row(1, &[text("A1", "Name")])])]);
    for end in [5, 60, whole.len() / 2, whole.len() - 3] {
        assert!(open(&whole[..end]).is_err(), "cut off at {end}");
    }
    let empty = zipped([("readme.txt", &b"hello"[..])].into_iter(), CompressionMethod::Stored);
    assert!(open(&empty).unwrap_err().to_string().contains("damaged"));
    assert!(open(b"\xd0\xcf\x11\xe0rest").unwrap_err().to_string().contains("old kind"));
    assert!(open(b"%PDF-1.7").unwrap_err().to_string().contains("no spreadsheet"));
    assert!(open(b"").unwrap_err().to_string().contains("nothing"));
    assert!(open(&book(&[page(&[])])).unwrap_err().to_string().contains("nothing"));
}
