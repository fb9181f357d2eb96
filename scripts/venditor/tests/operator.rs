//! An operator who cannot go wrong: README's own commands end in a page that says genuine, and whatever is left out is
//! named with the command that mends it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "support/edge.rs"]
mod edge;
mod support;
#[path = "support/trace.rs"]
mod trace;

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};
use support::Desk;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The first block of commands under a heading of the README.
fn readme(heading: &str) -> Vec<String> {
    let text = fs::read_to_string(root().join("README.md")).unwrap();
    let section = text.split_once(heading).unwrap().1;
    let block = section.split_once("```sh\n").unwrap().1.split_once("```").unwrap().0;
    block.lines().map(str::to_owned).collect()
}

/// Starts the function with what the key directory has now, and says so in `dev.json`, as scripts/dev does.
fn start(desk: &Desk) -> String {
    desk.ok("keys export-env --function trace-verify --format workers --out trace.vars");
    let url = trace::serve(&desk.text("trace.vars"), &desk.path("kv/trace-verify.kv.db"));
    let kv = desk.path("kv").display().to_string();
    desk.write(".venditor/dev.json", &json!({"host": "spin", "url": url, "state": kv}).to_string());
    url
}

fn findings(desk: &Desk, code: i32, arguments: &str) -> Vec<Value> {
    let output = desk.run(&format!("doctor --json {arguments}"));
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(code), "{said}{}", String::from_utf8_lossy(&output.stderr));
    let report: Value = serde_json::from_str(&said).unwrap();
    assert_eq!(report["sound"], code == 0);
    report["findings"].as_array().unwrap().clone()
}

fn wrong(findings: &[Value]) -> String {
    let wrong = findings.iter().filter(|finding| finding["level"] == "wrong");
    wrong.map(|finding| format!("{} | {} | {}\n", finding["part"], finding["what"], finding["mend"])).collect()
}

#[test]
fn the_readme_alone_leads_to_a_genuine_page() {
    let desk = Desk::empty();
    symlink(root().join("scripts"), desk.path("scripts")).unwrap();
    fs::create_dir(desk.path("bin")).unwrap();
    let cargo = format!(
        "#!/bin/sh\n[ \"$1\" = venditor ] || exit 9\nshift\nexec '{}' \"$@\"\n",
        env!("CARGO_BIN_EXE_venditor")
    );
    desk.write("bin/cargo", &cargo);
    fs::set_permissions(desk.path("bin/cargo"), fs::Permissions::from_mode(0o755)).unwrap();
    let path = format!("{}:{}", desk.path("bin").display(), std::env::var("PATH").unwrap());
    let mut last = String::new();
    let mut url = String::new();
    for line in readme("## Making codes") {
        if line.starts_with("scripts/dev") {
            url = start(&desk);
            continue;
        }
        assert!(line.starts_with("cargo venditor "), "{line}");
        let output =
            Command::new("bash").args(["-c", &line]).current_dir(desk.path("")).env("PATH", &path).output().unwrap();
        last = String::from_utf8(output.stdout).unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success() && !said.contains("warning"), "{line}: {said}{last}");
    }
    assert!(last.ends_with("all is well\n") && last.contains("authentic_unscanned"), "{last}");
    // And a person who opens the label sees it, on the page.
    let label = desk.text("out/codes.csv").lines().nth(1).unwrap().split(',').nth(1).unwrap().to_owned();
    let path = label.split_once("8787").unwrap().1;
    let agent: ureq::Agent = ureq::Agent::config_builder().proxy(None).build().into();
    let page = agent.get(format!("{url}/verify{path}")).header("accept", "text/html").header("accept-language", "en");
    let page = page.call().unwrap().body_mut().read_to_string().unwrap();
    assert!(page.contains("class=\"verdict good\"") && page.contains("West Lake Longjing"), "{page}");
}

#[test]
fn whatever_is_left_out_is_named_with_what_mends_it() {
    let desk = Desk::empty();
    let said = wrong(&findings(&desk, 1, ""));
    assert!(said.contains("keys new --use root --kid root-1"), "{said}");
    desk.ok("keys new --use root --kid root-1");
    let said = wrong(&findings(&desk, 1, ""));
    for mend in ["keys new --use mac --kid 1", "--use manifest --kid manifest-1", "--use record", "--use status"] {
        assert!(said.contains(mend), "{mend}: {said}");
    }
    desk.ok("keys new --use mac --kid 1");
    for purpose in ["manifest", "record", "status"] {
        desk.ok(&format!("keys new --use {purpose} --kid {purpose}-1 --owner-zh 甲 --owner-en A"));
    }
    assert_eq!(wrong(&findings(&desk, 0, "")), "");

    // The function runs, and knows of no later key.
    desk.ok("keys export-env --function trace-verify --format workers --out old.vars");
    let url = start(&desk);
    let output = desk.run("keys new --use mac --kid 2");
    assert!(String::from_utf8_lossy(&output.stderr).contains("invalid before the function has it"));
    desk.write("order.csv", "primary,quantity,batch\n01/09506000134352,2,A\n8004/950600013437,2,B\n");
    desk.ok("mint --csv order.csv --host localhost:8787 --scheme http --out out --images none");
    let said = wrong(&findings(&desk, 1, "--env-file old.vars"));
    assert!(said.contains("old.vars: MAC key 2 is missing") && said.contains("export-env"), "{said}");
    assert!(said.contains("batch A has no inspection record") && said.contains("2 of 2 pieces of B"), "{said}");
    assert!(said.contains("has no key set") && said.contains("has no manifest of A"), "{said}");
    assert!(said.contains("never given MAC key 2"), "{said}");
    let publish = "publish .venditor/keys/keyset.dsse.json out --local";
    let said = desk.fails(1, &format!("{publish} --strict"));
    assert!(said.contains("was never given MAC key 2") && said.contains("Invalid code"), "{said}");
    assert!(said.contains("batch A has no inspection record") && said.contains("--strict"), "{said}");
    assert!(!desk.path("kv").exists(), "nothing was published");
    let output = desk.run(publish);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success() && said.contains("warning") && said.contains("scripts/dev"), "{said}");

    // Started again, it knows the key; the records are still missing.
    let again = start(&desk);
    assert_ne!(again, url);
    let said = wrong(&findings(&desk, 1, ""));
    assert!(said.contains("record_missing") && !said.contains("MAC key"), "{said}");
    // An older edition in the store, and keys that it does not name.
    desk.ok("keys new --use record --kid record-2 --owner-zh 甲 --owner-en A");
    let said = wrong(&findings(&desk, 1, ""));
    assert!(
        said.contains("has edition 6 of the key set; 7 is here") && said.contains("publish .venditor/keys"),
        "{said}"
    );
    let record = record("A");
    desk.write("record.json", &record.to_string());
    desk.ok("record sign --record record.json --key record-2 --out record.dsse.json");
    let output = desk.run("publish record.dsse.json --local");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("signed with record-2, which the published key set (edition 6) does not name"), "{said}");
    fs::copy(desk.path(".venditor/keys/keyset.dsse.json"), desk.path("seven.dsse.json")).unwrap();
    desk.ok("publish seven.dsse.json --local");
    // And a key set of long ago put back here.
    desk.ok("keys new --use record --kid record-3 --owner-zh 甲 --owner-en A");
    desk.ok("publish .venditor/keys/keyset.dsse.json --local");
    fs::copy(desk.path("seven.dsse.json"), desk.path(".venditor/keys/keyset.dsse.json")).unwrap();
    let said = wrong(&findings(&desk, 1, ""));
    assert!(said.contains("newer than 7") && said.contains("record-3: its secret is here"), "{said}");
    assert!(desk.fails(1, "publish seven.dsse.json --local").contains("older"));
}

/// What is wrong with the function's configuration, as far as it can be told without secrets.
#[test]
fn a_function_that_is_configured_wrongly_is_told() {
    let desk = Desk::with_keys();
    desk.write("order.csv", "primary,quantity,batch\n01/09506000134352,2,A\n");
    desk.ok("mint --csv order.csv --host t.example.cn --out out --images none");
    desk.ok("keys export-env --function trace-verify --format workers --out good.vars");
    let good = desk.text("good.vars");
    let asked = |vars: &str| {
        let url = trace::serve(vars, &desk.path("kv.db"));
        wrong(&findings(&desk, 1, &format!("--url {url}")))
    };
    let broken: String =
        good.lines().filter(|line| !line.starts_with("TRACE_MAC_KEYS")).map(|l| format!("{l}\n")).collect();
    assert!(asked(&broken).contains("TRACE_MAC_KEYS is missing or malformed"));
    let said = asked(&format!("{good}TRACE_HOSTS=\"t.example.cn\"\n"));
    assert!(said.contains("421") && said.contains("does TRACE_HOSTS name this host?"), "{said}");
    let said = asked(&good.replace("TRACE_MAC_KEYS=\"7:", "TRACE_MAC_KEYS=\"8:"));
    assert!(said.contains("never given MAC key 7"), "{said}");
    let said = wrong(&findings(&desk, 1, "--url http://127.0.0.1:9"));
    assert!(said.contains("does not answer"), "{said}");

    // And of files, each value.
    let file = |text: &str| {
        desk.write("trace.vars", text);
        wrong(&findings(&desk, 1, "--in out --env-file trace.vars"))
    };
    assert!(file(&broken).contains("no TRACE_MAC_KEYS"));
    assert!(file(&good.replace("=\"7:", "=\"7:A")).contains("MAC key 7 is another one than here"));
    assert!(file(&good.replace("root-1:", "root-2:")).contains("TRACE_ROOT_KEY does not name root-1"));
    assert!(file(&good.replace("TRACE_DEVICE_SECRET", "X")).contains("no TRACE_DEVICE_SECRET"));
    assert!(file(&format!("{good}TRACE_KEYSET_MINIMUM=99\n")).contains("above the edition that is here"));
    let secret = good.lines().find_map(|line| line.strip_prefix("TRACE_MAC_KEYS=\"7:")).unwrap().trim_matches('"');
    assert!(!file(&good).contains(secret) && !file(&good).contains("trace.vars"), "the right file is right");
}

fn record(batch: &str) -> Value {
    let text = |en: &str| json!({"zh": "文字", "en": en});
    json!({
        "batch": batch, "primary": "01/09506000134352",
        "product": {"name": text("Tea"), "brand": text("B")},
        "inspection": {
            "body": text("Body"), "certificate": "C-1", "method": text("M"),
            "inspected_on": "2026-01-02", "base": {"name": text("Base")}
        }
    })
}

#[test]
fn a_key_of_another_use_is_refused_with_the_right_one() {
    let desk = Desk::with_keys();
    desk.write("order.csv", "primary,quantity,batch\n01/09506000134352,2,A\n");
    desk.ok("mint --csv order.csv --host t.example.cn --out out --images none");
    let recall = "status recall --batch A --reason-zh 缘由 --reason-en why --out s.dsse.json";
    let said = desk.fails(1, &format!("{recall} --key record-1"));
    assert!(said.contains("record-1: is a record key, and this is signed with a status key: --key status-1"), "{said}");
    assert!(desk.fails(1, &format!("{recall} --key nobody")).contains("not in the key set"));
    desk.write("record.json", &record("A").to_string());
    let said = desk.fails(1, "record sign --record record.json --key status-1 --out r.dsse.json");
    assert!(said.contains("is a status key") && said.contains("--key record-1"), "{said}");
    let said = desk.fails(1, "status refresh --key status-1 --out head.dsse.json");
    assert!(said.contains("keys new --use head --kid head-1 --issuer status-1"), "{said}");
    let said = desk.fails(1, "mint --csv order.csv --host t.example.cn --out two --manifest-key record-1");
    assert!(said.contains("is a record key") && said.contains("--key manifest-1"), "{said}");
    desk.ok("keys revoke status-1 --reason ceased");
    let said = desk.fails(1, &format!("{recall} --key status-1"));
    assert!(said.contains("keys new --use status --kid status-2 --issuer status-1"), "{said}");
}

/// Workers KV is read through wrangler before it is written; here a program that only looks like it.
#[test]
fn a_remote_store_is_read_first() {
    let desk = Desk::with_keys();
    fs::create_dir_all(desk.path("bin")).unwrap();
    let npx = "#!/bin/sh\necho \"$@\" >>npx.log\ncase \"$3 $4\" in\n  'key get') [ -f store/keyset ] && exec cat store/keyset; \
               cat said 2>/dev/null >&2; echo 'kv key: 404 Not Found: key not found' >&2; exit 1 ;;\nesac\n";
    desk.write("bin/npx", npx);
    fs::set_permissions(desk.path("bin/npx"), fs::Permissions::from_mode(0o755)).unwrap();
    let run = |arguments: &str| {
        let path = format!("{}:{}", desk.path("bin").display(), std::env::var("PATH").unwrap());
        let output = desk.command(arguments).env("PATH", path).output().unwrap();
        (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    fs::create_dir(desk.path("store")).unwrap();
    fs::copy(desk.path(".venditor/keys/keyset.dsse.json"), desk.path("old.dsse.json")).unwrap();
    let publish = "publish .venditor/keys/keyset.dsse.json --remote --env trace-verify";
    assert!(run(publish).0);
    assert!(desk.text("npx.log").contains("kv key get keyset --binding KV --env trace-verify --remote\n"));
    assert!(desk.text("npx.log").contains("kv bulk put"));
    // What nobody asked is said, with where the labels lead.
    desk.write("order.csv", "primary,quantity,batch\n01/09506000134352,2,A\n");
    desk.ok("mint --csv order.csv --host t.example.cn --out out --images none");
    let said = run("publish out --remote --env trace-verify").1;
    assert!(said.contains("whether it has MAC key 7") && said.contains("doctor --url https://t.example.cn"), "{said}");
    // Somebody else published a newer one.
    let other = Desk::empty();
    fs::create_dir_all(other.path(".venditor")).unwrap();
    assert!(
        Command::new("cp")
            .arg("-r")
            .arg(desk.path(".venditor/keys"))
            .arg(other.path(".venditor/keys"))
            .status()
            .unwrap()
            .success()
    );
    other.ok("keys new --use record --kid record-9 --owner-zh 甲 --owner-en A");
    fs::copy(other.path(".venditor/keys/keyset.dsse.json"), desk.path("store/keyset")).unwrap();
    fs::remove_file(desk.path("npx.log")).unwrap();
    let (published, said) = run(publish);
    assert!(!published && said.contains("older"), "{said}");
    assert!(!desk.text("npx.log").contains("bulk put"));
    // A store that cannot be read is not written, unless the operator says so.
    fs::remove_file(desk.path("store/keyset")).unwrap();
    desk.write("bin/npx", "#!/bin/sh\n[ \"$3\" = bulk ] && exit 0\necho 'not logged in' >&2\nexit 1\n");
    let (published, said) = run(publish);
    assert!(!published && said.contains("not logged in") && said.contains("--unread"), "{said}");
    assert!(run(&format!("{publish} --unread")).0);
    let (published, said) = run("publish .venditor/keys/keyset.dsse.json --bulk b.json");
    assert!(!published && said.contains("nobody has read the store") && said.contains("--env ENV"), "{said}");
    assert!(!desk.path("b.json").exists());
    assert!(
        run("publish .venditor/keys/keyset.dsse.json --bulk b.json --env trace-verify").1.contains("not logged in")
    );
    let (published, said) = run("publish .venditor/keys/keyset.dsse.json --bulk b.json --unread");
    assert!(published && said.contains("nobody has read the store") && said.contains("newer key set"), "{said}");
    assert!(!said.contains("names the keys that signed"), "{said}");
    // What cannot be known of the rest is said as well, whatever the file is for.
    for target in ["--bulk b.json", "--redis b.redis"] {
        let (published, said) = run(&format!("publish out {target}"));
        assert!(published && said.contains("whether the key set that is there names the keys that signed"), "{said}");
        assert!(said.contains("whether the records of these batches are there"), "{said}");
        assert!(said.contains("among what is published now, batch A has no") && said.contains("MAC key 7"), "{said}");
    }
}

/// What a file is made for is read as well before it is made: here by a `redis-cli` that looks into a folder.
#[test]
fn a_store_in_redis_is_read_first() {
    let desk = Desk::with_keys();
    fs::create_dir_all(desk.path("bin")).unwrap();
    fs::create_dir(desk.path("store")).unwrap();
    let cli = "#!/bin/sh\necho \"$@\" >>redis.log\n[ -e refuses ] && { echo 'NOAUTH Authentication required.'; exit 0; }\n\
               case $4 in EXISTS) [ -e store/$5 ] && echo 1 || echo 0 ;; GET) cat store/$5; echo ;; esac\n";
    desk.write("bin/redis-cli", cli);
    fs::set_permissions(desk.path("bin/redis-cli"), fs::Permissions::from_mode(0o755)).unwrap();
    let run = |arguments: &str| {
        let path = format!("{}:{}", desk.path("bin").display(), std::env::var("PATH").unwrap());
        let output = desk.command(arguments).env("PATH", path).output().unwrap();
        (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let blind = "publish .venditor/keys/keyset.dsse.json --redis commands";
    let (published, said) = run(blind);
    assert!(!published && said.contains("nobody has read the store") && said.contains("--redis-url"), "{said}");
    let publish = format!("{blind} --redis-url redis://:s3cret@127.0.0.1/0");
    assert!(run(&publish).0, "nothing is there yet");
    fs::copy(desk.path(".venditor/keys/keyset.dsse.json"), desk.path("store/keyset")).unwrap();
    assert!(run(&publish).0, "the same is there");
    assert!(desk.text("redis.log").contains("GET keyset"));
    // The store has a newer edition than the file that is published: as of another machine.
    fs::copy(desk.path(".venditor/keys/keyset.dsse.json"), desk.path("old.dsse.json")).unwrap();
    desk.ok("keys new --use record --kid record-9 --owner-zh 甲 --owner-en A");
    fs::copy(desk.path(".venditor/keys/keyset.dsse.json"), desk.path("store/keyset")).unwrap();
    fs::copy(desk.path("old.dsse.json"), desk.path(".venditor/keys/keyset.dsse.json")).unwrap();
    fs::remove_file(desk.path("commands")).unwrap();
    let (published, said) = run(&publish);
    assert!(!published && said.contains("older"), "{said}");
    // What is no answer is no "nothing is there", and no password is said.
    desk.write("refuses", "");
    let (published, said) = run(&publish);
    assert!(!published && said.contains("NOAUTH") && said.contains("--unread") && !said.contains("s3cret"), "{said}");
    assert!(!desk.path("commands").exists());
}

/// An app's key, from its making to the function's configuration and out of it again.
#[test]
fn apps_that_sign_scans_are_known_by_their_keys() {
    let desk = Desk::with_keys();
    assert!(desk.fails(1, "keys new --use app --kid shop-1").contains("--caller"));
    desk.ok("keys new --use cookie --kid c1");
    desk.ok("keys export-env --function trace-verify --format workers --out old.vars");
    assert!(desk.ok("keys new --use app --kid shop-1 --caller shop").contains("TRACE_CALLERS"));
    desk.ok("keys new --use app --kid shop-2 --caller shop --alg ed25519");
    desk.ok("keys new --use operator --kid desk-1 --caller desk");
    assert!(desk.fails(1, "keys new --use app --kid shop-1 --caller shop").contains("exists already"));
    let said = wrong(&findings(&desk, 1, "--env-file old.vars"));
    for lacks in ["TRACE_CALLERS lacks shop-1", "TRACE_CALLERS lacks shop-2", "TRACE_OPERATORS lacks desk-1"] {
        assert!(said.contains(lacks) && said.contains("export-env"), "{said}");
    }
    for (format, file) in [("workers", "new.vars"), ("spin", "new.toml")] {
        desk.ok(&format!("keys export-env --function trace-verify --format {format} --out {file}"));
        assert_eq!(wrong(&findings(&desk, 0, &format!("--env-file {file}"))), "");
    }
    let vars = desk.text("new.vars");
    assert!(vars.contains(r#""caller":"shop","kid":"shop-1","alg":"hmac-sha256""#), "{vars}");
    // Of a key pair the function holds the public half.
    let secret = desk.text(".venditor/keys/app/shop-2.key");
    let secret: serde_json::Value = serde_json::from_str(&secret).unwrap();
    assert!(!vars.contains(secret["secret"].as_str().unwrap()));
    for (name, bad) in [
        ("TRACE_COOKIE_KEYS", "C1:x"),
        ("TRACE_COOKIE", "secure"),
        ("TRACE_CALLERS", "[]"),
        ("TRACE_OPERATORS", "{}"),
        ("TRACE_HOPS", "11"),
        ("TRACE_PLACE", "country=x-country"),
    ] {
        let kept: String = vars
            .lines()
            .filter(|line| !line.starts_with(&format!("{name}=")))
            .fold(String::new(), |all, line| all + line + "\n");
        desk.write("bad.vars", &format!("{kept}{name}='{bad}'\n"));
        let said = wrong(&findings(&desk, 1, "--env-file bad.vars"));
        assert!(said.contains(&format!("{name} is malformed")), "{said}");
    }
    desk.ok("keys revoke shop-1 --app --reason ceased");
    desk.ok("keys export-env --function trace-verify --format workers --out new.vars");
    assert!(!desk.text("new.vars").contains("shop-1") && desk.ok("keys list").contains("revoked: ceased"));
}

#[test]
fn verify_finds_what_speaks_of_a_label_and_tells_the_operator() {
    let desk = Desk::with_keys();
    desk.write("order.csv", "primary,quantity,batch\n01/09506000134352,2,A\n8004/950600013437,2,B\n");
    desk.ok("mint --csv order.csv --host t.example.cn --out out --images none");
    let codes = desk.text("out/codes.csv");
    let urls: Vec<&str> = codes.lines().skip(1).map(|line| line.split(',').nth(1).unwrap()).collect();
    let said = desk.fails(1, &format!("verify {}", urls[0]));
    assert!(said.contains("verdict   issued, without a record") && said.contains("out/manifest-A.dsse.json"), "{said}");
    assert!(said.contains("record template --batch A") && !said.contains("Do not"), "{said}");
    let said = desk.fails(1, &format!("verify {}", urls[3]));
    assert!(said.contains("of B has no record") && said.contains("record template --batch B --counter"), "{said}");
    desk.write("record.json", &record("A").to_string());
    desk.ok("record sign --record record.json --key record-1 --out elsewhere/record.dsse.json");
    let said = desk.ok(&format!("verify {}", urls[0]));
    assert!(said.contains("verdict   genuine") && said.contains("elsewhere/record.dsse.json"), "{said}");
    assert!(said.contains("counter 0 of MAC key 7, batch A") && said.contains("certificate C-1"), "{said}");
    desk.fails(1, &format!("verify {} --in out", urls[0]));
    assert!(desk.ok(&format!("verify {} --in out --in elsewhere --lang zh", urls[0])).contains("不能证明"));
    desk.ok("status recall --batch A --reason-zh 缘由 --reason-en why --key status-1 --out s.dsse.json");
    let said = desk.fails(1, &format!("verify {}", urls[0]));
    assert!(
        said.contains("verdict   recalled") && said.contains("s.dsse.json") && said.contains("status show"),
        "{said}"
    );
    let last = if urls[0].ends_with('0') { '1' } else { '0' };
    let forged = format!("{}{last}", &urls[0][..urls[0].len() - 1]);
    let said = desk.fails(1, &format!("verify {forged}"));
    assert!(said.contains("no MAC key that is here (7) made this tag"), "{said}");
}
