//! STUB.
use super::*;
pub struct Alipay;
impl Alipay {
    pub fn new(_: &str, _: &str) -> Result<Alipay, String> {
        Ok(Alipay)
    }
}
static S: Semantics = Semantics {
    key_lifetime_ms: None,
    new_key_after_refusal: false,
    absence_is_proof: true,
    settle_ms: 0,
    min_interval_ms: 0,
    max_refunds: 50,
    window_ms: i64::MAX,
};
impl Gateway for Alipay {
    fn semantics(&self) -> &'static Semantics {
        &S
    }
    fn refund(&self, _: &Instruction, _: Moment<'_>) -> OutboundRequest {
        OutboundRequest {
            method: http::Method::POST,
            url: String::new(),
            headers: vec![],
            body: vec![],
            timeout_ms: 1,
            max_bytes: 1,
        }
    }
    fn read_refund(&self, _: &OutboundResponse, _: &Instruction, _: i64) -> Report {
        Report::NotFound
    }
    fn query(&self, i: &Instruction, m: Moment<'_>) -> OutboundRequest {
        self.refund(i, m)
    }
    fn read_query(&self, _: &OutboundResponse, _: &Instruction, _: i64) -> Report {
        Report::NotFound
    }
    fn read_notification(&self, _: &Headers, _: &[u8], _: i64) -> Result<Notification, NotificationError> {
        Err(NotificationError::Malformed)
    }
    fn acknowledgement(&self, _: bool) -> (&'static str, &'static str) {
        ("text/plain", "x")
    }
}
