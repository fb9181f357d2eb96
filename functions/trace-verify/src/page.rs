//! The page that a person sees: drawn from the same [`Answer`] that JSON is, by pure functions.
//!
//! It works without JavaScript and loads nothing from anywhere: one style sheet, allowed by its digest, and photos from
//! its own host. Colour never says anything that a sign and a word do not say as well.

mod card;
mod known;
mod problem;
mod report;
mod shell;
mod verdict;

use maud::{Markup, Render, html};
pub use problem::problem;
pub use report::{known, look_up, reported};
use shared::http::HeaderSet;
pub use verdict::verdict;

include!(concat!(env!("OUT_DIR"), "/style.rs"));

/// What is typed off or compared digit by digit.
struct Mono<'a>(&'a str);

impl Render for Mono<'_> {
    fn render(&self) -> Markup {
        html! { span.mono { (self.0) } }
    }
}

/// The headers of a page.
pub static PAGE: HeaderSet = shared::header_set!("text/html; charset=utf-8", csp: CSP, cache: "no-store");

#[cfg(test)]
mod tests;
