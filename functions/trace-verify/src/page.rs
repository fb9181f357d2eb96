//! Placeholder until the page is written.
#![allow(missing_docs)]
use shared::http::HeaderSet;
use shared::lang::Lang;
use shared::problem::Problem;
use crate::answer::Answer;
include!(concat!(env!("OUT_DIR"), "/style.rs"));
pub const PAGE: HeaderSet = shared::header_set!("text/html; charset=utf-8", csp: CSP, cache: "no-store");
pub fn verdict(answer: &Answer<'_>, _lang: Lang, _path: &str) -> Vec<u8> { answer.title.as_bytes().to_vec() }
pub fn problem(problem: &Problem, lang: Lang, _official_host: &str) -> Vec<u8> { problem.detail.get(lang).as_bytes().to_vec() }
pub fn reported(id: &str, _lang: Lang, _official_host: &str, _back: &str) -> Vec<u8> { id.as_bytes().to_vec() }
