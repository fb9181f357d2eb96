//! `trace-verify` itself, on the native platform, behind a socket of this machine, with the store that `publish --spin`
//! writes. It ends with the test.
#![allow(dead_code, clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::io::Write as _;
use std::net::TcpListener;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use shared::platform::native::{self, Native};
use trace_verify::handler::TraceVerify;
use trace_verify::store;

use crate::edge;

/// Starts it with the variables of a file of `keys export-env`, and returns its URL. What it is given later it does not
/// know, as a deployment.
pub fn serve(vars: &str, kv: &Path) -> String {
    serve_with(vars, kv, "")
}

/// The same, with a database that `sql` fills.
pub fn serve_with(vars: &str, kv: &Path, sql: &str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let host = listener.local_addr().unwrap().to_string();
    let (vars, kv, sql, hosts) = (vars.to_owned(), kv.to_owned(), sql.to_owned(), format!("{host},localhost:8787"));
    std::thread::spawn(move || {
        let mut native = Native::new(store::SCHEMA).unwrap();
        native.variables = edge::variables(&vars);
        native.variables.entry("TRACE_HOSTS".into()).or_insert(hosts);
        native.sql.execute_batch(&sql).unwrap();
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let (head, headers, body) = edge::request(&mut stream);
            native.headers = headers;
            native.kv.replace(stored(&kv));
            native.now_ms.set(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis().try_into().unwrap());
            let answer = native::handle::<TraceVerify>(&mut native, &head, body).ours().unwrap();
            stream.write_all(&edge::wire(&answer)).unwrap();
        }
    });
    format!("http://{host}")
}

fn stored(kv: &Path) -> BTreeMap<String, Vec<u8>> {
    let Ok(database) = rusqlite::Connection::open(kv) else { return BTreeMap::new() };
    let Ok(mut statement) = database.prepare("SELECT key, value FROM spin_key_value") else { return BTreeMap::new() };
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    rows.map(Result::unwrap).collect()
}
