//! Issuing: counters are taken, then a manifest says so over a signature. Codes come after that.

use anyhow::{Result, anyhow, ensure};
use shared::dsse;
use shared::keyset::{KeySet, Use};
use trace_verify::manifest::Manifest;

use super::input::Batch;
use super::ledger::{self, Wish};
use crate::keys::dir::{KeyDir, Kind};
use crate::mend;

/// Which keys make the labels and sign the manifest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keys {
    pub mac_kid: u8,
    pub manifest_kid: String,
    /// Which keys may sign the batches' records; any, if absent.
    pub record_kids: Option<Vec<String>>,
}

impl Keys {
    /// With the keys that may sign the batches' records: record keys of the key set, or any if none is named.
    pub fn with_records_by(self, set: &KeySet, kids: &[String]) -> Result<Keys> {
        for kid in kids {
            let known = set.key(kid).is_some_and(|key| key.uses.contains(&Use::Record));
            ensure!(known, "--record-key {kid}: the key set has no such record key");
        }
        Ok(Keys { record_kids: (!kids.is_empty()).then(|| kids.to_vec()), ..self })
    }

    /// The named keys, or the newest usable ones that are here.
    pub fn choose(
        keys: &KeyDir,
        set: &KeySet,
        mac_kid: Option<u8>,
        manifest_kid: Option<&str>,
        now: i64,
    ) -> Result<Keys> {
        let document = set.document();
        let mac_kid = match mac_kid {
            Some(kid) => kid,
            None => {
                let usable =
                    |kid: &u8| set.mac_key_for(*kid, now, now).is_ok() && keys.has(Kind::Mac, &kid.to_string());
                let newest = document.mac_keys.iter().rev().map(|key| key.kid).find(usable);
                newest.ok_or_else(|| anyhow!("no usable MAC key here: `keys new --use mac --kid N`"))?
            }
        };
        let manifest_kid = match manifest_kid {
            Some(kid) => kid.to_owned(),
            None => {
                let usable =
                    |kid: &&str| set.key_for(kid, Use::Manifest, now, now).is_ok() && keys.has(Kind::Sign, kid);
                let newest = document.keys.iter().rev().map(|key| key.kid.as_str()).find(usable);
                newest
                    .ok_or_else(|| {
                        anyhow!("no usable manifest key here: {}", mend::new_key(keys, Some(set), Use::Manifest))
                    })?
                    .to_owned()
            }
        };
        set.mac_key_for(mac_kid, now, now).map_err(|e| anyhow!("MAC key {mac_kid}: {e}"))?;
        set.key_for(&manifest_kid, Use::Manifest, now, now)
            .map_err(|e| mend::key_refused(keys, set, &manifest_kid, Use::Manifest, now, e))?;
        Ok(Keys { mac_kid, manifest_kid, record_kids: None })
    }
}

/// A manifest and its signed form.
pub struct Issued {
    pub manifest: Manifest,
    pub envelope: Vec<u8>,
}

/// Takes the counters of a job, durably, and signs its manifests: the same ones again for the same job and date.
pub fn issue(keys: &KeyDir, chosen: &Keys, job: &str, batches: &[Batch], minted_at: i64) -> Result<Vec<Issued>> {
    let wishes: Vec<Wish> =
        batches.iter().map(|batch| Wish { batch: &batch.name, primary: &batch.primary, count: batch.count }).collect();
    let key = keys.signing_key(Kind::Sign, &chosen.manifest_kid)?;
    ensure!(keys.has(Kind::Mac, &chosen.mac_kid.to_string()), "MAC key {}: its secret is not here", chosen.mac_kid);
    let taken = {
        let _lock = keys.lock()?;
        ledger::allocate(keys, job, chosen.mac_kid, &wishes)?
    };
    taken
        .into_iter()
        .zip(batches)
        .map(|(taken, batch)| {
            let manifest = Manifest {
                batch: taken.batch,
                primary: taken.primary,
                mac_kid: taken.mac_kid,
                layout: taken.layout,
                first: taken.first,
                count: taken.count,
                minted_at,
                records: batch.records,
                record_kids: chosen.record_kids.clone(),
            };
            manifest.check().map_err(|e| anyhow!("manifest of {}: {e}", batch.name))?;
            let envelope = dsse::sign(dsse::MANIFEST, &manifest, &chosen.manifest_kid, &key)
                .map_err(|e| anyhow!("manifest of {}: {e}", batch.name))?;
            Ok(Issued { manifest, envelope })
        })
        .collect()
}
