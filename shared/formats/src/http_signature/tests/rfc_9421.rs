//! RFC 9421's own examples: of section 2, and of appendix B what is in our algorithms. Where a signature is in another
//! algorithm, the base that it is over must still be ours.

use super::*;

/// The signature base of `Signature-Input`'s one entry.
fn base(head: Head, headers: &Headers, input: &str) -> Result<String, SignatureError> {
    let dictionary: Dictionary = Parser::new(input).parse().unwrap();
    let (_, entry) = dictionary.iter().next().unwrap();
    signature_base(head.message(headers), component::components(entry).unwrap(), Extent::Parameters)
}

/// The value of one component.
fn value(head: Head, headers: &Headers, identifier: &str) -> Result<String, SignatureError> {
    let base = base(head, headers, &format!("x=({identifier})"))?;
    let (line, _) = base.rsplit_once('\n').unwrap();
    Ok(line.strip_prefix(identifier).and_then(|rest| rest.strip_prefix(": ")).unwrap().to_owned())
}

fn headers(lines: &[(&str, &str)]) -> Headers {
    let mut headers = Headers::default();
    lines.iter().for_each(|(name, value)| headers.push(name, value));
    headers
}

const DIGEST: &str =
    "sha-512=:WZDPaVn/7XgHaAy8pmojAkGWoRx2UFChF41A2svX+TaPm+AbwAgBWnrIiYllu7BNNyealdVLvRwEmTHWXvJwew==:";

/// Sections 2.1 to 2.1.3: fields, whole, in strict spelling, by member, as bytes.
#[test]
fn fields() {
    let (head, _) = request();
    let lines = [
        ("cache-control", "max-age=60"),
        ("cache-control", "must-revalidate"),
        ("example-dict", "a=1, b=2;x=1;y=2, c=(a   b    c), d"),
        ("example-header", "value, with, lots"),
        ("example-header", "of, commas"),
        ("x-empty-header", ""),
        ("priority", "u=1,    i;x=1"),
    ];
    let headers = headers(&lines);
    let cases = [
        (r#""cache-control""#, "max-age=60, must-revalidate"),
        (r#""x-empty-header""#, ""),
        (r#""example-dict";key="a""#, "1"),
        (r#""example-dict";key="d""#, "?1"),
        (r#""example-dict";key="b""#, "2;x=1;y=2"),
        (r#""example-dict";key="c""#, "(a b c)"),
        (r#""example-header""#, "value, with, lots, of, commas"),
        (r#""example-header";bs"#, ":dmFsdWUsIHdpdGgsIGxvdHM=:, :b2YsIGNvbW1hcw==:"),
        (r#""priority";sf"#, "u=1, i;x=1"),
    ];
    for (identifier, expected) in cases {
        assert_eq!(value(head, &headers, identifier).as_deref(), Ok(expected), "{identifier}");
    }
    let one = self::headers(&[("example-header", "value, with, lots, of, commas")]);
    let bytes = ":dmFsdWUsIHdpdGgsIGxvdHMsIG9mLCBjb21tYXM=:";
    assert_eq!(value(head, &one, r#""example-header";bs"#).as_deref(), Ok(bytes));
}

/// Section 2.2: what is derived.
#[test]
fn derived_components() {
    let none = Headers::default();
    let head = Head { method: "POST", authority: "www.example.com", path: "/path", query: "param=value" };
    let cases = [
        (r#""@method""#, "POST"),
        (r#""@authority""#, "www.example.com"),
        (r#""@scheme""#, "https"),
        (r#""@target-uri""#, "https://www.example.com/path?param=value"),
        (r#""@request-target""#, "/path?param=value"),
        (r#""@path""#, "/path"),
        (r#""@query""#, "?param=value"),
    ];
    for (identifier, expected) in cases {
        assert_eq!(value(head, &none, identifier).as_deref(), Ok(expected), "{identifier}");
    }
    let bare = Head { path: "", query: "", ..head };
    assert_eq!(value(bare, &none, r#""@query""#).as_deref(), Ok("?"));
    assert_eq!(value(bare, &none, r#""@path""#).as_deref(), Ok("/"));
    assert_eq!(value(bare, &none, r#""@request-target""#).as_deref(), Ok("/"));
}

/// Section 2.2.8.
#[test]
fn query_parameters() {
    let (head, none) = (request().0, Headers::default());
    let several = Head { query: "param=value&foo=bar&baz=batman&qux=", ..head };
    for (name, expected) in [("baz", "batman"), ("qux", ""), ("param", "value")] {
        let identifier = format!(r#""@query-param";name="{name}""#);
        assert_eq!(value(several, &none, &identifier).as_deref(), Ok(expected));
    }
    let query = "var=this%20is%20a%20big%0Amultiline%20value&bar=with+plus+whitespace&fa%C3%A7ade%22%3A%20=something";
    let encoded = Head { query, ..head };
    for (name, expected) in [
        ("var", "this%20is%20a%20big%0Amultiline%20value"),
        ("bar", "with%20plus%20whitespace"),
        ("fa%C3%A7ade%22%3A%20", "something"),
    ] {
        let identifier = format!(r#""@query-param";name="{name}""#);
        assert_eq!(value(encoded, &none, &identifier).as_deref(), Ok(expected));
    }
    let twice = Head { query: "a=1&b=2&%61=3", ..head };
    let identifier = r#""@query-param";name="a""#;
    assert_eq!(value(twice, &none, identifier), Err(SignatureError::Unsupported), "one that occurs twice");
    assert_eq!(value(Head { query: "a=%zz%4", ..head }, &none, identifier).as_deref(), Ok("%25zz%254"));
}

/// Appendix B.2.1 to B.2.3: RSA-PSS, which we do not speak, over bases that we do.
#[test]
fn bases_of_appendix_b2() {
    let (head, mut headers) = request();
    headers.push("content-digest", DIGEST);
    let minimal = r#"();created=1618884473;keyid="test-key-rsa-pss";nonce="b3k2pp5k7z-50gnwp.yemd""#;
    let expected = format!("\"@signature-params\": {minimal}");
    assert_eq!(base(head, &headers, &format!("sig-b21={minimal}")), Ok(expected));

    let selective = r#"("@authority" "content-digest" "@query-param";name="Pet");created=1618884473;keyid="test-key-rsa-pss";tag="header-example""#;
    let expected = format!(
        "\"@authority\": example.com\n\"content-digest\": {DIGEST}\n\"@query-param\";name=\"Pet\": dog\n\
         \"@signature-params\": {selective}"
    );
    assert_eq!(base(head, &headers, &format!("sig-b22={selective}")), Ok(expected));

    let full = r#"("date" "@method" "@path" "@query" "@authority" "content-type" "content-digest" "content-length");created=1618884473;keyid="test-key-rsa-pss""#;
    let expected = format!(
        "\"date\": Tue, 20 Apr 2021 02:07:55 GMT\n\"@method\": POST\n\"@path\": /foo\n\
         \"@query\": ?param=Value&Pet=dog\n\"@authority\": example.com\n\"content-type\": application/json\n\
         \"content-digest\": {DIGEST}\n\"content-length\": 18\n\"@signature-params\": {full}"
    );
    assert_eq!(base(head, &headers, &format!("sig-b23={full}")), Ok(expected));
}

/// Appendix B.1.5 and B.2.5.
#[test]
fn hmac_of_appendix_b2() {
    let (head, headers) = request();
    let secret = STANDARD
        .decode("uzvJfB4u3N0Jy4T7NZ75MDVcr8zSTInedJtkgcu46YW4XByzNJjxBdtjUkdJPBtbmHhIDi6pcl8jsasjlTMtDQ==")
        .unwrap();
    // A key longer than 32 bytes is not what we configure: recompute with the function beneath.
    let input = r#"sig-b25=("date" "@authority" "content-type");created=1618884473;keyid="test-shared-secret""#;
    let tag = mac::hmac_sha256(&secret, &[base(head, &headers, input).unwrap().as_bytes()]);
    assert_eq!(STANDARD.encode(tag), "pxcQw6G3AjtMBQjwo8XzkZf/bws5LelbaMk5rGIGtE8=");
}

/// Appendix B.1.4 and B.2.6.
#[test]
fn ed25519_of_appendix_b2() {
    let (head, mut headers) = request();
    headers.push("signature-input", r#"sig-b26=("date" "@method" "@path" "@authority" "content-type" "content-length");created=1618884473;keyid="test-key-ed25519""#);
    headers.push(
        "signature",
        "sig-b26=:wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw==:",
    );
    let key = key_b14();
    let find = |kid: &str| (kid == "test-key-ed25519").then_some((&key, ()));
    let ask = |head: Head, required: &[&'static str], now| {
        verify(head.message(&headers), &Profile::of(required), find, now).map(|found| found.label)
    };
    assert_eq!(ask(head, &["@method", "@path", "date"], CREATED_MS).as_deref(), Ok("sig-b26"));
    let query = Component::plain("@query");
    assert_eq!(ask(head, &["@query"], CREATED_MS), Err(SignatureError::NotCovered(query)));
    let nobody = |_: &str| None::<(&VerificationKey, ())>;
    assert_eq!(verify(head.message(&headers), &none(), nobody, CREATED_MS), Err(SignatureError::UnknownKey));
    assert!(ask(head, &[], CREATED_MS + MAX_SKEW_MS).is_ok());
    assert_eq!(ask(head, &[], CREATED_MS + MAX_SKEW_MS + 1), Err(SignatureError::Stale));
    assert!(ask(head, &[], CREATED_MS - MAX_SKEW_MS).is_ok());
    assert_eq!(ask(head, &[], CREATED_MS - MAX_SKEW_MS - 1), Err(SignatureError::Early));
    assert_eq!(ask(Head { method: "PUT", ..head }, &[], CREATED_MS), Err(SignatureError::Wrong));
}

/// Appendix B.4: what a proxy may do to a signed request, and what it may not.
#[test]
fn transformations_of_appendix_b4() {
    let key = key_b14();
    let sent = Head { method: "GET", authority: "example.org", path: "/demo", query: "name1=Value1&Name2=value2" };
    let ask = |head: Head, lines: &[(&str, &str)]| {
        let mut headers = self::headers(lines);
        headers.push(
            "signature-input",
            r#"transform=("@method" "@path" "@authority" "accept");created=1618884473;keyid="test-key-ed25519""#,
        );
        headers.push(
            "signature",
            "transform=:ZT1kooQsEHpZ0I1IjCqtQppOmIqlJPeo7DHR3SoMn0s5JZ1eRGS0A+vyYP9t/LXlh5QMFFQ6cpLt2m0pmj3NDA==:",
        );
        let find = |kid: &str| (kid == "test-key-ed25519").then_some((&key, ()));
        verify(head.message(&headers), &none(), find, CREATED_MS).map(|_| ())
    };
    let two = [("accept", "application/json"), ("accept", "*/*")];
    assert_eq!(ask(sent, &two), Ok(()));
    assert_eq!(ask(Head { query: "name1=Value1&Name2=value2&param=added", ..sent }, &two), Ok(()));
    assert_eq!(ask(sent, &[("accept", "application/json, */*"), ("accept-language", "en-US,en;q=0.5")]), Ok(()));
    assert_eq!(ask(Head { method: "POST", ..sent }, &two), Err(SignatureError::Wrong));
    assert_eq!(ask(Head { authority: "example.com", ..sent }, &two), Err(SignatureError::Wrong));
    assert_eq!(ask(sent, &[("accept", "*/*"), ("accept", "application/json")]), Err(SignatureError::Wrong));
}
