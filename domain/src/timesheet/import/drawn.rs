//! The lines that the rows of a sheet come to.

use std::borrow::Cow;

use chrono::NaiveDate;

use super::cell::{Cell, Row, Table};
use super::day::{DayOrder, DayTitle, day, orders};
use super::layout::{Layout, Mapping, Role};
use super::titles::folded;
use crate::timesheet::Spent;

/// How much was worked. In a column for a day, what a bare number counts is up to the task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Worked {
    Both { spent: Spent, units: i64 },
    OnDay { spent: Option<Spent>, units: Option<i64> },
}

/// A line as the sheet has it. Nobody has looked up yet who and what that is.
#[derive(Clone, Debug, PartialEq)]
pub struct Drawn<'a> {
    pub row: u32,
    /// Where the amount stands.
    pub column: Option<usize>,
    pub person: Cow<'a, str>,
    pub project: Cow<'a, str>,
    pub task: Cow<'a, str>,
    pub on: NaiveDate,
    pub worked: Worked,
    pub note: Cow<'a, str>,
    pub external_id: Cow<'a, str>,
}

/// What is wrong with a row, and in which column if it is in one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flaw {
    pub row: u32,
    pub column: Option<usize>,
    pub message: String,
}

/// What a sheet comes to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reading<'a> {
    pub lines: Vec<Drawn<'a>>,
    pub flaws: Vec<Flaw>,
    /// Rows that are sums of others, or say that nothing was worked.
    pub left_out: usize,
    /// The order that dates of numbers were read in.
    pub day_order: Option<DayOrder>,
    /// Whether they could be read in the other one, too, and nobody has said which is right.
    pub is_ambiguous: bool,
}

/// What every row is read by.
struct Reader<'a> {
    table: &'a Table,
    layout: &'a Layout,
    mapping: &'a Mapping,
    of_role: Vec<(Role, usize)>,
    day_order: Option<DayOrder>,
    /// The merged cells whose value holds for all of them, in order: their column, their rows, and the column in which the
    /// value stands.
    shared: Vec<(usize, (u32, u32), usize)>,
}

impl<'a> Reading<'a> {
    /// Reads the rows under the titles.
    pub fn of(table: &'a Table, layout: &'a Layout, mapping: &'a Mapping) -> Self {
        let rows = table.rows.get(layout.head + 1..).unwrap_or_default();
        let of_role: Vec<_> = mapping.roles.iter().copied().zip(0..).collect();
        let dates = of_role.iter().filter(|(role, _)| *role == Role::Date).map(|(_, column)| *column);
        let dates: Vec<_> = dates.flat_map(|column| rows.iter().map(move |row| row.cell(column))).collect();
        let possible = orders(dates.into_iter());
        let said = mapping.day_order.filter(|order| possible.as_ref().is_none_or(|it| it.contains(order)));
        let day_order = match possible.as_deref() {
            Some([only]) => Some(*only),
            _ => said,
        };
        let is_ambiguous = possible.is_some_and(|it| it.len() > 1) && day_order.is_none();
        let mut reader = Reader { table, layout, mapping, of_role, day_order, shared: Vec::new() };
        let mut reading = Self { day_order, is_ambiguous, ..Self::default() };
        reader.unmerge(&mut reading);
        for row in rows.iter().filter(|row| !row.is_empty()) {
            reader.row(row, &mut reading);
        }
        reading
    }
}

impl<'a> Reader<'a> {
    fn columns(&self, role: Role) -> impl Iterator<Item = usize> {
        self.of_role.iter().filter(move |(of, _)| *of == role).map(|(_, column)| *column)
    }

    /// Merged cells have their value in the first of them. Of amounts it cannot be known where they belong.
    fn unmerge(&mut self, reading: &mut Reading<'a>) {
        let first = self.table.rows.get(self.layout.head).map_or(0, |row| row.number);
        for merged in self.table.merged.iter().filter(|merged| merged.rows.0 > first) {
            let (left, right) = merged.columns;
            for column in left..=right.min(self.mapping.roles.len().saturating_sub(1)) {
                let Some(role) = self.mapping.roles.get(column) else { continue };
                if role.is_shared() {
                    self.shared.push((column, merged.rows, left));
                    continue;
                }
                let value = self.table.row(merged.rows.0).map(|row| row.cell(left));
                let is_amount = matches!(role, Role::Hours | Role::Units | Role::OnDay | Role::ExternalId);
                let stands = value.is_some_and(|cell| !cell.is_empty());
                if is_amount && stands && column == left {
                    reading.flaws.push(Flaw {
                        row: merged.rows.0,
                        column: Some(column),
                        message: "These cells are merged, so it cannot be known where this belongs. Unmerge them, and write it where it was worked.".to_owned(),
                    });
                }
            }
        }
        self.shared.sort_unstable();
    }

    fn cell(&self, row: &'a Row, column: usize) -> &'a Cell {
        let own = row.cell(column);
        if !own.is_empty() {
            return own;
        }
        // The last that begins here or above. Merged cells do not overlap.
        let place = self.shared.partition_point(|(of, rows, _)| (*of, rows.0) <= (column, row.number));
        let above = place.checked_sub(1).and_then(|place| self.shared.get(place));
        let covers = |(of, rows, _): &&(usize, (u32, u32), usize)| *of == column && row.number <= rows.1;
        above
            .filter(covers)
            .and_then(|(_, rows, left)| Some(self.table.row(rows.0)?.cell(*left)))
            .unwrap_or(own)
    }

    /// The texts of all columns of a role, as one.
    fn text(&self, row: &'a Row, role: Role, aside: Option<&'a String>) -> Cow<'a, str> {
        let mut texts =
            self.columns(role).map(|column| self.cell(row, column)).filter(|cell| !cell.is_empty());
        let first = texts.next().map(Cell::text);
        let rest: Vec<_> = texts.map(Cell::text).collect();
        match first {
            None => Cow::Borrowed(aside.map_or("", String::as_str)),
            Some(first) if rest.is_empty() => first,
            Some(first) => Cow::Owned(format!("{first} {}", rest.join(" "))),
        }
    }

    fn row(&self, row: &'a Row, reading: &mut Reading<'a>) {
        if self.is_sum(row) {
            reading.left_out += 1;
            return;
        }
        let aside = &self.mapping.aside;
        let above = &self.layout.above;
        let line = Drawn {
            row: row.number,
            column: None,
            person: self.text(row, Role::Person, aside.person.as_ref().or(above.person.as_ref())),
            project: self.text(row, Role::Project, aside.project.as_ref().or(above.project.as_ref())),
            task: self.text(row, Role::Task, aside.task.as_ref().or(above.task.as_ref())),
            on: NaiveDate::MIN,
            worked: Worked::Both { spent: Spent::nothing(), units: 0 },
            note: self.text(row, Role::Note, None),
            external_id: self.text(row, Role::ExternalId, None),
        };
        if self.columns(Role::OnDay).next().is_some() {
            self.days(row, &line, reading);
        } else {
            self.one(row, line, reading);
        }
    }

    /// One line in the row.
    fn one(&self, row: &'a Row, line: Drawn<'a>, reading: &mut Reading<'a>) {
        let mut flaws = Vec::new();
        let mut flaw = |column: Option<usize>, message: String| {
            flaws.push(Flaw { row: row.number, column, message });
        };
        let cell = |role: Role| self.columns(role).next().map(|column| (column, self.cell(row, column)));
        let spent = cell(Role::Hours).and_then(|(column, cell)| {
            cell.spent().unwrap_or_else(|wrong| {
                flaw(Some(column), wrong.to_string());
                None
            })
        });
        let units = cell(Role::Units).and_then(|(column, cell)| {
            cell.units().unwrap_or_else(|wrong| {
                flaw(Some(column), wrong.to_string());
                None
            })
        });
        let spent = spent.unwrap_or_else(Spent::nothing);
        if spent.is_nothing() && units.unwrap_or(0) == 0 && flaws.is_empty() {
            reading.left_out += 1;
            return;
        }
        let date = self.columns(Role::Date).next();
        let on = match date {
            None => Err("No column says on which day this was worked. Say below which one it is.".to_owned()),
            Some(column) => day(self.cell(row, column), self.day_order).map_err(|wrong| wrong.to_string()),
        };
        match on {
            Ok(on) if flaws.is_empty() => reading.lines.push(Drawn {
                on,
                column: self.columns(Role::Hours).next().or(self.columns(Role::Units).next()),
                worked: Worked::Both { spent, units: units.unwrap_or(0) },
                ..line
            }),
            Ok(_) => {}
            Err(message) => flaws.push(Flaw { row: row.number, column: date, message }),
        }
        reading.flaws.append(&mut flaws);
    }

    /// A line for each day that something was worked.
    fn days(&self, row: &'a Row, line: &Drawn<'a>, reading: &mut Reading<'a>) {
        let week = self.mapping.aside.week.or(self.layout.above.week);
        let before = (reading.lines.len(), reading.flaws.len());
        for column in self.columns(Role::OnDay) {
            let cell = row.cell(column);
            let (spent, units) = match (cell.spent(), cell.units()) {
                (Err(wrong), Err(_)) => {
                    reading.flaws.push(Flaw {
                        row: row.number,
                        column: Some(column),
                        message: wrong.to_string(),
                    });
                    continue;
                }
                (spent, units) => (spent.ok().flatten(), units.ok().flatten()),
            };
            if spent.as_ref().is_none_or(Spent::is_nothing) && units.unwrap_or(0) == 0 {
                continue;
            }
            let title = self.layout.days.get(column).copied().flatten();
            let Some(on) = title.and_then(|title: DayTitle| title.day(week)) else {
                let message =
                    "It is not said which day this column is about. Say below which week the sheet is of.";
                reading.flaws.push(Flaw {
                    row: row.number,
                    column: Some(column),
                    message: message.to_owned(),
                });
                continue;
            };
            // An id names one line.
            let mut line =
                Drawn { on, column: Some(column), worked: Worked::OnDay { spent, units }, ..line.clone() };
            if !line.external_id.is_empty() {
                line.external_id = Cow::Owned(format!("{}/{on}", line.external_id));
            }
            reading.lines.push(line);
        }
        if before == (reading.lines.len(), reading.flaws.len()) {
            reading.left_out += 1;
        }
    }

    /// “Total”, “Summe”: not a line, but a sum of those above it.
    fn is_sum(&self, row: &'a Row) -> bool {
        let dated = self.columns(Role::Date).any(|column| !row.cell(column).is_empty());
        let first = row.cells.iter().find(|cell| !cell.is_empty());
        let Some(Cell::Text(first)) = first.filter(|_| !dated) else { return false };
        let first = folded(first);
        ["total", "sum", "subtotal", "grand total", "summe", "gesamt", "somme", "suma", "zwischensumme"]
            .iter()
            .any(|word| first == *word || first.strip_prefix(word).is_some_and(|rest| rest.starts_with(' ')))
    }
}
