//! Reading an issuer's chain of statements on one product, as the store holds it: a JSON array of envelopes.
//!
//! The store is not trusted. It may hold an older chain, another's, or one with a piece torn out; and whoever stole a
//! status key can sign a statement of any date. What verifies is counted; what is amiss is told, and keeps a piece from
//! being genuine.

use shared::dsse::{self, Envelope};
use shared::jcs::{self, Bounds};
use shared::keyset::{self, Key, KeyError, KeySet, Opened, RevocationReason, SignedError, Use};

use crate::digital_link::PrimaryKey;
use crate::head::Last;
use crate::statement::{MAX_STATEMENTS, Statement};
use crate::status::State;

/// The longest chain, in bytes.
pub const MAX_CHAIN: usize = 256 * 1024;

/// A chain, as far as it can be read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Chain {
    /// The statements that are genuine, by sequence.
    pub links: Vec<Link>,
    /// What is amiss, if anything: a stable name, in snake case.
    pub problem: Option<&'static str>,
}

/// A genuine statement: a status key of the issuer signed it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// What it says, and who signed it.
    pub statement: Opened<Statement>,
    /// Its name: SHA-256 of its payload.
    pub digest: String,
    /// How far its key vouches for it.
    pub trust: Trust,
}

/// How far a key vouches for a statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trust {
    /// Without reserve.
    Sound,
    /// The key was stolen; the statement is dated before that. A thief can write that date too, so such a statement may
    /// warn, but not take back a warning, unless something sound was built on it.
    Early,
    /// The key was stolen before the date of the statement, or nobody knows when.
    Void,
}

impl Chain {
    /// Reads what lies in the store under this issuer and product.
    pub fn read(bytes: &[u8], issuer: &str, product: &PrimaryKey, keyset: &KeySet, now_ms: i64) -> Chain {
        let most = usize::try_from(MAX_STATEMENTS).unwrap_or(usize::MAX);
        let bounds = Bounds { bytes: MAX_CHAIN, depth: 5, items: most };
        let Ok(serde_json::Value::Array(items)) = jcs::parse_within(bytes, &bounds) else {
            return Chain { links: Vec::new(), problem: Some("chain_malformed") };
        };
        let mut chain = Chain::default();
        for item in items {
            match Envelope::from_value(item).map_err(SignedError::Envelope).map_err(|e| e.code()) {
                Ok(envelope) => match open(&envelope, issuer, product, keyset, now_ms) {
                    Ok(link) => chain.links.push(link),
                    Err(code) => chain.amiss(code),
                },
                Err(code) => chain.amiss(code),
            }
        }
        chain.links.sort_by_key(|link| link.statement.payload.sequence);
        chain.links.dedup_by(|one, other| one.digest == other.digest);
        if let Some(code) = break_in(&chain.links) {
            chain.amiss(code);
        }
        chain
    }

    /// Holds it against what a head says is the last statement.
    pub fn reach(&mut self, last: Option<&Last>) {
        let Some(last) = last else { return };
        let there = self.links.iter().find(|link| link.statement.payload.sequence == last.0);
        match there {
            None => self.amiss("chain_behind_head"),
            Some(link) if link.digest != last.1 => self.amiss("chain_fork"),
            Some(_) => {}
        }
    }

    /// The statements that are in force: genuine, not void, and not taken back. `last`: what a head in force names.
    pub fn in_force(&self, last: Option<&Last>) -> impl Iterator<Item = &Link> {
        let lifted = self.lifted(last);
        self.links.iter().filter(move |link| {
            link.trust != Trust::Void
                && !lifted.iter().any(|(by, digest)| **digest == link.digest && *by > link.statement.payload.sequence)
        })
    }

    /// Warnings that a stolen key dated after the theft, and that nothing sound has taken back. Nobody knows whether they are
    /// its owner's, from the very day, or the thief's: they are no recall, and what they cover is not genuine either, until
    /// somebody names them.
    pub fn in_doubt(&self, last: Option<&Last>) -> impl Iterator<Item = &Link> {
        let lifted = self.lifted(last);
        self.links.iter().filter(move |link| {
            link.trust == Trust::Void
                && link.statement.payload.status.state != State::Active
                && !lifted.iter().any(|(by, digest)| **digest == link.digest && *by > link.statement.payload.sequence)
        })
    }

    /// Digests that are taken back, with the sequence of the statement that does so: those too that are none of this
    /// chain's, for a statement from before there were chains can be named so. A statement that was itself taken back
    /// takes nothing back any more, so it is read from the last one on.
    pub fn lifted(&self, last: Option<&Last>) -> Vec<(u32, &String)> {
        let mut lifted: Vec<(u32, &String)> = Vec::new();
        for link in self.links.iter().rev() {
            let statement = &link.statement.payload;
            let counts = match link.trust {
                Trust::Sound => true,
                Trust::Early => self.is_anchored(link, last),
                Trust::Void => false,
            };
            let ended = lifted.iter().any(|(by, name)| **name == link.digest && *by > statement.sequence);
            if counts && !ended {
                lifted.extend(statement.lifts.iter().map(|digest| (statement.sequence, digest)));
            }
        }
        lifted
    }

    /// A statement of a stolen key, dated after the theft, on which nothing sound was built: whoever keeps the chain
    /// has not taken note of it.
    pub fn has_loose_void(&self, last: Option<&Last>) -> bool {
        self.links.iter().any(|link| link.trust == Trust::Void && !self.is_anchored(link, last))
    }

    /// Whether something sound commits to a statement, by the digests from one to the next: a later statement, or a
    /// head. Whoever made that had this statement before them and meant it to be in the chain.
    fn is_anchored(&self, link: &Link, last: Option<&Last>) -> bool {
        let sequence = link.statement.payload.sequence;
        let sound =
            self.links.iter().any(|later| later.trust == Trust::Sound && later.statement.payload.sequence > sequence);
        self.problem.is_none() && (sound || last.is_some_and(|last| last.0 >= sequence))
    }

    /// Of several faults the first is told.
    fn amiss(&mut self, code: &'static str) {
        self.problem = self.problem.or(Some(code));
    }
}

fn open(
    envelope: &Envelope,
    issuer: &str,
    product: &PrimaryKey,
    keyset: &KeySet,
    now_ms: i64,
) -> Result<Link, &'static str> {
    let (statement, key): (Statement, &Key) =
        keyset::authentic(envelope, dsse::STATEMENT, Use::Status, keyset).map_err(|e| e.code())?;
    statement.check().map_err(|e| e.code)?;
    // A chain that was put in another's place.
    if statement.issuer != issuer || key.issuer() != issuer || statement.product != *product {
        return Err("chain_of_another");
    }
    let trust = match key.vouches_at(Use::Status, statement.status.issued_at, now_ms) {
        Ok(()) if key.is_compromised() => Trust::Early,
        Ok(()) => Trust::Sound,
        Err(KeyError::Revoked(RevocationReason::Compromised)) => Trust::Void,
        Err(e) => return Err(e.code()),
    };
    let signed_at = statement.status.issued_at;
    let statement = Opened { payload: statement, kid: key.kid.clone(), owner: key.owner.clone(), signed_at };
    Ok(Link { statement, digest: envelope.digest(), trust })
}

/// Where the chain does not hold together: a statement that is missing, or two that claim one place.
fn break_in(links: &[Link]) -> Option<&'static str> {
    let (mut before, mut digest) = (0, None);
    for link in links {
        let statement = &link.statement.payload;
        if statement.sequence == before {
            return Some("chain_fork");
        }
        if before.checked_add(1) != Some(statement.sequence) {
            return Some("chain_gap");
        }
        if statement.previous.as_ref() != digest {
            return Some("chain_fork");
        }
        (before, digest) = (statement.sequence, Some(&link.digest));
    }
    None
}
