use domain::money::decimal;

/// Millionths of a dollar as dollars: prices and sums can be small, so with as many decimals as they take.
pub fn dollars(micros: i64) -> String {
    format!("${}", decimal::write(micros, 6, 2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_written_with_the_decimals_they_take() {
        let sums = [0, 450, 250_000, 2_000_000, 1_234_567];
        assert_eq!(sums.map(dollars), ["$0.00", "$0.00045", "$0.25", "$2.00", "$1.234567"]);
    }
}
