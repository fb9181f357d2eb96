//! Weights of what a client would rather have (RFC 9110 §12.4.2).

/// The most items of a list that are read: nobody sends as many, and a longer one costs nothing.
const MAX_ITEMS: usize = 32;

/// The items of `Accept`, `Accept-Language` and their like, each with its weight in thousandths. An item whose weight is
/// malformed is passed over, as if it were not there: an answer must not fail over a preference, nor be ruled by one.
pub fn weighted(field: &str) -> impl Iterator<Item = (&str, u16)> {
    field.split(',').take(MAX_ITEMS).filter_map(|item| {
        let mut parts = item.split(';');
        let name = parts.next().unwrap_or_default().trim();
        let weight = parts.find_map(|part| {
            let (key, value) = part.split_once('=')?;
            key.trim().eq_ignore_ascii_case("q").then_some(value)
        });
        Some((name, weight.map_or(Some(1000), thousandths)?))
    })
}

/// `0`, `1`, or up to three digits behind a point; nothing else is a weight.
fn thousandths(text: &str) -> Option<u16> {
    let (whole, fraction) = text.trim().split_once('.').unwrap_or((text.trim(), ""));
    if fraction.len() > 3 || !fraction.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let digits = fraction.bytes().chain(*b"000").take(3);
    let thousandths =
        digits.fold(0u16, |sum, b| sum.saturating_mul(10).saturating_add(u16::from(b.wrapping_sub(b'0'))));
    match whole {
        "0" => Some(thousandths),
        "1" if thousandths == 0 => Some(1000),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_are_thousandths() {
        for (text, expected) in [
            ("0", 0),
            ("0.", 0),
            ("0.5", 500),
            ("0.05", 50),
            ("0.123", 123),
            ("1", 1000),
            ("1.000", 1000),
            (" 0.1 ", 100),
        ] {
            assert_eq!(thousandths(text), Some(expected), "{text}");
        }
        // What a parser of floating-point numbers would take, among others.
        for bad in ["2", "-1", "1e-1", "", ".5", "0.1234", "1.5", "1.001", "0,5", "00.5", "+0.5", "inf", "x"] {
            assert_eq!(thousandths(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_malformed_weight_takes_its_item_away() {
        let items: Vec<_> = weighted("a, b;q=0.5 ,c;x=1;Q=0.2,d;q=2,e; q = 0").collect();
        assert_eq!(items, [("a", 1000), ("b", 500), ("c", 200), ("e", 0)]);
        assert_eq!(weighted("").collect::<Vec<_>>(), [("", 1000)]);
        assert_eq!(weighted(&"a,".repeat(500)).count(), MAX_ITEMS);
    }
}
