//! The Spin room: WASI 0.3 components, through `spin-sdk`.
//!
//! Requests and answers are the raw `wasi:http` resources: the SDK's conversion to `http::Request` would refuse
//! targets that we answer with a problem of our own, and costs a second copy of every header.

mod outbound;
mod storage;

use spin_sdk::wasip3::clocks::system_clock;
use spin_sdk::wasip3::http::types::{ErrorCode, Fields, Method, Request as WasiRequest, Response as WasiResponse};
use spin_sdk::wasip3::random::random;
use spin_sdk::wasip3::{wit_bindgen, wit_future, wit_stream};
use wit_bindgen::StreamResult;

pub use outbound::WasiHttp;

use super::{Clock, Entropy, Events, Peer, Place, Schema, StorageError, Variables};
use crate::http::{Body, BodyError, Head, Headers, Response, Target};

/// Bytes asked of the host at once.
const CHUNK: usize = 64 * 1024;

/// A request's head and its body. `None` for an extension method that `http` cannot express.
pub fn read_request(request: WasiRequest) -> Option<(Head, RequestBody)> {
    let method = match request.get_method() {
        Method::Get => http::Method::GET,
        Method::Head => http::Method::HEAD,
        Method::Post => http::Method::POST,
        Method::Put => http::Method::PUT,
        Method::Delete => http::Method::DELETE,
        Method::Connect => http::Method::CONNECT,
        Method::Options => http::Method::OPTIONS,
        Method::Trace => http::Method::TRACE,
        Method::Patch => http::Method::PATCH,
        Method::Other(name) => http::Method::from_bytes(name.as_bytes()).ok()?,
    };
    let mut headers = Headers::default();
    for (name, value) in request.get_headers().copy_all() {
        headers.push(&name, &String::from_utf8_lossy(&value));
    }
    let authority = request.get_authority().or_else(|| headers.get("host").map(str::to_owned)).unwrap_or_default();
    let target = Target::new(&authority, &request.get_path_with_query().unwrap_or_default());
    Some((Head { method, target, headers }, RequestBody { request }))
}

/// The answer to a request whose head cannot be expressed.
pub fn refuse_head() -> Response {
    super::unreadable_head()
}

/// Turns an answer into the host's.
pub fn respond(answer: Response) -> Result<WasiResponse, ErrorCode> {
    let mut fields: Vec<(String, Vec<u8>)> =
        answer.headers().map(|(name, value)| (name.to_owned(), value.as_bytes().to_vec())).collect();
    if !answer.body.is_empty() {
        // Else the host would send it in chunks.
        fields.push(("content-length".to_owned(), answer.body.len().to_string().into_bytes()));
    }
    let fields = Fields::from_list(&fields).map_err(|_| ErrorCode::InternalError(None))?;
    let (trailers_writer, trailers) = wit_future::new(|| Ok(None));
    drop(trailers_writer);
    let contents = if answer.body.is_empty() {
        None
    } else {
        let (mut writer, reader) = wit_stream::new();
        let body = answer.body;
        wit_bindgen::spawn(async move {
            // A client that went away is not our fault.
            let _unsent = writer.write_all(body).await;
        });
        Some(reader)
    };
    let (response, _sent) = WasiResponse::new(fields, contents, trailers);
    // Every status of ours is a `http::StatusCode`, which is what the host accepts.
    let _ok = response.set_status_code(answer.status.as_u16());
    Ok(response)
}

/// A request body behind the host's stream.
pub struct RequestBody {
    request: WasiRequest,
}

impl Body for RequestBody {
    async fn read(self, limit: usize) -> Result<Vec<u8>, BodyError> {
        let declared = self.request.get_headers().get("content-length");
        let declared = declared.first().and_then(|v| std::str::from_utf8(v).ok()?.trim().parse::<usize>().ok());
        if declared.is_some_and(|length| length > limit) {
            return Err(BodyError::TooLarge { limit });
        }
        let (_received, result) = wit_future::new(|| Ok(()));
        let (mut stream, trailers) = WasiRequest::consume_body(self.request, result);
        let mut all = Vec::new();
        loop {
            let (status, chunk) = stream.read(Vec::with_capacity(CHUNK)).await;
            if all.len().saturating_add(chunk.len()) > limit {
                return Err(BodyError::TooLarge { limit });
            }
            all.extend_from_slice(&chunk);
            match status {
                StreamResult::Complete(_) => {}
                StreamResult::Cancelled => return Err(BodyError::Broken),
                StreamResult::Dropped => break,
            }
        }
        trailers.await.map_err(|_| BodyError::Broken)?;
        Ok(all)
    }
}

/// The ports of one component. Its store and its database bear the component's own name, and are all that its
/// manifest grants.
pub struct Component {
    name: &'static str,
    schema: Schema,
}

impl Component {
    /// `name` as in `spin.toml`; `schema` of the function's `store.rs`, empty if it keeps nothing.
    pub const fn new(name: &'static str, schema: Schema) -> Component {
        Component { name, schema }
    }
}

impl Clock for Component {
    fn now_ms(&self) -> i64 {
        let now = system_clock::now();
        now.seconds.saturating_mul(1000).saturating_add(i64::from(now.nanoseconds / 1_000_000))
    }
}

impl Entropy for Component {
    fn fill(&self, bytes: &mut [u8]) {
        let mut filled = 0usize;
        while filled < bytes.len() {
            let fresh = random::get_random_bytes(u64::try_from(bytes.len().saturating_sub(filled)).unwrap_or(1));
            for (slot, byte) in bytes.iter_mut().skip(filled).zip(&fresh) {
                *slot = *byte;
            }
            filled = filled.saturating_add(fresh.len());
        }
    }
}

impl Peer for Component {
    /// Spin appends its own value after whatever the client sent under that name: only the last one is Spin's.
    fn client_addr<'h>(&self, headers: &'h Headers) -> Option<&'h str> {
        let (address, _port) = headers.last("spin-client-addr")?.rsplit_once(':')?;
        Some(address.trim_start_matches('[').trim_end_matches(']'))
    }

    /// Spin knows no places.
    fn place(&self) -> Option<Place> {
        None
    }
}

impl Events for Component {
    #[allow(clippy::print_stdout, reason = "standard output is where Spin collects a component's events")]
    fn emit(&self, line: &str) {
        println!("{line}");
    }
}

impl Variables for Component {
    async fn variable(&self, name: &str) -> Result<Option<String>, StorageError> {
        use spin_sdk::variables::Error;
        match spin_sdk::variables::get(name.to_ascii_lowercase()).await {
            Ok(value) => Ok(Some(value)),
            Err(Error::Undefined(_) | Error::InvalidName(_)) => Ok(None),
            Err(_) => Err(StorageError("variables provider".to_owned())),
        }
    }
}
