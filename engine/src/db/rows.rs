//! Many rows in one statement: a statement per row would cost a round trip each.

/// How many rows one statement carries: well within the parameters both engines take, whatever the columns.
pub const ROWS_AT_ONCE: usize = 500;

/// The placeholders of so many rows of so many columns: `($1, $2), ($3, $4)`.
pub fn values(rows: usize, columns: usize) -> String {
    let row = |row: usize| {
        let places: Vec<_> = (1..=columns).map(|column| format!("${}", row * columns + column)).collect();
        format!("({})", places.join(", "))
    };
    (0..rows).map(row).collect::<Vec<_>>().join(", ")
}

/// Inserts rows, as many to a statement as it carries: `insert_rows!(tx, rows, "INSERT INTO t (a, b)", 2, |query, row|
/// query.bind(row.a).bind(row.b))`.
macro_rules! insert_rows {
    ($tx:expr, $rows:expr, $into:expr, $columns:literal, |$query:ident, $row:ident| $bound:expr) => {{
        for some in $rows.chunks($crate::db::rows::ROWS_AT_ONCE) {
            let sql = format!("{} VALUES {}", $into, $crate::db::rows::values(some.len(), $columns));
            $crate::run_tx!($tx, some.iter().fold(sqlx::query(&sql), |$query, $row| $bound))?;
        }
        Ok::<(), $crate::db::DbError>(())
    }};
}
pub(crate) use insert_rows;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_numbered_through() {
        assert_eq!(values(2, 3), "($1, $2, $3), ($4, $5, $6)");
        assert_eq!(values(1, 1), "($1)");
    }
}
