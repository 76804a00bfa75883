//! Lists are paged by key: a page knows where the next one starts, and nobody counts the rows.

/// One page of a list.
#[derive(Clone, Debug)]
pub struct Page<T> {
    pub rows: Vec<T>,
    pub has_more: bool,
}

impl<T> Page<T> {
    /// From one row more than the page shows, which is how it is known that there are more.
    pub fn of(mut rows: Vec<T>, size: usize) -> Self {
        let has_more = rows.len() > size;
        rows.truncate(size);
        Self { rows, has_more }
    }
}

/// A `LIKE` pattern that finds the text anywhere, whatever signs are in it. Use it with `ESCAPE '\'`. NUL, which
/// PostgreSQL cannot keep and so cannot look for, is left out.
pub fn containing(text: &str) -> String {
    let escaped = text
        .trim()
        .to_lowercase()
        .replace('\0', "")
        .replace('\\', r"\\")
        .replace('%', r"\%")
        .replace('_', r"\_");
    format!("%{escaped}%")
}
