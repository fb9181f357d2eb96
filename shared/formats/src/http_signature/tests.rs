//! What we sign, what we refuse, digests and dates. The RFC's own vectors are in the folder.
#![allow(clippy::unwrap_used)]
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::SigningKey;

use super::*;
use crate::mac::Secret;

mod rfc_9421;
mod web_bot_auth;

#[derive(Clone, Copy)]
struct Head {
    method: &'static str,
    authority: &'static str,
    path: &'static str,
    query: &'static str,
}

impl Head {
    fn message(self, headers: &Headers) -> Message<'_> {
        let Head { method, authority, path, query } = self;
        Message { method, scheme: "https", authority, path, query, headers }
    }
}

/// RFC 9421 appendix B.2: the test request.
fn request() -> (Head, Headers) {
    let head = Head { method: "POST", authority: "example.com", path: "/foo", query: "param=Value&Pet=dog" };
    let mut headers = Headers::default();
    headers.push("host", "example.com");
    headers.push("date", "Tue, 20 Apr 2021 02:07:55 GMT");
    headers.push("content-type", "application/json");
    headers.push("content-length", "18");
    (head, headers)
}

const CREATED_MS: i64 = 1_618_884_473_000;

fn none() -> Profile {
    Profile::of(&[])
}

fn key_b14() -> VerificationKey {
    let public = STANDARD.decode("JrQLj5P/89iXES9+vFgrIy29clF9CC/oPPsw3c5D0bs=").unwrap();
    VerificationKey::Ed25519(VerifyingKey::from_bytes(&public.try_into().unwrap()).unwrap())
}

/// RFC 9530 appendix D: the digest of the same body.
#[test]
fn digests() {
    let body = br#"{"hello": "world"}"#;
    let mut headers = Headers::default();
    assert_eq!(check_digest(&headers, body), Err(SignatureError::DigestMissing));
    headers.push("content-digest", "sha-512=:AA==:");
    assert_eq!(check_digest(&headers, body), Err(SignatureError::DigestMissing));
    headers.push("content-digest", "sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:");
    assert_eq!(check_digest(&headers, body), Ok(()));
    assert_eq!(check_digest(&headers, b"{}"), Err(SignatureError::DigestWrong));
    assert_eq!(content_digest(body), "sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:");
}

#[test]
fn dates() {
    let (_, headers) = request();
    let at = 1_618_884_475_000;
    assert_eq!(check_date(&headers, at + MAX_SKEW_MS), Ok(()));
    assert_eq!(check_date(&headers, at + MAX_SKEW_MS + 1), Err(SignatureError::DateSkew));
    assert_eq!(check_date(&headers, at - MAX_SKEW_MS - 1), Err(SignatureError::DateSkew));
    assert_eq!(check_date(&Headers::default(), at), Err(SignatureError::DateMissing));
}

#[test]
fn what_we_sign_verifies_and_nothing_else_does() {
    let signing = SigningKey::from_bytes(&[7; 32]);
    let secret = MacKey::new(&Secret::new([9; 32]));
    let keys = [
        (SignatureKey::Ed25519(&signing), VerificationKey::Ed25519(signing.verifying_key())),
        (SignatureKey::HmacSha256(&secret), VerificationKey::HmacSha256(MacKey::new(&Secret::new([9; 32])))),
    ];
    for (signer, verifier) in &keys {
        let (head, mut headers) = request();
        let message = head.message(&headers);
        let components = ["@method", "@path", "@query", "date"];
        let (input, signature) = sign(message, &components, "k", signer, CREATED_MS).unwrap();
        headers.push("signature-input", &input);
        headers.push("signature", &signature);
        let find = |_: &str| Some((verifier, ()));
        let profile = Profile::of(&["@path"]);
        let verify =
            |head: Head, headers: &Headers| verify(head.message(headers), &profile, find, CREATED_MS).map(|_| ());
        assert_eq!(verify(head, &headers), Ok(()));
        let mut second = headers.clone();
        second.push("date", "x");
        assert_eq!(verify(head, &second), Err(SignatureError::Wrong));
        let moved = Head { query: "param=value", ..head };
        assert_eq!(verify(moved, &headers), Err(SignatureError::Wrong));
    }
}

#[test]
fn what_is_outside_of_the_subset_is_refused() {
    let key = VerificationKey::HmacSha256(MacKey::new(&Secret::new([9; 32])));
    let cases = [
        (r#"a=("@status");keyid="k""#, SignatureError::Unsupported),
        (r#"a=("date";sf);keyid="k""#, SignatureError::Unsupported),
        (r#"a=("date";bs);keyid="k""#, SignatureError::Unsupported),
        (r#"a=("@query-param";name="Pet");keyid="k""#, SignatureError::Unsupported),
        (r#"a=("@target-uri");keyid="k""#, SignatureError::Unsupported),
        (r#"a=("date" "date");keyid="k""#, SignatureError::Unsupported),
        (r#"a=("date");keyid="k";context=1"#, SignatureError::Unsupported),
        (r#"a=("date");keyid="k";nonce=1"#, SignatureError::Malformed),
        (r#"a=("x-none");keyid="k""#, SignatureError::FieldMissing),
        (r#"a=(date);keyid="k""#, SignatureError::Malformed),
        (r#"b=("date");keyid="k""#, SignatureError::Malformed),
        ("a=1", SignatureError::Malformed),
        ("(", SignatureError::Malformed),
    ];
    for (input, expected) in cases {
        let (head, mut headers) = request();
        headers.push("signature-input", input);
        headers.push("signature", "a=:AA==:");
        let found = verify(head.message(&headers), &none(), |_| Some((&key, ())), CREATED_MS);
        assert_eq!(found.map(|_| ()), Err(expected), "{input}");
    }
    let (head, headers) = request();
    let found = verify(head.message(&headers), &none(), |_| Some((&key, ())), CREATED_MS);
    assert_eq!(found, Err(SignatureError::Missing));
}

/// Of the parameters of components, those that are read are read as RFC 9421 says, and no other is skipped.
#[test]
fn with_parameters_the_subset_is_wider_and_still_closed() {
    let key = VerificationKey::HmacSha256(MacKey::new(&Secret::new([9; 32])));
    let profile = Profile { extent: Extent::Parameters, ..none() };
    let cases = [
        (r#""date";req"#, SignatureError::Unsupported),
        (r#""@method";req"#, SignatureError::Unsupported),
        (r#""date";tr"#, SignatureError::Unsupported),
        (r#""date";sf"#, SignatureError::Unsupported),
        (r#""content-digest";sf;bs"#, SignatureError::Unsupported),
        (r#""content-digest";key="sha-256";req"#, SignatureError::Unsupported),
        (r#""date";bs=1"#, SignatureError::Unsupported),
        (r#""date";bs=?0"#, SignatureError::Unsupported),
        (r#""date";bs "date";bs"#, SignatureError::Unsupported),
        (r#""@query";name="Pet""#, SignatureError::Unsupported),
        (r#""@query-param""#, SignatureError::Unsupported),
        (r#""@query-param";name=Pet"#, SignatureError::Malformed),
        (r#""@query-param";name="Cat""#, SignatureError::FieldMissing),
        (r#""content-digest";key="sha-512""#, SignatureError::FieldMissing),
        (r#""content-digest";key=1"#, SignatureError::Malformed),
        (r#""content-type";key="a""#, SignatureError::Malformed),
        (r#""@request-response""#, SignatureError::Unsupported),
        (r#""@status""#, SignatureError::Unsupported),
        // Everything is as it should be but the signature itself.
        (r#""date";bs "@query-param";name="Pet" "content-digest";key="sha-256""#, SignatureError::Wrong),
    ];
    for (components, expected) in cases {
        let (head, mut headers) = request();
        headers.push("content-digest", &content_digest(b"{}"));
        headers.push("signature-input", &format!(r#"a=({components});keyid="k";created=1618884473"#));
        headers.push("signature", "a=:AA==:");
        let found = verify(head.message(&headers), &profile, |_| Some((&key, ())), CREATED_MS);
        assert_eq!(found.map(|_| ()), Err(expected), "{components}");
    }
}

/// A profile chooses among signatures by label or tag, wants its parameters, and gets what was verified.
#[test]
fn of_several_signatures_the_wanted_one_is_verified() {
    let secret = MacKey::new(&Secret::new([9; 32]));
    let key = VerificationKey::HmacSha256(secret.clone());
    let signer = SignatureKey::HmacSha256(&secret);
    let (head, unsigned) = request();
    let sign = |label, nonce, expires_ms, tag, components: &[&str]| {
        let parameters = Parameters { label, keyid: "k", created_ms: CREATED_MS, expires_ms, nonce, tag };
        sign_with(head.message(&unsigned), components, &parameters, &signer).unwrap()
    };
    let proxy = sign("proxy", None, None, None, &["@method"]);
    let bare = sign("bare", None, None, Some("app"), &["@authority"]);
    let pet = r#""@query-param";name="Pet""#;
    let full = sign("full", Some("n-1"), Some(CREATED_MS + 60_000), Some("app"), &["@authority", pet]);
    let with = |signatures: &[&(String, String)]| {
        let mut headers = unsigned.clone();
        for (input, signature) in signatures {
            headers.push("signature-input", input);
            headers.push("signature", signature);
        }
        headers
    };
    let find = |kid: &str| (kid == "k").then_some((&key, 7));
    let app = || Profile { tag: Some("app"), extent: Extent::Parameters, ..Profile::of(&["@authority"]) };
    let ask = |headers: &Headers, profile: &Profile| verify(head.message(headers), profile, find, CREATED_MS);

    let verified = ask(&with(&[&proxy, &full]), &app()).unwrap();
    assert_eq!(
        verified,
        Verified {
            label: "full".to_owned(),
            keyid: "k".to_owned(),
            algorithm: Algorithm::HmacSha256,
            created_ms: CREATED_MS,
            expires_ms: Some(CREATED_MS + 60_000),
            nonce: Some("n-1".to_owned()),
            tag: Some("app".to_owned()),
            covered: vec![r#""@authority""#.to_owned(), pet.to_owned()],
            key: 7,
        }
    );
    assert_eq!(ask(&with(&[&proxy]), &app()), Err(SignatureError::Missing));
    let labelled = |label: &str| Profile { label: Some(label.to_owned()), ..none() };
    assert_eq!(ask(&with(&[&proxy, &bare]), &labelled("proxy")).unwrap().label, "proxy");
    assert_eq!(ask(&with(&[&proxy, &bare]), &labelled("nobody")), Err(SignatureError::Missing));

    // What is missing is named; a second signature that has it will do.
    let strict = Profile { nonce: Presence::Required, expires: Presence::Required, ..app() };
    assert_eq!(ask(&with(&[&bare]), &strict), Err(SignatureError::ParameterMissing("nonce")));
    assert_eq!(ask(&with(&[&bare, &full]), &strict).unwrap().label, "full");
    let pets = Component { name: "@query-param", parameters: &[("name", Some("Pet"))] };
    let wanted = Profile { required: vec![Requirement::Component(pets)], ..app() };
    assert_eq!(ask(&with(&[&bare]), &wanted), Err(SignatureError::NotCovered(pets)));
    assert_eq!(pets.to_string(), r#"@query-param;name="Pet""#);
    assert_eq!(ask(&with(&[&bare, &full]), &wanted).unwrap().label, "full");
    assert_eq!(wanted.accept_signature(), r#"sig1=("@query-param";name="Pet");created;keyid;tag="app""#);
    assert_eq!(strict.accept_signature(), r#"sig1=("@authority");created;keyid;expires;nonce;tag="app""#);

    static EITHER: [Component; 2] = [Component::plain("@target-uri"), Component::plain("@authority")];
    let any = Profile { required: vec![Requirement::AnyOf(&EITHER)], ..app() };
    assert!(ask(&with(&[&bare]), &any).is_ok());
    assert_eq!(ask(&with(&[&proxy]), &Profile { tag: None, ..any }), Err(SignatureError::NotCovered(EITHER[0])));
    let if_sent = |field| Profile { required: vec![Requirement::FieldIfSent(field)], ..app() };
    assert!(ask(&with(&[&bare]), &if_sent("signature-agent")).is_ok());
    let date = SignatureError::NotCovered(Component::plain("date"));
    assert_eq!(ask(&with(&[&bare]), &if_sent("date")), Err(date));

    // The profile's algorithms, key ids and lifetimes.
    let only_ed = Profile { algorithms: &[Algorithm::Ed25519], ..app() };
    assert_eq!(ask(&with(&[&full]), &only_ed), Err(SignatureError::UnknownKey));
    let long_ids = Profile { keyid: |id| id.len() == 43, ..app() };
    assert_eq!(ask(&with(&[&full]), &long_ids), Err(SignatureError::UnknownKey));
    let brief = |max_lifetime_ms| Profile { max_lifetime_ms, ..app() };
    assert!(ask(&with(&[&full]), &brief(60_000)).is_ok());
    assert_eq!(ask(&with(&[&full]), &brief(59_999)), Err(SignatureError::Stale));
    let old = Profile { max_age_ms: 0, skew_ms: 0, ..app() };
    let at = |now| verify(head.message(&with(&[&full])), &old, find, now).map(|_| ());
    assert_eq!(at(CREATED_MS), Ok(()));
    assert_eq!(at(CREATED_MS + 1), Err(SignatureError::Stale));
    assert_eq!(at(CREATED_MS - 1), Err(SignatureError::Early));
}
