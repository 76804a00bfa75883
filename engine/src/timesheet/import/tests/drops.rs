//! What files are seen as before they are taken.

use chrono::{Days, NaiveDate};
use domain::people::Role;
use domain::timesheet::import::{Aside, Mapping, Role as Column};

use super::books::{Page, book, number, page, row, text};
use crate::act::Act;
use crate::testing::house::House;
use crate::testing::on_both;
use crate::timesheet::import::{Dropped, FileSeen, Standing, Upload};

pub fn upload(name: &str, content: impl Into<Vec<u8>>) -> Upload {
    Upload { name: name.to_owned(), content: content.into() }
}

pub async fn dropped(house: &House, act: &Act, uploads: Vec<Upload>) -> Dropped {
    let id = house.timesheets.drop_files(act, uploads).await.unwrap();
    house.timesheets.dropped(act, id).await.unwrap()
}

pub fn words(file: &FileSeen) -> String {
    let said = file.preview.flaws.iter().map(|said| format!("{:?} {}", said.rows, said.message));
    file.preview.unreadable.iter().cloned().chain(said).collect::<Vec<_>>().join(" | ")
}

/// The number by which spreadsheets know a day.
fn serial(day: NaiveDate) -> f64 {
    f64::from(i32::try_from((day - NaiveDate::from_ymd_opt(1899, 12, 30).unwrap()).num_days()).unwrap())
}

/// Twenty files for twenty projects, no two of them alike, each with 8 hours of Bob on a Monday and 6:30 of Ada on the
/// day after.
async fn twenty(house: &House) -> Vec<Upload> {
    let (_, monday) = house.week();
    let mut uploads = Vec::new();
    for n in 1..=20_u32 {
        let code = format!("P-{n}");
        house.project(&code, &["bob", "ada"]).await;
        // A day has only so many hours.
        let first = monday - Days::new(u64::from(7 * n));
        let second = first.succ_opt().unwrap();
        let of = |day: NaiveDate, format: &str| day.format(format).to_string();
        let content: Vec<u8> = match n % 10 {
            0 => format!("email,project,task,date,hours\nbob@example.com,{code},Labels,{first},8\nada@example.com,{code},Labels,{second},6.5\n").into(),
            1 => format!("Name;Datum;Stunden\r\nBob;{};8,0\r\nAda;{};6,5\r\n", of(first, "%d.%m.%Y"), of(second, "%d.%m.%Y")).into(),
            2 => format!("\u{feff}Project:\t{code}\n\nEmployee\tTask\t{}\t{}\tTotal\nBob\tLabels\t8:00\t\t8:00\nAda\tLabels\t\t6:30\t6:30\n", of(first, "%a %d.%m."), of(second, "%a %d.%m.")).into(),
            3 => {
                let mut latin = b"Bemerkung;Mitarbeiter;Tag;Zeit\n".to_vec();
                latin.extend(format!("gepr{};Bob;{};8h\n;Ada;{};6h30\n", 'x', of(first, "%-d. %B %Y"), of(second, "%-d. %B %Y")).bytes().map(|b| if b == b'x' { 0xfc } else { b }));
                latin
            }
            4 => book(&[page(&[
                row(1, &[text("A1", "Timesheet"), text("B1", &code)]),
                row(3, &[text("A3", "Annotator"), text("B3", "Activity"), text("C3", "Date"), text("D3", "Hours worked")]),
                row(4, &[text("A4", "Bob"), text("B4", "Labels"), number("C4", 1, serial(first)), number("D4", 0, 8.0)]),
                row(5, &[text("A5", "Ada"), text("B5", "Labels"), number("C5", 1, serial(second)), number("D5", 2, 6.5 / 24.0)]),
                row(6, &[text("A6", "Total"), number("D6", 0, 14.5)]),
            ])]),
            5 => book(&[
                Page { name: "Read me", state: "visible", rows: row(1, &[text("A1", "Please fill in")]), merged: &[] },
                page(&[
                    row(1, &[text("A1", "Week of"), number("B1", 1, serial(first))]),
                    row(2, &[text("A2", "Name"), text("B2", "Mon"), text("C2", "Tue"), text("D2", "Wed")]),
                    row(3, &[text("A3", "Bob"), number("B3", 0, 8.0)]),
                    row(4, &[text("A4", "Ada"), number("C4", 0, 6.5)]),
                ]),
            ]),
            6 => format!("First name,Last name,Email,Work date,Duration,Comments\nBob,B,bob@example.com,{},08:00:00,\nAda,A,ada@example.com,{},06:30:00,late\n", of(first, "%Y%m%d"), of(second, "%Y%m%d")).into(),
            7 => book(&[Page {
                merged: &["A2:A3"],
                ..page(&[
                    row(1, &[text("A1", "Projekt"), text("B1", "Name"), text("C1", "Datum"), text("D1", "Std.")]),
                    row(2, &[text("A2", &code), text("B2", "Bob"), number("C2", 0, serial(first)), text("D2", "8")]),
                    row(3, &[text("B3", "Ada"), number("C3", 0, serial(second)), text("D3", "6,5")]),
                ])
            }]),
            8 => format!("sep=|\nUser|Day|Time spent\nBob|{}|480m\nAda|{}|390 min\n", of(first, "%B %-d, %Y"), of(second, "%B %-d, %Y")).into(),
            _ => format!("Resource,Date,Hours\n\"BOB\",{},8\n\"ADA\",{},6:30\n\nSumme,,14:30\n", of(first, "%d-%b-%Y"), of(second, "%d-%b-%y")).into(),
        };
        uploads.push(upload(
            &format!("November {code} (final).{}", if content.starts_with(b"PK") { "xlsx" } else { "csv" }),
            content,
        ));
    }
    uploads
}

#[tokio::test]
async fn twenty_differing_files_are_one_preview() {
    on_both(async |db| {
        let house = House::new(db);
        let mara = house.join("Mara", Role::Manager).await;
        house.join("Bob", Role::Annotator).await;
        house.join("Ada", Role::Annotator).await;
        let files = twenty(&house).await;
        let seen = dropped(&house, &mara, files).await;
        for file in &seen.files {
            assert_eq!(file.standing, Standing::Ready, "{}: {}", file.name, words(file));
            let it = &file.preview;
            assert_eq!((it.new, it.people, it.minutes, it.unusual_lines), (2, 2, 870, 0), "{}", file.name);
        }
        let taken = house.timesheets.take_files(&mara, seen.id, false).await.unwrap();
        assert_eq!((taken.files, taken.lines, taken.refused), (20, 40, 0));
    })
    .await;
}

#[tokio::test]
async fn every_fault_has_its_row_and_column() {
    on_both(async |db| {
        let house = House::new(db);
        let mara = house.join("Mara", Role::Manager).await;
        house.join("Bob", Role::Annotator).await;
        house.join("Eve", Role::Annotator).await;
        house.project("acme-1", &["bob"]).await;
        let (_, monday) = house.week();
        let tuesday = monday.succ_opt().unwrap();
        let tomorrow = house.today().succ_opt().unwrap();
        let file = format!(
            "Name,Project,Task,Date,Hours,Note\n\
             Bob,ACME-1,Labels,{monday},8,fine\n\
             Zed,ACME-1,Labels,{monday},8,\n\
             Bob,ACME-9,Labels,{monday},8,\n\
             Bob,ACME-1,Boxes,{monday},8,\n\
             Bob,ACME-1,Labels,31.02.2026,8,\n\
             Bob,ACME-1,Labels,{tuesday},many,\n\
             Bob,ACME-1,Labels,{tomorrow},2,\n\
             Eve,ACME-1,Labels,{monday},2,\n\
             Bob,ACME-1,Labels,{monday},3,\n\
             Bob,ACME-1,Labels,{tuesday},9:30,\n"
        );
        let seen = dropped(&house, &mara, vec![upload("a.csv", file)]).await;
        let file = &seen.files[0];
        assert_eq!(file.standing, Standing::Wrong);
        let flaws = &file.preview.flaws;
        let expected = [
            (3, Some(0), "Nobody here is called “Zed”"),
            (4, Some(1), "No project has the code or name “ACME-9”"),
            (5, Some(2), "ACME-1 has no task “Boxes”. It has Labels."),
            (6, Some(3), "This is no date"),
            (7, Some(4), "Write hours like"),
            (8, Some(3), "This day has not come yet"),
            (9, Some(3), "They are not on this project"),
            (10, Some(3), "Row 2 has the same person, task and day"),
            (11, Some(5), "Say in a note why"),
        ];
        assert_eq!(flaws.len(), expected.len(), "{}", words(file));
        for (flaw, (row, column, message)) in flaws.iter().zip(expected) {
            assert_eq!((flaw.rows.as_slice(), flaw.column), (&[row][..], column), "{flaw:?}");
            assert!(flaw.message.contains(message), "{flaw:?}");
        }
        assert_eq!(file.preview.flawed_rows, 9);
        let refused = house.timesheets.take_files(&mara, seen.id, true).await.unwrap_err().into_fault();
        assert!(refused.message.contains("nothing to take"), "{refused}");
    })
    .await;
}

#[tokio::test]
async fn what_columns_are_is_said_once() {
    on_both(async |db| {
        let house = House::new(db);
        let mara = house.join("Mara", Role::Manager).await;
        house.join("Bob", Role::Annotator).await;
        house.project("acme-1", &["bob"]).await;
        let (_, monday) = house.week();
        let file = |day: NaiveDate, hours: &str| {
            format!("Wer,Wann,Wieviel\nBob,{},{hours}\n", day.format("%d/%m/%Y"))
        };
        let first =
            vec![upload("a.csv", file(monday, "8")), upload("b.csv", file(monday + Days::new(1), "7"))];
        let seen = dropped(&house, &mara, first).await;
        assert!(
            seen.files.iter().all(|file| file.standing == Standing::Wrong),
            "nothing is known of these columns"
        );
        assert!(words(&seen.files[0]).contains("It is not clear which columns"), "{}", words(&seen.files[0]));
        let aside = Aside { project: Some("ACME-1".into()), ..Aside::default() };
        let roles = vec![Column::Person, Column::Date, Column::Hours];
        let day_order = Some(domain::timesheet::import::DayOrder::DayFirst);
        let mapping = Mapping { roles, day_order, aside };
        house.timesheets.map_file(&mara, seen.id, seen.files[0].id, &mapping).await.unwrap();
        let seen = house.timesheets.dropped(&mara, seen.id).await.unwrap();
        assert_eq!(seen.files[0].standing, Standing::Ready, "{}", words(&seen.files[0]));
        // Its columns are the same; for which project it is, only its own words say.
        assert!(words(&seen.files[1]).contains("not said which project"), "{}", words(&seen.files[1]));
        let later =
            dropped(&house, &mara, vec![upload("acme-1 c.csv", file(monday + Days::new(2), "6"))]).await;
        assert_eq!(later.files[0].standing, Standing::Ready, "{}", words(&later.files[0]));
    })
    .await;
}

#[tokio::test]
async fn whoever_is_no_staff_brings_drafts_of_their_own() {
    on_both(async |db| {
        let house = House::new(db);
        let bob = house.join("Bob", Role::Annotator).await;
        let ada = house.join("Ada", Role::Annotator).await;
        house.project("acme-1", &["bob", "ada"]).await;
        let (week, monday) = house.week();
        let others = format!("Name,Project,Date,Hours\nAda,ACME-1,{monday},8\n");
        let seen = dropped(&house, &bob, vec![upload("a.csv", others)]).await;
        assert!(words(&seen.files[0]).contains("is not you"), "{}", words(&seen.files[0]));
        // Nine hours need a note, before they are submitted and not before they are drafts.
        let own = format!("Project,Date,Hours\nACME-1,{monday},9\n");
        let seen = dropped(&house, &bob, vec![upload("b.csv", own)]).await;
        assert_eq!(seen.files[0].standing, Standing::Ready, "{}", words(&seen.files[0]));
        house.timesheets.take_files(&bob, seen.id, false).await.unwrap();
        let me = bob.person().unwrap().id;
        let sheet = house.timesheets.sheet(&bob, me, week, &[]).await.unwrap();
        assert!(sheet.is_open() && sheet.lines().all(|line| line.minutes == 540 && line.file_id.is_some()));
        let hidden = house.timesheets.dropped(&ada, seen.id).await.unwrap_err().into_fault();
        assert_eq!(hidden.kind, domain::FaultKind::NotFound);
        assert!(house.timesheets.drops(&ada, 10).await.unwrap().is_empty());
        assert_eq!(house.timesheets.drops(&bob, 10).await.unwrap().len(), 2);
    })
    .await;
}
