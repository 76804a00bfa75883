use engine::testing::on_both;
use serde_json::json;

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn programs_dispute_lines_and_answer_as_people_do() {
    Box::pin(on_both(async |db| {
        let desk = Desk::new(db).await;
        let mara = desk.token("mara@example.com", &["pay:read", "pay:write"]).await;
        let lena = desk.token("lena@example.com", &["pay:read", "pay:write"]).await;
        let open = desk.api("GET", "/pay/disputes", &mara, "").await.json();
        let theirs = open[0].clone();
        assert_eq!((&theirs["name"], &theirs["outcome"]), (&json!("Lena Vogel"), &json!("open")), "{open}");
        assert_eq!(desk.api("GET", "/pay/disputes", &lena, "").await.status, StatusCode::FORBIDDEN);

        // Of the same line, once; of others, their own.
        let path = format!("/pay/lines/{}/dispute", theirs["line"].as_str().unwrap());
        let said = json!({ "said": "It was eight hours." }).to_string();
        assert_eq!(desk.api("POST", &path, &lena, &said).await.status, StatusCode::CONFLICT);
        assert_eq!(desk.api("POST", &path, &mara, &said).await.status, StatusCode::NOT_FOUND);
        let reads = desk.token("lena@example.com", &["pay:read"]).await;
        assert_eq!(desk.api("POST", &path, &reads, &said).await.status, StatusCode::FORBIDDEN);

        let answer = format!("/pay/disputes/{}/answer", theirs["id"].as_str().unwrap());
        let body = |outcome: &str| json!({ "outcome": outcome, "answer": "The log has seven." }).to_string();
        assert_eq!(desk.api("POST", &answer, &lena, &body("stays")).await.status, StatusCode::FORBIDDEN);
        assert_eq!(
            desk.api("POST", &answer, &mara, &body("maybe")).await.status,
            StatusCode::UNPROCESSABLE_ENTITY
        );
        assert_eq!(desk.api("POST", &answer, &mara, &body("stays")).await.status, StatusCode::NO_CONTENT);
        assert_eq!(desk.api("POST", &answer, &mara, &body("stays")).await.status, StatusCode::CONFLICT);
        let ended = desk.api("GET", "/pay/disputes?ended=true", &mara, "").await.json();
        assert_eq!(ended[0]["answer"], "The log has seven.", "{ended}");

        let again = desk.api("POST", &path, &lena, &said).await;
        assert_eq!(again.status, StatusCode::CREATED, "{}", again.body);
        let mine = format!("/pay/disputes/{}", again.json()["id"].as_str().unwrap());
        assert_eq!(desk.api("DELETE", &mine, &mara, "").await.status, StatusCode::NOT_FOUND);
        assert_eq!(desk.api("DELETE", &mine, &lena, "").await.status, StatusCode::NO_CONTENT);
    }))
    .await;
}
