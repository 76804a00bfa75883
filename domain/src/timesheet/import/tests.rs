use chrono::NaiveDate;
use proptest::prelude::*;

use super::*;
use crate::timesheet::{Hours, Spent};

fn on(day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, day).unwrap()
}

/// A sheet of texts; empty ones are empty cells.
fn table(rows: &[&[&str]]) -> Table {
    let cell = |text: &&str| if text.is_empty() { Cell::Empty } else { Cell::Text((*text).to_owned()) };
    let rows =
        rows.iter().zip(1..).map(|(row, number)| Row { number, cells: row.iter().map(cell).collect() });
    Table { rows: rows.collect(), merged: Vec::new() }
}

fn mapping(layout: &Layout) -> Mapping {
    Mapping { roles: layout.guess(), ..Mapping::default() }
}

/// Person, project, task, day of the month, minutes and units of each line.
fn lines(reading: &Reading<'_>) -> Vec<(String, String, String, u32, i64, i64)> {
    let amounts = |worked: Worked| match worked {
        Worked::Both { spent, units } => (spent.usual_minutes(), units),
        Worked::OnDay { spent, units } => {
            (spent.map_or(-1, |spent| spent.usual_minutes()), units.unwrap_or(-1))
        }
    };
    let line = |line: &Drawn<'_>| {
        let (minutes, units) = amounts(line.worked.clone());
        let day = chrono::Datelike::day(&line.on);
        (line.person.to_string(), line.project.to_string(), line.task.to_string(), day, minutes, units)
    };
    reading.lines.iter().map(line).collect()
}

#[test]
fn a_list_is_read_by_its_titles() {
    let table = table(&[
        &["Timesheets of November", "", "", "", "", "", ""],
        &[
            "Entry ID",
            "E-Mail",
            "Name",
            "Project code",
            "Activity",
            "Datum",
            "Hours (h:mm)",
            "Qty",
            "Comments",
        ],
        &["a1", "ana@example.org", "Ana", "P-1", "Boxes", "3.11.2026", "7:30", "", "Long day"],
        &["a2", "bo@example.org", "Bo", "P-1", "Boxes", "4.11.2026", "", "120", ""],
        &["", "", "", "", "", "", "", "", ""],
        &["Total", "", "", "", "", "", "7:30", "120", ""],
    ]);
    let layout = Layout::of(&table, on(10)).unwrap();
    assert_eq!(layout.head, 1);
    let mapping = mapping(&layout);
    assert_eq!(
        mapping.roles,
        [
            Role::ExternalId,
            Role::Person,
            Role::Ignored,
            Role::Project,
            Role::Task,
            Role::Date,
            Role::Hours,
            Role::Units,
            Role::Note,
        ]
    );
    let reading = Reading::of(&table, &layout, &mapping);
    assert_eq!(reading.flaws, []);
    assert_eq!(reading.left_out, 1, "the total is no line");
    let text = str::to_owned;
    assert_eq!(
        lines(&reading),
        [
            (text("ana@example.org"), text("P-1"), text("Boxes"), 3, 450, 0),
            (text("bo@example.org"), text("P-1"), text("Boxes"), 4, 0, 120),
        ]
    );
    assert_eq!(
        (reading.lines[0].row, &*reading.lines[0].note, &*reading.lines[0].external_id),
        (3, "Long day", "a1")
    );
}

#[test]
fn a_grid_is_read_by_the_days_in_its_titles() {
    let table = table(&[
        &["Project:", "P-17", "", ""],
        &["Employee", "Task", "Mon 2.11.", "Tue 3.11.", "Total hours"],
        &["Ana Pérez", "Boxes", "7,5", "-", "7,5"],
        &["Bo Chen", "Labels", "0", "many", ""],
        &["Cy", "Boxes", "", "", "0"],
    ]);
    let layout = Layout::of(&table, on(10)).unwrap();
    let mapping = mapping(&layout);
    assert_eq!(mapping.roles, [Role::Person, Role::Task, Role::OnDay, Role::OnDay, Role::Ignored]);
    let reading = Reading::of(&table, &layout, &mapping);
    assert_eq!(
        lines(&reading),
        [("Ana Pérez".to_owned(), "P-17".to_owned(), "Boxes".to_owned(), 2, 450, -1)]
    );
    assert_eq!(reading.flaws.len(), 1);
    assert_eq!((reading.flaws[0].row, reading.flaws[0].column), (4, Some(3)));
    assert_eq!(reading.left_out, 1);
    assert_eq!(layout.key(), "employee|task|#|total hours");
}

#[test]
fn weekdays_are_those_of_the_week_above_them() {
    let rows: &[&[&str]] = &[
        &["Week starting", "2026-11-02"],
        &["Name", "Task", "Mon", "Tue", "Wed", "Thu", "Fri"],
        &["Ana", "Boxes", "8", "", "4:15", "", ""],
    ];
    let with = table(rows);
    let layout = Layout::of(&with, on(10)).unwrap();
    let known = mapping(&layout);
    let reading = Reading::of(&with, &layout, &known);
    let days: Vec<_> = reading.lines.iter().map(|line| line.on).collect();
    assert_eq!(days, [on(2), on(4)]);
    let without = table(&rows[1..]);
    let layout = Layout::of(&without, on(10)).unwrap();
    let mut unknown = mapping(&layout);
    let flaws = Reading::of(&without, &layout, &unknown).flaws;
    assert!(flaws.iter().all(|flaw| flaw.message.contains("which week")) && flaws.len() == 2, "{flaws:?}");
    unknown.aside.week = Some(on(5));
    assert_eq!(Reading::of(&without, &layout, &unknown).lines.len(), 2);
}

#[test]
fn what_can_be_read_two_ways_is_asked() {
    let table =
        table(&[&["Name", "Date", "Hours"], &["Ana", "03/11/2026", "8"], &["Ana", "04/11/2026", "8"]]);
    let layout = Layout::of(&table, on(10)).unwrap();
    let mut mapping = mapping(&layout);
    let reading = Reading::of(&table, &layout, &mapping);
    assert!(reading.is_ambiguous && reading.lines.is_empty() && reading.flaws.len() == 2);
    mapping.day_order = Some(DayOrder::DayFirst);
    let reading = Reading::of(&table, &layout, &mapping);
    assert!(!reading.is_ambiguous && reading.flaws.is_empty());
    assert_eq!(reading.lines.iter().map(|line| line.on).collect::<Vec<_>>(), [on(3), on(4)]);
}

#[test]
fn merged_cells_share_names_and_never_amounts() {
    let mut table = table(&[
        &["Name", "Task", "Date", "Hours"],
        &["Ana", "Boxes", "2026-11-02", "8"],
        &["", "Labels", "2026-11-03", "16"],
        &["", "Labels", "2026-11-04", ""],
    ]);
    table.merged = vec![Merged { rows: (2, 4), columns: (0, 0) }, Merged { rows: (3, 4), columns: (3, 3) }];
    let layout = Layout::of(&table, on(10)).unwrap();
    let mapping = mapping(&layout);
    let reading = Reading::of(&table, &layout, &mapping);
    assert!(reading.lines.iter().all(|line| line.person == "Ana"));
    assert_eq!(reading.flaws.len(), 1);
    assert_eq!((reading.flaws[0].row, reading.flaws[0].column), (3, Some(3)));
}

#[expect(clippy::unnecessary_wraps, reason = "as a cell answers it")]
fn hours(minutes: i64) -> Option<Spent> {
    Some(Spent::Hours(Hours::of_minutes(minutes)))
}

#[test]
fn numbers_times_and_failed_formulas_are_read_for_what_they_are() {
    assert_eq!(Cell::Number(7.5).spent().unwrap(), hours(450));
    assert_eq!(Cell::Number(0.1 + 0.2).spent().unwrap(), hours(18));
    assert_eq!(Cell::Text("7:30:00".into()).spent().unwrap(), hours(450));
    assert_eq!(Cell::Minutes(450).spent().unwrap(), hours(450));
    assert_eq!(Cell::Text("9-12:30, 13-17".into()).spent().unwrap().map(|it| it.usual_minutes()), Some(450));
    assert_eq!(Cell::Number(12.0).units().unwrap(), Some(12));
    for wrong in [
        Cell::Number(-1.0),
        Cell::Number(f64::NAN),
        Cell::Number(1e300),
        Cell::Broken("#REF!".into()),
        Cell::Day(on(1)),
        Cell::Text("=1+1".into()),
    ] {
        assert!(wrong.spent().is_err() && wrong.units().is_err(), "{wrong:?}");
    }
    assert!(Cell::Number(1.5).units().is_err());
}

#[test]
fn titles_without_a_meaning_are_left_to_a_person() {
    let table = table(&[&["Wer", "Wann", "Wieviel"], &["Ana", "2026-11-02", "8"]]);
    assert_eq!(Layout::of(&table, on(10)), None);
    let layout = Layout::unknown(&table, on(10)).unwrap();
    assert_eq!(layout.head, 0);
    let mapping = Mapping { roles: vec![Role::Person, Role::Date, Role::Hours], ..Mapping::default() };
    assert_eq!(Reading::of(&table, &layout, &mapping).lines.len(), 1);
}

proptest! {
    #[test]
    fn no_sheet_makes_it_panic(rows in prop::collection::vec(prop::collection::vec(".{0,12}", 0..6), 0..8)) {
        let rows: Vec<Vec<&str>> = rows.iter().map(|row| row.iter().map(String::as_str).collect()).collect();
        let rows: Vec<&[&str]> = rows.iter().map(Vec::as_slice).collect();
        let table = table(&rows);
        for layout in [Layout::of(&table, on(10)), Layout::unknown(&table, on(10))].into_iter().flatten() {
            let _ = Reading::of(&table, &layout, &mapping(&layout));
        }
    }

    /// However the rows are ordered, they come to the same lines.
    #[test]
    fn order_does_not_matter(days in prop::collection::vec((1_u32..29, 1_i64..600), 1..20), seed in any::<usize>()) {
        let written: Vec<_> = days.iter().map(|(day, minutes)| (format!("2026-11-{day:02}"), format!("{}:{:02}", minutes / 60, minutes % 60))).collect();
        let read = |order: &[usize]| {
            let mut rows: Vec<Vec<&str>> = vec![vec!["Date", "Hours"]];
            rows.extend(order.iter().map(|place| vec![written[*place].0.as_str(), written[*place].1.as_str()]));
            let rows: Vec<&[&str]> = rows.iter().map(Vec::as_slice).collect();
            let table = table(&rows);
            let layout = Layout::of(&table, on(10)).unwrap();
            let mapping = mapping(&layout);
            let reading = Reading::of(&table, &layout, &mapping);
            let mut all: Vec<_> = reading.lines.iter().map(|line| (line.on, format!("{:?}", line.worked))).collect();
            all.sort();
            all
        };
        let straight: Vec<usize> = (0..written.len()).collect();
        let mut turned = straight.clone();
        turned.rotate_left(seed % written.len());
        turned.reverse();
        prop_assert_eq!(read(&straight), read(&turned));
    }
}
