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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_numbered_through() {
        assert_eq!(values(2, 3), "($1, $2, $3), ($4, $5, $6)");
        assert_eq!(values(1, 1), "($1)");
    }
}
