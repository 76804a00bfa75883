use domain::people::Permission;
use engine::Error;
use engine::dispute::Disputes;
use engine::payment::{Payments, Summed};
use leptos::prelude::*;

use super::parts::{amount, counted, pay_tabs, state};
use crate::ui::Column::{Number, Text};
use crate::ui::{Column, Heading, banner, empty, in_app, load, on_day, pager, shown, table, tag};
use crate::visit::{self, query};

const COLUMNS: [Column; 6] =
    [Text("Period"), Number("People"), Number("Amount"), Text("To decide"), Text("Pay day"), Text("State")];

const PAGE: usize = 50;

pub fn batches_page() -> impl IntoView {
    load(content())
}

async fn content() -> Result<AnyView, Error> {
    let act = visit::act()?;
    act.need(Permission::SeePay)?;
    let after = query("after").and_then(|id| id.parse().ok());
    let page = expect_context::<Payments>().batches(&act, after, PAGE).await?;
    let list = if page.rows.is_empty() && after.is_none() {
        let words = "As soon as somebody submits a week, what they get stands here, computed and checked.";
        empty("banknote", "Nothing to pay yet", words, ()).into_any()
    } else {
        let next = page.rows.last().filter(|_| page.has_more).map(|last| format!("after={}", last.batch.id));
        let words = shown(page.rows.len(), page.has_more, "One batch", "batches");
        let rows: Vec<_> = page.rows.iter().map(row).collect();
        view! {
            {table("table", "Batches, the latest first", &COLUMNS, rows)}
            {pager(words, "", after.is_some(), next)}
        }
        .into_any()
    };
    let heading = Heading { title: "Pay".to_owned(), ..Heading::default() };
    let disputed = disputed(expect_context::<Disputes>().waiting(&act).await?);
    Ok(in_app(heading, view! { {pay_tabs("/pay")} {disputed} {list} }))
}

/// Lines that people say are wrong.
fn disputed(count: i64) -> Option<impl IntoView> {
    (count > 0).then(|| {
        let words =
            counted(count, "line is said to be wrong, and waits", "lines are said to be wrong, and wait");
        banner(
            "warn",
            view! { <span>{words}" for an answer. "<a href="/pay/disputes">{if count == 1 { "Look at it" } else { "Look at them" }}</a></span> },
        )
    })
}

/// How far a batch has come; once it is approved, how far its money has.
fn progress(it: &Summed) -> AnyView {
    let under_way = it.sent + it.paid;
    if it.batch.is_open() || it.payable == 0 || under_way == 0 {
        return state(&it.batch);
    }
    if it.paid == it.payable {
        return tag("ok", "Paid").into_any();
    }
    if under_way == it.payable {
        return tag("info", "Sent").into_any();
    }
    let left = it.payable - under_way;
    view! { <span>{tag("warn", "In part sent")}<span class="sub">{format!("{left} not sent")}</span></span> }
        .into_any()
}

fn row(summed: &Summed) -> impl IntoView + use<> {
    let batch = &summed.batch;
    let held =
        (summed.held > 0).then(|| view! { <span class="sub">{format!("{} held", summed.held)}</span> });
    let open = match summed.findings {
        _ if !batch.is_open() => view! { <span class="muted">"–"</span> }.into_any(),
        0 => tag("ok", "Nothing").into_any(),
        n => view! { <span class="tag warn">{n}</span> }.into_any(),
    };
    view! {
        <tr>
            <th scope="row">
                <span class="who">
                    <span class="grow">
                        <a class="row-link truncate" href=format!("/pay/{}", batch.id)>{batch.period().to_string()}</a>
                        <span class="sub">{batch.currency.to_string()}</span>
                    </span>
                </span>
            </th>
            <td data-label="People" class="num"><span>{summed.people}{held}</span></td>
            <td data-label="Amount" class="num">{amount(summed.minor, &batch.currency)}</td>
            <td data-label="To decide">{open}</td>
            <td data-label="Pay day">{on_day(batch.pay_on)}</td>
            <td data-label="State">{progress(summed)}</td>
        </tr>
    }
}
