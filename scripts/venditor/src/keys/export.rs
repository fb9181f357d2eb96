//! The configuration values of the functions, in each host's own file format.

use std::path::Path;

use anyhow::Result;
use clap::ValueEnum;

use super::dir::KeyDir;
use crate::files::{self, Access};
use crate::out;

#[derive(Clone, Copy, ValueEnum)]
pub enum Format {
    /// `.dev.vars`: `TRACE_MAC_KEYS="…"`, also what `wrangler secret bulk` takes.
    Workers,
    /// A variables file for `spin up --variable @file`: `trace_mac_keys = "…"`.
    Spin,
}

/// Writes the values to a file that only its owner reads. Nothing of them is shown.
pub fn run(keys: &KeyDir, format: Format, path: &Path) -> Result<()> {
    let _lock = keys.lock()?;
    // Parsed before they are written: what the functions would refuse must not reach them.
    keys.roots()?;
    keys.mac_keys()?;
    let values = [
        ("trace_root_key", keys.roots_text()?),
        ("trace_mac_keys", keys.mac_keys_text()?),
        ("trace_device_secret", keys.device_secret()?),
    ];
    // The values are ids and base64url: nothing in them needs quoting beyond the quotes.
    let text: String = values
        .iter()
        .map(|(name, value)| match format {
            Format::Workers => format!("{}=\"{value}\"\n", name.to_uppercase()),
            Format::Spin => format!("{name} = \"{value}\"\n"),
        })
        .collect();
    files::replace(path, text.as_bytes(), Access::Secret)?;
    let names: Vec<&str> = values.iter().map(|(name, _)| *name).collect();
    out::line(format!("wrote {} to {}", names.join(", "), path.display()));
    Ok(())
}
