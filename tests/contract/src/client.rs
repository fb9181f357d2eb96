//! A small HTTP/1.1 client. It sends what it is given, byte for byte: odd targets, repeated fields, wrong lengths; and
//! it reads while it still sends, because a server may refuse a body before it is all there.

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use crate::{Result, context};

/// Longest silence of a server.
const PATIENCE: Duration = Duration::from_secs(30);

pub struct Message {
    pub method: String,
    pub target: String,
    pub headers: Vec<(String, String)>,
    pub body: Option<Vec<u8>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    pub status: u16,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Answer {
    /// All values of a field, joined as RFC 9110 §5.3 joins field lines.
    pub fn header(&self, name: &str) -> Option<String> {
        let values: Vec<&str> = self.headers.iter().filter(|(n, _)| n == name).map(|(_, v)| v.as_str()).collect();
        (!values.is_empty()).then(|| values.join(", "))
    }
}

/// One request on a connection of its own.
pub fn exchange(address: SocketAddr, message: &Message) -> Result<Answer> {
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE).map_err(context("connect"))?;
    for set in [TcpStream::set_read_timeout, TcpStream::set_write_timeout] {
        set(&stream, Some(PATIENCE)).map_err(context("timeout"))?;
    }
    let mut sending = stream.try_clone().map_err(context("socket"))?;
    let bytes = encode(message);
    let sender = std::thread::spawn(move || {
        // A server that has answered may close its end: not an error, the answer counts.
        let _refused = sending.write_all(&bytes);
    });
    let answer = read(&mut stream, message.method == "HEAD");
    let _closed = stream.shutdown(Shutdown::Both);
    let _ended = sender.join();
    answer
}

/// `GET` of what a host itself offers, until it answers.
pub fn wait_for(address: SocketAddr, limit: Duration, alive: &mut dyn FnMut() -> Result<()>) -> Result<()> {
    let start = Instant::now();
    while TcpStream::connect_timeout(&address, PATIENCE).is_err() {
        alive()?;
        if start.elapsed() > limit {
            return Err(format!("nothing listens on {address} after {limit:?}"));
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    Ok(())
}

fn encode(message: &Message) -> Vec<u8> {
    let has = |name: &str| message.headers.iter().any(|(n, _)| n.eq_ignore_ascii_case(name));
    let chunked = message.headers.iter().any(|(n, v)| n.eq_ignore_ascii_case("transfer-encoding") && v == "chunked");
    let mut bytes = format!("{} {} HTTP/1.1\r\n", message.method, message.target).into_bytes();
    for (name, value) in &message.headers {
        bytes.extend_from_slice(format!("{name}: {value}\r\n").as_bytes());
    }
    let Some(body) = &message.body else {
        bytes.extend_from_slice(b"\r\n");
        return bytes;
    };
    if chunked {
        bytes.extend_from_slice(b"\r\n");
        for chunk in body.chunks(64 * 1024) {
            bytes.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
            bytes.extend_from_slice(chunk);
            bytes.extend_from_slice(b"\r\n");
        }
        bytes.extend_from_slice(b"0\r\n\r\n");
    } else {
        if !has("content-length") {
            bytes.extend_from_slice(format!("content-length: {}\r\n", body.len()).as_bytes());
        }
        bytes.extend_from_slice(b"\r\n");
        bytes.extend_from_slice(body);
    }
    bytes
}

fn read(stream: &mut TcpStream, head_only: bool) -> Result<Answer> {
    let mut input = Input { stream, buffer: Vec::new(), at: 0 };
    loop {
        let status_line = input.line()?;
        let status: u16 = status_line.split(' ').nth(1).and_then(|s| s.parse().ok()).ok_or("no status line")?;
        let mut headers = Vec::new();
        loop {
            let line = input.line()?;
            if line.is_empty() {
                break;
            }
            let (name, value) = line.split_once(':').ok_or("a header line without colon")?;
            headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
        }
        if (100..200).contains(&status) {
            continue;
        }
        let find = |name: &str| headers.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str());
        let body = if head_only || status == 204 || status == 304 {
            Vec::new()
        } else if find("transfer-encoding").is_some_and(|v| v.eq_ignore_ascii_case("chunked")) {
            input.chunks()?
        } else if let Some(length) = find("content-length") {
            input.take(length.parse().map_err(context("content-length"))?)?
        } else {
            input.rest()?
        };
        return Ok(Answer { status, headers, body });
    }
}

struct Input<'a> {
    stream: &'a mut TcpStream,
    buffer: Vec<u8>,
    at: usize,
}

impl Input<'_> {
    /// Reads more; false at the end.
    fn more(&mut self) -> Result<bool> {
        let mut chunk = [0; 16 * 1024];
        loop {
            match self.stream.read(&mut chunk) {
                Ok(0) => return Ok(false),
                Ok(n) => {
                    self.buffer.extend_from_slice(&chunk[..n]);
                    return Ok(true);
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(format!("reading the answer: {error}")),
            }
        }
    }

    fn line(&mut self) -> Result<String> {
        loop {
            if let Some(end) = self.buffer[self.at..].windows(2).position(|w| w == b"\r\n") {
                let line = String::from_utf8_lossy(&self.buffer[self.at..self.at + end]).into_owned();
                self.at += end + 2;
                return Ok(line);
            }
            if !self.more()? {
                return Err("the connection closed before the answer was complete".to_owned());
            }
        }
    }

    fn take(&mut self, length: usize) -> Result<Vec<u8>> {
        while self.buffer.len() - self.at < length {
            if !self.more()? {
                return Err("the connection closed within the body".to_owned());
            }
        }
        let body = self.buffer[self.at..self.at + length].to_vec();
        self.at += length;
        Ok(body)
    }

    fn chunks(&mut self) -> Result<Vec<u8>> {
        let mut body = Vec::new();
        loop {
            let line = self.line()?;
            let size = line.split(';').next().unwrap_or_default().trim();
            let size = usize::from_str_radix(size, 16).map_err(context("chunk size"))?;
            if size == 0 {
                return Ok(body); // trailers, if any, do not matter here
            }
            body.extend(self.take(size)?);
            self.line()?;
        }
    }

    fn rest(&mut self) -> Result<Vec<u8>> {
        while self.more()? {}
        Ok(self.buffer[self.at..].to_vec())
    }
}
