use domain::people::Permission;
use domain::span::Span;
use domain::workflow::{Definition, Expression, Http, Kind, Review, Rule, Step, Wait, Worker};
use engine::Error;
use engine::act::Act;
use engine::run::Runs;
use engine::workflow::{VersionLine, Workflows, difference as difference_of};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use super::difference::difference;
use super::graph::drawing;
use super::numbers::{HOURS, numbers};
use crate::ui::Column::Text;
use crate::ui::{Column, Heading, ago, icon, in_app, load, table, tag};
use crate::visit::{self, query};

const COLUMNS: [Column; 4] = [Text("Step"), Text("After"), Text("If"), Text("What it does")];

/// How many versions are listed beside the newest ones.
const VERSIONS: usize = 20;

pub fn workflow_page() -> impl IntoView {
    let name = use_params_map().with_untracked(|params| params.get("name")).unwrap_or_default();
    load(content(name))
}

async fn content(name: String) -> Result<AnyView, Error> {
    let act = visit::act()?;
    let workflows = expect_context::<Workflows>();
    let number = |name: &str| query(name).and_then(|number| number.parse::<i64>().ok());
    let opened = workflows.open(&act, &name, number("version")).await?;
    let (workflow, version) = (&opened.workflow, &opened.version);
    let versions = workflows.versions(&act, &name, number("before"), VERSIONS).await?;
    // Every version is shown beside the one before it, unless another is asked for.
    let against = number("against").unwrap_or(version.number - 1);
    let before = match against {
        1.. if against != version.number => workflows.open(&act, &name, Some(against)).await.ok(),
        _ => None,
    };
    let changes = before.map(|before| {
        let diff = difference_of(&before.version.source, &version.source);
        let title = format!("Different from version {against}");
        view! {
            <section class="section" aria-labelledby="difference">
                <h2 id="difference">{title}</h2>
                {difference(&diff)}
            </section>
        }
    });
    let counted = if act.may(Permission::SeeRuns) {
        expect_context::<Runs>().numbers(&act, &workflow.name, HOURS).await?
    } else {
        None
    };
    let older = versions.rows.last().filter(|_| versions.has_more).map(|last| {
        let href = format!("?version={}&before={}#versions", version.number, last.number);
        view! { <a class="button small" href=href>"Older versions"</a> }
    });
    let rows: Vec<_> = versions
        .rows
        .iter()
        .map(|line| version_row(&name, line, version.number, workflow.version, act.at))
        .collect();
    let content = view! {
        {(!opened.definition.description.is_empty()).then(|| view! { <p class="lead">{opened.definition.description.clone()}</p> })}
        <section class="section" aria-labelledby="steps">
            <h2 id="steps">"Steps"</h2>
            {drawing(&opened.definition)}
            {steps(&opened.definition)}
        </section>
        {counted.map(|counted| numbers(&counted, &opened.definition))}
        {changes}
        <section class="section" aria-labelledby="versions">
            <h2 id="versions">"Versions"</h2>
            <ul class="list card">{rows}</ul>
            {older}
        </section>
        <section class="section" aria-labelledby="source">
            <h2 id="source">"The file"</h2>
            <pre class="code" tabindex="0">{version.source.clone()}</pre>
        </section>
    };
    let newest = version.number == workflow.version;
    let state = if newest { tag("ok", "Newest") } else { tag("neutral", "Older version") };
    let heading = Heading {
        title: opened.definition.title.clone(),
        beside: Some(state.into_any()),
        sub: Some(
            view! { <span class="mono">{name.clone()}</span> {format!(" · version {}", version.number)} }
                .into_any(),
        ),
        above: Some(("Workflows", "/workflows")),
        actions: Some(actions(&act, &name).into_any()),
        narrow: false,
    };
    Ok(in_app(heading, content))
}

fn actions(act: &Act, name: &str) -> impl IntoView + use<> {
    let new = act.may(Permission::ManageWorkflows).then(|| {
        let href = format!("/workflows/apply?from={name}");
        view! { <a class="button" href=href>{icon("pencil")}"New version"</a> }
    });
    let runs = act.may(Permission::SeeRuns).then(|| {
        let href = format!("/runs?workflow={name}");
        view! { <a class="button" href=href>{icon("activity")}"Runs"</a> }
    });
    let start = act.may(Permission::StartRuns).then(|| {
        let href = format!("/workflows/{name}/start");
        view! { <a class="button primary" href=href>{icon("play")}"Start a run"</a> }
    });
    view! { {runs}{new}{start} }
}

fn steps(definition: &Definition) -> impl IntoView + use<> {
    let rows: Vec<_> = definition.steps.iter().map(step_row).collect();
    view! {
        {table("table compact", "Steps in the order of the file", &COLUMNS, rows)}
    }
}

fn step_row(step: &Step) -> impl IntoView + use<> {
    let needs: Vec<_> = step.needs.iter().map(ToString::to_string).collect();
    let needs = if needs.is_empty() { "the beginning".to_owned() } else { needs.join(", ") };
    let when = match &step.when {
        Some(Expression(when)) => view! { <code>{when.clone()}</code> }.into_any(),
        None => view! { <span class="muted">"always"</span> }.into_any(),
    };
    let does = match &step.kind {
        Kind::Rule(rule) => rules(rule).into_any(),
        Kind::Http(http) => call(http, step).into_any(),
        Kind::Wait(wait) => waiting(wait).into_any(),
        Kind::Worker(worker) => errand(worker, step).into_any(),
        Kind::Review(review) => looking(review).into_any(),
    };
    let fallback = step.fallback.as_ref().map(|fallback| {
        view! { <div class="muted">"if it fails: " <span class="mono">{fallback.to_string()}</span></div> }
    });
    view! {
        <tr>
            <th scope="row" class="mono fit">{step.name.to_string()}</th>
            <td data-label="After">{needs}</td>
            <td data-label="If" class="wide">{when}</td>
            <td data-label="What it does" class="wide">{does}{fallback}</td>
        </tr>
    }
}

fn assignments(set: &[(String, Expression)]) -> Vec<AnyView> {
    set.iter()
        .map(|(name, Expression(value))| {
            view! { <div><code>{format!("{name} = {value}")}</code></div> }.into_any()
        })
        .collect()
}

fn rules(rule: &Rule) -> impl IntoView + use<> {
    let rejects = rule.reject.as_ref().map(|reject| {
        let Expression(when) = &reject.when;
        view! { <div>"rejects if " <code>{when.clone()}</code> ": " {reject.because.clone()}</div> }
    });
    view! { {rejects}{assignments(&rule.set)} }
}

fn call(http: &Http, step: &Step) -> impl IntoView + use<> {
    let (retry, timeout) = (step.retry(), step.timeout.unwrap_or(Span::seconds(30)));
    let policy = format!("within {timeout}, at most {} times", retry.attempts);
    view! {
        <div>{http.method.word()} " " <code>{http.url.0.clone()}</code></div>
        <div class="muted">{policy}</div>
        {assignments(&http.set)}
    }
}

fn errand(worker: &Worker, step: &Step) -> impl IntoView + use<> {
    let policy = format!("within {}, at most {} times", worker.within, step.retry().attempts);
    view! {
        <div>"a program of the queue " <code>{worker.queue.to_string()}</code></div>
        <div class="muted">{policy}</div>
        {assignments(&worker.input)}
    }
}

fn waiting(wait: &Wait) -> String {
    match wait {
        Wait::For(span) => format!("waits {span}"),
        Wait::Signal { name, within, otherwise } => {
            let otherwise = otherwise.label().to_lowercase();
            format!("waits for the signal {name} for {within}; otherwise: {otherwise}")
        }
    }
}

fn looking(review: &Review) -> impl IntoView + use<> {
    let low = review.low_confidence.as_ref();
    let whole =
        low.and_then(|low| low.below.as_ref()).map(|Expression(below)| format!("confidence below {below}"));
    let fields = low.map(|low| low.fields.as_slice()).unwrap_or_default();
    let fields = fields.iter().map(|(name, field)| format!("confidence of {name} below {}", field.below.0));
    let risk = review.high_risk.as_ref().map(|case| format!("high risk: {}", case.when.0));
    let customer = review.key_customer.as_ref().map(|case| format!("key customer: {}", case.when.0));
    let failures = review.repeated_failure.map(|failures| format!("{failures} failures before"));
    let sample = review.sample.map(|sample| format!("drawn at random: {sample}"));
    let whys = whole.into_iter().chain(fields).chain(risk).chain(customer).chain(failures).chain(sample);
    let whys: Vec<_> = whys.map(|why| view! { <div><code>{why}</code></div> }).collect();
    let always = whys.is_empty().then_some(", always");
    let end = format!("within {}; otherwise: {}", review.within, review.otherwise.label().to_lowercase());
    view! {
        <div>"a person looks at " <span class="mono">{review.of.to_string()}</span> {always}</div>
        {whys}
        <div class="muted">{end}</div>
    }
}

fn version_row(
    name: &str,
    line: &VersionLine,
    shown: i64,
    newest: i64,
    now: chrono::DateTime<chrono::Utc>,
) -> impl IntoView + use<> {
    let number = line.number;
    let mark = match (number == shown, number == newest) {
        (true, _) => Some(tag("info", "Shown")),
        (_, true) => Some(tag("ok", "Newest")),
        _ => None,
    };
    let compare = (number != shown).then(|| {
        let href = format!("/workflows/{name}?version={shown}&against={number}#difference");
        view! { <a class="button small" href=href>"Compare"</a> }
    });
    let hash: String = line.hash.chars().take(12).collect();
    view! {
        <li>
            {icon("workflow")}
            <div class="grow">
                <p class="title"><a href=format!("/workflows/{name}?version={number}")>{format!("Version {number}")}</a> " " {mark}</p>
                <p class="sub">{line.author_name.clone()} " · " {ago(line.applied_at, now)} " · " <span class="mono">{hash}</span></p>
            </div>
            {compare}
        </li>
    }
}
