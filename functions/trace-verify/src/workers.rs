//! The entry points on Workers: `fetch`, and the Durable Object class that holds the scan ledger: one piece's, or one
//! day's unverified complaints.
shared::workers_entry!(crate::handler::TraceVerify, sql);
