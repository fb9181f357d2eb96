//! Complaints: taken, looked up by whoever reported, listed and answered by the operator.

use http::StatusCode;
use serde::Serialize;
use shared::callers::{Asked, UNAUTHENTICATED};
use shared::china_time::{day_number, parse_date, start_of_day};
use shared::event::EventLine;
use shared::function::{Failure, expect_media};
use shared::http::json::{self, Bounds, Unknown};
use shared::http::{Accepts, Body, Response, negotiated_json, read_text};
use shared::platform::{Host, Value};
use shared::problem::{Problem, text};

use super::{Request, page_path, page_response};
use crate::complaint::{self, Answered, Apart, Entry, Gather, Gathered, Known, Limit};
use crate::digital_link::Link;
use crate::operators::Scope;
use crate::policy::{Rules, figures};
use crate::report::{MAX_BODY, Report};
use crate::serial::Code;
use crate::{NAME, page, policy, problems, visit};

/// Bounds of an answer: two texts.
const ANSWER: Bounds = Bounds { bytes: 16 * 1024, depth: 3, items: 4 };
/// Bounds of what names labels and days.
const GATHER: Bounds = Bounds { bytes: 16 * 1024, depth: 3, items: 100 };
/// Rows that are taken over in one statement: 1,200 characters each at most.
const GATHERED_AT_ONCE: i64 = 200;

impl<H: Host> Request<'_, H> {
    pub(super) async fn report(&self, body: impl Body) -> Result<Response, Failure> {
        let config = self.config;
        let headers = self.host.headers();
        if visit::is_foreign(&headers, |origin| config.is_own_origin(origin)) {
            let detail = text("请在本站页面上提交举报。", "Send reports from the page on this site.");
            return Err(Problem::new(&problems::CROSS_SITE, detail).into());
        }
        expect_media(&headers, "application/x-www-form-urlencoded")?;
        let pack = self.policies.pack(&policy::SECTIONS).await?;
        let rules = Rules::of(&pack);
        let report = Report::parse(&read_text(body, MAX_BODY).await?)?;
        let now = self.host.now_ms();
        let id = report.id(&config.complaint_key, now);
        // Codes that are not ours have a room of their own for all of them: anyone can invent such codes.
        let (item, verified, most_today) = match Code::verify(&report.link, &config.mac_keys) {
            Ok(code) => (code.item(), 1, rules.figure(figures::COMPLAINT_PER_DAY)),
            Err(_) => {
                let link = report.link.canonical();
                let path = link.strip_prefix(crate::digital_link::CANONICAL_BASE).unwrap_or_default();
                (format!("unverified/{path}"), 0, rules.figure(figures::COMPLAINT_UNVERIFIED_PER_DAY))
            }
        };
        if let Some(limit) = self.keep(&report, &id, &item, (verified, most_today), rules, now).await? {
            return Err(limit.problem(now).into());
        }
        let lang = report.lang.unwrap_or(self.lang);
        let details = ComplaintDetails { complaint: &id, item: &item, verified: verified == 1 };
        let mut event = EventLine::new("venditor.complaint.v1", NAME, now, self.trace, report.cause.code(), details);
        event.policy = rules.digest();
        self.host.emit(&event.line());
        Ok(match self.head.accepts(Accepts::Html) {
            Accepts::Json => Response::json(StatusCode::CREATED, negotiated_json(lang), &Reported { complaint: &id }),
            Accepts::Html => {
                let body = page::reported(&id, rules.words(lang), &config.hosts, &page_path(&report.link));
                page_response(StatusCode::CREATED, lang, body)
            }
        })
    }

    /// Keeps a complaint, or says what is full. The network first: what one of them sends must not fill what all share.
    async fn keep(
        &self,
        report: &Report,
        id: &str,
        item: &str,
        (verified, most_today): (i64, i64),
        rules: Rules<'_>,
        now: i64,
    ) -> Result<Option<Limit>, Failure> {
        let day = day_number(now);
        let headers = self.host.headers();
        let address = self.host.client_addr(&headers);
        let (tag, shard) = complaint::network(&self.config.complaint_key, address, day);
        let most = rules.figure(figures::COMPLAINT_PER_NETWORK);
        self.host.query(&shard, &complaint::FORGET, &[day.into()]).await?;
        let on_item = rules.figure(figures::COMPLAINT_PER_NETWORK_AND_CODE);
        let mark = complaint::mark(&self.config.complaint_key, item);
        let params = [tag.as_str().into(), day.into(), id.into(), most.into(), mark.as_str().into(), on_item.into()];
        if self.host.query(&shard, &complaint::FROM_NETWORK, &params).await?.is_empty() {
            let params = [tag.as_str().into(), mark.as_str().into()];
            let rows = self.host.query(&shard, &complaint::OF_NETWORK_ON_ITEM, &params).await?;
            let sent = rows.first().and_then(|row| row.integer(0)).unwrap_or_default();
            return Ok(Some(if sent >= on_item { Limit::NetworkOnItem(on_item) } else { Limit::Network(most) }));
        }
        let per_item = rules.figure(figures::COMPLAINT_PER_ITEM);
        let params: [Value; 11] = [
            id.into(),
            item.into(),
            verified.into(),
            now.into(),
            report.cause.code().into(),
            report.bought_from.as_str().into(),
            report.description.as_str().into(),
            report.lang.unwrap_or(self.lang).tag().into(),
            per_item.into(),
            start_of_day(day).into(),
            most_today.into(),
        ];
        if !self.host.query(complaint::SHARD, &complaint::KEEP, &params).await?.is_empty() {
            return Ok(None);
        }
        // Which of the two it was: the words should be true.
        let rows = self.host.query(complaint::SHARD, &complaint::WAITING, &[item.into()]).await?;
        let waiting = rows.first().and_then(|row| row.integer(0)).unwrap_or_default();
        Ok(Some(if waiting >= per_item { Limit::Item(per_item) } else { Limit::Day }))
    }

    /// What became of a complaint, for whoever has its number; without one, the form that asks for it.
    pub(super) async fn look_up(&self) -> Result<Response, Failure> {
        let pack = self.policies.pack(&policy::SECTIONS).await?;
        let words = Rules::of(&pack).words(self.lang);
        let html = self.head.accepts(Accepts::Html) == Accepts::Html;
        let sent = self.head.param("number").filter(|sent| !sent.trim().is_empty());
        let official = &self.config.hosts;
        let Some(sent) = sent else {
            if html {
                return Ok(page_response(StatusCode::OK, self.lang, page::look_up(words, official)));
            }
            let detail = text("缺少举报编号。", "The complaint's number is missing.");
            let field = detail.clone();
            return Err(Problem::new(&problems::BAD_NUMBER, detail).field("/query/number", "missing", field).into());
        };
        let Some(number) = complaint::read_number(&sent) else {
            let detail = text(
                "举报编号的形式是 R-XXXX-XXXX-XXXX。请核对是否输错。",
                "A complaint's number looks like R-XXXX-XXXX-XXXX. Was it mistyped?",
            );
            let field = detail.clone();
            return Err(Problem::new(&problems::BAD_NUMBER, detail).field("/query/number", "bad-number", field).into());
        };
        let rows = self.host.query(complaint::SHARD, &complaint::LOOK_UP, &[number.as_str().into()]).await?;
        let known = rows.first().and_then(|row| Known::from_row(number, row, self.lang)).ok_or_else(no_complaint)?;
        Ok(if html {
            page_response(StatusCode::OK, self.lang, page::known(&known, words, official))
        } else {
            Response::json(StatusCode::OK, negotiated_json(self.lang), &known)
        })
    }

    /// The operator's list, a page of it.
    pub(super) async fn complaints(&self) -> Result<Response, Failure> {
        self.operator(None)?;
        let state = self.head.param("state").unwrap_or_else(|| "all".to_owned());
        if !["open", "answered", "all"].contains(&state.as_str()) {
            return Err(bad_query("/query/state", text("是 open、answered 或 all。", "Is open, answered or all.")));
        }
        let after = self.head.param("after");
        let (at, id) = match after.as_deref().map(|after| after.split_once('.')) {
            None => (-1, String::new()),
            Some(place) => {
                let place = place.and_then(|(at, id)| Some((at.parse().ok()?, complaint::read_number(id)?)));
                let detail = || text("不是本列表给出的位置。", "No place that this list gave.");
                place.ok_or_else(|| bad_query("/query/after", detail()))?
            }
        };
        let limit = i64::try_from(complaint::PAGE.saturating_add(1)).unwrap_or(i64::MAX);
        // Instants are from 1970 on; beyond what JavaScript counts a host would not take them.
        let at = at.clamp(-1, (1_i64 << 53) - 1);
        let params = [at.into(), id.as_str().into(), state.as_str().into(), limit.into()];
        let rows = self.host.query(complaint::SHARD, &complaint::LIST, &params).await?;
        let complaints: Vec<Entry> =
            rows.iter().take(complaint::PAGE).filter_map(Entry::from_row).map(Entry::as_now).collect();
        let more = rows.len() > complaint::PAGE;
        let next = complaints.last().filter(|_| more).map(|last| format!("{}.{}", last.received_at, last.complaint));
        Ok(Response::json(StatusCode::OK, negotiated_json(self.lang), &List { complaints, next }))
    }

    /// The operator's answer to a complaint.
    pub(super) async fn answer_complaint(&self, number: &str, body: impl Body) -> Result<Response, Failure> {
        let headers = self.host.headers();
        expect_media(&headers, "application/json")?;
        let bytes = body.read(ANSWER.bytes).await?;
        let by = self.operator(Some(&bytes))?;
        let sent: Answered =
            json::read(&bytes, ANSWER, Unknown::Refuse).map_err(|unread| unread.problem(&problems::BAD_ANSWER))?;
        let Answered { answer } = sent.checked()?;
        let number = complaint::read_number(number).ok_or_else(no_complaint)?;
        let now = self.host.now_ms();
        let params = [
            number.as_str().into(),
            now.into(),
            answer.zh.as_str().into(),
            answer.en.as_str().into(),
            by.as_str().into(),
        ];
        if self.host.query(complaint::SHARD, &complaint::ANSWER, &params).await?.is_empty() {
            return Err(no_complaint().into());
        }
        let details = AnswerDetails { complaint: &number, by: &by };
        let event = EventLine::new("venditor.complaint-answer.v1", NAME, now, self.trace, "answered", details);
        self.host.emit(&event.line());
        Ok(Response::json(StatusCode::OK, negotiated_json(self.lang), &Reported { complaint: &number }))
    }

    /// Takes complaints over that earlier builds kept apart, with their piece or their day. Where all shards are one database
    /// they are in the list already.
    pub(super) async fn gather(&self, body: impl Body) -> Result<Response, Failure> {
        let headers = self.host.headers();
        expect_media(&headers, "application/json")?;
        let bytes = body.read(ANSWER.bytes).await?;
        self.operator(Some(&bytes))?;
        let sent: Gather =
            json::read(&bytes, GATHER, Unknown::Refuse).map_err(|unread| unread.problem(&problems::BAD_GATHER))?;
        let mut gathered = Gathered::default();
        for apart in self.apart(&sent)? {
            let (shard, mut after) = (apart.shard(), String::new());
            loop {
                let params = [shard.as_str().into(), after.as_str().into(), GATHERED_AT_ONCE.into()];
                let rows = self.host.query(&shard, &complaint::EARLIER, &params).await?;
                let found: Vec<Entry> = rows.iter().filter_map(Entry::from_row).map(Entry::as_now).collect();
                let Some(last) = found.last() else { break };
                after.clone_from(&last.complaint);
                // They are strings and numbers: that they have no JSON cannot be.
                let all = serde_json::to_string(&found).unwrap_or_default();
                let new = self.host.query(complaint::SHARD, &complaint::TAKE_OVER, &[all.as_str().into()]).await?;
                let count = |rows: usize| u64::try_from(rows).unwrap_or(u64::MAX);
                gathered.found = gathered.found.saturating_add(count(found.len()));
                gathered.new = gathered.new.saturating_add(count(new.len()));
            }
        }
        Ok(Response::json(StatusCode::OK, negotiated_json(self.lang), &gathered))
    }

    /// Where to look: for labels of ours alone, so that nobody makes shards of what was never issued.
    fn apart(&self, sent: &Gather) -> Result<Vec<Apart>, Failure> {
        let bad = |pointer: String, zh: &str, en: &str| -> Failure {
            let detail = text(zh, en);
            Problem::new(&problems::BAD_GATHER, detail.clone()).field(pointer, "bad-value", detail).into()
        };
        if sent.labels.len().saturating_add(sent.days.len()) > complaint::MAX_GATHER {
            let (zh, en) = ("每次最多 20 个标签和日期。", "At most 20 labels and days at once.");
            return Err(bad("/labels".to_owned(), zh, en));
        }
        let mut apart = Vec::new();
        for (at, label) in sent.labels.iter().enumerate() {
            let code = Link::parse(label).ok().and_then(|link| Code::verify(&link, &self.config.mac_keys).ok());
            let code = code.ok_or_else(|| bad(format!("/labels/{at}"), "不是我们签发的码。", "No code of ours."))?;
            apart.push(Apart::Piece(code.item()));
        }
        for (at, day) in sent.days.iter().enumerate() {
            if parse_date(day).is_none() {
                return Err(bad(format!("/days/{at}"), "日期的形式是 YYYY-MM-DD。", "A day is YYYY-MM-DD."));
            }
            apart.push(Apart::Day(day.clone()));
        }
        Ok(apart)
    }

    /// Which of the operator's systems calls.
    fn operator(&self, body: Option<&[u8]>) -> Result<String, Failure> {
        let Some(operators) = &self.config.operators else {
            let detail = text("尚未配置可以查看举报的密钥。", "No key that may read complaints is configured.");
            return Err(Problem::new(&UNAUTHENTICATED, detail).header("www-authenticate", "Bearer").into());
        };
        let headers = self.host.headers();
        let asked = Asked { head: self.head, headers: &headers, body, covered: None };
        let caller = operators.authenticate(asked, Scope::Complaints, self.host.now_ms())?;
        Ok(caller.name.to_owned())
    }
}

fn no_complaint() -> Problem {
    let detail = text("没有这个编号的举报。请核对是否输错。", "There is no complaint of this number. Was it mistyped?");
    Problem::new(&problems::NO_COMPLAINT, detail)
}

fn bad_query(pointer: &'static str, detail: shared::lang::Text) -> Failure {
    Problem::new(&shared::problem::BAD_REQUEST, detail.clone()).field(pointer, "bad-value", detail).into()
}

#[derive(Serialize)]
struct ComplaintDetails<'a> {
    complaint: &'a str,
    item: &'a str,
    verified: bool,
}

#[derive(Serialize)]
struct AnswerDetails<'a> {
    complaint: &'a str,
    by: &'a str,
}

#[derive(Serialize)]
struct Reported<'a> {
    complaint: &'a str,
}

#[derive(Serialize)]
struct List {
    complaints: Vec<Entry>,
    /// `after` of the next page.
    next: Option<String>,
}
