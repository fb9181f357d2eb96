//! Signatures (RFC 9421) of callers: what they must cover, and what is said of one that is not believed.

use super::{Asked, Callers, Credential, Key, Scope, UNAUTHENTICATED};
use crate::http_signature::{self, Profile, SignatureError, Verified};
use crate::problem::{Problem, text};

/// What a request's signature must cover. With `authority` also the host that it is for: our own signers
/// always do so.
pub fn components(asked: Asked<'_>, authority: bool) -> Vec<&'static str> {
    let mut required = vec!["@method", "@path", "date"];
    required.extend(asked.body.map(|_| "content-digest"));
    required.extend((!asked.head.target.query.is_empty()).then_some("@query"));
    required.extend(asked.covered);
    required.extend(authority.then_some("@authority"));
    required
}

impl<S: Scope> Callers<S> {
    pub(super) fn signed(&self, asked: Asked<'_>, now_ms: i64) -> Result<(&Key<S>, Verified<()>), Problem> {
        let profile = Profile::of(&components(asked, !self.authorities.is_empty()));
        let refused = |error| refused(error, &profile);
        let find = |kid: &str| {
            let key = self.keys.iter().find(|key| key.kid == kid && key.is_live(now_ms))?;
            match &key.credential {
                Credential::Signature(verification) => Some((verification, key)),
                Credential::Bearer(_) => None,
            }
        };
        let message = asked.head.message(asked.headers);
        let found = http_signature::verify(message, &profile, find, now_ms).map_err(refused)?;
        if !self.authorities.is_empty() && !self.authorities.contains(&asked.head.target.host) {
            return Err(elsewhere(&profile));
        }
        http_signature::check_date(asked.headers, now_ms).map_err(refused)?;
        if let Some(body) = asked.body {
            http_signature::check_digest(asked.headers, body).map_err(refused)?;
        }
        let Verified { label, keyid, algorithm, created_ms, expires_ms, nonce, tag, covered, key } = found;
        Ok((key, Verified { label, keyid, algorithm, created_ms, expires_ms, nonce, tag, covered, key: () }))
    }
}

/// Signed, and for somebody else.
fn elsewhere(profile: &Profile) -> Problem {
    let detail = text("签名所指的主机不是本部署。", "The signature is for a host that this deployment is not.");
    unauthenticated(profile, "/header/host", "authority-not-ours", detail)
}

fn unauthenticated(profile: &Profile, pointer: &str, code: &'static str, detail: crate::lang::Text) -> Problem {
    Problem::new(&UNAUTHENTICATED, detail.clone())
        .field(pointer, code, detail)
        // RFC 9421 §5.1 says what we want to see; a client may sign it at once.
        .header("accept-signature", profile.accept_signature())
}

fn refused(error: SignatureError, profile: &Profile) -> Problem {
    let (zh, en) = match error {
        SignatureError::Missing => ("缺少 RFC 9421 签名。", "The RFC 9421 signature is missing."),
        SignatureError::Malformed | SignatureError::Unsupported => {
            ("签名的形式不受支持。", "The signature's form is not supported.")
        }
        SignatureError::NotCovered(_) | SignatureError::FieldMissing => {
            ("签名没有覆盖必须覆盖的部分。", "The signature does not cover what it must.")
        }
        SignatureError::ParameterMissing(_) => {
            ("签名缺少必需的参数。", "The signature lacks a parameter that it must have.")
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
        SignatureError::NotCovered(component) => ("/header/signature-input", Some(component.to_string())),
        SignatureError::ParameterMissing(name) => ("/header/signature-input", Some(name.to_owned())),
        _ => ("/header/signature", None),
    };
    let detail = match subject {
        Some(subject) => text(format!("{zh}（{subject}）"), format!("{en} ({subject})")),
        None => text(zh, en),
    };
    unauthenticated(profile, pointer, error.code(), detail)
}
