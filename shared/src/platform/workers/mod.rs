//! The Workers platform: Cloudflare's runtime, through `wasm-bindgen` and one page of JavaScript (`edge.js`).
//!
//! The hot path is deliberately bare. A request's head comes over as one block of bytes, an answer goes back in one
//! call on a cached header template, and an answer that needs no I/O never touches a promise: [`serve`] polls once
//! before it makes one.

mod bindings;
mod entry;
mod forward;
mod outbound;
mod sql;
mod wake;

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use formats::origin::Origin;
use js_sys::Uint8Array;
use wasm_bindgen::prelude::*;
// Linked for its start function: it schedules a fresh instance should this one ever trap.
use worker as _;

pub use entry::{Known, fetch, scheduled, wake};
pub use forward::OriginBody;
pub use sql::SqlObject;

use super::{
    Allowance, Answer, Clock, Entropy, Events, Kv, Limiter, Peer, Place, Row, Signals, Sql, Statement, StorageError,
    StorageFault, Value, Variables,
};
use crate::http::{Body, BodyError, HEAD_FIELDS, Head, HeaderSet, Headers, Response, Target};

/// Name of the KV binding in `wrangler.toml`.
const KV_BINDING: &str = "KV";
/// Name of the Durable Object binding in `wrangler.toml`.
const SQL_BINDING: &str = "SQL";
/// How long an edge location may serve a KV value without asking again; Workers KV's own minimum is 30 s.
const KV_CACHE_SECONDS: u32 = 60;
/// Largest head taken. workerd itself refuses above 128 KiB of headers.
const MAX_HEAD: usize = 512 * 1024;

/// Runs a handler, whose answer is a [`Response`] or an [`Answer`]. Ready at the first poll: the answer itself, and no
/// promise is made. Else: a promise for it.
pub fn serve<A: Into<Answer<OriginBody>> + 'static>(handler: impl Future<Output = A> + 'static) -> JsValue {
    let mut handler: Pin<Box<dyn Future<Output = A>>> = Box::pin(handler);
    match handler.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(answer) => deliver(answer),
        Poll::Pending => wasm_bindgen_futures::future_to_promise(async move { Ok(deliver(handler.await)) }).into(),
    }
}

fn deliver(answer: impl Into<Answer<OriginBody>>) -> JsValue {
    match answer.into() {
        Answer::Ours(answer) => respond(answer),
        Answer::Origin(answer) => forward::respond(&answer),
    }
}

/// Runs what has no answer, such as a cron trigger's work: a promise of its end.
pub fn run(work: impl Future<Output = ()> + 'static) -> JsValue {
    wasm_bindgen_futures::future_to_promise(async move {
        work.await;
        Ok(JsValue::UNDEFINED)
    })
    .into()
}

/// A request's head, in one crossing, and with it `all` its header fields or none; `None` if it cannot be expressed (an
/// extension method, or oversized).
pub fn read_head(request: &JsValue, all: bool) -> Option<(Head, Option<Headers>)> {
    let mut buffer = vec![0u8; if all { 4096 } else { 2048 }];
    let mut written = bindings::read_head(request, &mut buffer, all);
    if written < 0 {
        let wanted = usize::try_from(written.unsigned_abs()).ok().filter(|size| *size <= MAX_HEAD)?;
        buffer = vec![0u8; wanted];
        written = bindings::read_head(request, &mut buffer, all);
    }
    buffer.truncate(usize::try_from(written).ok()?);
    let text = String::from_utf8(buffer).ok()?;
    let (method, rest) = text.split_once('\n')?;
    let (url, rest) = rest.split_once('\n')?;
    let (method, target) = (http::Method::from_bytes(method.as_bytes()).ok()?, Target::from_url(url));
    let headers = all.then(|| Headers::from_block(rest.to_owned()));
    let [accept, accept_language, request_id, traceparent] = match &headers {
        Some(headers) => HEAD_FIELDS.map(|name| headers.get(name).unwrap_or_default().to_owned()),
        None => {
            let mut lines = rest.split('\n');
            let mut next = || lines.next().unwrap_or_default().to_owned();
            [next(), next(), next(), next()]
        }
    };
    Some((Head { method, target, accept, accept_language, request_id, traceparent }, headers))
}

/// Turns an answer into the runtime's.
pub fn respond(answer: Response) -> JsValue {
    let varying = block(&answer.varying);
    let varying = (!varying.is_empty()).then_some(varying.as_str());
    bindings::respond(answer.status.as_u16(), &template(answer.fixed, &answer.steady), varying, &answer.body)
}

/// Header fields as `edge.js` reads them.
fn block<V: AsRef<str>>(headers: &[(&str, V)]) -> String {
    let mut block = String::new();
    for (name, value) in headers {
        for part in [name, "\n", value.as_ref(), "\n"] {
            block.push_str(part);
        }
    }
    block
}

/// The answer to a request whose head cannot be expressed.
pub fn refuse_head() -> Response {
    super::unreadable_head()
}

/// The most header objects that are kept.
const MOST_TEMPLATES: usize = 64;

thread_local! {
    /// The runtime's own header object for each fixed set, and for sets with steady headers: no request data.
    static TEMPLATES: RefCell<Vec<(HeaderSet, String, JsValue)>> = const { RefCell::new(Vec::new()) };
}

fn template(set: HeaderSet, steady: &[(&'static str, String)]) -> JsValue {
    let steady = block(steady);
    TEMPLATES.with_borrow_mut(|known| {
        if let Some((.., template)) = known.iter().find(|(s, with, _)| std::ptr::eq(*s, set) && *with == steady) {
            return template.clone();
        }
        let template = bindings::header_template(&(block(set) + &steady));
        if known.len() >= MOST_TEMPLATES {
            known.clear();
        }
        known.push((set, steady, template.clone()));
        template
    })
}

/// The ports, for one request.
pub struct Worker {
    request: JsValue,
    env: JsValue,
    /// All header fields, if they came with the head and nobody has asked for them yet.
    headers: Cell<Option<Headers>>,
    /// Where [`super::Outbound`] may send.
    origins: Vec<Origin>,
}

impl Worker {
    /// From what the runtime passes to `fetch`.
    pub fn new(request: JsValue, env: JsValue) -> Worker {
        Worker { request, env, headers: Cell::default(), origins: Vec::new() }
    }

    /// For events that have no request, the scheduler's and an object's own: [`Peer`] knows nothing.
    pub fn without_request(env: &worker::Env) -> Worker {
        let request = js_sys::Object::new();
        // An object that was just made takes a property.
        let _set = js_sys::Reflect::set(&request, &"headers".into(), &js_sys::Array::new());
        Worker::new(request.into(), env.clone().into())
    }

    /// Hands over header fields that were read with the head.
    #[must_use]
    pub fn with_headers(self, headers: Option<Headers>) -> Worker {
        Worker { headers: Cell::new(headers), ..self }
    }

    /// Lets it send to these origins and to no other.
    #[must_use]
    pub fn may_send_to(self, origins: Vec<Origin>) -> Worker {
        Worker { origins, ..self }
    }

    /// The request's body, to be read once.
    pub fn body(&self) -> RequestBody {
        RequestBody { request: self.request.clone() }
    }
}

/// A request body behind the runtime's stream.
pub struct RequestBody {
    request: JsValue,
}

impl Body for RequestBody {
    async fn read(self, limit: usize) -> Result<Vec<u8>, BodyError> {
        let cap = u32::try_from(limit).unwrap_or(u32::MAX);
        match bindings::read_body(&self.request, cap).await {
            Ok(value) if value.is_null() => Err(BodyError::TooLarge { limit }),
            Ok(value) => Ok(Uint8Array::from(value).to_vec()),
            Err(_) => Err(BodyError::Broken),
        }
    }
}

impl Clock for Worker {
    fn now_ms(&self) -> i64 {
        js_sys::Date::now() as i64
    }

    async fn wait_ms(&self, ms: u32) {
        let wait = bindings::wait(ms);
        let _ends = EndsWait(wait.get(1));
        let _over = wasm_bindgen_futures::JsFuture::from(js_sys::Promise::from(wait.get(0))).await;
    }
}

/// Ends a wait when it is dropped: a promise that never settles would keep its callbacks for ever.
struct EndsWait(JsValue);

impl Drop for EndsWait {
    fn drop(&mut self) {
        if let Some(end) = self.0.dyn_ref::<js_sys::Function>() {
            let _ended = end.call0(&JsValue::UNDEFINED);
        }
    }
}

impl Entropy for Worker {
    fn fill(&self, bytes: &mut [u8]) {
        bindings::random(bytes);
    }
}

impl Peer for Worker {
    fn headers(&self) -> Headers {
        self.headers.take().unwrap_or_else(|| Headers::from_block(bindings::read_headers(&self.request)))
    }

    fn client_addr<'h>(&self, headers: &'h Headers) -> Option<&'h str> {
        headers.get("cf-connecting-ip")
    }

    fn behind_proxies(&self) -> bool {
        false
    }

    fn place(&self) -> Option<Place> {
        let text = bindings::place(&self.request);
        let (country, rest) = text.split_once('\n')?;
        let (city, region) = rest.split_once('\n').unwrap_or((rest, ""));
        let known = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        Some(Place { country: country.to_owned(), region: known(region), city: known(city) })
    }

    fn signals(&self) -> Signals {
        Signals::from_json(&bindings::signals(&self.request))
    }
}

impl Limiter for Worker {
    async fn limit(&self, name: &str, key: &str) -> Allowance {
        let Ok(Some(asked)) = bindings::limit(&self.env, name, key) else { return Allowance::Unknown };
        match wasm_bindgen_futures::JsFuture::from(asked).await.ok().and_then(|success| success.as_bool()) {
            Some(true) => Allowance::Allowed,
            Some(false) => Allowance::Limited,
            None => Allowance::Unknown,
        }
    }
}

impl Sql for Worker {
    async fn query(&self, shard: &str, statement: &Statement, params: &[Value]) -> Result<Vec<Row>, StorageError> {
        let call = sql::encode_call(statement, params);
        match bindings::ask_object(&self.env, SQL_BINDING, shard, "POST", &call).await {
            Ok(answer) => sql::decode_rows(&answer.as_string().unwrap_or_default()),
            Err(error) => Err(storage_error(&error)),
        }
    }
}

impl Kv for Worker {
    async fn get(&self, key: &str) -> Result<Option<Vec<u8>>, StorageError> {
        match bindings::kv_get(&self.env, KV_BINDING, key, KV_CACHE_SECONDS).await {
            Ok(value) if value.is_undefined() => Ok(None),
            Ok(value) => Ok(Some(Uint8Array::from(value).to_vec())),
            Err(error) => Err(StorageError::kv(message(&error))),
        }
    }

    async fn sha256(&self, bytes: &[u8]) -> String {
        // Below this the crossing costs more than it saves.
        if bytes.len() >= 16 * 1024
            && let Ok(digest) = bindings::sha256(bytes).await
        {
            return formats::hex::hex(&Uint8Array::from(digest).to_vec());
        }
        ::pack::sha256_hex(bytes)
    }
}

impl Events for Worker {
    fn emit(&self, line: &str) {
        bindings::log(line);
    }
}

impl Variables for Worker {
    async fn variable(&self, name: &str) -> Result<Option<String>, StorageError> {
        Ok(bindings::variable(&self.env, name))
    }
}

/// What `askObject` threw: the object's text, and the status that it came with.
fn storage_error(error: &JsValue) -> StorageError {
    let status = js_sys::Reflect::get(error, &"status".into()).ok().and_then(|status| status.as_f64());
    let fault = if status == Some(f64::from(sql::NEWER)) { StorageFault::Newer } else { StorageFault::Unavailable };
    StorageError { fault, ..StorageError::sql(message(error)) }
}

fn message(error: &JsValue) -> String {
    js_sys::Reflect::get(error, &"message".into()).ok().and_then(|m| m.as_string()).unwrap_or_default()
}
