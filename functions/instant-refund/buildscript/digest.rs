//! One digest over all files of the pack: what a decision was made by.

use std::path::{Path, PathBuf};

/// Writes `policy_digest.rs`: the first half of the SHA-256 over each file's path and content, each with its length
/// before it, in the order of the paths.
pub fn compile(policy: &Path, out: &Path) {
    let mut paths = Vec::new();
    collect(policy, &mut paths);
    let files = paths.into_iter().map(|path| {
        let content = std::fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        (name(policy, &path), content)
    });
    let digest = pack::digest_of_files(files.collect());
    let rust = format!("/// First half of the SHA-256 of the policy pack.\npub const DIGEST: &str = {digest:?};\n");
    std::fs::write(out.join("policy_digest.rs"), rust).expect("OUT_DIR is writable");
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    let entries = std::fs::read_dir(folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    for entry in entries {
        let path = entry.expect("a readable folder").path();
        if path.is_dir() { collect(&path, files) } else { files.push(path) }
    }
}

fn name(policy: &Path, path: &Path) -> String {
    let below = path.strip_prefix(policy).expect("a file of the pack");
    below.iter().map(|part| part.to_str().expect("names are UTF-8")).collect::<Vec<_>>().join("/")
}
