//! Web Bot Auth: the draft's examples, and what is refused, through the judgement itself, by a pack that lists their key.
//!
//! The examples are those of draft-ietf-webbotauth-httpsig-protocol, appendix A, made with the key of RFC 9421 B.1.4.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests may fail by panicking"
)]

use std::path::Path;

use bot_screen::bot_auth::Signed;
use bot_screen::policy::Rules;
use bot_screen::request::Request;
use bot_screen::verdict::{Outcome, Verdict, judge};
use ed25519_dalek::SigningKey;
use pack_source::Files;
use serde_json::json;
use shared::http::Headers;
use shared::http_signature::{Message, Parameters, SignatureKey, sign_with};
use shared::jwk;
use shared::policy::Pack;

/// RFC 9421, B.1.4, as base64url.
const X: &str = "JrQLj5P_89iXES9-vFgrIy29clF9CC_oPPsw3c5D0bs";
const THUMBPRINT: &str = "poqkLGiymh_W0uP6PZFw-dvez3QJT5SolqXBCW38r0U";
const CREATED_MS: i64 = 1_735_689_600_000;
const BROWSER: &str = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Safari/537.36";
const GPTBOT: &str =
    "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko); compatible; GPTBot/1.1; +https://openai.com/gptbot";

/// Our own key, which signs what the draft has no example of.
fn own() -> SigningKey {
    SigningKey::from_bytes(&[9; 32])
}

fn pack(date: &str) -> Pack {
    let mut files = Files::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("policy")).unwrap();
    let signer = |code: &str, site: &str, agents: &str, always: bool| {
        format!(
            "\n[[signer]]\ncode = \"{code}\"\nsite = \"{site}\"\nagents = [{agents}]\nalways = {always}\nsource = \"a test\"\n"
        )
    };
    let table = signer("example", "signature-agent.test", "", false)
        + &signer("own", "bots.example.com", "\"GPTBot\"", false)
        + &signer("signs-all", "all.example.com", "\"Bytespider\"", true);
    let x = jwk::PublicKey { key: own().verifying_key(), not_before: None, expires: None }.x();
    let other =
        jwk::PublicKey { key: SigningKey::from_bytes(&[8; 32]).verifying_key(), not_before: None, expires: None };
    files.put("signers.toml", table);
    files.put("signers/example.csv", format!("key,not_before,expires,date\n{X},,,{date}\n"));
    files.put("signers/own.csv", format!("key,not_before,expires,date\n{x},1700000000,1800000000,{date}\n"));
    files.put("signers/signs-all.csv", format!("# one\nkey,not_before,expires,date\n{},,,{date}\n", other.x()));
    let kind = &bot_screen_pack::KIND;
    Pack::from_file((kind.compile)(&files).pack(kind).unwrap())
}

/// `Signature-Agent`, what is covered, what follows `alg`, the signature.
type Example = (Option<&'static str>, &'static str, &'static str, &'static str);

const WITHOUT_AGENT: Example = (
    None,
    r#"sig1=("@authority")"#,
    r#"expires=4889289600;nonce="zIW8+cdmA3vdYagbxojpONwa/l0EKJ/O3/wD486VvsQjO/RxPaSt6ZxvQaMcQzNnqKN/mQ6hpGiFro2L2qkz5A==""#,
    "sig1=:QKN4fTdIYfh82fvoZCQiQA1weuozfCS/Led2zTMbewMMqH8PI2Wsy/5c4ao6B6D09nraNQdBNOADg8aM1MqfCg==:",
);
const WITH_ITEM_AGENT: Example = (
    Some(r#""https://signature-agent.test""#),
    r#"sig2=("@authority" "signature-agent")"#,
    r#"expires=1735693200;nonce="e8N7S2MFd/qrd6T2R3tdfAuuANngKI7LFtKYI/vowzk4lAZYadIX6wW25MwG7DCT9RUKAJ0qVkU0mEeLElW1qg==""#,
    "sig2=:jdq0SqOwHdyHr9+r5jw3iYZH6aNGKijYp/EstF4RQTQdi5N5YYKrD+mCT1HA1nZDsi6nJKuHxUi/5Syp3rLWBA==:",
);

fn example((agent, covered, rest, signature): Example) -> Vec<(String, String)> {
    let input = format!(r#"{covered};created=1735689600;keyid="{THUMBPRINT}";alg="ed25519";{rest};tag="web-bot-auth""#);
    let agent = agent.map(|agent| ("signature-agent".to_owned(), agent.to_owned()));
    agent
        .into_iter()
        .chain([("signature-input".to_owned(), input), ("signature".to_owned(), signature.to_owned())])
        .collect()
}

/// What one of our own signatures says.
struct Own<'a> {
    authority: &'a str,
    agent: &'a str,
    created: i64,
    expires: i64,
    covered: &'static [&'static str],
}

const OWN: Own<'static> = Own {
    authority: "shop.example",
    agent: "agent1=\"https://bots.example.com\"",
    created: 1_735_689_600,
    expires: 1_735_689_900,
    covered: &["@authority", "signature-agent"],
};

fn signed(with: &Own<'_>) -> Vec<(String, String)> {
    let mut headers = Headers::default();
    headers.push("signature-agent", with.agent);
    let message = Message {
        method: "GET",
        scheme: "https",
        authority: with.authority,
        path: "/p/1",
        query: "",
        headers: &headers,
    };
    let key = own();
    let thumbprint = jwk::thumbprint(key.verifying_key().as_bytes());
    let parameters = Parameters {
        label: "mine",
        created_ms: with.created * 1000,
        expires_ms: Some(with.expires * 1000),
        nonce: Some("bm9uY2U="),
        keyid: &thumbprint,
        tag: Some("web-bot-auth"),
    };
    let (input, signature) = sign_with(message, with.covered, &parameters, &SignatureKey::Ed25519(&key)).unwrap();
    [("signature-agent", with.agent.to_owned()), ("signature-input", input), ("signature", signature)]
        .map(|(name, value)| (name.to_owned(), value))
        .into()
}

fn request(host: &str, agent: &str, method: &str, url: &str, fields: &[(String, String)]) -> Request {
    let mut headers = vec![("user-agent".to_owned(), agent.to_owned())];
    headers.extend(fields.iter().cloned());
    let told = json!({ "method": method, "url": url, "host": host, "headers": headers, "client_address": "192.0.2.7" });
    Request::read(told.to_string().as_bytes()).unwrap()
}

fn state<'a>(verdict: &'a Verdict<'_>) -> (&'static str, Option<&'static str>, Option<&'a str>) {
    let signed = verdict.signed.as_ref();
    (
        signed.map_or("none", Signed::name),
        signed.and_then(Signed::reason),
        signed.and_then(Signed::proof).map(|proof| proof.signer),
    )
}

fn asked(fields: &[(String, String)], host: &str, now: i64) -> (&'static str, Option<&'static str>, Option<String>) {
    let pack = pack("2025-01-01");
    let rules = Rules::of(&pack).unwrap();
    let request = request(host, BROWSER, "GET", "/p/1", fields);
    let verdict = judge(&request, &rules, now);
    let (name, reason, signer) = state(&verdict);
    (name, reason, signer.map(str::to_owned))
}

#[test]
fn the_drafts_examples_are_a_listed_signers() {
    assert_eq!(
        asked(&example(WITH_ITEM_AGENT), "example.com", CREATED_MS),
        ("verified", None, Some("example".to_owned()))
    );
    // Good for a hundred years: the draft's other examples are no more than examples.
    assert_eq!(asked(&example(WITHOUT_AGENT), "example.com", CREATED_MS).1, Some("signature-stale"));
}

#[test]
fn what_is_signed_is_what_came() {
    let now = CREATED_MS + 1000;
    let good = signed(&OWN);
    assert_eq!(asked(&good, "shop.example", now), ("verified", None, Some("own".to_owned())));
    assert_eq!(asked(&good, "SHOP.example:443", now).0, "verified");
    let refused = |fields: &[(String, String)], host: &str, now: i64| {
        let (state, reason, _) = asked(fields, host, now);
        assert_eq!(state, "refused", "{reason:?}");
        reason.unwrap()
    };
    assert_eq!(refused(&good, "other.example", now), "signature-wrong");
    assert_eq!(refused(&good, "shop.example:8443", now), "signature-wrong");
    assert_eq!(refused(&good, "shop.example", CREATED_MS + 301_000), "signature-stale", "expired");
    assert_eq!(refused(&good, "shop.example", CREATED_MS - 301_000), "signature-early");
    let long = signed(&Own { expires: OWN.created + 86_401, ..OWN });
    assert_eq!(refused(&long, "shop.example", now), "signature-stale", "good for more than a day");
    let without = signed(&Own { covered: &["@authority"], ..OWN });
    assert_eq!(refused(&without, "shop.example", now), "signature-does-not-cover", "the agent that it names");
    let nowhere = signed(&Own { covered: &["@method", "signature-agent"], ..OWN });
    assert_eq!(refused(&nowhere, "shop.example", now), "signature-does-not-cover", "the site");
    let another = signed(&Own { agent: "agent1=\"https://signature-agent.test\"", ..OWN });
    assert_eq!(refused(&another, "shop.example", now), "signature-agent-differs");
    let item = signed(&Own { agent: "\"https://signature-agent.test\"", ..OWN });
    assert_eq!(refused(&item, "shop.example", now), "signature-agent-differs", "another signer's site");
}

#[test]
fn stripped_reordered_and_doubled_signatures() {
    let now = CREATED_MS + 1000;
    let good = signed(&Own { agent: "\"https://bots.example.com\"", ..OWN });
    assert_eq!(asked(&good, "shop.example", now).0, "verified");
    let without =
        |name: &str| -> Vec<(String, String)> { good.iter().filter(|(own, _)| own != name).cloned().collect() };
    assert_eq!(asked(&without("signature"), "shop.example", now).0, "refused");
    assert_eq!(asked(&without("signature-input"), "shop.example", now).0, "none");
    assert_eq!(asked(&without("signature-agent"), "shop.example", now).1, Some("signed-field-missing"));
    let with = |name: &str, change: &dyn Fn(&str) -> String| -> Vec<(String, String)> {
        good.iter().map(|(own, value)| (own.clone(), if own == name { change(value) } else { value.clone() })).collect()
    };
    let reordered = with("signature-input", &|value| {
        value.replace("\"@authority\" \"signature-agent\"", "\"signature-agent\" \"@authority\"")
    });
    assert_eq!(asked(&reordered, "shop.example", now).1, Some("signature-wrong"));
    let stripped = with("signature-input", &|value| value.replace(" \"signature-agent\"", ""));
    assert_eq!(asked(&stripped, "shop.example", now).0, "refused");
    // A wrong one, or one of nobody's, beside a good one takes nothing from it.
    let doubled: Vec<(String, String)> = with("signature-input", &|value| {
        format!("other=(\"@authority\");created=1735689600;expires=1735689900;keyid=\"{THUMBPRINT}\";tag=\"web-bot-auth\", {value}")
    })
    .into_iter()
    .map(|(name, value)| if name == "signature" { (name, format!("other=:AAAA:, {value}")) } else { (name, value) })
    .collect();
    assert_eq!(asked(&doubled, "shop.example", now), ("verified", None, Some("own".to_owned())));
}

#[test]
fn a_directory_that_changed() {
    let fields = signed(&OWN);
    let pack = Pack::bundled(&bot_screen::policy::BUNDLED);
    let rules = Rules::of(&pack).unwrap();
    let request = request("shop.example", GPTBOT, "GET", "/p/1", &fields);
    let verdict = judge(&request, &rules, CREATED_MS + 1000);
    assert_eq!(state(&verdict), ("unknown", None, None), "a key that the pack has not");
    // Outside of the days that its owner gives it, a key is none.
    assert_eq!(
        asked(
            &signed(&Own { created: 1_800_000_001, expires: 1_800_000_100, ..OWN }),
            "shop.example",
            1_800_000_002_000
        )
        .0,
        "unknown"
    );
}

#[test]
fn a_signature_proves_the_names_that_are_listed_and_no_other() {
    let pack = pack("2025-01-01");
    let rules = Rules::of(&pack).unwrap();
    let fields = signed(&Own { agent: "\"https://bots.example.com\"", ..OWN });
    let standing = |agent: &str, fields: &[(String, String)]| {
        let request = request("shop.example", agent, "GET", "/cart?add-to-cart=1", fields);
        let verdict = judge(&request, &rules, CREATED_MS + 1000);
        let labels = bot_screen::answer::labels(&verdict).contains(&"verified");
        (verdict.standing.map(bot_screen::signals::standing), labels, verdict.outcome)
    };
    assert_eq!(standing(GPTBOT, &fields), (Some("verified"), true, Outcome::Allow));
    let (claimed, label, outcome) = standing(GPTBOT, &[]);
    assert_eq!((claimed, label), (Some("impostor"), false), "the copy of its addresses is fresh on that day");
    assert!(outcome > Outcome::Tag);
    let google = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)";
    let (claimed, label, _) = standing(google, &fields);
    assert_eq!((claimed, label), (Some("impostor"), false), "another's name");
    // A person's browser that signs needs no name.
    assert_eq!(standing(BROWSER, &fields), (None, true, Outcome::Allow));
}

#[test]
fn who_signs_everything_is_an_impostor_unsigned_while_the_copy_is_fresh() {
    let spider = "Mozilla/5.0 (Linux; Android 5.0) AppleWebKit/537.36 (KHTML, like Gecko) Mobile Safari/537.36 (compatible; Bytespider; spider-feedback@bytedance.com)";
    for (date, wanted) in [("2024-12-31", "impostor"), ("2024-10-01", "claimed")] {
        let pack = pack(date);
        let rules = Rules::of(&pack).unwrap();
        let verdict = judge(&request("shop.example", spider, "GET", "/p/1", &[]), &rules, CREATED_MS);
        assert_eq!(verdict.standing.map(bot_screen::signals::standing), Some(wanted), "{date}");
    }
}
