//! WeChat Pay API v3: 申请退款 `POST /v3/refund/domestic/refunds`, 查询单笔退款
//! `GET /v3/refund/domestic/refunds/{out_refund_no}`, 退款结果通知; signed as 签名生成 and checked as 签名验证 say.
//!
//! WeChat Pay signs its answers, errors too. **An answer whose signature does not verify says nothing**: neither that
//! the refund was made nor that it was refused. A signature binds no request, so an answer must also name this refund.

mod notification;

use std::collections::BTreeMap;

use http::Method;
use serde::{Deserialize, Serialize};
use shared::http::Headers;
use shared::origin::Origin;
use shared::platform::{OutboundRequest, OutboundResponse};

use super::rsa_keys::{Signer, Verifier};
use super::{Gateway, Instruction, Moment, Notification, NotificationError, Report, Semantics, Settled};
use super::{times, wire};

/// Production's origin.
pub const ORIGIN: &str = "https://api.mch.weixin.qq.com";
const PATH: &str = "/v3/refund/domestic/refunds";
/// The official SDKs refuse a time this far off, or farther, seconds.
const MAX_SKEW_S: u64 = 300;

/// 申请退款, 注意 and FAQ: one refund a minute for one order, 50 in all, within a year; ask a minute later. The same
/// `out_refund_no` is refunded once, however often it is sent, and is sent again after a refusal too.
static SEMANTICS: Semantics = Semantics {
    key_lifetime_ms: None,
    new_key_after_refusal: false,
    absence_is_proof: true,
    settle_ms: 60_000,
    min_interval_ms: 60_000,
    max_refunds: 50,
    window_ms: 365 * 86_400_000,
};

/// The adapter, for one merchant.
pub struct Wechat {
    origin: Origin,
    mchid: String,
    serial_no: String,
    key: Signer,
    apiv3_key: [u8; 32],
    platform_keys: BTreeMap<String, Verifier>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Config {
    mchid: Option<String>,
    serial_no: Option<String>,
    private_key: Option<String>,
    apiv3_key: Option<String>,
    platform_keys: Option<BTreeMap<String, String>>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Asked {
    Refund,
    Query,
}

impl Wechat {
    /// Reads `{mchid, serial_no, private_key, apiv3_key, platform_keys: {serial or public key id: key}}`: the merchant's
    /// number, the serial number of its certificate, its private key (PKCS#8), the APIv3 key (32 characters), and WeChat
    /// Pay's public keys (SubjectPublicKeyInfo), several while they rotate.
    ///
    /// # Errors
    /// The member at fault; never a value.
    pub fn new(config_json: &str, base: &str) -> Result<Wechat, String> {
        let config: Config = wire::config(config_json)?;
        let private_key = wire::required(config.private_key, "private_key")?;
        let apiv3_key = wire::required(config.apiv3_key, "apiv3_key")?;
        let mut platform_keys = BTreeMap::new();
        for (serial, text) in config.platform_keys.unwrap_or_default() {
            let key =
                Verifier::parse(&text).ok_or_else(|| format!("platform_keys.{}: no key", wire::clean(&serial)))?;
            platform_keys.insert(serial, key);
        }
        if platform_keys.is_empty() {
            return Err("platform_keys: missing".to_owned());
        }
        Ok(Wechat {
            origin: wire::origin(base)?,
            mchid: wire::token(config.mchid, "mchid")?,
            serial_no: wire::token(config.serial_no, "serial_no")?,
            key: Signer::parse(&private_key).ok_or("private_key: not an RSA key of 2048 bits or more")?,
            apiv3_key: apiv3_key.as_bytes().try_into().map_err(|_| "apiv3_key: not 32 characters")?,
            platform_keys,
        })
    }

    fn request(&self, method: Method, path: &str, body: Vec<u8>, moment: Moment<'_>) -> OutboundRequest {
        let timestamp = moment.now_ms.div_euclid(1000);
        let message = request_message(method.as_str(), path, timestamp, moment.nonce, &body);
        let authorization = format!(
            "WECHATPAY2-SHA256-RSA2048 mchid=\"{}\",nonce_str=\"{}\",signature=\"{}\",timestamp=\"{timestamp}\",\
             serial_no=\"{}\"",
            self.mchid,
            moment.nonce,
            self.key.sign(&message, moment.nonce),
            self.serial_no
        );
        let mut headers = vec![
            ("accept", "application/json".to_owned()),
            ("authorization", authorization),
            ("user-agent", "venditor".to_owned()),
        ];
        if !body.is_empty() {
            headers.push(("content-type", "application/json".to_owned()));
        }
        wire::request(method, format!("{}{path}", self.origin), headers, body)
    }

    /// Whether WeChat Pay said this, and lately.
    fn verify(&self, headers: &Headers, body: &[u8], now_ms: i64) -> Result<(), NotificationError> {
        // `combined`: a field sent twice verifies under no key.
        let field = |name| headers.combined(name).ok_or(NotificationError::BadSignature);
        let (timestamp, nonce) = (field("wechatpay-timestamp")?, field("wechatpay-nonce")?);
        let (signature, serial) = (field("wechatpay-signature")?, field("wechatpay-serial")?);
        let key = self.platform_keys.get(&serial).ok_or(NotificationError::BadSignature)?;
        if !key.verify(&answer_message(&timestamp, &nonce, body), &signature) {
            return Err(NotificationError::BadSignature);
        }
        let then: i64 = timestamp.parse().map_err(|_| NotificationError::BadSignature)?;
        if now_ms.div_euclid(1000).abs_diff(then) >= MAX_SKEW_S { Err(NotificationError::Stale) } else { Ok(()) }
    }

    fn read(&self, answer: &OutboundResponse, instruction: &Instruction, now_ms: i64, asked: Asked) -> Report {
        match self.verify(&answer.headers, &answer.body, now_ms) {
            Err(_) if answer.status >= 500 => return wire::unknown_status(answer),
            Err(NotificationError::Stale) => return wire::unknown("stale"),
            Err(_) => return wire::unknown("bad_signature"),
            Ok(()) => {}
        }
        if answer.status == 200 {
            let refund: Result<Refund, _> = wire::json(&answer.body);
            return refund.map_or_else(|_| wire::unknown("malformed"), |refund| refund.report(instruction));
        }
        match (wire::json::<Failure>(&answer.body), asked) {
            (Err(_), _) => wire::unknown("malformed"),
            (Ok(failure), Asked::Refund) => refund_failure(answer, &failure.code),
            (Ok(failure), Asked::Query) if answer.status == 404 && failure.code == "RESOURCE_NOT_EXISTS" => {
                Report::NotFound
            }
            // A query that fails says nothing about the refund, whatever the code.
            (Ok(failure), Asked::Query) => wire::unknown(&failure.code),
        }
    }
}

impl Gateway for Wechat {
    fn per_second(&self) -> i64 {
        // Of the 150 that it takes of a merchant, requests of the moment need some too.
        100
    }

    fn semantics(&self) -> &'static Semantics {
        &SEMANTICS
    }

    /// `advance` becomes `funds_account: AVAILABLE`, the funding option of this interface: out of the available balance,
    /// which the platform has filled, and not out of unsettled takings. (`refund_account:
    /// REFUND_SOURCE_PARTNER_ADVANCE` belongs to 电商收付通, another interface, which needs a `sub_mchid`.)
    fn refund(&self, instruction: &Instruction, moment: Moment<'_>) -> OutboundRequest {
        let order = Order {
            transaction_id: &instruction.transaction_id,
            out_refund_no: &instruction.key,
            notify_url: Some(instruction.notify_url.as_str()).filter(|url| !url.is_empty()),
            funds_account: instruction.advance.then_some("AVAILABLE"),
            amount: OrderAmount { refund: instruction.amount_fen, total: instruction.paid_fen, currency: "CNY" },
        };
        self.request(Method::POST, PATH, serde_json::to_vec(&order).unwrap_or_default(), moment)
    }

    fn read_refund(&self, answer: &OutboundResponse, instruction: &Instruction, now_ms: i64) -> Report {
        self.read(answer, instruction, now_ms, Asked::Refund)
    }

    fn query(&self, instruction: &Instruction, moment: Moment<'_>) -> OutboundRequest {
        let mut path = format!("{PATH}/");
        wire::escape(&instruction.key, &mut path);
        self.request(Method::GET, &path, Vec::new(), moment)
    }

    fn read_query(&self, answer: &OutboundResponse, instruction: &Instruction, now_ms: i64) -> Report {
        self.read(answer, instruction, now_ms, Asked::Query)
    }

    fn read_notification(
        &self,
        headers: &Headers,
        body: &[u8],
        now_ms: i64,
    ) -> Result<Notification, NotificationError> {
        self.verify(headers, body, now_ms)?;
        notification::read(body, &self.apiv3_key, &self.mchid)
    }

    fn acknowledgement(&self, accepted: bool) -> (&'static str, &'static str) {
        let body =
            if accepted { r#"{"code":"SUCCESS","message":"成功"}"# } else { r#"{"code":"FAIL","message":"失败"}"# };
        ("application/json", body)
    }
}

/// 签名生成: the text under a request's signature.
fn request_message(method: &str, path: &str, timestamp: i64, nonce: &str, body: &[u8]) -> Vec<u8> {
    let mut message = format!("{method}\n{path}\n{timestamp}\n{nonce}\n").into_bytes();
    message.extend_from_slice(body);
    message.push(b'\n');
    message
}

/// 签名验证: the text under the signature of an answer or a notification.
fn answer_message(timestamp: &str, nonce: &str, body: &[u8]) -> Vec<u8> {
    let mut message = format!("{timestamp}\n{nonce}\n").into_bytes();
    message.extend_from_slice(body);
    message.push(b'\n');
    message
}

#[derive(Serialize)]
struct Order<'a> {
    transaction_id: &'a str,
    out_refund_no: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    notify_url: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    funds_account: Option<&'static str>,
    amount: OrderAmount,
}

#[derive(Serialize)]
struct OrderAmount {
    refund: i64,
    total: i64,
    currency: &'static str,
}

/// The answer to either request. A known member sent twice does not parse.
#[derive(Deserialize)]
struct Refund {
    refund_id: String,
    out_refund_no: String,
    transaction_id: String,
    status: String,
    success_time: Option<String>,
    amount: RefundAmount,
}

#[derive(Deserialize)]
struct RefundAmount {
    refund: i64,
    total: i64,
    currency: String,
}

#[derive(Deserialize)]
struct Failure {
    code: String,
}

impl Refund {
    fn report(self, instruction: &Instruction) -> Report {
        if self.out_refund_no != instruction.key || self.transaction_id != instruction.transaction_id {
            return wire::unknown("wrong_refund");
        }
        let amount = &self.amount;
        if (amount.refund, amount.total) != (instruction.amount_fen, instruction.paid_fen) || amount.currency != "CNY" {
            return wire::unknown("wrong_amount");
        }
        status(&self.status, self.refund_id, self.success_time.as_deref())
    }
}

/// A refund's status. `ABNORMAL` – the buyer's card is void, the money has left the merchant and people must route it –
/// is no refusal: neither this key nor another may be sent, and it may yet succeed.
fn status(status: &str, refund_id: String, success_time: Option<&str>) -> Report {
    match status {
        "SUCCESS" => Report::Succeeded(Settled { refund_no: refund_id, at: success_time.and_then(times::rfc3339_ms) }),
        "PROCESSING" => Report::Processing { refund_no: Some(refund_id) },
        "CLOSED" => wire::refused(status),
        "ABNORMAL" => wire::unknown("abnormal"),
        _ => wire::unknown("malformed"),
    }
}

/// 申请退款, 错误码. A code that it does not list is unknown, not refused.
fn refund_failure(answer: &OutboundResponse, code: &str) -> Report {
    match code {
        _ if !(400..500).contains(&answer.status) => wire::unknown(code),
        // The deployment's credentials are at fault, not the refund: once they are put right, it is sent.
        "SIGN_ERROR" | "MCH_NOT_EXISTS" => wire::not_now(code),
        "FREQUENCY_LIMITED" | "RATELIMIT_EXCEEDED" => {
            Report::NotAccepted { code: wire::clean(code), retry_after_ms: wire::retry_after_ms(&answer.headers) }
        }
        "NOT_ENOUGH" => Report::InsufficientFunds { code: wire::clean(code) },
        "USER_ACCOUNT_ABNORMAL" | "NO_AUTH" | "INVALID_REQUEST" | "PARAM_ERROR" | "RESOURCE_NOT_EXISTS" => {
            wire::refused(code)
        }
        _ => wire::unknown(code),
    }
}

#[cfg(test)]
mod tests;
