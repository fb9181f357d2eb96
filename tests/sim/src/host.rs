//! The simulated host: every port, as one request on one worker sees it. What takes time is handed to the [`World`],
//! which decides when and whether it happens, and when and whether its answer arrives.

use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use shared::http::Headers;
use shared::platform::{
    Allowance, Clock, Entropy, Events, Forward, ForwardRequest, Forwarded, Kv, Limiter, Onward, Outbound,
    OutboundError, OutboundRequest, OutboundResponse, Peer, Place, Row, Sql, Statement, StorageError, Value, Wake,
    Waking,
};

use crate::flight::Work;
use crate::world::World;

/// The ports of one request.
pub struct SimHost {
    /// What all share.
    pub world: Rc<RefCell<World>>,
    /// Which task it is.
    pub task: u64,
    /// How far this worker's clock is off, milliseconds.
    pub skew_ms: i64,
    /// The request's header fields.
    pub headers: Headers,
}

/// The answer to an operation.
pub enum Answer {
    /// Of the store.
    Sql(Result<Vec<Row>, StorageError>),
    /// Of a gateway.
    Http(Result<OutboundResponse, OutboundError>),
}

/// An operation under way.
pub struct Operation {
    world: Rc<RefCell<World>>,
    id: u64,
}

impl SimHost {
    fn start(&self, work: Work) -> Operation {
        let id = self.world.borrow_mut().start(self.task, work);
        Operation { world: Rc::clone(&self.world), id }
    }
}

impl Future for Operation {
    type Output = Answer;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Answer> {
        self.world.borrow_mut().poll(self.id, context.waker())
    }
}

impl Drop for Operation {
    fn drop(&mut self) {
        if let Ok(mut world) = self.world.try_borrow_mut() {
            world.abandon(self.id);
        }
    }
}

impl Clock for SimHost {
    fn now_ms(&self) -> i64 {
        self.world.borrow().now + self.skew_ms
    }
}

impl Entropy for SimHost {
    fn fill(&self, bytes: &mut [u8]) {
        let mut world = self.world.borrow_mut();
        for chunk in bytes.chunks_mut(8) {
            let random = world.rng.draw().to_le_bytes();
            chunk.copy_from_slice(&random[..chunk.len()]);
        }
    }
}

impl Peer for SimHost {
    fn headers(&self) -> Headers {
        self.headers.clone()
    }

    fn client_addr<'h>(&self, _: &'h Headers) -> Option<&'h str> {
        None
    }

    fn place(&self) -> Option<Place> {
        None
    }
}

impl Sql for SimHost {
    async fn query(&self, _: &str, statement: &Statement, params: &[Value]) -> Result<Vec<Row>, StorageError> {
        match self.start(Work::Sql { statement: *statement, params: params.to_vec() }).await {
            Answer::Sql(answer) => answer,
            Answer::Http(_) => Err(StorageError::sql("mixed up")),
        }
    }
}

impl Kv for SimHost {
    async fn get(&self, _: &str) -> Result<Option<Vec<u8>>, StorageError> {
        Ok(None)
    }
}

impl Forward for SimHost {
    type Body = Vec<u8>;
    type Stream = Vec<u8>;

    async fn forward(&self, _: ForwardRequest, _: Onward<Vec<u8>>) -> Result<Forwarded<Vec<u8>>, OutboundError> {
        Err(OutboundError::Refused)
    }
}

impl Limiter for SimHost {
    async fn limit(&self, _: &str, _: &str) -> Allowance {
        Allowance::Unknown
    }
}

impl Wake for SimHost {
    async fn wake_at(&self, _: &str, _: i64) -> Result<Waking, StorageError> {
        Ok(Waking::Unsupported)
    }
}

impl Events for SimHost {
    fn emit(&self, line: &str) {
        self.world.borrow_mut().emitted(line);
    }
}

impl Outbound for SimHost {
    async fn send(&self, request: OutboundRequest) -> Result<OutboundResponse, OutboundError> {
        match self.start(Work::Http { request }).await {
            Answer::Http(answer) => answer,
            Answer::Sql(_) => Err(OutboundError::Transport),
        }
    }
}
