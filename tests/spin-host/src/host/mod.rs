//! The `spin:*` interfaces. Where Spin runs a call on another thread, blocks in place or streams, so does this.

pub mod key_value;
pub mod sqlite;
mod stream;
mod variables;

use wasmtime::component::HasData;

use crate::instance::Ctx;

/// Tells the generated bindings where the state of the host functions is.
pub struct Spin;

impl HasData for Spin {
    type Data<'a> = &'a mut Ctx;
}
