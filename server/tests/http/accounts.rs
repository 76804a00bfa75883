use engine::testing::on_both;
use serde_json::json;

use super::*;

const FORM: &str = "application/x-www-form-urlencoded";

#[tokio::test(flavor = "multi_thread")]
async fn programs_see_the_ends_of_accounts_only_and_change_none() {
    Box::pin(on_both(async |db| {
        let desk = Desk::new(db).await;
        let token = desk.token("mara@example.com", &["pay:read", "pay:write"]).await;
        let page = desk.api("GET", "/pay/accounts?limit=200", &token, "").await.json();
        let of = |name: &str| {
            let all = page["accounts"].as_array().unwrap();
            all.iter().find(|it| it["name"] == name).unwrap_or_else(|| panic!("no {name}: {page}")).clone()
        };
        let lena = of("Lena Vogel");
        assert_eq!(lena["account"], json!({ "method": "iban", "ends": "DE89 •••• 3000" }));
        assert_eq!(
            (&of("Sana Iqbal")["account"], &of("Rosa Quispe")["held"]),
            (&json!(null), &json!("Wise r•••@example.com"))
        );
        assert!(!page.to_string().contains("0532013000"));

        let first = desk.api("GET", "/pay/accounts?limit=1", &token, "").await.json();
        let path = format!("/pay/accounts?limit=1&after={}", first["next"].as_str().unwrap());
        let second = desk.api("GET", &path, &token, "").await.json();
        assert_eq!(second["accounts"][0], page["accounts"][1]);
        let held = desk.api("GET", "/pay/accounts?show=held", &token, "").await.json();
        assert_eq!(held["accounts"].as_array().unwrap().len(), 1);
        let wrong = desk.api("GET", "/pay/accounts?show=odd", &token, "").await;
        assert_eq!((wrong.status.as_u16(), &wrong.json()["errors"][0]["field"]), (422, &json!("show")));

        let batches = desk.api("GET", "/pay/batches", &token, "").await.json();
        let path = format!("/pay/batches/{}", batches["batches"][0]["id"].as_str().unwrap());
        let batch = desk.api("GET", &path, &token, "").await.json();
        let paid = &batch["payments"][0];
        let slip = format!("/pay/payments/{}", paid["id"].as_str().unwrap());
        let slip = desk.api("GET", &slip, &token, "").await.json();
        assert_eq!(slip["payment"]["account"], paid["account"]);

        let anas = desk.token("ana@example.com", &["pay:read"]).await;
        assert_eq!(desk.api("GET", "/pay/accounts", &anas, "").await.status, StatusCode::FORBIDDEN);
        // A token is no hand at a keyboard: neither whoever holds it nor a program changes where money goes.
        let body = format!("person={}&method=manual&way=x&password=y", lena["person"].as_str().unwrap());
        let entered = Request::post("/do/enter_account")
            .header("authorization", format!("Bearer {token}"))
            .header("content-type", FORM)
            .header("origin", "http://127.0.0.1:3000");
        let entered = desk.send(entered.body(Body::from(body)).unwrap()).await;
        let after = desk.api("GET", "/pay/accounts?limit=200", &token, "").await.json();
        assert_eq!(after, page, "{entered:?}");
    }))
    .await;
}
