//! Who visits: what a request says of the device behind it, gathered from the host once; and the cookie that goes back.

use http::Method;
use shared::address;
use shared::callers;
use shared::function::Call;
use shared::http::{Accepts, Head, Headers};
use shared::platform::Host;
use shared::problem::{Problem, text};

use crate::config::{Config, Scope};
use crate::cookie::{Piece, seconds};
use crate::handler::TraceVerify;
use crate::history::{History, Known, Visit};
use crate::ledger::Visitor;
use crate::marks::{Client, agent_of};
use crate::policy::{Rules, figures};
use crate::problems;
use crate::serial::Code;
use crate::visitor::{Uncounted, Visiting, visiting};

/// In which field an app names the device that it runs on, opaquely; it signs it.
const DEVICE: &str = "venditor-device";
const MAX_DEVICE: usize = 128;

/// How the page of a piece is asked for.
#[derive(Clone, Copy)]
pub struct Asked {
    /// As what.
    pub form: Accepts,
    /// The shopper tapped "I scanned this".
    pub confirmed: bool,
    /// When.
    pub now_ms: i64,
}

/// Who visits a piece, and what the visit is.
///
/// # Errors
/// An app's device that is not signed, or cannot be read.
pub fn visitor<H: Host>(
    call: &Call<'_, TraceVerify, H>,
    code: &Code,
    asked: Asked,
    rules: Rules<'_>,
) -> Result<Visitor, Problem> {
    let (host, config, now) = (call.host, call.config, asked.now_ms);
    let (headers, item) = (host.headers(), code.item());
    let app = app(config, call.head, &headers, now)?;
    let visiting = match app {
        Some(_) if call.head.method == Method::HEAD => Visiting::Not(Uncounted::NotAScan),
        Some(_) => Visiting::Scan,
        None => visiting(&call.head.method, &headers, asked.form, asked.confirmed),
    };
    let hops = if host.behind_proxies() { config.hops } else { 0 };
    let told = address::forwarded(&headers, hops);
    let (place, asn) = match config.place.as_ref().filter(|_| hops > 0) {
        Some(fields) => fields.read(&headers),
        None => (host.place(), host.signals().asn),
    };
    let client = Client {
        address: told.as_deref().or_else(|| host.client_addr(&headers)),
        agent: agent_of(&headers),
        asn,
        place: place.as_ref(),
        app,
    };
    let marks = config.tagger.marks(&client, &item, now, rules.figure(figures::DEVICE_ROTATION_DAYS));
    let piece = config.jar.as_ref().filter(|_| app.is_none()).and_then(|jar| jar.open(&headers, &item));
    let known = Known { cookie: piece.map(|piece| piece.kin), app: app.is_some() };
    Ok(Visitor { visiting, marks, known, piece })
}

/// Which device an app says that it runs on, if it does, behind the app's name.
fn app<'h>(
    config: &'h Config,
    head: &Head,
    headers: &'h Headers,
    now_ms: i64,
) -> Result<Option<(&'h str, &'h str)>, Problem> {
    let Some(device) = headers.get(DEVICE) else { return Ok(None) };
    let is_id = (1..=MAX_DEVICE).contains(&device.len()) && device.bytes().all(|b| b.is_ascii_graphic());
    if !is_id || headers.iter().filter(|(name, _)| *name == DEVICE).count() > 1 {
        let detail = text(
            format!("设备标识为 1 至 {MAX_DEVICE} 个可见 ASCII 字符，且只能有一个。"),
            format!("A device id is 1 to {MAX_DEVICE} visible ASCII characters, once."),
        );
        return Err(Problem::new(&problems::BAD_DEVICE, detail));
    }
    let Some(callers) = &config.callers else {
        let detail = text("本部署没有登记任何应用。", "No app is known to this deployment.");
        return Err(Problem::new(&problems::BAD_DEVICE, detail));
    };
    let asked = callers::Asked { head, headers, body: None, covered: Some(DEVICE) };
    let caller = callers.authenticate(asked, Scope::Scan, now_ms)?;
    Ok(Some((caller.name, device)))
}

/// Whether a form was sent from another site: browsers say so in one of two ways. `null` is what our own pages send, which
/// refer to nothing, from browsers that do not say it the better way.
pub fn is_foreign(headers: &Headers, is_ours: impl Fn(&str) -> bool) -> bool {
    if headers.get("sec-fetch-site").is_some_and(|site| site != "same-origin") {
        return true;
    }
    match headers.combined("origin").as_deref().map(str::trim) {
        None | Some("null") => false,
        Some(origin) => !is_ours(origin),
    }
}

/// Whether a form was sent from a page of ours, of the very host that it is sent to.
///
/// # Errors
/// It says that it was not.
pub fn from_our_page(headers: &Headers, head: &Head) -> Result<(), Problem> {
    let of_this_host = |origin: &str| {
        let authority = origin.split_once("://").map(|(_, authority)| authority);
        authority.is_some_and(|authority| authority.eq_ignore_ascii_case(&head.target.host))
    };
    if is_foreign(headers, of_this_host) {
        let detail = text("请在本站页面上确认。", "Confirm on the page on this site.");
        return Err(Problem::new(&problems::CROSS_SITE, detail));
    }
    Ok(())
}

/// The field `Set-Cookie` by which a browser that scanned is known again: at each scan anew.
pub fn set_cookie(
    config: &Config,
    visitor: &Visitor,
    history: &History,
    item: &str,
    path: &str,
    days: i64,
    now_ms: i64,
) -> Option<String> {
    let jar = config.jar.as_ref()?;
    if visitor.known.app || matches!(history.visit, Visit::NotCounted(_)) {
        return None;
    }
    let renewed = seconds(now_ms);
    let piece = Piece { kin: history.kin, counted: visitor.piece.map_or(renewed, |piece| piece.counted), renewed };
    jar.set(piece, item, path, days)
}
