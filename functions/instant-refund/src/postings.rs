//! Double entry: what each movement books. An entry has a name that exists once a refund; its lines balance.
//!
//! Accounts: `merchant:<id>` and `platform`, who bear; `fund`, with what merchants owe it in `fund:receivable:<id>`;
//! `gateway:<name>` and `buyer-credit`, the ways to the buyer; `insurer`; `buyer:receivable`, what is claimed back.

use serde::Serialize;

use crate::case::GatewayName;
use crate::decision::{LegKind, Payer, Route};
use crate::refund::Refund;

/// One line of the ledger. Exactly one of the two amounts is above zero.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Line {
    /// Which entry it belongs to: `payment`, `claim`, `claw_back`, `recourse:<event>`, …
    pub entry: String,
    /// Account.
    pub account: String,
    /// Which leg.
    pub leg: LegKind,
    /// Who bears it.
    pub payer: Payer,
    /// Fen.
    pub debit_fen: i64,
    /// Fen.
    pub credit_fen: i64,
}

/// Both sides of one movement.
fn pair(entry: &str, debit: String, credit: String, leg: LegKind, payer: Payer, fen: i64) -> [Line; 2] {
    let line =
        |account, debit_fen, credit_fen| Line { entry: entry.to_owned(), account, leg, payer, debit_fen, credit_fen };
    [line(debit, fen, 0), line(credit, 0, fen)]
}

/// The account of whoever bears a leg.
fn bearer(payer: Payer, merchant: &str) -> String {
    match payer {
        Payer::Insurer => "insurer".to_owned(),
        Payer::Merchant => format!("merchant:{merchant}"),
        Payer::Platform => "platform".to_owned(),
        Payer::ProtectionFund => format!("fund:receivable:{merchant}"),
    }
}

const fn gateway(name: GatewayName) -> &'static str {
    match name {
        GatewayName::Wechat => "gateway:wechat",
        GatewayName::Alipay => "gateway:alipay",
        GatewayName::Stripe => "gateway:stripe",
    }
}

/// The payment: every leg that we bring to the buyer. The insurer's is booked when the insurer pays.
pub fn payment(refund: &Refund) -> Vec<Line> {
    let merchant = &refund.case.merchant.merchant_id;
    let ours = refund.decision.legs.iter().filter(|leg| leg.route != Route::InsuranceClaim);
    ours.flat_map(|leg| {
        let way = match leg.route {
            Route::Gateway => gateway(refund.case.order.payment.gateway),
            Route::AccountCredit | Route::InsuranceClaim => "buyer-credit",
        };
        pair("payment", bearer(leg.payer, merchant), way.to_owned(), leg.kind, leg.payer, leg.amount_fen)
    })
    .collect()
}

/// The insurer paid the buyer or the carrier.
pub fn claim(amount_fen: i64) -> Vec<Line> {
    let (debit, credit) = ("insurer".to_owned(), "insurer:paid".to_owned());
    pair("claim", debit, credit, LegKind::ReturnFreight, Payer::Insurer, amount_fen).into()
}

/// The goods never came back: whoever bore the payment is owed it by the buyer.
pub fn claw_back(refund: &Refund) -> Vec<Line> {
    let merchant = &refund.case.merchant.merchant_id;
    let back = refund.decision.legs.iter().filter(|leg| leg.route == Route::Gateway);
    back.flat_map(|leg| {
        let debit = "buyer:receivable".to_owned();
        pair("claw_back", debit, bearer(leg.payer, merchant), leg.kind, leg.payer, leg.amount_fen)
    })
    .collect()
}

/// The buyer paid back.
pub fn repaid(event: &str, amount_fen: i64) -> Vec<Line> {
    let (debit, credit) = ("buyer-credit".to_owned(), "buyer:receivable".to_owned());
    pair(&format!("repaid:{event}"), debit, credit, LegKind::GoodsRefund, Payer::Merchant, amount_fen).into()
}

/// The merchant was right: the platform bears what the merchant bore.
pub fn appeal(refund: &Refund) -> Vec<Line> {
    let merchant = &refund.case.merchant.merchant_id;
    let borne = refund
        .decision
        .legs
        .iter()
        .filter(|leg| leg.route == Route::Gateway && matches!(leg.payer, Payer::Merchant | Payer::ProtectionFund));
    borne
        .flat_map(|leg| {
            let credit = bearer(leg.payer, merchant);
            pair("appeal", "platform".to_owned(), credit, leg.kind, leg.payer, leg.amount_fen)
        })
        .collect()
}

/// The fund got money back from the merchant.
pub fn recourse(event: &str, merchant: &str, amount_fen: i64) -> Vec<Line> {
    let (debit, credit) = (format!("merchant:{merchant}"), format!("fund:receivable:{merchant}"));
    pair(&format!("recourse:{event}"), debit, credit, LegKind::GoodsRefund, Payer::ProtectionFund, amount_fen).into()
}

/// Recourse has ended: the fund bears the rest.
pub fn write_off(merchant: &str, amount_fen: i64) -> Vec<Line> {
    let credit = format!("fund:receivable:{merchant}");
    pair("write_off", "fund".to_owned(), credit, LegKind::GoodsRefund, Payer::ProtectionFund, amount_fen).into()
}
