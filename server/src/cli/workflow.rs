//! Workflows from the command line: is a definition right, what does it do with an item, and which one is in force.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, bail};
use domain::audit::Thing;
use domain::model::{Card, Prompt};
use domain::workflow::Definition;
use engine::act::Act;
use engine::run::Runs;
use engine::shelf::{Change, Shelved, Shelves, about};
use engine::workflow::Materials;
use engine::workflow::{Outcome, Prepared, Trace, Traced, try_out};
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
        WorkflowCommand::Pause { name, why } => {
            Runs::new(common.open_db().await?)
                .pause(&at_the_console(&World::Real), name, why)
                .await
                .map_err(told_error)?;
            println!("{name} is paused");
            Ok(ExitCode::SUCCESS)
        }
        WorkflowCommand::Resume { name } => {
            Runs::new(common.open_db().await?)
                .resume(&at_the_console(&World::Real), name)
                .await
                .map_err(told_error)?;
            println!("{name} goes on");
            Ok(ExitCode::SUCCESS)
        }
        WorkflowCommand::Move { name, to, dry_run } => move_over(common, name, *to, *dry_run).await,
        WorkflowCommand::Check { files } => Ok(check(files, Quiet::Never)),
        WorkflowCommand::Test { file, input, with, json } => test(common, file, input, with, *json).await,
    }
}

/// Looks at every file first, and applies them one after the other only if each is right: models and prompts before the
/// workflows that name them.
async fn apply(common: &Common, files: &[PathBuf], dry_run: bool) -> anyhow::Result<ExitCode> {
    if check(files, Quiet::IfFine) != ExitCode::SUCCESS {
        return Ok(ExitCode::FAILURE);
    }
    let (shelves, act) = shelves(common).await?;
    let with = from_files(files, Others::PassOver)?;
    let mut sources = files.iter().map(|file| read_file(file)).collect::<Result<Vec<_>, _>>()?;
    sources.sort_by_key(|source| about(source) == Thing::Workflow);
    for source in sources {
        let plan = match shelves.plan(&act, &source).await {
            // What it names may be among the files that would have been applied before it.
            Err(engine::Error::Fault(_)) if dry_run && settles(&source, &with)? => {
                println!("{} would take models or prompts that are applied with it", name_of(&source)?);
                continue;
            }
            plan => plan.map_err(told_error)?,
        };
        if let Change::Changed { difference } = &plan.change {
            print!("{difference}");
        }
        if !dry_run && plan.change != Change::Same {
            // What was shown is what is applied: if another version has come in between, it is not.
            shelves.apply(&act, &source, Some(plan.version - 1)).await.map_err(told_error)?;
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

/// Whether what is in some files is all that a workflow names.
fn settles(source: &str, with: &Materials) -> anyhow::Result<bool> {
    if about(source) != Thing::Workflow {
        return Ok(false);
    }
    let definition = open::<Definition>(Path::new("-"), source)?;
    Ok(with.has_all_of(&definition) && with.settle(definition).is_ok())
}

fn name_of(source: &str) -> anyhow::Result<String> {
    Ok(open::<Definition>(Path::new("-"), source)?.name.to_string())
}

/// As many times as it takes to look at all of them.
async fn move_over(common: &Common, name: &str, to: Option<i64>, dry_run: bool) -> anyhow::Result<ExitCode> {
    let runs = Runs::new(common.open_db().await?);
    loop {
        let act = at_the_console(&World::Real);
        let moved = if dry_run {
            runs.would_move(&act, name, to).await
        } else {
            runs.move_over(&act, name, to).await
        };
        let moved = moved.map_err(told_error)?;
        let verb = if dry_run { "could go" } else { "go" };
        println!("{} runs {verb} on by version {}", moved.runs, moved.to);
        for stay in &moved.stay {
            println!("{} stay: {} One of them is {}.", stay.runs, stay.because, stay.example);
        }
        if !moved.more {
            return Ok(ExitCode::SUCCESS);
        }
        if dry_run || moved.runs == 0 {
            println!("There are more than were looked at.");
            return Ok(ExitCode::SUCCESS);
        }
    }
}

async fn list(common: &Common) -> anyhow::Result<ExitCode> {
    const PAGE: usize = 500;
    let (Shelves { workflows, .. }, act) = shelves(common).await?;
    let mut after: Option<String> = None;
    loop {
        let page = workflows.list(&act, after.as_deref(), PAGE).await?;
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
    let (Shelves { workflows, .. }, act) = shelves(common).await?;
    print!("{}", workflows.open(&act, name, version).await?.version.source);
    Ok(ExitCode::SUCCESS)
}

async fn shelves(common: &Common) -> anyhow::Result<(Shelves, Act)> {
    Ok((Shelves::new(&common.open_db().await?), at_the_console(&World::Real)))
}

/// With everything that is wrong, each on a line of its own.
fn told_fault(fault: &domain::Fault) -> String {
    let fields = fault.fields.iter().map(|field| {
        let place = if field.field.is_empty() { String::new() } else { format!("{}: ", field.field) };
        format!("\n  {place}{}", field.message)
    });
    format!("{}{}", fault.message, fields.collect::<String>())
}

fn told_error(error: engine::Error) -> anyhow::Error {
    match error {
        engine::Error::Fault(fault) => anyhow::anyhow!(told_fault(&fault)),
        other => other.into(),
    }
}

/// Whether a file that is fine is worth a line.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Quiet {
    Never,
    IfFine,
}

/// Looks at every file, also after one that is wrong. What a workflow names is looked for among the others; what is not
/// there is looked for when it is applied.
fn check(files: &[PathBuf], quiet: Quiet) -> ExitCode {
    let mut fine = true;
    for file in files {
        match checked(file) {
            Ok(_) if quiet == Quiet::IfFine => {}
            Ok(words) => println!("{}: {words}", file.display()),
            Err(error) => {
                fine = false;
                eprintln!("{error:#}");
            }
        }
    }
    if fine { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn checked(file: &Path) -> anyhow::Result<String> {
    let source = read_file(file)?;
    Ok(match about(&source) {
        Thing::Model => format!("{} is fine, a model", open::<Card>(file, &source)?.name),
        Thing::Prompt => format!("{} is fine, a prompt", open::<Prompt>(file, &source)?.name),
        _ => {
            let definition = open::<Definition>(file, &source)?;
            format!("{} is fine, {} steps", definition.name, definition.steps.len())
        }
    })
}

async fn test(
    common: &Common,
    file: &Path,
    input: &Path,
    with: &[PathBuf],
    json: bool,
) -> anyhow::Result<ExitCode> {
    let definition = open::<Definition>(file, &read_file(file)?)?;
    let mut materials = from_files(with, Others::Refuse)?;
    if !materials.has_all_of(&definition) {
        let db =
            common.open_db().await.context("What is not among the files of --with is looked for there")?;
        materials = materials.or(Materials::of(&db, &definition).await?);
    }
    let definition = materials.settle(definition).map_err(|fault| anyhow::anyhow!(told_fault(&fault)))?;
    let prepared = Prepared::new(definition, &materials)?;
    let outbound = outbound(&common.allow_private, &common.model_url)?;
    let text = read_file(input)?;
    let item: Value =
        serde_json::from_str(&text).with_context(|| format!("{} is not JSON", input.display()))?;
    let trace = match try_out(&prepared, item, &outbound).await {
        Ok(trace) => trace,
        Err(unfit) => {
            bail!("{}: {}", input.display(), told_fault(&unfit));
        }
    };
    if json {
        println!("{}", serde_json::to_string_pretty(&trace)?);
    } else {
        print!("{}", told(&trace));
    }
    Ok(if trace.failed.is_some() { ExitCode::from(RUN_FAILED) } else { ExitCode::SUCCESS })
}

fn open<T: Shelved>(file: &Path, source: &str) -> anyhow::Result<T> {
    T::read(source).map_err(|misread| {
        let all = misread
            .iter()
            .map(|one| format!("{}:{}:{}: {}", file.display(), one.at.line, one.at.column, one.message));
        anyhow::anyhow!("{}", all.collect::<Vec<_>>().join("\n"))
    })
}

/// What is done with files that are neither models nor prompts.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Others {
    PassOver,
    Refuse,
}

/// The models and prompts of some files.
fn from_files(files: &[PathBuf], others: Others) -> anyhow::Result<Materials> {
    let (mut models, mut prompts) = (Vec::new(), Vec::new());
    for file in files {
        let source = read_file(file)?;
        match about(&source) {
            Thing::Model => models.push(open::<Card>(file, &source)?),
            Thing::Prompt => prompts.push(open::<Prompt>(file, &source)?),
            _ if others == Others::PassOver => {}
            _ => bail!("{} is neither a model nor a prompt.", file.display()),
        }
    }
    Ok(Materials::from_files(models, prompts)?)
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
