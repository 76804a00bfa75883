use chrono::{Datelike, Days, NaiveDate};
use engine::testing::on_both;
use serde_json::{Value, json};

use super::*;

const BOUNDARY: &str = "----a-part-of-a-test";

/// Files as the parts of a form.
fn parts(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut body = Vec::new();
    for (name, content) in files {
        let head = format!(
            "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"files\"; filename=\"{name}\"\r\n\
             Content-Type: application/octet-stream\r\n\r\n"
        );
        body.extend(head.bytes());
        body.extend(*content);
        body.extend(b"\r\n");
    }
    body.extend(format!("--{BOUNDARY}--\r\n").bytes());
    body
}

async fn bring(desk: &Desk, token: &str, files: &[(&str, &[u8])]) -> (u16, Value) {
    let request = Request::builder()
        .method("POST")
        .uri("/api/v1/timesheet-files")
        .header(header::AUTHORIZATION, format!("Bearer {token}"))
        .header(header::CONTENT_TYPE, format!("multipart/form-data; boundary={BOUNDARY}"))
        .body(Body::from(parts(files)))
        .unwrap();
    let answer = desk.send(request).await;
    (answer.status.as_u16(), answer.json())
}

fn last_monday() -> NaiveDate {
    let today = World::Real.now().date_naive();
    today - Days::new(u64::from(today.weekday().num_days_from_monday()) + 7)
}

/// A project that pays Ana by the hour.
async fn project(desk: &Desk) {
    let token = desk.token("ada@example.com", &["projects:write", "pay:write"]).await;
    let body =
        json!({ "code": "file-1", "name": "By file", "client": "Acme", "currency": "EUR" }).to_string();
    let made = desk.api("POST", "/projects", &token, &body).await.json();
    let path = format!("/projects/{}", made["id"].as_str().unwrap());
    for (method, rest, body) in [
        ("POST", "/tasks", json!({ "name": "Labels", "paid_by": "hours" })),
        ("POST", "/rates", json!({ "from_on": "2020-01-01", "hour_price": "20" })),
        ("PUT", "/members/ana@example.com", json!({ "role": "annotator" })),
    ] {
        let answer = desk.api(method, &format!("{path}{rest}"), &token, &body.to_string()).await;
        assert!(answer.status.is_success(), "{rest}: {}", answer.body);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn programs_bring_files_look_at_them_and_take_them() {
    on_both(async |db| {
        let desk = Desk::new(db).await;
        project(&desk).await;
        let maras = desk.token("mara@example.com", &["timesheets:write"]).await;
        let anas = desk.token("ana@example.com", &["timesheets:write"]).await;
        let saturday = last_monday() + Days::new(5);
        let right = format!(
            "Email;Projekt;Datum;Stunden\r\nana@example.com;FILE-1;{};0,5\r\n",
            saturday.format("%d.%m.%Y")
        );
        let wrong = b"Email,Project,Date,Hours\nzed@example.com,FILE-1,tomorrow,x\n";
        let odd = format!("A,B\n{saturday},1\n");
        let files: [(&str, &[u8]); 3] =
            [("right.csv", right.as_bytes()), ("wrong.csv", wrong), ("odd.csv", odd.as_bytes())];
        let (status, seen) = bring(&desk, &maras, &files).await;
        assert_eq!(status, 201, "{seen}");
        let standing: Vec<_> = (0..3).map(|n| seen["files"][n]["state"].clone()).collect();
        assert_eq!(standing, ["ready", "needs_you", "needs_you"], "{seen}");
        assert_eq!(seen["files"][0]["minutes"], 30);
        assert_eq!(seen["files"][1]["wrong"][0]["rows"], json!([2]));
        assert_eq!((seen["unusual"].clone(), seen["submits"].clone()), (json!(1), json!(true)), "a weekend");

        let path = format!("/timesheet-files/{}", seen["id"].as_str().unwrap());
        let hidden = desk.api("GET", &path, &anas, "").await;
        assert_eq!(hidden.status, StatusCode::NOT_FOUND);
        let place = format!("{path}/files/{}/columns", seen["files"][2]["id"].as_str().unwrap());
        let unknown = json!({ "columns": ["date", "smell"] }).to_string();
        assert_eq!(desk.api("PUT", &place, &maras, &unknown).await.status, StatusCode::UNPROCESSABLE_ENTITY);
        let columns =
            json!({ "columns": ["date", "hours"], "person": "ana@example.com", "project": "file-1" });
        let mapped = desk.api("PUT", &place, &maras, &columns.to_string()).await;
        assert_eq!(mapped.status, StatusCode::OK, "{}", mapped.body);
        assert_eq!(mapped.json()["files"][2]["columns"][1]["says"], "hours");

        let take = format!("{path}/take");
        let unconfirmed = desk.api("POST", &take, &maras, "{}").await;
        assert_eq!(unconfirmed.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", unconfirmed.body);
        let taken = desk.api("POST", &take, &maras, r#"{"confirm": true}"#).await.json();
        // Both are of the same day: the second is refused by what the first has brought.
        assert_eq!(
            (taken["files"].clone(), taken["lines"].clone(), taken["refused"].clone()),
            (json!(1), json!(1), json!(1))
        );
        let (_, again) = bring(&desk, &maras, &files[..1]).await;
        assert_eq!(again["files"][0]["state"], "taken_before");
        let listed = desk.api("GET", "/timesheet-files", &maras, "").await.json();
        assert_eq!(listed.as_array().unwrap().len(), 2);
        assert_eq!(desk.api("DELETE", &path, &maras, "").await.status, StatusCode::NO_CONTENT);
        let left = desk.api("GET", &path, &maras, "").await.json();
        assert_eq!(left["files"].as_array().unwrap().len(), 1, "what was taken stays");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_taken_is_refused_in_words() {
    on_both(async |db| {
        let desk = Desk::new(db).await;
        let maras = desk.token("mara@example.com", &["timesheets:write"]).await;
        let (status, none) = bring(&desk, &maras, &[]).await;
        assert_eq!((status, none["errors"][0]["field"].clone()), (422, json!("files")));
        let large = vec![b'x'; 600 * 1024];
        let (status, problem) = bring(&desk, &maras, &[("large.csv", &large)]).await;
        assert_eq!(status, 413, "{problem}");
        assert!(problem["detail"].as_str().unwrap().contains("512 kB"), "{problem}");
        let many: Vec<_> = (0..120).map(|_| ("a.csv", &b"x"[..])).collect();
        assert_eq!(bring(&desk, &maras, &many).await.0, 413);
        let (status, seen) =
            bring(&desk, &maras, &[("paper.pdf", b"%PDF-1.7"), ("../../etc/x.csv", b"\0\0\0")]).await;
        assert_eq!(status, 201);
        assert!(seen["files"][0]["unreadable"].as_str().unwrap().contains("no spreadsheet"), "{seen}");
        assert_eq!(seen["files"][1]["name"], "x.csv");
        let json = desk.api("POST", "/timesheet-files", &maras, "{}").await;
        assert_eq!(json.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
        let reader = desk.token("mara@example.com", &["timesheets:read"]).await;
        assert_eq!(bring(&desk, &reader, &[("a.csv", b"x")]).await.0, 403);
        assert_eq!(bring(&desk, "csn_nothing", &[("a.csv", b"x")]).await.0, 401);

        // As a browser sends it, and as one that breaks off.
        let cookies = desk.sign_in("mara@example.com").await;
        let post = |body: Vec<u8>| {
            browser("POST", "/do/bring_files", &cookies)
                .header(header::CONTENT_TYPE, format!("multipart/form-data; boundary={BOUNDARY}"))
                .body(Body::from(body))
                .unwrap()
        };
        let sent_on = desk.send(post(parts(&[("a.csv", b"Name,Date,Hours\n")]))).await;
        assert_eq!(sent_on.status, StatusCode::SEE_OTHER);
        let page = desk.get(sent_on.header("location"), &cookies).await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.body);
        let none = desk.send(post(parts(&[]))).await;
        assert_eq!(none.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(none.body.contains("Choose at least one file"), "it says so on the page");
        let whole = parts(&[("a.csv", b"Name,Date,Hours\n")]);
        let broken = desk.send(post(whole[..whole.len() - 30].to_vec())).await;
        assert_eq!(broken.status, StatusCode::BAD_REQUEST);
    })
    .await;
}
