use domain::people::Permission;
use engine::Error;
use leptos::prelude::*;

use super::{InvitedView, RowView};
use crate::ui::Column::{Number, Text};
use crate::ui::{Column, FormState, Heading, Upload, banner, icon, in_app, load, table, tag, upload};
use crate::visit;

const COLUMNS: [Column; 6] =
    [Number("Line"), Text("Name"), Text("Email"), Text("Roles"), Text("Time zone"), Text("What will happen")];

const EXAMPLE: &str = "name,email,roles,zone\nAna Pérez,ana@example.org,annotator,Europe/Lisbon\nBo Chen,bo@example.org,annotator+reviewer,Asia/Taipei";

pub fn import_page() -> impl IntoView {
    load(content())
}

async fn content() -> Result<AnyView, Error> {
    visit::act()?.need(Permission::ManagePeople)?;
    let (preview, import) = (FormState::of("preview_people"), FormState::of("import_people"));
    let heading = |title: &str| Heading {
        title: title.to_owned(),
        above: Some(("People", "/people")),
        sub: Some("Nobody is invited before you have seen what the file holds.".into_any()),
        ..Heading::default()
    };
    if let Some(invited) = import.outcome::<Vec<InvitedView>>() {
        return Ok(in_app(Heading { sub: None, ..heading("Invited from a file") }, done(&invited)));
    }
    let file = preview.value("file", "");
    let csv = if file.trim().is_empty() { preview.value("csv", &import.value("csv", "")) } else { file };
    if let Some(rows) = preview.outcome::<Vec<RowView>>() {
        return Ok(in_app(heading("Look at the file"), preview_of(&rows, &csv)));
    }
    let fault = preview.error("csv").or_else(|| import.error("csv"));
    Ok(in_app(heading("Invite from a CSV file"), choose(csv, fault)))
}

fn choose(csv: String, fault: Option<String>) -> impl IntoView {
    let asked = Upload {
        action: "preview_people",
        here: "/people/import",
        accept: ".csv,text/csv",
        hint: "Columns name, email and roles; zone if you know it. Commas or semicolons. Several roles are joined by +.",
        name: "csv",
        label: "or paste the rows",
        rows: "8",
        placeholder: EXAMPLE,
        text: csv,
        submit: "Look at the rows",
        cancel: "/people",
    };
    let fault = fault.map(|fault| view! { {icon("circle-alert")}<span>{fault}</span> }.into_any());
    upload(asked, None, fault)
}

fn preview_of(rows: &[RowView], csv: &str) -> impl IntoView + use<> {
    let faulty = rows.iter().filter(|row| !row.faults.is_empty()).count();
    let known = rows.iter().filter(|row| row.known).count();
    let new = rows.len() - faulty - known;
    let summary = match (faulty, new) {
        (0, 0) => banner("", view! { "Everybody in this file is already here." }).into_any(),
        (0, _) => {
            banner("ok", view! { <strong>{count(new, "person", "people")}</strong> " can be invited." })
                .into_any()
        }
        _ => banner(
            "bad",
            view! {
                <strong>{count(faulty, "row needs", "rows need")} " another look."</strong>
                " Put them right and look again: nobody is invited until every row is right."
            },
        )
        .into_any(),
    };
    let action = if faulty == 0 && new > 0 {
        view! {
            <form method="post" action="/do/import_people">
                <input type="hidden" name="_from" value="/people/import" />
                <input type="hidden" name="csv" value=csv.to_owned() />
                <button class="button primary">{format!("Invite {}", count(new, "person", "people"))}</button>
            </form>
        }
        .into_any()
    } else {
        ().into_any()
    };
    let rows: Vec<_> = rows.iter().map(row).collect();
    view! {
        {summary}
        {table("table compact", "Rows of the file", &COLUMNS, rows)}
        <div class="form-actions">{action}<a class="button" href="/people/import">"Choose another file"</a></div>
    }
}

fn row(row: &RowView) -> impl IntoView + use<> {
    let outcome = if !row.faults.is_empty() {
        view! { <div>{tag("bad", "Wrong")} " " {row.faults.join(" ")}</div> }.into_any()
    } else if row.known {
        view! { {tag("neutral", "Already here")} }.into_any()
    } else {
        view! { {tag("ok", "Will be invited")} }.into_any()
    };
    view! {
        <tr>
            <td class="num" data-label="Line">{row.line}</td>
            <th scope="row">{if row.name.is_empty() { "(no name)".to_owned() } else { row.name.clone() }}</th>
            <td data-label="Email" class="wide">{row.email.clone()}</td>
            <td data-label="Roles">{row.roles.clone()}</td>
            <td data-label="Time zone">{row.zone.replace('_', " ")}</td>
            <td data-label="What will happen" class="wide">{outcome}</td>
        </tr>
    }
}

fn done(invited: &[InvitedView]) -> impl IntoView + use<> {
    let links = invited
        .iter()
        .map(|one| format!("{}\t{}\t{}", one.name, one.email, one.link))
        .collect::<Vec<_>>()
        .join("\n");
    let mailed = invited.iter().all(|one| one.mailed);
    let way = if mailed {
        " Each is being mailed their link; here they are once more, should one not arrive."
    } else {
        " Copy the links now and pass each on: they are shown only this once."
    };
    view! {
        {banner("ok", view! { <strong>{count(invited.len(), "person is", "people are")} " invited."</strong> {way} })}
        <pre class="code" tabindex="0">{links}</pre>
        <div class="form-actions"><a class="button primary" href="/people">"Back to people"</a></div>
    }
}

fn count(n: usize, one: &str, many: &str) -> String {
    format!("{n} {}", if n == 1 { one } else { many })
}
