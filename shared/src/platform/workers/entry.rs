//! The entry points of a function on Workers, once: what the runtime's events do, and the line that exports them.

use std::cell::RefCell;
use std::rc::Rc;
use std::thread::LocalKey;

use wasm_bindgen::{JsCast as _, JsValue};

use super::{Worker, read_head, refuse_head, run, serve};
use crate::config::ConfigError;
use crate::function::{Function, handle};
use crate::platform::{Answer, StorageError};

/// A function's configuration, parsed once an isolate: a deployment's variables never change under it.
pub type Known<C> = RefCell<Option<Rc<C>>>;

/// Exports a function to the runtime: `workers_entry!(crate::handler::TraceVerify)`. With `sql`, also the Durable
/// Object class `Database` that holds its tables; with `scheduled`, also the cron trigger. One line in `workers.rs`.
#[macro_export]
macro_rules! workers_entry {
    ($function:ty $(, $part:ident)*) => {
        thread_local! {
            static KNOWN: $crate::platform::workers::Known<<$function as $crate::function::Function>::Config> =
                const { ::std::cell::RefCell::new(None) };
        }

        /// The runtime's `fetch` event.
        #[::wasm_bindgen::prelude::wasm_bindgen]
        pub fn fetch(
            request: ::wasm_bindgen::JsValue,
            env: ::wasm_bindgen::JsValue,
            _context: ::wasm_bindgen::JsValue,
        ) -> ::wasm_bindgen::JsValue {
            $crate::platform::workers::fetch::<$function>(request, env, &KNOWN)
        }

        $($crate::workers_entry!(@$part $function);)*
    };
    (@scheduled $function:ty) => {
        /// The runtime's `scheduled` event.
        #[::wasm_bindgen::prelude::wasm_bindgen]
        pub fn scheduled(
            event: ::wasm_bindgen::JsValue,
            env: ::wasm_bindgen::JsValue,
            _context: ::wasm_bindgen::JsValue,
        ) -> ::wasm_bindgen::JsValue {
            $crate::platform::workers::scheduled::<$function>(event, env, &KNOWN)
        }
    };
    (@sql $function:ty) => {
        /// One shard of the function's tables.
        #[::worker::durable_object]
        pub struct Database {
            sql: $crate::platform::workers::SqlObject,
            env: ::worker::Env,
        }

        impl ::worker::DurableObject for Database {
            fn new(state: ::worker::State, env: ::worker::Env) -> Self {
                let schema = <$function as $crate::function::Function>::SCHEMA;
                Database { sql: $crate::platform::workers::SqlObject::new(state, schema), env }
            }

            async fn fetch(&self, request: ::worker::Request) -> ::worker::Result<::worker::Response> {
                self.sql.call(request).await
            }

            async fn alarm(&self) -> ::worker::Result<::worker::Response> {
                self.sql.alarm(|shard| $crate::platform::workers::wake::<$function>(&self.env, shard, &KNOWN)).await
            }
        }
    };
}

/// Answers a `fetch` event.
pub fn fetch<F: Function>(request: JsValue, env: JsValue, known: &'static LocalKey<Known<F::Config>>) -> JsValue {
    serve(async move {
        let Some(head) = read_head(&request) else { return Answer::from(refuse_head()) };
        let worker = Worker::new(request, env);
        let config = config::<F>(&worker, known).await;
        let worker = match &config {
            Ok(config) => worker.may_send_to(F::origins(config)),
            Err(_) => worker,
        };
        let body = worker.body();
        handle::<F, _>(&worker, config.as_deref(), &head, body).await
    })
}

/// Does a `scheduled` event's work.
pub fn scheduled<F: Function>(_event: JsValue, env: JsValue, known: &'static LocalKey<Known<F::Config>>) -> JsValue {
    run(async move {
        let worker = Worker::without_request(env.unchecked_ref());
        // A deployment without its configuration says so in its health; there is nobody here to tell.
        let Ok(config) = config::<F>(&worker, known).await else { return };
        let worker = worker.may_send_to(F::origins(&config));
        F::scheduled(&worker, &config).await;
    })
}

/// Does what a shard's alarm stands for.
///
/// # Errors
/// The function's, and that of a deployment without its configuration.
pub async fn wake<F: Function>(
    env: &worker::Env,
    shard: String,
    known: &'static LocalKey<Known<F::Config>>,
) -> Result<(), StorageError> {
    let worker = Worker::without_request(env);
    let config = config::<F>(&worker, known).await.map_err(|error| StorageError::sql(error.to_string()))?;
    let worker = worker.may_send_to(F::origins(&config));
    F::wake(&worker, &config, &shard).await
}

async fn config<F: Function>(
    worker: &Worker,
    known: &'static LocalKey<Known<F::Config>>,
) -> Result<Rc<F::Config>, ConfigError> {
    if let Some(config) = known.with_borrow(Clone::clone) {
        return Ok(config);
    }
    let config = Rc::new(F::configure(worker).await?);
    known.with_borrow_mut(|known| *known = Some(Rc::clone(&config)));
    Ok(config)
}
