//! China Standard Time: a fixed +08:00 without summer time (GB/T 7408.1-2023; none observed since 1991).

/// Milliseconds from UTC to China Standard Time.
pub const OFFSET_MS: i64 = 8 * 3_600_000;
const DAY_MS: i64 = 86_400_000;

/// `YYYY-MM-DD` in China, of an instant in milliseconds since the epoch.
pub fn date(at_ms: i64) -> String {
    let (year, month, day) = civil(at_ms.saturating_add(OFFSET_MS).div_euclid(DAY_MS));
    format!("{year:04}-{month:02}-{day:02}")
}

/// `YYYY-MM-DD HH:MM` in China, of an instant in milliseconds since the epoch.
pub fn minute(at_ms: i64) -> String {
    let of_day = at_ms.saturating_add(OFFSET_MS).rem_euclid(DAY_MS);
    let (hour, minute) = (of_day.div_euclid(3_600_000), of_day.div_euclid(60_000).rem_euclid(60));
    format!("{} {hour:02}:{minute:02}", date(at_ms))
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
}
