//! A table as spreadsheets save it: bytes to rows of text, whatever encoding and delimiter Excel chose. Every complaint
//! names a line; what had to be guessed is told.

use std::path::Path;

use anyhow::{Result, anyhow, bail};
use encoding_rs::{Encoding, GB18030, UTF_16BE, UTF_16LE};

/// How to get out of whatever is wrong with a file.
const CURE: &str = "in Excel, save it as \"CSV UTF-8 (comma delimited)\"";

/// Rows under a header. Cells are trimmed, and rows without a word in them are no rows.
pub struct Table {
    pub header: Row,
    pub rows: Vec<Row>,
    /// What was guessed, for the operator to look at.
    pub notes: Vec<String>,
}

/// The cells of a row, and the line that it begins in.
pub struct Row {
    pub line: u64,
    pub cells: Vec<String>,
}

impl Row {
    /// The text in a column, if there is any.
    pub fn cell(&self, column: usize) -> Option<&str> {
        self.cells.get(column).map(String::as_str).filter(|text| !text.is_empty())
    }
}

/// Reads a table. `is_column` knows the names of columns: the delimiter is the one that finds most of them.
pub fn read(path: &Path, bytes: &[u8], is_column: &dyn Fn(&str) -> bool) -> Result<Table> {
    let name = path.display();
    let mut notes = Vec::new();
    let text = decode(&name.to_string(), bytes, &mut notes)?.replace("\r\n", "\n").replace('\r', "\n");
    if let Some(at) = text.find('\u{fffd}') {
        bail!(
            "{name}:{}: holds U+FFFD, in whose place an earlier program lost a letter: {CURE} from the original",
            line_at(&text, at)
        );
    }
    // Excel's own word on the delimiter; blanked out, so that lines keep their numbers.
    let (said, text) = match text.split_once('\n') {
        Some((first, rest)) => match first.trim().strip_prefix("sep=") {
            Some(said) => (said.bytes().next().or(Some(b'\t')), format!("\n{rest}")),
            None => (None, text),
        },
        None => (None, text),
    };
    let delimiter = match said {
        Some(said) => said,
        None => delimiter(&name.to_string(), &text, is_column)?,
    };
    if delimiter != b',' {
        let shown = if delimiter == b'\t' { "tabs".to_owned() } else { format!("`{}`", char::from(delimiter)) };
        notes.push(format!("{name}: columns are separated by {shown}"));
    }
    quotes(&name.to_string(), &text, char::from(delimiter))?;
    let mut reader =
        csv::ReaderBuilder::new().has_headers(false).flexible(true).delimiter(delimiter).from_reader(text.as_bytes());
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|e| anyhow!("{name}:{}: {e}", e.position().map_or(0, csv::Position::line)))?;
        let line = record.position().map_or(0, |at| line_of(text.as_bytes(), at));
        let cells: Vec<String> = record.iter().map(cell).collect();
        if cells.iter().any(|cell| !cell.is_empty()) {
            rows.push(Row { line, cells });
        }
    }
    if rows.is_empty() {
        bail!("{name}: is empty");
    }
    let header = rows.remove(0);
    for row in &rows {
        // Empty cells beyond the header are what Excel leaves of deleted columns.
        let beyond = row.cells.iter().skip(header.cells.len()).position(|cell| !cell.is_empty());
        if let Some(beyond) = beyond {
            let at = header.cells.len() + beyond + 1;
            bail!("{name}:{}: column {at}: the header names {} columns", row.line, header.cells.len());
        }
    }
    Ok(Table { header, rows, notes })
}

/// The text of a file, whatever it is encoded in.
fn decode(name: &str, bytes: &[u8], notes: &mut Vec<String>) -> Result<String> {
    match bytes {
        [b'P', b'K', 3, 4, ..] => bail!("{name}: is an Excel workbook, not a CSV: {CURE}"),
        [0xD0, 0xCF, 0x11, 0xE0, ..] => bail!("{name}: is an old Excel workbook (.xls), not a CSV: {CURE}"),
        [0xEF, 0xBB, 0xBF, rest @ ..] => {
            return String::from_utf8(rest.to_vec()).map_err(|e| not_utf8(name, rest, &e.utf8_error()));
        }
        [0xFF, 0xFE, rest @ ..] => return utf_16(name, UTF_16LE, rest, notes),
        [0xFE, 0xFF, rest @ ..] => return utf_16(name, UTF_16BE, rest, notes),
        // No mark, but each Latin letter has a zero beside it.
        [first, 0, _, 0, ..] if *first != 0 => return utf_16(name, UTF_16LE, bytes, notes),
        [0, first, 0, _, ..] if *first != 0 => return utf_16(name, UTF_16BE, bytes, notes),
        _ => {}
    }
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(error) => {
            let (text, wrong) = GB18030.decode_without_bom_handling(bytes);
            if wrong {
                return Err(not_utf8(name, bytes, &error));
            }
            let first = text.lines().find(|line| !line.is_ascii()).unwrap_or_default().trim();
            notes.push(format!(
                "{name}: is not UTF-8, and was read as GBK, in which it says `{first}`; if that is wrong, {CURE}"
            ));
            text.into_owned()
        }
    };
    let begins = text.trim_start().to_ascii_lowercase();
    if ["<html", "<table", "<!doctype", "<?xml"].iter().any(|tag| begins.starts_with(tag)) {
        bail!("{name}: is a web page or XML that calls itself a table: open it, and {CURE}");
    }
    Ok(text)
}

fn utf_16(name: &str, encoding: &'static Encoding, bytes: &[u8], notes: &mut Vec<String>) -> Result<String> {
    let (text, wrong) = encoding.decode_without_bom_handling(bytes);
    if wrong || !bytes.len().is_multiple_of(2) {
        bail!("{name}: begins as {} and is none throughout: {CURE}", encoding.name());
    }
    notes.push(format!("{name}: was read as {}", encoding.name()));
    Ok(text.into_owned())
}

fn not_utf8(name: &str, bytes: &[u8], error: &std::str::Utf8Error) -> anyhow::Error {
    let before = bytes.get(..error.valid_up_to()).unwrap_or_default();
    let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
    anyhow!("{name}:{line}: is neither UTF-8 nor GBK: {CURE}")
}

fn delimiter(name: &str, text: &str, is_column: &dyn Fn(&str) -> bool) -> Result<u8> {
    let header =
        text.lines().find(|line| !line.trim_matches(|c: char| c.is_whitespace() || ",;\t|".contains(c)).is_empty());
    let Some(header) = header else { bail!("{name}: is empty") };
    let known = |delimiter: u8| {
        header.split(char::from(delimiter)).filter(|title| is_column(&cell(title.trim().trim_matches('"')))).count()
    };
    // The comma comes last, so that it wins where several find as many.
    let found = [b'|', b'\t', b';', b','].into_iter().max_by_key(|delimiter| known(*delimiter)).unwrap_or(b',');
    if known(found) < 2 && header.contains(['，', '；', '、']) {
        bail!(
            "{name}:{}: columns are separated by full-width signs; {CURE}",
            line_at(text, text.find(header).unwrap_or(0))
        );
    }
    Ok(found)
}

/// Every quote that opens a cell closes it: one that does not would swallow all the lines that follow.
fn quotes(name: &str, text: &str, delimiter: char) -> Result<()> {
    let (mut line, mut at_start, mut opened, mut closed) = (1u64, true, None, false);
    let mut characters = text.chars().peekable();
    while let Some(c) = characters.next() {
        match (c, opened) {
            ('"', Some(_)) if characters.peek() == Some(&'"') => drop(characters.next()),
            ('"', Some(_)) => (opened, closed) = (None, true),
            ('\n', Some(_)) => line += 1,
            (_, Some(_)) => {}
            ('"', None) if at_start => (opened, at_start) = (Some(line), false),
            ('\n', None) => (line, at_start, closed) = (line + 1, true, false),
            (c, None) if c == delimiter => (at_start, closed) = (true, false),
            (c, None) if closed && !c.is_whitespace() => {
                bail!("{name}:{line}: text behind a closing quote: a quote within a cell is written twice");
            }
            (_, None) => at_start = false,
        }
    }
    if let Some(line) = opened {
        bail!("{name}:{line}: a quote is opened and never closed");
    }
    Ok(())
}

/// A cell's text without what spreadsheets put around it: blanks of every width, marks, the `="…"` and `'…` by which a
/// number is kept as text.
fn cell(text: &str) -> String {
    let blank = |c: char| c.is_whitespace() || matches!(c, '\u{feff}' | '\u{200b}');
    let text = text.trim_matches(blank);
    let text = text.strip_prefix("=\"").and_then(|rest| rest.strip_suffix('"')).unwrap_or(text);
    text.strip_prefix('\'').unwrap_or(text).trim_matches(blank).to_owned()
}

/// The line that a record begins in: the reader's position is before the empty lines that it passes over.
fn line_of(bytes: &[u8], position: &csv::Position) -> u64 {
    let rest = usize::try_from(position.byte()).ok().and_then(|at| bytes.get(at..)).unwrap_or_default();
    position.line() + rest.iter().take_while(|byte| **byte == b'\n').count() as u64
}

fn line_at(text: &str, at: usize) -> usize {
    text.get(..at).unwrap_or_default().matches('\n').count() + 1
}

/// What Excel did to a text that it took for a number, a date or a formula, if that is what it looks like.
pub fn damage(text: &str) -> Option<String> {
    let column = "format the column as text, and enter the value again";
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let number = |text: &str| text.split(['.', ',']).all(digits);
    if let Some((mantissa, exponent)) = text.split_once(['E', 'e'])
        && number(mantissa)
        && digits(exponent.trim_start_matches(['+', '-']))
    {
        return Some(format!(
            "Excel has written a long number in scientific notation, and digits of it are lost: {column}"
        ));
    }
    if text.starts_with('#')
        && (text.contains('!') || text.contains('/') || text.contains('?') || text.trim_matches('#').is_empty())
    {
        return Some("is Excel's word for a formula that failed or a column too narrow, not a value".to_owned());
    }
    let month = |part: &str| part.len() == 3 && part.bytes().all(|b| b.is_ascii_alphabetic());
    let date = match text.split(['-', '/']).collect::<Vec<_>>().as_slice() {
        [a, b] => digits(a) && month(b) || month(a) && digits(b),
        [a, b, c] => [a, b, c].iter().all(|part| digits(part)) && (text.contains('/') || a.len() == 4),
        _ => text.ends_with('日') && text.contains('月'),
    };
    date.then(|| format!("looks like a date that Excel has made of it: {column}"))
}
