//! The entry points on Workers: `fetch`, and the Durable Object class that remembers which policies were adopted.
shared::workers_entry!(crate::BotScreen, sql);
