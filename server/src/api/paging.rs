//! What lists have in common: how many rows, which words their filters take, where the next page begins.

use domain::Fault;
use engine::page::Page;
use uuid::Uuid;

/// How many rows a page of the API has at most, and if nothing is said.
pub fn page_size(asked: Option<usize>) -> Result<usize, Fault> {
    match asked.unwrap_or(50) {
        n @ 1..=200 => Ok(n),
        _ => Err(Fault::field("limit", "Ask for 1 to 200 rows at once.")),
    }
}

/// A word of a fixed list in the query; one that is not in it is not silently ignored.
pub fn word<T>(field: &str, text: Option<&str>, parse: fn(&str) -> Option<T>) -> Result<Option<T>, Fault> {
    text.map(|text| {
        parse(text)
            .ok_or_else(|| Fault::field(field, format!("“{text}” is not one of the words for {field}.")))
    })
    .transpose()
}

/// The `next` of a page: what the one after it begins behind, if there is one.
pub fn next<T>(page: &Page<T>, id: impl FnOnce(&T) -> Uuid) -> Option<Uuid> {
    page.rows.last().filter(|_| page.has_more).map(id)
}
