use chrono::NaiveDate;
use domain::money::WorkPrice;
use domain::people::Permission;
use domain::project::{Project, TaskType};
use domain::rate::{Level, Rate, RateBook};
use engine::Error;
use engine::project::Projects;
use engine::rate::{Named, Rates, Uncovered};
use leptos::prelude::*;

use crate::project::frame::{heading, opened, project_tabs};
use crate::ui::Column::{Number, Text};
use crate::ui::{
    Column, Field, FormState, banner, choices, date, field, form, icon, in_app, load, on_day, select, table,
    tag, today,
};
use crate::visit::{self, query};

const COLUMNS: [Column; 6] =
    [Text("For"), Number("An hour"), Number("A unit"), Text("From"), Text("Status"), Text("Written")];

/// So many names are said of those who have no rate.
const NAMED: usize = 3;

/// More is not shown: whoever has so many rates looks for one by the API.
const MOST_SHOWN: usize = 500;

pub fn rates_page() -> impl IntoView {
    load(content())
}

async fn content() -> Result<AnyView, Error> {
    let act = visit::act()?;
    act.need(Permission::SeePay)?;
    let project = opened(&act).await?;
    let rates = expect_context::<Rates>();
    let projects = expect_context::<Projects>();
    let card = rates.card(&act, project.id).await?;
    let today = today(act.at);
    let uncovered = rates.uncovered(&act, project.id, &card.book, today).await?;
    let tasks = projects.tasks(&act, project.id).await?;
    let mut levels: Vec<_> =
        projects.levels(&act, project.id).await?.into_iter().filter_map(|level| level.level).collect();
    levels.extend(card.rates.iter().filter_map(|named| named.rate.scope.level.clone()));
    levels.sort();
    levels.dedup();

    let all = query("all").is_some();
    let mut shown: Vec<_> =
        card.rates.iter().filter(|named| all || standing(&card.book, &named.rate, today).counts()).collect();
    if !all {
        // What is most specific comes first, as it is looked for.
        shown.sort_by_key(|named| std::cmp::Reverse(named.rate.scope.weight()));
    }
    let hidden = card.rates.len() - shown.len();
    shown.truncate(MOST_SHOWN);
    let rows: Vec<_> = shown.iter().map(|named| row(&project, &card.book, named, today)).collect();
    let list = if card.rates.is_empty() {
        view! { <div class="card"><div class="empty">{icon("wallet")}<h2>"Nothing has a rate yet"</h2><p>"Write the first one: for everybody, or for a task, a level or a person. The most specific applies."</p></div></div> }.into_any()
    } else if rows.is_empty() {
        view! { <p class="muted">"Nothing applies today, and nothing is to come."</p> }.into_any()
    } else {
        table("table", "Rates", &COLUMNS, rows).into_any()
    };
    let here = format!("/projects/{}/rates", project.id);
    let other = match (all, hidden) {
        (true, _) => Some((here, "Show only what applies or is to come".to_owned())),
        (false, 0) => None,
        (false, 1) => Some((format!("{here}?all=1"), "Show the one that was superseded, too".to_owned())),
        (false, n) => Some((format!("{here}?all=1"), format!("Show the {n} that were superseded, too"))),
    };
    let content = view! {
        {project_tabs(&act, &project, "/rates")}
        {missing(&uncovered)}
        <section class="section" aria-label="Rates">
            {list}
            {other.map(|(href, words)| view! { <p><a href=href>{words}</a></p> })}
        </section>
        {act.may(Permission::ManagePay).then(|| write(&project, &tasks, &levels, today))}
    };
    Ok(in_app(heading(&act, &project), content))
}

/// Work that could be entered today and would not be paid.
fn missing(uncovered: &[Uncovered]) -> Option<impl IntoView + use<>> {
    let lines: Vec<_> = uncovered
        .iter()
        .map(|Uncovered { task, people }| {
            let names: Vec<_> = people.iter().take(NAMED).map(ToString::to_string).collect();
            let more = people.len().saturating_sub(NAMED);
            let more = if more == 0 { String::new() } else { format!(" and {more} more") };
            view! { <li><strong>{task.to_string()}</strong>": "{names.join(", ")}{more}</li> }
        })
        .collect();
    (!lines.is_empty()).then(|| {
        banner("warn", view! { <p class="strong">"Some work has no rate today. It cannot be entered until it has one."</p><ul>{lines}</ul> })
    })
}

/// Where a rate stands on a day.
#[derive(Clone, Copy)]
enum Standing {
    Applies,
    ToCome,
    Superseded,
    Ended,
    Replaced,
}

impl Standing {
    const fn counts(self) -> bool {
        matches!(self, Self::Applies | Self::ToCome)
    }
}

fn standing(book: &RateBook, rate: &Rate, today: NaiveDate) -> Standing {
    if book.is_replaced(rate) {
        Standing::Replaced
    } else if rate.from_on > today {
        Standing::ToCome
    } else if book.after(rate).is_some_and(|next| next.from_on <= today) {
        Standing::Superseded
    } else if rate.is_end() {
        Standing::Ended
    } else {
        Standing::Applies
    }
}

fn row(project: &Project, book: &RateBook, named: &Named, today: NaiveDate) -> impl IntoView + use<> {
    let rate = &named.rate;
    let status = match standing(book, rate, today) {
        Standing::Applies => tag("ok", "Applies"),
        Standing::ToCome => tag("info", "To come"),
        Standing::Superseded => tag("neutral", "Superseded"),
        Standing::Ended => tag("neutral", "Ended"),
        Standing::Replaced => tag("neutral", "Replaced"),
    };
    let until = book.after(rate).filter(|_| !book.is_replaced(rate)).map(|next| {
        view! { <span class="sub">"until "{on_day(next.from_on.pred_opt().unwrap_or(next.from_on))}</span> }
    });
    let price = |price: Option<WorkPrice>| match price {
        Some(price) => format!("{price} {}", project.currency),
        None => "–".to_owned(),
    };
    let author =
        named.author.as_ref().map(|name| view! { <span class="sub truncate">{name.to_string()}</span> });
    view! {
        <tr>
            <th scope="row">{whose(named)}</th>
            <td data-label="An hour" class="num">{if rate.is_end() { "ends".to_owned() } else { price(rate.hour_price) }}</td>
            <td data-label="A unit" class="num">{if rate.is_end() { "ends".to_owned() } else { price(rate.unit_price) }}</td>
            <td data-label="From"><span>{on_day(rate.from_on)}{until}</span></td>
            <td data-label="Status">{status}</td>
            <td data-label="Written"><span>{date(rate.written_at)}{author}</span></td>
        </tr>
    }
}

/// Whom or what it is for, the person first.
fn whose(named: &Named) -> impl IntoView + use<> {
    let scope = &named.rate.scope;
    let person = named.person_name.as_ref().map(ToString::to_string);
    let level = scope.level.as_ref().map(|level| format!("Level {level}"));
    let task = named.task_name.as_ref().map(ToString::to_string);
    let mut parts = [person, level, task].into_iter().flatten();
    let first = parts.next().unwrap_or_else(|| "Everybody, all tasks".to_owned());
    let rest = parts.collect::<Vec<_>>().join(" · ");
    let rest = (!rest.is_empty()).then(|| view! { <span class="sub truncate">{rest}</span> });
    view! { <span class="who"><span class="grow"><span class="strong truncate">{first}</span>{rest}</span></span> }
}

fn write(project: &Project, tasks: &[TaskType], levels: &[Level], today: NaiveDate) -> impl IntoView + use<> {
    let state = FormState::of("write_rate");
    let any = |words: &str| std::iter::once((String::new(), words.to_owned()));
    let tasks = any("All tasks").chain(tasks.iter().map(|task| (task.id.to_string(), task.name.to_string())));
    let levels: Vec<_> =
        levels.iter().map(|level| view! { <option value=level.to_string()></option> }).collect();
    let price = |name, label| {
        field(
            &state,
            Field {
                name,
                label,
                rule: "work-price",
                class: "num",
                optional: true,
                autocomplete: "off",
                ..Field::default()
            },
        )
    };
    let ends = vec![(
        "yes",
        "It ends",
        "From that day on nothing is paid by this; what is more general applies again.",
        false,
    )];
    let inside = view! {
        <input type="hidden" name="id" value=project.id.to_string() />
        <div class="form-row">
            {select(&state, Field { name: "task_type", label: "Task", ..Field::default() }, tasks)}
            {field(&state, Field { name: "level", label: "Level", optional: true, autocomplete: "off", list: "levels", ..Field::default() })}
            {field(&state, Field { name: "person", label: "Person, by email address", kind: "email", rule: "email", optional: true, autocomplete: "off", ..Field::default() })}
        </div>
        <datalist id="levels">{levels}</datalist>
        <div class="form-row">
            {price("hour_price", "An hour")}
            {price("unit_price", "A unit")}
            {field(&state, Field { name: "from_on", label: "From", kind: "date", value: today.to_string(), ..Field::default() })}
        </div>
        {choices(&state, "ends", "Or", ends)}
        <div class="form-actions"><button class="button primary">"Write the rate"</button></div>
    };
    view! {
        <section class="section" aria-labelledby="write">
            <h2 id="write">"Write a rate"</h2>
            <p class="muted">{format!("In {}. It supersedes what was paid by the same task, level and person before, from its day on.", project.currency)}</p>
            {form(&state, inside)}
        </section>
    }
}
