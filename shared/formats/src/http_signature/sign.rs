//! Making signatures: the command line does, and tests do; the edge only verifies.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signer as _, SigningKey};
use sfv::{Dictionary, ListEntry, Parser};

use super::component::Extent;
use super::{Algorithm, Message, SignatureError, signature_base};
use crate::mac::MacKey;

/// A key that makes signatures.
pub enum SignatureKey<'a> {
    /// RFC 8032.
    Ed25519(&'a SigningKey),
    /// RFC 2104.
    HmacSha256(&'a MacKey),
}

/// What a signature says of itself.
#[derive(Clone, Copy, Debug)]
pub struct Parameters<'a> {
    /// Its label.
    pub label: &'a str,
    /// Its key.
    pub keyid: &'a str,
    /// When it is made, milliseconds since the epoch.
    pub created_ms: i64,
    /// When it expires, milliseconds since the epoch.
    pub expires_ms: Option<i64>,
    /// What makes it like no other.
    pub nonce: Option<&'a str>,
    /// What it is for.
    pub tag: Option<&'a str>,
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
    let parameters = Parameters { label: "sig1", keyid, created_ms, expires_ms: None, nonce: None, tag: None };
    sign_with(message, components, &parameters, key)
}

/// Signs a request with more to say. A component that begins with a quote is an identifier with its parameters
/// (`"@query-param";name="Pet"`).
///
/// # Errors
/// As [`sign`]; [`SignatureError::Malformed`] for what structured fields cannot hold.
pub fn sign_with(
    message: Message<'_>,
    components: &[&str],
    parameters: &Parameters<'_>,
    key: &SignatureKey<'_>,
) -> Result<(String, String), SignatureError> {
    let Parameters { label, keyid, created_ms, expires_ms, nonce, tag } = parameters;
    let algorithm = match key {
        SignatureKey::Ed25519(_) => Algorithm::Ed25519,
        SignatureKey::HmacSha256(_) => Algorithm::HmacSha256,
    };
    let identifier = |name: &&str| if name.starts_with('"') { (*name).to_owned() } else { format!("\"{name}\"") };
    let covered: Vec<String> = components.iter().map(identifier).collect();
    let created = created_ms.div_euclid(1000);
    let alg = algorithm.name();
    let mut input = format!("{label}=({});created={created};keyid=\"{keyid}\";alg=\"{alg}\"", covered.join(" "));
    if let Some(expires_ms) = expires_ms {
        input.push_str(&format!(";expires={}", expires_ms.div_euclid(1000)));
    }
    for (name, value) in [("nonce", nonce), ("tag", tag)] {
        if let Some(value) = value {
            input.push_str(&format!(";{name}=\"{value}\""));
        }
    }
    let parsed: Dictionary = Parser::new(&input).parse().map_err(|_| SignatureError::Malformed)?;
    let Some(ListEntry::InnerList(list)) = parsed.get(*label) else { return Err(SignatureError::Malformed) };
    let base = signature_base(message, list, Extent::Parameters)?;
    let signature = match key {
        SignatureKey::Ed25519(key) => key.sign(base.as_bytes()).to_bytes().to_vec(),
        SignatureKey::HmacSha256(key) => key.tag(&[base.as_bytes()]).to_vec(),
    };
    Ok((input, format!("{label}=:{}:", STANDARD.encode(signature))))
}
