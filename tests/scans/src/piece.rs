//! One piece: its visits, judged by the function's own ledger and rules.

use std::collections::BTreeMap;

use shared::mac::Secret;
use shared::platform::native::{Native, block_on};
use trace_verify::history::{Kin, Known, Visit};
use trace_verify::ledger::Visitor;
use trace_verify::marks::{Client, Tagger};
use trace_verify::outcome::{Basis, Ledger, basis};
use trace_verify::policy::Rules;
use trace_verify::visitor::Visiting;

use crate::people::Seen;

/// When every tale begins.
const START: i64 = 1_800_000_000_000;
const DAYS_OF_A_TAG: i64 = 30;

/// Signals that can be switched off.
pub const SIGNALS: [&str; 7] = ["none", "cookies", "household", "networks", "phones", "provinces", "window"];

/// For each of [`SIGNALS`], whether something is so without it.
pub type Without = [bool; SIGNALS.len()];

/// What became of a visit, or of several.
#[derive(Clone, Copy, Default)]
pub struct Told {
    /// Whether it was warned of copies, in amber or red.
    pub warned: Without,
    /// Whether in red.
    pub red: Without,
    /// Whether it was counted.
    pub counted: bool,
}

/// What the host knows of whoever visits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Knows {
    /// Operator, city and province: Workers, or Spin behind somebody who says them.
    Places,
    /// The address alone: Spin.
    Addresses,
}

/// A ledger of many pieces.
pub struct Ledgers {
    host_knows: Knows,
    host: Native,
    tagger: Tagger,
}

/// A piece and the jars of those who visit it. Without cookies in one ledger, with them in the other.
pub struct Piece<'a> {
    ledgers: &'a Ledgers,
    name: String,
    jars: BTreeMap<String, Kin>,
}

impl Ledgers {
    /// Empty ones.
    pub fn new(host_knows: Knows) -> Ledgers {
        let host = Native::new(trace_verify::store::SCHEMA).expect("tables");
        Ledgers { host_knows, host, tagger: Tagger::new(&Secret::new([7; 32])) }
    }

    /// A piece that nobody has scanned.
    pub fn piece(&self, name: String) -> Piece<'_> {
        Piece { ledgers: self, name, jars: BTreeMap::new() }
    }

    fn visit(&self, item: &str, seen: &Seen, cookie: Option<Kin>, at: i64) -> (Visit, Kin, Basis, Basis) {
        let now = START + at;
        let place = seen.line.place();
        let (asn, place) = match self.host_knows {
            Knows::Places => (Some(seen.line.asn), Some(&place)),
            Knows::Addresses => (None, None),
        };
        let client = Client { address: Some(&seen.line.address), agent: &seen.agent, asn, place, app: None };
        let marks = self.tagger.marks(&client, item, now, DAYS_OF_A_TAG);
        let visitor = Visitor { visiting: Visiting::Scan, marks, known: Known { cookie, app: false }, piece: None };
        let Ok(Ledger::Known(history)) = block_on(visitor.ask(&self.host, item, now)) else { panic!("no history") };
        let ever = Basis::of(&history, now, 100_000);
        (history.visit, history.kin, basis(&history, Rules::bundled(), now), ever)
    }
}

impl Told {
    /// Whether this or another.
    pub fn or(&mut self, other: &Told) {
        let each = |of: &mut Without, with: &Without| of.iter_mut().zip(with).for_each(|(any, one)| *any |= *one);
        each(&mut self.warned, &other.warned);
        each(&mut self.red, &other.red);
    }
}

impl Piece<'_> {
    /// A visit at an instant, in milliseconds since the tale began. `whose`: to whom the jar belongs. `forgets`: the jar has
    /// lost its cookies before.
    pub fn visit(&mut self, whose: &str, seen: &Seen, at: i64, forgets: bool) -> Told {
        let jar = format!("{whose} {}", seen.jar);
        if forgets {
            self.jars.remove(&jar);
        }
        let cookie = self.jars.get(&jar).copied();
        let (visit, kin, basis, ever) = self.ledgers.visit(&self.name, seen, cookie, at);
        self.jars.insert(jar, kin);
        let (bare, _, without, _) = self.ledgers.visit(&format!("{} without cookies", self.name), seen, None, at);
        let rules = Rules::bundled();
        let mut told = Told { counted: matches!(visit, Visit::First | Visit::Further), ..Told::default() };
        for (at, signal) in SIGNALS.iter().enumerate() {
            let mut less = basis;
            let mut seen = visit;
            match *signal {
                "cookies" => (seen, less) = (bare, without),
                "household" => less.kin = Kin::Stranger,
                // Phones alone, however few networks they are in; and the other way round.
                "networks" => {
                    less.spread.blocks = if less.spread.blocks > 0 { less.spread.agents } else { 0 };
                    less.spread.networks = less.spread.agents;
                }
                "phones" => less.spread.agents = less.spread.networks,
                "provinces" => less.spread.regions = 0,
                "window" => less = ever,
                _ => {}
            }
            told.warned[at] = seen != Visit::First && less.is_suspected(rules);
            told.red[at] = told.warned[at] && less.is_grave(rules);
        }
        told
    }
}
