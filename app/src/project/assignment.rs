//! The days and the level of one member.

use domain::Fault;
use domain::ids::PersonId;
use domain::people::Permission;
use engine::Error;
use engine::project::{Projects, level_on};
use leptos::prelude::*;

use super::frame::{narrow, opened, param};
use crate::ui::Column::Text;
use crate::ui::{Column, Field, FormState, field, form, in_app, load, on_day, table, today};
use crate::visit;

const COLUMNS: [Column; 2] = [Text("Level"), Text("From")];

pub fn assignment_page() -> impl IntoView {
    load(content())
}

async fn content() -> Result<AnyView, Error> {
    let act = visit::act()?;
    act.need(Permission::ManagePay)?;
    let project = opened(&act).await?;
    let nobody = || Fault::not_found("There is no such person on this project.");
    let person: PersonId = param("person").parse().map_err(|_| nobody())?;
    let projects = expect_context::<Projects>();
    let members = projects.members(&act, project.id).await?;
    let member = members.into_iter().find(|member| member.person_id == person).ok_or_else(nobody)?;
    let levels = projects.levels(&act, project.id).await?;
    let level = level_on(&levels, person, today(act.at)).map(ToString::to_string).unwrap_or_default();
    let rows: Vec<_> = levels
        .iter()
        .rev()
        .filter(|level| level.person_id == person)
        .map(|level| {
            let words = level.level.as_ref().map_or_else(|| "none".to_owned(), ToString::to_string);
            view! { <tr><th scope="row">{words}</th><td data-label="From">{on_day(level.from_on)}</td></tr> }
        })
        .collect();
    let history = (!rows.is_empty()).then(|| {
        view! {
            <section class="section" aria-labelledby="levels">
                <h2 id="levels">"Levels so far"</h2>
                {table("table", "Levels, the latest first", &COLUMNS, rows)}
            </section>
        }
    });
    let state = FormState::of("assign_member");
    let day = |on: Option<chrono::NaiveDate>| on.map(|on| on.to_string()).unwrap_or_default();
    let inside = view! {
        <input type="hidden" name="id" value=project.id.to_string() />
        <input type="hidden" name="person" value=person.to_string() />
        <div class="form-row">
            {field(&state, Field { name: "starts_on", label: "First day", kind: "date", optional: true, value: day(member.starts_on), ..Field::default() })}
            {field(&state, Field { name: "ends_on", label: "Last day", kind: "date", optional: true, value: day(member.ends_on), ..Field::default() })}
        </div>
        <p class="field-hint">"Work can be entered for these days only. A day that is left empty sets no limit."</p>
        <div class="form-row">
            {field(&state, Field { name: "level", label: "Level", hint: "Rates can be by level.", optional: true, autocomplete: "off", value: level, ..Field::default() })}
            {field(&state, Field { name: "level_from", label: "At this level from", hint: "Empty: the level stays as it is.", kind: "date", optional: true, ..Field::default() })}
        </div>
        <div class="form-actions ruled">
            <button class="button primary">"Save"</button>
            <a class="button quiet" href=format!("/projects/{}", project.id)>"Cancel"</a>
        </div>
    };
    let title = format!("{} on {}", member.name, project.code);
    Ok(in_app(narrow(&project, title), view! { {form(&state, inside)} {history} }))
}
