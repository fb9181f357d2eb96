//! One digest over all files of the pack: what a decision was made by.

use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

/// Writes `policy_digest.rs`: the first half of the SHA-256 over each file's path and content, each with its length
/// before it, in the order of the paths.
pub fn compile(policy: &Path, out: &Path) {
    let mut files = Vec::new();
    collect(policy, &mut files);
    let mut files: Vec<(String, PathBuf)> = files.into_iter().map(|path| (name(policy, &path), path)).collect();
    files.sort();
    let mut digest = Sha256::new();
    for (name, path) in files {
        let content = std::fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        for part in [name.as_bytes(), &content] {
            digest.update((part.len() as u64).to_be_bytes());
            digest.update(part);
        }
    }
    let hex: String = digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    let rust =
        format!("/// First half of the SHA-256 of the policy pack.\npub const DIGEST: &str = {:?};\n", &hex[..32]);
    std::fs::write(out.join("policy_digest.rs"), rust).expect("OUT_DIR is writable");
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    let entries = std::fs::read_dir(folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    for entry in entries {
        let path = entry.expect("a readable folder").path();
        if path.is_dir() { collect(&path, files) } else { files.push(path) }
    }
}

/// The path below the pack, with `/` on every system: the digest must not depend on where it is built.
fn name(policy: &Path, path: &Path) -> String {
    let below = path.strip_prefix(policy).expect("a file of the pack");
    below.iter().map(|part| part.to_str().expect("names are UTF-8")).collect::<Vec<_>>().join("/")
}
