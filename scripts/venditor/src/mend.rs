//! What mends a fault: the command, as it is to be typed.

use shared::keyset::{KeyError, KeySet, Use};
use trace_verify::manifest::{Issue, Manifest};

use crate::keys::dir::{KeyDir, Kind};

/// A command of this tool, with the key directory if it is not the usual one.
pub fn command(keys: &KeyDir, arguments: &str) -> String {
    let path = keys.path().display().to_string();
    if path == ".venditor/keys" {
        format!("`cargo venditor {arguments}`")
    } else {
        format!("`cargo venditor --keys {path} {arguments}`")
    }
}

/// How a running function is given its label keys.
pub fn give_keys(keys: &KeyDir) -> String {
    format!(
        "It reads them when it starts: for scripts/dev, start it again; else {}, set the secrets \
         (`npx wrangler secret bulk trace.vars --env trace-verify`; on Spin `--format spin --out keys.toml`) and deploy",
        command(keys, "keys export-env --function trace-verify --format workers --out trace.vars")
    )
}

/// The name of a use on the command line.
pub const fn name(purpose: Use) -> &'static str {
    match purpose {
        Use::Record => "record",
        Use::Status => "status",
        Use::Manifest => "manifest",
        Use::Receipt => "receipt",
        Use::Policy => "policy",
        Use::Head => "head",
    }
}

/// The command that makes a key for a use.
pub fn new_key(keys: &KeyDir, set: Option<&KeySet>, purpose: Use) -> String {
    let use_ = name(purpose);
    let taken = |kid: &String| set.is_some_and(|set| set.key(kid).is_some()) || keys.has(Kind::Sign, kid);
    let kid = (1u32..).map(|n| format!("{use_}-{n}")).find(|kid| !taken(kid)).unwrap_or_default();
    let issuer = match (purpose, set.map(KeySet::issuers).unwrap_or_default().first()) {
        (Use::Head | Use::Status, Some(known)) => format!(" --issuer {}", known.name),
        _ => String::new(),
    };
    command(keys, &format!("keys new --use {use_} --kid {kid}{issuer} --owner-zh NAME --owner-en NAME"))
}

/// Why a key does not sign what it was named for, and which one does.
pub fn key_refused(keys: &KeyDir, set: &KeySet, kid: &str, purpose: Use, now: i64, error: KeyError) -> anyhow::Error {
    let wanted = name(purpose);
    let fit = |key: &&str| set.key_for(key, purpose, now, now).is_ok() && keys.has(Kind::Sign, key);
    let fit: Vec<&str> = set.document().keys.iter().map(|key| key.kid.as_str()).filter(fit).collect();
    let why = match (error, set.key(kid)) {
        (KeyError::WrongUse, Some(key)) => {
            let uses: Vec<&str> = key.uses.iter().map(|one| name(*one)).collect();
            format!("is a {} key, and this is signed with a {wanted} key", uses.join(" and "))
        }
        (KeyError::Unknown, _) => format!("is not in the key set, and this is signed with a {wanted} key"),
        (error, _) => error.to_string(),
    };
    if fit.is_empty() {
        anyhow::anyhow!("--key {kid}: {why}; there is none yet: {}", new_key(keys, Some(set), purpose))
    } else {
        anyhow::anyhow!("--key {kid}: {why}: --key {}", fit.join(" or --key "))
    }
}

/// Pieces without a record, if there are any, and what mends it.
pub fn no_record(keys: &KeyDir, manifest: &Manifest, missing: &[Option<u32>], of: usize) -> Option<(String, String)> {
    let first = missing.first()?;
    let sees = "shoppers see that the code was issued and nothing was inspected";
    let batch = &manifest.batch;
    let template = |more: &str| command(keys, &format!("record template --batch {batch} {more}"));
    Some(match (manifest.records, first) {
        (Issue::Item, Some(counter)) if of == 1 => (
            format!("piece {counter} of {batch} has no record: {sees}"),
            format!(
                "{}, fill it in, `record sign …`, and publish it too",
                template(&format!("--counter {counter} --out record.json"))
            ),
        ),
        (Issue::Item, Some(first)) => (
            format!(
                "{} of {of} pieces of {batch} have no record (the first is counter {first}): {sees}",
                missing.len()
            ),
            format!(
                "{}, fill them in, `record sign --record pieces/record.json --pieces pieces/pieces.csv …`, and publish them too",
                template("--pieces --out pieces")
            ),
        ),
        _ => (
            format!("batch {batch} has no inspection record: {sees}"),
            format!("{}, fill it in, `record sign …`, and publish it too", template("--out record.json")),
        ),
    })
}
