//! The command line: the options of `spin up` that matter here, and a few for tests.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use wasmtime::Result;

use crate::variables::VariableSource;

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
    /// What `up` starts as a process of its own, with the same options.
    #[command(hide = true)]
    Trigger(Up),
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

    /// An application variable, `NAME=VALUE` or `NAME=@FILE`, or a TOML or JSON file of them, `@FILE.toml`; may be
    /// repeated, the last one wins.
    #[arg(long = "variable", value_name = "NAME=VALUE|@FILE")]
    pub variables: Vec<VariableSource>,

    /// Also write what the components print to <component>_stdout.txt and _stderr.txt in this folder.
    #[arg(long)]
    pub log_dir: Option<PathBuf>,

    /// Do not list the routes, and do not show what the components print.
    #[arg(long, short)]
    pub quiet: bool,

    /// For tests: obey the request headers x-contract-now and x-contract-fail, and end when standard input does.
    #[arg(long)]
    pub contract: bool,
}

impl Up {
    /// Variables given here; of two values for one name the later one wins.
    pub fn given_variables(&self) -> Result<BTreeMap<String, String>> {
        let mut given = BTreeMap::new();
        for source in &self.variables {
            given.extend(source.read()?);
        }
        Ok(given)
    }
}
