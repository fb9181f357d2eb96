//! For build scripts: the pack that is compiled into a function.

#![allow(clippy::panic, clippy::print_stdout, reason = "runs at build time: a panic is how a bad pack fails the build")]

use std::fmt::Write as _;
use std::path::Path;

use crate::{Files, Kind, PackFile};

/// Compiles a folder, and writes `<section>.bin` for each section and `bundled.rs` into `out`, a build script's
/// `OUT_DIR`. `bundled.rs` is `pub static BUNDLED: ::shared::policy::Bundled`. Warnings become cargo's.
///
/// # Panics
/// With all findings, if one is an error; if a file cannot be read or written.
pub fn bundle(kind: &Kind, folder: &Path, out: &Path) {
    println!("cargo:rerun-if-changed={}", folder.display());
    let files = Files::read(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let compiled = (kind.compile)(&files);
    let said: Vec<String> = compiled.findings.iter().map(|finding| format!("{}/{finding}", folder.display())).collect();
    match compiled.pack(kind) {
        Ok(pack) => {
            said.iter().for_each(|warning| println!("cargo:warning={warning}"));
            for (entry, bytes) in pack.manifest.sections.iter().zip(&pack.sections) {
                write(out, &format!("{}.bin", entry.name), bytes);
            }
            write(out, "bundled.rs", source(&pack).as_bytes());
        }
        Err(_) => panic!("this policy is not one\n\n{}\n", said.join("\n")),
    }
}

fn source(pack: &PackFile) -> String {
    let mut sections = String::new();
    for entry in &pack.manifest.sections {
        let name = &entry.name;
        let _infallible = writeln!(
            sections,
            "        ({name:?}, include_bytes!(concat!(env!(\"OUT_DIR\"), \"/{name}.bin\")).as_slice()),"
        );
    }
    format!(
        "/// The policy pack that is compiled in.\npub static BUNDLED: ::shared::policy::Bundled = \
         ::shared::policy::Bundled {{\n    digest: {:?},\n    sections: &[\n{sections}    ],\n}};\n",
        pack.manifest.digest()
    )
}

fn write(out: &Path, name: &str, bytes: &[u8]) {
    let path = out.join(name);
    std::fs::write(&path, bytes).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_source_names_each_section() {
        let pack = PackFile::new("f", 1, vec![("words".to_owned(), Vec::new())]).unwrap();
        let digest = pack.manifest.digest();
        assert_eq!(
            source(&pack),
            format!(
                "/// The policy pack that is compiled in.\npub static BUNDLED: ::shared::policy::Bundled = \
                 ::shared::policy::Bundled {{\n    digest: {digest:?},\n    sections: &[\n        (\"words\", \
                 include_bytes!(concat!(env!(\"OUT_DIR\"), \"/words.bin\")).as_slice()),\n    ],\n}};\n"
            )
        );
    }
}
