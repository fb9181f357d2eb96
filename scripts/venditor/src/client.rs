//! Signed requests to `instant-refund`, as its callers make them: RFC 9421 under a key of the key directory.

use std::path::PathBuf;
use std::time::{Duration, UNIX_EPOCH};

use anyhow::{Context as _, Result, anyhow, bail, ensure};
use clap::Args;
use instant_refund::auth::Scope;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use shared::callers::{Algorithm, Asked, Scope as _, components};
use shared::http::{Head, Headers, Target};
use shared::http_signature::{self, SignatureKey};
use shared::mac::MacKey;
use shared::origin::Origin;

use crate::keys::callers;
use crate::keys::dir::{KeyDir, Kind};
use crate::{files, out};

/// The longest answer, in bytes: a page of the ledger is some 150 KB.
const MAX_ANSWER: u64 = 4 * 1024 * 1024;

/// Where the function is and who calls.
#[derive(Args)]
pub struct Caller {
    /// Where the function is, `https://host[:port]`; without it, the development host that runs on this machine.
    #[arg(long, global = true)]
    pub url: Option<String>,
    /// The caller's key, if there is more than one.
    #[arg(long, global = true)]
    caller_kid: Option<String>,
    /// Where the running development host says how to reach it.
    #[arg(long, global = true, default_value = ".venditor/dev.json")]
    dev: PathBuf,
}

/// What is asked.
#[derive(Default)]
pub struct Ask<'a> {
    pub method: http::Method,
    /// Path and, behind `?`, query.
    pub target: &'a str,
    pub body: Option<&'a [u8]>,
    pub idempotency_key: Option<&'a str>,
    pub language: Option<&'a str>,
}

/// What came back.
pub struct Answer {
    pub status: u16,
    pub text: String,
}

impl Answer {
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The body, if it is JSON.
    pub fn json(&self) -> Option<Value> {
        serde_json::from_str(&self.text).ok()
    }
}

/// What asks a function: of one place, through nobody, and whatever the status is, the answer is wanted.
pub fn agent(within: Duration) -> ureq::Agent {
    ureq::Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0) // a signature, or a key, is for one place
        .timeout_global(Some(within))
        .proxy(None)
        .build()
        .into()
}

/// A caller, ready to ask.
pub struct Client {
    origin: Origin,
    kid: String,
    key: Key,
    agent: ureq::Agent,
}

enum Key {
    Hmac(MacKey),
    Ed25519(Box<ed25519_dalek::SigningKey>),
    /// As it is sent.
    Bearer(String),
}

/// The part of `dev.json` that both hosts write alike.
#[derive(Deserialize)]
struct Dev {
    url: String,
}

impl Client {
    /// Picks place and key. A key without the scope is refused here, where the remedy can be named.
    pub fn new(caller: &Caller, keys: &KeyDir, scope: Scope) -> Result<Client> {
        Client::new_any(caller, keys, &[scope])
    }

    /// The same, with a key that has one of these scopes.
    pub fn new_any(caller: &Caller, keys: &KeyDir, scopes: &[Scope]) -> Result<Client> {
        let url = match &caller.url {
            Some(url) => url.clone(),
            None => {
                let dev: Result<Dev> = files::read_json(&caller.dev);
                dev.context("no --url, and is the development host running? scripts/dev starts it")?.url
            }
        };
        let chosen = callers::choose(keys, caller.caller_kid.as_deref(), out::now_ms())?;
        ensure!(
            scopes.iter().any(|scope| chosen.scopes.contains(scope)),
            "--caller-kid {}: may not do that; a key with the scope {} may",
            chosen.kid,
            scopes.iter().map(|scope| scope.name()).collect::<Vec<_>>().join(" or ")
        );
        let key = match chosen.alg {
            Algorithm::HmacSha256 => Key::Hmac(MacKey::new(&keys.secret(Kind::Caller, &chosen.kid)?)),
            Algorithm::Ed25519 => Key::Ed25519(Box::new(keys.signing_key(Kind::Caller, &chosen.kid)?)),
            Algorithm::BearerSha256 => Key::Bearer(callers::token(keys, &chosen.kid)?),
        };
        let agent = agent(Duration::from_secs(60));
        // What is asked and answered is a buyer's own affair: never in the clear to another machine.
        let origin = Origin::parse(url.strip_suffix('/').unwrap_or(&url));
        let origin = origin.map_err(|wanted| anyhow!("--url {url}: takes {wanted}"))?;
        Ok(Client { origin, kid: chosen.kid, key, agent })
    }

    /// Asks for all pages of a list, whose `next` leads to the next one.
    pub fn pages<P: DeserializeOwned>(&self, path: &str, next: impl Fn(&P) -> Option<&str>) -> Result<Vec<P>> {
        let (mut pages, mut after): (Vec<P>, Option<String>) = (Vec::new(), None);
        loop {
            let and = if path.contains('?') { '&' } else { '?' };
            let query = after.as_deref().map_or(String::new(), |after| format!("{and}after={}", escaped(after)));
            let target = format!("{path}{query}");
            let answer = self.ask(&Ask { method: http::Method::GET, target: &target, ..Ask::default() })?;
            if !answer.is_success() {
                let text: String = answer.text.chars().take(500).collect();
                bail!("{target}: HTTP {} {text}", answer.status);
            }
            let page: P = serde_json::from_str(&answer.text).with_context(|| target.clone())?;
            let leads_to = next(&page).map(str::to_owned);
            pages.push(page);
            let Some(next) = leads_to else { return Ok(pages) };
            // A place that comes again would never end.
            ensure!(after.as_ref() != Some(&next), "{target}: leads to itself");
            after = Some(next);
        }
    }

    /// Asks once. Whatever the function answers is an answer; an error is that there was none.
    pub fn ask(&self, ask: &Ask<'_>) -> Result<Answer> {
        let url = format!("{}{}", self.origin, ask.target);
        let now = out::now_ms();
        let date = httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_millis(now.unsigned_abs()));
        let head = Head {
            method: ask.method.clone(),
            target: Target::new(&self.origin.authority(), ask.target),
            ..Head::default()
        };
        let mut headers = Headers::default();
        headers.push("date", &date);
        if let Some(body) = ask.body {
            headers.push("content-digest", &http_signature::content_digest(body));
        }
        if let Some(key) = ask.idempotency_key {
            headers.push("idempotency-key", &format!("\"{key}\""));
        }
        // What a function may want, and where the request is for, whether this deployment wants to know or not.
        let covered = ask.idempotency_key.map(|_| "idempotency-key");
        let covered = components(Asked { head: &head, headers: &headers, body: ask.body, covered }, true);
        let sign = |key| -> Result<Vec<(&str, String)>> {
            let signed = http_signature::sign(head.message(&headers), &covered, &self.kid, &key, now);
            let (input, signature) = signed.map_err(|e| anyhow!("signing the request: {e}"))?;
            Ok(vec![("signature-input", input), ("signature", signature)])
        };
        let proof = match &self.key {
            Key::Hmac(key) => sign(SignatureKey::HmacSha256(key))?,
            Key::Ed25519(key) => sign(SignatureKey::Ed25519(key))?,
            Key::Bearer(token) => vec![("authorization", format!("Bearer {token}"))],
        };
        for (name, value) in &proof {
            headers.push(name, value);
        }
        headers.push("accept", "application/json");
        if let Some(language) = ask.language {
            headers.push("accept-language", language);
        }
        if ask.body.is_some() {
            headers.push("content-type", "application/json");
        }
        let mut request = http::Request::builder().method(ask.method.clone()).uri(&url);
        for (name, value) in headers.iter() {
            request = request.header(name, value);
        }
        let sent = match (ask.body, &ask.method) {
            (None, &http::Method::GET) => self.agent.run(request.body(())?),
            (body, _) => self.agent.run(request.body(body.unwrap_or_default())?),
        };
        let mut response = sent.with_context(|| url.clone())?;
        let text = response.body_mut().with_config().limit(MAX_ANSWER).read_to_string().with_context(|| url.clone())?;
        Ok(Answer { status: response.status().as_u16(), text })
    }
}

/// For a query: whatever could mean something else there.
pub fn escaped(text: &str) -> String {
    let plain = |b: &u8| b.is_ascii_alphanumeric() || b"-._~/:".contains(b);
    text.bytes().map(|b| if plain(&b) { char::from(b).to_string() } else { format!("%{b:02X}") }).collect()
}
