//! Cells of files that spreadsheets open.

use std::borrow::Cow;

/// A cell that a spreadsheet would take for a formula, written so that it stays text; [`meant`] reads it back.
pub fn harmless(cell: &str) -> Cow<'_, str> {
    if computes(cell) { Cow::Owned(format!("'{cell}")) } else { Cow::Borrowed(cell) }
}

/// What a cell that [`harmless`] has written stands for.
pub fn meant(cell: &str) -> &str {
    cell.strip_prefix('\'').filter(|rest| computes(rest)).unwrap_or(cell)
}

/// Whether it is a formula, or would be read as one that was made harmless.
fn computes(cell: &str) -> bool {
    cell.trim_start_matches('\'').starts_with(['=', '+', '-', '@', '\t', '\r'])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn formulas_stay_text() {
        assert_eq!(harmless("=HYPERLINK(\"x\")"), "'=HYPERLINK(\"x\")");
        assert_eq!(harmless("'t Hooft"), "'t Hooft");
        assert_eq!(harmless("plain"), "plain");
    }

    proptest! {
        #[test]
        fn what_was_meant_comes_back(cell in "['=+@a-c-]{0,6}") {
            let written = harmless(&cell);
            prop_assert_eq!(meant(&written), &cell);
            prop_assert!(!written.starts_with(['=', '+', '-', '@']));
        }
    }
}
