//! From when until when, by hand and by the clock.

use crate::project::TaskDraft;
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use domain::FaultKind;
use domain::ids::{ProjectId, TaskTypeId};
use domain::people::Role;

use super::super::*;
use super::{entry, id, words};
use crate::act::{Act, Actor};
use crate::people::Profile;
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

/// The clock that somebody sees running; long ago where they see none.
async fn since(house: &House, me: &Act) -> DateTime<Utc> {
    let week = domain::timesheet::Week::of(house.today());
    let sheet = house.timesheets.sheet(me, id(me), week, &[]).await.unwrap();
    sheet.clock.unwrap().runs.map_or(DateTime::UNIX_EPOCH, |timer| timer.since)
}

async fn stop(house: &House, me: &Act, until: &str) -> Result<String, crate::Error> {
    house.timesheets.stop_timer(me, since(house, me).await, until).await
}

async fn discard(house: &House, me: &Act) -> Result<(), crate::Error> {
    house.timesheets.discard_timer(me, since(house, me).await).await
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
        let at_once = stop(&house, &again(), "").await.unwrap_err().into_fault();
        assert!(at_once.message.contains("less than a minute"), "{at_once:?}");
        house.world.advance(TimeDelta::minutes(90));
        let said = stop(&house, &again(), "").await.unwrap();
        assert_eq!(said, "1:30 entered for Labels: 9:00-10:30.");
        assert_eq!(on(&house, &again(), task, day).await, "1:30 9:00-10:30");
        let gone = stop(&house, &again(), "").await.unwrap_err().into_fault();
        assert_eq!(gone.kind, FaultKind::Conflict);

        // Another stretch of the same day joins the first.
        house.timesheets.start_timer(&again(), task).await.unwrap();
        house.world.advance(TimeDelta::minutes(120));
        let early = stop(&house, &again(), "13:00").await.unwrap_err().into_fault();
        assert!(early.of("until").unwrap().contains("has not come"), "{early:?}");
        stop(&house, &again(), "12:15").await.unwrap();
        assert_eq!(on(&house, &again(), task, day).await, "3:15 9:00-12:15");

        // Over midnight it is two lines; where hours were entered without times, it is added to them.
        let week = domain::timesheet::Week::of(day);
        house.timesheets.save(&again(), id(&bob), week, None, &[entry(other, day, "2")]).await.unwrap();
        house.world.advance(TimeDelta::hours(10));
        house.timesheets.start_timer(&again(), other).await.unwrap();
        house.world.advance(TimeDelta::hours(26));
        let forgotten = stop(&house, &again(), "").await.unwrap_err().into_fault();
        assert!(forgotten.of("until").unwrap().contains("at what time"), "{forgotten:?}");
        stop(&house, &again(), "1:00").await.unwrap();
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
        // What runs is still seen, or nobody could throw it away.
        assert_ne!(since(&house, &house.again(&bob)).await, DateTime::UNIX_EPOCH);
        let refused = stop(&house, &house.again(&bob), "").await.unwrap_err().into_fault();
        assert_eq!(refused.kind, FaultKind::Conflict, "{refused:?}");
        house.projects.set_member(&house.system, project.id, "bob@example.com", "annotator").await.unwrap();
        stop(&house, &house.again(&bob), "").await.unwrap();

        // What is submitted takes nothing more, and so no clock is started for it.
        let week = domain::timesheet::Week::of(house.today());
        let version =
            house.timesheets.sheet(&house.again(&bob), id(&bob), week, &[]).await.unwrap().said.version;
        house.timesheets.submit(&house.again(&bob), id(&bob), week, version, true).await.unwrap();
        let settled = house.timesheets.start_timer(&house.again(&bob), task).await.unwrap_err().into_fault();
        assert!(settled.of("task").unwrap().contains("is submitted"), "{settled:?}");
        let task = another_task(&house, project.id).await;

        // Somebody who looks at an older clock means that one.
        let older = since(&house, &house.again(&bob)).await;
        assert_eq!(older, DateTime::UNIX_EPOCH);
        house.timesheets.start_timer(&house.again(&bob), task).await.unwrap();
        let act = house.again(&bob);
        assert!(house.timesheets.discard_timer(&act, older).await.is_err());
        assert!(house.timesheets.stop_timer(&act, older, "").await.is_err());
        discard(&house, &house.again(&bob)).await.unwrap();
        assert!(discard(&house, &house.again(&bob)).await.is_err(), "nothing runs any more");
    })
    .await;
}

#[tokio::test]
async fn who_moves_moves_nothing_that_is_entered_and_two_lines_can_change_places() {
    on_both(async |db| {
        let house = House::new(db);
        let bob = house.join("Bob", Role::Annotator).await;
        let (project, task) = house.project("acme-1", &["bob"]).await;
        let other = another_task(&house, project.id).await;
        let (week, monday) = house.week();
        let save = async |texts: [&str; 2]| {
            let drafts = [entry(task, monday, texts[0]), entry(other, monday, texts[1])];
            words(&house.timesheets.save(&bob, id(&bob), week, None, &drafts).await.unwrap().1)
        };
        assert_eq!(save(["9-12", "12-15"]).await, "");
        assert_eq!(save(["9-13", "13-15"]).await, "", "one makes room for the other");
        assert_eq!(save(["13-15", "9-13"]).await, "", "and they change places");

        let me = bob.person().unwrap();
        let change = Profile { name: me.name.to_string(), zone: "America/New_York".into() };
        let moved = house.people.change_own(&bob, &change).await.unwrap();
        let moved = Act { actor: Actor::Person { person: moved.into(), scopes: None }, ..house.again(&bob) };
        let drafts = [entry(task, monday, "13-15")];
        let (_, entered) = house.timesheets.save(&moved, id(&bob), week, None, &drafts).await.unwrap();
        assert_eq!(entered, Entered::default(), "the same words mean the same moments");
    })
    .await;
}
