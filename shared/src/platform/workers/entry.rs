//! The entry points of a function on Workers, once: what the runtime's events do, and the line that exports them.

use std::cell::RefCell;
use std::rc::Rc;
use std::thread::LocalKey;

use wasm_bindgen::{JsCast as _, JsValue};

use super::{Worker, bindings, read_head, refuse_head, run, serve};
use crate::config::ConfigError;
use crate::function::{Function, Handled, finish, handle, policies};
use crate::platform::{Answer, StorageError};
use crate::policy::Packs;

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

        static PACKS: $crate::policy::Packs = $crate::policy::Packs::new();

        /// The runtime's `fetch` event.
        #[::wasm_bindgen::prelude::wasm_bindgen]
        pub fn fetch(
            request: ::wasm_bindgen::JsValue,
            env: ::wasm_bindgen::JsValue,
            context: ::wasm_bindgen::JsValue,
        ) -> ::wasm_bindgen::JsValue {
            $crate::platform::workers::fetch::<$function>(request, env, context, &KNOWN, &PACKS)
        }

        /// Forgets which packs and key sets this isolate has adopted, as if it had just started: for tests, which call it
        /// from the module around this one. No request reaches it.
        #[::wasm_bindgen::prelude::wasm_bindgen]
        pub fn forget() {
            PACKS.forget();
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
            $crate::platform::workers::scheduled::<$function>(event, env, &KNOWN, &PACKS)
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
                self.sql
                    .alarm(|shard| $crate::platform::workers::wake::<$function>(&self.env, shard, &KNOWN, &PACKS))
                    .await
            }
        }
    };
}

/// Answers a `fetch` event.
pub fn fetch<F: Function>(
    request: JsValue,
    env: JsValue,
    context: JsValue,
    known: &'static LocalKey<Known<F::Config>>,
    packs: &'static Packs,
) -> JsValue {
    serve(async move {
        let Some((head, headers)) = read_head(&request, F::READS_HEADERS) else { return Answer::from(refuse_head()) };
        let worker = Worker::new(request, env).with_headers(headers);
        let config = config::<F>(&worker, known).await;
        let worker = match &config {
            Ok(config) => worker.may_send_to(F::origins(config)),
            Err(_) => worker,
        };
        let body = worker.body();
        let Handled { answer, later } = handle::<F, _>(&worker, config.as_deref(), packs, &head, body).await;
        if let (Some(_), Ok(config)) = (&later, config) {
            let work = async move { finish::<F, _>(&worker, &config, packs, later).await };
            // It may go on after the answer is out, and the answer does not wait for it.
            bindings::wait_until(&context, &run(work));
        }
        answer
    })
}

/// Does a `scheduled` event's work.
pub fn scheduled<F: Function>(
    _event: JsValue,
    env: JsValue,
    known: &'static LocalKey<Known<F::Config>>,
    packs: &'static Packs,
) -> JsValue {
    run(async move {
        let worker = Worker::without_request(env.unchecked_ref());
        // A deployment without its configuration says so in its health; an event has no answer to say it in.
        let Ok(config) = config::<F>(&worker, known).await else { return };
        let worker = worker.may_send_to(F::origins(&config));
        // What cannot be judged now is judged by the next event.
        let Ok(policies) = policies::<F, _>(&worker, &config, packs).await else { return };
        F::scheduled(&worker, &config, &policies).await;
        finish::<F, _>(&worker, &config, packs, policies.later()).await;
    })
}

/// Calls the function's handler for a shard's alarm.
///
/// # Errors
/// The function's, and that of a deployment without its configuration.
pub async fn wake<F: Function>(
    env: &worker::Env,
    shard: String,
    known: &'static LocalKey<Known<F::Config>>,
    packs: &'static Packs,
) -> Result<(), StorageError> {
    let worker = Worker::without_request(env);
    let config = config::<F>(&worker, known).await.map_err(|error| StorageError::sql(error.to_string()))?;
    let worker = worker.may_send_to(F::origins(&config));
    let policies = policies::<F, _>(&worker, &config, packs).await?;
    F::wake(&worker, &config, &policies, &shard).await
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
