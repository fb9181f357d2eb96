//! `application/x-www-form-urlencoded` (URL Standard §5), for query strings and HTML forms.

/// Percent-decodes bytes; `None` if a `%` is not followed by two hex digits.
pub fn percent_decode(text: &str) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        if byte == b'%' {
            let high = char::from(bytes.next()?).to_digit(16)?;
            let low = char::from(bytes.next()?).to_digit(16)?;
            out.push(u8::try_from(high.wrapping_mul(16) | low).ok()?);
        } else {
            out.push(byte);
        }
    }
    Some(out)
}

/// The name-value pairs of a query or a form body. A part with a bad escape or bad UTF-8 is kept as sent, as the
/// URL Standard's parser does; the caller's own checks then refuse what they do not know.
///
/// The first 64; what must not be hidden behind others is looked for in [`decode_all_pairs`].
pub fn decode_pairs(text: &str) -> impl Iterator<Item = (String, String)> {
    decode_all_pairs(text).take(64)
}

/// The same, all of them: for texts whose length is bounded.
pub fn decode_all_pairs(text: &str) -> impl Iterator<Item = (String, String)> {
    text.split('&').filter(|part| !part.is_empty()).map(|part| {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        (decode(name), decode(value))
    })
}

fn decode(part: &str) -> String {
    if !part.bytes().any(|byte| matches!(byte, b'+' | b'%')) {
        return part.to_owned();
    }
    let spaced = part.replace('+', " ");
    match percent_decode(&spaced) {
        Some(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
        None => spaced,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs() {
        let pairs: Vec<_> = decode_pairs("a=1&b=%E8%8C%B6+x&c&=d&bad=%zz&surrogate=%ED%A0%80").collect();
        let expected = [
            ("a", "1"),
            ("b", "茶 x"),
            ("c", ""),
            ("", "d"),
            ("bad", "%zz"),
            ("surrogate", "\u{fffd}\u{fffd}\u{fffd}"),
        ];
        assert_eq!(pairs.len(), expected.len());
        for ((name, value), (n, v)) in pairs.iter().zip(expected) {
            assert_eq!((name.as_str(), value.as_str()), (n, v));
        }
    }

    #[test]
    fn percent_decoding_is_strict() {
        assert_eq!(percent_decode("%41b"), Some(b"Ab".to_vec()));
        for bad in ["%", "%4", "%4g", "%+1"] {
            assert_eq!(percent_decode(bad), None, "{bad}");
        }
    }
}
