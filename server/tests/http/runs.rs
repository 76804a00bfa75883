use std::time::Duration;

use engine::run::{Pool, PoolOptions};
use engine::testing::on_both;

use super::*;

const SCOPES: [&str; 2] = ["workflows:write", "runs:write"];

const DOUBLE: &str = "
name: double
input: {type: object, required: [n], properties: {n: {type: integer}}}
steps:
  twice: {rule: {reject: {when: input.n > 1000, because: Too much.}, set: {n: input.n * 2}}}
  again: {needs: twice, rule: {set: {n: 100 / steps.twice.n}}}
output: {n: steps.again.n}
";

async fn desk(db: Db) -> (Desk, String) {
    let desk = Desk::new(db).await;
    let token = desk.token("ada@example.com", &SCOPES).await;
    let body = serde_json::json!({ "source": DOUBLE }).to_string();
    assert_eq!(desk.api("POST", "/workflows", &token, &body).await.status, StatusCode::CREATED);
    (desk, token)
}

fn pool(desk: &Desk) -> Pool {
    let options = PoolOptions { name: "w".to_owned(), slots: 8, lease: Duration::from_secs(30) };
    Pool::start(&desk.house.runs, &desk.house.world, desk.house.outbound.clone(), options)
}

async fn ended(desk: &Desk, token: &str, id: &str) -> serde_json::Value {
    for _ in 0..1_000 {
        let run = desk.api("GET", &format!("/runs/{id}"), token, "").await.json();
        if !["pending", "running"].contains(&run["state"].as_str().unwrap()) {
            return run;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("the run has not ended");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_is_started_followed_and_tried_again_over_the_api() {
    Box::pin(on_both(async |db| {
        let (desk, token) = desk(db).await;
        let pool = pool(&desk);
        let item = r#"{"workflow": "double", "input": {"n": 5}, "key": "five"}"#;
        let first = desk.api("POST", "/runs", &token, item).await;
        assert_eq!((first.status, &first.json()["made"]), (StatusCode::CREATED, &true.into()));
        let id = first.json()["id"].as_str().unwrap().to_owned();
        let again = desk.api("POST", "/runs", &token, item).await;
        assert_eq!((again.status, again.json()["id"].as_str().unwrap()), (StatusCode::OK, id.as_str()));
        let other = desk.api("POST", "/runs", &token, &item.replace('5', "6")).await;
        assert_eq!(other.status, StatusCode::CONFLICT);
        assert!(other.json()["detail"].as_str().unwrap().contains(&id));

        let run = ended(&desk, &token, &id).await;
        assert_eq!((&run["state"], &run["output"]["n"]), (&"success".into(), &10.into()), "{run}");
        assert_eq!(run["attempts"].as_array().unwrap().len(), 2);
        assert_eq!(run["created_by"], "Ada Okafor");
        let again = desk.api("POST", &format!("/runs/{id}/retry"), &token, r#"{"from": "again"}"#).await;
        assert_eq!(again.status, StatusCode::OK);
        let run = ended(&desk, &token, &id).await;
        assert_eq!(run["attempts"].as_array().unwrap().len(), 3);
        let cancelled = desk.api("POST", &format!("/runs/{id}/cancel"), &token, "").await;
        assert_eq!(cancelled.status, StatusCode::CONFLICT);
        let over = desk.api("POST", &format!("/runs/{id}/rerun"), &token, "").await;
        assert_eq!((over.status, &over.json()["origin"]), (StatusCode::CREATED, &id.as_str().into()));

        // Nothing can be divided by nothing: nobody can bring it to an end.
        let faulty = desk.api("POST", "/runs", &token, r#"{"workflow": "double", "input": {"n": 0}}"#).await;
        let faulty = ended(&desk, &token, faulty.json()["id"].as_str().unwrap()).await;
        assert_eq!(
            (&faulty["state"], &faulty["dead_letter"]["reason"]),
            (&"failed".into(), &"faulty".into())
        );
        let letters = desk.api("GET", "/dead-letters?workflow=double", &token, "").await.json();
        assert_eq!(letters["dead_letters"][0]["run"], faulty["id"]);
        let sweep = |dry_run: bool| {
            serde_json::json!({ "what": "retry", "reason": "faulty", "workflow": "double", "dry_run": dry_run }).to_string()
        };
        assert_eq!(desk.api("POST", "/runs/sweep", &token, &sweep(true)).await.json()["runs"], 1);
        assert_eq!(desk.api("POST", "/runs/sweep", &token, &sweep(false)).await.json()["runs"], 1);
        ended(&desk, &token, faulty["id"].as_str().unwrap()).await;
        let wrong = desk.api("POST", "/runs/sweep", &token, r#"{"what": "forget"}"#).await;
        assert_eq!(wrong.json()["errors"][0]["field"], "what");
        let numbers = desk.api("GET", "/workflows/double/numbers?hours=2", &token, "").await.json();
        assert!(numbers["success"].as_i64().unwrap() >= 2 && numbers["dead"] == 2, "{numbers}");
        assert_eq!(numbers["steps"].as_array().unwrap().len(), 2);
        for (path, status) in [("double/numbers?hours=0", 422), ("nothing/numbers", 404)] {
            assert_eq!(desk.api("GET", &format!("/workflows/{path}"), &token, "").await.status, status);
        }
        let queues = desk.api("GET", "/queues", &token, "").await.json();
        assert_eq!(queues["waiting"][1]["priority"], "normal", "{queues}");
        pool.stop(Duration::from_secs(5)).await;
    }))
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn several_items_are_answered_one_by_one() {
    on_both(async |db| {
        let (desk, token) = desk(db).await;
        let items = r#"[{"workflow": "double", "input": {"n": 1}}, {"workflow": "double", "input": {}},
            {"workflow": "double", "input": {"n": 1}, "colour": "red"}, {"workflow": "nothing", "input": {}}]"#;
        let all = desk.api("POST", "/runs", &token, items).await;
        assert_eq!(all.status, StatusCode::OK);
        let all = all.json();
        assert_eq!((&all["made"], &all["refused"]), (&1.into(), &3.into()), "{all}");
        let detail = |n: usize| all["runs"][n]["error"].to_string();
        assert!(all["runs"][0]["id"].is_string() && detail(1).contains("\\\"n\\\" is a required property"), "{all}");
        assert!(detail(2).contains("colour") && detail(3).contains("no workflow"), "{all}");

        let none = desk.api("POST", "/runs?atomic=true", &token, items).await;
        assert_eq!(none.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(desk.api("GET", "/runs?workflow=double", &token, "").await.json()["runs"].as_array().unwrap().len(), 1);
        let wrong = r#"[{"workflow": "double", "input": {"n": 1}}, {"workflow": "double", "input": {"n": "x"}}]"#;
        let none = desk.api("POST", "/runs?atomic=true", &token, wrong).await;
        assert_eq!(none.json()["errors"][0]["field"], "/1/input/n", "{}", none.body);
        let keyed = |n: usize| format!(r#"[{{"workflow": "double", "input": {{"n": {n}}}, "key": "k"}}]"#);
        assert_eq!(desk.api("POST", "/runs?atomic=true", &token, &keyed(1)).await.status, StatusCode::OK);
        let none = desk.api("POST", "/runs?atomic=true", &token, &keyed(2)).await;
        assert_eq!(none.json()["errors"][0]["field"], "/0/key", "{}", none.body);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn lines_are_taken_as_they_come() {
    on_both(async |db| {
        let (desk, token) = desk(db).await;
        let send = async |body: Body| {
            let request = Request::post("/api/v1/runs")
                .header("authorization", format!("Bearer {token}"))
                .header("content-type", "application/x-ndjson");
            desk.send(request.body(body).unwrap()).await
        };
        let line = |n: usize| format!(r#"{{"workflow": "double", "input": {{"n": {n}}}, "key": "{n}"}}"#);
        // More than a body may hold otherwise, in pieces that end anywhere, with an empty and a wrong line among them.
        let mut text: String = (0..1_300).map(|n| line(n) + "\n").collect();
        text.push_str("\n{\"workflow\": \"double\"\n");
        text.push_str(&line(3));
        let pieces: Vec<Result<Vec<u8>, std::io::Error>> =
            text.as_bytes().chunks(777).map(|piece| Ok(piece.to_vec())).collect();
        let answer = send(Body::from_stream(futures_util::stream::iter(pieces))).await;
        assert_eq!((answer.status, answer.header("content-type")), (StatusCode::OK, "application/x-ndjson"));
        let answers: Vec<serde_json::Value> =
            answer.body.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(answers.len(), 1_302);
        assert!(answers[..1_300].iter().all(|one| one["made"] == true));
        assert_eq!(answers[1_300]["error"]["status"], 400);
        assert_eq!((&answers[1_301]["made"], &answers[1_301]["id"]), (&false.into(), &answers[3]["id"]));

        // One line larger than any body, after good ones: what was started is known, and the last line says why no more.
        let endless = send(Body::from(format!("{}\n{}", line(5_000), "x".repeat(100 * 1024)))).await;
        let answers: Vec<serde_json::Value> =
            endless.body.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!((&answers[0]["made"], &answers[1]["error"]["status"]), (&true.into(), &413.into()));
        let broken = vec![Ok(line(5_001) + "\n"), Err(std::io::Error::other("gone"))];
        let broken = send(Body::from_stream(futures_util::stream::iter(broken))).await;
        assert!(broken.body.lines().next().unwrap().contains("\"made\":true"), "{}", broken.body);
        assert!(broken.body.lines().nth(1).unwrap().contains("broke off here"), "{}", broken.body);

        let nobody = Request::post("/api/v1/runs").header("content-type", "application/x-ndjson");
        let nobody = desk.send(nobody.body(Body::from(line(1))).unwrap()).await;
        assert_eq!(nobody.status, StatusCode::UNAUTHORIZED, "and nothing was read");
    })
    .await;
}

/// On SQLite only: where the lines are counted, no database is asked.
#[tokio::test(flavor = "multi_thread")]
async fn a_stream_has_a_hundred_thousand_lines_and_no_more() {
    let fresh = engine::testing::TestDb::sqlite().await;
    let (desk, token) = desk(fresh.db.clone()).await;
    // What cannot be read is answered, counted, and started nowhere.
    let lines = (0..100_001).map(|_| Ok::<_, std::io::Error>(b"{}\n".to_vec()));
    let request = Request::post("/api/v1/runs")
        .header("authorization", format!("Bearer {token}"))
        .header("content-type", "application/x-ndjson")
        .body(Body::from_stream(futures_util::stream::iter(lines)));
    let response = desk.router.clone().oneshot(request.unwrap()).await.unwrap();
    let body = to_bytes(response.into_body(), 1 << 30).await.unwrap();
    let mut answers = body.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    assert_eq!(answers.clone().count(), 100_001);
    let last: serde_json::Value = serde_json::from_slice(answers.next_back().unwrap()).unwrap();
    assert_eq!(last["error"]["status"], 413, "{last}");
    assert!(last.to_string().contains("at most 100000 lines"), "{last}");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_only_look_can_start_and_cancel_nothing() {
    on_both(async |db| {
        let (desk, token) = desk(db).await;
        let item = r#"{"workflow": "double", "input": {"n": 5}}"#;
        let id = desk.api("POST", "/runs", &token, item).await.json()["id"].as_str().unwrap().to_owned();
        let reader = desk.token("ada@example.com", &["runs:read"]).await;
        assert_eq!(desk.api("GET", &format!("/runs/{id}"), &reader, "").await.status, StatusCode::OK);
        let cancel = format!("/runs/{id}/cancel");
        for (path, body) in [("/runs", item), (cancel.as_str(), "")] {
            assert_eq!(desk.api("POST", path, &reader, body).await.status, StatusCode::FORBIDDEN, "{path}");
        }
        for path in ["/runs/nothing", "/runs/00000000-0000-7000-8000-000000000000"] {
            assert_eq!(desk.api("GET", path, &reader, "").await.status, StatusCode::NOT_FOUND, "{path}");
        }
        for query in ["state=done", "workflow=A", "from=today", "limit=0", "colour=red"] {
            let wrong = desk.api("GET", &format!("/runs?{query}"), &reader, "").await;
            assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY, "{query}");
        }
    })
    .await;
}
