//! The key directory and the key set: who can sign what, and for how long.

use shared::keyset::{KeySet, Use};

use super::Report;
use crate::files;
use crate::keys::dir::{KeyDir, Kind};
use crate::mend::{self, command};

const KEYS: &str = "keys";
const DAY_MS: i64 = 86_400_000;
/// From how many days before its end on a key is told of.
const SOON: i64 = 30 * DAY_MS;

/// Looks, and returns the key set if it holds.
pub fn look(report: &mut Report, keys: &KeyDir, now: i64) -> Option<KeySet> {
    if !keys.file("roots.pub").exists() {
        report.wrong(
            KEYS,
            format!("no root key in {}", keys.path().display()),
            command(keys, "keys new --use root --kid root-1"),
        );
        return None;
    }
    let set = match keys.keyset() {
        Ok(set) => set,
        Err(error) => {
            let mend = if keys.keyset_path().exists() {
                "restore it from the key directory's backup".to_owned()
            } else {
                command(keys, "keys new --use mac --kid 1")
            };
            report.wrong(KEYS, format!("the key set: {error:#}"), mend);
            return None;
        }
    };
    report.ok(KEYS, format!("key set: edition {}, signed by {}", set.version(), set.signed_by()));
    // A root that is not here is as it should be, once the set is signed; a new edition needs it.
    if !keys.has(Kind::Root, set.signed_by()) {
        report.note(KEYS, format!("the root {} is not here; the next edition needs it", set.signed_by()), "");
    }
    let mut mac: Vec<u8> = set.document().mac_keys.iter().map(|key| key.kid).collect();
    mac.retain(|kid| set.mac_key_for(*kid, now, now).is_ok() && keys.has(Kind::Mac, &kid.to_string()));
    match mac.last() {
        Some(kid) => report.ok(KEYS, format!("mac: {kid} marks labels")),
        None => {
            let taken = |kid: &u8| set.document().mac_keys.iter().any(|key| key.kid == *kid);
            let free = (1..=u8::MAX).find(|kid| !taken(kid)).unwrap_or_default();
            report.wrong(
                KEYS,
                "no MAC key in force is here: no label can be made",
                command(keys, &format!("keys new --use mac --kid {free}")),
            );
        }
    }
    for (purpose, without) in [
        (Use::Manifest, "no code can be issued"),
        (Use::Record, "no inspection record can be signed here"),
        (Use::Status, "nothing can be recalled"),
    ] {
        sign(report, keys, &set, purpose, without, now);
    }
    ending(report, keys, &set, now);
    unlisted(report, keys, &set);
    Some(set)
}

fn sign(report: &mut Report, keys: &KeyDir, set: &KeySet, purpose: Use, without: &str, now: i64) {
    let in_force = |kid: &&str| set.key_for(kid, purpose, now, now).is_ok();
    let all: Vec<&str> = set.document().keys.iter().map(|key| key.kid.as_str()).filter(in_force).collect();
    let here: Vec<&str> = all.iter().copied().filter(|kid| keys.has(Kind::Sign, kid)).collect();
    let name = mend::name(purpose);
    match (here.as_slice(), all.as_slice()) {
        ([], []) => {
            report.wrong(KEYS, format!("no {name} key: {without}"), mend::new_key(keys, Some(set), purpose));
        }
        ([], elsewhere) => report.note(KEYS, format!("{name}: {} sign elsewhere, not here", elsewhere.join(", ")), ""),
        (here, _) => report.ok(KEYS, format!("{name}: {}", here.join(", "))),
    }
}

/// Keys that end soon; ended ones are no news if another took over.
fn ending(report: &mut Report, keys: &KeyDir, set: &KeySet, now: i64) {
    for key in set.document().keys.iter().filter(|key| key.revoked.is_none()) {
        let left = key.not_after - now;
        if (0..SOON).contains(&left)
            && let Some(purpose) = key.uses.first()
        {
            let days = left / DAY_MS;
            report.note(
                KEYS,
                format!("{} signs for {days} more days", key.kid),
                mend::new_key(keys, Some(set), *purpose),
            );
        }
    }
}

/// Secrets that the set does not speak of: a run was interrupted, or an older set was put back.
fn unlisted(report: &mut Report, keys: &KeyDir, set: &KeySet) {
    for kid in keys.kids(Kind::Sign).unwrap_or_default() {
        if set.key(&kid).is_none() {
            report.wrong(
                KEYS,
                format!("{kid}: its secret is here, and the key set does not name it: what it signs is not believed"),
                "run its `keys new` again, which takes the secret up; or restore the newer key set",
            );
        }
    }
    for kid in keys.kids(Kind::Mac).unwrap_or_default() {
        if set.document().mac_keys.iter().all(|key| key.kid.to_string() != kid) {
            let mend = command(keys, &format!("keys new --use mac --kid {kid}"));
            report.wrong(
                KEYS,
                format!("MAC key {kid}: the key set does not name it: its labels are not believed"),
                mend,
            );
        }
    }
    if files::read(&keys.file("counters.json")).is_err() && !set.document().mac_keys.is_empty() {
        report.wrong(
            KEYS,
            "counters.json is gone: the same codes would be issued twice",
            "restore it from the key directory's backup, or make a new MAC key and mint with that one alone",
        );
    }
}
