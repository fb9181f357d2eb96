//! What Alipay's signed part says.

use serde::Deserialize;

use crate::gateway::{Instruction, Report, Settled, times, wire};

/// The signed part of an answer, of either method. A known member sent twice does not parse.
#[derive(Deserialize)]
pub(super) struct Node {
    code: String,
    sub_code: Option<String>,
    trade_no: Option<String>,
    fund_change: Option<String>,
    refund_fee: Option<String>,
    out_request_no: Option<String>,
    refund_amount: Option<String>,
    refund_status: Option<String>,
    gmt_refund_pay: Option<String>,
}

impl Node {
    /// Of `alipay.trade.refund`.
    pub(super) fn refund(self, instruction: &Instruction) -> Report {
        if self.code != "10000" {
            return failure(&self.code, self.sub_code.as_deref());
        }
        if self.trade_no.as_deref() != Some(&instruction.transaction_id) {
            return wire::unknown("wrong_refund");
        }
        match (self.fund_change.as_deref(), self.refund_fee.as_deref().and_then(times::fen)) {
            (Some("N"), _) => wire::unknown("fund_change_n"),
            (Some("Y"), Some(fen)) if (instruction.amount_fen..=instruction.paid_fen).contains(&fen) => {
                self.settled(instruction)
            }
            (Some("Y"), Some(_)) => wire::unknown("wrong_amount"),
            _ => wire::unknown("malformed"),
        }
    }

    /// Of `alipay.trade.fastpay.refund.query`. Nothing but its own success says anything about the refund.
    pub(super) fn query(self, instruction: &Instruction) -> Report {
        if self.code != "10000" {
            return match self.sub_code.as_deref() {
                // It knows no such payment, so it has refunded none of it.
                Some("ACQ.TRADE_NOT_EXIST") => Report::NotFound,
                sub_code => wire::unknown(sub_code.unwrap_or(&self.code)),
            };
        }
        let ours = |named: &Option<String>, wanted: &String| named.as_ref() == Some(wanted);
        match self.refund_status.as_deref() {
            None | Some("") if self.trade_no.as_ref().is_none_or(|no| *no == instruction.transaction_id) => {
                Report::NotFound
            }
            _ if !ours(&self.trade_no, &instruction.transaction_id) => wire::unknown("wrong_refund"),
            Some("REFUND_SUCCESS") if !ours(&self.out_request_no, &instruction.key) => wire::unknown("wrong_refund"),
            Some("REFUND_SUCCESS") => match self.refund_amount.as_deref().and_then(times::fen) {
                Some(fen) if fen == instruction.amount_fen => self.settled(instruction),
                Some(_) => wire::unknown("wrong_amount"),
                None => wire::unknown("malformed"),
            },
            _ => wire::unknown("malformed"),
        }
    }

    /// How much the refund is that was asked after, if it was made.
    pub(super) fn amount(self, instruction: &Instruction) -> Option<i64> {
        let named = self.trade_no.as_ref() == Some(&instruction.transaction_id)
            && self.out_request_no.as_ref() == Some(&instruction.key);
        let made = self.code == "10000" && self.refund_status.as_deref() == Some("REFUND_SUCCESS");
        self.refund_amount.as_deref().and_then(times::fen).filter(|_| named && made)
    }

    /// Alipay gives a refund no number of its own: `out_request_no` is its number.
    fn settled(&self, instruction: &Instruction) -> Report {
        Report::Succeeded(Settled {
            refund_no: instruction.key.clone(),
            at: self.gmt_refund_pay.as_deref().and_then(times::china_ms),
        })
    }
}

/// 公共错误码 and the error codes of `alipay.trade.refund`. The list of the latter was not to be had in full, so a code
/// that is not here is unknown, not refused.
fn failure(code: &str, sub_code: Option<&str>) -> Report {
    let named = sub_code.unwrap_or(code);
    match (code, named) {
        ("40004", "ACQ.SELLER_BALANCE_NOT_ENOUGH") => Report::InsufficientFunds { code: named.to_owned() },
        (
            "40004",
            "ACQ.INVALID_PARAMETER"
            | "ACQ.REFUND_AMT_NOT_EQUAL_TOTAL"
            | "ACQ.REASON_TRADE_BEEN_FREEZEN"
            | "ACQ.REASON_TRADE_REFUND_FEE_ERR"
            | "ACQ.REFUND_FEE_ERROR"
            | "ACQ.TRADE_HAS_FINISHED"
            | "ACQ.TRADE_NOT_ALLOW_REFUND"
            | "ACQ.TRADE_NOT_EXIST"
            | "ACQ.TRADE_STATUS_ERROR",
        ) => wire::refused(named),
        // A refund with this number and another amount is there: what it paid, a query shows.
        ("40004", "ACQ.DISCORDANT_REPEAT_REQUEST") => wire::unknown("key_mismatch"),
        // 调用频次超限.
        ("40005", _) => Report::NotAccepted { code: wire::clean(named), retry_after_ms: None },
        // Authority at fault, refused before anything was done: once the deployment is put right, it is sent.
        ("20001" | "40003" | "40006", _) => wire::not_now(named),
        ("40001" | "40002", name) if name.contains("sign") || name.contains("app-id") || name.contains("token") => {
            wire::not_now(named)
        }
        ("40001" | "40002", _) => wire::refused(named),
        _ => wire::unknown(named),
    }
}
