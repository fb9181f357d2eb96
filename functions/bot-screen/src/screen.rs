//! The decision on one request: the verdict of the rules, what a pass makes of it, and limits over several requests.

use shared::function::{Call, Failure, log_storage_fault};
use shared::http::Headers;
use shared::platform::{Host, StorageError};

use crate::client;
use crate::config::Config;
use crate::fields::Fields;
use crate::limits::{self, Counts, Limit, Over, Standing};
use crate::pass::Pass;
use crate::policy::{Price, Rules};
use crate::request::Request;
use crate::seal::Keys;
use crate::verdict::{Outcome, Verdict, held_up, judge};
use crate::{BotScreen, NAME, store};

/// The name of preflights among the limits.
const PREFLIGHT: &str = "preflight";

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

/// Decides on a request.
///
/// # Errors
/// The limits cannot be asked, and the action is one that is refused then.
pub async fn screen<'p, H: Host>(
    call: &Call<'_, BotScreen, H>,
    request: &Request,
    rules: &Rules<'p>,
) -> Result<Decision<'p>, Failure> {
    let now = call.host.now_ms();
    let verdict = judge(request, rules, now);
    let mut decision = Decision {
        outcome: verdict.outcome,
        verdict,
        price: None,
        pass: None,
        standings: Vec::new(),
        retry_after: rules.retry_after_seconds,
        reference: reference(call.host),
    };
    let action = decision.verdict.action;
    let Some(keys) = &call.config.keys else {
        // Nobody can be challenged without keys.
        decision.outcome = without_challenge(decision.outcome);
        return Ok(decision);
    };
    if rules.let_through || action.is_free() || decision.outcome == Outcome::Block {
        return Ok(decision);
    }
    let Some(price) = rules.price(action.name()) else { return Ok(decision) };
    if request.preflight {
        return preflight(call, keys, request, rules, decision).await;
    }
    decision.price = Some(price);
    let pass = Pass::of(&request.headers, keys, &call.config.cookie, now);
    decision.pass = pass.filter(|pass| pass.serves(decision.verdict.address));
    match ask(call.host, keys, request, rules, &mut decision, now).await {
        Ok(()) => {}
        Err(error) if price.closed => return Err(error.into()),
        Err(error) => log_storage_fault(call.host, NAME, call.trace, &error),
    }
    conclude(&mut decision, price, rules);
    Ok(decision)
}

/// What only asks what it may send is not challenged, but may be told to come later.
async fn preflight<'p, H: Host>(
    call: &Call<'_, BotScreen, H>,
    keys: &Keys,
    request: &Request,
    rules: &Rules<'p>,
    mut decision: Decision<'p>,
) -> Result<Decision<'p>, Failure> {
    let limits = Limit::of(rules.limits, PREFLIGHT, true);
    let counts = Counts { address: request.address.map(client::line), ..Counts::default() };
    match limits::count(call.host, keys, &limits, PREFLIGHT, &counts, call.host.now_ms()).await {
        Ok(standings) => decision.standings = standings,
        Err(error) => log_storage_fault(call.host, NAME, call.trace, &error),
    }
    if let Some(over) = decision.standings.iter().find(|standing| standing.over) {
        decision.retry_after = over.reset.max(1);
        decision.outcome = Outcome::Throttle;
    }
    Ok(decision)
}

/// The decision that a proxy was told before, in `venditor-outcome`, `retry-after` and `venditor-reference`.
pub fn told<'p>(config: &Config, request: &Request, rules: &Rules<'p>, headers: &Headers, now_ms: i64) -> Decision<'p> {
    let verdict = judge(request, rules, now_ms);
    let outcome = match headers.get("venditor-outcome") {
        Some("challenge") if config.keys.is_some() => Outcome::Challenge,
        Some("block") => Outcome::Block,
        _ => Outcome::Throttle,
    };
    let price = rules.price(verdict.action.name());
    let outcome = if price.is_none() { without_challenge(outcome) } else { outcome };
    let retry_after = headers.get("retry-after").and_then(|seconds| seconds.parse().ok());
    let is_reference = |text: &&str| text.len() <= 16 && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    let reference = headers.get("venditor-reference").filter(is_reference).unwrap_or_default();
    Decision {
        outcome,
        verdict,
        price,
        pass: None,
        standings: Vec::new(),
        retry_after: retry_after.filter(|seconds| (1..=86_400).contains(seconds)).unwrap_or(rules.retry_after_seconds),
        reference: reference.to_owned(),
    }
}

/// What pass and limits make of the verdict.
fn conclude(decision: &mut Decision<'_>, price: Price, rules: &Rules<'_>) {
    let paid = decision.pass.as_ref().is_some_and(|pass| pass.bits >= price.bits);
    let over = |what: Over| decision.standings.iter().filter(move |one| one.over && one.limit.over == what);
    let throttled = over(Over::Throttle).map(|one| one.reset).max();
    let crowded = over(Over::Challenge).map(|one| one.reset).max();
    let demanded = decision.verdict.outcome == Outcome::Challenge || price.always || crowded.is_some();
    decision.outcome = match decision.verdict.outcome {
        _ if throttled.is_some() => Outcome::Throttle,
        Outcome::Challenge if paid => Outcome::Tag,
        outcome if !demanded || paid => outcome,
        outcome => outcome.max(held_up(decision.verdict.action, decision.verdict.agent, rules)),
    };
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
    if let Some(pass) = &decision.pass
        && store::is_revoked(host, &pass.number()).await?
    {
        decision.pass = None;
    }
    let (action, price) = (decision.verdict.action, decision.price);
    let paid = decision.pass.as_ref().filter(|pass| price.is_some_and(|price| pass.bits >= price.bits));
    // What is challenged for itself does not reach the account that it names, and must not use up its owner's tries.
    let arrives = paid.is_some() || decision.verdict.outcome != Outcome::Challenge;
    let path = request.paths.first().map_or("/", String::as_str);
    let fields = Fields::of(request, path);
    let [account, item, session] = action.keys.map(|names| if arrives { fields.values(names) } else { Vec::new() });
    let line = request.address.map(client::line);
    // Who has shown to be a browser is counted as that, and not with all others behind the same address.
    let alone = line.clone().filter(|_| paid.is_none());
    let counts = Counts {
        network: request.address.filter(|_| paid.is_none()).map(client::network),
        address: alone,
        line,
        session: paid.map(|pass| vec![pass.number()]).unwrap_or(session),
        account,
        item,
        endpoint: format!("{} {path}", request.method),
    };
    // An override makes a method what it says, and does not unmake what was sent.
    let acts = request.method != "GET" || request.sent != "GET";
    let mut limits = Limit::of(rules.limits, action.name(), acts);
    if paid.is_some() {
        // Nothing more is to be shown; and what is over one limit of a key would not be counted under its others.
        limits.retain(|limit| limit.over == Over::Throttle);
    }
    decision.standings = limits::count(host, keys, &limits, action.name(), &counts, now).await?;
    Ok(())
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
    let forwarded = headers.combined("x-forwarded-for").unwrap_or_default();
    let told = client::behind_hops(&forwarded, config.hops).filter(|told| client::address(told).is_some());
    // A proxy that writes nothing that can be read is itself the client: all behind it are one, and none goes uncounted.
    told.or_else(|| host.client_addr(headers)).map(str::to_owned)
}
