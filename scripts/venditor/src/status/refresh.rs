//! Signing a head: which statements of an issuer are the last, for a day at most.

use std::path::PathBuf;

use anyhow::{Context as _, Result, anyhow, ensure};
use clap::Args;
use shared::china_time;
use shared::dsse::Envelope;
use shared::keyset::Use;
use trace_verify::head::{ALARM_MS, Head, MAX_LIFE_MS};

use super::book;
use crate::keys::dir::KeyDir;
use crate::{document, files, mend, out};

const HOUR_MS: i64 = 3_600_000;

#[derive(Args)]
pub struct Command {
    /// The head key.
    #[arg(long)]
    key: String,
    /// The signed head; the one that is there is looked at, and replaced.
    #[arg(long)]
    out: PathBuf,
    /// How long it is in force.
    #[arg(long, default_value_t = 24, value_parser = clap::value_parser!(i64).range(1..=24))]
    hours: i64,
}

pub fn run(command: &Command, keys: &KeyDir) -> Result<()> {
    let now = out::now_ms();
    let _lock = keys.lock()?;
    let set = keys.keyset()?;
    let key = set
        .key_for(&command.key, Use::Head, now, now)
        .map_err(|e| mend::key_refused(keys, &set, &command.key, Use::Head, now, e))?;
    let issuer = key.issuer().to_owned();
    let mut head = Head {
        issuer: issuer.clone(),
        keyset: set.version(),
        issued_at: now,
        expires_at: now + (command.hours * HOUR_MS).min(MAX_LIFE_MS),
        products: Default::default(),
    };
    for book in book::all(keys, now)?.into_iter().filter(|book| book.issuer == issuer) {
        ensure!(
            book.chain.problem.is_none(),
            "{} on {}: {}: mend the book before a head vouches for it",
            issuer,
            book.product,
            book.chain.problem.unwrap_or_default()
        );
        if let Some(last) = book.chain.links.last() {
            head.products.insert(book.product.to_string(), (last.statement.payload.sequence, last.digest.clone()));
        }
    }
    if command.out.exists() {
        follows(&command.out, &head, now).with_context(|| command.out.display().to_string())?;
    }
    let envelope = document::sign::<Head>(keys, &command.key, &head, now)?;
    document::write(&command.out, &envelope)?;
    out::line(format!(
        "{} products with statements of {issuer}, until {}: publish {}",
        head.products.len(),
        china_time::minute(head.expires_at),
        command.out.display()
    ));
    Ok(())
}

/// A head never forgets: a product that the last one named is named again, at least as far on. And it says so when the
/// last one was about to end, for then whoever should do this each hour has not.
fn follows(path: &std::path::Path, head: &Head, now: i64) -> Result<()> {
    let envelope = Envelope::parse(&files::read(path)?).map_err(|e| anyhow!("{e}"))?;
    let before: Head = serde_json::from_value(envelope.json().map_err(|e| anyhow!("{e}"))?)?;
    ensure!(before.issuer == head.issuer, "a head of {}, not of {}", before.issuer, head.issuer);
    for (product, last) in &before.products {
        ensure!(
            head.products.get(product).is_some_and(|now| now.0 > last.0 || now == last),
            "names statement {} on {product}, which is not in the book of this key directory: copy it from where it was made",
            last.0
        );
    }
    let left = before.expires_at - now;
    if left < ALARM_MS {
        let hours = left.max(0) / HOUR_MS;
        out::note(format!("warning: the last head had {hours} h left; does the scheduler run this every hour?"));
    }
    Ok(())
}
