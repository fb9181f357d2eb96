//! Files with the configuration of the function: whether it was given the keys that are here. Secrets are compared, never
//! shown.

use std::path::{Path, PathBuf};

use anyhow::{Result, anyhow};

use super::Report;
use crate::files;
use crate::keys::dir::KeyDir;
use crate::mend::command;

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

/// A value of `NAME="value"` lines, of either host's form.
fn value<'t>(text: &'t str, wanted: &str) -> Option<&'t str> {
    text.lines().filter_map(|line| line.split_once('=')).find_map(|(key, value)| {
        key.trim().eq_ignore_ascii_case(wanted).then(|| value.trim().trim_matches(['"', '\'']))
    })
}
