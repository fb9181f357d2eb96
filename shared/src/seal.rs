//! What a function hands out and believes when it comes back: sealed with HMAC-SHA256 (RFC 2104), under keys with ids.
//!
//! A sealed text is `kid.payload.tag`, the last two in base64url. The tag covers the purpose, so that none stands in for
//! another. **Deliberately absent: secrecy.** What is sealed can be read by whoever holds it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::mac::{MacKey, Secret, derive, equal};

/// Bytes of a tag that are kept: 128 bits.
const TAG: usize = 16;

/// The keys: the first seals, all open. So a key is replaced by putting another before it, and taken away once what it
/// sealed has expired.
pub struct Keys(Vec<Key>);

struct Key {
    kid: String,
    seals: MacKey,
    counts: MacKey,
}

impl Keys {
    /// Reads `kid:secret[,…]`; ids of up to 16 lower-case letters and digits, secrets of 32 bytes in base64url. `space`
    /// names the function and its version, such as `venditor/screen/v1`: one secret in two spaces is two keys.
    ///
    /// # Errors
    /// What is wanted; never a part of the text.
    pub fn parse(text: &str, space: &str) -> Result<Keys, String> {
        let mut keys: Vec<Key> = Vec::new();
        for (place, entry) in text.split(',').map(str::trim).filter(|entry| !entry.is_empty()).enumerate() {
            let wrong = || format!("kid:secret, comma-separated; fault at entry {}", place.saturating_add(1));
            let (kid, secret) = entry.split_once(':').ok_or_else(wrong)?;
            let is_id = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
            let twice = keys.iter().any(|key| key.kid == kid);
            if kid.is_empty() || kid.len() > 16 || !kid.bytes().all(is_id) || twice {
                return Err(wrong());
            }
            let secret = Secret::from_base64url(secret).map_err(|_| wrong())?;
            let key = |label: &str| MacKey::new(&derive(&secret, &format!("{space}/{label}")));
            keys.push(Key { kid: kid.to_owned(), seals: key("seal"), counts: key("count") });
        }
        if keys.is_empty() { Err("at least one kid:secret".to_owned()) } else { Ok(Keys(keys)) }
    }

    /// Seals a payload for a purpose, which is separated from the payload by the caller (a zero byte at its end).
    pub fn seal(&self, purpose: &[u8], payload: &[u8]) -> String {
        let Some(key) = self.0.first() else { return String::new() };
        let tag = key.seals.tag(&[purpose, payload]);
        let tag = tag.get(..TAG).unwrap_or_default();
        format!("{}.{}.{}", key.kid, URL_SAFE_NO_PAD.encode(payload), URL_SAFE_NO_PAD.encode(tag))
    }

    /// The payload of a sealed text; none if it was not sealed here, for this.
    pub fn open(&self, purpose: &[u8], text: &str) -> Option<Vec<u8>> {
        let (kid, rest) = text.split_once('.')?;
        let (payload, tag) = rest.split_once('.')?;
        let key = self.0.iter().find(|key| key.kid == kid)?;
        let payload = URL_SAFE_NO_PAD.decode(payload).ok()?;
        let tag = URL_SAFE_NO_PAD.decode(tag).ok()?;
        let wanted = key.seals.tag(&[purpose, &payload]);
        equal(&tag, wanted.get(..TAG).unwrap_or_default()).then_some(payload)
    }

    /// The name under which something is counted: 128 bits in hex, from which nobody without the key learns an address
    /// or an account.
    pub fn counted(&self, what: &str, value: &str) -> String {
        let tag = self.0.first().map(|key| key.counts.tag(&[what.as_bytes(), b"\0", value.as_bytes()]));
        let tag = tag.unwrap_or_default();
        crate::hex::hex(tag.get(..TAG).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(kids: &[&str]) -> Keys {
        let entry = |kid: &&str| format!("{kid}:{}", URL_SAFE_NO_PAD.encode([kid.len() as u8; 32]));
        Keys::parse(&kids.iter().map(entry).collect::<Vec<_>>().join(","), "test/v1").unwrap()
    }

    #[test]
    fn only_what_was_sealed_here_for_this_opens() {
        let both = keys(&["b1", "a"]);
        let sealed = both.seal(b"pass\0", b"payload");
        assert_eq!(both.open(b"pass\0", &sealed).as_deref(), Some(&b"payload"[..]));
        assert_eq!(both.open(b"challenge\0", &sealed), None);
        assert_eq!(keys(&["a"]).open(b"pass\0", &sealed), None, "the key is gone");
        assert!(keys(&["a", "b1"]).open(b"pass\0", &sealed).is_some(), "another key seals by now");
        for at in 0..sealed.len() {
            let mut bytes = sealed.clone().into_bytes();
            bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
            let text = String::from_utf8(bytes).unwrap();
            // The last characters of base64 have bits that mean nothing; the decoder refuses those that are set.
            assert_eq!(both.open(b"pass\0", &text), None, "{text}");
        }
        for bad in ["", ".", "..", "a..", "b1.cGF5bG9hZA", "b1.cGF5bG9hZA."] {
            assert_eq!(both.open(b"pass\0", bad), None, "{bad}");
        }
        assert_ne!(both.counted("address", "x"), both.counted("account", "x"));
        let secret = URL_SAFE_NO_PAD.encode([7; 32]);
        let other = |space| Keys::parse(&format!("a:{secret}"), space).unwrap();
        assert_eq!(other("one/v1").open(b"pass\0", &other("two/v1").seal(b"pass\0", b"payload")), None);
    }

    #[test]
    fn keys_have_ids_and_whole_secrets() {
        let secret = URL_SAFE_NO_PAD.encode([7; 32]);
        for bad in [
            String::new(),
            "a".to_owned(),
            "a:short".to_owned(),
            format!("A:{secret}"),
            format!(":{secret}"),
            format!("a:{secret},a:{secret}"),
            format!("a:{secret}x"),
        ] {
            assert!(Keys::parse(&bad, "test/v1").is_err(), "{bad}");
        }
    }
}
