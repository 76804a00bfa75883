//! A large month: twenty projects, a thousand people and a million lines in one period, on SQLite and, if
//! `COUNTERSIGN_BENCH_POSTGRES` names an empty database, there too. How long it takes to look at twenty files that hold all of
//! it, to take them, to consolidate them, to take one more week in, to look at the batch and at one payment, to approve, and to
//! make the file that pays it. Prints one JSON object. Run it with `cargo xtask bench consolidate`.

#![expect(clippy::expect_used, reason = "a benchmark that cannot measure should stop")]

mod databases;
mod disk;

use std::fmt::Write;
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{Datelike, Days, NaiveDate, TimeDelta};
use domain::ids::{BatchId, PersonId, ProjectId, TaskTypeId};
use domain::payee::AccountDraft;
use domain::payout::{Format, PayerDraft};
use engine::act::{Act, Actor};
use engine::db::Db;
use engine::mail::Mailer;
use engine::payee::Payees;
use engine::payment::{Payments, due};
use engine::payout::Payouts;
use engine::people::{Accept, Hasher, Invitation, People, Policy};
use engine::project::{Draft, Projects, TaskDraft};
use engine::rate::{RateDraft, Rates};
use engine::seal::Seal;
use engine::timesheet::Timesheets;
use engine::timesheet::import::Upload;
use engine::world::World;
use engine::{on_db, run_tx};
use serde_json::{Value, json};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const PROJECTS: usize = 20;
const PEOPLE: usize = 1_000;
/// Of each person, on each project: so many tasks on so many days make a million lines.
const TASKS: usize = 2;
const DAYS: u64 = 25;
const TIMES: usize = 9;

const PASSWORD: &str = "marble kettle orbit fox";

struct House {
    db: Db,
    timesheets: Timesheets,
    projects: Projects,
    payments: Payments,
    payees: Payees,
    payouts: Payouts,
    act: Act,
    manager: Act,
    /// Enters accounts, and so approves nothing.
    clerk: Act,
    /// The first day of the month before this one.
    month: NaiveDate,
}

impl House {
    async fn filled(db: Db) -> Self {
        let act = Act::new(&World::Real, Actor::System("bench"), "bench");
        let seal = Seal::from_hex(&"7a".repeat(32)).expect("a key");
        let policy = Policy { base_url: String::new(), require_two_step: false };
        let people = People::new(db.clone(), Hasher::new(1), seal.clone(), Mailer::Off, policy);
        let clerk = manager(&people, &act, "Mo").await;
        let manager = manager(&people, &act, "Mara").await;
        let today = act.at.date_naive();
        let month = (today - Days::new(today.day().into())).with_day(1).expect("months have a first day");
        let house = Self {
            timesheets: Timesheets::new(Projects::new(db.clone(), people.clone())),
            projects: Projects::new(db.clone(), people.clone()),
            payments: Payments::new(db.clone()),
            payees: Payees::new(people.clone(), db.clone(), seal.clone(), Mailer::Off, TimeDelta::zero()),
            payouts: Payouts::new(db.clone(), seal),
            manager,
            clerk,
            act,
            db,
            month,
        };
        let rows: Vec<_> =
            (0..PEOPLE).map(|n| format!("Person {n},person{n}@example.com,annotator")).collect();
        people
            .import_csv(&house.act, &format!("name,email,roles\n{}", rows.join("\n")))
            .await
            .expect("people");
        let mut tasks = Vec::new();
        for n in 0..PROJECTS {
            tasks.extend(house.project(n).await);
        }
        house.join(&tasks).await;
        house.accounts().await;
        house
    }

    /// Everybody has an account of their own.
    async fn accounts(&self) {
        let people: Vec<PersonId> = on_db!(&self.db, c => sqlx::query_scalar(
            "SELECT id FROM person WHERE email LIKE 'person%' ORDER BY email"
        ).fetch_all(c).await)
        .expect("people");
        for (n, person) in people.into_iter().enumerate() {
            let draft = AccountDraft {
                method: "iban".to_owned(),
                holder: format!("Person {n}"),
                iban: german_iban(n),
                ..AccountDraft::default()
            };
            self.payees.enter(&self.clerk, person, &draft, PASSWORD).await.expect("an account");
        }
        let payer =
            PayerDraft { name: "The desk".to_owned(), iban: german_iban(PEOPLE), ..PayerDraft::default() };
        self.payouts.set_payer(&self.manager, 0, &payer).await.expect("a payer");
    }

    /// A project with its tasks and rates: for everybody, for a task, and for a level that nobody has.
    async fn project(&self, n: usize) -> Vec<(ProjectId, TaskTypeId)> {
        let draft = Draft {
            code: format!("P-{n}"),
            name: format!("Project {n}"),
            client: "Acme".to_owned(),
            currency: "EUR".to_owned(),
            ..Draft::default()
        };
        let project = self.projects.make(&self.act, &draft).await.expect("a project").id;
        let rates = Rates::new(self.projects.clone());
        let rate = |hour: &str| RateDraft {
            from_on: "2020-01-01".to_owned(),
            hour_price: hour.to_owned(),
            unit_price: "0.35".to_owned(),
            ..RateDraft::default()
        };
        rates.write(&self.act, project, &rate("18.50")).await.expect("a rate");
        let level = RateDraft { level: "expert".to_owned(), ..rate("40") };
        rates.write(&self.act, project, &level).await.expect("a rate");
        let mut tasks = Vec::new();
        for name in ["Boxes", "Labels"].into_iter().take(TASKS) {
            let draft = TaskDraft {
                name: name.to_owned(),
                paid_by: "both".to_owned(),
                unit: "image".to_owned(),
                ..TaskDraft::default()
            };
            let task = self.projects.add_task(&self.act, project, &draft).await.expect("a task").id;
            let of_task = RateDraft { task_type: task.to_string(), ..rate("19.75") };
            rates.write(&self.act, project, &of_task).await.expect("a rate");
            tasks.push((project, task));
        }
        tasks
    }

    /// Everybody on every project.
    async fn join(&self, tasks: &[(ProjectId, TaskTypeId)]) {
        let mut tx = self.db.begin().await.expect("begin");
        for (project, _) in tasks.iter().step_by(TASKS) {
            run_tx!(
                tx,
                sqlx::query(
                    "INSERT INTO project_member (project_id, person_id, role, added_at) \
                     SELECT $1, id, 'annotator', $2 FROM person WHERE email LIKE 'person%'"
                )
                .bind(*project)
                .bind(self.act.at)
            )
            .expect("members");
        }
        tx.commit().await.expect("commit");
    }

    /// Everybody's month, project by project, as files. Answers how long it took to look at them, and to take them.
    async fn import(&self) -> (Duration, Duration) {
        let (mut looking, mut taking) = (Duration::ZERO, Duration::ZERO);
        for project in 0..PROJECTS {
            let content = self.month_of(project).into_bytes();
            let upload = Upload { name: format!("P-{project}.csv"), content };
            let since = Instant::now();
            let id = self.timesheets.drop_files(&self.manager, vec![upload]).await.expect("looked at");
            looking += since.elapsed();
            let since = Instant::now();
            let taken = self.timesheets.take_files(&self.manager, id, true).await.expect("taken");
            taking += since.elapsed();
            assert_eq!(taken.files, 1, "the file is right");
        }
        let mut tx = self.db.begin().await.expect("begin");
        run_tx!(tx, sqlx::query("ANALYZE")).expect("analysed");
        tx.commit().await.expect("commit");
        (looking, taking)
    }

    fn month_of(&self, project: usize) -> String {
        let mut text = "Email,Task,Date,Hours,Images\n".to_owned();
        for person in 0..PEOPLE {
            for day in 0..DAYS {
                let on = self.month + Days::new(day);
                for (n, task) in ["Boxes", "Labels"].into_iter().take(TASKS).enumerate() {
                    let n = project + person + n + usize::try_from(day).unwrap_or(0);
                    let row = writeln!(
                        text,
                        "person{person}@example.com,{task},{on},0:{:02},{}",
                        5 + n % 9,
                        3 + n % 5
                    );
                    row.expect("a row");
                }
            }
        }
        text
    }

    async fn measure(&self) -> Value {
        let (looking, taking) = self.import().await;
        let since = Instant::now();
        self.payments.consolidate(&self.act).await.expect("consolidated");
        let consolidated = since.elapsed();
        let page = self.payments.batches(&self.act, None, 10).await.expect("batches");
        let batch = page.rows.first().expect("a batch").batch.id;

        let mut weeks = Vec::new();
        let mut looks = Vec::new();
        let mut slips = Vec::new();
        for n in 0..TIMES {
            weeks.push(self.one_more_week(n).await);
            let since = Instant::now();
            let whole = self.payments.batch(&self.manager, batch).await.expect("the batch");
            looks.push(since.elapsed());
            let one = whole.payments.get(n * 7).expect("a payment").id;
            let since = Instant::now();
            self.payments.slip(&self.manager, one).await.expect("a payment");
            slips.push(since.elapsed());
        }
        let (lines, people) = self.decide_all(batch).await;
        let whole = self.payments.batch(&self.manager, batch).await.expect("the batch");
        let since = Instant::now();
        self.payments.approve(&self.manager, batch, &whole.digest).await.expect("approved");
        let approved = since.elapsed();
        let today = self.manager.at.date_naive().to_string();
        let since = Instant::now();
        let file = self
            .payouts
            .make(&self.manager, batch, Format::Pain09, Format::Pain09, &today)
            .await
            .expect("a file");
        let exported = since.elapsed();
        assert_eq!(file.minor, whole.minor, "all of it is in the file");
        json!({
            "lines": lines,
            "people": people,
            "preview_rows_per_s": per_s(lines, looking),
            "import_rows_per_s": per_s(lines, taking),
            "consolidate_s": round(consolidated.as_secs_f64()),
            "lines_per_s": per_s(lines, consolidated),
            "incremental_ms": middle(&mut weeks),
            "batch_page_ms": middle(&mut looks),
            "payment_page_ms": middle(&mut slips),
            "approve_ms": millis(approved),
            "export_ms": millis(exported),
            "peak_rss_mb": peak_mb(),
        })
    }

    /// Somebody has changed a week, and it is in the batch.
    async fn one_more_week(&self, n: usize) -> Duration {
        let person: PersonId = on_db!(&self.db, c => sqlx::query_scalar(
            "SELECT id FROM person WHERE email = $1"
        ).bind(format!("person{}@example.com", n * 11)).fetch_one(c).await)
        .expect("somebody");
        let mut tx = self.db.begin().await.expect("begin");
        run_tx!(
            tx,
            sqlx::query(
                "UPDATE timesheet_line SET minutes = minutes + 1, version = version + 1 \
                 WHERE person_id = $1 AND work_on BETWEEN $2 AND $3"
            )
            .bind(person)
            .bind(self.month)
            .bind(self.month + Days::new(6))
        )
        .expect("a week");
        due::person(&mut tx, &self.act, person).await.expect("due");
        tx.commit().await.expect("commit");
        let since = Instant::now();
        self.payments.consolidate(&self.act).await.expect("consolidated");
        since.elapsed()
    }

    /// Says yes to all that is odd; answers how much there is.
    async fn decide_all(&self, batch: BatchId) -> (i64, usize) {
        let whole = self.payments.batch(&self.manager, batch).await.expect("the batch");
        for it in &whole.found {
            let said = [(it.kind, it.sentence.clone())];
            self.payments
                .accept(&self.manager, batch, it.subject_id, &said, "Known")
                .await
                .expect("accepted");
        }
        (whole.payments.iter().map(|it| it.lines).sum(), whole.people)
    }
}

fn per_s(lines: i64, time: Duration) -> f64 {
    (f64::from(u32::try_from(lines).unwrap_or(0)) / time.as_secs_f64()).round()
}

fn middle(times: &mut [Duration]) -> f64 {
    times.sort();
    times.get(times.len() / 2).copied().map_or(0.0, millis)
}

fn millis(time: Duration) -> f64 {
    round(time.as_secs_f64() * 1_000.0)
}

fn round(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}

/// The most memory this program ever had.
fn peak_mb() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().trim_end_matches(" kB").trim().parse::<u64>().ok().map(|kb| kb / 1_024)
}

/// Somebody who approves and enters.
async fn manager(people: &People, act: &Act, name: &str) -> Act {
    let invitation = Invitation {
        email: format!("{}@example.com", name.to_lowercase()),
        name: name.to_owned(),
        roles: vec!["manager".to_owned()],
        zone: "UTC".to_owned(),
    };
    let link = people.invite(act, &invitation).await.expect("invited").link;
    let accept = Accept { name: name.to_owned(), zone: "UTC".to_owned(), password: PASSWORD.to_owned() };
    let secret = link.rsplit('/').next().unwrap_or_default();
    let person = people.accept(act, secret, &accept).await.expect("joined").person;
    Act { actor: Actor::Person { person: Arc::new(person), scopes: None }, ..act.clone() }
}

/// The IBAN of an account of this number, with its check digits.
fn german_iban(n: usize) -> String {
    let number = format!("37040044{n:010}");
    let all: u128 = format!("{number}131400").parse().expect("digits");
    format!("DE{:02}{number}", 98 - all % 97)
}

#[tokio::main]
async fn main() {
    let all = databases::on_each(async |db| House::filled(db).await.measure().await).await;
    println!("{all}");
}
