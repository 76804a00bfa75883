//! Steps that tell others: what is written with the checkpoint arrives, whoever is away meanwhile.

use chrono::TimeDelta;
use domain::ids::{MessageId, RunId};
use domain::webhook::MessageState;

use super::calls::{Says, Service};
use super::*;
use crate::run::{forget as forget_runs, forgettable};
use crate::webhook::{Key, MessageFilter, Webhooks, WholeMessage, sign};

fn telling(address: std::net::SocketAddr) -> String {
    format!(
        "
name: tell
steps:
  tell:
    emit: {{to: 'http://{address}/hook/{{{{ input.id|urlencode }}}}', type: claim.routed, data: {{id: input.id}}, secret: token}}
output: {{message: steps.tell.message}}
"
    )
}

struct Post {
    floor: Floor,
    webhooks: Webhooks,
    db: Db,
}

impl Post {
    async fn office(db: &Db, service: &Service) -> Self {
        let floor = Floor::new(db, World::Real).await;
        Workflows::new(db.clone()).apply(&floor.act(), &telling(service.address), None).await.unwrap();
        Self { webhooks: Webhooks::new(db.clone(), floor.runs.clone()), floor, db: db.clone() }
    }

    async fn of(&self, run: RunId) -> WholeMessage {
        let filter = MessageFilter { run: Some(run), ..MessageFilter::default() };
        self.floor.ended(run).await;
        let page = self.webhooks.list(&self.floor.act(), filter, None, 10).await.unwrap();
        assert_eq!(page.rows.len(), 1);
        self.webhooks.open(&self.floor.act(), page.rows[0].id).await.unwrap()
    }

    async fn until(&self, run: RunId, is: impl Fn(&WholeMessage) -> bool) -> WholeMessage {
        for _ in 0..1_000 {
            let whole = self.of(run).await;
            if is(&whole) {
                return whole;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        panic!("it does not become that: {:?}", self.of(run).await);
    }

    /// As if that much time had passed for a message.
    async fn later(&self, id: MessageId) {
        let now = self.floor.act().at - TimeDelta::seconds(1);
        let mut tx = self.db.begin().await.unwrap();
        crate::run_tx!(tx, sqlx::query("UPDATE message SET next_at = $1 WHERE id = $2").bind(now).bind(id))
            .unwrap();
        tx.commit().await.unwrap();
        self.floor.runs.messages_written();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_arrives_signed_and_the_run_does_not_wait_for_it() {
    on_both(async |db| {
        let service = Service::that(&[Says::Status(500), Says::Fine]).await;
        let post = Post::office(&db, &service).await;
        let pool = post.floor.pool("w");
        let run = post.floor.start("tell", json!({"id": "a/b"})).await;
        let ended = post.floor.ended(run).await;
        assert_eq!(ended.run.state, RunState::Success, "it has told, whoever is away");
        let failed = post.until(run, |whole| whole.message.failed == 1).await;
        let id = format!("msg_{}", failed.message.id.0.simple());
        assert!(ended.run.output.unwrap().contains(&id));
        assert_eq!((failed.message.state, failed.deliveries[0].status), (MessageState::Pending, Some(500)));
        let wait = failed.message.next_at - failed.deliveries[0].at;
        assert!((4..8).contains(&wait.num_seconds()), "the first pause is five seconds: {wait}");

        post.later(failed.message.id).await;
        let whole = post.until(run, |whole| whole.message.state == MessageState::Delivered).await;
        assert_eq!(whole.deliveries.iter().map(|one| one.number).collect::<Vec<_>>(), [2, 1]);
        assert!(whole.deliveries[0].error.is_empty());
        let asked = service.last();
        assert_eq!(asked.path, "/hook/a%2Fb");
        assert_eq!(asked.header("webhook-id"), id, "the same at every try");
        let timestamp: i64 = asked.header("webhook-timestamp").parse().unwrap();
        assert_eq!(
            asked.header("webhook-signature"),
            sign(&Key::all_of("hunter2").unwrap(), &id, timestamp, &asked.body)
        );
        let body: Value = serde_json::from_str(&asked.body).unwrap();
        assert_eq!((&body["type"], &body["data"]), (&json!("claim.routed"), &json!({"id": "a/b"})));

        // Sent again by hand, under the same id; what is on its way is not.
        post.webhooks.send_again(&post.floor.act(), whole.message.id).await.unwrap();
        post.until(run, |whole| whole.deliveries.len() == 3).await;
        assert_eq!(service.last().header("webhook-id"), id);
        pool.stop(Duration::from_secs(5)).await;
        post.webhooks.send_again(&post.floor.act(), whole.message.id).await.unwrap();
        let twice =
            post.webhooks.send_again(&post.floor.act(), whole.message.id).await.unwrap_err().into_fault();
        assert_eq!(twice.kind, domain::FaultKind::Conflict);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_that_is_away_for_days_is_given_up_and_can_be_sent_all_again() {
    on_both(async |db| {
        let service = Service::that(&[Says::Status(404)]).await;
        let post = Post::office(&db, &service).await;
        let pool = post.floor.pool("w");
        let run = post.floor.start("tell", json!({"id": "x"})).await;
        for failed in 1..=9 {
            let whole = post.until(run, |whole| whole.message.failed == failed).await;
            assert_eq!(whole.message.state, MessageState::Pending, "after {failed}");
            post.later(whole.message.id).await;
        }
        let given_up = post.until(run, |whole| whole.message.state == MessageState::Failed).await;
        assert_eq!((given_up.message.failed, given_up.deliveries.len()), (10, 10));
        // Whoever says that they are gone is not asked again.
        service.says_from_now_on(Says::Status(410));
        let gone = post.floor.start("tell", json!({"id": "y"})).await;
        assert_eq!(
            post.until(gone, |whole| whole.message.state == MessageState::Failed).await.message.failed,
            1
        );

        service.says_from_now_on(Says::Fine);
        assert_eq!(post.webhooks.send_all_again(&post.floor.act()).await.unwrap(), (2, false));
        for run in [run, gone] {
            post.until(run, |whole| whole.message.state == MessageState::Delivered).await;
        }
        assert_eq!(post.webhooks.send_all_again(&post.floor.act()).await.unwrap(), (0, false));
        pool.stop(Duration::from_secs(5)).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_lost_courier_had_is_brought_by_another_once() {
    on_both(async |db| {
        let service = Service::that(&[Says::Fine]).await;
        let post = Post::office(&db, &service).await;
        let pool = post.floor.pool("w");
        let run = post.floor.start("tell", json!({"id": "x"})).await;
        let whole = post.until(run, |whole| whole.message.state == MessageState::Delivered).await;
        pool.stop(Duration::from_secs(5)).await;
        // Somebody takes it and is lost; what they say afterwards is stale.
        post.webhooks.send_again(&post.floor.act(), whole.message.id).await.unwrap();
        let at = post.floor.act().at + TimeDelta::seconds(1);
        let mut tx = db.begin().await.unwrap();
        let taken = crate::webhook::take(&mut tx, at, at + TimeDelta::seconds(60), 10).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(taken.len(), 1);
        let pool = post.floor.pool("w2");
        tokio::time::sleep(Duration::from_millis(100)).await;
        assert_eq!(post.of(run).await.deliveries.len(), 1, "it was brought although somebody has it");
        post.later(whole.message.id).await;
        post.until(run, |whole| whole.message.state == MessageState::Delivered).await;
        let mut tx = db.begin().await.unwrap();
        assert!(!crate::webhook::settle(&mut tx, &taken[0]).await.unwrap(), "a stale word was taken");
        drop(tx);
        pool.stop(Duration::from_secs(5)).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_is_not_forgotten_before_what_it_tells_has_arrived() {
    on_both(async |db| {
        let service = Service::that(&[Says::Status(500), Says::Fine]).await;
        let post = Post::office(&db, &service).await;
        let pool = post.floor.pool("w");
        let run = post.floor.start("tell", json!({"id": "a"})).await;
        let workflow = post.floor.ended(run).await.run.workflow_id;
        let failed = post.until(run, |whole| whole.message.failed == 1).await;
        let forget = async || {
            let before = post.floor.act().at + TimeDelta::hours(1);
            let nil = RunId(uuid::Uuid::nil());
            let found = forgettable(&db, workflow, RunState::Success, before, nil).await.unwrap();
            let mut tx = db.begin().await.unwrap();
            let forgotten = forget_runs(&mut tx, &[run]).await.unwrap();
            assert_eq!(found.len(), forgotten, "what is found is forgotten, and nothing else");
            tx.commit().await.unwrap();
            forgotten
        };
        assert_eq!(forget().await, 0);
        post.later(failed.message.id).await;
        post.until(run, |whole| whole.message.state == MessageState::Delivered).await;
        assert_eq!(forget().await, 1);
        assert!(post.webhooks.open(&post.floor.act(), failed.message.id).await.is_err());
        pool.stop(Duration::from_secs(5)).await;
    })
    .await;
}
