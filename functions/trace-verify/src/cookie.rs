//! How a browser is known again: a signed cookie of one piece's page, from which nothing of another piece follows.
//!
//! It says that this browser scanned the piece before, when, whether its scan was the first, and if not, whether it was
//! made from where the first was. It is sent to the page of that piece and to no other (`Path`), and covers the piece, so that it
//! proves nothing elsewhere. **Deliberately absent: a number of the device**, and whatever else could be the same in two
//! cookies of one browser.

use shared::http::Headers;
use shared::http::cookie::{self, Attributes};
use shared::seal::Keys;

use crate::history::Kin;

const VERSION: u8 = 1;
/// Bytes of what it says: version, kin, counted and renewed in seconds since the epoch.
const BYTES: usize = 10;
const NAME: &str = "venditor-piece";
const DAY_SECONDS: i64 = 86_400;

/// With what cookies are sealed, and how they are set.
pub struct Jar {
    /// `TRACE_COOKIE_KEYS`.
    pub keys: Keys,
    /// Development without https: no `Secure`, and no name that a browser keeps for it.
    pub plain: bool,
}

/// What a cookie says of a browser.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece {
    /// How near it is to the first scan of the piece, or was when it was counted.
    pub kin: Kin,
    /// When it was counted, in seconds since the epoch.
    pub counted: u32,
    /// When the cookie was set.
    pub renewed: u32,
}

impl Jar {
    /// What the request's cookies say of a piece; of several that are ours, the one that says most.
    pub fn open(&self, headers: &Headers, item: &str) -> Option<Piece> {
        let (name, purpose) = (self.name(), purpose(item));
        let pieces = cookie::values(headers, &name).filter_map(|value| {
            let bytes: [u8; BYTES] = self.keys.open(&purpose, value)?.try_into().ok()?;
            let [version, kin, rest @ ..] = bytes;
            let (counted, renewed) = rest.split_first_chunk::<4>()?;
            (version == VERSION).then_some(Piece {
                kin: *Kin::ALL.get(usize::from(kin))?,
                counted: u32::from_be_bytes(*counted),
                renewed: u32::from_be_bytes(renewed.try_into().ok()?),
            })
        });
        pieces.max_by_key(|piece| (piece.kin, piece.renewed))
    }

    /// The field `Set-Cookie` for the page of a piece. None if its path is none that a cookie can name.
    pub fn set(&self, piece: Piece, item: &str, path: &str, days: i64) -> Option<String> {
        if !path.bytes().all(|b| b.is_ascii_graphic() && b != b';' && b != b',') {
            return None;
        }
        let kin = Kin::ALL.iter().position(|kin| *kin == piece.kin).unwrap_or_default();
        let mut bytes = vec![VERSION, u8::try_from(kin).unwrap_or_default()];
        bytes.extend(piece.counted.to_be_bytes());
        bytes.extend(piece.renewed.to_be_bytes());
        let value = self.keys.seal(&purpose(item), &bytes);
        let seconds = days.clamp(1, cookie::MAX_DAYS).saturating_mul(DAY_SECONDS);
        Some(cookie::set(&self.name(), &value, &Attributes { path, seconds, domain: None, secure: !self.plain }))
    }

    /// `__Secure-`, not `__Host-`, whose path would be that of all pieces.
    fn name(&self) -> String {
        format!("{}{NAME}", if self.plain { "" } else { "__Secure-" })
    }
}

/// The instant in seconds, as a cookie holds it.
pub fn seconds(now_ms: i64) -> u32 {
    u32::try_from(now_ms / 1000).unwrap_or_default()
}

fn purpose(item: &str) -> Vec<u8> {
    [b"piece\0", item.as_bytes(), b"\0"].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATH: &str = "/verify/01/09506000134352/21/A";
    const PIECE: Piece = Piece { kin: Kin::First, counted: 1_790_000_000, renewed: 1_790_000_060 };

    fn jar(keys: &str, plain: bool) -> Jar {
        Jar { keys: Keys::parse(keys, crate::config::COOKIE_SPACE).unwrap(), plain }
    }

    fn one() -> Jar {
        jar("k1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", false)
    }

    fn sent(field: &str) -> Headers {
        let mut headers = Headers::default();
        headers.push("cookie", field.split(';').next().unwrap());
        headers
    }

    #[test]
    fn a_cookie_is_of_one_piece_and_one_page() {
        let set = one().set(PIECE, "a", PATH, 9999).unwrap();
        assert!(set.starts_with("__Secure-venditor-piece=k1."), "{set}");
        assert!(
            set.ends_with("; Path=/verify/01/09506000134352/21/A; Max-Age=34560000; HttpOnly; SameSite=Lax; Secure")
        );
        assert_eq!(one().open(&sent(&set), "a"), Some(PIECE));
        assert_eq!(one().open(&sent(&set), "b"), None, "it proves nothing of another piece");
        assert_eq!(one().set(PIECE, "a", "/verify/x;Path=/", 1), None);
        let plain = jar("k1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", true);
        assert!(plain.set(PIECE, "a", PATH, 1).unwrap().starts_with("venditor-piece=k1."));
        assert_eq!(plain.open(&sent(&set), "a"), None);
    }

    #[test]
    fn keys_are_replaced_without_forgetting_anybody() {
        let (old, new) = ("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBA");
        let set = one().set(PIECE, "a", PATH, 1).unwrap();
        assert_eq!(jar(&format!("k2:{new},k1:{old}"), false).open(&sent(&set), "a"), Some(PIECE));
        assert_eq!(jar(&format!("k2:{new}"), false).open(&sent(&set), "a"), None);
        assert_eq!(jar(&format!("k1:{new}"), false).open(&sent(&set), "a"), None);
    }

    #[test]
    fn of_several_the_one_that_says_most_counts() {
        let of = |piece| one().set(piece, "a", PATH, 1).unwrap().split(';').next().unwrap().to_owned();
        let mut headers = Headers::default();
        let other = Piece { kin: Kin::Household, renewed: 1_795_000_000, ..PIECE };
        headers.push("cookie", &format!("{}; {}; __Secure-venditor-piece=x", of(other), of(PIECE)));
        assert_eq!(one().open(&headers, "a"), Some(PIECE));
    }
}
