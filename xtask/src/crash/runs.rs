//! What has become of the runs, asked when nobody is killed any more.

use std::collections::{BTreeMap, BTreeSet};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use super::Office;
use super::clients::WORKFLOW;
use super::desk::WIDE;
use super::outside::Outside;

/// How long the runs that are left may go without any of them ending.
const PATIENCE: Duration = Duration::from_mins(1);

/// What a run says that was given up because its worker, or the program of an errand, was lost three times in a row.
const POISON: [&str; 2] = ["Its worker was lost", "programs that took it were lost"];

/// What was found wrong, each by its number.
#[derive(Default)]
pub struct Found {
    pub runs: usize,
    /// Acknowledged, and not there.
    pub lost: usize,
    /// A step that succeeded twice, a key with two runs, an effect that is not the one its run tells of.
    pub duplicated: usize,
    /// Not ended, although nothing more happens.
    pub stuck: usize,
    /// Given up by the rule: its worker was lost three times in a row.
    pub poison: usize,
    /// Given up for that: lists with such an element, and their other elements.
    pub beside: usize,
    /// Ended as it should not have.
    pub failed: usize,
}

/// Steps before, between and after effects that an outside log shows.
pub fn apply(office: &Office<'_>, outside: &Outside) -> Result<()> {
    let effect = |needs: &str| {
        format!(
            "{{needs: {needs}, http: {{url: 'http://{}/', body: {{n: input.n}}, set: {{place: response.body.place}}}}, \
             timeout: 10s, retry: {{attempts: 20, first: 50ms, most: 1s}}}}",
            outside.address
        )
    };
    let source = format!(
        "name: {WORKFLOW}\nsteps:\n  begin: {{rule: {{set: {{n: input.n}}}}}}\n  first: {}\n  \
         between: {{needs: first, rule: {{set: {{place: steps.first.place}}}}}}\n  second: {}\n\
         output: {{n: steps.begin.n, first: steps.between.place, second: steps.second.place}}\n",
        effect("begin"),
        effect("between")
    );
    let answer = office.ask("POST", "/workflows", &json!({ "source": source }).to_string())?;
    ensure!(answer["version"] == 1, "the workflow cannot be applied: {answer}");
    Ok(())
}

/// The id and the key of a run.
pub type Listed = (String, String);

fn is_poison(error: &str) -> bool {
    POISON.iter().any(|words| error.contains(words))
}

/// Waits until all runs have ended, or nothing more happens, and looks at each of the narrow ones. Answers with the wide ones,
/// too.
pub fn look(office: &Office<'_>, outside: &Outside, promised: &[String]) -> Result<(Found, Vec<Listed>)> {
    let stuck = wait(office, WORKFLOW)? + wait(office, WIDE)?;
    let all = ids(office, WORKFLOW, "")?;
    let wide = ids(office, WIDE, "")?;
    let known: BTreeSet<_> = all.iter().chain(&wide).map(|(id, _)| id.as_str()).collect();
    let mut keys: BTreeMap<&str, usize> = BTreeMap::new();
    // The elements of lists have no keys of their own.
    for (_, key) in all.iter().chain(&wide).filter(|(_, key)| !key.is_empty()) {
        *keys.entry(key).or_default() += 1;
    }
    let mut found = Found {
        runs: all.len() + wide.len(),
        lost: promised.iter().filter(|id| !known.contains(id.as_str())).count(),
        duplicated: keys.values().filter(|runs| **runs > 1).count(),
        stuck,
        ..Found::default()
    };
    for (id, _) in &all {
        let run = office.ask("GET", &format!("/runs/{id}"), "")?;
        match run["state"].as_str() {
            Some("success") => found.duplicated += usize::from(!is_once(&run, id, outside)),
            _ => found.count_ended(&run),
        }
    }
    Ok((found, wide))
}

impl Found {
    /// One that has not succeeded.
    pub fn count_ended(&mut self, run: &Value) {
        match run["state"].as_str() {
            Some("failed") if run["error"].as_str().is_some_and(is_poison) => {
                let children = run["children"]
                    .as_array()
                    .is_some_and(|children| children.iter().any(|child| child["state"] == "failed"));
                if children { self.beside += 1 } else { self.poison += 1 }
            }
            Some("cancelled") if !run["parent"].is_null() => self.beside += 1,
            Some("failed" | "cancelled") => {
                eprintln!("    a run failed: {}", run["error"]);
                self.failed += 1;
            }
            _ => {}
        }
    }
}

/// Whether every step succeeded once, and the effects are those the run tells of.
fn is_once(run: &Value, id: &str, outside: &Outside) -> bool {
    let mut succeeded: BTreeMap<&str, usize> = BTreeMap::new();
    for attempt in run["attempts"].as_array().into_iter().flatten() {
        if attempt["state"] == "success" {
            *succeeded.entry(attempt["step"].as_str().unwrap_or_default()).or_default() += 1;
        }
    }
    let effect = |step: &str| {
        let place = outside.place(&format!("{id}:{step}:http"));
        place.is_some() && run["output"][step].as_u64() == place
    };
    let once = succeeded.len() == 4
        && succeeded.values().all(|times| *times == 1)
        && effect("first")
        && effect("second");
    if !once {
        eprintln!("    not once: {run}");
    }
    once
}

/// How many runs have not ended when nothing more happens.
fn wait(office: &Office<'_>, workflow: &str) -> Result<usize> {
    let open = || -> Result<usize> {
        let of = |state: &str| ids(office, workflow, &format!("&state={state}"));
        Ok(of("pending")?.len() + of("running")?.len() + of("needs_review")?.len())
    };
    let (mut left, mut since) = (open()?, Instant::now());
    while left > 0 && since.elapsed() < PATIENCE {
        thread::sleep(Duration::from_millis(200));
        let now = open()?;
        if now < left {
            (left, since) = (now, Instant::now());
        }
    }
    Ok(left)
}

/// The ids and keys of all runs that a filter lets through.
fn ids(office: &Office<'_>, workflow: &str, filter: &str) -> Result<Vec<Listed>> {
    let (mut all, mut after) = (Vec::new(), String::new());
    loop {
        let page = office.ask("GET", &format!("/runs?workflow={workflow}&limit=200{filter}{after}"), "")?;
        let rows = page["runs"].as_array().with_context(|| format!("no runs in {page}"))?;
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        all.extend(rows.iter().map(|row| (text(&row["id"]), text(&row["key"]))));
        match page["next"].as_str() {
            Some(next) => after = format!("&after={next}"),
            None => return Ok(all),
        }
    }
}
