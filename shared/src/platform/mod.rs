//! The ports: everything that a function asks of its host. Only the three modules below (`workers`, `spin`, `native`)
//! know one.
//!
//! Each port has a few methods and no business meaning. A function's handler is generic over [`Host`], is written once,
//! and runs unchanged on Workers, Spin and natively.

mod forward;
mod limiter;
#[cfg(not(target_arch = "wasm32"))]
pub mod native;
mod schema;
mod signals;
#[cfg(target_os = "wasi")]
pub mod spin;
mod wake;
#[cfg(all(target_arch = "wasm32", target_os = "unknown"))]
pub mod workers;

use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;

use formats::chunks::{Assembly, ChunkError, Manifest};
use formats::origin::Origin;

pub use forward::{Answer, Forward, ForwardRequest, Forwarded, IDLE_MS, Onward, wants_websocket};
pub use limiter::{Allowance, Limiter};
pub use schema::{Schema, Step};
pub use signals::Signals;
pub use wake::{Wake, Waking};

/// Half the cost of the standard library's allocator here: a request makes some hundred small allocations, twenty of
/// them by the host's hand.
#[cfg(target_arch = "wasm32")]
#[global_allocator]
static ALLOCATOR: talc::wasm::WasmDynamicTalc = talc::wasm::new_wasm_dynamic_allocator();

/// The wall clock.
pub trait Clock {
    /// Milliseconds since the epoch, UTC. On Workers it stands still between I/O.
    fn now_ms(&self) -> i64;

    /// Waits for so many milliseconds. A clock that is injected never gets there by itself.
    fn wait_ms(&self, _ms: u32) -> impl Future<Output = ()> {
        std::future::pending()
    }
}

/// Runs `work` for at most so many milliseconds; `None` if that was not enough. Work that is dropped may still take
/// effect.
pub async fn within<T>(clock: &impl Clock, limit_ms: u32, work: impl Future<Output = T>) -> Option<T> {
    first(work, clock.wait_ms(limit_ms)).await
}

/// What `work` comes to, unless the timer ends before.
async fn first<T>(work: impl Future<Output = T>, timer: impl Future<Output = ()>) -> Option<T> {
    let (mut work, mut timer) = (pin!(work), pin!(timer));
    poll_fn(|context| match work.as_mut().poll(context) {
        Poll::Ready(done) => Poll::Ready(Some(done)),
        Poll::Pending => timer.as_mut().poll(context).map(|()| None),
    })
    .await
}

/// Entropy for ids. Fills the buffer from the host's cryptographic generator.
pub trait Entropy {
    /// Fills `bytes`.
    fn fill(&self, bytes: &mut [u8]);
}

/// Where a request came from, as far as the host knows. Absent is *unknown*, never a score.
pub trait Peer {
    /// All header fields of the request.
    fn headers(&self) -> crate::http::Headers;
    /// The client's address without a port, from the header that the host itself sets: `CF-Connecting-IP` on Workers,
    /// the last `spin-client-addr` (the nearest hop) on Spin.
    fn client_addr<'h>(&self, headers: &'h crate::http::Headers) -> Option<&'h str>;
    /// Whether [`Peer::client_addr`] may be a proxy of the deployment's own. Not on Workers, whose edge names the client.
    fn behind_proxies(&self) -> bool {
        true
    }
    /// Coarse place; nothing finer than a city ever leaves this port.
    fn place(&self) -> Option<Place>;
    /// What the host knows of the connection: on Workers from `request.cf`, read when this is called; Spin knows nothing.
    fn signals(&self) -> Signals {
        Signals::default()
    }
}

/// A city-level place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// ISO 3166-1 alpha-2.
    pub country: String,
    /// The first division of the country (ISO 3166-2 without the country, or its name), if known: a province of China.
    pub region: Option<String>,
    /// Name of the city, if known.
    pub city: Option<String>,
}

/// SQL on SQLite, one statement a call. **Invariant: each statement is atomic by itself, and no correctness rests on
/// two.** `shard` picks one Durable Object on Workers; Spin and native keep all shards in one database, so a statement
/// names its keys itself.
pub trait Sql {
    /// Runs one statement; `?1`, `?2`, … are bound in order. Every row that it returns, at most [`MAX_ROWS`].
    fn query(
        &self,
        shard: &str,
        statement: &Statement,
        params: &[Value],
    ) -> impl Future<Output = Result<Vec<Row>, StorageError>>;
}

/// Most rows that one statement may return.
pub const MAX_ROWS: usize = 1000;

/// One SQL statement of a function's `store.rs`.
#[derive(Clone, Copy, Debug)]
pub struct Statement {
    /// Its text. The same on all three engines.
    pub sql: &'static str,
}

/// A bound parameter or a column. Integers stay within ±2^53: they cross JavaScript as doubles.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// NULL.
    Null,
    /// INTEGER.
    Integer(i64),
    /// TEXT.
    Text(String),
}

impl From<i64> for Value {
    fn from(value: i64) -> Value {
        Value::Integer(value)
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Value {
        Value::Text(value.to_owned())
    }
}

impl From<Option<&str>> for Value {
    fn from(value: Option<&str>) -> Value {
        value.map_or(Value::Null, Value::from)
    }
}

/// A row of a result, by column position.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Row(pub Vec<Value>);

impl Row {
    /// An INTEGER column.
    pub fn integer(&self, column: usize) -> Option<i64> {
        match self.0.get(column) {
            Some(Value::Integer(value)) => Some(*value),
            _ => None,
        }
    }

    /// A TEXT column.
    pub fn text(&self, column: usize) -> Option<&str> {
        match self.0.get(column) {
            Some(Value::Text(value)) => Some(value),
            _ => None,
        }
    }
}

/// Read-mostly blobs. **Invariant: key-value stores never decide anything that must happen once**; there is no write.
pub trait Kv {
    /// The value of a key, or `None`.
    fn get(&self, key: &str) -> impl Future<Output = Result<Option<Vec<u8>>, StorageError>>;

    /// The value of a key, or `None`, where the value may have been written in chunks ([`crate::chunks`]): for
    /// megabytes, on stores whose own values are small. Chunks are read one after another; at most `max_bytes` are
    /// held, and what comes back has the digest that its manifest names. A value without a manifest comes as it is.
    ///
    /// A publication half done is [`LargeError::Chunks`] with [`ChunkError::Incomplete`], never a mixture; on Workers,
    /// which remembers for a minute that a key was absent, a chunk read too early stays absent for that long.
    fn get_large(&self, key: &str, max_bytes: usize) -> impl Future<Output = Result<Option<Vec<u8>>, LargeError>> {
        async move {
            let Some(stored) = self.get(key).await? else { return Ok(None) };
            let Some(manifest) = Manifest::read(&stored)? else {
                let bytes = stored.len();
                return if bytes > max_bytes { Err(ChunkError::TooLarge { bytes }.into()) } else { Ok(Some(stored)) };
            };
            Ok(Some(gather(self, manifest, max_bytes).await?.finish()?))
        }
    }

    /// The value of a key, or `None`, for a caller that knows its length and verifies it; it may have been written in
    /// chunks, whose manifest's digest is not looked at.
    fn get_unverified(&self, key: &str, bytes: usize) -> impl Future<Output = Result<Option<Vec<u8>>, LargeError>> {
        async move {
            let Some(stored) = self.get(key).await? else { return Ok(None) };
            let value = match Manifest::read(&stored)? {
                None => stored,
                Some(manifest) => gather(self, manifest, bytes).await?.unverified()?,
            };
            if value.len() == bytes { Ok(Some(value)) } else { Err(ChunkError::Corrupt.into()) }
        }
    }

    /// The SHA-256 of bytes, 64 lower-case hex digits; by the host where that is faster.
    fn sha256(&self, bytes: &[u8]) -> impl Future<Output = String> {
        async move { ::pack::sha256_hex(bytes) }
    }
}

/// Reads the chunks of a value, one after another.
async fn gather(store: &(impl Kv + ?Sized), manifest: Manifest, max_bytes: usize) -> Result<Assembly, LargeError> {
    let mut assembly = manifest.assemble(max_bytes)?;
    while let Some(key) = assembly.wants() {
        assembly.add(store.get(&key).await?.as_deref())?;
    }
    Ok(assembly)
}

/// Why [`Kv::get_large`] has no value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LargeError {
    /// The store does not answer.
    Storage(StorageError),
    /// What lies there is not whole, not allowed or not what it says it is.
    Chunks(ChunkError),
}

impl From<StorageError> for LargeError {
    fn from(error: StorageError) -> LargeError {
        LargeError::Storage(error)
    }
}

impl From<ChunkError> for LargeError {
    fn from(error: ChunkError) -> LargeError {
        LargeError::Chunks(error)
    }
}

impl fmt::Display for LargeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LargeError::Storage(error) => error.fmt(f),
            LargeError::Chunks(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for LargeError {}

/// HTTP to hosts that the deployment names.
pub trait Outbound {
    /// Sends one request and reads the whole answer, within its bounds.
    fn send(&self, request: OutboundRequest) -> impl Future<Output = Result<OutboundResponse, OutboundError>>;
}

/// A request to send.
#[derive(Clone, Debug)]
pub struct OutboundRequest {
    /// Method.
    pub method: http::Method,
    /// Absolute URL.
    pub url: String,
    /// Headers, names in lower case.
    pub headers: Vec<(&'static str, String)>,
    /// Body.
    pub body: Vec<u8>,
    /// Give up after so many milliseconds: the limit of the whole exchange, from the connection to the last byte of
    /// the answer.
    pub timeout_ms: u32,
    /// Refuse an answer with more bytes.
    pub max_bytes: usize,
}

/// An answer received.
#[derive(Clone, Debug)]
pub struct OutboundResponse {
    /// Status code.
    pub status: u16,
    /// Headers.
    pub headers: crate::http::Headers,
    /// Body.
    pub body: Vec<u8>,
}

/// Why there is no answer. What was sent may have arrived all the same, save for [`OutboundError::Refused`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OutboundError {
    /// Not sent: the host is not one that the deployment allows, or the URL is malformed.
    Refused,
    /// No answer in time, or not all of it.
    Timeout,
    /// Connection or protocol fault.
    Transport,
    /// More bytes than allowed.
    TooLarge,
}

/// Whether a URL lies at one of these origins.
#[cfg_attr(target_os = "wasi", allow(dead_code, reason = "Spin's manifest holds the list, and its host keeps it"))]
fn may_send(url: &str, origins: &[Origin]) -> bool {
    origins.iter().any(|origin| origin.permits(url))
}

/// Where event lines go.
pub trait Events {
    /// Writes one line.
    fn emit(&self, line: &str);
}

/// Named configuration values, plain and secret.
pub trait Variables {
    /// The value of a name as Workers spells it (`TRACE_HOSTS`); Spin looks it up in lower case.
    fn variable(&self, name: &str) -> impl Future<Output = Result<Option<String>, StorageError>>;
}

/// All ports together.
pub trait Host: Clock + Entropy + Peer + Sql + Kv + Outbound + Forward + Limiter + Wake + Events {}
impl<T: Clock + Entropy + Peer + Sql + Kv + Outbound + Forward + Limiter + Wake + Events> Host for T {}

/// In place of an origin's answer that the host does not take: a header field that a function has set wrongly.
#[cfg(target_arch = "wasm32")]
fn undeliverable() -> crate::http::Response {
    crate::http::Response::new(http::StatusCode::BAD_GATEWAY, crate::http::TEXT, Vec::new())
}

/// The answer to a request that a host delivers and `http` cannot express.
#[cfg(target_arch = "wasm32")]
fn unreadable_head() -> crate::http::Response {
    let detail = crate::problem::text("请求头过大或无法解析。", "The request head is too large or malformed.");
    crate::problem::Problem::new(&crate::problem::BAD_REQUEST, detail).response(crate::lang::Lang::default())
}

/// Why a store gave nothing. The text is for the operator's log, never for a caller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StorageError {
    /// Which store.
    pub port: StoragePort,
    /// What kind of fault.
    pub fault: StorageFault,
    /// What it said.
    pub message: String,
}

/// What kind of fault a store has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StorageFault {
    /// It does not answer, or answers with nonsense.
    Unavailable,
    /// A newer build wrote what it holds; this one neither read nor wrote it.
    Newer,
}

impl StorageFault {
    /// Its name in events.
    pub const fn name(self) -> &'static str {
        match self {
            StorageFault::Unavailable => "storage_unavailable",
            StorageFault::Newer => "database_newer",
        }
    }
}

/// A store, as the operator's log names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StoragePort {
    /// [`Sql`].
    Sql,
    /// [`Kv`].
    Kv,
    /// [`Variables`].
    Variables,
}

impl StoragePort {
    /// Its name in events.
    pub const fn name(self) -> &'static str {
        match self {
            StoragePort::Sql => "sql",
            StoragePort::Kv => "kv",
            StoragePort::Variables => "variables",
        }
    }
}

impl StorageError {
    /// Of the database.
    pub fn sql(message: impl Into<String>) -> StorageError {
        StorageError::unavailable(StoragePort::Sql, message)
    }

    /// Of the key-value store.
    pub fn kv(message: impl Into<String>) -> StorageError {
        StorageError::unavailable(StoragePort::Kv, message)
    }

    /// Of any store.
    pub fn unavailable(port: StoragePort, message: impl Into<String>) -> StorageError {
        StorageError { port, fault: StorageFault::Unavailable, message: message.into() }
    }

    /// Of a database, or a document in it, whose step or version is `found`, where this build knows `known` at most.
    pub fn newer(found: i64, known: i64) -> StorageError {
        let message = format!("stored by a newer build: {found}, and this one knows {known}");
        StorageError { port: StoragePort::Sql, fault: StorageFault::Newer, message }
    }

    /// Whether a newer build wrote what was asked for.
    pub fn is_newer(&self) -> bool {
        self.fault == StorageFault::Newer
    }

    /// Whether a statement was refused, whole, because another connection held the file for too long.
    pub fn is_locked(&self) -> bool {
        self.message.contains("database is locked")
    }
}

impl fmt::Display for StorageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.port.name(), self.message)
    }
}

impl std::error::Error for StorageError {}

#[cfg(test)]
mod tests {
    use super::{Origin, may_send};

    #[test]
    fn only_what_is_named_is_sent_to() {
        let origins =
            ["https://pay.example", "http://127.0.0.1:8100"].map(|text| Origin::parse(text).expect("an origin"));
        for good in ["https://pay.example/v3/x?y", "https://pay.example:443/", "http://127.0.0.1:8100/gateway.do"] {
            assert!(may_send(good, &origins), "{good}");
        }
        for bad in ["https://pay.example.evil/", "http://pay.example/", "http://127.0.0.1:8101/", ""] {
            assert!(!may_send(bad, &origins), "{bad}");
        }
        assert!(!may_send("https://pay.example/", &[]));
    }
}
