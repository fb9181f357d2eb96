//! SQL on Workers: the two ends of one round trip. The client encodes one statement; a generic Durable Object, one
//! per shard, runs it and answers its rows. It knows no table: the function's schema is given to it once.
//!
//! Wire: request `{"sql": "…", "params": […]}`, answer `[[…], …]`; INTEGER is a JSON number within ±2^53, TEXT a
//! string, NULL null. Only this script's own Workers can reach the object.

use serde::{Deserialize, Serialize};
use worker::{Request, Response, SqlStorageValue, State};

use super::super::{MAX_ROWS, Row, Schema, Statement, StorageError, Value};

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
    let rows: Vec<Vec<serde_json::Value>> =
        serde_json::from_str(answer).map_err(|_| StorageError::sql("rows expected"))?;
    let value = |value| match value {
        serde_json::Value::Null => Ok(Value::Null),
        serde_json::Value::String(text) => Ok(Value::Text(text)),
        other => other.as_i64().map(Value::Integer).ok_or_else(|| StorageError::sql("not a column value")),
    };
    rows.into_iter().map(|row| row.into_iter().map(value).collect::<Result<_, _>>().map(Row)).collect()
}

/// What a function's Durable Object class holds; the class itself is declared at the function's entry point.
pub struct SqlObject {
    state: State,
    ready: Result<(), String>,
}

impl SqlObject {
    /// Creates the tables. `exec` is synchronous, so no request can come between.
    pub fn new(state: State, schema: Schema) -> SqlObject {
        let sql = state.storage().sql();
        let ready =
            schema.iter().try_for_each(|statement| sql.exec(statement, None).map(drop).map_err(|e| e.to_string()));
        SqlObject { state, ready }
    }

    /// Runs one statement and answers its rows.
    pub async fn call(&self, mut request: Request) -> worker::Result<Response> {
        let call: Call = serde_json::from_str(&request.text().await?)?;
        match self.run(call) {
            Ok(rows) => Response::ok(serde_json::to_string(&rows)?),
            Err(error) => Response::error(error, 500),
        }
    }

    fn run(&self, call: Call) -> Result<Vec<Vec<serde_json::Value>>, String> {
        self.ready.clone()?;
        let params = call.params.into_iter().map(bind).collect::<Result<Vec<_>, _>>()?;
        let cursor = self.state.storage().sql().exec(&call.sql, params).map_err(|e| e.to_string())?;
        let mut rows = Vec::new();
        for row in cursor.raw() {
            if rows.len() == MAX_ROWS {
                return Err(format!("more than {MAX_ROWS} rows"));
            }
            rows.push(row.map_err(|e| e.to_string())?.into_iter().map(column).collect::<Result<_, _>>()?);
        }
        Ok(rows)
    }
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
