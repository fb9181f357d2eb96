//! The wake-up: a Durable Object's alarm. The object stores its shard's name when the alarm is set, because an
//! object that wakes does not know it; what is due, and what is to be done, the function's handler finds out.
//!
//! Wire: `PUT` with `{"shard": "…", "at": <ms since the epoch>}`.

use serde::{Deserialize, Serialize};
use worker::{Request, Response, ScheduledTime};

use super::super::{StorageError, Wake, Waking};
use super::{SQL_BINDING, SqlObject, Worker, bindings, storage_error};

/// Where the object keeps its shard's name; not in a table of the function's.
const SHARD: &str = "venditor-shard";
/// The last instant that an alarm is set for: 2188-01-01, milliseconds since the epoch.
const LATEST_MS: i64 = 6_879_427_200_000;

#[derive(Serialize, Deserialize)]
struct Call {
    shard: String,
    at: i64,
}

impl Wake for Worker {
    async fn wake_at(&self, shard: &str, at_ms: i64) -> Result<Waking, StorageError> {
        let call = serde_json::to_string(&Call { shard: shard.to_owned(), at: at_ms }).unwrap_or_default();
        match bindings::ask_object(&self.env, SQL_BINDING, shard, "PUT", &call).await {
            Ok(_) => Ok(Waking::Set),
            Err(error) => Err(storage_error(&error)),
        }
    }
}

impl SqlObject {
    /// Sets the alarm, unless an earlier one is set. Nothing comes between: other events wait while storage is asked.
    pub(super) async fn wake(&self, mut request: Request) -> worker::Result<Response> {
        let call: Call = serde_json::from_str(&request.text().await?)?;
        // The runtime takes no instant before 1 or after 2189; the past is at once.
        let at = call.at.clamp(1, LATEST_MS);
        let storage = self.state.storage();
        if storage.get_alarm().await?.is_none_or(|set| at < set) {
            storage.put_raw(SHARD, call.shard.as_str()).await?;
            storage.set_alarm(ScheduledTime::new(js_sys::Date::new(&(at as f64).into()))).await?;
        }
        Response::ok("")
    }

    /// For the object's `alarm`: calls the function's handler with the shard's name. An error is thrown at the runtime,
    /// which then tries again.
    pub async fn alarm<F>(&self, handler: impl FnOnce(String) -> F) -> worker::Result<Response>
    where
        F: Future<Output = Result<(), StorageError>>,
    {
        let shard: Option<String> = self.state.storage().get(SHARD).await?;
        let shard = shard.ok_or_else(|| worker::Error::RustError("woken without a shard".to_owned()))?;
        handler(shard).await.map_err(|error| worker::Error::RustError(error.message))?;
        Response::empty()
    }
}
