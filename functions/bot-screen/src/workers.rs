//! The entry point on Workers.

use shared::platform::workers::{read_head, refuse_head, serve};
use wasm_bindgen::prelude::*;

/// The runtime's `fetch` event.
#[wasm_bindgen]
pub fn fetch(request: JsValue, _env: JsValue, _context: JsValue) -> JsValue {
    serve(async move { read_head(&request).map_or_else(refuse_head, |head| crate::answer(&head)) })
}
