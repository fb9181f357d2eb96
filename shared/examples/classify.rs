//! Classes of user agents, one a line: `class<TAB>purpose<TAB>name`. With `--time`, nanoseconds for each instead.
//!
//! `cargo run -p shared --example classify < agents.txt`

use std::hint::black_box;
use std::io::{self, BufWriter, Read as _, Write as _};
use std::time::Instant;

use shared::agents::of_user_agent;

fn main() -> io::Result<()> {
    let mut bytes = Vec::new();
    io::stdin().lock().read_to_end(&mut bytes)?;
    let text = String::from_utf8_lossy(&bytes);
    let mut out = BufWriter::new(io::stdout().lock());
    if std::env::args().any(|argument| argument == "--time") {
        return time(&text, &mut out);
    }
    for line in text.lines() {
        let agent = of_user_agent(line);
        let purpose = agent.purpose.map(|purpose| format!("{purpose:?}")).unwrap_or_default();
        writeln!(out, "{:?}\t{purpose}\t{}", agent.class, agent.name)?;
    }
    Ok(())
}

/// The fastest of several rounds over all lines: what else runs on the machine only ever makes one slower.
fn time(text: &str, out: &mut impl io::Write) -> io::Result<()> {
    let lines: Vec<&str> = text.lines().collect();
    let rounds = (0..20).map(|_| {
        let start = Instant::now();
        for line in &lines {
            black_box(of_user_agent(black_box(line)));
        }
        start.elapsed().as_secs_f64()
    });
    let best = rounds.fold(f64::INFINITY, f64::min);
    writeln!(out, "{:.0} ns for each of {} agents", best * 1e9 / lines.len() as f64, lines.len())
}
