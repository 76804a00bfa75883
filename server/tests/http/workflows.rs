use engine::testing::on_both;

use super::*;

const SCOPES: [&str; 1] = ["workflows:write"];

fn rules(value: &str) -> String {
    format!("name: greet\ntitle: Greeting\nsteps:\n  say:\n    rule:\n      set:\n        words: '{value}'\n")
}

fn body(source: &str) -> String {
    serde_json::json!({ "source": source }).to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn definitions_are_applied_and_read_over_the_api() {
    on_both(async |db| {
        let desk = Desk::new(db).await;
        let token = desk.token("ada@example.com", &SCOPES).await;
        let first = rules("\"hello\"");
        let dry = serde_json::json!({ "source": first, "dry_run": true }).to_string();
        let planned = desk.api("POST", "/workflows", &token, &dry).await;
        assert_eq!((planned.status, &planned.json()["change"]), (StatusCode::OK, &"new".into()));
        assert_eq!(desk.api("GET", "/workflows/greet", &token, "").await.status, StatusCode::NOT_FOUND);

        let made = desk.api("POST", "/workflows", &token, &body(&first)).await;
        assert_eq!((made.status, &made.json()["version"]), (StatusCode::CREATED, &1.into()));
        // The same steps under another layout are no new version.
        let again = desk.api("POST", "/workflows", &token, &body(&format!("# a comment\n{first}"))).await;
        assert_eq!((again.status, &again.json()["change"]), (StatusCode::OK, &"same".into()));
        let second = desk.api("POST", "/workflows", &token, &body(&rules("\"good day\""))).await.json();
        assert_eq!((&second["change"], &second["version"]), (&"changed".into(), &2.into()));
        assert!(
            second["difference"].as_str().unwrap().contains("+        words: '\"good day\"'"),
            "{second}"
        );

        let newest = desk.api("GET", "/workflows/greet", &token, "").await.json();
        assert_eq!((&newest["number"], &newest["definition"]["title"]), (&2.into(), &"Greeting".into()));
        assert_eq!(newest["author"], "Ada Okafor");
        let old = desk.api("GET", "/workflows/greet/versions/1", &token, "").await.json();
        assert_eq!(old["source"], first.as_str());
        let versions = desk.api("GET", "/workflows/greet/versions?limit=1", &token, "").await.json();
        assert_eq!((&versions["versions"][0]["number"], &versions["next"]), (&2.into(), &2.into()));
        let all = desk.api("GET", "/workflows", &token, "").await.json();
        assert_eq!(all["workflows"].as_array().unwrap().len(), 6, "the demo's and this one: {all}");
        assert_eq!(desk.house.audit.verify(&desk.house.at_the_console()).await.unwrap().broken, None);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_with_a_definition_is_named_by_its_place() {
    on_both(async |db| {
        let desk = Desk::new(db).await;
        let token = desk.token("ada@example.com", &SCOPES).await;
        let wrong = desk
            .api("POST", "/workflows", &token, &body("name: x\nsteps:\n  a: {needs: b, rule: {}}\n"))
            .await;
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
        let errors = wrong.json()["errors"].clone();
        assert_eq!(errors[0]["field"], "3:14");
        assert!(errors[0]["message"].as_str().unwrap().contains("no step “b”"), "{errors}");
        for (source, status) in [("", 422), ("- a\n- b\n", 422), ("name: [", 422), ("\u{0}", 422)] {
            assert_eq!(
                desk.api("POST", "/workflows", &token, &body(source)).await.status.as_u16(),
                status,
                "{source}"
            );
        }
        let unknown = desk.api("POST", "/workflows", &token, r#"{"source": "", "force": true}"#).await;
        assert_eq!(unknown.status, StatusCode::UNPROCESSABLE_ENTITY);
        let reader = desk.token("ada@example.com", &["workflows:read"]).await;
        assert_eq!(
            desk.api("POST", "/workflows", &reader, &body(&rules("1"))).await.status,
            StatusCode::FORBIDDEN
        );

        // A form says the same on its page, and keeps what was written.
        let cookies = desk.sign_in("ada@example.com").await;
        let form = [("source", "name: x\nsteps: {}\n"), ("_from", "/workflows/apply")];
        let page = desk.post("plan_file", &cookies, &form).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(page.body.contains("at least one step") && page.body.contains("Line 1"), "{}", page.body);
        assert!(page.body.contains("steps: {}"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn workflows_are_seen_by_those_who_review_and_applied_by_admins() {
    on_both(async |db| {
        let desk = Desk::new(db).await;
        for (email, see, apply) in [
            ("ada@example.com", 200, 200),
            ("mara@example.com", 200, 403),
            ("ravi@example.com", 200, 403),
            ("ana@example.com", 403, 403),
        ] {
            let cookies = desk.sign_in(email).await;
            for path in ["/workflows", "/workflows/invoice-check", "/workflows/invoice-check?version=1"] {
                let page = desk.get(path, &cookies).await;
                assert_eq!(page.status.as_u16(), see, "{email} {path}");
            }
            assert_eq!(desk.get("/workflows/apply", &cookies).await.status.as_u16(), apply, "{email}");
        }
        let cookies = desk.sign_in("ravi@example.com").await;
        let page = desk.get("/workflows/invoice-check", &cookies).await;
        assert!(page.body.contains("<svg") && page.body.contains("match_order"));
        assert_eq!(desk.get("/workflows/nothing", &cookies).await.status, StatusCode::NOT_FOUND);
        assert_eq!(
            desk.get("/workflows/invoice-check?version=9", &cookies).await.status,
            StatusCode::NOT_FOUND
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn models_and_prompts_are_applied_and_read_over_the_api() {
    on_both(async |db| {
        let desk = Desk::new(db).await;
        let token = desk.token("ada@example.com", &SCOPES).await;
        let card = "model: reader\napi: openai\nurl: https://api.example.com/v1\nid: r-1\nkey: openai_key\n";
        let made = desk.api("POST", "/models", &token, &body(card)).await;
        assert_eq!((made.status, &made.json()["version"]), (StatusCode::CREATED, &1.into()));
        let newest = desk.api("GET", "/models/reader", &token, "").await.json();
        assert_eq!((&newest["definition"]["key"], &newest["number"]), (&"openai_key".into(), &1.into()));
        let wrong = desk.api("POST", "/models", &token, &body(&card.replace("openai_key", "sk-123"))).await;
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(wrong.body.contains("never the secret itself"), "{}", wrong.body);

        let prompt = "prompt: greet\nuser: Greet {{ who }}.\n";
        assert_eq!(desk.api("POST", "/prompts", &token, &body(prompt)).await.status, StatusCode::CREATED);
        let changed =
            desk.api("POST", "/prompts", &token, &body(&prompt.replace("Greet", "Hail"))).await.json();
        assert_eq!((&changed["change"], &changed["version"]), (&"changed".into(), &2.into()));
        let old = desk.api("GET", "/prompts/greet/versions/1", &token, "").await.json();
        assert_eq!(old["source"], prompt);
        let versions = desk.api("GET", "/prompts/greet/versions", &token, "").await.json();
        assert_eq!(versions["versions"].as_array().unwrap().len(), 2);
        for (list, name) in [("models", "reader"), ("prompts", "greet")] {
            let all = desk.api("GET", &format!("/{list}"), &token, "").await.json();
            assert!(all[list].as_array().unwrap().iter().any(|one| one["name"] == name), "{all}");
            assert_eq!(
                desk.api("GET", &format!("/{list}/none"), &token, "").await.status,
                StatusCode::NOT_FOUND
            );
        }
        let reader = desk.token("ada@example.com", &["workflows:read"]).await;
        assert_eq!(desk.api("POST", "/models", &reader, &body(card)).await.status, StatusCode::FORBIDDEN);
        assert_eq!(desk.house.audit.verify(&desk.house.at_the_console()).await.unwrap().broken, None);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn runs_are_moved_to_another_version_by_whoever_has_seen_what_comes_of_it() {
    on_both(async |db| {
        let desk = Desk::new(db).await;
        let token = desk.token("ada@example.com", &["workflows:write", "runs:write"]).await;
        desk.api("POST", "/workflows", &token, &body(&rules("\"hello\""))).await;
        let started = desk.api("POST", "/runs", &token, r#"{"workflow": "greet", "input": {}}"#).await.json();
        let run = started["id"].as_str().unwrap();
        desk.api("POST", "/workflows", &token, &body(&rules("\"good day\""))).await;

        let cookies = desk.sign_in("mara@example.com").await;
        let page = desk.get("/workflows/greet", &cookies).await;
        assert!(page.body.contains("One run that has not ended goes by an earlier version"), "{}", page.body);
        let page = desk.get("/workflows/greet/move", &cookies).await;
        assert!(page.body.contains("One run can be moved to version 2"), "{}", page.body);
        let dry = desk.api("POST", "/workflows/greet/move", &token, r#"{"dry_run": true}"#).await.json();
        assert_eq!((&dry["runs"], &dry["to"]), (&1.into(), &2.into()), "{dry}");

        let form = [("name", "greet"), ("to", "2"), ("_from", "/workflows/greet/move")];
        assert_eq!(desk.post("move_runs", &cookies, &form).await.status, StatusCode::SEE_OTHER);
        let moved = desk.api("GET", &format!("/runs/{run}"), &token, "").await.json();
        assert_eq!(moved["version"], 2, "{moved}");
        let page = desk.get("/workflows/greet/move", &cookies).await;
        assert!(page.body.contains("Nothing to move"), "{}", page.body);
        // And back, as some are on another than the first.
        let back = desk.api("POST", "/workflows/greet/move", &token, r#"{"to": 1}"#).await.json();
        assert_eq!(back["runs"], 1, "{back}");
        let beyond = desk.api("POST", "/workflows/greet/move", &token, r#"{"to": 9}"#).await;
        assert_eq!((beyond.status.as_u16(), &beyond.json()["errors"][0]["field"]), (422, &"to".into()));

        let cookies = desk.sign_in("ravi@example.com").await;
        assert_eq!(desk.get("/workflows/greet/move", &cookies).await.status, StatusCode::FORBIDDEN);
        assert_eq!(desk.post("move_runs", &cookies, &form).await.status, StatusCode::FORBIDDEN);
    })
    .await;
}
