//! The order: a CSV with what to mint. Every complaint names line and column.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::{Result, anyhow, bail};
use shared::visible;
use trace_verify::digital_link::{Ai, PrimaryKey};
use trace_verify::manifest::{Issue, MAX_COUNT, is_batch};

use crate::table::{self, Row};

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

/// The columns, and by what other names people know them; case, blanks, `_` and `-` make no difference.
const COLUMNS: [(&str, &[&str]); 5] = [
    ("primary", &["条码", "商品码", "商品条码", "主键", "标识", "primarykey", "gtin"]),
    ("quantity", &["数量", "件数", "qty"]),
    ("batch", &["批次", "批号", "批次号"]),
    ("label_text", &["标签文字", "标签文本", "标签", "文字", "text"]),
    ("records", &["记录", "检验记录", "记录方式", "record"]),
];

/// The order as it was read: rows that are the same in every cell are to be asked about.
pub struct Order {
    name: String,
    rows: Vec<Item>,
    /// Pairs of lines that say the same.
    pub doubled: Vec<(u64, u64)>,
    /// What was guessed.
    pub notes: Vec<String>,
}

/// A row that is right by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Item {
    batch: String,
    primary: PrimaryKey,
    records: Issue,
    run: Run,
    /// The column of each cell, for complaints.
    places: [Option<usize>; COLUMNS.len()],
}

impl Order {
    /// Reads the CSV. `batch` names the batch of lines that name none.
    pub fn read(path: &Path, bytes: &[u8], batch: Option<&str>) -> Result<Order> {
        let name = path.display().to_string();
        let table = table::read(path, bytes, &|title| column(title).is_some())?;
        let header_line = table.header.line;
        let mut places = [None; COLUMNS.len()];
        for (at, title) in table.header.cells.iter().enumerate() {
            if title.is_empty() && table.rows.iter().all(|row| row.cell(at).is_none()) {
                continue;
            }
            let Some(known) = column(title) else {
                let known: Vec<String> =
                    COLUMNS.iter().map(|(name, also)| format!("{name} ({})", also.first().unwrap_or(&""))).collect();
                bail!("{name}:{header_line}: column {} `{title}`: not one of {}", at + 1, known.join(", "));
            };
            if places[known].replace(at).is_some() {
                bail!("{name}:{header_line}: column {} `{title}`: occurs twice", at + 1);
            }
        }
        for required in [0, 1] {
            if places[required].is_none() {
                bail!("{name}:{header_line}: no column `{}`", COLUMNS[required].0);
            }
        }
        let rows: Vec<Item> = table.rows.iter().map(|row| item(&name, row, &places, batch)).collect::<Result<_>>()?;
        if rows.is_empty() {
            bail!("{name}: no line after the header");
        }
        let (mut doubled, mut seen) = (Vec::new(), BTreeMap::new());
        for Item { batch, primary, records, run, .. } in &rows {
            let says = (batch, primary.to_string(), *records == Issue::Item, run.quantity, &run.label_text);
            let first = *seen.entry(says).or_insert(run.line);
            if first != run.line {
                doubled.push((first, run.line));
            }
        }
        Ok(Order { name, rows, doubled, notes: table.notes })
    }

    /// What is to be minted. `once`: of rows that are the same, the first counts alone.
    pub fn batches(&self, once: bool) -> Result<Vec<Batch>> {
        let mut batches: Vec<Batch> = Vec::new();
        let again: BTreeSet<u64> = self.doubled.iter().filter(|_| once).map(|(_, again)| *again).collect();
        for item in self.rows.iter().filter(|item| !again.contains(&item.run.line)) {
            let wrong = |column: usize, why: String| wrong(&self.name, item.run.line, &item.places, column, &why);
            let (batch, primary) = (&item.batch, &item.primary);
            let known = match batches.iter_mut().find(|known| known.name == *batch) {
                Some(known) => known,
                None => {
                    batches.push(Batch {
                        name: batch.clone(),
                        primary: primary.clone(),
                        records: item.records,
                        count: 0,
                        runs: Vec::new(),
                    });
                    let last = batches.len() - 1;
                    &mut batches[last]
                }
            };
            if known.primary != *primary {
                return Err(wrong(
                    0,
                    format!("{primary}: batch {batch} is of {}; a batch has one primary key", known.primary),
                ));
            }
            if known.records != item.records {
                return Err(wrong(4, format!("batch {batch} has both kinds of records")));
            }
            known.count =
                known.count.checked_add(item.run.quantity).filter(|count| *count <= MAX_COUNT).ok_or_else(|| {
                    wrong(1, format!("batch {batch} has more than {MAX_COUNT} pieces; split it into batches"))
                })?;
            known.runs.push(item.run.clone());
        }
        Ok(batches)
    }
}

/// The column of a title.
fn column(title: &str) -> Option<usize> {
    let plain: String = title.to_lowercase().chars().filter(|c| !c.is_whitespace() && !"_-".contains(*c)).collect();
    COLUMNS.iter().position(|(name, also)| name.replace('_', "") == plain || also.contains(&plain.as_str()))
}

fn wrong(name: &str, line: u64, places: &[Option<usize>], column: usize, why: &str) -> anyhow::Error {
    let at = places[column].map_or(String::new(), |at| format!("column {} ", at + 1));
    anyhow!("{name}:{line}: {at}`{}`: {why}", COLUMNS[column].0)
}

fn item(name: &str, row: &Row, places: &[Option<usize>; COLUMNS.len()], batch: Option<&str>) -> Result<Item> {
    let line = row.line;
    let cell = |column: usize| places[column].and_then(|at| row.cell(at));
    let wrong = |column: usize, why: String| wrong(name, line, places, column, &why);
    let run = run(line, &cell, &wrong)?;
    let text = cell(0).ok_or_else(|| wrong(0, "empty".into()))?;
    let text = narrow(text);
    let primary =
        PrimaryKey::parse(&text).map_err(|e| wrong(0, format!("{text}: {}", misread(&text, &e.to_string()))))?;
    let batch = cell(2).or(batch).ok_or_else(|| wrong(2, "empty, and no --batch is given".into()))?;
    if !is_batch(batch) {
        let why = table::damage(batch).unwrap_or_else(|| "takes up to 40 of A-Z, 0-9, `.`, `_`, `-`".to_owned());
        return Err(wrong(2, format!("{batch}: {why}")));
    }
    let records = match cell(4).map(str::to_lowercase).as_deref() {
        Some("batch" | "批" | "批次" | "整批" | "按批") => Issue::Batch,
        Some("item" | "件" | "单件" | "逐件" | "按件") => Issue::Item,
        Some(other) => return Err(wrong(4, format!("{other}: neither `batch` nor `item`"))),
        // One-off pieces and certificates are inspected one by one.
        None if primary.ai() == Ai::Gtin => Issue::Batch,
        None => Issue::Item,
    };
    Ok(Item { batch: batch.to_owned(), primary, records, run, places: *places })
}

/// Full-width letters, digits and signs, as Chinese keyboards make them, as the plain ones.
fn narrow(text: &str) -> String {
    let plain = |c: char| match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        c => c,
    };
    text.chars().map(plain).collect()
}

/// What happened to a primary key, if a spreadsheet can have done it; else what is wrong with it.
fn misread(text: &str, error: &str) -> String {
    let (ai, digits) = text.split_once('/').unwrap_or(("", text));
    if let Some(damage) = table::damage(text).or_else(|| table::damage(digits)) {
        return damage;
    }
    let lost = "leading zeros are lost, as Excel does to numbers: format the column as text";
    let of = |ai: &str, width: usize| {
        let all_digits = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
        let whole = format!("{ai}/{digits:0>width$}");
        (all_digits && PrimaryKey::parse(&whole).is_ok()).then_some(whole)
    };
    match ai {
        "01" | "1" => of("01", 14).map(|whole| format!("{lost}; {whole} is meant?")),
        "253" => of("253", 13).map(|whole| format!("{lost}; {whole} is meant?")),
        "" => of("01", 14).map(|whole| format!("a primary key begins with what it is; {whole} is meant?")),
        _ => None,
    }
    .unwrap_or_else(|| error.to_owned())
}

fn run<'a>(
    line: u64,
    cell: &dyn Fn(usize) -> Option<&'a str>,
    wrong: &dyn Fn(usize, String) -> anyhow::Error,
) -> Result<Run> {
    let quantity = narrow(cell(1).ok_or_else(|| wrong(1, "empty".into()))?);
    let digits = quantity.bytes().all(|b| b.is_ascii_digit());
    let number = quantity.parse::<u32>().ok().filter(|number| digits && (1..=MAX_COUNT).contains(number));
    let quantity = number.ok_or_else(|| {
        let why = table::damage(&quantity).unwrap_or_else(|| format!("not a whole number from 1 to {MAX_COUNT}"));
        wrong(1, format!("{quantity}: {why}"))
    })?;
    let label_text = cell(3).map(str::to_owned);
    if let Some(c) = label_text.as_deref().and_then(visible::hidden) {
        return Err(wrong(3, format!("U+{:04X} is invisible, or hides what stands around it", u32::from(c))));
    }
    Ok(Run { line, quantity, label_text })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn parse(text: &str, batch: Option<&str>) -> Result<Vec<Batch>, String> {
        bytes(text.as_bytes(), batch)
    }

    fn bytes(bytes: &[u8], batch: Option<&str>) -> Result<Vec<Batch>, String> {
        Order::read(Path::new("order.csv"), bytes, batch)
            .and_then(|order| order.batches(false))
            .map_err(|e| e.to_string())
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
