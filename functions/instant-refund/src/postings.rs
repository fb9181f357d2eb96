//! Double entry: what each movement books. An entry has a name that exists once a refund; its lines balance.
//!
//! Accounts: `merchant:<id>` and `platform`, who pay; `fund`, with what merchants owe it in `fund:receivable:<id>`;
//! `gateway:<name>` and `buyer-credit`, the ways to the buyer; `insurer`; `buyer:receivable`, what is claimed back.

use serde::Serialize;

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

/// The name of an entry, which exists once a refund: `payment`, and of a second one, after a payment that came back or was
/// to go another way, `payment:2`.
fn entry(name: &str, refund: &Refund) -> String {
    match refund.reversals.saturating_add(refund.reissues) {
        0 => name.to_owned(),
        n => format!("{name}:{}", n.saturating_add(1)),
    }
}

/// The account that leads along the payment.
fn along_the_payment(refund: &Refund) -> String {
    format!("gateway:{}", refund.case.order.payment.gateway.as_str())
}

/// The payment: every leg that we bring to the buyer; after one that came back, what came back. The insurer's is booked when
/// the insurer pays.
pub fn payment(refund: &Refund) -> Vec<Line> {
    let merchant = &refund.case.merchant.merchant_id;
    let entry = entry("payment", refund);
    let ours = refund.decision.legs.iter().filter(|leg| match leg.route {
        Route::InsuranceClaim => false,
        Route::AccountCredit => refund.reversals == 0,
        Route::Gateway | Route::CreditInstead => true,
    });
    ours.flat_map(|leg| {
        let way = match leg.route {
            Route::Gateway => along_the_payment(refund),
            Route::AccountCredit | Route::CreditInstead | Route::InsuranceClaim => "buyer-credit".to_owned(),
        };
        pair(&entry, bearer(leg.payer, merchant), way, leg.kind, leg.payer, leg.amount_fen)
    })
    .collect()
}

/// The gateway took the payment back: whoever bears it by now has it again. What the buyer has paid back of it is the
/// buyer's. `fund_open_fen` is what the merchant still owes the fund of it, written off or not.
pub fn reversal(refund: &Refund, fund_open_fen: i64) -> Vec<Line> {
    let (entry, way) = (entry("reversal", refund), along_the_payment(refund));
    let aftermath = &refund.aftermath;
    let along = refund.decision.legs.iter().filter(|leg| leg.route == Route::Gateway);
    if refund.is_clawed_back() {
        let owed = "buyer:receivable".to_owned();
        let mut lines: Vec<Line> = along
            .flat_map(|leg| pair(&entry, way.clone(), owed.clone(), leg.kind, leg.payer, leg.amount_fen))
            .collect();
        if aftermath.repaid_fen > 0 {
            let credit = "buyer-credit".to_owned();
            lines.extend(pair(&entry, owed, credit, LegKind::GoodsRefund, Payer::Merchant, aftermath.repaid_fen));
        }
        lines.extend(taken_up_again(refund, &entry));
        return lines;
    }
    if aftermath.appeal_upheld == Some(true) {
        let platform = |payer| matches!(payer, Payer::Merchant | Payer::ProtectionFund);
        let merchant = &refund.case.merchant.merchant_id;
        let bears = |payer| if platform(payer) { "platform".to_owned() } else { bearer(payer, merchant) };
        return along
            .flat_map(|leg| pair(&entry, way.clone(), bears(leg.payer), leg.kind, leg.payer, leg.amount_fen))
            .collect();
    }
    borne_back(refund, &entry, &way, fund_open_fen, |_| true)
}

/// The insurer paid the buyer or the carrier.
pub fn claim(amount_fen: i64) -> Vec<Line> {
    let (debit, credit) = ("insurer".to_owned(), "insurer:paid".to_owned());
    pair("claim", debit, credit, LegKind::ReturnFreight, Payer::Insurer, amount_fen).into()
}

/// The goods never came back: whoever bore the payment is owed it by the buyer. `fund_open_fen` is what the merchant still
/// owes the fund of it: the rest it has paid, and is owed itself.
pub fn claw_back(refund: &Refund, fund_open_fen: i64) -> Vec<Line> {
    borne_back(refund, &entry("claw_back", refund), "buyer:receivable", fund_open_fen, |_| true)
}

/// The goods came after all: whoever bore the payment bears it again, and the buyer has back what it repaid.
pub fn claw_back_reversed(refund: &Refund) -> Vec<Line> {
    let entry = entry("claw_back_reversed", refund);
    let merchant = &refund.case.merchant.merchant_id;
    let back = refund.decision.legs.iter().filter(|leg| leg.route.gives_back());
    let mut lines: Vec<Line> = back
        .flat_map(|leg| {
            // The fund's advance is over: the merchant has its goods, and bears them.
            let debit = if leg.payer == Payer::ProtectionFund {
                format!("merchant:{merchant}")
            } else {
                bearer(leg.payer, merchant)
            };
            pair(&entry, debit, "buyer:receivable".to_owned(), leg.kind, leg.payer, leg.amount_fen)
        })
        .collect();
    let repaid = refund.aftermath.repaid_fen;
    if repaid > 0 {
        let (debit, credit) = ("buyer:receivable".to_owned(), "buyer-credit".to_owned());
        lines.extend(pair(&entry, debit, credit, LegKind::GoodsRefund, Payer::Merchant, repaid));
    }
    lines.extend(taken_up_again(refund, &entry));
    lines
}

/// What was given back that somebody else bears now: the fund's first against what it is still owed, then to the merchant.
fn borne_back(
    refund: &Refund,
    entry: &str,
    debit: &str,
    fund_open_fen: i64,
    which: impl Fn(Payer) -> bool,
) -> Vec<Line> {
    let merchant = &refund.case.merchant.merchant_id;
    // What was written off is the fund's own.
    let written_off = refund.aftermath.written_off_at.is_some();
    let bears = |payer| match payer {
        Payer::ProtectionFund if written_off => "fund".to_owned(),
        payer => bearer(payer, merchant),
    };
    let mut open = fund_open_fen;
    let mut lines = Vec::new();
    for leg in refund.decision.legs.iter().filter(|leg| leg.route.gives_back() && which(leg.payer)) {
        let fund = if leg.payer == Payer::ProtectionFund { leg.amount_fen.min(open) } else { leg.amount_fen };
        if leg.payer == Payer::ProtectionFund {
            open = open.saturating_sub(fund);
        }
        let rest = leg.amount_fen.saturating_sub(fund);
        if fund > 0 {
            lines.extend(pair(entry, debit.to_owned(), bears(leg.payer), leg.kind, leg.payer, fund));
        }
        if rest > 0 {
            lines.extend(pair(entry, debit.to_owned(), format!("merchant:{merchant}"), leg.kind, leg.payer, rest));
        }
    }
    lines
}

/// The buyer paid back; of it, `late_fen` had been given up.
pub fn repaid(event: &str, amount_fen: i64, late_fen: i64) -> Vec<Line> {
    let entry = format!("repaid:{event}");
    let line = |credit: &str, payer, fen| {
        pair(&entry, "buyer-credit".to_owned(), credit.to_owned(), LegKind::GoodsRefund, payer, fen)
    };
    let owed = line("buyer:receivable", Payer::Merchant, amount_fen.saturating_sub(late_fen));
    let late = line("platform", Payer::Platform, late_fen);
    owed.into_iter().chain(late).filter(|line| line.debit_fen > 0 || line.credit_fen > 0).collect()
}

/// What the buyer owes is no longer claimed: the marketplace bears it. An entry of its own each time: more may be owed later.
pub fn given_up(refund: &Refund, amount_fen: i64, at: i64) -> Vec<Line> {
    let (debit, credit) = ("platform".to_owned(), "buyer:receivable".to_owned());
    let entry = entry(&format!("given_up:{at}"), refund);
    pair(&entry, debit, credit, LegKind::GoodsRefund, Payer::Platform, amount_fen).into()
}

/// What was given up is owed, and settled, after all.
fn taken_up_again(refund: &Refund, entry: &str) -> Vec<Line> {
    let fen = refund.aftermath.given_up_fen;
    if fen == 0 {
        return Vec::new();
    }
    let (debit, credit) = ("buyer:receivable".to_owned(), "platform".to_owned());
    pair(entry, debit, credit, LegKind::GoodsRefund, Payer::Platform, fen).into()
}

/// The merchant was right: the platform bears what the merchant bore, or owes the fund (`fund_open_fen`).
pub fn appeal(refund: &Refund, fund_open_fen: i64) -> Vec<Line> {
    let merchants = |payer| matches!(payer, Payer::Merchant | Payer::ProtectionFund);
    borne_back(refund, &entry("appeal", refund), "platform", fund_open_fen, merchants)
}

/// The gateway paid once more than it was asked to: the buyer owes it.
pub fn second_payment(refund: &Refund, refund_no: &str, amount_fen: i64) -> Vec<Line> {
    let (debit, credit) = ("buyer:receivable".to_owned(), along_the_payment(refund));
    let entry = format!("second_payment:{refund_no}");
    pair(&entry, debit, credit, LegKind::GoodsRefund, Payer::Platform, amount_fen).into()
}

/// The buyer paid back what nobody had claimed back: whoever bears the payment has it.
pub fn repaid_freely(refund: &Refund, event: &str, amount_fen: i64) -> Vec<Line> {
    let merchant = &refund.case.merchant.merchant_id;
    let leg = refund.decision.legs.iter().find(|leg| leg.route.gives_back());
    let payer = leg.map_or(Payer::Merchant, |leg| leg.payer);
    let bears = match payer {
        Payer::Merchant | Payer::ProtectionFund if refund.aftermath.appeal_upheld == Some(true) => {
            "platform".to_owned()
        }
        Payer::ProtectionFund if refund.aftermath.written_off_at.is_some() => "fund".to_owned(),
        // What the merchant has paid the fund back is its own again.
        Payer::ProtectionFund if refund.fund_open_fen() < amount_fen => format!("merchant:{merchant}"),
        payer => bearer(payer, merchant),
    };
    let entry = format!("repaid:{event}");
    pair(&entry, "buyer-credit".to_owned(), bears, LegKind::GoodsRefund, payer, amount_fen).into()
}

/// The fund got money back from the merchant; after a write-off it is the fund's own loss that shrinks.
pub fn recourse(event: &str, merchant: &str, amount_fen: i64, written_off: bool) -> Vec<Line> {
    let credit = if written_off { "fund".to_owned() } else { format!("fund:receivable:{merchant}") };
    let debit = format!("merchant:{merchant}");
    pair(&format!("recourse:{event}"), debit, credit, LegKind::GoodsRefund, Payer::ProtectionFund, amount_fen).into()
}

/// Recourse has ended: the fund bears the rest.
pub fn write_off(refund: &Refund, amount_fen: i64) -> Vec<Line> {
    let credit = format!("fund:receivable:{}", refund.case.merchant.merchant_id);
    let entry = entry("write_off", refund);
    pair(&entry, "fund".to_owned(), credit, LegKind::GoodsRefund, Payer::ProtectionFund, amount_fen).into()
}
