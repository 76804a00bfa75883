use engine::testing::on_both;
use serde_json::json;

use super::*;

/// The demo's batch that is over and open, approved with all that was found accepted; its id.
async fn approve_one(desk: &Desk, token: &str) -> String {
    let page = desk.api("GET", "/pay/batches?limit=200", token, "").await.json();
    for it in page["batches"].as_array().unwrap().iter().filter(|it| it["state"] == "open") {
        let id = it["id"].as_str().unwrap().to_owned();
        let path = format!("/pay/batches/{id}");
        let whole = desk.api("GET", &path, token, "").await.json();
        if whole["is_over"] != true {
            continue;
        }
        for it in whole["findings"].as_array().unwrap() {
            let accept = json!({
                "subject": it["subject"], "reason": "Known",
                "findings": [{ "kind": it["kind"], "sentence": it["sentence"] }],
            });
            desk.api("POST", &format!("{path}/accept"), token, &accept.to_string()).await;
        }
        let hash = desk.api("GET", &path, token, "").await.json()["hash"].clone();
        let done =
            desk.api("POST", &format!("{path}/approve"), token, &json!({ "hash": hash }).to_string()).await;
        assert_eq!(done.json()["approved"], true, "{}", done.body);
        return id;
    }
    panic!("the demo has no batch to approve: {page}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payment_file_leaves_for_whoever_may_send_pay_and_no_other() {
    Box::pin(on_both(async |db| {
        let desk = Desk::new(db).await;
        let token = desk.token("mara@example.com", &["pay:read", "pay:write"]).await;
        let batch = approve_one(&desk, &token).await;
        let cookies = desk.sign_in("mara@example.com").await;
        let page = desk.get(&format!("/pay/{batch}"), &cookies).await.body;
        let usual = page.split("name=\"usual\" value=\"").nth(1).and_then(|rest| rest.split('"').next());
        let usual = usual.unwrap_or_else(|| panic!("nothing to send: {page}")).to_owned();
        // A day later is today or later wherever somebody is.
        let on = (World::Real.now().date_naive() + chrono::Days::new(1)).to_string();
        let form = |format: &'static str| {
            vec![
                ("batch", batch.clone()),
                ("usual", usual.clone()),
                ("format", format.to_owned()),
                ("pay_on", on.clone()),
            ]
        };
        let post = async |cookies: &str, format: &'static str| {
            let form = form(format);
            let form: Vec<_> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
            desk.post("make_payout", cookies, &form).await
        };
        let anas = desk.sign_in("ana@example.com").await;
        assert_eq!(post(&anas, "csv").await.status, StatusCode::FORBIDDEN);
        assert_eq!(post(&cookies, "parchment").await.status, StatusCode::UNPROCESSABLE_ENTITY);
        let made = post(&cookies, "csv").await;
        assert_eq!(made.status, StatusCode::SEE_OTHER, "{}", made.body);
        let path = made.header("location").to_owned();

        let file = format!("{path}/download");
        let answer = desk.get(&file, &cookies).await;
        assert_eq!(answer.header("content-type"), "text/csv; charset=utf-8");
        assert!(answer.header("content-disposition").contains(".csv\""), "{answer:?}");
        assert!(answer.body.starts_with("reference,person,method,"), "{}", answer.body);
        assert_eq!(desk.get(&file, &cookies).await.body, answer.body);
        assert_eq!(desk.get(&file, &anas).await.status, StatusCode::FORBIDDEN);
        assert_eq!(desk.get(&path, &anas).await.status, StatusCode::FORBIDDEN);
        assert_eq!(desk.get("/pay/files/nothing/download", &cookies).await.status, StatusCode::NOT_FOUND);
        let sheet = desk.get(&path, &cookies).await.body;
        assert!(sheet.contains("All were paid"), "{sheet}");
        // Each time somebody had it is written down.
        let log = desk.get("/audit/export.jsonl?thing=payout", &cookies).await.body;
        assert_eq!(log.matches("\"payout.fetched\"").count(), 2, "{log}");

        // What the bank says of it, as a file that is sent.
        let rows: Vec<_> = answer.body.lines().skip(1).filter_map(|row| row.split(',').next()).collect();
        let said = rows.iter().enumerate().map(|(n, reference)| {
            format!("{reference},{}", if n == 0 { "failed,AC04: <closed>" } else { "paid," })
        });
        let report: Vec<_> = std::iter::once("reference,state,reason".to_owned()).chain(said).collect();
        let report = report.join("\n");
        assert_eq!(
            desk.post("take_report", &anas, &[("report", &report)]).await.status,
            StatusCode::FORBIDDEN
        );
        let bad = [("report", "reference,state\nnothing,paid"), ("_from", "/pay/report")];
        let bad = desk.post("take_report", &cookies, &bad).await;
        assert_eq!(bad.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(bad.body.contains("is no reference of ours"), "{}", bad.body);
        let good = [("report", report.as_str()), ("_from", "/pay/report")];
        let done = desk.post("take_report", &cookies, &good).await;
        assert_eq!(done.status, StatusCode::OK);
        assert!(done.body.contains("The report is taken:"), "{}", done.body);
        assert!(done.body.contains("AC04: &lt;closed&gt;"), "{}", done.body);
        let again = desk.post("take_report", &cookies, &good).await.body;
        assert!(again.contains("Nothing is new in this report:"), "{again}");

        // All of it in one file, which says of itself whether it holds.
        let bundle = format!("/pay/{batch}/bundle");
        assert_eq!(desk.get(&bundle, &anas).await.status, StatusCode::FORBIDDEN);
        assert_eq!(desk.get("/pay/nothing/bundle", &cookies).await.status, StatusCode::NOT_FOUND);
        let zip = desk.get(&bundle, &cookies).await;
        assert_eq!((zip.status, zip.header("content-type")), (StatusCode::OK, "application/zip"));
        assert!(zip.header("content-disposition").contains("batch-20"), "{zip:?}");
        // Programs see how far it has come, by the ends of accounts.
        let paying = desk.api("GET", &format!("/pay/batches/{batch}/payouts"), &token, "").await.json();
        assert_eq!(paying["files"][0]["not_arrived"], 1, "{paying}");
        assert_eq!(paying["stuck"][0]["reason"], "AC04: <closed>", "{paying}");
        let id = path.rsplit('/').next().unwrap();
        let file = desk.api("GET", &format!("/pay/files/{id}"), &token, "").await.json();
        assert_eq!(file["transfers"].as_array().unwrap().len(), rows.len(), "{file}");
        assert_eq!(desk.api("GET", "/pay/files/nothing", &token, "").await.status, StatusCode::NOT_FOUND);
        // Whoever is paid, or may see it, has the receipt; nobody else learns that there is one.
        let paid = sheet.split("/payments/").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
        let receipt = format!("/payments/{paid}/receipt.pdf");
        let pdf = desk.get(&receipt, &cookies).await;
        assert_eq!((pdf.status, pdf.header("content-type")), (StatusCode::OK, "application/pdf"));
        let ravis = desk.sign_in("ravi@example.com").await;
        assert_eq!(desk.get(&receipt, &ravis).await.status, StatusCode::NOT_FOUND);
        assert_eq!(desk.get("/payments/nothing/receipt.pdf", &cookies).await.status, StatusCode::NOT_FOUND);
        // Whose pay did not arrive is told, and nobody else can open that.
        let failed = file["transfers"].as_array().unwrap().iter().find(|it| it["state"] == "failed").unwrap();
        let login = failed["name"].as_str().unwrap().split(' ').next().unwrap().to_lowercase();
        let theirs = desk.sign_in(&format!("{login}@example.com")).await;
        let page = desk.get("/notices", &theirs).await.body;
        assert!(page.contains("AC04: &lt;closed&gt;. Look whether"), "{page}");
        let notice =
            page.split("name=\"notice\" value=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
        let open = [("notice", notice)];
        assert_eq!(desk.post("open_notice", &ravis, &open).await.status, StatusCode::NOT_FOUND);
        let opened = desk.post("open_notice", &theirs, &open).await;
        assert_eq!((opened.status, opened.header("location")), (StatusCode::SEE_OTHER, "/my-pay/account"));
        assert_eq!(desk.get("/notices", "").await.status, StatusCode::FOUND);
    }))
    .await;
}
