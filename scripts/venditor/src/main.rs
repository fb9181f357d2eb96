//! `venditor`: the operator's command line. Keys, labels, signed documents, publishing, offline checks, refunds.
//!
//! It signs and checks with the very crates that run at the edge (`shared`, `trace-verify`, `instant-refund`);
//! nothing of their rules is repeated here.

mod bots;
mod client;
mod complaints;
mod crawlers;
mod doctor;
mod document;
mod edge;
mod files;
mod keys;
mod ledger;
mod link;
mod listing;
mod mend;
mod mint;
mod out;
mod policy;
mod publish;
mod published;
mod qr;
mod record;
mod refund;
mod sample;
mod shelf;
mod status;
mod table;
mod verify;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use keys::dir::KeyDir;

#[derive(Parser)]
#[command(
    name = "venditor",
    about = "Keys, labels, signed documents, publishing, offline checks, listings, refunds, policies",
    version
)]
struct Cli {
    /// The key directory.
    #[arg(long, global = true, default_value = ".venditor/keys")]
    keys: PathBuf,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Make, list, revoke keys; write the functions' configuration.
    #[command(subcommand)]
    Keys(keys::Command),
    /// Mint codes from a CSV: pictures, label sheet, signed manifests.
    Mint(Box<mint::Command>),
    /// Sign inspection records.
    #[command(subcommand)]
    Record(record::Command),
    /// Recall, withdraw or clear a batch or a product.
    #[command(subcommand)]
    Status(Box<status::Command>),
    /// Publish signed documents and photos.
    Publish(publish::Command),
    /// Compare keys, configuration, documents, store and the running function; say what is missing, and what mends it.
    Doctor(doctor::Command),
    /// List, export and answer the complaints of shoppers.
    Complaints(complaints::Command),
    /// Draw a label's QR code in the terminal.
    Qr(qr::Command),
    /// Check a label offline, with the edge's own code.
    Verify(Box<verify::Command>),
    /// Ask for refunds, show them, report events, as a caller of instant-refund.
    Refund(Box<refund::Command>),
    /// Check listings offline, with the edge's own code; explain what a text is read as; measure on labelled rows.
    #[command(subcommand)]
    Listing(listing::Command),
    /// Export the refunds' ledger and prove that it balances.
    Ledger(Box<ledger::Command>),
    /// Change the rules of a running function: check, build, compare, sign, promote, roll back.
    #[command(after_help = policy::WAY)]
    Policy(Box<policy::Policy>),
    /// Fetch the keys of agents that sign their requests.
    #[command(subcommand)]
    Bots(bots::Command),
    /// Fetch the addresses that operators of crawlers publish.
    #[command(subcommand)]
    Crawlers(crawlers::Command),
    /// Make the development sample, or print where it is.
    Sample(sample::Command),
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let keys = KeyDir::at(&cli.keys);
    let result = match cli.command {
        Command::Keys(command) => keys::run(command, &keys),
        Command::Mint(command) => mint::run(&command, &keys),
        Command::Record(command) => record::run(&command, &keys),
        Command::Status(command) => status::run(&command, &keys),
        Command::Publish(command) => publish::run(&command, &keys),
        Command::Complaints(command) => complaints::run(&command, &keys),
        Command::Doctor(command) => match doctor::run(&command, &keys) {
            Ok(code) => return code,
            Err(error) => Err(error),
        },
        Command::Qr(command) => qr::run(&command),
        Command::Verify(command) => return verify::run(&command, &keys),
        Command::Refund(command) => return refund::run(&command, &keys),
        Command::Listing(command) => match listing::run(&command) {
            Ok(code) => return code,
            Err(error) => Err(error),
        },
        Command::Ledger(command) => ledger::run(&command, &keys),
        Command::Policy(command) => match policy::run(*command, &keys) {
            Ok(code) => return code,
            Err(error) => Err(error),
        },
        Command::Bots(command) => match bots::run(&command) {
            Ok(code) => return code,
            Err(error) => Err(error),
        },
        Command::Crawlers(command) => match crawlers::run(&command) {
            Ok(code) => return code,
            Err(error) => Err(error),
        },
        Command::Sample(command) => sample::run(&command),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            out::note(format!("error: {error:#}"));
            ExitCode::FAILURE
        }
    }
}
