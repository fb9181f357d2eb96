//! Bearer keys (RFC 6750): sent with each request, kept as a digest. Such a key is 32 bytes from a cryptographic source,
//! so a plain digest of it cannot be guessed at.

use sha2::{Digest as _, Sha256};

use super::{Caller, Callers, Credential, Scope, UNAUTHENTICATED, forbidden};
use crate::http::Headers;
use crate::http_signature::SignatureError;
use crate::mac::{self, Secret};
use crate::problem::{BAD_REQUEST, Problem, text};

/// The longest key that is looked at, in bytes.
const MAX_TOKEN: usize = 1024;

/// What configuration holds of a bearer key: the SHA-256 digest of the key as it is sent.
pub fn token_digest(token: &str) -> Secret {
    Secret::new(Sha256::digest(token).into())
}

impl<S: Scope> Callers<S> {
    pub(super) fn bearer(&self, headers: &Headers, scopes: &[S], now_ms: i64) -> Result<Caller<'_>, Problem> {
        let Some(sent) = headers.combined("authorization") else {
            let detail = text("缺少访问密钥。", "The bearer key is missing.");
            let problem = Problem::new(&UNAUTHENTICATED, detail.clone()).field(FIELD, "bearer-missing", detail);
            return Err(challenge::<S>(problem));
        };
        let token = token(&sent).ok_or_else(malformed::<S>)?;
        let digest = token_digest(token);
        // Every key is compared, each in constant time: how long it takes says nothing about which.
        let mut found = None;
        for key in &self.keys {
            if let Credential::Bearer(known) = &key.credential
                && mac::equal(known.expose(), digest.expose())
            {
                found = Some(key);
            }
        }
        let Some(key) = found.filter(|key| key.is_live(now_ms)) else {
            let detail = text("没有这个密钥，或它不在有效期内。", "No such key, or it is not valid now.");
            let problem = Problem::new(&UNAUTHENTICATED, detail.clone()).field(FIELD, "bearer-unknown", detail);
            return Err(problem.header(CHALLENGE, format!("Bearer realm=\"{}\", error=\"invalid_token\"", S::REALM)));
        };
        if !scopes.iter().any(|scope| key.scopes.contains(scope)) {
            let (realm, scope) = (S::REALM, scopes.iter().map(|scope| scope.name()).collect::<Vec<_>>().join(" "));
            let value = format!("Bearer realm=\"{realm}\", error=\"insufficient_scope\", scope=\"{scope}\"");
            return Err(forbidden().header(CHALLENGE, value));
        }
        Ok(Caller { name: &key.caller, kid: &key.kid, signature: None, merchants: key.merchants.as_deref() })
    }
}

const FIELD: &str = "/header/authorization";
const CHALLENGE: &str = "www-authenticate";

/// Adds the challenge for a bearer key: without an error code, since no key was sent (RFC 6750 §3.1). Where no signature
/// was sent either, the words name both.
pub(super) fn challenge<S: Scope>(mut problem: Problem) -> Problem {
    for error in problem.errors.iter_mut().filter(|error| error.code == SignatureError::Missing.code()) {
        error.detail = text(
            "缺少 Bearer 密钥（Authorization 头）或 RFC 9421 签名。",
            "A bearer key (in Authorization) or an RFC 9421 signature is missing.",
        );
        problem.detail = error.detail.clone();
    }
    problem.header(CHALLENGE, format!("Bearer realm=\"{}\"", S::REALM))
}

fn malformed<S: Scope>() -> Problem {
    let detail = text("Authorization 应为 Bearer 加一个密钥。", "Authorization is Bearer and one key.");
    Problem::new(&BAD_REQUEST, detail.clone())
        .field(FIELD, "bearer-malformed", detail)
        .header(CHALLENGE, format!("Bearer realm=\"{}\", error=\"invalid_request\"", S::REALM))
}

/// RFC 6750 §2.1: the scheme, in any case, and one `b64token`.
fn token(sent: &str) -> Option<&str> {
    let (scheme, token) = sent.trim().split_once(' ')?;
    let token = token.trim_start_matches(' ');
    let body = token.trim_end_matches('=');
    let fits = |b: u8| b.is_ascii_alphanumeric() || b"-._~+/".contains(&b);
    let good = !body.is_empty() && token.len() <= MAX_TOKEN && body.bytes().all(fits);
    (scheme.eq_ignore_ascii_case("bearer") && good).then_some(token)
}
