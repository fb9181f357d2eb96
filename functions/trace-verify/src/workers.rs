//! The entry points on Workers: `fetch`, and the Durable Object class that holds the scan ledger.

use std::cell::RefCell;
use std::rc::Rc;

use shared::platform::workers::{SqlObject, Worker, read_head, refuse_head, serve};
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
        let config = match CONFIG.with_borrow(Clone::clone) {
            Some(config) => Ok(config),
            None => Config::read(&worker).await.map(Rc::new),
        };
        if let Ok(config) = &config {
            CONFIG.with_borrow_mut(|known| *known = Some(Rc::clone(config)));
        }
        handler::handle(&worker, config.as_deref(), &head, worker.body()).await
    })
}

/// One piece's ledger, or one day's unverified complaints.
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
