//! The order: a CSV with what to mint. Every complaint names line and column.

use std::path::Path;

use anyhow::{Result, anyhow, bail};
use trace_verify::digital_link::{Ai, PrimaryKey};
use trace_verify::manifest::{Issue, MAX_COUNT, is_batch};

/// One batch: one primary key, consecutive counters, one manifest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    pub name: String,
    pub primary: PrimaryKey,
    pub records: Issue,
    pub count: u32,
    /// The CSV's lines that make it up, in order.
    pub runs: Vec<Run>,
}

/// So many labels with the same text under the code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// The CSV's line, for complaints about the text.
    pub line: u64,
    pub quantity: u32,
    pub label_text: Option<String>,
}

const COLUMNS: [&str; 5] = ["primary", "quantity", "batch", "label_text", "records"];

/// Reads the CSV. `batch` names the batch of lines that name none.
pub fn read(path: &Path, bytes: &[u8], batch: Option<&str>) -> Result<Vec<Batch>> {
    let name = path.display();
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(bytes);
    let header = reader.headers().map_err(|e| anyhow!("{name}:1: {e}"))?.clone();
    let mut places = [None; COLUMNS.len()];
    for (at, title) in header.iter().enumerate() {
        let Some(known) = COLUMNS.iter().position(|column| *column == title) else {
            bail!("{name}:1: column {} `{title}`: not one of {}", at + 1, COLUMNS.join(", "));
        };
        if places[known].replace(at).is_some() {
            bail!("{name}:1: column {} `{title}`: occurs twice", at + 1);
        }
    }
    for required in [0, 1] {
        if places[required].is_none() {
            bail!("{name}:1: no column `{}`", COLUMNS[required]);
        }
    }
    let mut batches: Vec<Batch> = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|e| anyhow!("{name}:{}: {e}", e.position().map_or(0, csv::Position::line)))?;
        let line = record.position().map_or(0, |at| line_of(bytes, at));
        let cell = |column: usize| places[column].and_then(|at| record.get(at)).filter(|text| !text.is_empty());
        let wrong = |column: usize, why: String| {
            let at = places[column].map_or(String::new(), |at| format!("column {} ", at + 1));
            anyhow!("{name}:{line}: {at}`{}`: {why}", COLUMNS[column])
        };
        let run = row(line, &cell, &wrong)?;
        let primary = cell(0).ok_or_else(|| wrong(0, "empty".into()))?;
        let primary = PrimaryKey::parse(primary).map_err(|e| wrong(0, format!("{primary}: {e}")))?;
        let batch = cell(2).or(batch).ok_or_else(|| wrong(2, "empty, and no --batch is given".into()))?;
        if !is_batch(batch) {
            return Err(wrong(2, format!("{batch}: takes up to 40 of A-Z, 0-9, `.`, `_`, `-`")));
        }
        let records = match cell(4) {
            Some("batch") => Issue::Batch,
            Some("item") => Issue::Item,
            Some(other) => return Err(wrong(4, format!("{other}: neither `batch` nor `item`"))),
            // One-off pieces and certificates are inspected one by one.
            None => {
                if primary.ai() == Ai::Gtin {
                    Issue::Batch
                } else {
                    Issue::Item
                }
            }
        };
        let quantity = run.quantity;
        let known = match batches.iter_mut().find(|known| known.name == batch) {
            Some(known) => known,
            None => {
                batches.push(Batch {
                    name: batch.to_owned(),
                    primary: primary.clone(),
                    records,
                    count: 0,
                    runs: Vec::new(),
                });
                let last = batches.len() - 1;
                &mut batches[last]
            }
        };
        if known.primary != primary {
            return Err(wrong(
                0,
                format!("{primary}: batch {batch} is of {}; a batch has one primary key", known.primary),
            ));
        }
        if known.records != records {
            return Err(wrong(4, format!("batch {batch} has both kinds of records")));
        }
        known.count = known.count.checked_add(quantity).filter(|count| *count <= MAX_COUNT).ok_or_else(|| {
            wrong(1, format!("batch {batch} has more than {MAX_COUNT} pieces; split it into batches"))
        })?;
        known.runs.push(run);
    }
    if batches.is_empty() {
        bail!("{name}: no line after the header");
    }
    Ok(batches)
}

/// The line that a record begins in: the reader's position is before the empty lines that it passes over.
fn line_of(bytes: &[u8], position: &csv::Position) -> u64 {
    let rest = usize::try_from(position.byte()).ok().and_then(|at| bytes.get(at..)).unwrap_or_default();
    let empty = rest.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).filter(|byte| **byte == b'\n').count();
    position.line() + empty as u64
}

fn row<'a>(
    line: u64,
    cell: &dyn Fn(usize) -> Option<&'a str>,
    wrong: &dyn Fn(usize, String) -> anyhow::Error,
) -> Result<Run> {
    let quantity = cell(1).ok_or_else(|| wrong(1, "empty".into()))?;
    let digits = quantity.bytes().all(|b| b.is_ascii_digit());
    let number = quantity.parse::<u32>().ok().filter(|number| digits && (1..=MAX_COUNT).contains(number));
    let quantity = number.ok_or_else(|| wrong(1, format!("{quantity}: not a whole number from 1 to {MAX_COUNT}")))?;
    let label_text = cell(3).map(str::to_owned);
    if let Some(c) = label_text.iter().flat_map(|text| text.chars()).find(|c| c.is_control()) {
        return Err(wrong(3, format!("control character U+{:04X}", u32::from(c))));
    }
    Ok(Run { line, quantity, label_text })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn parse(text: &str, batch: Option<&str>) -> Result<Vec<Batch>, String> {
        read(Path::new("order.csv"), text.as_bytes(), batch).map_err(|e| e.to_string())
    }

    #[test]
    fn lines_of_one_batch_go_together() {
        let batches = parse(
            "primary,quantity,batch,label_text\n01/09506000134352,20,B1,春茶\n8004/950600,1,B2,\n01/09506000134352,5,B1,\n",
            None,
        )
        .unwrap();
        assert_eq!(batches.len(), 2);
        assert_eq!((batches[0].count, batches[0].runs.len(), batches[0].records), (25, 2, Issue::Batch));
        assert_eq!(batches[0].runs[0].label_text.as_deref(), Some("春茶"));
        assert_eq!((batches[1].count, batches[1].records), (1, Issue::Item));
        assert_eq!(parse("\u{feff}quantity,primary\n1,253/9506000134376\n", Some("X")).unwrap()[0].name, "X");
    }

    #[test]
    fn complaints_name_line_and_column() {
        let cases = [
            ("primary,amount\n", "order.csv:1: column 2 `amount`: not one of"),
            ("primary,quantity,primary\n", "order.csv:1: column 3 `primary`: occurs twice"),
            ("primary\n", "order.csv:1: no column `quantity`"),
            ("primary,quantity\n", "order.csv: no line after the header"),
            ("primary,quantity\n01/09506000134353,1\n", "order.csv:2: column 1 `primary`: 01/09506000134353: "),
            (
                "primary,quantity,batch\n01/09506000134352,0,A\n",
                "order.csv:2: column 2 `quantity`: 0: not a whole number",
            ),
            ("primary,quantity,batch\n01/09506000134352,+1,A\n", "order.csv:2: column 2 `quantity`: +1: not"),
            ("primary,quantity,batch\n01/09506000134352,1,a\n", "order.csv:2: column 3 `batch`: a: takes"),
            ("primary,quantity\n01/09506000134352,1\n", "order.csv:2: `batch`: empty, and no --batch"),
            (
                "primary,quantity,batch\n01/09506000134352,1,A\n\n8004/950600,1,A\n",
                "order.csv:4: column 1 `primary`: 8004/950600: batch A is of 01/",
            ),
            (
                "primary,quantity,batch\n01/09506000134352,1048576,A\n01/09506000134352,1,A\n",
                "order.csv:3: column 2 `quantity`: batch A has more",
            ),
            (
                "primary,quantity,batch,records\n01/09506000134352,1,A,x\n",
                "order.csv:2: column 4 `records`: x: neither",
            ),
            ("primary,quantity,batch\n01/09506000134352,1\n", "order.csv:2: "),
        ];
        for (text, expected) in cases {
            let error = parse(text, None).unwrap_err();
            assert!(error.starts_with(expected), "{error}");
        }
    }
}
