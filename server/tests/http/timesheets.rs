use chrono::{Datelike, Days, NaiveDate};
use engine::testing::on_both;
use serde_json::{Value, json};

use super::*;

/// A working day of the last week, which is open on every project of the demo.
fn last_week(weekday: u64) -> NaiveDate {
    let today = World::Real.now().date_naive();
    today - Days::new(u64::from(today.weekday().num_days_from_monday()) + 7) + Days::new(weekday)
}

async fn post(desk: &Desk, token: &str, body: Value) -> (u16, Value) {
    let answer = desk.api("POST", "/timesheet-lines", token, &body.to_string()).await;
    (answer.status.as_u16(), answer.json())
}

/// A project of its own with a task, as the demo's have lines already.
async fn project(desk: &Desk) -> String {
    let token = desk.token("ada@example.com", &["projects:write", "pay:write"]).await;
    let body =
        json!({ "code": "hand-1", "name": "By hand", "client": "Acme", "currency": "EUR" }).to_string();
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
    path
}

#[tokio::test(flavor = "multi_thread")]
async fn programs_send_lines_and_each_is_answered() {
    on_both(async |db| {
        let desk = Desk::new(db).await;
        project(&desk).await;
        let anas = desk.token("ana@example.com", &["timesheets:write"]).await;
        let line = |on: NaiveDate, hours: &str, id: &str| {
            json!({ "project": "hand-1", "task": "labels", "work_on": on, "hours": hours, "external_id": id })
        };
        let (monday, tuesday) = (last_week(0), last_week(1));
        let three = json!({ "lines": [line(monday, "1:30", "a"), line(tuesday, "25", "b"), line(monday, "2", "c")] });
        let (status, first) = post(&desk, &anas, three.clone()).await;
        assert_eq!((status, &first["kept"], &first["refused"]), (200, &json!(1), &json!(2)), "{first}");
        assert_eq!(first["lines"][0]["line"]["state"], "draft");
        assert_eq!(first["lines"][1]["error"]["errors"][0]["field"], "hours");
        assert_eq!(first["lines"][2]["error"]["status"], 409, "the same day twice");
        let (_, again) = post(&desk, &anas, three).await;
        assert_eq!(again["lines"][0], first["lines"][0], "sent again it is as it was");

        let (_, named) = post(&desk, &anas, json!({ "lines": [line(tuesday, "1", "a")] })).await;
        assert_eq!(named["lines"][0]["error"]["errors"][0]["field"], "external_id");
        let (_, other) = post(&desk, &anas, json!({ "lines": [line(monday, "4", "z")] })).await;
        assert_eq!(other["refused"], 1, "there is a line by another name: {other}");
        let long = json!({ "lines": [line(tuesday, "9", "b")], "submit": true });
        let (_, unusual) = post(&desk, &anas, long).await;
        let said = unusual["lines"][0]["error"].to_string();
        assert!(said.contains("confirm") && said.contains("note"), "{said}");
        let mut noted = line(tuesday, "9", "b");
        noted["note"] = json!("Deadline");
        let (_, sent) = post(&desk, &anas, json!({ "lines": [noted], "submit": true, "confirm": true })).await;
        assert_eq!(sent["lines"][0]["line"]["state"], "submitted", "{sent}");
        let (_, late) = post(&desk, &anas, json!({ "lines": [line(tuesday, "3", "b")] })).await;
        assert!(late["lines"][0]["error"]["detail"].as_str().unwrap().contains("return it"), "{late}");

        let (_, empty) = post(&desk, &anas, json!({ "lines": [line(monday, "0", "a")] })).await;
        assert_eq!(empty["lines"][0]["error"]["errors"][0]["field"], "hours", "and the line is still there:");
        let (_, there) = post(&desk, &anas, json!({ "lines": [line(monday, "1:30", "a")] })).await;
        assert_eq!(there["lines"][0]["line"]["version"], first["lines"][0]["line"]["version"]);

        let maras = desk.token("mara@example.com", &["timesheets:write"]).await;
        let mut hers = line(last_week(2), "2", "d");
        hers["person"] = json!("ana@example.com");
        let (_, by_mara) = post(&desk, &maras, json!({ "lines": [hers.clone()] })).await;
        assert_eq!(by_mara["kept"], 1, "{by_mara}");
        let teos = desk.token("teo@example.com", &["timesheets:write"]).await;
        assert_eq!(post(&desk, &teos, json!({ "lines": [hers] })).await.1["lines"][0]["error"]["status"], 403);
        let mut nobody = line(monday, "1", "e");
        nobody["person"] = json!("nobody@example.com");
        assert_eq!(post(&desk, &maras, json!({ "lines": [nobody] })).await.1["lines"][0]["error"]["status"], 422);
        let (_, nowhere) = post(&desk, &teos, json!({ "lines": [line(monday, "1", "f")] })).await;
        assert_eq!(nowhere["lines"][0]["error"]["errors"][0]["field"], "project");
        let reader = desk.token("ana@example.com", &["timesheets:read"]).await;
        assert_eq!(post(&desk, &reader, json!({ "lines": [] })).await.0, 403);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_week_is_entered_and_submitted_with_plain_forms() {
    on_both(async |db| {
        let desk = Desk::new(db).await;
        project(&desk).await;
        let cookies = desk.sign_in("ana@example.com").await;
        let monday = last_week(0);
        let page = desk.get(&format!("/timesheet?week={monday}"), &cookies).await;
        assert_eq!(page.status, StatusCode::OK);
        let hidden = |page: &str, name: &str| {
            let at = page.find(&format!("name=\"{name}\" value=\"")).unwrap_or_else(|| panic!("no {name}"));
            page[at..].split("value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
        };
        let option = page.body.split("<option").find(|part| part.contains("HAND-1")).unwrap();
        let task = option.split("value=\"").nth(1).unwrap().split('"').next().unwrap();
        let with_row = desk.get(&format!("/timesheet?week={monday}&row={task}"), &cookies).await;
        assert!(with_row.body.contains(&format!("hours:{task}:{monday}")), "the row is there");
        let (person, version) = (hidden(&with_row.body, "person"), hidden(&with_row.body, "version"));
        let week = monday.to_string();
        let cell = |hours: &str| {
            [
                ("person".to_owned(), person.clone()),
                ("week".to_owned(), week.clone()),
                ("version".to_owned(), version.clone()),
                ("cells[0][task]".to_owned(), task.to_owned()),
                ("cells[0][on]".to_owned(), week.clone()),
                ("cells[0][hours]".to_owned(), hours.to_owned()),
                ("_from".to_owned(), format!("/timesheet?week={week}&row={task}")),
            ]
        };
        let send = async |action: &str, hours: &str| {
            let fields = cell(hours);
            let fields: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            desk.post(action, &cookies, &fields).await
        };
        let wrong = send("save_week", "lots").await;
        assert!(wrong.body.contains("Write hours like 7:30"), "{}", wrong.status);
        assert!(wrong.body.contains("value=\"lots\""), "what was typed is still there");
        let saved = send("save_week", "7h30").await;
        assert_eq!(saved.status, StatusCode::SEE_OTHER);
        let stale = send("submit_week", "8").await;
        assert!(stale.body.contains("changed elsewhere"), "{}", stale.body);
        let page = desk.get(&format!("/timesheet?week={monday}"), &cookies).await;
        assert!(page.body.contains("value=\"7:30\""));
        let ravi = desk.sign_in("ravi@example.com").await;
        let others = desk.get(&format!("/timesheet?person={person}"), &ravi).await;
        assert_eq!(others.status, StatusCode::FORBIDDEN);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn timesheets_leave_as_a_table_for_whoever_may_see_them() {
    Box::pin(on_both(async |db| {
        let desk = Desk::new(db).await;
        let (maras, anas) = (desk.sign_in("mara@example.com").await, desk.sign_in("ana@example.com").await);
        let until = World::Real.now().date_naive();
        let address = |from: &str| format!("/timesheet/export.csv?from={from}&until={until}&project=");
        let from = (until - Days::new(90)).to_string();
        let table = desk.get(&address(&from), &maras).await;
        assert_eq!((table.status, table.header("content-type")), (StatusCode::OK, "text/csv; charset=utf-8"));
        assert!(table.body.starts_with("Email,Called,Project,Task,Date,Hours,"), "{}", table.body);
        assert!(
            table
                .body
                .lines()
                .any(|row| row.starts_with("ana@example.com,") && row.contains(",Chest findings,"))
        );
        assert_eq!(desk.get(&address(&from), &anas).await.status, StatusCode::FORBIDDEN);
        assert_eq!(desk.get(&address("soon"), &maras).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    }))
    .await;
}
