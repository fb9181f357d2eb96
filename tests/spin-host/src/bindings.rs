//! Rust for the `spin:*` interfaces, generated from `wit/`.

wasmtime::component::bindgen!({
    path: "wit",
    world: "host",
    imports: {
        // Not `async` in WIT, but it waits for the database, so the host function is; the guest is blocked meanwhile.
        "spin:sqlite/sqlite.[method]connection.execute": async | trappable,
        default: trappable,
    },
    with: {
        "spin:key-value/key-value.store": crate::host::key_value::Store,
        "spin:sqlite/sqlite.connection": crate::host::sqlite::Connection,
    },
});

pub use spin::key_value::key_value;
pub use spin::sqlite::sqlite;
pub use spin::variables::variables;
