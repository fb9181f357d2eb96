//! What was signed with this key directory: `policies/releases.json`, and each pack as `policies/<digest>.pack`. So nobody
//! has to remember which version comes next, or which pack was in force before.

use std::path::PathBuf;

use anyhow::{Context as _, Result, bail};
use pack_source::PackFile;
use serde::{Deserialize, Serialize};
use shared::policy::Bundled;
use shared::policy_statement::Role;

use super::read_pack;
use crate::files::{self, Access};
use crate::keys::dir::KeyDir;

const FOLDER: &str = "policies";

/// One signed statement.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Release {
    /// Whose rules.
    pub function: String,
    /// `current` or `shadow`.
    pub role: String,
    /// The key set's epoch when it was signed.
    pub epoch: u64,
    /// Its version in role and epoch.
    pub version: u64,
    /// The policy digest.
    pub policy: String,
    /// When it was signed, milliseconds since the epoch.
    pub signed_at: i64,
    /// Until when it may be adopted, milliseconds since the epoch.
    pub expires_at: i64,
    /// Ids of the keys that signed it.
    pub signers: Vec<String>,
}

impl Release {
    /// What orders statements of a role.
    pub fn rank(&self) -> (u64, u64) {
        (self.epoch, self.version)
    }
}

/// All of them.
pub struct Record<'k> {
    keys: &'k KeyDir,
    releases: Vec<Release>,
}

impl<'k> Record<'k> {
    /// Reads it; an empty one if nothing was signed here yet.
    pub fn open(keys: &'k KeyDir) -> Result<Record<'k>> {
        let path = keys.file(FOLDER).join("releases.json");
        let releases = if path.exists() { files::read_json(&path)? } else { Vec::new() };
        Ok(Record { keys, releases })
    }

    /// Of a function and role, the newest first.
    pub fn of(&self, function: &str, role: Role) -> Vec<&Release> {
        let mut all: Vec<&Release> =
            self.releases.iter().filter(|one| one.function == function && one.role == role.name()).collect();
        all.sort_by_key(|one| std::cmp::Reverse(one.rank()));
        all
    }

    /// The version that comes next.
    pub fn next_version(&self, function: &str, role: Role, epoch: u64) -> u64 {
        let newest = self.of(function, role).into_iter().find(|one| one.epoch == epoch);
        newest.map_or(1, |one| one.version + 1)
    }

    /// Adds a release, or replaces the one of its rank, and keeps its pack.
    pub fn add(&mut self, release: Release, pack: Option<&PackFile>) -> Result<()> {
        let folder = self.keys.file(FOLDER);
        files::private_dir(&folder)?;
        if let Some(pack) = pack {
            let bytes = pack.to_bytes().context("the pack would have more than 4 GiB")?;
            files::replace(&self.pack_path(&release.policy), &bytes, Access::Public)?;
        }
        self.releases
            .retain(|one| (&one.function, &one.role, one.rank()) != (&release.function, &release.role, release.rank()));
        self.releases.push(release);
        files::replace_json(&folder.join("releases.json"), &self.releases, Access::Public)
    }

    /// The pack of a digest: one that was signed here, or the one that this version of `venditor` has compiled in.
    pub fn pack(&self, function: &str, policy: &str) -> Result<PackFile> {
        let path = self.pack_path(policy);
        if path.exists() {
            let pack = read_pack(&path)?;
            if pack.manifest.digest() != policy {
                bail!("{}: is another pack than its name says", path.display());
            }
            return Ok(pack);
        }
        match bundled(function) {
            Some(pack) if pack.manifest.digest() == policy => Ok(pack),
            _ => bail!("the pack {policy} of {function} was not signed here, and is not the bundled one"),
        }
    }

    fn pack_path(&self, policy: &str) -> PathBuf {
        self.keys.file(FOLDER).join(format!("{policy}.pack"))
    }
}

/// The pack that is compiled into this version's function.
pub fn bundled(function: &str) -> Option<PackFile> {
    let spec = match function {
        instant_refund::NAME => &instant_refund::policy::SPEC,
        trace_verify::NAME => &trace_verify::policy::SPEC,
        listing_check::NAME => &listing_check::policy::SPEC,
        bot_screen::NAME => &bot_screen::policy::SPEC,
        _ => return None,
    };
    let Bundled { sections, .. } = spec.bundled;
    let sections = sections.iter().map(|(name, bytes)| ((*name).to_owned(), bytes.to_vec()));
    PackFile::new(function, spec.format, sections.collect())
}
