//! `up` itself serves nothing: it starts the trigger as a process of its own and waits for it, after Spin's
//! `src/commands/up.rs`. SIGTERM and SIGINT are passed on. SIGKILL cannot be: then the trigger goes on, with its port and
//! its databases, as Spin's does.

use std::io::Read as _;
use std::process::{Child, Command, ExitCode, Stdio};

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::oneshot;
use wasmtime::error::Context as _;
use wasmtime::{Result, format_err};

use crate::cli::Up;

/// Runs until the trigger has ended; its exit code.
pub fn up(options: &Up) -> Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let code = runtime.block_on(supervise(options.contract));
    // The thread that reads standard input may never come back.
    runtime.shutdown_background();
    code
}

async fn supervise(contract: bool) -> Result<ExitCode> {
    // Before there is a trigger, so that no signal is missed.
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut child = Command::new(std::env::current_exe()?)
        .arg("trigger")
        // Behind the program's name and `up`.
        .args(std::env::args_os().skip(2))
        .stdin(Stdio::null())
        .spawn()
        .context("cannot start the trigger")?;
    let pid = pid(&child)?;
    let mut ended = tokio::task::spawn_blocking(move || child.wait());
    let mut input_ends = std::pin::pin!(input_ends(contract));
    let mut told = false;
    loop {
        tokio::select! {
            status = &mut ended => {
                let code = status??.code().and_then(|code| u8::try_from(code).ok());
                return code.map(ExitCode::from).ok_or_else(|| format_err!("the trigger was killed"));
            }
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
            _ = &mut input_ends, if !told => {}
        }
        told = true;
        // SAFETY: no memory is touched, and what the call says does not matter: a trigger that has just ended is told in
        // vain, and the next turn of the loop finds it out.
        unsafe { libc::kill(pid, libc::SIGTERM) };
    }
}

fn pid(child: &Child) -> Result<libc::pid_t> {
    libc::pid_t::try_from(child.id()).context("a process id")
}

/// For tests: whoever holds the other end of standard input may die in any way, and this host goes too.
async fn input_ends(contract: bool) {
    if !contract {
        return std::future::pending().await;
    }
    let (ends, ended) = oneshot::channel();
    std::thread::spawn(move || {
        _ = std::io::stdin().read_to_end(&mut Vec::new());
        _ = ends.send(());
    });
    _ = ended.await;
}
