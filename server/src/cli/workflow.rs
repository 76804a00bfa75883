//! Workflows from the command line: is a definition right, what does it do with an item, and which one is in force.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, bail};
use domain::workflow::WorkflowName;
use engine::act::Act;
use engine::workflow::{Change, Outcome, Prepared, Trace, Traced, Workflows, read, try_out};
use engine::world::World;
use serde_json::Value;

use super::args::{Common, WorkflowCommand};
use crate::house::{at_the_console, outbound};

/// What a run that failed ends the command with: the definition did its work, and its answer was no.
const RUN_FAILED: u8 = 2;

pub async fn run(common: &Common, what: &WorkflowCommand) -> anyhow::Result<ExitCode> {
    match what {
        WorkflowCommand::Apply { files, dry_run } => apply(common, files, *dry_run).await,
        WorkflowCommand::List => list(common).await,
        WorkflowCommand::Show { name, version } => show(common, name, *version).await,
        WorkflowCommand::Check { files } => Ok(check(files, Quiet::Never)),
        WorkflowCommand::Test { file, input, json } => test(common, file, input, *json).await,
    }
}

/// Looks at every file first, and applies them one after the other only if each is right.
async fn apply(common: &Common, files: &[PathBuf], dry_run: bool) -> anyhow::Result<ExitCode> {
    if check(files, Quiet::IfFine) != ExitCode::SUCCESS {
        return Ok(ExitCode::FAILURE);
    }
    let (workflows, act) = workflows(common).await?;
    for file in files {
        let source = read_file(file)?;
        let plan = workflows.plan(&act, &source).await?;
        if let Change::Changed { difference } = &plan.change {
            print!("{difference}");
        }
        if !dry_run && plan.change != Change::Same {
            // What was shown is what is applied: if another version has come in between, it is not.
            workflows.apply(&act, &source, Some(plan.version - 1)).await?;
        }
        let (name, version) = (&plan.name, plan.version);
        match plan.change {
            Change::New if dry_run => println!("{name} would be new, with version {version}"),
            Change::New => println!("{name} is new, with version {version}"),
            Change::Same => println!("{name} says this already: version {version} stays the newest"),
            Change::Changed { .. } => {
                let would = if dry_run { "would get" } else { "has" };
                println!("{name} {would} version {version}");
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn list(common: &Common) -> anyhow::Result<ExitCode> {
    const PAGE: usize = 500;
    let (workflows, act) = workflows(common).await?;
    let mut after: Option<WorkflowName> = None;
    loop {
        let page = workflows.list(&act, after.as_ref(), PAGE).await?;
        for workflow in &page.rows {
            println!("{}\t{}\t{}", workflow.name, workflow.version, workflow.title);
        }
        after = page.rows.last().map(|workflow| workflow.name.clone());
        if !page.has_more {
            return Ok(ExitCode::SUCCESS);
        }
    }
}

async fn show(common: &Common, name: &str, version: Option<i64>) -> anyhow::Result<ExitCode> {
    let (workflows, act) = workflows(common).await?;
    print!("{}", workflows.open(&act, name, version).await?.version.source);
    Ok(ExitCode::SUCCESS)
}

async fn workflows(common: &Common) -> anyhow::Result<(Workflows, Act)> {
    Ok((Workflows::new(common.open_db().await?), at_the_console(&World::Real)))
}

/// Whether a file that is fine is worth a line.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Quiet {
    Never,
    IfFine,
}

/// Looks at every file, also after one that is wrong.
fn check(files: &[PathBuf], quiet: Quiet) -> ExitCode {
    let mut fine = true;
    for file in files {
        match open(file) {
            Ok(_) if quiet == Quiet::IfFine => {}
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

async fn test(common: &Common, file: &Path, input: &Path, json: bool) -> anyhow::Result<ExitCode> {
    let prepared = open(file)?;
    let outbound = outbound(&common.allow_private)?;
    let text = read_file(input)?;
    let item: Value =
        serde_json::from_str(&text).with_context(|| format!("{} is not JSON", input.display()))?;
    let trace = match try_out(&prepared, item, &outbound).await {
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
            Outcome::Failed { because, .. } => ("failed", because.clone()),
        };
        format!("{:width$}  {:<5} {state:<8} {words}\n", traced.step.as_str(), traced.kind)
    };
    let answer = trace.output.as_ref().map(|output| format!("answers {output}\n"));
    let failure = trace.failed.as_ref().map(|why| format!("failed  {why}\n"));
    trace.steps.iter().map(step).chain(answer).chain(failure).collect()
}
