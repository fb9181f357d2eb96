//! RSA keys as gateways hand them out, and RSASSA-PKCS1-v1_5 with SHA-256 (RFC 8017 §8.2), which both call by names of
//! their own: `WECHATPAY2-SHA256-RSA2048`, `RSA2`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rsa::pkcs1v15::{Signature, SigningKey, VerifyingKey};
use rsa::pkcs8::{DecodePrivateKey as _, DecodePublicKey as _};
use rsa::signature::{SignatureEncoding as _, Signer as _, Verifier as _};
use sha2::Sha256;

/// A merchant's key.
pub struct PrivateKey(SigningKey<Sha256>);

/// A gateway's key.
pub struct PublicKey(VerifyingKey<Sha256>);

impl PrivateKey {
    /// Reads PKCS #8, in PEM or as bare base64.
    pub fn parse(text: &str) -> Option<PrivateKey> {
        Some(PrivateKey(SigningKey::from_pkcs8_der(&der(text)?).ok()?))
    }

    /// The signature over a text, in base64.
    pub fn sign(&self, text: &str) -> String {
        // A key that was read can sign; if it ever could not, an empty signature is one that nobody believes.
        self.0.try_sign(text.as_bytes()).map(|signature| STANDARD.encode(signature.to_bytes())).unwrap_or_default()
    }
}

impl PublicKey {
    /// Reads a SubjectPublicKeyInfo, in PEM or as bare base64.
    pub fn parse(text: &str) -> Option<PublicKey> {
        Some(PublicKey(VerifyingKey::from_public_key_der(&der(text)?).ok()?))
    }

    /// Whether a signature in base64 is this key's over the text.
    pub fn verifies(&self, text: &[u8], signature: &str) -> bool {
        let signature = STANDARD.decode(signature).ok().and_then(|bytes| Signature::try_from(bytes.as_slice()).ok());
        signature.is_some_and(|signature| self.0.verify(text, &signature).is_ok())
    }
}

/// What stands between the lines of a PEM armour, or the whole text.
fn der(text: &str) -> Option<Vec<u8>> {
    // A variable may hold `\n` for a line's end.
    let text = text.replace("\\n", "\n");
    let lines = text.lines().filter(|line| !line.starts_with("-----"));
    STANDARD.decode(lines.map(str::trim).collect::<String>()).ok()
}
