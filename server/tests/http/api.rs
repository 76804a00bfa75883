use engine::testing::on_both;
use serde_json::json;

use super::*;

const ALL: [&str; 5] = ["people:read", "people:write", "people:admin", "projects:read", "projects:write"];

#[tokio::test(flavor = "multi_thread")]
async fn people_can_be_listed_invited_and_changed() {
    on_both(async |db| {
        let desk = Desk::new(db).await;
        let token = desk.token("ada@example.com", &ALL).await;
        let first = desk.api("GET", "/people?limit=50", &token, "").await.json();
        assert_eq!(first["people"].as_array().unwrap().len(), 50);
        let next = first["next"].as_str().unwrap();
        let second = desk.api("GET", &format!("/people?limit=50&after={next}"), &token, "").await.json();
        assert_eq!((second["people"].as_array().unwrap().len(), &second["next"]), (10, &json!(null)));

        let zoe = json!({ "email": "zoe@example.com", "name": "Zoë", "roles": ["reviewer"] }).to_string();
        let invited = desk.api("POST", "/people", &token, &zoe).await;
        assert_eq!(invited.status, StatusCode::CREATED);
        let person = &invited.json()["person"];
        let path = format!("/people/{}", person["id"].as_str().unwrap());
        let change = json!({ "roles": ["manager"], "version": person["version"] }).to_string();
        let changed = desk.api("PATCH", &path, &token, &change).await;
        assert_eq!((changed.status, &changed.json()["name"]), (StatusCode::OK, &json!("Zoë")));
        assert_eq!(desk.api("PATCH", &path, &token, &change).await.status, StatusCode::CONFLICT);
        assert_eq!(
            desk.api("POST", &format!("{path}/disable"), &token, "").await.json()["status"],
            "disabled"
        );
        assert_eq!(desk.api("POST", &format!("{path}/enable"), &token, "").await.json()["status"], "invited");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn projects_and_their_members() {
    on_both(async |db| {
        let desk = Desk::new(db).await;
        let token = desk.token("ada@example.com", &ALL).await;
        let body = json!({ "code": "new-1", "name": "New", "client": "Acme", "currency": "EUR" }).to_string();
        let made = desk.api("POST", "/projects", &token, &body).await;
        assert_eq!(made.status, StatusCode::CREATED);
        let path = format!("/projects/{}", made.json()["id"].as_str().unwrap());
        let member = format!("{path}/members/ana@example.com");
        let put = desk.api("PUT", &member, &token, r#"{"role":"annotator"}"#).await;
        assert_eq!(put.status, StatusCode::NO_CONTENT);
        let members = desk.api("GET", &format!("{path}/members"), &token, "").await.json();
        assert_eq!(members[0]["email"], "ana@example.com");

        let anas = desk.token("ana@example.com", &["projects:read"]).await;
        assert_eq!(desk.api("GET", &path, &anas, "").await.status, StatusCode::OK);
        assert_eq!(desk.api("DELETE", &member, &token, "").await.status, StatusCode::NO_CONTENT);
        assert_eq!(desk.api("DELETE", &member, &token, "").await.status, StatusCode::NOT_FOUND);
        assert_eq!(desk.api("GET", &path, &anas, "").await.status, StatusCode::NOT_FOUND);
        let paused = desk.api("PATCH", &path, &token, r#"{"status":"paused","version":1}"#).await;
        assert_eq!(paused.json()["status"], "paused");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_goes_wrong_is_a_problem_document() {
    on_both(async |db| {
        let desk = Desk::new(db).await;
        let token = desk.token("ada@example.com", &ALL).await;
        let cases = [
            ("GET", "/people", "csn_wrong", "", 401),
            ("GET", "/people/rubbish", &token, "", 404),
            ("GET", "/nowhere", &token, "", 404),
            ("DELETE", "/people", &token, "", 405),
            ("GET", "/people?limit=1000", &token, "", 422),
            ("GET", "/people?role=boss", &token, "", 422),
            ("GET", "/people?unknown=1", &token, "", 422),
            ("POST", "/people", &token, "{", 400),
            ("POST", "/people", &token, "[]", 422),
            ("POST", "/people", &token, r#"{"email":1,"name":"x","roles":[]}"#, 422),
            (
                "POST",
                "/people",
                &token,
                r#"{"email":"a@b.cd","name":"x","roles":["reviewer"],"admin":true}"#,
                422,
            ),
            ("POST", "/people", &token, r#"{"email":"a@","name":"","roles":[]}"#, 422),
        ];
        for (method, path, token, body, status) in cases {
            let answer = desk.api(method, path, token, body).await;
            assert_eq!(answer.status.as_u16(), status, "{method} {path} {body}: {}", answer.body);
            assert_eq!(answer.header("content-type"), "application/problem+json", "{method} {path}");
            let problem = answer.json();
            assert_eq!(problem["status"], status);
            assert_eq!(problem["request_id"], answer.header("x-request-id"), "{method} {path}");
        }
        let fields =
            desk.api("POST", "/people", &token, r#"{"email":"a@","name":"","roles":[]}"#).await.json();
        assert_eq!(fields["errors"].as_array().unwrap().len(), 3);
        let wrong = desk.api("POST", "/people", &token, r#"{"email":1,"name":"x","roles":[]}"#).await.json();
        assert_eq!(wrong["errors"][0]["field"], "email", "{wrong}");
        assert_eq!(wrong["errors"][0]["message"], "This has to be a string, and is the number 1.");
        let query = desk.api("GET", "/people?limit=many", &token, "").await.json();
        assert_eq!(query["errors"][0]["field"], "limit", "{query}");
        let large = format!(r#"{{"email":"{}"}}"#, "x".repeat(70_000));
        assert_eq!(desk.api("POST", "/people", &token, &large).await.status, StatusCode::PAYLOAD_TOO_LARGE);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_does_what_its_scopes_say_and_no_more() {
    on_both(async |db| {
        let desk = Desk::new(db).await;
        let reads = desk.token("ada@example.com", &["people:read"]).await;
        assert_eq!(desk.api("GET", "/people", &reads, "").await.status, StatusCode::OK);
        assert_eq!(desk.api("GET", "/projects", &reads, "").await.status, StatusCode::FORBIDDEN);
        let body = json!({ "email": "zoe@example.com", "name": "Zoë", "roles": ["reviewer"] }).to_string();
        let refused = desk.api("POST", "/people", &reads, &body).await;
        assert!(refused.json()["detail"].as_str().unwrap().contains("people:write"));
        // A scope does not make an annotator an admin.
        let anas = desk.token("ana@example.com", &ALL).await;
        assert_eq!(desk.api("GET", "/people", &anas, "").await.status, StatusCode::FORBIDDEN);
        // What needs a person at a browser cannot be done with a token.
        let request = Request::builder()
            .method("POST")
            .uri("/do/change_profile")
            .header(header::AUTHORIZATION, format!("Bearer {anas}"))
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        let answer = desk.send(request.body(Body::from("name=x&zone=UTC")).unwrap()).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_description_fits_the_routes() {
    on_both(async |db| {
        let desk = Desk::new(db).await;
        let token = desk.token("ada@example.com", &ALL).await;
        let description = desk.api("GET", "/openapi.json", &token, "").await.json();
        assert!(description["openapi"].as_str().unwrap().starts_with("3.1"));
        for (path, methods) in description["paths"].as_object().unwrap() {
            for method in methods.as_object().unwrap().keys() {
                let path =
                    path.replace("{id}", "00000000-0000-0000-0000-000000000000").replace("{email}", "a@b.cd");
                let path = path.replace("{name}", "invoice-check").replace("{number}", "1");
                let answer = desk.api(&method.to_uppercase(), &path, &token, "").await;
                assert_ne!(answer.status, StatusCode::METHOD_NOT_ALLOWED, "{method} {path}");
                assert!(
                    !answer.body.contains("nothing at this address"),
                    "{method} {path} is described, but not there"
                );
            }
        }
        let page = desk.get("/api/docs", "").await;
        assert!(page.body.contains("/api/v1/projects/{id}/members"), "{}", page.status);
    })
    .await;
}
