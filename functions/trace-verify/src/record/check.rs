//! Checks on the members of signed documents, each naming its place.

use shared::lang::Text;
use shared::visible;

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
/// The longest telephone number, in characters.
pub const MAX_TELEPHONE: usize = 32;
/// Digits of a telephone number: from `110` to the most of ITU-T E.164 with an international prefix.
const TELEPHONE_DIGITS: core::ops::RangeInclusive<usize> = 3..=18;

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
        self.bounded(text, most)?;
        if visible::hidden(text).is_some() { self.fail("bad_character") } else { Ok(()) }
    }

    /// A text of a warning, as it is read: what was signed by the rules of an earlier build goes on warning. Whoever signs
    /// one checks it by [`Checker::text`] and its like as well.
    pub(crate) fn warning(&self, text: &Text) -> Checked {
        self.member("zh").legible(&text.zh, MAX_TEXT)?;
        self.member("en").legible(&text.en, MAX_TEXT)
    }

    pub(crate) fn legible_identifier(&self, text: &str) -> Checked {
        self.legible(text, MAX_IDENTIFIER)
    }

    fn legible(&self, text: &str, most: usize) -> Checked {
        self.bounded(text, most)?;
        if text.chars().any(is_deceptive) { self.fail("bad_character") } else { Ok(()) }
    }

    fn bounded(&self, text: &str, most: usize) -> Checked {
        if text.trim().is_empty() {
            self.fail("empty")
        } else if text.chars().count() > most {
            self.fail("too_long")
        } else {
            Ok(())
        }
    }

    pub(crate) fn batch(&self, text: &str) -> Checked {
        if is_batch(text) { Ok(()) } else { self.fail("bad_batch") }
    }

    /// A link that a page may offer, and that a browser opens as it stands: `https`, a host, perhaps a port, no user
    /// information, nothing that needs escaping. A test holds it to the URL Standard by a library.
    pub(crate) fn url(&self, url: &str) -> Checked {
        if url.len() > MAX_URL {
            return self.fail("too_long");
        }
        let rest = url.strip_prefix("https://").unwrap_or("");
        let authority = rest.split(['/', '?', '#']).next().unwrap_or("");
        let (host, port) = authority.split_once(':').map_or((authority, None), |(host, port)| (host, Some(port)));
        let safe = |b: u8| b.is_ascii_graphic() && !b"\"'<>\\^`{|}".contains(&b);
        let is_host = is_name(host) || host.parse::<core::net::Ipv4Addr>().is_ok();
        if is_host && port.is_none_or(is_port) && url.bytes().all(safe) { Ok(()) } else { self.fail("bad_url") }
    }

    /// A number that a person can dial: digits, perhaps `+` before them, and between them blanks, hyphens, brackets.
    pub(crate) fn telephone(&self, text: &str) -> Checked {
        let digits = text.bytes().filter(u8::is_ascii_digit).count();
        let rest = text.strip_prefix('+').unwrap_or(text);
        let looks = rest.bytes().all(|b| b.is_ascii_digit() || b" -()".contains(&b))
            && rest.starts_with(|c: char| c.is_ascii_digit() || c == '(')
            && rest.ends_with(|c: char| c.is_ascii_digit());
        let (opened, closed) = (rest.matches('(').count(), rest.matches(')').count());
        let fits = (TELEPHONE_DIGITS).contains(&digits) && text.len() <= MAX_TELEPHONE && opened == closed;
        if looks && fits { Ok(()) } else { self.fail("bad_telephone") }
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

/// A registered name, as browsers ask for it: labels of letters, digits and hyphens (RFC 1123 §2.1). The last has a letter:
/// what ends in a number is an address to a browser, or nothing.
fn is_name(host: &str) -> bool {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    let last = host.rsplit('.').next().unwrap_or_default();
    host.len() <= 253 && host.contains('.') && host.split('.').all(label) && is_top(last)
}

/// A top-level domain: letters, or one in another script as it is asked for.
fn is_top(label: &str) -> bool {
    label.bytes().all(|b| b.is_ascii_alphabetic()) || label.get(..4).is_some_and(|xn| xn.eq_ignore_ascii_case("xn--"))
}

fn is_port(port: &str) -> bool {
    port.bytes().all(|b| b.is_ascii_digit()) && port.parse::<u16>().is_ok_and(|number| number > 0)
}

/// What builds refused before [`visible`]: controls, bidirectional controls, zero-width characters.
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
    #![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]
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
        let opens = |url: &str| {
            let parsed = url::Url::parse(url).ok()?;
            let host = parsed.host_str()?.to_owned();
            let plain = parsed.scheme() == "https" && parsed.username().is_empty() && parsed.password().is_none();
            plain.then_some(host)
        };
        for good in [
            "https://a.cn",
            "https://www.ngtc.com.cn/q?no=1&x=%E7%90%A5#r",
            "https://a.b:8443/",
            "https://A.Cn/",
            "https://1.cn",
            "https://xn--fsqu00a.xn--fiqs8s/x",
            "https://a.cn?q",
            "https://192.0.2.1/",
        ] {
            assert_eq!(at.url(good), Ok(()), "{good}");
            let host = opens(good).unwrap();
            assert!(good.to_ascii_lowercase().contains(&host), "a browser goes to the host that is written: {good}");
        }
        let long = format!("https://a.cn/{}", "x".repeat(300));
        let label = format!("https://{}.cn/", "a".repeat(64));
        for bad in [
            "",
            "http://a.cn",
            "HTTPS://a.cn",
            "https://",
            "https://a",
            "https://u@a.cn",
            "https://u:p@a.cn",
            "https://a..cn",
            "https://a.cn.",
            "https://a.cn/ x",
            "https://a.cn/\"",
            "https://a.cn/é",
            "https://a.cn/\u{7f}",
            "https://a.cn/\u{2028}",
            "https://例子.cn/",
            "javascript:alert(1)",
            "//a.cn",
            "https:a.cn",
            "https:/a.cn",
            "https://a.cn\\@b.cn",
            "https://-a.cn",
            "https://a-.cn",
            "https://a_b.cn",
            "https://1.2",
            "https://192.0.2.256/",
            "https://192.0.02.1/",
            "https://0xc0.0.2.1/",
            "https://a.1",
            "https://a.0x7f",
            "https://[::1]/",
            "https://a.cn:/",
            "https://a.cn:0/",
            "https://a.cn:65536/",
            "https://a.cn:8443:1/",
            "https://a.cn:x/",
            "https://%61.cn/",
            &label,
            &long,
        ] {
            assert!(at.url(bad).is_err(), "{bad}");
        }
    }

    /// Texts over the characters that make or break a URL: whatever is taken, a browser opens at the host that is written.
    #[test]
    fn what_is_taken_a_browser_opens() {
        let parts = ["a", "b-", "-", ".", ".cn", "1", ":", "443", "/", "@", "%41", "?", "#", "xn--", "0x1", "[", "]"];
        let mut seed = 9u32;
        let mut taken = 0;
        for _ in 0..200_000 {
            let mut url = "https://".to_owned();
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            for _ in 0..=(seed >> 16) % 9 {
                seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                url.push_str(parts[usize::try_from(seed >> 16).unwrap() % parts.len()]);
            }
            // What a label in another script spells is for whoever signs to look up (`venditor`): that takes tables.
            if url.contains("xn--") || Checker::root().url(&url).is_err() {
                continue;
            }
            taken += 1;
            let parsed = url::Url::parse(&url).unwrap_or_else(|e| panic!("{url}: {e}"));
            assert!(parsed.host_str().is_some_and(|host| url.contains(host)), "{url}");
            assert!(parsed.username().is_empty() && parsed.password().is_none(), "{url}");
        }
        assert!(taken > 1_000, "{taken}");
    }

    #[test]
    fn telephones() {
        let at = Checker::root();
        for good in ["12315", "400-820-8820", "+86 571 8888 8888", "(0571) 8888-8888", "+86 (571) 8888 8888", "110"] {
            assert_eq!(at.telephone(good), Ok(()), "{good}");
        }
        for bad in [
            "",
            "12",
            "+",
            "++86 1234",
            "400-820-8820;ext=1",
            "tel:12315",
            "１２３１５",
            "12315\n",
            "-12315",
            "12315-",
            "(12315",
            "1234567890123456789",
            "12315 转 2",
            "12\u{200b}315",
        ] {
            assert_eq!(at.telephone(bad).unwrap_err().code, "bad_telephone", "{bad}");
        }
    }
}
