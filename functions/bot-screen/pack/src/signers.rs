//! `signers.toml` and the files of keys that it names: agents that sign their requests (Web Bot Auth,
//! draft-ietf-webbotauth-httpsig-protocol), and under which keys.
//!
//! Compiled under `key/T`, T being a key's thumbprint (RFC 7638), to the key's 32 bytes and its signer's code; under
//! `valid/T` to the instants, in seconds, between which it is one; and of each signer `site/C`, `agents/C` and, the oldest
//! of its keys, `day/C`. `always/A` has that day for an agent that sends nothing unsigned.

use std::collections::BTreeSet;

use formats::jwk::{read_x, thumbprint};
use pack_source::toml::{Document, Table, Value, is_code};
use pack_source::{Change, Files, Findings, Map, MapWriter, csv, nearest};

use crate::ranges::known_agents;

/// The file of signers.
pub const FILE: &str = "signers.toml";
/// Where their keys are.
const FOLDER: &str = "signers/";
/// What stands in a row.
const COLUMNS: &str = "key,not_before,expires,date";
/// The most signers, and the most keys of one.
const MOST: usize = 200;
const MOST_KEYS: usize = 32;

/// Whether a path is one of the files that [`compile`] looks at.
pub fn is_file(path: &str) -> bool {
    path == FILE || path.starts_with(FOLDER) && path.ends_with(".csv")
}

struct Signer<'d> {
    code: &'d str,
    site: String,
    agents: Vec<String>,
    always: bool,
}

struct Key {
    bytes: [u8; 32],
    valid: [i64; 2],
    day: i64,
}

/// Compiles them; without the file there are none.
pub fn compile(files: &Files, findings: &Findings) -> Option<Vec<u8>> {
    if !files.paths().any(is_file) {
        return MapWriter::new().finish();
    }
    let document = Document::parse(files, FILE, findings)?;
    let root = document.root();
    root.only(["signer"]);
    let rows = match root.get("signer") {
        Some(value) => value.list()?,
        None => Vec::new(),
    };
    let mut map = MapWriter::new();
    let (mut codes, mut paths, mut prints) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    for row in &rows {
        let Some(signer) = row.table().and_then(|table| read(&table)) else { continue };
        if !codes.insert(signer.code) || codes.len() > MOST {
            row.refuse(format!("a signer above has the code {} already, or there are over {MOST}", signer.code));
        }
        let path = format!("{FOLDER}{}.csv", signer.code);
        let keys = if files.paths().any(|known| known == path) { keys(files, &path, findings) } else { Vec::new() };
        paths.insert(path);
        for key in &keys {
            let print = thumbprint(&key.bytes);
            if !prints.insert(print.clone()) {
                row.refuse(format!("{}: another signer has a key of its", signer.code));
            }
            map.bytes(format!("key/{print}"), [&key.bytes, signer.code.as_bytes()].concat());
            map.ints(format!("valid/{print}"), key.valid);
        }
        let day = keys.iter().map(|key| key.day).min().unwrap_or_default();
        let code = signer.code;
        map.text(format!("site/{code}"), &signer.site).int(format!("day/{code}"), day);
        map.lines(format!("agents/{code}"), signer.agents.iter().map(String::as_str));
        // Without a key nothing could be shown.
        if signer.always && !keys.is_empty() {
            signer.agents.iter().for_each(|agent| _ = map.int(format!("always/{agent}"), day));
        }
    }
    for path in files.paths().filter(|path| path.starts_with(FOLDER) && is_file(path) && !paths.contains(*path)) {
        findings.error(path, 0, 0, format!("no signer of {FILE} has this code"));
    }
    map.finish()
}

fn read<'d>(table: &Table<'d>) -> Option<Signer<'d>> {
    table.only(["code", "site", "agents", "always", "source"]);
    let code = table.want("code").and_then(|value| {
        let text = value.text()?;
        if !is_code(text) {
            value.refuse(format!("{}: {text:?}: lower-case letters, digits, _ and - are wanted", value.name()));
        }
        is_code(text).then_some(text)
    });
    let site = table.want("site").and_then(|value| site(&value));
    let agents = table.want("agents").and_then(|value| agents(&value));
    let always = table.get("always").is_some_and(|value| value.flag() == Some(true));
    // For whoever reads the file.
    table.text("source")?;
    Some(Signer { code: code?, site: site?, agents: agents?, always })
}

/// A host that agents name in `Signature-Agent`, and whose directory has their keys.
fn site(value: &Value<'_>) -> Option<String> {
    let text = value.text()?;
    let is_label = |label: &str| {
        let inner = label.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        !label.is_empty() && inner && !label.starts_with('-') && !label.ends_with('-')
    };
    let right = text.len() <= 253 && text.contains('.') && text.split('.').all(is_label);
    if !right {
        value.refuse(format!("{}: {text:?}: a host such as chatgpt.com is wanted, in lower case", value.name()));
    }
    right.then(|| text.to_owned())
}

/// The names of those of our agents that these keys prove: none of one that looks like a person's browser.
fn agents(value: &Value<'_>) -> Option<Vec<String>> {
    let names = known_agents();
    let mut agents = Vec::new();
    for value in &value.list()? {
        let text = value.text()?;
        if !names.contains(text) {
            let reason = format!("{}: {text:?} is the name of no agent of agents.csv", value.name());
            value.refuse_meaning(reason, nearest(text, names.iter().copied()));
        }
        agents.push(text.to_owned());
    }
    Some(agents)
}

fn keys(files: &Files, path: &str, findings: &Findings) -> Vec<Key> {
    let Some(text) = files.text(path, findings) else { return Vec::new() };
    let mut keys = Vec::new();
    for line in csv::lines(text).filter(|line| line.comment().is_none()).skip_while(|line| line.text == COLUMNS) {
        let cells = line.cells();
        let [key, not_before, expires, date] = cells.as_slice() else {
            findings.error(path, line.number, 1, format!("four columns are wanted: {COLUMNS}"));
            continue;
        };
        let wrong = |cell: &csv::Cell<'_>, wanted: &str| {
            findings.error(path, line.number, cell.column, format!("{:?}: {wanted} is wanted", cell.text));
        };
        let instant = |cell: &csv::Cell<'_>, open: i64| match cell.text {
            "" => Some(open),
            text => text.parse().ok(),
        };
        let Some(public) = read_x(key.text) else {
            wrong(key, "a public key of Ed25519, 32 bytes in base64url,");
            continue;
        };
        let (Some(from), Some(until)) = (instant(not_before, 0), instant(expires, i64::MAX / 1000)) else {
            wrong(not_before, "a number of seconds since 1970, or nothing,");
            continue;
        };
        let Some(day) = calendar::parse_date(date.text) else {
            wrong(date, "a day such as 2026-11-27");
            continue;
        };
        keys.push(Key { bytes: public.to_bytes(), valid: [from, until], day });
    }
    if keys.len() > MOST_KEYS {
        findings.error(path, 0, 0, format!("there are at most {MOST_KEYS} keys"));
    }
    keys
}

/// The thumbprints of a signer's keys in the section of a pack.
pub fn keys_of(signers: Map<'_>, code: &str) -> BTreeSet<String> {
    let of = |value: &[u8]| value.get(32..) == Some(code.as_bytes());
    let keys = signers.under("key/").filter(|(_, value)| of(value));
    keys.filter_map(|(name, _)| name.strip_prefix("key/").map(str::to_owned)).collect()
}

/// Whose keys changed, in words.
pub fn changes(was: Map<'_>, is: Map<'_>) -> Vec<Change> {
    let codes = |map: Map<'_>| -> BTreeSet<String> {
        map.under("site/").filter_map(|(name, _)| name.strip_prefix("site/").map(str::to_owned)).collect()
    };
    let (before, after) = (codes(was), codes(is));
    let mut changes = Vec::new();
    for code in before.union(&after) {
        let (old, new) = (keys_of(was, code), keys_of(is, code));
        let short = |prints: Vec<&String>| -> String {
            prints.iter().map(|print| print.get(..8).unwrap_or_default()).collect::<Vec<_>>().join(", ")
        };
        let gone = short(old.difference(&new).collect());
        let come = short(new.difference(&old).collect());
        let same = |name: &str| was.get(&format!("{name}/{code}")) == is.get(&format!("{name}/{code}"));
        if !come.is_empty() {
            changes.push(Change::new(
                format!("签名者 {code}：新增密钥 {come}"),
                format!("signer {code}: new keys {come}"),
            ));
        }
        if !gone.is_empty() {
            changes.push(Change::new(
                format!("签名者 {code}：移除密钥 {gone}"),
                format!("signer {code}: keys gone {gone}"),
            ));
        }
        if !before.contains(code) || !after.contains(code) || !same("site") || !same("agents") {
            changes.push(Change::new(format!("签名者 {code} 有改动"), format!("signer {code} changed")));
        }
    }
    changes
}

#[cfg(test)]
mod tests {
    use super::*;

    const X: &str = "JrQLj5P_89iXES9-vFgrIy29clF9CC_oPPsw3c5D0bs";
    const PRINT: &str = "poqkLGiymh_W0uP6PZFw-dvez3QJT5SolqXBCW38r0U";

    fn made(signers: &str, keys: &[(&str, &str)]) -> (Option<Vec<u8>>, Vec<String>) {
        let keys = keys.iter().map(|(name, text)| (format!("signers/{name}.csv"), (*text).to_owned()));
        let files = Files::of([(FILE.to_owned(), signers.to_owned())].into_iter().chain(keys));
        let findings = Findings::new();
        let made = compile(&files, &findings);
        (made, findings.sorted().iter().map(ToString::to_string).collect())
    }

    fn signer(code: &str, more: &str) -> String {
        format!("[[signer]]\ncode = \"{code}\"\nsource = \"x\"\n{more}\n")
    }

    #[test]
    fn keys_are_found_by_their_thumbprints() {
        let table = signer("one", "site = \"one.example\"\nagents = [\"GPTBot\"]\nalways = true")
            + &signer("none", "site = \"none.example\"\nagents = [\"Bytespider\"]\nalways = true");
        let (made, said) = made(&table, &[("one", &format!("# x\nkey,not_before,expires,date\n{X},5,,2026-11-01\n"))]);
        assert_eq!(said, [""; 0]);
        let bytes = made.unwrap();
        let map = Map::open(&bytes).unwrap();
        let (key, code) = map.get(&format!("key/{PRINT}")).unwrap().split_at(32);
        assert_eq!((key, code), (read_x(X).unwrap().as_bytes().as_slice(), b"one".as_slice()));
        assert_eq!(map.ints(&format!("valid/{PRINT}")).next(), Some(5));
        assert_eq!(map.text("site/one"), Some("one.example"));
        assert!(
            map.int("always/GPTBot").is_some() && map.int("always/Bytespider").is_none(),
            "nobody is an impostor without a key"
        );
        let words = changes(Map::EMPTY, map);
        assert!(words.iter().any(|change| change.en.contains("new keys poqkLGiy")));
    }

    #[test]
    fn what_is_wrong_is_said_with_its_place() {
        let right = signer("one", "site = \"one.example\"\nagents = []");
        for (table, keys, wanted) in [
            (signer("One", "site = \"a.example\"\nagents = []"), None, "signers.toml:2:8: error: [signer]"),
            (signer("one", "site = \"https://a.example\"\nagents = []"), None, "signers.toml:4:8: error:"),
            (signer("one", "site = \"a.example\"\nagents = [\"GPTBott\"]"), None, "signers.toml:5:11: error:"),
            (format!("{right}{right}"), None, "signers.toml:6:1: error: a signer above"),
            (right.clone(), Some(("two", "")), "signers/two.csv: error: no signer"),
            (right.clone(), Some(("one", "AAAA,,,2026-11-01")), "signers/one.csv:1:1: error: \"AAAA\": a public key"),
            (right.clone(), Some(("one", "x,2026-11-01")), "signers/one.csv:1:1: error: four columns"),
        ] {
            let (_, said) = made(&table, keys.as_slice());
            assert!(said.len() == 1 && said[0].starts_with(wanted), "{said:?}\nbut wanted: {wanted}");
        }
    }
}
