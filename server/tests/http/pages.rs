use engine::project::Draft;
use engine::testing::on_both;

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn every_role_sees_what_it_may_and_nothing_else() {
    on_both(async |db| {
        let desk = Desk::new(db).await;
        let everybody = ["/", "/projects", "/profile", "/profile/security", "/profile/tokens", "/api/docs"];
        let guarded = [
            ("/people", ["ada", "mara"].as_slice()),
            ("/audit", &["ada", "mara"]),
            ("/audit/export.csv", &["ada", "mara"]),
            ("/people/invite", &["ada"]),
            ("/people/import", &["ada"]),
            ("/projects/new", &["ada"]),
        ];
        for who in ["ada", "mara", "ravi", "ana"] {
            let cookies = desk.sign_in(&format!("{who}@example.com")).await;
            for path in everybody {
                assert_eq!(desk.get(path, &cookies).await.status, StatusCode::OK, "{who} {path}");
            }
            for (path, allowed) in guarded {
                let status = if allowed.contains(&who) { StatusCode::OK } else { StatusCode::FORBIDDEN };
                assert_eq!(desk.get(path, &cookies).await.status, status, "{who} {path}");
            }
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_carry_their_id_and_a_strict_policy() {
    on_both(async |db| {
        let desk = Desk::new(db).await;
        let cookies = desk.sign_in("ana@example.com").await;
        let nowhere = desk.get("/nowhere", &cookies).await;
        assert_eq!(nowhere.status, StatusCode::NOT_FOUND);
        assert!(nowhere.body.contains(nowhere.header("x-request-id")), "the page does not show the id");
        let policy = nowhere.header("content-security-policy");
        assert!(policy.contains("'nonce-") && !policy.contains("unsafe-inline"), "{policy}");
        let nonce = policy.split("'nonce-").nth(1).and_then(|rest| rest.split('\'').next()).unwrap();
        let scripts = nowhere.body.matches("<script").count();
        assert_eq!(
            nowhere.body.matches(&format!("nonce=\"{nonce}\"")).count(),
            scripts,
            "a script lacks the nonce"
        );
        assert!(!nowhere.body.contains(" style=\"") && !nowhere.body.contains(" onclick="));
        assert_ne!(desk.get("/nowhere", &cookies).await.header("content-security-policy"), policy);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_large_is_sent_small() {
    on_both(async |db| {
        let desk = Desk::new(db).await;
        let cookies = desk.sign_in("ada@example.com").await;
        for coding in ["br", "gzip"] {
            let request = browser("GET", "/people", &cookies).header(header::ACCEPT_ENCODING, coding);
            let answer = desk.send(request.body(Body::empty()).unwrap()).await;
            assert_eq!((answer.status, answer.header("content-encoding")), (StatusCode::OK, coding));
            assert!(answer.header("vary").to_lowercase().contains("accept-encoding"), "{:?}", answer.headers);
        }
        let plain = desk.get("/people", &cookies).await;
        assert_eq!(plain.header("content-encoding"), "");
        // A file that lies there small already is sent as it is.
        std::fs::write(desk.site().join("pkg/app.0123456789ab.js.br"), "small already").unwrap();
        let request = browser("GET", "/pkg/app.0123456789ab.js", "").header(header::ACCEPT_ENCODING, "br");
        let script = desk.send(request.body(Body::empty()).unwrap()).await;
        assert_eq!((script.header("content-encoding"), script.body.as_str()), ("br", "small already"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn projects_page_by_key() {
    on_both(async |db| {
        let desk = Desk::new(db).await;
        let console = desk.house.at_the_console();
        for n in 0..60 {
            let draft = Draft {
                code: format!("K-{n:03}"),
                name: format!("Paged {n:03}"),
                client: "Paging".into(),
                currency: "EUR".into(),
                ..Draft::default()
            };
            desk.house.projects.make(&console, &draft).await.unwrap();
        }
        let cookies = desk.sign_in("ada@example.com").await;
        let mut path = "/projects?q=Paged".to_owned();
        let mut seen = Vec::new();
        for _ in 0..5 {
            let page = desk.get(&path, &cookies).await.body;
            let names = page.split("Paged ").skip(1).filter_map(|rest| rest.get(..3)?.parse::<u32>().ok());
            let mut of_page: Vec<u32> = names.collect();
            of_page.dedup();
            seen.extend(of_page);
            let next = page.split("<a ").find(|link| link.contains("rel=\"next\""));
            let Some(next) = next.and_then(|link| link.split("href=\"").nth(1)?.split('"').next()) else {
                break;
            };
            path = format!("/projects{}", next.replace("&amp;", "&").replace(' ', "%20"));
        }
        assert_eq!(seen, (0..60).collect::<Vec<_>>(), "a project is missing or comes twice");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn files_with_a_hash_are_kept_for_ever_and_health_is_told() {
    on_both(async |db| {
        let desk = Desk::new(db.clone()).await;
        let script = desk.get("/pkg/app.0123456789ab.js", "").await;
        assert!(script.header("cache-control").contains("immutable"));
        assert_eq!(desk.get("/pkg/../manifest.json", "").await.status, StatusCode::NOT_FOUND);
        assert_eq!(desk.get("/healthz", "").await.status, StatusCode::OK);
        assert_eq!(desk.get("/readyz", "").await.status, StatusCode::OK);
        if let Db::Postgres(pool) = &db {
            pool.close().await;
            assert_eq!(desk.get("/readyz", "").await.status, StatusCode::SERVICE_UNAVAILABLE);
            let away = desk.get("/sign-in", "countersign=AAAAAAAAAAAAAAAAAAAAAA").await;
            assert_eq!(away.status, StatusCode::SERVICE_UNAVAILABLE);
            assert!(away.body.contains("does not answer"), "{}", away.body);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_audit_log_can_be_taken_away_whole() {
    on_both(async |db| {
        let desk = Desk::new(db).await;
        let cookies = desk.sign_in("mara@example.com").await;
        let lines = desk.house.audit.verify(&desk.house.at_the_console()).await.unwrap().lines;
        let csv = desk.get("/audit/export.csv", &cookies).await;
        assert_eq!(i64::try_from(csv.body.lines().count()).unwrap(), lines + 1);
        assert!(csv.header("content-disposition").contains("audit.csv"));
        let jsonl = desk.get("/audit/export.jsonl", &cookies).await;
        let all: Vec<serde_json::Value> =
            jsonl.body.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(i64::try_from(all.len()).unwrap(), lines);
        assert!(all.windows(2).all(|pair| pair[1]["previous_hash"] == pair[0]["hash"]));

        // Filtered like the page it is asked for on.
        let made = desk.get("/audit/export.jsonl?action=project.made&thing=", &cookies).await;
        assert_eq!(made.body.lines().count(), 6, "{}", made.body);
        let mara = desk.get("/audit/export.csv?who=mara@example.com&action=session.started", &cookies).await;
        assert_eq!(mara.body.lines().count(), 2, "{}", mara.body);
        let unclear = desk.get("/audit/export.csv?who=example.com", &cookies).await;
        assert_eq!(unclear.status, StatusCode::UNPROCESSABLE_ENTITY);
        let not_theirs = desk.sign_in("ana@example.com").await;
        assert_eq!(desk.get("/audit/export.csv", &not_theirs).await.status, StatusCode::FORBIDDEN);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn links_that_no_longer_work_say_so() {
    on_both(async |db| {
        let desk = Desk::new(db).await;
        let act = act_of(&desk, "ada@example.com").await;
        let ana = desk.house.people.by_email(&act, "ana@example.com").await.unwrap();
        let link = desk.house.people.new_link(&act, ana.id).await.unwrap().link;
        let path = link.trim_start_matches("http://127.0.0.1:3000");
        assert_eq!(desk.get(path, "").await.status, StatusCode::OK);
        let secret = path.trim_start_matches("/reset/");
        let form = [("secret", secret), ("password", "saddle vortex maple 42"), ("_from", path)];
        assert_eq!(desk.post("reset_password", "", &form).await.status, StatusCode::SEE_OTHER);
        let again = desk.get(path, "").await;
        assert_eq!(again.status, StatusCode::GONE);
        assert!(again.body.contains("already used"));
        assert_eq!(desk.get("/reset/rubbish", "").await.status, StatusCode::NOT_FOUND);
        assert_eq!(desk.get("/set-up/rubbish", "").await.status, StatusCode::NOT_FOUND);
    })
    .await;
}
