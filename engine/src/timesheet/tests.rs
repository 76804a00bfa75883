use chrono::{Days, NaiveDate};
use domain::FaultKind;
use domain::ids::{PersonId, TaskTypeId};
use domain::people::Role;
use domain::project::TermsDraft;
use domain::timesheet::{LineState, Week};

mod clock;

use super::*;
use crate::act::Act;
use crate::audit::{Audit, Filter};
use crate::testing::house::House;
use crate::testing::on_both;

fn id(act: &Act) -> PersonId {
    act.person().unwrap().id
}

fn entry(task: TaskTypeId, on: NaiveDate, hours: &str) -> LineDraft {
    LineDraft { task, on, hours: hours.into(), units: String::new(), note: String::new(), external_id: None }
}

fn words(entered: &Entered) -> String {
    entered.said.iter().map(|said| said.message.as_str()).collect::<Vec<_>>().join(" | ")
}

#[tokio::test]
async fn a_week_is_entered_changed_and_submitted() {
    on_both(async |db| {
        let house = House::new(db);
        let bob = house.join("Bob", Role::Annotator).await;
        let (_, task) = house.project("acme-1", &["bob"]).await;
        let (week, monday) = house.week();
        let me = id(&bob);
        let sheet = house.timesheets.sheet(&bob, me, week, &[]).await.unwrap();
        assert_eq!((sheet.rows.len(), sheet.others.len(), sheet.said.version), (0, 1, 0));

        let drafts = [entry(task, monday, "7:30"), entry(task, monday.succ_opt().unwrap(), "8h")];
        let (said, entered) = house.timesheets.save(&bob, me, week, Some(0), &drafts).await.unwrap();
        assert_eq!((said.version, entered.put.len(), words(&entered)), (1, 2, String::new()));
        assert_eq!(entered.put[0].minor, 15_000);
        // The same again changes nothing, and so is no new version.
        let (said, entered) = house.timesheets.save(&bob, me, week, Some(1), &drafts).await.unwrap();
        assert_eq!((said.version, entered), (1, Entered::default()));
        let (said, entered) =
            house.timesheets.save(&bob, me, week, Some(1), &[entry(task, monday, "")]).await.unwrap();
        assert_eq!((said.version, entered.deleted.len()), (2, 1));
        let twice = [entry(task, monday, "1"), entry(task, monday, "2")];
        let twice = house.timesheets.save(&bob, me, week, Some(2), &twice).await.unwrap_err().into_fault();
        assert_eq!(twice.kind, FaultKind::Invalid);
        let stale = house.timesheets.save(&bob, me, week, Some(1), &[entry(task, monday, "1")]).await;
        assert_eq!(stale.unwrap_err().into_fault().kind, FaultKind::Conflict);

        let said = house.timesheets.submit(&bob, me, week, 2, false).await.unwrap();
        assert!(said.submitted_at.is_some());
        let sheet = house.timesheets.sheet(&bob, me, week, &[]).await.unwrap();
        assert!(!sheet.is_open());
        assert_eq!(sheet.lines().map(|line| line.state).collect::<Vec<_>>(), [LineState::Submitted]);
        let late = [entry(task, monday.succ_opt().unwrap(), "9")];
        let (_, entered) = house.timesheets.save(&bob, me, week, Some(3), &late).await.unwrap();
        assert!(words(&entered).contains("Ask the manager to return it"), "{}", words(&entered));
        let again = house.timesheets.submit(&bob, me, week, 3, true).await.unwrap_err().into_fault();
        assert_eq!(again.kind, FaultKind::Conflict, "there is nothing left to submit");

        let audit = Audit::new(house.db.clone());
        let lines = audit.page(&house.system, &Filter::default(), 1).await.unwrap();
        assert_eq!(lines.rows[0].action.as_str(), "timesheet.submitted");
    })
    .await;
}

#[tokio::test]
async fn what_is_unusual_is_noted_and_confirmed_and_what_is_wrong_is_not_kept() {
    on_both(async |db| {
        let house = House::new(db);
        let bob = house.join("Bob", Role::Annotator).await;
        let (_, task) = house.project("acme-1", &["bob"]).await;
        let (week, monday) = house.week();
        let me = id(&bob);
        let tomorrow = house.today().succ_opt().unwrap();
        let this_week = Week::of(tomorrow);
        let (_, early) =
            house.timesheets.save(&bob, me, this_week, Some(0), &[entry(task, tomorrow, "1")]).await.unwrap();
        assert_eq!((early.put.len(), words(&early).as_str()), (0, "This day has not come yet."));
        let (_, wrong) =
            house.timesheets.save(&bob, me, week, Some(0), &[entry(task, monday, "25:00")]).await.unwrap();
        assert!(wrong.put.is_empty() && words(&wrong).contains("24:00 hours"), "{}", words(&wrong));
        let (_, unread) =
            house.timesheets.save(&bob, me, week, Some(0), &[entry(task, monday, "many")]).await.unwrap();
        assert_eq!(words(&unread), "Write hours like 7:30, 7.5 or 7h30.");

        let (said, long) =
            house.timesheets.save(&bob, me, week, Some(0), &[entry(task, monday, "9")]).await.unwrap();
        assert_eq!((said.version, long.put.len(), long.said.len()), (1, 1, 2), "{}", words(&long));
        let without_note = house.timesheets.submit(&bob, me, week, 1, true).await.unwrap_err().into_fault();
        assert_eq!(without_note.fields[0].field, field(task, monday, domain::timesheet::rules::Part::Note));
        let noted = LineDraft { note: "Deadline".into(), ..entry(task, monday, "9") };
        house.timesheets.save(&bob, me, week, Some(1), &[noted]).await.unwrap();
        let unconfirmed = house.timesheets.submit(&bob, me, week, 2, false).await.unwrap_err().into_fault();
        assert_eq!(unconfirmed.fields[0].field, CONFIRM);
        house.timesheets.submit(&bob, me, week, 2, true).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn nothing_worked_is_an_answer() {
    on_both(async |db| {
        let house = House::new(db);
        let bob = house.join("Bob", Role::Annotator).await;
        let (_, task) = house.project("acme-1", &["bob"]).await;
        let (week, monday) = house.week();
        let me = id(&bob);
        let empty = house.timesheets.submit(&bob, me, week, 0, false).await.unwrap_err().into_fault();
        assert_eq!(empty.kind, FaultKind::Conflict);
        assert!(house.timesheets.worked_nothing(&bob, me, week, 0).await.unwrap().idle);
        let (said, _) =
            house.timesheets.save(&bob, me, week, Some(1), &[entry(task, monday, "1")]).await.unwrap();
        assert!(!said.idle, "something was worked after all");
        let but = house.timesheets.worked_nothing(&bob, me, week, 2).await.unwrap_err().into_fault();
        assert_eq!(but.kind, FaultKind::Conflict);
    })
    .await;
}

#[tokio::test]
async fn staff_may_enter_late_change_what_was_submitted_and_return_it() {
    on_both(async |db| {
        let house = House::new(db);
        let (bob, mia) = (house.join("Bob", Role::Annotator).await, house.join("Mia", Role::Manager).await);
        let eve = house.join("Eve", Role::Annotator).await;
        let (_, task) = house.project("acme-1", &["bob"]).await;
        let me = id(&bob);
        let long_ago = house.today() - Days::new(200);
        let then = Week::of(long_ago);
        let draft = [entry(task, long_ago, "4")];
        let (_, late) = house.timesheets.save(&bob, me, then, Some(0), &draft).await.unwrap();
        assert!(late.put.is_empty() && words(&late).contains("closed on"), "{}", words(&late));
        let (_, by_mia) = house.timesheets.save(&mia, me, then, Some(0), &draft).await.unwrap();
        assert_eq!(by_mia.put.len(), 1, "{}", words(&by_mia));
        let strange = house.timesheets.save(&eve, me, then, Some(1), &draft).await.unwrap_err().into_fault();
        assert_eq!(strange.kind, FaultKind::Forbidden);
        assert!(house.timesheets.sheet(&eve, me, then, &[]).await.is_err());

        let (week, monday) = house.week();
        house.timesheets.save(&bob, me, week, Some(0), &[entry(task, monday, "4")]).await.unwrap();
        house.timesheets.submit(&bob, me, week, 1, false).await.unwrap();
        let (said, changed) =
            house.timesheets.save(&mia, me, week, Some(2), &[entry(task, monday, "5")]).await.unwrap();
        assert_eq!((said.version, changed.put[0].state), (3, LineState::Submitted));
        let line = changed.put[0].id;
        let silent = house.timesheets.return_line(&mia, line, " ").await.unwrap_err().into_fault();
        assert_eq!(silent.fields[0].field, "why");
        house.timesheets.return_line(&mia, line, "Was it not four?").await.unwrap();
        let twice = house.timesheets.return_line(&mia, line, "Again").await.unwrap_err().into_fault();
        assert_eq!(twice.kind, FaultKind::Conflict);
        let sheet = house.timesheets.sheet(&bob, me, week, &[]).await.unwrap();
        let line = sheet.lines().next().unwrap();
        assert_eq!(
            (line.state, line.returned_for.as_deref()),
            (LineState::Returned, Some("Was it not four?"))
        );
        let (said, _) =
            house.timesheets.save(&bob, me, week, Some(4), &[entry(task, monday, "4")]).await.unwrap();
        house.timesheets.submit(&bob, me, week, said.version, false).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_budget_holds_however_many_enter_at_once() {
    on_both(async |db| {
        let house = House::new(db);
        let names = ["bob", "eve", "kim", "lou"];
        let mut acts = Vec::new();
        for name in ["Bob", "Eve", "Kim", "Lou"] {
            acts.push(house.join(name, Role::Annotator).await);
        }
        let (project, task) = house.project("acme-1", &names).await;
        let terms = TermsDraft {
            rhythm: "monthly".into(),
            starts_on: "2026-01-05".into(),
            cut_off_days: "20".into(),
            grace_days: "20".into(),
            pay_days: "50".into(),
            zone: "UTC".into(),
            backdate_days: "60".into(),
            budget_hours: "15".into(),
            ..TermsDraft::default()
        };
        house.projects.set_terms(&house.system, project.id, 0, &terms).await.unwrap();
        let (week, monday) = house.week();
        let save = |act: Act| {
            let timesheets = house.timesheets.clone();
            async move { timesheets.save(&act, id(&act), week, Some(0), &[entry(task, monday, "5")]).await }
        };
        let saving: Vec<_> = acts.iter().cloned().map(|act| tokio::spawn(save(act))).collect();
        let mut kept = 0;
        for saved in saving {
            // Refused by the rule, or by the sum at the end: in either case nothing of it is kept.
            kept += saved.await.unwrap().map_or(0, |(_, entered)| entered.put.len());
        }
        assert_eq!(kept, 3);
        let mut minutes = 0;
        for act in &acts {
            let sheet = house.timesheets.sheet(act, id(act), week, &[]).await.unwrap();
            minutes += sheet.lines().map(|line| line.minutes).sum::<i64>();
        }
        assert_eq!(minutes, 15 * 60);
    })
    .await;
}

#[tokio::test]
async fn days_are_judged_across_projects() {
    on_both(async |db| {
        let house = House::new(db);
        let bob = house.join("Bob", Role::Annotator).await;
        let (_, one) = house.project("acme-1", &["bob"]).await;
        let (_, two) = house.project("acme-2", &["bob"]).await;
        let (_, others) = house.project("acme-3", &[]).await;
        let (week, monday) = house.week();
        let me = id(&bob);
        let drafts = [entry(one, monday, "16"), entry(two, monday, "9"), entry(others, monday, "1")];
        let (_, entered) = house.timesheets.save(&bob, me, week, Some(0), &drafts).await.unwrap();
        assert_eq!(entered.put.len(), 1);
        let said = words(&entered);
        assert!(said.contains("16:00 are entered elsewhere") && said.contains("no such task"), "{said}");
    })
    .await;
}

#[tokio::test]
async fn of_two_lines_that_are_called_the_same_at_the_same_moment_one_is_refused() {
    on_both(async |db| {
        let house = House::new(db);
        let people = [house.join("Ann", Role::Annotator).await, house.join("Bob", Role::Annotator).await];
        house.project("acme-1", &["ann", "bob"]).await;
        let (_, monday) = house.week();
        for n in 0..7 {
            let posted = Posted {
                person: None,
                project: "acme-1".into(),
                task: "Labels".into(),
                on: monday + Days::new(n),
                hours: "1".into(),
                units: String::new(),
                note: String::new(),
                external_id: Some(format!("T-{n}")),
            };
            let post = async |act: &Act| {
                let lines = [posted.clone()];
                house.timesheets.post(&house.again(act), &lines, How::default()).await.unwrap().remove(0)
            };
            let (one, other) = tokio::join!(post(&people[0]), post(&people[1]));
            assert!(one.is_ok() != other.is_ok(), "{one:?} {other:?}");
            let refused = one.err().or(other.err()).unwrap();
            assert!(refused.message.contains("is called so already"), "{refused:?}");
        }
    })
    .await;
}
