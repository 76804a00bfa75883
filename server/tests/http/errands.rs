use std::time::Duration;

use engine::run::{Pool, PoolOptions};
use engine::testing::on_both;
use serde_json::{Value, json};

use super::*;

const SPEECH: &str = "
name: speech
steps:
  transcribe:
    worker:
      queue: transcribe
      input: {file: input.file}
      within: 1h
      output: {type: object, required: [text], properties: {text: {type: string}}}
output: {text: steps.transcribe.text}
";

#[tokio::test(flavor = "multi_thread")]
async fn a_program_does_errands_over_the_api() {
    on_both(async |db| {
        let desk = Desk::new(db).await;
        let token = desk.token("ada@example.com", &["workflows:write", "runs:write", "errands:write"]).await;
        let body = json!({ "source": SPEECH }).to_string();
        assert_eq!(desk.api("POST", "/workflows", &token, &body).await.status, StatusCode::CREATED);
        let options = PoolOptions { name: "w".to_owned(), slots: 8, lease: Duration::from_secs(30) };
        let pool = Pool::start(&desk.house.runs, &desk.house.world, desk.house.outbound.clone(), options);
        let post = async |path: &str, body: Value| desk.api("POST", path, &token, &body.to_string()).await;
        let claim = json!({ "queue": "transcribe", "worker": "ears", "wait_s": 10 });
        let start = json!({ "workflow": "speech", "input": { "file": "a.wav" } });
        let (claimed, started) = tokio::join!(post("/errands/claim", claim.clone()), post("/runs", start));
        let errand = claimed.json()["errands"][0].clone();
        let run = started.json()["id"].clone();
        assert_eq!(
            (&errand["run"], &errand["input"], &errand["epoch"]),
            (&run, &json!({"file": "a.wav"}), &json!(1))
        );
        let at = format!("/errands/{}", errand["id"].as_str().unwrap());
        let queues = desk.api("GET", "/queues", &token, "").await.json();
        assert_eq!(
            queues["errands"],
            json!([{"queue": "transcribe", "offered": 0, "lag_s": null, "taken": 1}])
        );

        let beat = post(&format!("{at}/heartbeat"), json!({"epoch": 1, "lease_s": 30})).await;
        assert!(beat.status == StatusCode::OK && beat.json()["lease_until"].is_string());
        assert_eq!(post(&format!("{at}/heartbeat"), json!({"epoch": 7})).await.status, StatusCode::CONFLICT);
        let misfit = post(&format!("{at}/complete"), json!({"epoch": 1, "output": {"text": 3}})).await;
        assert_eq!(misfit.json()["errors"][0]["field"], "output/text");
        let done = json!({"epoch": 1, "output": {"text": "hello"}, "confidence": 0.8});
        assert_eq!(post(&format!("{at}/complete"), done.clone()).await.status, StatusCode::NO_CONTENT);
        assert_eq!(post(&format!("{at}/complete"), done).await.status, StatusCode::NO_CONTENT, "sent again");
        assert_eq!(
            post(&format!("{at}/fail"), json!({"epoch": 1, "error": "no"})).await.status,
            StatusCode::CONFLICT
        );
        let run = format!("/runs/{}", run.as_str().unwrap());
        while desk.api("GET", &run, &token, "").await.json()["output"] != json!({"text": "hello"}) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }

        let start = json!({ "workflow": "speech", "input": { "file": "b.wav" } });
        post("/runs", start).await;
        loop {
            let queues = desk.api("GET", "/queues", &token, "").await.json();
            if queues["errands"][0]["offered"] == 1 {
                assert!(queues["errands"][0]["lag_s"].as_f64().unwrap() < 10.0, "{queues}");
                break;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        assert_eq!(
            post("/errands/claim", claim.clone()).await.json()["errands"].as_array().unwrap().len(),
            1
        );

        // Refused in words, field by field; and whoever waits is let go when the server stops.
        for (field, value) in [
            ("queue", json!("A B")),
            ("limit", json!(0)),
            ("lease_s", json!(1)),
            ("wait_s", json!(99)),
            ("worker", json!(" ")),
        ] {
            let mut body = claim.clone();
            body[field] = value;
            let refused = post("/errands/claim", body).await;
            assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{field}");
            assert_eq!(refused.json()["errors"][0]["field"], field);
        }
        let nothing =
            post("/errands/00000000-0000-7000-8000-000000000000/fail", json!({"epoch": 1, "error": "x"}))
                .await;
        assert_eq!(nothing.status, StatusCode::NOT_FOUND);
        let reader = desk.token("ada@example.com", &["runs:read"]).await;
        assert_eq!(
            desk.api("POST", "/errands/claim", &reader, &claim.to_string()).await.status,
            StatusCode::FORBIDDEN
        );
        let since = std::time::Instant::now();
        let (left, ()) = tokio::join!(post("/errands/claim", claim), async {
            tokio::time::sleep(Duration::from_millis(100)).await;
            desk.house.errands.stop_waiting();
        });
        assert_eq!((left.json(), since.elapsed() < Duration::from_secs(2)), (json!({"errands": []}), true));
        pool.stop(Duration::from_secs(5)).await;
    })
    .await;
}
