//! Stripe: `POST /v1/refunds`, `GET /v1/refunds`, webhooks. Its answers are not signed: TLS vouches for them.
//!
//! - Stripe forgets an `Idempotency-Key` after a day, and a repeat is then a new refund. Our key is therefore in the
//!   refund's metadata too, and a query finds it there for good.
//! - It stores a refusal under the key and would answer it for a day: the next attempt needs a new key.
//! - Nothing in the interface lets a platform advance the money: `advance` changes nothing here.

mod webhook;

use http::Method;
use serde::Deserialize;
use shared::http::Headers;
use shared::origin::Origin;
use shared::platform::{OutboundRequest, OutboundResponse};

use super::{Dispute, Gateway, Instruction, Moment, Notification, NotificationError, Report, Semantics, Settled, wire};

/// Production's origin.
pub const ORIGIN: &str = "https://api.stripe.com";
/// The version of the interface that this was written against.
const VERSION: &str = "2024-06-20";
/// The currency of every payment here.
const CURRENCY: &str = "cny";

/// Idempotent requests; Refunds. It states no interval, no count and no general period: the last is ours.
static SEMANTICS: Semantics = Semantics {
    key_lifetime_ms: Some(86_400_000),
    new_key_after_refusal: true,
    absence_is_proof: true,
    settle_ms: 10_000,
    min_interval_ms: 0,
    max_refunds: u32::MAX,
    window_ms: 365 * 86_400_000,
};

/// The adapter, for one account.
pub struct Stripe {
    origin: Origin,
    secret_key: String,
    webhook_secrets: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Config {
    secret_key: Option<String>,
    webhook_secrets: Option<Vec<String>>,
}

impl Stripe {
    /// Reads `{secret_key, webhook_secrets: [...]}`: the account's key, and the signing secrets of the webhook endpoint,
    /// several while one is rolled.
    ///
    /// # Errors
    /// The member at fault; never a value.
    pub fn new(config_json: &str, base: &str) -> Result<Stripe, String> {
        let config: Config = wire::config(config_json)?;
        let webhook_secrets = config.webhook_secrets.unwrap_or_default();
        if webhook_secrets.is_empty() || webhook_secrets.iter().any(String::is_empty) {
            return Err("webhook_secrets: missing, or one is empty".to_owned());
        }
        Ok(Stripe {
            origin: wire::origin(base)?,
            secret_key: wire::token(config.secret_key, "secret_key")?,
            webhook_secrets,
        })
    }

    fn headers(&self) -> Vec<(&'static str, String)> {
        vec![
            ("accept", "application/json".to_owned()),
            ("authorization", format!("Bearer {}", self.secret_key)),
            ("stripe-version", VERSION.to_owned()),
        ]
    }
}

impl Gateway for Stripe {
    fn semantics(&self) -> &'static Semantics {
        &SEMANTICS
    }

    /// No `reason`: it is optional, changes nothing but the dashboard, and test servers refuse it.
    fn refund(&self, instruction: &Instruction, _: Moment<'_>) -> OutboundRequest {
        let amount = instruction.amount_fen.to_string();
        let body = wire::form([
            (payment(instruction), instruction.transaction_id.as_str()),
            ("amount", amount.as_str()),
            ("metadata[venditor_key]", instruction.key.as_str()),
        ]);
        let mut headers = self.headers();
        headers.push(("content-type", "application/x-www-form-urlencoded".to_owned()));
        headers.push(("idempotency-key", instruction.key.clone()));
        wire::request(Method::POST, format!("{}/v1/refunds", self.origin), headers, body.into_bytes())
    }

    fn read_refund(&self, answer: &OutboundResponse, instruction: &Instruction, _now_ms: i64) -> Report {
        if answer.status == 200 {
            let refund: Result<Refund, _> = wire::json(&answer.body);
            return refund.map_or_else(|_| wire::unknown("malformed"), |refund| refund.report(instruction));
        }
        match wire::json::<Failure>(&answer.body) {
            Ok(failure) => failure.error.report(answer),
            Err(_) => wire::unknown_status(answer),
        }
    }

    fn query(&self, instruction: &Instruction, _: Moment<'_>) -> OutboundRequest {
        let query = wire::form([(payment(instruction), instruction.transaction_id.as_str()), ("limit", "100")]);
        wire::request(Method::GET, format!("{}/v1/refunds?{query}", self.origin), self.headers(), Vec::new())
    }

    /// Of several refunds with our key, which only a gateway that forgot the key would make, the furthest counts.
    fn read_query(&self, answer: &OutboundResponse, instruction: &Instruction, _now_ms: i64) -> Report {
        if answer.status != 200 {
            return match wire::json::<Failure>(&answer.body) {
                // It knows no such payment, so it has refunded none of it.
                Ok(Failure { error: StripeError { code: Some(code), .. } }) if code == "resource_missing" => {
                    Report::NotFound
                }
                Ok(Failure { error: StripeError { code: Some(code), .. } }) => wire::unknown(&code),
                _ => wire::unknown_status(answer),
            };
        }
        let Ok(list) = wire::json::<List>(&answer.body) else { return wire::unknown("malformed") };
        let named = list.data.into_iter().filter(|refund| refund.key() == Some(&instruction.key));
        let furthest = named.map(|refund| refund.report(instruction)).min_by_key(|report| match report {
            Report::Succeeded(_) => 0,
            Report::Processing { .. } => 1,
            Report::Unknown { .. } => 2,
            _ => 3,
        });
        match furthest {
            Some(report) => report,
            None if list.has_more => wire::unknown("more_pages"),
            None => Report::NotFound,
        }
    }

    fn read_notification(
        &self,
        headers: &Headers,
        body: &[u8],
        now_ms: i64,
    ) -> Result<Notification, NotificationError> {
        webhook::verify(headers, body, &self.webhook_secrets, now_ms)?;
        webhook::read(body)
    }

    fn read_dispute(&self, headers: &Headers, body: &[u8], now_ms: i64) -> Result<Dispute, NotificationError> {
        webhook::verify(headers, body, &self.webhook_secrets, now_ms)?;
        webhook::read_dispute(body, now_ms)
    }

    fn acknowledgement(&self, accepted: bool) -> (&'static str, &'static str) {
        ("application/json", if accepted { r#"{"received":true}"# } else { r#"{"received":false}"# })
    }
}

/// The parameter that names the payment.
fn payment(instruction: &Instruction) -> &'static str {
    if instruction.transaction_id.starts_with("pi_") { "payment_intent" } else { "charge" }
}

/// The Refund object. A known member sent twice does not parse.
#[derive(Deserialize)]
struct Refund {
    id: String,
    object: String,
    amount: i64,
    currency: String,
    charge: Option<String>,
    payment_intent: Option<String>,
    /// `null` in old versions of the interface: not yet known.
    status: Option<String>,
    created: Option<i64>,
    #[serde(default)]
    metadata: Option<Metadata>,
}

#[derive(Deserialize)]
struct Metadata {
    venditor_key: Option<String>,
}

#[derive(Deserialize)]
struct List {
    data: Vec<Refund>,
    #[serde(default)]
    has_more: bool,
}

#[derive(Deserialize)]
struct Failure {
    error: StripeError,
}

#[derive(Deserialize)]
struct StripeError {
    #[serde(rename = "type")]
    kind: String,
    code: Option<String>,
}

impl Refund {
    fn key(&self) -> Option<&String> {
        self.metadata.as_ref()?.venditor_key.as_ref()
    }

    fn report(self, instruction: &Instruction) -> Report {
        let paid = if payment(instruction) == "charge" { &self.charge } else { &self.payment_intent };
        let ours = self.key() == Some(&instruction.key) && paid.as_ref() == Some(&instruction.transaction_id);
        if self.object != "refund" || !ours {
            return wire::unknown("wrong_refund");
        }
        if self.amount != instruction.amount_fen || self.currency != CURRENCY {
            return wire::unknown("wrong_amount");
        }
        self.status()
    }

    /// `created` is taken as the time of a success: Stripe gives no other.
    fn status(self) -> Report {
        match self.status.as_deref() {
            Some("succeeded") => Report::Succeeded(Settled {
                refund_no: self.id,
                at: self.created.and_then(|seconds| seconds.checked_mul(1000)),
            }),
            Some("pending" | "requires_action") | None => Report::Processing { refund_no: Some(self.id) },
            Some(status @ ("failed" | "canceled")) => wire::refused(status),
            Some(_) => wire::unknown("malformed"),
        }
    }
}

impl StripeError {
    fn report(self, answer: &OutboundResponse) -> Report {
        let code = self.code.as_deref().unwrap_or(&self.kind);
        match answer.status {
            // The first request with this key is still running.
            409 => wire::unknown("key_in_use"),
            429 => {
                Report::NotAccepted { code: wire::clean(code), retry_after_ms: wire::retry_after_ms(&answer.headers) }
            }
            // The deployment's key is at fault, not the refund: once it is put right, it is sent.
            401 | 403 => wire::not_now(code),
            // Other parameters ran under this key, and may have paid.
            _ if self.kind == "idempotency_error" => wire::unknown("key_mismatch"),
            400..=499 if matches!(code, "balance_insufficient" | "insufficient_funds") => {
                Report::InsufficientFunds { code: wire::clean(code) }
            }
            // Errors: 4xx are failures "given the information provided"; nothing was executed.
            400..=404 => wire::refused(code),
            _ => wire::unknown_status(answer),
        }
    }
}

#[cfg(test)]
mod tests;
