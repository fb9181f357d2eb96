//! The entry points on Workers.
shared::workers_entry!(crate::Ports, sql);
