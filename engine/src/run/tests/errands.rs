//! Steps that programs do: taken once, under a lease, and brought back in time or not at all.

use domain::run::{DeadReason, Mishap};
use domain::workflow::QueueName;

use super::*;
use crate::Error;
use crate::errand::{Back, Claim, Errands, Taken};

const SPEECH: &str = "
name: speech
steps:
  transcribe:
    worker:
      queue: transcribe
      input: {file: input.file}
      within: 1h
      output: {type: object, required: [text], properties: {text: {type: string}}}
    retry: {attempts: 2, first: 1ms}
  count: {needs: transcribe, rule: {set: {n: size(steps.transcribe.text)}}}
output: {n: steps.count.n}
";

struct Desk {
    floor: Floor,
    errands: Errands,
}

impl Desk {
    async fn new(db: &Db, source: &str) -> Self {
        let floor = Floor::new(db, World::Real).await;
        Workflows::new(db.clone()).apply(&floor.act(), source, None).await.unwrap();
        Self { errands: Errands::new(db.clone(), floor.runs.clone()), floor }
    }

    async fn start(&self) -> domain::ids::RunId {
        self.floor.start("speech", json!({ "file": "a.wav" })).await
    }

    async fn claim(&self, worker: &str, limit: usize, lease: Duration) -> Vec<Taken> {
        self.claim_within(worker, limit, lease, Duration::from_secs(5)).await
    }

    async fn claim_within(&self, worker: &str, limit: usize, lease: Duration, wait: Duration) -> Vec<Taken> {
        let queue = QueueName::parse("transcribe").unwrap();
        let claim = Claim { queue, worker: worker.to_owned(), limit, lease, wait };
        self.errands.claim(&self.floor.act(), &claim).await.unwrap()
    }

    async fn one(&self, worker: &str) -> Taken {
        self.claim(worker, 1, Duration::from_mins(1)).await.pop().expect("an errand")
    }

    async fn back(&self, taken: &Taken, back: Back) -> Result<(), domain::Fault> {
        let brought = self.errands.bring_back(&self.floor.act(), taken.id, taken.lease_epoch, back).await;
        brought.map_err(Error::into_fault)
    }
}

fn done(text: &str) -> Back {
    Back::Done { output: json!({ "text": text }), confidence: Some(0.9) }
}

fn failed(mishap: Mishap) -> Back {
    Back::Failed { error: "The file cannot be read.".to_owned(), mishap }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_takes_an_errand_and_the_run_goes_on_with_what_it_brings() {
    on_both(async |db| {
        let desk = Desk::new(&db, SPEECH).await;
        let pool = desk.floor.pool("w");
        // Somebody waits already when it is offered, and is told at once.
        let started = std::time::Instant::now();
        let (taken, run) = tokio::join!(desk.one("ears"), async {
            tokio::time::sleep(Duration::from_millis(50)).await;
            desk.start().await
        });
        assert!(started.elapsed() < Duration::from_millis(900), "found only by looking");
        assert_eq!((taken.run_id, taken.input.as_str(), taken.lease_epoch), (run, r#"{"file":"a.wav"}"#, 1));
        let misfit = desk.back(&taken, Back::Done { output: json!({"text": 1}), confidence: None }).await;
        assert_eq!(misfit.unwrap_err().fields[0].field, "output/text");
        let unsure = Back::Done { output: json!({"text": ""}), confidence: Some(2.0) };
        assert_eq!(desk.back(&taken, unsure).await.unwrap_err().fields[0].field, "confidence");
        desk.back(&taken, done("hello")).await.unwrap();
        let whole = desk.floor.ended(run).await;
        assert_eq!(whole.run.output.as_deref(), Some(r#"{"n":5}"#), "{whole:?}");
        assert_eq!(whole.attempts[0].confidence, Some(0.9));
        assert!(whole.attempts[0].detail.as_ref().unwrap().contains("ears"));
        // Sent again because the answer got lost it is the same; another is refused.
        desk.back(&taken, done("hello")).await.unwrap();
        let late = desk.back(&taken, done("good bye")).await.unwrap_err();
        assert_eq!(
            (late.kind, late.message.as_str()),
            (domain::FaultKind::Conflict, "It was brought back already.")
        );
        pool.stop(Duration::from_secs(5)).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_fails_is_offered_again_as_its_policy_says() {
    on_both(async |db| {
        let desk = Desk::new(&db, SPEECH).await;
        let pool = desk.floor.pool("w");
        let run = desk.start().await;
        desk.back(&desk.one("one").await, failed(Mishap::Server)).await.unwrap();
        let again = desk.one("two").await;
        assert_eq!(again.number, 2);
        desk.floor.is_left_alone(run).await;
        let nothing = Back::Done { output: Value::Null, confidence: None };
        assert!(
            desk.back(&again, nothing).await.unwrap_err().fields[0]
                .message
                .contains("null stands for nothing")
        );
        let unreadable = Back::Done { output: json!({"text": "x", "n": u64::MAX}), confidence: None };
        assert!(
            desk.back(&again, unreadable).await.unwrap_err().fields[0].message.contains("could not read")
        );
        desk.back(&again, failed(Mishap::Server)).await.unwrap();
        let whole = desk.floor.ended(run).await;
        assert_eq!(whole.dead.as_ref().unwrap().reason, DeadReason::Exhausted);
        assert!(whole.run.error.unwrap().contains("The file cannot be read."));

        // What was refused is not tried again by itself; somebody may want it to be.
        let run = desk.start().await;
        desk.back(&desk.one("one").await, failed(Mishap::Refused)).await.unwrap();
        assert_eq!(desk.floor.ended(run).await.attempts.len(), 1);
        desk.floor.runs.retry(&desk.floor.act(), run, None).await.unwrap();
        let third = desk.one("three").await;

        // Nobody needs what a run that was cancelled has asked for.
        desk.floor.runs.cancel(&desk.floor.act(), run).await.unwrap();
        let gone = desk.back(&third, done("x")).await.unwrap_err();
        assert!(gone.message.contains("its run was ended"), "{}", gone.message);
        desk.floor.runs.retry(&desk.floor.act(), run, None).await.unwrap();
        desk.back(&desk.one("four").await, done("four")).await.unwrap();
        assert_eq!(desk.floor.ended(run).await.run.output.as_deref(), Some(r#"{"n":4}"#));
        pool.stop(Duration::from_secs(5)).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_that_is_lost_loses_its_errand_and_one_that_takes_programs_down_is_given_up() {
    on_both(async |db| {
        let desk = Desk::new(&db, SPEECH).await;
        let pool = desk.floor.pool_leasing("w", Duration::from_millis(300));
        let run = desk.start().await;
        let first = desk.claim("slow", 1, Duration::from_millis(200)).await.pop().unwrap();
        // As long as it is heard of, it keeps it.
        for _ in 0..4 {
            tokio::time::sleep(Duration::from_millis(80)).await;
            let act = desk.floor.act();
            let lease = Duration::from_millis(200);
            desk.errands.heartbeat(&act, first.id, first.lease_epoch, lease).await.unwrap();
        }
        let second = desk.claim("quick", 1, Duration::from_millis(1)).await.pop().unwrap();
        assert_eq!((second.id, second.lease_epoch), (first.id, first.lease_epoch + 1));
        let stale = desk.back(&first, done("late")).await.unwrap_err();
        assert!(stale.message.contains("not heard of in time"), "{}", stale.message);
        let act = desk.floor.act();
        let beat = desk.errands.heartbeat(&act, first.id, first.lease_epoch, Duration::from_secs(9)).await;
        assert_eq!(beat.unwrap_err().into_fault().kind, domain::FaultKind::Conflict);
        // The second is lost, too, and so is a third.
        desk.claim("third", 1, Duration::from_millis(1)).await;
        let whole = desk.floor.ended(run).await;
        assert!(whole.run.error.unwrap().contains("3 programs that took it were lost"));
        pool.stop(Duration::from_secs(5)).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_does_in_time_fails_and_what_is_acknowledged_counts() {
    on_both(async |db| {
        let source = SPEECH.replace("within: 1h", "within: 150ms").replace("attempts: 2", "attempts: 1");
        let desk = Desk::new(&db, &source).await;
        let pool = desk.floor.pool("w");
        let run = desk.start().await;
        let whole = desk.floor.ended(run).await;
        assert!(
            whole.run.error.unwrap().contains("No program of the queue transcribe has done it within 150ms")
        );
        // Brought back just before the time runs out, and just after.
        for n in 0..12 {
            let run = desk.start().await;
            let taken = desk.one("w").await;
            let left = (taken.until - desk.floor.world.now()).to_std().unwrap_or_default();
            tokio::time::sleep(
                (left + Duration::from_millis(n * 4)).saturating_sub(Duration::from_millis(40)),
            )
            .await;
            let acknowledged = desk.back(&taken, done("x")).await.is_ok();
            let whole = desk.floor.ended(run).await;
            assert_eq!(whole.run.state == RunState::Success, acknowledged, "{whole:?}");
        }
        pool.stop(Duration::from_secs(5)).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn many_programs_never_take_the_same() {
    on_both(async |db| {
        let desk = std::sync::Arc::new(Desk::new(&db, SPEECH).await);
        let pool = desk.floor.pool("w");
        for _ in 0..60 {
            desk.start().await;
        }
        let mut takers = tokio::task::JoinSet::new();
        for n in 0..6 {
            let desk = std::sync::Arc::clone(&desk);
            takers.spawn(async move {
                let mut mine = Vec::new();
                loop {
                    let wait = Duration::from_millis(500);
                    let some = desk.claim_within(&format!("w{n}"), 3, Duration::from_mins(1), wait).await;
                    if some.is_empty() {
                        break;
                    }
                    mine.extend(some.into_iter().map(|taken| taken.id));
                }
                mine
            });
        }
        let mut all: Vec<_> = takers.join_all().await.into_iter().flatten().collect();
        let count = all.len();
        all.sort();
        all.dedup();
        assert_eq!((all.len(), count), (60, 60), "two have taken the same, or nobody has");
        pool.stop(Duration::from_secs(5)).await;
    })
    .await;
}
