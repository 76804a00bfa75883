use engine::project::Filter as ProjectFilter;
use engine::testing::{on_both, run};

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn another_site_cannot_post_for_us() {
    on_both(async |db| {
        let desk = Desk::new(db).await;
        let cookies = desk.sign_in("ada@example.com").await;
        for (name, value) in [("origin", "https://evil.example"), ("sec-fetch-site", "cross-site")] {
            let mut request = browser("POST", "/do/sign_out", &cookies).body(Body::empty()).unwrap();
            request.headers_mut().insert(name, value.parse().unwrap());
            let answer = desk.send(request).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{name}");
            assert!(answer.body.contains("another site"));
        }
        assert_eq!(desk.get("/people", &cookies).await.status, StatusCode::OK, "the session was ended");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_too_large_or_unreadable_is_refused_in_words() {
    on_both(async |db| {
        let desk = Desk::new(db).await;
        let cookies = desk.sign_in("ada@example.com").await;
        let large = "x".repeat(70_000);
        let answer =
            desk.post("preview_people", &cookies, &[("csv", &large), ("_from", "/people/import")]).await;
        assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
        assert!(answer.body.contains("64 kB"));

        let post = |kind: &'static str, body: &'static [u8]| {
            browser("POST", "/do/invite_person", &cookies)
                .header(header::CONTENT_TYPE, kind)
                .body(Body::from(body))
        };
        for (kind, body, status) in [
            ("application/x-www-form-urlencoded", b"%FF%FE=%".as_slice(), 400),
            ("application/x-www-form-urlencoded", b"name=%FF%FE&email=a%40b.cd", 400),
            ("multipart/form-data; boundary=x", b"no parts at all", 400),
            ("multipart/form-data", b"", 400),
            ("application/json", b"{}", 415),
            ("text/plain", b"hello", 415),
        ] {
            let answer = desk.send(post(kind, body).unwrap()).await;
            assert_eq!(answer.status.as_u16(), status, "{kind} {:?}", String::from_utf8_lossy(body));
        }
        assert_eq!(desk.post("no_such_form", &cookies, &[("a", "b")]).await.status, StatusCode::NOT_FOUND);
        let request = browser("DELETE", "/people", &cookies).body(Body::empty()).unwrap();
        assert_eq!(desk.send(request).await.status, StatusCode::METHOD_NOT_ALLOWED);
        let request = browser("GET", "/do/sign_in", &cookies).body(Body::empty()).unwrap();
        let only_posted = desk.send(request).await;
        assert_eq!(only_posted.status, StatusCode::METHOD_NOT_ALLOWED);
        assert!(only_posted.body.contains("use its button"), "{}", only_posted.body);
        // A sign that stands for one that was lost elsewhere is a sign like any other.
        let odd =
            desk.post("make_project", &cookies, &[("name", "a\u{fffd}b"), ("_from", "/projects/new")]).await;
        assert_ne!(odd.status, StatusCode::BAD_REQUEST);
        // What goes wrong with a form can be named, too.
        let nobody = desk.post("disable_person", &cookies, &[("id", "x"), ("_from", "/people")]).await;
        assert_eq!(nobody.status, StatusCode::NOT_FOUND);
        assert!(nobody.body.contains(nobody.header("x-request-id")), "{}", nobody.body);
    })
    .await;
}

/// What people type to break things, in every field there is.
const HOSTILE: [&str; 8] = [
    "</textarea></title></style><script>alert(1)</script>",
    "'; DROP TABLE person; --",
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "{{7*7}} ${7*7} %s %n",
    "\u{202E}evil\u{202C}",
    "a\0b",
    "🦊🦊🦊 \u{300}\u{300}",
];

/// Where it is sent, where it stands, and its fields.
type Form<'a> = (&'a str, &'a str, &'a [(&'a str, &'a str)]);

#[tokio::test(flavor = "multi_thread")]
async fn hostile_text_is_text() {
    on_both(async |db| {
        let desk = Desk::new(db).await;
        let cookies = desk.sign_in("ada@example.com").await;
        let console = desk.house.at_the_console();
        let ana = desk.house.people.by_email(&console, "ana@example.com").await.unwrap().id.to_string();
        let project = desk.house.projects.list(&console, &ProjectFilter::default(), 1).await.unwrap();
        let project = project.rows[0].id.to_string();
        let pass = demo::PASSWORD;
        // Each field with something that is right: what one is refused for must not hide what another one does.
        let forms: [Form<'_>; 22] = [
            ("sign_in", "/sign-in", &[("email", "ana@example.com"), ("password", "wrong"), ("next", "/")]),
            ("second_step", "/sign-in/code", &[("code", "123456"), ("next", "/")]),
            ("forgot", "/forgot", &[("email", "ana@example.com")]),
            (
                "set_up",
                "/set-up/x",
                &[("secret", "x"), ("email", "a@b.cd"), ("name", "A"), ("zone", "UTC"), ("password", pass)],
            ),
            (
                "accept_invitation",
                "/invitation/x",
                &[("secret", "x"), ("name", "A"), ("zone", "UTC"), ("password", pass)],
            ),
            ("reset_password", "/reset/x", &[("secret", "x"), ("password", pass)]),
            (
                "invite_person",
                "/people/invite",
                &[("name", "A"), ("email", "a@b.cd"), ("roles[]", "annotator"), ("zone", "UTC")],
            ),
            ("preview_people", "/people/import", &[("csv", "name,email\nA,a@b.cd")]),
            ("import_people", "/people/import", &[("csv", "name,email\nA,a@b.cd")]),
            (
                "make_project",
                "/projects/new",
                &[("code", "H-1"), ("name", "A"), ("client", "B"), ("currency", "EUR")],
            ),
            (
                "change_project",
                "/projects",
                &[
                    ("id", &project),
                    ("code", "H-2"),
                    ("name", "A"),
                    ("client", "B"),
                    ("currency", "EUR"),
                    ("status", "active"),
                    ("version", "1"),
                ],
            ),
            ("change_profile", "/profile", &[("name", "Ada"), ("zone", "UTC")]),
            ("change_password", "/profile/security", &[("current", "wrong"), ("password", pass)]),
            ("make_token", "/profile/tokens", &[("name", "t"), ("scopes[]", "people:read"), ("days", "1")]),
            ("revoke_token", "/profile/tokens", &[("id", "x")]),
            ("end_session", "/profile/security", &[("id", "x")]),
            ("enable_two_step", "/profile/security", &[("code", "123456")]),
            ("disable_two_step", "/profile/security", &[("password", "wrong")]),
            (
                "change_person",
                "/people",
                &[("id", &ana), ("name", "Ana"), ("roles[]", "annotator"), ("zone", "UTC"), ("version", "1")],
            ),
            ("disable_person", "/people", &[("id", "x")]),
            (
                "set_member",
                "/projects",
                &[("id", &project), ("email", "ana@example.com"), ("role", "annotator")],
            ),
            (
                "assign_member",
                "/projects",
                &[
                    ("id", &project),
                    ("person", &ana),
                    ("starts_on", "2026-01-01"),
                    ("ends_on", ""),
                    ("level", "senior"),
                    ("level_from", "2026-01-01"),
                ],
            ),
        ];
        for (action, from, fields) in forms {
            for hostile in fields.iter().map(|(name, _)| *name) {
                for text in HOSTILE {
                    let mut form = vec![("_from", from)];
                    form.extend(
                        fields
                            .iter()
                            .map(|(name, right)| (*name, if *name == hostile { text } else { *right })),
                    );
                    let answer = desk.post(action, &cookies, &form).await;
                    let status = answer.status;
                    assert!(status.as_u16() < 500, "{action} with {hostile} {text:?}: {status}");
                    assert!(
                        !answer.body.contains("<script>alert"),
                        "{action} lets a script through in {hostile}"
                    );
                    assert!(
                        !answer.body.contains("<img src=x"),
                        "{action} lets an image through in {hostile}"
                    );
                }
            }
        }
        let token = desk.token("ada@example.com", &["people:admin", "projects:write"]).await;
        for (path, fields) in [
            ("/people", ["name", "email", "zone", "roles"].as_slice()),
            ("/projects", &["code", "name", "client", "currency"]),
        ] {
            for hostile in fields {
                for text in HOSTILE {
                    let mut body = serde_json::json!({
                        "name": "A", "email": "a@b.cd", "zone": "UTC", "roles": ["annotator"],
                        "code": "H-3", "client": "B", "currency": "EUR",
                    });
                    body.as_object_mut().unwrap().retain(|field, _| fields.contains(&field.as_str()));
                    body[hostile] = if *hostile == "roles" { serde_json::json!([text]) } else { text.into() };
                    let answer = desk.api("POST", path, &token, &body.to_string()).await;
                    assert!(
                        answer.status.as_u16() < 500,
                        "{path} with {hostile} {text:?}: {}",
                        answer.status
                    );
                }
            }
        }
        for text in HOSTILE {
            let query =
                serde_html_form::to_string([("q", text), ("after", text), ("who", text), ("before", text)]);
            let query = query.unwrap();
            for page in ["/people", "/projects", "/audit", "/sign-in", "/profile", "/profile/tokens", "/"] {
                let answer = desk.get(&format!("{page}?{query}"), &cookies).await;
                assert!(answer.status.as_u16() < 500, "{page} with {text:?}: {}", answer.status);
                assert!(!answer.body.contains("<script>alert"), "{page} lets a script through");
            }
        }
        assert_eq!(desk.get("/people", &cookies).await.status, StatusCode::OK);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_without_its_fields_is_refused_in_words() {
    on_both(async |db| {
        let desk = Desk::new(db).await;
        let cookies = desk.sign_in("ada@example.com").await;
        for action in
            ["invite_person", "make_project", "change_person", "set_up", "accept_invitation", "revoke_token"]
        {
            let answer = desk.post(action, &cookies, &[]).await;
            assert!(answer.status.is_client_error(), "{action}: {}", answer.status);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_locked_by_another_program_is_said_and_reading_goes_on() {
    use sqlx::{ConnectOptions, Connection, Executor};
    let fresh = engine::testing::TestDb::sqlite().await;
    let desk = Desk::new(fresh.db.clone()).await;
    let cookies = desk.sign_in("ada@example.com").await;
    let token = desk.token("ada@example.com", &["people:read"]).await;
    let Db::Sqlite(sqlite) = &fresh.db else { unreachable!() };
    let mut other =
        sqlx::sqlite::SqliteConnectOptions::new().filename(sqlite.path()).connect().await.unwrap();
    other.execute("BEGIN IMMEDIATE").await.unwrap();
    let form = [("name", "Ada"), ("zone", "UTC"), ("_from", "/profile")];
    let busy = desk.post("change_profile", &cookies, &form).await;
    assert_eq!(busy.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(busy.body.contains("busy"), "{}", busy.body);
    assert_eq!(desk.get("/people", &cookies).await.status, StatusCode::OK);
    assert_eq!(desk.api("GET", "/people", &token, "").await.status, StatusCode::OK);
    other.execute("ROLLBACK").await.unwrap();
    other.close().await.unwrap();
    assert_eq!(desk.post("change_profile", &cookies, &form).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_is_said_and_nothing_is_half_done() {
    let fresh = engine::testing::TestDb::sqlite().await;
    let desk = Desk::new(fresh.db.clone()).await;
    let cookies = desk.sign_in("ada@example.com").await;
    fresh.fill().await;
    let name = "x".repeat(100);
    let mut statuses = Vec::new();
    for n in 0..40 {
        let (code, name) = (format!("FULL-{n}"), name.as_str());
        let form = [
            ("code", code.as_str()),
            ("name", name),
            ("client", name),
            ("currency", "EUR"),
            ("_from", "/projects/new"),
        ];
        let answer = desk.post("make_project", &cookies, &form).await;
        if answer.status == StatusCode::INSUFFICIENT_STORAGE {
            assert!(answer.body.contains("disk"), "{}", answer.body);
        }
        statuses.push(answer.status);
    }
    assert!(statuses.contains(&StatusCode::INSUFFICIENT_STORAGE), "{statuses:?}");
    assert!(statuses.iter().all(|status| [303, 507].contains(&status.as_u16())), "{statuses:?}");
    assert_eq!(desk.house.audit.verify(&desk.house.at_the_console()).await.unwrap().broken, None);
    assert_eq!(desk.get("/projects", &cookies).await.status, StatusCode::OK, "reading stopped, too");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_went_away_and_came_back_is_used_again() {
    let fresh = engine::testing::TestDb::postgres().await;
    let desk = Desk::new(fresh.db.clone()).await;
    let cookies = desk.sign_in("ada@example.com").await;
    fresh.cut_connections().await;
    // What was under way is lost in words; soon after, everything is as before.
    let mut answer = desk.get("/people", &cookies).await;
    for _ in 0..20 {
        assert!([200, 503].contains(&answer.status.as_u16()), "{}", answer.status);
        if answer.status == StatusCode::OK {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
        answer = desk.get("/people", &cookies).await;
    }
    assert_eq!(answer.status, StatusCode::OK);
    fresh.drop_it().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_that_has_expired_says_so_and_what_to_do() {
    on_both(async |db| {
        let desk = Desk::new(db.clone()).await;
        let console = desk.house.at_the_console();
        let ana = desk.house.people.by_email(&console, "ana@example.com").await.unwrap();
        let reset = desk.house.people.new_link(&console, ana.id).await.unwrap().link;
        let path = reset.split("3000").last().unwrap().to_owned();
        assert_eq!(desk.get(&path, "").await.status, StatusCode::OK, "{path}");
        run(&db, "UPDATE link SET expires_at = created_at").await;
        let late = desk.get(&path, "").await;
        assert_eq!(late.status, StatusCode::GONE);
        assert!(
            late.body.contains("expired") && late.body.contains(late.header("x-request-id")),
            "{}",
            late.body
        );
        let secret = path.rsplit('/').next().unwrap();
        let form = [("secret", secret), ("password", "lantern spiral copper duck"), ("_from", path.as_str())];
        assert_eq!(desk.post("reset_password", "", &form).await.status, StatusCode::GONE);
    })
    .await;
}
