//! RSASSA-PKCS1-v1_5 with SHA-256 (RFC 8017 §8.2), as WeChat Pay (`WECHATPAY2-SHA256-RSA2048`) and Alipay (`RSA2`) use
//! it. Keys come as PEM or as the bare base64 of the DER; neither `Debug` nor any error shows them.

use std::convert::Infallible;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rsa::pkcs1::DecodeRsaPrivateKey as _;
use rsa::pkcs1v15::{Signature, SigningKey, VerifyingKey};
use rsa::pkcs8::{DecodePrivateKey as _, DecodePublicKey as _};
use rsa::rand_core::{TryCryptoRng, TryRng};
use rsa::signature::{RandomizedSigner as _, SignatureEncoding as _, Verifier as _};
use rsa::traits::PublicKeyParts as _;
use rsa::{PrivateKey, PublicKey};
use sha2::{Digest as _, Sha256};
use shared::mac::hmac_sha256;

/// The least modulus, bytes: both gateways ask for 2048 bits.
const MIN_MODULUS_BYTES: usize = 256;

/// A private key.
pub(super) struct Signer {
    key: SigningKey<Sha256>,
    blinding: [u8; 32],
}

/// A public key.
pub(super) struct Verifier(VerifyingKey<Sha256>);

impl Signer {
    /// Reads PKCS#8 (or PKCS#1, which Alipay's key tool also writes), PEM or bare base64. `None` if it is not an RSA
    /// private key of 2048 bits or more that can sign.
    pub(super) fn parse(text: &str) -> Option<Signer> {
        let der = der(text)?;
        let key = PrivateKey::from_pkcs8_der(&der).ok().or_else(|| PrivateKey::from_pkcs1_der(&der).ok())?;
        if key.size() < MIN_MODULUS_BYTES {
            return None;
        }
        let signer = Signer { key: SigningKey::new(key), blinding: Sha256::digest(&der).into() };
        (!signer.sign(b"", "").is_empty()).then_some(signer)
    }

    /// The base64 of the signature. `nonce` only blinds the computation against timing (RUSTSEC-2023-0071); the
    /// signature is the same for every nonce. Empty if the key cannot sign, which [`Signer::parse`] has ruled out: the
    /// gateway then refuses the request.
    pub(super) fn sign(&self, message: &[u8], nonce: &str) -> String {
        let seed = hmac_sha256(&self.blinding, &[nonce.as_bytes(), b"\n", message]);
        let signature: Result<Signature, _> = self.key.try_sign_with_rng(&mut Blinding { seed, drawn: 0 }, message);
        signature.map(|signature| STANDARD.encode(signature.to_bytes())).unwrap_or_default()
    }
}

impl Verifier {
    /// Reads a SubjectPublicKeyInfo, PEM or bare base64. `None` if it is not an RSA public key of 2048 bits or more.
    pub(super) fn parse(text: &str) -> Option<Verifier> {
        let key = PublicKey::from_public_key_der(&der(text)?).ok()?;
        (key.size() >= MIN_MODULUS_BYTES).then(|| Verifier(VerifyingKey::new(key)))
    }

    /// Whether a base64 signature is this key's over the message.
    pub(super) fn verify(&self, message: &[u8], signature: &str) -> bool {
        let Ok(bytes) = STANDARD.decode(signature) else { return false };
        Signature::try_from(bytes.as_slice()).is_ok_and(|signature| self.0.verify(message, &signature).is_ok())
    }
}

/// The bytes under the armour of a PEM text, or of bare base64.
fn der(text: &str) -> Option<Vec<u8>> {
    let lines = text.lines().map(str::trim).filter(|line| !line.starts_with("-----"));
    let base64: String = lines.flat_map(|line| line.chars().filter(|c| !c.is_whitespace())).collect();
    STANDARD.decode(base64).ok()
}

/// Numbers for blinding: HMAC-SHA-256 in counter mode under a seed that only the key's owner can make.
struct Blinding {
    seed: [u8; 32],
    drawn: u64,
}

impl TryRng for Blinding {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let mut bytes = [0; 4];
        self.try_fill_bytes(&mut bytes).map(|()| u32::from_le_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let mut bytes = [0; 8];
        self.try_fill_bytes(&mut bytes).map(|()| u64::from_le_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, to: &mut [u8]) -> Result<(), Infallible> {
        for chunk in to.chunks_mut(32) {
            let block = hmac_sha256(&self.seed, &[&self.drawn.to_be_bytes()]);
            self.drawn = self.drawn.wrapping_add(1);
            chunk.iter_mut().zip(block).for_each(|(to, from)| *to = from);
        }
        Ok(())
    }
}

impl TryCryptoRng for Blinding {}

/// Keys for the tests of the adapters: made from a seed, once for each process; none is committed.
#[cfg(test)]
pub(super) mod test_keys {
    use std::sync::OnceLock;

    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use rsa::PrivateKey;
    use rsa::pkcs8::{EncodePrivateKey as _, EncodePublicKey as _};

    use super::Blinding;

    /// A pair, each half as the bare base64 of its DER.
    pub struct Pair {
        pub private: String,
        pub public: String,
    }

    /// The merchant's pair.
    pub fn merchant() -> &'static Pair {
        static PAIR: OnceLock<Pair> = OnceLock::new();
        PAIR.get_or_init(|| pair(1))
    }

    /// The gateway's pair.
    pub fn platform() -> &'static Pair {
        static PAIR: OnceLock<Pair> = OnceLock::new();
        PAIR.get_or_init(|| pair(2))
    }

    /// The PEM armour around bare base64.
    pub fn pem(label: &str, base64: &str) -> String {
        let lines: Vec<_> = base64.as_bytes().chunks(64).map(|line| str::from_utf8(line).unwrap()).collect();
        format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n"))
    }

    fn pair(seed: u8) -> Pair {
        let key = PrivateKey::new(&mut Blinding { seed: [seed; 32], drawn: 0 }, 2048).unwrap();
        Pair {
            private: STANDARD.encode(key.to_pkcs8_der().unwrap().as_bytes()),
            public: STANDARD.encode(key.to_public_key().to_public_key_der().unwrap().as_bytes()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::test_keys::{merchant, pem, platform};
    use super::*;

    #[test]
    fn what_one_half_signs_the_other_verifies() {
        let signer = Signer::parse(&pem("PRIVATE KEY", &merchant().private)).unwrap();
        let verifier = Verifier::parse(&pem("PUBLIC KEY", &merchant().public)).unwrap();
        let signature = signer.sign(b"message", "00");
        assert_eq!(signature, signer.sign(b"message", "ff"), "blinding does not show");
        assert_eq!(signature, Signer::parse(&merchant().private).unwrap().sign(b"message", ""));
        assert!(verifier.verify(b"message", &signature));
        assert!(!verifier.verify(b"messagf", &signature));
        assert!(!verifier.verify(b"message", &signature.replace('=', "")));
        assert!(!verifier.verify(b"message", ""));
        assert!(!Verifier::parse(&platform().public).unwrap().verify(b"message", &signature));
    }

    #[test]
    fn what_is_no_key_is_refused() {
        for bad in ["", "AAAA", "not base64!", &merchant().public] {
            assert!(Signer::parse(bad).is_none());
        }
        for bad in ["", "AAAA", &merchant().private] {
            assert!(Verifier::parse(bad).is_none());
        }
        let mut cut = merchant().private.clone();
        cut.truncate(800);
        assert!(Signer::parse(&cut).is_none());
    }

    #[test]
    fn short_keys_are_refused() {
        use rsa::pkcs8::{EncodePrivateKey as _, EncodePublicKey as _};
        let key = PrivateKey::new(&mut Blinding { seed: [3; 32], drawn: 0 }, 1024).unwrap();
        assert!(Signer::parse(&STANDARD.encode(key.to_pkcs8_der().unwrap().as_bytes())).is_none());
        let public = key.to_public_key().to_public_key_der().unwrap();
        assert!(Verifier::parse(&STANDARD.encode(public.as_bytes())).is_none());
    }
}
