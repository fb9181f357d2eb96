//! A problem, for a person.

use http::StatusCode;
use maud::html;
use shared::problem::Problem;

use super::shell;
use crate::policy::{Text, Words, texts as msg};

/// The page of a problem: what happened, where, and what to do. `hosts` may be empty.
pub fn problem(problem: &Problem, words: Words<'_>, hosts: &[String]) -> Vec<u8> {
    let lang = words.lang;
    let title = lang.pick(problem.kind.zh, problem.kind.en);
    let detail = problem.detail.get(lang);
    // A lone field whose text is the detail again says nothing new.
    let faults = problem.errors.iter().filter(|error| error.detail.get(lang) != detail);
    let faults: Vec<_> = faults.collect();
    let main = html! {
        section.verdict.unknown aria-labelledby="problem" {
            h1 #problem { (title) }
            p { (detail) }
            @if !faults.is_empty() {
                h2 { (words.get(msg::PAGE_PROBLEM_FAULTS)) }
                ul { @for fault in faults { li { code { (fault.pointer) } " " (fault.detail.get(lang)) } } }
            }
            p { strong { (words.get(hint(problem.kind.status))) } }
        }
        (shell::official_hosts(hosts, words))
    };
    let footer = html! { p { (words.get(msg::PAGE_PROBLEM_CODE)) " " code { (problem.kind.code) } } };
    shell::page(words, title, may_be_asked_again(problem.kind.status).then_some(""), &main, &footer)
}

fn hint(status: StatusCode) -> Text {
    match status {
        StatusCode::UNPROCESSABLE_ENTITY | StatusCode::FORBIDDEN | StatusCode::PAYLOAD_TOO_LARGE => {
            msg::PAGE_PROBLEM_CORRECT
        }
        StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => msg::PAGE_PROBLEM_LATER,
        StatusCode::MISDIRECTED_REQUEST => msg::PAGE_PROBLEM_HOST,
        _ => msg::PAGE_PROBLEM_HINT,
    }
}

/// Whether the same address may be asked for in the other language: not if it answered a form.
fn may_be_asked_again(status: StatusCode) -> bool {
    matches!(
        status,
        StatusCode::BAD_REQUEST | StatusCode::NOT_FOUND | StatusCode::URI_TOO_LONG | StatusCode::MISDIRECTED_REQUEST
    )
}
