//! A label in the terminal, to point a phone at.

use anyhow::Result;

use crate::mint::symbol::Symbol;
use crate::out;

#[derive(clap::Args)]
pub struct Command {
    /// A label's URL; it is encoded in upper case, as `mint` prints it.
    url: String,
}

pub fn run(command: &Command) -> Result<()> {
    out::line(drawn(&Symbol::encode(&command.url.to_ascii_uppercase())?).trim_end());
    Ok(())
}

/// Two rows of modules a line. Light modules are the drawn ones: terminals are dark more often than not, and readers
/// take inverted symbols less well than a light frame.
fn drawn(symbol: &Symbol) -> String {
    let mut text = String::new();
    for y in (0..symbol.outer()).step_by(2) {
        for x in 0..symbol.outer() {
            // Below an odd last row there is nothing: leave it undrawn.
            let below = y + 1 < symbol.outer() && !symbol.is_dark_outer(x, y + 1);
            text.push(match (!symbol.is_dark_outer(x, y), below) {
                (true, true) => '█',
                (true, false) => '▀',
                (false, true) => '▄',
                (false, false) => ' ',
            });
        }
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_drawing_holds_every_module() {
        let symbol = Symbol::encode("HTTP://LOCALHOST:8787/01/09506000134352/21/81YQ948J5WRDAZFZ05").unwrap();
        let drawing = drawn(&symbol);
        for y in 0..symbol.outer() {
            let light = if y % 2 == 0 { "█▀" } else { "█▄" };
            let row = drawing.lines().nth(y / 2).unwrap();
            assert_eq!(row.chars().count(), symbol.outer());
            for (x, module) in row.chars().enumerate() {
                assert_eq!(light.contains(module), !symbol.is_dark_outer(x, y), "{x} {y}");
            }
        }
    }
}
