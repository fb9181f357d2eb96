//! STUB.
use crate::decision::Input;
use shared::lang::Lang;
pub struct Policy;
pub static POLICY: Policy = Policy;
pub const DIGEST: &str = "stub";
#[derive(Clone, Copy)]
pub struct Message {
    pub zh: &'static str,
    pub en: &'static str,
}
impl Message {
    pub fn fill(self, lang: Lang, _: &[Input]) -> std::borrow::Cow<'static, str> {
        lang.pick(self.zh, self.en).into()
    }
}
pub fn message(_: &str, _: &str) -> Option<Message> {
    None
}
pub fn yuan(fen: i64, _: Lang) -> String {
    format!("{fen}")
}
