//! What happens to a payment outside of us: the body of `POST /v1/gateways/{gateway}/payments/{payment}/events`.

use serde_json::Value;
use shared::http::json::{Bounds, Members, Unknown, Unread};
use shared::problem::{NOT_JSON, Problem};

use crate::case::{MAX_AMOUNT_FEN, MAX_SKEW_MS, MIN_INSTANT, is_id};
use crate::refund_event::{bad, misshapen};
use crate::store::{Outside, Standing};

/// What an event may grow to.
pub const BOUNDS: Bounds = Bounds { bytes: 2 * 1024, depth: 2, items: usize::MAX };

/// One thing that happened. Told again, it changes nothing; told otherwise, what happened last counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaymentEvent {
    /// What, under the gateway's own number.
    pub outside: Outside,
    /// Another name that the gateway has for the payment: Stripe has `ch_…` and `pi_…`.
    pub also_known_as: Option<String>,
}

/// The types, as `type` names them.
const TYPES: &[&str] = &["refunded_outside", "outside_refund_failed", "dispute_opened", "dispute_won", "dispute_lost"];

impl Standing {
    /// The type of the event that says so.
    pub const fn event(self) -> &'static str {
        match self {
            Standing::Refunded => "refunded_outside",
            Standing::Failed => "outside_refund_failed",
            Standing::Open => "dispute_opened",
            Standing::Won => "dispute_won",
            Standing::Lost => "dispute_lost",
        }
    }
}

impl PaymentEvent {
    /// Reads an event.
    ///
    /// # Errors
    /// A problem that names the member at fault.
    pub fn parse(bytes: &[u8], now_ms: i64) -> Result<PaymentEvent, Problem> {
        let value = shared::http::json::parse(bytes, BOUNDS).map_err(|unread| match unread {
            Unread::Json(error, bounds) => {
                let detail = shared::http::json::words(&error, bounds);
                Problem::new(&NOT_JSON, detail.clone()).field("", error.code(), detail)
            }
            Unread::Shape(fault) => misshapen(&fault),
        })?;
        let event = read(value).map_err(|fault| misshapen(&fault))?;
        let Outside { number, amount_fen, at, .. } = &event.outside;
        let known_as = event.also_known_as.as_deref();
        for (pointer, id) in [("/number", Some(number.as_str())), ("/also_known_as", known_as)] {
            if id.is_some_and(|id| !is_id(id)) {
                let zh = "应为 1 至 64 个字符：字母、数字、_ . : -";
                return Err(bad(pointer, "bad-id", zh, "1 to 64 characters: letters, digits, _ . : -"));
            }
        }
        if !(1..=MAX_AMOUNT_FEN).contains(amount_fen) {
            let en = "An integer from 1 to 10^12 fen";
            return Err(bad("/amount_fen", "bad-amount", "应为 1 至 10^12 分的整数", en));
        }
        if *at < MIN_INSTANT {
            let zh = "应为 2000 年以来的毫秒时间戳（不是秒数）";
            let en = "Milliseconds since the epoch, not seconds, from the year 2000 on";
            return Err(bad("/at", "bad-instant", zh, en));
        }
        if *at > now_ms.saturating_add(MAX_SKEW_MS) {
            return Err(bad("/at", "in-the-future", "时间在未来", "It lies in the future"));
        }
        Ok(event)
    }
}

fn read(value: Value) -> Result<PaymentEvent, shared::http::json::Fault> {
    let mut members = Members::of(value, Unknown::Refuse)?;
    let standing = match members.one_of("type", TYPES)? {
        "refunded_outside" => Standing::Refunded,
        "outside_refund_failed" => Standing::Failed,
        "dispute_opened" => Standing::Open,
        "dispute_won" => Standing::Won,
        _ => Standing::Lost,
    };
    let outside = Outside {
        number: members.required("number")?,
        amount_fen: members.required("amount_fen")?,
        at: members.required("at")?,
        standing,
    };
    let also_known_as = members.optional("also_known_as")?;
    members.done()?;
    Ok(PaymentEvent { outside, also_known_as })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const NOW: i64 = 1_790_000_000_000;

    fn fault(json: &str) -> (String, &'static str) {
        let problem = PaymentEvent::parse(json.as_bytes(), NOW).unwrap_err();
        let error = problem.errors.first().unwrap();
        (error.pointer.clone(), error.code)
    }

    #[test]
    fn an_event_says_what_and_how_much() {
        let json =
            r#"{"type":"dispute_opened","number":"dp_1","amount_fen":5,"at":1790000000000,"also_known_as":"pi_1"}"#;
        let event = PaymentEvent::parse(json.as_bytes(), NOW).unwrap();
        let outside = Outside { number: "dp_1".into(), amount_fen: 5, at: NOW, standing: Standing::Open };
        assert_eq!(event, PaymentEvent { outside, also_known_as: Some("pi_1".into()) });
        for name in TYPES {
            let event = PaymentEvent::parse(json.replace("dispute_opened", name).as_bytes(), NOW).unwrap();
            assert_eq!(event.outside.standing.event(), *name);
        }
        let with = |from: &str, to: &str| fault(&json.replace(from, to));
        assert_eq!(with("dispute_opened", "lost"), ("/type".into(), "bad-member"));
        assert_eq!(with("dp_1", "a b"), ("/number".into(), "bad-id"));
        assert_eq!(with("pi_1", ""), ("/also_known_as".into(), "bad-id"));
        assert_eq!(with(":5", ":0"), ("/amount_fen".into(), "bad-amount"));
        assert_eq!(with(":5", ":1.5"), ("".into(), "json-not-an-integer"));
        assert_eq!(with("1790000000000", "1790000000"), ("/at".into(), "bad-instant"));
        assert_eq!(with("1790000000000", "1799000000000"), ("/at".into(), "in-the-future"));
        assert_eq!(with("\"at\"", "\"on\"").0, "/at");
        assert_eq!(with("\"type\"", "\"extra\":1,\"type\""), ("/extra".into(), "bad-member"));
    }
}
