//! When a project pays, and what can be entered on it.

use domain::money::Amount;
use domain::people::{Permission, Zone};
use domain::period::{Period, Rhythm};
use domain::project::{Project, Terms};
use domain::timesheet::Hours;
use engine::Error;
use engine::project::Projects;
use leptos::prelude::*;

use super::frame::{heading, opened, project_tabs};
use crate::ui::Column::Text;
use crate::ui::{Column, Field, FormState, field, form, in_app, load, on_day, select, table};
use crate::visit;

const COLUMNS: [Column; 4] = [Text("Period"), Text("Due"), Text("Closed after"), Text("Paid")];

/// How many periods are shown, to see what the terms come to.
const AHEAD: usize = 4;

pub fn terms_page() -> impl IntoView {
    load(content())
}

async fn content() -> Result<AnyView, Error> {
    let act = visit::act()?;
    act.need(Permission::SeePay)?;
    let project = opened(&act).await?;
    let terms = expect_context::<Projects>().terms(&act, project.id).await?;
    let calendar = terms.calendar;
    let now = calendar.period_of(terms.zone.local(act.at).date_naive());
    let ahead = std::iter::successors(Some(now), |period| Some(calendar.after(*period))).take(AHEAD);
    let row = |period: Period| {
        view! {
            <tr>
                <th scope="row">{period.to_string()}</th>
                <td data-label="Due">{on_day(calendar.cut_off(period))}</td>
                <td data-label="Closed after">{on_day(calendar.closes_on(period))}</td>
                <td data-label="Paid">{on_day(calendar.pay_on(period))}</td>
            </tr>
        }
    };
    let usual =
        (terms.version == 0).then_some("These are the usual ones: nobody has set any for this project.");
    let content = view! {
        {project_tabs(&act, &project, "/terms")}
        <section class="section" aria-labelledby="ahead">
            <h2 id="ahead">"This period and the next"</h2>
            {usual.map(|words| view! { <p class="muted">{words}</p> })}
            {table("table", "Periods", &COLUMNS, ahead.map(row).collect())}
        </section>
        {act.may(Permission::ManagePay).then(|| change(&project, &terms))}
    };
    Ok(in_app(heading(&act, &project), content))
}

fn change(project: &Project, terms: &Terms) -> impl IntoView + use<> {
    let state = FormState::of("set_terms");
    let rhythms = Rhythm::ALL.iter().map(|rhythm| (rhythm.word().to_owned(), rhythm.label().to_owned()));
    let zones = Zone::choices().map(|zone| (zone.to_owned(), zone.replace('_', " ")));
    let calendar = &terms.calendar;
    let hours = |minutes: Option<i64>| {
        minutes.map(|minutes| Hours::of_minutes(minutes).to_string()).unwrap_or_default()
    };
    let amount = terms.budget_minor.map(|minor| Amount::new(minor, project.currency.clone()).plain());
    let number = |name, label, hint, value: String| {
        field(
            &state,
            Field { name, label, hint, value, class: "num", autocomplete: "off", ..Field::default() },
        )
    };
    let limit = |name, label, rule, value: String| {
        field(
            &state,
            Field {
                name,
                label,
                value,
                rule,
                class: "num",
                autocomplete: "off",
                optional: true,
                ..Field::default()
            },
        )
    };
    let inside = view! {
        <input type="hidden" name="id" value=project.id.to_string() />
        <input type="hidden" name="version" value=state.value("version", &terms.version.to_string()) />
        <div class="form-row">
            {select(&state, Field { name: "rhythm", label: "Pays", hint: "How long a period is.", value: calendar.rhythm.word().to_owned(), ..Field::default() }, rhythms)}
            {field(&state, Field {
                name: "starts_on", label: "A week starts on the weekday of", hint: "And two weeks start on this very day.", kind: "date",
                value: calendar.starts_on.to_string(), ..Field::default()
            })}
        </div>
        <div class="form-row">
            {number("cut_off_days", "Due after", "Days after the last one.", calendar.cut_off_days.to_string())}
            {number("grace_days", "Grace", "Days more until it is closed.", calendar.grace_days.to_string())}
            {number("pay_days", "Paid after", "Days after the last one.", calendar.pay_days.to_string())}
        </div>
        <div class="form-row">
            {select(&state, Field { name: "zone", label: "Time zone", hint: "Its midnight ends these days.", value: terms.zone.to_string(), ..Field::default() }, zones)}
            {number("backdate_days", "Entered late, at most", "Days after the work.", terms.backdate_days.to_string())}
        </div>
        <div class="form-row">
            {limit("period_hours", "Hours of one person in a period, at most", "hours", hours(terms.period_minutes))}
            {limit("budget_hours", "Hours of all, at most", "hours", hours(terms.budget_minutes))}
        </div>
        <div class="form-row">
            {limit("budget_units", "Units of all, at most", "", terms.budget_units.map(|units| units.to_string()).unwrap_or_default())}
            {limit("budget_amount", "Cost of all, at most", "", amount.unwrap_or_default())}
        </div>
        <div class="form-actions ruled"><button class="button primary">"Save"</button></div>
    };
    view! {
        <section class="section" aria-labelledby="change">
            <h2 id="change">"Change them"</h2>
            {form(&state, inside)}
        </section>
    }
}
