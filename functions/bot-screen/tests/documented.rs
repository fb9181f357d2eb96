//! What answers hold is what openapi.yaml says: statuses, header fields, and members of bodies.

#![allow(clippy::indexing_slicing, clippy::unwrap_used, clippy::panic, reason = "tests may fail by panicking")]

mod support;

use bot_screen::BotScreen;
use bot_screen::challenge::solve;
use http::Method;
use serde_json::{Value, json};
use shared::http::{Head, Headers, Response, Target};
use shared::platform::Allowance;
use shared::platform::native::{Native, handle};

use support::native;

const CHROME: &str =
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36";
/// What every answer may carry, and says nothing of this function.
const GENERAL: [&str; 9] = [
    "cache-control",
    "content-language",
    "content-security-policy",
    "content-type",
    "cross-origin-resource-policy",
    "referrer-policy",
    "vary",
    "x-content-type-options",
    "x-request-id",
];

struct Contract(Value);

impl Contract {
    fn read() -> Contract {
        Contract(serde_yaml_ng::from_str(include_str!("../openapi.yaml")).unwrap())
    }

    /// What a reference stands for.
    fn of<'c>(&'c self, value: &'c Value) -> &'c Value {
        match value.get("$ref").and_then(Value::as_str) {
            Some(reference) => self.of(self.0.pointer(reference.strip_prefix('#').unwrap()).unwrap()),
            None => value,
        }
    }

    /// Whether an answer is one that is documented; each thing that is not.
    fn check(&self, method: &str, path: &str, answer: &Response, met: &mut Vec<String>) {
        let status = answer.status.as_u16();
        let what = format!("{method} {path}: {status}");
        let operation = &self.0["paths"][path];
        let operation = operation.get(method.to_lowercase()).unwrap_or(&operation["get"]);
        let documented = self.of(operation["responses"].get(status.to_string()).unwrap_or_else(|| panic!("{what}")));
        for (name, _) in answer.headers().filter(|(name, _)| !GENERAL.contains(name)) {
            let known = documented.get("headers").and_then(Value::as_object);
            let known = known.is_some_and(|all| all.keys().any(|known| known.eq_ignore_ascii_case(name)));
            assert!(known, "{what}: the field {name} is not documented");
        }
        let media = answer.headers().find(|(name, _)| *name == "content-type").map_or("", |(_, value)| value);
        let media = media.split(';').next().unwrap();
        if answer.body.is_empty() {
            assert!(documented.get("content").is_none() || status == 204, "{what}: no body");
        } else {
            let content = documented["content"].get(media).unwrap_or_else(|| panic!("{what}: {media}"));
            if media.ends_with("json") {
                let body: Value = serde_json::from_slice(&answer.body).unwrap();
                self.members(&what, self.of(&content["schema"]), &body);
            }
        }
        met.push(what);
    }

    fn members(&self, what: &str, schema: &Value, body: &Value) {
        for name in schema.get("required").and_then(Value::as_array).into_iter().flatten() {
            assert!(body.get(name.as_str().unwrap()).is_some(), "{what}: {name} is missing");
        }
        if let Some(one_of) = schema.get("enum").and_then(Value::as_array) {
            assert!(one_of.contains(body), "{what}: {body} is none of {one_of:?}");
        }
        match body {
            Value::Object(members) => {
                for (name, value) in members {
                    let known = schema.get("properties").and_then(|all| all.get(name));
                    let known = known.unwrap_or_else(|| panic!("{what}: the member {name} is not documented"));
                    self.members(&format!("{what}, {name}"), self.of(known), value);
                }
            }
            Value::Array(items) => {
                let known = schema.get("items").unwrap_or_else(|| panic!("{what}: is no list"));
                items.iter().for_each(|item| self.members(what, self.of(known), item));
            }
            _ => {}
        }
    }
}

fn host() -> Native {
    native("n4bQgYhMfWWaL-qgxVrQFaO_TxsrC4Is0V1sFbDwCgg", &[("SCREEN_COOKIE_DOMAIN", "plain")])
}

fn ask(host: &mut Native, method: &str, path: &str, fields: &[(&str, &str)], body: &str) -> Response {
    let mut headers = Headers::default();
    for (name, value) in fields {
        headers.push(name, value);
    }
    let accept = headers.get("accept").unwrap_or_default().to_owned();
    host.headers = headers;
    let method = Method::from_bytes(method.as_bytes()).unwrap();
    let head = Head { method, target: Target::new("screen.example", path), accept, ..Head::default() };
    handle::<BotScreen>(host, &head, body.as_bytes().to_vec()).ours().unwrap()
}

const CALLER: (&str, &str) = ("authorization", "Bearer test");

/// A question in JSON.
fn told(host: &mut Native, question: &Value) -> Response {
    let fields = [CALLER, ("content-type", "application/json")];
    ask(host, "POST", "/v1/screen", &fields, &question.to_string())
}

#[test]
fn answers_in_json_hold_what_is_documented() {
    let (contract, mut host, mut met) = (Contract::read(), host(), Vec::new());
    let mut outcomes = std::collections::BTreeSet::new();
    let browser = json!([
        ["user-agent", CHROME],
        ["accept", "text/html"],
        ["sec-fetch-mode", "navigate"],
        ["sec-fetch-dest", "document"]
    ]);
    let crawler =
        json!([["user-agent", "Mozilla/5.0 (compatible; Baiduspider/2.0; +http://www.baidu.com/search/spider.html)"]]);
    let scanner =
        json!([["user-agent", "Mozilla/5.0 (compatible; Nmap Scripting Engine; https://nmap.org/book/nse.html)"]]);
    let mut cookie = String::new();
    for (method, url, headers) in [
        ("GET", "/", &browser),
        ("GET", "/p/1", &browser),
        ("POST", "/cart/add", &browser),
        ("POST", "/cart/add", &json!([["user-agent", "curl/8"]])),
        ("POST", "/hooks/payment", &json!([["user-agent", "curl/8"]])),
        ("OPTIONS", "/cart/add", &json!([["access-control-request-method", "POST"], ["user-agent", "curl/8"]])),
        ("POST", "/checkout", &crawler),
        ("GET", "/", &crawler),
        ("POST", "/checkout", &scanner),
        ("GET", "/venditor-trap/x", &browser),
    ] {
        let mut headers = headers.clone();
        headers.as_array_mut().unwrap().push(json!(["cookie", cookie]));
        for _ in 0..12 {
            let question = json!({ "method": method, "url": url, "host": "shop.example", "client_address": "192.0.2.1", "headers": headers, "body": "account=a&sku=1" });
            let answer = told(&mut host, &question);
            contract.check("post", "/v1/screen", &answer, &mut met);
            let body: Value = serde_json::from_slice(&answer.body).unwrap();
            outcomes.insert(body["outcome"].as_str().unwrap_or_default().to_owned());
            // The visit goes on, and the next question says so.
            if let Some((_, set)) = answer.headers().find(|(name, _)| *name == "set-cookie") {
                set.split(';').next().unwrap().clone_into(&mut cookie);
            }
        }
    }
    let view =
        |headers: &Value| json!({ "method": "GET", "url": "/", "client_address": "192.0.2.1", "headers": headers });
    host.limits = Box::new(|_, _| Allowance::Limited);
    contract.check("post", "/v1/screen", &told(&mut host, &view(&browser)), &mut met);
    contract.check("post", "/v1/screen", &told(&mut host, &json!({ "method": 1 })), &mut met);
    let unread = json!({ "method": "GET", "url": "/", "client_address": "unknown" });
    contract.check("post", "/v1/screen", &told(&mut host, &unread), &mut met);
    let unknown = ask(&mut host, "POST", "/v1/screen", &[("content-type", "application/json")], "{}");
    contract.check("post", "/v1/screen", &unknown, &mut met);
    assert!(
        ["allow", "tag", "throttle", "challenge", "block"].iter().all(|one| outcomes.contains(*one)),
        "{outcomes:?}"
    );
}

#[test]
fn a_proxy_is_told_what_is_documented() {
    let (contract, mut host, mut met) = (Contract::read(), host(), Vec::new());
    for (method, uri, agent) in [
        ("GET", "/", CHROME),
        ("POST", "/cart/add", CHROME),
        ("POST", "/cart/add", "curl/8"),
        ("POST", "/checkout", "Mozilla/5.0 (compatible; Baiduspider/2.0; +http://www.baidu.com/search/spider.html)"),
        ("POST", "/checkout", "Mozilla/5.0 (compatible; Nmap Scripting Engine; https://nmap.org/book/nse.html)"),
    ] {
        let fields = [
            CALLER,
            ("x-original-method", method),
            ("x-original-uri", uri),
            ("x-original-host", "shop.example"),
            ("x-original-address", "192.0.2.1"),
            ("user-agent", agent),
            ("accept", "text/html"),
        ];
        let answer = ask(&mut host, "GET", "/v1/screen", &fields, "");
        contract.check("get", "/v1/screen", &answer, &mut met);
        if answer.status.as_u16() == 204 {
            continue;
        }
        // And its client's page, or its problem.
        let field = |wanted: &str| answer.headers().find(|(name, _)| *name == wanted).map_or("", |(_, value)| value);
        for accept in ["text/html", "application/json"] {
            let mut fields = fields.to_vec();
            fields.retain(|(name, _)| *name != "accept");
            fields.extend([("accept", accept), ("retry-after", field("retry-after"))]);
            fields.extend(["venditor-outcome", "venditor-bits", "venditor-reference"].map(|name| (name, field(name))));
            let page = ask(&mut host, "GET", "/v1/page", &fields, "");
            contract.check("get", "/v1/page", &page, &mut met);
        }
    }
    contract.check("get", "/v1/screen", &ask(&mut host, "GET", "/v1/screen", &[], ""), &mut met);
    contract.check("get", "/v1/screen", &ask(&mut host, "GET", "/v1/screen", &[CALLER], ""), &mut met);
    for wanted in ["204", "401", "403", "422"] {
        assert!(met.iter().any(|one| *one == format!("get /v1/screen: {wanted}")), "{wanted}: {met:?}");
    }
    for wanted in ["403", "429"] {
        assert!(met.iter().any(|one| *one == format!("get /v1/page: {wanted}")), "{wanted}: {met:?}");
    }
}

#[test]
fn answers_that_a_proxy_hands_on_hold_what_is_documented() {
    let (contract, mut host, mut met) = (Contract::read(), host(), Vec::new());
    let baidu = "Mozilla/5.0 (compatible; Baiduspider/2.0; +http://www.baidu.com/search/spider.html)";
    for (method, uri, agent) in
        [("GET", "/", CHROME), ("GET", "/", "curl/8"), ("POST", "/cart/add", "curl/8"), ("POST", "/api/orders", baidu)]
    {
        for accept in ["text/html", "application/json"] {
            let said =
                [CALLER, ("x-forwarded-method", method), ("x-forwarded-uri", uri), ("x-forwarded-for", "192.0.2.7")];
            let fields: Vec<_> = said.into_iter().chain([("user-agent", agent), ("accept", accept)]).collect();
            contract.check("get", "/v1/forward", &ask(&mut host, "GET", "/v1/forward", &fields, ""), &mut met);
        }
    }
    for fields in [&[][..], &[CALLER]] {
        contract.check("get", "/v1/forward", &ask(&mut host, "GET", "/v1/forward", fields, ""), &mut met);
    }
    for wanted in ["200", "401", "403", "422", "429"] {
        assert!(met.iter().any(|one| *one == format!("get /v1/forward: {wanted}")), "{wanted}: {met:?}");
    }
}

#[test]
fn answers_to_challenges_hold_what_is_documented() {
    let (contract, mut host, mut met) = (Contract::read(), host(), Vec::new());
    let asked = json!({ "method": "POST", "url": "/cart/add", "headers": [["user-agent", "curl/8"]] });
    let challenge = |host: &mut Native| {
        let body: Value = serde_json::from_slice(&told(host, &asked).body).unwrap();
        let (token, work) = (body["challenge"]["token"].as_str().unwrap().to_owned(), &body["challenge"]["work"]);
        let answer = solve(&token, u8::try_from(work["bits"].as_u64().unwrap()).unwrap() + 3);
        (token, answer)
    };
    let json = [("content-type", "application/json")];
    let form = [("content-type", "application/x-www-form-urlencoded"), ("accept", "text/html")];
    let (token, answer) = challenge(&mut host);
    for (body, status) in [
        (json!({ "token": token, "answer": "1" }), 422),
        (json!({ "token": token, "answer": "" }), 403),
        (json!({ "token": token, "answer": answer }), 200),
        (json!({ "token": token, "answer": answer }), 403),
    ] {
        let solved = ask(&mut host, "POST", "/.venditor/solve", &json, &body.to_string());
        assert_eq!(solved.status.as_u16(), status);
        contract.check("post", "/.venditor/solve", &solved, &mut met);
    }
    let (token, answer) = challenge(&mut host);
    for (answer, status) in [("", 403), (answer.as_str(), 303)] {
        let solved = ask(&mut host, "POST", "/.venditor/solve", &form, &format!("token={token}&answer={answer}"));
        assert_eq!(solved.status.as_u16(), status);
        contract.check("post", "/.venditor/solve", &solved, &mut met);
    }
    for accept in ["text/html", "application/json"] {
        let checked = ask(&mut host, "GET", "/.venditor/check", &[("accept", accept)], "");
        contract.check("get", "/.venditor/check", &checked, &mut met);
    }
    let script = ask(&mut host, "GET", "/.venditor/fetch.js", &[], "");
    contract.check("get", "/.venditor/fetch.js", &script, &mut met);
    let revoked = ask(&mut host, "POST", "/v1/passes/revoke", &[CALLER, json[0]], r#"{"pass":"00112233445566778899"}"#);
    assert_eq!(revoked.status.as_u16(), 204);
    contract.check("post", "/v1/passes/revoke", &revoked, &mut met);
    let wrong = ask(&mut host, "POST", "/v1/passes/revoke", &[CALLER, json[0]], r#"{"pass":"x"}"#);
    contract.check("post", "/v1/passes/revoke", &wrong, &mut met);
}
