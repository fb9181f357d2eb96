#![allow(clippy::unwrap_used, clippy::arithmetic_side_effects)]
use super::*;
use shared::mac::Secret;

/// The key of `FORMAT.md`: the bytes 0 to 31, under the id 7.
const KEYS: &str = "7:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";

/// FORMAT.md's step by step.
#[test]
fn the_page_explains_the_first_vector() {
    let bits = crockford::decode("87BT7C06AGTNQ19T8Z").unwrap();
    let (head, _) = Head::split(Layout::One, bits).unwrap();
    assert_eq!((head.kid, head.permuted), (7, 396_603_398));
    let page = include_str!("../../FORMAT.md");
    assert!(page.contains(&format!("`01` `{:08b}` `{:030b}`", head.kid, head.permuted)));
    let hex = |secret: Secret| shared::hex::hex(secret.expose());
    let secret = Secret::new(core::array::from_fn(|i| u8::try_from(i).unwrap()));
    assert!(page.contains(&format!("k_tag          {}", hex(mac::derive(&secret, "venditor/trace/v1/tag")))));
    assert!(page.contains(&format!("k_perm         {}", hex(mac::derive(&secret, "venditor/trace/v1/permute")))));
}

/// As in `FORMAT.md`. Made by an independent implementation (Python's `hmac`), not by this one.
const GOLDEN: [(&str, u32, &str); 9] = [
    ("01/09506000134352", 0, "87BT7C06AGTNQ19T8Z"),
    ("01/09506000134352", 1, "878S30553RNYBJDDMD"),
    ("01/09506000134352", 4096, "87M1C9S45EK60HKW7W"),
    ("01/09506000134352", 1_073_741_823, "87ZJD30S0PY4N1MYSG"),
    ("01/00614141123452", 1, "878S3055QAM3AP5Y4M"),
    ("8004/950600", 0, "87BT7C062TNPWGECC5"),
    ("8004/950600", 123_456_789, "87RE8R16NZE729HF1B"),
    ("253/9506000134376", 0, "G79TB708JRQG2XBTS"),
    ("253/9506000134376", 33_554_431, "G70WQ487C24CK43Z2"),
];

fn keys() -> MacKeys {
    MacKeys::parse(KEYS).unwrap()
}

fn primary(text: &str) -> PrimaryKey {
    PrimaryKey::parse(text).unwrap()
}

fn verify(path: &str) -> Result<Code, BadCode> {
    Code::verify(&Link::scanned(path).unwrap(), &keys())
}

#[test]
fn golden_vectors() {
    let page = include_str!("../../FORMAT.md");
    for (key, counter, serial) in GOLDEN {
        let code = Code::mint(&primary(key), 7, counter, &keys()).unwrap();
        assert_eq!(code.serial(), serial, "{key} {counter}");
        let row = format!("| `{key}` | {counter} | `{serial}` |");
        assert!(page.contains(&row), "FORMAT.md lacks {row}");
        assert_eq!(verify(&format!("/{}", code.item())), Ok(code));
    }
}

#[test]
fn every_spelling_of_a_label_is_one_code() {
    let code = Code::mint(&primary("01/09506000134352"), 7, 0, &keys()).unwrap();
    for spelling in [
        "/01/09506000134352/21/87BT7C06AGTNQ19T8Z",
        "/01/09506000134352/21/87bt7c06agtnq19t8z",
        "/01/09506000134352/21/87BT7C06AGTNQ19T8Z/",
        "/01/09506000134352/21/87BT7CO6AGTNQI9T8Z",
        "/01/09506000134352/21/87bt7co6agtnql9t8z",
        "/%30%31/09506000134352/21/%38%37BT7C06AGTNQ19T8%5A",
        "HTTPS://T.EXAMPLE.CN/01/09506000134352/21/87BT7C06AGTNQ19T8Z",
        "http://t.example.cn/01/09506000134352/21/87bt7c06agtnq19t8z?lang=en#top",
        "https://id.gs1.org:443/01/09506000134352/21/87BT7C06AGTNQ19T8Z",
    ] {
        assert_eq!(verify(spelling).as_ref(), Ok(&code), "{spelling}");
    }
}

#[test]
fn forms() {
    let code = |key| Code::mint(&primary(key), 7, 0, &keys()).unwrap();
    let gtin = code("01/09506000134352");
    assert_eq!(gtin.item(), "01/09506000134352/21/87BT7C06AGTNQ19T8Z");
    assert_eq!(gtin.canonical(), "https://id.gs1.org/01/09506000134352/21/87BT7C06AGTNQ19T8Z");
    assert_eq!(gtin.element_string(), "(01)09506000134352(21)87BT7C06AGTNQ19T8Z");
    assert_eq!(Link::parse_url(&gtin.canonical()).unwrap().canonical(), gtin.canonical());
    assert_eq!((gtin.kid(), gtin.counter(), gtin.layout()), (7, 0, Layout::One));

    let giai = code("8004/950600");
    assert_eq!(giai.item(), "8004/95060087BT7C062TNPWGECC5");
    assert_eq!(giai.element_string(), "(8004)95060087BT7C062TNPWGECC5");
    let gdti = code("253/9506000134376");
    assert_eq!(gdti.item(), "253/9506000134376G79TB708JRQG2XBTS");
    assert_eq!(gdti.layout(), Layout::Two);

    let label = gtin.label_url("t.example.cn");
    assert_eq!(label.url, "HTTPS://T.EXAMPLE.CN/01/09506000134352/21/87BT7C06AGTNQ19T8Z");
    assert_eq!((label.url.len(), label.fits), (60, true));
    assert!(gtin.label_url("tt.example.cn").fits);
    assert!(!gtin.label_url("ttt.example.cn").fits);
    // The longest hosts that FORMAT.md names.
    for (code, host) in [(&gtin, 13), (&giai, 29 - 6), (&gdti, 18)] {
        assert!(code.label_url(&"h".repeat(host)).fits && !code.label_url(&"h".repeat(host + 1)).fits);
    }
    // QR's alphanumeric set (ISO/IEC 18004, table 5).
    assert!(label.url.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || "$%*+-./: ".contains(c)));
}

#[test]
fn what_is_not_a_code() {
    let cases = [
        ("/01/09506000134352/21/87BT7C06AGTNQ19T8", BadCode::WrongLength),
        ("/01/09506000134352/21/87BT7C06AGTNQ19T8ZZ", BadCode::WrongLength),
        ("/01/09506000134352/21/1", BadCode::WrongLength),
        ("/01/09506000134352/21/87BT7C06AGTNQ19T8U", BadCode::Alphabet),
        ("/01/09506000134352/21/87BT7C06AGTNQ19T-Z", BadCode::Alphabet),
        ("/01/09506000134352/21/87BT7C06AGTNQ19T%2FZ", BadCode::Alphabet),
        ("/01/09506000134352/21/07BT7C06AGTNQ19T8Z", BadCode::Version),
        ("/01/09506000134352/21/G7BT7C06AGTNQ19T8Z", BadCode::Version),
        ("/01/09506000134352/21/Z7BT7C06AGTNQ19T8Z", BadCode::Version),
        ("/01/09506000134352/21/88BT7C06AGTNQ19T8Z", BadCode::UnknownKey),
        ("/01/09506000134352/21/87BT7C06AGTNQ19T8Y", BadCode::Tag),
        ("/01/09506000134352/21/87BT7D06AGTNQ19T8Z", BadCode::Tag),
        ("/01/00614141123452/21/87BT7C06AGTNQ19T8Z", BadCode::Tag),
        ("/01/09506000134353/21/87BT7C06AGTNQ19T8Z", BadCode::CheckDigit),
        ("/01/09506000134353/21/88BT7C06AGTNQ19T8Z", BadCode::CheckDigit),
        ("/01/09506000134353/21/1", BadCode::WrongLength),
        ("/253/9506000134375G79TB708JRQG2XBTS", BadCode::CheckDigit),
        ("/8004/95060", BadCode::WrongLength),
        ("/8004/87BT7C062TNPWGECC5", BadCode::Prefix),
        ("/8004/9506087BT7C062TNPWGECC5", BadCode::Prefix),
        ("/8004/95060A87BT7C062TNPWGECC5", BadCode::Prefix),
        ("/8004/95060187BT7C062TNPWGECC5", BadCode::Tag),
        ("/253/9506000134376", BadCode::WrongLength),
        ("/253/9506000134376G79TB708JRQG2XBT", BadCode::WrongLength),
        ("/253/950600013437687BT7C06AGTNQ19T8", BadCode::Version),
        ("/253/9506000134376G79TB708JRQG2XBTT", BadCode::Tag),
    ];
    for (path, expected) in cases {
        assert_eq!(verify(path), Err(expected), "{path}");
    }
}

/// Not even a tag that our own key made over a wrong check digit is ours.
#[test]
fn a_check_digit_counts_whatever_the_tag() {
    let keys = keys();
    let (key, _) = keys.find(7);
    let head = Head { layout: Layout::One, kid: 7, permuted: 1 };
    let tag = head.tag(&key.tag, Ai::Gtin, "09506000134353");
    let bits = (u128::from(head.bits()) << TAG_BITS) | u128::from(tag);
    let serial: String = crockford::symbols(bits, Layout::One.symbols()).collect();
    assert_eq!(verify(&format!("/01/09506000134353/21/{serial}")), Err(BadCode::CheckDigit));
}

#[test]
fn minting_is_bounded() {
    let mint = |key, kid, counter| Code::mint(&primary(key), kid, counter, &keys()).map(|code| code.counter());
    assert_eq!(mint("01/09506000134352", 8, 0), Err(MintError::UnknownKey));
    assert_eq!(mint("01/09506000134352", 7, 1 << 30), Err(MintError::CounterTooLarge));
    assert_eq!(mint("253/9506000134376", 7, 1 << 25), Err(MintError::CounterTooLarge));
    assert_eq!(mint("253/9506000134376", 7, (1 << 25) - 1), Ok((1 << 25) - 1));
}

#[test]
fn the_dummy_key_opens_nothing() {
    // Whoever reads the source can compute tags under the dummy.
    let zeros = MacKeys::new(&[(9, Secret::new([0; 32]))]);
    let forged = Code::mint(&primary("01/09506000134352"), 9, 0, &zeros).unwrap();
    assert_eq!(verify(&format!("/{}", forged.item())), Err(BadCode::UnknownKey));
}

#[test]
fn keys_are_read_strictly_and_never_shown() {
    let secret = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";
    let parsed = MacKeys::parse(&format!(" 0:{secret}, 255:{secret}")).unwrap();
    assert_eq!(parsed.kids().collect::<Vec<_>>(), [0, 255]);
    assert!(!format!("{parsed:?}").contains("AAEC"));
    let cases = [
        (String::new(), MacKeysError::Empty),
        (secret.into(), MacKeysError::BadEntry(1)),
        (format!("7:{secret},"), MacKeysError::BadEntry(2)),
        (format!("7:{secret},256:{secret}"), MacKeysError::BadKid(2)),
        (format!("+7:{secret}"), MacKeysError::BadKid(1)),
        (format!("07:{secret}"), MacKeysError::BadKid(1)),
        (format!(":{secret}"), MacKeysError::BadKid(1)),
        (format!("7:{secret},8:{secret}A"), MacKeysError::BadSecret(2)),
        ("7:".into(), MacKeysError::BadSecret(1)),
        (format!("7:{secret},7:{secret}"), MacKeysError::Duplicate(2)),
    ];
    for (text, expected) in cases {
        let error = MacKeys::parse(&text).unwrap_err();
        assert_eq!(error, expected, "{text}");
        assert!(!error.to_string().contains("AAEC"));
    }
}
