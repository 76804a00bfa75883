use leptos::prelude::*;

/// What stands above a column.
#[derive(Clone, Copy)]
pub enum Column {
    Text(&'static str),
    Number(&'static str),
    /// Said to those who hear the table; those who see it need no word.
    Unsaid(&'static str),
}

/// A table that becomes a list of cards where it is narrow: its rows name their cells by `data-label`.
pub fn table<R: IntoView + 'static>(
    class: &'static str,
    caption: &'static str,
    columns: &[Column],
    rows: Vec<R>,
) -> impl IntoView + use<R> {
    let heads: Vec<_> = columns
        .iter()
        .map(|column| match *column {
            Column::Text(words) => view! { <th scope="col">{words}</th> }.into_any(),
            Column::Number(words) => view! { <th scope="col" class="num">{words}</th> }.into_any(),
            Column::Unsaid(words) => {
                view! { <th scope="col"><span class="sr-only">{words}</span></th> }.into_any()
            }
        })
        .collect();
    view! {
        <div class="table-wrap">
            <table class=class>
                <caption class="sr-only">{caption}</caption>
                <thead><tr>{heads}</tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
}
