//! The bundled policy pack: the figures and texts of `policy/`, compiled to constants by `build.rs`.

pub use shared::lang::Message;

include!(concat!(env!("OUT_DIR"), "/policy.rs"));

/// The texts, named `SECTION_KEY`.
pub mod messages {
    use super::Message;
    include!(concat!(env!("OUT_DIR"), "/messages.rs"));
}
