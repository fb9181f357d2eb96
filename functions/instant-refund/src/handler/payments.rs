//! `GET /v1/gateways/{gateway}/payments/{payment}` and `POST …/events`: what is held on a payment, and what happened to it outside of
//! us. It is counted, not booked: it was moved, and is booked, by somebody else.

use http::StatusCode;
use serde::Serialize;
use shared::callers::forbidden;
use shared::event::EventLine;
use shared::function::Failure;
use shared::http::{Body, JSON, Response};
use shared::platform::{Host, StorageError};
use shared::problem::{Problem, text};

use super::{Call, emit};
use crate::NAME;
use crate::auth::Scope;
use crate::case::{GatewayName, is_id};
use crate::decision::Account;
use crate::log::PaymentDetails;
use crate::payment_event::{BOUNDS, PaymentEvent};
use crate::problems::UNKNOWN_PAYMENT;
use crate::refund::id_of_hold;
use crate::store::{Entry, Outside, PaymentRows, Standing};

#[derive(Serialize)]
struct PaymentAnswer<'a> {
    gateway: &'static str,
    payment: &'a str,
    /// As our refunds were told.
    #[serde(skip_serializing_if = "Option::is_none")]
    paid_fen: Option<i64>,
    /// What refunds of ours hold, and what counts of what happened outside.
    held_fen: i64,
    refunds: Vec<HeldAnswer<'a>>,
    outside: Vec<OutsideAnswer<'a>>,
}

#[derive(Serialize)]
struct HeldAnswer<'a> {
    refund_id: &'a str,
    amount_fen: i64,
}

#[derive(Serialize)]
struct OutsideAnswer<'a> {
    #[serde(rename = "type")]
    what: &'static str,
    number: &'a str,
    amount_fen: i64,
    at: i64,
}

/// An account of a payment, if there can be such a one.
fn account(gateway: &str, payment: &str) -> Result<(GatewayName, Account), Problem> {
    let known = GatewayName::of(gateway).filter(|_| is_id(payment));
    let known = known.ok_or_else(|| {
        let detail =
            text("没有这个支付渠道，或支付单号不合格式。", "There is no such gateway, or that is no id of a payment.");
        Problem::new(&UNKNOWN_PAYMENT, detail)
    })?;
    Ok((known, of(known, payment)))
}

fn of(gateway: GatewayName, payment: &str) -> Account {
    Account::Payment { payment: format!("{}:{payment}", gateway.as_str()) }
}

impl<H: Host> Call<'_, H> {
    pub(super) async fn payment(&self, gateway: &str, payment: &str) -> Result<Response, Failure> {
        let caller = self.authenticate_any(&self.host.headers(), None, &[Scope::AllRefunds, Scope::Operations])?;
        // A payment is of no merchant, as far as anybody here knows.
        if caller.merchants.is_some() {
            return Err(forbidden().into());
        }
        let (gateway, account) = account(gateway, payment)?;
        let known = self.store().payment(&account).await?;
        Ok(show(gateway, payment, &known))
    }

    pub(super) async fn payment_event(
        &self,
        gateway: &str,
        payment: &str,
        body: impl Body,
    ) -> Result<Response, Failure> {
        let headers = self.host.headers();
        let bytes = self.read_body(&headers, body, BOUNDS.bytes).await?;
        let telling = [Scope::Operations, Scope::Events, Scope::MarketplaceEvents];
        let caller = self.authenticate_any(&headers, Some(&bytes), &telling)?;
        if caller.merchants.is_some() {
            return Err(forbidden().into());
        }
        let (gateway, account) = account(gateway, payment)?;
        let event = PaymentEvent::parse(&bytes, self.host.now_ms())?;
        let names: Vec<String> = [payment.to_owned()].into_iter().chain(event.also_known_as).collect();
        self.note(gateway, &names, &event.outside).await?;
        let known = self.store().payment(&account).await?;
        Ok(show(gateway, payment, &known))
    }

    /// Notes what happened to a payment outside, under every name that it has, and tells of it.
    pub(super) async fn note(
        &self,
        gateway: GatewayName,
        payments: &[String],
        outside: &Outside,
    ) -> Result<(), StorageError> {
        let store = self.store();
        for payment in payments.iter().filter(|payment| is_id(payment)) {
            let account = of(gateway, payment);
            store.note(&account, outside).await?;
            let known = store.payment(&account).await?;
            let over_fen = known.paid_fen.map_or(0, |paid| known.held_fen.saturating_sub(paid).max(0));
            let key = &self.config.log_key;
            let details = PaymentDetails::of(gateway.as_str(), payment, outside.amount_fen, over_fen, key);
            let (at, what) = (self.host.now_ms(), outside.standing.event());
            emit(self.host, EventLine::new("venditor.payment.v1", NAME, at, self.trace, what, details));
        }
        Ok(())
    }
}

fn show(gateway: GatewayName, payment: &str, known: &PaymentRows) -> Response {
    let (mut refunds, mut outside) = (Vec::new(), Vec::new());
    for entry in &known.entries {
        match entry {
            Entry::Held(name, amount_fen) => {
                refunds.push(HeldAnswer { refund_id: id_of_hold(name), amount_fen: *amount_fen });
            }
            Entry::Outside(Outside { number, amount_fen, at, standing }) => outside.push(OutsideAnswer {
                what: Standing::event(*standing),
                number,
                amount_fen: *amount_fen,
                at: *at,
            }),
        }
    }
    let (paid_fen, held_fen) = (known.paid_fen, known.held_fen);
    let answer = PaymentAnswer { gateway: gateway.as_str(), payment, paid_fen, held_fen, refunds, outside };
    Response::json(StatusCode::OK, JSON, &answer)
}
