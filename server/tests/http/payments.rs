use engine::testing::on_both;
use serde_json::{Value, json};

use super::*;

/// The batch of the demo that is over and not approved, or any that is open.
async fn open_batch(desk: &Desk, token: &str) -> Value {
    let page = desk.api("GET", "/pay/batches?limit=200", token, "").await.json();
    let all = page["batches"].as_array().unwrap().clone();
    for it in all.into_iter().filter(|it| it["state"] == "open") {
        let path = format!("/pay/batches/{}", it["id"].as_str().unwrap());
        let whole = desk.api("GET", &path, token, "").await.json();
        if whole["is_over"] == true {
            return whole;
        }
    }
    panic!("the demo has no batch to approve: {page}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_is_decided_and_approved_over_the_api() {
    on_both(async |db| {
        let desk = Desk::new(db).await;
        let token = desk.token("mara@example.com", &["pay:read", "pay:write"]).await;
        let batch = open_batch(&desk, &token).await;
        let path = format!("/pay/batches/{}", batch["id"].as_str().unwrap());
        let send = async |method: &str, path: &str, body: Value| {
            let body = if body.is_null() { String::new() } else { body.to_string() };
            let answer = desk.api(method, path, &token, &body).await;
            (answer.status.as_u16(), serde_json::from_str::<Value>(&answer.body).unwrap_or_default())
        };
        let sum: f64 = batch["payments"]
            .as_array()
            .unwrap()
            .iter()
            .map(|it| it["amount"].as_str().unwrap().parse::<f64>().unwrap())
            .sum();
        assert!((sum - batch["amount"].as_str().unwrap().parse::<f64>().unwrap()).abs() < 0.001);

        // Somebody is held and let go: the hash is the same again.
        let first = &batch["payments"][0];
        let hold = format!("/pay/payments/{}/hold", first["id"].as_str().unwrap());
        let (status, fault) = send("PUT", &hold, json!({ "reason": " " })).await;
        assert_eq!((status, &fault["errors"][0]["field"]), (422, &json!("reason")));
        assert_eq!(send("PUT", &hold, json!({ "reason": "Waiting for the client" })).await.0, 204);
        let without = send("GET", &path, Value::Null).await.1;
        assert_ne!(without["hash"], batch["hash"]);
        assert_eq!(without["held"], 1);
        assert_eq!(send("DELETE", &hold, Value::Null).await.0, 204);
        let batch = send("GET", &path, Value::Null).await.1;

        let approve = format!("{path}/approve");
        if batch["undecided"] != 0 {
            assert_eq!(send("POST", &approve, json!({ "hash": batch["hash"] })).await.0, 409);
        }
        for it in batch["findings"].as_array().unwrap() {
            let accept = json!({
                "subject": it["subject"], "reason": "Known",
                "findings": [{ "kind": it["kind"], "sentence": it["sentence"] }],
            });
            assert_eq!(send("POST", &format!("{path}/accept"), accept).await.0, 204);
        }
        let batch = send("GET", &path, Value::Null).await.1;
        assert_eq!(send("POST", &approve, json!({ "hash": "00" })).await.0, 409);
        let (status, done) = send("POST", &approve, json!({ "hash": batch["hash"] })).await;
        assert_eq!((status, &done), (200, &json!({ "approved": true })), "{done}");
        let after = send("GET", &path, Value::Null).await.1;
        assert_eq!((&after["state"], &after["hash"]), (&json!("approved"), &batch["hash"]));
        assert_eq!(after["approvals"][0]["name"], "Mara Lindqvist");
        assert_eq!(send("PUT", &hold, json!({ "reason": "Late" })).await.0, 409);
        assert_eq!(send("GET", &path.replace("batches", "payments"), Value::Null).await.0, 404);

        let slip = send("GET", &hold.replace("/hold", ""), Value::Null).await.1;
        let reverse = format!("/pay/lines/{}/reverse", slip["lines"][0]["id"].as_str().unwrap());
        assert_eq!(send("POST", &reverse, json!({ "reason": "The wrong task" })).await.0, 204);
        assert_eq!(send("POST", &reverse, json!({ "reason": "The wrong task" })).await.0, 409);
        let slip = send("GET", &hold.replace("/hold", ""), Value::Null).await.1;
        assert_eq!(slip["lines"][0]["taken_back"], "The wrong task");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_sees_ones_own_pay_and_no_other() {
    on_both(async |db| {
        let desk = Desk::new(db).await;
        let anas = desk.token("ana@example.com", &["pay:read"]).await;
        let mine = desk.api("GET", "/pay/mine", &anas, "").await.json();
        let own = mine.as_array().unwrap();
        assert!(!own.is_empty());
        let path = format!("/pay/payments/{}", own[0]["id"].as_str().unwrap());
        let slip = desk.api("GET", &path, &anas, "").await.json();
        assert_eq!(slip["payment"]["amount"], own[0]["amount"]);
        assert_eq!(
            slip["lines"].as_array().unwrap().len(),
            usize::try_from(own[0]["lines"].as_i64().unwrap()).unwrap()
        );
        // A token for something else sees nothing of it.
        let other = desk.token("ana@example.com", &["timesheets:write"]).await;
        assert_eq!(desk.api("GET", &path, &other, "").await.status, StatusCode::NOT_FOUND);
        assert_eq!(desk.api("GET", "/pay/mine", &other, "").await.status, StatusCode::FORBIDDEN);
        let teos = desk.token("teo@example.com", &["timesheets:write", "pay:read"]).await;
        assert_eq!(desk.api("GET", &path, &teos, "").await.status, StatusCode::NOT_FOUND);
        assert_eq!(desk.api("GET", "/pay/batches", &teos, "").await.status, StatusCode::FORBIDDEN);
    })
    .await;
}
