//! Signed documents: parsing never panics, and a record that passes its check survives its canonical form.
#![no_main]

use libfuzzer_sys::fuzz_target;
use shared::dsse::Envelope;
use shared::jcs;
use trace_verify::head::Head;
use trace_verify::manifest::Manifest;
use trace_verify::record::Record;
use trace_verify::statement::Statement;
use trace_verify::status::Status;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(envelope) = Envelope::parse(bytes) {
        let _ = envelope.json();
        let again = Envelope::parse(&envelope.to_bytes()).expect("an envelope survives");
        assert_eq!(again, envelope);
    }
    let Ok(value) = jcs::parse_bounded(bytes, 64 * 1024, 12) else { return };
    let canonical = jcs::canonical(&value).expect("what was parsed can be written");
    assert_eq!(jcs::parse_bounded(&canonical, usize::MAX, 12).expect("and read again"), value);
    if let Ok(record) = serde_json::from_value::<Record>(value.clone())
        && record.check().is_ok()
    {
        let _ = record.expired(0);
        let written = serde_json::to_value(&record).expect("a record can be written");
        assert_eq!(serde_json::from_value::<Record>(written).expect("and read again"), record);
    }
    if let Ok(manifest) = serde_json::from_value::<Manifest>(value.clone()) {
        let _ = manifest.check();
    }
    if let Ok(statement) = serde_json::from_value::<Statement>(value.clone())
        && statement.check().is_ok()
    {
        let written = serde_json::to_value(&statement).expect("a statement can be written");
        assert_eq!(serde_json::from_value::<Statement>(written).expect("and read again"), statement);
    }
    if let Ok(head) = serde_json::from_value::<Head>(value.clone()) {
        let _ = head.check();
    }
    if let Ok(status) = serde_json::from_value::<Status>(value) {
        let _ = status.check();
    }
});
