//! Somebody else's profile: Web Bot Auth (draft-meunier-web-bot-auth-architecture). Its examples are made with RFC 9421's
//! Ed25519 key; a key's id is its JWK thumbprint (RFC 7638).

use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};

use super::*;

static WHERE_TO: [Component; 2] = [Component::plain("@authority"), Component::plain("@target-uri")];

/// As the draft has it, section 4.2: which part of the site is asked, by whom, and until when.
fn profile() -> Profile {
    Profile {
        required: vec![Requirement::AnyOf(&WHERE_TO), Requirement::FieldIfSent("signature-agent")],
        extent: Extent::Parameters,
        tag: Some("web-bot-auth"),
        expires: Presence::Required,
        max_age_ms: i64::MAX,
        algorithms: &[Algorithm::Ed25519],
        keyid: |id| id.len() == 43,
        ..Profile::of(&[])
    }
}

const THUMBPRINT: &str = "poqkLGiymh_W0uP6PZFw-dvez3QJT5SolqXBCW38r0U";
const CREATED: i64 = 1_735_689_600_000;

/// `Signature-Agent`, the covered components, what follows `alg`, the signature.
type Example = (Option<&'static str>, &'static str, &'static str, &'static str);

const WITHOUT_AGENT: Example = (
    None,
    r#"sig1=("@authority")"#,
    r#"expires=4889289600;nonce="zIW8+cdmA3vdYagbxojpONwa/l0EKJ/O3/wD486VvsQjO/RxPaSt6ZxvQaMcQzNnqKN/mQ6hpGiFro2L2qkz5A==""#,
    "sig1=:QKN4fTdIYfh82fvoZCQiQA1weuozfCS/Led2zTMbewMMqH8PI2Wsy/5c4ao6B6D09nraNQdBNOADg8aM1MqfCg==:",
);
const WITH_AGENT: Example = (
    Some(r#"agent2="https://signature-agent.test""#),
    r#"sig2=("@authority" "signature-agent";key="agent2")"#,
    r#"expires=4889289600;nonce="n9p433xm+NJ3ph3upfBIGmsuwHw387YV7Q/F+6BSpGCVjYCqQw6rznNA8PVVLySrAWsv0hQtFioQb6E1YsauiA==""#,
    "sig2=:RdNFx5Bj6au3YgAMQL/RzmUlZE8QZLIaXGRpw985hWnwPfMxT228NMk6ehRS1PSl4e8PhbNZACSanGdhEwYCCg==:",
);
const WITH_ITEM_AGENT: Example = (
    Some(r#""https://signature-agent.test""#),
    r#"sig2=("@authority" "signature-agent")"#,
    r#"expires=1735693200;nonce="e8N7S2MFd/qrd6T2R3tdfAuuANngKI7LFtKYI/vowzk4lAZYadIX6wW25MwG7DCT9RUKAJ0qVkU0mEeLElW1qg==""#,
    "sig2=:jdq0SqOwHdyHr9+r5jw3iYZH6aNGKijYp/EstF4RQTQdi5N5YYKrD+mCT1HA1nZDsi6nJKuHxUi/5Syp3rLWBA==:",
);

fn headers((agent, components, rest, signature): Example) -> Headers {
    let mut headers = Headers::default();
    if let Some(agent) = agent {
        headers.push("signature-agent", agent);
    }
    let input =
        format!(r#"{components};created=1735689600;keyid="{THUMBPRINT}";alg="ed25519";{rest};tag="web-bot-auth""#);
    headers.push("signature-input", &input);
    headers.push("signature", signature);
    headers
}

fn ask(headers: &Headers, now: i64) -> Result<Verified<()>, SignatureError> {
    let head = Head { method: "GET", authority: "example.com", path: "/path/to/resource", query: "" };
    let key = key_b14();
    verify(head.message(headers), &profile(), |id| (id == THUMBPRINT).then_some((&key, ())), now)
}

#[test]
fn the_drafts_examples() {
    for example in [WITHOUT_AGENT, WITH_AGENT, WITH_ITEM_AGENT] {
        let verified = ask(&headers(example), CREATED).unwrap();
        assert_eq!((verified.keyid.as_str(), verified.tag.as_deref()), (THUMBPRINT, Some("web-bot-auth")));
        assert!(verified.nonce.is_some_and(|nonce| nonce.len() == 88));
    }
    let verified = ask(&headers(WITH_AGENT), CREATED).unwrap();
    assert_eq!(verified.covered, [r#""@authority""#, r#""signature-agent";key="agent2""#]);
    assert_eq!(ask(&headers(WITH_ITEM_AGENT), 1_735_693_200_001), Err(SignatureError::Stale));
}

/// Before a key is fetched one must know which, and from whom.
#[test]
fn claims_come_before_keys() {
    let mut headers = headers(WITH_AGENT);
    headers.push("signature-input", r#"other=("@authority");created=1735689600;keyid="x""#);
    headers.push("signature", "other=:AA==:");
    let claim = Claim {
        label: "sig2".to_owned(),
        keyid: Some(THUMBPRINT.to_owned()),
        covered: vec![r#""@authority""#.to_owned(), r#""signature-agent";key="agent2""#.to_owned()],
    };
    assert_eq!(claims(&headers, &profile()), Ok(vec![claim]));
}

#[test]
fn an_agent_that_is_named_must_be_covered() {
    let (_, components, rest, signature) = WITHOUT_AGENT;
    let named = headers((Some(r#"a="https://other.test""#), components, rest, signature));
    let agent = Component::plain("signature-agent");
    assert_eq!(ask(&named, CREATED), Err(SignatureError::NotCovered(agent)));
    let (_, components, rest, signature) = WITH_AGENT;
    let other = headers((Some(r#"agent2="https://other.test""#), components, rest, signature));
    assert_eq!(ask(&other, CREATED), Err(SignatureError::Wrong));
}

#[test]
fn the_keys_id_is_its_thumbprint() {
    let VerificationKey::Ed25519(key) = key_b14() else { panic!("of another kind") };
    let x = URL_SAFE_NO_PAD.encode(key.to_bytes());
    let jwk = format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}"#);
    assert_eq!(URL_SAFE_NO_PAD.encode(Sha256::digest(jwk)), THUMBPRINT);
}
