//! `venditor refund`: asks `instant-refund` as its callers do, to try it out and to help with single refunds.
//!
//! Exit code 0: it answered with what was asked for; 1: it refused, or could not be asked.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Result, ensure};
use clap::{Args, Subcommand, ValueEnum};
use http::Method;
use instant_refund::auth::Scope;
use instant_refund::refund::is_refund_id;
use shared::callers::is_idempotency_key;

use crate::client::{Answer, Ask, Caller, Client};
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
    /// Look after one refund now.
    Resume {
        /// Its id, `rf_…`.
        id: String,
    },
    /// Look after everything that is due.
    Sweep,
}

pub fn run(command: &Command, keys: &KeyDir) -> ExitCode {
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
        Action::Sweep => (Scope::Operations, Method::POST, "/v1/refunds/sweep".to_owned()),
    };
    let client = Client::new(caller, keys, scope)?;
    client.ask(&Ask { method, target: &target, body: body.as_deref(), idempotency_key, language })
}
