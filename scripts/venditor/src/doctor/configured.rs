//! Files with the configuration of the function: whether it was given the keys that are here. Secrets are compared, never
//! shown.

use std::path::{Path, PathBuf};

use anyhow::{Result, anyhow};

use shared::callers::Entry;
use shared::{address, seal};
use trace_verify::config::{COOKIE_SPACE, Callers};
use trace_verify::operators::Operators;
use trace_verify::place::Fields;

use super::Report;
use crate::keys::dir::{KeyDir, Kind};
use crate::keys::{apps, uploaders};
use crate::mend::command;
use crate::{files, out};

const CONFIGURATION: &str = "configuration";

pub fn look(report: &mut Report, paths: &[PathBuf], keys: &KeyDir) {
    for path in paths {
        if let Err(error) = one(report, path, keys) {
            report.wrong(CONFIGURATION, format!("{error:#}"), "");
        }
    }
}

fn one(report: &mut Report, path: &Path, keys: &KeyDir) -> Result<()> {
    let at = path.display();
    let text = String::from_utf8(files::read(path)?).map_err(|_| anyhow!("{at}: not UTF-8"))?;
    let value = |wanted: &str| value(&text, wanted);
    let format = if path.extension().is_some_and(|extension| extension == "toml") { "spin" } else { "workers" };
    let export = format!("keys export-env --function trace-verify --format {format} --out {at}");
    let mend = format!("{}, and give it to the function", command(keys, &export));
    let mut sound = true;
    let mut wrong = |report: &mut Report, what: String| {
        sound = false;
        report.wrong(CONFIGURATION, format!("{at}: {what}"), mend.clone());
    };
    match value("TRACE_ROOT_KEY") {
        None => wrong(report, "no TRACE_ROOT_KEY: no key set would be believed".to_owned()),
        Some(configured) => {
            let configured: Vec<&str> = configured.split(',').map(str::trim).collect();
            let ours = keys.roots_text()?;
            let signer = keys.keyset()?.signed_by().to_owned();
            let ours = ours.split(',').find(|root| root.split(':').next() == Some(&*signer)).unwrap_or_default();
            if !configured.contains(&ours) {
                wrong(report, format!("TRACE_ROOT_KEY does not name {signer}, which signed the key set"));
            }
        }
    }
    match value("TRACE_MAC_KEYS") {
        None => wrong(report, "no TRACE_MAC_KEYS: every label would be \"invalid\"".to_owned()),
        Some(configured) => {
            let configured: Vec<&str> = configured.split(',').map(str::trim).collect();
            for entry in keys.mac_keys_text()?.split(',').filter(|entry| !entry.is_empty()) {
                let kid = entry.split(':').next().unwrap_or_default();
                let known = configured.iter().find(|known| known.split(':').next() == Some(kid));
                match known {
                    None => wrong(report, format!("MAC key {kid} is missing: its labels would be \"invalid\"")),
                    Some(known) if *known != entry => {
                        wrong(
                            report,
                            format!("MAC key {kid} is another one than here: its labels would be \"invalid\""),
                        );
                    }
                    Some(_) => {}
                }
            }
        }
    }
    if value("TRACE_DEVICE_SECRET").is_none() {
        wrong(report, "no TRACE_DEVICE_SECRET".to_owned());
    }
    for what in of_visitors(&value, keys)? {
        wrong(report, what);
    }
    if let Some(minimum) = value("TRACE_KEYSET_MINIMUM").and_then(|text| text.parse::<u64>().ok())
        && minimum > keys.keyset()?.version()
    {
        sound = false;
        report.wrong(
            CONFIGURATION,
            format!("{at}: TRACE_KEYSET_MINIMUM is {minimum}, above the edition that is here"),
            "restore the newer key set from the key directory's backup",
        );
    }
    if sound {
        report.ok(CONFIGURATION, format!("{at}: the keys are those that are here"));
    }
    Ok(())
}

/// What is wrong with the values by which visitors are known, and who may read complaints: each is optional, and one that
/// cannot be read stops the function.
fn of_visitors<'t>(value: &impl Fn(&str) -> Option<&'t str>, keys: &KeyDir) -> Result<Vec<String>> {
    let now = out::now_ms();
    let mut wrong = Vec::new();
    let mut malformed =
        |name: &str, why: Option<String>| wrong.extend(why.map(|why| format!("{name} is malformed: {why}")));
    let set = |name: &str| value(name).filter(|text| !text.is_empty());
    malformed(
        "TRACE_COOKIE_KEYS",
        set("TRACE_COOKIE_KEYS").and_then(|text| seal::Keys::parse(text, COOKIE_SPACE).err()),
    );
    malformed(
        "TRACE_COOKIE",
        set("TRACE_COOKIE").filter(|text| *text != "plain").map(|_| "plain, or nothing".to_owned()),
    );
    malformed("TRACE_CALLERS", set("TRACE_CALLERS").and_then(|text| Callers::parse(text).err()));
    malformed("TRACE_OPERATORS", set("TRACE_OPERATORS").and_then(|text| Operators::parse(text).err()));
    malformed("TRACE_HOPS", set("TRACE_HOPS").and_then(|text| address::hops(text).err()));
    let hops = set("TRACE_HOPS").and_then(|text| address::hops(text).ok()).unwrap_or(0);
    malformed("TRACE_PLACE", set("TRACE_PLACE").and_then(|text| Fields::parse_behind(hops, text).err()));

    let ours = keys.seal_keys_text(Kind::Cookie)?;
    let configured: Vec<&str> = set("TRACE_COOKIE_KEYS").unwrap_or_default().split(',').map(str::trim).collect();
    for entry in ours.split(',').filter(|entry| !entry.is_empty() && !configured.contains(entry)) {
        let kid = entry.split(':').next().unwrap_or_default();
        wrong.push(format!("TRACE_COOKIE_KEYS lacks {kid} as it is here: no browser is known again by it"));
    }
    for (name, ours, loss) in [
        ("TRACE_CALLERS", apps::configuration(keys, now)?, "the app's scans would be refused"),
        ("TRACE_OPERATORS", uploaders::of_complaints(keys, now)?, "its operator could read no complaint"),
    ] {
        let entries = |text: &str| -> Vec<Entry<serde_json::Value>> { serde_json::from_str(text).unwrap_or_default() };
        let configured = set(name).map(entries).unwrap_or_default();
        for entry in ours.as_deref().map(entries).unwrap_or_default() {
            match configured.iter().find(|known| known.kid == entry.kid) {
                None => wrong.push(format!("{name} lacks {}: {loss}", entry.kid)),
                Some(known) if known.key != entry.key => {
                    wrong.push(format!("{name}: {} is another key than here: {loss}", entry.kid));
                }
                Some(_) => {}
            }
        }
    }
    Ok(wrong)
}

/// A value of `NAME="value"` lines, of either host's form.
fn value<'t>(text: &'t str, wanted: &str) -> Option<&'t str> {
    text.lines().filter_map(|line| line.split_once('=')).find_map(|(key, value)| {
        key.trim().eq_ignore_ascii_case(wanted).then(|| value.trim().trim_matches(['"', '\'']))
    })
}
