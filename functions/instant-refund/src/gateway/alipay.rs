//! Alipay open platform: `alipay.trade.refund`, `alipay.trade.fastpay.refund.query`, and notifications. RSA2.
//!
//! A request's `sign` covers its parameters, sorted, as `k=v&k=v`; an answer's covers the exact text of its
//! `…_response` member, so that member is kept raw until it is verified. A repeat of a refund answers `fund_change: N`:
//! no money moved **now**, which does not say that it moved before; only the query does.

use std::collections::BTreeMap;

use http::Method;
use serde::Deserialize;
use serde_json::json;
use serde_json::value::RawValue;
use shared::http::{Headers, decode_pairs};
use shared::platform::{OutboundRequest, OutboundResponse};

use super::rsa_key::{PrivateKey, PublicKey};
use super::{
    Gateway, Instruction, MAX_BYTES, Moment, Notification, NotificationError, Report, Semantics, Settled, TIMEOUT_MS,
    encode,
};

const PATH: &str = "/gateway.do";
const REFUND: &str = "alipay.trade.refund";
const QUERY: &str = "alipay.trade.fastpay.refund.query";
const DAY_MS: i64 = 86_400_000;

/// `out_request_no` names a refund for good. A query without `refund_status` means failed **or** not received: repeating
/// the same number is safe, taking a new one is not.
static SEMANTICS: Semantics = Semantics {
    key_lifetime_ms: None,
    new_key_after_refusal: false,
    absence_is_proof: false,
    // The documentation asks for a query no sooner than ten seconds after the refund.
    settle_ms: 10_000,
    min_interval_ms: 3_000,
    max_refunds: 50,
    window_ms: 365 * DAY_MS,
};

/// The adapter.
pub struct Alipay {
    origin: String,
    app_id: String,
    private_key: PrivateKey,
    alipay_public_key: PublicKey,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Credentials {
    app_id: String,
    private_key: String,
    alipay_public_key: String,
}

impl Alipay {
    /// Reads the credentials: `app_id`, `private_key` (PKCS #8), `alipay_public_key`.
    ///
    /// # Errors
    /// Which member is at fault, never what it holds.
    pub fn new(credentials: &str, origin: &str) -> Result<Alipay, String> {
        let given: Credentials =
            serde_json::from_str(credentials).map_err(|e| format!("JSON; line {}, column {}", e.line(), e.column()))?;
        Ok(Alipay {
            origin: origin.to_owned(),
            app_id: given.app_id,
            private_key: PrivateKey::parse(&given.private_key).ok_or("private_key: PKCS #8")?,
            alipay_public_key: PublicKey::parse(&given.alipay_public_key).ok_or("alipay_public_key: a public key")?,
        })
    }

    fn request(&self, method: &str, biz_content: &serde_json::Value, notify: Option<&str>, now_ms: i64) -> OutboundRequest {
        let biz_content = biz_content.to_string();
        let timestamp = shared::china_time::second(now_ms);
        let mut parameters: BTreeMap<&str, &str> = [
            ("app_id", self.app_id.as_str()),
            ("method", method),
            ("format", "JSON"),
            ("charset", "utf-8"),
            ("sign_type", "RSA2"),
            ("timestamp", &timestamp),
            ("version", "1.0"),
            ("biz_content", &biz_content),
        ]
        .into();
        parameters.extend(notify.map(|url| ("notify_url", url)));
        let sign = self.private_key.sign(&canonical(&parameters));
        parameters.insert("sign", &sign);
        let body: Vec<String> = parameters.iter().map(|(name, value)| format!("{name}={}", encode(value))).collect();
        OutboundRequest {
            method: Method::POST,
            url: format!("{}{PATH}", self.origin),
            headers: vec![("content-type", "application/x-www-form-urlencoded;charset=utf-8".to_owned())],
            body: body.join("&").into_bytes(),
            timeout_ms: TIMEOUT_MS,
            max_bytes: MAX_BYTES,
        }
    }

    /// The `…_response` member of a signed answer.
    fn open<T: for<'de> Deserialize<'de>>(&self, answer: &OutboundResponse, member: &str) -> Result<T, Report> {
        if answer.status != 200 {
            return Err(Report::Unknown { code: format!("http_{}", answer.status) });
        }
        let malformed = || unknown("malformed");
        let members: BTreeMap<String, Box<RawValue>> =
            serde_json::from_slice(&answer.body).map_err(|_| malformed())?;
        let raw = members.get(member).ok_or_else(malformed)?;
        let sign: Option<String> = members.get("sign").and_then(|sign| serde_json::from_str(sign.get()).ok());
        if !sign.is_some_and(|sign| self.alipay_public_key.verifies(raw.get().as_bytes(), &sign)) {
            return Err(unknown("bad_signature"));
        }
        serde_json::from_str(raw.get()).map_err(|_| malformed())
    }
}

impl Gateway for Alipay {
    fn semantics(&self) -> &'static Semantics {
        &SEMANTICS
    }

    fn refund(&self, instruction: &Instruction, moment: Moment<'_>) -> OutboundRequest {
        // Alipay knows no advance: the fund tops the seller's balance up, and the same request is sent again.
        let content = json!({
            "trade_no": instruction.transaction_id,
            "refund_amount": yuan(instruction.amount_fen),
            "out_request_no": instruction.key,
        });
        self.request(REFUND, &content, Some(&instruction.notify_url), moment.now_ms)
    }

    fn read_refund(&self, answer: &OutboundResponse, instruction: &Instruction, now_ms: i64) -> Report {
        let refund: Refunded = match self.open(answer, "alipay_trade_refund_response") {
            Ok(refund) => refund,
            Err(report) => return report,
        };
        if refund.code != "10000" {
            return fault(refund.code, refund.sub_code);
        }
        if refund.trade_no.as_deref() != Some(instruction.transaction_id.as_str()) {
            return unknown("wrong_refund");
        }
        // Cumulative over all refunds of the trade: it cannot be less than this one.
        let covers = refund.refund_fee.as_deref().and_then(fen).is_some_and(|fee| fee >= instruction.amount_fen);
        match refund.fund_change.as_deref() {
            Some("N") => unknown("fund_change_n"),
            Some("Y") if covers => {
                Report::Succeeded(Settled { refund_no: instruction.key.clone(), at: Some(now_ms) })
            }
            Some("Y") => unknown("wrong_amount"),
            _ => unknown("malformed"),
        }
    }

    fn query(&self, instruction: &Instruction, moment: Moment<'_>) -> OutboundRequest {
        let content = json!({ "trade_no": instruction.transaction_id, "out_request_no": instruction.key });
        self.request(QUERY, &content, None, moment.now_ms)
    }

    fn read_query(&self, answer: &OutboundResponse, instruction: &Instruction, now_ms: i64) -> Report {
        let found: Queried = match self.open(answer, "alipay_trade_fastpay_refund_query_response") {
            Ok(found) => found,
            Err(report) => return report,
        };
        if found.code != "10000" {
            return match found.sub_code.as_deref() {
                Some("ACQ.TRADE_NOT_EXIST" | "TRADE_NOT_EXIST") => Report::NotFound,
                sub_code => Report::Unknown { code: sub_code.unwrap_or(&found.code).to_owned() },
            };
        }
        if found.out_request_no.as_deref().is_some_and(|number| number != instruction.key) {
            return unknown("wrong_refund");
        }
        match found.refund_status.as_deref() {
            Some("REFUND_SUCCESS") => {
                if found.refund_amount.as_deref().and_then(fen) != Some(instruction.amount_fen) {
                    return unknown("wrong_amount");
                }
                Report::Succeeded(Settled { refund_no: instruction.key.clone(), at: Some(now_ms) })
            }
            None | Some("") => Report::NotFound,
            Some(_) => unknown("malformed"),
        }
    }

    fn read_notification(&self, _: &Headers, body: &[u8], _: i64) -> Result<Notification, NotificationError> {
        let text = std::str::from_utf8(body).map_err(|_| NotificationError::Malformed)?;
        let sent: BTreeMap<String, String> = decode_pairs(text).collect();
        let sign = sent.get("sign").ok_or(NotificationError::BadSignature)?;
        let signed = sent.iter().filter(|(name, _)| *name != "sign" && *name != "sign_type");
        let signed: BTreeMap<&str, &str> = signed.map(|(name, value)| (name.as_str(), value.as_str())).collect();
        if !self.alipay_public_key.verifies(canonical(&signed).as_bytes(), sign) {
            return Err(NotificationError::BadSignature);
        }
        let field = |name: &str| signed.get(name).copied();
        if field("app_id") != Some(self.app_id.as_str()) {
            return Err(NotificationError::BadSignature);
        }
        let Some(key) = field("out_biz_no") else { return Err(NotificationError::Irrelevant) };
        // Its `refund_fee` is cumulative over the trade: not this refund's amount. It tells that something moved;
        // a query tells what.
        Ok(Notification {
            key: key.to_owned(),
            transaction_id: field("trade_no").map(str::to_owned),
            amount_fen: None,
            report: Report::Processing { refund_no: None },
        })
    }

    fn acknowledgement(&self, accepted: bool) -> (&'static str, &'static str) {
        ("text/plain", if accepted { "success" } else { "fail" })
    }
}

/// What is signed: non-empty parameters, sorted by name.
fn canonical(parameters: &BTreeMap<&str, &str>) -> String {
    let pairs = parameters.iter().filter(|(_, value)| !value.is_empty());
    pairs.map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&")
}

fn fault(code: String, sub_code: Option<String>) -> Report {
    let sub = sub_code.unwrap_or(code);
    match sub.as_str() {
        "ACQ.SELLER_BALANCE_NOT_ENOUGH" => Report::InsufficientFunds { code: sub },
        "ACQ.REFUND_AMT_NOT_EQUAL_TOTAL"
        | "ACQ.TRADE_NOT_EXIST"
        | "ACQ.TRADE_HAS_FINISHED"
        | "ACQ.TRADE_STATUS_ERROR"
        | "ACQ.REASON_TRADE_REFUND_FEE_ERR"
        | "ACQ.DISCORDANT_REPEAT_REQUEST"
        | "ACQ.BUYER_ERROR"
        | "ACQ.BUYER_NOT_EXIST"
        | "ACQ.TRADE_NOT_ALLOW_REFUND"
        | "ACQ.REFUND_FEE_ERROR"
        | "ACQ.INVALID_PARAMETER"
        | "isv.invalid-app-id"
        | "isv.invalid-signature"
        | "isv.missing-signature" => Report::Refused { code: sub },
        "isv.call-limited" | "isp.call-limited" => Report::NotAccepted { code: sub, retry_after_ms: None },
        // ACQ.SYSTEM_ERROR, aop.ACQ.SYSTEM_ERROR, 20000, and whatever is not known.
        _ => Report::Unknown { code: sub },
    }
}

fn unknown(code: &str) -> Report {
    Report::Unknown { code: code.to_owned() }
}

/// Yuan with two decimals.
fn yuan(fen: i64) -> String {
    format!("{}.{:02}", fen.div_euclid(100), fen.rem_euclid(100))
}

/// Fen of a text in yuan with at most two decimals.
fn fen(text: &str) -> Option<i64> {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || !digits(whole) || !digits(decimals) || decimals.len() > 2 {
        return None;
    }
    whole.parse::<i64>().ok()?.checked_mul(100)?.checked_add(format!("{decimals:0<2}").parse().ok()?)
}

#[derive(Deserialize)]
struct Refunded {
    code: String,
    #[serde(default)]
    sub_code: Option<String>,
    #[serde(default)]
    trade_no: Option<String>,
    #[serde(default)]
    fund_change: Option<String>,
    #[serde(default)]
    refund_fee: Option<String>,
}

#[derive(Deserialize)]
struct Queried {
    code: String,
    #[serde(default)]
    sub_code: Option<String>,
    #[serde(default)]
    out_request_no: Option<String>,
    #[serde(default)]
    refund_status: Option<String>,
    #[serde(default)]
    refund_amount: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts() {
        for (fen_, text) in [(1, "0.01"), (10, "0.10"), (100, "1.00"), (12_345, "123.45"), (1_000_000_000_000, "10000000000.00")] {
            assert_eq!((yuan(fen_).as_str(), fen(text)), (text, Some(fen_)));
        }
        assert_eq!((fen("1"), fen("1.5")), (Some(100), Some(150)));
        for bad in ["", ".5", "-1", "1.234", "1e2", "1,00", "99999999999999999999"] {
            assert_eq!(fen(bad), None, "{bad}");
        }
    }

    #[test]
    fn the_signed_text_is_sorted_and_has_no_empty_values() {
        let parameters = [("b", "2"), ("a", "1=&"), ("c", "")].into();
        assert_eq!(canonical(&parameters), "a=1=&&b=2");
    }
}
