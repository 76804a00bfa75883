//! One file: what is wrong with it, where, and how it was read.

use engine::timesheet::import::{Dropped, FileSeen, Said, Standing};
use leptos::prelude::*;

use super::BRING;
use super::dropped::count;
use super::mapping::mapping_form;
use crate::payment::counted;
use crate::ui::Column::Text;
use crate::ui::{Column, banner, icon, table};

const COLUMNS: [Column; 3] = [Text("Rows"), Text("Column"), Text("What is to be done")];

/// Beside others there is only a way to say how it is read; by itself, the form for it.
pub fn file(dropped: &Dropped, file: &FileSeen, alone: bool) -> impl IntoView + use<> {
    let it = &file.preview;
    let unreadable = it.unreadable.clone().map(|why| banner("bad", why));
    let flaws = (!it.flaws.is_empty()).then(|| flaws(file));
    let notes: Vec<_> =
        notes(file).into_iter().map(|words| view! { <li>{icon("info")}<span>{words}</span></li> }).collect();
    let waits = !matches!(file.standing, Standing::Taken(_) | Standing::Known { .. });
    let mapping = (waits && !it.columns.is_empty()).then(|| {
        if alone {
            return mapping_form(dropped, file).into_any();
        }
        let address = format!("{BRING}/{}?file={}#opened", dropped.id, file.id);
        view! { <p><a class="button" href=address>{icon("pencil")}"Say how it is read"</a></p> }.into_any()
    });
    let id = format!("file-{}", file.id);
    let labelled = id.clone();
    view! {
        <section class="card" aria-labelledby=labelled>
            <div class="card-header"><h2 id=id class="truncate">{file.name.clone()}</h2></div>
            <div class="card-body">
                {unreadable}
                {flaws}
                {(!notes.is_empty()).then(|| view! { <ul class="file-notes">{notes}</ul> })}
                {mapping}
                <p class="proof muted">"SHA-256 "<code>{hex(&file.digest)}</code></p>
            </div>
        </section>
    }
}

fn hex(digest: &[u8]) -> String {
    digest.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat()
}

/// The rows that something is said about: `row 3`, `rows 3, 4 and 12 more`.
pub fn rows(said: &Said) -> String {
    let shown: Vec<_> = said.rows.iter().map(ToString::to_string).collect();
    match (&shown[..], said.count - shown.len()) {
        ([one], 0) => format!("row {one}"),
        (_, 0) => format!("rows {}", shown.join(", ")),
        (_, more) => format!("rows {} and {more} more", shown.join(", ")),
    }
}

fn flaws(file: &FileSeen) -> impl IntoView + use<> {
    let it = &file.preview;
    let lines: Vec<_> = it
        .flaws
        .iter()
        .map(|said| {
            let column = said.column.map_or_else(|| "–".to_owned(), |column| it.title(column));
            let shown = rows(said);
            let shown = shown.trim_start_matches("rows ").trim_start_matches("row ").to_owned();
            view! {
                <tr>
                    <td data-label="Rows">{shown}</td>
                    <td data-label="Column">{column}</td>
                    <td data-label="What is to be done" class="wide">{said.message.clone()}</td>
                </tr>
            }
        })
        .collect();
    let words = counted(count(it.flawed_rows), "row needs another look", "rows need another look");
    view! {
        <p><strong>{words}"."</strong>" Nothing of this file is taken until every row is right. Put it right in the spreadsheet and bring it again, or say below what its columns are."</p>
        {table("table compact", "What is to be put right", &COLUMNS, lines)}
    }
}

/// What was understood without being said.
fn notes(file: &FileSeen) -> Vec<String> {
    let it = &file.preview;
    let mut notes = Vec::new();
    if !it.others.is_empty() {
        notes.push(format!(
            "Only the sheet “{}” is read. Others look like hours, too: {}. Save each as a file of its own.",
            it.sheet,
            it.others.join(", ")
        ));
    }
    if it.left_out > 0 && it.lines() + it.same > 0 {
        let rows = counted(count(it.left_out), "row is", "rows are");
        notes.push(format!("{rows} no line: sums of others, or nothing worked."));
    }
    let said = it.mapping.aside.project.is_some() || it.above.project.is_some();
    if let Some(project) =
        it.by_name.project.as_ref().filter(|_| !said && !it.has(domain::timesheet::import::Role::Project))
    {
        notes.push(format!("It is for {project}, as its name says."));
    }
    notes
}
