//! What a verifier wants of a signature: RFC 9421 §1.4 leaves it to each application.

use super::component::{Component, Extent};

/// How far a caller's clock may be from ours, and how old a signature may be, in milliseconds, unless a profile says
/// otherwise.
pub const MAX_SKEW_MS: i64 = 300_000;

/// What one application of RFC 9421 wants.
#[derive(Clone, Debug)]
pub struct Profile {
    /// What must be covered.
    pub required: Vec<Requirement>,
    /// What may be covered.
    pub extent: Extent,
    /// Only signatures with this `tag` are looked at.
    pub tag: Option<&'static str>,
    /// Only the signature of this label is looked at.
    pub label: Option<String>,
    /// Whether there must be a `nonce`. Whoever asks for one keeps those that were used.
    pub nonce: Presence,
    /// Whether there must be an instant that it expires at.
    pub expires: Presence,
    /// The longest time from `created` to `expires`, milliseconds.
    pub max_lifetime_ms: i64,
    /// How long ago it may have been created, milliseconds.
    pub max_age_ms: i64,
    /// How far ahead of ours the signer's clock may be, milliseconds.
    pub skew_ms: i64,
    /// Its algorithms.
    pub algorithms: &'static [Algorithm],
    /// Whether a text can be a key's id.
    pub keyid: fn(&str) -> bool,
}

/// Something that must be covered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Requirement {
    /// This component, with exactly these parameters.
    Component(Component),
    /// At least one of these.
    AnyOf(&'static [Component]),
    /// This field, if the request has it: as a whole or a member of it (`;key`).
    FieldIfSent(&'static str),
}

/// Whether a signature's parameter must be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// It may be absent.
    Optional,
    /// It must be there.
    Required,
}

/// How a signature is made (RFC 9421 §3.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// `ed25519` (RFC 8032).
    Ed25519,
    /// `hmac-sha256` (RFC 2104).
    HmacSha256,
}

impl Algorithm {
    /// Its name in RFC 9421's registry.
    pub const fn name(self) -> &'static str {
        match self {
            Algorithm::Ed25519 => "ed25519",
            Algorithm::HmacSha256 => "hmac-sha256",
        }
    }
}

impl Profile {
    /// These components, without parameters; any label, any tag, both algorithms, [`MAX_SKEW_MS`] on either side.
    pub fn of(required: &[&'static str]) -> Profile {
        let component = |name: &&'static str| Requirement::Component(Component::plain(name));
        Profile {
            required: required.iter().map(component).collect(),
            extent: Extent::Plain,
            tag: None,
            label: None,
            nonce: Presence::Optional,
            expires: Presence::Optional,
            max_lifetime_ms: i64::MAX,
            max_age_ms: MAX_SKEW_MS,
            skew_ms: MAX_SKEW_MS,
            algorithms: &[Algorithm::Ed25519, Algorithm::HmacSha256],
            keyid: |_| true,
        }
    }

    /// The value of `Accept-Signature` (RFC 9421 §5.1) that asks for such a signature; a client may make it at once.
    pub fn accept_signature(&self) -> String {
        let components = self.required.iter().filter_map(|requirement| match requirement {
            Requirement::Component(component) => Some(component.identifier()),
            Requirement::AnyOf(components) => components.first().map(|component| component.identifier()),
            Requirement::FieldIfSent(_) => None,
        });
        let components: Vec<String> = components.collect();
        let label = self.label.as_deref().unwrap_or("sig1");
        let mut out = format!("{label}=({});created;keyid", components.join(" "));
        if self.expires == Presence::Required {
            out.push_str(";expires");
        }
        if self.nonce == Presence::Required {
            out.push_str(";nonce");
        }
        if let Some(tag) = self.tag {
            out.push_str(&format!(";tag=\"{tag}\""));
        }
        out
    }

    pub(super) fn selects(&self) -> bool {
        self.tag.is_some() || self.label.is_some()
    }
}
