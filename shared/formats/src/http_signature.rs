//! HTTP Message Signatures (RFC 9421) on requests, with `Content-Digest` (RFC 9530): who called, and with exactly what.
//!
//! The subset: Ed25519 and HMAC-SHA-256; the components and their parameters that [`Extent`] lists; `created`,
//! `expires`, `nonce`, `keyid`, `alg` and `tag` as signature parameters. Whatever else a signature covers is refused,
//! never skipped. What an application wants besides is its [`Profile`].

use std::fmt;

use ed25519_dalek::{Signature, VerifyingKey};
use sfv::{DictSerializer, Dictionary, InnerList, ListEntry, Parser, key_ref};

use crate::headers::Headers;
use crate::mac::{self, MacKey};

mod component;
mod fields;
mod profile;
mod sign;

pub use component::{Component, Extent};
pub use fields::{check_date, check_digest, content_digest};
pub use profile::{Algorithm, MAX_SKEW_MS, Presence, Profile, Requirement};
pub use sign::{Parameters, SignatureKey, sign, sign_with};

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

impl VerificationKey {
    /// What it verifies.
    pub const fn algorithm(&self) -> Algorithm {
        match self {
            VerificationKey::Ed25519(_) => Algorithm::Ed25519,
            VerificationKey::HmacSha256(_) => Algorithm::HmacSha256,
        }
    }
}

/// A request as a signature sees it.
#[derive(Clone, Copy)]
pub struct Message<'a> {
    /// The method.
    pub method: &'a str,
    /// `https`, `http`.
    pub scheme: &'a str,
    /// Host, and port where it is not the scheme's own, in lower case.
    pub authority: &'a str,
    /// Path as sent.
    pub path: &'a str,
    /// Query without `?`.
    pub query: &'a str,
    /// All header fields.
    pub headers: &'a Headers,
}

/// A signature that verified: what it said, and under which key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified<K> {
    /// Its label.
    pub label: String,
    /// The key's id.
    pub keyid: String,
    /// How it was made.
    pub algorithm: Algorithm,
    /// When, milliseconds since the epoch.
    pub created_ms: i64,
    /// When it expires, milliseconds since the epoch.
    pub expires_ms: Option<i64>,
    /// What makes it like no other. Whether it was used before is for the caller to know.
    pub nonce: Option<String>,
    /// What it is for.
    pub tag: Option<String>,
    /// What it covers, as `Signature-Input` spells it: `"@path"`, `"signature-agent";key="a"`.
    pub covered: Vec<String>,
    /// What was found with the key.
    pub key: K,
}

/// What a signature says before it is verified: enough to find its key, and nothing to believe.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// Its label.
    pub label: String,
    /// The key's id.
    pub keyid: Option<String>,
    /// What it covers, as `Signature-Input` spells it.
    pub covered: Vec<String>,
}

/// Why a request is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignatureError {
    /// No `Signature-Input`, no `Signature`, or none with the label and tag that are wanted.
    Missing,
    /// One of the two is not what RFC 9421 says.
    Malformed,
    /// It covers a component, or has a parameter, outside of the subset.
    Unsupported,
    /// It does not cover this component.
    NotCovered(Component),
    /// It covers a header field that the request does not have.
    FieldMissing,
    /// It lacks this parameter.
    ParameterMissing(&'static str),
    /// No key of that id, or one of another algorithm.
    UnknownKey,
    /// It does not verify.
    Wrong,
    /// Made too long ago, or expired, or made to be good for too long.
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
            SignatureError::ParameterMissing(_) => "signature-parameter-missing",
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

/// Verifies a request and returns the first signature that is what the profile wants. `key` finds a key by its id, and
/// whatever goes with it. The body's digest is [`check_digest`]'s, the date [`check_date`]'s.
///
/// # Errors
/// [`SignatureError`]: of the last signature that was looked at.
pub fn verify<'k, K>(
    message: Message<'_>,
    profile: &Profile,
    key: impl Fn(&str) -> Option<(&'k VerificationKey, K)>,
    now_ms: i64,
) -> Result<Verified<K>, SignatureError> {
    let inputs = dictionary(message.headers, "signature-input")?;
    let signatures = dictionary(message.headers, "signature")?;
    let mut closest = if profile.selects() { SignatureError::Missing } else { SignatureError::Malformed };
    for (label, input) in wanted(&inputs, profile) {
        let signature = match signatures.get(label) {
            Some(ListEntry::Item(item)) => item.bare_item.as_byte_sequence(),
            _ => None,
        };
        let (Some(input), Some(signature)) = (component::components(input), signature) else {
            if closest == SignatureError::Missing {
                closest = SignatureError::Malformed;
            }
            continue;
        };
        match verify_one(message, Labelled { label, input, signature }, profile, &key, now_ms) {
            Ok(found) => return Ok(found),
            Err(error) => closest = error,
        }
    }
    Err(closest)
}

/// What the signatures of a request say that a profile would look at: for whoever must fetch a key before verifying.
///
/// # Errors
/// [`SignatureError::Missing`], [`SignatureError::Malformed`].
pub fn claims(headers: &Headers, profile: &Profile) -> Result<Vec<Claim>, SignatureError> {
    let inputs = dictionary(headers, "signature-input")?;
    let claims = wanted(&inputs, profile).filter_map(|(label, entry)| {
        let input = component::components(entry)?;
        let keyid = text(input, "keyid").map(str::to_owned);
        Some(Claim { label: label.to_owned(), keyid, covered: covered(input) })
    });
    Ok(claims.collect())
}

/// The entries of `Signature-Input` that a profile looks at.
fn wanted<'d>(inputs: &'d Dictionary, profile: &'d Profile) -> impl Iterator<Item = (&'d str, &'d ListEntry)> {
    let tagged = |entry: &ListEntry| {
        profile.tag.is_none_or(|tag| component::components(entry).is_some_and(|input| text(input, "tag") == Some(tag)))
    };
    let named = |label: &str| profile.label.as_deref().is_none_or(|wanted| wanted == label);
    let all = inputs.iter().map(|(label, entry)| (label.as_str(), entry));
    all.filter(move |(label, entry)| named(label) && tagged(entry)).take(MAX_SIGNATURES)
}

struct Labelled<'a> {
    label: &'a str,
    input: &'a InnerList,
    signature: &'a [u8],
}

fn verify_one<'k, K>(
    message: Message<'_>,
    Labelled { label, input, signature }: Labelled<'_>,
    profile: &Profile,
    key: &impl Fn(&str) -> Option<(&'k VerificationKey, K)>,
    now_ms: i64,
) -> Result<Verified<K>, SignatureError> {
    let known = ["created", "expires", "nonce", "keyid", "alg", "tag"];
    if input.params.keys().any(|name| !known.contains(&name.as_str())) {
        return Err(SignatureError::Unsupported);
    }
    let is_text = |name: &str| input.params.get(name).is_none_or(|value| value.as_string().is_some());
    if !["nonce", "alg", "tag"].into_iter().all(is_text) {
        return Err(SignatureError::Malformed);
    }
    let base = signature_base(message, input, profile.extent)?;
    for requirement in &profile.required {
        requirement.check(message.headers, input)?;
    }
    for (name, presence) in [("nonce", profile.nonce), ("expires", profile.expires)] {
        if presence == Presence::Required && !input.params.contains_key(name) {
            return Err(SignatureError::ParameterMissing(name));
        }
    }
    let keyid = text(input, "keyid").filter(|id| (profile.keyid)(id)).ok_or(SignatureError::UnknownKey)?;
    let (verification, found) = key(keyid).ok_or(SignatureError::UnknownKey)?;
    let algorithm = verification.algorithm();
    // The algorithm is the key's; a signature that names one must name that one (RFC 9421 §3.2 step 6).
    let named = text(input, "alg").is_none_or(|alg| alg == algorithm.name());
    if !named || !profile.algorithms.contains(&algorithm) {
        return Err(SignatureError::UnknownKey);
    }
    let right = match verification {
        VerificationKey::Ed25519(key) => {
            let signature = Signature::from_slice(signature).map_err(|_| SignatureError::Wrong)?;
            key.verify_strict(base.as_bytes(), &signature).is_ok()
        }
        VerificationKey::HmacSha256(key) => mac::equal(&key.tag(&[base.as_bytes()]), signature),
    };
    if !right {
        return Err(SignatureError::Wrong);
    }
    // Dates are asked last: who does not hold the key learns nothing about the clock.
    let (created_ms, expires_ms) = dates(input, profile, now_ms)?;
    let own = |name: &str| text(input, name).map(str::to_owned);
    Ok(Verified {
        label: label.to_owned(),
        keyid: keyid.to_owned(),
        algorithm,
        created_ms,
        expires_ms,
        nonce: own("nonce"),
        tag: own("tag"),
        covered: covered(input),
        key: found,
    })
}

/// `created` and `expires`, milliseconds since the epoch, if the signature is good now.
fn dates(input: &InnerList, profile: &Profile, now_ms: i64) -> Result<(i64, Option<i64>), SignatureError> {
    let milliseconds = |name: &str| {
        let value = input.params.get(name).map(|v| v.as_integer().map(i64::from).ok_or(SignatureError::Malformed));
        value.transpose().map(|seconds| seconds.map(|seconds| seconds.saturating_mul(1000)))
    };
    let created = milliseconds("created")?.ok_or(SignatureError::Stale)?;
    if created > now_ms.saturating_add(profile.skew_ms) {
        return Err(SignatureError::Early);
    }
    let expires = milliseconds("expires")?;
    let over =
        expires.is_some_and(|expires| expires < now_ms || expires.saturating_sub(created) > profile.max_lifetime_ms);
    if over || created < now_ms.saturating_sub(profile.max_age_ms) {
        return Err(SignatureError::Stale);
    }
    Ok((created, expires))
}

impl Requirement {
    fn check(&self, headers: &Headers, input: &InnerList) -> Result<(), SignatureError> {
        let covers = |component: &Component| input.items.iter().any(|item| component.is(item));
        let (met, missing) = match self {
            Requirement::Component(component) => (covers(component), Some(*component)),
            Requirement::AnyOf(components) => (components.iter().any(covers), components.first().copied()),
            Requirement::FieldIfSent(field) => {
                let keyed = |item: &sfv::Item| item.params.is_empty() || item.params.contains_key("key");
                let covered = input.items.iter().any(|item| component::name(item) == Some(field) && keyed(item));
                (covered || headers.get(field).is_none(), Some(Component::plain(field)))
            }
        };
        if met { Ok(()) } else { Err(missing.map_or(SignatureError::Unsupported, SignatureError::NotCovered)) }
    }
}

/// What is signed (RFC 9421 §2.5).
fn signature_base(message: Message<'_>, input: &InnerList, extent: Extent) -> Result<String, SignatureError> {
    let mut base = String::with_capacity(512);
    for (index, item) in input.items.iter().enumerate() {
        let value = component::value(message, item, extent)?;
        if input.items.iter().take(index).any(|earlier| earlier == item) {
            return Err(SignatureError::Unsupported);
        }
        base.push_str(&component::identifier(item));
        base.push_str(": ");
        base.push_str(value.trim());
        base.push('\n');
    }
    base.push_str("\"@signature-params\": ");
    base.push_str(&serialized(input)?);
    Ok(base)
}

fn covered(input: &InnerList) -> Vec<String> {
    input.items.iter().map(component::identifier).collect()
}

fn text<'i>(input: &'i InnerList, name: &str) -> Option<&'i str> {
    input.params.get(name).and_then(|value| value.as_string()).map(|value| value.as_str())
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
mod tests;
