//! A component of the application, and what one instance of it holds.

use std::collections::BTreeMap;
use std::sync::Arc;

use wasmtime::component::{Linker, ResourceTable};
use wasmtime::{Engine, Result};
use wasmtime_wasi::{WasiCtx, WasiCtxBuilder, WasiCtxView, WasiView};
use wasmtime_wasi_http::{WasiHttpCtx, WasiHttpCtxView, WasiHttpView};

use crate::bindings::{key_value, sqlite, variables};
use crate::contract::{Contract, ContractClock, ContractRandom};
use crate::host::Spin;
use crate::host::key_value::Store;
use crate::host::sqlite::Location;
use crate::hosts::AllowedHosts;
use crate::outbound::Outbound;
use crate::output::{Output, Sink};
use crate::variables::ComponentVariables;

/// Everything that the manifest grants to a component; shared by its instances.
pub struct ComponentState {
    pub variables: ComponentVariables,
    pub environment: Vec<(String, String)>,
    pub key_value_stores: BTreeMap<String, Store>,
    pub sqlite_databases: BTreeMap<String, Location>,
    pub allowed_hosts: Arc<AllowedHosts>,
    pub stdout: Arc<Sink>,
    pub stderr: Arc<Sink>,
    pub contract: Option<Arc<Contract>>,
}

/// The state of one instance.
pub struct Ctx {
    pub table: ResourceTable,
    wasi: WasiCtx,
    http: WasiHttpCtx,
    outbound: Outbound,
    pub component: Arc<ComponentState>,
    /// SQLite connections that the instance has open.
    pub open_connections: usize,
}

impl Ctx {
    pub fn new(component: Arc<ComponentState>) -> Self {
        let mut wasi = WasiCtxBuilder::new();
        // No files, and no sockets: outgoing HTTP is the host's business.
        wasi.stdout(Output::new(component.stdout.clone()))
            .stderr(Output::new(component.stderr.clone()))
            .envs(&component.environment)
            .allow_tcp(false)
            .allow_udp(false)
            .allow_ip_name_lookup(false);
        if let Some(contract) = &component.contract {
            wasi.wall_clock(ContractClock(contract.clone()));
            wasi.secure_random(ContractRandom(contract.clone()));
        }
        Self {
            table: ResourceTable::new(),
            wasi: wasi.build(),
            http: WasiHttpCtx::new(),
            outbound: Outbound(component.allowed_hosts.clone()),
            component,
            open_connections: 0,
        }
    }

    pub fn fails_sqlite(&self) -> bool {
        self.component.contract.as_ref().is_some_and(|contract| contract.fails_sqlite())
    }

    pub fn fails_key_value(&self) -> bool {
        self.component.contract.as_ref().is_some_and(|contract| contract.fails_key_value())
    }
}

impl WasiView for Ctx {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.wasi, table: &mut self.table }
    }
}

impl WasiHttpView for Ctx {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        WasiHttpCtxView { hooks: &mut self.outbound, table: &mut self.table, ctx: &mut self.http }
    }
}

/// All that a component may import: WASI 0.2 (through std), WASI 0.3 and the three `spin:*` interfaces.
pub fn linker(engine: &Engine) -> Result<Linker<Ctx>> {
    let mut linker = Linker::new(engine);
    wasmtime_wasi::p2::add_to_linker_async(&mut linker)?;
    wasmtime_wasi::p3::add_to_linker(&mut linker)?;
    wasmtime_wasi_http::p3::add_to_linker(&mut linker)?;
    variables::add_to_linker::<_, Spin>(&mut linker, |ctx| ctx)?;
    key_value::add_to_linker::<_, Spin>(&mut linker, |ctx| ctx)?;
    sqlite::add_to_linker::<_, Spin>(&mut linker, |ctx| ctx)?;
    Ok(linker)
}
