use std::path::Path;

use pack_source::Finding;

use super::*;

fn files() -> Files {
    Files::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../policy")).unwrap()
}

/// The folder with something in a file replaced, which must be there once.
fn with(file: &str, from: &str, to: &str) -> Files {
    let mut files = files();
    let text = files.text(file, &Findings::new()).unwrap().to_owned();
    assert_eq!(text.matches(from).count(), 1, "{from} in {file}");
    files.put(file, text.replace(from, to));
    files
}

/// Findings without their lines: this is about the rules, whatever comment stands above them.
fn said(files: &Files) -> Vec<String> {
    let findings = compile(files).findings.into_iter();
    findings.map(|finding| Finding { line: 0, column: 0, ..finding }.to_string()).collect()
}

#[test]
fn the_bundled_folder_is_a_pack_without_a_finding() {
    assert_eq!(said(&files()), [""; 0]);
    let pack = compile(&files()).pack(&KIND).unwrap();
    let figures = section(&pack, "figures");
    assert_eq!(
        (figures.len(), figures.int("clone.devices"), figures.int("device.rotation_days")),
        (18, Some(10), Some(30))
    );
    let words = section(&pack, "words");
    assert_eq!(words.len(), wanted().len() * 2);
    assert_eq!(words.text("gravity/good/en"), Some("Passed"));
}

#[test]
fn what_the_code_asks_for_must_be_there_and_within_its_range() {
    let cases: [(&str, &str, &str, &[&str]); 6] = [
        (
            "policy.toml",
            "devices = 10",
            "device = 10",
            &[
                "policy.toml: error: [clone] devices is missing",
                "policy.toml: error: [clone] device: no such name here; did you mean devices?",
            ],
        ),
        (
            "policy.toml",
            "rotation_days = 30",
            "rotation_days = 0",
            &["policy.toml: error: [device] rotation_days = 0: an integer from 1 to 365 is wanted"],
        ),
        (
            "policy.toml",
            "[complaint]",
            "[complaints]",
            &[
                "policy.toml: error: [complaint] is missing",
                "policy.toml: error: [complaints]: no such name here; did you mean complaint?",
            ],
        ),
        (
            "messages.toml",
            "good = {",
            "god = {",
            &[
                "messages.toml: error: [gravity] good is missing",
                "messages.toml: warning: [gravity] god: nothing asks for this text; did you mean [gravity] good?",
            ],
        ),
        (
            "messages.toml",
            "{ zh = \"此码未通过防伪核对\", en = \"The code fails its authentication check\" }",
            "{ zh = \"\" }",
            &[
                "messages.toml: error: [reason] bad_code.en is missing",
                "messages.toml: error: [reason] bad_code.zh: a text that is not blank is wanted, not \"\"",
            ],
        ),
        (
            "messages.toml",
            "密钥 {kid}\", en = \"key {kid}",
            "密钥 {id}\", en = \"key {id}",
            &[
                "messages.toml: error: [page] key_id.zh: nothing fills in {id}; did you mean {kid}?",
                "messages.toml: error: [page] key_id.en: nothing fills in {id}; did you mean {kid}?",
            ],
        ),
    ];
    for (file, from, to, expected) in cases {
        assert_eq!(said(&with(file, from, to)), expected, "{to}");
    }
    let mut other = files();
    other.put("mesages.toml", "");
    assert_eq!(said(&other), ["mesages.toml: error: no such file in this pack"]);
}

#[test]
fn a_manager_reads_what_changed() {
    let pack = |files: &Files| compile(files).pack(&KIND).unwrap();
    let told = |before: &Files, after: &Files| {
        let told = changes(&pack(before), &pack(after));
        told.into_iter().map(|change| (change.zh, change.en)).collect::<Vec<_>>()
    };
    let after = with("policy.toml", "devices = 10", "devices = 8 # fewer");
    assert_eq!(
        told(&files(), &after),
        [(
            "旧版本计下的扫描设备达到 10 台即疑似被复制：改为 8 台".to_owned(),
            "A code is suspected to be a copy from 10 devices on that builds counted which kept no networks: becomes 8"
                .to_owned()
        )]
    );
    let after = with("messages.toml", "en = \"Passed\"", "en = \"Good\"");
    assert_eq!(
        told(&files(), &after),
        [(
            "文字 gravity/good（英文）：“Passed”改为“Good”".to_owned(),
            "Words of gravity/good (en): \"Passed\" becomes \"Good\"".to_owned()
        )]
    );
    assert_eq!(told(&files(), &files()), []);
    let empty = PackFile::new(KIND.function, 1, vec![("figures".to_owned(), Vec::new())]).unwrap();
    let all = changes(&pack(&files()), &empty);
    assert_eq!(all.len(), FIGURES.len() + 2 * wanted().len());
    assert_eq!(
        all.first().map(|change| change.en.as_str()),
        Some("A code is suspected to be a copy from 18 points of networks, phones and provinces on: becomes (none)")
    );
}

#[test]
fn comments_and_order_change_no_digest() {
    let digest = |files: &Files| compile(files).pack(&KIND).unwrap().manifest.digest();
    assert_eq!(digest(&files()), digest(&with("policy.toml", "rotation_days = 30", "rotation_days = 0x1e # days")));
    assert_ne!(digest(&files()), digest(&with("policy.toml", "rotation_days = 30", "rotation_days = 31")));
}

#[test]
fn whatever_is_in_the_files_a_pack_lacks_nothing_that_the_code_asks_for() {
    for file in [POLICY, MESSAGES] {
        let good = files().bytes(file).unwrap().to_vec();
        for at in (0..good.len()).step_by(good.len().div_ceil(12)) {
            let (before, after) = good.split_at(at);
            for other in [b"".as_slice(), b"\"", b"[[", b"{", b"\xff", b"\n#", b"0"] {
                for content in [[before, other, after].concat(), [before, other].concat()] {
                    let mut files = files();
                    files.put(file, content);
                    let Ok(pack) = compile(&files).pack(&KIND) else { continue };
                    let (figures, words) = (section(&pack, "figures"), section(&pack, "words"));
                    let in_range = |f: &Figure| figures.int(f.name).is_some_and(|v| (f.least..=f.most).contains(&v));
                    assert!(FIGURES.iter().all(in_range));
                    let both = |w: Wanted<'_>| words::LANGUAGES.map(|l| words.text(&format!("{}/{l}", w.name)));
                    assert!(wanted().into_iter().map(both).all(|texts| texts.iter().all(Option::is_some)));
                }
            }
        }
    }
}
