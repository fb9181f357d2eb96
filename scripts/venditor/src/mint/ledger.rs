//! Which counters are taken, for ever. A counter that was handed out once is never handed out again, whatever crashed.
//!
//! Counters go out in whole blocks, because the functions find a manifest by its block. An allocation is on the disk
//! before the first code of it is made, and it carries its job's id: a job that asks again gets the same counters.

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::{Context as _, Result, bail, ensure};
use serde::{Deserialize, Serialize};
use trace_verify::digital_link::PrimaryKey;
use trace_verify::keys::BLOCK;
use trace_verify::serial::Layout;

use crate::files::{self, Access};
use crate::keys::dir::KeyDir;

/// `counters.json`. Unknown members are refused: this version would drop them.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Book {
    /// The next free counter, by `<layout>/<mac kid>`.
    next: BTreeMap<String, u32>,
    taken: Vec<Taken>,
}

/// Counters of one batch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Taken {
    pub job: String,
    pub batch: String,
    pub primary: PrimaryKey,
    pub layout: Layout,
    pub mac_kid: u8,
    pub first: u32,
    pub count: u32,
}

/// What a batch asks for.
pub struct Wish<'a> {
    pub batch: &'a str,
    pub primary: &'a PrimaryKey,
    pub count: u32,
}

fn path(keys: &KeyDir) -> PathBuf {
    keys.file("counters.json")
}

/// Opens the account of a new MAC key. Only here can an account begin, so a lost ledger is noticed and not restarted.
pub fn open_account(keys: &KeyDir, mac_kid: u8) -> Result<()> {
    let mut book: Book = if path(keys).exists() { files::read_json(&path(keys))? } else { Book::default() };
    for layout in [Layout::One, Layout::Two] {
        book.next.entry(account(layout, mac_kid)).or_insert(0);
    }
    files::replace_json(&path(keys), &book, Access::Public)
}

/// Allocates for a whole job, or returns what the job was given before. The caller holds the directory's lock.
pub fn allocate(keys: &KeyDir, job: &str, mac_kid: u8, wishes: &[Wish]) -> Result<Vec<Taken>> {
    let path = path(keys);
    let mut book: Book = files::read_json(&path).context("the counter ledger: restore it from a backup")?;
    let given: Vec<Taken> = book.taken.iter().filter(|taken| taken.job == job).cloned().collect();
    if !given.is_empty() {
        let same = given.len() == wishes.len()
            && given.iter().zip(wishes).all(|(taken, wish)| {
                taken.batch == wish.batch && taken.count == wish.count && taken.primary == *wish.primary
            });
        ensure!(
            same && given.iter().all(|taken| taken.mac_kid == mac_kid),
            "{}: job {job} is another one",
            path.display()
        );
        return Ok(given);
    }
    let mut new = Vec::new();
    for wish in wishes {
        let layout = Layout::for_ai(wish.primary.ai());
        if let Some(old) = book.taken.iter().find(|taken| taken.batch == wish.batch) {
            bail!(
                "batch {}: minted before, {} of {}; a batch has one manifest and one name",
                old.batch,
                old.count,
                old.primary
            );
        }
        let account = account(layout, mac_kid);
        let next = book.next.get_mut(&account).with_context(|| {
            format!("{}: field `next` lacks {account}: the ledger is older than the MAC key", path.display())
        })?;
        let taken = Taken {
            job: job.to_owned(),
            batch: wish.batch.to_owned(),
            primary: wish.primary.clone(),
            layout,
            mac_kid,
            first: *next,
            count: wish.count,
        };
        let end = u64::from(*next) + u64::from(wish.count).next_multiple_of(u64::from(BLOCK));
        ensure!(
            end <= u64::from(layout.max_counter()) + 1,
            "batch {}: MAC key {mac_kid} has {} counters left; make a new key",
            wish.batch,
            u64::from(layout.max_counter()) + 1 - u64::from(*next)
        );
        *next = u32::try_from(end)?;
        book.taken.push(taken.clone());
        new.push(taken);
    }
    files::replace_json(&path, &book, Access::Public)?;
    Ok(new)
}

/// All that was taken; nothing where no key for labels was ever made here.
pub fn taken(keys: &KeyDir) -> Result<Vec<Taken>> {
    let path = path(keys);
    if path.exists() { Ok(files::read_json::<Book>(&path)?.taken) } else { Ok(Vec::new()) }
}

fn account(layout: Layout, mac_kid: u8) -> String {
    format!("{}/{mac_kid}", layout.number())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn wish<'a>(batch: &'a str, primary: &'a PrimaryKey, count: u32) -> Wish<'a> {
        Wish { batch, primary, count }
    }

    #[test]
    fn blocks_are_whole_and_never_shared() {
        let dir = tempfile::tempdir().unwrap();
        let keys = KeyDir::at(dir.path());
        let gtin = PrimaryKey::parse("01/09506000134352").unwrap();
        let gdti = PrimaryKey::parse("253/9506000134376").unwrap();
        assert!(allocate(&keys, "a", 1, &[wish("A", &gtin, 1)]).unwrap_err().to_string().contains("backup"));
        open_account(&keys, 1).unwrap();
        let first =
            allocate(&keys, "a", 1, &[wish("A", &gtin, 1), wish("B", &gdti, 5000), wish("C", &gtin, 4096)]).unwrap();
        assert_eq!(first.iter().map(|t| t.first).collect::<Vec<_>>(), [0, 0, 4096]);
        let again = allocate(&keys, "a", 1, &[wish("A", &gtin, 1), wish("B", &gdti, 5000), wish("C", &gtin, 4096)]);
        assert_eq!(again.unwrap(), first);
        assert!(allocate(&keys, "a", 1, &[wish("A", &gtin, 2)]).is_err());
        let next = allocate(&keys, "b", 1, &[wish("D", &gtin, 1), wish("E", &gdti, 1)]).unwrap();
        assert_eq!(next.iter().map(|t| t.first).collect::<Vec<_>>(), [8192, 8192]);
        assert!(allocate(&keys, "c", 1, &[wish("A", &gtin, 1)]).unwrap_err().to_string().contains("minted before"));
        assert!(allocate(&keys, "c", 2, &[wish("F", &gtin, 1)]).unwrap_err().to_string().contains("older"));
        // Opening the account again does not start over.
        open_account(&keys, 1).unwrap();
        assert_eq!(allocate(&keys, "d", 1, &[wish("G", &gtin, 1)]).unwrap()[0].first, 12288);
        let all = u32::try_from(1u64 << 25).unwrap();
        assert!(allocate(&keys, "e", 1, &[wish("H", &gdti, all)]).unwrap_err().to_string().contains("left"));
    }
}
