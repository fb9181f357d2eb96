//! The entry points on Workers: `fetch`, the cron trigger, and the Durable Object class that holds refunds and accounts.

use std::cell::RefCell;
use std::rc::Rc;

use shared::config::ConfigError;
use shared::platform::workers::{SqlObject, Worker, read_head, refuse_head, run, serve};
use shared::trace::TraceContext;
use wasm_bindgen::prelude::*;
use worker::{DurableObject, Env, Request, Response, State, durable_object};

use crate::config::Config;
use crate::{handler, store};

thread_local! {
    /// Parsed once an isolate: a deployment's variables never change under it.
    static CONFIG: RefCell<Option<Rc<Config>>> = const { RefCell::new(None) };
}

/// The runtime's `fetch` event.
#[wasm_bindgen]
pub fn fetch(request: JsValue, env: JsValue, _context: JsValue) -> JsValue {
    serve(async move {
        let Some(head) = read_head(&request) else { return refuse_head() };
        let worker = Worker::new(request, env);
        let config = config(&worker).await;
        let worker = match &config {
            Ok(config) => worker.may_send_to(config.origins.clone()),
            Err(_) => worker,
        };
        let body = worker.body();
        handler::handle(&worker, config.as_deref(), &head, body).await
    })
}

/// The runtime's `scheduled` event: the sweep.
#[wasm_bindgen]
pub fn scheduled(event: JsValue, env: JsValue, _context: JsValue) -> JsValue {
    run(async move {
        let worker = Worker::new(event, env);
        // A deployment without its configuration says so in its health; there is nobody here to tell.
        let Ok(config) = config(&worker).await else { return };
        let worker = worker.may_send_to(config.origins.clone());
        handler::sweep(&worker, &config, &TraceContext::default()).await;
    })
}

async fn config(worker: &Worker) -> Result<Rc<Config>, ConfigError> {
    if let Some(config) = CONFIG.with_borrow(Clone::clone) {
        return Ok(config);
    }
    let config = Rc::new(Config::read(worker).await?);
    CONFIG.with_borrow_mut(|known| *known = Some(Rc::clone(&config)));
    Ok(config)
}

/// A shard of refunds, or one account.
#[durable_object]
pub struct Database {
    sql: SqlObject,
}

impl DurableObject for Database {
    fn new(state: State, _env: Env) -> Self {
        Database { sql: SqlObject::new(state, store::SCHEMA) }
    }

    async fn fetch(&self, request: Request) -> worker::Result<Response> {
        self.sql.call(request).await
    }
}
