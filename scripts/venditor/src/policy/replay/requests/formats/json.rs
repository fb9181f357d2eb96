//! Lines of JSON: Logpush, nginx with `log_format … escape=json`, and our events.

use std::collections::HashMap;
use std::sync::Arc;

use bot_screen::policy::Rules;
use bot_screen::request::{Peer, Request};
use bot_screen::verdict::Outcome;
use serde::Deserialize;
use serde_json::{Map, Value};
use shared::platform::Signals;

use super::super::tally::Verdict;
use super::{Line, Record, request_line, time, version};

/// Reads a line.
pub fn read(text: &str, host: &str) -> Line {
    let Ok(Value::Object(members)) = serde_json::from_str(text) else { return Line::Unread("no JSON object") };
    let has = |name: &str| members.contains_key(name);
    let record = if has("schema") {
        return event(text);
    } else if has("ClientRequestURI") || has("ClientRequestPath") {
        logpush(&members, host)
    } else {
        nginx(&members, host)
    };
    record.map_or(Line::Unread("JSON that says no method and URI"), |record| Line::Request(Box::new(record)))
}

fn text<'m>(members: &'m Map<String, Value>, names: &[&str]) -> Option<&'m str> {
    let text = |name: &&str| members.get(*name)?.as_str();
    names.iter().find_map(text).filter(|text| !text.is_empty() && *text != "-")
}

fn instant(members: &Map<String, Value>, names: &[&str]) -> Option<i64> {
    names.iter().find_map(|name| match members.get(*name)? {
        Value::Number(number) => time::of_number(number.as_f64()?),
        Value::String(text) => {
            time::of_rfc3339(text).or_else(|| time::of_log(text)).or_else(|| time::of_number(text.parse().ok()?))
        }
        _ => None,
    })
}

/// Fields of Cloudflare's HTTP requests data set.
fn logpush(members: &Map<String, Value>, host: &str) -> Option<Record> {
    let of = |name: &str| text(members, &[name]);
    let number = |name: &str| members.get(name).and_then(Value::as_u64);
    let uri = of("ClientRequestURI").or_else(|| of("ClientRequestPath"))?;
    let mut fields = vec![("user-agent", of("ClientRequestUserAgent")), ("referer", of("ClientRequestReferer"))];
    let more = members.get("RequestHeaders").and_then(Value::as_object);
    let more: Vec<(String, &str)> = more
        .into_iter()
        .flatten()
        .filter_map(|(name, value)| Some((name.to_ascii_lowercase(), value.as_str()?)))
        .collect();
    fields.extend(more.iter().map(|(name, value)| (name.as_str(), Some(*value))));
    let signals = Signals {
        asn: number("ClientASN").and_then(|asn| u32::try_from(asn).ok()).filter(|asn| *asn > 0),
        ja3: of("JA3Hash").map(str::to_owned),
        ja4: of("JA4").map(str::to_owned),
        tls_version: of("ClientSSLProtocol").filter(|version| *version != "none").map(str::to_owned),
        http_version: of("ClientRequestProtocol").map(version),
        bot_score: number("BotScore")
            .and_then(|score| u8::try_from(score).ok())
            .filter(|score| (1..=99).contains(score)),
        verified_bot: members.get("VerifiedBotCategory").and_then(Value::as_str).map(|category| !category.is_empty()),
        ..Signals::default()
    };
    let country = of("ClientCountry").map(str::to_ascii_uppercase);
    let peer = Peer { address: of("ClientIP").map(str::to_owned), signals, country };
    let host = of("ClientRequestHost").unwrap_or(host);
    let request = request(of("ClientRequestMethod")?, uri, host, &fields, peer);
    Some(Record { request, at_ms: instant(members, &["EdgeStartTimestamp", "EdgeEndTimestamp"]) })
}

/// Variables of nginx by their names, `http_…` as header fields.
fn nginx(members: &Map<String, Value>, host: &str) -> Option<Record> {
    let of = |names: &[&str]| text(members, names);
    let line = of(&["request"]).and_then(request_line);
    let method = of(&["request_method", "method"]).or_else(|| line.map(|(method, ..)| method))?;
    let uri = of(&["request_uri", "uri"]).or_else(|| line.map(|(_, uri, _)| uri))?;
    let protocol = of(&["server_protocol"]).or_else(|| line.map(|(.., protocol)| protocol));
    let named = |name: &str| {
        let field = name.strip_prefix("http_")?;
        Some(field.replace('_', "-"))
    };
    let fields: Vec<(String, Option<&str>)> = members
        .iter()
        .filter_map(|(name, value)| {
            Some((named(name)?, value.as_str().filter(|value| !value.is_empty() && *value != "-")))
        })
        .collect();
    let fields: Vec<(&str, Option<&str>)> = fields.iter().map(|(name, value)| (name.as_str(), *value)).collect();
    let signals = Signals {
        tls_version: of(&["ssl_protocol"]).map(str::to_owned),
        http_version: protocol.map(version),
        ..Signals::default()
    };
    let address = of(&["remote_addr", "realip_remote_addr", "client_ip", "client"]).map(str::to_owned);
    let host = of(&["host", "http_host", "server_name"]).unwrap_or(host);
    let request = request(method, uri, host, &fields, Peer { address, signals, country: None });
    Some(Record { request, at_ms: instant(members, &["msec", "time_iso8601", "time_local", "@timestamp", "time"]) })
}

/// Of fields that the log has a place for: absent ones were not sent.
fn request(method: &str, uri: &str, host: &str, fields: &[(&str, Option<&str>)], peer: Peer) -> Request {
    let recorded: Arc<[String]> = fields.iter().map(|(name, _)| (*name).to_owned()).collect();
    let sent: Vec<(&str, &str)> = fields.iter().filter_map(|(name, value)| Some((*name, (*value)?))).collect();
    Request::of_log(method, uri, host, &sent, &recorded, peer)
}

/// A decision of ours. It names rules, not the request: rules that were not there then cannot be tried on it.
#[derive(Deserialize)]
pub struct Event {
    schema: String,
    reasons: Vec<String>,
    /// What was decided on.
    pub details: Details,
}

/// What was decided on.
#[derive(Deserialize)]
pub struct Details {
    /// The action.
    pub action: String,
    /// The class of the agent.
    pub agent: String,
}

fn event(text: &str) -> Line {
    match serde_json::from_str::<Event>(text) {
        Ok(event) if event.schema == "venditor.screen.v1" => Line::Event(Box::new(event)),
        _ => Line::Unread("an event of another kind"),
    }
}

impl Event {
    /// What rules come to of those that matched then, by the weights that they have now.
    pub fn by(&self, rules: &Rules<'_>, codes: &HashMap<String, usize>) -> Verdict {
        let matched: Vec<usize> = self.reasons.iter().filter_map(|code| codes.get(code).copied()).collect();
        let weights = matched.iter().filter_map(|rule| rules.set.weight(*rule)).map(i64::from);
        let weight = weights.fold(0_i64, i64::saturating_add);
        let [tag, challenge, block] = rules.figures.weights;
        let outcome = match weight {
            _ if rules.figures.let_through => Outcome::Allow,
            _ if weight >= block => Outcome::Block,
            _ if weight >= challenge && rules.price(&self.details.action).is_none() => Outcome::Throttle,
            _ if weight >= challenge => Outcome::Challenge,
            _ if weight >= tag => Outcome::Tag,
            _ => Outcome::Allow,
        };
        let free = screen_rules::signal::FREE.contains(&self.details.action.as_str());
        Verdict {
            outcome: if free { outcome.min(Outcome::Tag) } else { outcome },
            rules: matched,
            action: self.details.action.clone(),
        }
    }
}
