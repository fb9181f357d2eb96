//! The sample's request for money back: paid through WeChat Pay two hours before the sample is made, not shipped, within
//! the buyer's level and quota. By the rules it is refunded at once, however old the sample has grown: they look at the
//! time from payment to request.

use std::path::{Path, PathBuf};

use anyhow::{Result, anyhow};
use instant_refund::case::Case;

use crate::files::{self, Access};

const TEMPLATE: &str = include_str!("../../sample/case.json");
const MINUTE_MS: i64 = 60_000;

/// Writes it if it is not there yet, and says where it is.
pub fn write(dir: &Path, now: i64) -> Result<PathBuf> {
    let path = dir.join("case.json");
    if path.exists() {
        return Ok(path);
    }
    // Another payment each time: what was refunded of the last one stays refunded in whatever state was kept.
    let text = TEMPLATE
        .replace("@transaction_id", &format!("42000020{now:020}"))
        .replace("\"@paid_at\"", &(now - 120 * MINUTE_MS).to_string())
        .replace("\"@requested_at\"", &(now - MINUTE_MS).to_string());
    Case::read(text.as_bytes(), now).map_err(|e| anyhow!("the sample's case: {e:?}"))?;
    files::create(&path, text.as_bytes(), Access::Public)?;
    Ok(path)
}
