//! `venditor listing digest`: what binds a verdict to what goes on sale: the digest of the content, and that of the rules.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use clap::Args;
use listing_check::answer::content_digest;
use listing_check::listing::Listing;
use serde_json::{Value, json};

use super::check::lines;
use super::{Policy, rules, table};
use crate::out;

#[derive(Args)]
#[command(after_help = table::COLUMNS)]
pub struct Command {
    /// The file, or - for standard input. Its name ends with .csv, or it is a JSON object a line.
    file: PathBuf,
    /// It is CSV, whatever its name.
    #[arg(long)]
    csv: bool,
    /// Verdicts that were kept, a JSON object a line as `check` and the function write them: of each listing it is said
    /// whether one accepts what it is now, by the rules that are in force. Ends with 1 if one may not go on sale.
    #[arg(long)]
    against: Option<PathBuf>,
    #[command(flatten)]
    policy: Policy,
}

pub fn run(command: &Command) -> Result<ExitCode> {
    let pack = command.policy.pack()?;
    let policy = rules(&pack, command.policy.now()?)?.digest;
    let kept = command.against.as_ref().map(kept).transpose()?;
    let mut fit = true;
    for (number, line) in (1_usize..).zip(lines(&command.file, command.csv)?) {
        let line = line?;
        if line.trim_ascii().is_empty() {
            continue;
        }
        let mut told = match Listing::read(&line) {
            Ok(listing) => {
                let content = content_digest(&listing);
                let status = kept.as_ref().map(|kept| status(kept.get(&content), policy));
                fit &= status.is_none_or(|status| status == "accept");
                json!({ "id": listing.id, "content": content, "policy": policy, "status": status })
            }
            Err(problem) => {
                fit = false;
                json!({ "line": number, "problem": problem.kind.code })
            }
        };
        if let Some(object) = told.as_object_mut() {
            object.retain(|_, value| !value.is_null());
        }
        out::line(told.to_string());
    }
    Ok(if fit { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Outcomes that were kept, and by which rules, by the digest of the content; the last of each.
fn kept(path: &PathBuf) -> Result<BTreeMap<String, (String, String)>> {
    let text = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
    let verdicts = text.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let of = |verdict: &Value, name: &str| verdict.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    Ok(verdicts.map(|one| (of(&one, "content"), (of(&one, "policy"), of(&one, "outcome")))).collect())
}

/// What a listing may do: what was found of it; `changed` if nothing was ever said of this content, `rules-changed` if other
/// rules said it.
fn status<'k>(kept: Option<&'k (String, String)>, policy: &str) -> &'k str {
    match kept {
        None => "changed",
        Some((by, _)) if by != policy => "rules-changed",
        Some((_, outcome)) => outcome,
    }
}
