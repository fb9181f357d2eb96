//! The problems of this function: what is wrong with a request, where, and why, in both languages.

use shared::lang::Text;
use shared::problem::{Kind, Problem, text};
use shared::problem_kinds;

use crate::digital_link::{LinkError, LinkProblem, MAX_PATH};

problem_kinds! {
    /// The host is none that our labels name.
    UNKNOWN_HOST = MISDIRECTED_REQUEST "unknown-host", "不是官方查验域名", "Not an official verification host";
    /// The path is longer than any label's.
    URL_TOO_LONG = URI_TOO_LONG "url-too-long", "网址过长", "URL too long";
    /// Percent-encoding without two hex digits.
    BAD_PERCENT_ENCODING = BAD_REQUEST "bad-percent-encoding", "网址编码有误", "Bad percent-encoding";
    /// Bytes that are no text.
    BAD_ENCODING = BAD_REQUEST "bad-encoding", "网址不是有效文字", "Not valid UTF-8";
    /// Half a surrogate pair.
    LONE_SURROGATE = BAD_REQUEST "lone-surrogate", "网址含有孤立的代理字符", "Lone surrogate";
    /// Controls, NUL included.
    CONTROL_CHARACTER = BAD_REQUEST "control-character", "网址含有控制字符", "Control character";
    /// An application identifier that labels of ours do not use.
    UNKNOWN_PRIMARY_KEY = NOT_FOUND "unknown-primary-key", "不支持的标识类型", "Unknown primary key";
    /// A product without a piece.
    MISSING_SERIAL = BAD_REQUEST "missing-serial", "缺少序列号", "Serial number missing";
    /// Any other fault of form.
    BAD_LINK = BAD_REQUEST "bad-link", "不是有效的商品码网址", "Not a valid Digital Link";
    /// A field of the report form.
    BAD_REPORT = UNPROCESSABLE_ENTITY "bad-report", "举报内容有误", "The report has a fault";
    /// There are enough complaints on this piece.
    TOO_MANY_REPORTS = TOO_MANY_REQUESTS "too-many-reports", "举报已经很多", "Enough reports received";
    /// There were enough from this network today.
    TOO_MANY_FROM_NETWORK = TOO_MANY_REQUESTS "too-many-reports-from-network", "您的网络今天举报过多", "Too many reports from your network";
    /// There were enough today.
    TOO_MANY_TODAY = TOO_MANY_REQUESTS "too-many-reports-today", "今天举报过多", "Too many reports today";
    /// No number of a complaint.
    BAD_NUMBER = BAD_REQUEST "bad-complaint-number", "举报编号有误", "Not a complaint's number";
    /// Nobody was given this number.
    NO_COMPLAINT = NOT_FOUND "no-complaint", "没有这条举报", "No such complaint";
    /// An operator's answer.
    BAD_ANSWER = UNPROCESSABLE_ENTITY "bad-answer", "答复内容有误", "The answer has a fault";
    /// What complaints of earlier builds are looked for by.
    BAD_GATHER = UNPROCESSABLE_ENTITY "bad-gather", "要收集的标签或日期有误", "The labels or days have a fault";
    /// The form came from another site.
    CROSS_SITE = FORBIDDEN "cross-site-form", "表单来自其他网站", "Form sent from another site";
    /// An app names its device in a way that nobody can read, or is not known here.
    BAD_DEVICE = BAD_REQUEST "bad-device", "设备标识有误", "The device id has a fault";
    /// No such photo, or its bytes are not what its digest says.
    NO_PHOTO = NOT_FOUND "no-photo", "没有这张照片", "No such photo";
}

/// The problem for a text that is no Digital Link of ours.
pub fn bad_link(error: &LinkError) -> Problem {
    let detail = describe(error);
    Problem::new(kind(&error.problem), detail.clone()).field(format!("/path/{}", error.field), error.code(), detail)
}

fn kind(problem: &LinkProblem) -> &'static Kind {
    match problem {
        LinkProblem::UrlTooLong { .. } => &URL_TOO_LONG,
        LinkProblem::BadPercentEncoding => &BAD_PERCENT_ENCODING,
        LinkProblem::BadEncoding => &BAD_ENCODING,
        LinkProblem::LoneSurrogate => &LONE_SURROGATE,
        LinkProblem::ControlCharacter => &CONTROL_CHARACTER,
        LinkProblem::UnknownPrimaryKey { .. } | LinkProblem::NotAPrimaryKey { .. } => &UNKNOWN_PRIMARY_KEY,
        LinkProblem::MissingSerial => &MISSING_SERIAL,
        _ => &BAD_LINK,
    }
}

fn describe(error: &LinkError) -> Text {
    let at = error.at;
    let field = error.field;
    match &error.problem {
        LinkProblem::UrlTooLong { limit } => {
            text(format!("网址最多 {limit} 字节。"), format!("The path may have at most {limit} bytes."))
        }
        LinkProblem::BadScheme | LinkProblem::BadHost | LinkProblem::BadPort => {
            text("网址的协议、域名或端口不对。", "The URL's scheme, host or port is wrong.")
        }
        LinkProblem::BadPercentEncoding => text(
            format!("第 {at} 字节的“%”后面应有两位十六进制数字。"),
            format!("The “%” at byte {at} must be followed by two hexadecimal digits."),
        ),
        LinkProblem::BadEncoding => {
            text(format!("第 {at} 字节起不是 UTF-8。"), format!("From byte {at} on, this is not UTF-8."))
        }
        LinkProblem::LoneSurrogate => text(
            format!("第 {at} 字节是孤立的代理字符，UTF-8 不允许（RFC 3629 第 3 节）。"),
            format!("Byte {at} begins a lone surrogate, which UTF-8 excludes (RFC 3629 section 3)."),
        ),
        LinkProblem::ControlCharacter => {
            text(format!("第 {at} 字节是控制字符。"), format!("Byte {at} is a control character."))
        }
        LinkProblem::EmptySegment => {
            text(format!("第 {at} 字节处有两个连续的斜杠。"), format!("There are two slashes in a row at byte {at}."))
        }
        LinkProblem::MissingPrimaryKey => text("网址中没有标识。", "The URL holds no identifier."),
        LinkProblem::UnknownPrimaryKey { key } | LinkProblem::NotAPrimaryKey { key } => text(
            format!("“{}”不是本站支持的标识；支持 01（GTIN）、8004（GIAI）和 253（GDTI）。", short(key)),
            format!("“{}” is not supported here; 01 (GTIN), 8004 (GIAI) and 253 (GDTI) are.", short(key)),
        ),
        LinkProblem::MissingValue => text(format!("{field} 后面没有值。"), format!("{field} has no value.")),
        LinkProblem::NonDigit { found } => text(
            format!("{field} 只能是数字，第 {at} 字节处是“{}”。", shown(*found)),
            format!("{field} takes digits only; at byte {at} there is “{}”.", shown(*found)),
        ),
        LinkProblem::BadCharacter { found } => text(
            format!("{field} 中第 {at} 字节处的“{}”不允许出现。", shown(*found)),
            format!("{field} may not contain “{}” (byte {at}).", shown(*found)),
        ),
        LinkProblem::BadLength { expected, found } => text(
            format!("{field} 的长度不对：现有 {found} 位，应为 {}。", expected_zh(expected)),
            format!("{field} has {found} characters; expected: {expected}."),
        ),
        LinkProblem::BadCheckDigit { found, expected } => text(
            format!("{field} 的校验位是 {found}，应为 {expected}（GS1 通用规范 7.9 节）。请核对是否输错。"),
            format!(
                "{field} ends in check digit {found}; {expected} belongs there (GS1 General Specifications 7.9). \
                 Was it mistyped?"
            ),
        ),
        LinkProblem::UnknownQualifier { qualifier } => text(
            format!("“{}”不是支持的限定符；只支持 01 之下的 21（序列号）。", short(qualifier)),
            format!("“{}” is not a supported key qualifier; only 21 (serial number) under 01 is.", short(qualifier)),
        ),
        LinkProblem::DuplicateQualifier => text("序列号（21）出现了两次。", "The serial number (21) appears twice."),
        LinkProblem::MissingSerial => text(
            "这个网址只指明了商品种类，没有指明哪一件（缺少 21 序列号）。",
            "This URL names a product but not a piece: the serial number (21) is missing.",
        ),
        LinkProblem::ExtraSegment { segment } => text(
            format!("多出了一段“{}”。", short(segment)),
            format!("There is one segment too many: “{}”.", short(segment)),
        ),
    }
}

/// At most 20 characters of what a client sent.
fn short(sent: &str) -> String {
    sent.chars().take(20).map(shown).collect()
}

fn shown(found: char) -> char {
    if found.is_control() { '\u{fffd}' } else { found }
}

fn expected_zh(expected: &str) -> String {
    expected.replace(" to ", " 至 ").replace("digits", "位数字").replace("characters", "个字符")
}

/// A path that is over-long before anything else is known about it.
pub fn path_too_long() -> Problem {
    let detail = text(format!("网址最多 {MAX_PATH} 字节。"), format!("The path may have at most {MAX_PATH} bytes."));
    Problem::new(&URL_TOO_LONG, detail.clone()).field("/path", "url-too-long", detail)
}

/// The request names a host that is not ours.
pub fn unknown_host(hosts: &[String]) -> Problem {
    let zh = format!("官方查验域名是 {}。请核对网址，谨防仿冒。", hosts.join("、"));
    let en = match hosts {
        [host] => format!("The official verification host is {host}."),
        _ => format!("The official verification hosts are {}.", hosts.join(", ")),
    };
    let en = format!("{en} Check the address: it may be an imitation.");
    Problem::new(&UNKNOWN_HOST, text(zh.clone(), en.clone())).field("/header/host", "unknown-host", text(zh, en))
}
