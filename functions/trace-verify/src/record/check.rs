//! Checks on the members of signed documents, each naming its place.

use shared::lang::Text;

use super::FieldError;
use crate::manifest::is_batch;

/// The longest name, in characters.
pub const MAX_NAME: usize = 120;
/// The longest text, in characters.
pub const MAX_TEXT: usize = 600;
/// The longest number, unit or reference, in characters.
pub const MAX_IDENTIFIER: usize = 64;
/// The longest URL, in bytes.
pub const MAX_URL: usize = 300;

/// 9999-12-31, the last day that four digits of year can say.
const LAST_INSTANT: i64 = 253_402_300_799_999;

const DAY_MS: i64 = 86_400_000;
const CHINA_OFFSET_MS: i64 = 8 * 3_600_000;

type Checked = Result<(), FieldError>;

/// A place in a document, as a JSON pointer. Built from literal names, so nothing in it needs escaping.
#[derive(Clone, Debug)]
pub(crate) struct Checker {
    pointer: String,
}

impl Checker {
    pub(crate) fn root() -> Checker {
        Checker { pointer: String::new() }
    }

    pub(crate) fn member(&self, name: &str) -> Checker {
        Checker { pointer: format!("{}/{name}", self.pointer) }
    }

    pub(crate) fn fail(&self, code: &'static str) -> Checked {
        Err(FieldError { pointer: self.pointer.clone(), code })
    }

    pub(crate) fn optional<T>(&self, value: &Option<T>, check: impl Fn(&Checker, &T) -> Checked) -> Checked {
        value.as_ref().map_or(Ok(()), |value| check(self, value))
    }

    pub(crate) fn list<T>(&self, items: &[T], most: usize, check: impl Fn(&T, &Checker) -> Checked) -> Checked {
        if items.len() > most {
            return self.fail("too_many");
        }
        items.iter().enumerate().try_for_each(|(i, item)| check(item, &self.member(&i.to_string())))
    }

    pub(crate) fn name(&self, text: &Text) -> Checked {
        self.both(text, MAX_NAME)
    }

    pub(crate) fn text(&self, text: &Text) -> Checked {
        self.both(text, MAX_TEXT)
    }

    pub(crate) fn identifier(&self, text: &str) -> Checked {
        self.plain(text, MAX_IDENTIFIER)
    }

    fn both(&self, text: &Text, most: usize) -> Checked {
        self.member("zh").plain(&text.zh, most)?;
        self.member("en").plain(&text.en, most)
    }

    fn plain(&self, text: &str, most: usize) -> Checked {
        if text.trim().is_empty() {
            self.fail("empty")
        } else if text.chars().count() > most {
            self.fail("too_long")
        } else if text.chars().any(is_deceptive) {
            self.fail("bad_character")
        } else {
            Ok(())
        }
    }

    pub(crate) fn batch(&self, text: &str) -> Checked {
        if is_batch(text) { Ok(()) } else { self.fail("bad_batch") }
    }

    /// A link that a page may offer: `https`, a plain host, no user information, nothing that needs escaping.
    pub(crate) fn url(&self, url: &str) -> Checked {
        if url.len() > MAX_URL {
            return self.fail("too_long");
        }
        let rest = url.strip_prefix("https://").unwrap_or("");
        let authority = rest.split(['/', '?', '#']).next().unwrap_or("");
        let host = authority.split_once(':').map_or(authority, |(host, _)| host);
        let host_is_plain = host.contains('.')
            && host.split('.').all(|label| !label.is_empty())
            && authority.bytes().all(|b| b.is_ascii_alphanumeric() || b"-.:".contains(&b));
        let safe = |b: u8| b.is_ascii_graphic() && !b"\"'<>\\^`{|}".contains(&b);
        if host_is_plain && url.bytes().all(safe) { Ok(()) } else { self.fail("bad_url") }
    }

    pub(crate) fn date(&self, text: &str) -> Checked {
        if days(text).is_some() { Ok(()) } else { self.fail("bad_date") }
    }

    /// The day, in China, began no later than the instant.
    pub(crate) fn not_after(&self, date: &str, instant: i64) -> Checked {
        let begins = days(date).and_then(|days| days.checked_mul(DAY_MS)?.checked_sub(CHINA_OFFSET_MS));
        match begins {
            Some(begins) if begins <= instant => Ok(()),
            Some(_) => self.fail("inspected_after_issue"),
            None => self.fail("bad_date"),
        }
    }

    pub(crate) fn instant(&self, ms: i64) -> Checked {
        if (0..=LAST_INSTANT).contains(&ms) { Ok(()) } else { self.fail("bad_instant") }
    }

    pub(crate) fn digest(&self, text: &str) -> Checked {
        let hex = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
        if text.len() == 64 && text.bytes().all(hex) { Ok(()) } else { self.fail("bad_digest") }
    }
}

/// Controls, and what reorders or hides the text around it: bidirectional controls, zero-width characters.
fn is_deceptive(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}')
}

/// Days from 1970-01-01 to a date of RFC 3339's `full-date` form, from 1970 on.
fn days(date: &str) -> Option<i64> {
    let mut parts = date.split('-');
    let mut number = |width: usize| -> Option<i64> {
        parts.next().filter(|p| p.len() == width && p.bytes().all(|b| b.is_ascii_digit()))?.parse().ok()
    };
    let (year, month, day) = (number(4)?, number(2)?, number(2)?);
    if parts.next().is_some() || year < 1970 {
        return None;
    }
    let leap = year.checked_rem(4)? == 0 && (year.checked_rem(100)? != 0 || year.checked_rem(400)? == 0);
    let february = if leap { 29 } else { 28 };
    let lengths = [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let index = usize::try_from(month.checked_sub(1)?).ok()?;
    if !(1..=*lengths.get(index)?).contains(&day) {
        return None;
    }
    let earlier = year.checked_sub(1)?;
    // Leap days before this year, less those before 1970.
    let leap_days = (earlier / 4).checked_sub(earlier / 100)?.checked_add(earlier / 400)?.checked_sub(477)?;
    let months: i64 = lengths.iter().take(index).sum();
    year.checked_sub(1970)?
        .checked_mul(365)?
        .checked_add(leap_days)?
        .checked_add(months)?
        .checked_add(day)?
        .checked_sub(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates() {
        let cases = [
            ("1970-01-01", Some(0)),
            ("1972-03-01", Some(790)),
            ("2000-02-29", Some(11_016)),
            ("2026-11-24", Some(20_781)),
            ("9999-12-31", Some(2_932_896)),
            ("2026-02-29", None),
            ("2100-02-29", None),
            ("2026-13-01", None),
            ("2026-00-01", None),
            ("2026-04-31", None),
            ("2026-04-00", None),
            ("2026-4-1", None),
            ("26-04-01", None),
            ("2026-04-01T00:00", None),
            ("2026-04-01-", None),
            ("+026-04-01", None),
            ("1969-12-31", None),
            ("２０２６-04-01", None),
            ("", None),
        ];
        for (text, expected) in cases {
            assert_eq!(days(text), expected, "{text}");
        }
    }

    #[test]
    fn urls() {
        let at = Checker::root();
        for good in ["https://a.cn", "https://www.ngtc.com.cn/q?no=1&x=%E7%90%A5#r", "https://a.b:8443/"] {
            assert_eq!(at.url(good), Ok(()), "{good}");
        }
        let long = format!("https://a.cn/{}", "x".repeat(300));
        for bad in [
            "",
            "http://a.cn",
            "HTTPS://a.cn",
            "https://",
            "https://a",
            "https://u@a.cn",
            "https://a..cn",
            "https://a.cn/ x",
            "https://a.cn/\"",
            "https://a.cn/é",
            "javascript:alert(1)",
            "//a.cn",
            "https:a.cn",
            "https://a.cn\\@b.cn",
            &long,
        ] {
            assert!(at.url(bad).is_err(), "{bad}");
        }
    }
}
