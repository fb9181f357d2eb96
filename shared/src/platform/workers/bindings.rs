//! The signatures of `edge.js` and of the globals that the Workers platform calls.

use wasm_bindgen::prelude::*;

#[wasm_bindgen(module = "/src/platform/workers/edge.js")]
extern "C" {
    #[wasm_bindgen(js_name = readHead)]
    pub fn read_head(request: &JsValue, buffer: &mut [u8], all: bool) -> i32;

    #[wasm_bindgen(js_name = readHeaders)]
    pub fn read_headers(request: &JsValue) -> String;

    #[wasm_bindgen(js_name = headerTemplate)]
    pub fn header_template(block: &str) -> JsValue;

    pub fn respond(status: u16, template: &JsValue, varying: Option<&str>, body: &[u8]) -> JsValue;

    pub fn place(request: &JsValue) -> String;

    pub fn signals(request: &JsValue) -> String;

    pub fn variable(env: &JsValue, name: &str) -> Option<String>;

    #[wasm_bindgen(js_name = readBody, catch)]
    pub async fn read_body(request: &JsValue, limit: u32) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(js_name = kvGet, catch)]
    pub async fn kv_get(env: &JsValue, binding: &str, key: &str, cache_ttl: u32) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(js_name = askObject, catch)]
    pub async fn ask_object(
        env: &JsValue,
        binding: &str,
        shard: &str,
        method: &str,
        call: &str,
    ) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(catch)]
    pub fn limit(env: &JsValue, name: &str, key: &str) -> Result<Option<js_sys::Promise>, JsValue>;

    #[wasm_bindgen(catch)]
    pub async fn forward(
        request: &JsValue,
        method: &str,
        url: &str,
        headers: &str,
        timeout_ms: u32,
    ) -> Result<JsValue, JsValue>;

    pub fn wait(milliseconds: u32) -> js_sys::Array;

    #[wasm_bindgen(js_name = respondStream, catch)]
    pub fn respond_stream(status: u16, headers: &str, body: &JsValue) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(js_name = waitUntil)]
    pub fn wait_until(context: &JsValue, work: &JsValue);

    #[wasm_bindgen(catch)]
    pub async fn sha256(bytes: &[u8]) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(js_name = transactionSync, catch)]
    pub fn transaction_sync(
        state: &js_sys::Object,
        work: &Closure<dyn FnMut() -> Result<(), JsValue>>,
    ) -> Result<(), JsValue>;

    #[wasm_bindgen(catch)]
    pub async fn send(
        method: &str,
        url: &str,
        headers: &str,
        body: &[u8],
        timeout_ms: u32,
        max_bytes: u32,
    ) -> Result<JsValue, JsValue>;
}

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = console)]
    pub fn log(line: &str);

    #[wasm_bindgen(js_namespace = crypto, js_name = getRandomValues)]
    pub fn random(bytes: &mut [u8]);
}
