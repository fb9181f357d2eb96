//! `policy.toml`: figures that are no tables, in sections that each have editions. Under `section`: the first instants of
//! the editions; under `section/0/name`, `section/1/name`, …: an integer, 0 or 1 of a flag, lines of words.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::ops::RangeInclusive;

use calendar::{parse_date, start_of_day};
use pack_source::toml::{Document, Table};
use pack_source::{Files, Findings, MapWriter};

/// What a figure may be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An integer in this range.
    Integer(RangeInclusive<i64>),
    /// An integer in this range; a pack of before there was such a figure has it without end: its most.
    Term(RangeInclusive<i64>),
    /// True or false.
    Flag,
    /// Lower-case words, each once.
    Words,
}

/// A figure. Every edition of its section has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Figure {
    /// Its name; the ending says its unit.
    pub name: &'static str,
    /// What it may be.
    pub kind: Kind,
    /// What it is, for people, in Chinese.
    pub zh: &'static str,
    /// The same in English.
    pub en: &'static str,
}

/// A section of the file: its name, the function's type for it, and its figures.
pub type Section = (&'static str, &'static str, &'static [Figure]);

const fn int(name: &'static str, range: RangeInclusive<i64>, zh: &'static str, en: &'static str) -> Figure {
    Figure { name, kind: Kind::Integer(range), zh, en }
}

const fn term(name: &'static str, range: RangeInclusive<i64>, zh: &'static str, en: &'static str) -> Figure {
    Figure { name, kind: Kind::Term(range), zh, en }
}

const fn flag(name: &'static str, zh: &'static str, en: &'static str) -> Figure {
    Figure { name, kind: Kind::Flag, zh, en }
}

/// All sections, in the order in which a person should read what changed.
pub const SECTIONS: [Section; 7] = [
    (
        "freight_insurance",
        "FreightInsurance<'p>",
        &[
            int("tolerance_hours", 0..=8760, "付款后可投保的最长时间", "Longest time from payment to insuring"),
            int("pickup_cap_fen", 0..=1_000_000, "上门取件最多抵扣", "Most that a door pickup deducts"),
            int("self_mail_fixed_fen", 0..=1_000_000, "自寄定额赔付", "Fixed payout for self-mail"),
            int("self_mail_cap_fen", 0..=1_000_000, "按费率自寄赔付的上限", "Most that a tariff pays for self-mail"),
            int("claim_window_days", 1..=3650, "理赔期限", "Time for calling a claim"),
            flag("self_mail_after_receipt", "自寄理赔须等商家收货", "Self-mail claims wait for the arrival"),
            Figure {
                name: "excluded_categories",
                kind: Kind::Words,
                zh: "不承保的类目",
                en: "Categories without freight insurance",
            },
        ],
    ),
    (
        "instant_refund",
        "InstantRefund",
        &[
            int(
                "unshipped_window_hours",
                0..=8760,
                "未发货极速退款的时限",
                "Time for instant refunds of unshipped orders",
            ),
            flag("prepaid_labels_only", "揽收即退仅限平台预付面单", "First-scan refunds take prepaid labels only"),
            int(
                "claw_back_days",
                1..=365,
                "揽收后须到货的天数，逾期追回",
                "Time from first scan to arrival before money is claimed back",
            ),
            int("appeal_days", 1..=365, "商家申诉期限", "Time for a merchant's appeal"),
        ],
    ),
    (
        "merchant",
        "MerchantDeadlines",
        &[
            int("opens_minute", 0..=1439, "营业开始", "Business begins"),
            int("closes_minute", 1..=1440, "营业结束", "Business ends"),
            int("reply_minutes", 1..=1440, "营业时间内的答复时限", "Time to answer in business hours"),
            int("otherwise_minute", 0..=1439, "其余时间须在次日此时前答复", "Otherwise to be answered the next day by"),
            int(
                "shipped_reply_hours",
                1..=8760,
                "发货后仅退款的答复时限",
                "Time to answer a refund without return once shipped",
            ),
            int("inspection_days", 1..=365, "收到退货后的退款时限", "Time from the return's arrival to the refund"),
            flag("refund_forced_shipment", "申请后强行发货仍予退款", "Goods shipped after the request are refunded"),
        ],
    ),
    (
        "returns",
        "Returns",
        &[
            int("posting_days", 1..=365, "寄回时限", "Time for posting a return"),
            int("transit_days", 1..=365, "寄回途中时限", "Time from first scan to arrival"),
            int(
                "freight_cap_fen",
                0..=1_000_000,
                "商家每件退货运费上限",
                "Most return freight a merchant is charged for one parcel",
            ),
            int(
                "platform_bears_from_level",
                0..=11,
                "平台承担未投保运费的买家等级",
                "Buyer level from which the marketplace bears uninsured freight",
            ),
        ],
    ),
    (
        "law",
        "Law",
        &[
            int("no_reason_days", 7..=365, "无理由退货期", "Days of returns without a reason"),
            int("fault_days", 7..=365, "质量问题退货期", "Days of returns of faulty goods"),
        ],
    ),
    (
        "fund",
        "Fund",
        &[
            int(
                "merchant_limit_fen",
                0..=1_000_000_000_000,
                "对单个商家先行赔付上限",
                "Most that is advanced for one merchant",
            ),
            int("unsecured_fen", 0..=1_000_000_000_000, "超出保证金的先行赔付", "Advanced beyond a merchant's deposit"),
            int("total_limit_fen", 0..=1_000_000_000_000, "先行赔付总额上限", "Most that is advanced in all"),
            int("recourse_days", 1..=3650, "追偿期限", "Time for recourse"),
        ],
    ),
    (
        "terms",
        "Terms",
        &[
            term(
                "request_days",
                30..=3650,
                "申请之后自动办理的期限",
                "Time from the request within which it is decided by itself",
            ),
            term(
                "silence_days",
                1..=3650,
                "签收（未签收则发货）后商家沉默视为同意的申请期限",
                "Time from signing, else from shipment, within which a request makes silence consent",
            ),
            term("gateway_days", 7..=3650, "支付渠道付成的期限", "Time for a gateway to pay"),
            term("receivable_days", 30..=3650, "向买家追回的期限", "Time for claiming money back from a buyer"),
            term("appeal_decision_days", 1..=365, "平台裁定申诉的期限", "Time for deciding an appeal"),
            term("table_notice_days", 1..=365, "表格到期前的提醒期", "Notice before a table ends"),
        ],
    ),
];

/// Figures of which the first must be below the second.
const ORDERED: [(&str, &str); 2] = [("opens_minute", "closes_minute"), ("unsecured_fen", "total_limit_fen")];

/// Compiles the file.
pub(crate) fn compile(files: &Files, findings: &Findings) -> Option<Vec<u8>> {
    let document = Document::parse(files, crate::FIGURES, findings)?;
    let root = document.root();
    root.only(SECTIONS.iter().map(|(name, ..)| *name));
    let mut map = MapWriter::new();
    for (section, _, figures) in &SECTIONS {
        let Some(list) = root.want(section).and_then(|editions| editions.list()) else { continue };
        if list.is_empty() {
            root.refuse(format!("[{section}]: at least one edition is wanted"));
        }
        let mut starts: Vec<i64> = Vec::new();
        for (number, edition) in list.iter().enumerate() {
            let Some(edition) = edition.table() else { continue };
            edition.only(std::iter::once("effective_from").chain(figures.iter().map(|figure| figure.name)));
            if let Some(from) = effective_from(&edition, starts.last().copied()) {
                starts.push(from);
            }
            let mut value = |figure: &Figure| {
                let key = format!("{section}/{number}/{}", figure.name);
                Some((figure.name, put(&mut map, &key, &edition, figure)?))
            };
            ordered(&edition, &figures.iter().filter_map(&mut value).collect());
        }
        map.ints(*section, starts);
    }
    map.finish()
}

fn effective_from(edition: &Table<'_>, before: Option<i64>) -> Option<i64> {
    let value = edition.want("effective_from")?;
    let Some(from) = parse_date(value.text()?).map(start_of_day) else {
        value.refuse(format!("{}: a day, YYYY-MM-DD, is wanted", value.name()));
        return None;
    };
    if before.is_some_and(|before| before >= from) {
        value.refuse(format!("{}: editions must follow each other in time", value.name()));
        return None;
    }
    Some(from)
}

/// `{ value, status, source }`: what it is and where it comes from. The value of one that is a number.
fn put(map: &mut MapWriter, key: &str, edition: &Table<'_>, figure: &Figure) -> Option<i64> {
    let entry = edition.table(figure.name)?;
    entry.only(["value", "status", "source"]);
    if let Some(status) = entry.want("status") {
        status.one_of(&["sourced", "example"]);
    }
    entry.text("source");
    match &figure.kind {
        Kind::Integer(range) | Kind::Term(range) => {
            let value = entry.int("value", range.clone())?;
            map.int(key, value);
            return Some(value);
        }
        Kind::Flag => {
            map.int(key, entry.flag("value")?.into());
        }
        Kind::Words => {
            map.lines(key, entry.codes("value")?);
        }
    }
    None
}

/// Figures that only make sense together.
fn ordered(edition: &Table<'_>, values: &BTreeMap<&str, i64>) {
    for (low, high) in ORDERED {
        if let (Some(least), Some(most)) = (values.get(low), values.get(high))
            && least >= most
            && let Some(place) = edition.get(low)
        {
            place.refuse(format!("{} = {least}: not below {high} = {most}", place.name()));
        }
    }
}

/// Rust for the function's build script: `FIGURES`, and how each of the function's types is read; a name that the type lacks, or one too many, does not compile.
pub fn constants() -> String {
    let mut all = String::new();
    let mut readers = String::new();
    for (section, kind, figures) in &SECTIONS {
        let mut members = String::new();
        for Figure { name, kind, .. } in *figures {
            let (range, read) = match kind {
                Kind::Integer(range) => {
                    let (least, most) = (range.start(), range.end());
                    (format!("Some(({least}, {most}))"), format!("edition.int({name:?}, {least}, {most})"))
                }
                Kind::Term(range) => {
                    let (least, most) = (range.start(), range.end());
                    (format!("Some(({least}, {most}))"), format!("edition.term({name:?}, {least}, {most})"))
                }
                Kind::Flag => ("Some((0, 1))".to_owned(), format!("edition.flag({name:?})")),
                Kind::Words => ("None".to_owned(), format!("edition.codes({name:?})")),
            };
            let _infallible = write!(all, "Figure {{ section: {section:?}, name: {name:?}, range: {range} }}, ");
            let _infallible = write!(members, "{name}: {read}, ");
        }
        let plain = kind.trim_end_matches("<'p>");
        let _infallible = write!(
            readers,
            "impl<'p> Section<'p> for {kind} {{\n    const NAME: &'static str = {section:?};\n    \
             fn read(edition: Edition<'p>) -> Self {{ {plain} {{ {members} }} }}\n}}\n"
        );
    }
    format!("/// All figures.\npub(super) const FIGURES: &[Figure] = &[{all}];\n{readers}")
}
