//! JSON Web Keys (RFC 7517, RFC 8037) as far as agents publish them: public keys of Ed25519, known by their thumbprints.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::VerifyingKey;
use serde::Deserialize;
use sha2::{Digest as _, Sha256};

/// The most keys of a set that are looked at.
const MOST: usize = 32;

/// A public key, and for how long its owner says that it is one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PublicKey {
    /// The key.
    pub key: VerifyingKey,
    /// From when on, in seconds since the epoch (`nbf`).
    pub not_before: Option<i64>,
    /// Until when, in seconds since the epoch (`exp`).
    pub expires: Option<i64>,
}

impl PublicKey {
    /// Its thumbprint.
    pub fn thumbprint(&self) -> String {
        thumbprint(self.key.as_bytes())
    }

    /// The key alone, as `x` has it.
    pub fn x(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.key.as_bytes())
    }
}

/// A key of 32 bytes in base64url; `None` if it is none of Ed25519, or one that anybody can sign under.
pub fn read_x(x: &str) -> Option<VerifyingKey> {
    public_key(&URL_SAFE_NO_PAD.decode(x).ok()?.try_into().ok()?)
}

/// A key of 32 bytes; `None` if it is none of Ed25519, or one that anybody can sign under.
pub fn public_key(bytes: &[u8; 32]) -> Option<VerifyingKey> {
    VerifyingKey::from_bytes(bytes).ok().filter(|key| !key.is_weak())
}

/// The thumbprint of a public key of Ed25519 (RFC 7638, RFC 8037 appendix A.3): 43 characters of base64url.
pub fn thumbprint(key: &[u8; 32]) -> String {
    let jwk = format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{}"}}"#, URL_SAFE_NO_PAD.encode(key));
    URL_SAFE_NO_PAD.encode(Sha256::digest(jwk))
}

#[derive(Deserialize)]
struct Set {
    keys: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    kty: String,
    crv: Option<String>,
    x: Option<String>,
    #[serde(rename = "use")]
    usage: Option<String>,
    nbf: Option<serde_json::Number>,
    exp: Option<serde_json::Number>,
}

/// The keys of Ed25519 in a JWK Set that may sign; others are passed over. `None` if it is no set, has more than 32 keys, or
/// none that is one.
pub fn read_set(bytes: &[u8]) -> Option<Vec<PublicKey>> {
    let set: Set = serde_json::from_slice(bytes).ok()?;
    if set.keys.len() > MOST {
        return None;
    }
    // Some directories give instants in milliseconds, which the RFC does not know: year 5138 in seconds is as far as it goes.
    let instant = |number: &Option<serde_json::Number>| {
        let number = number.as_ref()?.as_i64()?;
        Some(if number > 100_000_000_000 { number / 1000 } else { number })
    };
    let signs = |entry: &&Entry| {
        entry.kty == "OKP"
            && entry.crv.as_deref() == Some("Ed25519")
            && entry.usage.as_deref().is_none_or(|usage| usage == "sig")
    };
    let key = |entry: &Entry| {
        let key = read_x(entry.x.as_deref()?)?;
        Some(PublicKey { key, not_before: instant(&entry.nbf), expires: instant(&entry.exp) })
    };
    let keys: Vec<PublicKey> = set.keys.iter().filter(signs).filter_map(key).collect();
    (!keys.is_empty()).then_some(keys)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 8037, appendix A.2 and A.3.
    const X: &str = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
    const THUMBPRINT: &str = "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k";

    #[test]
    fn the_thumbprint_of_the_standard() {
        let key = read_x(X).unwrap();
        assert_eq!(thumbprint(key.as_bytes()), THUMBPRINT);
        assert_eq!(PublicKey { key, not_before: None, expires: None }.x(), X);
    }

    #[test]
    fn a_set_gives_keys_that_may_sign() {
        let other = r#"{"kty":"EC","crv":"P-256","x":"a","y":"b"}"#;
        let set = format!(
            r#"{{"keys":[{other},{{"kty":"OKP","crv":"Ed25519","x":"{X}","use":"sig","nbf":1700000000,"exp":1800000000000}},
               {{"kty":"OKP","crv":"Ed25519","x":"{X}","use":"enc"}},{{"kty":"OKP","crv":"Ed25519","x":"AA"}}]}}"#
        );
        let keys = read_set(set.as_bytes()).unwrap();
        assert_eq!(keys.len(), 1);
        assert_eq!((keys[0].not_before, keys[0].expires), (Some(1_700_000_000), Some(1_800_000_000)));
        for none in ["", "{}", r#"{"keys":[]}"#, r#"{"keys":{}}"#, &format!(r#"{{"keys":[{other}]}}"#)] {
            assert_eq!(read_set(none.as_bytes()), None, "{none}");
        }
    }

    #[test]
    fn a_key_that_anybody_can_sign_under_is_none() {
        let neutral = URL_SAFE_NO_PAD
            .encode([1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        assert_eq!(read_x(&neutral), None);
    }
}
