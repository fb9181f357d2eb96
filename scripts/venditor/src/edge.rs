//! Asking the running function, as anybody can: whether it is whole, and what it says of a piece. No visit counts as a
//! scan, and no secret goes out.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result, anyhow, bail};
use serde_json::Value;
use shared::origin::Origin;

use crate::{client, files};

/// A running `trace-verify`.
pub struct Edge {
    origin: Origin,
    agent: ureq::Agent,
}

/// What it says of a piece.
pub struct Seen {
    pub outcome: String,
    pub title: String,
    /// When the key set that it goes by was signed.
    pub keyset_at: Option<i64>,
    /// How many devices scanned it; `None` where it does not say.
    pub scans: Option<i64>,
}

impl Edge {
    /// At `https://host[:port]`.
    pub fn at(url: &str) -> Result<Edge> {
        let origin =
            Origin::parse(url.strip_suffix('/').unwrap_or(url)).map_err(|wanted| anyhow!("{url}: takes {wanted}"))?;
        let agent = client::agent(Duration::from_secs(30));
        Ok(Edge { origin, agent })
    }

    /// The development host on this machine, if it runs and says where.
    pub fn of_dev(dev: &Path) -> Option<Edge> {
        let dev: Value = files::read_json(dev).ok()?;
        Edge::at(dev.get("url")?.as_str()?).ok()
    }

    pub fn url(&self) -> String {
        self.origin.to_string()
    }

    /// What is wrong with its configuration: the name of the variable.
    pub fn misconfigured(&self) -> Result<Option<String>> {
        let (_, health) = self.ask("healthz/trace-verify")?;
        Ok(health.get("misconfigured").and_then(Value::as_str).map(str::to_owned))
    }

    /// What a shopper would see of a piece.
    pub fn look(&self, item: &str) -> Result<Seen> {
        let (status, answer) = self.ask(item)?;
        let member = |name: &str| answer.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        if !(200..300).contains(&status) {
            bail!("{}/{item}: {status} {}", self.origin, member("detail"));
        }
        let evidence = answer.get("evidence").and_then(Value::as_array).cloned().unwrap_or_default();
        let keyset = evidence.iter().find(|claim| claim["proof"] == "keyset");
        let keyset_at = keyset.and_then(|claim| claim["signed_at"].as_i64());
        let scans = answer.pointer("/scans/count").and_then(Value::as_i64);
        Ok(Seen { outcome: member("outcome"), title: member("title"), keyset_at, scans })
    }

    fn ask(&self, path: &str) -> Result<(u16, Value)> {
        let url = format!("{}/{path}", self.origin);
        let request = self.agent.get(&url).header("accept", "application/json").header("accept-language", "en");
        // Whoever looks ahead does not scan.
        let mut response = request.header("sec-purpose", "prefetch").call().with_context(|| url.clone())?;
        let (status, text) = (response.status().as_u16(), response.body_mut().read_to_string());
        let answer = serde_json::from_str(&text.with_context(|| url.clone())?);
        Ok((status, answer.with_context(|| format!("{url}: {status}, and no answer of trace-verify"))?))
    }
}
