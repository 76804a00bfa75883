//! From when until when, by hand and by the clock.

use crate::project::TaskDraft;
use chrono::{NaiveDate, TimeDelta};
use domain::FaultKind;
use domain::ids::{ProjectId, TaskTypeId};
use domain::people::Role;

use super::super::*;
use super::{entry, id, words};
use crate::act::Act;
use crate::testing::house::House;
use crate::testing::on_both;

async fn another_task(house: &House, project: ProjectId) -> TaskTypeId {
    let draft = TaskDraft { name: "Boxes".into(), paid_by: "hours".into(), ..TaskDraft::default() };
    house.projects.add_task(&house.system, project, &draft).await.unwrap().id
}

async fn on(house: &House, me: &Act, task: TaskTypeId, day: NaiveDate) -> String {
    let sheet = house.timesheets.sheet(me, id(me), domain::timesheet::Week::of(day), &[]).await.unwrap();
    let line = sheet.lines().find(|line| (line.task_type_id, line.work_on) == (task, day)).cloned();
    line.map_or_else(String::new, |line| {
        let stints = line.stints.map(|stints| format!(" {stints}")).unwrap_or_default();
        format!("{}{stints}", domain::timesheet::Hours::of_minutes(line.minutes))
    })
}

#[tokio::test]
async fn times_are_kept_with_their_line_and_nobody_is_in_two_places() {
    on_both(async |db| {
        let house = House::new(db);
        let bob = house.join("Bob", Role::Annotator).await;
        let (project, task) = house.project("acme-1", &["bob"]).await;
        let other = another_task(&house, project.id).await;
        let (week, monday) = house.week();
        let me = id(&bob);
        let save = async |version, task, text: &str| {
            let drafts = [entry(task, monday, text)];
            house.timesheets.save(&bob, me, week, Some(version), &drafts).await.unwrap().1
        };
        let entered = save(0, task, "9-12:30, 13-17").await;
        assert_eq!((entered.put.len(), words(&entered)), (1, String::new()));
        assert_eq!(on(&house, &bob, task, monday).await, "7:30 9:00-12:30, 13:00-17:00");
        // As long as before: from when until when it was stays known.
        assert_eq!(save(1, task, "7.5").await, Entered::default());

        let entered = save(1, other, "12-14").await;
        let overlap = "12:00-14:00 overlaps with 9:00-12:30 on Labels. Change one of the two.";
        assert!(entered.put.is_empty() && words(&entered).starts_with(overlap), "{}", words(&entered));
        assert_eq!(words(&save(1, other, "12:30-13").await), "", "in between");
        let entered = save(2, task, "9-12:45").await;
        assert!(words(&entered).contains("overlaps with 12:30-13:00 on Boxes"), "{}", words(&entered));
        assert_eq!(words(&save(2, task, "6").await), "", "hours alone overlap nothing");
        assert_eq!(on(&house, &bob, task, monday).await, "6:00");

        // Programs hear the same.
        let posted = Posted {
            person: None,
            project: "acme-1".into(),
            task: "Labels".into(),
            on: monday.succ_opt().unwrap(),
            hours: "9-10, 9:30-11".into(),
            units: String::new(),
            note: String::new(),
            external_id: None,
        };
        let post = async |posted: &Posted| {
            house.timesheets.post(&bob, std::slice::from_ref(posted), How::default()).await.unwrap().remove(0)
        };
        let fault = post(&posted).await.unwrap_err();
        assert_eq!(fault.fields[0].message, "9:00-10:00 and 9:30-11:00 overlap.");
        let line = post(&Posted { hours: "9-10, 10-11".into(), ..posted }).await.unwrap();
        assert_eq!(
            (line.minutes, line.stints.unwrap().to_string().as_str()),
            (120, "9:00-10:00, 10:00-11:00")
        );
    })
    .await;
}

#[tokio::test]
async fn a_clock_that_is_stopped_becomes_a_line() {
    on_both(async |db| {
        let house = House::new(db);
        let bob = house.join("Bob", Role::Annotator).await;
        let (project, task) = house.project("acme-1", &["bob"]).await;
        let other = another_task(&house, project.id).await;
        let today = house.today();
        let midnight = today.and_time(chrono::NaiveTime::MIN).and_utc();
        house.world.advance(midnight + TimeDelta::hours(33) - house.world.now());
        let day = today.succ_opt().unwrap();
        let again = || house.again(&bob);

        house.timesheets.start_timer(&again(), task).await.unwrap();
        let twice = house.timesheets.start_timer(&again(), other).await.unwrap_err().into_fault();
        assert_eq!(twice.kind, FaultKind::Conflict);
        let at_once = house.timesheets.stop_timer(&again(), "").await.unwrap_err().into_fault();
        assert!(at_once.message.contains("less than a minute"), "{at_once:?}");
        house.world.advance(TimeDelta::minutes(90));
        let said = house.timesheets.stop_timer(&again(), "").await.unwrap();
        assert_eq!(said, "1:30 entered for Labels: 9:00-10:30.");
        assert_eq!(on(&house, &again(), task, day).await, "1:30 9:00-10:30");
        let gone = house.timesheets.stop_timer(&again(), "").await.unwrap_err().into_fault();
        assert_eq!(gone.kind, FaultKind::Conflict);

        // Another stretch of the same day joins the first.
        house.timesheets.start_timer(&again(), task).await.unwrap();
        house.world.advance(TimeDelta::minutes(120));
        let early = house.timesheets.stop_timer(&again(), "13:00").await.unwrap_err().into_fault();
        assert!(early.of("until").unwrap().contains("has not come"), "{early:?}");
        house.timesheets.stop_timer(&again(), "12:15").await.unwrap();
        assert_eq!(on(&house, &again(), task, day).await, "3:15 9:00-12:15");

        // Over midnight it is two lines; where hours were entered without times, it is added to them.
        let week = domain::timesheet::Week::of(day);
        house.timesheets.save(&again(), id(&bob), week, None, &[entry(other, day, "2")]).await.unwrap();
        house.world.advance(TimeDelta::hours(10));
        house.timesheets.start_timer(&again(), other).await.unwrap();
        house.world.advance(TimeDelta::hours(26));
        let forgotten = house.timesheets.stop_timer(&again(), "").await.unwrap_err().into_fault();
        assert!(forgotten.of("until").unwrap().contains("at what time"), "{forgotten:?}");
        house.timesheets.stop_timer(&again(), "1:00").await.unwrap();
        let next = day.succ_opt().unwrap();
        assert_eq!(on(&house, &again(), other, day).await, "3:30");
        assert_eq!(on(&house, &again(), other, next).await, "1:00 0:00-1:00");
    })
    .await;
}

#[tokio::test]
async fn a_clock_that_cannot_be_entered_runs_on_and_can_be_thrown_away() {
    on_both(async |db| {
        let house = House::new(db);
        let bob = house.join("Bob", Role::Annotator).await;
        let (project, task) = house.project("acme-1", &["bob"]).await;
        let (_, elsewhere) = house.project("acme-2", &[]).await;
        let unknown = house.timesheets.start_timer(&bob, elsewhere).await.unwrap_err().into_fault();
        assert!(unknown.of("task").is_some());
        let by_piece = TaskDraft {
            name: "Pieces".into(),
            paid_by: "units".into(),
            unit: "piece".into(),
            ..TaskDraft::default()
        };
        let by_piece = house.projects.add_task(&house.system, project.id, &by_piece).await.unwrap().id;
        assert!(house.timesheets.start_timer(&bob, by_piece).await.is_err());

        house.timesheets.start_timer(&bob, task).await.unwrap();
        house.world.advance(TimeDelta::minutes(30));
        house.projects.remove_member(&house.system, project.id, id(&bob)).await.unwrap();
        let refused = house.timesheets.stop_timer(&house.again(&bob), "").await.unwrap_err().into_fault();
        assert_eq!(refused.kind, FaultKind::Conflict, "{refused:?}");
        house.projects.set_member(&house.system, project.id, "bob@example.com", "annotator").await.unwrap();
        house.timesheets.stop_timer(&house.again(&bob), "").await.unwrap();

        house.timesheets.start_timer(&house.again(&bob), task).await.unwrap();
        house.timesheets.discard_timer(&house.again(&bob)).await.unwrap();
        assert!(house.timesheets.discard_timer(&house.again(&bob)).await.is_err(), "nothing runs any more");
    })
    .await;
}
