//! The entry point on Spin.
shared::spin_entry!(crate::Ports);
