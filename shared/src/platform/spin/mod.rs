//! The Spin platform: WASI 0.3 components, through `spin-sdk`.
//!
//! Requests and answers are the raw `wasi:http` resources: the SDK's conversion to `http::Request` would refuse
//! targets that we answer with a problem of our own, and costs a second copy of every header.

mod entry;
mod forward;
mod outbound;
mod storage;

use std::cell::RefCell;

use spin_sdk::wasip3::clocks::{monotonic_clock, system_clock};
use spin_sdk::wasip3::http::types::{
    ErrorCode, Fields, HeaderError, Method, Request as WasiRequest, Response as WasiResponse,
};
use spin_sdk::wasip3::random::random;
use spin_sdk::wasip3::{wit_bindgen, wit_future, wit_stream};
use wasip2::cli::stdout::get_stdout;
use wasip2::io::streams::OutputStream;
use wit_bindgen::StreamResult;

use super::{
    Allowance, Clock, Entropy, Events, Limiter, Peer, Place, Schema, StorageError, StoragePort, Variables, Wake, Waking,
};
use crate::http::{Body, BodyError, HEAD_FIELDS, Head, HeaderSet, Headers, Response, Target};

pub use entry::{Known, serve};
pub use forward::{OriginBody, deliver};

/// Bytes asked of the host at once.
const CHUNK: usize = 64 * 1024;

/// A request's head, its header fields and its body. `None` for an extension method that `http` cannot express.
pub fn read_request(request: WasiRequest) -> Option<(Head, AllFields, RequestBody)> {
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
    let target =
        Target::new(&request.get_authority().unwrap_or_default(), &request.get_path_with_query().unwrap_or_default());
    // All at once: four single look-ups cost the host more.
    let all = request.get_headers().copy_all();
    let [accept, accept_language, request_id, traceparent] = HEAD_FIELDS.map(|name| first(&all, name));
    let head = Head { method, target, accept, accept_language, request_id, traceparent };
    Some((head, all, RequestBody { request }))
}

/// Header fields as the host hands them over.
pub type AllFields = Vec<(String, Vec<u8>)>;

/// The first value of a field, or nothing.
fn first(fields: &[(String, Vec<u8>)], name: &str) -> String {
    let value = fields.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_slice()).unwrap_or_default();
    String::from_utf8_lossy(value).into_owned()
}

/// The answer to a request whose head cannot be expressed.
pub fn refuse_head() -> Response {
    super::unreadable_head()
}

/// Turns an answer into the host's.
pub fn respond(answer: Response) -> Result<WasiResponse, ErrorCode> {
    let invalid = |_| ErrorCode::InternalError(None);
    let fields = template(answer.fixed, &answer.steady).map_err(invalid)?;
    for (name, value) in &answer.varying {
        fields.append(name, value.as_bytes()).map_err(invalid)?;
    }
    // Without it the host sends chunks, and over a kept connection the last one waits for the client's delayed
    // acknowledgement (Nagle): 40 ms. An empty body is left without: HEAD and 204 have no length, as on workerd (RFC 9110
    // §8.6). But a redirect has no body whatever the method, so its length is 0.
    if !answer.body.is_empty() || answer.status.is_redirection() {
        fields.append("content-length", answer.body.len().to_string().as_bytes()).map_err(invalid)?;
    }
    let (trailers_writer, trailers) = wit_future::new(|| Ok(None));
    let contents = if answer.body.is_empty() {
        drop(trailers_writer);
        None
    } else {
        let (mut writer, reader) = wit_stream::new();
        let body = answer.body;
        // One task for both: a dropped writer would start another to send its default. A client that went away is
        // not our fault.
        wit_bindgen::spawn(async move {
            let _unsent = writer.write_all(body).await;
            drop(writer);
            let _unread = trailers_writer.write(Ok(None)).await;
        });
        Some(reader)
    };
    let (response, _sent) = WasiResponse::new(fields, contents, trailers);
    if answer.status != http::StatusCode::OK {
        // Every status of ours is a `http::StatusCode`, which is what the host accepts.
        let _ok = response.set_status_code(answer.status.as_u16());
    }
    Ok(response)
}

/// The most header objects that are kept.
const MOST_TEMPLATES: usize = 64;

/// A fixed set, steady headers, and the host's own header object for both.
type Template = (HeaderSet, Vec<(&'static str, String)>, Fields);

thread_local! {
    /// This instance's standard output.
    static STDOUT: OutputStream = get_stdout();
    /// The host's own header object for each fixed set, and for sets with steady headers: no request data.
    static TEMPLATES: RefCell<Vec<Template>> = const { RefCell::new(Vec::new()) };
}

fn template(set: HeaderSet, steady: &[(&'static str, String)]) -> Result<Fields, HeaderError> {
    TEMPLATES.with_borrow_mut(|known| {
        if let Some((.., template)) = known.iter().find(|(s, with, _)| std::ptr::eq(*s, set) && with == steady) {
            return Ok(template.clone());
        }
        let all = set.iter().copied().chain(steady.iter().map(|(name, value)| (*name, value.as_str())));
        let list: Vec<(String, Vec<u8>)> =
            all.map(|(name, value)| (name.to_owned(), value.as_bytes().to_vec())).collect();
        let template = Fields::from_list(&list)?;
        let copy = template.clone();
        if known.len() >= MOST_TEMPLATES {
            known.clear();
        }
        known.push((set, steady.to_vec(), template));
        Ok(copy)
    })
}

/// A request body behind the host's stream.
pub struct RequestBody {
    request: WasiRequest,
}

impl Body for RequestBody {
    async fn read(self, limit: usize) -> Result<Vec<u8>, BodyError> {
        let declared = self.request.get_headers().get("content-length");
        let declared = declared.first().and_then(|v| std::str::from_utf8(v).ok()?.trim().parse::<u64>().ok());
        // Not `usize`, which has 32 bits here.
        if declared.is_some_and(|length| usize::try_from(length).map_or(true, |length| length > limit)) {
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

/// The ports of one component. Its store and its database have the component's own name, and are all that its
/// manifest grants.
pub struct Component {
    name: &'static str,
    schema: Schema,
    fields: AllFields,
}

impl Component {
    /// `name` as in `spin.toml`; `schema` of the function's `store.rs`, empty if it keeps nothing; the request's header
    /// fields.
    pub const fn new(name: &'static str, schema: Schema, fields: AllFields) -> Component {
        Component { name, schema, fields }
    }
}

impl Clock for Component {
    fn now_ms(&self) -> i64 {
        let now = system_clock::now();
        now.seconds.saturating_mul(1000).saturating_add(i64::from(now.nanoseconds / 1_000_000))
    }

    async fn wait_ms(&self, ms: u32) {
        monotonic_clock::wait_for(outbound::nanoseconds(ms)).await;
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
    fn headers(&self) -> Headers {
        let mut headers = Headers::default();
        for (name, value) in &self.fields {
            headers.push(name, &String::from_utf8_lossy(value));
        }
        headers
    }

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

impl Limiter for Component {
    /// Spin has none.
    async fn limit(&self, _name: &str, _key: &str) -> Allowance {
        Allowance::Unknown
    }
}

impl Wake for Component {
    /// Spin has no alarms.
    async fn wake_at(&self, _shard: &str, _at_ms: i64) -> Result<Waking, StorageError> {
        Ok(Waking::Unsupported)
    }
}

impl Events for Component {
    /// To standard output, where Spin collects a component's events. The standard library's way there flushes after
    /// each line, which costs a switch of fibers in the host: a third of a refusal's time. The host takes the bytes either way.
    #[allow(clippy::print_stdout, reason = "the host's buffer is full: wait for it, as the standard library does")]
    fn emit(&self, line: &str) {
        let mut bytes = Vec::with_capacity(line.len().saturating_add(1));
        bytes.extend_from_slice(line.as_bytes());
        bytes.push(b'\n');
        let room = STDOUT.with(|stdout| stdout.check_write()).unwrap_or(0);
        let fits = u64::try_from(bytes.len()).is_ok_and(|length| length <= room);
        if !fits || STDOUT.with(|stdout| stdout.write(&bytes)).is_err() {
            println!("{line}");
        }
    }
}

impl Variables for Component {
    async fn variable(&self, name: &str) -> Result<Option<String>, StorageError> {
        use spin_sdk::variables::Error;
        match spin_sdk::variables::get(name.to_ascii_lowercase()).await {
            Ok(value) => Ok(Some(value)),
            Err(Error::Undefined(_) | Error::InvalidName(_)) => Ok(None),
            Err(_) => Err(StorageError::unavailable(StoragePort::Variables, "provider")),
        }
    }
}
