//! Text of bytes that do not say what encoding they are in: UTF-8, else GBK, in which many codes are still made.

/// The first values of a pair's bytes, and how many there are of the second.
const FIRST: usize = 0x81;
const SECOND: usize = 0x40;
const SECONDS: usize = 0xFF - SECOND;
/// What each pair says, little-endian; 0: nothing.
const PAIRS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/gbk.bin"));

/// The text of bytes; `None` if they are of neither encoding.
pub fn text(bytes: &[u8]) -> Option<String> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Some(text.to_owned()),
        Err(_) => gbk(bytes),
    }
}

fn gbk(bytes: &[u8]) -> Option<String> {
    let (pairs, _) = PAIRS.as_chunks::<2>();
    let mut text = String::with_capacity(bytes.len());
    let mut rest = bytes.iter();
    while let Some(first) = rest.next() {
        if first.is_ascii() {
            text.push(char::from(*first));
            continue;
        }
        let first = usize::from(*first).checked_sub(FIRST)?;
        let second = usize::from(*rest.next()?).checked_sub(SECOND).filter(|second| *second < SECONDS)?;
        let code = pairs.get(first * SECONDS + second).map_or(0, |pair| u16::from_le_bytes(*pair));
        text.push(char::from_u32(u32::from(code)).filter(|_| code != 0)?);
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_of_both_encodings() {
        assert_eq!(text("加微信 zs8866".as_bytes()).as_deref(), Some("加微信 zs8866"));
        assert_eq!(text(b"\xBC\xD3\xCE\xA2\xD0\xC5 zs8866").as_deref(), Some("加微信 zs8866"));
        // A character of GBK that GB 2312 has not, and the ends of the table.
        assert_eq!(text(b"\x98\xC5\xA1\xA1\x81\x40").as_deref(), Some("樑\u{3000}丂"));
        for bytes in [&b"\xFF\xFF"[..], b"\x80", b"\xBC", b"\xBC\x20", b"\xA2\xA0\xFE\xFE"] {
            assert_eq!(text(bytes), None, "{bytes:?}");
        }
    }
}
