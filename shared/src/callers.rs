//! Who calls, and what it may do: keys with ids, scopes and dates. A caller proves itself with an RFC 9421 signature over
//! the request, or, where no more than an upload depends on it, with a bearer key, of which only the digest is kept.
//!
//! A function says what its callers may do and how they prove themselves ([`Scope`]); its configuration names them
//! ([`Callers::parse`]); the command line writes that configuration from the same [`Entry`].

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::config::{ConfigError, optional, required};
use crate::http::{Head, Headers};
use crate::http_signature::{VerificationKey, Verified};
use crate::keyset::{is_kid, public_key};
use crate::mac::{MacKey, Secret};
use crate::platform::Variables;
use crate::problem::{Problem, text};
use crate::problem_kinds;

mod authority;
mod bearer;
mod entry;
mod idempotency;
mod signed;

pub use authority::authorities;
pub use bearer::token_digest;
pub use entry::{Algorithm, Entry};
pub use idempotency::{idempotency_key, is_idempotency_key};
pub use signed::components;

problem_kinds! {
    /// Nothing that proves who calls.
    UNAUTHENTICATED = UNAUTHORIZED "unauthenticated", "未通过身份验证", "Not authenticated";
    /// The caller may not do this.
    FORBIDDEN_SCOPE = FORBIDDEN "forbidden-scope", "无权执行", "Not allowed";
    /// `Idempotency-Key` is missing or malformed.
    IDEMPOTENCY_KEY = BAD_REQUEST "idempotency-key", "缺少幂等键", "Idempotency-Key needed";
}

/// What callers of a function may do; its names in configuration are serde's.
pub trait Scope: Copy + Eq + Serialize + DeserializeOwned + 'static {
    /// Every scope that there is.
    const ALL: &'static [Self];
    /// How this function's callers may prove themselves. Where money moves: by signature alone.
    const ALGORITHMS: &'static [Algorithm];
    /// What is protected (RFC 9110 §11.5), usually the function's name.
    const REALM: &'static str;

    /// Whether what it allows is of a merchant each time, so that a key can be confined to some.
    fn is_of_merchants(self) -> bool {
        false
    }

    /// Its name in configuration.
    fn name(self) -> String {
        serde_json::to_value(self).ok().and_then(|name| name.as_str().map(str::to_owned)).unwrap_or_default()
    }

    /// The scope of a name.
    fn of(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|scope| scope.name() == name)
    }
}

/// The callers that are known. Configured as a JSON array of [`Entry`].
pub struct Callers<S> {
    keys: Vec<Key<S>>,
    /// If there are any: signatures cover `@authority`, and it is one of these.
    authorities: Vec<String>,
}

struct Key<S> {
    caller: String,
    kid: String,
    credential: Credential,
    scopes: Vec<S>,
    merchants: Option<Vec<String>>,
    not_before: i64,
    not_after: i64,
}

enum Credential {
    Signature(VerificationKey),
    /// The SHA-256 digest of a bearer key.
    Bearer(Secret),
}

/// A request to authenticate.
#[derive(Clone, Copy)]
pub struct Asked<'a> {
    /// Method and target.
    pub head: &'a Head,
    /// All header fields.
    pub headers: &'a Headers,
    /// The body, if there is one: its digest must be signed.
    pub body: Option<&'a [u8]>,
    /// A further field that must be signed, such as `idempotency-key`.
    pub covered: Option<&'static str>,
}

/// A caller that proved itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller<'c> {
    /// Who it is, whatever its key.
    pub name: &'c str,
    /// The key's id.
    pub kid: &'c str,
    /// What was verified of a signature (its nonce, say); nothing of a bearer key.
    pub signature: Option<Verified<()>>,
    /// The merchants whose matters alone it may touch; `None`: all.
    pub merchants: Option<&'c [String]>,
}

impl Caller<'_> {
    /// Whether it may touch the matters of a merchant.
    pub fn may_touch(&self, merchant: &str) -> bool {
        self.merchants.is_none_or(|own| own.iter().any(|known| known == merchant))
    }
}

impl<S: Scope> Callers<S> {
    /// Reads the configuration.
    ///
    /// # Errors
    /// Which entry is at fault, from 1, and how; never what it holds.
    pub fn parse(json: &str) -> Result<Callers<S>, String> {
        let entries: Vec<Entry<S>> = serde_json::from_str(json)
            .map_err(|e| format!("JSON array of keys; line {}, column {}", e.line(), e.column()))?;
        let mut keys: Vec<Key<S>> = Vec::new();
        for (place, entry) in (1usize..).zip(entries) {
            if !is_kid(&entry.caller) || !is_kid(&entry.kid) || keys.iter().any(|known| known.kid == entry.kid) {
                return Err(format!("entry {place}: caller and kid are names, and a kid occurs once"));
            }
            let algorithm = entry.algorithm().filter(|algorithm| S::ALGORITHMS.contains(algorithm));
            let Some(algorithm) = algorithm else {
                let known: Vec<&str> = S::ALGORITHMS.iter().map(|algorithm| algorithm.name()).collect();
                return Err(format!("entry {place}: alg is {}", known.join(" or ")));
            };
            let secret = || Secret::from_base64url(&entry.key).ok();
            let credential = match algorithm {
                Algorithm::Ed25519 => {
                    public_key(&entry.key).map(|key| Credential::Signature(VerificationKey::Ed25519(key)))
                }
                Algorithm::HmacSha256 => {
                    secret().map(|secret| Credential::Signature(VerificationKey::HmacSha256(MacKey::new(&secret))))
                }
                Algorithm::BearerSha256 => secret().map(Credential::Bearer),
            };
            if entry.merchants.is_some() && !entry.scopes.iter().all(|scope| scope.is_of_merchants()) {
                return Err(format!("entry {place}: its scopes are of all merchants, and cannot be confined to some"));
            }
            keys.push(Key {
                credential: credential.ok_or_else(|| format!("entry {place}: key is 32 bytes in base64url"))?,
                caller: entry.caller,
                kid: entry.kid,
                scopes: entry.scopes,
                merchants: entry.merchants,
                not_before: entry.not_before.unwrap_or(i64::MIN),
                not_after: entry.not_after.unwrap_or(i64::MAX),
            });
        }
        if keys.is_empty() { Err("at least one key".to_owned()) } else { Ok(Callers { keys, authorities: Vec::new() }) }
    }

    /// Reads the callers of a function, and where it is reached ([`Callers::at`]), from two variables, the second of which
    /// may be absent.
    ///
    /// # Errors
    /// The first key at fault.
    pub async fn read(
        variables: &impl Variables,
        callers: &'static str,
        reached: &'static str,
    ) -> Result<Callers<S>, ConfigError> {
        let known = Callers::parse(&required(variables, callers).await?);
        let known = known.map_err(|why| ConfigError::malformed(callers, why))?;
        let authorities = match optional(variables, reached).await? {
            Some(list) => authorities(&list).map_err(|why| ConfigError::malformed(reached, why))?,
            None => Vec::new(),
        };
        Ok(known.at(authorities))
    }

    /// Requires that signatures cover `@authority`, and that it is one of these ([`authorities`] reads them): a request
    /// that was made for one deployment then cannot be replayed at another that knows the same callers. An empty list
    /// requires nothing.
    pub fn at(mut self, authorities: Vec<String>) -> Callers<S> {
        self.authorities = authorities;
        self
    }

    /// Who calls, if that caller has the scope. A signature covers method, path, date, a query, a body's digest and
    /// whatever else [`Asked`] and [`Callers::at`] say.
    ///
    /// # Errors
    /// `401`; `403` for a caller without the scope; `400` for an `Authorization` that cannot be read.
    pub fn authenticate(&self, asked: Asked<'_>, scope: S, now_ms: i64) -> Result<Caller<'_>, Problem> {
        self.authenticate_any(asked, &[scope], now_ms)
    }

    /// Who calls, if that caller has one of the scopes: which of them it has, [`Callers::may`] says.
    ///
    /// # Errors
    /// As [`Callers::authenticate`].
    pub fn authenticate_any(&self, asked: Asked<'_>, scopes: &[S], now_ms: i64) -> Result<Caller<'_>, Problem> {
        let bearers = S::ALGORITHMS.contains(&Algorithm::BearerSha256);
        let signs = S::ALGORITHMS.iter().any(|algorithm| *algorithm != Algorithm::BearerSha256);
        if bearers && (!signs || asked.headers.get("authorization").is_some()) {
            return self.bearer(asked.headers, scopes, now_ms);
        }
        let signed = self.signed(asked, now_ms);
        let (key, signature) = if bearers { signed.map_err(bearer::challenge::<S>)? } else { signed? };
        if !scopes.iter().any(|scope| key.scopes.contains(scope)) {
            return Err(forbidden());
        }
        Ok(Caller { name: &key.caller, kid: &key.kid, signature: Some(signature), merchants: key.merchants.as_deref() })
    }

    /// Whether the key of a caller that proved itself has a scope.
    pub fn may(&self, caller: &Caller<'_>, scope: S) -> bool {
        self.keys.iter().any(|key| key.kid == caller.kid && key.scopes.contains(&scope))
    }
}

impl<S> Key<S> {
    fn is_live(&self, now_ms: i64) -> bool {
        (self.not_before..=self.not_after).contains(&now_ms)
    }
}

/// The answer to a caller without the scope.
pub fn forbidden() -> Problem {
    Problem::new(&FORBIDDEN_SCOPE, text("此密钥无权执行该操作。", "This key may not do that."))
}

#[cfg(test)]
mod tests;
