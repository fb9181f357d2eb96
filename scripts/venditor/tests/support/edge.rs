//! `instant-refund` itself, on the native platform, behind a socket of this machine. It ends with the test.
#![allow(dead_code, clippy::unwrap_used)]

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc;
use std::thread;
use std::time::{SystemTime, UNIX_EPOCH};

use gateways::Gateways;
use gateways::keys::Keys;
use gateways::server::Server;
use http::Method;
use instant_refund::config::Config;
use instant_refund::handler::InstantRefund;
use instant_refund::store;
use shared::function;
use shared::http::{Head, Headers, Response, Target};
use shared::platform::native::{Native, block_on};
use shared::platform::{OutboundError, OutboundRequest, OutboundResponse};

/// Serves it with the variables of a file of `keys export-env`, and returns its URL. `sql` fills its database.
pub fn serve(vars: &str, sql: &str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let authority = listener.local_addr().unwrap().to_string();
    let (vars, sql, host) = (vars.to_owned(), sql.to_owned(), authority.clone());
    let (ready, is_ready) = mpsc::channel();
    thread::spawn(move || {
        let mut native = Native::new(store::SCHEMA).unwrap();
        native.variables = variables(&vars);
        native.variables.insert("REFUND_NOTIFY_ORIGIN".into(), format!("http://{host}"));
        // What is not signed for this very place is not believed, unless the file says another.
        native.variables.entry("REFUND_AUTHORITIES".into()).or_insert(host);
        native.sql.execute_batch(&sql).unwrap();
        let config = block_on(Config::read(&native)).unwrap();
        native.origins = config.origins.clone();
        native.network = Box::new(network);
        ready.send(()).unwrap();
        for stream in listener.incoming() {
            answer(stream.unwrap(), &mut native, &config);
        }
    });
    is_ready.recv().unwrap();
    format!("http://{authority}")
}

/// The test gateways on a port of this machine; they end with the test. Returns the variables that point at them.
pub fn gateways() -> String {
    let keys = Keys::from_seed(1, 2048);
    let credentials = keys.credentials();
    let server = Server::start(Gateways::new(keys), 0).unwrap();
    let lines = credentials.iter().map(|(name, json)| format!("{name}='{json}'\n{name}_ORIGIN={}\n", server.origin()));
    lines.collect()
}

/// What the function sends to: loopback.
fn network(request: OutboundRequest) -> Result<OutboundResponse, OutboundError> {
    let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).proxy(None).build().into();
    let mut out = http::Request::builder().method(request.method.clone()).uri(&request.url);
    for (name, value) in &request.headers {
        out = out.header(*name, value);
    }
    let sent = if request.body.is_empty() {
        agent.run(out.body(()).unwrap())
    } else {
        agent.run(out.body(request.body).unwrap())
    };
    let mut answer = sent.map_err(|_| OutboundError::Transport)?;
    let mut headers = Headers::default();
    for (name, value) in answer.headers() {
        headers.push(name.as_str(), value.to_str().unwrap());
    }
    let body = answer.body_mut().read_to_vec().map_err(|_| OutboundError::Transport)?;
    Ok(OutboundResponse { status: answer.status().as_u16(), headers, body })
}

/// `NAME="value"`, `name = 'value'`: both hosts' files.
pub fn variables(text: &str) -> std::collections::BTreeMap<String, String> {
    text.lines()
        .map(|line| {
            let (name, value) = line.split_once('=').unwrap();
            (name.trim().to_uppercase(), value.trim().trim_matches(['"', '\'']).to_owned())
        })
        .collect()
}

fn answer(mut stream: TcpStream, native: &mut Native, config: &Config) {
    let (head, headers, body) = request(&mut stream);
    native.headers = headers;
    native.now_ms.set(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis().try_into().unwrap());
    let answer = block_on(function::handle::<InstantRefund, _>(native, Ok(config), &native.packs, &head, body))
        .answer
        .ours()
        .unwrap();
    stream.write_all(&wire(&answer)).unwrap();
}

pub fn request(stream: &mut TcpStream) -> (Head, Headers, Vec<u8>) {
    let mut bytes = Vec::new();
    let mut buffer = [0; 65536];
    let end = loop {
        let read = stream.read(&mut buffer).unwrap();
        assert!(read > 0, "the request ended early");
        bytes.extend_from_slice(&buffer[..read]);
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break end;
        }
    };
    let text = String::from_utf8(bytes[..end].to_vec()).unwrap();
    let mut lines = text.lines();
    let first: Vec<&str> = lines.next().unwrap().split(' ').collect();
    let mut headers = Headers::default();
    for (name, value) in lines.filter_map(|line| line.split_once(':')) {
        headers.push(&name.to_ascii_lowercase(), value.trim());
    }
    let length = headers.get("content-length").map_or(0, |length| length.parse().unwrap());
    let mut body = bytes[end + 4..].to_vec();
    while body.len() < length {
        let read = stream.read(&mut buffer).unwrap();
        body.extend_from_slice(&buffer[..read]);
    }
    let field = |name: &str| headers.get(name).unwrap_or_default().to_owned();
    let head = Head {
        method: Method::from_bytes(first[0].as_bytes()).unwrap(),
        target: Target::new(&field("host"), first[1]),
        accept: field("accept"),
        accept_language: field("accept-language"),
        ..Head::default()
    };
    (head, headers, body)
}

pub fn wire(answer: &Response) -> Vec<u8> {
    let mut text =
        format!("HTTP/1.1 {}\r\nconnection: close\r\ncontent-length: {}\r\n", answer.status, answer.body.len());
    for (name, value) in answer.headers() {
        text += &format!("{name}: {value}\r\n");
    }
    [text.as_bytes(), b"\r\n", &answer.body].concat()
}
