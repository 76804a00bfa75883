use std::collections::BTreeMap;
use std::sync::Mutex;

use axum::extract::State;
use engine::run::{Pool, PoolOptions};
use engine::testing::on_both;

use super::*;

/// Takes what is sent to it, from the second time on.
async fn receiver() -> (String, Arc<Mutex<Vec<String>>>) {
    let seen: Arc<Mutex<Vec<String>>> = Arc::default();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap());
    let take = async |State(seen): State<Arc<Mutex<Vec<String>>>>, headers: axum::http::HeaderMap| {
        let id = headers.get("webhook-id").and_then(|id| id.to_str().ok()).unwrap_or_default().to_owned();
        let mut seen = seen.lock().unwrap();
        seen.push(id);
        if seen.len() == 1 { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::NO_CONTENT }
    };
    let router = Router::new().fallback(take).with_state(Arc::clone(&seen));
    tokio::spawn(async move { axum::serve(listener, router).await });
    (url, seen)
}

async fn until(
    desk: &Desk,
    token: &str,
    path: &str,
    is: impl Fn(&serde_json::Value) -> bool,
) -> serde_json::Value {
    for _ in 0..400 {
        let answer = desk.api("GET", path, token, "").await.json();
        if is(&answer) {
            return answer;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("{path} does not become that: {}", desk.api("GET", path, token, "").await.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_runs_tell_others_is_seen_and_sent_again() {
    on_both(async |db| {
        let desk = Desk::new(db).await;
        let token = desk.token("ada@example.com", &["workflows:write", "runs:write"]).await;
        let (url, seen) = receiver().await;
        let source = format!(
            "name: tell\nsteps:\n  tell: {{emit: {{to: '{url}', type: claim.routed, data: {{id: input.id}}, secret: hook}}}}\n"
        );
        let applied = desk.api("POST", "/workflows", &token, &serde_json::json!({ "source": source }).to_string()).await;
        assert_eq!(applied.status, StatusCode::CREATED, "{}", applied.body);
        let secrets = BTreeMap::from([("hook".to_owned(), "whsec_c2VjcmV0".to_owned())]);
        let outbound = Outbound::new(&["127.0.0.1".to_owned()], Secrets::new(secrets)).unwrap();
        let options = PoolOptions { name: "w".to_owned(), slots: 4, lease: Duration::from_secs(30) };
        let pool = Pool::start(&desk.house.runs, &World::Real, outbound, options);
        let started = desk.api("POST", "/runs", &token, r#"{"workflow": "tell", "input": {"id": "C-1"}}"#).await.json();
        let run = started["id"].as_str().unwrap().to_owned();

        // The first try is refused, and everybody can see it.
        let of_run = format!("/webhooks?run={run}");
        let list = until(&desk, &token, &of_run, |page| page["messages"][0]["failed"] == 1).await;
        let id = list["messages"][0]["id"].as_str().unwrap().to_owned();
        assert_eq!((&list["messages"][0]["state"], &list["messages"][0]["type"]), (&"pending".into(), &"claim.routed".into()));
        assert!(list["messages"][0]["next_at"].is_string());
        // So is that the demo's model is not there.
        let of = |page: &serde_json::Value, kind: &str| -> Vec<serde_json::Value> {
            let all = page["breakers"].as_array().unwrap().iter();
            all.filter(|one| one["dependency"].as_str().unwrap().starts_with(kind)).cloned().collect()
        };
        let breakers = until(&desk, &token, "/breakers", |page| of(page, "model:").iter().any(|one| one["open_until"].is_string())).await;
        assert_eq!(of(&breakers, "host:")[0]["failures"], 1, "{breakers}");
        let cookies = desk.sign_in("mara@example.com").await;
        let page = desk.get(&format!("/webhooks/{id}"), &cookies).await;
        assert!(page.body.contains("On its way") && page.body.contains("503") && page.body.contains("C-1"), "{}", page.body);
        assert!(desk.get("/webhooks?state=pending", &cookies).await.body.contains("claim.routed"));
        let queues = desk.get("/queues", &cookies).await;
        assert!(queues.body.contains("Not well") && queues.body.contains("Ask again"));

        // It has to be on the way no more before it can be sent again.
        assert_eq!(desk.api("POST", &format!("/webhooks/{id}/send-again"), &token, "").await.status, StatusCode::CONFLICT);
        let whole = until(&desk, &token, &format!("/webhooks/{id}"), |whole| whole["state"] == "delivered").await;
        assert_eq!(whole["deliveries"].as_array().unwrap().len(), 2);
        assert_eq!((&whole["deliveries"][0]["status"], &whole["body"]["data"]["id"]), (&204.into(), &"C-1".into()));
        assert_eq!(desk.api("POST", &format!("/webhooks/{id}/send-again"), &token, "").await.status, StatusCode::NO_CONTENT);
        until(&desk, &token, &format!("/webhooks/{id}"), |whole| whole["deliveries"].as_array().unwrap().len() == 3).await;
        let ids = seen.lock().unwrap().clone();
        assert!(ids.len() == 3 && ids.iter().all(|seen| *seen == whole["webhook_id"]), "{ids:?}");
        let none = desk.api("POST", "/webhooks/send-again", &token, "").await.json();
        assert_eq!((&none["messages"], &none["more"]), (&0.into(), &false.into()));

        // A success closes what failures had opened; what is still open is closed by hand.
        let breakers = desk.api("GET", "/breakers", &token, "").await.json();
        assert!(of(&breakers, "host:").is_empty(), "{breakers}");
        pool.stop(Duration::from_secs(5)).await;
        assert_eq!(desk.post("close_breaker", &cookies, &[("dependency", "model:desk-reader")]).await.status, StatusCode::SEE_OTHER);
        assert_eq!(desk.api("GET", "/breakers", &token, "").await.json()["breakers"], serde_json::json!([]));
        assert_eq!(desk.api("POST", "/breakers/host:none/close", &token, "").await.status, StatusCode::NOT_FOUND);
        let annotator = desk.sign_in("ana@example.com").await;
        assert_eq!(desk.get("/webhooks", &annotator).await.status, StatusCode::FORBIDDEN);
        assert_eq!(desk.get("/webhooks/nothing", &cookies).await.status, StatusCode::NOT_FOUND);
        assert_eq!(desk.api("GET", "/webhooks?state=lost", &token, "").await.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(desk.get("/schedules", &cookies).await.body.contains("Nothing starts by itself"));
    })
    .await;
}
