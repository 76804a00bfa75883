//! What would come of a file, as people look at it. It is kept with the file: looking does not read it again.

use std::collections::HashMap;

use chrono::NaiveDate;
use domain::timesheet::import::{Aside, Flaw, Mapping, Role};
use serde::{Deserialize, Serialize};

use super::read::Read;

/// As many of a kind are shown; all are counted.
const SHOWN: usize = 40;
const ROWS_SHOWN: usize = 12;

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Column {
    pub title: String,
    pub samples: Vec<String>,
    pub role: Role,
}

/// The same said about some rows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Said {
    pub column: Option<usize>,
    pub message: String,
    /// The first of them.
    pub rows: Vec<u32>,
    pub count: usize,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Preview {
    /// Why it cannot be read at all.
    pub unreadable: Option<String>,
    pub sheet: String,
    pub others: Vec<String>,
    /// SHA-256 of its layout.
    pub layout: Vec<u8>,
    pub columns: Vec<Column>,
    pub mapping: Mapping,
    pub above: Aside,
    /// The project and the person that its name speaks of, where nothing else does.
    pub by_name: Aside,
    pub is_ambiguous: bool,
    /// Lines that are new, that change one that is there, and that are there as they are.
    pub new: usize,
    pub changed: usize,
    pub same: usize,
    /// Rows that are no lines.
    pub left_out: usize,
    pub people: usize,
    pub projects: Vec<String>,
    pub minutes: i64,
    pub units: i64,
    pub days: Option<(NaiveDate, NaiveDate)>,
    pub flaws: Vec<Said>,
    pub flawed_rows: usize,
    pub unusual: Vec<Said>,
    pub unusual_lines: usize,
}

impl Preview {
    pub fn unreadable(why: String) -> Self {
        Self { unreadable: Some(why), ..Self::default() }
    }

    /// What is known once it was read.
    pub fn of(read: &Read) -> Self {
        Self {
            sheet: read.sheet.clone(),
            others: read.others.clone(),
            layout: read.key.clone(),
            columns: read.columns.clone(),
            mapping: read.mapping.clone(),
            above: read.above.clone(),
            is_ambiguous: read.is_ambiguous,
            left_out: read.left_out,
            ..Self::default()
        }
    }

    /// Lines that would be written.
    pub fn lines(&self) -> usize {
        self.new + self.changed
    }

    /// Whether a column says so.
    pub fn has(&self, role: Role) -> bool {
        self.columns.iter().any(|column| column.role == role)
    }

    /// Whether something is wrong that saying more about its columns may put right.
    pub fn is_unclear(&self) -> bool {
        let says_all = [Role::Person, Role::Project, Role::Task].into_iter().all(|role| self.has(role))
            && (self.has(Role::Date) || self.has(Role::OnDay));
        let nothing = self.lines() + self.same == 0;
        (!self.flaws.is_empty() && (self.is_ambiguous || !says_all)) || nothing
    }

    pub fn is_right(&self) -> bool {
        self.unreadable.is_none() && self.flaws.is_empty()
    }

    pub fn find_fault(&mut self, flaws: &[Flaw]) {
        let mut rows: Vec<_> = flaws.iter().map(|flaw| flaw.row).collect();
        rows.sort_unstable();
        rows.dedup();
        self.flawed_rows = rows.len();
        self.flaws = together(flaws);
    }

    pub fn find_unusual(&mut self, unusual: &[Flaw]) {
        let mut lines: Vec<_> = unusual.iter().map(|flaw| (flaw.row, flaw.column)).collect();
        lines.sort_unstable();
        lines.dedup();
        self.unusual_lines = lines.len();
        self.unusual = together(unusual);
    }

    /// The title of a column, or its letter.
    pub fn title(&self, column: usize) -> String {
        match self.columns.get(column).map(|column| column.title.trim()).filter(|title| !title.is_empty()) {
            Some(title) => title.to_owned(),
            None => format!("Column {}", letters(column)),
        }
    }
}

/// What is said more than once is said of all its rows together, in the order of the first of them.
fn together(flaws: &[Flaw]) -> Vec<Said> {
    let mut places: HashMap<(Option<usize>, &str), usize> = HashMap::new();
    let mut all: Vec<Said> = Vec::new();
    for flaw in flaws {
        let place = *places.entry((flaw.column, &flaw.message)).or_insert_with(|| {
            all.push(Said { column: flaw.column, message: flaw.message.clone(), rows: Vec::new(), count: 0 });
            all.len() - 1
        });
        if let Some(said) = all.get_mut(place) {
            said.count += 1;
            if said.rows.len() < ROWS_SHOWN {
                said.rows.push(flaw.row);
            }
        }
    }
    all.truncate(SHOWN);
    all
}

/// As spreadsheets name columns: A, B, … Z, AA.
pub fn letters(column: usize) -> String {
    let mut left = column + 1;
    let mut letters = Vec::new();
    while left > 0 {
        letters.push(char::from(b'A' + u8::try_from((left - 1) % 26).unwrap_or(0)));
        left = (left - 1) / 26;
    }
    letters.iter().rev().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_have_letters() {
        assert_eq!([0, 25, 26, 27, 701, 702].map(letters), ["A", "Z", "AA", "AB", "ZZ", "AAA"]);
    }

    #[test]
    fn what_is_said_again_is_said_once() {
        let flaw = |row: u32, message: &str| Flaw { row, column: Some(1), message: message.to_owned() };
        let mut preview = Preview::default();
        preview.find_fault(&[flaw(2, "a"), flaw(3, "b"), flaw(4, "a"), flaw(4, "b")]);
        let said: Vec<_> = preview.flaws.iter().map(|said| (said.message.as_str(), said.count)).collect();
        assert_eq!((said, preview.flawed_rows), (vec![("a", 2), ("b", 2)], 3));
    }
}
