//! `--gallery FILE COMMAND…`: every verdict of trace-verify, and some of its problems, where a browser can look at
//! them. Starts the Workers host, prepares its stores and the earlier scans, writes the scenarios for `tests/browser` to
//! the file, and runs the command, with `{base}` replaced by the address. One outcome is missing, `record_unavailable`:
//! a store that fails here fails as a whole, and then nothing is known of the code.

use std::collections::BTreeMap;
use std::process::{Command, ExitCode};

use serde_json::{Map, Value, json};

use crate::functions::{self, Known};
use crate::hosts::{self, Conditions, Host};
use crate::vector::{HOST, HostName, NOW_MS, Place, Request};
use crate::{Paths, Result, context};

const HOUR_MS: i64 = 3_600_000;
const HOME: &str = "Hangzhou";
const ELSEWHERE: [&str; 24] = [
    "Beijing",
    "Chengdu",
    "Xi'an",
    "Harbin",
    "Wuhan",
    "Lanzhou",
    "Guangzhou",
    "Shenzhen",
    "Nanjing",
    "Suzhou",
    "Tianjin",
    "Jinan",
    "Qingdao",
    "Dalian",
    "Shenyang",
    "Changchun",
    "Kunming",
    "Guiyang",
    "Nanning",
    "Haikou",
    "Xining",
    "Urumqi",
    "Hohhot",
    "Taiyuan",
];

/// A page in both languages.
struct Scene {
    name: &'static str,
    /// Whose page is opened, in Chinese and in English: a piece of the fixtures, or a path. Visits count, so what
    /// happens to a piece only once takes two.
    pages: [&'static str; 2],
    shows: Shows,
    /// So many other devices scanned the piece before, the cities taking turns.
    earlier: (i64, &'static [&'static str]),
    /// Sent by the browser with every request; a value `fixture:NAME` is looked up there.
    headers: &'static [(&'static str, &'static str)],
}

#[derive(Clone, Copy)]
enum Shows {
    Outcome(&'static str),
    Problem(&'static str),
}

/// Scenes that share what fixtures put into the stores.
struct Setup {
    fixtures: &'static [&'static str],
    scenes: &'static [Scene],
}

const SETUPS: [Setup; 11] = [
    Setup {
        fixtures: &["base"],
        scenes: &[
            scene("first-scan", ["tea.0", "tea.1"], "authentic_first_scan"),
            // The scenario before was the first visit.
            scene("same-device", ["tea.0", "tea.1"], "authentic_seen_before"),
            Scene {
                earlier: (1, &[HOME]),
                headers: &[("cookie", "fixture:cookie_first.tea.12")],
                ..scene("own-device", ["tea.12", "tea.12"], "authentic_seen_before")
            },
            Scene { earlier: (1, &[HOME]), ..scene("seen-before", ["tea.2", "tea.3"], "authentic_seen_before") },
            // Red: where no operators are known, a city is a network.
            Scene { earlier: (24, &ELSEWHERE), ..scene("many-networks", ["tea.4", "tea.5"], "suspected_clone") },
            Scene {
                earlier: (6, &["Beijing", "Chengdu", "Xi'an", "Harbin", "Wuhan", "Lanzhou"]),
                ..scene("many-places", ["tea.6", "tea.7"], "suspected_clone")
            },
            Scene {
                headers: &[("purpose", "prefetch")],
                ..scene("unscanned", ["tea.8", "tea.8"], "authentic_unscanned")
            },
            Scene {
                headers: &[("x-contract-fail", "sql")],
                ..scene("history-unavailable", ["tea.9", "tea.9"], "authentic_history_unavailable")
            },
            Scene {
                headers: &[("x-contract-fail", "kv")],
                ..scene("check-incomplete", ["tea.10", "tea.10"], "check_incomplete")
            },
            scene("jade", ["jade.0", "jade.1"], "authentic_first_scan"),
            scene("certificate", ["paper.0", "paper.1"], "authentic_first_scan"),
            scene("record-missing", ["jade.50", "jade.51"], "record_missing"),
            scene("not-in-manifest", ["tea.200", "tea.200"], "not_in_manifest"),
            scene("bad-code", ["forged.11", "forged.11"], "bad_code"),
            scene("bad-check-digit", ["/verify/01/09506000134353/21/A", "/verify/01/09506000134353/21/A"], "bad_code"),
            problem("missing-serial", "/verify/01/09506000134352"),
            problem("unknown-primary-key", "/verify/00/106141412345678908"),
            problem("bad-percent-encoding", "/verify/01/09506000134352/21/%ZZ"),
            problem("control-character", "/verify/01/09506000134352/21/A%00"),
            problem("not-found", "/nothing"),
            problem("no-photo", "/photo/0"),
        ],
    },
    Setup { fixtures: &["base", "recalled-batch"], scenes: &[scene("recalled", ["tea.0", "tea.1"], "recalled")] },
    Setup {
        fixtures: &["base", "chain-with-help"],
        scenes: &[scene("recalled-with-help", ["tea.0", "tea.1"], "recalled")],
    },
    Setup {
        fixtures: &["base", "chain-with-help", "no-record"],
        scenes: &[scene("recalled-without-record", ["tea.0", "tea.1"], "recalled")],
    },
    Setup {
        fixtures: &["base", "head-expired"],
        scenes: &[scene("recalls-unchecked", ["tea.0", "tea.1"], "check_incomplete")],
    },
    Setup {
        fixtures: &["base", "recalled-product"],
        scenes: &[scene("recalled-product", ["tea.0", "tea.1"], "recalled")],
    },
    Setup { fixtures: &["base", "withdrawn-batch"], scenes: &[scene("withdrawn", ["tea.0", "tea.1"], "withdrawn")] },
    Setup {
        fixtures: &["base", "compromised-base"],
        scenes: &[scene("key-revoked", ["tea.0", "tea.1"], "key_revoked")],
    },
    Setup {
        fixtures: &["base", "superseded-base"],
        scenes: &[scene("key-superseded", ["tea.0", "tea.1"], "authentic_first_scan")],
    },
    Setup {
        fixtures: &["base", "expired-record"],
        scenes: &[scene("certificate-expired", ["tea.0", "tea.1"], "authentic_first_scan")],
    },
    Setup {
        fixtures: &["base", "no-record"],
        scenes: &[scene("record-invalid", ["tea.0", "tea.1"], "record_invalid")],
    },
];

const fn scene(name: &'static str, pages: [&'static str; 2], outcome: &'static str) -> Scene {
    Scene { name, pages, shows: Shows::Outcome(outcome), earlier: (0, &[]), headers: &[] }
}

const fn problem(name: &'static str, path: &'static str) -> Scene {
    Scene { shows: Shows::Problem(name), ..scene(name, [path, path], "") }
}

fn function() -> Result<&'static Known> {
    functions::of("trace-verify")
}

/// Writes the scenarios to the file and runs the command; its exit code.
pub fn run(file: &str, command: &[String], paths: &Paths) -> Result<ExitCode> {
    let (program, args) = command.split_first().ok_or("no command")?;
    let config = function()?.fixtures.config().into_iter().map(|(name, value)| (name, Some(value))).collect();
    let mut host = hosts::start(HostName::Workers, &config, paths, 0, false)?;
    let base = base(paths)?;
    let mut scenarios = Vec::new();
    for (setup, space) in SETUPS.iter().zip(1..) {
        scenarios.extend(prepare(host.as_mut(), setup, space)?);
    }
    std::fs::write(file, Value::from(scenarios).to_string()).map_err(context(file))?;
    let args = args.iter().map(|arg| arg.replace("{base}", &base));
    let status = Command::new(program).args(args).status().map_err(context(program))?;
    Ok(status.code().and_then(|code| u8::try_from(code).ok()).map_or(ExitCode::FAILURE, ExitCode::from))
}

/// Fills the stores of a setup; its scenarios. The host's spaces are numbered from one, a `begin` each.
fn prepare(host: &mut dyn Host, setup: &Setup, space: usize) -> Result<Vec<Value>> {
    let function = function()?;
    let fixtures = function.fixtures;
    let mut kv = BTreeMap::new();
    for name in setup.fixtures {
        kv.extend(fixtures.kv(name).ok_or_else(|| format!("no fixture {name:?}"))?);
    }
    host.begin(function, kv)?;
    let mut scenarios = Vec::new();
    for scene in setup.scenes {
        let [zh, en] = scene.pages.map(path);
        let (zh, en) = (zh?, en?);
        for path in [&zh, &en] {
            scan_before(host, scene, path).map_err(context(scene.name))?;
        }
        let mut headers = Map::new();
        headers.insert("x-contract-space".to_owned(), format!("{space}/").into());
        headers.insert("x-contract-now".to_owned(), NOW_MS.to_string().into());
        headers.insert("x-contract-cf".to_owned(), json!({ "country": "CN", "city": HOME }).to_string().into());
        for (name, value) in scene.headers {
            let value = match value.strip_prefix("fixture:") {
                Some(fixture) => fixtures.value(fixture).ok_or_else(|| format!("no fixture {fixture:?}"))?,
                None => (*value).to_owned(),
            };
            headers.insert((*name).to_owned(), value.into());
        }
        let (member, code) = match scene.shows {
            Shows::Outcome(code) => ("expect", code),
            Shows::Problem(code) => ("problem", code),
        };
        let paths = json!({ "zh": zh, "en": en });
        scenarios.push(json!({ "name": scene.name, "paths": paths, member: code, "headers": headers }));
    }
    Ok(scenarios)
}

fn path(page: &'static str) -> Result<String> {
    if page.starts_with('/') {
        return Ok(page.to_owned());
    }
    let label = function()?.fixtures.value(&format!("path.{page}")).ok_or_else(|| format!("no piece {page}"))?;
    Ok(format!("/verify{label}"))
}

/// The scans by other devices, an hour apart.
fn scan_before(host: &mut dyn Host, scene: &Scene, path: &str) -> Result<()> {
    let (devices, cities) = scene.earlier;
    for (device, city) in (0..devices).zip(cities.iter().cycle()) {
        let request = Request {
            method: "GET".to_owned(),
            target: path.to_owned(),
            host: HOST.to_owned(),
            headers: [
                ("user-agent", format!("Mozilla/5.0 (Linux; Android 14; phone {device})")),
                ("sec-fetch-mode", "navigate".to_owned()),
                ("sec-fetch-dest", "document".to_owned()),
                ("cf-connecting-ip", format!("20.{device}.7.7")),
            ]
            .map(|(name, value)| (name.to_owned(), value))
            .into(),
            body: None,
            sign: None,
        };
        let place = Place { country: "CN".to_owned(), region: None, city: Some((*city).to_owned()) };
        let now = NOW_MS - (devices - device) * HOUR_MS;
        let answer = host.send(&request, &Conditions { now, seed: 1, fail: &[], place: Some(&place) })?;
        if answer.status != 200 {
            return Err(format!("an earlier scan: {} {}", answer.status, String::from_utf8_lossy(&answer.body)));
        }
    }
    Ok(())
}

/// Where the host listens, as it says itself.
fn base(paths: &Paths) -> Result<String> {
    let file = paths.work.join("0-workers/dev.json");
    let text = std::fs::read(&file).map_err(context(file.display()))?;
    let ready: Value = serde_json::from_slice(&text).map_err(context(file.display()))?;
    Ok(ready["url"].as_str().ok_or("dev.json: no url")?.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use trace_verify::outcome::Outcome;

    #[test]
    fn every_outcome_but_one_has_a_scene() {
        let scenes = SETUPS.iter().flat_map(|setup| setup.scenes);
        let shown: Vec<&str> = scenes
            .filter_map(|scene| match scene.shows {
                Shows::Outcome(code) => Some(code),
                Shows::Problem(_) => None,
            })
            .collect();
        let missing: Vec<&str> = Outcome::ALL.iter().map(|o| o.code()).filter(|code| !shown.contains(code)).collect();
        assert_eq!(missing, ["record_unavailable"]);
    }
}
