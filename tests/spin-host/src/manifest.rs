//! The part of `spin.toml` (manifest version 2) that this host understands. What it does not understand and what would
//! change the behaviour is an error, never silently ignored.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use wasmtime::error::Context as _;
use wasmtime::{Result, bail};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    pub spin_manifest_version: u32,
    #[serde(rename = "application")]
    _application: toml::Table,
    #[serde(default)]
    pub variables: BTreeMap<String, Variable>,
    #[serde(default)]
    pub trigger: Triggers,
    #[serde(default)]
    pub component: BTreeMap<String, Component>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Variable {
    #[serde(default)]
    pub required: bool,
    pub default: Option<String>,
    // Spin redacts secrets in what it prints; this host prints no values at all.
    #[serde(default, rename = "secret")]
    _secret: bool,
    #[serde(default, rename = "description")]
    _description: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Triggers {
    #[serde(default)]
    pub http: Vec<HttpTrigger>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HttpTrigger {
    #[serde(default, rename = "id")]
    _id: Option<String>,
    pub route: Route,
    pub component: String,
}

/// A private component has no route: it is only reached by service chaining, which this host lacks.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub enum Route {
    Pattern(String),
    Private { private: bool },
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Component {
    pub source: Source,
    #[serde(default)]
    pub environment: BTreeMap<String, String>,
    #[serde(default)]
    pub variables: BTreeMap<String, String>,
    #[serde(default)]
    pub key_value_stores: Vec<String>,
    #[serde(default)]
    pub sqlite_databases: Vec<String>,
    #[serde(default)]
    pub allowed_outbound_hosts: Vec<String>,
    #[serde(default, rename = "description")]
    _description: Option<String>,
    #[serde(default, rename = "build")]
    _build: Option<toml::Table>,
    #[serde(default, rename = "tool")]
    _tool: Option<toml::Table>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub enum Source {
    Path(PathBuf),
    /// `{ url, digest }` and the like.
    Remote(#[expect(dead_code, reason = "only its presence counts")] toml::Table),
}

impl Manifest {
    pub fn read(path: &Path) -> Result<Self> {
        let show = path.display();
        let text = std::fs::read_to_string(path).with_context(|| format!("manifest {show}"))?;
        Self::parse(&text).with_context(|| format!("manifest {show}"))
    }

    fn parse(text: &str) -> Result<Self> {
        let manifest: Self = toml::from_str(text)?;
        if manifest.spin_manifest_version != 2 {
            let version = manifest.spin_manifest_version;
            bail!("spin_manifest_version is {version}, only 2 is understood");
        }
        if manifest.trigger.http.is_empty() {
            bail!("there is no [[trigger.http]]");
        }
        for trigger in &manifest.trigger.http {
            if !manifest.component.contains_key(&trigger.component) {
                bail!("[[trigger.http]] names component {:?}, which is not defined", trigger.component);
            }
        }
        Ok(manifest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "spin_manifest_version = 2\n[application]\nname = 'x'\n";

    #[test]
    fn an_unknown_component_is_named() {
        let text = format!("{HEAD}[[trigger.http]]\nroute = '/...'\ncomponent = 'ghost'\n");
        let error = format!("{:#}", Manifest::parse(&text).unwrap_err());
        assert!(error.contains("ghost"), "{error}");
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        let text = format!(
            "{HEAD}[[trigger.http]]\nroute = '/...'\ncomponent = 'c'\n[component.c]\nsource = 'c.wasm'\nfiles = ['x']\n"
        );
        let error = format!("{:#}", Manifest::parse(&text).unwrap_err());
        assert!(error.contains("files"), "{error}");
    }

    #[test]
    fn the_tables_of_a_component_are_read() {
        let text = format!(
            "{HEAD}[variables]\na = {{ required = true, secret = true }}\n\
             [[trigger.http]]\nroute = {{ private = true }}\ncomponent = 'c'\n\
             [component.c]\nsource = 'c.wasm'\nkey_value_stores = ['k']\n[component.c.variables]\nb = '{{{{ a }}}}'\n\
             [component.c.build]\ncommand = 'true'\n"
        );
        let manifest = Manifest::parse(&text).unwrap();
        let component = &manifest.component["c"];
        assert_eq!(component.key_value_stores, ["k"]);
        assert_eq!(component.variables["b"], "{{ a }}");
        assert!(matches!(&component.source, Source::Path(path) if path == Path::new("c.wasm")));
        assert!(matches!(manifest.trigger.http[0].route, Route::Private { private: true }));
    }
}
