//! The native platform: the same ports on rusqlite, a map and an injected clock. For tests; nothing here serves the
//! public.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::path::Path;

use formats::origin::Origin;
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, ToSql, params_from_iter};

use super::{
    Allowance, Answer, Clock, Entropy, Events, Forward, ForwardRequest, Forwarded, Kv, Limiter, MAX_ROWS, Onward,
    Outbound, OutboundError, OutboundRequest, OutboundResponse, Peer, Place, Row, Schema, Signals, Sql, Statement,
    StorageError, Value, Variables, Wake, Waking, may_send,
};
use crate::function::{self, Function};
use crate::http::{Head, Headers};
use crate::policy::Packs;

/// What stands for the network.
pub type Network = Box<dyn Fn(OutboundRequest) -> Result<OutboundResponse, OutboundError>>;

/// What stands for the origins behind [`Forward`]; bodies are whole here.
pub type Upstream = Box<dyn Fn(ForwardRequest, Vec<u8>) -> Result<Forwarded<Vec<u8>>, OutboundError>>;

/// What stands for the limiters: a limiter's name and a key in.
pub type Limits = Box<dyn Fn(&str, &str) -> Allowance>;

/// All ports, in memory.
pub struct Native {
    /// The clock, in milliseconds since the epoch.
    pub now_ms: Cell<i64>,
    /// State of the generator of ids (SplitMix64): seeded, so a run can be repeated.
    pub seed: Cell<u64>,
    /// Configuration.
    pub variables: BTreeMap<String, String>,
    /// The key-value store.
    pub kv: RefCell<BTreeMap<String, Vec<u8>>>,
    /// The database of all shards.
    pub sql: Connection,
    /// Whether its schema is what this build needs: if not, the error that every statement answers.
    schema: Result<(), StorageError>,
    /// What `emit` was given.
    pub events: RefCell<Vec<String>>,
    /// All header fields of the request.
    pub headers: Headers,
    /// Where the client is.
    pub place: Option<Place>,
    /// What is known of its connection.
    pub signals: Signals,
    /// Where it may send.
    pub origins: Vec<Origin>,
    /// What it sends to.
    pub network: Network,
    /// Where it forwards to.
    pub upstream: Upstream,
    /// Its limiters; none by default.
    pub limits: Limits,
    /// When each shard is to be woken, in milliseconds since the epoch; nothing if this host is to have no alarms.
    pub wakes: RefCell<Option<BTreeMap<String, i64>>>,
    /// What this instance knows of packs: put a new one for a new instance.
    pub packs: Packs,
    /// Makes the key-value store fail.
    pub kv_down: Cell<bool>,
    /// Makes the database fail.
    pub sql_down: Cell<bool>,
}

impl Native {
    /// An empty store with a function's tables.
    ///
    /// # Errors
    /// [`StorageError`].
    pub fn new(schema: Schema) -> Result<Native, StorageError> {
        Native::on(Connection::open_in_memory().map_err(fault)?, schema)
    }

    /// On the database in a file, which is brought to what this build needs, or left alone if it is newer.
    ///
    /// # Errors
    /// [`StorageError`], but for a newer one.
    pub fn open(file: &Path, schema: Schema) -> Result<Native, StorageError> {
        Native::on(Connection::open(file).map_err(fault)?, schema)
    }

    fn on(sql: Connection, schema: Schema) -> Result<Native, StorageError> {
        let schema = match prepare(&sql, schema) {
            Err(error) if !error.is_newer() => return Err(error),
            told => told,
        };
        Ok(Native {
            now_ms: Cell::new(0),
            seed: Cell::new(0),
            variables: BTreeMap::new(),
            kv: RefCell::default(),
            sql,
            schema,
            events: RefCell::default(),
            headers: Headers::default(),
            place: None,
            signals: Signals::default(),
            origins: Vec::new(),
            network: Box::new(|_| Err(OutboundError::Transport)),
            upstream: Box::new(|_, _| Err(OutboundError::Transport)),
            limits: Box::new(|_, _| Allowance::Unknown),
            wakes: RefCell::new(Some(BTreeMap::new())),
            packs: Packs::new(),
            kv_down: Cell::new(false),
            sql_down: Cell::new(false),
        })
    }

    /// The shards that are to be woken by now, each forgotten as it is returned: a test calls the function's handler
    /// for each.
    pub fn due(&self) -> Vec<String> {
        let now = self.now_ms.get();
        let Some(wakes) = &mut *self.wakes.borrow_mut() else { return Vec::new() };
        wakes.extract_if(.., |_, at| *at <= now).map(|(shard, _)| shard).collect()
    }
}

/// Brings a database to what a function needs.
///
/// # Errors
/// [`StorageError`]; it is as it was.
pub fn prepare(database: &Connection, schema: Schema) -> Result<(), StorageError> {
    let run = async |statement: &str| rows(database, statement, &[]);
    block_on(async {
        if schema.applied(run).await? < schema.latest() { schema.advance_locked(run).await } else { Ok(()) }
    })
}

impl Clock for Native {
    fn now_ms(&self) -> i64 {
        self.now_ms.get()
    }
}

impl Entropy for Native {
    fn fill(&self, bytes: &mut [u8]) {
        for byte in bytes {
            let state = self.seed.get().wrapping_add(0x9e37_79b9_7f4a_7c15);
            self.seed.set(state);
            let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            // One step for each: other hosts of tests are asked for bytes one by one.
            *byte = (mixed ^ (mixed >> 31)).to_le_bytes()[0];
        }
    }
}

impl Peer for Native {
    fn headers(&self) -> Headers {
        self.headers.clone()
    }

    fn client_addr<'h>(&self, headers: &'h Headers) -> Option<&'h str> {
        headers.get("x-native-client-addr")
    }

    fn place(&self) -> Option<Place> {
        self.place.clone()
    }

    fn signals(&self) -> Signals {
        self.signals.clone()
    }
}

impl Sql for Native {
    async fn query(&self, _shard: &str, statement: &Statement, params: &[Value]) -> Result<Vec<Row>, StorageError> {
        if self.sql_down.get() {
            return Err(StorageError::sql("database is down"));
        }
        self.schema.clone()?;
        rows(&self.sql, statement.sql, params)
    }
}

pub(super) fn rows(database: &Connection, statement: &str, params: &[Value]) -> Result<Vec<Row>, StorageError> {
    let mut prepared = database.prepare_cached(statement).map_err(fault)?;
    let columns = prepared.column_count();
    let mut cursor = prepared.query(params_from_iter(params)).map_err(fault)?;
    let mut rows = Vec::new();
    while let Some(row) = cursor.next().map_err(fault)? {
        if rows.len() == MAX_ROWS {
            return Err(StorageError::sql(format!("more than {MAX_ROWS} rows")));
        }
        let values = (0..columns).map(|i| column(row.get_ref(i).map_err(fault)?));
        rows.push(Row(values.collect::<Result<_, _>>()?));
    }
    Ok(rows)
}

impl ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Value::Null => ValueRef::Null,
            Value::Integer(n) => ValueRef::Integer(*n),
            Value::Text(text) => ValueRef::Text(text.as_bytes()),
        }))
    }
}

fn column(value: ValueRef<'_>) -> Result<Value, StorageError> {
    match value {
        ValueRef::Null => Ok(Value::Null),
        ValueRef::Integer(n) => Ok(Value::Integer(n)),
        ValueRef::Text(text) => Ok(Value::Text(String::from_utf8_lossy(text).into_owned())),
        ValueRef::Real(_) | ValueRef::Blob(_) => Err(StorageError::sql("neither integer, text nor null")),
    }
}

impl Kv for Native {
    async fn get(&self, key: &str) -> Result<Option<Vec<u8>>, StorageError> {
        if self.kv_down.get() {
            return Err(StorageError::kv("key-value store is down"));
        }
        Ok(self.kv.borrow().get(key).cloned())
    }
}

impl Outbound for Native {
    async fn send(&self, request: OutboundRequest) -> Result<OutboundResponse, OutboundError> {
        if may_send(&request.url, &self.origins) { (self.network)(request) } else { Err(OutboundError::Refused) }
    }
}

impl Forward for Native {
    type Body = Vec<u8>;
    type Stream = Vec<u8>;

    async fn forward(
        &self,
        request: ForwardRequest,
        body: Onward<Vec<u8>>,
    ) -> Result<Forwarded<Vec<u8>>, OutboundError> {
        if !may_send(&request.url, &self.origins) {
            return Err(OutboundError::Refused);
        }
        let (Onward::Stream(body) | Onward::Whole(body)) = body;
        let body = if request.has_body() { body } else { Vec::new() };
        let headers = request.fields();
        (self.upstream)(ForwardRequest { headers, ..request }, body)
    }
}

impl Limiter for Native {
    async fn limit(&self, name: &str, key: &str) -> Allowance {
        (self.limits)(name, key)
    }
}

impl Wake for Native {
    async fn wake_at(&self, shard: &str, at_ms: i64) -> Result<Waking, StorageError> {
        if self.sql_down.get() {
            return Err(StorageError::sql("database is down"));
        }
        let Some(wakes) = &mut *self.wakes.borrow_mut() else { return Ok(Waking::Unsupported) };
        wakes.entry(shard.to_owned()).and_modify(|at| *at = at_ms.min(*at)).or_insert(at_ms);
        Ok(Waking::Set)
    }
}

impl Events for Native {
    fn emit(&self, line: &str) {
        self.events.borrow_mut().push(line.to_owned());
    }
}

impl Variables for Native {
    async fn variable(&self, name: &str) -> Result<Option<String>, StorageError> {
        Ok(self.variables.get(name).cloned())
    }
}

fn fault(error: rusqlite::Error) -> StorageError {
    StorageError::sql(error.to_string())
}

/// A function's answer, with the configuration read anew. What is left to do then is done before this returns.
pub fn handle<F: Function>(host: &mut Native, head: &Head, body: Vec<u8>) -> Answer<Vec<u8>> {
    block_on(async {
        let config = F::configure(host).await;
        host.origins = config.as_ref().map(F::origins).unwrap_or_default();
        let handled = function::handle::<F, _>(host, config.as_ref(), &host.packs, head, body).await;
        if let Ok(config) = &config {
            function::finish::<F, _>(host, config, &host.packs, handled.later).await;
        }
        handled.answer
    })
}

/// Runs a future that never waits for another task: all of this module's are of that kind.
pub fn block_on<T>(future: impl Future<Output = T>) -> T {
    let mut future = std::pin::pin!(future);
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    loop {
        if let std::task::Poll::Ready(value) = future.as_mut().poll(&mut context) {
            return value;
        }
        std::thread::yield_now();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chunks::{self, ChunkError};
    use crate::platform::LargeError;

    fn native() -> Native {
        Native::new(Schema::NONE).unwrap()
    }

    #[test]
    fn large_values_are_read_from_chunks_or_whole() {
        let native = native();
        let value: Vec<u8> = (0..2_000_000_u32).map(|n| (n % 251) as u8).collect();
        for (key, bytes) in chunks::write("large", &value, chunks::SMALL).unwrap() {
            native.kv.borrow_mut().insert(key, bytes);
        }
        native.kv.borrow_mut().insert("small".to_owned(), b"as it is".to_vec());
        assert_eq!(native.kv.borrow().len(), 6);
        assert_eq!(block_on(native.get_large("large", value.len())), Ok(Some(value)));
        assert_eq!(block_on(native.get_large("small", 8)), Ok(Some(b"as it is".to_vec())));
        assert_eq!(block_on(native.get_large("absent", 8)), Ok(None));
        let too_large = |bytes| Err(LargeError::Chunks(ChunkError::TooLarge { bytes }));
        assert_eq!(block_on(native.get_large("large", 1_999_999)), too_large(2_000_000));
        assert_eq!(block_on(native.get_large("small", 7)), too_large(8));
        let chunk = native.kv.borrow().keys().find(|key| key.ends_with("/2")).cloned().unwrap();
        native.kv.borrow_mut().remove(&chunk);
        let torn = Err(LargeError::Chunks(ChunkError::Incomplete { chunk: 2 }));
        assert_eq!(block_on(native.get_large("large", 2_000_000)), torn);
        native.kv_down.set(true);
        assert!(matches!(block_on(native.get_large("large", 2_000_000)), Err(LargeError::Storage(_))));
    }

    #[test]
    fn the_earliest_wake_wins_and_fires_once() {
        let native = native();
        for (shard, at) in [("a", 50), ("a", 20), ("a", 30), ("b", 40)] {
            assert_eq!(block_on(native.wake_at(shard, at)), Ok(Waking::Set));
        }
        native.now_ms.set(19);
        assert!(native.due().is_empty());
        native.now_ms.set(20);
        assert_eq!(native.due(), ["a"]);
        native.now_ms.set(60);
        assert_eq!(native.due(), ["b"]);
        *native.wakes.borrow_mut() = None;
        assert_eq!(block_on(native.wake_at("a", 1)), Ok(Waking::Unsupported));
    }

    #[test]
    fn only_allowed_origins_see_a_forwarded_request() {
        let mut native = native();
        native.origins = vec![Origin::parse("https://shop.example").unwrap()];
        native.upstream = Box::new(|request, body| Forwarded::whole(200, request.headers, body));
        let request = |url: &str| {
            let mut headers = Headers::default();
            headers.push("host", "edge.example");
            headers.push("cookie", "a=b");
            ForwardRequest {
                method: http::Method::POST,
                url: url.to_owned(),
                headers,
                head_timeout_ms: 1,
                websocket: false,
            }
        };
        let answer =
            block_on(native.forward(request("https://shop.example/x"), Onward::Stream(b"body".to_vec()))).unwrap();
        assert_eq!((answer.status, answer.headers.as_block()), (200, "cookie\na=b\n"));
        assert_eq!(answer.into_body(), b"body");
        let refused = block_on(native.forward(request("https://other.example/x"), Onward::Whole(Vec::new())));
        assert_eq!(refused.err(), Some(OutboundError::Refused));
        assert_eq!(block_on(native.limit("any", "key")), Allowance::Unknown);
    }
}
