#![allow(clippy::unwrap_used)]
use serde::Deserialize;

use super::*;
use crate::http::Target;
use crate::http_signature::{SignatureKey, content_digest, sign};

/// Of a function that takes both: uploads by bearer key, the rest signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Both {
    Upload,
    TakeDown,
}

impl Scope for Both {
    const ALL: &'static [Both] = &[Both::Upload, Both::TakeDown];
    const ALGORITHMS: &'static [Algorithm] = &Algorithm::ALL;
    const REALM: &'static str = "listings";
}

/// Of a function that takes bearer keys alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum BearerOnly {
    Upload,
}

impl Scope for BearerOnly {
    const ALL: &'static [BearerOnly] = &[BearerOnly::Upload];
    const ALGORITHMS: &'static [Algorithm] = &[Algorithm::BearerSha256];
    const REALM: &'static str = "uploads";
}

/// `Mon, 21 Sep 2026 14:13:20 GMT`.
const NOW: i64 = 1_790_000_000_000;
/// 32 bytes of 9, and their base64url, which is also the bearer key.
const SECRET: [u8; 32] = [9; 32];
const TOKEN: &str = "CQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQk";
/// The SHA-256 digest of [`TOKEN`] in base64url; `printf … | openssl sha256 -binary | basenc --base64url`.
const DIGEST: &str = "g80hPkaKL7rbUpYj1pvTaDr7jxOh8KvDFn00a94wNxk";

fn both() -> Callers<Both> {
    let json = format!(
        r#"[{{"caller":"shop","kid":"b","alg":"bearer-sha256","key":"{DIGEST}","scopes":["upload"],"not_after":{NOW}}},
            {{"caller":"desk","kid":"h","alg":"hmac-sha256","key":"{TOKEN}","scopes":["upload","take_down"],"not_before":{NOW}}}]"#
    );
    Callers::parse(&json).unwrap()
}

fn head(target: &str) -> Head {
    Head { method: http::Method::POST, target: Target::new("a.example", target), ..Head::default() }
}

/// Header fields of a signed request; `covered` as given.
fn signed(head: &Head, body: &[u8], covered: &[&str]) -> Headers {
    let mut headers = Headers::default();
    headers.push("date", "Mon, 21 Sep 2026 14:13:20 GMT");
    headers.push("content-digest", &content_digest(body));
    let key = MacKey::new(&Secret::new(SECRET));
    let (input, signature) = sign(head.message(&headers), covered, "h", &SignatureKey::HmacSha256(&key), NOW).unwrap();
    headers.push("signature-input", &input);
    headers.push("signature", &signature);
    headers
}

fn header<'p>(problem: &'p Problem, name: &str) -> Option<&'p str> {
    problem.headers.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str())
}

const USUAL: [&str; 4] = ["@method", "@path", "date", "content-digest"];

#[test]
fn a_signature_says_who_calls_and_what_was_verified() {
    let head = head("/x");
    let headers = signed(&head, b"{}", &USUAL);
    let asked = Asked { head: &head, headers: &headers, body: Some(b"{}"), covered: None };
    let callers = both();
    let caller = callers.authenticate(asked, Both::TakeDown, NOW).unwrap();
    assert_eq!((caller.name, caller.kid), ("desk", "h"));
    assert_eq!(caller.signature.unwrap().covered.len(), 4);
    assert!(callers.authenticate(asked, Both::TakeDown, NOW - 1).is_err(), "before the key begins");
    let other = Asked { body: Some(b"[]"), ..asked };
    let problem = callers.authenticate(other, Both::TakeDown, NOW).unwrap_err();
    assert_eq!(problem.errors[0].code, "content-digest-wrong");
}

#[test]
fn nothing_at_all_is_answered_with_both_ways_in() {
    let (head, headers) = (head("/x?y"), Headers::default());
    let asked = Asked { head: &head, headers: &headers, body: None, covered: Some("x") };
    let problem = both().authenticate(asked, Both::Upload, NOW).unwrap_err();
    assert_eq!(problem.kind.status.as_u16(), 401);
    assert_eq!(header(&problem, "www-authenticate"), Some(r#"Bearer realm="listings""#));
    assert_eq!(problem.detail.en, "A bearer key (in Authorization) or an RFC 9421 signature is missing.");
    assert_eq!(problem.errors[0].detail, problem.detail);
    let wanted = r#"sig1=("@method" "@path" "date" "@query" "x");created;keyid"#;
    assert_eq!(header(&problem, "accept-signature"), Some(wanted));
}

/// RFC 6750 §2.1, §3 and §3.1.
#[test]
fn bearer_keys() {
    assert_eq!(token_digest(TOKEN), Secret::from_base64url(DIGEST).unwrap());
    let head = head("/x");
    let callers = both();
    let ask = |sent: &[&str], scope, now| {
        let mut headers = Headers::default();
        sent.iter().for_each(|value| headers.push("authorization", value));
        let asked = Asked { head: &head, headers: &headers, body: Some(b"{}"), covered: None };
        callers.authenticate(asked, scope, now).map(|caller| (caller.name.to_owned(), caller.kid.to_owned())).map_err(
            |problem| {
                let challenge = header(&problem, "www-authenticate").unwrap_or_default().to_owned();
                (problem.kind.status.as_u16(), challenge)
            },
        )
    };
    let right = format!("Bearer {TOKEN}");
    let shop = Ok(("shop".to_owned(), "b".to_owned()));
    assert_eq!(ask(&[&right], Both::Upload, NOW), shop);
    assert_eq!(ask(&[&format!("bEARER  {TOKEN} ")], Both::Upload, NOW), shop);
    let invalid = |status: u16, error: &str| Err((status, format!(r#"Bearer realm="listings", error="{error}""#)));
    assert_eq!(ask(&[&right], Both::Upload, NOW + 1), invalid(401, "invalid_token"), "after its last instant");
    assert_eq!(ask(&[&format!("Bearer {DIGEST}")], Both::Upload, NOW), invalid(401, "invalid_token"));
    assert_eq!(ask(&[&format!("Bearer {TOKEN}=")], Both::Upload, NOW), invalid(401, "invalid_token"));
    let scope = r#"Bearer realm="listings", error="insufficient_scope", scope="take_down""#;
    assert_eq!(ask(&[&right], Both::TakeDown, NOW), Err((403, scope.to_owned())));
    let bad = ["Bearer", "Bearer ", "Bearer =", "Basic dTpw", "Bearer a b", "Bearer a,b", "Bearer 茶", ""];
    for sent in bad {
        assert_eq!(ask(&[sent], Both::Upload, NOW), invalid(400, "invalid_request"), "{sent:?}");
    }
    assert_eq!(ask(&[&right, &right], Both::Upload, NOW), invalid(400, "invalid_request"), "sent twice");
    let long = format!("Bearer {}", "a".repeat(1025));
    assert_eq!(ask(&[&long], Both::Upload, NOW), invalid(400, "invalid_request"));
}

/// A digest is no secret to sign with, and a key to sign with is no bearer key.
#[test]
fn kinds_of_keys_do_not_mix() {
    let (head, mut headers) = (head("/x"), Headers::default());
    headers.push("authorization", &format!("Bearer {TOKEN}"));
    let json = format!(
        r#"[{{"caller":"desk","kid":"h","alg":"hmac-sha256","key":"{TOKEN}","scopes":["upload"]}},
            {{"caller":"desk","kid":"d","alg":"hmac-sha256","key":"{DIGEST}","scopes":["upload"]}}]"#
    );
    let callers: Callers<Both> = Callers::parse(&json).unwrap();
    let asked = Asked { head: &head, headers: &headers, body: None, covered: None };
    assert!(callers.authenticate(asked, Both::Upload, NOW).is_err());

    let json = format!(r#"[{{"caller":"desk","kid":"h","alg":"bearer-sha256","key":"{TOKEN}","scopes":["upload"]}}]"#);
    let callers: Callers<Both> = Callers::parse(&json).unwrap();
    let headers = signed(&head, b"", &USUAL);
    let asked = Asked { head: &head, headers: &headers, body: None, covered: None };
    let problem = callers.authenticate(asked, Both::Upload, NOW).unwrap_err();
    assert_eq!(problem.errors[0].code, "key-unknown");
}

#[test]
fn a_function_of_bearer_keys_alone_asks_for_one() {
    let json = format!(r#"[{{"caller":"shop","kid":"b","alg":"bearer-sha256","key":"{DIGEST}","scopes":["upload"]}}]"#);
    let callers: Callers<BearerOnly> = Callers::parse(&json).unwrap();
    let head = head("/x");
    let headers = signed(&head, b"", &USUAL);
    let asked = Asked { head: &head, headers: &headers, body: None, covered: None };
    let problem = callers.authenticate(asked, BearerOnly::Upload, NOW).unwrap_err();
    assert_eq!((problem.kind.code, problem.errors[0].code), ("unauthenticated", "bearer-missing"));
    assert_eq!(header(&problem, "www-authenticate"), Some(r#"Bearer realm="uploads""#));
    assert_eq!(header(&problem, "accept-signature"), None);
    let signs = json.replace("bearer-sha256", "hmac-sha256");
    assert_eq!(Callers::<BearerOnly>::parse(&signs).err().as_deref(), Some("entry 1: alg is bearer-sha256"));
}

/// A request for one deployment is none for another, however its `Host` is dressed up.
#[test]
fn where_a_request_is_for_can_be_required() {
    let names = authorities(" A.example:443 , a.example:8443").unwrap();
    assert_eq!(names, ["a.example", "a.example:8443"]);
    for bad in ["", "a.example,", "https://a.example", "a.example/", "a b", "茶.example"] {
        assert!(authorities(bad).is_err(), "{bad:?}");
    }
    let code = |callers: &Callers<Both>, made_for: &Head, sent_to: &Head, covered: &[&str]| {
        let headers = signed(made_for, b"", covered);
        let asked = Asked { head: sent_to, headers: &headers, body: None, covered: None };
        callers.authenticate(asked, Both::Upload, NOW).map(|_| "in").unwrap_or_else(|problem| {
            let wanted = header(&problem, "accept-signature").unwrap_or_default();
            assert!(wanted.contains("\"@authority\""), "{wanted}");
            problem.errors[0].code
        })
    };
    let here = both().at(names);
    let with = ["@method", "@path", "date", "@authority"];
    let a = head("/x");
    let b = Head { target: Target::new("b.example", "/x"), ..head("/x") };
    assert_eq!(code(&here, &a, &a, &with), "in");
    assert_eq!(code(&here, &a, &a, &USUAL), "signature-does-not-cover");
    // Another deployment's request, sent here as it was sent there, and under our own name.
    assert_eq!(code(&here, &b, &b, &with), "authority-not-ours");
    assert_eq!(code(&here, &b, &a, &with), "signature-wrong");
    // Where nothing is required, it may be covered all the same.
    let headers = signed(&b, b"", &with);
    let asked = Asked { head: &b, headers: &headers, body: None, covered: None };
    assert!(both().at(Vec::new()).authenticate(asked, Both::Upload, NOW).is_ok());
}

#[test]
fn configurations_are_read_as_ever_and_faults_are_placed() {
    let entry = |kid: &str, alg: &str, key: &str| {
        format!(r#"{{"caller":"c","kid":"{kid}","alg":"{alg}","key":"{key}","scopes":["upload"]}}"#)
    };
    let fault = |json: &str| Callers::<Both>::parse(json).err().unwrap();
    let good = entry("a", "hmac-sha256", TOKEN);
    assert_eq!(fault("{}"), "JSON array of keys; line 1, column 0");
    assert_eq!(fault("[]"), "at least one key");
    assert_eq!(fault(&format!("[{good},{good}]")), "entry 2: caller and kid are names, and a kid occurs once");
    assert_eq!(
        fault(&format!("[{}]", entry("a", "rsa", TOKEN))),
        "entry 1: alg is ed25519 or hmac-sha256 or bearer-sha256"
    );
    assert_eq!(fault(&format!("[{}]", entry("a", "hmac-sha256", "AA"))), "entry 1: key is 32 bytes in base64url");
    assert!(fault(&format!("[{}]", good.replace("upload", "x"))).starts_with("JSON array of keys; line 1"));

    // What the command line writes is what the function reads.
    let mut written = Entry::new("c", "k", Algorithm::BearerSha256, DIGEST.to_owned(), vec![Both::Upload]);
    written.not_after = Some(5);
    let json = serde_json::to_string(&[written]).unwrap();
    let expected = format!(
        r#"[{{"caller":"c","kid":"k","alg":"bearer-sha256","key":"{DIGEST}","scopes":["upload"],"not_after":5}}]"#
    );
    assert_eq!(json, expected);
    assert!(Callers::<Both>::parse(&json).is_ok());
    assert_eq!((Both::of("take_down"), Both::of("TakeDown")), (Some(Both::TakeDown), None));
}

#[test]
fn idempotency_keys() {
    let key = |sent: Option<&str>| {
        let mut headers = Headers::default();
        sent.into_iter().for_each(|value| headers.push("idempotency-key", value));
        idempotency_key(&headers).map_err(|problem| problem.errors[0].code)
    };
    assert_eq!(key(Some("\"k-1\"")).as_deref(), Ok("k-1"));
    assert_eq!(key(Some(" k-1 ")).as_deref(), Ok("k-1"));
    assert_eq!(key(Some(&"k".repeat(255))).as_deref().map(str::len), Ok(255));
    assert_eq!(key(None), Err("missing"));
    for bad in ["\"\"", "a b", "a,b", "\"a", "a\\b", "茶", &"k".repeat(256)] {
        assert_eq!(key(Some(bad)), Err("malformed"), "{bad}");
    }
}
