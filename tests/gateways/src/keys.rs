//! Real keys, made from a seed, so that a run can be repeated and the repository holds none.

use std::convert::Infallible;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rsa::PrivateKey;
use rsa::pkcs1v15::{Signature, SigningKey, VerifyingKey};
use rsa::pkcs8::{EncodePrivateKey as _, EncodePublicKey as _};
use rsa::rand_core::{TryCryptoRng, TryRng};
use rsa::signature::{SignatureEncoding as _, Signer as _, Verifier as _};
use sha2::Sha256;

/// Everything that both sides hold.
#[derive(Clone)]
pub struct Keys {
    /// The merchant's at WeChat Pay.
    pub wechat_merchant: Pair,
    /// The platform's at WeChat Pay.
    pub wechat_platform: Pair,
    /// The app's at Alipay.
    pub alipay_app: Pair,
    /// Alipay's own.
    pub alipay: Pair,
    /// 32 characters.
    pub apiv3_key: String,
    pub stripe_secret: String,
    pub stripe_webhook: String,
}

/// An RSA key pair.
#[derive(Clone)]
pub struct Pair {
    private: PrivateKey,
}

pub const MCHID: &str = "1900000001";
pub const MERCHANT_SERIAL: &str = "5157F09EFDC096DE15EBE81A47057A7232F1B8E1";
pub const PLATFORM_SERIAL: &str = "PUB_KEY_ID_0119000000012026";
pub const APP_ID: &str = "2021000000000001";

impl Keys {
    /// From a seed. 2048 bits are what the gateways use; fewer are quicker.
    pub fn from_seed(seed: u64, bits: usize) -> Keys {
        let mut rng = SplitMix(seed);
        let mut pair = || Pair { private: PrivateKey::new(&mut rng, bits).expect("a key of that size") };
        Keys {
            wechat_merchant: pair(),
            wechat_platform: pair(),
            alipay_app: pair(),
            alipay: pair(),
            apiv3_key: format!("{seed:032x}"),
            stripe_secret: format!("sk_test_{seed:024x}"),
            stripe_webhook: format!("whsec_{seed:024x}"),
        }
    }

    /// The values of REFUND_WECHAT, REFUND_ALIPAY and REFUND_STRIPE.
    pub fn credentials(&self) -> [(&'static str, String); 3] {
        let wechat = serde_json::json!({
            "mchid": MCHID, "serial_no": MERCHANT_SERIAL, "private_key": self.wechat_merchant.private_pem(),
            "apiv3_key": self.apiv3_key, "platform_keys": { PLATFORM_SERIAL: self.wechat_platform.public_pem() },
        });
        let alipay = serde_json::json!({
            "app_id": APP_ID, "private_key": self.alipay_app.private_pem(), "alipay_public_key": self.alipay.public_pem(),
        });
        let stripe = serde_json::json!({ "secret_key": self.stripe_secret, "webhook_secrets": [self.stripe_webhook] });
        [
            ("REFUND_WECHAT", wechat.to_string()),
            ("REFUND_ALIPAY", alipay.to_string()),
            ("REFUND_STRIPE", stripe.to_string()),
        ]
    }
}

impl Pair {
    /// PKCS #8.
    pub fn private_pem(&self) -> String {
        let der = self.private.to_pkcs8_der().expect("a key that can be written");
        armour("PRIVATE KEY", der.as_bytes())
    }

    /// SubjectPublicKeyInfo.
    pub fn public_pem(&self) -> String {
        let der = self.private.as_public_key().to_public_key_der().expect("a key that can be written");
        armour("PUBLIC KEY", der.as_bytes())
    }

    pub fn sign(&self, text: &[u8]) -> String {
        STANDARD.encode(SigningKey::<Sha256>::new(self.private.clone()).sign(text).to_bytes())
    }

    pub fn verifies(&self, text: &[u8], signature: &str) -> bool {
        let signature = STANDARD.decode(signature).ok().and_then(|bytes| Signature::try_from(bytes.as_slice()).ok());
        let key = VerifyingKey::<Sha256>::new(self.private.as_public_key().clone());
        signature.is_some_and(|signature| key.verify(text, &signature).is_ok())
    }
}

fn armour(label: &str, der: &[u8]) -> String {
    let text = STANDARD.encode(der);
    let lines: Vec<&str> = text.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).expect("base64")).collect();
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n"))
}

/// Not random, and meant not to be.
struct SplitMix(u64);

impl TryRng for SplitMix {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok((self.try_next_u64()? >> 32) as u32)
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        Ok(mixed ^ (mixed >> 31))
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        for chunk in bytes.chunks_mut(8) {
            let word = self.try_next_u64()?.to_le_bytes();
            chunk.copy_from_slice(&word[..chunk.len()]);
        }
        Ok(())
    }
}

impl TryCryptoRng for SplitMix {}
