//! WeChat Pay API v3: refunds (`/v3/refund/domestic/refunds`), their query, and their notifications.
//!
//! Requests are signed with the merchant's key over `METHOD\nURL\nTIMESTAMP\nNONCE\nBODY\n`; answers and notifications
//! with the platform's, over `TIMESTAMP\nNONCE\nBODY\n`. What is not signed is not believed, refusals included.
//! `SUCCESS` of the request means that it was accepted; the status tells whether the buyer has the money.

use std::collections::BTreeMap;

use aes_gcm::aead::{AeadInOut as _, KeyInit as _};
use aes_gcm::{Aes256Gcm, Nonce};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::Method;
use serde::{Deserialize, Serialize};
use shared::http::Headers;
use shared::platform::{OutboundRequest, OutboundResponse};

use super::rsa_key::{PrivateKey, PublicKey};
use super::{
    Gateway, Instruction, MAX_BYTES, Moment, Notification, NotificationError, Report, Semantics, Settled, TIMEOUT_MS,
    retry_after_ms,
};

const PATH: &str = "/v3/refund/domestic/refunds";
/// The official SDKs refuse a timestamp that is 300 s or more from the clock.
const SKEW_MS: u64 = 300_000;
/// `createdAt` of answers lies in China.
const DAY_MS: i64 = 86_400_000;

/// Refund application: the same number with the same parameters may be sent for ever; 50 refunds a payment, one a minute,
/// within 365 days.
static SEMANTICS: Semantics = Semantics {
    key_lifetime_ms: None,
    new_key_after_refusal: false,
    absence_is_proof: true,
    settle_ms: 5_000,
    min_interval_ms: 60_000,
    max_refunds: 50,
    window_ms: 365 * DAY_MS,
};

/// The adapter.
pub struct Wechat {
    origin: String,
    mchid: String,
    serial_no: String,
    private_key: PrivateKey,
    apiv3: Aes256Gcm,
    platform_keys: BTreeMap<String, PublicKey>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Credentials {
    mchid: String,
    serial_no: String,
    private_key: String,
    apiv3_key: String,
    platform_keys: BTreeMap<String, String>,
}

impl Wechat {
    /// Reads the credentials: `mchid`, `serial_no` (of the merchant's certificate), `private_key` (PKCS #8),
    /// `apiv3_key` (32 characters), `platform_keys` (by serial or public key id; several while they rotate).
    ///
    /// # Errors
    /// Which member is at fault, never what it holds.
    pub fn new(credentials: &str, origin: &str) -> Result<Wechat, String> {
        let given: Credentials =
            serde_json::from_str(credentials).map_err(|e| format!("JSON; line {}, column {}", e.line(), e.column()))?;
        let key = <[u8; 32]>::try_from(given.apiv3_key.as_bytes()).map_err(|_| "apiv3_key: 32 characters")?;
        let platform_keys: Option<BTreeMap<String, PublicKey>> =
            given.platform_keys.iter().map(|(serial, key)| Some((serial.clone(), PublicKey::parse(key)?))).collect();
        let platform_keys = platform_keys.filter(|keys| !keys.is_empty()).ok_or("platform_keys: public keys in PEM")?;
        Ok(Wechat {
            origin: origin.to_owned(),
            mchid: given.mchid,
            serial_no: given.serial_no,
            private_key: PrivateKey::parse(&given.private_key).ok_or("private_key: PKCS #8 in PEM")?,
            apiv3: Aes256Gcm::new(&key.into()),
            platform_keys,
        })
    }

    fn request(&self, method: Method, path: &str, body: Vec<u8>, moment: Moment<'_>) -> OutboundRequest {
        let timestamp = moment.now_ms.div_euclid(1000);
        let nonce = moment.nonce;
        let text = format!("{method}\n{path}\n{timestamp}\n{nonce}\n{}\n", String::from_utf8_lossy(&body));
        let authorization = format!(
            "WECHATPAY2-SHA256-RSA2048 mchid=\"{}\",nonce_str=\"{nonce}\",signature=\"{}\",timestamp=\"{timestamp}\",serial_no=\"{}\"",
            self.mchid,
            self.private_key.sign(&text),
            self.serial_no,
        );
        let mut headers = vec![
            ("authorization", authorization),
            ("accept", "application/json".to_owned()),
            // Refused without one.
            ("user-agent", "venditor".to_owned()),
        ];
        if !body.is_empty() {
            headers.push(("content-type", "application/json".to_owned()));
        }
        let url = format!("{}{path}", self.origin);
        OutboundRequest { method, url, headers, body, timeout_ms: TIMEOUT_MS, max_bytes: MAX_BYTES }
    }

    /// Whether a message is the platform's, and of now.
    fn genuine(&self, headers: &Headers, body: &[u8], now_ms: i64) -> Result<(), NotificationError> {
        let field = |name| headers.get(name).ok_or(NotificationError::BadSignature);
        let (timestamp, nonce) = (field("wechatpay-timestamp")?, field("wechatpay-nonce")?);
        let key = self.platform_keys.get(field("wechatpay-serial")?).ok_or(NotificationError::BadSignature)?;
        let text = [timestamp.as_bytes(), b"\n", nonce.as_bytes(), b"\n", body, b"\n"].concat();
        if !key.verifies(&text, field("wechatpay-signature")?) {
            return Err(NotificationError::BadSignature);
        }
        let at: i64 = timestamp.parse().map_err(|_| NotificationError::Malformed)?;
        let off = at.saturating_mul(1000).abs_diff(now_ms);
        if off >= SKEW_MS { Err(NotificationError::Stale) } else { Ok(()) }
    }

    fn read(&self, answer: &OutboundResponse, instruction: &Instruction, now_ms: i64, asked: bool) -> Report {
        if self.genuine(&answer.headers, &answer.body, now_ms).is_err() {
            let code = if answer.status >= 500 { format!("http_{}", answer.status) } else { "bad_signature".to_owned() };
            return Report::Unknown { code };
        }
        if answer.status != 200 {
            let code = serde_json::from_slice::<Fault>(&answer.body).map(|fault| fault.code);
            return fault(answer, code.ok(), asked);
        }
        let Ok(refund) = serde_json::from_slice::<Answer>(&answer.body) else { return unknown("malformed") };
        if refund.out_refund_no != instruction.key {
            return unknown("wrong_refund");
        }
        let amount = &refund.amount;
        let same = amount.refund == instruction.amount_fen && amount.total == instruction.paid_fen;
        if !same || amount.currency.as_deref().is_some_and(|currency| currency != "CNY") {
            return unknown("wrong_amount");
        }
        status(&refund.status, refund.refund_id, refund.success_time.as_deref())
    }
}

impl Gateway for Wechat {
    fn semantics(&self) -> &'static Semantics {
        &SEMANTICS
    }

    fn refund(&self, instruction: &Instruction, moment: Moment<'_>) -> OutboundRequest {
        let body = Body {
            transaction_id: &instruction.transaction_id,
            out_refund_no: &instruction.key,
            notify_url: &instruction.notify_url,
            // The platform's own available balance, in place of what the merchant has not settled.
            funds_account: instruction.advance.then_some("AVAILABLE"),
            amount: Amount { refund: instruction.amount_fen, total: instruction.paid_fen, currency: "CNY" },
        };
        let body = serde_json::to_vec(&body).unwrap_or_default();
        self.request(Method::POST, PATH, body, moment)
    }

    fn read_refund(&self, answer: &OutboundResponse, instruction: &Instruction, now_ms: i64) -> Report {
        self.read(answer, instruction, now_ms, false)
    }

    fn query(&self, instruction: &Instruction, moment: Moment<'_>) -> OutboundRequest {
        self.request(Method::GET, &format!("{PATH}/{}", instruction.key), Vec::new(), moment)
    }

    fn read_query(&self, answer: &OutboundResponse, instruction: &Instruction, now_ms: i64) -> Report {
        self.read(answer, instruction, now_ms, true)
    }

    fn read_notification(&self, headers: &Headers, body: &[u8], now_ms: i64) -> Result<Notification, NotificationError> {
        self.genuine(headers, body, now_ms)?;
        let event: Event = serde_json::from_slice(body).map_err(|_| NotificationError::Malformed)?;
        if !event.event_type.starts_with("REFUND.") {
            return Err(NotificationError::Irrelevant);
        }
        let opened = self.open(&event.resource).ok_or(NotificationError::Malformed)?;
        let refund: Notified = serde_json::from_slice(&opened).map_err(|_| NotificationError::Malformed)?;
        Ok(Notification {
            key: refund.out_refund_no,
            transaction_id: Some(refund.transaction_id),
            amount_fen: Some(refund.amount.refund),
            report: status(&refund.refund_status, refund.refund_id, refund.success_time.as_deref()),
        })
    }

    fn acknowledgement(&self, accepted: bool) -> (&'static str, &'static str) {
        let words = if accepted { r#"{"code":"SUCCESS"}"# } else { r#"{"code":"FAIL","message":"refused"}"# };
        ("application/json", words)
    }
}

impl Wechat {
    /// AEAD_AES_256_GCM under the APIv3 key.
    fn open(&self, resource: &Resource) -> Option<Vec<u8>> {
        if resource.algorithm != "AEAD_AES_256_GCM" {
            return None;
        }
        let nonce = <[u8; 12]>::try_from(resource.nonce.as_bytes()).ok()?;
        let mut text = STANDARD.decode(&resource.ciphertext).ok()?;
        let data = resource.associated_data.as_deref().unwrap_or_default().as_bytes();
        self.apiv3.decrypt_in_place(&Nonce::from(nonce), data, &mut text).ok()?;
        Some(text)
    }
}

/// A refund's status. `ABNORMAL`: the buyer's bank sent the money back; people decide where it goes.
fn status(status: &str, refund_no: String, success_time: Option<&str>) -> Report {
    match status {
        "SUCCESS" => Report::Succeeded(Settled { refund_no, at: success_time.and_then(rfc_3339_ms) }),
        "PROCESSING" => Report::Processing { refund_no: Some(refund_no) },
        "CLOSED" | "ABNORMAL" => Report::Refused { code: status.to_owned() },
        _ => unknown("malformed"),
    }
}

/// A signed error. `asked`: of a query.
fn fault(answer: &OutboundResponse, code: Option<String>, asked: bool) -> Report {
    let Some(code) = code else { return unknown("malformed") };
    match (code.as_str(), asked) {
        ("RESOURCE_NOT_EXISTS", true) => Report::NotFound,
        ("FREQUENCY_LIMITED" | "RATELIMIT_EXCEEDED" | "FREQUENCY_LIMIT_EXCEED", false) => {
            Report::NotAccepted { code, retry_after_ms: retry_after_ms(&answer.headers) }
        }
        ("NOT_ENOUGH", false) => Report::InsufficientFunds { code },
        (
            "USER_ACCOUNT_ABNORMAL" | "NO_AUTH" | "INVALID_REQUEST" | "PARAM_ERROR" | "SIGN_ERROR" | "MCH_NOT_EXISTS"
            | "RESOURCE_NOT_EXISTS" | "APPID_MCHID_NOT_MATCH",
            false,
        ) => Report::Refused { code },
        // SYSTEM_ERROR, and whatever is not known: the same number may be sent again once it has been asked after.
        _ => Report::Unknown { code },
    }
}

fn unknown(code: &str) -> Report {
    Report::Unknown { code: code.to_owned() }
}

/// `2018-06-08T10:34:56+08:00` in milliseconds.
fn rfc_3339_ms(text: &str) -> Option<i64> {
    let (date, rest) = text.split_once('T')?;
    let day = shared::china_time::parse_date(date)?;
    let (clock, offset_ms) = match rest.strip_suffix('Z') {
        Some(clock) => (clock, 0),
        None => {
            let at = rest.rfind(['+', '-'])?;
            let (clock, offset) = rest.split_at_checked(at)?;
            let sign = if offset.starts_with('-') { -1 } else { 1 };
            let (hours, minutes) = offset.get(1..)?.split_once(':')?;
            let minutes = hours.parse::<i64>().ok()?.checked_mul(60)?.checked_add(minutes.parse().ok()?)?;
            (clock, minutes.checked_mul(60_000)?.checked_mul(sign)?)
        }
    };
    let mut parts = clock.split(':');
    let (hour, minute, second) = (parts.next()?, parts.next()?, parts.next()?);
    let (second, milli) = second.split_once('.').unwrap_or((second, "0"));
    let number = |text: &str| text.parse::<i64>().ok();
    let seconds = number(hour)?.checked_mul(3600)?.checked_add(number(minute)?.checked_mul(60)?)?;
    let seconds = seconds.checked_add(number(second)?)?;
    let of_day = seconds.checked_mul(1000)?.checked_add(number(milli.get(..3).unwrap_or(milli))?)?;
    day.checked_mul(DAY_MS)?.checked_add(of_day)?.checked_sub(offset_ms)
}

#[derive(Serialize)]
struct Body<'a> {
    transaction_id: &'a str,
    out_refund_no: &'a str,
    notify_url: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    funds_account: Option<&'a str>,
    amount: Amount<'a>,
}

#[derive(Serialize)]
struct Amount<'a> {
    refund: i64,
    total: i64,
    currency: &'a str,
}

#[derive(Deserialize)]
struct Answer {
    refund_id: String,
    out_refund_no: String,
    status: String,
    #[serde(default)]
    success_time: Option<String>,
    amount: AnswerAmount,
}

#[derive(Deserialize)]
struct AnswerAmount {
    total: i64,
    refund: i64,
    #[serde(default)]
    currency: Option<String>,
}

#[derive(Deserialize)]
struct Fault {
    code: String,
}

#[derive(Deserialize)]
struct Event {
    event_type: String,
    resource: Resource,
}

#[derive(Deserialize)]
struct Resource {
    algorithm: String,
    ciphertext: String,
    nonce: String,
    #[serde(default)]
    associated_data: Option<String>,
}

#[derive(Deserialize)]
struct Notified {
    transaction_id: String,
    refund_id: String,
    out_refund_no: String,
    refund_status: String,
    #[serde(default)]
    success_time: Option<String>,
    amount: NotifiedAmount,
}

#[derive(Deserialize)]
struct NotifiedAmount {
    refund: i64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants() {
        assert_eq!(rfc_3339_ms("1970-01-01T08:00:00+08:00"), Some(0));
        assert_eq!(rfc_3339_ms("2018-06-08T10:34:56+08:00"), Some(1_528_425_296_000));
        assert_eq!(rfc_3339_ms("2018-06-08T02:34:56.789Z"), Some(1_528_425_296_789));
        for bad in ["", "2018-06-08", "2018-06-08T10:34+08:00", "2018-06-08T10:34:56"] {
            assert_eq!(rfc_3339_ms(bad), None, "{bad}");
        }
    }
}
