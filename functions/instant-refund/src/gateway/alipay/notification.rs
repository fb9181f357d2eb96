//! 异步通知 of a refund: a signed form.
//!
//! Its `refund_fee` is what was refunded of the **trade** in all (总退款金额), so it cannot be held against one refund's
//! amount. It is therefore a hint and no proof: the report is [`Report::Processing`], and the handler queries.

use shared::http::decode_pairs;

use crate::gateway::rsa_keys::Verifier;
use crate::gateway::{Notification, NotificationError, Report, times};

use super::canonical;

/// Reads a form and checks its signature (自行实现验签, 异步返回结果的验签: all parameters but `sign` and `sign_type`).
pub(super) fn read(body: &[u8], key: &Verifier, app_id: &str) -> Result<Notification, NotificationError> {
    let text = str::from_utf8(body).map_err(|_| NotificationError::Malformed)?;
    let mut parameters: Vec<(String, String)> = decode_pairs(text).collect();
    parameters.sort();
    if parameters.windows(2).any(|pair| matches!(pair, [(a, _), (b, _)] if a == b)) {
        return Err(NotificationError::Malformed);
    }
    let (signing, mut signed): (Vec<_>, Vec<_>) =
        parameters.into_iter().partition(|(name, _)| name == "sign" || name == "sign_type");
    let sign = get(&signing, "sign").ok_or(NotificationError::BadSignature)?;
    if get(&signing, "sign_type") != Some("RSA2") || !key.verify(canonical(&mut signed).as_bytes(), sign) {
        return Err(NotificationError::BadSignature);
    }
    if get(&signed, "app_id") != Some(app_id) {
        return Err(NotificationError::Malformed);
    }
    let (Some(out_biz_no), Some(refund_fee)) = (get(&signed, "out_biz_no"), get(&signed, "refund_fee")) else {
        return Err(NotificationError::Irrelevant);
    };
    times::fen(refund_fee).ok_or(NotificationError::Malformed)?;
    Ok(Notification {
        key: out_biz_no.to_owned(),
        transaction_id: get(&signed, "trade_no").map(str::to_owned),
        amount_fen: None,
        report: Report::Processing { refund_no: None },
        number: Some(out_biz_no.to_owned()),
        payments: get(&signed, "trade_no").map(str::to_owned).into_iter().collect(),
        at: None,
    })
}

fn get<'a>(parameters: &'a [(String, String)], name: &str) -> Option<&'a str> {
    parameters.iter().find(|(n, v)| n == name && !v.is_empty()).map(|(_, v)| v.as_str())
}
