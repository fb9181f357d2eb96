//! What a cell of a table may say: `-`, `5`, `<=10`, `(1..5]`, `a|b`, `not(a|b)`.

use std::collections::BTreeSet;

use super::{Domain, Interval, Test};

/// Reads the test of one cell. The error is the reason.
pub(super) fn test(text: &str, domain: &Domain) -> Result<Test, String> {
    let text = text.trim();
    if text == "-" {
        return Ok(Test::Any);
    }
    let (negated, list) = match text.strip_prefix("not(").and_then(|rest| rest.strip_suffix(')')) {
        Some(inner) => (true, inner),
        None => (false, text),
    };
    match domain {
        Domain::Ints(_) => {
            let mut intervals = list.split('|').map(|part| interval(part.trim())).collect::<Result<Vec<_>, _>>()?;
            if negated {
                intervals = complement(intervals);
            }
            Ok(Test::Ints(Box::leak(intervals.into_boxed_slice())))
        }
        Domain::Texts(texts) => {
            let mut mask = 0_u64;
            for part in list.split('|').map(str::trim) {
                let place = texts.iter().position(|text| *text == part);
                mask |= place.and_then(bit).ok_or_else(|| format!("{part:?} is not in the column's domain"))?;
            }
            Ok(Test::Texts(if negated { everything(texts.len()) & !mask } else { mask }))
        }
    }
}

/// Reads an interval: `5`, `<5`, `<=5`, `>5`, `>=5`, `[1..5]`, `(1..5)` and mixtures of the two.
pub(super) fn interval(text: &str) -> Result<Interval, String> {
    let wrong = || format!("{text:?} is no number and no interval");
    let number = |text: &str| text.trim().parse::<i64>().map_err(|_| wrong());
    let (low, high) = if let Some(rest) = text.strip_prefix("<=") {
        (i64::MIN, number(rest)?)
    } else if let Some(rest) = text.strip_prefix(">=") {
        (number(rest)?, i64::MAX)
    } else if let Some(rest) = text.strip_prefix('<') {
        (i64::MIN, number(rest)?.checked_sub(1).ok_or_else(wrong)?)
    } else if let Some(rest) = text.strip_prefix('>') {
        (number(rest)?.checked_add(1).ok_or_else(wrong)?, i64::MAX)
    } else if let Some((low, high)) = text.split_once("..") {
        let low = match (low.strip_prefix('['), low.strip_prefix('(')) {
            (Some(closed), _) => number(closed)?,
            (_, Some(open)) => number(open)?.checked_add(1).ok_or_else(wrong)?,
            _ => return Err(wrong()),
        };
        let high = match (high.strip_suffix(']'), high.strip_suffix(')')) {
            (Some(closed), _) => number(closed)?,
            (_, Some(open)) => number(open)?.checked_sub(1).ok_or_else(wrong)?,
            _ => return Err(wrong()),
        };
        (low, high)
    } else {
        let value = number(text)?;
        (value, value)
    };
    if low > high { Err(format!("{text:?} is empty")) } else { Ok(Interval { low, high }) }
}

/// The bit of a text in a domain.
pub(super) fn bit(place: usize) -> Option<u64> {
    u32::try_from(place).ok().and_then(|place| 1_u64.checked_shl(place))
}

/// The bits of all texts of a domain.
pub(super) fn everything(texts: usize) -> u64 {
    (0..texts).filter_map(bit).fold(0, |all, bit| all | bit)
}

/// All numbers that lie in none of the intervals.
fn complement(intervals: Vec<Interval>) -> Vec<Interval> {
    let sorted: BTreeSet<Interval> = intervals.into_iter().collect();
    let mut out = Vec::new();
    let mut next = Some(i64::MIN);
    for interval in sorted {
        let Some(from) = next else { break };
        if let Some(high) = interval.low.checked_sub(1).filter(|high| from <= *high) {
            out.push(Interval { low: from, high });
        }
        next = interval.high.checked_add(1).map(|after| after.max(from));
    }
    if let Some(low) = next {
        out.push(Interval { low, high: i64::MAX });
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ints(text: &str) -> Vec<(i64, i64)> {
        match test(text, &Domain::Ints(Interval { low: 0, high: 100 })) {
            Ok(Test::Ints(intervals)) => intervals.iter().map(|i| (i.low, i.high)).collect(),
            other => panic!("{text}: {other:?}"),
        }
    }

    #[test]
    fn numbers_and_intervals() {
        let (min, max) = (i64::MIN, i64::MAX);
        // DMN 1.3, 7.3.3 (unary tests) and table 41 (intervals), on whole numbers.
        let cases: &[(&str, &[(i64, i64)])] = &[
            ("5", &[(5, 5)]),
            ("-5", &[(-5, -5)]),
            ("<5", &[(min, 4)]),
            ("<=5", &[(min, 5)]),
            (">5", &[(6, max)]),
            (">= 5", &[(5, max)]),
            ("[1..5]", &[(1, 5)]),
            ("(1..5)", &[(2, 4)]),
            ("(1..5]", &[(2, 5)]),
            ("[1..5)", &[(1, 4)]),
            ("1|3|[5..6]", &[(1, 1), (3, 3), (5, 6)]),
            ("not(5)", &[(min, 4), (6, max)]),
            ("not(<5|(7..9])", &[(5, 7), (10, max)]),
            ("not([1..9]|[2..3]|10)", &[(min, 0), (11, max)]),
            ("not(>=0)", &[(min, -1)]),
            ("not(<0)", &[(0, max)]),
        ];
        for (text, expected) in cases {
            assert_eq!(ints(text), *expected, "{text}");
        }
    }

    #[test]
    fn what_is_refused() {
        let domain = Domain::Ints(Interval { low: 0, high: 100 });
        for text in ["", "x", "1.5", "(1..2)", "[5..1]", "1..5", "5|", "<", "not(", "not()", "- -", "[1..5"] {
            assert!(test(text, &domain).is_err(), "{text}");
        }
        let texts = Domain::Texts(&["a", "b", "c"]);
        assert_eq!(test("a|c", &texts), Ok(Test::Texts(0b101)));
        assert_eq!(test("not(a|c)", &texts), Ok(Test::Texts(0b010)));
        assert!(test("d", &texts).is_err());
    }
}
