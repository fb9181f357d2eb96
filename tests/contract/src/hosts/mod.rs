//! The hosts, and the one way that the suite treats them all.

mod child;
mod framing;
mod native;
mod network;
mod spin;
mod workers;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::Result;
use crate::client::Answer;
use crate::functions::Known;
use crate::vector::{HostName, Place, Port, Query, Request, Vector};

/// Where things are.
pub struct Paths {
    /// The repository.
    pub root: PathBuf,
    /// Cargo's output, for binaries of the same profile as this one.
    pub bin: PathBuf,
    /// Logs and state of this run.
    pub work: PathBuf,
}

/// What surrounds one request.
pub struct Conditions<'a> {
    pub now: i64,
    /// Where random numbers begin, on hosts that can be told.
    pub seed: u64,
    pub fail: &'a [Port],
    pub place: Option<&'a Place>,
}

pub trait Host {
    /// Why a vector cannot run here, if it cannot.
    fn skips(&self, _vector: &Vector) -> Option<&'static str> {
        None
    }
    /// Whether it obeys [`Conditions::now`]; else it keeps its own time, see [`crate::own_clock`].
    fn sets_clock(&self) -> bool {
        true
    }
    /// Forgets the last vector, then holds what this one starts from.
    fn begin(&mut self, function: &'static Known, kv: BTreeMap<String, Vec<u8>>) -> Result<()>;
    /// As [`Host::begin`], but the databases stay as they are, in the state that the host was started on.
    fn resume(&mut self, function: &'static Known, kv: BTreeMap<String, Vec<u8>>) -> Result<()>;
    /// Runs a statement on a function's database.
    fn query(&mut self, query: &Query) -> Result<Vec<Vec<Value>>>;
    fn send(&mut self, request: &Request, conditions: &Conditions<'_>) -> Result<Answer>;
}

/// The function that takes every path, in a configuration that puts it before an origin.
fn before_an_origin(config: &BTreeMap<String, Option<String>>) -> Option<&'static str> {
    config.get("SCREEN_ORIGIN").is_some_and(Option::is_some).then_some("bot-screen")
}

/// Starts a host with this configuration. `number` keeps its logs and its state apart from those of others; with
/// `own_clock` the stand-in for Spin has no test hooks, as the real one.
pub fn start(
    name: HostName,
    config: &BTreeMap<String, Option<String>>,
    paths: &Paths,
    number: usize,
    own_clock: bool,
) -> Result<Box<dyn Host>> {
    let work = paths.work.join(format!("{number}-{name:?}").to_lowercase());
    std::fs::create_dir_all(&work).map_err(crate::context(work.display()))?;
    start_in(name, config, paths, &work, own_clock)
}

/// Starts a host with its logs in `work`. A folder `work/state` that is there holds its databases, also when it has ended.
pub fn start_in(
    name: HostName,
    config: &BTreeMap<String, Option<String>>,
    paths: &Paths,
    work: &Path,
    own_clock: bool,
) -> Result<Box<dyn Host>> {
    Ok(match name {
        HostName::Native => Box::new(native::InProcess::new(config).in_files(work)),
        HostName::Workers => Box::new(workers::Workers::start(config, paths, work)?),
        HostName::Spin => Box::new(spin::Spin::start(config, paths, work, own_clock)?),
    })
}

/// The native platform alone.
pub fn native(config: &BTreeMap<String, Option<String>>) -> impl Host + use<> {
    native::InProcess::new(config)
}

/// Where the real Spin is: `SPIN_BIN`, or `spin` on PATH. Else the stand-in is used.
pub fn real_spin() -> Option<PathBuf> {
    let named = std::env::var_os("SPIN_BIN").map(PathBuf::from);
    named.or_else(|| {
        let path = std::env::var_os("PATH")?;
        std::env::split_paths(&path).map(|dir| dir.join("spin")).find(|file| is_program(file))
    })
}

fn is_program(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    file.metadata().is_ok_and(|meta| meta.is_file() && meta.permissions().mode() & 0o111 != 0)
}

/// Header lines of a request, `Host` first; the hosts add their own behind.
fn head(request: &Request) -> Vec<(String, String)> {
    let mut headers = vec![("host".to_owned(), request.host.clone())];
    headers.extend(request.headers.iter().cloned());
    headers
}
