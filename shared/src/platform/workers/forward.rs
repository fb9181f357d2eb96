//! Streaming pass-through, by the runtime's own streams: a body that JavaScript does not touch is pumped natively.

use js_sys::{Array, Uint8Array};
use wasm_bindgen::JsValue;

use super::super::{Forward, ForwardRequest, Forwarded, Onward, OutboundError, may_send};
use super::outbound::{fault, lines};
use super::{RequestBody, Worker, bindings};
use crate::http::Headers;

/// The body of an origin's answer: a `ReadableStream`, a `WebSocket`, or null.
pub struct OriginBody(JsValue);

impl Forward for Worker {
    type Body = RequestBody;
    type Stream = OriginBody;

    async fn forward(
        &self,
        request: ForwardRequest,
        body: Onward<RequestBody>,
    ) -> Result<Forwarded<OriginBody>, OutboundError> {
        if !may_send(&request.url, &self.origins) {
            return Err(OutboundError::Refused);
        }
        let body = match body {
            _ if !request.has_body() => JsValue::NULL,
            Onward::Stream(body) => body.request,
            Onward::Whole(bytes) => Uint8Array::from(bytes.as_slice()).into(),
        };
        let mut headers = request.fields();
        // The runtime knows it of the stream.
        headers.remove("content-length");
        let (method, limit, websocket) = (request.method.as_str(), request.head_timeout_ms, request.websocket);
        if websocket {
            // The handshake with the origin is the runtime's own.
            headers.retain(|name| {
                !matches!(name, "sec-websocket-key" | "sec-websocket-version" | "sec-websocket-extensions")
            });
            headers.set("upgrade", "websocket");
        }
        let sent = bindings::forward(&body, method, &request.url, headers.as_block(), limit).await;
        let parts = Array::from(&sent.map_err(|error| fault(&error))?);
        let status = parts.get(0).as_f64().map_or(0, |status| status as u16);
        let (headers, body) = (Headers::from_block(lines(&parts, 1)), OriginBody(parts.get(2)));
        if status == 101 && websocket {
            return Ok(Forwarded::websocket(headers, body));
        }
        Forwarded::new(status, headers, body)
    }

    fn has_websockets(&self) -> bool {
        true
    }
}

/// Turns an origin's answer into the runtime's.
pub(super) fn respond(answer: &Forwarded<OriginBody>) -> JsValue {
    match bindings::respond_stream(answer.status, answer.headers.as_block(), &answer.body.0) {
        Ok(response) => response,
        Err(_) => super::respond(super::super::undeliverable()),
    }
}
