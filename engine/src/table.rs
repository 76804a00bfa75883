//! Tables that leave as CSV.

use domain::cell::harmless;

use crate::Error;

/// A row that a spreadsheet opens and computes nothing of.
pub fn row(cells: impl IntoIterator<Item: AsRef<str>>) -> Result<String, Error> {
    let unwritten = |error: &dyn std::fmt::Display| Error::Export(error.to_string());
    let mut writer = csv::Writer::from_writer(Vec::new());
    for cell in cells {
        writer.write_field(harmless(cell.as_ref()).as_ref()).map_err(|error| unwritten(&error))?;
    }
    writer.write_record(None::<&[u8]>).map_err(|error| unwritten(&error))?;
    let bytes = writer.into_inner().map_err(|error| unwritten(&error))?;
    String::from_utf8(bytes).map_err(|error| unwritten(&error))
}
