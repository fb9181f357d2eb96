//! SQL on Workers: the two ends of one round trip. The client encodes one statement; a generic Durable Object, one
//! per shard, runs it and answers its rows. It knows no table: the function's schema is given to it once.
//!
//! Wire: request `{"sql": "…", "params": […]}`, answer `[[…], …]`; INTEGER is a JSON number within ±2^53, TEXT a
//! string, NULL null. Only this script's own Workers can reach the object.

use std::cell::RefCell;
use std::future::Future;
use std::pin::pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use serde::{Deserialize, Serialize};
use wasm_bindgen::prelude::*;
use worker::{Method, Request, Response, SqlStorage, SqlStorageValue, State};

use super::super::{MAX_ROWS, Row, Schema, Statement, StorageError, Value};
use super::bindings;

#[derive(Serialize, Deserialize)]
struct Call {
    sql: String,
    params: Vec<serde_json::Value>,
}

pub(super) fn encode_call(statement: &Statement, params: &[Value]) -> String {
    let params = params
        .iter()
        .map(|value| match value {
            Value::Null => serde_json::Value::Null,
            Value::Integer(n) => (*n).into(),
            Value::Text(text) => text.as_str().into(),
        })
        .collect();
    serde_json::to_string(&Call { sql: statement.sql.to_owned(), params }).unwrap_or_default()
}

pub(super) fn decode_rows(answer: &str) -> Result<Vec<Row>, StorageError> {
    decode(serde_json::from_str(answer).map_err(|_| StorageError::sql("rows expected"))?)
}

fn decode(rows: Vec<Vec<serde_json::Value>>) -> Result<Vec<Row>, StorageError> {
    let value = |value| match value {
        serde_json::Value::Null => Ok(Value::Null),
        serde_json::Value::String(text) => Ok(Value::Text(text)),
        other => other.as_i64().map(Value::Integer).ok_or_else(|| StorageError::sql("not a column value")),
    };
    rows.into_iter().map(|row| row.into_iter().map(value).collect::<Result<_, _>>().map(Row)).collect()
}

/// What a function's Durable Object class holds; the class itself is declared at the function's entry point.
pub struct SqlObject {
    pub(super) state: State,
    pub(super) ready: Result<(), StorageError>,
}

impl SqlObject {
    /// Brings the tables to what this build needs, before the first request and all at once: `exec` is synchronous, so
    /// no request comes between, and `transactionSync` takes back what a failed step did.
    pub fn new(state: State, schema: Schema) -> SqlObject {
        let ready = prepare(&state, schema);
        SqlObject { state, ready }
    }

    /// Runs one statement and answers its rows, or sets the alarm. A database that is newer than this build answers
    /// [`NEWER`].
    pub async fn call(&self, mut request: Request) -> worker::Result<Response> {
        match &self.ready {
            Ok(()) => {}
            Err(error) if error.is_newer() => return Response::error(&error.message, NEWER),
            Err(error) => return Response::error(&error.message, 500),
        }
        if request.method() == Method::Put {
            return self.wake(request).await;
        }
        let call: Call = serde_json::from_str(&request.text().await?)?;
        match self.run(call) {
            Ok(rows) => Response::ok(serde_json::to_string(&rows)?),
            Err(error) => Response::error(error, 500),
        }
    }

    fn run(&self, call: Call) -> Result<Vec<Vec<serde_json::Value>>, String> {
        let params = call.params.into_iter().map(bind).collect::<Result<Vec<_>, _>>()?;
        rows(&self.state.storage().sql(), &call.sql, params)
    }
}

/// The status of a database that is newer than this build; every other fault is a 500.
pub(super) const NEWER: u16 = 503;

fn prepare(state: &State, schema: Schema) -> Result<(), StorageError> {
    let sql = state.storage().sql();
    if now(schema.applied(exec(&sql)))? == schema.latest() {
        return Ok(());
    }
    let outcome = Rc::new(RefCell::new(None));
    let told = Rc::clone(&outcome);
    let advance = Closure::once(move || -> Result<(), JsValue> {
        let done = now(schema.advance(exec(&sql)));
        let thrown = match &done {
            Ok(()) => Ok(()),
            Err(error) => Err(JsValue::from_str(&error.message)),
        };
        *told.borrow_mut() = Some(done);
        thrown
    });
    let thrown = bindings::transaction_sync(state.as_raw().as_ref(), &advance);
    match (outcome.take(), thrown) {
        (Some(Err(error)), _) => Err(error),
        (Some(Ok(())), Ok(())) => Ok(()),
        (_, thrown) => Err(StorageError::sql(format!("transactionSync: {thrown:?}"))),
    }
}

/// One statement without parameters.
fn exec(sql: &SqlStorage) -> impl AsyncFnMut(&str) -> Result<Vec<Row>, StorageError> {
    async |statement| {
        let rows = rows(sql, statement, Vec::new()).map_err(StorageError::sql)?;
        decode(rows)
    }
}

/// The outcome of what waits for nothing.
fn now<T>(work: impl Future<Output = Result<T, StorageError>>) -> Result<T, StorageError> {
    match pin!(work).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(outcome) => outcome,
        Poll::Pending => Err(StorageError::sql("a statement waits")),
    }
}

fn rows(
    sql: &SqlStorage,
    statement: &str,
    params: Vec<SqlStorageValue>,
) -> Result<Vec<Vec<serde_json::Value>>, String> {
    let cursor = sql.exec(statement, params).map_err(|e| e.to_string())?;
    let mut rows = Vec::new();
    for row in cursor.raw() {
        if rows.len() == MAX_ROWS {
            return Err(format!("more than {MAX_ROWS} rows"));
        }
        rows.push(row.map_err(|e| e.to_string())?.into_iter().map(column).collect::<Result<_, _>>()?);
    }
    Ok(rows)
}

fn bind(value: serde_json::Value) -> Result<SqlStorageValue, String> {
    match value {
        serde_json::Value::Null => Ok(SqlStorageValue::Null),
        serde_json::Value::String(text) => Ok(SqlStorageValue::String(text)),
        other => {
            let number = other.as_i64().ok_or("not a bindable value")?;
            SqlStorageValue::try_from_i64(number).map_err(|e| e.to_string())
        }
    }
}

fn column(value: SqlStorageValue) -> Result<serde_json::Value, String> {
    match value {
        SqlStorageValue::Null => Ok(serde_json::Value::Null),
        SqlStorageValue::String(text) => Ok(text.into()),
        SqlStorageValue::Integer(number) => Ok(number.into()),
        SqlStorageValue::Boolean(flag) => Ok(i64::from(flag).into()),
        SqlStorageValue::Float(number) if number.fract() == 0.0 && number.abs() <= 9_007_199_254_740_992.0 => {
            Ok((number as i64).into())
        }
        _ => Err("neither integer, text nor null".to_owned()),
    }
}
