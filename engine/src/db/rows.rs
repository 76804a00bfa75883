//! Many rows in one statement: a statement per row would cost a round trip each.

use domain::ids::RunId;
use domain::workflow::StepName;

use super::{DbError, Tx};

/// How many rows one statement carries. Only these: a statement of another length would be another text, to be parsed
/// and kept anew for every number of rows there may be.
const PORTIONS: [usize; 5] = [256, 64, 16, 4, 1];

/// All rows, in pieces of a few lengths.
pub fn portions<T>(mut rows: &[T]) -> impl Iterator<Item = &[T]> {
    std::iter::from_fn(move || {
        let size = PORTIONS.into_iter().find(|size| *size <= rows.len())?;
        let (portion, rest) = rows.split_at(size);
        rows = rest;
        Some(portion)
    })
}

/// The placeholders of so many rows of so many columns: `($1, $2), ($3, $4)`.
pub fn values(rows: usize, columns: usize) -> String {
    values_after(0, rows, columns)
}

/// The same, where so many placeholders come before.
pub fn values_after(before: usize, rows: usize, columns: usize) -> String {
    let row = |row: usize| format!("({})", places_after(before + row * columns, columns));
    (0..rows).map(row).collect::<Vec<_>>().join(", ")
}

/// So many placeholders: `$1, $2`.
pub fn places(count: usize) -> String {
    places_after(0, count)
}

/// The same, where so many come before.
pub fn places_after(before: usize, count: usize) -> String {
    (1..=count).map(|place| format!("${}", before + place)).collect::<Vec<_>>().join(", ")
}

/// Inserts rows, as many to a statement as it carries: `insert_rows!(tx, rows, "INSERT INTO t (a, b)", 2, |query, row|
/// query.bind(row.a).bind(row.b))`.
macro_rules! insert_rows {
    ($tx:expr, $rows:expr, $into:expr, $columns:literal, |$query:ident, $row:pat_param| $bound:expr $(, $also:literal)?) => {
        $crate::db::rows::run_portions!(
            $tx,
            $rows,
            |count| format!(
                "{} VALUES {}{}",
                $into,
                $crate::db::rows::values(count, $columns),
                concat!("" $(, $also)?)
            ),
            |sql| sqlx::query(&sql),
            |$query, $row| $bound
        )
    };
}
pub(crate) use insert_rows;

/// Runs a statement for each portion of rows: its text for so many rows, the query with what is bound first, and what is
/// bound for each row.
macro_rules! run_portions {
    ($tx:expr, $rows:expr, |$count:ident| $text:expr, |$sql:ident| $start:expr, |$query:ident, $row:pat_param| $bound:expr) => {{
        for some in $crate::db::rows::portions($rows) {
            let $count = some.len();
            let $sql = $tx.placed($text);
            $crate::run_tx!($tx, some.iter().fold($start, |$query, $row| $bound))?;
        }
        Ok::<(), $crate::db::DbError>(())
    }};
}
pub(crate) use run_portions;

/// As [`run_portions`], for statements that answer with rows: all of them, in the order of the portions.
macro_rules! fetch_portions {
    ($tx:expr, $rows:expr, |$count:ident| $text:expr, |$sql:ident| $start:expr, |$query:ident, $row:pat_param| $bound:expr) => {{
        let mut all = Vec::new();
        for some in $crate::db::rows::portions($rows) {
            let $count = some.len();
            let $sql = $tx.placed($text);
            let found = $crate::on_tx!($tx, c => some.iter().fold($start, |$query, $row| $bound).fetch_all(c).await)?;
            all.extend(found);
        }
        Ok::<_, $crate::db::DbError>(all)
    }};
}
pub(crate) use fetch_portions;

/// As [`fetch_portions`], outside of a transaction.
macro_rules! ask_portions {
    ($db:expr, $rows:expr, |$count:ident| $text:expr, |$sql:ident| $start:expr, |$query:ident, $row:pat_param| $bound:expr) => {{
        let mut all = Vec::new();
        for some in $crate::db::rows::portions($rows) {
            let $count = some.len();
            let $sql = $db.placed($text);
            let found = $crate::on_db!($db, c => some.iter().fold($start, |$query, $row| $bound).fetch_all(c).await)?;
            all.extend(found);
        }
        Ok::<_, $crate::db::DbError>(all)
    }};
}
pub(crate) use ask_portions;

/// The same statement with placeholders that have no numbers, if they stand in order. To SQLite a numbered one is a name, and
/// whoever binds it has all names before it looked through: thousands of them take far longer to bind than rows to write.
pub fn without_numbers(sql: String) -> String {
    let mut plain = String::with_capacity(sql.len());
    for (n, piece) in sql.split('$').enumerate() {
        if n == 0 {
            plain.push_str(piece);
            continue;
        }
        let digits = piece.bytes().take_while(u8::is_ascii_digit).count();
        let (number, rest) = piece.split_at(digits);
        if number.parse() != Ok(n) {
            return sql;
        }
        plain.push('?');
        plain.push_str(rest);
    }
    plain
}

/// Changes what belongs to these runs, however many they are. The statement ends where they are named.
pub async fn change_runs(tx: &mut Tx, statement: &str, runs: &[RunId]) -> Result<(), DbError> {
    run_portions!(
        *tx,
        runs,
        |count| format!("{statement} run_id IN ({})", places(count)),
        |sql| sqlx::query(&sql),
        |query, run| query.bind(*run)
    )
}

/// The same for some steps of one run.
pub async fn change_steps(
    tx: &mut Tx,
    statement: &str,
    run: RunId,
    steps: &[StepName],
) -> Result<(), DbError> {
    run_portions!(
        *tx,
        steps,
        |count| format!("{statement} run_id = $1 AND step IN ({})", places_after(1, count)),
        |sql| sqlx::query(&sql).bind(run),
        |query, step| query.bind(step)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_numbered_through() {
        assert_eq!(values(2, 3), "($1, $2, $3), ($4, $5, $6)");
        assert_eq!(values(1, 1), "($1)");
        assert_eq!(values_after(1, 2, 2), "($2, $3), ($4, $5)");
        assert_eq!(places_after(2, 2), "$3, $4");
    }

    #[test]
    fn placeholders_in_order_need_no_numbers() {
        let plain = |sql: &str| without_numbers(sql.to_owned());
        assert_eq!(plain("a = $1 AND b IN ($2, $3)"), "a = ? AND b IN (?, ?)");
        assert_eq!(plain("SELECT 1"), "SELECT 1");
        for other in ["a = $2 AND b = $1", "a = $1 OR a = $1", "a = $2", "a = '$'"] {
            assert_eq!(plain(other), other);
        }
    }

    #[test]
    fn every_row_is_in_one_portion() {
        for count in [0, 1, 3, 4, 100, 256, 777] {
            let rows: Vec<_> = (0..count).collect();
            let lengths: Vec<_> = portions(&rows).map(<[_]>::len).collect();
            assert!(lengths.iter().all(|length| PORTIONS.contains(length)), "{lengths:?}");
            assert_eq!(portions(&rows).flatten().copied().collect::<Vec<_>>(), rows);
        }
    }
}
