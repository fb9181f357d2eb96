//! Alipay: `alipay.trade.refund`, `alipay.trade.fastpay.refund.query`, 异步通知; signed `RSA2` as 自行实现签名 and
//! checked as 自行实现验签 say.
//!
//! - A repeat with the same `out_request_no` moves no money and says `fund_change: N`. So does an answer about a trade
//!   that nothing was taken from, so N proves nothing by itself: it is unknown, and a query shows it.
//! - `refund_fee` is what was refunded of the **trade** so far, not by this request. It is held against bounds only.
//! - A query without `refund_status` may mean failed, not received, or not yet: no proof that nothing was paid. To send
//!   the same `out_request_no` again is safe at any time.
//! - Nothing in the interface lets a platform advance the money: `advance` changes nothing here.

mod node;
mod notification;

use http::Method;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use shared::http::Headers;
use shared::money::yuan;
use shared::origin::Origin;
use shared::platform::{OutboundRequest, OutboundResponse};

use super::rsa_keys::{Signer, Verifier};
use super::wire;
use super::{Gateway, Instruction, Moment, Notification, NotificationError, Report, Semantics};

/// Production's origin.
pub const ORIGIN: &str = "https://openapi.alipay.com";

/// `alipay.trade.refund`, 接口说明: within the period of the contract, twelve months by default. It states no lifetime
/// of `out_request_no`. The settling time and the interval are ours: no source gives them.
static SEMANTICS: Semantics = Semantics {
    key_lifetime_ms: None,
    new_key_after_refusal: false,
    absence_is_proof: false,
    settle_ms: 10_000,
    min_interval_ms: 3_000,
    max_refunds: 50,
    window_ms: 365 * 86_400_000,
};

/// The adapter, for one application.
pub struct Alipay {
    origin: Origin,
    app_id: String,
    key: Signer,
    platform_key: Verifier,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Config {
    app_id: Option<String>,
    private_key: Option<String>,
    alipay_public_key: Option<String>,
}

impl Alipay {
    /// Reads `{app_id, private_key, alipay_public_key}`: the application's number, its private key (PKCS#8), and
    /// Alipay's public key (SubjectPublicKeyInfo), the keys as PEM or bare base64.
    ///
    /// # Errors
    /// The member at fault; never a value.
    pub fn new(config_json: &str, base: &str) -> Result<Alipay, String> {
        let config: Config = wire::config(config_json)?;
        let private_key = wire::required(config.private_key, "private_key")?;
        let public_key = wire::required(config.alipay_public_key, "alipay_public_key")?;
        Ok(Alipay {
            origin: wire::origin(base)?,
            app_id: wire::token(config.app_id, "app_id")?,
            key: Signer::parse(&private_key).ok_or("private_key: not an RSA key of 2048 bits or more")?,
            platform_key: Verifier::parse(&public_key)
                .ok_or("alipay_public_key: not an RSA key of 2048 bits or more")?,
        })
    }

    fn request(&self, method: &str, biz_content: &str, notify_url: &str, moment: Moment<'_>) -> OutboundRequest {
        let timestamp = shared::china_time::second(moment.now_ms);
        let mut parameters = vec![
            ("app_id", self.app_id.as_str()),
            ("biz_content", biz_content),
            ("charset", "utf-8"),
            ("format", "JSON"),
            ("method", method),
            ("notify_url", notify_url),
            ("sign_type", "RSA2"),
            ("timestamp", timestamp.as_str()),
            ("version", "1.0"),
        ];
        parameters.retain(|(_, value)| !value.is_empty());
        let sign = self.key.sign(canonical(&mut parameters).as_bytes(), moment.nonce);
        parameters.push(("sign", sign.as_str()));
        let headers = vec![
            ("accept", "application/json".to_owned()),
            ("content-type", "application/x-www-form-urlencoded;charset=utf-8".to_owned()),
        ];
        let url = format!("{}/gateway.do", self.origin);
        wire::request(Method::POST, url, headers, wire::form(parameters).into_bytes())
    }

    /// The part of an answer that Alipay signed, or why it says nothing.
    fn open<'a>(
        &self,
        answer: &'a OutboundResponse,
        part: fn(&Envelope<'a>) -> Option<&'a RawValue>,
    ) -> Result<node::Node, Report> {
        if answer.status != 200 {
            return Err(wire::unknown_status(answer));
        }
        let envelope: Envelope<'a> = wire::json(&answer.body).map_err(|_| wire::unknown("malformed"))?;
        let signed = part(&envelope).or(envelope.error_response).ok_or_else(|| wire::unknown("malformed"))?;
        let sign = envelope.sign.ok_or_else(|| wire::unknown("bad_signature"))?;
        if !self.platform_key.verify(signed.get().as_bytes(), &sign) {
            return Err(wire::unknown("bad_signature"));
        }
        serde_json::from_str(signed.get()).map_err(|_| wire::unknown("malformed"))
    }
}

impl Gateway for Alipay {
    fn semantics(&self) -> &'static Semantics {
        &SEMANTICS
    }

    fn refund(&self, instruction: &Instruction, moment: Moment<'_>) -> OutboundRequest {
        let order = Order {
            trade_no: &instruction.transaction_id,
            out_request_no: &instruction.key,
            refund_amount: Some(yuan(instruction.amount_fen)),
            query_options: None,
        };
        self.request("alipay.trade.refund", &order.text(), &instruction.notify_url, moment)
    }

    fn read_refund(&self, answer: &OutboundResponse, instruction: &Instruction, _now_ms: i64) -> Report {
        match self.open(answer, |envelope| envelope.alipay_trade_refund_response) {
            Ok(node) => node.refund(instruction),
            Err(report) => report,
        }
    }

    fn query(&self, instruction: &Instruction, moment: Moment<'_>) -> OutboundRequest {
        let order = Order {
            trade_no: &instruction.transaction_id,
            out_request_no: &instruction.key,
            refund_amount: None,
            query_options: Some(["gmt_refund_pay"]),
        };
        self.request("alipay.trade.fastpay.refund.query", &order.text(), "", moment)
    }

    fn read_query(&self, answer: &OutboundResponse, instruction: &Instruction, _now_ms: i64) -> Report {
        match self.open(answer, |envelope| envelope.alipay_trade_fastpay_refund_query_response) {
            Ok(node) => node.query(instruction),
            Err(report) => report,
        }
    }

    /// Alipay repeats a notification unchanged for a day (`notify_time` is the time of sending), and states no limit of
    /// age: none is refused as stale. Whoever acts on one does so once.
    fn read_notification(&self, _: &Headers, body: &[u8], _now_ms: i64) -> Result<Notification, NotificationError> {
        notification::read(body, &self.platform_key, &self.app_id)
    }

    fn read_amount(&self, answer: &OutboundResponse, instruction: &Instruction) -> Option<i64> {
        let node = self.open(answer, |envelope| envelope.alipay_trade_fastpay_refund_query_response).ok()?;
        node.amount(instruction)
    }

    fn acknowledgement(&self, accepted: bool) -> (&'static str, &'static str) {
        ("text/plain; charset=utf-8", if accepted { "success" } else { "fail" })
    }
}

/// The text under a signature: `k=v&…`, sorted by name, values as they are. Sorts what it is given.
fn canonical<K: AsRef<str> + Ord, V: AsRef<str> + Ord>(parameters: &mut [(K, V)]) -> String {
    parameters.sort();
    let mut text = String::new();
    for (name, value) in parameters.iter() {
        if !text.is_empty() {
            text.push('&');
        }
        text.push_str(name.as_ref());
        text.push('=');
        text.push_str(value.as_ref());
    }
    text
}

#[derive(Serialize)]
struct Order<'a> {
    trade_no: &'a str,
    out_request_no: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    refund_amount: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    query_options: Option<[&'static str; 1]>,
}

impl Order<'_> {
    fn text(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// An answer. The signature is over the bytes of the one value, as they came.
#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(borrow)]
    alipay_trade_refund_response: Option<&'a RawValue>,
    #[serde(borrow)]
    alipay_trade_fastpay_refund_query_response: Option<&'a RawValue>,
    #[serde(borrow)]
    error_response: Option<&'a RawValue>,
    sign: Option<String>,
}

#[cfg(test)]
mod tests;
