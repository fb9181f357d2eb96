//! What happens to a refund after it was asked for: the body of `POST /v1/refunds/{id}/events`.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use shared::http_signature::MAX_SKEW_MS;
use shared::jcs;
use shared::problem::{NOT_JSON, Problem, text};

use crate::problems::BAD_EVENT;

/// The longest event, in bytes.
const MAX_BYTES: usize = 8 * 1024;
/// The largest amount, fen.
const MAX_FEN: i64 = 1_000_000_000_000;

/// One thing that happened. Told again with the same id, it changes nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Happening {
    /// The teller's id of it, unique within the refund.
    pub event_id: String,
    /// When it happened, milliseconds since the epoch.
    pub at: i64,
    /// What.
    #[serde(flatten)]
    pub what: What,
}

/// What can happen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum What {
    /// The buyer booked or posted a return parcel.
    ParcelAdded {
        /// The parcel.
        parcel: crate::case::Parcel,
    },
    /// The carrier scanned a return parcel for the first time.
    ParcelScanned {
        /// Its waybill.
        waybill: String,
        /// The carrier's weight, grams.
        #[serde(default)]
        weight_g: Option<i64>,
    },
    /// A booked pickup was cancelled.
    PickupCancelled {
        /// Its waybill.
        waybill: String,
    },
    /// The merchant received a return parcel.
    ParcelReceived {
        /// Its waybill.
        waybill: String,
    },
    /// The merchant agreed.
    MerchantAccepted {},
    /// The merchant disagreed.
    MerchantRejected {},
    /// The merchant appeals an instant refund.
    MerchantAppealed {},
    /// The marketplace decided the appeal.
    AppealDecided {
        /// Whether the merchant was right.
        upheld: bool,
    },
    /// The insurer took up the claim.
    ClaimFiled {},
    /// The insurer paid.
    ClaimPaid {
        /// How much.
        amount_fen: i64,
    },
    /// The insurer refused. It may pay later all the same.
    ClaimFailed {
        /// Its code.
        code: String,
    },
    /// The merchant's deposit or balance paid the fund back.
    RecourseRecovered {
        /// How much.
        amount_fen: i64,
    },
    /// The buyer paid back what was claimed back.
    BuyerRepaid {
        /// How much.
        amount_fen: i64,
    },
}

impl Happening {
    /// Reads an event. Waybills are upper-cased: `sf1001` is `SF1001`.
    ///
    /// # Errors
    /// A problem that names the member at fault.
    pub fn parse(bytes: &[u8], now_ms: i64) -> Result<Happening, Problem> {
        let mut value = jcs::parse_bounded(bytes, MAX_BYTES, 6).map_err(|error| {
            let detail = text(format!("不是可接受的 JSON：{error}"), format!("Not acceptable JSON: {error}"));
            Problem::new(&NOT_JSON, detail.clone()).field("", error.code(), detail)
        })?;
        let take = |value: &mut Value, name: &str| value.as_object_mut().and_then(|members| members.remove(name));
        let event_id = take(&mut value, "event_id");
        let at = take(&mut value, "at");
        let event_id = event_id.as_ref().and_then(Value::as_str).filter(|id| {
            (1..=64).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || b"_.:-".contains(&b))
        });
        let event_id = event_id.ok_or_else(|| {
            bad(
                "/event_id",
                "bad-id",
                "应为 1 至 64 个字符：字母、数字、_ . : -",
                "1 to 64 characters: letters, digits, _ . : -",
            )
        })?;
        let at = at.as_ref().and_then(Value::as_i64).filter(|at| *at >= 0);
        let at = at.ok_or_else(|| bad("/at", "bad-instant", "应为毫秒时间戳", "Milliseconds since the epoch"))?;
        if at > now_ms.saturating_add(MAX_SKEW_MS) {
            return Err(bad("/at", "in-the-future", "时间在未来", "It lies in the future"));
        }
        let mut what: What = serde_path_to_error::deserialize(&value).map_err(|error| {
            let path = error.path().to_string();
            let pointer = if path == "." { String::new() } else { format!("/{}", path.replace('.', "/")) };
            let why = error.inner().to_string();
            bad(&pointer, "bad-member", &format!("成员有误：{why}"), &format!("A member has a fault: {why}"))
        })?;
        what.upper_case_waybills();
        what.check()?;
        Ok(Happening { event_id: event_id.to_owned(), at, what })
    }
}

impl What {
    /// A waybill is one whatever the case of its letters, in events as in cases.
    fn upper_case_waybills(&mut self) {
        match self {
            What::ParcelAdded { parcel } => parcel.waybill.make_ascii_uppercase(),
            What::ParcelScanned { waybill, .. }
            | What::PickupCancelled { waybill }
            | What::ParcelReceived { waybill } => waybill.make_ascii_uppercase(),
            _ => {}
        }
    }

    fn check(&self) -> Result<(), Problem> {
        match self {
            What::ClaimPaid { amount_fen }
            | What::RecourseRecovered { amount_fen }
            | What::BuyerRepaid { amount_fen } => {
                if (1..=MAX_FEN).contains(amount_fen) {
                    return Ok(());
                }
                Err(bad("/amount_fen", "bad-amount", "应为 1 至 10^12 分的整数", "An integer from 1 to 10^12 fen"))
            }
            What::ClaimFailed { code } if code.is_empty() || code.len() > 64 => {
                Err(bad("/code", "bad-code", "应为 1 至 64 个字节", "1 to 64 bytes"))
            }
            _ => Ok(()),
        }
    }
}

fn bad(pointer: &str, code: &'static str, zh: &str, en: &str) -> Problem {
    let detail = text(zh, en);
    Problem::new(&BAD_EVENT, detail.clone()).field(pointer, code, detail)
}
