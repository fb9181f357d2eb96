//! The keys that mark labels, from configuration.

use core::fmt;

use shared::mac::{self, MacKey, Secret};

/// The configured keys. Derived once; never shown.
#[derive(Clone, Debug)]
pub struct MacKeys {
    keys: Vec<(u8, LabelKey)>,
    /// Makes no labels: used for ids that are not configured.
    dummy: LabelKey,
}

/// The two keys that one secret yields.
#[derive(Clone, Debug)]
pub(super) struct LabelKey {
    pub(super) tag: MacKey,
    pub(super) permute: MacKey,
}

/// Why the configuration's text cannot be read. Positions count the entries from 1; no part of a secret is quoted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MacKeysError {
    /// No entry at all.
    Empty,
    /// The entry is not `kid:base64url`.
    BadEntry(usize),
    /// The entry's id is not a number from 0 to 255.
    BadKid(usize),
    /// The entry's secret is not 32 bytes in unpadded base64url.
    BadSecret(usize),
    /// The entry repeats an earlier id.
    Duplicate(usize),
}

impl MacKeys {
    /// Reads `kid:base64url-of-32-bytes[,kid:…]`.
    ///
    /// # Errors
    /// [`MacKeysError`], by the position of the entry.
    pub fn parse(text: &str) -> Result<MacKeys, MacKeysError> {
        if text.trim().is_empty() {
            return Err(MacKeysError::Empty);
        }
        let mut secrets: Vec<(u8, Secret)> = Vec::new();
        for (place, entry) in (1usize..).zip(text.split(',')) {
            let (kid, secret) = entry.trim().split_once(':').ok_or(MacKeysError::BadEntry(place))?;
            // `parse` alone would take `+1` and `007`.
            let kid = kid.parse::<u8>().ok().filter(|id| id.to_string() == kid).ok_or(MacKeysError::BadKid(place))?;
            let secret = Secret::from_base64url(secret).map_err(|_| MacKeysError::BadSecret(place))?;
            if secrets.iter().any(|(known, _)| *known == kid) {
                return Err(MacKeysError::Duplicate(place));
            }
            secrets.push((kid, secret));
        }
        Ok(MacKeys::new(&secrets))
    }

    /// Takes secrets as they are. Of two with one id, the first counts.
    pub fn new(secrets: &[(u8, Secret)]) -> MacKeys {
        MacKeys {
            keys: secrets.iter().map(|(kid, secret)| (*kid, LabelKey::new(secret))).collect(),
            dummy: LabelKey::new(&Secret::new([0; mac::TAG_BYTES])),
        }
    }

    /// The configured ids.
    pub fn kids(&self) -> impl Iterator<Item = u8> {
        self.keys.iter().map(|(kid, _)| *kid)
    }

    /// The key with this id, or the dummy and `false`.
    pub(super) fn find(&self, kid: u8) -> (&LabelKey, bool) {
        match self.keys.iter().find(|(known, _)| *known == kid) {
            Some((_, key)) => (key, true),
            None => (&self.dummy, false),
        }
    }
}

impl LabelKey {
    fn new(secret: &Secret) -> LabelKey {
        LabelKey {
            tag: MacKey::new(&mac::derive(secret, "venditor/trace/v1/tag")),
            permute: MacKey::new(&mac::derive(secret, "venditor/trace/v1/permute")),
        }
    }
}

impl fmt::Display for MacKeysError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            MacKeysError::Empty => f.write_str("no MAC key"),
            MacKeysError::BadEntry(n) => write!(f, "MAC key {n}: not `kid:base64url`"),
            MacKeysError::BadKid(n) => write!(f, "MAC key {n}: the kid is not a number from 0 to 255"),
            MacKeysError::BadSecret(n) => write!(f, "MAC key {n}: the secret is not 32 bytes in unpadded base64url"),
            MacKeysError::Duplicate(n) => write!(f, "MAC key {n}: repeats an earlier kid"),
        }
    }
}

impl core::error::Error for MacKeysError {}
