//! A folder on disk: what of it is a pack's, and what a build script makes of it.

#![allow(clippy::unwrap_used, reason = "tests may fail by panicking")]

use std::path::PathBuf;

use pack_source::{Compiled, Files, Findings, Kind, bundle};

struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Folder {
        let folder = std::env::temp_dir().join(format!("pack-source-{name}-{}", std::process::id()));
        std::fs::create_dir_all(folder.join("tables")).unwrap();
        Folder(folder)
    }

    fn write(&self, name: &str, content: &str) {
        std::fs::write(self.0.join(name), content).unwrap();
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _left_to_the_system = std::fs::remove_dir_all(&self.0);
    }
}

#[test]
fn a_folder_is_its_toml_and_csv() {
    let folder = Folder::new("files");
    for name in ["b.toml", "tables/a.csv", "README.md", ".#b.toml", "c.toml~"] {
        folder.write(name, name);
    }
    let files = Files::read(&folder.0).unwrap();
    assert_eq!(files, Files::of([("b.toml", "b.toml"), ("tables/a.csv", "tables/a.csv")]));
    assert!(Files::read(&folder.0.join("none")).is_err());
}

const KIND: Kind = Kind {
    function: "f",
    format: 1,
    signers: 1,
    compile: |files| {
        let findings = Findings::new();
        let text = files.text("policy.toml", &findings).map(|text| text.as_bytes().to_vec());
        Compiled::of(findings, [("figures", text)])
    },
    changes: |_, _| Vec::new(),
};

#[test]
fn a_build_script_writes_the_sections() {
    let folder = Folder::new("bundle");
    folder.write("policy.toml", "section");
    bundle(&KIND, &folder.0, &folder.0);
    assert_eq!(std::fs::read(folder.0.join("figures.bin")).unwrap(), b"section");
    let pack = (KIND.compile)(&Files::read(&folder.0).unwrap()).pack(&KIND).unwrap();
    let source = std::fs::read_to_string(folder.0.join("bundled.rs")).unwrap();
    assert!(source.contains(&format!("digest: \"{}\"", pack.manifest.digest())), "{source}");
}

#[test]
#[should_panic(expected = "policy.toml: error: this file is missing")]
fn a_bad_pack_fails_the_build() {
    let folder = Folder::new("bad");
    bundle(&KIND, &folder.0, &folder.0);
}
