use domain::audit::Thing;
use domain::ids::WorkflowId;
use domain::people::Permission;
use domain::workflow::{
    Budget, Definition, Emit, Expression, Http, Kind, Llm, Map, Review, Rule, Step, Unavailable, Wait, Worker,
};
use engine::Error;
use engine::act::Act;
use engine::gate::Gates;
use engine::run::{Pause, Runs};
use engine::schedule::in_words;
use engine::workflow::Workflows;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use super::graph::drawing;
use super::numbers::{HOURS, numbers};
use crate::shelf::{Versions, page_of};
use crate::ui::Column::Text;
use crate::ui::{Column, Heading, ago, banner, button_form, dollars, icon, in_app, load, table};
use crate::visit;

const COLUMNS: [Column; 4] = [Text("Step"), Text("After"), Text("If"), Text("What it does")];

pub fn workflow_page() -> impl IntoView {
    let name = use_params_map().with_untracked(|params| params.get("name")).unwrap_or_default();
    load(content(name))
}

async fn content(name: String) -> Result<AnyView, Error> {
    let act = visit::act()?;
    let versions = Versions::of(&expect_context::<Workflows>(), &act, &name).await?;
    let definition = &versions.opened.what;
    let counted = if act.may(Permission::SeeRuns) {
        expect_context::<Runs>().numbers(&act, &definition.name, HOURS).await?
    } else {
        None
    };
    let pauses =
        if act.may(Permission::SeeRuns) { expect_context::<Runs>().pauses(&act).await? } else { Vec::new() };
    let pause = pauses.into_iter().find(|one| one.workflow.as_str() == name);
    let spent = match definition.budget.cost_per_day {
        Some(most) if act.may(Permission::SeeRuns) => {
            let id = WorkflowId(versions.opened.entry.id);
            Some((expect_context::<Gates>().spent_today(&act, id).await?, most))
        }
        _ => None,
    };
    let newest = versions.opened.entry.version;
    let elsewhere = if newest > 1 && act.may(Permission::ManageRuns) {
        let id = WorkflowId(versions.opened.entry.id);
        expect_context::<Runs>().on_other_versions(&act, id, newest).await?
    } else {
        0
    };
    let content = view! {
        {(elsewhere > 0).then(|| left_behind(&name, elsewhere, newest))}
        {spent.filter(|(spent, most)| spent >= most).map(|(_, most)| all_spent(most))}
        {pause.as_ref().map(|pause| paused(pause, &act))}
        {(!definition.description.is_empty()).then(|| view! { <p class="lead">{definition.description.clone()}</p> })}
        {limits(definition, spent.map(|(spent, _)| spent))}
        <section class="section" aria-labelledby="steps">
            <h2 id="steps">"Steps"</h2>
            {drawing(definition)}
            {steps(definition)}
        </section>
        {counted.map(|counted| numbers(&counted, definition))}
        {versions.sections(act.at)}
    };
    let heading =
        Heading { actions: Some(actions(&act, &name, pause.is_some()).into_any()), ..versions.heading() };
    Ok(in_app(heading, content))
}

/// How soon its runs should be done, and what they may use up.
fn limits(definition: &Definition, spent: Option<i64>) -> Option<AnyView> {
    let Budget { attempts, time, cost, cost_per_day } = definition.budget;
    let slo = definition.slo.map(|slo| format!("A run should be done within {slo}."));
    let each = [
        attempts.map(|most| format!("ask others {most} times")),
        time.map(|most| format!("take {most}")),
        cost.map(|most| format!("cost {}", dollars(most))),
    ];
    let each: Vec<_> = each.into_iter().flatten().collect();
    let each = (!each.is_empty()).then(|| format!("It may {}.", each.join(", ")));
    let today = spent.map(|spent| format!("; today they have cost {}", dollars(spent))).unwrap_or_default();
    let day = cost_per_day.map(|most| format!("All runs of a day may cost {}{today}.", dollars(most)));
    let starts = definition.schedule.iter().map(|schedule| {
        format!("Starts by itself: {} ({}).", in_words(&schedule.cron).trim_end_matches('.'), schedule.zone)
    });
    let single = definition.one_at_a_time.as_ref().map(|_| "One of its kind at a time.".to_owned());
    let kept = definition.retention.map(|kept| format!("Runs that have ended are kept for {kept}."));
    let limits = slo.into_iter().chain(each).chain(day);
    let words: Vec<_> = starts.chain(limits).chain(single).chain(kept).collect();
    (!words.is_empty()).then(|| view! { <p>{words.join(" ")}</p> }.into_any())
}

fn all_spent(most: i64) -> impl IntoView + use<> {
    let words = format!(
        " All {} that the models of this workflow may cost on a day are spent. Until midnight UTC, its steps that ask models \
         wait, or go to their fallbacks.",
        dollars(most)
    );
    banner("warn", view! { <strong>"Nothing left for today"</strong> "." {words} })
}

/// A new version takes new runs; somebody may want the others to go by it, too.
fn left_behind(name: &str, runs: usize, newest: i64) -> impl IntoView + use<> {
    let words = match runs {
        1 => "One run that has not ended goes by an earlier version.".to_owned(),
        n => format!("{n} runs that have not ended go by earlier versions."),
    };
    let href = format!("/workflows/{name}/move");
    let link = view! { <a class="button small" href=href>{format!("Move to version {newest}…")}</a> };
    banner("info", view! { <div class="row between"><span>{words}</span>{link}</div> })
}

/// Nobody should wonder why nothing goes on.
fn paused(pause: &Pause, act: &Act) -> impl IntoView + use<> {
    let words = view! {
        <strong>"Paused"</strong> " by " {pause.by_name.clone()} " " {ago(pause.at, act.at)} ". "
        {pause.why.clone()} " Runs are taken in and wait."
    };
    let resume = act.may(Permission::ManageRuns).then(|| {
        let button = view! { <button class="button small">{icon("play")}"Go on"</button> };
        button_form("resume_workflow", vec![("name", pause.workflow.to_string())], button)
    });
    banner("warn", view! { <div class="row between"><span>{words}</span>{resume}</div> })
}

/// Asks why before it is done: others will wonder.
fn to_pause(name: &str) -> impl IntoView + use<> {
    let ask = view! {
        <div class="field">
            <label for="why">"Why?"</label>
            <p class="field-hint" id="why-hint">"For those who wonder why nothing goes on."</p>
            <input class="input" id="why" name="why" maxlength="500" autocomplete="off" aria-describedby="why-hint" />
        </div>
        <button class="button primary">{icon("pause")}"Pause it"</button>
    };
    view! {
        <button class="button" type="button" popovertarget="pause">{icon("pause")}"Pause"</button>
        <div class="menu asks" id="pause" popover="auto">{button_form("pause_workflow", vec![("name", name.to_owned())], ask)}</div>
    }
}

fn actions(act: &Act, name: &str, paused: bool) -> impl IntoView + use<> {
    let pause = (act.may(Permission::ManageRuns) && !paused).then(|| to_pause(name));
    let new = act.may(Permission::ManageWorkflows).then(|| {
        let href = format!("/workflows/apply?of=workflow&from={name}");
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
    view! { {runs}{pause}{new}{start} }
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
        None => view! { <span class="muted nowrap">"always"</span> }.into_any(),
    };
    let does = match &step.kind {
        Kind::Rule(rule) => rules(rule).into_any(),
        Kind::Llm(llm) => question(llm, step).into_any(),
        Kind::Http(http) => call(http, step).into_any(),
        Kind::Emit(emit) => telling(emit).into_any(),
        Kind::Job(job) => {
            view! { "does the job " <code>{job.name.clone()}</code> <div class="muted">{policy(step)}</div> }
                .into_any()
        }
        Kind::Map(map) => sending(map).into_any(),
        Kind::Wait(wait) => waiting(wait).into_any(),
        Kind::Worker(worker) => errand(worker, step).into_any(),
        Kind::Review(review) => looking(review).into_any(),
    };
    let unavailable = (step.unavailable == Unavailable::Fail)
        .then(|| view! { <div class="muted">"does not wait for who is left alone"</div> });
    let fallback = step.fallback.as_ref().map(|fallback| {
        view! { <div class="muted">"if it fails: " <span class="mono">{fallback.to_string()}</span></div> }
    });
    view! {
        <tr>
            <th scope="row" class="mono fit">{step.name.to_string()}</th>
            <td data-label="After">{needs}</td>
            <td data-label="If" class="wide">{when}</td>
            <td data-label="What it does" class="wide">{does}{unavailable}{fallback}</td>
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

fn policy(step: &Step) -> String {
    format!("within {}, at most {} times", step.timeout(), step.retry().attempts)
}

fn question(llm: &Llm, step: &Step) -> impl IntoView + use<> {
    let link = |thing: Thing, name: &str, version: Option<i64>, words: String| {
        let version = version.map(|version| format!("?version={version}")).unwrap_or_default();
        view! { <a href=format!("{}{version}", page_of(thing, name))>{words}</a> }
    };
    let model = link(Thing::Model, llm.model.name.as_str(), llm.model.version, llm.model.to_string());
    let prompt = link(Thing::Prompt, llm.prompt.name.as_str(), llm.prompt.version, llm.prompt.to_string());
    let samples = (llm.samples > 1).then(|| format!(", {} times", llm.samples));
    let sure = llm.confidence.as_ref().map(|Expression(sure)| {
        view! { <div>"sure by " <code>{sure.clone()}</code></div> }
    });
    view! {
        <div>"asks " {model} " with " {prompt} {samples}</div>
        <div class="muted">{policy(step)}</div>
        {assignments(&llm.with)}
        {sure}
    }
}

fn call(http: &Http, step: &Step) -> impl IntoView + use<> {
    let policy = policy(step);
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

fn telling(emit: &Emit) -> impl IntoView + use<> {
    view! {
        <div>"tells " <code>{emit.to.0.clone()}</code></div>
        <div class="muted">{format!("{}, signed with {}", emit.kind, emit.secret)}</div>
        {assignments(&emit.data)}
    }
}

fn sending(map: &Map) -> impl IntoView + use<> {
    let version = map.workflow.version.map(|version| format!("?version={version}")).unwrap_or_default();
    let href = format!("{}{version}", page_of(Thing::Workflow, map.workflow.name.as_str()));
    let policy = format!(
        "{} at once, all within {}; if one does not succeed: {}",
        map.at_once,
        map.within,
        map.otherwise.label().to_lowercase()
    );
    view! {
        <div>"sends each of " <code>{map.over.0.clone()}</code> " through " <a href=href>{map.workflow.to_string()}</a></div>
        <div class="muted">{policy}</div>
        {assignments(&map.input)}
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
