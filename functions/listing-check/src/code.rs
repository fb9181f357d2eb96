//! What a QR code says, judged by what it is: goods have numbers (GTIN, GS1 element strings, GS1 Digital Link), networks
//! have names, and words are words; an address, an account or a card with somebody's number leads elsewhere.

use crate::code::gs1::{element_string, gtin, link};
use crate::contact::Kind;

mod gs1;

/// What a code says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Code {
    /// It identifies goods, or joins a network: digits and letters in it are nobody's.
    Goods,
    /// A GS1 Digital Link on a host of somebody's own, and the GTIN in it, of 14 digits; empty: it has another key.
    GoodsLink(String),
    /// It leads to somebody.
    Leads(Kind),
    /// It may be somebody's number or account, or a number of the factory's: a person must look.
    MayLead(Kind),
    /// Anything else: words, in which terms and contacts are looked for.
    Words,
}

/// Schemes and first words, in lower case, of what leads to somebody.
const LEADS: [(&str, Kind); 31] = [
    ("tel:", Kind::Phone),
    ("telprompt:", Kind::Phone),
    ("callto:", Kind::Phone),
    ("sms:", Kind::Phone),
    ("smsto:", Kind::Phone),
    ("mms:", Kind::Phone),
    ("mmsto:", Kind::Phone),
    ("facetime:", Kind::Phone),
    ("facetime-audio:", Kind::Phone),
    ("begin:vcard", Kind::Phone),
    ("mecard:", Kind::Phone),
    ("bizcard:", Kind::Phone),
    ("mailto:", Kind::Mail),
    ("matmsg:", Kind::Mail),
    ("smtp:", Kind::Mail),
    ("weixin:", Kind::Wechat),
    ("wechat:", Kind::Wechat),
    ("wxp:", Kind::Wechat),
    ("wxid_", Kind::Wechat),
    ("mqq:", Kind::Qq),
    ("mqqapi:", Kind::Qq),
    ("tencent:", Kind::Qq),
    ("skype:", Kind::Account),
    ("whatsapp:", Kind::Account),
    ("tg:", Kind::Account),
    ("line:", Kind::Account),
    ("viber:", Kind::Account),
    ("sip:", Kind::Account),
    ("xmpp:", Kind::Account),
    ("bitcoin:", Kind::Url),
    ("ethereum:", Kind::Url),
];
/// Names of networks' settings, in lower case.
const NETWORK: &str = "wifi:";

/// What a code says, by its whole text.
pub(crate) fn read(payload: &str) -> Code {
    let text = payload.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    let lower: String = text.chars().take(32).collect::<String>().to_ascii_lowercase();
    if let Some((_, kind)) = LEADS.iter().find(|(first, _)| lower.starts_with(first)) {
        return Code::Leads(*kind);
    }
    if let Some(link) = link(text) {
        return link;
    }
    if text.contains("://") {
        return Code::Leads(Kind::Url);
    }
    if let Some(code) = element_string(text) {
        return code;
    }
    if lower.starts_with(NETWORK) {
        return Code::Words;
    }
    let digits: String = text.chars().filter(|c| !matches!(c, ' ' | '-')).collect();
    if let Some(abroad) = digits.strip_prefix('+').filter(|rest| rest.len() > 6 && number(rest)) {
        return if abroad.len() <= 15 { Code::Leads(Kind::Phone) } else { Code::Words };
    }
    if number(&digits) {
        return of_digits(&digits);
    }
    if is_account(text) { Code::MayLead(Kind::Account) } else { Code::Words }
}

fn number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

/// A mobile number of China.
fn mobile(digits: &str) -> bool {
    digits.len() == 11 && digits.starts_with('1') && matches!(digits.as_bytes().get(1), Some(b'3'..=b'9'))
}

/// Digits alone: a telephone's, goods', a day, a group's or somebody's QQ number.
fn of_digits(digits: &str) -> Code {
    let hotline = digits.len() == 10 && (digits.starts_with("400") || digits.starts_with("800"));
    let land = matches!(digits.len(), 10..=12) && digits.starts_with('0') && !digits.starts_with("00");
    let abroad = digits.strip_prefix("86").or_else(|| digits.strip_prefix("0086"));
    if mobile(digits) || hotline || abroad.is_some_and(mobile) {
        return Code::Leads(Kind::Phone);
    }
    // Eight digits pass one time in ten by chance: those of China alone are taken for an EAN-8.
    if gtin(digits) && (digits.len() > 8 || digits.starts_with("69")) {
        return Code::Goods;
    }
    if land {
        return Code::Leads(Kind::Phone);
    }
    // Longer numbers are traceability and anti-counterfeiting codes; shorter ones are sizes.
    if !(5..=12).contains(&digits.len()) || day(digits) { Code::Words } else { Code::MayLead(Kind::Qq) }
}

/// A day of this century: 20260815, 202608.
fn day(digits: &str) -> bool {
    let part = |from: usize, to: usize| digits.get(from..to).and_then(|part| part.parse::<u32>().ok());
    let month = part(4, 6).is_some_and(|month| (1..=12).contains(&month));
    let last = digits.len() == 6 || digits.len() == 8 && part(6, 8).is_some_and(|day| (1..=31).contains(&day));
    digits.starts_with("20") && month && last
}

/// One word that may be an account: letters in lower case first, and digits or signs. Numbers of parts and batches are in
/// capitals.
fn is_account(text: &str) -> bool {
    let fits = text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.' | b'@'));
    let other = text.bytes().any(|b| b.is_ascii_digit() || matches!(b, b'_' | b'-' | b'@'));
    let letters = text.bytes().any(|b| b.is_ascii_lowercase());
    let begins = text.bytes().next().is_some_and(|b| b.is_ascii_alphabetic() || b == b'@');
    (6..=24).contains(&text.len()) && fits && other && letters && begins
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn all(payloads: &[&str], expected: &Code) {
        for payload in payloads {
            assert_eq!(&read(payload), expected, "{payload}");
        }
    }

    #[test]
    fn numbers_of_goods() {
        all(
            &[
                "6901234567892",
                "09506000134352",
                "614141123452",
                "69000010",
                "690-1234-567892",
                "(01)06901234567892",
                "(01)06901234567892(10)A2026(17)270815(21)SN0001",
                "010690123456789217270815\u{1d}10A2026",
                "]Q30106901234567892211234",
                "\u{1d}01069012345678923103000500",
                "(00)069012345000000011",
                "https://id.gs1.org/01/06901234567892",
                "HTTPS://ID.GS1.ORG/01/06901234567892/10/A2026?17=270815",
            ],
            &Code::Goods,
        );
        let link = |gtin: &str| Code::GoodsLink(gtin.to_owned());
        all(
            &[
                "https://brand.example/01/06901234567892/21/SN1",
                "HTTPS://T.EXAMPLE.CN/01/06901234567892/21/0123456789ABCDEFGH",
                "https://brand.example/p/gtin/6901234567892?linkType=gs1:pip",
            ],
            &link("06901234567892"),
        );
        all(&["https://t.example.cn/8004/950600012345"], &link(""));
    }

    #[test]
    fn what_leads_to_somebody() {
        all(
            &["13800138000", "+86 138 0013 8000", "8613800138000", "tel:01087654321", "4001234567"],
            &Code::Leads(Kind::Phone),
        );
        all(&["BEGIN:VCARD\nVERSION:3.0\nTEL:1\nEND:VCARD", "MECARD:N:Zhang;TEL:1;;"], &Code::Leads(Kind::Phone));
        all(&["mailto:tea@example.com", "MATMSG:TO:a@b.example;;"], &Code::Leads(Kind::Mail));
        all(&["weixin://dl/chat?zs8866", "wxp://f2f0abcdef", "WEIXIN:zs8866"], &Code::Leads(Kind::Wechat));
        all(
            &[
                "https://u.wechat.com/abcdef",
                "http://example.com/01/06901234567893", // not its check digit
                "https://example.com/01/06901234567892?id=zs8866",
                "https://example.com/01/06901234567892#zs8866",
                "https://example.com/01/06901234567892/10/A?17=2708150",
                "https://a@example.com/01/06901234567892",
                "alipays://platformapi/startapp",
            ],
            &Code::Leads(Kind::Url),
        );
        // A mobile number where a batch should be.
        all(&["(01)06901234567892(10)13800138000"], &Code::Leads(Kind::Phone));
    }

    #[test]
    fn what_a_person_must_look_at() {
        all(&["12345678", "987654321", "6901234567893".get(..12).unwrap_or_default()], &Code::MayLead(Kind::Qq));
        all(&["zs8866", "tea_farm", "Abc-1234"], &Code::MayLead(Kind::Account));
    }

    #[test]
    fn words() {
        all(
            &[
                "WIFI:T:WPA;S:Guest;P:12345678;;",
                "型号：VD-2024A 材质：304不锈钢",
                "20260815",
                "202608",
                "81234567890123456789",
                "SN20240815A01",
                "ABC-1234",
                "1234",
                "hello",
                "geo:30.2,120.1",
                "urn:epc:id:sgtin:0614141.112345.400",
                "",
            ],
            &Code::Words,
        );
    }
}
