//! A file as lines that name people, projects and tasks in its own words.

use std::collections::HashMap;

use chrono::NaiveDate;
use domain::Wrong;
use domain::timesheet::import::{Aside, Drawn, Flaw, Layout, Mapping, Reading, Role, Table, Worked};
use sha2::{Digest, Sha256};

use super::preview::Column;
use super::source::{self, Sheet};

/// What columns say, by layout, as somebody has said it before.
pub type Remembered = HashMap<Vec<u8>, Mapping>;

/// A line; who and what it is about stands in the lists of its file.
#[derive(Clone, Debug)]
pub struct Wanted {
    pub row: u32,
    pub column: Option<usize>,
    pub person: usize,
    pub project: usize,
    pub task: usize,
    pub on: NaiveDate,
    pub worked: Worked,
    pub note: Option<String>,
    pub external_id: Option<String>,
}

/// A file that was read.
#[derive(Debug, Default)]
pub struct Read {
    pub sheet: String,
    /// Other sheets of the workbook that look like hours and are not read.
    pub others: Vec<String>,
    pub key: Vec<u8>,
    pub columns: Vec<Column>,
    /// As it was read.
    pub mapping: Mapping,
    /// What is said above the table.
    pub above: Aside,
    pub is_ambiguous: bool,
    pub lines: Vec<Wanted>,
    pub people: Vec<String>,
    pub projects: Vec<String>,
    pub tasks: Vec<String>,
    pub flaws: Vec<Flaw>,
    pub left_out: usize,
}

/// Reads what is in a file, by what somebody has said about it, by what was said about files like it, or by its titles.
pub fn read(
    bytes: &[u8],
    said: Option<&Mapping>,
    remembered: &Remembered,
    today: NaiveDate,
) -> Result<Read, Wrong> {
    let sheets = source::open(bytes)?;
    let (place, layout, is_known) = choose(&sheets, remembered, today)
        .ok_or("There are no columns in this file. Its first rows should say what stands in each column.")?;
    let mut others = Vec::new();
    for (at, other) in sheets.iter().enumerate() {
        if at != place && Layout::of(&other.table, today).is_some() {
            others.push(other.name.clone());
        }
    }
    let sheet = sheets.into_iter().nth(place).unwrap_or_default();
    let key = Sha256::digest(layout.key()).to_vec();
    let mut mapping = match (said, remembered.get(&key)) {
        (Some(said), _) => said.clone(),
        (None, Some(remembered)) => Mapping { aside: Aside::default(), ..remembered.clone() },
        (None, None) if is_known => Mapping { roles: layout.guess(), ..Mapping::default() },
        (None, None) => Mapping::default(),
    };
    mapping.roles.resize(layout.titles.len(), Role::Ignored);
    let reading = Reading::of(&sheet.table, &layout, &mapping);
    let columns = columns(&sheet.table, &layout, &mapping);
    let mut names = [Interned::default(), Interned::default(), Interned::default()];
    let lines: Vec<_> = reading.lines.iter().map(|line| wanted(line, &mut names)).collect();
    let Reading { mut flaws, left_out, day_order, is_ambiguous, .. } = reading;
    let says = |role: Role| mapping.column(role).is_some();
    if !says(Role::OnDay) && !(says(Role::Date) && (says(Role::Hours) || says(Role::Units))) {
        let message = "It is not clear which columns say when and how much was worked. Say so below.";
        let row = sheet.table.rows.get(layout.head).map_or(1, |row| row.number);
        flaws.push(Flaw { row, column: None, message: message.to_owned() });
    }
    mapping.day_order = day_order;
    let above = layout.above.clone();
    let [people, projects, tasks] = names.map(|names| names.all);
    Ok(Read {
        sheet: sheet.name,
        others,
        key,
        columns,
        mapping,
        above,
        is_ambiguous,
        lines,
        people,
        projects,
        tasks,
        flaws,
        left_out,
    })
}

/// The first sheet whose layout is known or speaks for itself, or else the first one: its place, its layout, and whether
/// its titles say anything.
fn choose(sheets: &[Sheet], remembered: &Remembered, today: NaiveDate) -> Option<(usize, Layout, bool)> {
    let mut unknown = None;
    for (place, sheet) in sheets.iter().enumerate() {
        let spoken = Layout::of(&sheet.table, today);
        if let Some(layout) = spoken {
            return Some((place, layout, true));
        }
        let Some(layout) = Layout::unknown(&sheet.table, today) else { continue };
        if remembered.contains_key(Sha256::digest(layout.key()).as_slice()) {
            return Some((place, layout, true));
        }
        unknown.get_or_insert((place, layout, false));
    }
    unknown
}

/// The columns with what they say and the first things in them, for a person to judge.
fn columns(table: &Table, layout: &Layout, mapping: &Mapping) -> Vec<Column> {
    const SAMPLES: usize = 3;
    let rows = table.rows.get(layout.head + 1..).unwrap_or_default();
    let column = |(place, title): (usize, &String)| {
        let cells = rows.iter().map(|row| row.cell(place)).filter(|cell| !cell.is_empty());
        Column {
            title: title.clone(),
            samples: cells.take(SAMPLES).map(|cell| shortened(&cell.text())).collect(),
            role: mapping.roles.get(place).copied().unwrap_or(Role::Ignored),
        }
    };
    layout.titles.iter().enumerate().map(column).collect()
}

/// A long text by its beginning.
pub fn shortened(text: &str) -> String {
    const MOST: usize = 60;
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or(text)),
        None => text.to_owned(),
    }
}

/// Texts that come again and again, each kept once.
#[derive(Default)]
struct Interned {
    all: Vec<String>,
    places: HashMap<String, usize>,
}

impl Interned {
    fn place(&mut self, text: &str) -> usize {
        if let Some(place) = self.places.get(text) {
            return *place;
        }
        let place = self.all.len();
        self.all.push(text.to_owned());
        self.places.insert(text.to_owned(), place);
        place
    }
}

fn wanted(line: &Drawn<'_>, [people, projects, tasks]: &mut [Interned; 3]) -> Wanted {
    let filled = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    Wanted {
        row: line.row,
        column: line.column,
        person: people.place(&line.person),
        project: projects.place(&line.project),
        task: tasks.place(&line.task),
        on: line.on,
        worked: line.worked.clone(),
        note: filled(&line.note),
        external_id: filled(&line.external_id),
    }
}
