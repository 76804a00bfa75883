use std::time::Duration;

use engine::run::{Pool, PoolOptions};
use engine::testing::on_both;
use serde_json::{Value, json};

use super::*;

const CHECKED: &str = "
name: checked
steps:
  read: {rule: {set: {n: input.n}, confidence: '0.5'}}
  check:
    needs: read
    review:
      of: read
      low_confidence: {below: 0.8}
      within: 1h
      otherwise: escalate
      output: {type: object, required: [n], properties: {n: {type: integer}}}
output: {n: steps.check.output.n}
";

/// The review of a run, once there is one.
async fn review_of(desk: &Desk, token: &str, run: &str) -> Value {
    for _ in 0..1_000 {
        let run = desk.api("GET", &format!("/runs/{run}"), token, "").await.json();
        if run["state"] == "needs_review" {
            return run["reviews"][0].clone();
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("the run waits for nobody");
}

#[tokio::test(flavor = "multi_thread")]
async fn reviews_are_listed_decided_and_escalated_over_the_api() {
    on_both(async |db| {
        let desk = Desk::new(db).await;
        let ada = desk.token("ada@example.com", &["workflows:write", "runs:write", "reviews:read"]).await;
        let scopes = ["reviews:write", "runs:read"];
        let reviewer = desk.token("ravi@example.com", &scopes).await;
        let manager = desk.token("mara@example.com", &scopes).await;
        let body = json!({ "source": CHECKED }).to_string();
        assert_eq!(desk.api("POST", "/workflows", &ada, &body).await.status, StatusCode::CREATED);
        let options = PoolOptions { name: "w".to_owned(), slots: 8, lease: Duration::from_secs(30) };
        let pool = Pool::start(&desk.house.runs, &desk.house.world, desk.house.outbound.clone(), options);
        let start = async || {
            let item = json!({ "workflow": "checked", "input": { "n": 1 } }).to_string();
            let run = desk.api("POST", "/runs", &ada, &item).await.json()["id"].as_str().unwrap().to_owned();
            let review = review_of(&desk, &ada, &run).await["id"].as_str().unwrap().to_owned();
            (run, format!("/reviews/{review}"))
        };
        let (run, review) = start().await;
        let listed =
            desk.api("GET", "/reviews?workflow=checked&trigger=low_confidence", &reviewer, "").await.json();
        assert_eq!(listed["reviews"].as_array().unwrap().len(), 1, "{listed}");
        assert_eq!(listed["reviews"][0]["grounds"][0]["limit"], 0.8);
        let whole = desk.api("GET", &review, &reviewer, "").await.json();
        assert_eq!(
            (&whole["found"], &whole["input"], &whole["level"]),
            (&json!({"n": 1}), &json!({"n": 1}), &json!("reviewers"))
        );
        assert_eq!(whole["schema"]["required"], json!(["n"]));

        // Refused with what is wrong, and nothing changes.
        let decide = format!("{review}/decide");
        let send = async |token: &str, path: &str, body: Value| {
            desk.api("POST", path, token, &body.to_string()).await
        };
        let refused = send(&reviewer, &decide, json!({"verdict": "perhaps"})).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        let misfit = send(&reviewer, &decide, json!({"verdict": "correct", "output": {"n": "one"}})).await;
        assert_eq!(misfit.json()["errors"][0]["field"], "output/n");
        assert_eq!(
            send(&reviewer, &decide, json!({"verdict": "accept", "oops": 1})).await.status,
            StatusCode::UNPROCESSABLE_ENTITY
        );
        let admin = send(&ada, &decide, json!({"verdict": "accept"})).await;
        assert_eq!(admin.status, StatusCode::FORBIDDEN, "a token without the scope");
        let decided = send(&reviewer, &decide, json!({"verdict": "correct", "output": {"n": 2}})).await;
        assert_eq!((decided.status, &decided.json()["verdict"]), (StatusCode::OK, &json!("correct")));
        let late = send(&manager, &decide, json!({"verdict": "accept"})).await;
        assert_eq!(late.status, StatusCode::CONFLICT);
        let ended = loop {
            let run = desk.api("GET", &format!("/runs/{run}"), &ada, "").await.json();
            if run["state"] == "success" {
                break run;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        };
        assert_eq!(
            (&ended["output"]["n"], &ended["reviews"][0]["decided_by"]),
            (&json!(2), &whole_name(&desk).await)
        );

        let (_, review) = start().await;
        let escalated = send(&reviewer, &format!("{review}/escalate"), json!({"comment": "Odd."})).await;
        assert_eq!(escalated.json()["level"], "managers");
        let decide = format!("{review}/decide");
        assert_eq!(
            send(&reviewer, &decide, json!({"verdict": "accept"})).await.status,
            StatusCode::FORBIDDEN
        );
        assert_eq!(send(&manager, &decide, json!({"verdict": "accept"})).await.status, StatusCode::OK);
        let annotator = desk.token("ana@example.com", &["projects:read"]).await;
        assert_eq!(desk.api("GET", "/reviews", &annotator, "").await.status, StatusCode::FORBIDDEN);
        pool.stop(Duration::from_secs(5)).await;
    })
    .await;
}

async fn whole_name(desk: &Desk) -> Value {
    let act = Act::new(&desk.house.world, Actor::System("test"), "r");
    json!(desk.house.people.by_email(&act, "ravi@example.com").await.unwrap().name.to_string())
}
