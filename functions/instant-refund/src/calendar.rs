//! Deadlines in China: what the law counts in days, and what a marketplace's rule counts in business hours.
//!
//! Pure: instants are milliseconds since the epoch, days are counted from 1970-01-01 in China Standard Time. The rest
//! days are those of a pack.

use shared::china_time::{day_number, parse_date, start_of_day, weekday, year, year_month_day};
use shared::policy::Map;

/// The rest days and adjusted working days (调休) of a pack.
#[derive(Clone, Copy, Debug)]
pub struct Calendar<'p>(Map<'p>);

/// Longest run of rest days that a deadline can meet: a holiday of at most 16 days with a weekend on either side.
const LONGEST_REST: i64 = 32;
/// The longest that a holiday of a year that is not on file is taken to be, days.
const LONGEST_HOLIDAY: i64 = 10;

/// Regulation on Public Holidays, art. 2: New Year, Labour Day and National Day stand by their dates (since 2025 Labour
/// Day has two days). The days around them, and the holidays of the moon, stand in the notice of the year alone.
fn is_holiday_by_law(day: i64) -> bool {
    matches!(year_month_day(day), (_, 1, 1) | (_, 5, 1) | (2025.., 5, 2) | (_, 10, 1..=3))
}

/// Whether a holiday, or the leave around it, can fall on a day of a year that is not on file.
fn is_holiday_season(day: i64) -> bool {
    let (_, month, day) = year_month_day(day);
    let season = [
        // New Year, Spring Festival, Qingming, Labour Day, Dragon Boat, Mid-Autumn and National Day.
        ((12, 30), (12, 31)),
        ((1, 1), (1, 3)),
        ((1, 20), (2, 28)),
        ((4, 2), (4, 7)),
        ((4, 28), (5, 5)),
        ((5, 26), (6, 27)),
        ((9, 6), (10, 10)),
    ];
    season.iter().any(|(from, to)| (*from..=*to).contains(&(month, day)))
}

impl<'p> Calendar<'p> {
    /// Of a section.
    pub fn of(section: Map<'p>) -> Calendar<'p> {
        Calendar(section)
    }

    /// Whether there are spans of days, in order, and a notice that they are from.
    pub fn is_sound(&self) -> bool {
        let values = self.0.ints("spans");
        let whole = values.len() > 0 && values.len().is_multiple_of(3);
        let mut before = i64::MIN;
        let in_order = self.spans().all(|[from, to, _]| {
            let follows = before < from && from <= to;
            before = to;
            follows
        });
        whole && in_order && self.0.under("source/").next().is_some()
    }

    /// Whether the State Council's notice for a year is known. Outside of these years only weekends are known to be rest
    /// days, and a decision should say so.
    pub fn is_covered(&self, year: i64) -> bool {
        self.notice(year).is_some()
    }

    /// The State Council's notice on a year's holidays, if it is known.
    pub fn notice(&self, year: i64) -> Option<&'p str> {
        self.0.text(&format!("source/{year}"))
    }

    /// Whether a day is a statutory rest day: a holiday, or a Saturday or Sunday that was not made a working day (调休).
    /// The holidays that the law names by their date are rest days whatever is on file.
    pub fn is_rest_day(&self, day: i64) -> bool {
        let span = self.spans().find(|[_, to, _]| *to >= day).filter(|[from, ..]| *from <= day);
        span.map_or(is_holiday_by_law(day) || weekday(day) >= 6, |[_, _, rest]| rest != 0)
    }

    /// The last day whose rest days are on file, counted from 1970-01-01.
    pub fn covered_until(&self) -> Option<i64> {
        let years = self.0.under("source/").filter_map(|(name, _)| name.strip_prefix("source/")?.parse::<i64>().ok());
        parse_date(&format!("{}-12-31", years.max()?))
    }

    /// The latest that [`Calendar::statutory_deadline`] may turn out to be once the notices of its years are on file: a
    /// table that has ended is no reason to be late.
    pub fn latest_deadline(&self, start_ms: i64, days: i64) -> i64 {
        let first = day_number(start_ms).saturating_add(days.max(0));
        let may_rest = |day: i64| self.is_rest_day(day) || (!self.is_covered(year(day)) && is_holiday_season(day));
        let most = first.saturating_add(LONGEST_HOLIDAY);
        let last = (first..=most).find(|day| !may_rest(*day)).unwrap_or(most);
        last_instant(self.working_day_from(last))
    }

    /// The last millisecond of a statutory period of `days` that begins with an event.
    ///
    /// Civil Code art. 201: the day of the event does not count. Art. 203: a last day that is a rest day gives way to the
    /// day after the rest, and the last day ends at 24:00. With `days` 0 the period ends on the day of the event.
    pub fn statutory_deadline(&self, start_ms: i64, days: i64) -> i64 {
        last_instant(self.working_day_from(day_number(start_ms).saturating_add(days.max(0))))
    }

    /// Whether [`Calendar::statutory_deadline`] could look at the notices of every year that it went through.
    pub fn deadline_is_covered(&self, start_ms: i64, days: i64) -> bool {
        let last = day_number(start_ms).saturating_add(days.max(0));
        self.is_covered(year(last)) && self.is_covered(year(self.working_day_from(last)))
    }

    fn working_day_from(&self, day: i64) -> i64 {
        (day..=day.saturating_add(LONGEST_REST)).find(|day| !self.is_rest_day(*day)).unwrap_or(day)
    }

    /// First day, last day, and whether they are rest days, in order.
    fn spans(&self) -> impl Iterator<Item = [i64; 3]> + use<'p> {
        let mut values = self.0.ints("spans");
        std::iter::from_fn(move || Some([values.next()?, values.next()?, values.next()?]))
    }
}

/// How long a merchant may be silent: 1688's rule for automatic refunds, in minutes of the day, China time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SilenceRule {
    /// Business hours begin; this minute belongs to them.
    pub open_minute: i64,
    /// Business hours end; this minute no longer belongs to them.
    pub close_minute: i64,
    /// How long, milliseconds, after a request within business hours.
    pub within_ms: i64,
    /// Until when on the next day, after any other request.
    pub else_next_day_minute: i64,
}

/// When a merchant's silence counts as consent: the first instant at which its time is over.
///
/// Business hours are half open: a request at the closing minute itself has the next day's deadline, which gives the
/// merchant more time where the rule's text (09:00–18:00) leaves it open. A request before opening belongs to the night
/// before: it is due at the same noon as one of that evening. The day may be a rest day: the rule is the marketplace's
/// and no statutory period.
pub fn silence_deadline(requested_ms: i64, rule: &SilenceRule) -> i64 {
    let day = day_number(requested_ms);
    let of_day = requested_ms.saturating_sub(start_of_day(day));
    if (minutes(rule.open_minute)..minutes(rule.close_minute)).contains(&of_day) {
        requested_ms.saturating_add(rule.within_ms)
    } else {
        let night_of = if of_day < minutes(rule.open_minute) { day } else { day.saturating_add(1) };
        start_of_day(night_of).saturating_add(minutes(rule.else_next_day_minute))
    }
}

fn last_instant(day: i64) -> i64 {
    start_of_day(day.saturating_add(1)).saturating_sub(1)
}

fn minutes(minutes: i64) -> i64 {
    minutes.saturating_mul(60_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bundled() -> Calendar<'static> {
        crate::policy::Rules::bundled().calendar
    }

    /// `YYYY-MM-DD HH:MM:SS.mmm`, China time.
    fn at(text: &str) -> i64 {
        let (date, time) = text.split_once(' ').unwrap();
        let parts: Vec<i64> = time.split([':', '.']).map(|part| part.parse().unwrap()).collect();
        start_of_day(parse_date(date).unwrap()) + ((parts[0] * 60 + parts[1]) * 60 + parts[2]) * 1000 + parts[3]
    }

    #[test]
    fn rest_days() {
        let cases = [
            // 国办发明电〔2023〕7号
            ("2024-02-09", false), // New Year's Eve: leave is encouraged, not granted
            ("2024-02-10", true),
            ("2024-02-17", true),
            ("2024-02-18", false), // a Sunday, worked
            ("2024-06-08", true),  // an ordinary Saturday
            ("2024-09-14", false),
            // 国办发明电〔2024〕12号
            ("2025-01-01", true),
            ("2025-01-26", false),
            ("2025-01-28", true),
            ("2025-02-05", false),
            ("2025-10-08", true),
            ("2025-10-11", false),
            // 国办发明电〔2025〕7号
            ("2026-01-04", false),
            ("2026-02-15", true),
            ("2026-02-23", true),
            ("2026-02-24", false),
            ("2026-09-20", false),
            ("2026-10-10", false),
            ("2026-10-11", true),
            // Not covered: weekends, and what the law names by its date.
            ("2027-01-01", true), // a Friday
            ("2030-05-01", true), // a Wednesday
            ("2030-05-02", true),
            ("2018-05-02", false), // a Wednesday, before Labour Day had two days
            ("2030-10-01", true),  // a Tuesday
            ("2030-10-04", false),
            ("2030-10-05", true),
        ];
        for (date, expected) in cases {
            assert_eq!(bundled().is_rest_day(parse_date(date).unwrap()), expected, "{date}");
        }
        assert!(
            bundled().is_covered(2024)
                && bundled().is_covered(2026)
                && !bundled().is_covered(2023)
                && !bundled().is_covered(2027)
        );
        assert_eq!(bundled().notice(2026), Some("国办发明电〔2025〕7号, 2025-11-04"));
    }

    #[test]
    fn statutory_periods() {
        let cases = [
            // Civil Code art. 201: the day of the event does not count, at whatever time of it.
            ("2026-03-02 00:00:00.000", 7, "2026-03-09 23:59:59.999"),
            ("2026-03-02 23:59:59.999", 7, "2026-03-09 23:59:59.999"),
            ("2026-03-03 00:00:00.000", 7, "2026-03-10 23:59:59.999"),
            // Art. 203: a Saturday gives way to Monday.
            ("2026-03-07 12:00:00.000", 7, "2026-03-16 23:59:59.999"),
            // The last day falls into the Spring Festival of 2026 (15 to 23 February).
            ("2026-02-08 10:00:00.000", 7, "2026-02-24 23:59:59.999"),
            // A Saturday that is worked (14 February) is no rest day.
            ("2026-02-07 10:00:00.000", 7, "2026-02-14 23:59:59.999"),
            // National Day 2024 (1 to 7 October): the 8th is a Tuesday.
            ("2024-09-24 10:00:00.000", 7, "2024-10-08 23:59:59.999"),
            // Rest days within the period do not lengthen it.
            ("2024-09-30 10:00:00.000", 10, "2024-10-10 23:59:59.999"),
            // Holiday and weekend in a row: Dragon Boat 2024 is a Monday.
            ("2024-06-01 10:00:00.000", 7, "2024-06-11 23:59:59.999"),
            // A leap day.
            ("2024-02-22 10:00:00.000", 7, "2024-02-29 23:59:59.999"),
            ("2026-03-02 10:00:00.000", 0, "2026-03-02 23:59:59.999"),
        ];
        for (start, days, expected) in cases {
            assert_eq!(bundled().statutory_deadline(at(start), days), at(expected), "{start} + {days}");
        }
        // 1 January 2027 is a Friday, and a holiday without a table.
        assert_eq!(bundled().statutory_deadline(at("2026-12-25 10:00:00.000"), 7), at("2027-01-04 23:59:59.999"));
        // Where nobody knows the table yet, a deadline may turn out to be later; never earlier, and not for ever.
        let latest = |start| bundled().latest_deadline(at(start), 7);
        assert_eq!(latest("2027-02-01 10:00:00.000"), at("2027-02-18 23:59:59.999"));
        assert_eq!(latest("2027-07-01 10:00:00.000"), at("2027-07-08 23:59:59.999"));
        assert_eq!(latest("2026-02-08 10:00:00.000"), at("2026-02-24 23:59:59.999"));
        assert_eq!(bundled().covered_until(), parse_date("2026-12-31"));
        assert!(bundled().deadline_is_covered(at("2026-12-20 10:00:00.000"), 7));
        assert!(!bundled().deadline_is_covered(at("2026-12-28 10:00:00.000"), 7));
        assert!(bundled().statutory_deadline(i64::MAX, i64::MAX) > 0 && bundled().statutory_deadline(i64::MIN, 7) < 0);
    }

    /// Civil Code art. 201 and 203 as properties, over each day of the covered years.
    #[test]
    fn a_period_ends_on_the_first_working_day_at_or_after_its_last_day() {
        let (first, last) = (parse_date("2024-01-01").unwrap(), parse_date("2026-12-31").unwrap());
        for start in first..=last {
            for days in [0, 1, 7, 10, 30] {
                let end = bundled().statutory_deadline(start_of_day(start) + start % 86_400_000, days);
                let end_day = day_number(end);
                assert_eq!(end, start_of_day(end_day + 1) - 1, "24:00");
                assert!(end_day >= start + days && !bundled().is_rest_day(end_day));
                assert!((start + days..end_day).all(|day| bundled().is_rest_day(day)));
            }
        }
    }

    #[test]
    fn silent_merchants() {
        // 1688 jstk [secondary]: asked between 09:00 and 18:00, two hours; otherwise until 12:00 of the next day.
        let rule =
            SilenceRule { open_minute: 540, close_minute: 1080, within_ms: 7_200_000, else_next_day_minute: 720 };
        let cases = [
            ("2026-03-02 08:59:59.999", "2026-03-02 12:00:00.000"),
            ("2026-03-02 09:00:00.000", "2026-03-02 11:00:00.000"),
            ("2026-03-02 17:59:59.999", "2026-03-02 19:59:59.999"),
            ("2026-03-02 18:00:00.000", "2026-03-03 12:00:00.000"),
            ("2026-03-02 23:59:59.999", "2026-03-03 12:00:00.000"),
            ("2026-03-03 00:00:00.000", "2026-03-03 12:00:00.000"),
            ("2026-03-03 02:00:00.000", "2026-03-03 12:00:00.000"),
            ("2026-03-02 18:01:00.000", "2026-03-03 12:00:00.000"),
            // Rest days count like others.
            ("2026-10-01 20:00:00.000", "2026-10-02 12:00:00.000"),
        ];
        for (asked, expected) in cases {
            assert_eq!(silence_deadline(at(asked), &rule), at(expected), "{asked}");
        }
    }
}
