//! The verdict on one request: which rules match, what their weights come to, what becomes of it.
//!
//! **Deliberately absent: any rule on unknown signals.** `screen_rules` has three truth values; nothing here adds weight.

use screen_rules::Standing;
use shared::agents::{Agent, Class, Purpose, classify};

use crate::action::Action;
use crate::bot_auth::{Signed, signed};
use crate::client::AddressClass;
use crate::policy::Rules;
use crate::request::Request;
use crate::screen::TRAP;
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
    /// It must show that it comes from a browser.
    Challenge,
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
            Outcome::Challenge => "challenge",
            Outcome::Block => "block",
        }
    }

    /// The status that the client should get; none if the request goes on.
    pub const fn status(self) -> Option<u16> {
        match self {
            Outcome::Allow | Outcome::Tag => None,
            Outcome::Throttle => Some(429),
            Outcome::Challenge | Outcome::Block => Some(403),
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
    pub agent: Agent,
    /// What its signature or its address says of that, if it is no person's browser and has a name.
    pub standing: Option<Standing>,
    /// What its signature of Web Bot Auth comes to, if it has one.
    pub signed: Option<Signed<'p>>,
    /// Whose address it is.
    pub address: AddressClass,
    /// What the weights come to.
    pub weight: i64,
    /// The rules that matched.
    pub reasons: Vec<Reason<'p>>,
    /// Rules in shadow that matched.
    pub shadow: Vec<usize>,
    /// Why it is milder than its weight, if it is: `free` for an action that nothing holds up, `preflight`, `switch`.
    pub spared: Option<&'static str>,
    /// Whether a rule could match that has not been read.
    unread: bool,
}

impl Verdict<'_> {
    /// Whether it takes more of the pack than the index of its rules: one of them could match, or does and is to be named.
    /// What a signature comes to may still change.
    pub fn asks_rules(&self) -> bool {
        self.unread || !self.reasons.is_empty() || !self.shadow.is_empty() || self.signed.is_some()
    }
}

/// Judges a request: by the strictest of what its path and its method may be read as, so that no spelling makes it milder.
/// Of readings that are equally strict, the one whose action costs more counts, and then the first: the method as it acts, and the canonical path.
pub fn judge<'p>(request: &Request, rules: &Rules<'p>, now_ms: i64) -> Verdict<'p> {
    judge_as(request, signed(request, rules.signers, now_ms), rules, now_ms)
}

/// The same, given what its signature comes to.
pub fn judge_as<'p>(request: &Request, signed: Option<Signed<'p>>, rules: &Rules<'p>, now_ms: i64) -> Verdict<'p> {
    let agent = classify(&request.headers);
    let client = &Client::of(request, agent, signed, rules, now_ms);
    let as_sent = Some(&request.sent).filter(|sent| **sent != request.method);
    let methods = std::iter::once(&request.method).chain(as_sent);
    let readings = methods.flat_map(|method| request.paths.iter().map(move |path| (method, path)));
    let verdicts = readings.map(|(method, path)| judge_one(request, method, path, client, rules));
    let key = |verdict: &Verdict<'p>| (verdict.outcome, verdict.weight, rules.cost(verdict.action));
    let stricter = |a: Verdict<'p>, b: Verdict<'p>| {
        let unread = a.unread || b.unread;
        Verdict { unread, ..if key(&b) > key(&a) { b } else { a } }
    };
    verdicts.reduce(stricter).unwrap_or_else(|| judge_one(request, &request.method, "/", client, rules))
}

/// Whether it matters whose address a request comes from: to a name that an address can prove, to a rule, to a pass, or to
/// what is counted of an action that has a price. A page view by a browser needs nothing of the ranges, by far the largest
/// part of a pack.
pub fn asks_address(request: &Request, rules: &Rules<'_>) -> bool {
    let readings =
        || request.paths.iter().flat_map(|path| [&request.method, &request.sent].map(|method| (method, path)));
    rules.reads_class
        || request.brought.is_some()
        || proves_by_address(classify(&request.headers))
        || readings().any(|(method, path)| {
            let action = rules.action(request, method, path);
            !action.is_free() && rules.price(action.name()).is_some() || action.name() == TRAP
        })
}

/// Whether it fetches for somebody under a name. Browsers and libraries have names, too, and any address.
fn proves_by_address(agent: Agent) -> bool {
    matches!(agent.class, Class::Crawler | Class::Preview | Class::MailScanner) && !agent.name.is_empty()
}

/// How a request is held up that must show where it comes from: challenged, if its action has a price and it says that it is
/// a browser or a program of somebody's. A crawler that is true to its name solves nothing: it is told to come later. What is
/// taken for one by the shape of its name alone may be a person's browser that few know, who would have no way on.
pub fn held_up(action: Action<'_>, agent: Agent, rules: &Rules<'_>) -> Outcome {
    let crawls = matches!(agent.class, Class::Crawler | Class::Preview | Class::MailScanner);
    if crawls && !agent.name.is_empty() || rules.price(action.name()).is_none() {
        Outcome::Throttle
    } else {
        Outcome::Challenge
    }
}

/// What is known of who asks, however the request is read.
struct Client<'p> {
    agent: Agent,
    standing: Option<Standing>,
    signed: Option<Signed<'p>>,
    address: AddressClass,
}

impl<'p> Client<'p> {
    fn of(request: &Request, agent: Agent, signed: Option<Signed<'p>>, rules: &Rules<'p>, now_ms: i64) -> Client<'p> {
        // An assistant may fetch from the machine of whoever asked it.
        let anywhere = agent.purpose == Some(Purpose::Assistant);
        let proven = signed.as_ref().and_then(Signed::proof).is_some_and(|proof| proof.proves(agent));
        let standing = proves_by_address(agent).then(|| match rules.standing(agent.name, request.address, now_ms) {
            _ if proven => Standing::Verified,
            Standing::Impostor | Standing::Claimed if rules.always_signs(agent.name, now_ms) => Standing::Impostor,
            Standing::Impostor if anywhere => Standing::Claimed,
            standing => standing,
        });
        Client { agent, standing, signed, address: rules.address_class(request.address) }
    }
}

fn judge_one<'p>(request: &Request, method: &str, path: &str, client: &Client<'p>, rules: &Rules<'p>) -> Verdict<'p> {
    let Client { agent, standing, address, ref signed } = *client;
    let action = rules.action(request, method, path);
    let known = Known { request, method, path, action, agent, standing, signed: signed.as_ref(), address };
    let screen_rules::Found { matches: matched, whole } = rules.set.run(&known);
    let shadow = matched.iter().filter(|one| one.shadow).map(|one| one.rule).collect();
    let reason = |one: &screen_rules::Match<'p>| Reason { rule: one.rule, weight: one.weight, label: one.label };
    let reasons: Vec<Reason<'p>> = matched.iter().filter(|one| !one.shadow).map(reason).collect();
    let weight = reasons.iter().fold(0_i64, |sum, reason| sum.saturating_add(reason.weight.into()));
    let [tag, challenge, block] = rules.figures.weights;
    let meant = match weight {
        _ if weight >= block => Outcome::Block,
        _ if weight >= challenge => held_up(action, agent, rules),
        _ if weight >= tag => Outcome::Tag,
        _ => Outcome::Allow,
    };
    // Whose operator publishes no addresses cannot prove its name, and is not refused for it.
    let claimed = standing == Some(Standing::Claimed) && agent.purpose != Some(Purpose::Security);
    let meant = if claimed { meant.min(Outcome::Throttle) } else { meant };
    let (most, why) = if rules.figures.let_through {
        (Outcome::Allow, "switch")
    } else if request.preflight {
        (Outcome::Allow, "preflight")
    } else if action.is_free() {
        (Outcome::Tag, "free")
    } else {
        (Outcome::Block, "")
    };
    let spared = (meant > most).then_some(why);
    Verdict {
        outcome: meant.min(most),
        action,
        agent,
        standing,
        signed: signed.clone(),
        address,
        weight,
        reasons,
        shadow,
        spared,
        unread: !whole,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use shared::policy::Pack;

    use super::*;
    use crate::policy::BUNDLED;

    #[test]
    fn an_address_matters_where_it_proves_a_name_or_something_is_counted() {
        let pack = Pack::bundled(&BUNDLED);
        let rules = Rules::of(&pack).unwrap();
        assert!(!rules.reads_class && !rules.lacks_ranges());
        let firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
        for (method, url, agent, wanted) in [
            ("GET", "/p/1", firefox, false),
            ("GET", "/assets/x.css", "Mozilla/5.0 (compatible; Googlebot/2.1)", true),
            ("GET", "/p/1", "curl/8", false),
            ("POST", "/hooks/payment", "curl/8", false),
            ("POST", "/cart/add", firefox, true),
            ("GET", "/cart?add-to-cart=1", firefox, true),
            ("GET", "/p/1?_method=POST&add-to-cart=1", firefox, true),
            ("GET", "/venditor-trap/x", firefox, true),
            ("GET", "/p/1?venditor-token=x&venditor-answer=y", firefox, true),
        ] {
            let told = json!({ "method": method, "url": url, "headers": [["user-agent", agent]] });
            let request = Request::read(told.to_string().as_bytes()).unwrap();
            assert_eq!(asks_address(&request, &rules), wanted, "{method} {url} {agent}");
        }
    }
}
