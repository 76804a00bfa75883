use domain::people::Permission;
use engine::Error;
use engine::timesheet::Timesheets;
use engine::timesheet::import::DropBrief;
use leptos::prelude::*;

use super::BRING;
use crate::ui::Column::Text;
use crate::ui::{Column, FormState, Heading, ago, icon, in_app, load, table, tag};
use crate::visit;

const COLUMNS: [Column; 4] = [Text("Files"), Text("Brought by"), Text("When"), Text("State")];

/// Older ones are in the audit log.
const SHOWN: i64 = 20;

pub fn bring_page() -> impl IntoView {
    load(content())
}

async fn content() -> Result<AnyView, Error> {
    let act = visit::act()?;
    act.need(Permission::EnterTime)?;
    let drops = expect_context::<Timesheets>().drops(&act, SHOWN).await?;
    let state = FormState::of("bring_files");
    let for_staff = act.may(Permission::EditTimesheets);
    let whose = if for_staff {
        "Hours of anybody, in files as they are. Nothing is entered before you have seen what they hold."
    } else {
        "Your own hours, in files as they are. They become drafts, which you submit week by week."
    };
    let earlier = (!drops.is_empty()).then(|| {
        let rows: Vec<_> = drops.iter().map(|drop| row(drop, act.at)).collect();
        view! {
            <section class="section" aria-labelledby="earlier">
                <h2 id="earlier">"Brought before"</h2>
                {table("table compact", "Files that were brought before", &COLUMNS, rows)}
            </section>
        }
    });
    let heading = Heading {
        title: "Timesheets from files".to_owned(),
        above: Some(("Timesheet", "/timesheet")),
        sub: Some(whose.into_any()),
        ..Heading::default()
    };
    Ok(in_app(heading, view! { {choose(&state)} {earlier} }))
}

fn choose(state: &FormState) -> impl IntoView + use<> {
    let error = state.error("files");
    let invalid = error.is_some().then_some("true");
    let error = error.map(|words| view! { {icon("circle-alert")}<span>{words}</span> });
    view! {
        <form class="form" method="post" action="/do/bring_files" enctype="multipart/form-data">
            <div class="drop-zone">
                {icon("upload")}
                <label for="files">"Drop spreadsheets here, or choose them"</label>
                <p id="files-hint">
                    "Excel workbooks (.xlsx) and CSV, one or many at once, each laid out as it likes: a row for each day, or days across."
                </p>
                <input
                    class="input"
                    id="files"
                    name="files"
                    type="file"
                    multiple
                    required
                    accept=".xlsx,.csv,.tsv,.txt,text/csv,application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
                    aria-invalid=invalid
                    aria-describedby="files-hint files-error"
                />
                <p class="field-error" id="files-error">{error}</p>
            </div>
            <div class="form-actions"><button class="button primary">"Look at the files"</button></div>
        </form>
    }
}

fn row(drop: &DropBrief, now: chrono::DateTime<chrono::Utc>) -> impl IntoView + use<> {
    let words = match &drop.names[..] {
        [] => "No files any more".to_owned(),
        [one] => one.clone(),
        [first, rest @ ..] => format!("{first} and {} more", rest.len()),
    };
    let all = drop.names.len();
    let state = match drop.taken {
        0 => tag("info", "Waiting").into_any(),
        taken if taken == all => tag("ok", "Taken").into_any(),
        taken => view! { <span class="tag warn">{format!("{taken} of {all} taken")}</span> }.into_any(),
    };
    view! {
        <tr>
            <th scope="row"><a class="row-link truncate" href=format!("{BRING}/{}", drop.id)>{words}</a></th>
            <td data-label="Brought by">{drop.by.clone()}</td>
            <td data-label="When">{ago(drop.at, now)}</td>
            <td data-label="State">{state}</td>
        </tr>
    }
}
