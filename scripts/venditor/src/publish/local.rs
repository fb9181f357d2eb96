//! Publishing into the development host that runs on this machine, by what it says in `dev.json`.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use serde::Deserialize;
use shared::origin::Origin;

use super::collect::Bundle;
use super::spin;
use crate::files;
use crate::keys::dir::KeyDir;

/// The most bytes of a value: the store's own limit.
const MAX_VALUE: u64 = 25 << 20;

/// `dev.json`, which the development host writes while it runs. It has no `Debug`: the token is a secret.
#[derive(Deserialize)]
#[serde(tag = "host", rename_all = "lowercase")]
pub(super) enum Dev {
    /// Wrangler's: a control server beside it; and another such host, of some of the functions, which has what it has.
    Workers {
        control: String,
        token: String,
        #[serde(default)]
        functions: Vec<String>,
        beside: Option<PathBuf>,
    },
    /// Spin's: the folder of its key-value files, one a function, which SQLite lets two processes write.
    Spin { state: PathBuf },
}

impl Dev {
    pub(super) fn read(dev: &Path) -> Result<Dev> {
        files::read_json(dev).context("is the development host running? scripts/dev starts it")
    }
}

/// Publishes, and names the target.
pub fn publish(dev: &Path, bundle: &Bundle, keys: &KeyDir) -> Result<String> {
    match Dev::read(dev)? {
        Dev::Workers { control, token, beside, .. } => {
            let function = bundle.function()?;
            let values = super::bulk(bundle)?;
            post(&control, function, &token, &values)?;
            let beside = beside.filter(|file| file.exists()).map(|file| files::read_json::<Dev>(&file)).transpose()?;
            match beside {
                Some(Dev::Workers { control: other, token, functions, .. })
                    if functions.iter().any(|its| its == function) =>
                {
                    post(&other, function, &token, &values)?;
                    Ok(format!("{function} at {control} and {other}"))
                }
                _ => Ok(format!("{function} at {control}")),
            }
        }
        Dev::Spin { state } => {
            let function = bundle.function()?;
            let file = state.join(format!("{function}.kv.db"));
            spin::write(&file, function, bundle, &keys.roots()?).with_context(|| file.display().to_string())?;
            Ok(file.display().to_string())
        }
    }
}

/// A value of the store of a development host for Workers.
pub(super) fn get(control: &str, token: &str, function: &str, key: &str) -> Result<Option<Vec<u8>>> {
    let key = key.replace('/', "%2F");
    let url = format!("{control}/kv/{key}?function={function}");
    let mut response = agent(control)?
        .get(&url)
        .header("authorization", format!("Bearer {token}"))
        .call()
        .with_context(|| url.clone())?;
    match response.status().as_u16() {
        200 => Ok(Some(response.body_mut().with_config().limit(MAX_VALUE).read_to_vec()?)),
        404 => Ok(None),
        status => anyhow::bail!("{url}: {status}"),
    }
}

/// The token must not leave the machine, whatever the file says: an origin in plain HTTP is this very machine's.
fn agent(control: &str) -> Result<ureq::Agent> {
    ensure!(
        control.starts_with("http://") && Origin::parse(control).is_ok(),
        "{control}: not an address of this machine"
    );
    Ok(ureq::Agent::config_builder()
        .http_status_as_error(false)
        .timeout_global(Some(Duration::from_secs(60)))
        .proxy(None)
        .build()
        .into())
}

fn post(control: &str, function: &str, token: &str, body: &[u8]) -> Result<()> {
    let agent = agent(control)?;
    let url = format!("{control}/kv?function={function}");
    let request = agent.post(&url).header("authorization", format!("Bearer {token}")).content_type("application/json");
    let mut response = request.send(body).with_context(|| url.clone())?;
    let status = response.status();
    if !status.is_success() {
        let text = response.body_mut().read_to_string().unwrap_or_default();
        let text: String = text.chars().take(500).collect();
        anyhow::bail!("{url}: {status} {text}");
    }
    Ok(())
}
