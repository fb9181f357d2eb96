//! What a pack of bot-screen makes of ordinary browsers that look at pages: a pack that holds one up is refused, unless the
//! operator names it.
//!
//! `browsers.json` has whole sets of header fields, made with `header-generator` 2.1.76 of npm (Apache-2.0) after real ones,
//! five of each of six browsers; in-app browsers, and others of China, are the examples of shared/agents/agents.csv.

use anyhow::{Context as _, Result};
use bot_screen::policy::Rules;
use bot_screen::request::Request;
use bot_screen::verdict::{Outcome, judge};
use pack_source::PackFile;
use serde::Deserialize;
use serde_json::json;
use shared::policy::Pack;

use crate::out;

const SETS: &str = include_str!("browsers.json");
const AGENTS: &str = include_str!("../../../../shared/agents/agents.csv");
/// What they look at.
const PAGES: [&str; 3] = ["/", "/product/1", "/?utm_source=x"];
/// What a web view sends at least.
const OF_VIEWS: [(&str, &str); 3] = [
    ("accept", "text/html,application/xhtml+xml,*/*;q=0.8"),
    ("accept-encoding", "gzip"),
    ("accept-language", "zh-CN"),
];

#[derive(Deserialize)]
struct Browser {
    name: String,
    headers: Vec<(String, String)>,
}

/// Browsers that a pack holds up while they browse, with the rules that match: one line each. Of another function: none.
pub fn held_up(pack: &PackFile, named: &[String]) -> Result<Vec<String>> {
    if pack.manifest.function != bot_screen::NAME {
        return Ok(Vec::new());
    }
    let pack = Pack::from_file(pack.clone());
    let rules = Rules::of(&pack).context("the pack lacks something")?;
    let browsers = browsers()?;
    for name in named {
        anyhow::ensure!(browsers.iter().any(|browser| browser.name == *name), "--holds-up {name}: no such browser");
    }
    let mut lines = Vec::new();
    for browser in browsers.iter().filter(|browser| !named.contains(&browser.name)) {
        for page in PAGES {
            let told = json!({ "method": "GET", "url": page, "host": "shop.example", "headers": browser.headers });
            let request = Request::read(told.to_string().as_bytes())
                .map_err(|problem| anyhow::anyhow!("{}: {}", browser.name, problem.detail.en))?;
            let verdict = judge(&request, &rules, out::now_ms());
            if verdict.outcome > Outcome::Tag {
                let codes: Vec<&str> = verdict.reasons.iter().map(|reason| rules.code(reason.rule)).collect();
                let (name, outcome) = (&browser.name, verdict.outcome.name());
                lines.push(format!("{name} looks at {page}: {outcome}, by {}", codes.join(", ")));
                break;
            }
        }
    }
    Ok(lines)
}

fn browsers() -> Result<Vec<Browser>> {
    let mut all: Vec<Browser> = serde_json::from_str(SETS).context("browsers.json")?;
    let mut table = csv::Reader::from_reader(AGENTS.as_bytes());
    for row in table.records() {
        let row = row.context("agents.csv")?;
        let cell = |place| row.get(place).unwrap_or_default();
        let (class, name, example) = (cell(2), cell(4), cell(7));
        if matches!(class, "in_app" | "browser") && !example.is_empty() && !all.iter().any(|known| known.name == name) {
            let fields = std::iter::once(("user-agent", example)).chain(OF_VIEWS);
            let headers = fields.map(|(field, value)| (field.to_owned(), value.to_owned())).collect();
            all.push(Browser { name: name.to_owned(), headers });
        }
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use pack_source::Files;

    use super::*;

    fn pack(more: &str) -> PackFile {
        let kind = &bot_screen_pack::KIND;
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../functions/bot-screen/policy");
        let mut files = Files::read(&folder).unwrap();
        let rules = String::from_utf8(files.bytes("rules.toml").unwrap().to_vec()).unwrap();
        files.put("rules.toml", rules + more);
        (kind.compile)(&files).pack(kind).unwrap()
    }

    #[test]
    fn the_pack_that_comes_along_holds_no_browser_up() {
        assert!(browsers().unwrap().len() > 80, "{}", browsers().unwrap().len());
        assert_eq!(held_up(&pack(""), &[]).unwrap(), [""; 0]);
    }

    #[test]
    fn a_rule_on_a_browser_is_told_with_its_name() {
        let rule = "\n[[rule]]\ncode = \"no-wechat\"\nwhen = 'agent.name == \"WeChat\"'\nweight = 60\nzh = \"一\"\nen = \"a\"\n";
        let told = held_up(&pack(rule), &[]).unwrap();
        assert!(
            told.len() == 1 && told[0].starts_with("WeChat looks at /: ") && told[0].contains("no-wechat"),
            "{told:?}"
        );
        assert_eq!(held_up(&pack(rule), &["WeChat".to_owned()]).unwrap(), [""; 0]);
        assert!(held_up(&pack(rule), &["WeeChat".to_owned()]).is_err());
    }
}
