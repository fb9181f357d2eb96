//! The entry points on Workers: `fetch`, the cron trigger that sweeps, and the Durable Object class that holds a shard
//! of refunds or one account.
shared::workers_entry!(crate::handler::InstantRefund, sql, scheduled);
