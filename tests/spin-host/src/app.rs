//! Puts an application together: manifest, variables, stores, machine code, routes.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use wasmtime::component::Linker;
use wasmtime::error::Context as _;
use wasmtime::{Engine, Result, bail};
use wasmtime_wasi_http::handler::ProxyHandler;
use wasmtime_wasi_http::p3::bindings::ServicePre;

use crate::cli::Up;
use crate::contract::Contract;
use crate::engine;
use crate::handler::Instances;
use crate::hosts::AllowedHosts;
use crate::instance::{self, ComponentState, Ctx};
use crate::manifest::{Component, Manifest, Route, Source};
use crate::output::{Channel, Sink};
use crate::routes::Router;
use crate::runtime_config::RuntimeConfig;
use crate::server::Server;
use crate::variables::{AppVariables, ComponentVariables};

struct Builder<'a> {
    options: &'a Up,
    /// Sources are relative to the manifest.
    base: &'a Path,
    state: &'a Path,
    variables: AppVariables,
    config: RuntimeConfig,
    engine: Engine,
    linker: Linker<Ctx>,
    contract: Option<Arc<Contract>>,
    stopping: Arc<AtomicBool>,
}

pub fn build(options: &Up) -> Result<Server> {
    let manifest = Manifest::read(&options.manifest)?;
    let base = match options.manifest.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    };
    let environment = |name: &str| std::env::var(name).ok();
    let variables = AppVariables::resolve(&manifest.variables, &options.given_variables()?, environment)?;
    let state = options.state_dir.clone().unwrap_or_else(|| base.join(".spin"));
    fs::create_dir_all(&state).with_context(|| format!("state directory {}", state.display()))?;
    if let Some(dir) = &options.log_dir {
        fs::create_dir_all(dir).with_context(|| format!("log directory {}", dir.display()))?;
    }
    let engine = engine::engine()?;
    let builder = Builder {
        options,
        base,
        state: &state,
        variables,
        config: RuntimeConfig::read(options.runtime_config_file.as_deref())?,
        linker: instance::linker(&engine)?,
        engine,
        contract: options.contract.then(Default::default),
        stopping: Default::default(),
    };
    builder.server(&manifest)
}

impl Builder<'_> {
    fn server(&self, manifest: &Manifest) -> Result<Server> {
        let mut routes = Vec::new();
        let mut handlers = BTreeMap::new();
        for trigger in &manifest.trigger.http {
            match &trigger.route {
                Route::Pattern(pattern) => routes.push((pattern.as_str(), trigger.component.as_str())),
                Route::Private { private: true } => {}
                Route::Private { private: false } => {
                    bail!("route must be a string pattern or '{{ private = true }}'")
                }
            }
            let id = &trigger.component;
            if let Some(component) = manifest.component.get(id)
                && !handlers.contains_key(id)
            {
                let instances = self.instances(id, component).with_context(|| format!("component {id:?}"))?;
                handlers.insert(id.clone(), ProxyHandler::new(instances));
            }
        }
        Ok(Server {
            router: Router::build(routes)?,
            handlers,
            contract: self.contract.clone(),
            stopping: self.stopping.clone(),
        })
    }

    fn instances(&self, id: &str, component: &Component) -> Result<Instances> {
        let state = self.component_state(id, component)?;
        let Source::Path(source) = &component.source else {
            bail!("only a local file is supported as `source`");
        };
        let wasm = engine::load(&self.engine, &self.base.join(source))?;
        let pre = self.linker.instantiate_pre(&wasm).context("an import cannot be satisfied")?;
        let pre = ServicePre::new(pre).context("it must export wasi:http/handler@0.3.0")?;
        Ok(Instances {
            id: id.to_owned(),
            engine: self.engine.clone(),
            pre,
            component: Arc::new(state),
            stopping: self.stopping.clone(),
        })
    }

    fn component_state(&self, id: &str, component: &Component) -> Result<ComponentState> {
        let mut key_value_stores = BTreeMap::new();
        for label in &component.key_value_stores {
            let store = self.config.key_value_store(label, id, self.state)?;
            key_value_stores.insert(label.clone(), store);
        }
        let mut sqlite_databases = BTreeMap::new();
        for label in &component.sqlite_databases {
            let location = self.config.sqlite_database(label, id, self.state)?;
            sqlite_databases.insert(label.clone(), location);
        }
        let mut hosts = Vec::new();
        for pattern in &component.allowed_outbound_hosts {
            hosts.push(self.variables.render(pattern)?);
        }
        let sink = |channel| Sink::new(id, channel, self.options.quiet, self.options.log_dir.as_deref());
        Ok(ComponentState {
            variables: ComponentVariables::new(id, &component.variables, &self.variables)?,
            environment: component.environment.clone().into_iter().collect(),
            key_value_stores,
            sqlite_databases,
            allowed_hosts: Arc::new(AllowedHosts::parse(hosts)?),
            stdout: sink(Channel::Stdout)?,
            stderr: sink(Channel::Stderr)?,
            contract: self.contract.clone(),
        })
    }
}
