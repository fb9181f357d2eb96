//! A refund's receipt, offline: who signed it, when, and whether it adds up. Whether the bank has the money yet is the
//! gateway's to say.

use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use instant_refund::receipt::Receipt;
use instant_refund::refund::State;
use serde_json::{Value, json};
use shared::china_time;
use shared::keyset::Opened;
use shared::lang::Lang;
use shared::money::priced;

use super::{Command, files};
use crate::keys::dir::KeyDir;
use crate::{document, out};

/// Says what it says and whether that holds.
pub fn judge(command: &Command, path: &Path, keys: &KeyDir, lang: Lang) -> Result<bool> {
    let bytes = crate::files::read(path)?;
    let given: Value = serde_json::from_slice(&bytes).with_context(|| path.display().to_string())?;
    // A whole answer, or the envelope alone.
    let answer = given.get("receipt").filter(|receipt| receipt.is_object());
    let envelope = answer.unwrap_or(&given);
    ensure!(
        envelope.get("payloadType").is_some(),
        "{}: neither a signed receipt nor an answer that holds one; refunds that are not decided yet have none",
        path.display()
    );
    let set = files::keyset(command, keys)?;
    let envelope = serde_json::to_vec(envelope)?;
    let opened = match document::opened::<Receipt<'static>>(&envelope, &set, out::now_ms()) {
        Ok(opened) => opened,
        Err(error) => {
            refuse(command, path, &error)?;
            return Ok(false);
        }
    };
    let differences = answer.map_or(Vec::new(), |_| differences(&given, &opened.payload));
    tell(command, lang, &opened, &differences)?;
    Ok(differences.is_empty())
}

fn refuse(command: &Command, path: &Path, error: &anyhow::Error) -> Result<()> {
    if command.json {
        return out::json(&json!({"valid": false, "error": format!("{error:#}")}));
    }
    out::line(format!("{}: the receipt does not hold: {error:#}", path.display()));
    Ok(())
}

/// Where the answer around the receipt says something else. The answer is not signed.
fn differences(answer: &Value, receipt: &Receipt<'_>) -> Vec<String> {
    let signed = serde_json::to_value(receipt).unwrap_or_default();
    let mut differences = Vec::new();
    let mut differ = |pointer: &str, said: Option<&Value>, signed: Option<&Value>| {
        if said != signed {
            let text = |value: Option<&Value>| value.map_or("nothing".to_owned(), Value::to_string);
            differences.push(format!("{pointer}: the answer has {}, the receipt {}", text(said), text(signed)));
        }
    };
    for pointer in ["/refund_id", "/decision_id", "/state", "/currency", "/policy"] {
        differ(pointer, answer.pointer(pointer), signed.pointer(pointer));
    }
    if receipt.state == State::Posted {
        differ("/total_fen", answer.get("total_fen"), signed.get("total_fen"));
    }
    let count = |value: &Value| value.get("legs").and_then(Value::as_array).map_or(0, Vec::len);
    for place in 0..count(answer).max(count(&signed)) {
        for member in ["kind", "payer", "route", "amount_fen"] {
            let pointer = format!("/legs/{place}/{member}");
            differ(&pointer, answer.pointer(&pointer), signed.pointer(&pointer));
        }
    }
    differences
}

fn tell(command: &Command, lang: Lang, opened: &Opened<Receipt<'static>>, differences: &[String]) -> Result<()> {
    let receipt = &opened.payload;
    if command.json {
        return out::json(&json!({
            "valid": differences.is_empty(), "kid": opened.kid, "owner": opened.owner, "signed_at": opened.signed_at,
            "receipt": receipt, "answer_differences": differences,
        }));
    }
    let state = match receipt.state {
        State::Posted => lang.pick("已退款", "refunded"),
        State::Declined => lang.pick("不予退款", "declined"),
        State::Reversed => lang.pick("已被支付渠道退回", "taken back by the gateway"),
        _ => lang.pick("作废，没有付款", "void: nothing was paid"),
    };
    out::line(format!("{} | {state} | {}", receipt.refund_id, priced("CNY ", receipt.total_fen)));
    out::line(format!("{} {}", lang.pick("订单", "order"), receipt.order_id));
    if receipt.total_fen == 0 && !receipt.legs.is_empty() {
        out::line(lang.pick("决定的金额（未付）：", "decided, but not paid:"));
    }
    receipt.legs.iter().for_each(|leg| {
        out::line(format!("  {} [{}]", leg.text.get(lang), leg.rule));
    });
    receipt.reasons.iter().for_each(|reason| {
        out::line(format!("- {} [{}]", reason.text.get(lang), reason.code));
    });
    out::line(format!("{} {}", lang.pick("决定于", "decided"), china_time::minute(receipt.issued_at)));
    if let Some(at) = receipt.paid_at {
        let no = receipt.refund_no.as_deref().unwrap_or("-");
        out::line(format!("{} {}, {no}", lang.pick("付款于", "paid"), china_time::minute(at)));
    }
    out::line(format!(
        "✓ {} [{}]",
        lang.pick("签名有效：", "validly signed by ").to_owned() + opened.owner.get(lang),
        opened.kid
    ));
    differences
        .iter()
        .for_each(|what| out::line(format!("{} {what}", lang.pick("答复与回执不符：", "the answer differs:"))));
    out::line(lang.pick(
        "未查验：款项是否已到账（由支付渠道告知）",
        "not checked: whether the money has arrived (the gateway knows)",
    ));
    Ok(())
}
