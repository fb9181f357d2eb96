//! The entry point on Workers. With `, sql` the function has tables, with `, scheduled` a cron trigger.
shared::workers_entry!(crate::{{type}});
