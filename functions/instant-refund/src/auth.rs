//! Who may call: RFC 9421 signatures under keys with ids, scopes and dates.

use serde::Deserialize;
use shared::http::{Head, Headers};
use shared::http_signature::{self, SignatureError, VerificationKey};
use shared::keyset::{is_kid, public_key};
use shared::mac::{MacKey, Secret};
use shared::problem::{Problem, text};

use crate::problems::{FORBIDDEN_SCOPE, UNAUTHENTICATED};

/// What a caller may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Ask for refunds and quotes, and read them.
    Refunds,
    /// Tell events.
    Events,
    /// Resume, sweep, export the ledger.
    Operations,
}

/// The callers that are known. Configured as a JSON array of objects: `caller` (who it is, whatever its key), `kid`,
/// `alg` (`ed25519` with the public key, `hmac-sha256` with the secret; 32 bytes each), `key` (base64url), `scopes`,
/// and, if wanted, `not_before` and `not_after` (milliseconds since the epoch).
pub struct Callers {
    keys: Vec<CallerKey>,
}

struct CallerKey {
    caller: String,
    kid: String,
    key: VerificationKey,
    scopes: Vec<Scope>,
    not_before: i64,
    not_after: i64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    caller: String,
    kid: String,
    alg: String,
    key: String,
    scopes: Vec<Scope>,
    #[serde(default)]
    not_before: Option<i64>,
    #[serde(default)]
    not_after: Option<i64>,
}

impl Callers {
    /// Reads the configuration.
    ///
    /// # Errors
    /// Which entry is at fault, from 1, and how; never what it holds.
    pub fn parse(json: &str) -> Result<Callers, String> {
        let entries: Vec<Entry> = serde_json::from_str(json)
            .map_err(|e| format!("JSON array of keys; line {}, column {}", e.line(), e.column()))?;
        let mut keys: Vec<CallerKey> = Vec::new();
        for (place, entry) in (1usize..).zip(entries) {
            if !is_kid(&entry.caller) || !is_kid(&entry.kid) || keys.iter().any(|known| known.kid == entry.kid) {
                return Err(format!("entry {place}: caller and kid are names, and a kid occurs once"));
            }
            let key = match entry.alg.as_str() {
                "ed25519" => public_key(&entry.key).map(VerificationKey::Ed25519),
                "hmac-sha256" => Secret::from_base64url(&entry.key)
                    .ok()
                    .map(|secret| VerificationKey::HmacSha256(MacKey::new(&secret))),
                _ => return Err(format!("entry {place}: alg is ed25519 or hmac-sha256")),
            };
            keys.push(CallerKey {
                caller: entry.caller,
                kid: entry.kid,
                key: key.ok_or_else(|| format!("entry {place}: key is 32 bytes in base64url"))?,
                scopes: entry.scopes,
                not_before: entry.not_before.unwrap_or(i64::MIN),
                not_after: entry.not_after.unwrap_or(i64::MAX),
            });
        }
        if keys.is_empty() { Err("at least one key".to_owned()) } else { Ok(Callers { keys }) }
    }

    /// Who signed the request, if whoever it is may do this. `covered` must be covered besides method, path, date and,
    /// if there is one, the query; a body's digest is covered too, and is the body's.
    ///
    /// # Errors
    /// `401`, or `403` for a caller without the scope.
    pub fn authenticate(
        &self,
        head: &Head,
        headers: &Headers,
        body: Option<&[u8]>,
        scope: Scope,
        covered: Option<&'static str>,
        now: i64,
    ) -> Result<&str, Problem> {
        let mut required = vec!["@method", "@path", "date"];
        required.extend(body.map(|_| "content-digest"));
        required.extend((!head.target.query.is_empty()).then_some("@query"));
        required.extend(covered);
        let wanted = required.iter().map(|name| format!("\"{name}\"")).collect::<Vec<_>>().join(" ");
        let refused = |error| refused(error, &wanted);
        let find = |kid: &str| {
            let key = self.keys.iter().find(|key| key.kid == kid)?;
            (key.not_before..=key.not_after).contains(&now).then_some((&key.key, key))
        };
        let message = head.message(headers);
        let found = http_signature::verify(message, &required, find, now).map_err(refused)?;
        http_signature::check_date(headers, now).map_err(refused)?;
        if let Some(body) = body {
            http_signature::check_digest(headers, body).map_err(refused)?;
        }
        if !found.scopes.contains(&scope) {
            let detail = text("此密钥无权执行该操作。", "This key may not do that.");
            return Err(Problem::new(&FORBIDDEN_SCOPE, detail));
        }
        Ok(&found.caller)
    }
}

fn refused(error: SignatureError, wanted: &str) -> Problem {
    let (zh, en) = match error {
        SignatureError::Missing => ("缺少 RFC 9421 签名。", "The RFC 9421 signature is missing."),
        SignatureError::Malformed | SignatureError::Unsupported => {
            ("签名的形式不受支持。", "The signature's form is not supported.")
        }
        SignatureError::NotCovered(_) | SignatureError::FieldMissing => {
            ("签名没有覆盖必须覆盖的部分。", "The signature does not cover what it must.")
        }
        SignatureError::UnknownKey => ("没有这个密钥，或它不在有效期内。", "No such key, or it is not valid now."),
        SignatureError::Wrong => ("签名不符。", "The signature does not verify."),
        SignatureError::Stale => ("签名已过时效。", "The signature is too old."),
        SignatureError::Early => ("签名时间在未来。", "The signature was made in the future."),
        SignatureError::DigestMissing => {
            ("缺少 SHA-256 的 Content-Digest。", "Content-Digest with sha-256 is missing.")
        }
        SignatureError::DigestWrong => ("Content-Digest 与请求内容不符。", "Content-Digest is not the body's."),
        SignatureError::DateMissing => ("缺少 Date，或格式不对。", "Date is missing or malformed."),
        SignatureError::DateSkew => {
            ("Date 与服务器时间相差超过 300 秒。", "Date is more than 300 seconds from our clock.")
        }
    };
    let (pointer, subject) = match error {
        SignatureError::DigestMissing | SignatureError::DigestWrong => ("/header/content-digest", None),
        SignatureError::DateMissing | SignatureError::DateSkew => ("/header/date", None),
        SignatureError::NotCovered(component) => ("/header/signature-input", Some(component)),
        _ => ("/header/signature", None),
    };
    let detail = match subject {
        Some(component) => text(format!("{zh}（{component}）"), format!("{en} ({component})")),
        None => text(zh, en),
    };
    Problem::new(&UNAUTHENTICATED, detail.clone())
        .field(pointer, error.code(), detail)
        // RFC 9421 §5.1 says what we want to see; a client may sign it at once.
        .header("accept-signature", format!("sig1=({wanted});created;keyid"))
}
