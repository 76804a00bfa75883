//! Pages that are followed.

use axum::body::BodyDataStream;
use engine::testing::on_both;
use futures_util::StreamExt;
use tokio::time::timeout;

use super::*;

/// What comes within some seconds, until it has this in it.
async fn hear(stream: &mut BodyDataStream, wanted: &str) -> String {
    let mut heard = String::new();
    let all = async {
        while let Some(chunk) = stream.next().await {
            heard.push_str(&String::from_utf8_lossy(&chunk.unwrap()));
            if heard.contains(wanted) {
                return;
            }
        }
    };
    assert!(timeout(Duration::from_secs(10), all).await.is_ok(), "no {wanted}: {heard}");
    heard
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_follows_a_page_is_sent_what_changes_of_it() {
    on_both(async |db| {
        let desk = Desk::new(db).await;
        let token = desk.token("ada@example.com", &["runs:write"]).await;
        let item = r#"{"workflow": "invoice-check", "input": {"supplier": "K", "order": "P", "ordered_cents": 1, "total_cents": 1, "lines": [{"text": "x", "cents": 1}]}}"#;
        let run = desk.api("POST", "/runs", &token, item).await.json()["id"].as_str().unwrap().to_owned();
        let cookies = desk.sign_in("mara@example.com").await;
        let request = browser("GET", &format!("/events?of=/runs/{run}"), &cookies).body(Body::empty()).unwrap();
        let response = desk.router.clone().oneshot(request).await.unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        let mut stream = response.into_body().into_data_stream();
        // What there is, first: something may have happened since the page was opened.
        let first = hear(&mut stream, "data: story ").await;
        assert!(first.contains("data: state ") && first.contains("Pending"), "{first}");
        desk.api("POST", &format!("/runs/{run}/cancel"), &token, "").await;
        let then = hear(&mut stream, "Cancelled by").await;
        assert!(then.contains("data: state ") && !then.contains("data: steps "), "only what has changed: {then}");
        // The server stops: nobody waits for the end of the page.
        desk.host.closing.cancel();
        let rest = timeout(Duration::from_secs(5), stream.collect::<Vec<_>>()).await;
        assert!(rest.is_ok(), "the line stayed open");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_signed_out_is_sent_nothing_more() {
    on_both(async |db| {
        let desk = Desk::new(db).await;
        let cookies = desk.sign_in("mara@example.com").await;
        let request = browser("GET", "/events?of=/runs", &cookies).body(Body::empty()).unwrap();
        let response = desk.router.clone().oneshot(request).await.unwrap();
        let mut stream = response.into_body().into_data_stream();
        hear(&mut stream, "data: runs ").await;
        desk.post("sign_out", &cookies, &[]).await;
        let token = desk.token("ada@example.com", &["runs:write"]).await;
        let item = r#"{"workflow": "invoice-check", "input": {"supplier": "K", "total_cents": 1, "lines": [{"text": "x", "cents": 1}]}}"#;
        assert_eq!(desk.api("POST", "/runs", &token, item).await.status, StatusCode::CREATED);
        let rest = timeout(Duration::from_secs(10), stream.collect::<Vec<_>>()).await.unwrap();
        let rest: Vec<_> = rest.into_iter().map(Result::unwrap).collect();
        assert!(rest.concat().is_empty(), "{:?}", String::from_utf8_lossy(&rest.concat()));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_follows_what_they_may_not_see() {
    on_both(async |db| {
        let desk = Desk::new(db).await;
        assert_eq!(desk.get("/events?of=/runs", "").await.status, StatusCode::UNAUTHORIZED);
        let cookies = desk.sign_in("ana@example.com").await;
        let nothing = desk.get("/events?of=/runs", &cookies).await;
        assert_eq!((nothing.status, nothing.body.as_str()), (StatusCode::OK, ""), "the line ends at once");
        for wrong in [
            "/events",
            "/events?of=",
            "/events?of=//example.com/x",
            "/events?of=https://example.com/",
            "/events?of=runs",
            "/events?of=/runs&more=1",
        ] {
            assert_eq!(desk.get(wrong, &cookies).await.status, StatusCode::UNPROCESSABLE_ENTITY, "{wrong}");
        }
    })
    .await;
}
