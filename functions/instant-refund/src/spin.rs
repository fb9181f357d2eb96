//! The entry point on Spin. Its scheduler calls `POST /v1/refunds/sweep`.
shared::spin_entry!(crate::handler::InstantRefund);
