//! `spin:variables/variables@3.0.0`.

use wasmtime::Result;
use wasmtime::component::Accessor;

use super::Spin;
use crate::bindings::variables::{Error, Host, HostWithStore};
use crate::instance::Ctx;
use crate::variables::Missing;

impl Host for Ctx {}

impl<T> HostWithStore<T> for Spin {
    async fn get(store: &Accessor<T, Self>, name: String) -> Result<Result<String, Error>> {
        let value = store.with(|mut access| access.get().component.variables.get(&name));
        Ok(value.map_err(|missing| match missing {
            Missing::InvalidName(message) => Error::InvalidName(message),
            Missing::Undefined(message) => Error::Undefined(message),
        }))
    }
}
