//! Stripe: `POST /v1/refunds` with `Idempotency-Key`, the list of a payment's refunds as the query, and webhooks.
//!
//! A key may be forgotten after 24 hours, and the answer to a refusal is kept under it: after one, a new key is needed.
//! The query does not depend on keys: every refund bears ours in its metadata.

use std::collections::BTreeMap;

use http::Method;
use serde::Deserialize;
use serde_json::Value;
use shared::http::Headers;
use shared::mac;
use shared::platform::{OutboundRequest, OutboundResponse};
use shared::trace::hex;

use super::{
    Gateway, Instruction, MAX_BYTES, Moment, Notification, NotificationError, Report, Semantics, Settled, TIMEOUT_MS,
    encode, retry_after_ms,
};

const PATH: &str = "/v1/refunds";
const VERSION: &str = "2024-06-20";
const DAY_MS: i64 = 86_400_000;
/// Stripe's own libraries allow five minutes.
const TOLERANCE_MS: u64 = 300_000;

static SEMANTICS: Semantics = Semantics {
    key_lifetime_ms: Some(DAY_MS),
    new_key_after_refusal: true,
    // Lists are read from what was written.
    absence_is_proof: true,
    settle_ms: 5_000,
    min_interval_ms: 0,
    max_refunds: 100,
    window_ms: 365 * DAY_MS,
};

/// The adapter.
pub struct Stripe {
    origin: String,
    secret_key: String,
    webhook_secrets: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Credentials {
    secret_key: String,
    #[serde(default)]
    webhook_secrets: Vec<String>,
}

impl Stripe {
    /// Reads the credentials: `secret_key`, and `webhook_secrets` (several while they rotate).
    ///
    /// # Errors
    /// Which member is at fault, never what it holds.
    pub fn new(credentials: &str, origin: &str) -> Result<Stripe, String> {
        let given: Credentials =
            serde_json::from_str(credentials).map_err(|e| format!("JSON; line {}, column {}", e.line(), e.column()))?;
        let good = !given.secret_key.is_empty() && given.secret_key.bytes().all(|b| b.is_ascii_graphic());
        if !good {
            return Err("secret_key: visible ASCII".to_owned());
        }
        let Credentials { secret_key, webhook_secrets } = given;
        Ok(Stripe { origin: origin.to_owned(), secret_key, webhook_secrets })
    }

    fn request(&self, method: Method, path: &str, key: Option<&str>, body: Vec<u8>) -> OutboundRequest {
        let mut headers =
            vec![("authorization", format!("Bearer {}", self.secret_key)), ("stripe-version", VERSION.to_owned())];
        headers.extend(key.map(|key| ("idempotency-key", key.to_owned())));
        if !body.is_empty() {
            headers.push(("content-type", "application/x-www-form-urlencoded".to_owned()));
        }
        let url = format!("{}{path}", self.origin);
        OutboundRequest { method, url, headers, body, timeout_ms: TIMEOUT_MS, max_bytes: MAX_BYTES }
    }
}

impl Gateway for Stripe {
    fn semantics(&self) -> &'static Semantics {
        &SEMANTICS
    }

    fn refund(&self, instruction: &Instruction, _: Moment<'_>) -> OutboundRequest {
        let body = format!(
            "{}={}&amount={}&reason=requested_by_customer&metadata[venditor_key]={}",
            payment_parameter(&instruction.transaction_id),
            encode(&instruction.transaction_id),
            instruction.amount_fen,
            encode(&instruction.key),
        );
        self.request(Method::POST, PATH, Some(&instruction.key), body.into_bytes())
    }

    fn read_refund(&self, answer: &OutboundResponse, instruction: &Instruction, _: i64) -> Report {
        if answer.status != 200 {
            return fault(answer);
        }
        match serde_json::from_slice::<Refund>(&answer.body) {
            Ok(refund) => refund.report(instruction),
            Err(_) => unknown("malformed"),
        }
    }

    fn query(&self, instruction: &Instruction, _: Moment<'_>) -> OutboundRequest {
        let id = &instruction.transaction_id;
        let path = format!("{PATH}?{}={}&limit=100", payment_parameter(id), encode(id));
        self.request(Method::GET, &path, None, Vec::new())
    }

    fn read_query(&self, answer: &OutboundResponse, instruction: &Instruction, _: i64) -> Report {
        if answer.status != 200 {
            return Report::Unknown { code: format!("http_{}", answer.status) };
        }
        let Ok(list) = serde_json::from_slice::<List>(&answer.body) else { return unknown("malformed") };
        let ours: Vec<&Refund> = list.data.iter().filter(|refund| refund.key() == Some(&instruction.key)).collect();
        // One that succeeded says more than one that failed: a gateway that ignores keys may hold both.
        let done = ours.iter().find(|refund| refund.status.as_deref().unwrap_or("succeeded") == "succeeded");
        match done.or(ours.first()) {
            Some(refund) => refund.report(instruction),
            None if list.has_more => unknown("more_pages"),
            None => Report::NotFound,
        }
    }

    fn read_notification(&self, headers: &Headers, body: &[u8], now_ms: i64) -> Result<Notification, NotificationError> {
        let signature = headers.get("stripe-signature").ok_or(NotificationError::BadSignature)?;
        let parts = || signature.split(',').filter_map(|part| part.trim().split_once('='));
        let timestamp = parts().find(|(name, _)| *name == "t").map(|(_, value)| value);
        let timestamp = timestamp.ok_or(NotificationError::BadSignature)?;
        let genuine = self.webhook_secrets.iter().any(|secret| {
            let tag = hex(&mac::hmac_sha256(secret.as_bytes(), &[timestamp.as_bytes(), b".", body]));
            parts().any(|(name, value)| name == "v1" && mac::equal(value.as_bytes(), tag.as_bytes()))
        });
        if !genuine {
            return Err(NotificationError::BadSignature);
        }
        let at: i64 = timestamp.parse().map_err(|_| NotificationError::Malformed)?;
        if at.saturating_mul(1000).abs_diff(now_ms) > TOLERANCE_MS {
            return Err(NotificationError::Stale);
        }
        let event: Event = serde_json::from_slice(body).map_err(|_| NotificationError::Malformed)?;
        if !matches!(event.kind.as_str(), "refund.created" | "refund.updated" | "refund.failed" | "charge.refund.updated") {
            return Err(NotificationError::Irrelevant);
        }
        let refund: Refund = serde_json::from_value(event.data.object).map_err(|_| NotificationError::Malformed)?;
        let Some(key) = refund.key() else { return Err(NotificationError::Irrelevant) };
        Ok(Notification {
            key: key.to_owned(),
            transaction_id: None,
            amount_fen: Some(refund.amount),
            report: refund.status_report(),
        })
    }

    fn acknowledgement(&self, accepted: bool) -> (&'static str, &'static str) {
        ("application/json", if accepted { r#"{"received":true}"# } else { r#"{"received":false}"# })
    }
}

/// Which parameter names a payment.
fn payment_parameter(id: &str) -> &'static str {
    if id.starts_with("pi_") { "payment_intent" } else { "charge" }
}

#[derive(Deserialize)]
struct List {
    data: Vec<Refund>,
    #[serde(default)]
    has_more: bool,
}

#[derive(Deserialize)]
struct Refund {
    id: String,
    amount: i64,
    #[serde(default)]
    currency: Option<String>,
    #[serde(default)]
    status: Option<String>,
    #[serde(default)]
    created: Option<i64>,
    #[serde(default)]
    failure_reason: Option<String>,
    #[serde(default)]
    metadata: Option<BTreeMap<String, Value>>,
}

impl Refund {
    fn key(&self) -> Option<&str> {
        self.metadata.as_ref()?.get("venditor_key")?.as_str()
    }

    fn report(&self, instruction: &Instruction) -> Report {
        if self.key().is_some_and(|key| key != instruction.key) {
            return unknown("wrong_refund");
        }
        if self.amount != instruction.amount_fen {
            return unknown("wrong_amount");
        }
        if self.currency.as_deref().is_some_and(|currency| !currency.eq_ignore_ascii_case("cny")) {
            return unknown("wrong_currency");
        }
        self.status_report()
    }

    fn status_report(&self) -> Report {
        let refund_no = self.id.clone();
        match self.status.as_deref() {
            // Old versions have no status: what exists has succeeded.
            None | Some("succeeded") => {
                Report::Succeeded(Settled { refund_no, at: self.created.map(|at| at.saturating_mul(1000)) })
            }
            Some("pending" | "requires_action") => Report::Processing { refund_no: Some(refund_no) },
            Some("failed" | "canceled") => {
                Report::Refused { code: self.failure_reason.clone().unwrap_or_else(|| "failed".to_owned()) }
            }
            Some(_) => unknown("malformed"),
        }
    }
}

#[derive(Deserialize)]
struct Event {
    #[serde(rename = "type")]
    kind: String,
    data: EventData,
}

#[derive(Deserialize)]
struct EventData {
    object: Value,
}

#[derive(Deserialize)]
struct Fault {
    error: FaultBody,
}

#[derive(Deserialize)]
struct FaultBody {
    #[serde(default, rename = "type")]
    kind: Option<String>,
    #[serde(default)]
    code: Option<String>,
}

fn fault(answer: &OutboundResponse) -> Report {
    let fault = serde_json::from_slice::<Fault>(&answer.body).ok().map(|fault| fault.error);
    let kind = fault.as_ref().and_then(|fault| fault.kind.clone()).unwrap_or_default();
    let code = fault.and_then(|fault| fault.code).unwrap_or_else(|| kind.clone());
    match answer.status {
        429 => Report::NotAccepted { code: "rate_limit".to_owned(), retry_after_ms: retry_after_ms(&answer.headers) },
        // The same key is in use, or was used with other parameters: something under it may have been done.
        409 => unknown("key_in_use"),
        400..=404 if kind == "idempotency_error" => unknown("key_mismatch"),
        400..=404 if code == "balance_insufficient" || code == "insufficient_funds" => Report::InsufficientFunds { code },
        400..=404 if !kind.is_empty() => Report::Refused { code },
        status => Report::Unknown { code: format!("http_{status}") },
    }
}

fn unknown(code: &str) -> Report {
    Report::Unknown { code: code.to_owned() }
}
