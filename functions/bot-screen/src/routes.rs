//! The addresses of this function, which no origin behind it can have.

use shared::function::Route;
use shared::function::Segment::{Is, Rest};

/// The script of a challenge's page.
pub const CHALLENGE_JS: &str = "/.venditor/challenge.js";
/// The worker that it starts.
pub const WORK_JS: &str = "/.venditor/work.js";
/// Where challenges are answered.
pub const SOLVE: &str = "/.venditor/solve";
/// Where it is looked whether a pass came back.
pub const CHECK: &str = "/.venditor/check";

/// What a request to an address asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// A verdict, for a caller.
    Screen,
    /// The same for a proxy that hands whatever is not 2xx to its client as it is.
    Forward,
    /// The page that a client gets in place of what it asked for, for a proxy.
    Page,
    /// To take a pass back, for a caller.
    Revoke,
    /// To have an answer to a challenge checked.
    Solve,
    /// Whether a pass came back.
    Check,
    /// One of [`crate::page::SCRIPTS`].
    Script(usize),
    /// The script for a shop's own pages.
    ScriptOfShops,
    /// The request itself, screened on its way to the origin.
    Inline,
}

/// What stands before the client's own path, where a proxy asks by the same path.
pub const FORWARD: &str = "/v1/forward";

/// All of them. A proxy's sub-request may have the client's method.
pub const ROUTES: &[Route<Action>] = &[
    Route::every(&[Is("v1"), Is("screen")], Action::Screen),
    Route::every(&[Is("v1"), Is("forward"), Rest], Action::Forward),
    Route::every(&[Is("v1"), Is("page")], Action::Page),
    Route::post(&[Is("v1"), Is("passes"), Is("revoke")], Action::Revoke),
    Route::get(&[Is(".venditor"), Is("solve")], Action::Solve),
    Route::post(&[Is(".venditor"), Is("solve")], Action::Solve),
    Route::get(&[Is(".venditor"), Is("check")], Action::Check),
    Route::get(&[Is(".venditor"), Is("challenge.js")], Action::Script(0)),
    Route::get(&[Is(".venditor"), Is("work.js")], Action::Script(1)),
    Route::get(&[Is(".venditor"), Is("fetch.js")], Action::ScriptOfShops),
    Route::every(&[Rest], Action::Inline),
];
