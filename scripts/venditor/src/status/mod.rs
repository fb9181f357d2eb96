//! `venditor status`: recalling and withdrawing batches, products and pieces; taking that back by name; heads.

pub mod book;
pub mod check;
mod hit;
mod refresh;
mod scans;

use std::path::PathBuf;

use anyhow::{Context as _, Result, anyhow, ensure};
use clap::{Args, Subcommand};
use serde_json::json;
use shared::china_time;
use shared::lang::Text;
use trace_verify::digital_link::PrimaryKey;
use trace_verify::status::{Scope, State, Status};

use crate::document::{self, Document};
use crate::keys::dir::KeyDir;
use crate::out;
use book::Book;
use hit::Hit;
use scans::Scanned;

#[derive(Subcommand)]
pub enum Command {
    /// Dangerous or unlawful: consumers are asked to give it back.
    Recall(Statement),
    /// No longer vouched for.
    Withdraw(Statement),
    /// In order again: takes the statements back that it names, and no others.
    #[command(alias = "clear")]
    Lift(Statement),
    /// Show the statements of this key directory, and which are in force.
    Show,
    /// Sign a head anew: which statements are the last. For a scheduler, every hour; publish what it writes.
    Refresh(refresh::Command),
    /// Ask the running function what a shopper sees of pieces that statements cover.
    Check(check::Command),
}

#[derive(Args)]
#[group(skip)]
pub struct Statement {
    /// The batch.
    #[arg(long, required_unless_present = "product")]
    batch: Option<String>,
    /// All pieces of a product: `01/<gtin14>`, `8004/<company prefix>`, `253/<13 digits>`; with --batch, the batch's product
    /// where this machine does not know it.
    #[arg(long)]
    product: Option<String>,
    /// Counters of the batch, as in `8192-8201,8300`; all, if absent. They are counted over all batches.
    #[arg(long)]
    counters: Option<String>,
    /// Statements that this one takes back: their sequences, their digests, or the files of statements from before there
    /// were chains.
    #[arg(long, value_delimiter = ',')]
    lifts: Vec<String>,
    #[arg(long)]
    reason_zh: String,
    #[arg(long)]
    reason_en: String,
    /// What the holder of a piece should do.
    #[arg(long, requires = "advice_en")]
    advice_zh: Option<String>,
    #[arg(long, requires = "advice_zh")]
    advice_en: Option<String>,
    /// What the product is called, for where no record that holds says it.
    #[arg(long, requires = "product_name_en")]
    product_name_zh: Option<String>,
    #[arg(long, requires = "product_name_zh")]
    product_name_en: Option<String>,
    /// Whom the holder of a piece can call: digits, perhaps `+` before them, blanks, hyphens and brackets between.
    #[arg(long)]
    telephone: Option<String>,
    /// Where a piece is given back, `https://…`.
    #[arg(long, value_name = "URL")]
    return_url: Option<String>,
    /// The authority's number of the recall, or its like.
    #[arg(long)]
    reference: Option<String>,
    /// The status key.
    #[arg(long)]
    key: String,
    /// All statements of the key's issuer on the product, this one included: what is to be published.
    #[arg(long, required_unless_present = "dry_run")]
    out: Option<PathBuf>,
    /// Signed manifests of batches that were minted elsewhere.
    #[arg(long)]
    minted: Vec<PathBuf>,
    /// State it although nobody here knows what was minted.
    #[arg(long, requires = "product", conflicts_with = "minted")]
    unchecked: bool,
    /// Only say which pieces would be hit; nothing is signed.
    #[arg(long)]
    dry_run: bool,
    /// Where it is known how many of the pieces were scanned: the database of a function on Spin, or where a function is,
    /// `https://host[:port]`, which is asked for up to 1,000 of them. Nothing counts as a scan.
    #[arg(long, value_name = "FILE or URL")]
    scans: Option<String>,
    /// The answer for machines.
    #[arg(long)]
    json: bool,
}

pub fn run(command: &Command, keys: &KeyDir) -> Result<()> {
    match command {
        Command::Recall(statement) => state(State::Recalled, statement, keys),
        Command::Withdraw(statement) => state(State::Withdrawn, statement, keys),
        Command::Lift(statement) => state(State::Active, statement, keys),
        Command::Show => show(keys),
        Command::Refresh(command) => refresh::run(command, keys),
        Command::Check(command) => check::run(command, keys),
    }
}

fn state(state: State, statement: &Statement, keys: &KeyDir) -> Result<()> {
    let now = out::now_ms();
    let counters = statement.counters.as_deref().map(ranges).transpose()?;
    let minted = hit::minted(keys, &statement.minted, now)?;
    let scope = scope(statement)?;
    // Before anything is signed: a statement that hits nothing would be believed to protect somebody.
    let hit = if statement.unchecked { None } else { Some(hit::find(&minted, &scope, counters.as_deref())?) };
    let product = product(statement, &scope, hit.as_ref())?;
    let status = Status {
        scope,
        counters,
        state,
        reason: Text { zh: statement.reason_zh.clone(), en: statement.reason_en.clone() },
        advice: both(&statement.advice_zh, &statement.advice_en),
        product_name: both(&statement.product_name_zh, &statement.product_name_en),
        telephone: statement.telephone.clone(),
        return_url: statement.return_url.clone(),
        reference: statement.reference.clone(),
        issued_at: now,
    };
    Document::check(&status).and_then(|()| Document::check_new(&status)).map_err(|e| anyhow!("{e}"))?;
    if state == State::Recalled && (status.advice.is_none() || status.telephone.is_none()) {
        out::note(
            "a recall without --advice-zh/--advice-en and --telephone leaves its holder without what to do and whom to call",
        );
    }
    let _lock = keys.lock()?;
    let mut book = Book::of_key(keys, &statement.key, &product, now)?;
    let lifts = book.names(&statement.lifts, &keys.keyset()?, now)?;
    ensure!(state != State::Active || !lifts.is_empty(), "--lifts: which statements? {}", book.in_force_text());
    if statement.dry_run {
        let scanned = statement.scans.as_deref().map(|place| scans::count(place, hit.as_ref(), keys)).transpose()?;
        return told(statement, hit.as_ref(), scanned, keys);
    }
    let sequence = book.state(keys, &statement.key, status, lifts, now)?;
    let path = statement.out.as_deref().context("--out")?;
    document::write(path, &book.bytes())?;
    let pieces = hit.map_or_else(|| "an unknown number of".to_owned(), |hit| hit.pieces().to_string());
    let what = state.code();
    if statement.json {
        return out::json(&json!({
            "issuer": book.issuer, "product": product, "sequence": sequence, "state": what, "pieces": pieces,
            "in_force": book.in_force(), "out": path,
        }));
    }
    out::line(format!("statement {sequence} of {} on {product}: {what}, {pieces} pieces", book.issuer));
    out::line(book.in_force_text());
    out::line(format!("{}: publish it", path.display()));
    if keys.keyset()?.has_heads(&book.issuer) {
        out::note("and a head that names it, `status refresh`; what is published without one counts too");
    }
    Ok(())
}

/// A text in both languages, if it was given: one without the other is refused before.
fn both(zh: &Option<String>, en: &Option<String>) -> Option<Text> {
    zh.clone().zip(en.clone()).map(|(zh, en)| Text { zh, en })
}

/// What `--dry-run` answers.
fn told(statement: &Statement, hit: Option<&Hit>, scanned: Option<Scanned>, keys: &KeyDir) -> Result<()> {
    let Some(hit) = hit else {
        out::line("which pieces would be hit is not known here");
        return Ok(());
    };
    let list = hit.list(keys)?;
    if statement.json {
        return out::json(&json!({
            "pieces": hit.pieces(), "scanned": scanned.map(|scanned| scanned.pieces),
            "scanned_of": scanned.map(|scanned| scanned.of), "list": list,
        }));
    }
    list.iter().for_each(out::line);
    let more = hit.pieces() - u64::try_from(list.len())?;
    if more > 0 {
        out::line(format!("… and {more} more"));
    }
    let scanned = match scanned {
        None => "how many were scanned is not known here (--scans)".to_owned(),
        Some(Scanned { pieces, of }) if of < hit.pieces() => format!("{pieces} of the first {of} of them scanned"),
        Some(Scanned { pieces, .. }) => format!("{pieces} of them scanned"),
    };
    out::line(format!("{} pieces would be hit; {scanned}", hit.pieces()));
    Ok(())
}

fn show(keys: &KeyDir) -> Result<()> {
    for book in book::all(keys, out::now_ms())? {
        out::line(format!("{} on {}", book.issuer, book.product));
        let (in_force, in_doubt) = (book.in_force(), book.in_doubt());
        for link in &book.chain.links {
            let statement = &link.statement.payload;
            let (at, status) = (china_time::minute(statement.status.issued_at), &statement.status);
            let counters = status.counters.as_ref().map_or_else(String::new, |ranges| format!(" {ranges:?}"));
            let ended = match statement.sequence {
                sequence if in_force.contains(&sequence) => "",
                sequence if in_doubt.contains(&sequence) => "  (in doubt: its key was stolen)",
                _ => "  (lifted)",
            };
            let state = status.state.code();
            out::line(format!(
                "{:4} {state:10} {at} {}{counters} {}{ended}",
                statement.sequence, status.scope, link.digest
            ));
        }
        if let Some(problem) = book.chain.problem {
            out::line(format!("     amiss: {problem}"));
        }
    }
    Ok(())
}

/// The product whose chain a statement goes into.
fn product(statement: &Statement, scope: &Scope, hit: Option<&Hit>) -> Result<PrimaryKey> {
    let named = statement.product.as_deref();
    let named = named.map(|text| PrimaryKey::parse(text).map_err(|e| anyhow!("--product {text}: {e}"))).transpose()?;
    match (scope, hit.and_then(Hit::product)) {
        (Scope::Product(product), _) => Ok(product.clone()),
        (Scope::Batch(batch), Some(minted)) => {
            ensure!(named.is_none_or(|named| named == *minted), "--product: batch {batch} was minted for {minted}");
            Ok(minted.clone())
        }
        (Scope::Batch(batch), None) => named.with_context(|| format!("--product: of which product is batch {batch}?")),
    }
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
