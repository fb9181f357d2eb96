//! The shell: a request in, facts gathered through ports, the core asked, effects done, an answer out.

use http::{Method, StatusCode};
use serde::Serialize;
use sha2::{Digest, Sha256};
use shared::config::ConfigError;
use shared::event::Event;
use shared::health;
use shared::hex::hex;
use shared::http::{Accepts, Body, Head, HeaderSet, Response, VARY, negotiated_json, read_text};
use shared::lang::Lang;
use shared::platform::{Host, StorageError, Value};
use shared::problem::{Problem, UNSUPPORTED_MEDIA_TYPE, text};
use shared::trace::TraceContext;

use crate::answer::{Answer, Scans};
use crate::config::Config;
use crate::digital_link::{Link, MAX_PATH};
use crate::keys;
use crate::outcome::Outcome;
use crate::problems;
use crate::report::{MAX_BODY, Report};
use crate::scan::{self, Visitor};
use crate::serial::Code;
use crate::{NAME, page, policy, refusal, store};

static NO_ICON: HeaderSet =
    shared::header_set!("image/x-icon", csp: "default-src 'none'", cache: "public, max-age=604800");

/// The photo of a record: what its digest names never changes.
static PHOTO_JPEG: HeaderSet =
    shared::header_set!("image/jpeg", csp: "default-src 'none'", cache: "public, max-age=31536000, immutable");
static PHOTO_PNG: HeaderSet =
    shared::header_set!("image/png", csp: "default-src 'none'", cache: "public, max-age=31536000, immutable");
static PHOTO_WEBP: HeaderSet =
    shared::header_set!("image/webp", csp: "default-src 'none'", cache: "public, max-age=31536000, immutable");

/// Answers a request. Infallible: every path ends in a response.
pub async fn handle<H: Host>(
    host: &H,
    config: Result<&Config, &ConfigError>,
    head: &Head,
    body: impl Body,
) -> Response {
    let trace = TraceContext::of(head);
    let response = match health::answer(head, NAME, env!("CARGO_PKG_VERSION"), config.err()) {
        Some(response) => response,
        None => {
            let request = Request { host, head, trace: &trace, lang: head.lang() };
            match config {
                Err(error) => request.refuse(&Problem::from(error), ""),
                Ok(config) => match request.route(config, body).await {
                    Ok(response) => response,
                    Err(problem) => request.refuse(&problem, config.official_host()),
                },
            }
        }
    };
    response.finish(head, trace.request_id)
}

struct Request<'a, H> {
    host: &'a H,
    head: &'a Head,
    trace: &'a TraceContext<'a>,
    lang: Lang,
}

impl<H: Host> Request<'_, H> {
    async fn route(&self, config: &Config, body: impl Body) -> Result<Response, Problem> {
        let target = &self.head.target;
        if !config.hosts.contains(&target.host) {
            return Err(problems::unknown_host(config.official_host()));
        }
        let path = target.path.as_str();
        if let Some(label) = path.strip_prefix("/verify") {
            self.only_get()?;
            return self.verify(config, label, self.head.accepts(Accepts::Html)).await;
        }
        if path == "/favicon.ico" {
            // Every browser asks; there is none, and it need not ask again.
            self.only_get()?;
            return Ok(Response::new(StatusCode::NO_CONTENT, NO_ICON, Vec::new()));
        }
        if path == "/report" {
            return self.report(config, body).await;
        }
        if let Some(digest) = path.strip_prefix("/photo/") {
            self.only_get()?;
            return self.photo(digest).await;
        }
        // Every application identifier begins with a digit, and nothing else of ours does.
        if path.get(1..).is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit() || c == '%')) {
            self.only_get()?;
            return match self.head.accepts(Accepts::Html) {
                Accepts::Json => self.verify(config, path, Accepts::Json).await,
                Accepts::Html => self.to_page(path),
            };
        }
        Err(if path.len() > MAX_PATH { problems::path_too_long() } else { Problem::not_found() })
    }

    fn only_get(&self) -> Result<(), Problem> {
        match self.head.method {
            Method::GET | Method::HEAD => Ok(()),
            _ => Err(Problem::method_not_allowed("GET, HEAD")),
        }
    }

    /// A label's own URL leads to the page. Nothing is checked or counted here.
    fn to_page(&self, path: &str) -> Result<Response, Problem> {
        let link = Link::parse_path(path).map_err(|error| problems::bad_link(&error))?;
        let mut location = page_path(&link);
        if let Some(lang) = self.head.param("lang").as_deref().and_then(Lang::from_range) {
            location.push_str("?lang=");
            location.push_str(lang.param());
        }
        Ok(Response::redirect(StatusCode::TEMPORARY_REDIRECT, location).with("vary", "accept"))
    }

    async fn verify(&self, config: &Config, path: &str, form: Accepts) -> Result<Response, Problem> {
        let link = Link::parse_path(path).map_err(|error| problems::bad_link(&error))?;
        let now = self.host.now_ms();
        let official = config.official_host();
        // The tag decides before any storage is asked.
        let Ok(code) = Code::verify(&link, &config.mac_keys) else {
            if form == Accepts::Json
                && let Some((body, decision_id)) = refusal::json(&link, official, self.lang, now)
            {
                self.tell(now, Outcome::BadCode.code(), &["bad_code"], &link.canonical(), None, &decision_id);
                return Ok(Response::new(StatusCode::OK, negotiated_json(self.lang), body));
            }
            let answer = Answer::bad_code(&link, official, self.lang, now);
            return Ok(self.answer(&answer, &link, form));
        };
        let visitor = Visitor { method: &self.head.method, tagger: &config.tagger };
        // Boxed: a refused code should not carry this future's size.
        let (assessment, ledger) =
            Box::pin(scan::scan(self.host, &visitor, &code, &config.roots, now, &|port, error| {
                self.log_fault(port, error)
            }))
            .await;
        let ledger = ledger.map_err(|error| {
            let detail = text("扫描记录暂时读不到。", "The scan ledger cannot be read right now.");
            Problem::of_storage(&error, detail, 30)
        })?;
        let answer = Answer::new(&code, &assessment, &ledger, official, self.lang, now);
        Ok(self.answer(&answer, &link, form))
    }

    fn answer(&self, answer: &Answer<'_>, link: &Link, form: Accepts) -> Response {
        let reasons: Vec<&str> = answer.reasons.iter().map(|reason| reason.code).collect();
        let (at, outcome, link_text) = (answer.checked_at, answer.outcome.code(), &answer.code.digital_link);
        self.tell(at, outcome, &reasons, link_text, answer.scans.as_ref(), &answer.decision_id);
        match form {
            Accepts::Json => Response::json(StatusCode::OK, negotiated_json(self.lang), answer),
            Accepts::Html => {
                page_response(StatusCode::OK, self.lang, page::verdict(answer, self.lang, &page_path(link)))
            }
        }
    }

    /// The event of a scan.
    fn tell(&self, at: i64, outcome: &str, reasons: &[&str], link: &str, scans: Option<&Scans>, decision_id: &str) {
        let details = ScanDetails {
            item: link.strip_prefix(crate::digital_link::CANONICAL_BASE).unwrap_or_default(),
            scans: scans.map(|scans| scans.count),
            counted: scans.is_some_and(|scans| scans.counted),
            decision_id,
        };
        let mut event = Event::new("venditor.scan.v1", NAME, at, self.trace, outcome, details);
        event.reasons = reasons;
        event.policy = policy::DIGEST;
        self.host.emit(&event.line());
    }

    async fn report(&self, config: &Config, body: impl Body) -> Result<Response, Problem> {
        if self.head.method != Method::POST {
            return Err(Problem::method_not_allowed("POST"));
        }
        let headers = self.host.headers();
        if headers.get("sec-fetch-site").is_some_and(|site| site != "same-origin") {
            let detail = text("请在本站页面上提交举报。", "Send reports from the page on this site.");
            return Err(Problem::new(&problems::CROSS_SITE, detail));
        }
        let media = headers.get("content-type").unwrap_or_default();
        let media = media.split(';').next().unwrap_or_default().trim();
        if !media.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
            let wanted = "application/x-www-form-urlencoded";
            let detail = text(format!("此地址只接受 {wanted}。"), format!("This resource takes {wanted}."));
            return Err(Problem::new(&UNSUPPORTED_MEDIA_TYPE, detail).header("accept-post", wanted));
        }
        let report = Report::parse(&read_text(body, MAX_BODY).await?)?;
        let now = self.host.now_ms();
        let id = report.id(&config.complaint_key, now);
        // Complaints about codes that are not ours share a shard a day: anyone can invent such codes.
        let (item, verified, most) = match Code::verify(&report.link, &config.mac_keys) {
            Ok(code) => (code.item(), 1, policy::COMPLAINTS_PER_ITEM),
            Err(_) => {
                let day = shared::china_time::date(now);
                (format!("unverified/{day}"), 0, policy::UNVERIFIED_COMPLAINTS_PER_DAY)
            }
        };
        let lang = report.lang.unwrap_or(self.lang);
        let description = if verified == 1 {
            report.description.clone()
        } else {
            format!("{}\n{}", report.link.canonical(), report.description)
        };
        let params: [Value; 9] = [
            id.as_str().into(),
            item.as_str().into(),
            verified.into(),
            now.into(),
            report.cause.code().into(),
            report.bought_from.as_str().into(),
            description.as_str().into(),
            lang.tag().into(),
            most.into(),
        ];
        let rows = self.host.query(&item, &store::COMPLAIN, &params).await.map_err(|error| {
            self.log_fault("sql", &error);
            let detail =
                text("举报暂时无法保存，请稍后再试。", "The report cannot be kept right now; please try again.");
            Problem::of_storage(&error, detail, 30)
        })?;
        if rows.is_empty() {
            let detail = text(
                "这件商品已收到足够多的举报，正在处理。",
                "This product has been reported often enough and is under review.",
            );
            return Err(Problem::new(&problems::TOO_MANY_REPORTS, detail).retry_after(86_400));
        }
        let details = ComplaintDetails { complaint: &id, item: &item, verified: verified == 1 };
        let event = Event::new("venditor.complaint.v1", NAME, now, self.trace, report.cause.code(), details);
        self.host.emit(&event.line());
        Ok(match self.head.accepts(Accepts::Html) {
            Accepts::Json => Response::json(StatusCode::CREATED, negotiated_json(lang), &Reported { complaint: &id }),
            Accepts::Html => {
                let body = page::reported(&id, lang, config.official_host(), &page_path(&report.link));
                page_response(StatusCode::CREATED, lang, body)
            }
        })
    }

    /// A photo, only if its bytes are the ones that the inspection base signed for.
    async fn photo(&self, digest: &str) -> Result<Response, Problem> {
        let none = || {
            let detail =
                text("没有这张照片，或它与记录不符。", "There is no such photo, or it is not what its record says.");
            Problem::new(&problems::NO_PHOTO, detail)
        };
        if digest.len() != 64 || !digest.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')) {
            return Err(none());
        }
        let bytes = self.host.get(&keys::photo(digest)).await.map_err(|error| {
            self.log_fault("kv", &error);
            let detail = text("照片暂时读不到。", "The photo cannot be read right now.");
            Problem::of_storage(&error, detail, 30)
        })?;
        let bytes = bytes.filter(|bytes| hex(&Sha256::digest(bytes)) == digest).ok_or_else(none)?;
        let kind = match bytes.as_slice() {
            [0xff, 0xd8, 0xff, ..] => PHOTO_JPEG,
            [0x89, b'P', b'N', b'G', ..] => PHOTO_PNG,
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => PHOTO_WEBP,
            _ => return Err(none()),
        };
        Ok(Response::new(StatusCode::OK, kind, bytes))
    }

    /// A problem, as a page for a person and as RFC 9457 for a program.
    fn refuse(&self, problem: &Problem, official_host: &str) -> Response {
        let mut response = problem.response(self.lang);
        if self.head.accepts(Accepts::Json) == Accepts::Html {
            response.fixed = page::PAGE;
            response.body = page::problem(problem, self.lang, official_host);
        }
        response
    }

    /// What went wrong in a store, for the operator's log only.
    fn log_fault(&self, port: &'static str, error: &StorageError) {
        let details = FaultDetails { port, error: &error.to_string() };
        let at = self.host.now_ms();
        self.host.emit(&Event::new("venditor.fault.v1", NAME, at, self.trace, error.outcome(), details).line());
    }
}

fn page_response(status: StatusCode, lang: Lang, body: Vec<u8>) -> Response {
    Response::new(status, page::PAGE, body).with("content-language", lang.tag()).with("vary", VARY)
}

/// The page of a code.
fn page_path(link: &Link) -> String {
    let canonical = link.canonical();
    format!("/verify/{}", canonical.strip_prefix(crate::digital_link::CANONICAL_BASE).unwrap_or_default())
}

#[derive(Serialize)]
struct ScanDetails<'a> {
    item: &'a str,
    scans: Option<i64>,
    counted: bool,
    decision_id: &'a str,
}

#[derive(Serialize)]
struct ComplaintDetails<'a> {
    complaint: &'a str,
    item: &'a str,
    verified: bool,
}

#[derive(Serialize)]
struct FaultDetails<'a> {
    port: &'static str,
    error: &'a str,
}

#[derive(Serialize)]
struct Reported<'a> {
    complaint: &'a str,
}
