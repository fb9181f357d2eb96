//! `venditor refund stuck`: what goes on only if a person acts, and what to do about each.

use std::fmt::Write as _;

use anyhow::Result;
use instant_refund::handler::{Listed, RefundPage};
use shared::china_time;
use shared::lang::Lang;
use shared::money::yuan;

use crate::client::Client;
use crate::out;

/// Prints each that is stuck, the longest stuck first; how many there are.
pub fn run(client: &Client, lang: Lang, json: bool) -> Result<usize> {
    let pages = client.pages("/v1/refunds?stuck=true", |page: &RefundPage| page.next.as_deref())?;
    let mut stuck: Vec<Listed> = pages.into_iter().flat_map(|page| page.refunds).collect();
    stuck.sort_by_key(|refund| refund.stuck.as_ref().map(|stuck| stuck.since));
    if json {
        drop(out::json(&stuck));
        return Ok(stuck.len());
    }
    for refund in &stuck {
        out::line(told(refund, lang));
    }
    if stuck.is_empty() {
        out::line(lang.pick("没有需要人工处理的退款。", "No refund wants a person."));
    }
    Ok(stuck.len())
}

/// One refund, in a few lines.
fn told(refund: &Listed, lang: Lang) -> String {
    let mut told = String::new();
    let (code, since) = refund.stuck.as_ref().map_or(("", 0), |stuck| (stuck.code.as_str(), stuck.since));
    let since = china_time::minute(since);
    let id = &refund.refund_id;
    let (order, fen, state) = (&refund.order_id, yuan(refund.total_fen), refund.state.name());
    let head = lang.pick(
        format!("{id}  {code}  自 {since}  订单 {order}  ¥{fen}  {state}"),
        format!("{id}  {code}  since {since}  order {order}  CNY {fen}  {state}"),
    );
    told.push_str(&head);
    if let Some(trouble) = &refund.trouble {
        let _written = write!(told, "  {trouble}");
    }
    let _written = write!(told, "\n    {}", advice(code, lang));
    told
}

/// What to do about it.
fn advice(code: &str, lang: Lang) -> &'static str {
    let (zh, en) = match code {
        "outcome_unknown" => (
            "到支付渠道后台查明是否已付，再告知事件 outcome_proposed（paid，已付时附 refund_no），由另一位运营人员以 decision_approved 同意。",
            "Look at the gateway's console whether it was paid; tell outcome_proposed (paid, with refund_no if it was), and have another operator agree with decision_approved.",
        ),
        "abnormal" => (
            "微信支付无法退到买家的账户：请在商户平台处理异常退款；处理完会自动入账。",
            "WeChat Pay cannot reach the buyer's account: settle the abnormal refund in the merchant platform; it is then booked by itself.",
        ),
        "payment_disputed" => (
            "这笔支付有未了结的争议：请在支付渠道处理，了结后退款自动继续；渠道不通知的，请告知 dispute_closed。",
            "The payment is disputed: see to it at the gateway; once it has ended the refund goes on by itself. If the gateway does not notify, tell dispute_closed.",
        ),
        "gateway_not_configured" => (
            "部署没有配置这个支付渠道，或不允许访问它：补上密钥（REFUND_…）或放行其地址，退款会自动继续。",
            "The deployment lacks the gateway, or may not reach it: set its credentials (REFUND_…) or allow its address; the refund goes on by itself.",
        ),
        "still_open" | "still_contested" => (
            "多次询问仍无结果：请向支付渠道查询这笔退款；退款会继续自动询问。",
            "Asked many times without an outcome: ask the gateway about this refund; it goes on being asked by itself.",
        ),
        "refused" | "reversed" => (
            "款项没有到买家。可告知 pay_another_way，改退至平台账户；已另行处理的，告知 set_aside。",
            "The buyer does not have the money. Tell pay_another_way to pay it to the account with the marketplace, or set_aside if it was dealt with otherwise.",
        ),
        "paid_twice" => (
            "支付渠道多付了一次：向买家追回后告知 buyer_repaid；不追的，告知 set_aside。",
            "The gateway paid once more than asked: get it back from the buyer and tell buyer_repaid, or set_aside if it is not claimed.",
        ),
        "proposal_waits" => (
            "一位运营人员的提议等待另一位以 decision_approved 同意（七日内）。",
            "What one operator has proposed waits for another to agree with decision_approved, within seven days.",
        ),
        "appeal_undecided" => (
            "商家的申诉逾期未决：请裁定并告知 appeal_decided。",
            "The merchant's appeal is overdue: decide it, and tell appeal_decided.",
        ),
        "claim_unsettled" => (
            "保险公司逾期没有答复：请询问，并告知 claim_paid 或 claim_failed。",
            "The insurer has not spoken in time: ask it, and tell claim_paid or claim_failed.",
        ),
        "not_looked_after" => (
            "到期而无人处理：请检查定时任务（venditor refund sweep）是否运行、这笔退款的规则包是否在库。",
            "It is due and nobody looks after it: check that the sweep runs (venditor refund sweep), and that the policy pack of this refund is at hand.",
        ),
        _ => ("这个版本的 venditor 不认识这种情况，请更新。", "This venditor does not know what that is: update it."),
    };
    lang.pick(zh, en)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whatever the function can say that a refund is stuck by has advice.
    #[test]
    fn each_code_of_the_contract_has_advice() {
        let contract = include_str!("../../../../functions/instant-refund/openapi.yaml");
        let list = contract.split("code: { enum: [outcome_unknown, ").nth(1).and_then(|rest| rest.split(']').next());
        let codes: Vec<&str> = list.into_iter().flat_map(|list| list.split(", ")).chain(["outcome_unknown"]).collect();
        assert!(codes.len() > 10, "{codes:?}");
        for lang in [Lang::Zh, Lang::En] {
            for code in &codes {
                assert_ne!(advice(code, lang), advice("", lang), "{code}");
            }
        }
    }
}
