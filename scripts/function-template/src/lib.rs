//! `{{name}}`: what it decides, in one sentence.
//!
//! In scope: … Out of scope: …

#[cfg(target_os = "wasi")]
mod spin;
#[cfg(all(target_arch = "wasm32", target_os = "unknown"))]
mod workers;

use http::StatusCode;
use serde::Serialize;
use shared::config::ConfigError;
use shared::function::Segment::{Any, Is};
use shared::function::{Call, Failure, Function, Params, Route};
use shared::http::{Response, negotiated_json};
use shared::platform::{Answer, Host, Variables};

/// The function, as [`shared::function`] sees it.
pub struct {{type}};

/// What a route asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Greets whoever is named.
    Greet,
}

impl Function for {{type}} {
    const NAME: &'static str = "{{name}}";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    const ROUTES: &'static [Route<Action>] = &[Route::get(&[Is("v1"), Is("{{name}}"), Any], Action::Greet)];

    type Action = Action;
    type Config = ();

    async fn configure(_: &impl Variables) -> Result<(), ConfigError> {
        Ok(())
    }

    async fn act<H: Host>(
        call: &Call<'_, {{type}}, H>,
        action: Action,
        params: Params<'_>,
        _: H::Body,
    ) -> Result<Answer<H::Stream>, Failure> {
        match action {
            Action::Greet => {
                let greeting = format!("{}{}", call.lang.pick("你好，", "Hello, "), params.get(0));
                Ok(Response::json(StatusCode::OK, negotiated_json(call.lang), &Greeting { greeting }).into())
            }
        }
    }
}

#[derive(Serialize)]
struct Greeting {
    greeting: String,
}
