use chrono::{NaiveDate, TimeDelta};
use domain::FaultKind;
use domain::ids::PersonId;
use domain::people::Role;
use domain::project::{Project, TermsDraft};
use domain::rate::For;

use super::*;
use crate::act::{Act, Actor};
use crate::db::{Db, Trouble};
use crate::people::{Accept, Invitation, People};
use crate::project::{AssignmentDraft, Draft, Projects, TaskDraft};
use crate::run_tx;
use crate::testing::{on_both, people_of, staged_world};
use crate::world::World;

struct House {
    db: Db,
    people: People,
    projects: Projects,
    rates: Rates,
    world: World,
    system: Act,
}

impl House {
    fn new(db: Db) -> Self {
        let (people, world) = (people_of(db.clone()), staged_world());
        let system = Act::new(&world, Actor::System("test"), "req");
        let projects = Projects::new(db.clone(), people.clone());
        let rates = Rates::new(projects.clone());
        Self { db, people, projects, rates, world, system }
    }

    async fn join(&self, name: &str, role: Role) -> PersonId {
        let email = format!("{}@example.com", name.to_lowercase());
        let roles = vec![role.word().into()];
        let invitation = Invitation { email, name: name.into(), roles, zone: String::new() };
        let link = self.people.invite(&self.system, &invitation).await.unwrap().link;
        let accept =
            Accept { name: name.into(), zone: "UTC".into(), password: "marble kettle orbit fox".into() };
        self.people.accept(&self.system, link.rsplit('/').next().unwrap(), &accept).await.unwrap().person.id
    }

    /// A project that Bob annotates on.
    async fn project(&self) -> (Project, PersonId) {
        let bob = self.join("Bob", Role::Annotator).await;
        let draft = Draft {
            code: "acme-1".into(),
            name: "Intake".into(),
            client: "Acme".into(),
            currency: "EUR".into(),
            ..Draft::default()
        };
        let project = self.projects.make(&self.system, &draft).await.unwrap();
        self.projects.set_member(&self.system, project.id, "bob@example.com", "annotator").await.unwrap();
        (project, bob)
    }

    async fn task(&self, project: &Project, name: &str, paid_by: &str) -> domain::project::TaskType {
        let unit = if paid_by == "hours" { "" } else { "image" };
        let draft = TaskDraft {
            name: name.into(),
            paid_by: paid_by.into(),
            unit: unit.into(),
            day_hours: "8".into(),
            ..TaskDraft::default()
        };
        self.projects.add_task(&self.system, project.id, &draft).await.unwrap()
    }

    async fn field_at_fault(&self, project: &Project, draft: &RateDraft) -> String {
        let fault = self.rates.write(&self.system, project.id, draft).await.unwrap_err().into_fault();
        fault.fields[0].field.clone()
    }
}

fn draft(from_on: &str, hour_price: &str) -> RateDraft {
    RateDraft { from_on: from_on.into(), hour_price: hour_price.into(), ..RateDraft::default() }
}

fn day(text: &str) -> NaiveDate {
    domain::number::day(text).unwrap()
}

#[tokio::test]
async fn a_rate_is_superseded_from_a_date_and_never_changed() {
    on_both(async |db| {
        let house = House::new(db);
        let (project, bob) = house.project().await;
        let task = house.task(&project, "Labelling", "hours").await;
        let act = &house.system;
        house.rates.write(act, project.id, &draft("2026-01-01", "18.50")).await.unwrap();
        house.rates.write(act, project.id, &draft("2026-06-01", "19")).await.unwrap();
        let his = RateDraft { person: "bob@example.com".into(), ..draft("2026-03-01", "25") };
        house.world.advance(TimeDelta::seconds(1));
        house.rates.write(act, project.id, &his).await.unwrap();
        let card = house.rates.card(act, project.id).await.unwrap();
        let paid = |person_id: PersonId, on: &str| {
            let work = For { task_type_id: task.id, level: None, person_id };
            card.book.applying(work, day(on)).and_then(|rate| rate.hour_price).map(|price| price.to_string())
        };
        let other = PersonId(house.world.id());
        assert_eq!(paid(bob, "2026-02-28").as_deref(), Some("18.50"));
        assert_eq!(paid(bob, "2026-07-01").as_deref(), Some("25.00"));
        assert_eq!(paid(other, "2026-07-01").as_deref(), Some("19.00"));
        assert_eq!(paid(bob, "2025-12-31"), None);
        assert_eq!(
            card.rates[0].person_name.as_ref().unwrap().as_str(),
            "Bob",
            "the last written comes first"
        );

        for change in ["UPDATE rate SET hour_price = 1", "DELETE FROM rate"] {
            let mut tx = house.db.begin().await.unwrap();
            let refused: Result<u64, crate::db::DbError> = run_tx!(tx, sqlx::query(change));
            assert!(matches!(refused.unwrap_err().trouble(), Trouble::Other), "{change}");
        }
        assert_eq!(house.rates.card(act, project.id).await.unwrap().rates.len(), 3);
    })
    .await;
}

#[tokio::test]
async fn rates_that_say_nothing_are_refused_where_they_are_wrong() {
    on_both(async |db| {
        let house = House::new(db);
        let (project, _) = house.project().await;
        let task = house.task(&project, "Labelling", "units").await;
        let of_task = |hour: &str, unit: &str| RateDraft {
            task_type: task.id.to_string(),
            unit_price: unit.into(),
            ..draft("2026-01-01", hour)
        };
        assert_eq!(house.field_at_fault(&project, &draft("2026-01-01", "")).await, "hour_price");
        assert_eq!(house.field_at_fault(&project, &draft("1.1.2026", "18")).await, "from_on");
        assert_eq!(
            house.field_at_fault(&project, &of_task("18", "0.05")).await,
            "hour_price",
            "paid by the unit"
        );
        assert_eq!(house.field_at_fault(&project, &of_task("", "")).await, "unit_price");
        let stranger = RateDraft { person: "eve@example.com".into(), ..draft("2026-01-01", "18") };
        assert_eq!(house.field_at_fault(&project, &stranger).await, "person");
        house.join("Mia", Role::Manager).await;
        let outside = RateDraft { person: "mia@example.com".into(), ..draft("2026-01-01", "18") };
        assert_eq!(house.field_at_fault(&project, &outside).await, "person", "not on this project");
        let gone = RateDraft { task_type: "x".into(), ..draft("2026-01-01", "18") };
        assert_eq!(house.field_at_fault(&project, &gone).await, "task_type");

        let end = RateDraft { ends: true, ..draft("2026-02-01", "") };
        assert_eq!(house.field_at_fault(&project, &end).await, "from_on", "there is nothing to end");
        house.rates.write(&house.system, project.id, &draft("2026-01-01", "18")).await.unwrap();
        assert_eq!(
            house.field_at_fault(&project, &draft("2026-02-01", "18.00")).await,
            "from_on",
            "as it is"
        );
        let priced = RateDraft { hour_price: "1".into(), ..end.clone() };
        assert_eq!(house.field_at_fault(&project, &priced).await, "hour_price");
        assert!(house.rates.write(&house.system, project.id, &end).await.unwrap().is_end());
    })
    .await;
}

#[tokio::test]
async fn work_without_a_rate_is_named() {
    on_both(async |db| {
        let house = House::new(db);
        let (project, bob) = house.project().await;
        let (_, act) = (house.task(&project, "Labelling", "both").await, &house.system);
        let open = async |on: &str| {
            let book = house.rates.card(act, project.id).await.unwrap().book;
            let open = house.rates.uncovered(act, project.id, &book, day(on)).await.unwrap();
            open.iter().map(|it| format!("{}: {}", it.task, it.people.len())).collect::<Vec<_>>().join(", ")
        };
        assert_eq!(open("2026-03-01").await, "Labelling: 1");
        house.rates.write(act, project.id, &draft("2026-01-01", "18")).await.unwrap();
        assert_eq!(open("2026-03-01").await, "Labelling: 1", "half of what it is paid by");
        let of_level =
            RateDraft { level: "Senior".into(), unit_price: "0.02".into(), ..draft("2026-01-01", "18") };
        house.rates.write(act, project.id, &of_level).await.unwrap();
        let senior = AssignmentDraft {
            level: "senior".into(),
            level_from: "2026-04-01".into(),
            ends_on: "2026-12-31".into(),
            ..AssignmentDraft::default()
        };
        house.projects.assign(act, project.id, bob, &senior).await.unwrap();
        assert_eq!(open("2026-03-31").await, "Labelling: 1", "not senior yet");
        assert_eq!(open("2026-04-01").await, "");
        assert_eq!(open("2027-01-01").await, "", "nobody is at work any more");
    })
    .await;
}

#[tokio::test]
async fn a_currency_stays_once_there_are_rates() {
    on_both(async |db| {
        let house = House::new(db);
        let (project, _) = house.project().await;
        let change = |version| Draft {
            code: "acme-1".into(),
            name: "Intake".into(),
            client: "Acme".into(),
            currency: "USD".into(),
            status: "active".into(),
            version,
        };
        let act = &house.system;
        house.projects.change(act, project.id, &change(1)).await.unwrap();
        house.rates.write(act, project.id, &draft("2026-01-01", "18")).await.unwrap();
        house.projects.change(act, project.id, &change(2)).await.unwrap();
        let other = Draft { currency: "EUR".into(), ..change(3) };
        let fault = house.projects.change(act, project.id, &other).await.unwrap_err().into_fault();
        assert_eq!(fault.fields[0].field, "currency");
    })
    .await;
}

#[tokio::test]
async fn terms_and_tasks_are_not_overwritten_and_say_what_is_wrong() {
    on_both(async |db| {
        let house = House::new(db);
        let (project, _) = house.project().await;
        let act = &house.system;
        let usual = house.projects.terms(act, project.id).await.unwrap();
        assert_eq!((usual.version, usual.calendar.pay_days), (0, 10));
        let good = TermsDraft {
            rhythm: "weekly".into(),
            starts_on: "2026-01-05".into(),
            cut_off_days: "1".into(),
            grace_days: "1".into(),
            pay_days: "5".into(),
            zone: "Europe/Berlin".into(),
            backdate_days: "14".into(),
            budget_amount: "1,200.50".into(),
            period_hours: "40".into(),
            ..TermsDraft::default()
        };
        let set = house.projects.set_terms(act, project.id, 0, &good).await.unwrap();
        assert_eq!((set.version, set.budget_minor, set.period_minutes), (1, Some(120_050), Some(2_400)));
        assert_eq!(house.projects.terms(act, project.id).await.unwrap(), set);
        let late = house.projects.set_terms(act, project.id, 0, &good).await.unwrap_err().into_fault();
        assert_eq!(late.kind, FaultKind::Conflict);
        let early = TermsDraft { pay_days: "1".into(), ..good.clone() };
        let fault = house.projects.set_terms(act, project.id, 1, &early).await.unwrap_err().into_fault();
        assert_eq!(fault.fields[0].field, "pay_days");
        let wrong =
            TermsDraft { rhythm: "daily".into(), zone: "Mars".into(), budget_units: "x".into(), ..good };
        let fault = house.projects.set_terms(act, project.id, 1, &wrong).await.unwrap_err().into_fault();
        assert_eq!(fault.fields.len(), 3);

        let task = house.task(&project, "Labelling", "hours").await;
        let change = TaskDraft { name: "Labels".into(), version: 1, ..TaskDraft::default() };
        let changed = house.projects.change_task(act, project.id, task.id, &change).await.unwrap();
        assert_eq!((changed.version, changed.active, changed.day_minutes), (2, false, None));
        let late =
            house.projects.change_task(act, project.id, task.id, &change).await.unwrap_err().into_fault();
        assert_eq!(late.kind, FaultKind::Conflict);
        let twice = TaskDraft { name: "LABELS".into(), paid_by: "hours".into(), ..TaskDraft::default() };
        let fault = house.projects.add_task(act, project.id, &twice).await.unwrap_err().into_fault();
        assert_eq!(fault.fields[0].field, "name");
        let uncounted = TaskDraft { name: "Other".into(), paid_by: "units".into(), ..TaskDraft::default() };
        let fault = house.projects.add_task(act, project.id, &uncounted).await.unwrap_err().into_fault();
        assert_eq!(fault.fields[0].field, "unit");
    })
    .await;
}

#[tokio::test]
async fn what_others_are_paid_is_not_for_everybody() {
    on_both(async |db| {
        let house = House::new(db);
        let (project, bob) = house.project().await;
        let person = house.people.known(bob).await.unwrap().unwrap();
        let by_bob = Act::new(&house.world, Actor::Person { person: person.into(), scopes: None }, "req");
        let kind = |error: crate::Error| error.into_fault().kind;
        assert_eq!(kind(house.rates.card(&by_bob, project.id).await.err().unwrap()), FaultKind::Forbidden);
        let written = house.rates.write(&by_bob, project.id, &draft("2026-01-01", "99")).await;
        assert_eq!(kind(written.unwrap_err()), FaultKind::Forbidden);
        assert!(
            house.projects.tasks(&by_bob, project.id).await.is_ok(),
            "what there is to do is for them to know"
        );
    })
    .await;
}
