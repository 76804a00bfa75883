//! The rows of a week: a task each, with its seven days.

use chrono::Datelike;
use domain::timesheet::rules::Part;
use domain::timesheet::{Hours, Line, LineState, is_weekend};
use engine::timesheet::{Cell, Row, Sheet, field};
use leptos::prelude::*;

use crate::ui::{FormState, icon};

/// The table of a week, and the row of its sums.
pub fn week_table(state: &FormState, sheet: &Sheet, for_staff: bool) -> impl IntoView + use<> {
    let heads: Vec<_> = sheet
        .week
        .days()
        .zip(&sheet.lengths)
        .map(|(on, length)| {
            // Only where the clocks change is it worth a word.
            let length = (*length != 1_440).then(|| format!("{} h", Hours::of_minutes(*length)));
            view! {
                <th scope="col" class="day" class:weekend=is_weekend(on) class:today=on == sheet.today data-day=on.to_string()>
                    <span>{on.format("%a").to_string()}</span>
                    <span class="date">{on.format("%-d").to_string()}</span>
                    {length.map(|length| view! { <span class="sub">{length}</span> })}
                </th>
            }
        })
        .collect();
    let mut number = 0;
    let rows: Vec<_> = sheet.rows.iter().map(|row| task_row(state, row, for_staff, &mut number)).collect();
    let sums: Vec<_> = sheet
        .week
        .days()
        .map(|on| {
            let minutes = sheet.lines().filter(|line| line.work_on == on).map(|line| line.minutes).sum();
            let label = on.format("%A").to_string();
            view! { <td class="num" data-n=on.weekday().num_days_from_monday() data-label=label><output data-sum=on.to_string()>{Hours::of_minutes(minutes).to_string()}</output></td> }
        })
        .collect();
    let all = Hours::of_minutes(sheet.lines().map(|line| line.minutes).sum());
    view! {
        {days_to_pick(sheet)}
        <div class="week-wrap">
            <table class="week">
                <caption class="sr-only">"Hours by task and day"</caption>
                <thead>
                    <tr><th scope="col">"Task"</th>{heads}<th scope="col" class="num">"Total"</th></tr>
                </thead>
                <tbody>{rows}</tbody>
                <tfoot>
                    <tr><th scope="row">"All"</th>{sums}<td class="num strong"><output data-sum="all">{all.to_string()}</output></td></tr>
                </tfoot>
            </table>
        </div>
    }
}

/// On a phone one day is shown at a time. Chosen by plain buttons of a form, it needs no script.
fn days_to_pick(sheet: &Sheet) -> impl IntoView + use<> {
    let first = sheet.week.days().position(|on| on == sheet.today).unwrap_or(0);
    let days: Vec<_> = sheet
        .week
        .days()
        .enumerate()
        .map(|(n, on)| {
            view! {
                <label>
                    <input class="sr-only" type="radio" name="shown" id=format!("shown-{n}") checked=n == first aria-label=on.format("%A, %-d %B").to_string() />
                    <span aria-hidden="true">{on.format("%a").to_string()}<b>{on.format("%-d").to_string()}</b></span>
                </label>
            }
        })
        .collect();
    view! { <fieldset class="pick-day"><legend class="sr-only">"Day shown"</legend>{days}</fieldset> }
}

fn task_row(state: &FormState, row: &Row, for_staff: bool, number: &mut usize) -> impl IntoView + use<> {
    let lines = || row.cells.iter().filter_map(|cell| cell.line.as_ref());
    let minutes = Hours::of_minutes(lines().map(|line| line.minutes).sum());
    let units: i64 = lines().map(|line| line.units).sum();
    let hours = row.task.paid_by.hours().then(|| view! { <output>{minutes.to_string()}</output> });
    let units = row.task.unit.as_ref().map(|unit| {
        if row.task.paid_by.hours() {
            view! { <span class="sub">{format!("{units} × {unit}")}</span> }.into_any()
        } else {
            view! { <span>{units}</span><span class="sub">{unit.to_string()}</span> }.into_any()
        }
    });
    let cells: Vec<_> = row
        .cells
        .iter()
        .map(|cell| {
            *number += 1;
            day_cell(state, row, cell, for_staff, *number - 1)
        })
        .collect();
    view! {
        <tr>
            <th scope="row">
                <span class="strong">{row.task.name.to_string()}</span>
                <span class="sub mono">{row.project.code.to_string()}</span>
            </th>
            {cells}
            <td class="num" data-label="Total">{hours}{units}</td>
        </tr>
    }
}

fn day_cell(
    state: &FormState,
    row: &Row,
    cell: &Cell,
    for_staff: bool,
    number: usize,
) -> impl IntoView + use<> {
    let open = |state: LineState| if for_staff { state.staff_can_change() } else { state.can_change() };
    let settled = cell.line.as_ref().is_some_and(|line| !open(line.state));
    let inside = match (&cell.line, &cell.closed) {
        (Some(line), _) if settled => settled_line(line),
        (None, Some(why)) => {
            view! { <span class="closed" title=why.clone()>"–"<span class="sr-only">{why.clone()}</span></span> }.into_any()
        }
        (line, _) => inputs(state, row, cell, line.as_ref(), number).into_any(),
    };
    view! {
        <td
            class="day"
            class:weekend=is_weekend(cell.on)
            data-day=cell.on.to_string()
            data-n=cell.on.weekday().num_days_from_monday()
            data-label=cell.on.format("%A, %-d").to_string()
        >
            {inside}
        </td>
    }
}

/// What a line comes to: `7:30 · 21 u`.
pub fn amounts(line: &Line) -> String {
    let hours = (line.minutes > 0).then(|| Hours::of_minutes(line.minutes).to_string());
    let units = (line.units > 0).then(|| format!("{} u", line.units));
    [hours, units].into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

/// From when until when, where it was said.
fn times(line: &Line) -> Option<impl IntoView + use<>> {
    line.stints.as_ref().map(|stints| {
        let each: Vec<_> =
            stints.all().iter().map(|stint| view! { <span>{stint.to_string()}</span> }).collect();
        view! { <span class="times">{each}</span> }
    })
}

/// What can be changed no more.
fn settled_line(line: &Line) -> AnyView {
    let words = amounts(line);
    let note = line.note.as_ref().map(|note| view! { <span class="noted" title=note.to_string()>{icon("message-square")}<span class="sr-only">{note.to_string()}</span></span> });
    view! {
        <span class=format!("settled {}", line.state.word()) title=line.state.label() data-minutes=line.minutes>
            {words}{note}
        </span>
        {times(line)}
    }
    .into_any()
}

fn inputs(
    state: &FormState,
    row: &Row,
    cell: &Cell,
    line: Option<&Line>,
    number: usize,
) -> impl IntoView + use<> {
    let name = |part: &str| format!("cells[{number}][{part}]");
    let id = |part: Part| field(row.task.id, cell.on, part);
    let label = |what: &str| format!("{what}, {}, {}", row.task.name, cell.on.format("%A, %-d %B"));
    let value = |part: &str, there: Option<String>| state.value(&name(part), &there.unwrap_or_default());
    let hours = row.task.paid_by.hours().then(|| {
        let there = line.filter(|line| line.minutes > 0).map(|line| Hours::of_minutes(line.minutes).to_string());
        view! {
            <input
                class="input num" type="text" inputmode="decimal" autocomplete="off" data-rule="spent" data-optional="" data-task=row.task.id.to_string()
                id=id(Part::Hours) name=name("hours") value=value("hours", there) aria-label=label("Hours")
                aria-invalid=state.error(&id(Part::Hours)).is_some().then_some("true") aria-describedby=format!("{}-error", id(Part::Hours))
            />
        }
    });
    let times = line.and_then(times);
    let units = row.task.paid_by.units().then(|| {
        let unit = row.task.unit.as_ref().map(ToString::to_string).unwrap_or_default();
        let there = line.filter(|line| line.units > 0).map(|line| line.units.to_string());
        view! {
            <input
                class="input num" type="text" inputmode="numeric" autocomplete="off" placeholder=unit data-rule="units" data-optional=""
                id=id(Part::Units) name=name("units") value=value("units", there) aria-label=label("Units")
                aria-invalid=state.error(&id(Part::Units)).is_some().then_some("true") aria-describedby=format!("{}-error", id(Part::Units))
            />
        }
    });
    let words = |part: Part| {
        let found =
            cell.findings.iter().find(|finding| finding.part == part).map(|finding| finding.message.clone());
        state.error(&id(part)).or(found)
    };
    let message = |part: Part| {
        let words = words(part).map(|words| view! { <span>{words}</span> });
        view! { <p class="field-error" id=format!("{}-error", id(part))>{words}</p> }
    };
    let note = value("note", line.and_then(|line| line.note.as_ref().map(ToString::to_string)));
    let filled = !note.is_empty();
    let returned =
        line.filter(|line| line.state == LineState::Returned).and_then(|line| line.returned_for.clone());
    let asked = words(Part::Note).is_some();
    view! {
        <input type="hidden" name=name("task") value=row.task.id.to_string() />
        <input type="hidden" name=name("on") value=cell.on.to_string() />
        {hours}{times}{message(Part::Hours)}
        {units}{message(Part::Units)}
        <p class="field-error" id=format!("{}-error", id(Part::Day))>{words(Part::Day).map(|words| view! { <span>{words}</span> })}</p>
        {returned.map(|why| view! { <p class="returned">{format!("Returned: {why}")}</p> })}
        <details class="cell-note" class:filled=filled open=asked>
            <summary aria-label=label("Note")>{icon("message-square")}</summary>
            <input
                class="input" type="text" autocomplete="off" maxlength="500" placeholder="Note"
                id=id(Part::Note) name=name("note") value=note aria-label=label("Note") aria-describedby=format!("{}-error", id(Part::Note))
            />
            {message(Part::Note)}
        </details>
    }
}
