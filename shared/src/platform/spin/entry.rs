//! The entry point of a function on Spin, once, and the line that exports it.

use std::sync::{Arc, OnceLock};

use spin_sdk::wasip3::http::types::{ErrorCode, Request, Response};
use spin_sdk::wasip3::wit_bindgen;

use super::{Component, deliver, read_request, refuse_head, respond};
use crate::function::{Function, Handled, finish, handle};
use crate::policy::Packs;

/// A function's configuration, parsed once an instance, which serves some hundred requests: that is how soon a changed
/// variable is seen.
pub type Known<C> = OnceLock<Arc<C>>;

/// Exports a function to the host: `spin_entry!(crate::handler::TraceVerify)`. One line in `spin.rs`.
#[macro_export]
macro_rules! spin_entry {
    ($function:ty) => {
        struct Exported;

        ::spin_sdk::wasip3::http::service::export!(Exported);

        impl ::spin_sdk::wasip3::exports::http::handler::Guest for Exported {
            async fn handle(
                request: ::spin_sdk::wasip3::http::types::Request,
            ) -> ::core::result::Result<
                ::spin_sdk::wasip3::http::types::Response,
                ::spin_sdk::wasip3::http::types::ErrorCode,
            > {
                static KNOWN: $crate::platform::spin::Known<<$function as $crate::function::Function>::Config> =
                    ::std::sync::OnceLock::new();
                static PACKS: $crate::policy::Packs = $crate::policy::Packs::new();
                $crate::platform::spin::serve::<$function>(request, &KNOWN, &PACKS).await
            }
        }
    };
}

/// Answers a request.
///
/// # Errors
/// Only what the host makes of header fields that it cannot express.
pub async fn serve<F: Function>(
    request: Request,
    known: &'static Known<F::Config>,
    packs: &'static Packs,
) -> Result<Response, ErrorCode> {
    let Some((head, fields, body)) = read_request(request) else { return respond(refuse_head()) };
    let component = Component::new(F::NAME, F::SCHEMA, fields);
    let config = match known.get() {
        Some(config) => Ok(Arc::clone(config)),
        None => F::configure(&component).await.map(|config| Arc::clone(known.get_or_init(|| Arc::new(config)))),
    };
    let Handled { answer, later } = handle::<F, _>(&component, config.as_deref(), packs, &head, body).await;
    if let (Some(_), Ok(config)) = (&later, config) {
        // A task of this request's: the instance lives until it has ended, and the answer does not wait for it.
        wit_bindgen::spawn(async move { finish::<F, _>(&component, &config, packs, later).await });
    }
    deliver(answer)
}
