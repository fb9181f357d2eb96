//! What status statements say of a code: all that are in force, of all issuers, and whether one could be missing.

use shared::dsse::{self, Envelope};
use shared::keyset::{self, Key, KeyError, KeySet, Opened, SignedError, Use};

use super::{About, Lookup, Reason, Verdict};
use crate::chain::Chain;
use crate::head::{ALARM_MS, Head};
use crate::manifest::Manifest;
use crate::serial::Code;
use crate::status::{Scope, Status};

/// What the store holds of one issuer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Published {
    /// The issuer's name.
    pub issuer: String,
    /// Its statements on the code's product.
    pub chain: Lookup,
    /// Its head; not looked at if the key set has no key for one.
    pub head: Lookup,
}

/// All that the store holds of status statements.
#[derive(Clone, Copy, Debug)]
pub struct Statuses<'a> {
    /// A statement that stands alone, of the manifest's batch.
    pub batch: &'a Lookup,
    /// A statement that stands alone, of the product.
    pub product: &'a Lookup,
    /// The chains: of every issuer of the key set, or of those that are at hand.
    pub issuers: &'a [Published],
}

/// What the status statements say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Those that hold and cover the code, the gravest first, and of these the latest.
    pub statements: Vec<Opened<Status>>,
    /// The heads of the issuers that publish some.
    pub heads: Vec<HeadState>,
    /// What could not be read or believed.
    pub problem: Option<(Verdict, Reason)>,
}

/// How an issuer's head is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeadState {
    /// The issuer.
    pub issuer: String,
    /// The head, if it is genuine.
    pub head: Option<Opened<Head>>,
    /// Why it does not count, if it does not: a stable name, in snake case.
    pub problem: Option<&'static str>,
}

impl HeadState {
    /// Whether somebody should look after it: why, as a stable name, and how many milliseconds it has left.
    pub fn alarm(&self, now_ms: i64) -> Option<(&'static str, i64)> {
        let left = self.head.as_ref().map_or(0, |head| head.payload.expires_at.saturating_sub(now_ms).max(0));
        match self.problem {
            Some(problem) => Some((problem, left)),
            None if left <= ALARM_MS => Some(("head_expiring", left)),
            None => None,
        }
    }

    fn in_force(&self) -> Option<&Head> {
        self.head.as_ref().filter(|_| self.problem.is_none()).map(|head| &head.payload)
    }
}

/// Which status statements cover the code. Without a manifest the batch is unknown: pass [`Lookup::Missing`] for it.
pub fn standing(
    code: &Code,
    keyset: &KeySet,
    manifest: Option<&Manifest>,
    statuses: &Statuses<'_>,
    now_ms: i64,
) -> Standing {
    let mut found = Found { code, manifest, statements: Vec::new(), problems: Vec::new() };
    let mut heads = Vec::new();
    // Digests that each issuer has taken back, for its statements that stand alone.
    let mut lifted: Vec<(&str, String)> = Vec::new();
    for published in statuses.issuers {
        let issuer = published.issuer.as_str();
        let head = keyset.has_heads(issuer).then(|| read_head(published, keyset, now_ms));
        let in_force = head.as_ref().and_then(HeadState::in_force);
        let last = in_force.and_then(|head| head.last(code.primary()));
        let mut chain = match &published.chain {
            Lookup::Found(bytes) => Chain::read(bytes, issuer, code.primary(), keyset, now_ms),
            Lookup::Missing => Chain::default(),
            Lookup::Unavailable => Chain { problem: Some("unavailable"), ..Chain::default() },
        };
        chain.reach(last);
        lifted.extend(chain.lifted(last).into_iter().map(|(_, digest)| (issuer, digest.clone())));
        for link in chain.in_force(last) {
            found.take(link.statement.clone().map(|statement| statement.status));
        }
        let in_doubt = chain.in_doubt(last).any(|link| found.covers(&link.statement.payload.status));
        let void = (in_doubt || chain.has_loose_void(last)).then_some("key_compromised");
        // A store that tears or withholds is no evidence against the goods: not to be relied on, and not a forgery.
        found
            .problems
            .extend(chain.problem.or(void).map(|code| (Verdict::Unavailable, Reason { about: About::Status, code })));
        found.problems.extend(head.as_ref().and_then(|head| amiss(head, keyset)));
        heads.extend(head);
    }
    let scopes = [
        (statuses.batch, manifest.map(|manifest| Scope::Batch(manifest.batch.clone()))),
        (statuses.product, Some(Scope::Product(code.primary().clone()))),
    ];
    for (lookup, scope) in scopes {
        let Some(scope) = scope else { continue };
        match read_alone(lookup, &scope, keyset, now_ms) {
            Ok(Some(alone)) => {
                if !lifted.iter().any(|(issuer, name)| *issuer == alone.issuer && *name == alone.digest) {
                    found.take(alone.status);
                }
            }
            Ok(None) => {}
            Err(problem) => found.problems.push(problem),
        }
    }
    let Found { mut statements, problems, .. } = found;
    statements.sort_by_key(|status| (status.payload.state, core::cmp::Reverse(status.signed_at)));
    // Of several faults with one verdict the first is told.
    let problem = problems.into_iter().min_by_key(|(verdict, _)| *verdict);
    Standing { statements, heads, problem }
}

/// What has been found so far.
struct Found<'a> {
    code: &'a Code,
    manifest: Option<&'a Manifest>,
    statements: Vec<Opened<Status>>,
    problems: Vec<(Verdict, Reason)>,
}

impl Found<'_> {
    fn take(&mut self, status: Opened<Status>) {
        if self.covers(&status.payload) {
            self.statements.push(status);
        }
    }

    fn covers(&self, status: &Status) -> bool {
        status.covers(self.code, self.manifest)
    }
}

fn read_head(published: &Published, keyset: &KeySet, now_ms: i64) -> HeadState {
    let read = match &published.head {
        Lookup::Found(bytes) => Head::read(bytes, &published.issuer, keyset, now_ms),
        Lookup::Missing => Err("head_missing"),
        Lookup::Unavailable => Err("unavailable"),
    };
    let (head, problem) = match read {
        Ok(head) if head.payload.is_over(now_ms) => (Some(head), Some("head_expired")),
        Ok(head) => (Some(head), None),
        Err(code) => (None, Some(code)),
    };
    HeadState { issuer: published.issuer.clone(), head, problem }
}

/// What keeps a head from showing that nothing is missing. A head also says which edition of the key set there is: with
/// an older one at hand, an issuer or a revocation may be unknown.
fn amiss(head: &HeadState, keyset: &KeySet) -> Option<(Verdict, Reason)> {
    let reason = match head.problem {
        Some(code) => Reason { about: About::Head, code },
        None if head.in_force().is_some_and(|head| head.keyset > keyset.version()) => {
            Reason { about: About::KeySet, code: "stale" }
        }
        None => return None,
    };
    Some((Verdict::Unavailable, reason))
}

/// A statement that stands alone, as all did before there were chains.
struct Alone<'k> {
    status: Opened<Status>,
    issuer: &'k str,
    digest: String,
}

/// One lies under its scope's own key.
fn read_alone<'k>(
    lookup: &Lookup,
    scope: &Scope,
    keyset: &'k KeySet,
    now: i64,
) -> Result<Option<Alone<'k>>, (Verdict, Reason)> {
    let problem = |verdict, code| (verdict, Reason { about: About::Status, code });
    let refused = |error: SignedError| problem(Verdict::of_unsigned(&error, Verdict::RecordInvalid), error.code());
    let bytes = match lookup {
        Lookup::Found(bytes) => bytes,
        Lookup::Missing => return Ok(None),
        Lookup::Unavailable => return Err(problem(Verdict::Unavailable, "unavailable")),
    };
    let envelope = Envelope::parse(bytes).map_err(SignedError::Envelope).map_err(refused)?;
    let (status, key): (Status, &Key) =
        keyset::authentic(&envelope, dsse::STATUS, Use::Status, keyset).map_err(refused)?;
    key.vouches_at(Use::Status, status.issued_at, now).map_err(SignedError::Key).map_err(refused)?;
    status.check().map_err(|e| problem(Verdict::RecordInvalid, e.code))?;
    // Whoever writes the store could else put another batch's "active" here.
    if status.scope != *scope {
        return Err(problem(Verdict::RecordInvalid, "mismatch"));
    }
    let signed_at = status.issued_at;
    let status = Opened { payload: status, kid: key.kid.clone(), owner: key.owner.clone(), signed_at };
    Ok(Some(Alone { status, issuer: key.issuer(), digest: envelope.digest() }))
}

impl Verdict {
    /// The verdict where a document's signature does not count: `otherwise`, unless the key set knows no such key. That
    /// may be an older edition, at an edge that has not got the newest yet, and is no evidence against the document.
    pub(super) fn of_unsigned(error: &SignedError, otherwise: Verdict) -> Verdict {
        if matches!(error, SignedError::Key(KeyError::Unknown)) { Verdict::Unavailable } else { otherwise }
    }
}
