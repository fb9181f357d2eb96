//! When a line was written, in milliseconds since the epoch.

/// nginx's `10/Oct/2026:13:55:36 +0800`.
pub fn of_log(text: &str) -> Option<i64> {
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let (day, rest) = text.split_once('/')?;
    let (month, rest) = rest.split_once('/')?;
    let (year, rest) = rest.split_once(':')?;
    let (clock, zone) = rest.split_once(' ')?;
    let month = MONTHS.iter().position(|name| *name == month)? + 1;
    at(&format!("{year}-{month:02}-{day}"), clock, zone)
}

/// RFC 3339, like `2026-10-10T13:55:36.123+08:00`.
pub fn of_rfc3339(text: &str) -> Option<i64> {
    let (date, rest) = text.split_once(['T', 't', ' '])?;
    let end = rest.find(['Z', 'z', '+', '-'])?;
    let (clock, zone) = rest.split_at_checked(end)?;
    at(date, clock, zone)
}

/// Seconds, milliseconds, microseconds or nanoseconds, whichever makes an instant of this century.
pub fn of_number(number: f64) -> Option<i64> {
    let century = 946_684_800.0..4_102_444_800.0;
    [1.0, 1e3, 1e6, 1e9].into_iter().map(|unit| number / unit).find(|s| century.contains(s)).map(|s| (s * 1e3) as i64)
}

fn at(date: &str, clock: &str, zone: &str) -> Option<i64> {
    let day = calendar::parse_date(date)?;
    let mut parts = clock.split(':');
    let (hour, minute) = (parts.next()?.parse::<i64>().ok()?, parts.next()?.parse::<i64>().ok()?);
    let seconds: f64 = parts.next()?.parse().ok()?;
    let offset = match zone.as_bytes() {
        b"Z" | b"z" => 0,
        [sign, rest @ ..] => {
            let digits: String = rest.iter().filter(|b| b.is_ascii_digit()).map(|b| char::from(*b)).collect();
            let of = |range: std::ops::Range<usize>| digits.get(range).and_then(|text| text.parse::<i64>().ok());
            let minutes = of(0..2)? * 60 + of(2..4)?;
            if *sign == b'-' { -minutes } else { minutes }
        }
        [] => return None,
    };
    Some(day * 86_400_000 + hour * 3_600_000 + (minute - offset) * 60_000 + (seconds * 1e3) as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_of_logs() {
        let noon = 1_791_633_600_000;
        assert_eq!(of_log("10/Oct/2026:20:00:00 +0800"), Some(noon));
        assert_eq!(of_rfc3339("2026-10-10T20:00:00.500+08:00"), Some(noon + 500));
        assert_eq!(of_rfc3339("2026-10-10T12:00:00Z"), Some(noon));
        assert_eq!(of_number(1_791_633_600.0), Some(noon));
        assert_eq!(of_number(1_791_633_600_000_000_000.0), Some(noon));
        assert_eq!((of_log("yesterday"), of_rfc3339(""), of_number(-1.0)), (None, None, None));
    }
}
