use engine::testing::on_both;

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn a_person_signs_in_looks_around_and_signs_out() {
    on_both(async |db| {
        let desk = Desk::new(db).await;
        let lost = desk.get("/people?q=a", "").await;
        assert_eq!(lost.status, StatusCode::FOUND);
        assert_eq!(lost.header("location"), "/sign-in?next=%2Fpeople%3Fq%3Da");
        // Also whoever does not say that they read pages.
        let request = Request::get("/people").header(header::ACCEPT, "*/*").body(Body::empty()).unwrap();
        assert_eq!(desk.send(request).await.status, StatusCode::FOUND);

        let form = [("email", "ada@example.com"), ("password", demo::PASSWORD), ("next", "/people?q=a")];
        let inside = desk.post("sign_in", "", &form).await;
        assert_eq!((inside.status, inside.header("location")), (StatusCode::SEE_OTHER, "/people?q=a"));
        let cookies = inside.cookies();
        let people = desk.get("/people", &cookies).await;
        assert_eq!(people.status, StatusCode::OK);
        assert!(people.body.contains("Mara Lindqvist") && people.body.contains("Audit log"));

        let out = desk.post("sign_out", &cookies, &[]).await;
        assert_eq!(out.header("location"), "/sign-in");
        assert_eq!(desk.get("/people", &cookies).await.status, StatusCode::FOUND, "the session still holds");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn cookies_are_kept_from_scripts_and_from_other_sites() {
    on_both(async |db| {
        let desk = Desk::with(db, |options| options.base_url = "https://desk.example.com".to_owned()).await;
        let answer =
            desk.post("sign_in", "", &[("email", "ada@example.com"), ("password", demo::PASSWORD)]).await;
        let set: Vec<_> =
            answer.headers.get_all(header::SET_COOKIE).iter().map(|value| value.to_str().unwrap()).collect();
        let session = set.iter().find(|cookie| cookie.starts_with("__Host-countersign=")).unwrap();
        for part in ["HttpOnly", "Secure", "SameSite=Lax", "Path=/"] {
            assert!(set.iter().all(|cookie| cookie.contains(part)), "{part} is missing in {set:?}");
        }
        assert!(!session.contains("Domain"));
        assert!(answer.header("strict-transport-security").contains("max-age"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_in_gives_a_new_session_id() {
    on_both(async |db| {
        let desk = Desk::new(db).await;
        let first = desk.sign_in("ada@example.com").await;
        let form = [("email", "ada@example.com"), ("password", demo::PASSWORD)];
        let second = desk.post("sign_in", &first, &form).await.cookies();
        let id = |cookies: &str| {
            cookies.split("; ").find(|cookie| cookie.starts_with("countersign=")).map(str::to_owned).unwrap()
        };
        assert_ne!(id(&first), id(&second));
        assert_eq!(desk.get("/people", &first).await.status, StatusCode::FOUND, "the old id still works");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_form_comes_back_with_what_was_typed() {
    on_both(async |db| {
        let desk = Desk::new(db).await;
        let cookies = desk.sign_in("ada@example.com").await;
        let form =
            [("_from", "/people/invite"), ("name", "Zoë <b>"), ("email", "zoe@"), ("roles[]", "reviewer")];
        let again = desk.post("invite_person", &cookies, &form).await;
        assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(again.body.contains("There is one thing to put right"));
        assert!(again.body.contains("Zoë &lt;b&gt;"), "the name is lost, or not escaped");
        assert!(!again.body.contains("Zoë <b>"));
        assert!(again.body.contains("value=\"zoe@\""));

        let right = [
            ("_from", "/people/invite"),
            ("name", "Zoë"),
            ("email", "zoe@example.com"),
            ("roles[]", "reviewer"),
        ];
        let made = desk.post("invite_person", &cookies, &right).await;
        assert_eq!(made.status, StatusCode::OK);
        assert!(made.body.contains("/invitation/"), "the link is not shown");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_led_to_another_site_after_signing_in() {
    on_both(async |db| {
        let desk = Desk::new(db).await;
        for next in [
            "https://evil.example",
            "//evil.example",
            "/\\evil.example",
            "javascript:alert(1)",
            "/\t/evil.example",
            "/é",
        ] {
            let form = [("email", "ada@example.com"), ("password", demo::PASSWORD), ("next", next)];
            assert_eq!(desk.post("sign_in", "", &form).await.header("location"), "/", "{next}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn too_many_tries_are_told_when_to_come_back() {
    on_both(async |db| {
        let desk = Desk::new(db).await;
        let form = [("_from", "/sign-in"), ("email", "ada@example.com"), ("password", "guess")];
        for _ in 0..10 {
            assert_eq!(desk.post("sign_in", "", &form).await.status, StatusCode::UNPROCESSABLE_ENTITY);
        }
        let slowed = desk.post("sign_in", "", &form).await;
        assert_eq!(slowed.status, StatusCode::TOO_MANY_REQUESTS);
        assert!(slowed.body.contains("Too many tries"));
        assert!(slowed.header("retry-after").parse::<u32>().unwrap() <= 30);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn policy_can_ask_for_the_second_step_before_anything_else() {
    on_both(async |db| {
        let desk = Desk::guarded(db).await;
        let cookies = desk.sign_in("mara@example.com").await;
        let sent = desk.get("/people", &cookies).await;
        assert_eq!((sent.status, sent.header("location")), (StatusCode::SEE_OTHER, "/profile/security"));
        let security = desk.get("/profile/security", &cookies).await;
        assert!(security.body.contains("Your role needs two-step sign-in"), "{}", security.status);
        let refused = desk.post("change_profile", &cookies, &[("name", "M"), ("zone", "UTC")]).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN);
        let around = desk.post("set_theme", &cookies, &[("_from", "/audit")]).await;
        assert!(!around.body.contains("Audit log</h1>"), "a form leads around the policy");
        let token = desk.token("mara@example.com", &["people:read"]).await;
        assert_eq!(desk.api("GET", "/people", &token, "").await.status, StatusCode::FORBIDDEN);
        // Whoever guards nothing is not asked.
        let cookies = desk.sign_in("ana@example.com").await;
        assert_eq!(desk.get("/projects", &cookies).await.status, StatusCode::OK);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_admin_sees_and_ends_the_sessions_of_others_and_nobody_else_does() {
    on_both(async |db| {
        let desk = Desk::new(db).await;
        let (ada, ana) = (desk.sign_in("ada@example.com").await, desk.sign_in("ana@example.com").await);
        let id =
            desk.house.people.by_email(&desk.house.at_the_console(), "ana@example.com").await.unwrap().id;
        let (id, page) = (id.to_string(), format!("/people/{id}"));
        let shown = desk.get(&page, &ada).await.body;
        assert!(shown.contains("Firefox on Linux"), "the session is not listed");
        let session =
            shown.split("name=\"session\" value=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
        let form = [("person", id.as_str()), ("session", session), ("_from", page.as_str())];
        let ravi = desk.sign_in("ravi@example.com").await;
        assert_eq!(desk.post("end_session", &ravi, &form).await.status, StatusCode::FORBIDDEN);
        let ended = desk.post("end_session", &ada, &form).await;
        assert_eq!((ended.status, ended.header("location")), (StatusCode::SEE_OTHER, page.as_str()));
        assert_eq!(desk.get("/projects", &ana).await.status, StatusCode::FOUND, "the session still holds");
    })
    .await;
}
