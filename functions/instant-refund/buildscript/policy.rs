//! Compiles `policy/policy.toml` and `policy/messages.toml` into constants. A bad pack fails the build, naming file and key.

use std::fmt::Write as _;
use std::path::Path;

use calendar::{parse_date, start_of_day};
use pack::placeholders;

/// What a figure may be.
enum Kind {
    /// An integer from, to.
    Integer(i64, i64),
    /// True or false.
    Flag,
    /// Lower-case words, each once.
    Words,
}

/// A section of `policy.toml`: its name, its Rust type, and its figures. Every edition has every figure.
type Section = (&'static str, &'static str, &'static [(&'static str, Kind)]);

const SECTIONS: [Section; 6] = [
    (
        "freight_insurance",
        "FreightInsurance",
        &[
            ("tolerance_hours", Kind::Integer(0, 8760)),
            ("pickup_cap_fen", Kind::Integer(0, 1_000_000)),
            ("self_mail_fixed_fen", Kind::Integer(0, 1_000_000)),
            ("self_mail_cap_fen", Kind::Integer(0, 1_000_000)),
            ("claim_window_days", Kind::Integer(1, 3650)),
            ("self_mail_after_receipt", Kind::Flag),
            ("excluded_categories", Kind::Words),
        ],
    ),
    (
        "instant_refund",
        "InstantRefund",
        &[
            ("unshipped_window_hours", Kind::Integer(0, 8760)),
            ("prepaid_labels_only", Kind::Flag),
            ("claw_back_days", Kind::Integer(1, 365)),
            ("appeal_days", Kind::Integer(1, 365)),
        ],
    ),
    (
        "merchant",
        "MerchantDeadlines",
        &[
            ("opens_minute", Kind::Integer(0, 1439)),
            ("closes_minute", Kind::Integer(1, 1440)),
            ("reply_minutes", Kind::Integer(1, 1440)),
            ("otherwise_minute", Kind::Integer(0, 1439)),
            ("shipped_reply_hours", Kind::Integer(1, 8760)),
            ("inspection_days", Kind::Integer(1, 365)),
            ("refund_forced_shipment", Kind::Flag),
        ],
    ),
    (
        "returns",
        "Returns",
        &[
            ("posting_days", Kind::Integer(1, 365)),
            ("transit_days", Kind::Integer(1, 365)),
            ("freight_cap_fen", Kind::Integer(0, 1_000_000)),
            ("platform_bears_from_level", Kind::Integer(0, 11)),
        ],
    ),
    ("law", "Law", &[("no_reason_days", Kind::Integer(7, 365)), ("fault_days", Kind::Integer(7, 365))]),
    (
        "fund",
        "Fund",
        &[
            ("merchant_limit_fen", Kind::Integer(0, 1_000_000_000_000)),
            ("unsecured_fen", Kind::Integer(0, 1_000_000_000_000)),
            ("total_limit_fen", Kind::Integer(0, 1_000_000_000_000)),
            ("recourse_days", Kind::Integer(1, 3650)),
        ],
    ),
];

/// Writes `policy.rs` and `messages.rs` into `out`. `pack` is the folder `policy`.
pub fn compile(pack: &Path, out: &Path) {
    let figures = figures(&read(&pack.join("policy.toml")));
    std::fs::write(out.join("policy.rs"), figures).expect("OUT_DIR is writable");
    std::fs::write(out.join("messages.rs"), messages(&read(&pack.join("messages.toml")))).expect("OUT_DIR is writable");
}

fn read(path: &Path) -> toml::Table {
    let text = std::fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    text.parse().unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// The editions of every section. Each figure is `{ value, status, source }`: what it is and where it comes from.
fn figures(table: &toml::Table) -> String {
    for name in table.keys() {
        assert!(SECTIONS.iter().any(|(s, _, _)| s == name), "policy.toml: [[{name}]]: no such section");
    }
    let mut editions_out = String::new();
    for (section, kind, fields) in &SECTIONS {
        let editions = table.get(*section).and_then(toml::Value::as_array);
        let editions = editions.filter(|e| !e.is_empty());
        let editions = editions.unwrap_or_else(|| panic!("policy.toml: [[{section}]]: at least one edition is wanted"));
        let name = section.to_uppercase();
        writeln!(editions_out, "/// Editions, oldest first.\npub static {name}: &[Edition<{kind}>] = &[")
            .expect("a string");
        let mut last = i64::MIN;
        for edition in editions {
            let edition = edition.as_table().unwrap_or_else(|| panic!("policy.toml: [[{section}]]: a table is wanted"));
            for key in edition.keys() {
                let known = key == "effective_from" || fields.iter().any(|(f, _)| f == key);
                assert!(known, "policy.toml: [[{section}]] {key}: no such figure");
            }
            let from =
                edition.get("effective_from").and_then(toml::Value::as_str).and_then(parse_date).map(start_of_day);
            let from = from.unwrap_or_else(|| panic!("policy.toml: [[{section}]] effective_from: a day is wanted"));
            assert!(from > last, "policy.toml: [[{section}]] effective_from: editions must follow each other in time");
            last = from;
            write!(editions_out, "    Edition {{ effective_from: {from}, figures: {kind} {{ ").expect("a string");
            for (key, kind) in *fields {
                let place = format!("policy.toml: [[{section}]] {key}");
                let value = figure(edition.get(*key), kind, &place);
                let status = word_of(edition, key, "status", &place);
                assert!(["sourced", "example"].contains(&status), "{place}: status is \"sourced\" or \"example\"");
                word_of(edition, key, "source", &place);
                write!(editions_out, "{key}: {value}, ").expect("a string");
            }
            ordered(section, edition);
            writeln!(editions_out, "}} }},").expect("a string");
        }
        editions_out.push_str("];\n");
    }
    editions_out
}

/// Figures that only make sense together.
fn ordered(section: &str, edition: &toml::Table) {
    let value = |key: &str| edition.get(key).and_then(|f| f.get("value")).and_then(toml::Value::as_integer);
    for (low, high) in [("opens_minute", "closes_minute"), ("unsecured_fen", "total_limit_fen")] {
        if let (Some(low_value), Some(high_value)) = (value(low), value(high)) {
            assert!(low_value < high_value, "policy.toml: [[{section}]] {low} = {low_value}: not below {high}");
        }
    }
}

/// The Rust expression of a figure.
fn figure(entry: Option<&toml::Value>, kind: &Kind, place: &str) -> String {
    let entry = entry.unwrap_or_else(|| panic!("{place}: missing"));
    let table = entry.as_table().unwrap_or_else(|| panic!("{place}: {{ value, status, source }} is wanted"));
    for key in table.keys() {
        assert!(["value", "status", "source"].contains(&key.as_str()), "{place}: {key}: no such member");
    }
    let value = table.get("value").unwrap_or_else(|| panic!("{place}: value is missing"));
    match kind {
        Kind::Integer(least, most) => {
            let value = value.as_integer().unwrap_or_else(|| panic!("{place}: an integer is wanted"));
            assert!((*least..=*most).contains(&value), "{place} = {value}: not in {least}..={most}");
            value.to_string()
        }
        Kind::Flag => {
            let value = value.as_bool().unwrap_or_else(|| panic!("{place}: true or false is wanted"));
            value.to_string()
        }
        Kind::Words => {
            let list = value.as_array().unwrap_or_else(|| panic!("{place}: a list is wanted"));
            let words: Vec<&str> =
                list.iter().map(|w| w.as_str().unwrap_or_else(|| panic!("{place}: words are wanted"))).collect();
            for (i, word) in words.iter().enumerate() {
                assert!(is_code(word), "{place}: {word:?}: lower-case letters, digits and underscores");
                assert!(!words[..i].contains(word), "{place}: {word:?} occurs twice");
            }
            format!("&{words:?}")
        }
    }
}

fn word_of<'a>(edition: &'a toml::Table, figure: &str, key: &str, place: &str) -> &'a str {
    let text = edition.get(figure).and_then(|f| f.get(key)).and_then(toml::Value::as_str);
    text.filter(|t| !t.trim().is_empty()).unwrap_or_else(|| panic!("{place}: {key} is missing"))
}

/// `messages.toml`: sections of codes, each with `zh` and `en`, whose `{placeholders}` must be the same.
fn messages(table: &toml::Table) -> String {
    let mut out =
        String::from("/// The texts, by section and code, both sorted.\npub static MESSAGES: &[Section] = &[\n");
    let sections: std::collections::BTreeMap<_, _> = table.iter().collect();
    for (section, texts) in sections {
        let texts = texts.as_table().unwrap_or_else(|| panic!("messages.toml: [{section}]: a table is wanted"));
        let texts: std::collections::BTreeMap<_, _> = texts.iter().collect();
        writeln!(out, "    ({section:?}, &[").expect("a string");
        for (code, text) in texts {
            let place = format!("messages.toml: [{section}] {code}");
            assert!(is_code(code), "{place}: lower-case letters, digits and underscores");
            let members = text.as_table().unwrap_or_else(|| panic!("{place}: {{ zh, en }} is wanted"));
            assert!(members.keys().all(|k| k == "zh" || k == "en"), "{place}: zh and en are wanted, nothing else");
            let language = |lang: &str| {
                let text = members.get(lang).and_then(toml::Value::as_str).filter(|t| !t.trim().is_empty());
                text.unwrap_or_else(|| panic!("{place}: {lang} is missing"))
            };
            let (zh, en) = (language("zh"), language("en"));
            assert_eq!(placeholders(zh), placeholders(en), "{place}: placeholders differ between the languages");
            writeln!(out, "        ({code:?}, Message {{ zh: {zh:?}, en: {en:?} }}),").expect("a string");
        }
        out.push_str("    ]),\n");
    }
    out.push_str("];\n");
    out
}

fn is_code(text: &str) -> bool {
    let fits = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
    !text.is_empty() && text.bytes().all(fits)
}
