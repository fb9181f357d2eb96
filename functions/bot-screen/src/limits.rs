//! Limits: how often one client, account, item or session may do something (GCRA, as ITU-T I.371 has it for cells).
//!
//! Each key is one statement; a client's own keys are asked in parallel, and then those that it shares. The clock is the
//! host's, given by the caller.

use futures_util::future::join_all;
use shared::platform::{Sql, StorageError};
use shared::policy::Map;

use crate::client::AddressClass;
use crate::seal::Keys;
use crate::store::{self, Asked, Counted};

/// What a request is counted by; what is not known is not counted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Its line ([`crate::client::line`]), unless it has a pass.
    pub address: Option<String>,
    /// Its line, with a pass or without.
    pub line: Option<String>,
    /// Its line with its user agent, unless it has a pass.
    pub agent: Option<String>,
    /// Its network ([`crate::client::network`]), unless it has a pass.
    pub network: Option<String>,
    /// The number of its pass, or what the pack says is a session.
    pub session: Vec<String>,
    /// The accounts that it may be about, each in one spelling.
    pub account: Vec<String>,
    /// The items that it may be about.
    pub item: Vec<String>,
    /// Method and path.
    pub endpoint: String,
}

const LOAD: &str = "load";
/// What others than the one who asks are counted by, too.
const SHARED: [&str; 5] = ["account", "action", "endpoint", "item", LOAD];
/// In so many parts the load of an action is counted, by the lines that it comes from: no one key is everybody's.
const LOAD_PARTS: i64 = 16;

/// What becomes of a request that is over a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Over {
    /// It must show that it comes from a browser.
    Challenge,
    /// So must who has a pass, unless that was earned at the price of this limit, with [`Limit::adds_bits`].
    Dearer,
    /// It is told to come later.
    Throttle,
}

/// A limit of a pack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit<'p> {
    /// Its code.
    pub code: &'p str,
    per: &'p str,
    /// What becomes of what is over it.
    pub over: Over,
    /// So many requests …
    pub requests: i64,
    /// … in so many seconds.
    pub seconds: i64,
    burst: i64,
    /// Whether the request is only held back by it, and does not count: what counts is another action.
    pub holds: bool,
    /// Bits by which a challenge is dearer for who is over it.
    pub adds_bits: u8,
    /// As how many requests this one counts: [`Counts::cost`].
    cost: i64,
    /// In words: Chinese, English.
    pub words: [&'p str; 2],
}

/// A limit, and how a request stands with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing<'p> {
    /// The limit.
    pub limit: Limit<'p>,
    /// Whether the request is over it.
    pub over: bool,
    /// How many more would be within it now.
    pub remaining: i64,
    /// Seconds until one more is, or until all of them are.
    pub reset: i64,
}

impl<'p> Limit<'p> {
    /// The limits of an action in a pack's section, for a class of address. `acts`: the request is no mere reading.
    pub fn of(rows: Map<'p>, action: &str, acts: bool, class: AddressClass) -> Vec<Limit<'p>> {
        let row = |place: usize| -> Option<Limit<'p>> {
            let mut lines = rows.lines(rows.at(place)?.0);
            let mut next = || lines.next();
            let (code, per, over) = (next()?, next()?, next()?);
            let over = match over {
                "challenge" => Over::Challenge,
                "dearer" => Over::Dearer,
                _ => Over::Throttle,
            };
            let [requests, seconds, burst] = [next()?, next()?, next()?].map(|number| number.parse().unwrap_or(1));
            let words = [next()?, next()?];
            let has = |list: &str, name: &str| list.split(' ').any(|one| one == name);
            let actions = next()?;
            let [reads, classes, held, adds_bits] = [(); 4].map(|()| next().unwrap_or_default());
            let (reads, adds_bits) = (reads == "reads", adds_bits.parse().unwrap_or(0));
            let counts = has(actions, action) && (acts || reads);
            let holds = has(held, action);
            let of_class = classes.is_empty() || has(classes, class.name());
            ((counts || holds) && of_class).then_some(Limit {
                code,
                per,
                over,
                requests,
                seconds,
                burst,
                holds: !counts,
                adds_bits,
                cost: 1,
                words,
            })
        };
        let limits: Vec<Limit<'p>> = (0..rows.len()).filter_map(row).collect();
        // What counts under nothing, such as the page with the form, is not held back either.
        if limits.iter().all(|limit| limit.holds) { Vec::new() } else { limits }
    }

    /// Whether it counts by fields of a request.
    pub fn is_by_field(&self) -> bool {
        ["account", "item"].contains(&self.per)
    }

    /// Milliseconds between two requests at an even pace.
    fn interval(&self) -> i64 {
        self.seconds.saturating_mul(1000).saturating_mul(self.parts()).checked_div(self.requests).unwrap_or(1).max(1)
    }

    fn parts(&self) -> i64 {
        if self.per == LOAD { LOAD_PARTS } else { 1 }
    }

    fn most_at_once(&self) -> i64 {
        self.burst.checked_div(self.parts()).unwrap_or(1).max(1)
    }

    /// As how many requests it counts: what costs more than may be done at once may be done when nothing else was.
    fn costs(&self) -> i64 {
        if self.holds { 1 } else { self.cost.clamp(1, self.most_at_once()) }
    }

    /// By how many milliseconds a request moves the arrival time.
    fn adds(&self) -> i64 {
        if self.holds { 0 } else { self.interval().saturating_mul(self.costs()) }
    }

    /// How far ahead of an even pace one may be, in milliseconds, and still do something once.
    fn tolerance(&self) -> i64 {
        self.interval().saturating_mul(self.most_at_once().saturating_sub(1))
    }

    /// The same for a request that counts as several.
    fn asked_tolerance(&self) -> i64 {
        self.tolerance().saturating_sub(self.interval().saturating_mul(self.costs().saturating_sub(1)))
    }

    fn standing(self, tat: i64, now: i64, counted: bool) -> Standing<'p> {
        let ahead = tat.saturating_sub(now).max(0);
        let room = self.tolerance().saturating_sub(ahead);
        let lacks = ahead.saturating_sub(self.asked_tolerance());
        let over = !counted && lacks > 0;
        let remaining = room.saturating_add(self.interval()).max(0).checked_div(self.interval()).unwrap_or(0);
        let wait = if over { lacks } else { ahead };
        // A row of before the limit was made stricter may lie far ahead: nobody waits longer than the limit is long.
        let reset = wait.saturating_add(999).checked_div(1000).unwrap_or(0).clamp(0, self.seconds.max(1));
        Standing { limit: self, over, remaining: if over { 0 } else { remaining }, reset }
    }
}

impl Counts {
    /// As how many requests it counts of the client's own. Whom it names is counted, whichever of several names a server
    /// takes; so that one request uses up no more of others' tries than of its sender's, each account from the third on is
    /// one request more. Two are what one person's form may have: an e-mail address and a telephone, or a name.
    fn cost(&self, limits: &[Limit<'_>]) -> i64 {
        let named = if limits.iter().any(|limit| limit.per == "account") { self.account.len() } else { 0 };
        i64::try_from(named).unwrap_or(i64::MAX).saturating_sub(1).max(1)
    }

    fn keys<'c>(&'c self, per: &str, action: &'c str, load: &'c str) -> Vec<&'c str> {
        let one = |value: &'c Option<String>| value.as_deref().into_iter().collect();
        let each = |values: &'c Vec<String>| values.iter().map(String::as_str).collect();
        match per {
            "address" => one(&self.address),
            "agent" => one(&self.agent),
            "line" => one(&self.line),
            "network" => one(&self.network),
            "session" => each(&self.session),
            "account" => each(&self.account),
            "item" => each(&self.item),
            "endpoint" => vec![&self.endpoint],
            "action" => vec![action],
            LOAD => vec![load],
            _ => Vec::new(),
        }
    }
}

/// Counts a request under every limit of its action whose key is known.
///
/// # Errors
/// [`StorageError`]: some of the keys may have been counted.
pub async fn count<'p>(
    sql: &impl Sql,
    keys: &Keys,
    limits: &[Limit<'p>],
    action: &str,
    counts: &Counts,
    now: i64,
) -> Result<Vec<Standing<'p>>, StorageError> {
    let mut groups: Vec<(String, Vec<Limit<'p>>)> = Vec::new();
    let load = if limits.iter().any(|limit| limit.per == LOAD) {
        let part = keys.counted(LOAD, counts.line.as_deref().unwrap_or_default());
        format!("{action} {}", part.get(..1).unwrap_or_default())
    } else {
        String::new()
    };
    let cost = counts.cost(limits);
    for limit in limits {
        let limit = &Limit { cost: if SHARED.contains(&limit.per) { 1 } else { cost }, ..*limit };
        for value in counts.keys(limit.per, action, &load) {
            let key = keys.counted(limit.per, value);
            match groups.iter_mut().find(|(known, _)| *known == key) {
                Some((_, group)) => group.push(*limit),
                None => groups.push((key, vec![*limit])),
            }
        }
    }
    let one = async |(key, group): &(String, Vec<Limit<'p>>)| -> Result<Vec<Standing<'p>>, StorageError> {
        let asked: Vec<Asked<'_>> = group.iter().map(|one| (one.code, one.adds(), one.asked_tolerance())).collect();
        let (counted, times) = match store::count(sql, key, &asked, now).await? {
            Counted::Within(times) => (true, times),
            Counted::Over(times) => (false, times),
        };
        let tat = |code: &str| times.iter().find(|(known, _)| known == code).map_or(now, |(_, tat)| *tat);
        Ok(group.iter().map(|limit| limit.standing(tat(limit.code), now, counted)).collect())
    };
    // What is held back for itself uses up nothing that others share: those keys are asked when it goes on.
    let is_shared = |group: &[Limit<'p>]| group.iter().any(|limit| SHARED.contains(&limit.per));
    let (shared, own): (Vec<_>, Vec<_>) = groups.iter().enumerate().partition(|(_, (_, group))| is_shared(group));
    let mut found: Vec<(usize, Vec<Standing<'p>>)> = Vec::new();
    for groups in [own, shared] {
        if found.iter().flat_map(|(_, group)| group).any(|one| one.over) {
            break;
        }
        let told = join_all(groups.iter().map(|(_, group)| one(group))).await;
        for ((place, _), group) in groups.iter().zip(told) {
            found.push((*place, group?));
        }
    }
    found.sort_by_key(|(place, _)| *place);
    // What would hold a request back, and does not, is not its affair.
    let standings = found.into_iter().flat_map(|(_, group)| group);
    Ok(standings.filter(|one| one.over || !one.limit.holds).collect())
}

/// `RateLimit-Policy` (draft-ietf-httpapi-ratelimit-headers): every limit under which the request itself was counted.
pub fn policy_field(standings: &[Standing<'_>]) -> String {
    let item = |one: &Standing<'_>| format!("\"{}\";q={};w={}", one.limit.code, one.limit.requests, one.limit.seconds);
    counted(standings).map(item).collect::<Vec<_>>().join(", ")
}

fn counted<'s, 'p>(standings: &'s [Standing<'p>]) -> impl Iterator<Item = &'s Standing<'p>> {
    standings.iter().filter(|one| !one.limit.holds && one.limit.per != LOAD)
}

/// `RateLimit` (the same draft): how the request stands with each.
pub fn standing_field(standings: &[Standing<'_>]) -> String {
    let item = |one: &Standing<'_>| format!("\"{}\";r={};t={}", one.limit.code, one.remaining, one.reset);
    counted(standings).map(item).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use shared::platform::native::{Native, block_on};

    use super::*;

    const LIMIT: Limit<'static> = Limit {
        code: "cart-address",
        per: "address",
        over: Over::Throttle,
        requests: 60,
        seconds: 60,
        burst: 3,
        holds: false,
        adds_bits: 0,
        cost: 1,
        words: ["", ""],
    };

    #[test]
    fn a_burst_and_then_an_even_pace() {
        let host = Native::new(store::SCHEMA).unwrap();
        let keys = Keys::parse("k1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA").unwrap();
        let counts = Counts { address: Some("192.0.2.1".to_owned()), ..Counts::default() };
        let at = |now: i64| block_on(count(&host, &keys, &[LIMIT], "cart", &counts, now)).unwrap().remove(0);
        let seen: Vec<(bool, i64)> = [0, 0, 0].map(at).iter().map(|one| (one.over, one.remaining)).collect();
        assert_eq!(seen, [(false, 2), (false, 1), (false, 0)]);
        let over = at(10);
        assert_eq!((over.over, over.remaining, over.reset), (true, 0, 1));
        assert_eq!(standing_field(&[over]), "\"cart-address\";r=0;t=1");
        assert_eq!(policy_field(&[over]), "\"cart-address\";q=60;w=60");
        assert!(!at(1010).over);
        assert!(at(1020).over);
        let unknown = block_on(count(&host, &keys, &[LIMIT], "cart", &Counts::default(), 0)).unwrap();
        assert!(unknown.is_empty(), "who is not known is not counted");
    }

    #[test]
    fn who_names_many_accounts_has_done_as_much() {
        let host = Native::new(store::SCHEMA).unwrap();
        let keys = Keys::parse("k1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA").unwrap();
        let session = Limit { code: "login-session", per: "session", burst: 20, ..LIMIT };
        let account = Limit { code: "login-account", per: "account", burst: 60, ..LIMIT };
        let asks = |limits: &[Limit<'static>], who: &str, named: usize| {
            let account = (0..named).map(|n| format!("{who}{n}")).collect();
            let counts = Counts { session: vec![who.to_owned()], account, ..Counts::default() };
            block_on(count(&host, &keys, limits, "login", &counts, 0)).unwrap()
        };
        // How often one session gets through with so many accounts in each of its requests.
        for (who, named, times) in [("a", 0, 20), ("b", 1, 20), ("c", 2, 20), ("d", 3, 10), ("e", 8, 2)] {
            let gets = (0..40).filter(|_| !asks(&[session, account], who, named)[0].over).count();
            assert_eq!(gets, times, "{named}");
        }
        // What no limit counts by costs nothing, and what costs more than may be done at once may be done once.
        assert_eq!((0..40).filter(|_| !asks(&[session], "f", 8)[0].over).count(), 20);
        let few = Limit { code: "few", per: "session", burst: 5, ..LIMIT };
        assert_eq!((0..40).filter(|_| !asks(&[few, account], "g", 8)[0].over).count(), 1);
        let told = asks(&[few, account], "g", 1)[0];
        assert_eq!((told.over, told.remaining, told.reset), (true, 0, 1));
    }

    #[test]
    fn who_did_one_thing_is_held_back_in_another() {
        let host = Native::new(store::SCHEMA).unwrap();
        let keys = Keys::parse("k1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA").unwrap();
        let counts = Counts { address: Some("192.0.2.1".to_owned()), ..Counts::default() };
        let trap = Limit { code: "trap", requests: 1, seconds: 3600, burst: 1, over: Over::Challenge, ..LIMIT };
        let held = Limit { holds: true, ..trap };
        let at = |limits: &[Limit<'static>], now| block_on(count(&host, &keys, limits, "", &counts, now)).unwrap();
        assert!(at(&[LIMIT, held], 0).iter().all(|one| !one.over), "nothing yet");
        assert_eq!(at(&[LIMIT, held], 0).len(), 1, "and looking counts for nothing");
        assert!(!at(&[trap], 10)[0].over);
        let seen: Vec<bool> = at(&[LIMIT, held], 20).iter().map(|one| one.over).collect();
        assert_eq!(seen, [false, true]);
        assert_eq!(policy_field(&at(&[LIMIT, held], 20)), "\"cart-address\";q=60;w=60", "it is not told");
        assert_eq!(at(&[LIMIT, held], 3_600_010).len(), 1);
    }
}
