//! This function's configuration, parsed once.

use ed25519_dalek::SigningKey;
use shared::config::{ConfigError, optional, required};
use shared::keyset::is_kid;
use shared::mac::{self, MacKey, Secret};
use shared::origin::{self, Origin};
use shared::platform::Variables;
use shared::policy::{Trust, TrustNames};

use crate::auth::Callers;
use crate::case::GatewayName;
use crate::gateway::Gateway;
use crate::gateway::alipay::Alipay;
use crate::gateway::stripe::Stripe;
use crate::gateway::wechat::Wechat;

/// Money moves by the rules: two different keys sign them at least.
const SIGNERS: usize = 2;

const TRUST: TrustNames = TrustNames {
    roots: "REFUND_ROOT_KEY",
    keyset_minimum: "REFUND_KEYSET_MINIMUM",
    signers: "REFUND_POLICY_SIGNERS",
    minimum: "REFUND_POLICY_MINIMUM",
};

/// All of it.
pub struct Config {
    /// `REFUND_CALLERS` (secret): who may call, see [`Callers`]. `REFUND_AUTHORITIES`: where this deployment is reached,
    /// `host[:port]`, comma-separated; if set, signatures must cover `@authority`, and it must be one of these.
    pub callers: Callers,
    /// `REFUND_RECEIPT_KEY` (secret): signs receipts, `kid:base64url` of an Ed25519 seed.
    pub receipt_key: ReceiptKey,
    /// From `REFUND_LOG_SECRET` (secret): 32 bytes in base64url; makes the hashes that logs hold in place of ids.
    pub log_key: MacKey,
    /// `REFUND_NOTIFY_ORIGIN`: where gateways reach us, `https://host`.
    pub notify_origin: Origin,
    /// `REFUND_WECHAT`, `REFUND_ALIPAY`, `REFUND_STRIPE` (secrets): credentials, as JSON. A gateway without any is not
    /// offered. `REFUND_WECHAT_ORIGIN` and so on: where it is, its own address if not set.
    pub gateways: Vec<(GatewayName, Box<dyn Gateway + Send + Sync>)>,
    /// Whom to believe when a policy pack is published; without it, the bundled one is the only one. `REFUND_ROOT_KEY`: the
    /// public keys that may sign the key set, `kid:base64url[,…]`. `REFUND_KEYSET_MINIMUM`, `REFUND_POLICY_SIGNERS`,
    /// `REFUND_POLICY_MINIMUM`: see [`TrustNames`].
    pub trust: Option<Trust>,
    /// The origins of the gateways that are offered: where this function may send.
    pub origins: Vec<Origin>,
}

/// The key that signs receipts.
pub struct ReceiptKey {
    /// Its id in the key set.
    pub kid: String,
    /// The key.
    pub key: SigningKey,
}

impl Config {
    /// Reads and parses it.
    ///
    /// # Errors
    /// The first key at fault.
    pub async fn read(variables: &impl Variables) -> Result<Config, ConfigError> {
        let callers = Callers::read(variables, "REFUND_CALLERS", "REFUND_AUTHORITIES").await?;
        let receipt_key = ReceiptKey::parse(&required(variables, "REFUND_RECEIPT_KEY").await?)
            .ok_or_else(|| ConfigError::malformed("REFUND_RECEIPT_KEY", "kid:base64url of 32 bytes"))?;
        let secret = Secret::from_base64url(&required(variables, "REFUND_LOG_SECRET").await?)
            .map_err(|_| ConfigError::malformed("REFUND_LOG_SECRET", "32 bytes in base64url"))?;
        let notify_origin = Origin::parse(&required(variables, "REFUND_NOTIFY_ORIGIN").await?)
            .map_err(|_| ConfigError::malformed("REFUND_NOTIFY_ORIGIN", origin::WANTED))?;
        let mut config = Config {
            callers,
            receipt_key,
            log_key: MacKey::new(&mac::derive(&secret, "venditor/refund/v1/log")),
            notify_origin,
            gateways: Vec::new(),
            trust: Trust::read(variables, SIGNERS, &TRUST).await?,
            origins: Vec::new(),
        };
        let wechat = ("REFUND_WECHAT", "REFUND_WECHAT_ORIGIN", "https://api.mch.weixin.qq.com");
        config.offer(variables, GatewayName::Wechat, wechat, |json, at| Ok(Box::new(Wechat::new(json, at)?))).await?;
        let alipay = ("REFUND_ALIPAY", "REFUND_ALIPAY_ORIGIN", "https://openapi.alipay.com");
        config.offer(variables, GatewayName::Alipay, alipay, |json, at| Ok(Box::new(Alipay::new(json, at)?))).await?;
        let stripe = ("REFUND_STRIPE", "REFUND_STRIPE_ORIGIN", "https://api.stripe.com");
        config.offer(variables, GatewayName::Stripe, stripe, |json, at| Ok(Box::new(Stripe::new(json, at)?))).await?;
        Ok(config)
    }

    async fn offer(
        &mut self,
        variables: &impl Variables,
        name: GatewayName,
        (key, origin_key, production): (&'static str, &'static str, &'static str),
        make: impl Fn(&str, &str) -> Result<Box<dyn Gateway + Send + Sync>, String>,
    ) -> Result<(), ConfigError> {
        let Some(credentials) = optional(variables, key).await? else { return Ok(()) };
        let at = optional(variables, origin_key).await?;
        let at = Origin::parse(at.as_deref().unwrap_or(production))
            .map_err(|_| ConfigError::malformed(origin_key, origin::WANTED))?;
        let gateway = make(&credentials, &at.to_string()).map_err(|why| ConfigError::malformed(key, why))?;
        self.gateways.push((name, gateway));
        self.origins.push(at);
        Ok(())
    }

    /// A gateway, if it is offered.
    pub fn gateway(&self, name: GatewayName) -> Option<&dyn Gateway> {
        let (_, gateway) = self.gateways.iter().find(|(known, _)| *known == name)?;
        Some(gateway.as_ref())
    }

    /// Where a gateway notifies us.
    pub fn notify_url(&self, name: GatewayName) -> String {
        format!("{}/v1/gateways/{}/notifications", self.notify_origin, name.as_str())
    }
}

impl ReceiptKey {
    fn parse(text: &str) -> Option<ReceiptKey> {
        let (kid, seed) = text.split_once(':')?;
        let seed = Secret::from_base64url(seed).ok()?;
        is_kid(kid).then(|| ReceiptKey { kid: kid.to_owned(), key: SigningKey::from_bytes(seed.expose()) })
    }
}

impl GatewayName {
    /// The gateway of a name.
    pub fn of(name: &str) -> Option<GatewayName> {
        [GatewayName::Wechat, GatewayName::Alipay, GatewayName::Stripe].into_iter().find(|known| known.as_str() == name)
    }
}
