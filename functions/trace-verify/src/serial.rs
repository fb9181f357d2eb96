//! The serial on a label: which key, which piece, and a tag that only the holder of the key can make. `FORMAT.md` says it
//! bit by bit.
//!
//! A serial that verifies was made with a key of ours for exactly this primary key. It does not say that the piece was
//! issued (the mint manifest does), nor that the label sits on the piece it was printed for.

mod keys;
mod permute;

use core::fmt;

use serde::{Deserialize, Serialize};
use shared::{crockford, mac};

use crate::digital_link::{Ai, CANONICAL_BASE, Link, LinkProblem, PrimaryKey};
pub use keys::{MacKeys, MacKeysError};

/// Bits of the truncated HMAC-SHA-256 tag.
pub const TAG_BITS: u32 = 50;

/// The most characters of an upper-case URL that every QR generator fits into version 3 (29×29 modules) at level M.
pub const MAX_LABEL_URL: usize = 61;

/// Separates this use of the tag key from every other.
const DOMAIN: &[u8] = b"venditor-trace-v1\0";

/// How the bits are laid out: the version field's value. 0 and 3 are reserved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub enum Layout {
    /// 1: 18 characters, counters of 30 bits. With 01 (AI 21 holds 20 characters) and 8004 (a GIAI holds 30).
    One,
    /// 2: 17 characters, counters of 25 bits. With 253, whose serial component holds 17 characters.
    Two,
}

/// A verified or freshly minted code. Only a holder of the key can have made it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Code {
    layout: Layout,
    primary: PrimaryKey,
    kid: u8,
    counter: u32,
    serial: String,
}

/// Why a code is not one of ours. For logs and tests: to the outside it is one verdict, because a forger learns from
/// reasons.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadCode {
    /// The serial has not its layout's number of characters.
    WrongLength,
    /// A character that is not Crockford base32.
    Alphabet,
    /// A reserved version, or one that does not go with the primary key.
    Version,
    /// What precedes the serial in a GIAI is not a company prefix.
    Prefix,
    /// The check digit of a GTIN or GDTI is wrong.
    CheckDigit,
    /// No key with this id is configured.
    UnknownKey,
    /// The tag is wrong.
    Tag,
}

/// Why a code cannot be minted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MintError {
    /// No key with this id is configured.
    UnknownKey,
    /// The counter does not fit the layout.
    CounterTooLarge,
}

/// What goes into the QR code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LabelUrl {
    /// All upper case, so that QR's alphanumeric mode applies.
    pub url: String,
    /// Whether it has at most [`MAX_LABEL_URL`] characters: 29×29 modules at level M with any generator.
    pub fits: bool,
}

impl Layout {
    /// The layout that goes with a primary key.
    pub const fn for_ai(ai: Ai) -> Layout {
        match ai {
            Ai::Gtin | Ai::Giai => Layout::One,
            Ai::Gdti => Layout::Two,
        }
    }

    /// The value of the version field.
    pub const fn number(self) -> u8 {
        match self {
            Layout::One => 1,
            Layout::Two => 2,
        }
    }

    /// The layout with this version.
    pub const fn from_number(number: u8) -> Option<Layout> {
        match number {
            1 => Some(Layout::One),
            2 => Some(Layout::Two),
            _ => None,
        }
    }

    /// Bits of the counter.
    pub const fn counter_bits(self) -> u32 {
        match self {
            Layout::One => 30,
            Layout::Two => 25,
        }
    }

    /// The largest counter.
    pub const fn max_counter(self) -> u32 {
        match self {
            Layout::One => (1 << 30) - 1,
            Layout::Two => (1 << 25) - 1,
        }
    }

    /// Characters of a serial.
    pub const fn symbols(self) -> u32 {
        match self {
            Layout::One => 18,
            Layout::Two => 17,
        }
    }

    /// Characters before the tag: version, key id and counter fill whole characters in both layouts.
    pub const fn head_symbols(self) -> u32 {
        match self {
            Layout::One => 8,
            Layout::Two => 7,
        }
    }
}

impl From<Layout> for u8 {
    fn from(layout: Layout) -> u8 {
        layout.number()
    }
}

impl TryFrom<u8> for Layout {
    type Error = &'static str;

    fn try_from(number: u8) -> Result<Layout, &'static str> {
        Layout::from_number(number).ok_or("the layout is neither 1 nor 2")
    }
}

impl Code {
    /// Makes the code of one counter.
    ///
    /// # Errors
    /// [`MintError`].
    pub fn mint(primary: &PrimaryKey, kid: u8, counter: u32, keys: &MacKeys) -> Result<Code, MintError> {
        let layout = Layout::for_ai(primary.ai());
        if counter > layout.max_counter() {
            return Err(MintError::CounterTooLarge);
        }
        let (key, true) = keys.find(kid) else {
            return Err(MintError::UnknownKey);
        };
        let head = Head { layout, kid, permuted: permute::forward(&key.permute, layout, counter) };
        let bits =
            (u128::from(head.bits()) << TAG_BITS) | u128::from(head.tag(&key.tag, primary.ai(), primary.digits()));
        let serial = crockford::symbols(bits, layout.symbols()).collect();
        Ok(Code { layout, primary: primary.clone(), kid, counter, serial })
    }

    /// Checks a label: no storage, one HMAC, and ten more only once the tag is right. Whatever is wrong with a label, one tag
    /// is computed: neither words nor time tell a forger how near the forgery came.
    ///
    /// # Errors
    /// [`BadCode`], one verdict outside.
    pub fn verify(link: &Link, keys: &MacKeys) -> Result<Code, BadCode> {
        let layout = Layout::for_ai(link.ai());
        let read = Code::read(link, layout);
        let (head, tag) = match &read {
            Ok((_, head, tag)) => (*head, *tag),
            Err(_) => (Head { layout, kid: 0, permuted: 0 }, 0),
        };
        // An unknown id takes the same path with a key that makes no labels: time does not show which ids exist.
        let (key, known) = keys.find(head.kid);
        let genuine = mac::equal_u64(head.tag(&key.tag, link.ai(), link.primary_part()), tag);
        let (bits, ..) = read?;
        let primary =
            PrimaryKey::new(link.ai(), link.primary_part()).map_err(|error| BadCode::of_primary(&error.problem))?;
        if !known {
            return Err(BadCode::UnknownKey);
        }
        if !genuine {
            return Err(BadCode::Tag);
        }
        let counter = permute::backward(&key.permute, layout, head.permuted);
        // Not what is on the label, which may have look-alikes (`O` for `0`).
        let serial = crockford::symbols(bits, layout.symbols()).collect();
        Ok(Code { layout, primary, kid: head.kid, counter, serial })
    }

    /// What a label's serial says.
    fn read(link: &Link, layout: Layout) -> Result<(u128, Head, u64), BadCode> {
        let given = link.serial_part();
        if u32::try_from(given.chars().count()) != Ok(layout.symbols()) {
            return Err(BadCode::WrongLength);
        }
        let bits = crockford::decode(given).map_err(|_| BadCode::Alphabet)?;
        let (head, tag) = Head::split(layout, bits).ok_or(BadCode::Version)?;
        Ok((bits, head, tag))
    }

    /// The layout.
    pub const fn layout(&self) -> Layout {
        self.layout
    }

    /// The primary key, without the serial.
    pub const fn primary(&self) -> &PrimaryKey {
        &self.primary
    }

    /// The id of the key that made the tag.
    pub const fn kid(&self) -> u8 {
        self.kid
    }

    /// Which piece, as the mint manifest counts them.
    pub const fn counter(&self) -> u32 {
        self.counter
    }

    /// The serial, in its one canonical spelling.
    pub fn serial(&self) -> &str {
        &self.serial
    }

    /// The piece's stable name, for storage keys: `01/09506000134352/21/<serial>`, `8004/<GIAI>`, `253/<GDTI>`.
    pub fn item(&self) -> String {
        let Code { primary, serial, .. } = self;
        match primary.ai() {
            Ai::Gtin => format!("{primary}/21/{serial}"),
            Ai::Giai | Ai::Gdti => format!("{primary}{serial}"),
        }
    }

    /// The canonical Digital Link.
    pub fn canonical(&self) -> String {
        format!("{CANONICAL_BASE}{}", self.item())
    }

    /// The human-readable text beside the symbol (GS1 General Specifications §4.14): `(01)…(21)…`.
    pub fn element_string(&self) -> String {
        let Code { primary, serial, .. } = self;
        let (ai, digits) = (primary.ai().code(), primary.digits());
        match primary.ai() {
            Ai::Gtin => format!("({ai}){digits}(21){serial}"),
            Ai::Giai | Ai::Gdti => format!("({ai}){digits}{serial}"),
        }
    }

    /// The URL to print, on this host.
    pub fn label_url(&self, host: &str) -> LabelUrl {
        let url = format!("HTTPS://{}/{}", host.to_ascii_uppercase(), self.item());
        let fits = url.len() <= MAX_LABEL_URL;
        LabelUrl { url, fits }
    }
}

impl BadCode {
    fn of_primary(problem: &LinkProblem) -> BadCode {
        if matches!(problem, LinkProblem::BadCheckDigit { .. }) { BadCode::CheckDigit } else { BadCode::Prefix }
    }

    /// A stable name, in snake case, for logs.
    pub const fn code(self) -> &'static str {
        match self {
            BadCode::WrongLength => "wrong_length",
            BadCode::Alphabet => "alphabet",
            BadCode::Version => "version",
            BadCode::Prefix => "prefix",
            BadCode::CheckDigit => "check_digit",
            BadCode::UnknownKey => "unknown_key",
            BadCode::Tag => "tag",
        }
    }
}

impl fmt::Display for MintError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            MintError::UnknownKey => "no MAC key with this id is configured",
            MintError::CounterTooLarge => "the counter does not fit the serial's layout",
        })
    }
}

impl core::error::Error for MintError {}

/// What precedes the tag: version ‖ key id ‖ permuted counter.
#[derive(Clone, Copy)]
struct Head {
    layout: Layout,
    kid: u8,
    permuted: u32,
}

impl Head {
    fn bits(&self) -> u64 {
        let version = u64::from(self.layout.number());
        let (kid, permuted) = (u64::from(self.kid), u64::from(self.permuted));
        match self.layout {
            Layout::One => (version << 38) | (kid << 30) | permuted,
            Layout::Two => (version << 33) | (kid << 25) | permuted,
        }
    }

    /// Takes a serial's bits apart, unless they are of another layout.
    fn split(layout: Layout, bits: u128) -> Option<(Head, u64)> {
        let tag = u64::try_from(bits & ((1 << TAG_BITS) - 1)).ok()?;
        let head = u64::try_from(bits >> TAG_BITS).ok()?;
        let (version, kid, permuted) = match layout {
            Layout::One => (head >> 38, (head >> 30) & 0xFF, head & 0x3FFF_FFFF),
            Layout::Two => (head >> 33, (head >> 25) & 0xFF, head & 0x01FF_FFFF),
        };
        let head = Head { layout, kid: u8::try_from(kid).ok()?, permuted: u32::try_from(permuted).ok()? };
        (version == u64::from(layout.number())).then_some((head, tag))
    }

    /// The tag over the canonical Digital Link that ends with the head instead of the serial.
    fn tag(&self, key: &mac::MacKey, ai: Ai, digits: &str) -> u64 {
        let mut head = [0u8; 8];
        let symbols = crockford::symbols(u128::from(self.bits()), self.layout.head_symbols());
        let used = head.iter_mut().zip(symbols).fold(0usize, |used, (byte, symbol)| {
            *byte = u8::try_from(symbol).unwrap_or_default();
            used.saturating_add(1)
        });
        let between: &[u8] = if ai == Ai::Gtin { b"/21/" } else { b"" };
        let whole = key.tag(&[
            DOMAIN,
            CANONICAL_BASE.as_bytes(),
            ai.code().as_bytes(),
            b"/",
            digits.as_bytes(),
            between,
            head.get(..used).unwrap_or(&head),
        ]);
        mac::leftmost_u64(&whole, TAG_BITS)
    }
}

#[cfg(test)]
mod tests;
