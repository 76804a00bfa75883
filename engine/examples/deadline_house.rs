//! Fills a database for `cargo xtask bench deadline`: so many annotators on twenty projects that pay by the week, a token of each, and
//! one of a manager. `COUNTERSIGN_BENCH_DATABASE` names the database, which is up to date; standard output has the days of the
//! week before this one, then the tokens, the manager's first.

#![expect(clippy::expect_used, reason = "a benchmark that cannot measure should stop")]

use chrono::Days;
use domain::ids::ProjectId;
use domain::people::Person;
use domain::timesheet::Week;
use engine::act::{Act, Actor};
use engine::db::{Db, DbOptions};
use engine::mail::Mailer;
use engine::people::{Accept, Hasher, Invitation, NewToken, People, Policy};
use engine::project::{Draft, Projects, TaskDraft};
use engine::rate::{RateDraft, Rates};
use engine::run_tx;
use engine::seal::Seal;
use engine::world::World;

const PROJECTS: usize = 20;
/// No file of people has more.
const AT_ONCE: usize = 500;

#[tokio::main]
async fn main() {
    let url =
        std::env::var("COUNTERSIGN_BENCH_DATABASE").expect("COUNTERSIGN_BENCH_DATABASE names the database");
    let count = std::env::args().nth(1).and_then(|text| text.parse().ok()).expect("how many annotators");
    let db = Db::open(&DbOptions::new(url)).await.expect("the database opens");
    let act = Act::new(&World::Real, Actor::System("bench"), "bench");
    let seal = Seal::from_hex(&"7a".repeat(32)).expect("a key");
    let policy = Policy { base_url: String::new(), require_two_step: false };
    let people = People::new(db.clone(), Hasher::new(1), seal, Mailer::Off, policy);
    let manager = manager(&people, &act).await;
    let annotators = annotators(&db, &people, &act, count).await;
    let projects = Projects::new(db.clone(), people.clone());
    for n in 0..PROJECTS {
        let project = project(&projects, &act, n).await;
        let mut tx = db.begin().await.expect("begin");
        for one in annotators.iter().skip(n).step_by(PROJECTS) {
            run_tx!(
                tx,
                sqlx::query("INSERT INTO project_member (project_id, person_id, role, added_at) VALUES ($1, $2, 'annotator', $3)")
                    .bind(project)
                    .bind(one.id)
                    .bind(act.at)
            )
            .expect("a member");
        }
        tx.commit().await.expect("commit");
    }
    let week = Week::of(act.at.date_naive()).before();
    let days: Vec<_> = week.days().take(5).map(|day| day.to_string()).collect();
    println!("{}", days.join(" "));
    for one in std::iter::once(&manager).chain(&annotators) {
        let new = NewToken {
            name: "Bench".to_owned(),
            scopes: ["timesheets:read", "timesheets:write", "pay:read"].map(str::to_owned).to_vec(),
            days: 1,
        };
        println!("{}", people.make_token_for(&act, one, &new).await.expect("a token").secret);
    }
    db.close().await;
}

async fn manager(people: &People, act: &Act) -> Person {
    let invitation = Invitation {
        email: "deadline@example.com".to_owned(),
        name: "Deadline Manager".to_owned(),
        roles: vec!["manager".to_owned()],
        zone: "UTC".to_owned(),
    };
    let link = people.invite(act, &invitation).await.expect("invited").link;
    let secret = link.rsplit('/').next().unwrap_or_default();
    let accept = Accept {
        name: invitation.name,
        zone: invitation.zone,
        password: "marble kettle orbit fox".to_owned(),
    };
    people.accept(act, secret, &accept).await.expect("joined").person
}

fn email(n: usize) -> String {
    format!("deadline{n:05}@example.com")
}

/// They have joined, without a password each: computing five thousand would take longer than all the rest.
async fn annotators(db: &Db, people: &People, act: &Act, count: usize) -> Vec<Person> {
    let names: Vec<_> = (0..count).map(|n| format!("Annotator {n},{},annotator,UTC", email(n))).collect();
    for some in names.chunks(AT_ONCE) {
        people.import_csv(act, &format!("name,email,roles,zone\n{}", some.join("\n"))).await.expect("people");
    }
    let mut tx = db.begin().await.expect("begin");
    run_tx!(
        tx,
        sqlx::query(
            "UPDATE person SET status = 'active' WHERE email LIKE 'deadline%' AND status = 'invited'"
        )
    )
    .expect("joined");
    tx.commit().await.expect("commit");
    let mut annotators = Vec::with_capacity(count);
    for n in 0..count {
        annotators.push(people.by_email(act, &email(n)).await.expect("a person"));
    }
    annotators
}

/// It pays by the hour, and by the week.
async fn project(projects: &Projects, act: &Act, n: usize) -> ProjectId {
    let draft = Draft {
        code: format!("DL-{n}"),
        name: format!("Deadline {n}"),
        client: "Acme".to_owned(),
        currency: "CHF".to_owned(),
        ..Draft::default()
    };
    let project = projects.make(act, &draft).await.expect("a project").id;
    let task = TaskDraft { name: "Labels".to_owned(), paid_by: "hours".to_owned(), ..TaskDraft::default() };
    projects.add_task(act, project, &task).await.expect("a task");
    let from_on = act.at.date_naive() - Days::new(400);
    let rate =
        RateDraft { from_on: from_on.to_string(), hour_price: "20".to_owned(), ..RateDraft::default() };
    Rates::new(projects.clone()).write(act, project, &rate).await.expect("a rate");
    project
}
