//! The command line: the options of `spin up` that matter here, and a few for tests.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use wasmtime::Result;
use wasmtime::error::Context as _;

use crate::variables;

/// A stand-in for the Spin CLI, for machines that have none.
#[derive(Parser)]
#[command(name = "spin-host")]
pub struct Cli {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Subcommand)]
pub enum Command {
    /// Serve the application of a manifest over HTTP.
    Up(Up),
}

#[derive(Args)]
pub struct Up {
    /// The application's manifest.
    #[arg(long, short = 'f', alias = "from", default_value = "spin.toml")]
    pub manifest: PathBuf,

    /// Address to listen on; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:3000")]
    pub listen: SocketAddr,

    /// Where stores and databases live [default: .spin beside the manifest].
    #[arg(long)]
    pub state_dir: Option<PathBuf>,

    /// Backends of key-value stores and SQLite databases.
    #[arg(long)]
    pub runtime_config_file: Option<PathBuf>,

    /// An application variable, `name=value` or `name=@file`; may be repeated.
    #[arg(long = "variable", value_name = "NAME=VALUE")]
    pub variables: Vec<String>,

    /// Application variables from a TOML or JSON file of `name = value`.
    #[arg(long)]
    pub variables_file: Option<PathBuf>,

    /// Also write what the components print to <component>_stdout.txt and _stderr.txt in this folder.
    #[arg(long)]
    pub log_dir: Option<PathBuf>,

    /// Do not list the routes, and do not show what the components print.
    #[arg(long, short)]
    pub quiet: bool,

    /// Switch off Nagle's algorithm on connections, which Spin does not do; for benchmarks (see the README).
    #[arg(long)]
    pub nodelay: bool,

    /// For tests: obey the request headers x-contract-now and x-contract-fail.
    #[arg(long)]
    pub contract: bool,
}

impl Up {
    /// Variables given here: the file first, then the options, which win.
    pub fn given_variables(&self) -> Result<BTreeMap<String, String>> {
        let mut given = match &self.variables_file {
            Some(path) => variables::read_file(path)?,
            None => BTreeMap::new(),
        };
        for option in &self.variables {
            let (name, value) =
                option.split_once('=').with_context(|| format!("--variable {option:?} is not NAME=VALUE"))?;
            let value = match value.strip_prefix('@') {
                Some(path) => {
                    std::fs::read_to_string(path).with_context(|| format!("--variable {name}: file {path}"))?
                }
                None => value.to_owned(),
            };
            given.insert(name.to_owned(), value);
        }
        Ok(given)
    }
}
