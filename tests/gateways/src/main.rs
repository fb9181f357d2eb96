//! Serves the test gateways until it is killed, and writes the variables that point instant-refund at them.
//!
//!     gateways --port 8790 --vars FILE

use std::process::ExitCode;

use gateways::Gateways;
use gateways::keys::Keys;
use gateways::server::Server;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("gateways: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), String> {
    let (mut port, mut vars) = (0u16, None);
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        let value = args.next().ok_or("gateways --port N --vars FILE")?;
        match arg.as_str() {
            "--port" => port = value.parse().map_err(|_| "--port is a number")?,
            "--vars" => vars = Some(value),
            other => return Err(format!("{other}: gateways --port N --vars FILE")),
        }
    }
    // The same keys in every run: state that a host kept stays good.
    let keys = Keys::from_seed(0x5eed, 2048);
    let mut text = String::new();
    let credentials = keys.credentials();
    let server = Server::start(Gateways::new(keys), port).map_err(|e| format!("port {port}: {e}"))?;
    for (name, value) in credentials {
        text.push_str(&format!("{name}={}\n{name}_ORIGIN=\"{}\"\n", serde_json::json!(value), server.origin()));
    }
    if let Some(vars) = vars {
        std::fs::write(format!("{vars}.new"), &text).map_err(|e| format!("{vars}: {e}"))?;
        std::fs::rename(format!("{vars}.new"), &vars).map_err(|e| format!("{vars}: {e}"))?;
    }
    eprintln!("gateways: {}", server.origin());
    loop {
        std::thread::park();
    }
}
