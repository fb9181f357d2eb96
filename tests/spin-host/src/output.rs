//! Where the standard output and error of guests go: to the host's own, unchanged, and with `--log-dir` also to
//! `<component>_stdout.txt` and `<component>_stderr.txt`, the files of Spin's `crates/trigger/src/cli/stdio.rs`.
//!
//! Bytes are held back until their line is complete, so that lines of concurrent instances never mix: WASI 0.2 hands
//! over at most 4096 bytes at a time. (Spin does not do this, and shows both streams on its standard error.)

use std::fs::File;
use std::io::{self, Write as _};
use std::path::Path;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use bytes::Bytes;
use tokio::io::AsyncWrite;
use wasmtime::Result;
use wasmtime::error::Context as _;
use wasmtime_wasi::async_trait;
use wasmtime_wasi::cli::{IsTerminal, StdoutStream};
use wasmtime_wasi::p2::{OutputStream, Pollable, StreamError, StreamResult};

use crate::lock;

#[derive(Clone, Copy)]
pub enum Channel {
    Stdout,
    Stderr,
}

/// One output of a component; shared by its instances.
pub struct Sink {
    channel: Channel,
    quiet: bool,
    file: Option<File>,
}

impl Sink {
    pub fn new(component: &str, channel: Channel, quiet: bool, log_dir: Option<&Path>) -> Result<Arc<Self>> {
        let open = |dir: &Path| {
            let suffix = match channel {
                Channel::Stdout => "stdout",
                Channel::Stderr => "stderr",
            };
            let path = dir.join(format!("{component}_{suffix}.txt"));
            File::options()
                .create(true)
                .append(true)
                .open(&path)
                .with_context(|| format!("log file {}", path.display()))
        };
        let file = log_dir.map(open).transpose()?;
        Ok(Arc::new(Self { channel, quiet, file }))
    }

    fn write(&self, lines: &[u8]) -> io::Result<()> {
        if let Some(mut file) = self.file.as_ref() {
            file.write_all(lines)?;
        }
        match (self.quiet, self.channel) {
            (true, _) => Ok(()),
            (false, Channel::Stdout) => {
                let mut stdout = io::stdout().lock();
                stdout.write_all(lines)?;
                stdout.flush()
            }
            (false, Channel::Stderr) => io::stderr().lock().write_all(lines),
        }
    }
}

/// The output of one instance. What follows its last line break appears when the instance ends.
#[derive(Clone)]
pub struct Output(Arc<Lines>);

struct Lines {
    sink: Arc<Sink>,
    unfinished: Mutex<Vec<u8>>,
}

impl Output {
    pub fn new(sink: Arc<Sink>) -> Self {
        let unfinished = Mutex::default();
        Self(Arc::new(Lines { sink, unfinished }))
    }

    fn push(&self, bytes: &[u8]) -> io::Result<()> {
        let mut unfinished = lock(&self.0.unfinished);
        let Some(end) = bytes.iter().rposition(|byte| *byte == b'\n') else {
            unfinished.extend_from_slice(bytes);
            return Ok(());
        };
        let (lines, rest) = bytes.split_at(end + 1);
        if unfinished.is_empty() {
            self.0.sink.write(lines)?;
        } else {
            unfinished.extend_from_slice(lines);
            self.0.sink.write(&unfinished)?;
            unfinished.clear();
        }
        unfinished.extend_from_slice(rest);
        Ok(())
    }
}

impl Drop for Lines {
    fn drop(&mut self) {
        let rest = std::mem::take(&mut *lock(&self.unfinished));
        if !rest.is_empty() {
            // There is nowhere to report that the output is gone.
            _ = self.sink.write(&rest);
        }
    }
}

impl IsTerminal for Output {
    fn is_terminal(&self) -> bool {
        false
    }
}

impl StdoutStream for Output {
    fn async_stream(&self) -> Box<dyn AsyncWrite + Send + Sync> {
        Box::new(self.clone())
    }

    fn p2_stream(&self) -> Box<dyn OutputStream> {
        Box::new(self.clone())
    }
}

impl OutputStream for Output {
    fn write(&mut self, bytes: Bytes) -> StreamResult<()> {
        self.push(&bytes).map_err(|error| StreamError::LastOperationFailed(error.into()))
    }

    fn flush(&mut self) -> StreamResult<()> {
        Ok(())
    }

    fn check_write(&mut self) -> StreamResult<usize> {
        Ok(64 * 1024)
    }
}

#[async_trait]
impl Pollable for Output {
    async fn ready(&mut self) {}
}

impl AsyncWrite for Output {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Poll::Ready(self.push(bytes).map(|()| bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_stay_whole_and_the_rest_comes_at_the_end() {
        let dir = std::env::temp_dir().join(format!("spin-host-output-{}", std::process::id()));
        std::fs::create_dir_all(&dir).unwrap();
        let sink = Sink::new("c", Channel::Stdout, true, Some(&dir)).unwrap();
        let (one, two) = (Output::new(sink.clone()), Output::new(sink));
        one.push(b"first ").unwrap();
        two.push(b"other\n").unwrap();
        one.push(b"half\nsecond").unwrap();
        two.push(b"more\n").unwrap();
        drop((one, two));
        let log = std::fs::read_to_string(dir.join("c_stdout.txt")).unwrap();
        std::fs::remove_dir_all(&dir).unwrap();
        assert_eq!(log, "other\nfirst half\nmore\nsecond");
    }
}
