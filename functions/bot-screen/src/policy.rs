//! The rules: figures, actions, rules and texts of a policy pack, read in place. Which pack is the shell's business.

use std::net::IpAddr;

use screen_rules::ranges::Kind;
use screen_rules::signal::{ACTIONS, Signal};
use screen_rules::{Index, Part, Ranges, RuleSet, Standing};
use shared::lang::Lang;
use shared::policy::{InDoubt, Map, Pack, Spec};

use crate::action::{Action, Actions};
use crate::challenge;
use crate::client::AddressClass;
use crate::request::Request;
use crate::verdict::Outcome;

include!(concat!(env!("OUT_DIR"), "/bundled.rs"));
include!(concat!(env!("OUT_DIR"), "/names.rs"));

const COMMON: &str = "common";
/// What every request needs.
pub const SECTIONS: [&str; 1] = [COMMON];
/// Whose addresses are whose, which most page views do without: [`crate::verdict::asks_address`].
pub const RANGES: [&str; 1] = ["ranges"];
/// The rules that can be looked up, and what rules are called: [`crate::verdict::Verdict::asks_rules`].
pub const RULES: [&str; 2] = ["rule-words", "rules"];
/// All of them.
pub const ALL: [&str; 4] = [COMMON, "ranges", "rule-words", "rules"];

/// The most bytes of a pack: 20,000 rules are below it.
const MAX_BYTES: u64 = 16 << 20;

/// A copy of an operator's ranges that is older, in days, makes nobody an impostor: lists of addresses rot.
const FRESH_DAYS: u32 = 45;

/// How packs are taken. A request is judged on the spot, so no decision outlives its pack. In doubt about which pack is
/// in force, the bundled one judges: a verdict names it.
pub static SPEC: Spec = Spec {
    format: 2,
    bundled: &BUNDLED,
    former: &[],
    max_bytes: MAX_BYTES,
    remembers: false,
    in_doubt: InDoubt::Bundled,
    check: |pack| {
        let checked =
            |rules: Rules<'_>| rules.ranges.is_some_and(|ranges| Ranges::is_sound(&ranges)) && rules.set.is_sound();
        if Rules::of(pack).is_some_and(checked) && says_all(pack) { Ok(()) } else { Err(lack(pack)) }
    },
};

/// What an action costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Price {
    /// Bits of work, for which a pass must have been earned.
    pub bits: u8,
    /// Bits that are added while there is load: to a challenge, not to what a pass must be worth.
    pub added: u8,
    /// How a challenge can be answered.
    pub kind: challenge::Kind,
    /// Seconds of waiting, without JavaScript.
    pub wait: u8,
    /// Whether everybody pays.
    pub always: bool,
    /// Whether the action is refused when its limits cannot be asked.
    pub closed: bool,
}

/// The most bits of work that are ever asked: some four million hashes.
const MOST_BITS: u8 = 22;

impl Price {
    /// The bits of work of a challenge that is dearer by so many.
    pub fn with(&self, added: u8) -> u8 {
        self.bits.saturating_add(added).min(MOST_BITS)
    }
}

/// The figures of a pack.
#[derive(Clone, Copy, Debug)]
pub struct Figures {
    /// Whether everything is let through.
    pub let_through: bool,
    /// From which weights on a request is tagged, challenged, blocked.
    pub weights: [i64; 3],
    /// For how long a challenge can be answered, and a pass is valid, in seconds.
    pub valid_seconds: [i64; 2],
    /// Over how many networks one pass is used at most.
    pub most_networks: i64,
    /// How long after its last page a visit ends, in seconds; 0: none are kept.
    pub visit_seconds: i64,
    /// How long counts may take, in milliseconds.
    pub storage_ms: i64,
    /// How long the origin may take for the head of its answer, in seconds.
    pub origin_seconds: i64,
    /// How long who is told to come later waits, in seconds.
    pub retry_after_seconds: i64,
    /// Of a hundred requests that are allowed, so many are logged.
    pub allows_per_hundred: i64,
}

/// The rules of one pack.
#[derive(Clone, Copy, Debug)]
pub struct Rules<'p> {
    /// The policy digest, which every answer names.
    pub digest: &'p str,
    /// What requests are taken for.
    pub actions: &'p Actions,
    /// The rules themselves.
    pub set: RuleSet<'p>,
    /// Its figures.
    pub figures: &'p Figures,
    /// How often what may be done.
    pub limits: Map<'p>,
    /// Who signs requests, and under which keys; empty in packs of earlier builds.
    pub signers: Map<'p>,
    /// Whether a rule asks whose address it is.
    pub reads_class: bool,
    prices: &'p [(&'static str, Price)],
    /// None while they have not been read.
    ranges: Option<Ranges<'p>>,
    rule_words: Map<'p>,
    words: Map<'p>,
}

/// What is read of a pack once, and not at each request: what stands in it as text or under a name.
#[derive(Debug)]
struct Made {
    reads_class: bool,
    actions: Actions,
    prices: Vec<(&'static str, Price)>,
    figures: Figures,
}

impl Made {
    fn of(pack: &Pack) -> Option<Made> {
        // What is kept must not be of a pack that was read in part.
        if SECTIONS.iter().any(|name| pack.wants(name).is_some()) {
            return None;
        }
        let common = pack.map(COMMON);
        let index = index(common)?;
        let (prices, load_bits) = (part(common, "prices"), figure(common, "challenge.load_bits")?);
        let price = |action: &&'static str| Some((*action, Price::of(prices, action, load_bits)?));
        Some(Made {
            reads_class: index.reads(Signal::AddressClass),
            actions: Actions::read(part(common, "actions")),
            prices: ACTIONS.iter().filter_map(price).collect(),
            figures: Figures::of(common)?,
        })
    }
}

impl Figures {
    fn of(common: Map<'_>) -> Option<Figures> {
        let figure = |name: &str| figure(common, name);
        Some(Figures {
            let_through: figure("switch.let_through")? == 1,
            weights: [figure("weight.tag")?, figure("weight.challenge")?, figure("weight.block")?],
            valid_seconds: [figure("challenge.valid_seconds")?, figure("pass.valid_seconds")?],
            most_networks: figure("pass.most_networks")?,
            visit_seconds: figure("visit.valid_seconds")?,
            storage_ms: figure("storage.timeout_ms")?,
            origin_seconds: figure("origin.head_timeout_seconds")?,
            retry_after_seconds: figure("throttle.retry_after_seconds")?,
            allows_per_hundred: figure("event.allows_per_hundred")?,
        })
    }
}

/// A part of what every request needs.
fn part<'p>(common: Map<'p>, name: &str) -> Map<'p> {
    common.get(name).and_then(|bytes| Map::open(bytes).ok()).unwrap_or(Map::EMPTY)
}

fn index(common: Map<'_>) -> Option<Index<'_>> {
    Index::open(common.get("index")?)
}

/// A figure, if it is within its range.
fn figure(common: Map<'_>, name: &str) -> Option<i64> {
    let (_, least, most) = FIGURES.iter().find(|(known, ..)| *known == name)?;
    part(common, "figures").int(name).filter(|value| (*least..=*most).contains(value))
}

impl Price {
    fn of(prices: Map<'_>, action: &str, load_bits: i64) -> Option<Price> {
        let mut numbers = prices.ints(action);
        let (bits, wait) = (numbers.next()?, numbers.next()?);
        let [always, closed] = [numbers.next()?, numbers.next()?].map(|flag| flag == 1);
        let kind = challenge::Kind::of_number(numbers.next().unwrap_or_default())?;
        let byte = |number: i64| u8::try_from(number).unwrap_or(u8::MAX);
        Some(Price { kind, bits: byte(bits), added: byte(load_bits), wait: byte(wait), always, closed })
    }
}

impl<'p> Rules<'p> {
    /// Of a pack whose [`SECTIONS`] have been read, or [`ALL`]; `None` if it lacks something that the code asks for.
    pub fn of(pack: &'p Pack) -> Option<Rules<'p>> {
        let made = pack.made(Made::of)?;
        let common = pack.map(COMMON);
        let lacks_rules = RULES.iter().any(|name| pack.wants(name).is_some());
        let far = if lacks_rules { None } else { Some(Part::open(pack.bytes("rules")?)?) };
        let ranges = match pack.wants("ranges") {
            Some(_) => None,
            None => Some(Ranges::reopen(pack.map("ranges").get("table")?)?),
        };
        Some(Rules {
            reads_class: made.reads_class,
            digest: pack.digest(),
            actions: &made.actions,
            set: RuleSet::new(index(common)?, far),
            figures: &made.figures,
            limits: part(common, "limits"),
            signers: part(common, "signers"),
            prices: &made.prices,
            ranges,
            rule_words: pack.map("rule-words"),
            words: part(common, "words"),
        })
    }

    /// What an action costs now; nothing if it is never challenged.
    pub fn price(&self, action: &str) -> Option<Price> {
        self.prices.iter().find(|(known, _)| *known == action).map(|(_, price)| *price)
    }

    /// What a request is taken for, by one reading of its method and its path.
    pub fn action(&self, request: &Request, method: &str, path: &str) -> Action<'p> {
        Action::of(request, method, path, self.actions, |action| self.cost(action))
    }

    /// What an action costs, to be compared: nothing if it is free, little if it is never challenged, else its bits.
    pub fn cost(&self, action: Action<'_>) -> u8 {
        let bits = || self.price(action.name()).map_or(1, |price| price.bits.saturating_add(1));
        if action.is_free() { 0 } else { bits() }
    }

    /// Whose address it is, by the ranges of the pack.
    pub fn address_class(&self, address: Option<IpAddr>) -> AddressClass {
        let known = address.and_then(|address| Some((self.ranges.as_ref()?, address)));
        let groups = known.into_iter().flat_map(|(ranges, address)| ranges.groups_of(address));
        let mut codes = groups.filter(|group| group.kind == Kind::Class).map(|group| group.code);
        match codes.next() {
            Some("consumer") => AddressClass::Consumer,
            Some("data_centre") => AddressClass::DataCentre,
            _ => AddressClass::Unknown,
        }
    }

    /// What an address says of the name that an agent has given itself.
    pub fn standing(&self, name: &str, address: Option<IpAddr>, now_ms: i64) -> Standing {
        let today = u32::try_from(now_ms / 86_400_000).unwrap_or_default();
        self.ranges.map_or(Standing::Claimed, |ranges| ranges.standing(name, address, today, FRESH_DAYS))
    }

    /// Whether an agent of this name sends nothing unsigned, as its operator says, by a fresh copy of its keys.
    pub fn always_signs(&self, name: &str, now_ms: i64) -> bool {
        let today = now_ms / 86_400_000;
        let day = self.signers.int(&format!("always/{name}"));
        day.is_some_and(|day| today.saturating_sub(day) <= i64::from(FRESH_DAYS))
    }

    /// Whether the ranges of addresses are still to be read.
    pub const fn lacks_ranges(&self) -> bool {
        self.ranges.is_none()
    }

    /// Whether the rules that can be looked up are still to be read, and what rules are called.
    pub const fn lacks_rules(&self) -> bool {
        self.set.is_unread()
    }

    /// A text of the pack.
    pub fn word(&self, name: &str, lang: Lang) -> &'p str {
        self.words.text(&format!("{name}/{}", lang.pick("zh", "en"))).unwrap_or_default()
    }

    /// The code of a rule.
    pub fn code(&self, rule: usize) -> &'p str {
        self.rule_words.text(&format!("{rule}/code")).unwrap_or_default()
    }

    /// What a rule is about, in words.
    pub fn about(&self, rule: usize, lang: Lang) -> &'p str {
        self.rule_words.text(&format!("{rule}/{}", lang.pick("zh", "en"))).unwrap_or_default()
    }

    /// What becomes of a request, in words.
    pub fn says(&self, outcome: Outcome, lang: Lang) -> &'p str {
        self.word(&format!("outcome/{}", outcome.name()), lang)
    }
}

/// Whether a pack has every text, in both languages: looked at when it is taken, not at each request.
fn says_all(pack: &Pack) -> bool {
    let words = part(pack.map(COMMON), "words");
    let said = |name: &str| ["zh", "en"].iter().all(|lang| words.text(&format!("{name}/{lang}")).is_some());
    TEXTS.iter().all(|name| said(name))
}

/// What a pack lacks that the code asks for, for the event that refuses it.
fn lack(pack: &Pack) -> String {
    match FIGURES.iter().find(|(name, ..)| figure(pack.map(COMMON), name).is_none()) {
        Some((name, ..)) => format!("the policy has no {name}, or one out of its range"),
        None => "the policy has no rules, or lacks a text".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bundled_pack_lacks_nothing() {
        let pack = Pack::bundled(&BUNDLED);
        let rules = Rules::of(&pack).unwrap();
        assert_eq!((rules.digest, rules.figures.let_through), (BUNDLED.digest, false));
        assert!(says_all(&pack));
        assert!(rules.set.index().len() > 5 && rules.set.is_sound() && rules.actions.len() > 10);
        for rule in 0..rules.set.index().len() {
            assert!(!rules.code(rule).is_empty() && !rules.about(rule, Lang::Zh).is_empty());
        }
    }
}
