use engine::testing::on_both;
use serde_json::{Value, json};

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn tasks_periods_and_rates_of_a_project() {
    on_both(async |db| {
        let desk = Desk::new(db).await;
        let token = desk.token("ada@example.com", &["projects:write", "pay:write"]).await;
        let body = json!({ "code": "new-1", "name": "New", "client": "Acme", "currency": "JPY" }).to_string();
        let made = desk.api("POST", "/projects", &token, &body).await.json();
        let path = format!("/projects/{}", made["id"].as_str().unwrap());
        let send = async |method: &str, rest: &str, body: Value| {
            let body = if method == "GET" { String::new() } else { body.to_string() };
            let answer = desk.api(method, &format!("{path}{rest}"), &token, &body).await;
            (answer.status.as_u16(), serde_json::from_str::<Value>(&answer.body).unwrap_or_default())
        };
        let task = json!({ "name": "Labels", "paid_by": "both", "unit": "image", "day_hours": "7.5" });
        let (status, task) = send("POST", "/tasks", task).await;
        assert_eq!((status, &task["day_hours"]), (201, &json!("7:30")), "{task}");
        let of_task = format!("/tasks/{}", task["id"].as_str().unwrap());
        let (_, changed) = send("PATCH", &of_task, json!({ "day_hours": "", "version": 1 })).await;
        assert_eq!(
            (&changed["day_hours"], &changed["unit"], &changed["version"]),
            (&Value::Null, &json!("image"), &json!(2))
        );
        assert_eq!(send("PATCH", &of_task, json!({ "version": 1 })).await.0, 409);

        let (_, terms) = send("GET", "/terms", Value::Null).await;
        assert_eq!((&terms["rhythm"], &terms["version"]), (&json!("monthly"), &json!(0)));
        let mut set = json!({
            "rhythm": "weekly", "starts_on": "2026-01-05", "cut_off_days": 1, "grace_days": 1, "pay_days": 4,
            "zone": "Asia/Tokyo", "backdate_days": 30, "budget_amount": "1000.5", "version": 0
        });
        let (status, fault) = send("PUT", "/terms", set.clone()).await;
        assert_eq!(
            (status, &fault["errors"][0]["field"]),
            (422, &json!("budget_amount")),
            "yen have no decimals"
        );
        set["budget_amount"] = json!("1,000");
        assert_eq!(send("PUT", "/terms", set.clone()).await.1["budget_amount"], "1000");
        assert_eq!(send("PUT", "/terms", set).await.0, 409);

        let rate =
            |from: &str, hour: &str| json!({ "from_on": from, "hour_price": hour, "unit_price": "12.5" });
        assert_eq!(send("POST", "/rates", rate("2026-05-01", "1500")).await.1["superseded_on"], Value::Null);
        assert_eq!(send("POST", "/rates", rate("2026-01-01", "1400")).await.1["superseded_on"], "2026-05-01");
        let (status, fault) = send("POST", "/rates", rate("2026-06-01", "1,5")).await;
        assert_eq!((status, &fault["errors"][0]["field"]), (422, &json!("hour_price")));
        let (_, all) = send("GET", "/rates", Value::Null).await;
        assert_eq!((all.as_array().unwrap().len(), &all[0]["hour_price"]), (2, &json!("1400.00")));

        send("PUT", "/members/ana@example.com", json!({ "role": "annotator" })).await;
        let level = json!({ "level": "Senior", "level_from": "2026-02-01", "starts_on": "2026-01-01" });
        assert_eq!(send("PUT", "/members/ana@example.com/assignment", level.clone()).await.0, 204);
        assert_eq!(send("PUT", "/members/teo@example.com/assignment", level).await.0, 404);

        let anas = desk.token("ana@example.com", &["projects:read"]).await;
        assert_eq!(desk.api("GET", &format!("{path}/tasks"), &anas, "").await.status, StatusCode::OK);
        assert_eq!(desk.api("GET", &format!("{path}/rates"), &anas, "").await.status, StatusCode::FORBIDDEN);
    })
    .await;
}
