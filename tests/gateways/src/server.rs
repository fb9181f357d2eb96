//! The gateways on a loopback port: HTTP/1.1, a thread a connection, one lock around the books.
//!
//! `GET /_control/paid` lists what was really paid; `POST /_control/reset` forgets it; `POST
//! /_control/turn?gateway=…&key=…&to=closed|paid` takes a refund back, or pays it after all; `GET
//! /_control/notification?gateway=…&key=…&how=…` makes a notification, as JSON `{headers, body}` (base64).

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use crate::{Gateways, Reply, WireRequest};

/// A running server.
pub struct Server {
    pub address: SocketAddr,
    pub gateways: Arc<Mutex<Gateways>>,
    clock: Arc<AtomicI64>,
}

/// The real time, instead of a set one.
const REAL: i64 = i64::MIN;

impl Server {
    /// Listens on a port; 0 takes a free one.
    pub fn start(gateways: Gateways, port: u16) -> std::io::Result<Server> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))?;
        let server = Server {
            address: listener.local_addr()?,
            gateways: Arc::new(Mutex::new(gateways)),
            clock: Arc::new(AtomicI64::new(REAL)),
        };
        let (gateways, clock) = (server.gateways.clone(), server.clock.clone());
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (gateways, clock) = (gateways.clone(), clock.clone());
                std::thread::spawn(move || {
                    let _gone = serve(stream, &gateways, &clock);
                });
            }
        });
        Ok(server)
    }

    /// Sets the clock, in milliseconds since the epoch.
    pub fn set_now(&self, now: i64) {
        self.clock.store(now, Ordering::Relaxed);
    }

    /// The origin to configure.
    pub fn origin(&self) -> String {
        format!("http://{}", self.address)
    }
}

fn serve(stream: TcpStream, gateways: &Mutex<Gateways>, clock: &AtomicI64) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    while let Some(request) = read(&mut reader)? {
        let now = match clock.load(Ordering::Relaxed) {
            REAL => SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as i64),
            set => set,
        };
        let mut gateways = gateways.lock().unwrap_or_else(PoisonError::into_inner);
        let reply = if request.target.starts_with("/_control/") {
            control(&mut gateways, &request, now)
        } else {
            gateways.handle(now, &request)
        };
        drop(gateways);
        let Reply::Answer { status, headers, body } = reply else { return Ok(()) };
        let mut head = format!("HTTP/1.1 {status} X\r\ncontent-length: {}\r\n", body.len());
        for (name, value) in headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head.push_str("\r\n");
        let mut stream = &stream;
        stream.write_all(&[head.as_bytes(), &body].concat())?;
    }
    Ok(())
}

fn control(gateways: &mut Gateways, request: &WireRequest, now: i64) -> Reply {
    let (path, query) = request.target.split_once('?').unwrap_or((&request.target, ""));
    match path {
        "/_control/paid" => Reply::json(200, json!(gateways.paid()).to_string()),
        "/_control/reset" => {
            gateways.reset();
            Reply::json(200, "{}")
        }
        "/_control/turn" => {
            let parameters = crate::alipay::form(query);
            let field = |name: &str| parameters.get(name).map_or("", String::as_str);
            let known = gateways.turn(field("gateway"), field("key"), field("to"));
            Reply::json(if known { 200 } else { 404 }, "{}")
        }
        "/_control/notification" => {
            let parameters = crate::alipay::form(query);
            let field = |name: &str| parameters.get(name).map_or("", String::as_str);
            match gateways.notification(field("gateway"), field("key"), field("how"), now) {
                Some((headers, body)) => {
                    Reply::json(200, json!({ "headers": headers, "body": STANDARD.encode(body) }).to_string())
                }
                None => Reply::json(404, "{}"),
            }
        }
        _ => Reply::json(404, "{}"),
    }
}

/// One request; `None` at the end of the connection.
fn read(reader: &mut BufReader<TcpStream>) -> std::io::Result<Option<WireRequest>> {
    let mut line = String::new();
    if reader.read_line(&mut line)? == 0 {
        return Ok(None);
    }
    let mut parts = line.split_whitespace();
    let method = parts.next().unwrap_or_default().to_owned();
    let target = parts.next().unwrap_or_default().to_owned();
    let mut request = WireRequest { method, target, headers: Vec::new(), body: Vec::new() };
    loop {
        line.clear();
        reader.read_line(&mut line)?;
        let Some((name, value)) = line.trim_end().split_once(':') else { break };
        request.headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
    if request.header("transfer-encoding").is_some() {
        loop {
            line.clear();
            reader.read_line(&mut line)?;
            let size = usize::from_str_radix(line.trim().split(';').next().unwrap_or_default(), 16).unwrap_or(0);
            let mut chunk = vec![0; size + 2];
            reader.read_exact(&mut chunk)?;
            if size == 0 {
                break;
            }
            request.body.extend_from_slice(&chunk[..size]);
        }
    } else {
        let length = request.header("content-length").and_then(|length| length.parse().ok()).unwrap_or(0usize);
        request.body = vec![0; length.min(1 << 20)];
        reader.read_exact(&mut request.body)?;
    }
    Ok(Some(request))
}
