//! `venditor complaints`: what shoppers reported, listed, exported and answered through the running function, on either
//! host. Whoever reported looks the answer up by its number.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context as _, Result, anyhow, bail, ensure};
use clap::{Args, Subcommand, ValueEnum};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use shared::china_time::{date, day_number, minute, parse_date, start_of_day};
use shared::origin::Origin;
use trace_verify::complaint::{Entry, Gather, Gathered, MAX_ANSWER, MAX_GATHER};

use crate::files::{self, Access};
use crate::keys::dir::KeyDir;
use crate::keys::uploaders::{self, Bearer};
use crate::mend::command as as_typed;
use crate::{client, out};

/// The longest page of the list, in bytes: 200 complaints of 1,200 characters each.
const MAX_PAGE: u64 = 8 << 20;

#[derive(Args)]
pub struct Command {
    /// Where the function is, `https://host[:port]`; without it, the development host that runs on this machine.
    #[arg(long, global = true)]
    url: Option<String>,
    /// The operator's key, if not the last that was made.
    #[arg(long, global = true)]
    operator_kid: Option<String>,
    /// Where the running development host says how to reach it.
    #[arg(long, global = true, default_value = ".venditor/dev.json")]
    dev: PathBuf,
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    /// Show complaints, oldest first.
    List {
        #[arg(long, value_enum, default_value = "open")]
        state: State,
        /// For machines.
        #[arg(long)]
        json: bool,
    },
    /// Write all complaints to a file: CSV that Excel opens as it is, or NDJSON by its ending.
    Export {
        #[arg(long, value_enum, default_value = "all")]
        state: State,
        #[arg(long)]
        out: PathBuf,
    },
    /// Take complaints into the list that builds before the list kept with their piece (on Workers): asks for each label.
    Gather {
        /// `codes.csv` of mint jobs.
        #[arg(long, required_unless_present = "from")]
        codes: Vec<PathBuf>,
        /// Also those on codes that are not ours, of each day from this one to today, `YYYY-MM-DD` (China time).
        #[arg(long, value_name = "DAY")]
        from: Option<String>,
    },
    /// Answer a complaint, or answer it anew.
    Answer {
        /// Its number, `R-XXXX-XXXX-XXXX`.
        number: String,
        #[arg(long)]
        zh: String,
        #[arg(long)]
        en: String,
    },
}

#[derive(Clone, Copy, ValueEnum)]
enum State {
    /// Waiting for an answer.
    Open,
    Answered,
    All,
}

/// A page of the list.
#[derive(Deserialize)]
struct Page {
    complaints: Vec<Entry>,
    next: Option<String>,
}

pub fn run(command: &Command, keys: &KeyDir) -> Result<()> {
    let desk = Desk::of(command, keys)?;
    match &command.action {
        Action::List { state, json } => list(&desk.all(*state)?, *json),
        Action::Export { state, out: path } => {
            let complaints = desk.all(*state)?;
            let ndjson = path.extension().is_some_and(|extension| extension == "ndjson" || extension == "jsonl");
            let bytes = if ndjson { lines(&complaints)? } else { table(&complaints)? };
            // What people write is theirs: only the owner reads it.
            files::replace(path, &bytes, Access::Secret)?;
            out::line(format!("{} complaints in {}", complaints.len(), path.display()));
            Ok(())
        }
        Action::Gather { codes, from } => {
            let Gathered { found, new } = desk.gather(labels(codes)?, days(from.as_deref())?)?;
            out::line(format!("{found} complaints of earlier builds, {new} of them new to the list"));
            Ok(())
        }
        Action::Answer { number, zh, en } => {
            for (flag, text) in [("--zh", zh), ("--en", en)] {
                let length = text.trim().chars().count();
                ensure!((1..=MAX_ANSWER).contains(&length), "{flag}: takes 1 to {MAX_ANSWER} characters");
            }
            let number = trace_verify::complaint::read_number(number)
                .with_context(|| format!("{number}: a complaint's number looks like R-XXXX-XXXX-XXXX"))?;
            let body = json!({"answer": {"zh": zh, "en": en}}).to_string();
            let _: Value = desk.ask(&format!("/v1/complaints/{number}/answer"), Some(&body))?;
            out::line(format!("{number} is answered: {}/report?number={number}", desk.origin));
            Ok(())
        }
    }
}

/// A key and the place that it is for.
struct Desk {
    origin: Origin,
    token: String,
    agent: ureq::Agent,
}

impl Desk {
    fn of(command: &Command, keys: &KeyDir) -> Result<Desk> {
        let url = match &command.url {
            Some(url) => url.clone(),
            None => {
                let dev: Value = files::read_json(&command.dev)
                    .context("no --url, and is the development host running? scripts/dev starts it")?;
                dev.get("url").and_then(Value::as_str).unwrap_or_default().to_owned()
            }
        };
        let origin =
            Origin::parse(url.strip_suffix('/').unwrap_or(&url)).map_err(|e| anyhow!("--url {url}: takes {e}"))?;
        let kid = command.operator_kid.as_deref();
        let key = uploaders::in_force(keys, Bearer::Complaints, kid, out::now_ms())?;
        let Some(key) = key else {
            bail!(
                "no operator's key in force here: {}, then {} and give the function TRACE_OPERATORS",
                as_typed(keys, "keys new --use operator --kid operator-1 --caller complaints-desk"),
                as_typed(keys, "keys export-env --function trace-verify --format workers --out trace.vars")
            );
        };
        let agent = client::agent(Duration::from_secs(60));
        Ok(Desk { origin, token: uploaders::token(keys, &key.kid)?, agent })
    }

    fn all(&self, state: State) -> Result<Vec<Entry>> {
        let state = match state {
            State::Open => "open",
            State::Answered => "answered",
            State::All => "all",
        };
        let (mut all, mut after) = (Vec::new(), String::new());
        loop {
            let page: Page = self.ask(&format!("/v1/complaints?state={state}{after}"), None)?;
            all.extend(page.complaints);
            let Some(next) = page.next else { return Ok(all) };
            let next = format!("&after={next}");
            // A place that comes again would never end.
            ensure!(next != after, "the list leads to itself");
            after = next;
        }
    }

    /// So many at a time, as the function takes.
    fn gather(&self, labels: Vec<String>, days: Vec<String>) -> Result<Gathered> {
        let mut sum = Gathered::default();
        let calls = labels.chunks(MAX_GATHER).map(|labels| Gather { labels: labels.to_vec(), days: Vec::new() });
        let calls = calls.chain(days.chunks(MAX_GATHER).map(|days| Gather { labels: Vec::new(), days: days.to_vec() }));
        for call in calls {
            let Gathered { found, new } = self.ask("/v1/complaints/gather", Some(&serde_json::to_string(&call)?))?;
            sum = Gathered { found: sum.found + found, new: sum.new + new };
        }
        Ok(sum)
    }

    fn ask<T: DeserializeOwned>(&self, target: &str, body: Option<&str>) -> Result<T> {
        let url = format!("{}{target}", self.origin);
        let authorization = format!("Bearer {}", self.token);
        let sent = match body {
            None => self
                .agent
                .get(&url)
                .header("accept", "application/json")
                .header("authorization", authorization)
                .header("accept-language", "en")
                .call(),
            Some(body) => self
                .agent
                .post(&url)
                .header("accept", "application/json")
                .header("authorization", authorization)
                .header("accept-language", "en")
                .content_type("application/json")
                .send(body),
        };
        let mut response = sent.with_context(|| url.clone())?;
        let status = response.status();
        let text = response.body_mut().with_config().limit(MAX_PAGE).read_to_string().with_context(|| url.clone())?;
        if !status.is_success() {
            let problem: Value = serde_json::from_str(&text).unwrap_or_default();
            let detail = problem.get("detail").and_then(Value::as_str).unwrap_or_default();
            bail!("{url}: {status}: {detail}");
        }
        serde_json::from_str(&text).with_context(|| format!("{url}: no answer of trace-verify"))
    }
}

/// The labels of mint jobs: their column `url`.
fn labels(codes: &[PathBuf]) -> Result<Vec<String>> {
    let mut labels = Vec::new();
    for path in codes {
        let mut table = csv::Reader::from_path(path).with_context(|| path.display().to_string())?;
        let column = table.headers()?.iter().position(|name| name == "url");
        let column =
            column.with_context(|| format!("{}: no column url; codes.csv of a mint job has it", path.display()))?;
        for row in table.records() {
            let row = row.with_context(|| path.display().to_string())?;
            labels.extend(row.get(column).map(str::to_owned));
        }
    }
    Ok(labels)
}

/// Each day from one to today.
fn days(from: Option<&str>) -> Result<Vec<String>> {
    let Some(from) = from else { return Ok(Vec::new()) };
    let first = parse_date(from).with_context(|| format!("--from {from}: takes YYYY-MM-DD"))?;
    Ok((first..=day_number(out::now_ms())).map(|day| date(start_of_day(day))).collect())
}

fn list(complaints: &[Entry], json: bool) -> Result<()> {
    if json {
        return out::json(&complaints);
    }
    for complaint in complaints {
        let item = complaint.item.strip_prefix("unverified/").unwrap_or(&complaint.item);
        let ours = if complaint.verified { "" } else { "  NOT OUR CODE" };
        out::line(format!(
            "{}  {}  {:14} {item}{ours}",
            complaint.complaint,
            minute(complaint.received_at),
            complaint.reason
        ));
        for (what, text) in [("bought", &complaint.bought_from), ("saw", &complaint.description)] {
            if !text.is_empty() {
                out::line(format!("    {what}: {}", plain(text)));
            }
        }
        if let Some((at, answer)) = complaint.answered_at.zip(complaint.answer.as_ref()) {
            let by = complaint.answered_by.as_deref().unwrap_or_default();
            out::line(format!("    answered {} by {by}: {} / {}", minute(at), plain(&answer.zh), plain(&answer.en)));
        }
    }
    out::line(format!("{} complaints", complaints.len()));
    Ok(())
}

/// A stranger's text on one line of a terminal, without what a terminal would obey.
fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

fn lines(complaints: &[Entry]) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    for complaint in complaints {
        serde_json::to_writer(&mut bytes, complaint)?;
        bytes.push(b'\n');
    }
    Ok(bytes)
}

fn table(complaints: &[Entry]) -> Result<Vec<u8>> {
    // The mark by which Excel knows UTF-8.
    let mut csv = csv::Writer::from_writer("\u{feff}".as_bytes().to_vec());
    csv.write_record([
        "number",
        "received_at",
        "item",
        "verified",
        "reason",
        "bought_from",
        "description",
        "lang",
        "answered_at",
        "answer_zh",
        "answer_en",
        "answered_by",
    ])?;
    for one in complaints {
        let answer = one.answer.as_ref();
        let verified = if one.verified { "yes" } else { "no" }.to_owned();
        csv.write_record([
            &one.complaint,
            &minute(one.received_at),
            &one.item,
            &verified,
            &one.reason,
            &inert(&one.bought_from),
            &inert(&one.description),
            &one.lang,
            &one.answered_at.map(minute).unwrap_or_default(),
            &answer.map(|answer| inert(&answer.zh)).unwrap_or_default(),
            &answer.map(|answer| inert(&answer.en)).unwrap_or_default(),
            one.answered_by.as_deref().unwrap_or_default(),
        ])?;
    }
    csv.into_inner().map_err(|e| anyhow!("{e}"))
}

/// A stranger's text that a spreadsheet does not take for a formula.
fn inert(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text.to_owned() }
}
