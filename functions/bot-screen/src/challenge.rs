//! Challenges: what a browser does to show that it is one. A challenge is sealed and has no state here until it is
//! answered, once; so tabs side by side never overwrite each other's.
//!
//! It is answered by work (a number for each part whose SHA-256 begins with zero bits) or, without JavaScript, by
//! waiting. Work comes in parts, which makes its length even and its progress visible.

use sha2::{Digest as _, Sha256};

use crate::client::AddressClass;
use crate::seal::{Keys, Purpose};

/// Parts of the work.
pub const PARTS: usize = 8;
/// A part has so many zero bits fewer than the whole: 2^3 parts.
const PART_BITS: u8 = 3;
/// The longest target that a challenge remembers, in bytes; a longer one leads to the first page.
const LONGEST_TARGET: usize = 4096;

/// In which ways a challenge can be answered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Kind {
    /// By work, or by waiting.
    #[default]
    Any,
    /// By work alone: not without JavaScript.
    Work,
    /// By waiting alone.
    Wait,
}

impl Kind {
    const ALL: [Kind; 3] = [Kind::Any, Kind::Work, Kind::Wait];

    /// Of its number, in packs; in tokens it is one more.
    pub fn of_number(number: i64) -> Option<Kind> {
        Kind::ALL.get(usize::try_from(number).ok()?).copied()
    }

    /// Its name in answers.
    pub const fn name(self) -> &'static str {
        match self {
            Kind::Any => "any",
            Kind::Work => "work",
            Kind::Wait => "wait",
        }
    }
}

/// A challenge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Challenge {
    /// How it can be answered.
    pub kind: Kind,
    /// Bits of work.
    pub bits: u8,
    /// Seconds of waiting that stand for it.
    pub wait: u8,
    /// The class of address that it was given to.
    pub class: AddressClass,
    /// Since when, in seconds since the epoch.
    pub from: u32,
    /// Until when it can be answered, in seconds since the epoch.
    pub until: u32,
    /// Its number.
    pub nonce: [u8; 10],
    /// Where the browser was going: path and query.
    pub target: String,
}

/// Why an answer is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Not sealed here, or no longer valid, or used.
    Expired,
    /// The work is wrong.
    Wrong,
    /// So many seconds are still to be waited.
    Early(u32),
    /// The address answers too often, for so many seconds more.
    Often(u32),
    /// The address is of another class than the one that was asked.
    Elsewhere,
}

impl Challenge {
    /// Sealed, for a page.
    pub fn seal(&self, keys: &Keys) -> String {
        let mut bytes = vec![(self.kind as u8).saturating_add(1), self.bits, self.wait, self.class.code()];
        bytes.extend(self.from.to_be_bytes());
        bytes.extend(self.until.to_be_bytes());
        bytes.extend(self.nonce);
        bytes.extend(self.target.as_bytes());
        keys.seal(Purpose::Challenge, &bytes)
    }

    fn open(keys: &Keys, token: &str) -> Option<Challenge> {
        let bytes = keys.open(Purpose::Challenge, token)?;
        let ([kind, bits, wait, class], rest) = bytes.split_first_chunk::<4>()?;
        let (from, rest) = rest.split_first_chunk::<4>()?;
        let (until, rest) = rest.split_first_chunk::<4>()?;
        let (nonce, target) = rest.split_first_chunk::<10>()?;
        Some(Challenge {
            kind: Kind::of_number(i64::from(*kind).checked_sub(1)?)?,
            bits: *bits,
            wait: *wait,
            class: AddressClass::of_code(*class)?,
            from: u32::from_be_bytes(*from),
            until: u32::from_be_bytes(*until),
            nonce: *nonce,
            target: std::str::from_utf8(target).ok()?.to_owned(),
        })
    }

    /// Where a browser was going whose challenge this is, expired or not.
    pub fn target_of(keys: &Keys, token: &str) -> Option<String> {
        Challenge::open(keys, token).map(|challenge| challenge.target)
    }

    /// A challenge whose answer is right. Whether it was answered before, the store knows.
    ///
    /// # Errors
    /// [`Refusal`].
    pub fn answered(
        keys: &Keys,
        token: &str,
        answer: &str,
        class: AddressClass,
        now_ms: i64,
    ) -> Result<Challenge, Refusal> {
        let challenge = Challenge::open(keys, token).ok_or(Refusal::Expired)?;
        let now = now_ms / 1000;
        if now >= i64::from(challenge.until) {
            return Err(Refusal::Expired);
        }
        if challenge.class.is_machine() != class.is_machine() {
            return Err(Refusal::Elsewhere);
        }
        let possible = if answer.is_empty() { challenge.kind != Kind::Work } else { challenge.kind != Kind::Wait };
        if !possible {
            return Err(Refusal::Wrong);
        }
        if !answer.is_empty() {
            return if works(token, challenge.bits, answer) { Ok(challenge) } else { Err(Refusal::Wrong) };
        }
        let ready = i64::from(challenge.from).saturating_add(challenge.wait.into());
        match u32::try_from(ready.saturating_sub(now)) {
            Ok(left) if left > 0 => Err(Refusal::Early(left)),
            _ => Ok(challenge),
        }
    }

    /// A challenge whose wait is not over, with what is left of it.
    pub fn waiting(keys: &Keys, token: &str, class: AddressClass, now_ms: i64) -> Option<Challenge> {
        match Challenge::answered(keys, token, "", class, now_ms) {
            Err(Refusal::Early(left)) => {
                let wait = u8::try_from(left).unwrap_or(u8::MAX);
                Some(Challenge { wait, ..Challenge::open(keys, token)? })
            }
            _ => None,
        }
    }

    /// What it names as its target, of a request: path and query, on this host and nowhere else; and whether that is all of
    /// it, or the first page in its place.
    pub fn target(path: &str, query: &str) -> (String, bool) {
        let mark = if query.is_empty() { "" } else { "?" };
        // A path that begins with two slashes would be another host (RFC 3986 §4.2).
        let here = if path.starts_with("//") || path.starts_with("/\\") { "/." } else { "" };
        let target = format!("{here}{path}{mark}{query}");
        let visible = target.bytes().all(|b| (0x21..0x7f).contains(&b) && b != b'\\');
        let whole = path.starts_with('/') && target.len() <= LONGEST_TARGET && visible;
        (if whole { target } else { "/".to_owned() }, whole)
    }
}

/// The text that work is done on, of a token: 64 hex digits, one block of SHA-256.
pub fn seed(token: &str) -> String {
    shared::hex::hex(&Sha256::digest(token.as_bytes()))
}

/// Whether an answer, a decimal number for each part, comma-separated, is the work.
fn works(token: &str, bits: u8, answer: &str) -> bool {
    let numbers: Vec<&str> = answer.split(',').take(PARTS.saturating_add(1)).collect();
    let is_number = |text: &&str| (1..=16).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    if numbers.len() != PARTS || !numbers.iter().all(is_number) {
        return false;
    }
    let (seed, bits) = (seed(token), part_bits(bits));
    numbers.iter().enumerate().all(|(part, number)| is_work(&seed, part, number, bits))
}

/// Zero bits of a part of work of so many.
pub const fn part_bits(bits: u8) -> u8 {
    bits.saturating_sub(PART_BITS)
}

fn is_work(seed: &str, part: usize, number: &str, bits: u8) -> bool {
    let hash = Sha256::digest(format!("{seed}:{part}:{number}").as_bytes());
    hash.split_first_chunk::<8>().is_some_and(|(head, _)| u64::from_be_bytes(*head).leading_zeros() >= bits.into())
}

/// Does the work: for tests and tools.
#[cfg(not(target_arch = "wasm32"))]
pub fn solve(token: &str, bits: u8) -> String {
    let (seed, bits) = (seed(token), part_bits(bits));
    let number = |part| (0_u64..).map(|number| number.to_string()).find(|number| is_work(&seed, part, number, bits));
    (0..PARTS).filter_map(number).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys() -> Keys {
        Keys::parse("k1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA").unwrap()
    }

    fn challenge() -> Challenge {
        let target = "/p/AC%2FDC?a=1&a=2".to_owned();
        let class = AddressClass::Consumer;
        Challenge { kind: Kind::Any, bits: 10, wait: 3, class, from: 1000, until: 1300, nonce: [1; 10], target }
    }

    #[test]
    fn work_or_waiting_answers_once_it_is_done() {
        let token = challenge().seal(&keys());
        let answered = |answer: &str, class, at| Challenge::answered(&keys(), &token, answer, class, at);
        let home = AddressClass::Consumer;
        assert_eq!(answered("", home, 1_000_000), Err(Refusal::Early(3)));
        assert_eq!(answered("", home, 1_002_999), Err(Refusal::Early(1)));
        assert_eq!(answered("", home, 1_003_000), Ok(challenge()));
        let work = solve(&token, 10);
        assert_eq!(answered(&work, home, 1_000_000), Ok(challenge()));
        assert_eq!(answered(&work, AddressClass::Unknown, 1_299_999), Ok(challenge()));
        assert_eq!(answered(&work, home, 1_300_000), Err(Refusal::Expired));
        assert_eq!(answered(&work, AddressClass::DataCentre, 1_000_000), Err(Refusal::Elsewhere));
        for wrong in ["x", "1", "1,2,3,4,5,6,7,8,9", "0.5,1,1,1,1,1,1,1", &work.replace(',', ",0"), &"9".repeat(400)] {
            assert_eq!(answered(wrong, home, 1_200_000), Err(Refusal::Wrong), "{wrong}");
        }
        let other = Challenge { nonce: [2; 10], ..challenge() }.seal(&keys());
        assert_eq!(Challenge::answered(&keys(), &other, &work, home, 1_000_000), Err(Refusal::Wrong));
        assert_eq!(Challenge::answered(&keys(), "", "", home, 1_000_000), Err(Refusal::Expired));
    }

    #[test]
    fn a_kind_is_answered_in_its_own_way() {
        for (kind, works, waits) in [(Kind::Any, true, true), (Kind::Work, true, false), (Kind::Wait, false, true)] {
            let challenge = Challenge { kind, ..challenge() };
            let token = challenge.seal(&keys());
            let answered = |answer: &str| Challenge::answered(&keys(), &token, answer, challenge.class, 1_100_000);
            let wanted = |may: bool| if may { Ok(challenge.clone()) } else { Err(Refusal::Wrong) };
            assert_eq!(answered(&solve(&token, 10)), wanted(works), "{kind:?}");
            assert_eq!(answered(""), wanted(waits), "{kind:?}");
        }
    }

    #[test]
    fn a_target_is_on_this_host() {
        for (path, query, wanted) in [
            (
                "/p/AC%2FDC",
                "a=1&a=2&next=https%3A%2F%2Fx.example%2F",
                "/p/AC%2FDC?a=1&a=2&next=https%3A%2F%2Fx.example%2F",
            ),
            ("//evil.example/x", "", "/.//evil.example/x"),
            ("/\\evil.example", "", "/"),
            ("https://evil.example/", "", "/"),
            ("/a b", "", "/"),
            ("/a\r\nset-cookie: x", "", "/"),
            ("/商", "", "/"),
        ] {
            assert_eq!(Challenge::target(path, query).0, wanted, "{path}");
        }
        assert_eq!(Challenge::target(&format!("/{}", "a".repeat(5000)), ""), ("/".to_owned(), false));
    }
}
