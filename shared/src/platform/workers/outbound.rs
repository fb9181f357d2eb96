//! HTTP to named origins, through the runtime's `fetch`. Workers has no allow-list of its own: this is it.

use js_sys::{Array, Uint8Array};

use super::super::{Outbound, OutboundError, OutboundRequest, OutboundResponse, may_send};
use super::{Worker, bindings};
use crate::http::Headers;

impl Outbound for Worker {
    async fn send(&self, request: OutboundRequest) -> Result<OutboundResponse, OutboundError> {
        if !may_send(&request.url, &self.origins) {
            return Err(OutboundError::Refused);
        }
        let headers: String = request.headers.iter().map(|(n, v)| format!("{n}\n{v}\n")).collect();
        let max = u32::try_from(request.max_bytes).unwrap_or(u32::MAX);
        let method = request.method.as_str();
        let sent = bindings::send(method, &request.url, &headers, &request.body, request.timeout_ms, max).await;
        let parts = Array::from(&sent.map_err(|error| fault(&error))?);
        let body = parts.get(2);
        if body.is_null() {
            return Err(OutboundError::TooLarge);
        }
        Ok(OutboundResponse {
            status: parts.get(0).as_f64().map_or(0, |s| s as u16),
            headers: Headers::from_block(lines(&parts, 1)),
            body: Uint8Array::from(body).to_vec(),
        })
    }
}

/// The header lines in an answer's parts.
pub(super) fn lines(parts: &Array, at: u32) -> String {
    parts.get(at).as_string().unwrap_or_default()
}

pub(super) fn fault(error: &wasm_bindgen::JsValue) -> OutboundError {
    let name = js_sys::Reflect::get(error, &"name".into()).ok().and_then(|n| n.as_string());
    if name.as_deref() == Some("TimeoutError") { OutboundError::Timeout } else { OutboundError::Transport }
}
