//! Saying what the columns of a file are, and what holds for all of it.

use domain::timesheet::import::{DayOrder, Role};
use engine::timesheet::import::{Dropped, FileSeen, letters};
use leptos::prelude::*;

use crate::ui::Column::Text;
use crate::ui::{Column, Field, FormState, field, form, icon, select, table};

const COLUMNS: [Column; 3] = [Text("Column"), Text("What is in it"), Text("What it says")];

pub fn mapping_form(dropped: &Dropped, file: &FileSeen) -> impl IntoView + use<> {
    let it = &file.preview;
    let state = FormState::of_one("map_file", "file", &file.id.to_string());
    let rows: Vec<_> = it
        .columns
        .iter()
        .enumerate()
        .map(|(place, column)| {
            let title = if column.title.trim().is_empty() { "(no title)".to_owned() } else { column.title.clone() };
            let options: Vec<_> = Role::ALL
                .iter()
                .map(|role| view! { <option value=role.word() selected=*role == column.role>{role.label()}</option> })
                .collect();
            let id = format!("{}-{place}", file.id);
            view! {
                <tr>
                    <th scope="row"><label for=id.clone()><span class="letter">{letters(place)}</span>{title}</label></th>
                    <td data-label="What is in it" class="wide samples">{column.samples.join(" · ")}</td>
                    <td data-label="What it says"><select class="input" id=id name="columns[]">{options}</select></td>
                </tr>
            }
        })
        .collect();
    let has = |role: Role| it.has(role);
    let aside = &it.mapping.aside;
    let said = |own: &Option<String>, above: &Option<String>, by_name: &Option<String>| {
        own.clone().or_else(|| above.clone()).or_else(|| by_name.clone()).unwrap_or_default()
    };
    let project = (!has(Role::Project)).then(|| {
        let value = said(&aside.project, &it.above.project, &it.by_name.project);
        let hint = "Its code, as no column says it.";
        field(
            &state,
            Field {
                name: "project",
                label: "Project",
                hint,
                value,
                optional: true,
                autocomplete: "off",
                ..Field::default()
            },
        )
    });
    let person = (!has(Role::Person) && dropped.for_staff).then(|| {
        let value = said(&aside.person, &it.above.person, &it.by_name.person);
        let hint = "Name or email address, as no column says it.";
        field(
            &state,
            Field {
                name: "person",
                label: "Person",
                hint,
                value,
                optional: true,
                autocomplete: "off",
                ..Field::default()
            },
        )
    });
    let task = (!has(Role::Task)).then(|| {
        let value = said(&aside.task, &it.above.task, &None);
        let hint = "Needed if the project has more than one.";
        field(
            &state,
            Field {
                name: "task",
                label: "Task",
                hint,
                value,
                optional: true,
                autocomplete: "off",
                ..Field::default()
            },
        )
    });
    let week = has(Role::OnDay).then(|| {
        let week = aside.week.or(it.above.week).map(|day| day.to_string()).unwrap_or_default();
        let hint = "Any day of it, if the titles only say Monday, Tuesday and so on.";
        field(
            &state,
            Field {
                name: "week",
                label: "Week",
                hint,
                kind: "date",
                value: week,
                optional: true,
                ..Field::default()
            },
        )
    });
    let order = (has(Role::Date) && (it.is_ambiguous || it.mapping.day_order.is_some())).then(|| {
        let value = it.mapping.day_order.map(DayOrder::word).unwrap_or_default().to_owned();
        let options = [
            ("", "Not said"),
            (DayOrder::DayFirst.word(), "Day first: 31/12/2026"),
            (DayOrder::MonthFirst.word(), "Month first: 12/31/2026"),
        ];
        let options = options.map(|(value, words)| (value.to_owned(), words.to_owned()));
        select(
            &state,
            Field {
                name: "day_order",
                label: "Dates",
                hint: "Which comes first where a date is only numbers.",
                value,
                ..Field::default()
            },
            options,
        )
    });
    let inside = view! {
        <input type="hidden" name="brought" value=dropped.id.to_string() />
        <input type="hidden" name="file" value=file.id.to_string() />
        {table("table compact columns", "What the columns say", &COLUMNS, rows)}
        <div class="form-row">{project}{person}{task}{week}{order}</div>
        <div class="form-actions">
            <button class="button">{icon("refresh-cw")}"Read it so"</button>
            <span class="muted">"Files with the same columns are read so, too, now and from now on."</span>
        </div>
    };
    view! {
        <details class="rest" open=it.is_unclear()>
            <summary>{icon("chevron-right")}<strong>"How it is read"</strong><span class="end muted">{sheet(file)}</span></summary>
            {form(&state, inside)}
        </details>
    }
}

fn sheet(file: &FileSeen) -> String {
    let name = &file.preview.sheet;
    if name.is_empty() { String::new() } else { format!("Sheet “{name}”") }
}
