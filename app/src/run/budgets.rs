//! What models may cost on a day, and have cost today.

use engine::gate::DayBudget;
use leptos::prelude::*;

use crate::ui::Column::{Number, Text};
use crate::ui::{Column, dollars, table, tag};

const COLUMNS: [Column; 4] = [Text("Workflow"), Number("Spent today"), Number("Of"), Text("State")];

/// Nothing if no workflow says what its models may cost.
pub fn budgets(all: &[DayBudget]) -> Option<AnyView> {
    if all.is_empty() {
        return None;
    }
    let rows: Vec<_> = all.iter().map(row).collect();
    let words = "Days end at midnight, UTC. When nothing is left, steps that ask models wait until then, or go to their fallbacks.";
    Some(
        view! {
            <section class="section" aria-labelledby="budgets">
                <h2 id="budgets">"Budgets"</h2>
                <p class="muted">{words}</p>
                {table("table", "What the models of workflows may cost on a day, and have cost today", &COLUMNS, rows)}
            </section>
        }
        .into_any(),
    )
}

fn row(budget: &DayBudget) -> impl IntoView + use<> {
    let state = if budget.is_spent() { tag("bad", "Nothing left for today") } else { tag("ok", "Within") };
    view! {
        <tr>
            <th scope="row"><a class="row-link" href=format!("/workflows/{}", budget.workflow)>{budget.title.clone()}</a></th>
            <td data-label="Spent today" class="num">{dollars(budget.spent)}</td>
            <td data-label="Of" class="num">{dollars(budget.most)}</td>
            <td data-label="State">{state}</td>
        </tr>
    }
}
