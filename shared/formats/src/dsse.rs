//! Signed documents: Dead Simple Signing Envelope 1.0 (<https://github.com/secure-systems-lab/dsse>), Ed25519 (RFC 8032).
//!
//! `{"payloadType": "…", "payload": base64, "signatures": [{"keyid": "…", "sig": base64}]}`, with these restrictions:
//! exactly one signature (several where a document asks for several signers: [`Envelope::parse_all`]), at most
//! [`MAX_ENVELOPE`] bytes, and a JSON payload in its canonical form ([`crate::jcs`]), so that a statement has one
//! sequence of bytes and one digest.

use core::fmt;

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::jcs::{self, JsonError};

/// The payload type of a [`crate::keyset`] document.
pub const KEYSET: &str = "application/vnd.venditor.keyset.v1+json";
/// The payload type of a mint manifest.
pub const MANIFEST: &str = "application/vnd.venditor.manifest.v1+json";
/// The payload type of an inspection record.
pub const RECORD: &str = "application/vnd.venditor.record.v1+json";
/// The payload type of a status statement that stands alone (recall, withdrawal).
pub const STATUS: &str = "application/vnd.venditor.status.v1+json";
/// The payload type of a status statement in a chain. Another than [`STATUS`], so that none can be taken out of its chain
/// and put where one stands alone.
pub const STATEMENT: &str = "application/vnd.venditor.status.v2+json";
/// The payload type of a head: which statements of an issuer are the last.
pub const HEAD: &str = "application/vnd.venditor.head.v1+json";

/// The payload type of a policy statement ([`crate::policy`]).
pub const POLICY: &str = "application/vnd.venditor.policy.v1+json";
/// The payload type of a refund's receipt.
pub const RECEIPT: &str = "application/vnd.venditor.receipt.v1+json";

/// The longest envelope, in bytes.
pub const MAX_ENVELOPE: usize = 64 * 1024;

/// The most signatures of one envelope.
pub const MAX_SIGNATURES: usize = 8;

/// The deepest nesting of a payload.
pub const MAX_PAYLOAD_DEPTH: usize = 12;

/// An envelope whose form is right. Nothing in it is proved until [`Envelope::verify`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Envelope {
    /// Says how to read the payload; the signature covers it.
    pub payload_type: String,
    /// The signed bytes.
    pub payload: Vec<u8>,
    /// Which key to try: a hint, which the signature does not cover.
    pub keyid: String,
    /// The Ed25519 signature over [`pae`].
    pub signature: [u8; 64],
}

/// Why an envelope cannot be read or does not verify.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DsseError {
    /// Not the JSON that an envelope is.
    Json(JsonError),
    /// JSON, but a member is missing or has another type.
    Shape,
    /// Not exactly one signature.
    SignatureCount(usize),
    /// `payload` or `sig` is not base64, or the signature is not 64 bytes.
    Encoding,
    /// The signature does not verify under the key (`verify_strict`, RFC 8032 §5.1.7).
    BadSignature,
    /// The payload is not JSON of our subset.
    Payload(JsonError),
    /// The payload is JSON, but not in its canonical form (RFC 8785).
    NotCanonical,
    /// On signing: the envelope would be longer than [`MAX_ENVELOPE`].
    TooLarge,
}

impl DsseError {
    /// A stable name, in snake case.
    pub const fn code(&self) -> &'static str {
        match self {
            DsseError::Json(_) => "envelope_not_json",
            DsseError::Shape => "envelope_malformed",
            DsseError::SignatureCount(_) => "envelope_signature_count",
            DsseError::Encoding => "envelope_bad_base64",
            DsseError::BadSignature => "bad_signature",
            DsseError::Payload(_) => "payload_not_json",
            DsseError::NotCanonical => "payload_not_canonical",
            DsseError::TooLarge => "envelope_too_large",
        }
    }
}

impl fmt::Display for DsseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DsseError::Json(e) => write!(f, "the envelope: {e}"),
            DsseError::Shape => f.write_str("the envelope lacks a member of DSSE, or one has the wrong type"),
            DsseError::SignatureCount(n) => write!(f, "the envelope has {n} signatures and must have one"),
            DsseError::Encoding => f.write_str("the envelope's payload or signature is not valid base64"),
            DsseError::BadSignature => f.write_str("the signature does not verify"),
            DsseError::Payload(e) => write!(f, "the payload: {e}"),
            DsseError::NotCanonical => f.write_str("the payload is not canonical JSON (RFC 8785)"),
            DsseError::TooLarge => write!(f, "the envelope would exceed {MAX_ENVELOPE} bytes"),
        }
    }
}

impl core::error::Error for DsseError {}

impl Envelope {
    /// Reads an envelope. Members that DSSE does not name are ignored, as it asks; both base64 alphabets are taken.
    ///
    /// # Errors
    /// [`DsseError::Json`], [`DsseError::Shape`], [`DsseError::SignatureCount`], [`DsseError::Encoding`].
    pub fn parse(bytes: &[u8]) -> Result<Envelope, DsseError> {
        let [envelope] = <[Envelope; 1]>::try_from(Envelope::parse_all(bytes)?)
            .map_err(|envelopes| DsseError::SignatureCount(envelopes.len()))?;
        Ok(envelope)
    }

    /// Reads an envelope with 1 to [`MAX_SIGNATURES`] signatures: one [`Envelope`] a signature, all of one payload.
    ///
    /// # Errors
    /// As [`Envelope::parse`].
    pub fn parse_all(bytes: &[u8]) -> Result<Vec<Envelope>, DsseError> {
        Envelope::all_of(jcs::parse_bounded(bytes, MAX_ENVELOPE, 4).map_err(DsseError::Json)?)
    }

    /// Reads an envelope with exactly one signature from JSON that was parsed within bounds, such as an item of a list.
    ///
    /// # Errors
    /// As [`Envelope::parse`].
    pub fn from_value(value: Value) -> Result<Envelope, DsseError> {
        let [envelope] = <[Envelope; 1]>::try_from(Envelope::all_of(value)?)
            .map_err(|envelopes| DsseError::SignatureCount(envelopes.len()))?;
        Ok(envelope)
    }

    /// SHA-256 of the payload, 64 lower-case hex digits: the name of what was signed. The payload is canonical, so a
    /// statement has one name, however its envelope is written.
    pub fn digest(&self) -> String {
        ::pack::sha256_hex(&self.payload)
    }

    fn all_of(value: Value) -> Result<Vec<Envelope>, DsseError> {
        let wire: Wire = serde_json::from_value(value).map_err(|_| DsseError::Shape)?;
        if !(1..=MAX_SIGNATURES).contains(&wire.signatures.len()) {
            return Err(DsseError::SignatureCount(wire.signatures.len()));
        }
        let payload = from_base64(&wire.payload)?;
        let each = |WireSignature { keyid, sig }| {
            let signature = from_base64(&sig)?.try_into().map_err(|_| DsseError::Encoding)?;
            Ok(Envelope { payload_type: wire.payload_type.clone(), payload: payload.clone(), keyid, signature })
        };
        wire.signatures.into_iter().map(each).collect()
    }

    /// Checks the signature over the payload type and the payload.
    ///
    /// # Errors
    /// [`DsseError::BadSignature`].
    pub fn verify(&self, key: &VerifyingKey) -> Result<(), DsseError> {
        let signature = Signature::from_bytes(&self.signature);
        // Strict: small-order keys and points are refused, so one signature has one meaning in every implementation.
        key.verify_strict(&pae(&self.payload_type, &self.payload), &signature).map_err(|_| DsseError::BadSignature)
    }

    /// The payload as JSON. Verify first.
    ///
    /// # Errors
    /// [`DsseError::Payload`], [`DsseError::NotCanonical`].
    pub fn json(&self) -> Result<Value, DsseError> {
        let value = jcs::parse_bounded(&self.payload, MAX_ENVELOPE, MAX_PAYLOAD_DEPTH).map_err(DsseError::Payload)?;
        let canonical = jcs::canonical(&value).map_err(DsseError::Payload)?;
        if canonical == self.payload { Ok(value) } else { Err(DsseError::NotCanonical) }
    }

    /// The envelope as JSON text.
    pub fn to_bytes(&self) -> Vec<u8> {
        to_bytes(&self.payload_type, &self.payload, std::slice::from_ref(self))
    }
}

/// One envelope of a payload and all its signatures; those of other payloads are left out.
pub fn to_bytes(payload_type: &str, payload: &[u8], signed: &[Envelope]) -> Vec<u8> {
    let ours = signed.iter().filter(|one| one.payload_type == payload_type && one.payload == payload);
    let signatures = ours.map(|one| WireSignature { keyid: one.keyid.clone(), sig: BASE64.encode(one.signature) });
    let wire = Wire {
        payload_type: payload_type.to_owned(),
        payload: BASE64.encode(payload),
        signatures: signatures.collect(),
    };
    // Strings alone: this cannot fail, and an empty text would not parse.
    serde_json::to_vec(&wire).unwrap_or_default()
}

/// The bytes that a signature covers (pre-authentication encoding): the lengths keep type and body apart.
pub fn pae(payload_type: &str, body: &[u8]) -> Vec<u8> {
    let mut bytes = format!("DSSEv1 {} {payload_type} {} ", payload_type.len(), body.len()).into_bytes();
    bytes.extend_from_slice(body);
    bytes
}

/// Signs a payload in its canonical form and returns the envelope's JSON text.
///
/// # Errors
/// [`DsseError::Payload`] where the payload is not of our JSON subset, [`DsseError::TooLarge`].
pub fn sign<T: Serialize>(
    payload_type: &str,
    payload: &T,
    keyid: &str,
    key: &SigningKey,
) -> Result<Vec<u8>, DsseError> {
    let unreadable = DsseError::Payload(JsonError::Syntax { line: 0, column: 0 });
    let value = serde_json::to_value(payload).map_err(|_| unreadable)?;
    let envelope = seal(payload_type, jcs::canonical(&value).map_err(DsseError::Payload)?, keyid, key);
    // What cannot be opened must not be signed.
    envelope.json()?;
    let bytes = envelope.to_bytes();
    if bytes.len() > MAX_ENVELOPE { Err(DsseError::TooLarge) } else { Ok(bytes) }
}

/// Signs bytes as they are.
pub fn seal(payload_type: &str, payload: Vec<u8>, keyid: &str, key: &SigningKey) -> Envelope {
    let signature = key.sign(&pae(payload_type, &payload)).to_bytes();
    Envelope { payload_type: payload_type.to_owned(), payload, keyid: keyid.to_owned(), signature }
}

#[derive(Serialize, Deserialize)]
struct Wire {
    #[serde(rename = "payloadType")]
    payload_type: String,
    payload: String,
    signatures: Vec<WireSignature>,
}

#[derive(Serialize, Deserialize)]
struct WireSignature {
    // DSSE makes it optional; without it we would have to try every key.
    keyid: String,
    sig: String,
}

const LENIENT: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
const BASE64: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, LENIENT);
const BASE64URL: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, LENIENT);

fn from_base64(text: &str) -> Result<Vec<u8>, DsseError> {
    BASE64.decode(text).or_else(|_| BASE64URL.decode(text)).map_err(|_| DsseError::Encoding)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::string_slice, clippy::arithmetic_side_effects)]
    use super::*;
    use serde_json::json;

    fn key(seed: u8) -> SigningKey {
        SigningKey::from_bytes(&[seed; 32])
    }

    fn edited(bytes: &[u8], edit: impl Fn(&mut Value)) -> Vec<u8> {
        let mut value: Value = serde_json::from_slice(bytes).unwrap();
        edit(&mut value);
        serde_json::to_vec(&value).unwrap()
    }

    /// The worked example of DSSE's protocol.md, and its rule that lengths count bytes.
    #[test]
    fn pae_vectors() {
        assert_eq!(
            pae("http://example.com/HelloWorld", b"hello world"),
            b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
        );
        assert_eq!(pae("", b""), b"DSSEv1 0  0 ");
        assert_eq!(pae("é", "琥".as_bytes()), "DSSEv1 2 é 3 琥".as_bytes());
    }

    /// RFC 8032 §7.1, TEST 3: the signature scheme is plain Ed25519.
    #[test]
    fn rfc_8032_vector() {
        let hex = |s: &str| -> Vec<u8> {
            (0..s.len() / 2).map(|i| u8::from_str_radix(&s[i * 2..i * 2 + 2], 16).unwrap()).collect()
        };
        let public = hex("fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025");
        let signature = hex(
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
        );
        let public = VerifyingKey::from_bytes(&public.try_into().unwrap()).unwrap();
        let signature = Signature::from_bytes(&signature.try_into().unwrap());
        assert!(public.verify_strict(&[0xaf, 0x82], &signature).is_ok());
        assert!(public.verify_strict(&[0xaf, 0x83], &signature).is_err());
    }

    #[test]
    fn a_signed_payload_comes_back_and_no_other_does() {
        let payload = json!({"b": [1, null], "a": {"zh": "琥珀", "en": "amber"}});
        let bytes = sign(RECORD, &payload, "base-1", &key(1)).unwrap();
        let envelope = Envelope::parse(&bytes).unwrap();
        assert_eq!((envelope.payload_type.as_str(), envelope.keyid.as_str()), (RECORD, "base-1"));
        assert_eq!(envelope.verify(&key(1).verifying_key()), Ok(()));
        assert_eq!(envelope.json().unwrap(), payload);
        assert_eq!(envelope.verify(&key(2).verifying_key()), Err(DsseError::BadSignature));

        let mut other = envelope.clone();
        other.payload_type = STATUS.into();
        assert_eq!(other.verify(&key(1).verifying_key()), Err(DsseError::BadSignature));
        for bit in 0..envelope.payload.len() * 8 {
            let mut other = envelope.clone();
            other.payload[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(other.verify(&key(1).verifying_key()), Err(DsseError::BadSignature));
        }
        for bit in 0..512 {
            let mut other = envelope.clone();
            other.signature[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(other.verify(&key(1).verifying_key()), Err(DsseError::BadSignature));
        }
    }

    #[test]
    fn small_order_keys_prove_nothing() {
        // The neutral element as key and R, and S = 0: plain verification accepts this for every message.
        let mut neutral = [0u8; 32];
        neutral[0] = 1;
        let mut envelope = seal(RECORD, b"{}".to_vec(), "k", &key(1));
        envelope.signature = [0; 64];
        envelope.signature[0] = 1;
        let weak = VerifyingKey::from_bytes(&neutral).unwrap();
        assert!(weak.is_weak());
        assert_eq!(envelope.verify(&weak), Err(DsseError::BadSignature));
    }

    #[test]
    fn payloads_are_canonical() {
        for bad in [r#"{"b":1,"a":2}"#, r#"{ "a":1}"#, "{\"a\":1}\n", r#"{"a":"\u0041"}"#, r#"{"a":"\/"}"#] {
            assert_eq!(seal(RECORD, bad.into(), "k", &key(1)).json(), Err(DsseError::NotCanonical), "{bad}");
        }
        let bad = seal(RECORD, br#"{"a":1,"a":1}"#.to_vec(), "k", &key(1)).json();
        assert_eq!(bad, Err(DsseError::Payload(JsonError::DuplicateKey("a".into()))));
        assert_eq!(sign(RECORD, &1.5, "k", &key(1)), Err(DsseError::Payload(JsonError::NotAnInteger)));
        assert_eq!(sign(RECORD, &"x".repeat(MAX_ENVELOPE * 3 / 4), "k", &key(1)), Err(DsseError::TooLarge));
    }

    #[test]
    fn malformed_envelopes() {
        let bytes = sign(RECORD, &json!({}), "k", &key(1)).unwrap();
        let parse = |edit: &dyn Fn(&mut Value)| Envelope::parse(&edited(&bytes, edit)).map(drop);
        assert_eq!(parse(&|v| v["extension"] = json!({"ignored": true})), Ok(()));
        assert_eq!(parse(&|v| v["signatures"] = json!([])), Err(DsseError::SignatureCount(0)));
        assert_eq!(
            parse(&|v| v["signatures"] = json!([v["signatures"][0], v["signatures"][0]])),
            Err(DsseError::SignatureCount(2))
        );
        assert_eq!(parse(&|v| v["payload"] = json!("*")), Err(DsseError::Encoding));
        assert_eq!(parse(&|v| v["signatures"][0]["sig"] = json!("AAAA")), Err(DsseError::Encoding));
        assert_eq!(parse(&|v| v["payloadType"] = json!(1)), Err(DsseError::Shape));
        assert_eq!(parse(&|v| v["signatures"][0]["keyid"] = json!(null)), Err(DsseError::Shape));
        assert!(matches!(Envelope::parse(b"[]"), Err(DsseError::Shape)));
        assert!(matches!(Envelope::parse(b"{"), Err(DsseError::Json(_))));
        assert!(matches!(Envelope::parse(&vec![b' '; MAX_ENVELOPE + 1]), Err(DsseError::Json(JsonError::TooLarge))));
    }

    #[test]
    fn both_alphabets_with_and_without_padding() {
        assert_eq!(from_base64("-_8"), Ok(vec![0xfb, 0xff]));
        assert_eq!(from_base64("+/8="), Ok(vec![0xfb, 0xff]));
        assert_eq!(from_base64("+_8="), Err(DsseError::Encoding));
    }
}
