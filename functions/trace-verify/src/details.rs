//! What events say.

use serde::Serialize;

use crate::answer::Scans;
use crate::outcome::Basis;

#[derive(Serialize)]
pub struct ScanDetails<'a> {
    pub item: &'a str,
    pub scans: Option<i64>,
    pub places: Option<usize>,
    pub counted: bool,
    /// What copies are suspected by.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub basis: Option<Basis>,
    pub decision_id: &'a str,
}

impl<'a> ScanDetails<'a> {
    /// `link` is the canonical one.
    pub fn new(link: &'a str, scans: Option<&Scans>, decision_id: &'a str) -> ScanDetails<'a> {
        ScanDetails {
            item: link.strip_prefix(crate::digital_link::CANONICAL_BASE).unwrap_or_default(),
            scans: scans.map(|scans| scans.count),
            places: scans.map(|scans| scans.places),
            counted: scans.is_some_and(|scans| scans.counted),
            basis: None,
            decision_id,
        }
    }
}

/// An issuer's head that somebody should look after.
#[derive(Serialize)]
pub struct HeadDetails<'a> {
    pub issuer: &'a str,
    pub left_ms: i64,
}

/// What another pack would have said of a scan.
#[derive(Serialize)]
pub struct ShadowDetails<'a> {
    pub item: &'a str,
    pub shadow: &'a str,
    pub outcome: &'a str,
}
