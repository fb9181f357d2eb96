//! A deployment that is configured wrongly says so to its operator too: an event names the key and what is wanted, and never
//! the value.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use http::{Method, StatusCode};
use serde_json::Value;
use shared::http::{Head, Target};
use shared::platform::native::{self, Native};
use trace_verify::handler::TraceVerify;
use trace_verify::store;

const KEY: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

fn right() -> [(&'static str, String); 4] {
    [
        ("TRACE_HOSTS", "t.example".to_owned()),
        // RFC 8032, section 7.1, test 1.
        ("TRACE_ROOT_KEY", "root:11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo".to_owned()),
        ("TRACE_MAC_KEYS", format!("7:{KEY}")),
        ("TRACE_DEVICE_SECRET", KEY.to_owned()),
    ]
}

fn told(name: &str, value: Option<&str>) -> (StatusCode, Vec<String>) {
    let mut host = Native::new(store::SCHEMA).unwrap();
    host.variables = right().map(|(name, value)| (name.to_owned(), value)).into();
    match value {
        Some(value) => host.variables.insert(name.to_owned(), value.to_owned()),
        None => host.variables.remove(name),
    };
    let target = Target::new("t.example", "/verify/01/09506000134352/21/A");
    let head = Head { method: Method::GET, target, ..Head::default() };
    let answer = native::handle::<TraceVerify>(&mut host, &head, Vec::new()).ours().unwrap();
    (answer.status, host.events.take())
}

#[test]
fn an_event_names_the_key_at_fault_and_not_its_value() {
    assert_ne!(told("TRACE_HOPS", Some("1")).0, StatusCode::SERVICE_UNAVAILABLE, "the rest is right");
    for (name, value) in [
        ("TRACE_HOSTS", "t.example/s3cret"),
        ("TRACE_ROOT_KEY", "root:s3cret"),
        ("TRACE_MAC_KEYS", "7:s3cret"),
        ("TRACE_DEVICE_SECRET", "s3cret"),
        ("TRACE_COOKIE_KEYS", "k1:s3cret"),
        ("TRACE_COOKIE", "s3cret"),
        ("TRACE_CALLERS", r#"[{"caller":"shop","s3cret":1}]"#),
        ("TRACE_HOPS", "s3cret"),
        ("TRACE_PLACE", "country=s3cret"),
        ("TRACE_OPERATORS", r#"[{"s3cret":"s3cret"}]"#),
        ("TRACE_KEYSET_MINIMUM", "s3cret"),
    ] {
        let (status, events) = told(name, Some(value));
        assert_eq!((status, events.len()), (StatusCode::SERVICE_UNAVAILABLE, 1), "{name}: {events:?}");
        let event: Value = serde_json::from_str(&events[0]).unwrap();
        let [schema, outcome, function] = ["schema", "outcome", "function"].map(|member| event[member].as_str());
        assert_eq!((schema, outcome, function), (Some("venditor.fault.v1"), Some("malformed"), Some("trace-verify")));
        assert_eq!(event["details"]["port"], "configuration");
        assert!(event["details"]["error"].as_str().unwrap().starts_with(name), "{event}");
        assert!(!events[0].contains("s3cret"), "{event}");
    }
    for name in ["TRACE_HOSTS", "TRACE_ROOT_KEY", "TRACE_MAC_KEYS", "TRACE_DEVICE_SECRET"] {
        let (_, events) = told(name, None);
        assert!(events.len() == 1 && events[0].contains(&format!("{name} is not set")), "{events:?}");
    }
}
