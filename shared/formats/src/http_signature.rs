//! HTTP Message Signatures (RFC 9421) on requests, with `Content-Digest` (RFC 9530): who called, and with exactly what.
//!
//! The subset: Ed25519 and HMAC-SHA-256; components without parameters; `created`, `expires`, `nonce`, `keyid`, `alg`
//! and `tag` as signature parameters. Whatever else a signature covers is refused, never skipped.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use sfv::{DictSerializer, Dictionary, InnerList, ListEntry, Parser, key_ref};
use sha2::{Digest as _, Sha256};

use crate::headers::Headers;
use crate::mac::{self, MacKey};

/// How far a caller's clock may be from ours, and how old a signature may be, in milliseconds.
pub const MAX_SKEW_MS: i64 = 300_000;

/// The longest `Signature-Input`, in bytes.
const MAX_INPUT: usize = 2048;
/// The most signatures that are looked at.
const MAX_SIGNATURES: usize = 4;

/// A key that callers' signatures verify under.
pub enum VerificationKey {
    /// RFC 8032; `alg="ed25519"`.
    Ed25519(VerifyingKey),
    /// RFC 2104; `alg="hmac-sha256"`.
    HmacSha256(MacKey),
}

/// A key that makes them.
pub enum SignatureKey<'a> {
    /// RFC 8032.
    Ed25519(&'a SigningKey),
    /// RFC 2104.
    HmacSha256(&'a MacKey),
}

/// A request as a signature sees it.
#[derive(Clone, Copy)]
pub struct Message<'a> {
    /// The method.
    pub method: &'a str,
    /// Host, and port where it is not the scheme's own, in lower case.
    pub authority: &'a str,
    /// Path as sent.
    pub path: &'a str,
    /// Query without `?`.
    pub query: &'a str,
    /// All header fields.
    pub headers: &'a Headers,
}

/// Why a request is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignatureError {
    /// No `Signature-Input`, or no `Signature`.
    Missing,
    /// One of the two is not what RFC 9421 says.
    Malformed,
    /// It covers a component, or has a parameter, outside of the subset.
    Unsupported,
    /// It does not cover this component.
    NotCovered(&'static str),
    /// It covers a header field that the request does not have.
    FieldMissing,
    /// No key of that id, or one of another algorithm.
    UnknownKey,
    /// It does not verify.
    Wrong,
    /// Made too long ago, or expired.
    Stale,
    /// Made in the future.
    Early,
    /// `Content-Digest` is missing, or has no `sha-256`.
    DigestMissing,
    /// `Content-Digest` is not the body's.
    DigestWrong,
    /// `Date` is missing or not an HTTP date.
    DateMissing,
    /// `Date` is too far from our clock.
    DateSkew,
}

impl SignatureError {
    /// A stable name, in kebab case.
    pub const fn code(self) -> &'static str {
        match self {
            SignatureError::Missing => "signature-missing",
            SignatureError::Malformed => "signature-malformed",
            SignatureError::Unsupported => "signature-unsupported",
            SignatureError::NotCovered(_) => "signature-does-not-cover",
            SignatureError::FieldMissing => "signed-field-missing",
            SignatureError::UnknownKey => "key-unknown",
            SignatureError::Wrong => "signature-wrong",
            SignatureError::Stale => "signature-stale",
            SignatureError::Early => "signature-early",
            SignatureError::DigestMissing => "content-digest-missing",
            SignatureError::DigestWrong => "content-digest-wrong",
            SignatureError::DateMissing => "date-missing",
            SignatureError::DateSkew => "date-skew",
        }
    }
}

impl fmt::Display for SignatureError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl std::error::Error for SignatureError {}

/// Verifies a request and says which key made its signature. `required` are the components that must be covered;
/// `key` finds a key by its id. The body's digest is [`check_digest`]'s, the date [`check_date`]'s.
///
/// # Errors
/// [`SignatureError`]: of the signature that came closest.
pub fn verify<'k, K>(
    message: Message<'_>,
    required: &[&'static str],
    key: impl Fn(&str) -> Option<(&'k VerificationKey, K)>,
    now_ms: i64,
) -> Result<K, SignatureError> {
    let inputs = dictionary(message.headers, "signature-input")?;
    let signatures = dictionary(message.headers, "signature")?;
    let mut closest = SignatureError::Malformed;
    for (label, input) in inputs.iter().take(MAX_SIGNATURES) {
        let (ListEntry::InnerList(input), Some(ListEntry::Item(signature))) = (input, signatures.get(label)) else {
            continue;
        };
        let Some(signature) = signature.bare_item.as_byte_sequence() else { continue };
        match verify_one(message, input, signature, required, &key, now_ms) {
            Ok(found) => return Ok(found),
            Err(error) => closest = error,
        }
    }
    Err(closest)
}

fn verify_one<'k, K>(
    message: Message<'_>,
    input: &InnerList,
    signature: &[u8],
    required: &[&'static str],
    key: &impl Fn(&str) -> Option<(&'k VerificationKey, K)>,
    now_ms: i64,
) -> Result<K, SignatureError> {
    let text = |name: &str| input.params.get(name).and_then(|value| value.as_string()).map(|value| value.as_str());
    let seconds = |name: &str| {
        let value = input.params.get(name);
        value.map(|v| v.as_integer().map(i64::from).ok_or(SignatureError::Malformed)).transpose()
    };
    let known = ["created", "expires", "nonce", "keyid", "alg", "tag"];
    if input.params.keys().any(|name| !known.contains(&name.as_str())) {
        return Err(SignatureError::Unsupported);
    }
    let base = signature_base(message, input)?;
    for component in required {
        let covers = |item: &sfv::Item| item.bare_item.as_string().is_some_and(|name| name.as_str() == *component);
        if !input.items.iter().any(covers) {
            return Err(SignatureError::NotCovered(component));
        }
    }
    let (verification, found) = text("keyid").and_then(key).ok_or(SignatureError::UnknownKey)?;
    let right = match (verification, text("alg")) {
        (VerificationKey::Ed25519(key), None | Some("ed25519")) => {
            let signature = Signature::from_slice(signature).map_err(|_| SignatureError::Wrong)?;
            key.verify_strict(base.as_bytes(), &signature).is_ok()
        }
        (VerificationKey::HmacSha256(key), None | Some("hmac-sha256")) => {
            mac::equal(&key.tag(&[base.as_bytes()]), signature)
        }
        _ => return Err(SignatureError::UnknownKey),
    };
    if !right {
        return Err(SignatureError::Wrong);
    }
    // Dates are asked last: who does not hold the key learns nothing about the clock.
    let created = seconds("created")?.ok_or(SignatureError::Stale)?.saturating_mul(1000);
    if created > now_ms.saturating_add(MAX_SKEW_MS) {
        return Err(SignatureError::Early);
    }
    let expired = seconds("expires")?.is_some_and(|expires| expires.saturating_mul(1000) < now_ms);
    if expired || created < now_ms.saturating_sub(MAX_SKEW_MS) {
        return Err(SignatureError::Stale);
    }
    Ok(found)
}

/// Checks `Content-Digest` (RFC 9530): its `sha-256` must be there and be the body's.
///
/// # Errors
/// [`SignatureError::DigestMissing`], [`SignatureError::DigestWrong`], [`SignatureError::Malformed`].
pub fn check_digest(headers: &Headers, body: &[u8]) -> Result<(), SignatureError> {
    let digests = match dictionary(headers, "content-digest") {
        Err(SignatureError::Missing) => return Err(SignatureError::DigestMissing),
        other => other?,
    };
    let Some(ListEntry::Item(item)) = digests.get("sha-256") else { return Err(SignatureError::DigestMissing) };
    let digest = item.bare_item.as_byte_sequence().ok_or(SignatureError::Malformed)?;
    if mac::equal(digest, &Sha256::digest(body)) { Ok(()) } else { Err(SignatureError::DigestWrong) }
}

/// The value of `Content-Digest` for a body.
pub fn content_digest(body: &[u8]) -> String {
    format!("sha-256=:{}:", STANDARD.encode(Sha256::digest(body)))
}

/// Checks that `Date` (RFC 9110 §6.6.1) is no more than [`MAX_SKEW_MS`] from our clock.
///
/// # Errors
/// [`SignatureError::DateMissing`], [`SignatureError::DateSkew`].
pub fn check_date(headers: &Headers, now_ms: i64) -> Result<(), SignatureError> {
    let date = headers.get("date").and_then(|value| httpdate::parse_http_date(value).ok());
    let since = date.and_then(|date| date.duration_since(std::time::UNIX_EPOCH).ok());
    let at = since.and_then(|since| i64::try_from(since.as_millis()).ok()).ok_or(SignatureError::DateMissing)?;
    if at.abs_diff(now_ms) > MAX_SKEW_MS.unsigned_abs() { Err(SignatureError::DateSkew) } else { Ok(()) }
}

/// Signs a request: the values of `Signature-Input` and `Signature`, under the label `sig1`.
///
/// # Errors
/// [`SignatureError::FieldMissing`], [`SignatureError::Unsupported`].
pub fn sign(
    message: Message<'_>,
    components: &[&str],
    keyid: &str,
    key: &SignatureKey<'_>,
    created_ms: i64,
) -> Result<(String, String), SignatureError> {
    let alg = match key {
        SignatureKey::Ed25519(_) => "ed25519",
        SignatureKey::HmacSha256(_) => "hmac-sha256",
    };
    let covered: Vec<String> = components.iter().map(|name| format!("\"{name}\"")).collect();
    let created = created_ms.div_euclid(1000);
    let input = format!("sig1=({});created={created};keyid=\"{keyid}\";alg=\"{alg}\"", covered.join(" "));
    let parsed: Dictionary = Parser::new(&input).parse().map_err(|_| SignatureError::Malformed)?;
    let Some(ListEntry::InnerList(list)) = parsed.get("sig1") else { return Err(SignatureError::Malformed) };
    let base = signature_base(message, list)?;
    let signature = match key {
        SignatureKey::Ed25519(key) => key.sign(base.as_bytes()).to_bytes().to_vec(),
        SignatureKey::HmacSha256(key) => key.tag(&[base.as_bytes()]).to_vec(),
    };
    Ok((input, format!("sig1=:{}:", STANDARD.encode(signature))))
}

/// What is signed (RFC 9421 §2.5).
fn signature_base(message: Message<'_>, input: &InnerList) -> Result<String, SignatureError> {
    let mut base = String::with_capacity(512);
    for (index, item) in input.items.iter().enumerate() {
        let name = item.bare_item.as_string().ok_or(SignatureError::Malformed)?.as_str();
        let repeated = input.items.iter().take(index).any(|earlier| earlier.bare_item == item.bare_item);
        if !item.params.is_empty() || repeated {
            return Err(SignatureError::Unsupported);
        }
        let value = component(message, name)?;
        base.push('"');
        base.push_str(name);
        base.push_str("\": ");
        base.push_str(value.trim());
        base.push('\n');
    }
    base.push_str("\"@signature-params\": ");
    base.push_str(&serialized(input)?);
    Ok(base)
}

fn component(message: Message<'_>, name: &str) -> Result<String, SignatureError> {
    match name {
        "@method" => Ok(message.method.to_owned()),
        "@authority" => Ok(message.authority.to_owned()),
        "@path" => Ok(if message.path.is_empty() { "/" } else { message.path }.to_owned()),
        "@query" => Ok(format!("?{}", message.query)),
        derived if derived.starts_with('@') => Err(SignatureError::Unsupported),
        field => message.headers.combined(field).ok_or(SignatureError::FieldMissing),
    }
}

fn serialized(input: &InnerList) -> Result<String, SignatureError> {
    let mut serializer = DictSerializer::new();
    let mut list = serializer.inner_list(key_ref("x"));
    list.items(&input.items);
    list.finish().parameters(&input.params);
    let text = serializer.finish().ok_or(SignatureError::Malformed)?;
    text.strip_prefix("x=").map(str::to_owned).ok_or(SignatureError::Malformed)
}

fn dictionary(headers: &Headers, name: &str) -> Result<Dictionary, SignatureError> {
    let value = headers.combined(name).ok_or(SignatureError::Missing)?;
    if value.len() > MAX_INPUT {
        return Err(SignatureError::Malformed);
    }
    Parser::new(&value).parse().map_err(|_| SignatureError::Malformed)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::mac::Secret;

    #[derive(Clone, Copy)]
    struct Head {
        method: &'static str,
        query: &'static str,
    }

    impl Head {
        fn message(self, headers: &Headers) -> Message<'_> {
            Message { method: self.method, authority: "example.com", path: "/foo", query: self.query, headers }
        }
    }

    /// RFC 9421 appendix B.2: the test request.
    fn request() -> (Head, Headers) {
        let head = Head { method: "POST", query: "param=Value&Pet=dog" };
        let mut headers = Headers::default();
        headers.push("host", "example.com");
        headers.push("date", "Tue, 20 Apr 2021 02:07:55 GMT");
        headers.push("content-type", "application/json");
        headers.push("content-length", "18");
        (head, headers)
    }

    const CREATED_MS: i64 = 1_618_884_473_000;

    /// RFC 9421 appendix B.1.4 and B.2.6.
    #[test]
    fn rfc_9421_ed25519() {
        let (head, mut headers) = request();
        headers.push("signature-input", r#"sig-b26=("date" "@method" "@path" "@authority" "content-type" "content-length");created=1618884473;keyid="test-key-ed25519""#);
        headers.push(
            "signature",
            "sig-b26=:wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw==:",
        );
        let public = STANDARD.decode("JrQLj5P/89iXES9+vFgrIy29clF9CC/oPPsw3c5D0bs=").unwrap();
        let key = VerificationKey::Ed25519(VerifyingKey::from_bytes(&public.try_into().unwrap()).unwrap());
        let message = head.message(&headers);
        let find = |kid: &str| (kid == "test-key-ed25519").then_some((&key, ()));
        assert_eq!(verify(message, &["@method", "@path", "date"], find, CREATED_MS), Ok(()));
        assert_eq!(verify(message, &["@query"], find, CREATED_MS), Err(SignatureError::NotCovered("@query")));
        assert_eq!(
            verify(message, &[], |_| None::<(&VerificationKey, ())>, CREATED_MS),
            Err(SignatureError::UnknownKey)
        );
        assert_eq!(verify(message, &[], find, CREATED_MS + MAX_SKEW_MS), Ok(()));
        assert_eq!(verify(message, &[], find, CREATED_MS + MAX_SKEW_MS + 1), Err(SignatureError::Stale));
        assert_eq!(verify(message, &[], find, CREATED_MS - MAX_SKEW_MS), Ok(()));
        assert_eq!(verify(message, &[], find, CREATED_MS - MAX_SKEW_MS - 1), Err(SignatureError::Early));
        let other = Head { method: "PUT", ..head };
        assert_eq!(verify(other.message(&headers), &[], find, CREATED_MS), Err(SignatureError::Wrong));
    }

    /// RFC 9421 appendix B.1.5 and B.2.5.
    #[test]
    fn rfc_9421_hmac() {
        let (head, mut headers) = request();
        headers.push(
            "signature-input",
            r#"sig-b25=("date" "@authority" "content-type");created=1618884473;keyid="test-shared-secret""#,
        );
        headers.push("signature", "sig-b25=:pxcQw6G3AjtMBQjwo8XzkZf/bws5LelbaMk5rGIGtE8=:");
        let secret = STANDARD
            .decode("uzvJfB4u3N0Jy4T7NZ75MDVcr8zSTInedJtkgcu46YW4XByzNJjxBdtjUkdJPBtbmHhIDi6pcl8jsasjlTMtDQ==")
            .unwrap();
        // A key longer than 32 bytes is not what we configure: recompute with the function beneath.
        let message = head.message(&headers);
        let inputs = dictionary(&headers, "signature-input").unwrap();
        let Some(ListEntry::InnerList(input)) = inputs.get("sig-b25") else { panic!() };
        let base = signature_base(message, input).unwrap();
        let tag = mac::hmac_sha256(&secret, &[base.as_bytes()]);
        assert_eq!(STANDARD.encode(tag), "pxcQw6G3AjtMBQjwo8XzkZf/bws5LelbaMk5rGIGtE8=");
    }

    /// RFC 9530 appendix D: the digest of the same body.
    #[test]
    fn digests() {
        let body = br#"{"hello": "world"}"#;
        let mut headers = Headers::default();
        assert_eq!(check_digest(&headers, body), Err(SignatureError::DigestMissing));
        headers.push("content-digest", "sha-512=:AA==:");
        assert_eq!(check_digest(&headers, body), Err(SignatureError::DigestMissing));
        headers.push("content-digest", "sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:");
        assert_eq!(check_digest(&headers, body), Ok(()));
        assert_eq!(check_digest(&headers, b"{}"), Err(SignatureError::DigestWrong));
        assert_eq!(content_digest(body), "sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:");
    }

    #[test]
    fn dates() {
        let (_, headers) = request();
        let at = 1_618_884_475_000;
        assert_eq!(check_date(&headers, at + MAX_SKEW_MS), Ok(()));
        assert_eq!(check_date(&headers, at + MAX_SKEW_MS + 1), Err(SignatureError::DateSkew));
        assert_eq!(check_date(&headers, at - MAX_SKEW_MS - 1), Err(SignatureError::DateSkew));
        assert_eq!(check_date(&Headers::default(), at), Err(SignatureError::DateMissing));
    }

    #[test]
    fn what_we_sign_verifies_and_nothing_else_does() {
        let signing = SigningKey::from_bytes(&[7; 32]);
        let secret = MacKey::new(&Secret::new([9; 32]));
        let keys = [
            (SignatureKey::Ed25519(&signing), VerificationKey::Ed25519(signing.verifying_key())),
            (SignatureKey::HmacSha256(&secret), VerificationKey::HmacSha256(MacKey::new(&Secret::new([9; 32])))),
        ];
        for (signer, verifier) in &keys {
            let (head, mut headers) = request();
            let message = head.message(&headers);
            let components = ["@method", "@path", "@query", "date"];
            let (input, signature) = sign(message, &components, "k", signer, CREATED_MS).unwrap();
            headers.push("signature-input", &input);
            headers.push("signature", &signature);
            let find = |_: &str| Some((verifier, ()));
            let verify = |head: Head, headers: &Headers| verify(head.message(headers), &["@path"], find, CREATED_MS);
            assert_eq!(verify(head, &headers), Ok(()));
            let mut second = headers.clone();
            second.push("date", "x");
            assert_eq!(verify(head, &second), Err(SignatureError::Wrong));
            let moved = Head { query: "param=value", ..head };
            assert_eq!(verify(moved, &headers), Err(SignatureError::Wrong));
        }
    }

    #[test]
    fn what_is_outside_of_the_subset_is_refused() {
        let key = VerificationKey::HmacSha256(MacKey::new(&Secret::new([9; 32])));
        let cases = [
            (r#"a=("@status");keyid="k""#, SignatureError::Unsupported),
            (r#"a=("date";sf);keyid="k""#, SignatureError::Unsupported),
            (r#"a=("date" "date");keyid="k""#, SignatureError::Unsupported),
            (r#"a=("date");keyid="k";context=1"#, SignatureError::Unsupported),
            (r#"a=("x-none");keyid="k""#, SignatureError::FieldMissing),
            (r#"a=(date);keyid="k""#, SignatureError::Malformed),
            (r#"b=("date");keyid="k""#, SignatureError::Malformed),
            ("a=1", SignatureError::Malformed),
            ("(", SignatureError::Malformed),
        ];
        for (input, expected) in cases {
            let (head, mut headers) = request();
            headers.push("signature-input", input);
            headers.push("signature", "a=:AA==:");
            let found = verify(head.message(&headers), &[], |_| Some((&key, ())), CREATED_MS);
            assert_eq!(found, Err(expected), "{input}");
        }
        let (head, headers) = request();
        let none = verify(head.message(&headers), &[], |_| Some((&key, ())), CREATED_MS);
        assert_eq!(none, Err(SignatureError::Missing));
    }
}
