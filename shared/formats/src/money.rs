//! Amounts of renminbi as people and gateways write them. Everywhere else they are integers of fen.

/// Yuan with two decimals, of fen: `-0.05`. Any integer that fits 128 bits.
pub fn yuan(fen: impl Into<i128>) -> String {
    let fen = fen.into();
    let sign = if fen < 0 { "-" } else { "" };
    let magnitude = fen.unsigned_abs();
    format!("{sign}{}.{:02}", magnitude.div_euclid(100), magnitude.rem_euclid(100))
}

/// An amount with the sign of its currency before it, a minus before both: `-¥0.05`.
pub fn priced(currency: &str, fen: impl Into<i128>) -> String {
    let amount = yuan(fen);
    match amount.strip_prefix('-') {
        Some(magnitude) => format!("-{currency}{magnitude}"),
        None => format!("{currency}{amount}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_exact() {
        for (fen, text) in [
            (0, "0.00"),
            (1, "0.01"),
            (10, "0.10"),
            (100, "1.00"),
            (-5, "-0.05"),
            (-100, "-1.00"),
            (9_007_199_254_740_991, "90071992547409.91"),
            (i64::MIN, "-92233720368547758.08"),
        ] {
            assert_eq!(yuan(fen), text);
        }
        assert_eq!(yuan(i128::MIN).len(), 41);
        assert_eq!((priced("¥", 1234), priced("CNY ", -5)), ("¥12.34".to_owned(), "-CNY 0.05".to_owned()));
    }
}
