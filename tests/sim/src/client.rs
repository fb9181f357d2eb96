//! Whoever calls: the after-sales system, carriers, the scheduler, gateways. Their requests are signed as real ones are.

use http::Method;
use shared::http::{Head, Headers, Target};
use shared::http_signature::{SignatureKey, content_digest, sign};
use shared::mac::MacKey;

use crate::wire::{SIGNATURE, Tell};

/// What a task is about.
#[derive(Clone, Debug)]
pub enum Errand {
    /// A request for money back.
    Create {
        /// Which.
        intent: usize,
        /// With other words under the same key.
        other: bool,
    },
    /// An event.
    Event {
        /// Of which request.
        intent: usize,
        /// Which.
        event: usize,
    },
    /// How does it stand?
    Read {
        /// Which.
        intent: usize,
    },
    /// An operator goes on with it.
    Resume {
        /// Which.
        intent: usize,
    },
    /// The scheduler.
    Sweep,
    /// A gateway notifies.
    Notification {
        /// Which.
        gateway: String,
        /// What it says.
        tell: Box<Tell>,
        /// Whether it must arrive in the end.
        certain: bool,
        /// Whether somebody else made it up.
        forged: bool,
    },
}

/// A request, ready to be handled.
pub struct Request {
    /// Method and target.
    pub head: Head,
    /// All header fields.
    pub headers: Headers,
    /// Body.
    pub body: Vec<u8>,
}

/// A caller's request.
pub fn signed(
    method: Method,
    path: &str,
    body: Vec<u8>,
    idempotency_key: Option<&str>,
    key: &MacKey,
    now: i64,
) -> Request {
    let head = Head { method, target: Target::new("refund.sim", path), ..Head::default() };
    let mut headers = Headers::default();
    let date = std::time::UNIX_EPOCH + std::time::Duration::from_millis(now as u64);
    headers.push("date", &httpdate::fmt_http_date(date));
    let mut components = vec!["@method", "@path", "date"];
    if !body.is_empty() {
        headers.push("content-type", "application/json");
        headers.push("content-digest", &content_digest(&body));
        components.push("content-digest");
    }
    if let Some(idempotency_key) = idempotency_key {
        headers.push("idempotency-key", &format!("\"{idempotency_key}\""));
        components.push("idempotency-key");
    }
    let message = head.message(&headers);
    let (input, signature) = sign(message, &components, "k1", &SignatureKey::HmacSha256(key), now).unwrap();
    headers.push("signature-input", &input);
    headers.push("signature", &signature);
    Request { head, headers, body }
}

/// A gateway's notification.
pub fn notification(gateway: &str, tell: &Tell, forged: bool) -> Request {
    let target = Target::new("refund.sim", &format!("/v1/gateways/{gateway}/notifications"));
    let mut headers = Headers::default();
    headers.push("content-type", "application/json");
    headers.push("x-signature", if forged { "forged" } else { SIGNATURE });
    Request {
        head: Head { method: Method::POST, target, ..Head::default() },
        headers,
        body: serde_json::to_vec(tell).unwrap(),
    }
}
