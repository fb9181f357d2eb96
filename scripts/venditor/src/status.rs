//! `venditor status`: recalling, withdrawing, clearing a batch or a product.

use std::path::PathBuf;

use anyhow::{Context as _, Result, anyhow};
use clap::{Args, Subcommand};
use shared::lang::Text;
use trace_verify::digital_link::PrimaryKey;
use trace_verify::status::{Scope, State, Status};

use crate::keys::dir::KeyDir;
use crate::{document, out};

#[derive(Subcommand)]
pub enum Command {
    /// Dangerous or unlawful: consumers are asked to give it back.
    Recall(Statement),
    /// No longer vouched for.
    Withdraw(Statement),
    /// In order again: takes an earlier statement back.
    Clear(Statement),
}

#[derive(Args)]
#[group(skip)]
pub struct Statement {
    /// The batch.
    #[arg(long, conflicts_with = "product", required_unless_present = "product")]
    batch: Option<String>,
    /// All pieces of a product: `01/<gtin14>`, `8004/<company prefix>`, `253/<13 digits>`.
    #[arg(long)]
    product: Option<String>,
    /// Counters of the batch, as in `0-9,4096-4096`; all, if absent.
    #[arg(long)]
    counters: Option<String>,
    #[arg(long)]
    reason_zh: String,
    #[arg(long)]
    reason_en: String,
    /// What the holder of a piece should do.
    #[arg(long, requires = "advice_en")]
    advice_zh: Option<String>,
    #[arg(long, requires = "advice_zh")]
    advice_en: Option<String>,
    /// The authority's number of the recall, or its like.
    #[arg(long)]
    reference: Option<String>,
    /// The status key.
    #[arg(long)]
    key: String,
    /// The signed document.
    #[arg(long)]
    out: PathBuf,
}

pub fn run(command: &Command, keys: &KeyDir) -> Result<()> {
    let (state, statement) = match command {
        Command::Recall(statement) => (State::Recalled, statement),
        Command::Withdraw(statement) => (State::Withdrawn, statement),
        Command::Clear(statement) => (State::Active, statement),
    };
    let now = out::now_ms();
    let status = Status {
        scope: scope(statement)?,
        counters: statement.counters.as_deref().map(ranges).transpose()?,
        state,
        reason: Text { zh: statement.reason_zh.clone(), en: statement.reason_en.clone() },
        advice: statement.advice_zh.clone().zip(statement.advice_en.clone()).map(|(zh, en)| Text { zh, en }),
        reference: statement.reference.clone(),
        issued_at: now,
    };
    let envelope = document::sign::<Status>(keys, &statement.key, &status, now)?;
    document::write(&statement.out, &envelope)?;
    out::line(format!("{} is {}: {}", status.scope, state.code(), statement.out.display()));
    Ok(())
}

fn scope(statement: &Statement) -> Result<Scope> {
    match (&statement.batch, &statement.product) {
        (Some(batch), _) => Scope::try_from(format!("batch/{batch}"))
            .map_err(|_| anyhow!("--batch {batch}: takes up to 40 of A-Z, 0-9, `.`, `_`, `-`")),
        (None, product) => {
            let product = product.as_deref().context("--batch or --product")?;
            PrimaryKey::parse(product).map(Scope::Product).map_err(|e| anyhow!("--product {product}: {e}"))
        }
    }
}

fn ranges(text: &str) -> Result<Vec<(u32, u32)>> {
    let range = |part: &str| {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        let range = (first.trim().parse().ok()?, last.trim().parse().ok()?);
        (range.0 <= range.1).then_some(range)
    };
    text.split(',')
        .map(|part| range(part).ok_or_else(|| anyhow!("--counters: `{part}` is neither a number nor FIRST-LAST")))
        .collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::ranges;

    #[test]
    fn counters() {
        assert_eq!(ranges("0-9, 4096").unwrap(), [(0, 9), (4096, 4096)]);
        for bad in ["", "1-", "-1", "9-1", "a", "1,,2", "1-2-3"] {
            assert!(ranges(bad).is_err(), "{bad}");
        }
    }
}
