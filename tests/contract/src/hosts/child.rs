//! A host in a process of its own, which ends with this one.

use std::fs::File;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::{Result, context};

/// How long a host may take to listen. A slow machine compiles the components first.
pub const START: Duration = Duration::from_secs(90);

/// How long a host may take to end by itself.
const GRACE: Duration = Duration::from_secs(5);

pub struct Process {
    child: Child,
    log: PathBuf,
}

impl Process {
    /// Its output goes to a log; its standard input stays open for as long as it is to run. It leads a group of its own:
    /// `spin up` and the Workers host have children, which a signal to them alone could leave behind.
    pub fn spawn(command: &mut Command, log: &Path) -> Result<Process> {
        let output = File::create(log).map_err(context(log.display()))?;
        let errors = output.try_clone().map_err(context(log.display()))?;
        command.stdin(Stdio::piped()).stdout(output).stderr(errors).process_group(0);
        let child = command.spawn().map_err(context(command.get_program().display()))?;
        Ok(Process { child, log: log.to_owned() })
    }

    /// An error with the end of the log if it has ended.
    pub fn alive(&mut self) -> Result<()> {
        match self.child.try_wait().map_err(context("wait"))? {
            None => Ok(()),
            Some(status) => Err(format!("the host ended ({status}):\n{}", self.tail())),
        }
    }

    pub fn tail(&self) -> String {
        let log = std::fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<&str> = log.lines().collect();
        lines[lines.len().saturating_sub(20)..].join("\n")
    }
}

impl Drop for Process {
    /// Asked first, so that it takes its children along; then whatever is left of the group is killed.
    fn drop(&mut self) {
        self.signal("TERM", "");
        let end = Instant::now() + GRACE;
        while matches!(self.child.try_wait(), Ok(None)) && Instant::now() < end {
            std::thread::sleep(Duration::from_millis(20));
        }
        self.signal("KILL", "-");
        let _reaped = self.child.wait();
    }
}

impl Process {
    /// Sends a signal to the process, or with the prefix `-` to its group. Whether it has ended already does not
    /// matter. The shell's own `kill`: the standard library has none for groups.
    fn signal(&self, name: &str, prefix: &str) {
        let command = format!("kill -s {name} -- {prefix}{}", self.child.id());
        let _told = Command::new("sh").args(["-c", &command]).stderr(Stdio::null()).status();
    }
}

/// A free loopback port. Another process could take it before the host does; none here does.
pub fn free_port() -> Result<SocketAddr> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(context("bind"))?;
    listener.local_addr().map_err(context("bind"))
}
