//! The names of what the store holds, all in one place.
//!
//! | key | value |
//! |---|---|
//! | `keyset` | signed key set |
//! | `policy/…` | policy packs and their statements (`formats::policy`) |
//! | `manifest/<layout>/<mac kid>/<block>` | signed mint manifest; the same one under each of its blocks |
//! | `record/<batch>`, `record/<batch>/<counter>` | signed inspection record, of the batch or of one piece |
//! | `statements/<issuer>/<ai>/<digits>` | an issuer's chain of signed status statements on a product |
//! | `head/<issuer>` | an issuer's signed head |
//! | `status/batch/<batch>`, `status/product/<ai>/<digits>` | a signed status statement that stands alone, from before there were chains |
//! | `photo/<sha-256 in hex>` | an image's bytes |

use crate::digital_link::PrimaryKey;
use crate::manifest::{Issue, Manifest};
use crate::serial::{Code, Layout};

/// A block has 2^12 counters, and belongs to one manifest.
pub const BLOCK_BITS: u32 = 12;

/// Counters in a block.
pub const BLOCK: u32 = 1 << BLOCK_BITS;

/// The signed key set.
pub const KEYSET: &str = shared::policy::KEYSET_KEY;

/// The manifest that would have issued a code.
pub fn manifest_of(code: &Code) -> String {
    manifest(code.layout(), code.kid(), code.counter() >> BLOCK_BITS)
}

/// The manifest of one block.
pub fn manifest(layout: Layout, mac_kid: u8, block: u32) -> String {
    format!("manifest/{}/{mac_kid}/{block}", layout.number())
}

/// The record of a code that this manifest issued.
pub fn record_of(code: &Code, manifest: &Manifest) -> String {
    match manifest.records {
        Issue::Batch => record(&manifest.batch, None),
        Issue::Item => record(&manifest.batch, Some(code.counter())),
    }
}

/// The record of a batch, or of one piece of it.
pub fn record(batch: &str, counter: Option<u32>) -> String {
    match counter {
        Some(counter) => format!("record/{batch}/{counter}"),
        None => format!("record/{batch}"),
    }
}

/// An issuer's statements on a product: a GTIN, all pieces under a company prefix, or a kind of document.
pub fn statements(issuer: &str, primary: &PrimaryKey) -> String {
    format!("statements/{issuer}/{primary}")
}

/// An issuer's head.
pub fn head(issuer: &str) -> String {
    format!("head/{issuer}")
}

/// A statement on a batch that stands alone.
pub fn batch_status(batch: &str) -> String {
    format!("status/batch/{batch}")
}

/// A statement on a product that stands alone.
pub fn product_status(primary: &PrimaryKey) -> String {
    format!("status/product/{primary}")
}

/// A photo, by the digest that a record names.
pub fn photo(sha256_hex: &str) -> String {
    format!("photo/{sha256_hex}")
}
