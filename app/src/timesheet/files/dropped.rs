use domain::Fault;
use domain::period::Period;
use engine::Error;
use engine::timesheet::import::{Dropped, FileSeen, Standing};
use engine::timesheet::{CONFIRM, Timesheets};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use super::{BRING, one};
use crate::payment::{counted, hours, units};
use crate::ui::Column::{Number, Text};
use crate::ui::{
    Column, Follow, FormState, Heading, ago, button_form, icon, in_app, live_part, load, on_day, table, tag,
};
use crate::visit::{self, query};

const COLUMNS: [Column; 8] = [
    Text("File"),
    Text("Project"),
    Text("Days"),
    Number("People"),
    Number("Lines"),
    Number("Hours"),
    Number("Units"),
    Text("State"),
];

/// As many files with something wrong are opened at once.
const OPENED: usize = 5;

pub fn dropped_page() -> impl IntoView {
    let id = use_params_map().read_untracked().get("id").unwrap_or_default();
    load(content(id))
}

async fn content(id: String) -> Result<AnyView, Error> {
    let act = visit::act()?;
    let id = id.parse().map_err(|_| Fault::not_found("There are no such files."))?;
    let dropped = expect_context::<Timesheets>().dropped(&act, id).await?;
    let asked = query("file");
    let opened: Vec<_> = match &asked {
        Some(asked) => dropped.files.iter().filter(|file| file.id.to_string() == *asked).collect(),
        None => dropped.files.iter().filter(|file| file.standing == Standing::Wrong).take(OPENED).collect(),
    };
    let alone = opened.len() == 1;
    let opened: Vec<_> = opened.into_iter().map(|file| one::file(&dropped, file, alone).into_any()).collect();
    let all = asked.is_some().then(|| {
        view! { <p><a href=format!("{BRING}/{id}")>"Show all files that need you"</a></p> }
    });
    let rows: Vec<_> = dropped.files.iter().map(|file| row(&dropped, file)).collect();
    let list = table("table files", "Files, in the order they came in", &COLUMNS, rows);
    let content = view! {
        <div class="verdict">
            {live_part("verdict", verdict(&dropped))}
            {(!dropped.is_being_taken).then(|| take(&dropped))}
        </div>
        {live_part("files", list)}
        <div class="opened" id="opened">{opened}</div>
        {all}
        <Follow />
    };
    let heading = Heading {
        title: counted(count(dropped.files.len()), "file", "files"),
        above: Some(("Timesheets from files", BRING)),
        sub: Some(view! { "Brought by "{dropped.by.clone()}", "{ago(dropped.at, act.at)} }.into_any()),
        actions: Some(actions(&dropped)),
        ..Heading::default()
    };
    Ok(in_app(heading, content))
}

pub(super) fn count(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

fn actions(dropped: &Dropped) -> AnyView {
    let waiting = dropped.files.iter().any(|file| !matches!(file.standing, Standing::Taken(_)));
    let about = || vec![("brought", dropped.id.to_string())];
    let buttons = (waiting && !dropped.is_being_taken).then(|| {
        view! {
            {button_form("forget_files", about(), view! { <button class="button quiet">"Forget what is not taken"</button> })}
            {button_form("look_again", about(), view! { <button class="button">{icon("refresh-cw")}"Look again"</button> })}
        }
    });
    view! { {buttons} }.into_any()
}

/// What it comes to, in one line of figures and one of words.
fn verdict(dropped: &Dropped) -> impl IntoView + use<> {
    let of = |wanted: fn(&Standing) -> bool| dropped.files.iter().filter(move |file| wanted(&file.standing));
    let ready = of(|it| *it == Standing::Ready).count();
    let taken = of(|it| matches!(it, Standing::Taken(_))).count();
    let wrong = of(|it| *it == Standing::Wrong).count();
    // What is counted is what there is to take or, when all of it is, what was taken.
    let counts: Vec<_> = if ready > 0 {
        dropped.ready().collect()
    } else {
        of(|it| matches!(it, Standing::Taken(_))).collect()
    };
    let sum = |of: fn(&FileSeen) -> i64| counts.iter().map(|file| of(file)).sum::<i64>();
    let lines = sum(|file| count(file.preview.lines()));
    let (minutes, items) = (sum(|file| file.preview.minutes), sum(|file| file.preview.units));
    let figure =
        |n: String, words: &'static str| view! { <span class="figure"><strong>{n}</strong>" "{words}</span> };
    let bad = (wrong > 0).then(|| {
        let words = if wrong == 1 { "needs you" } else { "need you" };
        view! { <a class="figure warn" href="#opened"><strong>{wrong}</strong>" "{words}</a> }
    });
    let state = match (ready, taken) {
        (1, _) => figure("1".to_owned(), "file ready").into_any(),
        (0, 1) => figure("1".to_owned(), "file taken").into_any(),
        (0, taken) if taken > 0 => figure(taken.to_string(), "files taken").into_any(),
        (ready, _) => figure(ready.to_string(), "files ready").into_any(),
    };
    let words = if dropped.is_being_taken {
        Some("They are being taken, one by one. You can leave this page.")
    } else if ready == 0 && taken > 0 && wrong == 0 {
        Some(if dropped.for_staff {
            "All of it is submitted, and on its way to be paid."
        } else {
            "All of it is in your drafts. Submit each week when it is complete."
        })
    } else {
        None
    };
    view! {
        <div class="figures">
            {state}
            {bad}
            {(lines > 0).then(|| figure(lines.to_string(), if lines == 1 { "line" } else { "lines" }))}
            {(minutes > 0).then(|| figure(hours(minutes), "hours"))}
            {(items > 0).then(|| figure(units(items), "units"))}
        </div>
        {words.map(|words| view! { <p class="step">{icon("info")}<span>{words}</span></p> })}
    }
}

/// The one step.
fn take(dropped: &Dropped) -> Option<impl IntoView + use<>> {
    let ready = dropped.ready().count();
    let state = FormState::of("take_files");
    let unusual = if dropped.for_staff { dropped.unusual() } else { 0 };
    let confirm = (unusual > 0).then(|| confirm(&state, dropped, unusual));
    let words = match (ready, dropped.files.len()) {
        (1, _) => "Take one file".to_owned(),
        (n, all) if n == all => format!("Take all {n} files"),
        (n, _) => format!("Take the {n} files that are ready"),
    };
    (ready > 0).then(|| {
        view! {
            <form class="take" method="post" action="/do/take_files">
                <input type="hidden" name="_from" value=visit::here() />
                <input type="hidden" name="brought" value=dropped.id.to_string() />
                {confirm}
                <button class="button primary large">{icon("check")}{words}</button>
            </form>
        }
    })
}

/// What is unusual, to be looked at once for all of it.
fn confirm(state: &FormState, dropped: &Dropped, unusual: usize) -> impl IntoView + use<> {
    const SHOWN: usize = 12;
    let all = || dropped.ready().flat_map(|file| file.preview.unusual.iter().map(move |said| (file, said)));
    let some: Vec<_> = all()
        .take(SHOWN)
        .map(|(file, said)| {
            view! { <li>{said.message.clone()}<span class="sub">{format!("{}, {}", file.name, one::rows(said))}</span></li> }
        })
        .collect();
    let more = (all().count() > SHOWN)
        .then(|| view! { <li class="sub">"and more like these, in the files themselves"</li> });
    let words = match unusual {
        1 => "One line is unusual, and it is right".to_owned(),
        n => format!("{n} lines are unusual, and they are right"),
    };
    let meaning = if unusual == 1 { "It is taken as it is." } else { "They are taken as they are." };
    let error = state.error(CONFIRM);
    let message = error.clone().map(|words| view! { {icon("circle-alert")}<span>{words}</span> });
    view! {
        <div class="field">
            <div class="choices">
                <label class="choice">
                    <input
                        type="checkbox"
                        id=CONFIRM
                        name=format!("{CONFIRM}[]")
                        value="yes"
                        aria-invalid=error.is_some().then_some("true")
                        aria-describedby="confirm-error"
                    />
                    <span><strong>{words}</strong><small>{meaning}</small></span>
                </label>
            </div>
            <p class="field-error" id="confirm-error">{message}</p>
            <details class="unusual"><summary>"What is unusual"</summary><ul>{some}{more}</ul></details>
        </div>
    }
}

fn row(dropped: &Dropped, file: &FileSeen) -> impl IntoView + use<> {
    let it = &file.preview;
    let address = format!("{BRING}/{}?file={}#opened", dropped.id, file.id);
    let days = it.days.map(|(from, until)| {
        if from == until { on_day(from).into_any() } else { Period { from, until }.to_string().into_any() }
    });
    let known =
        (it.same > 0).then(|| view! { <span class="sub">{format!("{} here already", it.same)}</span> });
    let changed =
        (it.changed > 0).then(|| view! { <span class="sub">{format!("{} change", it.changed)}</span> });
    let nothing = || view! { <span class="muted">"–"</span> }.into_any();
    let number = |n: usize| if n == 0 { nothing() } else { n.to_string().into_any() };
    view! {
        <tr>
            <th scope="row"><a class="row-link" href=address>{file.name.clone()}</a></th>
            <td data-label="Project">{if it.projects.is_empty() { nothing() } else { it.projects.join(", ").into_any() }}</td>
            <td data-label="Days">{days.unwrap_or_else(nothing)}</td>
            <td data-label="People" class="num">{number(it.people)}</td>
            <td data-label="Lines" class="num"><span>{number(it.lines())}{changed}{known}</span></td>
            <td data-label="Hours" class="num">{hours(it.minutes)}</td>
            <td data-label="Units" class="num">{units(it.units)}</td>
            <td data-label="State">{standing(file)}</td>
        </tr>
    }
}

fn standing(file: &FileSeen) -> AnyView {
    match &file.standing {
        Standing::Taken(_) => tag("ok", "Taken").into_any(),
        Standing::Known { drop, name, .. } => view! {
            {tag("neutral", "Taken before")}
            " "
            <a class="sub" href=format!("{BRING}/{drop}")>{format!("as {name}")}</a>
        }
        .into_any(),
        Standing::Twice => tag("neutral", "Twice in here").into_any(),
        Standing::Wrong => tag("bad", "Needs you").into_any(),
        Standing::Empty if file.preview.same == 0 => tag("neutral", "No lines in it").into_any(),
        Standing::Empty => tag("neutral", "All here already").into_any(),
        Standing::Ready if file.preview.unusual_lines > 0 => tag("warn", "Ready, unusual").into_any(),
        Standing::Ready => tag("ok", "Ready").into_any(),
    }
}
