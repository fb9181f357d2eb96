//! `venditor refund`: asks `instant-refund` as its callers do, to try it out and to help with single refunds.
//!
//! Exit code 0: it answered with what was asked for; 1: it refused, or could not be asked.

mod stuck;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Result, ensure};
use clap::{Args, Subcommand, ValueEnum};
use http::Method;
use instant_refund::auth::Scope;
use instant_refund::handler::{Listed, RefundPage};
use instant_refund::refund::is_refund_id;
use shared::callers::is_idempotency_key;
use shared::lang::Lang;

use crate::client::{Answer, Ask, Caller, Client, escaped};
use crate::keys::dir::KeyDir;
use crate::{files, out};

#[derive(Args)]
pub struct Command {
    #[command(subcommand)]
    action: Action,
    #[command(flatten)]
    caller: Whom,
}

/// Of every subcommand, before or behind its name.
#[derive(Args)]
struct Whom {
    #[command(flatten)]
    caller: Caller,
    /// The language of the answer's words.
    #[arg(long, value_enum, global = true, default_value = "en")]
    lang: Language,
}

#[derive(Clone, Copy, ValueEnum)]
enum Language {
    Zh,
    En,
}

#[derive(Subcommand)]
enum Action {
    /// Ask for a refund. The same key and case again is the same refund: nothing is paid twice.
    Request {
        /// The case as JSON; `scripts/dev` makes a sample.
        #[arg(long)]
        case: PathBuf,
        /// Your own name of this refund: 1 to 255 visible characters.
        #[arg(long)]
        idempotency_key: String,
    },
    /// Ask what would be decided. Nothing is kept, nothing moves.
    Quote {
        /// The case as JSON.
        #[arg(long)]
        case: PathBuf,
    },
    /// Show a refund.
    Show {
        /// Its id, `rf_…`.
        id: String,
    },
    /// Report what happened: a carrier's scan, a merchant's answer, an insurer's result.
    Event {
        /// The refund's id, `rf_…`.
        id: String,
        /// The event as JSON.
        #[arg(long)]
        event: PathBuf,
    },
    /// List refunds, by one of these.
    #[command(group = clap::ArgGroup::new("by").required(true))]
    List {
        /// All refunds of an order.
        #[arg(long, group = "by")]
        order: Option<String>,
        /// All in a state: waiting, declined, issuing, posted, void, reversed.
        #[arg(long, group = "by")]
        state: Option<String>,
        /// What is due by an instant, milliseconds since the epoch.
        #[arg(long, group = "by")]
        due: Option<i64>,
    },
    /// List what goes on only if a person acts, with what to do about each.
    Stuck {
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Look after one refund now.
    Resume {
        /// Its id, `rf_…`.
        id: String,
    },
    /// Look after everything that is due.
    Sweep,
}

pub fn run(command: &Command, keys: &KeyDir) -> ExitCode {
    if let Some(listed) = list(command, keys) {
        return match listed {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                out::note(format!("error: {error:#}"));
                ExitCode::FAILURE
            }
        };
    }
    match ask(command, keys) {
        Ok(answer) => {
            out::note(format!("HTTP {}", answer.status));
            match answer.json() {
                Some(value) => drop(out::json(&value)),
                None => out::line(&answer.text),
            }
            if answer.is_success() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(error) => {
            out::note(format!("error: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

/// What is asked for a page at a time; `None` of what is asked once.
fn list(command: &Command, keys: &KeyDir) -> Option<Result<()>> {
    let Whom { caller, lang } = &command.caller;
    let lang = match lang {
        Language::Zh => Lang::Zh,
        Language::En => Lang::En,
    };
    let client = || Client::new_any(caller, keys, &[Scope::Operations, Scope::AllRefunds, Scope::Refunds]);
    let (name, value) = match &command.action {
        Action::Stuck { json } => return Some(client().and_then(|client| stuck::run(&client, lang, *json)).map(drop)),
        Action::List { order: Some(order), .. } => ("order", order.clone()),
        Action::List { state: Some(state), .. } => ("state", state.clone()),
        Action::List { due: Some(due), .. } => ("due", due.to_string()),
        _ => return None,
    };
    let all = || -> Result<()> {
        let path = format!("/v1/refunds?{name}={}", escaped(&value));
        let pages = client()?.pages(&path, |page: &RefundPage| page.next.as_deref())?;
        let refunds: Vec<Listed> = pages.into_iter().flat_map(|page| page.refunds).collect();
        out::json(&refunds)
    };
    Some(all())
}

fn ask(command: &Command, keys: &KeyDir) -> Result<Answer> {
    let Whom { caller, lang } = &command.caller;
    let language = Some(match lang {
        Language::Zh => "zh",
        Language::En => "en",
    });
    let of = |id: &str, behind: &str| -> Result<String> {
        ensure!(is_refund_id(id), "{id}: a refund's id is rf_ and 40 hex digits");
        Ok(format!("/v1/refunds/{id}{behind}"))
    };
    let (mut body, mut idempotency_key) = (None, None);
    let (scope, method, target) = match &command.action {
        Action::Request { case, idempotency_key: key } => {
            ensure!(
                is_idempotency_key(key),
                "--idempotency-key {key}: takes 1 to 255 visible ASCII characters, no quotes, commas, backslashes"
            );
            body = Some(files::read(case)?);
            idempotency_key = Some(key.as_str());
            (Scope::Refunds, Method::POST, "/v1/refunds".to_owned())
        }
        Action::Quote { case } => {
            body = Some(files::read(case)?);
            (Scope::Refunds, Method::POST, "/v1/refunds/quote".to_owned())
        }
        Action::Show { id } => (Scope::Refunds, Method::GET, of(id, "")?),
        Action::Event { id, event } => {
            body = Some(files::read(event)?);
            (Scope::Events, Method::POST, of(id, "/events")?)
        }
        Action::Resume { id } => (Scope::Operations, Method::POST, of(id, "/resume")?),
        // The others are asked for a page at a time.
        _ => (Scope::Operations, Method::POST, "/v1/refunds/sweep".to_owned()),
    };
    let client = Client::new(caller, keys, scope)?;
    client.ask(&Ask { method, target: &target, body: body.as_deref(), idempotency_key, language })
}
