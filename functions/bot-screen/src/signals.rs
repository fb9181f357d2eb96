//! What rules can ask of a request, as far as it is known.

use screen_rules::signal::{Signal, Value};
use screen_rules::{Facts, Standing};
use shared::agents::{Agent, Class, Dest, Mode, Purpose, Site};
use shared::http::Headers;

use crate::action::Action;
use crate::bot_auth::Signed;
use crate::client::AddressClass;
use crate::pass;
use crate::request::Request;
use crate::visit::{Seen, Visiting};

/// A request with what is known of it, by one reading of its method and its path.
pub struct Known<'r> {
    /// The request.
    pub request: &'r Request,
    /// Its method.
    pub method: &'r str,
    /// Its path.
    pub path: &'r str,
    /// What it is taken for.
    pub action: Action<'r>,
    /// Who it says it is.
    pub agent: Agent,
    /// What its signature or its address says of that.
    pub standing: Option<Standing>,
    /// What its signature comes to.
    pub signed: Option<&'r Signed<'r>>,
    /// Whose address it is.
    pub address: AddressClass,
}

impl Facts for Known<'_> {
    fn signal(&self, signal: Signal) -> Option<Value<'_>> {
        let Known { request, method, path, action, agent, standing: stands, signed, address } = self;
        let edge = &request.signals;
        match signal {
            Signal::Method => Some(Value::Text(method)),
            Signal::Host => Some(Value::Text(&request.host)),
            Signal::Path => Some(Value::Text(path)),
            Signal::Query => Some(Value::Text(&request.query)),
            Signal::Action => Some(Value::Text(action.name())),
            Signal::AgentClass => Some(Value::Text(class(agent.class))),
            Signal::AgentName => Some(agent.name).filter(|name| !name.is_empty()).map(Value::Text),
            Signal::AgentPurpose => agent.purpose.map(|of| Value::Text(purpose(of))),
            Signal::FetchSite => agent.fetch.site.map(|of| Value::Text(site(of))),
            Signal::FetchMode => agent.fetch.mode.map(|of| Value::Text(mode(of))),
            Signal::FetchDest => agent.fetch.dest.map(|of| Value::Text(dest(of))),
            Signal::FetchByUser => agent.fetch.by_user.then_some(Value::Flag(true)),
            Signal::FetchAhead => Some(Value::Flag(agent.fetch.ahead)),
            Signal::AddressVersion => request.address.map(|at| Value::Number(if at.is_ipv4() { 4 } else { 6 })),
            Signal::Country => text(&request.country),
            Signal::Asn => edge.asn.map(|asn| Value::Number(asn.into())),
            Signal::HttpVersion => text(&edge.http_version),
            Signal::TlsVersion => text(&edge.tls_version),
            Signal::Ja3 => text(&edge.ja3),
            Signal::Ja4 => text(&edge.ja4),
            Signal::BotScore => edge.bot_score.map(|score| Value::Number(score.into())),
            Signal::VerifiedBot => edge.verified_bot.map(Value::Flag),
            Signal::HintsAgree => hints_agree(&request.headers).map(Value::Flag),
            Signal::HintsPlatformAgrees => platform_agrees(&request.headers).map(Value::Flag),
            Signal::AgentStanding => stands.map(|of| Value::Text(standing(of))),
            Signal::Cookies => request.knows_header("cookie").then(|| Value::Number(cookies(&request.headers))),
            Signal::VisitNew => {
                (request.visit != Visiting::Unknown).then(|| Value::Flag(request.visit == Visiting::New))
            }
            Signal::VisitAge => of_visit(&request.visit, |seen| Some(seen.age / 1000)),
            Signal::VisitPages => of_visit(&request.visit, |seen| Some(seen.visit.pages.into())),
            Signal::VisitSincePage => of_visit(&request.visit, |seen| seen.since_page),
            Signal::VisitPace => of_visit(&request.visit, |seen| seen.visit.pace().map(i64::from)),
            Signal::VisitNetworks => of_visit(&request.visit, |seen| Some(seen.visit.networks.into())),
            Signal::VisitTrail => match &request.visit {
                Visiting::Known(seen) => Some(Value::Text(&seen.trail)),
                _ => None,
            },
            Signal::Signature => signed.map(|signed| Value::Text(signed.name())),
            Signal::Signer => signed.and_then(Signed::proof).map(|proof| Value::Text(proof.signer)),
            Signal::AddressClass => {
                Some(*address).filter(|of| *of != AddressClass::Unknown).map(|of| Value::Text(of.name()))
            }
        }
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.request.headers.get(name)
    }

    fn knows_header(&self, name: &str) -> bool {
        self.request.knows_header(name)
    }

    fn before(&self, name: &str, other: &str) -> Option<bool> {
        let order = self.request.order.as_ref()?;
        let place = |name: &str| order.iter().position(|known| known == name);
        Some(place(name)? < place(other)?)
    }
}

fn of_visit<'r>(visit: &'r Visiting, number: impl Fn(&'r Seen) -> Option<i64>) -> Option<Value<'r>> {
    if let Visiting::Known(seen) = visit { number(seen).map(Value::Number) } else { None }
}

/// How many cookies a request brings that are not ours.
fn cookies(headers: &Headers) -> i64 {
    let theirs = pass::cookies(headers).filter(|pair| !pair.is_empty() && !pair.contains("venditor-"));
    i64::try_from(theirs.count()).unwrap_or(i64::MAX)
}

/// Whether `User-Agent` and `Sec-CH-UA` (W3C User-Agent Client Hints) name the same version of Chromium.
fn hints_agree(headers: &Headers) -> Option<bool> {
    let digits = |text: &str| text.chars().take_while(char::is_ascii_digit).collect::<String>();
    let (_, agent) = headers.get("user-agent")?.split_once("Chrome/")?;
    let (_, hints) = headers.get("sec-ch-ua")?.split_once("\"Chromium\"")?;
    let (_, hints) = hints.split_once("v=\"")?;
    let (agent, hints) = (digits(agent), digits(hints));
    (!agent.is_empty() && !hints.is_empty()).then_some(agent == hints)
}

/// Whether `User-Agent` names the system that `Sec-CH-UA-Platform` names.
fn platform_agrees(headers: &Headers) -> Option<bool> {
    let agent = headers.get("user-agent")?;
    let platform = headers.get("sec-ch-ua-platform")?.trim_matches('"');
    let wanted: &[&str] = match platform {
        "Windows" => &["Windows"],
        "macOS" => &["Macintosh"],
        // Phones ask for desktop pages as Linux.
        "Android" | "Linux" => &["Linux", "Android"],
        "Chrome OS" | "Chromium OS" => &["CrOS"],
        _ => return None,
    };
    Some(wanted.iter().any(|name| agent.contains(name)))
}

/// The name of a class of agents in rules and answers.
pub const fn class(class: Class) -> &'static str {
    match class {
        Class::Unknown => "unknown",
        Class::OldBrowser => "old_browser",
        Class::Browser => "browser",
        Class::InApp => "in_app",
        Class::Library => "library",
        Class::Headless => "headless",
        Class::Crawler => "crawler",
        Class::Preview => "preview",
        Class::MailScanner => "mail_scanner",
    }
}

/// The name of what an address says of an agent's name.
pub const fn standing(standing: Standing) -> &'static str {
    match standing {
        Standing::Verified => "verified",
        Standing::Impostor => "impostor",
        Standing::Claimed => "claimed",
    }
}

/// The name of what an agent is for.
pub const fn purpose(purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::Search => "search",
        Purpose::Ai => "ai",
        Purpose::Assistant => "assistant",
        Purpose::Feed => "feed",
        Purpose::Monitor => "monitor",
        Purpose::Seo => "seo",
        Purpose::Ads => "ads",
        Purpose::Archive => "archive",
        Purpose::Security => "security",
        Purpose::Social => "social",
        Purpose::Other => "other",
    }
}

const fn site(site: Site) -> &'static str {
    match site {
        Site::None => "none",
        Site::SameOrigin => "same-origin",
        Site::SameSite => "same-site",
        Site::CrossSite => "cross-site",
    }
}

const fn mode(mode: Mode) -> &'static str {
    match mode {
        Mode::Navigate => "navigate",
        Mode::Cors => "cors",
        Mode::NoCors => "no-cors",
        Mode::SameOrigin => "same-origin",
        Mode::Websocket => "websocket",
    }
}

const fn dest(dest: Dest) -> &'static str {
    match dest {
        Dest::Document => "document",
        Dest::Frame => "frame",
        Dest::Empty => "empty",
        Dest::Image => "image",
        Dest::Script => "script",
        Dest::Style => "style",
        Dest::Media => "media",
    }
}

fn text(text: &Option<String>) -> Option<Value<'_>> {
    text.as_deref().map(Value::Text)
}
