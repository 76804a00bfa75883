use domain::Fault;
use domain::audit::Thing;
use domain::people::Permission;
use engine::Error;
use engine::shelf::Shelves;
use leptos::prelude::*;

use super::difference::difference;
use super::{PlanView, desk};
use crate::ui::{FormState, Heading, Upload, banner, button_form, icon, in_app, load, upload};
use crate::visit::{self, plain_lines, query};

const EXAMPLE: &str = "name: invoice-check\nsteps:\n  route:\n    rule:\n      set:\n        to: 'input.total_cents > 500000 ? \"manager\" : \"accounts\"'\n";

pub fn apply_page() -> impl IntoView {
    load(content())
}

async fn content() -> Result<AnyView, Error> {
    let act = visit::act()?;
    act.need(Permission::ManageWorkflows)?;
    let (plan, apply) = (FormState::of("plan_file"), FormState::of("apply_file"));
    let heading = |title: &str| Heading {
        title: title.to_owned(),
        above: Some(desk(query("of").and_then(|of| Thing::parse(&of)).unwrap_or(Thing::Workflow))),
        sub: Some("Nothing is kept before you have seen what changes.".into_any()),
        ..Heading::default()
    };
    let file = plan.value("file", "");
    let source = if file.trim().is_empty() { plan.value("source", &apply.value("source", "")) } else { file };
    let source = plain_lines(&source);
    if let Some(planned) = plan.outcome::<PlanView>() {
        return Ok(in_app(heading("Look at the change"), look_at(&planned, &source)));
    }
    // From the page of something one begins with what it says now.
    let source = match query("from").filter(|_| source.is_empty()) {
        Some(name) => {
            let Shelves { workflows, models, prompts } = expect_context();
            match query("of").and_then(|of| Thing::parse(&of)) {
                Some(Thing::Model) => models.open(&act, &name, None).await?.version.source,
                Some(Thing::Prompt) => prompts.open(&act, &name, None).await?.version.source,
                _ => workflows.open(&act, &name, None).await?.version.source,
            }
        }
        None => source,
    };
    Ok(in_app(heading("Apply a file"), write(source, plan.fault().or_else(|| apply.fault()))))
}

fn write(source: String, fault: Option<&Fault>) -> impl IntoView + use<> {
    let asked = Upload {
        action: "plan_file",
        here: "/workflows/apply",
        accept: ".yaml,.yml,.json",
        hint: "A workflow, a model or a prompt, as YAML or JSON. A file that is chosen wins over what stands below.",
        name: "source",
        label: "or write it here",
        rows: "22",
        placeholder: EXAMPLE,
        text: source,
        submit: "See what changes",
        cancel: "/workflows",
    };
    upload(asked, fault.map(|fault| misread(fault).into_any()), None)
}

/// Everything that is wrong with the file, each with its place.
fn misread(fault: &Fault) -> impl IntoView + use<> {
    let lines: Vec<_> = fault
        .fields
        .iter()
        .map(|fault| {
            let place =
                fault.field.split_once(':').map(|(line, column)| format!("Line {line}, column {column}: "));
            view! { <li>{place.map(|place| view! { <b>{place}</b> })}{fault.message.clone()}</li> }
        })
        .collect();
    view! {
        <div class="error-summary" role="alert" aria-labelledby="error-summary" tabindex="-1" autofocus="" id="source-error">
            <h2 id="error-summary">{fault.message.clone()}</h2>
            <ul>{lines}</ul>
        </div>
    }
}

fn look_at(plan: &PlanView, source: &str) -> impl IntoView + use<> {
    let PlanView { page, name, title, version, fresh, same, .. } = plan;
    let summary = match (fresh, same) {
        (true, _) => banner("ok", view! { <strong>{title.clone()}</strong> {format!(" ({name}) is new. It begins with version 1.")} }).into_any(),
        (_, true) => banner("", view! { <strong>{title.clone()}</strong> {format!(" says this already: version {version} stays the newest.")} }).into_any(),
        _ => banner("ok", view! { <strong>{title.clone()}</strong> {format!(" gets version {version}. This is different in the file:")} }).into_any(),
    };
    let apply = (!same).then(|| {
        let button = view! { <button class="button primary">{icon("check")}{format!("Apply version {version}")}</button> };
        button_form("apply_file", vec![("source", source.to_owned()), ("base", (version - 1).to_string())], button)
    });
    let back = if *same { page.clone() } else { "/workflows/apply".to_owned() };
    let text = if plan.difference.is_empty() {
        view! { <pre class="code" tabindex="0">{source.to_owned()}</pre> }.into_any()
    } else {
        difference(&plan.difference).into_any()
    };
    view! {
        {summary}
        {text}
        <div class="form-actions">{apply}<a class="button quiet" href=back>"Leave it"</a></div>
    }
}
