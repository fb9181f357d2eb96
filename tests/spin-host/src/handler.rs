//! Instances and their reuse: wasmtime's own `ProxyHandler`, driven with the limits of Spin's
//! `crates/trigger-http/src/server.rs`. A trap ends the instance, and with it every request it was serving.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use wasmtime::component::GuestTaskId;
use wasmtime::{Engine, Result, Store, StoreContextMut};
use wasmtime_wasi_http::WasiHttpView as _;
use wasmtime_wasi_http::handler::{
    HandlerState, Instance, Proxy, ShouldAccept, WorkerExpiration, WorkerState, WorkerStatus,
};
use wasmtime_wasi_http::p3::bindings::ServicePre;

use crate::contract::Contract;
use crate::engine::FOREVER;
use crate::instance::{ComponentState, Ctx};

const MAX_REQUESTS: usize = 128;
const MAX_CONCURRENT_REQUESTS: usize = 16;
const IDLE_TIMEOUT: Duration = Duration::from_secs(1);

/// Makes instances of one component.
pub struct Instances {
    pub id: String,
    pub engine: Engine,
    pub pre: ServicePre<Ctx>,
    pub component: Arc<ComponentState>,
    /// Set when the host stops: instances that are dropped from then on have not failed.
    pub stopping: Arc<AtomicBool>,
}

impl HandlerState for Instances {
    type StoreData = Ctx;
    type WorkerExpiration = IdleTimeout;
    type WorkerState = Limits;

    async fn instantiate(&self) -> Result<Instance<Ctx, IdleTimeout, Limits>> {
        let mut store = Store::new(&self.engine, Ctx::new(self.component.clone()));
        store.set_epoch_deadline(FOREVER);
        let service = self.pre.instantiate_async(&mut store).await?;
        Ok(Instance {
            store,
            proxy: Proxy::P3(service),
            view: Ctx::http,
            expiration: IdleTimeout(Box::pin(tokio::time::sleep(IDLE_TIMEOUT))),
            state: Limits {
                id: self.id.clone(),
                stopping: self.stopping.clone(),
                generation: generation(self.component.contract.as_deref()),
                contract: self.component.contract.clone(),
            },
        })
    }
}

/// Drops an instance that has had nothing to do for a second. Requests themselves have no time limit, as in Spin.
pub struct IdleTimeout(Pin<Box<tokio::time::Sleep>>);

impl WorkerExpiration for IdleTimeout {
    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>, status: WorkerStatus, since: Instant) -> Poll<()> {
        if status != WorkerStatus::Idle {
            return Poll::Pending;
        }
        let deadline = (since + IDLE_TIMEOUT).into();
        if self.0.deadline() != deadline {
            self.0.as_mut().reset(deadline);
        }
        self.0.as_mut().poll(context)
    }
}

/// Spin's limits for an instance, and what the message about its failure needs.
pub struct Limits {
    id: String,
    stopping: Arc<AtomicBool>,
    /// Which generation of instances it is of, where tests ask for fresh ones.
    generation: u64,
    contract: Option<Arc<Contract>>,
}

fn generation(contract: Option<&Contract>) -> u64 {
    contract.map_or(0, Contract::generation)
}

impl WorkerState for Limits {
    type StoreData = Ctx;
    type RequestData = ();

    fn should_accept_request(&self, concurrent: usize, total: usize) -> ShouldAccept {
        if total >= MAX_REQUESTS || generation(self.contract.as_deref()) != self.generation {
            ShouldAccept::Never
        } else if concurrent >= MAX_CONCURRENT_REQUESTS {
            ShouldAccept::No
        } else {
            ShouldAccept::Yes
        }
    }

    fn on_request_start(
        &self,
        _: StoreContextMut<'_, Ctx>,
        (): (),
        _: GuestTaskId,
    ) -> Pin<Box<dyn Future<Output = ()> + Send + Sync>> {
        Box::pin(std::future::pending())
    }

    fn drop(&self, store: Store<Ctx>, result: Result<()>) {
        if let Err(error) = result
            && !self.stopping.load(Ordering::Relaxed)
        {
            eprintln!("component {:?}: instance failed: {error:#}", self.id);
        }
        drop(store);
    }
}
