//! The native platform, in process: the same handler on `shared::platform::native`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use http::Method;
use serde_json::Value;
use shared::http::{Head, Headers, Target};
use shared::platform::native::{Native, block_on};
use shared::platform::{self, Sql as _, Statement};

use super::{Conditions, Host, network};
use crate::client::Answer;
use crate::functions::Known;
use crate::vector::{Content, Port, Query, Request};
use crate::{Result, context};

pub struct InProcess {
    config: BTreeMap<String, String>,
    begun: Option<(&'static Known, Native)>,
    /// Where its databases are, if not in memory.
    state: Option<PathBuf>,
}

impl InProcess {
    pub fn new(config: &BTreeMap<String, Option<String>>) -> InProcess {
        let set = config.iter().filter_map(|(name, value)| Some((name.clone(), value.clone()?)));
        InProcess { config: set.collect(), begun: None, state: None }
    }

    /// On the databases in `work/state`, if it is there; they are called as on Spin.
    pub fn in_files(self, work: &Path) -> InProcess {
        InProcess { state: Some(work.join("state")).filter(|state| state.exists()), ..self }
    }

    fn take(&mut self, function: &'static Known, mut host: Native, kv: BTreeMap<String, Vec<u8>>) {
        host.variables = self.config.clone();
        host.kv = kv.into();
        host.network = Box::new(network::send);
        self.begun = Some((function, host));
    }

    fn host(&self) -> Result<&Native> {
        self.begun.as_ref().map(|(_, host)| host).ok_or_else(|| "not begun".to_owned())
    }
}

impl Host for InProcess {
    fn begin(&mut self, function: &'static Known, kv: BTreeMap<String, Vec<u8>>) -> Result<()> {
        let host = Native::new(function.schema).map_err(context("database"))?;
        self.take(function, host, kv);
        Ok(())
    }

    fn resume(&mut self, function: &'static Known, kv: BTreeMap<String, Vec<u8>>) -> Result<()> {
        let state = self.state.as_ref().ok_or("no state to resume")?;
        let file = state.join(format!("{}.sql.db", function.name));
        let host = Native::open(&file, function.schema).map_err(context(file.display()))?;
        self.take(function, host, kv);
        Ok(())
    }

    fn query(&mut self, query: &Query) -> Result<Vec<Vec<Value>>> {
        let params = query.params.iter().map(bind).collect::<Result<Vec<_>>>()?;
        // A vector's statements live as long as the process, as a function's do.
        let statement = Statement { sql: query.sql.clone().leak() };
        let rows = block_on(self.host()?.query(&query.shard, &statement, &params)).map_err(context(&query.sql))?;
        Ok(rows.into_iter().map(|row| row.0.into_iter().map(column).collect()).collect())
    }

    fn send(&mut self, request: &Request, conditions: &Conditions<'_>) -> Result<Answer> {
        let (function, host) = self.begun.as_mut().ok_or("not begun")?;
        host.now_ms.set(conditions.now);
        host.seed.set(conditions.seed);
        host.sql_down.set(conditions.fail.contains(&Port::Sql));
        host.kv_down.set(conditions.fail.contains(&Port::Kv));
        host.place = conditions.place.map(|p| platform::Place {
            country: p.country.clone(),
            region: p.region.clone(),
            city: p.city.clone(),
        });
        let mut headers = Headers::default();
        for (name, value) in super::head(request) {
            headers.push(&name.to_ascii_lowercase(), &value);
        }
        // What the other hosts see of a client on this machine.
        headers.push("x-native-client-addr", "127.0.0.1");
        let field = |name: &str| headers.get(name).unwrap_or_default().to_owned();
        let head = Head {
            method: Method::from_bytes(request.method.as_bytes()).map_err(context("method"))?,
            target: Target::new(&request.host, &request.target),
            accept: field("accept"),
            accept_language: field("accept-language"),
            request_id: field("x-request-id"),
            traceparent: field("traceparent"),
        };
        host.headers = headers;
        let body = request.body.as_ref().map(Content::bytes).transpose()?.unwrap_or_default();
        let owned = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
        Ok(match (function.answer)(host, &head, body) {
            platform::Answer::Ours(answer) => Answer {
                status: answer.status.as_u16(),
                headers: answer.headers().map(owned).collect(),
                body: answer.body,
            },
            platform::Answer::Origin(answer) => Answer {
                status: answer.status,
                headers: answer.headers.iter().map(owned).collect(),
                body: answer.into_body(),
            },
        })
    }
}

fn bind(value: &Value) -> Result<platform::Value> {
    match value {
        Value::Null => Ok(platform::Value::Null),
        Value::String(text) => Ok(platform::Value::Text(text.clone())),
        other => other.as_i64().map(platform::Value::Integer).ok_or_else(|| format!("{other} cannot be bound")),
    }
}

fn column(value: platform::Value) -> Value {
    match value {
        platform::Value::Null => Value::Null,
        platform::Value::Integer(number) => number.into(),
        platform::Value::Text(text) => text.into(),
    }
}
