//! What goes over the simulated wire, and the adapter that speaks it: the smallest that has every case of
//! [`instant_refund::gateway`].

use instant_refund::gateway::{
    Gateway, Instruction, Moment, Notification, NotificationError, Report, Semantics, Settled,
};
use serde::{Deserialize, Serialize};
use shared::http::Headers;
use shared::platform::{OutboundRequest, OutboundResponse};

use crate::mutant::Mutant;
use crate::profile::Profile;
use crate::tally;

/// The gateway's timeout, as the real adapters have it.
pub const TIMEOUT_MS: i64 = 10_000;

/// What stands for the gateway's signature.
pub const SIGNATURE: &str = "genuine";

/// A request.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Ask {
    /// `refund` or `query`.
    pub what: String,
    /// Which gateway.
    pub gateway: String,
    /// Our key.
    pub key: String,
    /// The payment.
    pub payment: String,
    /// Fen.
    pub amount_fen: i64,
    /// Whether the platform advances.
    pub advance: bool,
}

/// How a refund stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// Paid.
    Success,
    /// On its way.
    Processing,
    /// Never.
    Refused,
    /// The merchant's balance is short.
    Insufficient,
    /// Later.
    Limited,
    /// Unknown to it.
    NotFound,
}

/// An answer, or a notification.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Tell {
    /// How it stands.
    pub standing: Standing,
    /// Our key.
    pub key: String,
    /// The payment.
    pub payment: String,
    /// Fen.
    pub amount_fen: i64,
    /// The gateway's id.
    pub refund_no: String,
    /// When it was paid.
    pub at: Option<i64>,
}

/// The adapter.
pub struct Adapter {
    /// In paths.
    pub name: &'static str,
    /// What it promises.
    pub profile: &'static Profile,
    /// What is planted in it.
    pub mutant: Option<Mutant>,
}

/// Where it is.
pub fn origin(name: &str) -> String {
    format!("https://{name}.sim")
}

impl Adapter {
    fn ask(&self, what: &str, instruction: &Instruction) -> OutboundRequest {
        let off = i64::from(self.mutant == Some(Mutant::AmountOffByOne));
        let ask = Ask {
            what: what.to_owned(),
            gateway: self.name.to_owned(),
            key: self.key(instruction),
            payment: instruction.transaction_id.clone(),
            amount_fen: instruction.amount_fen + off,
            advance: instruction.advance,
        };
        OutboundRequest {
            method: http::Method::POST,
            url: format!("{}/{what}", origin(self.name)),
            headers: vec![("content-type", "application/json".to_owned())],
            body: serde_json::to_vec(&ask).unwrap(),
            timeout_ms: TIMEOUT_MS as u32,
            max_bytes: 65_536,
        }
    }

    fn key(&self, instruction: &Instruction) -> String {
        if self.mutant == Some(Mutant::KeyFromAmount) {
            return format!("{}-{}", instruction.transaction_id, instruction.amount_fen);
        }
        instruction.key.clone()
    }

    fn read(&self, answer: &OutboundResponse, instruction: &Instruction) -> Report {
        let unknown = |code: &str| Report::Unknown { code: code.to_owned() };
        if answer.status >= 500 {
            return unknown(&format!("http_{}", answer.status));
        }
        let Ok(tell) = serde_json::from_slice::<Tell>(&answer.body) else { return unknown("malformed") };
        if tell.key != self.key(instruction) || tell.payment != instruction.transaction_id {
            return unknown("wrong_refund");
        }
        let off = i64::from(self.mutant == Some(Mutant::AmountOffByOne));
        if tell.standing != Standing::NotFound && tell.amount_fen != instruction.amount_fen + off {
            return unknown("wrong_amount");
        }
        report(tell)
    }
}

fn report(tell: Tell) -> Report {
    match tell.standing {
        Standing::Success => Report::Succeeded(Settled { refund_no: tell.refund_no, at: tell.at }),
        Standing::Processing => Report::Processing { refund_no: Some(tell.refund_no) },
        Standing::Refused => Report::Refused { code: "refused_by_sim".to_owned() },
        Standing::Insufficient => Report::InsufficientFunds { code: "balance_short".to_owned() },
        Standing::Limited => Report::NotAccepted { code: "frequency".to_owned(), retry_after_ms: Some(1_500) },
        Standing::NotFound => Report::NotFound,
    }
}

fn counted(report: Report) -> Report {
    let name = match &report {
        Report::Succeeded(_) => "succeeded",
        Report::Processing { .. } => "processing",
        Report::Refused { .. } => "refused",
        Report::InsufficientFunds { .. } => "insufficient_funds",
        Report::NotAccepted { .. } => "not_accepted",
        Report::NotFound => "not_found",
        Report::Unknown { .. } => "unknown",
    };
    tally::count("report", name);
    report
}

impl Gateway for Adapter {
    fn semantics(&self) -> &'static Semantics {
        if self.mutant == Some(Mutant::KeysForGood) {
            return &crate::profile::FORGETFUL_UNSAID;
        }
        &self.profile.semantics
    }

    fn refund(&self, instruction: &Instruction, _: Moment<'_>) -> OutboundRequest {
        self.ask("refund", instruction)
    }

    fn read_refund(&self, answer: &OutboundResponse, instruction: &Instruction, _: i64) -> Report {
        counted(self.read(answer, instruction))
    }

    fn query(&self, instruction: &Instruction, _: Moment<'_>) -> OutboundRequest {
        self.ask("query", instruction)
    }

    fn read_query(&self, answer: &OutboundResponse, instruction: &Instruction, _: i64) -> Report {
        if self.mutant == Some(Mutant::ResendWithoutQuery) {
            return Report::NotFound;
        }
        counted(self.read(answer, instruction))
    }

    fn read_notification(&self, headers: &Headers, body: &[u8], _: i64) -> Result<Notification, NotificationError> {
        if headers.get("x-signature") != Some(SIGNATURE) && self.mutant != Some(Mutant::ForgeryBelieved) {
            return Err(NotificationError::BadSignature);
        }
        let tell: Tell = serde_json::from_slice(body).map_err(|_| NotificationError::Malformed)?;
        Ok(Notification {
            key: tell.key.clone(),
            transaction_id: Some(tell.payment.clone()),
            amount_fen: Some(tell.amount_fen),
            number: Some(tell.refund_no.clone()),
            payments: vec![tell.payment.clone()],
            at: tell.at,
            report: report(tell),
        })
    }

    fn acknowledgement(&self, accepted: bool) -> (&'static str, &'static str) {
        ("text/plain", if accepted { "success" } else { "fail" })
    }
}
