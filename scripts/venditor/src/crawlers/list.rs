//! Lists of addresses as operators publish them: JSON with prefixes, or a range on each line.

use std::collections::BTreeSet;
use std::fmt;
use std::net::IpAddr;

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::Value;

/// The names under which JSON has prefixes: Google's, and after it Bing's, OpenAI's, Apple's and others'; those of clouds.
const PREFIXES: [&str; 6] = ["ipv4Prefix", "ipv6Prefix", "ip_prefix", "ipv6_prefix", "ipPrefix", "prefix"];
/// How deep they stand at most.
const DEEPEST: usize = 4;

/// A range of addresses, by its first and the length of its prefix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Range {
    first: IpAddr,
    length: u8,
}

impl Range {
    /// As it is written: `192.0.2.0/24`, or an address alone.
    pub fn parse(text: &str) -> Result<Range> {
        let (first, length) = text.split_once('/').map_or((text, None), |(first, length)| (first, Some(length)));
        let first: IpAddr = first.parse().with_context(|| format!("{text:?} is no range of addresses"))?;
        let most = if first.is_ipv4() { 32 } else { 128 };
        let length =
            length.map_or(Ok(most), str::parse).with_context(|| format!("{text:?} is no range of addresses"))?;
        ensure!(length <= most, "{text:?} is no range of addresses");
        Ok(Range { first, length })
    }
}

impl fmt::Display for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.first, self.length)
    }
}

/// Of what an operator publishes.
pub fn read(text: &str) -> Result<BTreeSet<Range>> {
    let text = text.trim_start_matches('\u{feff}');
    match text.trim_start().chars().next() {
        Some('{' | '[') => {
            let json: Value = serde_json::from_str(text).context("it is no JSON")?;
            let mut found = BTreeSet::new();
            of_json(&json, 0, &mut found)?;
            Ok(found)
        }
        Some('<') => bail!("it is a page, not a list"),
        _ => of_text(text),
    }
}

/// Of lines: a range on each, empty ones and those that begin with `#` aside.
pub fn of_text(text: &str) -> Result<BTreeSet<Range>> {
    let plain = |line: &str| line.split(['#', ',']).next().unwrap_or_default().trim().to_owned();
    text.lines().map(plain).filter(|line| !line.is_empty()).map(|line| Range::parse(&line)).collect()
}

/// What stands under the names of prefixes, and texts that stand in a list by themselves.
fn of_json(json: &Value, deep: usize, found: &mut BTreeSet<Range>) -> Result<()> {
    ensure!(deep <= DEEPEST, "its prefixes stand deeper than {DEEPEST}");
    let next = deep.saturating_add(1);
    match json {
        Value::Array(items) => {
            for item in items {
                match item {
                    Value::String(text) => found.insert(Range::parse(text)?),
                    _ => {
                        of_json(item, next, found)?;
                        false
                    }
                };
            }
        }
        Value::Object(members) => {
            for (name, value) in members {
                match value {
                    Value::String(text) if PREFIXES.contains(&name.as_str()) => {
                        found.insert(Range::parse(text)?);
                    }
                    Value::Array(_) | Value::Object(_) => of_json(value, next, found)?,
                    _ => {}
                }
            }
        }
        _ => {}
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_read_as_operators_write_them() {
        let ranges = |text: &str| read(text).map(|all| all.iter().map(Range::to_string).collect::<Vec<_>>().join(" "));
        for (text, wanted) in [
            (
                r#"{"creationTime":"2026-11-01","prefixes":[{"ipv6Prefix":"2001:db8::/64"},{"ipv4Prefix":"192.0.2.0/27"}]}"#,
                "192.0.2.0/27 2001:db8::/64",
            ),
            (
                r#"{"prefixes":[{"ip_prefix":"192.0.2.0/24","region":"a"}],"ipv6_prefixes":[{"ipv6_prefix":"2001:db8::/32"}]}"#,
                "192.0.2.0/24 2001:db8::/32",
            ),
            (r#"["198.51.100.7","192.0.2.0/24"]"#, "192.0.2.0/24 198.51.100.7/32"),
            ("\u{feff}# list\n192.0.2.1\n\n 2001:db8::/48 # two\n", "192.0.2.1/32 2001:db8::/48"),
            ("{}", ""),
        ] {
            assert_eq!(ranges(text).unwrap(), wanted, "{text}");
        }
        for text in [
            "<!doctype html>",
            "{",
            "moved",
            r#"{"prefixes":[{"ipv4Prefix":"192.0.2.0/33"}]}"#,
            "192.0.2.0/x",
            r#"[[[[[["192.0.2.1"]]]]]]"#,
        ] {
            assert!(ranges(text).is_err(), "{text}");
        }
    }
}
