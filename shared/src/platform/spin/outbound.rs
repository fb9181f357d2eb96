//! HTTP to named hosts, through `wasi:http`. The allow-list is `allowed_outbound_hosts` of the manifest, kept by the
//! host.

use std::future::Future;

use spin_sdk::wasip3::clocks::monotonic_clock::{self, Duration};
use spin_sdk::wasip3::http::client;
use spin_sdk::wasip3::http::types::{ErrorCode, Fields, Method, Request, RequestOptions, Response, Scheme};
use spin_sdk::wasip3::{wit_bindgen, wit_future, wit_stream};
use wit_bindgen::StreamResult;

use super::super::{Outbound, OutboundError, OutboundRequest, OutboundResponse, first};
use super::{CHUNK, Component};
use crate::http::Headers;

impl Outbound for Component {
    async fn send(&self, request: OutboundRequest) -> Result<OutboundResponse, OutboundError> {
        let limit = request.timeout_ms;
        within(limit, exchange(request)).await.unwrap_or(Err(OutboundError::Timeout))
    }
}

/// Runs `work` for at most so many milliseconds. The host's own limits are each of one phase or one silence, so a
/// server that drips would outlive them all. Dropped work is cancelled in the host.
pub(super) async fn within<T>(limit_ms: u32, work: impl Future<Output = T>) -> Option<T> {
    first(work, monotonic_clock::wait_for(nanoseconds(limit_ms))).await
}

pub(super) fn nanoseconds(milliseconds: u32) -> Duration {
    u64::from(milliseconds).saturating_mul(1_000_000)
}

async fn exchange(request: OutboundRequest) -> Result<OutboundResponse, OutboundError> {
    let max_bytes = request.max_bytes;
    let response = client::send(build(request)?).await.map_err(|code| fault(&code))?;
    let headers = fields(&response);
    let status = response.get_status_code();
    let (_received, result) = wit_future::new(|| Ok(()));
    let (mut stream, trailers) = Response::consume_body(response, result);
    let mut body = Vec::new();
    loop {
        let (state, chunk) = stream.read(Vec::with_capacity(CHUNK)).await;
        if body.len().saturating_add(chunk.len()) > max_bytes {
            return Err(OutboundError::TooLarge);
        }
        body.extend_from_slice(&chunk);
        if !matches!(state, StreamResult::Complete(_)) {
            break;
        }
    }
    trailers.await.map_err(|code| fault(&code))?;
    Ok(OutboundResponse { status, headers, body })
}

/// The header fields of an answer.
pub(super) fn fields(response: &Response) -> Headers {
    let mut headers = Headers::default();
    for (name, value) in response.get_headers().copy_all() {
        headers.push(&name, &String::from_utf8_lossy(&value));
    }
    headers
}

fn build(request: OutboundRequest) -> Result<Request, OutboundError> {
    let mut headers: Vec<(String, Vec<u8>)> =
        request.headers.iter().map(|(n, v)| ((*n).to_owned(), v.clone().into_bytes())).collect();
    if !request.body.is_empty() {
        // Else the host sends it in chunks, which not every server takes.
        headers.push(("content-length".to_owned(), request.body.len().to_string().into_bytes()));
    }
    let headers = Fields::from_list(&headers).map_err(|_| OutboundError::Refused)?;
    let options = limits(request.timeout_ms, request.timeout_ms);
    let (trailers_writer, trailers) = wit_future::new(|| Ok(None));
    drop(trailers_writer);
    let contents = if request.body.is_empty() {
        None
    } else {
        let (mut writer, contents) = wit_stream::new();
        let body = request.body;
        wit_bindgen::spawn(async move {
            let _unsent = writer.write_all(body).await;
        });
        Some(contents)
    };
    let (wasi, _sent) = Request::new(headers, contents, trailers, Some(options));
    address(&wasi, &request.method, &request.url)?;
    Ok(wasi)
}

/// The host's own limits: to connect and to the first byte, and between bytes, in milliseconds.
pub(super) fn limits(head_ms: u32, between_ms: u32) -> RequestOptions {
    let options = RequestOptions::new();
    let (head, between) = (Some(nanoseconds(head_ms)), Some(nanoseconds(between_ms)));
    // A host without limits of one kind still has the others.
    let _supported = options.set_connect_timeout(head);
    let _supported = options.set_first_byte_timeout(head);
    let _supported = options.set_between_bytes_timeout(between);
    options
}

/// Says where a request goes.
pub(super) fn address(wasi: &Request, method: &http::Method, url: &str) -> Result<(), OutboundError> {
    let refused = |()| OutboundError::Refused;
    let (scheme, rest) = url.split_once("://").ok_or(OutboundError::Refused)?;
    let path_at = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at_checked(path_at).ok_or(OutboundError::Refused)?;
    let scheme = match scheme {
        "https" => Scheme::Https,
        "http" => Scheme::Http,
        _ => return Err(OutboundError::Refused),
    };
    let path = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
    wasi.set_method(&Method::Other(method.as_str().to_owned())).map_err(refused)?;
    wasi.set_scheme(Some(&scheme)).map_err(refused)?;
    wasi.set_authority(Some(authority)).map_err(refused)?;
    wasi.set_path_with_query(Some(&path)).map_err(refused)
}

pub(super) fn fault(code: &ErrorCode) -> OutboundError {
    match code {
        ErrorCode::HttpRequestDenied | ErrorCode::DestinationIpProhibited => OutboundError::Refused,
        ErrorCode::ConnectionTimeout
        | ErrorCode::ConnectionReadTimeout
        | ErrorCode::ConnectionWriteTimeout
        | ErrorCode::HttpResponseTimeout
        | ErrorCode::DnsTimeout => OutboundError::Timeout,
        _ => OutboundError::Transport,
    }
}
