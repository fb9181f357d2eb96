//! Compares a decision with a line of text, and checks what holds of every decision.

use instant_refund::case::Case;
use instant_refund::decision::*;
use instant_refund::policy::{Rules, Words};
use shared::lang::Lang;

use crate::given::t;

/// The decision, in the words of the tables.
pub fn told(decision: &Decision) -> (String, String, Vec<String>, String) {
    let name = |value: &dyn erased::Name| value.name();
    let head = match &decision.waiting {
        Some(waiting) => format!("waiting {} {}", name(&waiting.what), waiting.until),
        None => name(&decision.outcome),
    };
    let legs = decision.legs.iter().map(|leg| {
        let kind = match leg.kind {
            LegKind::GoodsRefund => "goods",
            LegKind::OutboundFreight => "there",
            LegKind::ReturnFreight => "back",
            LegKind::LatenessCompensation => "late",
        };
        let payer = if leg.payer == Payer::ProtectionFund { "fund".into() } else { name(&leg.payer) };
        format!("{kind} {payer} {}", leg.amount_fen)
    });
    let legs: Vec<String> = legs.collect();
    // What is held of lines and freight follows from the legs: `invariants` looks at it.
    let holds = decision
        .holds
        .iter()
        .filter(|hold| {
            !hold.account.is_of_lines() && !matches!(hold.account, Account::Policy { .. } | Account::BuyerYear { .. })
        })
        .map(|hold| {
            let account = match &hold.account {
                Account::Freight { .. }
                | Account::Pieces { .. }
                | Account::Line { .. }
                | Account::Policy { .. }
                | Account::BuyerYear { .. } => String::new(),
                Account::Payment { payment } => format!("payment:{payment}"),
                Account::Order { order } => format!("order:{order}"),

                Account::BuyerQuota { buyer } => format!("quota:{buyer}"),
                Account::FundMerchant { merchant } => format!("fund:{merchant}"),
                Account::Fund => "fund".into(),
                Account::Claim { order } => format!("claim:{order}"),
                Account::Compensation { order } => format!("late:{order}"),
                Account::Waybill { waybill } => format!("waybill:{waybill}"),
            };
            format!("{account} {}/{}", hold.amount_fen, hold.limit_fen)
        });
    let holds: Vec<String> = holds.collect();
    let reasons = decision.reasons.iter().map(|reason| reason.code.to_string()).collect();
    (head, legs.join(" + "), reasons, holds.join(", "))
}

mod erased {
    pub trait Name {
        fn name(&self) -> String;
    }
    impl<T: serde::Serialize> Name for T {
        fn name(&self) -> String {
            serde_json::to_value(self).unwrap().as_str().unwrap().to_owned()
        }
    }
}

fn words() -> Words<'static> {
    Rules::bundled().words
}

/// The sentence of a reason, in English.
pub fn sentence(decision: &Decision, code: &str) -> String {
    let reason = decision.reasons.iter().find(|reason| reason.code == code).unwrap_or_else(|| panic!("no {code}"));
    words().fill("reason", code, Lang::En, &reason.inputs).unwrap().into_owned()
}

/// Says how a decision differs from what was expected.
pub fn differences(decision: &Decision, expected: &str) -> Vec<String> {
    let (head, legs, reasons, holds) = told(decision);
    let mut out = Vec::new();
    let mut parts = expected.split(';').map(str::trim);
    let first = parts.next().unwrap_or("");
    let (wanted_head, wanted_legs) = first.split_once(": ").unwrap_or((first.trim_end_matches(':'), ""));
    let wanted_head = match wanted_head.strip_prefix("waiting ").and_then(|rest| rest.split_once(' ')) {
        Some((what, until)) => format!("waiting {what} {}", t(until)),
        None => wanted_head.to_owned(),
    };
    if head != wanted_head {
        out.push(format!("outcome: {head}, wanted {wanted_head}"));
    }
    // The whole of the order that everything starts from.
    let wanted_legs = wanted_legs.replace("BOTH", "goods merchant 9900 + there merchant 1000");
    if legs != wanted_legs.trim() {
        out.push(format!("legs: {legs:?}, wanted {wanted_legs:?}"));
    }
    for part in parts {
        if let Some(list) = part.strip_prefix("why ") {
            for code in list.split(',').map(str::trim) {
                let (code, wanted) = code.strip_prefix('!').map_or((code, true), |code| (code, false));
                if reasons.iter().any(|reason| reason == code) != wanted {
                    out.push(format!("reasons {reasons:?}: {}{code}", if wanted { "" } else { "not " }));
                }
            }
        } else if let Some(list) = part.strip_prefix("hold").map(str::trim) {
            let list: Vec<String> = list.split(", ").map(held).collect();
            let list = list.join(", ");
            if list != holds {
                out.push(format!("holds: {holds:?}, wanted {list:?}"));
            }
        } else {
            out.push(format!("not understood: {part:?}"));
        }
    }
    out
}

/// A hold in full. `payment` is one on the base order's payment and one, as much, on the order.
fn held(short: &str) -> String {
    match short.split_once(' ') {
        Some(("payment", sums)) => format!("payment:wechat:4200001 {sums}, order:O1 {sums}"),
        Some(("claim", sums)) => format!("claim:O1 {sums}"),
        Some(("late", sums)) => format!("late:O1 {sums}"),
        Some(("quota", sums)) => format!("quota:B1 {sums}"),
        _ => short.to_owned(),
    }
}

/// What holds of every decision on every case.
pub fn invariants(case: &Case, decision: &Decision) {
    let Decision { outcome, legs, total_fen, reasons, waiting, holds, follow_up, policy: digest } = decision;
    assert_eq!(digest, Rules::bundled().digest);
    assert!(legs.iter().all(|leg| leg.amount_fen > 0), "every leg pays something: {legs:?}");
    assert_eq!(legs.iter().map(|leg| leg.amount_fen).sum::<i64>(), *total_fen);
    assert_eq!(waiting.is_some(), *outcome == Outcome::Waiting);
    assert!(!reasons.is_empty());
    match outcome {
        Outcome::Approved => assert!(!legs.is_empty()),
        Outcome::Waiting => assert!(holds.is_empty() && *follow_up == FollowUp::default()),
        Outcome::Declined => assert!(legs.is_empty() && holds.is_empty() && *follow_up == FollowUp::default()),
    }
    for leg in legs {
        let route = match (leg.kind, leg.payer) {
            (LegKind::GoodsRefund | LegKind::OutboundFreight, _) => Route::Gateway,
            (LegKind::ReturnFreight, Payer::Insurer) => Route::InsuranceClaim,
            (LegKind::ReturnFreight | LegKind::LatenessCompensation, _) => Route::AccountCredit,
        };
        assert_eq!(leg.route, route, "{leg:?}");
        assert!(reasons.iter().any(|reason| reason.leg == Some(leg.kind)), "no reason for {leg:?}");
        assert!(!leg.rule.is_empty());
    }
    let gateway: i64 = legs.iter().filter(|leg| leg.route == Route::Gateway).map(|leg| leg.amount_fen).sum();
    assert!(gateway <= case.order.payment.paid_fen, "more than was paid");
    if *outcome == Outcome::Approved {
        let payment = Account::Payment { payment: case.order.payment.key() };
        let order = Account::Order { order: case.order.order_id.clone() };
        for account in [payment, order] {
            let held: Vec<&Hold> = holds.iter().filter(|hold| hold.account == account).collect();
            assert_eq!(held.iter().map(|hold| hold.amount_fen).sum::<i64>(), gateway);
            assert!(held.iter().all(|hold| hold.pinned && hold.limit_fen == case.order.payment.paid_fen));
        }
        let held = |which: fn(&Account) -> bool| -> i64 {
            holds.iter().filter(|hold| which(&hold.account)).map(|hold| hold.amount_fen).sum()
        };
        let legs_of = |kind| legs.iter().filter(|leg| leg.kind == kind).map(|leg| leg.amount_fen).sum::<i64>();
        assert_eq!(held(|account| matches!(account, Account::Line { .. })), legs_of(LegKind::GoodsRefund));
        assert_eq!(held(|account| matches!(account, Account::Freight { .. })), legs_of(LegKind::OutboundFreight));
        let fund: i64 = legs.iter().filter(|l| l.payer == Payer::ProtectionFund).map(|leg| leg.amount_fen).sum();
        let advanced: Vec<i64> = holds.iter().filter(|h| h.account == Account::Fund).map(|h| h.amount_fen).collect();
        assert_eq!(advanced, if fund > 0 { vec![fund] } else { vec![] });
        assert_eq!(follow_up.recourse_until.is_some(), fund > 0);
    }
    for (i, hold) in holds.iter().enumerate() {
        assert!(hold.amount_fen > 0 && hold.amount_fen <= hold.limit_fen, "{hold:?}");
        assert!(holds[..i].iter().all(|other| other.account != hold.account), "{hold:?} twice");
    }
    // Inputs become the members of one object.
    let lists = legs.iter().map(|leg| &leg.inputs).chain(reasons.iter().map(|reason| &reason.inputs));
    for inputs in lists {
        for (i, input) in inputs.iter().enumerate() {
            assert!(inputs[..i].iter().all(|other| other.name != input.name), "two inputs of one name: {inputs:?}");
        }
    }
    is_worded(decision);
}

/// Every code has words in both languages, and every placeholder is filled.
fn is_worded(decision: &Decision) {
    for reason in &decision.reasons {
        for lang in Lang::ALL {
            let text = words().get("reason", &reason.code, lang);
            let text = text.unwrap_or_else(|| panic!("no words for {}", reason.code));
            for name in text.split('{').skip(1).filter_map(|rest| rest.split('}').next()) {
                assert!(reason.inputs.iter().any(|input| input.name == name), "{}: no {name}", reason.code);
            }
            let filled = words().fill("reason", &reason.code, lang, &reason.inputs).unwrap();
            assert!(!filled.contains('{') && !filled.contains("  "), "{filled}");
        }
        let article = &reason.article;
        assert!(article.is_empty() || words().get("article", article, Lang::En).is_some(), "no words for {article}");
    }
    let value = serde_json::to_value(decision).unwrap();
    let text = |section: &str, value: &serde_json::Value| {
        let code = value.as_str().unwrap();
        assert!(words().get(section, code, Lang::En).is_some(), "no words for {section} {code}");
    };
    text("outcome", &value["outcome"]);
    for leg in value["legs"].as_array().unwrap() {
        text("leg", &leg["kind"]);
        text("payer", &leg["payer"]);
        text("route", &leg["route"]);
    }
    if decision.waiting.is_some() {
        text("waiting", &value["waiting"]["for"]);
    }
    let back: Decision = serde_json::from_value(value).unwrap();
    assert_eq!(&back, decision, "a decision survives being stored");
}
