//! Streaming pass-through: the host's own streams are handed on, so that the host pumps them by itself and no chunk
//! enters this component.

use spin_sdk::wasip3::http::client;
use spin_sdk::wasip3::http::types::{ErrorCode, Fields, Request as WasiRequest, Response as WasiResponse, Trailers};
use spin_sdk::wasip3::{wit_bindgen, wit_future, wit_stream};
use wit_bindgen::{FutureReader, StreamReader};

use super::super::{Answer, Forward, ForwardRequest, Forwarded, IDLE_MS, Onward, OutboundError, undeliverable};
use super::outbound::{address, fault, fields, limits, within};
use super::{Component, RequestBody, respond};
use crate::http::Headers;

/// The body of an origin's answer, behind the host's stream.
pub struct OriginBody {
    contents: StreamReader<u8>,
    trailers: FutureReader<Result<Option<Trailers>, ErrorCode>>,
}

impl Forward for Component {
    type Body = RequestBody;
    type Stream = OriginBody;

    async fn forward(
        &self,
        request: ForwardRequest,
        body: Onward<RequestBody>,
    ) -> Result<Forwarded<OriginBody>, OutboundError> {
        let limit = request.head_timeout_ms;
        let sent = client::send(build(request, body)?);
        let response = within(limit, sent).await.ok_or(OutboundError::Timeout)?.map_err(|code| fault(&code))?;
        let (status, headers) = (response.get_status_code(), fields(&response));
        let (_received, result) = wit_future::new(|| Ok(()));
        let (contents, trailers) = WasiResponse::consume_body(response, result);
        Forwarded::new(status, headers, OriginBody { contents, trailers })
    }
}

fn build(request: ForwardRequest, body: Onward<RequestBody>) -> Result<WasiRequest, OutboundError> {
    let has_body = request.has_body();
    let mut headers = request.fields();
    headers.retain(|name| !name.starts_with("spin-"));
    let headers = list(&headers).ok_or(OutboundError::Refused)?;
    let options = limits(request.head_timeout_ms, IDLE_MS);
    let (wasi, _sent) = match body {
        Onward::Stream(body) if has_body => {
            let (_received, result) = wit_future::new(|| Ok(()));
            let (contents, trailers) = WasiRequest::consume_body(body.request, result);
            WasiRequest::new(headers, Some(contents), trailers, Some(options))
        }
        Onward::Whole(bytes) if has_body && !bytes.is_empty() => {
            let (_none, trailers) = wit_future::new(|| Ok(None));
            let (mut writer, contents) = wit_stream::new();
            wit_bindgen::spawn(async move {
                let _unsent = writer.write_all(bytes).await;
            });
            WasiRequest::new(headers, Some(contents), trailers, Some(options))
        }
        _ => {
            let (_none, trailers) = wit_future::new(|| Ok(None));
            WasiRequest::new(headers, None, trailers, Some(options))
        }
    };
    address(&wasi, &request.method, &request.url)?;
    Ok(wasi)
}

fn list(headers: &Headers) -> Option<Fields> {
    let list: Vec<_> = headers.iter().map(|(name, value)| (name.to_owned(), value.as_bytes().to_vec())).collect();
    Fields::from_list(&list).ok()
}

/// Turns an answer into the host's, be it ours or an origin's.
pub fn deliver(answer: impl Into<Answer<OriginBody>>) -> Result<WasiResponse, ErrorCode> {
    let origin = match answer.into() {
        Answer::Ours(response) => return respond(response),
        Answer::Origin(origin) => origin,
    };
    let Some(headers) = list(&origin.headers) else { return respond(undeliverable()) };
    let OriginBody { contents, trailers } = origin.body;
    let (response, sent) = WasiResponse::new(headers, Some(contents), trailers);
    let _accepted = response.set_status_code(origin.status);
    // An instance with nothing to do is dropped after a second: wait until the last byte is out.
    wit_bindgen::spawn(async move {
        let _sent = sent.await;
    });
    Ok(response)
}
