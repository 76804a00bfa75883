//! Files are taken whole or not at all, and once.

use chrono::{Days, NaiveDate};
use domain::FaultKind;
use domain::people::Role;
use domain::project::TermsDraft;
use domain::timesheet::{LineState, Week};

use super::drops::{dropped, upload, words};
use crate::Error;
use crate::act::Act;
use crate::audit::{Audit, Filter};
use crate::on_db;
use crate::testing::house::House;
use crate::testing::on_both;
use crate::timesheet::import::Standing;

async fn count(house: &House) -> i64 {
    on_db!(&house.db, c => sqlx::query_scalar("SELECT COUNT(*) FROM timesheet_line").fetch_one(c).await)
        .unwrap()
}

/// Hours of Bob on the days from one on, each with an id.
fn file(from: NaiveDate, hours: &[&str]) -> String {
    let rows = hours.iter().zip(0..).map(|(hours, n)| {
        let on = from + Days::new(n);
        format!("{on}/bob,Bob,ACME-1,{on},{hours}\n")
    });
    format!("Id,Name,Project,Date,Hours\n{}", rows.collect::<String>())
}

async fn house_of_bob(db: crate::db::Db) -> (House, Act, Act, NaiveDate) {
    let house = House::new(db);
    let mara = house.join("Mara", Role::Manager).await;
    let bob = house.join("Bob", Role::Annotator).await;
    house.project("acme-1", &["bob"]).await;
    let (_, monday) = house.week();
    (house, mara, bob, monday)
}

#[tokio::test]
async fn a_file_is_taken_once_and_known_ever_after() {
    on_both(async |db| {
        let (house, mara, bob, monday) = house_of_bob(db).await;
        let content = file(monday, &["8", "7:30"]);
        let twice = vec![upload("a.csv", content.clone()), upload("copy of a.csv", content.clone())];
        let seen = dropped(&house, &mara, twice).await;
        assert_eq!((&seen.files[0].standing, &seen.files[1].standing), (&Standing::Ready, &Standing::Twice));
        let taken = house.timesheets.take_files(&mara, seen.id, false).await.unwrap();
        assert_eq!((taken.files, taken.lines), (1, 2));
        let seen = house.timesheets.dropped(&mara, seen.id).await.unwrap();
        assert!(matches!(seen.files[0].standing, Standing::Taken(_)));
        assert!(matches!(&seen.files[1].standing, Standing::Known { name, .. } if name == "a.csv"));

        let again = dropped(&house, &mara, vec![upload("b.csv", content)]).await;
        assert!(matches!(again.files[0].standing, Standing::Known { .. }));
        let nothing = house.timesheets.take_files(&mara, again.id, true).await.unwrap_err().into_fault();
        assert_eq!(nothing.kind, FaultKind::Conflict);
        assert_eq!(count(&house).await, 2);

        // What they are now is what there is: submitted, with a line in the log and a payment to come.
        let me = bob.person().unwrap().id;
        let sheet = house.timesheets.sheet(&bob, me, Week::of(monday), &[]).await.unwrap();
        let states: Vec<_> = sheet.lines().map(|line| (line.state, line.minutes, line.minor)).collect();
        assert_eq!(states, [(LineState::Submitted, 480, 16_000), (LineState::Submitted, 450, 15_000)]);
        assert!(sheet.said.submitted_at.is_some());
        let due: i64 =
            on_db!(&house.db, c => sqlx::query_scalar("SELECT COUNT(*) FROM pay_due").fetch_one(c).await)
                .unwrap();
        assert_eq!(due, 1);
        let log = Audit::new(house.db.clone()).page(&house.system, &Filter::default(), 1).await.unwrap();
        assert_eq!(
            (log.rows[0].action.as_str(), log.rows[0].thing_name.as_str()),
            ("timesheet.file-taken", "a.csv")
        );
    })
    .await;
}

#[tokio::test]
async fn the_same_hours_for_two_projects_are_two_files() {
    on_both(async |db| {
        let (house, mara, _, monday) = house_of_bob(db).await;
        house.project("acme-2", &["bob"]).await;
        let content = format!("Name,Date,Hours\nBob,{monday},3\n");
        let files = vec![upload("acme-1.csv", content.clone()), upload("acme-2.csv", content.clone())];
        let seen = dropped(&house, &mara, files).await;
        assert_eq!(seen.ready().count(), 2, "what their names say is part of them");
        house.timesheets.take_files(&mara, seen.id, false).await.unwrap();
        assert_eq!(count(&house).await, 2);
        let again = dropped(&house, &mara, vec![upload("for acme-2.csv", content)]).await;
        assert!(matches!(&again.files[0].standing, Standing::Known { name, .. } if name == "acme-2.csv"));
    })
    .await;
}

#[tokio::test]
async fn ids_change_lines_and_other_lines_stay() {
    on_both(async |db| {
        let (house, mara, bob, monday) = house_of_bob(db).await;
        let seen = dropped(&house, &mara, vec![upload("a.csv", file(monday, &["8", "7"]))]).await;
        house.timesheets.take_files(&mara, seen.id, false).await.unwrap();
        let seen = dropped(&house, &mara, vec![upload("b.csv", file(monday, &["8", "6:30", "5"]))]).await;
        let it = &seen.files[0].preview;
        assert_eq!((it.new, it.changed, it.same), (1, 1, 1), "{}", words(&seen.files[0]));
        house.timesheets.take_files(&mara, seen.id, false).await.unwrap();
        assert_eq!(count(&house).await, 3);
        let me = bob.person().unwrap().id;
        let sheet = house.timesheets.sheet(&bob, me, Week::of(monday), &[]).await.unwrap();
        assert_eq!(sheet.lines().map(|line| line.minutes).collect::<Vec<_>>(), [480, 390, 300]);
        // The sums of the project know what has changed.
        let sum: i64 = on_db!(&house.db, c => sqlx::query_scalar("SELECT minutes FROM timesheet_total").fetch_one(c).await).unwrap();
        assert_eq!(sum, 1_170);

        let nameless = format!("Name,Project,Date,Hours\nBob,ACME-1,{monday},4\n");
        let moved = format!("Id,Name,Project,Date,Hours\n{monday}/bob,Bob,ACME-1,{},4\n", monday + Days::new(4));
        let seen = dropped(&house, &mara, vec![upload("c.csv", nameless), upload("d.csv", moved)]).await;
        assert!(words(&seen.files[0]).contains("another line for this task and day: 8:00"), "{}", words(&seen.files[0]));
        assert!(words(&seen.files[1]).contains("called so already"), "{}", words(&seen.files[1]));
    })
    .await;
}

#[tokio::test]
async fn drafts_of_the_same_are_submitted_by_staff() {
    on_both(async |db| {
        let (house, mara, bob, monday) = house_of_bob(db).await;
        let own = dropped(&house, &bob, vec![upload("own.csv", file(monday, &["8"]))]).await;
        house.timesheets.take_files(&bob, own.id, false).await.unwrap();
        let seen = dropped(&house, &mara, vec![upload("all.csv", file(monday, &["8", "7"]))]).await;
        assert_eq!((seen.files[0].preview.changed, seen.files[0].preview.new), (1, 1));
        house.timesheets.take_files(&mara, seen.id, false).await.unwrap();
        let me = bob.person().unwrap().id;
        let sheet = house.timesheets.sheet(&bob, me, Week::of(monday), &[]).await.unwrap();
        assert!(!sheet.is_open() && sheet.lines().count() == 2);
        // From then on they are not theirs to change.
        let seen = dropped(&house, &bob, vec![upload("late.csv", file(monday, &["9"]))]).await;
        assert!(words(&seen.files[0]).contains("Ask the manager to return it"), "{}", words(&seen.files[0]));
    })
    .await;
}

#[tokio::test]
async fn what_is_unusual_is_confirmed_once_for_all() {
    on_both(async |db| {
        let (house, mara, _, monday) = house_of_bob(db).await;
        let saturday = monday + Days::new(5);
        let seen = dropped(&house, &mara, vec![upload("a.csv", file(saturday, &["4", "4"]))]).await;
        assert_eq!((seen.unusual(), seen.files[0].preview.unusual.len()), (2, 2));
        let asked = house.timesheets.take_files(&mara, seen.id, false).await.unwrap_err().into_fault();
        assert_eq!((asked.fields[0].field.as_str(), count(&house).await), ("confirm", 0));
        house.timesheets.take_files(&mara, seen.id, true).await.unwrap();
        assert_eq!(count(&house).await, 2);
    })
    .await;
}

#[tokio::test]
async fn what_has_changed_since_it_was_looked_at_is_looked_at_again() {
    on_both(async |db| {
        let (house, mara, bob, monday) = house_of_bob(db).await;
        let files = vec![
            upload("a.csv", file(monday, &["8", "8"])),
            upload("b.csv", file(monday + Days::new(2), &["8"])),
        ];
        let seen = dropped(&house, &mara, files).await;
        assert_eq!(seen.ready().count(), 2);
        // Meanwhile Bob has entered one of the days himself.
        let (project, task) = {
            let me = bob.person().unwrap().id;
            let sheet = house.timesheets.sheet(&bob, me, Week::of(monday), &[]).await.unwrap();
            (sheet.others[0].0.clone(), sheet.others[0].1.id)
        };
        house.submit(&bob, task, &[(monday, "3")]).await;
        let taken = house.timesheets.take_files(&mara, seen.id, false).await.unwrap();
        assert_eq!((taken.files, taken.lines, taken.refused), (1, 1, 1), "all of a file or nothing");
        assert_eq!(count(&house).await, 2);
        let seen = house.timesheets.dropped(&mara, seen.id).await.unwrap();
        assert_eq!(seen.files[0].standing, Standing::Wrong, "{}", words(&seen.files[0]));
        assert!(words(&seen.files[0]).contains("another line"), "{}", words(&seen.files[0]));

        // A budget that does not suffice refuses the whole file.
        let terms = TermsDraft {
            rhythm: "monthly".into(),
            starts_on: "2026-01-05".into(),
            cut_off_days: "20".into(),
            grace_days: "20".into(),
            pay_days: "50".into(),
            zone: "UTC".into(),
            backdate_days: "60".into(),
            budget_hours: "12".into(),
            ..TermsDraft::default()
        };
        house.projects.set_terms(&house.system, project.id, 0, &terms).await.unwrap();
        let over =
            dropped(&house, &mara, vec![upload("c.csv", file(monday + Days::new(3), &["1", "8"]))]).await;
        assert!(words(&over.files[0]).contains("only 0:00 left"), "{}", words(&over.files[0]));
        house.timesheets.forget_drop(&mara, over.id).await.unwrap();
        let gone = house.timesheets.dropped(&mara, over.id).await.unwrap_err().into_fault();
        assert_eq!(gone.kind, FaultKind::NotFound);
    })
    .await;
}

#[tokio::test]
async fn many_at_once_take_a_file_once() {
    on_both(async |db| {
        let (house, mara, _, monday) = house_of_bob(db).await;
        let content = file(monday, &["8", "7", "6"]);
        let one = dropped(&house, &mara, vec![upload("a.csv", content.clone())]).await.id;
        let other = dropped(&house, &mara, vec![upload("b.csv", content)]).await.id;
        let take = |id| Box::pin(house.timesheets.take_files(&mara, id, false));
        let (a, b, c, d) = tokio::join!(take(one), take(other), take(one), take(other));
        let lines: usize = [a, b, c, d].into_iter().filter_map(Result::ok).map(|taken| taken.lines).sum();
        assert_eq!((lines, count(&house).await), (3, 3));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_files_that_call_their_lines_the_same_at_the_same_moment_one_is_looked_at_again() {
    on_both(async |db| {
        let house = House::new(db);
        let mara = house.join("Mara", Role::Manager).await;
        for name in ["Ann", "Bob"] {
            house.join(name, Role::Annotator).await;
        }
        house.project("acme-1", &["ann", "bob"]).await;
        let (_, monday) = house.week();
        for n in 0..5 {
            let theirs = file(monday + Days::new(n), &["1"]);
            let others = theirs.replace(",Bob,", ",Ann,");
            let one = dropped(&house, &mara, vec![upload("bob.csv", theirs)]).await;
            let other = dropped(&house, &mara, vec![upload("ann.csv", others)]).await;
            let take = |id| {
                let (timesheets, mara) = (house.timesheets.clone(), mara.clone());
                tokio::spawn(async move { timesheets.take_files(&mara, id, true).await })
            };
            let (one, other) = tokio::join!(take(one.id), take(other.id));
            for done in [one, other] {
                // It is told so, and not that something went wrong on our side.
                let done = done.unwrap();
                assert!(matches!(done, Ok(_) | Err(Error::Fault(_))), "{done:?}");
            }
        }
        assert_eq!(count(&house).await, 5);
    })
    .await;
}
