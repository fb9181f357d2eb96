//! One digest over all files of the pack: what a decision was made by.

use std::path::Path;

/// Writes `policy_digest.rs`: the first half of the SHA-256 over each file's path and content, each with its length
/// before it, in the order of the paths.
pub fn compile(policy: &Path, out: &Path) {
    let digest = pack::digest_of_folder(policy).unwrap_or_else(|e| panic!("{e}"));
    let rust = format!("/// First half of the SHA-256 of the policy pack.\npub const DIGEST: &str = {digest:?};\n");
    std::fs::write(out.join("policy_digest.rs"), rust).expect("OUT_DIR is writable");
}
