use chrono::{DateTime, Utc};
use engine::Error;
use engine::schedule::{ScheduleRow, Schedules, in_words};
use leptos::prelude::*;

use crate::run::parts::{short_id, tabs};
use crate::ui::Column::Text;
use crate::ui::{Column, Heading, ago, empty, in_app, load, table, until};
use crate::visit;

const COLUMNS: [Column; 4] = [Text("Workflow"), Text("When"), Text("Next"), Text("Last")];

pub fn schedules_page() -> impl IntoView {
    load(content())
}

async fn content() -> Result<AnyView, Error> {
    let act = visit::act()?;
    let rows = expect_context::<Schedules>().list(&act).await?;
    let list = if rows.is_empty() {
        let words = "A workflow that says schedule starts by itself, by the clock on the wall of a time zone. None does.";
        empty("calendar-days", "Nothing starts by itself", words, ()).into_any()
    } else {
        let rows: Vec<_> = rows.iter().map(|one| row(one, act.at)).collect();
        table("table", "Schedules, the next first", &COLUMNS, rows).into_any()
    };
    let heading = Heading {
        title: "Runs".to_owned(),
        sub: Some("What starts by itself, and when.".into_any()),
        ..Heading::default()
    };
    Ok(in_app(heading, view! { {tabs("/schedules")} {list} }))
}

fn row(one: &ScheduleRow, now: DateTime<Utc>) -> impl IntoView + use<> {
    let when = format!("{} ({})", in_words(&one.cron).trim_end_matches('.'), one.zone);
    let last = match (one.last_at, one.last_run) {
        (None, _) => view! { <span class="muted">"not yet"</span> }.into_any(),
        (Some(at), Some(run)) => {
            view! { {ago(at, now)} " " <a class="mono" href=format!("/runs/{run}")>{short_id(run)}</a> }
                .into_any()
        }
        (Some(at), None) => view! { {ago(at, now)} }.into_any(),
    };
    let error =
        (!one.last_error.is_empty()).then(|| view! { <p class="field-error">{one.last_error.clone()}</p> });
    view! {
        <tr>
            <th scope="row">
                <span class="who">
                    <span class="grow">
                        <a class="row-link truncate" href=format!("/workflows/{}", one.workflow)>{one.title.clone()}</a>
                        <span class="sub truncate mono">{one.workflow.to_string()}</span>
                    </span>
                </span>
            </th>
            <td data-label="When" class="wide">{when}</td>
            <td data-label="Next">{until(one.next_at, now)}</td>
            <td data-label="Last" class="wide">{last}{error}</td>
        </tr>
    }
}
