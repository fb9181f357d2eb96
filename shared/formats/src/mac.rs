//! HMAC-SHA-256 (RFC 2104, FIPS 198-1), keys derived from a secret, truncated tags, constant-time equality.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

/// Bytes of a whole tag, and of a [`Secret`].
pub const TAG_BYTES: usize = 32;

/// SHA-256's block: a longer key is hashed first.
const BLOCK_BYTES: usize = 64;

/// 32 secret bytes. Neither `Debug` nor any error of this module shows them.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret([u8; TAG_BYTES]);

/// The text is not the unpadded base64url of 32 bytes. It says no more, because the text is a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadSecret;

/// A secret ready for use: the key blocks are hashed once, when this is made.
#[derive(Clone)]
pub struct MacKey(Hmac<Sha256>);

impl Secret {
    /// Wraps 32 bytes, which the caller drew from a cryptographic source.
    pub const fn new(bytes: [u8; TAG_BYTES]) -> Secret {
        Secret(bytes)
    }

    /// Reads unpadded base64url (RFC 4648 §5), as configuration holds it.
    ///
    /// # Errors
    /// [`BadSecret`], which names neither the text nor a part of it.
    pub fn from_base64url(text: &str) -> Result<Secret, BadSecret> {
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| BadSecret)?;
        Ok(Secret(bytes.try_into().map_err(|_| BadSecret)?))
    }

    /// The bytes, for whoever writes them into a secret store.
    pub const fn expose(&self) -> &[u8; TAG_BYTES] {
        &self.0
    }
}

impl core::fmt::Debug for Secret {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Secret(redacted)")
    }
}

impl MacKey {
    /// Prepares a secret.
    pub fn new(secret: &Secret) -> MacKey {
        MacKey(keyed(&secret.0))
    }

    /// The tag over the concatenation of the parts. Parts are not length-prefixed: a caller whose parts vary in length
    /// separates them.
    pub fn tag(&self, parts: &[&[u8]]) -> [u8; TAG_BYTES] {
        finish(self.0.clone(), parts)
    }
}

impl core::fmt::Debug for MacKey {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("MacKey(redacted)")
    }
}

/// HMAC-SHA-256 over the concatenation of the parts, with a key of any length.
pub fn hmac_sha256(key: &[u8], parts: &[&[u8]]) -> [u8; TAG_BYTES] {
    finish(keyed(key), parts)
}

/// A secret for one purpose: the first block of HKDF-Expand (RFC 5869 §2.3) with `label` as `info`. Labels name function,
/// format version and purpose (`venditor/trace/v1/tag`), so no two purposes share a key.
pub fn derive(secret: &Secret, label: &str) -> Secret {
    Secret(hmac_sha256(&secret.0, &[label.as_bytes(), &[1]]))
}

/// The leftmost `bits` of a tag (RFC 2104 §5) as a number; 64 is the most.
pub fn leftmost_u64(tag: &[u8; TAG_BYTES], bits: u32) -> u64 {
    let (head, _) = tag.split_first_chunk::<8>().unwrap_or((&[0; 8], &[]));
    let spare = 64u32.saturating_sub(bits);
    u64::from_be_bytes(*head).checked_shr(spare).unwrap_or(0)
}

/// Equality in constant time for equal lengths; a difference in length shows at once, and may.
pub fn equal(a: &[u8], b: &[u8]) -> bool {
    a.ct_eq(b).into()
}

/// Equality of two numbers in constant time.
pub fn equal_u64(a: u64, b: u64) -> bool {
    a.ct_eq(&b).into()
}

fn keyed(key: &[u8]) -> Hmac<Sha256> {
    let mut block = [0u8; BLOCK_BYTES];
    if key.len() > BLOCK_BYTES {
        let digest = Sha256::digest(key);
        block.iter_mut().zip(digest).for_each(|(to, from)| *to = from);
    } else {
        block.iter_mut().zip(key).for_each(|(to, from)| *to = *from);
    }
    // A key padded to the block is the same HMAC key, and `new` takes a block infallibly.
    Hmac::new(&block.into())
}

fn finish(mut mac: Hmac<Sha256>, parts: &[&[u8]]) -> [u8; TAG_BYTES] {
    parts.iter().for_each(|part| mac.update(part));
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::hex::hex;

    #[test]
    fn rfc_4231_vectors() {
        let cases: [(&[u8], &[u8], &str); 5] = [
            (&[0x0b; 20], b"Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"),
            (
                b"Jefe",
                b"what do ya want for nothing?",
                "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
            ),
            (&[0xaa; 20], &[0xdd; 50], "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"),
            (
                &[0xaa; 131],
                b"Test Using Larger Than Block-Size Key - Hash Key First",
                "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
            ),
            (
                &[0xaa; 131],
                b"This is a test using a larger than block-size key and a larger than block-size data. The key needs \
                  to be hashed before being used by the HMAC algorithm.",
                "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2",
            ),
        ];
        for (key, data, expected) in cases {
            assert_eq!(hex(&hmac_sha256(key, &[data])), expected);
            let (head, tail) = data.split_at(data.len() / 2);
            assert_eq!(hex(&hmac_sha256(key, &[head, tail])), expected);
        }
        // Test case 5: truncated to 128 bits.
        let tag = hmac_sha256(&[0x0c; 20], &[b"Test With Truncation"]);
        assert!(hex(&tag).starts_with("a3b6167473100ee06e0c796c2955552b"));
        assert_eq!(leftmost_u64(&tag, 64), 0xa3b6_1674_7310_0ee0);
        assert_eq!(leftmost_u64(&tag, 50), 0xa3b6_1674_7310_0ee0 >> 14);
        assert_eq!(leftmost_u64(&tag, 0), 0);
    }

    /// RFC 5869 appendix A.1: its first output block, from the PRK that it prints.
    #[test]
    fn derivation_is_hkdf_expand() {
        let prk = "077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5";
        let bytes: Vec<u8> =
            (0..32).map(|i| u8::from_str_radix(prk.get(i * 2..i * 2 + 2).unwrap(), 16).unwrap()).collect();
        let info = [0xf0u8, 0xf1, 0xf2, 0xf3, 0xf4, 0xf5, 0xf6, 0xf7, 0xf8, 0xf9];
        let okm = "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf";
        assert_eq!(hex(&hmac_sha256(&bytes, &[&info, &[1]])), okm);

        let secret = Secret::new(bytes.try_into().unwrap());
        assert_eq!(derive(&secret, "a").expose(), &hmac_sha256(secret.expose(), &[b"a\x01"]));
        assert_ne!(derive(&secret, "a"), derive(&secret, "b"));
        assert_eq!(MacKey::new(&secret).tag(&[b"x"]), hmac_sha256(secret.expose(), &[b"x"]));
    }

    #[test]
    fn secrets_are_read_strictly_and_never_shown() {
        let good = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";
        let secret = Secret::from_base64url(good).unwrap();
        assert!(secret.expose().iter().enumerate().all(|(i, &b)| usize::from(b) == i));
        assert_eq!(format!("{secret:?}{:?}", MacKey::new(&secret)), "Secret(redacted)MacKey(redacted)");
        for bad in
            ["", "AA", &format!("{good}="), &format!("{good}AA"), &good.replace('A', "+"), &good.replace('8', "9")]
        {
            assert_eq!(Secret::from_base64url(bad), Err(BadSecret), "{bad}");
        }
    }

    #[test]
    fn equality() {
        assert!(equal(b"ab", b"ab") && !equal(b"ab", b"ac") && !equal(b"ab", b"a"));
        assert!(equal_u64(7, 7) && !equal_u64(7, 7 | 1 << 63));
    }
}
