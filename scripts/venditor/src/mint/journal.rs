//! What a mint job is, kept beside its output, so that the same command continues it.
//!
//! The journal is on the disk before counters are taken. A crash in between leaves a job without counters, which asks
//! for them again; a crash later leaves one that gets the same counters again (see [`super::ledger`]).

use std::path::Path;

use anyhow::{Result, anyhow, bail};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use shared::hex::hex;

use crate::files::{self, Access};

/// Its name in the output directory.
pub const FILE: &str = "mint.json";

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Journal {
    /// A random name, by which the ledger knows the job.
    pub job: String,
    /// Digest of everything that decides the codes and their pictures.
    pub settings: String,
    /// The date in the manifests, milliseconds since the epoch.
    pub minted_at: i64,
    pub mac_kid: u8,
    pub manifest_kid: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record_kids: Option<Vec<String>>,
}

impl Journal {
    /// The job that this directory holds.
    pub fn find(out_dir: &Path) -> Result<Option<Journal>> {
        let path = out_dir.join(FILE);
        if path.exists() { files::read_json(&path).map(Some) } else { Ok(None) }
    }

    /// Whether the command is the one that began the job.
    pub fn check(&self, out_dir: &Path, settings: &str) -> Result<()> {
        if self.settings != settings {
            let path = out_dir.join(FILE);
            bail!(
                "{}: this directory holds another job (other CSV, host, keys or sizes); take a new --out",
                path.display()
            );
        }
        Ok(())
    }

    /// Begins a job.
    pub fn begin(out_dir: &Path, settings: &str, minted_at: i64, keys: &super::issue::Keys) -> Result<Journal> {
        let mut name = [0u8; 16];
        getrandom::fill(&mut name).map_err(|e| anyhow!("the system gives no random bytes: {e}"))?;
        let journal = Journal {
            job: hex(&name),
            settings: settings.to_owned(),
            minted_at,
            mac_kid: keys.mac_kid,
            manifest_kid: keys.manifest_kid.clone(),
            record_kids: keys.record_kids.clone(),
        };
        files::dir(out_dir)?;
        files::replace_json(&out_dir.join(FILE), &journal, Access::Public)?;
        Ok(journal)
    }
}

/// One digest of several texts; lengths keep them apart.
pub fn digest(parts: &[&[u8]]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hex(&hash.finalize())
}
