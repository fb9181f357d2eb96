//! A channel as a component-model stream, one item a read: Spin's `crates/wasi-async/src/stream.rs`.

use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::sync::mpsc::Receiver;
use wasmtime::component::{Destination, StreamProducer, StreamResult};
use wasmtime::{Result, StoreContextMut};

pub struct ChannelStream<T>(pub Receiver<T>);

impl<D, T> StreamProducer<D> for ChannelStream<T>
where
    T: wasmtime::component::Lower + Send + Sync + 'static,
{
    type Item = T;
    type Buffer = Option<T>;

    fn poll_produce<'a>(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        store: StoreContextMut<'a, D>,
        mut destination: Destination<'a, T, Option<T>>,
        finish: bool,
    ) -> Poll<Result<StreamResult>> {
        if finish {
            return Poll::Ready(Ok(StreamResult::Cancelled));
        }
        // A read of no items only asks whether the stream is ready, and must not take one from the channel.
        if destination.remaining(store) == Some(0) {
            return Poll::Ready(Ok(StreamResult::Completed));
        }
        self.get_mut().0.poll_recv(context).map(|item| {
            Ok(match item {
                Some(item) => {
                    destination.set_buffer(Some(item));
                    StreamResult::Completed
                }
                None => StreamResult::Dropped,
            })
        })
    }
}
