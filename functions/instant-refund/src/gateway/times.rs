//! Times and amounts as gateways write them.

use shared::china_time;

/// Milliseconds since the epoch of an RFC 3339 time (`2018-06-08T10:34:56+08:00`), as WeChat Pay writes it. Fractions of
/// a second are dropped.
pub(super) fn rfc3339_ms(text: &str) -> Option<i64> {
    let (date, rest) = text.split_once('T')?;
    let cut = rest.find(['Z', '+', '-'])?;
    let (clock, zone) = rest.split_at_checked(cut)?;
    let clock = clock.split_once('.').map_or(clock, |(whole, _)| whole);
    let zone_ms = if zone == "Z" {
        0
    } else {
        let (sign, hhmm) = zone.split_at_checked(1)?;
        let (hours, minutes) = hhmm.split_once(':')?;
        let minutes = number(hours, 2, 23)?.checked_mul(60)?.checked_add(number(minutes, 2, 59)?)?;
        minutes.checked_mul(if sign == "-" { -60_000 } else { 60_000 })?
    };
    utc_ms(date, clock)?.checked_sub(zone_ms)
}

/// Milliseconds since the epoch of `YYYY-MM-DD HH:MM:SS` in China, as Alipay writes it. Fractions are dropped.
pub(super) fn china_ms(text: &str) -> Option<i64> {
    let (date, clock) = text.split_once(' ')?;
    let clock = clock.split_once('.').map_or(clock, |(whole, _)| whole);
    utc_ms(date, clock)?.checked_sub(china_time::OFFSET_MS)
}

/// Fen, of yuan with at most two decimals. Strict: digits, no sign, no exponent.
pub(super) fn fen(yuan: &str) -> Option<i64> {
    let (whole, part) = yuan.split_once('.').unwrap_or((yuan, "00"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if !digits(whole) || !digits(part) {
        return None;
    }
    let part = match part.len() {
        1 => part.parse::<i64>().ok()?.checked_mul(10)?,
        2 => part.parse().ok()?,
        _ => return None,
    };
    whole.parse::<i64>().ok()?.checked_mul(100)?.checked_add(part)
}

fn utc_ms(date: &str, clock: &str) -> Option<i64> {
    let mut times = clock.split(':');
    let (hour, minute, second) = (times.next()?, times.next()?, times.next()?);
    if times.next().is_some() {
        return None;
    }
    let hours = china_time::parse_date(date)?.checked_mul(24)?.checked_add(number(hour, 2, 23)?)?;
    let minutes = hours.checked_mul(60)?.checked_add(number(minute, 2, 59)?)?;
    minutes.checked_mul(60)?.checked_add(number(second, 2, 60)?)?.checked_mul(1000)
}

fn number(text: &str, width: usize, most: i64) -> Option<i64> {
    let plain = text.len() == width && text.bytes().all(|b| b.is_ascii_digit());
    text.parse().ok().filter(|value| plain && *value <= most)
}

#[cfg(test)]
mod tests {
    use shared::money::yuan;

    use super::*;

    #[test]
    fn times_are_read_and_written() {
        assert_eq!(rfc3339_ms("1970-01-01T00:00:00Z"), Some(0));
        assert_eq!(rfc3339_ms("2018-06-08T10:34:56+08:00"), Some(1_528_425_296_000));
        assert_eq!(rfc3339_ms("2018-06-07T21:34:56.789-05:00"), Some(1_528_425_296_000));
        assert_eq!(rfc3339_ms("2024-02-29T00:00:00+08:00"), Some(1_709_136_000_000));
        assert_eq!(china_ms("2024-02-29 00:00:01"), Some(1_709_136_001_000));
        assert_eq!(china_ms("2024-02-29 00:00:01.123"), Some(1_709_136_001_000));
        assert_eq!(china_time::second(1_709_136_059_999), "2024-02-29 00:00:59");
        for bad in ["", "2018-06-08", "2018-06-08T10:34:56", "2018-13-08T10:34:56Z", "2018-06-08T10:34Z", "x"] {
            assert_eq!(rfc3339_ms(bad), None, "{bad}");
            assert_eq!(china_ms(bad), None, "{bad}");
        }
        for at in [0, 951_782_399_000, 951_782_400_000, 4_102_416_000_000] {
            assert_eq!(china_ms(&china_time::second(at)), Some(at));
        }
    }

    #[test]
    fn amounts_are_exact() {
        let max = 9_007_199_254_740_991;
        for (n, text) in [(0, "0.00"), (1, "0.01"), (10, "0.10"), (100, "1.00"), (max, "90071992547409.91")] {
            assert_eq!(fen(text), Some(n));
            assert_eq!(yuan(n), text);
        }
        assert_eq!((fen("88.8"), fen("88"), fen("0.1")), (Some(8880), Some(8800), Some(10)));
        assert_eq!(fen("92233720368547758.07"), Some(i64::MAX));
        for bad in ["", ".", "1.", ".1", "-1.00", "+1", "1.001", "1e2", "1,00", " 1.00", "92233720368547758.08", "１"]
        {
            assert_eq!(fen(bad), None, "{bad}");
        }
    }
}
