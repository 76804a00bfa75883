//! What can be done about runs.

use leptos::prelude::*;

use crate::Failure;

#[cfg(feature = "ssr")]
fn runs() -> engine::run::Runs {
    expect_context()
}

#[cfg(feature = "ssr")]
fn run_id(text: &str) -> Result<domain::ids::RunId, Failure> {
    text.parse().map_err(|_| domain::Fault::not_found("There is no such run.").into())
}

/// Starts one by hand.
#[server(prefix = "/do", endpoint = "start_run")]
pub async fn start_run(
    workflow: String,
    #[server(default)] input: String,
    #[server(default)] project: String,
    #[server(default)] key: String,
) -> Result<(), Failure> {
    use domain::Fault;

    let input = serde_json::from_str(&input)
        .map_err(|wrong| Fault::field("input", format!("This is not JSON: {wrong}.")))?;
    let key = Some(key.trim().to_owned()).filter(|key| !key.is_empty());
    let keyed = key.is_some();
    let project = Some(project).filter(|code| !code.is_empty());
    let item = engine::run::Start { workflow, input, project, key };
    let mut answers = runs().start(&crate::visit::act()?, vec![item], false).await?;
    let lost = || Fault::new(domain::FaultKind::Internal, "The run was not started.");
    let started = answers.pop().ok_or_else(lost)?.map_err(|fault| fault.gathered_at("input"))?;
    let words = match (started.made, keyed) {
        (true, _) => "The run is on its way.",
        (false, true) => "There is a run with this key and input already.",
        (false, false) => "There is to be one of its kind at a time, and this one has not ended.",
    };
    crate::visit::done(&format!("/runs/{}", started.id), words);
    Ok(())
}

#[server(prefix = "/do", endpoint = "cancel_run")]
pub async fn cancel_run(id: String) -> Result<(), Failure> {
    let id = run_id(&id)?;
    runs().cancel(&crate::visit::act()?, id).await?;
    crate::visit::done(&format!("/runs/{id}"), "The run is cancelled.");
    Ok(())
}

/// Tries a run again, from a step or from where it had come to.
#[server(prefix = "/do", endpoint = "retry_run")]
pub async fn retry_run(id: String, #[server(default)] from: String) -> Result<(), Failure> {
    let id = run_id(&id)?;
    let from = Some(from.as_str()).filter(|from| !from.is_empty());
    runs().retry(&crate::visit::act()?, id, from).await?;
    crate::visit::done(&format!("/runs/{id}"), "The run goes on.");
    Ok(())
}

#[server(prefix = "/do", endpoint = "rerun_run")]
pub async fn rerun_run(id: String) -> Result<(), Failure> {
    let new = runs().rerun(&crate::visit::act()?, run_id(&id)?).await?;
    crate::visit::done(&format!("/runs/{new}"), "This is a new run with the same input.");
    Ok(())
}

/// Says to a run what one of its steps waits for.
#[server(prefix = "/do", endpoint = "signal_run")]
pub async fn signal_run(id: String, name: String) -> Result<(), Failure> {
    let id = run_id(&id)?;
    runs().signal(&crate::visit::act()?, id, &name, &serde_json::Value::Null).await?;
    crate::visit::done(&format!("/runs/{id}"), "The signal is sent; the run goes on.");
    Ok(())
}

/// Changes all runs that a filter finds.
#[server(prefix = "/do", endpoint = "sweep_runs")]
pub async fn sweep_runs(
    what: String,
    #[server(default)] workflow: String,
    #[server(default)] project: String,
    #[server(default)] state: String,
    #[server(default)] text: String,
    #[server(default)] key: String,
    #[server(default)] from: String,
    #[server(default)] until: String,
    #[server(default)] reason: String,
) -> Result<(), Failure> {
    use domain::run::Sweep;

    use super::wanted::Filter;

    let act = crate::visit::act()?;
    let said = [
        ("workflow", workflow),
        ("project", project),
        ("text", text),
        ("state", state),
        ("key", key),
        ("from", from),
        ("until", until),
        ("reason", reason),
    ];
    let filter = Filter::read(|name| said.iter().find(|(it, _)| *it == name).map(|(_, word)| word.clone()));
    let unclear =
        || domain::Fault::invalid("This filter means nothing. Choose the runs from the list of all runs.");
    let wanted = filter.meaning(&act.person()?.zone).ok_or_else(unclear)?;
    let sweep = Sweep::parse(&what).ok_or_else(unclear)?;
    let swept = runs().sweep(&act, &wanted, sweep).await?;
    let runs = if swept.runs == 1 { "One run".to_owned() } else { format!("{} runs", swept.runs) };
    let done = match (sweep, swept.runs) {
        (Sweep::Cancel, 1) => "is cancelled",
        (Sweep::Cancel, _) => "are cancelled",
        (Sweep::Retry, 1) => "goes on",
        (Sweep::Retry, _) => "go on",
        (Sweep::Rerun, 1) => "is started over",
        (Sweep::Rerun, _) => "are started over",
    };
    let more = if swept.more { " There are more; do it again." } else { "" };
    let left = if swept.left > 0 { format!(" {} were left as they are.", swept.left) } else { String::new() };
    crate::visit::done("/runs", &format!("{runs} {done}.{left}{more}"));
    Ok(())
}

/// Somebody wants a model or a service to be asked again.
#[server(prefix = "/do", endpoint = "close_breaker")]
pub async fn close_breaker(dependency: String) -> Result<(), Failure> {
    let gates = expect_context::<engine::gate::Gates>();
    gates.close(&crate::visit::act()?, &dependency).await?;
    let words = format!("{} is asked again.", engine::gate::in_words(&dependency));
    crate::visit::done("/queues", &words);
    Ok(())
}

#[server(prefix = "/do", endpoint = "pause_workflow")]
pub async fn pause_workflow(name: String, #[server(default)] why: String) -> Result<(), Failure> {
    runs().pause(&crate::visit::act()?, &name, &why).await?;
    crate::visit::done(
        &format!("/workflows/{name}"),
        "The workflow is paused. Its runs wait at their next checkpoint.",
    );
    Ok(())
}

#[server(prefix = "/do", endpoint = "resume_workflow")]
pub async fn resume_workflow(name: String) -> Result<(), Failure> {
    runs().resume(&crate::visit::act()?, &name).await?;
    crate::visit::done(&format!("/workflows/{name}"), "The workflow goes on.");
    Ok(())
}

/// Moves the runs of a workflow that have not ended to another version.
#[server(prefix = "/do", endpoint = "move_runs")]
pub async fn move_runs(name: String, to: i64) -> Result<(), Failure> {
    let moved = runs().move_over(&crate::visit::act()?, &name, Some(to)).await?;
    let runs = match moved.runs {
        0 => "No run could be moved".to_owned(),
        1 => "One run goes on".to_owned(),
        n => format!("{n} runs go on"),
    };
    let stay: usize = moved.stay.iter().map(|stay| stay.runs).sum();
    let stay = if stay > 0 { format!(" {stay} stay where they are.") } else { String::new() };
    let more = if moved.more { " There are more; do it again." } else { "" };
    let page = if stay.is_empty() && more.is_empty() { "" } else { "/move" };
    let words = format!("{runs} by version {}.{stay}{more}", moved.to);
    crate::visit::done(&format!("/workflows/{name}{page}"), &words);
    Ok(())
}
