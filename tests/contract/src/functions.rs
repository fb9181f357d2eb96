//! The functions, one entry each: the only file of this crate that names their Rust interfaces. A folder of `functions/`
//! without an entry fails a test here.

use shared::http::{Head, Response};
use shared::platform::Schema;
use shared::platform::native::{Native, block_on};

use crate::Result;
use crate::fixtures::{Fixtures, NOTHING, refund::Refund, trace::Trace};

/// What the suite knows of a function.
pub struct Function {
    /// As its folder is called.
    pub name: &'static str,
    /// Its tables.
    pub schema: Schema,
    /// The digest of its compiled-in policy, which `{{policy}}` stands for; empty if it has none.
    pub policy: &'static str,
    /// What its vectors refer to.
    pub fixtures: &'static dyn Fixtures,
    /// Its answer on the native platform.
    pub answer: fn(&mut Native, &Head, Vec<u8>) -> Response,
}

/// All of them.
pub static ALL: [Function; 4] = [
    Function {
        name: "bot-screen",
        schema: &[],
        policy: "",
        fixtures: &NOTHING,
        answer: |_, head, _| bot_screen::answer(head),
    },
    Function {
        name: "instant-refund",
        schema: instant_refund::store::SCHEMA,
        policy: instant_refund::policy::DIGEST,
        fixtures: &Refund,
        answer: instant_refund,
    },
    Function {
        name: "listing-check",
        schema: &[],
        policy: "",
        fixtures: &NOTHING,
        answer: |_, head, _| listing_check::answer(head),
    },
    Function {
        name: "trace-verify",
        schema: trace_verify::store::SCHEMA,
        policy: trace_verify::policy::DIGEST,
        fixtures: &Trace,
        answer: trace_verify,
    },
];

/// A function by its name.
pub fn of(name: &str) -> Result<&'static Function> {
    ALL.iter().find(|function| function.name == name).ok_or_else(|| format!("no function {name}"))
}

fn instant_refund(host: &mut Native, head: &Head, body: Vec<u8>) -> Response {
    block_on(async {
        let config = instant_refund::config::Config::read(host).await;
        host.origins = config.as_ref().map(|config| config.origins.clone()).unwrap_or_default();
        instant_refund::handler::handle(host, config.as_ref(), head, body).await
    })
}

fn trace_verify(host: &mut Native, head: &Head, body: Vec<u8>) -> Response {
    block_on(async {
        let config = trace_verify::config::Config::read(host).await;
        trace_verify::handler::handle(host, config.as_ref(), head, body).await
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_folder_of_functions_has_an_entry() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../functions");
        let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
        let mut folders: Vec<String> = entries
            .filter(|entry| entry.path().join("Cargo.toml").is_file())
            .map(|entry| entry.file_name().into_string().unwrap())
            .collect();
        folders.sort();
        assert_eq!(folders, ALL.each_ref().map(|function| function.name), "tests/contract/src/functions.rs: ALL");
    }
}
