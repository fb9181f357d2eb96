//! Web Bot Auth (RFC 9421 with draft-ietf-webbotauth-httpsig-protocol): who signed a request, by the keys of the pack.
//!
//! **Deliberately absent: fetching.** `Signature-Agent` is a stranger's URL; its directory is read by `venditor bots
//! refresh`, beforehand, for those whom the operator has listed. Whoever is not listed has shown nothing, and whose
//! signature is wrong is judged as if there were none: a proxy on the way may have changed what it covers.

use sfv::{Dictionary, Item, ListEntry, Parser};
use sha2::{Digest as _, Sha256};
use shared::agents::Agent;
use shared::hex;
use shared::http::Headers;
use shared::http_signature::{
    Algorithm, Component, Extent, Message, Presence, Profile, Requirement, VerificationKey, claims, verify,
};
use shared::jwk;
use shared::policy::Map;

use crate::request::Request;

/// The field that names the signer.
const SIGNATURE_AGENT: &str = "signature-agent";
/// The tag of such signatures.
const TAG: &str = "web-bot-auth";
/// The longest time from `created` to `expires`, and the longest since `created`, in milliseconds: the draft's own
/// advice is at most a day.
const LONGEST_MS: i64 = 86_400_000;

static WHERE_TO: [Component; 2] = [Component::plain("@authority"), Component::plain("@target-uri")];

/// What a signature comes to.
#[derive(Clone, Debug)]
pub enum Signed<'p> {
    /// It is a signer's of the pack.
    By(Proof<'p>),
    /// No key of the pack has its id.
    Unknown,
    /// It is not what it should be.
    Refused(&'static str),
    /// It was used before, or cannot be told from one that was, for something that it can buy once.
    Replayed(Proof<'p>),
}

/// Who signed a request.
#[derive(Clone, Debug)]
pub struct Proof<'p> {
    /// The code of the signer.
    pub signer: &'p str,
    /// The thumbprint of the key.
    pub key: String,
    /// The names of agents that the key proves.
    agents: Map<'p>,
    /// What can be used once, as a number of hex digits; none without a nonce.
    pub once: Option<String>,
    /// Until when it is good, milliseconds since the epoch.
    pub until_ms: i64,
}

impl Signed<'_> {
    /// Its name in rules and answers.
    pub const fn name(&self) -> &'static str {
        match self {
            Signed::By(_) => "verified",
            Signed::Unknown => "unknown",
            Signed::Refused(_) => "refused",
            Signed::Replayed(_) => "replayed",
        }
    }

    /// Why it is not believed: a stable name, in kebab case.
    pub const fn reason(&self) -> Option<&'static str> {
        match self {
            Signed::Refused(reason) => Some(*reason),
            _ => None,
        }
    }

    /// Who signed, if that is known and counts.
    pub const fn proof(&self) -> Option<&Proof<'_>> {
        match self {
            Signed::By(proof) => Some(proof),
            _ => None,
        }
    }
}

impl Proof<'_> {
    /// Whether it proves the name that an agent has given itself.
    pub fn proves(&self, agent: Agent) -> bool {
        self.agents.lines(&format!("agents/{}", self.signer)).any(|name| !name.is_empty() && name == agent.name)
    }
}

/// A key of the pack.
struct Known<'p> {
    id: String,
    key: VerificationKey,
    signer: &'p str,
}

/// Who signed a request; nothing if it has no signature of this kind.
pub fn signed<'p>(request: &Request, signers: Map<'p>, now_ms: i64) -> Option<Signed<'p>> {
    // Nearly always.
    request.headers.get("signature-input").filter(|input| input.contains(TAG))?;
    let profile = profile();
    let claims = match claims(&request.headers, &profile) {
        Ok(claims) if claims.is_empty() => return None,
        Ok(claims) => claims,
        Err(error) => return Some(Signed::Refused(error.code())),
    };
    let known: Vec<Known<'p>> = claims.into_iter().filter_map(|claim| key(signers, claim.keyid?, now_ms)).collect();
    if known.is_empty() {
        return Some(Signed::Unknown);
    }
    let find = |id: &str| known.iter().find(|known| known.id == id).map(|known| (&known.key, known.signer));
    let (path, query) = request.target.split_once('?').unwrap_or((&request.target, ""));
    let message = Message {
        method: &request.method_as_sent,
        scheme: "https",
        authority: &request.authority,
        path,
        query,
        headers: &request.headers,
    };
    let verified = match verify(message, &profile, find, now_ms) {
        Ok(verified) => verified,
        Err(error) => return Some(Signed::Refused(error.code())),
    };
    let site = signers.text(&format!("site/{}", verified.key)).unwrap_or_default();
    if !names(&request.headers, &verified.covered, site) {
        return Some(Signed::Refused("signature-agent-differs"));
    }
    // Labels are not signed: what is used once is known by what is.
    let once = |nonce: &String| hex::hex(&Sha256::digest([&verified.keyid, "\n", nonce.as_str()].concat()));
    let created_until = verified.created_ms.saturating_add(LONGEST_MS);
    Some(Signed::By(Proof {
        signer: verified.key,
        once: verified.nonce.as_ref().filter(|nonce| !nonce.is_empty()).map(once),
        until_ms: verified.expires_ms.unwrap_or(created_until),
        key: verified.keyid,
        agents: signers,
    }))
}

/// As the draft has it, section 4.2: which site is asked, by whom, and until when.
fn profile() -> Profile {
    Profile {
        required: vec![Requirement::AnyOf(&WHERE_TO), Requirement::FieldIfSent(SIGNATURE_AGENT)],
        extent: Extent::Parameters,
        tag: Some(TAG),
        expires: Presence::Required,
        max_lifetime_ms: LONGEST_MS,
        max_age_ms: LONGEST_MS,
        algorithms: &[Algorithm::Ed25519],
        keyid: |id| id.len() == 43,
        ..Profile::of(&[])
    }
}

/// A key of the pack by its thumbprint, if it is one now.
fn key<'p>(signers: Map<'p>, id: String, now_ms: i64) -> Option<Known<'p>> {
    let (bytes, signer) = signers.get(&format!("key/{id}"))?.split_first_chunk::<32>()?;
    let mut valid = signers.ints(&format!("valid/{id}"));
    let (from, until) = (valid.next()?, valid.next()?);
    let now = now_ms.checked_div(1000)?;
    let public = jwk::public_key(bytes).filter(|_| (from..until).contains(&now))?;
    Some(Known { id, key: VerificationKey::Ed25519(public), signer: std::str::from_utf8(signer).ok()? })
}

/// Whether every name of a signer that the signature covers is this one's, or there is none.
fn names(headers: &Headers, covered: &[String], site: &str) -> bool {
    let Some(value) = headers.combined(SIGNATURE_AGENT) else { return true };
    covered.iter().filter(|item| item.starts_with("\"signature-agent\"")).all(|item| {
        let key = item.split_once(";key=\"").and_then(|(_, key)| key.strip_suffix('"'));
        let urls = urls(&value, key);
        !urls.is_empty() && urls.iter().all(|url| url.as_deref().is_some_and(|url| is_of(url, site)))
    })
}

/// The texts of `Signature-Agent`: of one member of the dictionary or of all, or the one text that it was in earlier
/// drafts, which agents still send. `None` stands for what is no text.
fn urls(value: &str, key: Option<&str>) -> Vec<Option<String>> {
    let text = |item: &Item| item.bare_item.as_string().map(|text| text.as_str().to_owned());
    if let (None, Ok(item)) = (key, Parser::new(value).parse::<Item>()) {
        return vec![text(&item)];
    }
    let Ok(fields) = Parser::new(value).parse::<Dictionary>() else { return Vec::new() };
    let members = fields.iter().filter(|(name, _)| key.is_none_or(|key| name.as_str() == key));
    let of = |entry: &ListEntry| if let ListEntry::Item(item) = entry { text(item) } else { None };
    members.map(|(_, entry)| of(entry)).collect()
}

/// Whether a URL is one of this host, by `https`.
fn is_of(url: &str, site: &str) -> bool {
    let authority = url.strip_prefix("https://").and_then(|rest| rest.split(['/', '?', '#']).next());
    authority.is_some_and(|authority| {
        let host = authority.strip_suffix(":443").unwrap_or(authority);
        host.trim_end_matches('.').eq_ignore_ascii_case(site)
    })
}
