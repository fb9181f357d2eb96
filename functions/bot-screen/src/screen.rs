//! The decision on one request: the verdict of the rules, what a pass makes of it, and limits over several requests.

use std::future::Future;

use screen_rules::Standing as Proof;
use shared::agents::{Class, Dest, Fetch, Site};
use shared::function::{Call, Failure, log_storage_fault};
use shared::http::Headers;
use shared::platform::{Allowance, Host, StorageError, within};

use crate::body::Body;
use crate::bot_auth::Signed;
use crate::client::{self, Whence};
use crate::config::Config;
use crate::fields::Named;
use crate::limits::{self, Counts, Limit, Over, Standing};
use crate::pass::Pass;
use crate::policy::{Price, Rules};
use crate::request::Request;
use crate::seal::Keys;
use crate::verdict::{Outcome, Verdict, held_up, judge, judge_as};
use crate::visit::{Visit, Visiting};
use crate::{BotScreen, NAME, store};

/// The host's limiter of page views, where it has one, and that of those which say that they are programs and have not
/// shown whose: behind one address there are many people, and few such programs.
const VIEWS: &str = "VIEWS";
const PROGRAMS: &str = "PROGRAMS";
/// The name of preflights among the limits.
const PREFLIGHT: &str = "preflight";
/// The action of links that no person sees.
pub const TRAP: &str = "trap";

/// What becomes of a request, and all that is to be said of it.
pub struct Decision<'p> {
    /// What becomes of it.
    pub outcome: Outcome,
    /// What the rules say.
    pub verdict: Verdict<'p>,
    /// What its action costs, if it can be challenged.
    pub price: Option<Price>,
    /// Its pass, if it has one that is valid here.
    pub pass: Option<Pass>,
    /// Whether it has one that was used over too many networks, which is none any more.
    pub pass_shared: bool,
    /// Whether a limit counts by fields of its body, which could not be looked into.
    pub unread: bool,
    /// Whether what was told as its client's address is none.
    pub address_unread: bool,
    /// The host's own limiter that it is over, if it is.
    pub flood: Option<&'static str>,
    /// How it stands with the limits that were asked.
    pub standings: Vec<Standing<'p>>,
    /// Seconds after which to come again, if it is told to.
    pub retry_after: i64,
    /// The number that a person quotes.
    pub reference: String,
}

impl Decision<'_> {
    /// Why it is milder than its weight, if it is.
    pub fn spared(&self) -> Option<&'static str> {
        let by_pass = self.verdict.outcome == Outcome::Challenge && self.outcome == Outcome::Tag;
        if by_pass { Some("pass") } else { self.verdict.spared }
    }

    /// The limits that it is over.
    pub fn over(&self) -> impl Iterator<Item = &Limit<'_>> {
        self.standings.iter().filter(|standing| standing.over).map(|standing| &standing.limit)
    }
}

/// Decides on a request: by the verdict of the rules, passes and limits, or, if nothing else counts it, by the host's own
/// limiter.
///
/// # Errors
/// The limits cannot be asked, and the action is one that is refused then.
pub async fn screen<'p, H: Host>(
    call: &Call<'_, BotScreen, H>,
    request: &Request,
    verdict: Verdict<'p>,
    rules: &Rules<'p>,
) -> Result<Decision<'p>, Failure> {
    let mut decision = decide(call, request, verdict, rules).await?;
    // What has a price may have no limits, or they could not be asked: then nothing has counted it yet.
    let counted =
        rules.figures.let_through || request.preflight || decision.price.is_some() && !decision.standings.is_empty();
    if !counted {
        decision.flood = flood(call.host, request, &decision).await;
    }
    if decision.flood.is_some() {
        decision.outcome = Outcome::Throttle;
    }
    Ok(decision)
}

/// The host's own limiter that a view is over, if it is one of a flood.
async fn flood(host: &impl Host, request: &Request, decision: &Decision<'_>) -> Option<&'static str> {
    let verdict = &decision.verdict;
    let spared = verdict.action.is_free() || verdict.spared.is_some();
    let person = matches!(verdict.agent.class, Class::Browser | Class::InApp | Class::OldBrowser | Class::Unknown);
    let limiter = if person || verdict.standing == Some(Proof::Verified) { VIEWS } else { PROGRAMS };
    match request.whence.line() {
        Some(line) if !spared && decision.outcome < Outcome::Throttle => {
            (host.limit(limiter, &line).await == Allowance::Limited).then_some(limiter)
        }
        _ => None,
    }
}

async fn decide<'p, H: Host>(
    call: &Call<'_, BotScreen, H>,
    request: &Request,
    verdict: Verdict<'p>,
    rules: &Rules<'p>,
) -> Result<Decision<'p>, Failure> {
    let now = call.host.now_ms();
    let verdict = once(call, verdict, request, rules, now).await;
    let mut decision = Decision {
        outcome: verdict.outcome,
        verdict,
        price: None,
        pass: None,
        pass_shared: false,
        unread: false,
        address_unread: request.whence == Whence::Unread,
        flood: None,
        standings: Vec::new(),
        retry_after: rules.figures.retry_after_seconds,
        reference: reference(call.host),
    };
    let action = decision.verdict.action;
    let Some(keys) = &call.config.keys else {
        // Nobody can be challenged without keys.
        decision.outcome = without_challenge(decision.outcome);
        return Ok(decision);
    };
    if rules.figures.let_through || action.is_free() || decision.outcome == Outcome::Block {
        return Ok(decision);
    }
    if action.name() == TRAP && !request.preflight && follows(request, decision.verdict.agent.fetch) {
        // Who follows a link that no person sees goes on, and is remembered.
        decision.standings = count_only(call, keys, request, rules, TRAP, &decision).await;
        return Ok(decision);
    }
    let Some(price) = rules.price(action.name()) else { return Ok(decision) };
    if request.preflight {
        decision.standings = count_only(call, keys, request, rules, PREFLIGHT, &decision).await;
        // What only asks what it may send is not challenged, but may be told to come later.
        if let Some(over) = decision.standings.iter().find(|standing| standing.over) {
            decision.retry_after = over.reset.max(1);
            decision.outcome = Outcome::Throttle;
        }
        return Ok(decision);
    }
    decision.price = Some(price);
    // One that was earned just now counts, or its challenge would be asked again for an older one that serves no more.
    let pass = request.earned.clone().or_else(|| Pass::of(&request.headers, keys, &call.config.cookie, now));
    decision.pass = pass.filter(|pass| pass.serves(decision.verdict.address));
    match in_time(call.host, rules, ask(call.host, keys, request, rules, &mut decision, now)).await {
        Ok(()) => {}
        Err(error) if price.closed => return Err(error.into()),
        Err(error) => log_storage_fault(call.host, NAME, call.trace, &error),
    }
    conclude(&mut decision, price, rules);
    if let Some(left) = request.answers_too_often.filter(|_| decision.outcome == Outcome::Challenge) {
        // It would answer the next one in vain, too, without end.
        decision.outcome = Outcome::Throttle;
        decision.retry_after = i64::from(left).max(1);
    }
    Ok(decision)
}

/// The verdict of a request whose signature makes it milder, if that is used for the first time; else what it would be
/// without one. What makes no difference is not used up. While nobody can be asked, it makes none.
async fn once<'p, H: Host>(
    call: &Call<'_, BotScreen, H>,
    verdict: Verdict<'p>,
    request: &Request,
    rules: &Rules<'p>,
    now: i64,
) -> Verdict<'p> {
    let Some(Signed::By(proof)) = &verdict.signed else { return verdict };
    let plain = judge_as(request, Some(Signed::Replayed(proof.clone())), rules, now);
    if plain.outcome <= verdict.outcome {
        return verdict;
    }
    let Some(number) = &proof.once else { return plain };
    match in_time(call.host, rules, store::answer(call.host, number, proof.until_ms, now)).await {
        Ok(true) => verdict,
        Ok(false) => plain,
        Err(error) => {
            log_storage_fault(call.host, NAME, call.trace, &error);
            plain
        }
    }
}

/// Whether it may be a link that was followed. A page of another site, or a picture that a shopper put into a review, has
/// others fetch what they never chose, and would trap whoever looks at it.
fn follows(request: &Request, fetch: Fetch) -> bool {
    let page = matches!(fetch.dest, None | Some(Dest::Document | Dest::Empty));
    let elsewhere = match (fetch.site, request.headers.get("referer").and_then(|from| from.split_once("://"))) {
        (Some(site), _) => site == Site::CrossSite,
        (None, Some((_, from))) => crate::path::host(from.split('/').next().unwrap_or_default()) != request.host,
        (None, None) => false,
    };
    page && !elsewhere
}

/// Counts a request by its address, under a name among the limits; nothing if they cannot be asked.
async fn count_only<'p, H: Host>(
    call: &Call<'_, BotScreen, H>,
    keys: &Keys,
    request: &Request,
    rules: &Rules<'p>,
    name: &str,
    decision: &Decision<'p>,
) -> Vec<Standing<'p>> {
    let limits = Limit::of(rules.limits, name, true, decision.verdict.address);
    let line = request.whence.line();
    let counts = Counts { agent: agent(request), address: line.clone(), line, ..Counts::default() };
    let count = limits::count(call.host, keys, &limits, name, &counts, call.host.now_ms());
    in_time(call.host, rules, count).await.unwrap_or_else(|error| {
        log_storage_fault(call.host, NAME, call.trace, &error);
        Vec::new()
    })
}

/// Runs what asks the storage, for as long as the pack lets it.
pub async fn in_time<T>(
    host: &impl Host,
    rules: &Rules<'_>,
    work: impl Future<Output = Result<T, StorageError>>,
) -> Result<T, StorageError> {
    let limit = u32::try_from(rules.figures.storage_ms).unwrap_or(u32::MAX);
    within(host, limit, work).await.unwrap_or_else(|| Err(StorageError::sql("no answer in time")))
}

/// What is known of the visit of a request.
pub fn visit(config: &Config, headers: &Headers, rules: &Rules<'_>, now_ms: i64) -> Visiting {
    match &config.keys {
        Some(keys) if rules.figures.visit_seconds > 0 => {
            let valid_ms = rules.figures.visit_seconds.saturating_mul(1000);
            Visit::of(headers, keys, &config.cookie, now_ms, valid_ms)
                .map_or(Visiting::New, |visit| Visiting::Known(visit.seen(now_ms)))
        }
        _ => Visiting::Unknown,
    }
}

/// The field `Set-Cookie` with which the visit of a request that goes on goes on: with each page, and each action of a
/// shopper that is another than the last. What a browser fetches ahead was not looked at yet.
pub fn visit_goes_on(
    config: &Config,
    request: &Request,
    decision: &Decision<'_>,
    rules: &Rules<'_>,
    now_ms: i64,
) -> Option<String> {
    let (keys, verdict) = (config.keys.as_ref()?, &decision.verdict);
    let goes_on = matches!(decision.outcome, Outcome::Allow | Outcome::Tag);
    let page = request.navigation && request.sent == "GET";
    let seen = match &request.visit {
        Visiting::Unknown => return None,
        Visiting::New => None,
        Visiting::Known(seen) => Some(seen),
    };
    let shops = decision.price.is_some() && verdict.action.name() != "api";
    if !goes_on || verdict.action.is_free() || verdict.agent.fetch.ahead || !(page || shops) {
        return None;
    }
    let network = request.address.map(|address| keys.counted("network", &client::network(address)));
    let was = seen.map(|seen| seen.visit.clone()).unwrap_or_default();
    let is = was.clone().goes_on(verdict.action.name(), page, network.as_deref(), now_ms);
    (is != was).then(|| is.set_cookie(keys, &config.cookie, rules.figures.visit_seconds))
}

/// The field in which a proxy is told, and tells again, the bits of a challenge's work.
pub const BITS: &str = "venditor-bits";

/// The decision that a proxy was told before, in `venditor-outcome`, [`BITS`], `retry-after` and `venditor-reference`.
pub fn told<'p>(config: &Config, request: &Request, rules: &Rules<'p>, headers: &Headers, now_ms: i64) -> Decision<'p> {
    let verdict = judge(request, rules, now_ms);
    let outcome = match headers.get("venditor-outcome") {
        Some("challenge") if config.keys.is_some() => Outcome::Challenge,
        Some("block") => Outcome::Block,
        _ => Outcome::Throttle,
    };
    let bits = headers.get(BITS).and_then(|bits| bits.parse().ok()).unwrap_or(0_u8);
    let price = rules.price(verdict.action.name());
    let price = price.map(|price| Price { added: price.added.max(bits.saturating_sub(price.bits)), ..price });
    let outcome = if price.is_none() { without_challenge(outcome) } else { outcome };
    let retry_after = headers.get("retry-after").and_then(|seconds| seconds.parse().ok());
    let is_reference = |text: &&str| text.len() <= 16 && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    let reference = headers.get("venditor-reference").filter(is_reference).unwrap_or_default();
    Decision {
        outcome,
        verdict,
        price,
        pass: None,
        pass_shared: false,
        unread: false,
        address_unread: request.whence == Whence::Unread,
        flood: None,
        standings: Vec::new(),
        retry_after: retry_after
            .filter(|seconds| (1..=86_400).contains(seconds))
            .unwrap_or(rules.figures.retry_after_seconds),
        reference: reference.to_owned(),
    }
}

/// What pass and limits make of the verdict.
fn conclude(decision: &mut Decision<'_>, mut price: Price, rules: &Rules<'_>) {
    let paid = decision.pass.as_ref().is_some_and(|pass| pass.bits >= price.bits);
    let over = |which: fn(Over) -> bool| decision.standings.iter().filter(move |one| one.over && which(one.limit.over));
    let throttled = over(|what| what == Over::Throttle).map(|one| one.reset).max();
    let challenged = || over(|what| what != Over::Throttle);
    let crowded = challenged().map(|one| one.reset).max();
    let dearer = challenged().map(|one| one.limit.adds_bits).max().unwrap_or(0);
    let paid = paid && challenged().all(|one| one.limit.over != Over::Dearer);
    price.added = price.added.saturating_add(dearer);
    let said = decision.verdict.outcome == Outcome::Challenge;
    let demanded = said || price.always || crowded.is_some() || decision.unread;
    decision.outcome = match decision.verdict.outcome {
        _ if throttled.is_some() => Outcome::Throttle,
        Outcome::Challenge if paid => Outcome::Tag,
        outcome if !demanded || paid => outcome,
        outcome => outcome.max(held_up(decision.verdict.action, decision.verdict.agent, rules)),
    };
    decision.price = Some(price);
    if let Some(reset) = throttled.or(crowded).filter(|_| decision.outcome == Outcome::Throttle) {
        decision.retry_after = reset.max(1);
    }
}

/// Counts a request, and asks whether its pass was taken back, which is not counted by then.
async fn ask<'p, H: Host>(
    host: &H,
    keys: &Keys,
    request: &Request,
    rules: &Rules<'p>,
    decision: &mut Decision<'p>,
    now: i64,
) -> Result<(), StorageError> {
    if let Some(pass) = &decision.pass {
        let network = request.whence.network().unwrap_or_else(|| "unknown".to_owned());
        let (network, until) = (keys.counted("network", &network), i64::from(pass.until).saturating_mul(1000));
        let most = rules.figures.most_networks;
        let state = store::pass_state(host, &pass.number(), &network, most, until, now).await?;
        decision.pass_shared = state.networks > most;
        if state.revoked || decision.pass_shared {
            decision.pass = None;
        }
    }
    let (action, price) = (decision.verdict.action, decision.price);
    let paid = decision.pass.as_ref().filter(|pass| price.is_some_and(|price| pass.bits >= price.bits));
    // What is held back for itself does not reach the account that it names, and must not use up its owner's tries.
    let arrives = match decision.verdict.outcome {
        Outcome::Challenge => paid.is_some(),
        outcome => outcome < Outcome::Throttle,
    };
    let path = request.paths.first().map_or("/", String::as_str);
    let fields = Named::of(request, path, rules.actions.names());
    let [account, item, session] = action.keys.map(|names| if arrives { fields.values(names) } else { Vec::new() });
    let line = request.whence.line();
    // Who has shown to be a browser is counted as that, and not with all others behind the same address.
    let alone = line.clone().filter(|_| paid.is_none());
    let counts = Counts {
        network: request.whence.network().filter(|_| paid.is_none()),
        agent: agent(request).filter(|_| paid.is_none()),
        address: alone,
        line,
        session: paid.map(|pass| vec![pass.number()]).unwrap_or(session),
        account,
        item,
        endpoint: format!("{} {path}", request.method),
    };
    // An override makes a method what it says, and does not unmake what was sent.
    let acts = request.method != "GET" || request.sent != "GET";
    let mut limits = Limit::of(rules.limits, action.name(), acts, decision.verdict.address);
    if let (Some(pass), Some(price)) = (paid, price) {
        // Nothing more is to be shown; and what is over one limit of a key would not be counted under its others.
        limits.retain(|limit| match limit.over {
            Over::Throttle => true,
            Over::Challenge => false,
            Over::Dearer => pass.bits < price.with(limit.adds_bits),
        });
    }
    decision.unread = request.body == Body::Hidden && limits.iter().any(Limit::is_by_field);
    decision.standings = limits::count(host, keys, &limits, action.name(), &counts, now).await?;
    Ok(())
}

/// A line with its user agent.
fn agent(request: &Request) -> Option<String> {
    let agent = request.headers.get("user-agent").unwrap_or_default();
    request.whence.line().map(|line| format!("{line} {agent}"))
}

fn without_challenge(outcome: Outcome) -> Outcome {
    if outcome == Outcome::Challenge { Outcome::Throttle } else { outcome }
}

/// A number that a person can read out: 50 random bits in Crockford's base32.
fn reference(host: &impl Host) -> String {
    let mut random = [0_u8; 8];
    host.fill(&mut random);
    let value = u128::from(u64::from_le_bytes(random));
    let mut text: String = shared::crockford::symbols(value, 10).collect();
    text.insert(5, '-');
    text
}

/// The address of a client whose request comes here itself.
pub fn address_of(host: &impl Host, config: &Config, headers: &Headers) -> Option<String> {
    let told = shared::address::forwarded(headers, config.hops);
    // A proxy that writes nothing that can be read is itself the client: all behind it are one, and none goes uncounted.
    told.or_else(|| host.client_addr(headers).map(str::to_owned))
}
