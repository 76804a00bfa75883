//! Where everybody is paid to.

use engine::Error;
use engine::payee::{Listed, Payees, Wanted};
use leptos::prelude::*;

use crate::payment::pay_tabs;
use crate::ui::Column::Text;
use crate::ui::{
    Column, Heading, date, empty, filter_query, filters, full, in_app, load, pager, shown, table, tag,
};
use crate::visit::{self, query};

const COLUMNS: [Column; 4] = [Text("Person"), Text("Account"), Text("Since"), Text("State")];

const PAGE: usize = 100;

/// What a filter says, and the word of it.
const WANTED: [(&str, &str); 3] =
    [("held", "A change is held"), ("missing", "No account"), ("shared", "The same as somebody else's")];

pub fn list_page() -> impl IntoView {
    load(content())
}

async fn content() -> Result<AnyView, Error> {
    let act = visit::act()?;
    let word = query("show").unwrap_or_default();
    let wanted = Wanted::parse(&word).unwrap_or_default();
    let after = query("after").and_then(|id| id.parse().ok());
    let page = expect_context::<Payees>().list(&act, wanted, after, PAGE).await?;
    let list = if page.rows.is_empty() {
        let words = "Whoever works on a project enters under My pay where their pay goes.";
        empty("wallet", "Nobody here", words, ()).into_any()
    } else {
        let kept = filter_query(&[("show", &word)]);
        let next = page.rows.last().filter(|_| page.has_more).map(|last| format!("after={}", last.person_id));
        let words = shown(page.rows.len(), page.has_more, "One person", "people");
        view! {
            {table("table", "People and where they are paid to, by name", &COLUMNS, page.rows.iter().map(row).collect())}
            {pager(words, &kept, after.is_some(), next)}
        }
        .into_any()
    };
    let bar = view! {
        <form class="filters" method="get" action="/pay/accounts">
            {filters::pick_else("show", "Show", "Everybody", WANTED, &word)}
            <button class="button">"Show"</button>
        </form>
    };
    let heading = Heading { title: "Pay".to_owned(), ..Heading::default() };
    Ok(in_app(heading, view! { {pay_tabs("/pay/accounts")} {bar} {list} }))
}

fn row(it: &Listed) -> impl IntoView + use<> {
    let state = match (&it.held_shown, &it.shown, it.others) {
        (Some(held), _, _) => view! {
            <span>{tag("warn", "Change held")}" "<span class="muted">{held.clone()}" from "{it.held_until.map(full)}</span></span>
        }
        .into_any(),
        (None, None, _) => tag("neutral", "No account").into_any(),
        (None, Some(_), 0) => tag("ok", "Paid to").into_any(),
        (None, Some(_), n) => tag("warn", if n == 1 { "Shared with one" } else { "Shared with several" }).into_any(),
    };
    let account = it.shown.clone().map_or_else(
        || view! { <span class="muted">"–"</span> }.into_any(),
        |shown| view! { <span class="mono">{shown}</span> }.into_any(),
    );
    view! {
        <tr>
            <th scope="row"><a class="row-link truncate" href=format!("/pay/accounts/{}", it.person_id)>{it.person_name.to_string()}</a></th>
            <td data-label="Account">{account}</td>
            <td data-label="Since">{it.counts_from.map(date)}</td>
            <td data-label="State">{state}</td>
        </tr>
    }
}
