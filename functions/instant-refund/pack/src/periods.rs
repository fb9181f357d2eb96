//! What is in force when, before and after: changes are told with the time that they are in force for.

use calendar::date;

/// From when, until when (not included), and what is in force then, before and after.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Period<T> {
    /// The first instant, milliseconds since the epoch.
    pub from: i64,
    /// The first instant of something else; `None`: for good.
    pub until: Option<i64>,
    /// Before.
    pub was: Option<T>,
    /// After.
    pub is: Option<T>,
}

/// Where two series of editions, each by their first instant, oldest first, differ.
pub fn differing<T: Clone + PartialEq>(before: &[(i64, T)], after: &[(i64, T)]) -> Vec<Period<T>> {
    let at = |series: &[(i64, T)], at: i64| {
        series.iter().rev().find(|(from, _)| *from <= at).map(|(_, value)| value.clone())
    };
    let mut starts: Vec<i64> = before.iter().chain(after).map(|(from, _)| *from).collect();
    starts.sort_unstable();
    starts.dedup();
    let mut periods: Vec<Period<T>> = Vec::new();
    for from in starts {
        let (was, is) = (at(before, from), at(after, from));
        if let Some(last) = periods.last_mut() {
            if (&last.was, &last.is) == (&was, &is) {
                continue;
            }
            last.until = Some(from);
        }
        periods.push(Period { from, until: None, was, is });
    }
    periods.retain(|period| period.was != period.is);
    periods
}

impl<T> Period<T> {
    /// For which orders, in Chinese and in English.
    pub fn words(&self) -> (String, String) {
        let (from_zh, from_en) = day(self.from);
        match self.until {
            None => (format!("{from_zh}起付款的订单"), format!("for orders paid from {from_en} on")),
            Some(until) => {
                let (until_zh, until_en) = day(until);
                (
                    format!("{from_zh}起、{until_zh}前付款的订单"),
                    format!("for orders paid from {from_en} on and before {until_en}"),
                )
            }
        }
    }
}

/// A day in words: `2026年12月1日`, `1 December 2026`.
pub fn day(at: i64) -> (String, String) {
    const MONTHS: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    let date = date(at);
    let mut parts = date.split('-').map(|part| part.trim_start_matches('0'));
    let (Some(year), Some(month), Some(day)) = (parts.next(), parts.next(), parts.next()) else {
        return (date.clone(), date);
    };
    let named = month.parse::<usize>().ok().and_then(|number| MONTHS.get(number.checked_sub(1)?));
    (format!("{year}年{month}月{day}日"), format!("{day} {} {year}", named.unwrap_or(&month)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_is_told_with_its_time() {
        let period = |from, until, was, is| Period { from, until, was, is };
        assert_eq!(differing(&[(0, 1)], &[(0, 1)]), []);
        assert_eq!(differing(&[(0, 1)], &[(0, 1), (5, 2)]), [period(5, None, Some(1), Some(2))]);
        assert_eq!(differing(&[(0, 1), (5, 2)], &[(0, 3), (5, 2)]), [period(0, Some(5), Some(1), Some(3))]);
        assert_eq!(differing(&[(0, 1), (5, 2)], &[(0, 1), (7, 2)]), [period(5, Some(7), Some(2), Some(1))]);
        assert_eq!(differing(&[(0, 1)], &[(5, 1)]), [period(0, Some(5), Some(1), None)]);
        // An edition that says the same as the one before is no change.
        assert_eq!(differing(&[(0, 1)], &[(0, 2), (5, 2)]), [period(0, None, Some(1), Some(2))]);
    }

    #[test]
    fn days_in_words() {
        // 2026-12-01 00:00 China time.
        let at = 1_796_054_400_000;
        assert_eq!(day(at), ("2026年12月1日".to_owned(), "1 December 2026".to_owned()));
        let period = Period { from: at, until: None, was: Some(1), is: Some(2) };
        assert_eq!(period.words().1, "for orders paid from 1 December 2026 on");
    }
}
