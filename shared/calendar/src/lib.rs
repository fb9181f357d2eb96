//! China Standard Time: a fixed +08:00 without summer time (GB/T 7408.1-2023; none observed since 1991).

/// Milliseconds from UTC to China Standard Time.
pub const OFFSET_MS: i64 = 8 * 3_600_000;
const DAY_MS: i64 = 86_400_000;

/// `YYYY-MM-DD` in China, of an instant in milliseconds since the epoch.
pub fn date(at_ms: i64) -> String {
    let (year, month, day) = civil(day_number(at_ms));
    format!("{year:04}-{month:02}-{day:02}")
}

/// `YYYY-MM-DD HH:MM` in China, of an instant in milliseconds since the epoch.
pub fn minute(at_ms: i64) -> String {
    let of_day = at_ms.saturating_add(OFFSET_MS).rem_euclid(DAY_MS);
    let (hour, minute) = (of_day.div_euclid(3_600_000), of_day.div_euclid(60_000).rem_euclid(60));
    format!("{} {hour:02}:{minute:02}", date(at_ms))
}

/// The day in China that an instant lies in, counted from 1970-01-01.
pub fn day_number(at_ms: i64) -> i64 {
    at_ms.saturating_add(OFFSET_MS).div_euclid(DAY_MS)
}

/// The first instant of a day in China, in milliseconds since the epoch. `day` is counted from 1970-01-01.
pub fn start_of_day(day: i64) -> i64 {
    day.saturating_mul(DAY_MS).saturating_sub(OFFSET_MS)
}

/// The day of the week: Monday is 1, Sunday is 7 (ISO 8601). `day` is counted from 1970-01-01, a Thursday.
pub fn weekday(day: i64) -> i64 {
    day.saturating_add(3).rem_euclid(7).saturating_add(1)
}

/// The year of a day counted from 1970-01-01.
pub fn year(day: i64) -> i64 {
    civil(day_in_range(day)).0
}

/// Year, month and day of a day counted from 1970-01-01.
pub fn year_month_day(day: i64) -> (i64, i64, i64) {
    civil(day_in_range(day))
}

/// The day of a `YYYY-MM-DD`, counted from 1970-01-01; `None` if there is no such day.
pub fn parse_date(text: &str) -> Option<i64> {
    let digits = |part: &str, length: usize| {
        let good = part.len() == length && part.bytes().all(|byte| byte.is_ascii_digit());
        if good { part.parse::<i64>().ok() } else { None }
    };
    let mut parts = text.split('-');
    let (year, month, day) = (digits(parts.next()?, 4)?, digits(parts.next()?, 2)?, digits(parts.next()?, 2)?);
    let number = day_of(year, month, day);
    // The way back says whether the day exists: 2026-02-29 would come back as 2026-03-01.
    (parts.next().is_none() && (1..=12).contains(&month) && civil(number) == (year, month, day)).then_some(number)
}

/// Keeps calendar arithmetic within `i64`: no instant in milliseconds lies on a day outside.
fn day_in_range(day: i64) -> i64 {
    day.clamp(i64::MIN.div_euclid(DAY_MS), i64::MAX.div_euclid(DAY_MS))
}

/// The inverse of [`civil`], for years and months of `parse_date`.
#[allow(clippy::arithmetic_side_effects, reason = "every operand has at most four digits")]
fn day_of(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let (era, year_of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let from_march = if month > 2 { month - 3 } else { month + 9 };
    let day_of_year = (153 * from_march + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// `YYYY-MM-DD HH:MM:SS` in China, of an instant in milliseconds since the epoch.
pub fn second(at_ms: i64) -> String {
    let of_minute = at_ms.div_euclid(1000).rem_euclid(60);
    format!("{}:{of_minute:02}", minute(at_ms))
}

/// Year, month, day of a day counted from 1970-01-01, in the proleptic Gregorian calendar. The year is taken to begin
/// in March, so that the leap day is its last.
#[allow(clippy::arithmetic_side_effects, reason = "every operand is bounded by the range of i64 milliseconds in days")]
fn civil(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_begin_at_sixteen_utc() {
        assert_eq!(minute(0), "1970-01-01 08:00");
        assert_eq!(minute(1_709_135_999_999), "2024-02-28 23:59");
        assert_eq!(minute(1_709_136_000_000), "2024-02-29 00:00");
        assert_eq!(date(1_709_222_400_000), "2024-03-01");
        assert_eq!(date(-28_800_001), "1969-12-31");
        assert_eq!(date(4_102_416_000_000), "2100-01-01");
    }

    #[test]
    fn dates_and_days_are_each_others_inverse() {
        for day in -200_000..200_000 {
            assert_eq!(day_number(start_of_day(day)), day);
            assert_eq!(day_number(start_of_day(day) - 1), day - 1);
            let text = date(start_of_day(day));
            if !text.starts_with('-') && text.len() == 10 {
                assert_eq!(parse_date(&text), Some(day), "{text}");
                assert_eq!(format!("{:04}", year(day)), text.split('-').next().unwrap_or_default());
            }
        }
        assert_eq!(year(i64::MAX), year(i64::MAX / DAY_MS));
    }

    #[test]
    fn weekdays() {
        // 1970-01-01 was a Thursday, 2000-01-01 a Saturday, 2026-10-10 (adjusted working day) a Saturday.
        for (date, expected) in [("1970-01-01", 4), ("2000-01-01", 6), ("2026-10-10", 6), ("2026-02-15", 7)] {
            assert_eq!(parse_date(date).map(weekday), Some(expected), "{date}");
        }
        assert_eq!(parse_date("1969-12-28").map(weekday), Some(7));
    }

    #[test]
    fn what_is_no_date() {
        for text in
            ["", "2026-02-29", "2026-13-01", "2026-00-10", "2026-1-1", "2026-01-01-", "+026-01-01", "2026-01-00"]
        {
            assert_eq!(parse_date(text), None, "{text}");
        }
        assert_eq!(parse_date("2024-02-29"), Some(19_782));
    }
}
