//! Writes values in chunks, with the writing side that the command line uses: into a key-value file of Spin's, and to
//! standard output as `[{"key", "value": base64}]` for Workers' KV.
//!
//! `seed FILE`: `large` of 5,000,000 bytes, `torn` that lacks its second chunk, `small` without chunks.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};
use shared::chunks::{SMALL, write};
use shared::hex::hex;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let file = std::env::args().nth(1).ok_or("usage: seed FILE")?;
    let large = bytes(0, 5_000_000);
    let mut all = write("large", &large, SMALL)?;
    let mut torn = write("torn", &bytes(1, 1_500_000), SMALL)?;
    torn.remove(1);
    all.extend(torn);
    all.extend(write("small", b"as it is", SMALL)?);

    let store = rusqlite::Connection::open(file)?;
    store.execute_batch(
        "CREATE TABLE IF NOT EXISTS spin_key_value (
            store TEXT NOT NULL, key TEXT NOT NULL, value BLOB NOT NULL, PRIMARY KEY (store, key)); BEGIN",
    )?;
    let mut entries = Vec::new();
    for (key, value) in &all {
        store.execute("INSERT INTO spin_key_value VALUES ('ports', ?1, ?2)", (key, value))?;
        entries.push(serde_json::json!({ "key": key, "value": STANDARD.encode(value) }));
    }
    store.execute_batch("COMMIT")?;
    let answer = serde_json::json!({ "sha256": hex(&Sha256::digest(&large)), "entries": entries });
    serde_json::to_writer(std::io::stdout(), &answer)?;
    Ok(())
}

/// Bytes that do not repeat.
fn bytes(seed: u64, length: usize) -> Vec<u8> {
    let digests = (0u64..).flat_map(|n| Sha256::digest([seed.to_le_bytes(), n.to_le_bytes()].concat()));
    digests.take(length).collect()
}
