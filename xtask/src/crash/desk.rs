//! What machines do not do alone, while servers are killed: a program that does errands, a person who decides, lists whose
//! elements go through another workflow, and somebody outside who is told.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use serde_json::{Value, json};

use super::Office;
use super::clients::{Clients, WORKFLOW, request};
use super::outside::Outside;
use super::runs::Found;
use crate::client::Connection;

pub const WIDE: &str = "crash-wide";

/// How many elements each list has.
pub const ELEMENTS: usize = 2;

/// The program is not killed, but what it was given may never reach it.
const LEASE_S: u64 = 5;

/// How long a message may be on its way: couriers have a minute for each.
const PATIENCE: Duration = Duration::from_secs(150);

/// What was acknowledged.
#[derive(Default)]
pub struct Done {
    pub errands: usize,
    /// The ids of reviews.
    pub decided: Vec<String>,
}

pub fn apply(office: &Office<'_>, outside: &Outside) -> Result<()> {
    let source = format!(
        "name: {WIDE}
steps:
  each: {{map: {{over: input.all, workflow: {WORKFLOW}, input: {{n: item}}, within: 1h}}}}
  work: {{worker: {{queue: crash, input: {{n: input.n}}, within: 1h}}, retry: {{attempts: 20, first: 50ms, most: 1s}}}}
  look: {{needs: [each, work], review: {{of: work, within: 1h, otherwise: fail}}}}
  tell: {{needs: look, emit: {{to: 'http://{}/told', type: crash.told, data: {{n: input.n}}, secret: crash}}}}
output: {{n: steps.work.n, decision: steps.look.decision, message: steps.tell.message, results: steps.each.results}}
",
        outside.address
    );
    let answer = office.ask("POST", "/workflows", &json!({ "source": source }).to_string())?;
    ensure!(answer["version"] == 1, "the workflow cannot be applied: {answer}");
    Ok(())
}

/// Does what is offered and decides what is open until nothing more is needed.
pub fn work(clients: &Clients, token: &str, over: &AtomicBool) -> Done {
    let mut done = Done::default();
    let mut connection: Option<(SocketAddr, Connection)> = None;
    // What the program has to do: it is not lost with the server it came from.
    let mut errands = Vec::new();
    while !over.load(Ordering::SeqCst) {
        let Some(server) = clients.server(0) else {
            thread::sleep(Duration::from_millis(2));
            continue;
        };
        let (_, open) = match &mut connection {
            Some(kept) if kept.0 == server => kept,
            other => other.insert((server, Connection::to(server))),
        };
        // Broken off: it may have been kept or not.
        match round(server, open, token, &mut errands, &mut done) {
            None => connection = None,
            Some(0) => thread::sleep(Duration::from_millis(20)),
            Some(_) => {}
        }
    }
    done
}

/// Answers how much there was to do.
fn round(
    server: SocketAddr,
    connection: &mut Connection,
    token: &str,
    errands: &mut Vec<Value>,
    done: &mut Done,
) -> Option<usize> {
    let mut ask = |method: &str, path: &str, body: Value| -> Option<(u16, Value)> {
        let body = if method == "GET" { String::new() } else { body.to_string() };
        let answer = connection.exchange(&request(server, method, path, token, &body)).ok()?;
        // A conflict is somebody else's word or an end of ours; anything else would be a fault of this program.
        if (400..500).contains(&answer.status) && answer.status != 409 {
            eprintln!("    {method} {path} is refused: {}", String::from_utf8_lossy(&answer.body));
        }
        Some((answer.status, serde_json::from_slice(&answer.body).unwrap_or_default()))
    };
    if errands.is_empty() {
        let claim =
            json!({ "queue": "crash", "worker": "program", "limit": 10, "lease_s": LEASE_S, "wait_s": 0 });
        let (_, claimed) = ask("POST", "/errands/claim", claim)?;
        *errands = claimed["errands"].as_array().cloned().unwrap_or_default();
    }
    let had = errands.len();
    while let Some(errand) = errands.last() {
        let path = format!("/errands/{}/complete", errand["id"].as_str()?);
        let body = json!({ "epoch": errand["epoch"], "output": errand["input"] });
        let (status, _) = ask("POST", &path, body)?;
        done.errands += usize::from(status < 300);
        errands.pop();
    }
    let (_, open) = ask("GET", &format!("/reviews?workflow={WIDE}&limit=50"), Value::Null)?;
    let reviews = open["reviews"].as_array().cloned().unwrap_or_default();
    for review in &reviews {
        let id = review["id"].as_str()?;
        let (status, _) = ask("POST", &format!("/reviews/{id}/decide"), json!({ "verdict": "accept" }))?;
        if status < 300 {
            done.decided.push(id.to_owned());
        }
    }
    Some(had + reviews.len())
}

/// Waits until whoever is told was told, or until a courier that was killed has been missed twice.
fn wait_for_messages(office: &Office<'_>) -> Result<()> {
    let since = Instant::now();
    loop {
        let page = office.ask("GET", "/webhooks?state=pending&limit=1", "")?;
        if page["messages"].as_array().is_none_or(Vec::is_empty) || since.elapsed() > PATIENCE {
            return Ok(());
        }
        thread::sleep(Duration::from_millis(500));
    }
}

/// Looks at each of the runs, and at what was acknowledged.
pub fn look(
    office: &Office<'_>,
    outside: &Outside,
    done: &Done,
    all: &[(String, String)],
    found: &mut Found,
) -> Result<()> {
    wait_for_messages(office)?;
    for (id, _) in all {
        let run = office.ask("GET", &format!("/runs/{id}"), "")?;
        if run["state"] != "success" {
            found.count_ended(&run);
            continue;
        }
        let messages = office.ask("GET", &format!("/webhooks?run={id}"), "")?;
        if !is_once(&run, &messages, outside) {
            eprintln!("    not once: {run} {messages}");
            found.duplicated += 1;
        }
    }
    for id in &done.decided {
        let review = office.ask("GET", &format!("/reviews/{id}"), "")?;
        found.lost += usize::from(review["state"] != "decided");
    }
    Ok(())
}

/// Whether every step succeeded once, every element went through once, and the one message has arrived.
fn is_once(run: &Value, messages: &Value, outside: &Outside) -> bool {
    let mut succeeded: BTreeMap<&str, usize> = BTreeMap::new();
    for attempt in run["attempts"].as_array().into_iter().flatten() {
        if attempt["state"] == "success" {
            *succeeded.entry(attempt["step"].as_str().unwrap_or_default()).or_default() += 1;
        }
    }
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let (children, messages) = (list(&run["children"]), list(&messages["messages"]));
    let told = messages
        .iter()
        .filter(|message| message["state"] == "delivered")
        .filter_map(|it| it["webhook_id"].as_str());
    succeeded.len() == 4
        && succeeded.values().all(|times| *times == 1)
        && children.len() == ELEMENTS
        && children.iter().all(|child| child["state"] == "success")
        && list(&run["output"]["results"]).len() == ELEMENTS
        && messages.len() == 1
        && told.filter(|id| outside.place(id).is_some()).count() == 1
        && run["output"]["n"] == run["input"]["n"]
        && run["output"]["decision"] == "accept"
}
