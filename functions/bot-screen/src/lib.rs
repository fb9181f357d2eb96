//! `bot-screen`: lets shoppers and verified crawlers through, and scores, challenges, limits or blocks the rest.
//!
//! Not built yet. It answers its health, and an honest `501` for everything else.

#[cfg(target_os = "wasi")]
mod spin;
#[cfg(all(target_arch = "wasm32", target_os = "unknown"))]
mod workers;

use shared::config::ConfigError;
use shared::function::{Call, Failure, Function, Params, Route, Segment};
use shared::platform::{Answer, Host, Variables};
use shared::problem::Problem;

/// The function, as [`shared::function`] sees it.
pub struct BotScreen;

impl Function for BotScreen {
    const NAME: &'static str = "bot-screen";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    const ROUTES: &'static [Route<()>] = &[Route::every(&[Segment::Rest], ())];

    type Action = ();
    type Config = ();

    async fn configure(_: &impl Variables) -> Result<(), ConfigError> {
        Ok(())
    }

    async fn act<H: Host>(
        _: &Call<'_, BotScreen, H>,
        (): (),
        _: Params<'_>,
        _: H::Body,
    ) -> Result<Answer<H::Stream>, Failure> {
        Err(Problem::not_implemented(Self::NAME).into())
    }
}
