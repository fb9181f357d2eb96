//! Passes: what a browser gets that has solved a challenge, in a signed cookie.
//!
//! A pass says for which price it was earned, until when it is valid, from which class of address, and a number of its
//! own by which it is counted and can be taken back. **Deliberately absent: the address, the account and the browser**, so
//! that a phone may leave its Wi-Fi.

use shared::http::Headers;
use shared::http::cookie::{Attributes, set as set_cookie};

use crate::client::AddressClass;
use crate::seal::{Keys, Purpose};

/// Bytes of a pass: version, price, class, from and until in seconds, number.
const BYTES: usize = 21;
const VERSION: u8 = 1;
/// What its cookie is called, behind the prefix.
pub const NAME: &str = "venditor-pass";

/// A pass.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pass {
    /// Bits of work that it was earned with, or the wait that stands for them.
    pub bits: u8,
    /// The class of the address that it was earned from.
    pub class: AddressClass,
    /// Since when, in seconds since the epoch.
    pub from: u32,
    /// Until when, in seconds since the epoch.
    pub until: u32,
    /// Its number.
    pub nonce: [u8; 10],
}

impl Pass {
    /// The value of its cookie.
    pub fn seal(&self, keys: &Keys) -> String {
        let mut bytes = vec![VERSION, self.bits, self.class.code()];
        bytes.extend(self.from.to_be_bytes());
        bytes.extend(self.until.to_be_bytes());
        bytes.extend(self.nonce);
        keys.seal(Purpose::Pass, &bytes)
    }

    /// Of a cookie's value; none if it is not ours, or not valid now.
    pub fn open(keys: &Keys, text: &str, now_ms: i64) -> Option<Pass> {
        let bytes: [u8; BYTES] = keys.open(Purpose::Pass, text)?.try_into().ok()?;
        let [version, bits, class, rest @ ..] = bytes;
        let (from, rest) = rest.split_first_chunk::<4>()?;
        let (until, nonce) = rest.split_first_chunk::<4>()?;
        let pass = Pass {
            bits,
            class: AddressClass::of_code(class)?,
            from: u32::from_be_bytes(*from),
            until: u32::from_be_bytes(*until),
            nonce: nonce.try_into().ok()?,
        };
        (version == VERSION && now_ms / 1000 < i64::from(pass.until)).then_some(pass)
    }

    /// The best of the passes in a request's cookies.
    pub fn of(headers: &Headers, keys: &Keys, cookie: &Cookie, now_ms: i64) -> Option<Pass> {
        let name = cookie.named(NAME);
        values(headers, &name)
            .filter_map(|value| Pass::open(keys, value, now_ms))
            .max_by_key(|pass| (pass.bits, pass.until))
    }

    /// Its number, in hex: what events name it by.
    pub fn number(&self) -> String {
        shared::hex::hex(&self.nonce)
    }

    /// Whether it serves a client of this class of address: one moves between lines of people as one likes.
    pub fn serves(&self, class: AddressClass) -> bool {
        self.class.is_machine() == class.is_machine()
    }
}

pub use shared::http::cookie::{all as cookies, values};

/// How our cookies are called and set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cookie {
    /// For one host, over https.
    Host,
    /// For a domain and all hosts of it, over https.
    Domain(String),
    /// For development without https.
    Plain,
}

impl Cookie {
    /// A name with the prefix by which browsers hold what is said of the cookie (RFC 6265bis §4.1.3).
    pub fn named(&self, name: &str) -> String {
        let prefix = match self {
            Cookie::Host => "__Host-",
            Cookie::Domain(_) => "__Secure-",
            Cookie::Plain => "",
        };
        format!("{prefix}{name}")
    }

    /// The field `Set-Cookie` that sets a cookie.
    pub fn set(&self, name: &str, value: &str, seconds: i64) -> String {
        let domain = if let Cookie::Domain(domain) = self { Some(domain.as_str()) } else { None };
        set_cookie(name, value, &Attributes { path: "/", seconds, domain, secure: *self != Cookie::Plain })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys() -> Keys {
        Keys::parse("k1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA").unwrap()
    }

    fn pass(bits: u8) -> Pass {
        Pass { bits, class: AddressClass::Consumer, from: 1000, until: 2000, nonce: [7; 10] }
    }

    #[test]
    fn a_pass_is_valid_until_it_is_not() {
        let sealed = pass(15).seal(&keys());
        assert_eq!(Pass::open(&keys(), &sealed, 1_999_999), Some(pass(15)));
        assert_eq!(Pass::open(&keys(), &sealed, 2_000_000), None);
        assert_eq!(Pass::open(&keys(), &keys().seal(Purpose::Pass, b"short"), 0), None);
        let sold = Pass { class: AddressClass::Consumer, ..pass(15) };
        assert!(sold.serves(AddressClass::Unknown) && !sold.serves(AddressClass::DataCentre));
    }

    #[test]
    fn the_best_of_several_cookies_counts_and_others_are_not_opened() {
        let mut headers = Headers::default();
        headers.push("cookie", &format!("a=b; venditor-pass={}; c", pass(15).seal(&keys())));
        headers.push("cookie", &format!("venditor-pass=junk;venditor-pass={}", pass(17).seal(&keys())));
        assert_eq!(Pass::of(&headers, &keys(), &Cookie::Plain, 0).unwrap().bits, 17);
        assert_eq!(Pass::of(&headers, &keys(), &Cookie::Host, 0), None);
        let mut flood = Headers::default();
        flood.push("cookie", &format!("{}venditor-pass={}", "venditor-pass=x;".repeat(5), pass(15).seal(&keys())));
        assert_eq!(Pass::of(&flood, &keys(), &Cookie::Plain, 0), None);
    }
}
