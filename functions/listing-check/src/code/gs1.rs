//! GS1: the check digit of a GTIN, element strings and Digital Links (GS1 General Specifications, GS1 Digital Link
//! Standard: URI Syntax).

use super::{Code, mobile, number};

/// The resolver of GS1 itself.
const RESOLVER: &str = "id.gs1.org";
/// Parts of an element string begin with it where their length is not known beforehand.
const GROUP: char = '\u{1d}';
/// The longest element string that is looked at, in bytes.
const LONGEST: usize = 512;

/// Whether digits are a GTIN (of 8, 12, 13 or 14 digits) with the right check digit.
pub(super) fn gtin(digits: &str) -> bool {
    matches!(digits.len(), 8 | 12 | 13 | 14) && checked(digits)
}

/// Whether the last digit is the check digit of those before it: weights 3 and 1 from the right.
fn checked(digits: &str) -> bool {
    let weighed = digits.bytes().rev().zip([1_u32, 3].into_iter().cycle());
    number(digits)
        && weighed
            .fold(0_u32, |sum, (b, weight)| sum.wrapping_add(u32::from(b.wrapping_sub(b'0')).wrapping_mul(weight)))
            .is_multiple_of(10)
}

/// What is known of an application identifier: its digits, the least and the most characters of its value, whether they are
/// digits, and whether its length is known beforehand.
type Known = (usize, usize, bool);

/// The values of an application identifier of goods; `None`: it is none of theirs (addresses and numbers of people among
/// them).
fn known(ai: &str) -> Option<Known> {
    Some(match ai {
        "00" => (18, 18, true),
        "01" | "02" | "03" => (14, 14, true),
        "11" | "12" | "13" | "15" | "16" | "17" => (6, 6, true),
        "20" => (2, 2, true),
        "10" | "21" | "22" | "243" | "254" | "8008" => (1, 20, false),
        "235" => (1, 28, false),
        "30" | "37" => (1, 8, true),
        "240" | "241" | "250" | "251" | "400" | "403" => (1, 30, false),
        "242" => (1, 6, true),
        "253" => (13, 30, false),
        "414" | "415" | "416" | "417" => (13, 13, true),
        "422" | "424" | "426" => (3, 3, true),
        "7003" => (10, 10, true),
        "8004" => (1, 30, false),
        "8005" => (6, 6, true),
        "8006" => (18, 18, true),
        _ if ai.len() == 4 && number(ai) && matches!(ai.as_bytes(), [b'3', b'1'..=b'6', ..]) => (6, 6, true),
        _ if ai.len() == 2 && ai.starts_with('9') && number(ai) => (1, 30, false),
        _ => return None,
    })
}

/// Whether a value fits its identifier, and its check digit is right.
fn fits(ai: &str, value: &str) -> bool {
    let Some((least, most, digits)) = known(ai) else { return false };
    let allowed = |b: u8| b.is_ascii_alphanumeric() || b"!\"%&'()*+,-./:;<=>?_#@".contains(&b);
    let right = match ai {
        "00" | "01" | "02" => checked(value),
        "253" => value.get(..13).is_some_and(checked),
        _ => true,
    };
    (least..=most).contains(&value.len()) && (!digits || number(value)) && value.bytes().all(allowed) && right
}

/// Parts of an element string, each its identifier and its value: in brackets as people read it, or as scanners send it.
/// `None`: it is no element string of goods.
pub(super) fn element_string(text: &str) -> Option<Code> {
    if text.len() > LONGEST || !text.is_ascii() {
        return None;
    }
    let parts = if text.starts_with('(') { bracketed(text) } else { plain(text) }?;
    let key = parts.iter().any(|(ai, _)| matches!(*ai, "00" | "01" | "02" | "8006" | "253"));
    if !key || !parts.iter().all(|(ai, value)| fits(ai, value)) {
        return None;
    }
    // What may hold anything holds no number to call.
    let free = parts.iter().any(|(ai, value)| known(ai).is_some_and(|(.., digits)| !digits) && mobile(value));
    Some(if free { Code::Leads(crate::contact::Kind::Phone) } else { Code::Goods })
}

fn bracketed(text: &str) -> Option<Vec<(&str, &str)>> {
    let parts = text.strip_prefix('(')?.split('(');
    parts.map(|part| part.split_once(')').filter(|(ai, _)| (2..=4).contains(&ai.len()) && number(ai))).collect()
}

fn plain(text: &str) -> Option<Vec<(&str, &str)>> {
    let symbology = ["]Q3", "]d2", "]C1", "]e0", "]J1"].into_iter().find_map(|sign| text.strip_prefix(sign));
    let mut rest = symbology.unwrap_or(text);
    // Digits alone, of the length of a GTIN or of any other number, say nothing without what follows.
    let marked = symbology.is_some() || rest.starts_with(GROUP);
    let mut parts = Vec::new();
    loop {
        rest = rest.trim_start_matches(GROUP);
        if rest.is_empty() {
            break;
        }
        let ai = (2..=4).filter_map(|len| rest.get(..len)).find(|ai| known(ai).is_some())?;
        let (_, most, _) = known(ai)?;
        let value = rest.get(ai.len()..)?;
        let to = if fixed(ai) { most } else { value.find(GROUP).unwrap_or(value.len()) };
        parts.push((ai, value.get(..to)?));
        rest = value.get(to..)?;
    }
    (marked || parts.len() > 1 || matches!(parts.first(), Some(("01", _)))).then_some(parts)
}

/// Whether a value's end is known by its length (GS1 General Specifications, 7.8.5).
fn fixed(ai: &str) -> bool {
    matches!(ai, "00" | "01" | "02" | "03" | "11" | "12" | "13" | "15" | "16" | "17" | "20")
        || matches!(ai.as_bytes(), [b'3', b'1'..=b'6', _, _] | [b'4', b'1', _])
}

/// A Digital Link of goods; `None`: it is another address, or none.
pub(super) fn link(text: &str) -> Option<Code> {
    let (scheme, rest) = text.split_once("://")?;
    if !(scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https")) || text.len() > LONGEST {
        return None;
    }
    let (host, path) = rest.split_once('/')?;
    if !host.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-')) || !host.contains('.') {
        return None;
    }
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let parts: Vec<&str> = path.strip_suffix('/').unwrap_or(path).split('/').collect();
    // The key, behind whatever way the host has to it.
    let begins = parts.iter().rposition(|part| matches!(name(part), "01" | "8004" | "253"))?;
    let pairs = parts.get(begins..)?;
    if !pairs.len().is_multiple_of(2) {
        return None;
    }
    let mut key = String::new();
    for (n, pair) in pairs.chunks(2).enumerate() {
        let [ai, value] = pair else { return None };
        let ai = name(ai);
        let padded = if ai == "01" && gtin(value) { format!("{value:0>14}") } else { (*value).to_owned() };
        let qualifies = n == 0 || matches!(ai, "22" | "10" | "21" | "235");
        if !qualifies || !fits(ai, &padded) || mobile(value) {
            return None;
        }
        if n == 0 && ai == "01" {
            key = padded;
        }
    }
    let told = |pair: &str| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let kind = name.eq_ignore_ascii_case("linktype") || name.eq_ignore_ascii_case("lang");
        kind && value.len() <= 40 || fits(name, value) && !mobile(value)
    };
    if !query.is_empty() && !query.split('&').all(told) {
        return None;
    }
    Some(if host.eq_ignore_ascii_case(RESOLVER) { Code::Goods } else { Code::GoodsLink(key) })
}

/// An identifier by its digits, also where it is written in letters.
fn name(part: &str) -> &str {
    match part {
        "gtin" => "01",
        "cpv" => "22",
        "lot" => "10",
        "ser" => "21",
        "giai" => "8004",
        "gdti" => "253",
        other => other,
    }
}
