//! An honest stand-in for the Spin CLI (`spin up`, Spin 4.1 or later), for machines where no `spin` is installed.
//!
//! It serves the components of the real `spin.toml` on the wasmtime crates that Spin itself is built on. What it copies
//! from Spin, with the source that was read, is said at the top of each module; the README has the list of what it does
//! not do. It is for tests and benchmarks, not for production.

mod app;
mod bindings;
mod cli;
mod contract;
mod engine;
mod handler;
mod headers;
mod host;
mod hosts;
mod instance;
mod manifest;
mod outbound;
mod output;
mod routes;
mod runtime_config;
mod server;
mod supervise;
mod template;
mod variables;

use std::io::Write as _;
use std::process::ExitCode;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use clap::Parser as _;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use wasmtime::Result;
use wasmtime::error::Context as _;

use crate::cli::{Cli, Command, Up};
use crate::server::Server;

/// Spin's `MAX_HOST_BUFFERED_BYTES`: the largest query result or value that it hands to a guest.
const MAX_BUFFERED_BYTES: usize = 128 << 20;

fn main() -> ExitCode {
    match Cli::parse().command {
        Command::Up(options) => finish(supervise::up(&options)),
        Command::Trigger(options) => finish(trigger(&options).map(|()| ExitCode::SUCCESS)),
    }
}

fn finish(result: Result<ExitCode>) -> ExitCode {
    result.unwrap_or_else(|error| {
        eprintln!("Error: {error:#}");
        ExitCode::FAILURE
    })
}

fn trigger(options: &Up) -> Result<()> {
    let server = Arc::new(app::build(options)?);
    // Multi-threaded with a worker thread per core, as Spin's `#[tokio::main]`.
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let result = runtime.block_on(serve(options, server));
    // Whatever is in flight is dropped.
    runtime.shutdown_background();
    result
}

async fn serve(options: &Up, server: Arc<Server>) -> Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let listener =
        TcpListener::bind(options.listen).await.with_context(|| format!("cannot listen on {}", options.listen))?;
    announce(options, &server, listener.local_addr()?)?;
    let stopping = server.stopping.clone();
    tokio::select! {
        () = server.run(listener) => {}
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    stopping.store(true, Ordering::Relaxed);
    Ok(())
}

/// Who waits for the host reads this: the last line comes when it is ready.
fn announce(options: &Up, server: &Server, address: std::net::SocketAddr) -> Result<()> {
    let mut stdout = std::io::stdout().lock();
    if !options.quiet {
        writeln!(stdout, "Available Routes:")?;
        for entry in server.router.entries() {
            writeln!(stdout, "  {}: http://{address}{}", entry.component, entry.raw)?;
        }
    }
    writeln!(stdout, "Serving http://{address}")?;
    stdout.flush()?;
    Ok(())
}

/// A panic elsewhere must not take the whole host down with it.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
