//! The command line: which vectors on which hosts.

use std::process::ExitCode;

use contract::options::{Command, USAGE, parse};
use contract::{Result, gallery, paths, stored, suite};

fn main() -> ExitCode {
    let command = match parse(std::env::args().skip(1)) {
        Ok(command) => command,
        Err(mistake) => {
            eprintln!("contract: {mistake}\n\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    run(command).unwrap_or_else(|error| {
        eprintln!("contract: {error}");
        ExitCode::FAILURE
    })
}

fn run(command: Command) -> Result<ExitCode> {
    let options = match command {
        Command::Help => {
            println!("{USAGE}");
            return Ok(ExitCode::SUCCESS);
        }
        Command::Gallery { file, command } => return gallery(&file, &command, &clean()?),
        Command::Stored(hosts) => return stored::check(&clean()?, &hosts).map(|()| ExitCode::SUCCESS),
        Command::Store { host, set } => return stored::make(&clean()?, host, &set).map(|()| ExitCode::SUCCESS),
        Command::Vectors(options) => options,
    };
    let tally = suite::run(&options, &clean()?)?;
    println!("{tally}");
    Ok(if tally.good() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Where things are, without what an earlier run left for whoever wanted to look at it.
fn clean() -> Result<contract::Paths> {
    let paths = paths()?;
    let _absent = std::fs::remove_dir_all(&paths.work);
    Ok(paths)
}
