//! What the command line says.

use std::path::PathBuf;

use crate::Result;
use crate::vector::HostName;

pub const USAGE: &str = "\
contract: puts the vectors of tests/vectors to the functions, on every host

usage: cargo run -p contract -- [--host HOST]... [--filter TEXT] [--bless] [--own-clock]
       cargo run -p contract -- --gallery FILE COMMAND [ARGUMENT]...
       cargo run -p contract -- --stored [--host HOST]...
       cargo run -p contract -- --store DIR --host workers|spin

  --host HOST     native (in this process), workers (workerd, through scripts/workers-host.mjs) or spin (the real
                  Spin if SPIN_BIN or PATH has it, else the stand-in tests/spin-host); may be repeated; all by default.
                  The artifacts of workers and spin must be built: scripts/build. The stand-in too:
                  cargo build -p spin-host
  --filter TEXT   only vectors whose function/file contains the text
  --bless         writes what the first host answers into the vectors, in the shape that they have; read the
                  difference before you keep it
  --own-clock     the stand-in for Spin keeps the real time and cannot be made to fail, as the real Spin: its answers
                  are then compared with the native ones of the same time
  --gallery       fills the Workers host for tests/browser, writes the scenarios to FILE and runs COMMAND, with {base}
                  replaced by the host's address
  --stored        opens the databases that earlier builds wrote, in tests/stored, on every host
  --store         writes such a set into DIR with the present build; tests/stored/README.md says when
  -h, --help      this text

Exits with 0 if every vector passed, 1 if one failed or none ran, 2 if the command line was not understood.
tests/vectors/README.md says how a vector is written.";

pub enum Command {
    Help,
    Gallery { file: String, command: Vec<String> },
    Vectors(Options),
    Stored(Vec<HostName>),
    Store { host: HostName, set: PathBuf },
}

pub struct Options {
    pub hosts: Vec<HostName>,
    pub filter: Option<String>,
    pub bless: bool,
    pub own_clock: bool,
}

/// Reads the arguments behind the program's name.
pub fn parse(mut args: impl Iterator<Item = String>) -> Result<Command> {
    let mut options = Options { hosts: Vec::new(), filter: None, bless: false, own_clock: false };
    let mut first = true;
    let (mut stored, mut store) = (false, None);
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--help" | "-h" => return Ok(Command::Help),
            "--gallery" if first => {
                let file = args.next().ok_or("--gallery: no FILE")?;
                let command: Vec<String> = args.collect();
                return if command.is_empty() {
                    Err("--gallery: no COMMAND".to_owned())
                } else {
                    Ok(Command::Gallery { file, command })
                };
            }
            "--bless" => options.bless = true,
            "--stored" => stored = true,
            "--store" => store = Some(PathBuf::from(args.next().ok_or("--store: no DIR")?)),
            "--own-clock" => options.own_clock = true,
            "--filter" => options.filter = Some(args.next().ok_or("--filter: no TEXT")?),
            "--host" => {
                let name = args.next().ok_or("--host: no HOST")?;
                let host = HostName::ALL.into_iter().find(|host| host.text() == name);
                options.hosts.push(host.ok_or_else(|| format!("--host: no host is called {name:?}"))?);
            }
            _ => return Err(format!("{arg:?} is not understood")),
        }
        first = false;
    }
    let others = options.bless || options.own_clock || options.filter.is_some();
    if (stored || store.is_some()) && (others || stored && store.is_some()) {
        return Err("--stored and --store go with --host alone".to_owned());
    }
    if let Some(set) = store {
        return match options.hosts[..] {
            [host @ (HostName::Workers | HostName::Spin)] => Ok(Command::Store { host, set }),
            _ => Err("--store: --host workers or --host spin".to_owned()),
        };
    }
    if options.hosts.is_empty() {
        options.hosts = HostName::ALL.into();
    }
    options.hosts.sort();
    options.hosts.dedup();
    if stored {
        return Ok(Command::Stored(options.hosts));
    }
    if options.bless && options.own_clock && options.hosts == [HostName::Spin] {
        return Err("--bless: not from a host that keeps its own time".to_owned());
    }
    Ok(Command::Vectors(options))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Result<Command> {
        parse(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn what_is_understood() {
        let Ok(Command::Vectors(options)) = read("--host spin --host native --host spin --filter a") else { panic!() };
        assert_eq!(options.hosts, [HostName::Native, HostName::Spin]);
        assert_eq!((options.filter.as_deref(), options.bless, options.own_clock), (Some("a"), false, false));
        assert!(matches!(read(""), Ok(Command::Vectors(options)) if options.hosts == HostName::ALL));
        assert!(matches!(read("--bless --help"), Ok(Command::Help)));
        let Ok(Command::Gallery { file, command }) = read("--gallery f node x --help") else { panic!() };
        assert_eq!((file.as_str(), command.join(" ").as_str()), ("f", "node x --help"));
        assert!(matches!(read("--stored"), Ok(Command::Stored(hosts)) if hosts == HostName::ALL));
        assert!(matches!(read("--stored --host spin"), Ok(Command::Stored(hosts)) if hosts == [HostName::Spin]));
        assert!(matches!(read("--store d --host spin"), Ok(Command::Store { host: HostName::Spin, .. })));
    }

    #[test]
    fn what_is_not() {
        for line in [
            "--nope",
            "native",
            "--host",
            "--host x",
            "--filter",
            "--gallery",
            "--gallery f",
            "--bless --gallery f x",
            "--store d",
            "--store --host spin",
            "--store d --host native",
            "--stored --bless",
        ] {
            assert!(read(line).is_err(), "{line}");
        }
        assert!(read("--bless --own-clock --host spin").is_err());
    }

    #[test]
    fn the_usage_names_every_flag() {
        for flag in
            ["--host", "--filter", "--bless", "--own-clock", "--gallery", "--stored", "--store", "--help", "-h,"]
        {
            assert!(USAGE.contains(&format!("\n  {flag}")) || USAGE.contains(&format!(" {flag} ")), "{flag}");
        }
    }
}
