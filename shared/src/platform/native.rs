//! The native room: the same ports on rusqlite, a map and an injected clock. For tests, simulators and the
//! operator's command line; nothing here serves the public.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, ToSql, params_from_iter};

use super::{
    Clock, Entropy, Events, Kv, MAX_ROWS, Outbound, OutboundError, OutboundRequest, OutboundResponse, Peer, Place, Row,
    Schema, Sql, Statement, StorageError, Value, Variables, may_send,
};
use crate::function::{self, Function};
use crate::http::{Head, Headers, Response};

/// What stands for the network.
pub type Network = Box<dyn Fn(OutboundRequest) -> Result<OutboundResponse, OutboundError>>;

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
    /// What `emit` was given.
    pub events: RefCell<Vec<String>>,
    /// All header fields of the request.
    pub headers: Headers,
    /// Where the client is.
    pub place: Option<Place>,
    /// Where it may send: origins, `https://host[:port]`.
    pub origins: Vec<String>,
    /// What it sends to.
    pub network: Network,
    /// Makes the key-value store fail.
    pub kv_down: Cell<bool>,
    /// Makes the database fail.
    pub sql_down: Cell<bool>,
}

impl Native {
    /// An empty store with a function's tables.
    pub fn new(schema: Schema) -> Result<Native, StorageError> {
        let sql = Connection::open_in_memory().map_err(fault)?;
        for statement in schema {
            sql.execute_batch(statement).map_err(fault)?;
        }
        Ok(Native {
            now_ms: Cell::new(0),
            seed: Cell::new(0),
            variables: BTreeMap::new(),
            kv: RefCell::default(),
            sql,
            events: RefCell::default(),
            headers: Headers::default(),
            place: None,
            origins: Vec::new(),
            network: Box::new(|_| Err(OutboundError::Transport)),
            kv_down: Cell::new(false),
            sql_down: Cell::new(false),
        })
    }
}

impl Clock for Native {
    fn now_ms(&self) -> i64 {
        self.now_ms.get()
    }
}

impl Entropy for Native {
    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            let state = self.seed.get().wrapping_add(0x9e37_79b9_7f4a_7c15);
            self.seed.set(state);
            let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            for (slot, byte) in chunk.iter_mut().zip((mixed ^ (mixed >> 31)).to_le_bytes()) {
                *slot = byte;
            }
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
}

impl Sql for Native {
    async fn query(&self, _shard: &str, statement: &Statement, params: &[Value]) -> Result<Vec<Row>, StorageError> {
        if self.sql_down.get() {
            return Err(StorageError::sql("database is down"));
        }
        let mut prepared = self.sql.prepare_cached(statement.sql).map_err(fault)?;
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

/// A function's answer, with the configuration read anew.
pub fn handle<F: Function>(host: &mut Native, head: &Head, body: Vec<u8>) -> Response {
    block_on(async {
        let config = F::configure(host).await;
        host.origins = config.as_ref().map(F::origins).unwrap_or_default();
        function::handle::<F, _>(host, config.as_ref(), head, body).await
    })
}

/// Runs a future that never waits for another task: all of this room's are of that kind.
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
