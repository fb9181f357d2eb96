//! Which pieces a statement hits: by the ledger of what was minted here, and by manifests of what was minted elsewhere.

use std::path::PathBuf;

use anyhow::{Context as _, Result, anyhow, bail, ensure};
use trace_verify::digital_link::PrimaryKey;
use trace_verify::manifest::Manifest;
use trace_verify::serial::{Code, MacKeys};
use trace_verify::status::Scope;

use crate::keys::dir::KeyDir;
use crate::mint::ledger::{self, Taken};
use crate::{document, files};

/// The most pieces that are listed one by one.
const LISTED: usize = 20;

/// What is hit: of each batch, ranges of counters.
pub struct Hit {
    batches: Vec<(Taken, Vec<(u32, u32)>)>,
}

/// All batches that are known here.
pub fn minted(keys: &KeyDir, manifests: &[PathBuf], now: i64) -> Result<Vec<Taken>> {
    let mut minted = ledger::taken(keys)?;
    let set = keys.keyset()?;
    for path in manifests {
        let manifest = document::opened::<Manifest>(&files::read(path)?, &set, now)
            .with_context(|| path.display().to_string())?
            .payload;
        minted.retain(|known| known.batch != manifest.batch);
        minted.push(Taken {
            job: String::new(),
            batch: manifest.batch,
            primary: manifest.primary,
            layout: manifest.layout,
            mac_kid: manifest.mac_kid,
            first: manifest.first,
            count: manifest.count,
        });
    }
    Ok(minted)
}

/// What a statement of this scope and these counters hits.
pub fn find(minted: &[Taken], scope: &Scope, counters: Option<&[(u32, u32)]>) -> Result<Hit> {
    let batches: Vec<&Taken> = match scope {
        Scope::Batch(name) => minted.iter().filter(|taken| taken.batch == *name).collect(),
        Scope::Product(product) => minted.iter().filter(|taken| taken.primary == *product).collect(),
    };
    if batches.is_empty() {
        let mut known: Vec<String> = match scope {
            Scope::Batch(_) => minted.iter().map(|taken| taken.batch.clone()).collect(),
            Scope::Product(_) => minted.iter().map(|taken| taken.primary.to_string()).collect(),
        };
        known.sort_unstable();
        known.dedup();
        let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
        bail!(
            "{scope}: nothing of that name was minted here, so nothing would be hit; known: {known}. For what was minted \
             elsewhere, name its manifest: --minted FILE"
        );
    }
    let batches = batches.into_iter().map(|taken| Ok((taken.clone(), within(taken, counters)?)));
    Ok(Hit { batches: batches.collect::<Result<_>>()? })
}

/// The ranges, all of which must have been minted.
fn within(taken: &Taken, counters: Option<&[(u32, u32)]>) -> Result<Vec<(u32, u32)>> {
    let (first, last) = (taken.first, taken.first + taken.count.saturating_sub(1));
    let Some(counters) = counters else { return Ok(vec![(first, last)]) };
    for &(from, to) in counters {
        let meant = (to < taken.count && from < first).then(|| {
            let (from, to) = (first + from, first + to);
            format!(" Pieces {} to {} of the batch are --counters {from}-{to}.", from - first + 1, to - first + 1)
        });
        ensure!(
            first <= from && to <= last,
            "--counters {from}-{to}: batch {} has the counters {first} to {last}, which are counted over all batches; \
             nothing beyond them was minted.{}",
            taken.batch,
            meant.unwrap_or_default()
        );
    }
    Ok(counters.to_vec())
}

impl Hit {
    /// The one product that they are of.
    pub fn product(&self) -> Option<&PrimaryKey> {
        self.batches.first().map(|(taken, _)| &taken.primary)
    }

    /// How many pieces, each counted once.
    pub fn pieces(&self) -> u64 {
        self.batches
            .iter()
            .map(|(_, ranges)| merged(ranges).iter().map(|(a, b)| u64::from(b - a) + 1).sum::<u64>())
            .sum()
    }

    /// Every piece, with its batch.
    pub fn each(&self) -> impl Iterator<Item = (&Taken, u32)> {
        self.batches.iter().flat_map(|(taken, ranges)| {
            merged(ranges)
                .into_iter()
                .flat_map(move |(first, last)| (first..=last).map(move |counter| (taken, counter)))
        })
    }

    /// The first pieces, a line each: counter, batch, and what is printed on the label where its key is here.
    pub fn list(&self, keys: &KeyDir) -> Result<Vec<String>> {
        let mac_keys = keys.mac_keys();
        let line = |(taken, counter): (&Taken, u32)| {
            let code =
                mac_keys.as_ref().ok().and_then(|keys| Code::mint(&taken.primary, taken.mac_kid, counter, keys).ok());
            let label = code.map_or_else(|| taken.primary.to_string(), |code| code.element_string());
            format!("{counter:10} {} {label}", taken.batch)
        };
        Ok(self.each().take(LISTED).map(line).collect())
    }

    /// The path of a piece behind the host, for whoever asks the function.
    pub fn item((taken, counter): (&Taken, u32), mac_keys: &MacKeys) -> Result<String> {
        let code = Code::mint(&taken.primary, taken.mac_kid, counter, mac_keys);
        Ok(code.map_err(|e| anyhow!("{}: {e}", taken.batch))?.item())
    }
}

/// Without overlaps.
fn merged(ranges: &[(u32, u32)]) -> Vec<(u32, u32)> {
    let mut sorted = ranges.to_vec();
    sorted.sort_unstable();
    let mut merged: Vec<(u32, u32)> = Vec::new();
    for (first, last) in sorted {
        match merged.last_mut() {
            Some(before) if first <= before.1 => before.1 = before.1.max(last),
            _ => merged.push((first, last)),
        }
    }
    merged
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use trace_verify::serial::Layout;

    #[test]
    fn nothing_is_silently_void() {
        let taken = |batch: &str, primary: &str, first, count| Taken {
            job: String::new(),
            batch: batch.into(),
            primary: PrimaryKey::parse(primary).unwrap(),
            layout: Layout::One,
            mac_kid: 1,
            first,
            count,
        };
        let minted = [
            taken("TEA-1", "01/09506000134352", 0, 20),
            taken("TEA-2", "01/09506000134352", 8192, 100),
            taken("JADE", "8004/950600", 4096, 1),
        ];
        let find = |scope: &str, counters: Option<&[(u32, u32)]>| {
            find(&minted, &Scope::try_from(scope.to_owned()).unwrap(), counters)
        };
        assert_eq!(find("batch/TEA-2", None).unwrap().pieces(), 100);
        assert_eq!(find("product/01/09506000134352", None).unwrap().pieces(), 120);
        let some = find("batch/TEA-2", Some(&[(8192, 8194), (8194, 8195), (8291, 8291)])).unwrap();
        assert_eq!((some.pieces(), some.each().count()), (5, 5));
        let refused = |scope: &str, counters: Option<&[(u32, u32)]>| find(scope, counters).err().unwrap().to_string();
        assert!(
            refused("batch/TEA-2", Some(&[(0, 2)])).contains("Pieces 1 to 3 of the batch are --counters 8192-8194")
        );
        assert!(refused("batch/TEA-2", Some(&[(8192, 8292)])).contains("8192 to 8291"));
        assert!(refused("batch/TEA-2", Some(&[(8192, 8193), (4096, 4096)])).contains("--counters 4096-4096"));
        assert!(refused("batch/TEA-3", None).contains("JADE, TEA-1, TEA-2"));
        assert!(refused("product/01/00614141123452", None).contains("01/09506000134352, 8004/950600"));
    }
}
