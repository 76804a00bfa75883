//! A mistake of ours is answered like everything else.

use axum::routing::get;
use domain::FaultKind;
use engine::testing::TestDb;
use host::http::within_the_walls;

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn a_panic_is_answered_in_the_form_that_was_asked_for() {
    let fresh = TestDb::sqlite().await;
    let mut desk = Desk::new(fresh.db.clone()).await;
    let breaks = Router::new().route("/breaks", get(async || -> &'static str { panic!("of all things") }));
    desk.router = within_the_walls(breaks, desk.host.clone());

    let page = desk.get("/breaks", "").await;
    assert_eq!(page.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert!(page.body.contains(FaultKind::Internal.title()), "{}", page.body);
    let id = page.header("x-request-id");
    assert!(!id.is_empty() && page.body.contains(id), "the page does not name the request");

    let request = Request::get("/breaks").header(header::ACCEPT, "application/json");
    let document = desk.send(request.body(Body::empty()).unwrap()).await;
    assert_eq!(document.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(document.header("content-type"), "application/problem+json");
    assert_eq!(document.json()["request_id"], document.header("x-request-id"));

    for answer in [page, document] {
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert!(answer.header("content-security-policy").contains("frame-ancestors 'none'"));
        assert!(!answer.body.contains("of all things"), "what only the operator should read got out");
    }
}
