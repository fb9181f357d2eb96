#![allow(clippy::unwrap_used)]
use super::*;

/// Bad texts, each with its code, the offset of the problem and the part it is in.
const BAD: &[(&str, &str, usize, &str)] = &[
    // The path as such.
    ("/", "missing-primary-key", 1, "primary-key"),
    ("//", "empty-segment", 1, "path"),
    ("///", "empty-segment", 1, "path"),
    ("//01/09506000134352/21/A", "empty-segment", 1, "path"),
    ("/01//21/A", "empty-segment", 4, "path"),
    ("/01/09506000134352//A", "empty-segment", 19, "path"),
    ("/01/09506000134352/21//", "empty-segment", 22, "path"),
    ("/01/09506000134352/21/A//", "empty-segment", 24, "path"),
    // Encoding.
    ("/01/09506000134352/21/A%", "bad-percent-encoding", 23, "path"),
    ("/01/09506000134352/21/A%4", "bad-percent-encoding", 23, "path"),
    ("/01/09506000134352/21/%41%4G", "bad-percent-encoding", 25, "path"),
    ("/01/09506000134352/21/%%41", "bad-percent-encoding", 22, "path"),
    ("/01/09506000134352/21/%+41", "bad-percent-encoding", 22, "path"),
    ("/01/09506000134352/21/%u0041", "bad-percent-encoding", 22, "path"),
    ("/%", "bad-percent-encoding", 1, "path"),
    ("/01/09506000134352/21/A%FF", "bad-encoding", 23, "path"),
    ("/01/09506000134352/21/%C0%AF", "bad-encoding", 22, "path"),
    ("/01/09506000134352/21/%E7%90", "bad-encoding", 22, "path"),
    ("/01/09506000134352/21/%F4%90%80%80", "bad-encoding", 22, "path"),
    ("/01/09506000134352/21/A%ED%A0%80", "lone-surrogate", 23, "path"),
    ("/01/09506000134352/21/%ED%BF%BF", "lone-surrogate", 22, "path"),
    ("/01/09506000134352/21/%ED%A0%BD%ED%B8%80", "lone-surrogate", 22, "path"),
    ("/01/09506000134352/21/A%00", "control-character", 23, "path"),
    ("/01/09506000134352/21/A\0", "control-character", 23, "path"),
    ("/01/09506000134352/21/%0d%0aSet-Cookie", "control-character", 22, "path"),
    ("/01/09506000134352/21/A%7F", "control-character", 23, "path"),
    ("/01/09506000134352/21/%C2%85", "control-character", 22, "path"),
    ("/01%00/09506000134352/21/A", "control-character", 3, "path"),
    // The primary key.
    ("/00/095060001343526789", "unknown-primary-key", 1, "primary-key"),
    ("/414/9506000134352", "unknown-primary-key", 1, "primary-key"),
    ("/8006/095060001343520102", "unknown-primary-key", 1, "primary-key"),
    ("/21/A", "unknown-primary-key", 1, "primary-key"),
    ("/1/09506000134352", "not-a-primary-key", 1, "primary-key"),
    ("/00001/09506000134352", "not-a-primary-key", 1, "primary-key"),
    ("/gtin/09506000134352/21/A", "not-a-primary-key", 1, "primary-key"),
    ("/favicon.ico", "not-a-primary-key", 1, "primary-key"),
    ("/.well-known/gs1resolver", "not-a-primary-key", 1, "primary-key"),
    ("/０１/09506000134352/21/A", "not-a-primary-key", 1, "primary-key"),
    ("/01%2F09506000134352/21/A", "not-a-primary-key", 1, "primary-key"),
    ("/..%2f..%2fetc", "not-a-primary-key", 1, "primary-key"),
    ("/01", "missing-value", 3, "01"),
    ("/01/", "missing-value", 3, "01"),
    ("/8004", "missing-value", 5, "8004"),
    ("/253/", "missing-value", 4, "253"),
    // GTIN.
    ("/01/9506000134352/21/A", "bad-length", 4, "01"),
    ("/01/9506000134/21/A", "bad-length", 4, "01"),
    ("/01/095060001343520/21/A", "bad-length", 4, "01"),
    ("/01/0950600013435X/21/A", "non-digit", 17, "01"),
    ("/01/0950600013%345X/21/A", "non-digit", 18, "01"),
    ("/01/ 9506000134352/21/A", "non-digit", 4, "01"),
    ("/01/0950600013435２/21/A", "non-digit", 17, "01"),
    ("/01/-9506000134352/21/A", "non-digit", 4, "01"),
    ("/01/09506000134353/21/A", "bad-check-digit", 17, "01"),
    ("/01/90506000134352/21/A", "bad-check-digit", 17, "01"),
    ("/01/0950600013435%33/21/A", "bad-check-digit", 17, "01"),
    // Serial number.
    ("/01/09506000134352", "missing-serial", 18, "21"),
    ("/01/09506000134352/", "missing-serial", 18, "21"),
    ("/01/09506000134352/21", "missing-value", 21, "21"),
    ("/01/09506000134352/21/", "missing-value", 21, "21"),
    ("/01/09506000134352/21/123456789012345678901", "bad-length", 22, "21"),
    ("/01/09506000134352/21/AB C", "bad-character", 24, "21"),
    ("/01/09506000134352/21/AB%20C", "bad-character", 24, "21"),
    ("/01/09506000134352/21/A%23", "bad-character", 23, "21"),
    ("/01/09506000134352/21/琥珀", "bad-character", 22, "21"),
    ("/01/09506000134352/21/%F0%9F%98%80", "bad-character", 22, "21"),
    ("/01/09506000134352/21/A%E2%80%AE", "bad-character", 23, "21"),
    // Qualifiers and what follows.
    ("/01/09506000134352/10/LOT/21/A", "unknown-qualifier", 19, "qualifier"),
    ("/01/09506000134352/22/2A/21/A", "unknown-qualifier", 19, "qualifier"),
    ("/01/09506000134352/21/A/10/LOT", "unknown-qualifier", 24, "qualifier"),
    ("/01/09506000134352/21/A/21/A", "duplicate-qualifier", 24, "21"),
    ("/01/09506000134352/21/A/21", "duplicate-qualifier", 24, "21"),
    ("/01/09506000134352/21/A/photo", "extra-segment", 24, "path"),
    ("/01/09506000134352/serial/A", "extra-segment", 19, "path"),
    ("/01/09506000134352/21/A/..", "extra-segment", 24, "path"),
    ("/8004/9506001/21/A", "unknown-qualifier", 14, "qualifier"),
    ("/253/9506000134376A/x", "extra-segment", 20, "path"),
    // GIAI and GDTI.
    ("/8004/950600_A", "bad-character", 12, "8004"),
    ("/8004/950600%2FA", "bad-character", 12, "8004"),
    ("/8004/1234567890123456789012345678901", "bad-length", 6, "8004"),
    ("/253/950600013437", "bad-length", 5, "253"),
    ("/253/95060001343X6", "non-digit", 16, "253"),
    ("/253/9506000134375A", "bad-check-digit", 17, "253"),
    ("/253/9506000134376A~", "bad-character", 19, "253"),
    ("/253/9506000134376ABCDEFGHIJKLMNOPQR", "bad-length", 5, "253"),
    // Full URLs.
    ("", "bad-scheme", 0, "scheme"),
    ("01/09506000134352/21/A", "bad-scheme", 0, "scheme"),
    ("ftp://t.example.cn/01/09506000134352/21/A", "bad-scheme", 0, "scheme"),
    ("javascript://t.example.cn/01/09506000134352/21/A", "bad-scheme", 0, "scheme"),
    ("https:/t.example.cn/01/09506000134352/21/A", "bad-scheme", 0, "scheme"),
    (" https://t.example.cn/01/09506000134352/21/A", "bad-scheme", 0, "scheme"),
    ("https:///01/09506000134352/21/A", "bad-host", 8, "host"),
    ("https://t.example.cn@evil.cn/01/09506000134352/21/A", "bad-host", 8, "host"),
    ("https://t..cn/01/09506000134352/21/A", "bad-host", 8, "host"),
    ("https://t%2eexample.cn/01/09506000134352/21/A", "bad-host", 8, "host"),
    ("https://琥珀.cn/01/09506000134352/21/A", "bad-host", 8, "host"),
    ("https://[::g]/01/09506000134352/21/A", "bad-host", 8, "host"),
    ("https://[::1/01/09506000134352/21/A", "bad-host", 8, "host"),
    ("https://::1/01/09506000134352/21/A", "bad-host", 8, "host"),
    ("https://t.cn:/01/09506000134352/21/A", "bad-port", 13, "port"),
    ("https://t.cn:0/01/09506000134352/21/A", "bad-port", 13, "port"),
    ("https://t.cn:65536/01/09506000134352/21/A", "bad-port", 13, "port"),
    ("https://t.cn:+80/01/09506000134352/21/A", "bad-port", 13, "port"),
    ("https://t.example.cn", "missing-primary-key", 20, "primary-key"),
    ("https://t.example.cn/?01=09506000134352", "missing-primary-key", 21, "primary-key"),
    ("https://t.example.cn/01/09506000134353/21/A", "bad-check-digit", 37, "01"),
];

#[test]
fn each_bad_link_has_its_own_problem() {
    for &(text, code, at, field) in BAD {
        let error = Link::parse(text).unwrap_err();
        assert_eq!((error.code(), error.at, error.field), (code, at, field), "{text:?}: {error}");
        assert!(error.at <= text.len());
    }
    for code in LinkError::CODES {
        assert!(code == "url-too-long" || BAD.iter().any(|case| case.1 == code), "no case for {code}");
    }
}

/// What a label carries is taken with a wrong check digit, and with no other fault.
#[test]
fn a_label_may_carry_a_wrong_check_digit() {
    for &(text, code, ..) in BAD {
        let scanned = Link::scanned(text);
        assert_eq!(scanned.is_ok(), code == "bad-check-digit", "{text}: {scanned:?}");
        if let Ok(link) = scanned {
            assert_eq!(Link::scanned(&link.canonical()), Ok(link));
        }
    }
    let link = Link::scanned("/253/9506000134375A").unwrap();
    assert_eq!((link.primary_part(), link.serial_part()), ("9506000134375", "A"));
}

#[test]
fn too_long_is_said_before_anything_else() {
    let path = format!("/01/{}", "%".repeat(MAX_PATH));
    assert_eq!(Link::parse(&path).unwrap_err().code(), "url-too-long");
    let url = format!("https://{}", "a".repeat(MAX_URL));
    assert_eq!(Link::parse(&url).unwrap_err().code(), "url-too-long");
    let url = format!("https://a.cn{path}");
    assert_eq!(Link::parse(&url).unwrap_err().at, MAX_PATH + 12);
    // The longest path that is looked at.
    let path = format!("/{}", "1".repeat(MAX_PATH - 1));
    assert_eq!(Link::parse(&path).unwrap_err().code(), "not-a-primary-key");
}

#[test]
fn good_links() {
    let cases = [
        ("/01/09506000134352/21/ABC-1", Ai::Gtin, "09506000134352", "ABC-1"),
        ("/01/09506000134352/21/a%2Fb", Ai::Gtin, "09506000134352", "A/B"),
        ("/01/09506000134352/21/12345678901234567890", Ai::Gtin, "09506000134352", "12345678901234567890"),
        ("/8004/abc", Ai::Giai, "", "ABC"),
        ("/8004/123456789012345678", Ai::Giai, "", "123456789012345678"),
        ("/8004/950600012345678901234567", Ai::Giai, "950600", "012345678901234567"),
        ("/253/9506000134376", Ai::Gdti, "9506000134376", ""),
        ("/253/9506000134376ABCDEFGHJKLMNPQRS/", Ai::Gdti, "9506000134376", "ABCDEFGHJKLMNPQRS"),
        ("HTTP://[2001:DB8::1]:8080/253/9506000134376A", Ai::Gdti, "9506000134376", "A"),
        ("https://xn--1lqs71d.cn./8004/1?x=/01/#/", Ai::Giai, "", "1"),
    ];
    for (text, ai, primary, serial) in cases {
        let link = Link::parse(text).unwrap();
        assert_eq!((link.ai(), link.primary_part(), link.serial_part()), (ai, primary, serial), "{text}");
    }
}

#[test]
fn canonical_links_are_stable() {
    let cases = [
        ("/01/09506000134352/21/a%2fb%22", "https://id.gs1.org/01/09506000134352/21/A%2FB%22"),
        ("/8004/950600abc", "https://id.gs1.org/8004/950600ABC"),
        ("http://x.cn/253/9506000134376x%2b/", "https://id.gs1.org/253/9506000134376X%2B"),
    ];
    for (text, canonical) in cases {
        let link = Link::parse(text).unwrap();
        assert_eq!(link.canonical(), canonical);
        assert_eq!(Link::parse(canonical).unwrap(), link);
    }
}

#[test]
fn the_set_has_82_characters() {
    assert_eq!((0u8..=255).filter(|&b| is_gs1_character(char::from(b))).count(), 82);
}
