//! `--runtime-config-file`: which backend a store or database label has. Only `type = "spin"` (a local file) exists
//! here. As in Spin, the label `default` needs no entry, and is in the state directory.
//!
//! Paths must be absolute. Spin takes a relative one from the configuration file's folder (key-value) or from the folder
//! that it was started in (SQLite), so that the next start elsewhere finds an empty database: this host refuses it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use wasmtime::error::Context as _;
use wasmtime::{Result, bail};

use crate::host::key_value::Store;
use crate::host::sqlite::Location;

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuntimeConfig {
    #[serde(default)]
    key_value_store: BTreeMap<String, Backend>,
    #[serde(default)]
    sqlite_database: BTreeMap<String, Backend>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Backend {
    r#type: String,
    /// Absent means in memory, as in Spin.
    path: Option<PathBuf>,
    /// Spin's own entry for the label `default`, in the state directory.
    #[serde(skip)]
    default: bool,
}

impl RuntimeConfig {
    pub fn read(path: Option<&Path>) -> Result<Self> {
        let mut config = match path {
            Some(path) => {
                let show = path.display();
                let text = fs::read_to_string(path).with_context(|| format!("runtime config {show}"))?;
                toml::from_str(&text).with_context(|| format!("runtime config {show}"))?
            }
            None => Self::default(),
        };
        let default = |path: &str| Backend { r#type: "spin".to_owned(), path: Some(path.into()), default: true };
        let label = || "default".to_owned();
        config.key_value_store.entry(label()).or_insert_with(|| default("sqlite_key_value.db"));
        config.sqlite_database.entry(label()).or_insert_with(|| default("sqlite_db.db"));
        Ok(config)
    }

    /// Opens the store at once, so that what is wrong with it shows at start.
    pub fn key_value_store(&self, label: &str, component: &str, state: &Path) -> Result<Store> {
        let Some(backend) = self.key_value_store.get(label) else {
            bail!(
                "unknown key_value_stores label {label:?} for component {component:?}: \
                 the runtime config has no [key_value_store.{label}]"
            );
        };
        let path = backend.file(state).with_context(|| format!("[key_value_store.{label}]"))?;
        Store::open(label, path.as_deref()).with_context(|| format!("[key_value_store.{label}]"))
    }

    /// The database's place, after a trial that it can be opened.
    pub fn sqlite_database(&self, label: &str, component: &str, state: &Path) -> Result<Location> {
        let Some(backend) = self.sqlite_database.get(label) else {
            bail!(
                "component {component:?} uses database {label:?}, which is not defined: \
                 the runtime config has no [sqlite_database.{label}]"
            );
        };
        let path = backend.file(state).with_context(|| format!("[sqlite_database.{label}]"))?;
        let location = Location(path);
        location.open().with_context(|| format!("[sqlite_database.{label}]"))?;
        Ok(location)
    }
}

impl Backend {
    fn file(&self, state: &Path) -> Result<Option<PathBuf>> {
        if self.r#type != "spin" {
            bail!("type {:?} is not supported by this stand-in, only \"spin\"", self.r#type);
        }
        if let Some(path) = self.path.as_deref().filter(|path| !path.is_absolute() && !self.default) {
            bail!(
                "path {path:?} is relative, and Spin would look for it where it is started; give an absolute one \
                 (scripts/spin-runtime DIR writes them)"
            );
        }
        let path = self.path.as_ref().map(|path| state.join(path));
        if let Some(parent) = path.as_deref().and_then(Path::parent) {
            fs::create_dir_all(parent).with_context(|| format!("folder {}", parent.display()))?;
        }
        Ok(path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(result: Result<impl Sized>) -> String {
        format!("{:#}", result.err().unwrap())
    }

    #[test]
    fn labels_without_configuration_are_named() {
        let config = RuntimeConfig::read(None).unwrap();
        let state = Path::new("/nonexistent");
        assert!(error(config.key_value_store("kv", "c", state)).contains("[key_value_store.kv]"));
        assert!(error(config.sqlite_database("db", "c", state)).contains("[sqlite_database.db]"));
    }

    #[test]
    fn other_backends_and_relative_paths_are_refused() {
        let text = "[key_value_store.kv]\ntype = 'redis'\n[sqlite_database.db]\ntype = 'spin'\n";
        let config: RuntimeConfig = toml::from_str(text).unwrap();
        let state = Path::new("/nonexistent");
        assert!(error(config.key_value_store("kv", "c", state)).contains("redis"));
        assert!(config.sqlite_database("db", "c", state).unwrap().0.is_none());
        let text = "[key_value_store.kv]\ntype = 'spin'\npath = 'kv.db'\n";
        let config: RuntimeConfig = toml::from_str(text).unwrap();
        assert!(error(config.key_value_store("kv", "c", state)).contains("absolute"));
        assert!(toml::from_str::<RuntimeConfig>("[llm_compute]\ntype = 'spin'\n").is_err());
    }
}
