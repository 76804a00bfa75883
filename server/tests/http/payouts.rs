use engine::testing::on_both;
use serde_json::json;

use super::*;

/// The demo's batch that is over and open, approved with all that was found accepted; its id.
async fn approve_one(desk: &Desk, token: &str) -> String {
    let page = desk.api("GET", "/pay/batches?limit=200", token, "").await.json();
    for it in page["batches"].as_array().unwrap().iter().filter(|it| it["state"] == "open") {
        let id = it["id"].as_str().unwrap().to_owned();
        let path = format!("/pay/batches/{id}");
        let whole = desk.api("GET", &path, token, "").await.json();
        if whole["is_over"] != true {
            continue;
        }
        for it in whole["findings"].as_array().unwrap() {
            let accept = json!({
                "subject": it["subject"], "reason": "Known",
                "findings": [{ "kind": it["kind"], "sentence": it["sentence"] }],
            });
            desk.api("POST", &format!("{path}/accept"), token, &accept.to_string()).await;
        }
        let hash = desk.api("GET", &path, token, "").await.json()["hash"].clone();
        let done =
            desk.api("POST", &format!("{path}/approve"), token, &json!({ "hash": hash }).to_string()).await;
        assert_eq!(done.json()["approved"], true, "{}", done.body);
        return id;
    }
    panic!("the demo has no batch to approve: {page}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payment_file_leaves_for_whoever_may_send_pay_and_no_other() {
    Box::pin(on_both(async |db| {
        let desk = Desk::new(db).await;
        let token = desk.token("mara@example.com", &["pay:read", "pay:write"]).await;
        let batch = approve_one(&desk, &token).await;
        let cookies = desk.sign_in("mara@example.com").await;
        let page = desk.get(&format!("/pay/{batch}"), &cookies).await.body;
        let usual = page.split("name=\"usual\" value=\"").nth(1).and_then(|rest| rest.split('"').next());
        let usual = usual.unwrap_or_else(|| panic!("nothing to send: {page}")).to_owned();
        // A day later is today or later wherever somebody is.
        let on = (World::Real.now().date_naive() + chrono::Days::new(1)).to_string();
        let form = |format: &'static str| {
            vec![
                ("batch", batch.clone()),
                ("usual", usual.clone()),
                ("format", format.to_owned()),
                ("pay_on", on.clone()),
            ]
        };
        let post = async |cookies: &str, format: &'static str| {
            let form = form(format);
            let form: Vec<_> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
            desk.post("make_payout", cookies, &form).await
        };
        let anas = desk.sign_in("ana@example.com").await;
        assert_eq!(post(&anas, "csv").await.status, StatusCode::FORBIDDEN);
        assert_eq!(post(&cookies, "parchment").await.status, StatusCode::UNPROCESSABLE_ENTITY);
        let made = post(&cookies, "csv").await;
        assert_eq!(made.status, StatusCode::SEE_OTHER, "{}", made.body);
        let path = made.header("location").to_owned();

        let file = format!("{path}/download");
        let answer = desk.get(&file, &cookies).await;
        assert_eq!(answer.header("content-type"), "text/csv; charset=utf-8");
        assert!(answer.header("content-disposition").contains(".csv\""), "{answer:?}");
        assert!(answer.body.starts_with("reference,person,method,"), "{}", answer.body);
        assert_eq!(desk.get(&file, &cookies).await.body, answer.body);
        assert_eq!(desk.get(&file, &anas).await.status, StatusCode::FORBIDDEN);
        assert_eq!(desk.get(&path, &anas).await.status, StatusCode::FORBIDDEN);
        assert_eq!(desk.get("/pay/files/nothing/download", &cookies).await.status, StatusCode::NOT_FOUND);
        let sheet = desk.get(&path, &cookies).await.body;
        let log = desk.get("/audit?thing=payout", &cookies).await;
        assert!(sheet.contains("All were paid") && log.status == StatusCode::OK);
    }))
    .await;
}
