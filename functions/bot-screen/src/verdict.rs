//! The verdict on one request: which rules match, what their weights come to, what becomes of it.
//!
//! **Deliberately absent: any rule on unknown signals.** `screen_rules` has three truth values; nothing here adds weight.

use crate::action::Action;
use crate::policy::Rules;
use crate::request::Request;
use crate::signals::Known;

/// What becomes of a request, the mildest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// It goes on.
    Allow,
    /// It goes on, and the origin is told.
    Tag,
    /// It is told to come later.
    Throttle,
    /// It is refused.
    Block,
}

impl Outcome {
    /// Its name in packs and answers.
    pub const fn name(self) -> &'static str {
        match self {
            Outcome::Allow => "allow",
            Outcome::Tag => "tag",
            Outcome::Throttle => "throttle",
            Outcome::Block => "block",
        }
    }

    /// The status that the client should get; none if the request goes on.
    pub const fn status(self) -> Option<u16> {
        match self {
            Outcome::Allow | Outcome::Tag => None,
            Outcome::Throttle => Some(429),
            Outcome::Block => Some(403),
        }
    }
}

/// A rule that matched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reason<'p> {
    /// Its number in the pack.
    pub rule: usize,
    /// Its weight.
    pub weight: i16,
    /// The label that it gave.
    pub label: Option<&'p str>,
}

/// The verdict.
pub struct Verdict<'p> {
    /// What becomes of the request.
    pub outcome: Outcome,
    /// What it is taken for.
    pub action: Action<'p>,
    /// Who it says it is.
    pub agent: shared::agents::Agent,
    /// What the weights come to.
    pub weight: i64,
    /// The rules that matched.
    pub reasons: Vec<Reason<'p>>,
    /// Rules in shadow that matched.
    pub shadow: Vec<usize>,
    /// Why it is milder than its weight, if it is: `free` for an action that nothing holds up, `preflight`, `switch`.
    pub spared: Option<&'static str>,
}

/// Judges a request: by the strictest of what its path and its method may be read as, so that no spelling makes it milder.
pub fn judge<'p>(request: &Request, rules: &Rules<'p>) -> Verdict<'p> {
    let mut strictest = judge_one(request, rules);
    let methods = [&request.method, &request.sent];
    let paths = || std::iter::once(&request.path).chain(&request.other_paths);
    let readings = methods.into_iter().flat_map(|method| paths().map(move |path| (method, path)));
    for (method, path) in readings.skip(1).filter(|(method, path)| (*method, *path) != (&request.method, &request.path))
    {
        let other = Request { method: method.clone(), path: path.clone(), ..request.clone() };
        let verdict = judge_one(&other, rules);
        if (verdict.outcome, verdict.weight) > (strictest.outcome, strictest.weight) {
            strictest = verdict;
        }
    }
    strictest
}

fn judge_one<'p>(request: &Request, rules: &Rules<'p>) -> Verdict<'p> {
    let action = Action::of(request, rules.actions);
    let known = Known::of(request, action);
    let matched = rules.program.run(&known);
    let shadow = matched.iter().filter(|one| one.shadow).map(|one| one.rule).collect();
    let reason = |one: &screen_rules::Match<'p>| Reason { rule: one.rule, weight: one.weight, label: one.label };
    let reasons: Vec<Reason<'p>> = matched.iter().filter(|one| !one.shadow).map(reason).collect();
    let weight = reasons.iter().fold(0_i64, |sum, reason| sum.saturating_add(reason.weight.into()));
    let [tag, throttle, block] = rules.weights;
    let meant = match weight {
        _ if weight >= block => Outcome::Block,
        _ if weight >= throttle => Outcome::Throttle,
        _ if weight >= tag => Outcome::Tag,
        _ => Outcome::Allow,
    };
    let (most, why) = if rules.let_through {
        (Outcome::Allow, "switch")
    } else if request.preflight {
        (Outcome::Allow, "preflight")
    } else if action.is_free() {
        (Outcome::Tag, "free")
    } else {
        (Outcome::Block, "")
    };
    let spared = (meant > most).then_some(why);
    Verdict { outcome: meant.min(most), action, agent: known.agent, weight, reasons, shadow, spared }
}
