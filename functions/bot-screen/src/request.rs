//! The request that is asked about, as a caller tells it: in a JSON body, or in the header fields of a proxy's
//! sub-request.

use std::borrow::Cow;
use std::sync::Arc;

use serde::Deserialize;
use shared::address::behind_hops;
use shared::function::expect_media;
use shared::http::json::{self, Bounds, Unknown};
use shared::http::{Head, Headers, Target, decode_all_pairs};
use shared::platform::Signals;
use shared::problem::{Problem, text};

use crate::body::Body;
use crate::challenge::Challenge;
use crate::client::Whence;
use crate::config::Original;
use crate::pass::Pass;
use crate::query::{names, take_answer};
use crate::routes::FORWARD;
use crate::visit::Visiting;
use crate::{multipart, path};

shared::problem_kinds! {
    /// The body, or a proxy's sub-request, describes no request.
    BAD_REQUEST = UNPROCESSABLE_ENTITY "bad-screen-request", "待判定的请求有误", "Not a request that can be judged";
}

/// What a body may grow to.
pub const BOUNDS: Bounds = Bounds { bytes: 256 << 10, depth: 4, items: 2000 };
/// The most header fields that are looked at.
const MOST_FIELDS: usize = 200;
/// The longest URL, in bytes: more than any server takes.
const LONGEST_URL: usize = 64 << 10;
/// The longest value of one that is looked at, in bytes.
const LONGEST_VALUE: usize = 8192;
/// The same of cookies, among which a pass may be the last.
const LONGEST_COOKIE: usize = 64 << 10;

/// A request to judge.
#[derive(Clone, Debug)]
pub struct Request {
    /// Its method as it acts.
    pub method: String,
    /// Its method as it was sent, upper case; `HEAD` is `GET`.
    pub sent: String,
    /// The same as it came, for whatever signs it.
    pub method_as_sent: String,
    /// Host and port as they were sent, in lower case, without the port of `https`.
    pub authority: String,
    /// Its host: [`path::host`].
    pub host: String,
    /// What its path may be read as, the canonical form first: [`path::readings`].
    pub paths: Vec<String>,
    /// Its query, as sent.
    pub query: String,
    /// The names of the query's parameters, in every reading, and each with its value: `name=value`.
    pub parameters: Vec<String>,
    /// Its header fields, within bounds.
    pub headers: Headers,
    /// Where the client is, as it was told.
    pub whence: Whence,
    /// Its address, if that is one.
    pub address: Option<std::net::IpAddr>,
    /// What the caller's edge knows of the connection.
    pub signals: Signals,
    /// Country of the address.
    pub country: Option<String>,
    /// Whether it only asks what it may send (a preflight of CORS).
    pub preflight: bool,
    /// Whether a browser shows the answer as a page, so that it can be a challenge's.
    pub navigation: bool,
    /// Whether a browser shows it as a page within another page, and of which site that page is.
    pub frame: Option<Frame>,
    /// Where a browser that was challenged goes on to: path and query as sent, on this host.
    pub target: String,
    /// Whether that is where it was going, and not the first page in place of it.
    pub target_is_whole: bool,
    /// Its body.
    pub body: Body,
    /// Of a request that was recorded, the header fields that the record would hold if they had been sent; `None`: all.
    pub recorded: Option<Arc<[String]>>,
    /// The names of its header fields in the order in which they came, if that is known.
    pub order: Option<Vec<String>>,
    /// What is known of its visit: [`crate::screen::visit`].
    pub visit: Visiting,
    /// A challenge and its answer that came with it, in the query: a form's that was kept. The query is without them.
    pub brought: Option<(String, String)>,
    /// The pass that it got for that: whatever others it has are older.
    pub earned: Option<Pass>,
    /// For how many seconds its address may answer no more challenges, if that is why it got none.
    pub answers_too_often: Option<u32>,
}

/// Whose page a page is shown in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Frame {
    /// This site's: its cookies are kept.
    Here,
    /// Another's, where browsers keep no cookie of ours (`SameSite=Lax`).
    Elsewhere,
}

/// What is known of a client besides its request.
#[derive(Clone, Debug, Default)]
pub struct Peer {
    /// Its address, as a hop that is believed wrote it.
    pub address: Option<String>,
    /// What the edge knows of the connection.
    pub signals: Signals,
    /// Country of the address, two capital letters.
    pub country: Option<String>,
}

impl Request {
    /// Of a JSON body.
    ///
    /// # Errors
    /// A problem that names the member at fault.
    pub fn read(bytes: &[u8]) -> Result<Request, Problem> {
        let told: Told = json::read(bytes, BOUNDS, Unknown::Ignore).map_err(|unread| unread.problem(&BAD_REQUEST))?;
        if told.url.len() > LONGEST_URL {
            let detail =
                text(format!("URL 最长 {LONGEST_URL} 字节。"), format!("A URL may have at most {LONGEST_URL} bytes."));
            return Err(Problem::new(&BAD_REQUEST, detail.clone()).field("/url", "too-long", detail));
        }
        let headers = within_bounds(told.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())));
        let host = told.host.unwrap_or_else(|| headers.get("host").unwrap_or_default().to_owned());
        let country = told.signals.country.as_ref().map(|country| country.to_ascii_uppercase());
        let peer = Peer { address: told.client_address, signals: told.signals.known(), country };
        let mut request = Request::of(&told.method, &told.url, &host, headers, peer);
        if told.headers_in_order {
            let names = told.headers.iter().take(MOST_FIELDS).map(|(name, _)| name.to_ascii_lowercase());
            request.order = Some(names.collect());
        }
        if let Some(body) = told.body {
            request.with_body(body);
        }
        Ok(request)
    }

    /// Of a proxy's sub-request, whose header fields are the client's but for those that say what it asked.
    ///
    /// # Errors
    /// The proxy does not say what it was asked.
    pub fn told(headers: &Headers, original: &Original) -> Result<Request, Problem> {
        let missing = [&original.uri, &original.method].into_iter().find(|name| headers.get(name).is_none());
        let (None, Some(uri), Some(method)) = (missing, headers.get(&original.uri), headers.get(&original.method))
        else {
            return Err(untold(missing.unwrap_or(&original.uri)));
        };
        let ours = |name: &str| name == "authorization" || name == "host" || original.has(name);
        let client = headers.iter().filter(|(name, _)| !ours(name));
        let fields = within_bounds(client);
        let host = headers.get(&original.host).unwrap_or_default();
        let address = headers.get(&original.address).map(str::to_owned);
        Ok(Request::of(method, uri, host, fields, Peer { address, ..Peer::default() }))
    }

    /// Of the request that a proxy asks about before it goes on (`forward_auth` of Caddy, `forwardAuth` of Traefik): its
    /// `X-Forwarded-` fields say what was asked; or path and method are the client's own, behind [`FORWARD`] (Envoy's
    /// `ext_authz`). Of `X-Forwarded-For` the last `hops` addresses are of one's own proxies' writing.
    ///
    /// # Errors
    /// The proxy does not say what it was asked.
    pub fn forwarded(head: &Head, headers: &Headers, hops: usize) -> Result<Request, Problem> {
        let Target { host, path, query } = &head.target;
        let behind = path.strip_prefix(FORWARD).filter(|path| path.starts_with('/'));
        let uri = match (headers.get("x-forwarded-uri"), behind) {
            (_, Some(path)) if query.is_empty() => path.to_owned(),
            (_, Some(path)) => format!("{path}?{query}"),
            (Some(uri), None) => uri.to_owned(),
            (None, None) => return Err(untold("x-forwarded-uri")),
        };
        let told = if behind.is_some() { None } else { headers.get("x-forwarded-method") };
        let method = match (told, behind) {
            (Some(method), _) => method,
            (None, Some(_)) => head.method.as_str(),
            (None, None) => return Err(untold("x-forwarded-method")),
        };
        let ours = |name: &str| name == "authorization" || name == "host" || name.starts_with("x-forwarded-");
        let fields = within_bounds(headers.iter().filter(|(name, _)| !ours(name)));
        let host = if behind.is_some() { host } else { headers.get("x-forwarded-host").unwrap_or_default() };
        let address = headers.combined("x-forwarded-for");
        let address = address.as_deref().and_then(|list| behind_hops(list, hops.max(1))).map(str::to_owned);
        Ok(Request::of(method, &uri, host, fields, Peer { address, ..Peer::default() }))
    }

    /// Of a client's own request.
    pub fn own(head: &Head, headers: &Headers, peer: Peer) -> Request {
        let Target { host, path, query } = &head.target;
        let mark = if query.is_empty() { "" } else { "?" };
        Request::of(head.method.as_str(), &format!("{path}{mark}{query}"), host, within_bounds(headers.iter()), peer)
    }

    /// Of a log, which holds these header fields and no others.
    pub fn of_log(
        method: &str,
        uri: &str,
        host: &str,
        headers: &[(&str, &str)],
        recorded: &Arc<[String]>,
        peer: Peer,
    ) -> Request {
        let fields = within_bounds(headers.iter().copied());
        Request { recorded: Some(Arc::clone(recorded)), ..Request::of(method, uri, host, fields, peer) }
    }

    /// Whether a header field that is not among its own was not sent.
    pub fn knows_header(&self, name: &str) -> bool {
        self.recorded.as_ref().is_none_or(|recorded| recorded.iter().any(|known| known == name))
    }

    /// Whether its browser shows a page in answer, whole or within another.
    pub fn shows_page(&self) -> bool {
        self.navigation || self.frame.is_some()
    }

    /// Takes its body, if it is text. A form's `_method` is an override as well, unless there is another.
    pub fn with_body(&mut self, body: String) {
        let media = self.headers.get("content-type").unwrap_or_default();
        let body = multipart::as_form(media, &body).unwrap_or(body);
        if self.method == "POST" {
            let param = decode_all_pairs(&body).find(|(name, _)| name == "_method").map(|(_, value)| value);
            self.method = param.and_then(|method| override_of(&method)).unwrap_or_else(|| "POST".to_owned());
        }
        self.body = Body::of(body);
    }

    fn of(method: &str, uri: &str, host: &str, headers: Headers, peer: Peer) -> Request {
        // An absolute form names its host itself (RFC 9112 §3.2.2).
        let scheme = if uri.starts_with('/') { None } else { uri.split_once("://") };
        let scheme = scheme.filter(|(scheme, _)| scheme.bytes().all(|b| b.is_ascii_alphanumeric()));
        let (host, target) = match scheme {
            Some((_, rest)) => {
                let end = rest.find(['/', '?']).unwrap_or(rest.len());
                let (authority, target) = rest.split_at_checked(end).unwrap_or((rest, ""));
                (authority.rsplit('@').next().unwrap_or_default(), target)
            }
            None => (host, uri),
        };
        let target = target.split('#').next().unwrap_or_default();
        let (raw_path, query) = target.split_once('?').unwrap_or((target, ""));
        let mut query = query.to_owned();
        let brought = take_answer(&mut query);
        let (target, target_is_whole) = Challenge::target(raw_path, &query);
        let method = method.trim().to_ascii_uppercase();
        let shown = shown_as(&method, &headers);
        let whence = Whence::of(peer.address.as_deref());
        let preflight = method == "OPTIONS" && headers.get("access-control-request-method").is_some();
        Request {
            method: acts_as(&method, &query, &headers),
            sent: if method == "HEAD" { "GET".to_owned() } else { method.chars().take(16).collect() },
            method_as_sent: method.chars().take(16).collect(),
            authority: {
                let host = host.trim().to_ascii_lowercase();
                host.strip_suffix(":443").map_or(host.clone(), str::to_owned)
            },
            host: path::host(host),
            paths: path::readings(raw_path),
            navigation: shown == Some(None),
            frame: shown.flatten(),
            target,
            target_is_whole,
            body: Body::Unknown,
            recorded: None,
            order: None,
            visit: Visiting::default(),
            brought,
            earned: None,
            answers_too_often: None,
            parameters: names(&query),
            query,
            headers,
            whence,
            address: whence.address(),
            signals: peer.signals,
            country: peer.country,
            preflight,
        }
    }
}

fn untold(missing: &str) -> Problem {
    let detail = text(
        format!("缺少请求头 {missing}：代理没有说明客户端请求了什么。"),
        format!("The header field {missing} is missing: the proxy does not say what the client asked for."),
    );
    Problem::new(&BAD_REQUEST, detail)
}

/// What a request does: a form's override counts, and `HEAD` does what `GET` does.
fn acts_as(method: &str, query: &str, headers: &Headers) -> String {
    let field =
        || ["x-http-method-override", "x-http-method", "x-method-override"].iter().find_map(|name| headers.get(name));
    let param = || decode_all_pairs(query).find(|(name, _)| name == "_method").map(|(_, value)| value);
    let told = || field().map(str::to_owned).or_else(param).and_then(|method| override_of(&method));
    match method {
        // WordPress takes an override of a GET as well.
        "GET" | "HEAD" => told().unwrap_or_else(|| "GET".to_owned()),
        "POST" => told().unwrap_or_else(|| "POST".to_owned()),
        _ => method.chars().take(16).collect(),
    }
}

/// The method that an override names.
fn override_of(method: &str) -> Option<String> {
    let method = method.trim().to_ascii_uppercase();
    (!method.is_empty() && method.len() <= 16).then_some(method)
}

/// Whether what a browser wants, by `Sec-Fetch-Dest`, is a page within another.
pub fn shows_within(dest: &str) -> bool {
    ["iframe", "frame", "embed", "object"].contains(&dest)
}

/// Whether a browser shows the answer as a page, whole (`None` within) or within another: what fetch metadata says, and in
/// older browsers, whether HTML is wanted and no script asks. A part of a page that a script fetches is none.
fn shown_as(method: &str, headers: &Headers) -> Option<Option<Frame>> {
    if !matches!(method, "GET" | "HEAD" | "POST") {
        return None;
    }
    let says = |name: &str| headers.get(name).unwrap_or_default();
    let (mode, dest) = (says("sec-fetch-mode"), says("sec-fetch-dest"));
    let frame = match dest {
        "" | "document" => None,
        // A service worker fetches a page for its tab under this name.
        "empty" if mode == "navigate" => None,
        within if shows_within(within) => {
            let elsewhere = says("sec-fetch-site") == "cross-site";
            Some(if elsewhere { Frame::Elsewhere } else { Frame::Here })
        }
        _ => return None,
    };
    let page = match mode {
        "navigate" => true,
        "" => says("accept").to_ascii_lowercase().contains("text/html"),
        _ => false,
    };
    let by_script = || {
        ["x-requested-with", "hx-request", "x-pjax", "turbo-frame"].iter().any(|name| {
            // A view in an app names the app here, which is no script.
            let told = says(name);
            !told.is_empty() && (*name != "x-requested-with" || told.eq_ignore_ascii_case("xmlhttprequest"))
        })
    };
    (page && !by_script()).then_some(frame)
}

/// Fields that rules and classes read: the first of each is kept however many others come before it.
const READ: [&str; 19] = [
    "accept",
    "accept-language",
    "access-control-request-method",
    "content-type",
    "cookie",
    "host",
    "hx-request",
    "sec-ch-ua",
    "sec-fetch-dest",
    "sec-fetch-mode",
    "sec-fetch-site",
    "signature",
    "signature-agent",
    "signature-input",
    "user-agent",
    "x-http-method",
    "x-http-method-override",
    "x-method-override",
    "x-requested-with",
];

/// Header fields as they are looked at: so many, so long, without what is no name.
fn within_bounds<'f>(fields: impl Iterator<Item = (&'f str, &'f str)>) -> Headers {
    let is_name = |b: u8| {
        let sign = matches!(b, b'!' | b'#'..=b'\'' | b'*' | b'+' | b'-' | b'.' | b'^' | b'_' | b'`' | b'|' | b'~');
        b.is_ascii_alphanumeric() || sign
    };
    let mut headers = Headers::default();
    headers.reserve(32, 2048);
    for (name, value) in fields.filter(|(name, _)| !name.is_empty() && name.bytes().all(is_name)) {
        let upper = name.bytes().any(|b| b.is_ascii_uppercase());
        let name = if upper { Cow::Owned(name.to_ascii_lowercase()) } else { Cow::Borrowed(name) };
        let beyond = headers.len() >= MOST_FIELDS;
        if beyond && (!READ.contains(&name.as_ref()) || headers.get(&name).is_some()) {
            continue;
        }
        // A field value may hold tabs (RFC 9110 §5.5); other controls come from nowhere good, and hide nothing.
        let blank = |c: char| if c.is_control() { ' ' } else { c };
        let plain = value.bytes().all(|b| (b' '..0x7f).contains(&b));
        let value = if plain { Cow::Borrowed(value) } else { value.chars().map(blank).collect() };
        let value = value.trim();
        let longest = if name == "cookie" { LONGEST_COOKIE } else { LONGEST_VALUE };
        let end = (0..=value.len().min(longest)).rev().find(|at| value.is_char_boundary(*at)).unwrap_or(0);
        headers.push(&name, value.get(..end).unwrap_or_default());
    }
    headers
}

/// A request as a body tells it.
#[derive(Deserialize)]
struct Told {
    method: String,
    /// Path and query, or an absolute URL.
    url: String,
    host: Option<String>,
    #[serde(default)]
    headers: Vec<(String, String)>,
    /// Whether the fields stand as they came over the wire.
    #[serde(default)]
    headers_in_order: bool,
    client_address: Option<String>,
    /// A JSON body or a form's, for what is counted by fields of it.
    body: Option<String>,
    #[serde(default)]
    signals: ToldSignals,
}

/// What the caller's edge knows of the connection; whatever is absent is unknown.
#[derive(Default, Deserialize)]
struct ToldSignals {
    asn: Option<u32>,
    country: Option<String>,
    ja3: Option<String>,
    ja4: Option<String>,
    tls_version: Option<String>,
    http_version: Option<String>,
    bot_score: Option<u8>,
    verified_bot: Option<bool>,
}

impl ToldSignals {
    fn known(self) -> Signals {
        let ToldSignals { asn, ja3, ja4, tls_version, http_version, verified_bot, .. } = self;
        // 0 is "not computed".
        let bot_score = self.bot_score.filter(|score| (1..=99).contains(score));
        Signals { asn, ja3, ja4, tls_version, http_version, bot_score, verified_bot, ..Signals::default() }
    }
}

/// Whether a head is that of a JSON question rather than of a proxy's sub-request. A proxy may hand on its client's method,
/// media type and body: where it says what it was asked, the body is the client's and decides nothing.
pub fn is_json(head: &Head, headers: &Headers, original: &Original) -> bool {
    let proxy = headers.get(&original.uri).is_some();
    !proxy && head.method == http::Method::POST && expect_media(headers, "application/json").is_ok()
}
