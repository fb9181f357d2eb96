//! The entry points on Workers.

use shared::origin::Origin;
use shared::platform::workers::{SqlObject, Worker, read_head, refuse_head, serve};
use shared::platform::{Answer, Variables};
use wasm_bindgen::prelude::*;
use worker::{DurableObject, Env, Request, Response, State, durable_object};

/// The runtime's `fetch` event.
#[wasm_bindgen]
pub fn fetch(request: JsValue, env: JsValue, _context: JsValue) -> JsValue {
    serve(async move {
        let Some(head) = read_head(&request) else { return Answer::from(refuse_head()) };
        let worker = Worker::new(request, env);
        let origin = worker.variable("PORTS_ORIGIN").await.ok().flatten().unwrap_or_default();
        let Ok(origin) = Origin::parse(&origin) else { return Answer::from(refuse_head()) };
        let worker = worker.may_send_to(vec![origin.clone()]);
        let body = worker.body();
        crate::handle(&worker, &head, body, &origin).await
    })
}

/// A shard that can be woken.
#[durable_object]
pub struct Database {
    sql: SqlObject,
    env: Env,
}

impl DurableObject for Database {
    fn new(state: State, env: Env) -> Self {
        Database { sql: SqlObject::new(state, crate::SCHEMA), env }
    }

    async fn fetch(&self, request: Request) -> worker::Result<Response> {
        self.sql.call(request).await
    }

    async fn alarm(&self) -> worker::Result<Response> {
        let worker = Worker::of_object(&self.env);
        self.sql.alarm(|shard| async move { crate::on_wake(&worker, &shard).await }).await
    }
}
