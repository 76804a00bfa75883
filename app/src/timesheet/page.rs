use std::collections::BTreeMap;

use domain::Fault;
use domain::ids::{PersonId, TaskTypeId};
use domain::money::Amount;
use domain::number::day;
use domain::people::Permission;
use domain::period::Period;
use domain::timesheet::{LineState, Week};
use engine::Error;
use engine::act::Act;
use engine::people::People;
use engine::timesheet::{CONFIRM, Sheet, Timesheets};
use leptos::prelude::*;

use super::BRING;
use super::cells::{amounts, week_table};
use super::clock::{running, to_start};
use super::grid::WeekGrid;
use crate::ui::{
    Field, FormState, Heading, banner, button_form, choices, field, form, icon, in_app, load, select, tag,
};
use crate::visit::{self, query};

pub fn week_page() -> impl IntoView {
    load(content())
}

/// Whose week is looked at, and which.
struct Looked {
    act: Act,
    person: PersonId,
    name: Option<String>,
    week: Week,
    asked: Vec<TaskTypeId>,
}

impl Looked {
    async fn read() -> Result<Self, Error> {
        let act = visit::act()?;
        let me = act.person()?.clone();
        let today = me.zone.local(act.at).date_naive();
        let nobody = || Fault::not_found("There is no such person.");
        let person: PersonId = match query("person") {
            Some(id) => id.parse().map_err(|_| nobody())?,
            None => me.id,
        };
        let name = if person == me.id {
            None
        } else {
            act.need(Permission::SeeTimesheets)?;
            Some(expect_context::<People>().get(&act, person).await?.name.to_string())
        };
        let week = query("week").and_then(|text| day(&text).ok()).unwrap_or(today);
        let rows = [query("rows"), query("row")].into_iter().flatten().collect::<Vec<_>>().join(",");
        let asked = rows.split(',').filter_map(|id| id.parse().ok()).collect();
        Ok(Self { act, person, name, week: Week::of(week), asked })
    }

    fn whose(&self) -> String {
        if self.name.is_none() { String::new() } else { format!("&person={}", self.person) }
    }

    fn place(&self, week: Week) -> String {
        format!("/timesheet?week={}{}", week.monday(), self.whose())
    }

    /// What every form about the week says first.
    fn about(&self, sheet: &Sheet) -> Vec<(&'static str, String)> {
        vec![
            ("person", self.person.to_string()),
            ("week", self.week.monday().to_string()),
            ("version", sheet.said.version.to_string()),
        ]
    }
}

async fn content() -> Result<AnyView, Error> {
    let looked = Looked::read().await?;
    let sheet =
        expect_context::<Timesheets>().sheet(&looked.act, looked.person, looked.week, &looked.asked).await?;
    // One form, sent to more than one place: what was last refused is what is shown.
    let states = ["submit_week", "save_week"].map(FormState::of);
    let [submitted, saved] = states;
    let state = if submitted.fault().is_some() { submitted } else { saved };
    let for_staff = looked.name.is_some();
    let zone = looked.act.person()?.zone.clone();
    let is_now = Week::of(sheet.today) == looked.week;
    let inside = view! {
        {returned(&sheet, for_staff)}
        {sheet.clock.as_ref().and_then(|clock| running(clock, &zone, looked.act.at))}
        {weeks(&looked, &sheet)}
        {grid(&looked, &sheet, &state)}
        {worth(&sheet)}
        {sheet.clock.as_ref().filter(|_| is_now).and_then(to_start)}
        {(for_staff && looked.act.may(Permission::EditTimesheets)).then(|| return_line(&looked, &sheet))}
    };
    // Around every form of the page: none of them leads away from what was typed and is not kept yet.
    let content = view! { <WeekGrid>{inside}</WeekGrid> };
    let title = match &looked.name {
        Some(name) => format!("Timesheet of {name}"),
        None => "Your timesheet".to_owned(),
    };
    let above = looked.name.is_some().then_some(("People", "/people"));
    let files = view! { <a class="button" href=BRING>{icon("upload")}"From files"</a> }.into_any();
    let actions = Some(files).filter(|_| !for_staff);
    let heading = Heading { title, beside: standing(&sheet), above, actions, ..Heading::default() };
    Ok(in_app(heading, content))
}

fn standing(sheet: &Sheet) -> Option<AnyView> {
    let any = sheet.lines().next().is_some();
    let open = sheet.is_open();
    match () {
        () if sheet.said.idle => Some(tag("neutral", "Nothing worked").into_any()),
        () if sheet.lines().any(|line| line.state == LineState::Returned) => {
            Some(tag("warn", "Returned").into_any())
        }
        () if any && open => Some(tag("info", "Draft").into_any()),
        () if any => Some(tag("ok", "Submitted").into_any()),
        () => None,
    }
}

fn returned(sheet: &Sheet, for_staff: bool) -> Option<impl IntoView + use<>> {
    let count = sheet.lines().filter(|line| line.state == LineState::Returned).count();
    let words = match count {
        1 => "One line was returned. It says why; change it, then submit the week again.".to_owned(),
        n => format!("{n} lines were returned. Each says why; change them, then submit the week again."),
    };
    (count > 0 && !for_staff).then(|| banner("warn", words))
}

/// The way from week to week.
fn weeks(looked: &Looked, sheet: &Sheet) -> impl IntoView + use<> {
    let copy = (!sheet.rows.is_empty()).then(|| copy(looked, sheet));
    let week = looked.week;
    let words = Period { from: week.monday(), until: week.sunday() }.to_string();
    let now = Week::of(sheet.today);
    let this =
        (week != now).then(|| view! { <a class="button quiet" href=looked.place(now)>"This week"</a> });
    view! {
        <div class="weeks">
            <nav aria-label="Weeks">
                <a class="icon-button" href=looked.place(week.before()) aria-label="The week before">{icon("chevron-left")}</a>
                <h2>{words}</h2>
                <a class="icon-button" href=looked.place(week.after()) aria-label="The week after">{icon("chevron-right")}</a>
                {this}
            </nav>
            <div class="end">{copy}{add_row(looked, sheet)}</div>
        </div>
    }
}

fn grid(looked: &Looked, sheet: &Sheet, state: &FormState) -> AnyView {
    let about = looked.about(sheet);
    let idle = (sheet.lines().next().is_none() && !sheet.said.idle && Week::of(sheet.today) >= looked.week)
        .then(|| {
            button_form(
                "worked_nothing",
                about.clone(),
                view! { <button class="button quiet">"I worked nothing this week"</button> },
            )
        });
    if sheet.rows.is_empty() {
        let words = if sheet.others.is_empty() {
            "Nothing can be entered in this week: you are on no project that takes work then. A manager puts you on one."
        } else {
            "Choose a task above, or copy what you had the week before."
        };
        return view! {
            <div class="card"><div class="empty">{icon("clock")}<h3>"No hours yet"</h3><p>{words}</p><div class="row">{copy(looked, sheet)}{idle}</div></div></div>
        }
        .into_any();
    }
    let hidden: Vec<_> = about
        .iter()
        .map(|(name, value)| view! { <input type="hidden" name=*name value=value.clone() /> })
        .collect();
    let unusual = state.fault().is_some_and(|fault| fault.of(CONFIRM).is_some()).then(|| {
        let right = vec![(
            "yes",
            "It is right as it is",
            "Then the week is submitted with what is unusual in it.",
            false,
        )];
        choices(state, CONFIRM, "Some of this is unusual", right)
    });
    let actions = view! {
        <div class="form-actions">
            <button class="button" formaction="/do/save_week">"Save"</button>
            <button class="button primary" formaction="/do/submit_week">{icon("send")}"Submit the week"</button>
            <span class="muted" data-kept="" aria-live="polite"></span>
        </div>
    };
    let inside = view! {
        {hidden}
        {week_table(state, sheet, looked.name.is_some())}
        {unusual}
        {actions}
    };
    let form = form(state, inside);
    view! { {form}<div class="row">{idle}</div> }.into_any()
}

fn copy(looked: &Looked, sheet: &Sheet) -> AnyView {
    let button = view! { <button class="button quiet">{icon("copy")}"Copy the week before"</button> };
    button_form("copy_week", looked.about(sheet), button)
}

/// A form that asks for the same page with one more row.
fn add_row(looked: &Looked, sheet: &Sheet) -> Option<impl IntoView + use<>> {
    let options: Vec<_> = sheet
        .others
        .iter()
        .map(|(project, task)| {
            let words = format!("{} · {}", project.code, task.name);
            view! { <option value=task.id.to_string()>{words}</option> }
        })
        .collect();
    let rows = looked.asked.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
    let person = looked
        .name
        .is_some()
        .then(|| view! { <input type="hidden" name="person" value=looked.person.to_string() /> });
    (!options.is_empty()).then(|| {
        view! {
            <form class="add-row" method="get" action="/timesheet">
                <input type="hidden" name="week" value=looked.week.monday().to_string() />
                <input type="hidden" name="rows" value=rows />
                {person}
                <label class="sr-only" for="row">"Another task"</label>
                <select class="input" id="row" name="row">{options}</select>
                <button class="button">{icon("plus")}"Add a row"</button>
            </form>
        }
    })
}

/// What the week comes to, by the rates as they are.
fn worth(sheet: &Sheet) -> Option<impl IntoView + use<>> {
    let mut sums: BTreeMap<String, Amount> = BTreeMap::new();
    for row in &sheet.rows {
        for line in row.cells.iter().filter_map(|cell| cell.line.as_ref()) {
            let currency = row.project.currency.clone();
            sums.entry(currency.to_string()).or_insert(Amount::new(0, currency)).minor += line.minor;
        }
    }
    let words = sums.values().map(ToString::to_string).collect::<Vec<_>>().join(" and ");
    (!words.is_empty()).then(|| {
        view! { <p class="muted worth">{icon("wallet")}<span>"By today's rates this week comes to "<strong>{words}</strong>"."</span></p> }
    })
}

fn return_line(looked: &Looked, sheet: &Sheet) -> Option<impl IntoView + use<>> {
    let mut options = Vec::new();
    for row in &sheet.rows {
        let submitted = row.cells.iter().filter_map(|cell| cell.line.as_ref());
        for line in submitted.filter(|line| line.state == LineState::Submitted) {
            let words = format!("{}, {}: {}", line.work_on.format("%a %-d"), row.task.name, amounts(line));
            options.push((line.id.to_string(), words));
        }
    }
    let state = FormState::of("return_line");
    (!options.is_empty()).then(|| {
        let inside = view! {
            <input type="hidden" name="person" value=looked.person.to_string() />
            <input type="hidden" name="week" value=looked.week.monday().to_string() />
            <div class="form-row">
                {select(&state, Field { name: "line", label: "Line", ..Field::default() }, options)}
                {field(&state, Field { name: "why", label: "What is to be done about it", autocomplete: "off", ..Field::default() })}
            </div>
            <div class="form-actions"><button class="button">"Return the line"</button></div>
        };
        view! {
            <section class="section" aria-labelledby="return">
                <h2 id="return">"Return a line"</h2>
                {form(&state, inside)}
            </section>
        }
    })
}
