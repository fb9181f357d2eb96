//! The entries of `ranges.toml`, and their date, changed in place: what people wrote around them stays.

use anyhow::{Context as _, Result, ensure};

/// An operator's entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The code of its group.
    pub code: String,
    /// Where its list is published.
    pub source: String,
    /// The file with its list, of the folder of rules.
    pub file: String,
}

/// The entries of operators.
pub fn entries(text: &str) -> Result<Vec<Entry>> {
    let table: toml::Table = text.parse().context("ranges.toml")?;
    let groups = table.get("group").and_then(toml::Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let of = |group: &toml::Value, name: &str| Some(group.get(name)?.as_str()?.to_owned());
    let operators = groups.iter().filter(|group| of(group, "kind").as_deref() == Some("operator"));
    let entry =
        |group| Some(Entry { code: of(group, "code")?, source: of(group, "source")?, file: of(group, "file")? });
    Ok(operators.filter_map(entry).collect())
}

/// The text with an entry that was read at its source on a day: no copy of another's any more.
pub fn read_on(text: &str, entry: &Entry, day: &str) -> Result<String> {
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let is_header = |line: &&str| line.trim_start().starts_with('[');
    let key = |line: &str| line.split('=').next().unwrap_or_default().trim().to_owned();
    let place = lines
        .iter()
        .position(|line| key(line) == "file" && line.contains(&format!("\"{}\"", entry.file)))
        .with_context(|| format!("ranges.toml: file = {:?} stands on no line of its own", entry.file))?;
    let begin = lines.iter().take(place).rposition(is_header).unwrap_or(0);
    let end = lines.iter().skip(place).position(is_header).map_or(lines.len(), |at| at.saturating_add(place));
    let mut out = String::new();
    let mut dated = false;
    for (number, line) in lines.iter().enumerate() {
        match key(line).as_str() {
            "date" if (begin..end).contains(&number) => {
                out.push_str(&format!("date = \"{day}\"\n"));
                dated = true;
            }
            "copy" if (begin..end).contains(&number) => {}
            _ => out.push_str(line),
        }
    }
    ensure!(dated, "ranges.toml: the entry of {:?} has no date on a line of its own", entry.file);
    let same = entries(&out).is_ok_and(|entries| entries.contains(entry));
    ensure!(same, "ranges.toml: the entry of {:?} is not written a line for each key", entry.file);
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_entry_is_dated_and_all_else_stays() {
        let text = "# Whose.\n\n[[group]]\ncode = \"a\"\nkind = \"operator\"\nagents = [\"A\"]\nsource = \"https://a.example\"\n\
            copy = \"by b\"\ndate = \"2026-01-01\"\nfile = \"ranges/a.csv\"\n\n# Two.\n[[group]]\ncode = \"data_centre\"\nkind = \"class\"\n\
            source = \"https://c.example\"\ndate = \"2026-01-01\"\nfile = \"ranges/c.csv\"\n";
        let all = entries(text).unwrap();
        assert_eq!(all.iter().map(|entry| entry.code.as_str()).collect::<Vec<_>>(), ["a"]);
        let wanted = text.replacen("copy = \"by b\"\ndate = \"2026-01-01\"", "date = \"2026-11-28\"", 1);
        assert_eq!(read_on(text, &all[0], "2026-11-28").unwrap(), wanted);
        let undated = text.replacen("date = \"2026-01-01\"\n", "", 1);
        assert!(read_on(&undated, &all[0], "2026-11-28").is_err());
    }
}
