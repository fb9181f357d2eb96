//! What others publish at an address of theirs, read as it is: TLS says whose it is, so nothing leads elsewhere.

use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use http::HeaderMap;

use crate::client;

/// A document, with the fields that came along.
pub struct Published {
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Published {
    /// Reads it: over https, or from this machine; `longest` bytes at most.
    pub fn read(url: &str, accept: &str, within: Duration, longest: u64) -> Result<Published> {
        let here = url.starts_with("http://127.0.0.1:") || url.starts_with("http://localhost:");
        ensure!(url.starts_with("https://") || here, "{url}: only https, or this machine");
        let request = client::agent(within).get(url).header("accept", accept);
        let mut answer = request.call().with_context(|| url.to_owned())?;
        let status = answer.status().as_u16();
        if (300..400).contains(&status) {
            let to = answer.headers().get("location").and_then(|value| value.to_str().ok()).unwrap_or("elsewhere");
            bail!("{url}: it has moved to {to:?}, and whoever redirects may lead to another's");
        }
        ensure!(status == 200, "{url}: status {status}");
        let headers = answer.headers().clone();
        let body = answer.body_mut().with_config().limit(longest).read_to_vec();
        let body = body.with_context(|| format!("{url}: over {longest} bytes, or it ended early"))?;
        Ok(Published { headers, body })
    }
}
