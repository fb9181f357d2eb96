//! The export: CSV with a header (RFC 4180, but line feeds alone), or NDJSON. Amounts are integer fen.

use anyhow::{Result, anyhow};

use super::Format;
use super::line::Line;

pub fn lines(lines: &[Line], format: Format) -> Result<String> {
    match format {
        Format::Csv => {
            let mut writer = csv::WriterBuilder::new().has_headers(false).from_writer(Vec::new());
            // Written by hand: an empty ledger has a header too.
            writer.write_record([
                "refund",
                "entry",
                "line",
                "at",
                "account",
                "leg",
                "payer",
                "debit_fen",
                "credit_fen",
            ])?;
            lines.iter().try_for_each(|line| writer.serialize(line))?;
            Ok(String::from_utf8(writer.into_inner().map_err(|e| anyhow!("{e}"))?)?)
        }
        Format::Ndjson => {
            let lines: serde_json::Result<Vec<String>> =
                lines.iter().map(|line| serde_json::to_string(line).map(|text| text + "\n")).collect();
            Ok(lines?.concat())
        }
    }
}
