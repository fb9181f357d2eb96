//! The function on a store of its own, natively.

use bot_screen::store::SCHEMA;
use serde_json::json;
use shared::platform::native::Native;

/// What seals its challenges and passes.
pub const PASS_KEYS: &str = "k1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// With one caller, of whose bearer key this is the digest, and what else is configured.
pub fn native(digest: &str, variables: &[(&str, &str)]) -> Native {
    let callers =
        json!([{ "caller": "edge", "kid": "k", "alg": "bearer-sha256", "key": digest, "scopes": ["screen"] }]);
    let mut host = Native::new(SCHEMA).unwrap();
    host.variables.insert("SCREEN_CALLERS".to_owned(), callers.to_string());
    for (name, value) in [("SCREEN_PASS_KEYS", PASS_KEYS)].iter().chain(variables) {
        host.variables.insert((*name).to_owned(), (*value).to_owned());
    }
    host
}
