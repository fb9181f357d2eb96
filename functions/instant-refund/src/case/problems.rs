//! What can be wrong with the facts of a case: a code, and why, in both languages. Its shape is [`shared::http::json`]'s.

use shared::lang::Text;
use shared::problem::{FieldError, Problem, text};
use shared::problem_kinds;

problem_kinds! {
    /// A member of the case is wrong; `errors` says which.
    BAD_CASE = UNPROCESSABLE_ENTITY "bad-case", "退款请求内容有误", "The case has faults";
}

/// The most faults that one answer names.
pub const MAX_FAULTS: usize = 20;

/// One kind of fault.
#[derive(Debug, PartialEq, Eq)]
pub struct Fault {
    /// Stable, kebab case.
    pub code: &'static str,
    /// Why, in Chinese.
    pub zh: &'static str,
    /// Why, in English.
    pub en: &'static str,
}

/// Declares faults, and the list of them all.
macro_rules! faults {
    ($($name:ident = $code:literal, $zh:literal, $en:literal;)*) => {
        $(#[doc = $en] pub const $name: Fault = Fault { code: $code, zh: $zh, en: $en };)*
        /// All of them.
        pub const ALL: &[&Fault] = &[$(&$name),*];
    };
}

faults! {
    BAD_ID = "bad-id", "编号须为 1 至 64 个字符，只能用数字、字母和“_ . : -”。", "An id has 1 to 64 characters of digits, letters and “_ . : -”.";
    BAD_CATEGORY = "bad-category", "类目代码须为 1 至 64 个小写字母、数字或下划线。", "A category code has 1 to 64 lower-case letters, digits and underscores.";
    BAD_CURRENCY = "bad-currency", "只支持人民币（CNY）。", "Only CNY is supported.";
    CURRENCY_MISMATCH = "currency-mismatch", "支付币种与订单币种不同。", "The payment's currency differs from the order's.";
    BAD_AMOUNT = "bad-amount", "金额须在 0 至 1 万亿分之间。", "An amount lies between 0 and 10^12 fen.";
    AMOUNT_NOT_POSITIVE = "amount-not-positive", "申请金额必须大于 0。", "The amount asked for must be above zero.";
    AMOUNT_OVER_SHARE = "amount-over-share", "申请金额超过这些件数对应的实付金额。", "The amount asked for is more than these pieces cost.";
    SUM_MISMATCH = "sum-mismatch", "各行实付与运费之和不等于支付总额。", "Lines and freight do not add up to what was paid.";
    BAD_QUANTITY = "bad-quantity", "件数须在 1 至 100 万之间。", "A quantity lies between 1 and 1,000,000.";
    QUANTITY_OVER_LINE = "quantity-over-line", "件数超过该行购买的件数。", "More pieces than the line has.";
    LINE_TWICE = "line-twice", "同一行出现了两次。", "The line occurs twice.";
    NO_SUCH_LINE = "no-such-line", "订单中没有这一行。", "The order has no such line.";
    EMPTY = "empty", "至少要有一项。", "At least one entry is wanted.";
    LINES_NOT_EXPECTED = "lines-not-expected", "只申请补偿时不能带商品行。", "A request for compensation alone has no lines.";
    TOO_MANY = "too-many", "项数过多。", "Too many entries.";
    BAD_INSTANT = "bad-instant", "时间须为 2000 年至 2100 年间的毫秒数（不是秒数）。", "An instant is milliseconds, not seconds, between the years 2000 and 2100.";
    IN_THE_FUTURE = "in-the-future", "时间在将来。", "The instant is in the future.";
    BEFORE_ORDER = "before-order", "时间早于付款。", "The instant is before the payment.";
    BEFORE_SHIPMENT = "before-shipment", "签收早于发货。", "Signed for before it was shipped.";
    BEFORE_REQUEST = "before-request", "商家答复早于申请。", "The merchant answered before it was asked.";
    BEFORE_RETURN_REQUEST = "before-return-request", "早于退货申请：这不是退货包裹。", "Before the return was asked for: this is no return parcel.";
    OUTBOUND_WAYBILL = "outbound-waybill", "这是发货运单，不是退货运单。", "This is the waybill that the goods were sent by, not one of a return.";
    BEFORE_SCAN = "before-scan", "收货早于揽收。", "Received before the carrier's first scan.";
    ENDS_BEFORE_START = "ends-before-start", "保险止期早于起期。", "The policy ends before it begins.";
    SHIPPED_INCONSISTENT = "shipped-inconsistent", "发货时间与已发件数不一致。", "The time of shipment and the pieces shipped contradict each other.";
    SIGNED_UNSHIPPED = "signed-unshipped", "没有发货却已签收。", "Signed for without having been shipped.";
    SCANNED_AND_CANCELLED = "scanned-and-cancelled", "已取消的包裹不能有揽收或收货。", "A cancelled parcel was neither scanned nor received.";
    NOT_A_PICKUP = "not-a-pickup", "自行寄回的包裹没有可取消的预约。", "A parcel posted by the buyer has no pickup to cancel.";
    BAD_REGION = "bad-region", "地区须为六位数字的行政区划代码。", "A region is a division code of six digits.";
    BAD_WEIGHT = "bad-weight", "重量须在 1 克至 1 吨之间。", "A weight lies between 1 g and 1 t.";
    BAD_WAYBILL = "bad-waybill", "运单号须为 4 至 40 个字母、数字或连字符。", "A waybill number has 4 to 40 letters, digits and hyphens.";
    WAYBILL_TWICE = "waybill-twice", "同一运单出现了两次。", "The waybill occurs twice.";
    BAD_CARRIER = "bad-carrier", "承运人代码须为 1 至 32 个小写字母、数字或下划线。", "A carrier code has 1 to 32 lower-case letters, digits and underscores.";
    RETURN_NOT_EXPECTED = "return-not-expected", "这种申请不退货。", "Nothing is returned with this kind of request.";
    CAUSE_DOES_NOT_FIT = "cause-does-not-fit", "申请原因与申请种类不符。", "The cause does not fit the kind of request.";
    BAD_LEVEL = "bad-level", "信用等级须在 0 至 10 之间。", "A credit level lies between 0 and 10.";
    BAD_COUNT = "bad-count", "次数须在 0 至 100 万之间。", "A count lies between 0 and 1,000,000.";
    NO_COVER = "no-cover", "保单没有写明保障范围。", "The policy names nothing that it covers.";
    PROMISE_INCOMPLETE = "promise-incomplete", "缺少这种发货承诺所需的字段。", "This kind of promise needs this member.";
    PROMISE_SURPLUS = "promise-surplus", "这种发货承诺没有这个字段。", "This kind of promise does not have this member.";
    PROMISE_RANGE = "promise-range", "发货时限超出范围（现货 0 至 720 小时，预售 1 至 365 天）。", "The promise is out of range (spot 0 to 720 hours, pre-sale 1 to 365 days).";
}

/// Faults being collected.
#[derive(Debug, Default)]
pub(super) struct Faults {
    errors: Vec<FieldError>,
}

impl Faults {
    /// Notes a fault, unless there are enough.
    pub fn add(&mut self, pointer: &str, fault: &Fault) {
        if self.errors.len() < MAX_FAULTS {
            self.errors.push(FieldError { pointer: pointer.to_owned(), code: fault.code, detail: words(fault) });
        }
    }

    /// Notes a fault unless something holds.
    pub fn expect(&mut self, holds: bool, pointer: impl FnOnce() -> String, fault: &Fault) {
        if !holds {
            self.add(&pointer(), fault);
        }
    }

    /// The problem, if there are faults.
    pub fn done(self) -> Result<(), Problem> {
        let Some(first) = self.errors.first() else { return Ok(()) };
        let detail = match self.errors.len() {
            1 => first.detail.clone(),
            n => text(format!("共有 {n} 处错误。"), format!("There are {n} faults.")),
        };
        Err(Problem { errors: self.errors, ..Problem::new(&BAD_CASE, detail) })
    }
}

/// The words of a fault.
pub(super) fn words(fault: &Fault) -> Text {
    text(fault.zh, fault.en)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_has_its_own_code_and_words() {
        for (i, fault) in ALL.iter().enumerate() {
            assert!(ALL[..i].iter().all(|other| other.code != fault.code), "{}", fault.code);
            assert!(!fault.zh.is_empty() && fault.en.ends_with('.'), "{}", fault.code);
        }
    }
}
