//! The entry point on Workers.
shared::workers_entry!(crate::ListingCheck);
