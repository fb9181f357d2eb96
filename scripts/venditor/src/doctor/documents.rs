//! Manifests, records, statements: whether they hold, and whether something is missing that shoppers would miss.

use std::path::PathBuf;

use anyhow::Result;
use shared::keyset::KeySet;
use trace_verify::manifest::Manifest;

use super::Report;
use crate::keys::dir::KeyDir;
use crate::mend::{self, command};
use crate::mint::ledger;
use crate::shelf::Shelf;
use crate::status::book;

const DOCUMENTS: &str = "documents";

pub fn look(report: &mut Report, folders: &[PathBuf], keys: &KeyDir, set: &KeySet, now: i64) -> Result<Shelf> {
    let here = [PathBuf::from(".")];
    let shelf = Shelf::read(if folders.is_empty() { &here } else { folders }, set, now)?;
    for (path, error) in &shelf.unread {
        report.wrong(DOCUMENTS, format!("{}: {error:#}", path.display()), "");
    }
    for held in &shelf.manifests {
        let at = held.path.display();
        match (&held.kid, &held.says) {
            (Err(error), _) => report.wrong(DOCUMENTS, format!("{at}: {error:#}"), "mint with keys that are in force"),
            (Ok(_), Some(manifest)) => records(report, &shelf, manifest, &at.to_string(), keys),
            (Ok(_), None) => {}
        }
    }
    for held in &shelf.records {
        let at = held.path.display();
        if let Err(error) = &held.kid {
            report.wrong(
                DOCUMENTS,
                format!("{at}: {error:#}"),
                "sign it anew with a record key in force: `record sign`",
            );
        } else if let Some(record) = &held.says
            && let Some(manifest) =
                shelf.manifests.iter().filter_map(|held| held.says.as_ref()).find(|known| known.batch == record.batch)
        {
            if record.primary != manifest.primary {
                let what = format!(
                    "{at}: speaks of {}, and batch {} is of {}",
                    record.primary, record.batch, manifest.primary
                );
                report.wrong(DOCUMENTS, what, "correct `primary`, and sign it anew");
            }
            if let Ok(kid) = &held.kid
                && !manifest.takes_records_of(kid)
            {
                let wanted = manifest.record_kids.clone().unwrap_or_default().join(" or ");
                let what = format!("{at}: signed by {kid}; the manifest of {} takes records of {wanted}", record.batch);
                report.wrong(DOCUMENTS, what, format!("`record sign … --key {wanted}`"));
            }
        }
    }
    for chain in &shelf.chains {
        if let Some(problem) = chain.problem {
            let book = command(keys, "status show");
            report.wrong(
                DOCUMENTS,
                format!("{}: {problem}", chain.path.display()),
                format!("see {book} and RECALLS.md"),
            );
        }
    }
    minted(report, &shelf, keys)?;
    books(report, keys, now);
    Ok(shelf)
}

fn records(report: &mut Report, shelf: &Shelf, manifest: &Manifest, at: &str, keys: &KeyDir) {
    let (missing, of) = shelf.without_record(manifest);
    match mend::no_record(keys, manifest, &missing, of) {
        Some((what, mend)) => report.wrong(DOCUMENTS, format!("{at}: {what}"), mend),
        None => {
            report.ok(DOCUMENTS, format!("{at}: {} pieces of {}, {of} records", manifest.count, manifest.batch));
        }
    }
}

/// What the ledger says was minted, and whose manifest is not among the files.
fn minted(report: &mut Report, shelf: &Shelf, keys: &KeyDir) -> Result<()> {
    let known = |batch: &str| {
        shelf.manifests.iter().filter_map(|held| held.says.as_ref()).any(|manifest| manifest.batch == batch)
    };
    let elsewhere: Vec<String> = ledger::taken(keys)
        .unwrap_or_default()
        .into_iter()
        .map(|taken| taken.batch)
        .filter(|batch| !known(batch))
        .collect();
    if !elsewhere.is_empty() {
        report.note(
            DOCUMENTS,
            format!(
                "minted here, and not looked at, for their manifests are not among the files: {}",
                elsewhere.join(", ")
            ),
            "--in FOLDER names where they are",
        );
    }
    Ok(())
}

fn books(report: &mut Report, keys: &KeyDir, now: i64) {
    match book::all(keys, now) {
        Err(error) => {
            report.wrong(DOCUMENTS, format!("the book of statements: {error:#}"), "restore it from the backup")
        }
        Ok(books) => {
            for book in books {
                match book.chain.problem {
                    Some(problem) => report.wrong(
                        DOCUMENTS,
                        format!("statements of {} on {}: {problem}", book.issuer, book.product),
                        "RECALLS.md says how a book is mended",
                    ),
                    None => report.ok(DOCUMENTS, format!("statements {}", book.in_force_text())),
                }
            }
        }
    }
}
