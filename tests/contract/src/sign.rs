//! Signs a vector's request (RFC 9421) with a fixture's key, and spoils the signature where the vector says so.

use http::Method;
use serde::Deserialize;
use shared::http::{Head, Headers, Target};
use shared::http_signature;

use crate::fixtures::Fixtures;
use crate::vector::Request;
use crate::{Result, context};

/// How to sign; every default is right.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sign {
    /// The fixture's name of the key, which is its id.
    pub key: String,
    /// The id to send, if not that one.
    pub keyid: Option<String>,
    /// What to cover.
    pub components: Option<Vec<String>>,
    /// Milliseconds to add to the clock for `created`.
    #[serde(default)]
    pub created: i64,
    /// Milliseconds to add to the clock for `Date`.
    #[serde(default)]
    pub date: i64,
    /// What to spoil after signing.
    pub spoil: Option<Spoil>,
}

/// What is changed after signing.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Spoil {
    /// A bit of the signature.
    Signature,
    /// The body behind the digest.
    Body,
    /// `Date` is left out.
    Date,
    /// `Content-Digest` is left out.
    Digest,
    /// `Signature` is left out.
    Missing,
}

/// Adds the header fields to a request whose body is `body`.
pub fn sign(request: &mut Request, body: &mut Option<Vec<u8>>, fixtures: &dyn Fixtures, now: i64) -> Result<()> {
    let Some(how) = request.sign.take() else { return Ok(()) };
    let mut add = |name: &str, value: String| request.headers.push((name.to_owned(), value));
    if how.spoil != Some(Spoil::Date) {
        let at = u64::try_from(now + how.date).map_err(context("date"))?;
        add("date", httpdate::fmt_http_date(std::time::UNIX_EPOCH + std::time::Duration::from_millis(at)));
    }
    if let Some(body) = body.as_deref().filter(|_| how.spoil != Some(Spoil::Digest)) {
        add("content-digest", http_signature::content_digest(body));
    }
    let mut headers = Headers::default();
    for (name, value) in &request.headers {
        headers.push(&name.to_ascii_lowercase(), value);
    }
    let head = Head {
        method: Method::from_bytes(request.method.as_bytes()).map_err(context("method"))?,
        target: Target::new(&request.host, &request.target),
        ..Head::default()
    };
    let usual = || {
        let mut usual = vec!["@method", "@path"];
        usual.extend((!head.target.query.is_empty()).then_some("@query"));
        usual.extend(
            ["date", "content-digest", "idempotency-key"].into_iter().filter(|name| headers.get(name).is_some()),
        );
        usual.into_iter().map(str::to_owned).collect()
    };
    let components = how.components.unwrap_or_else(usual);
    let components: Vec<&str> = components.iter().map(String::as_str).collect();
    let keyid = how.keyid.as_deref().unwrap_or(&how.key);
    let message = head.message(&headers);
    let (input, mut signature) = fixtures
        .with_key(&how.key, &mut |key| http_signature::sign(message, &components, keyid, key, now + how.created))
        .ok_or_else(|| format!("no fixture has a key {:?}", how.key))?
        .map_err(context("sign"))?;
    match how.spoil {
        Some(Spoil::Signature) => {
            let at = signature.find(":").map_or(0, |colon| colon + 1);
            let other = if signature[at..].starts_with('A') { "B" } else { "A" };
            signature.replace_range(at..=at, other);
        }
        Some(Spoil::Body) => body.as_mut().map_or((), |body| body.push(b' ')),
        _ => {}
    }
    request.headers.push(("signature-input".to_owned(), input));
    if how.spoil != Some(Spoil::Missing) {
        request.headers.push(("signature".to_owned(), signature));
    }
    Ok(())
}
