//! Which column says what: guessed by its title, or as somebody has said.

use std::fmt;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::cell::{Cell, Row, Table};
use super::day::{DayOrder, DayTitle, day};
use super::titles::{folded, role};
use crate::audit::words;

words! {
    /// What a column says about the lines of its rows.
    #[derive(Default)]
    Role {
        Person => "person", "Person";
        Project => "project", "Project";
        Task => "task", "Task";
        Date => "date", "Date";
        Hours => "hours", "Hours";
        Units => "units", "Units";
        Note => "note", "Note";
        ExternalId => "external_id", "Id of the line";
        /// What was worked on the day in its title.
        OnDay => "on_day", "Worked on the day in its title";
        #[default]
        Ignored => "ignored", "Nothing";
    }
}

impl Role {
    /// Whether more than one column may say it: their texts are read as one.
    const fn may_repeat(self) -> bool {
        matches!(self, Self::Person | Self::Note | Self::OnDay | Self::Ignored)
    }

    /// Whether what merged cells say holds for each of them. An amount does not.
    pub(super) const fn is_shared(self) -> bool {
        matches!(self, Self::Person | Self::Project | Self::Task | Self::Date)
    }
}

/// How a sheet is read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mapping {
    /// Of each column.
    pub roles: Vec<Role>,
    pub day_order: Option<DayOrder>,
    /// What holds for all rows, where no column says it.
    #[serde(default)]
    pub aside: Aside,
}

impl Mapping {
    /// The first column that says it.
    pub fn column(&self, role: Role) -> Option<usize> {
        self.roles.iter().position(|of| *of == role)
    }
}

/// What is said beside the table, or by whoever looks at it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Aside {
    pub person: Option<String>,
    pub project: Option<String>,
    pub task: Option<String>,
    /// Any day of the week that the table is about.
    pub week: Option<NaiveDate>,
}

/// Where the table stands in its sheet, and what it looks like.
#[derive(Clone, Debug, PartialEq)]
pub struct Layout {
    /// The place of the row with the titles.
    pub head: usize,
    pub titles: Vec<String>,
    pub days: Vec<Option<DayTitle>>,
    /// What is said above the table.
    pub above: Aside,
}

/// The rows in which titles are looked for.
const HEAD_WITHIN: usize = 40;

/// Enough for a month of days, each with a handful of columns.
pub const MOST_COLUMNS: usize = 200;

impl Layout {
    /// Finds the titles: the first row that says most. None if no row says when and how much was worked.
    pub fn of(table: &Table, today: NaiveDate) -> Option<Self> {
        let mut best: Option<(usize, Self)> = None;
        for (place, row) in table.rows.iter().take(HEAD_WITHIN).enumerate() {
            let layout = Self::at(table, place, row, today);
            let roles = layout.guess();
            let has = |role: Role| roles.contains(&role);
            let says = roles.iter().filter(|role| !matches!(role, Role::Ignored)).count();
            let enough = (has(Role::Date) && (has(Role::Hours) || has(Role::Units))) || layout.is_grid();
            if enough && best.as_ref().is_none_or(|(most, _)| says > *most) {
                best = Some((says, layout));
            }
        }
        best.map(|(_, layout)| layout)
    }

    /// The row with most texts of those at the top, where nothing is known: somebody has to say what its columns are.
    pub fn unknown(table: &Table, today: NaiveDate) -> Option<Self> {
        let texts = |row: &Row| {
            row.cells.iter().filter(|cell| matches!(cell, Cell::Text(_)) && !cell.is_empty()).count()
        };
        let rows = table.rows.iter().take(HEAD_WITHIN).enumerate();
        // Of several the first, and `max_by_key` answers with the last.
        let (place, row) = rows.rev().max_by_key(|(_, row)| texts(row))?;
        Some(Self::at(table, place, row, today))
    }

    fn at(table: &Table, place: usize, row: &Row, today: NaiveDate) -> Self {
        let cells = row.cells.iter().take(MOST_COLUMNS);
        Self {
            head: place,
            titles: cells.clone().map(|cell| cell.text().into_owned()).collect(),
            days: cells.map(|cell| DayTitle::read(cell, today)).collect(),
            above: above(table.rows.get(..place).unwrap_or_default()),
        }
    }

    /// Days across.
    pub fn is_grid(&self) -> bool {
        self.days.iter().flatten().count() >= 2
    }

    /// What tells this layout from others: its titles, whatever days they name.
    pub fn key(&self) -> String {
        let title = |(title, day): (&String, &Option<DayTitle>)| match day {
            Some(_) => "#".to_owned(),
            None => folded(title),
        };
        let mut titles: Vec<_> = self.titles.iter().zip(&self.days).map(title).collect();
        // A week and a month of days are one layout.
        titles.dedup_by(|a, b| a == "#" && b == "#");
        titles.join("|")
    }

    /// The roles that the titles speak of.
    pub fn guess(&self) -> Vec<Role> {
        let grid = self.is_grid();
        let mut roles: Vec<Role> = Vec::with_capacity(self.titles.len());
        for (title, day) in self.titles.iter().zip(&self.days) {
            let role = if grid && day.is_some() { Role::OnDay } else { role(title) };
            let again = roles.contains(&role) && !role.may_repeat();
            // Beside the days stand their sums.
            let sums = grid && matches!(role, Role::Hours | Role::Units | Role::Date);
            roles.push(if again || sums { Role::Ignored } else { role });
        }
        // Who has an address needs no name.
        let is = |place: usize, words: &[&str]| {
            self.titles.get(place).is_some_and(|title| words.iter().any(|word| folded(title).contains(word)))
        };
        let people: Vec<_> =
            (0..roles.len()).filter(|place| roles.get(*place) == Some(&Role::Person)).collect();
        let kept: Vec<_> = match people.iter().find(|place| is(**place, &["mail"])) {
            Some(email) => vec![*email],
            None if people
                .iter()
                .all(|place| is(*place, &["first", "last", "sur", "given", "vorname", "nachname"])) =>
            {
                people.clone()
            }
            None => people.first().copied().into_iter().collect(),
        };
        for place in people.into_iter().filter(|place| !kept.contains(place)) {
            if let Some(role) = roles.get_mut(place) {
                *role = Role::Ignored;
            }
        }
        roles
    }
}

/// “Project: P-17”, or “Project” with “P-17” beside it.
fn above(rows: &[Row]) -> Aside {
    let mut aside = Aside::default();
    for row in rows {
        let cells: Vec<_> = row.cells.iter().filter(|cell| !cell.is_empty()).collect();
        for (place, cell) in cells.iter().enumerate() {
            let text = cell.text();
            let (title, said) = match text.split_once(':') {
                Some((title, said)) if !said.trim().is_empty() => {
                    (title, Some(Cell::Text(said.trim().to_owned())))
                }
                _ => (text.trim_end_matches(':'), cells.get(place + 1).map(|cell| (*cell).clone())),
            };
            let Some(said) = said else { continue };
            let words = said.text().into_owned();
            match role(title) {
                Role::Person => _ = aside.person.get_or_insert(words),
                Role::Project => _ = aside.project.get_or_insert(words),
                Role::Task => _ = aside.task.get_or_insert(words),
                _ if folded(title).contains("week") || folded(title).contains("woche") => {
                    if let Ok(day) = day(&said, None) {
                        aside.week.get_or_insert(day);
                    }
                }
                _ => {}
            }
        }
    }
    aside
}
