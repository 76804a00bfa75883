//! Workflows without a server: is a definition right, and what does it do with an item.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, bail};
use engine::workflow::{Outcome, Prepared, Trace, Traced, read, try_out};
use serde_json::Value;

use super::args::WorkflowCommand;

/// What a run that failed ends the command with: the definition did its work, and its answer was no.
const RUN_FAILED: u8 = 2;

pub fn run(what: &WorkflowCommand) -> anyhow::Result<ExitCode> {
    match what {
        WorkflowCommand::Check { files } => Ok(check(files)),
        WorkflowCommand::Test { file, input, json } => test(file, input, *json),
    }
}

/// Looks at every file, also after one that is wrong.
fn check(files: &[PathBuf]) -> ExitCode {
    let mut fine = true;
    for file in files {
        match open(file) {
            Ok(prepared) => {
                let definition = prepared.definition();
                let steps = definition.steps.len();
                println!("{}: {} is fine, {steps} steps", file.display(), definition.name);
            }
            Err(error) => {
                fine = false;
                eprintln!("{error:#}");
            }
        }
    }
    if fine { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn test(file: &Path, input: &Path, json: bool) -> anyhow::Result<ExitCode> {
    let prepared = open(file)?;
    let text = read_file(input)?;
    let item: Value =
        serde_json::from_str(&text).with_context(|| format!("{} is not JSON", input.display()))?;
    let trace = match try_out(&prepared, item) {
        Ok(trace) => trace,
        Err(unfit) => {
            let faults = unfit.fields.iter().map(|fault| {
                let place = if fault.field.is_empty() { "/" } else { &fault.field };
                format!("\n  {place}: {}", fault.message)
            });
            bail!("{}: {}{}", input.display(), unfit.message, faults.collect::<String>());
        }
    };
    if json {
        println!("{}", serde_json::to_string_pretty(&trace)?);
    } else {
        print!("{}", told(&trace));
    }
    Ok(if trace.failed.is_some() { ExitCode::from(RUN_FAILED) } else { ExitCode::SUCCESS })
}

fn open(file: &Path) -> anyhow::Result<Prepared> {
    let text = read_file(file)?;
    let definition = read(&text).map_err(|misread| {
        let all = misread
            .iter()
            .map(|one| format!("{}:{}:{}: {}", file.display(), one.at.line, one.at.column, one.message));
        anyhow::anyhow!("{}", all.collect::<Vec<_>>().join("\n"))
    })?;
    Ok(Prepared::new(definition)?)
}

fn read_file(file: &Path) -> anyhow::Result<String> {
    fs::read_to_string(file).with_context(|| format!("{} cannot be read", file.display()))
}

/// A line for each step, then what the run answers.
fn told(trace: &Trace) -> String {
    let width = trace.steps.iter().map(|traced| traced.step.as_str().len()).max().unwrap_or_default();
    let step = |traced: &Traced| {
        let (state, words) = match &traced.outcome {
            Outcome::Success { output, confidence } => {
                let sure = confidence.map(|sure| format!("  confidence {sure}")).unwrap_or_default();
                ("success", format!("{output}{sure}"))
            }
            Outcome::Skipped { because } => ("skipped", (*because).to_owned()),
            Outcome::Failed { because } => ("failed", because.clone()),
        };
        format!("{:width$}  {:<5} {state:<8} {words}\n", traced.step.as_str(), traced.kind)
    };
    let answer = trace.output.as_ref().map(|output| format!("answers {output}\n"));
    let failure = trace.failed.as_ref().map(|why| format!("failed  {why}\n"));
    trace.steps.iter().map(step).chain(answer).chain(failure).collect()
}
