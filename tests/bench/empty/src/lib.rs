//! An empty function for each host, as its SDK's own examples write one: the measure of what ours add.

#[cfg(all(target_arch = "wasm32", target_os = "unknown"))]
mod workers {
    use worker::{Context, Env, Result, event, web_sys};

    #[event(fetch)]
    async fn fetch(_request: web_sys::Request, _env: Env, _context: Context) -> Result<web_sys::Response> {
        Ok(web_sys::Response::new_with_opt_str(Some("hello"))?)
    }
}

#[cfg(target_os = "wasi")]
mod spin {
    use spin_sdk::http::{IntoResponse, Request};
    use spin_sdk::http_service;

    #[http_service]
    async fn handle(_request: Request) -> impl IntoResponse {
        "hello"
    }
}
