//! Compiles `agents/agents.csv` into a table that is searched without parsing anything. A bad row fails the build with
//! its line and the reason.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "runs at build time: a panic is how a bad table fails the build"
)]

use std::fmt::Write as _;
use std::path::Path;

const TABLE: &str = "agents/agents.csv";
const COLUMNS: [&str; 8] = ["token", "at", "class", "purpose", "name", "source", "lists", "example"];
/// Lists, with commas between them, whose rows are left out if nothing else knows them: `tests/agents` measures so what
/// the engine makes of agents that it was not told of.
const WITHOUT: &str = "AGENTS_WITHOUT";
/// From the weakest to the strongest: what an agent with tokens of several classes is.
const CLASSES: [(&str, &str); 9] = [
    // A phone, a television or the like: who holds it is known, not what asks.
    ("unknown", "Unknown"),
    ("old_browser", "OldBrowser"),
    ("browser", "Browser"),
    ("in_app", "InApp"),
    ("library", "Library"),
    ("headless", "Headless"),
    ("crawler", "Crawler"),
    ("preview", "Preview"),
    ("mail_scanner", "MailScanner"),
];
const PURPOSES: [(&str, &str); 11] = [
    ("search", "Search"),
    ("ai", "Ai"),
    ("assistant", "Assistant"),
    ("feed", "Feed"),
    ("monitor", "Monitor"),
    ("seo", "Seo"),
    ("ads", "Ads"),
    ("archive", "Archive"),
    ("security", "Security"),
    ("social", "Social"),
    ("other", "Other"),
];

fn main() {
    println!("cargo:rerun-if-changed={TABLE}");
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-env-changed={WITHOUT}");
    let without = std::env::var(WITHOUT).unwrap_or_default();
    let text = std::fs::read_to_string(TABLE).unwrap_or_else(|e| panic!("{TABLE}: {e}"));
    let mut lines = text.lines();
    assert_eq!(fields(lines.next().unwrap_or_default()), COLUMNS, "{TABLE}: other columns are wanted");
    let rows: Vec<Row> = lines.enumerate().map(|(i, line)| Row::read(line, i + 2)).collect();
    for (i, row) in rows.iter().enumerate() {
        let twice = rows[..i].iter().any(|before| before.token == row.token && before.at == row.at);
        assert!(!twice, "{TABLE}: {:?} stands twice", row.token);
    }
    let left_out = |row: &Row| !row.lists.is_empty() && row.lists.iter().all(|of| without.split(',').any(|w| w == of));
    let rows: Vec<Row> = rows.into_iter().filter(|row| !left_out(row)).collect();
    let out = std::env::var("OUT_DIR").expect("cargo sets OUT_DIR");
    std::fs::write(Path::new(&out).join("agents.rs"), table(&rows)).expect("OUT_DIR is writable");
    std::fs::write(Path::new(&out).join("agent_examples.rs"), examples(&rows)).expect("OUT_DIR is writable");
}

struct Row {
    token: String,
    at: String,
    /// Index in [`CLASSES`]; `None` is a word that only hides shorter ones.
    class: Option<usize>,
    purpose: Option<&'static str>,
    name: String,
    /// The lists that show it; none if its operator documents it.
    lists: Vec<String>,
    example: String,
}

impl Row {
    fn read(line: &str, number: usize) -> Row {
        let at = |why: &str| format!("{TABLE}:{number}: {why}");
        let fields = fields(line);
        assert_eq!(fields.len(), COLUMNS.len(), "{}", at("eight fields are wanted"));
        let [token, place, class, purpose, name, source, lists, example] = fields.try_into().expect("eight fields");
        let plain = token.len() >= 3 && token.is_ascii() && token == token.to_ascii_lowercase();
        assert!(plain, "{}", at("a token is three ASCII characters or more, in lower case"));
        let place = match place.as_str() {
            "any" => "Any",
            "word" => "Word",
            "start" => "Start",
            _ => panic!("{}", at("at is any, word or start")),
        };
        let class = match class.as_str() {
            "none" => None,
            name => {
                Some(CLASSES.iter().position(|(n, _)| *n == name).unwrap_or_else(|| panic!("{}", at("no such class"))))
            }
        };
        let purpose = PURPOSES.iter().find(|(n, _)| *n == purpose).map(|(_, variant)| *variant).or_else(|| {
            assert!(purpose.is_empty(), "{}", at("no such purpose"));
            None
        });
        assert!(!source.is_empty(), "{}", at("a source is wanted"));
        assert!(example.to_ascii_lowercase().contains(&token), "{}", at("an example with the token in it is wanted"));
        let lists = lists.split_whitespace().map(str::to_owned).collect();
        Row { token, at: place.to_owned(), class, purpose, name, lists, example }
    }

    /// What decides between tokens of one agent: class, then a name before none, then the place in the table.
    fn weight(&self, index: usize) -> usize {
        self.class.map_or(0, |class| ((class + 1) << 11) + (usize::from(!self.name.is_empty()) << 10) + (1023 - index))
    }
}

/// The fields of one line (RFC 4180, without line breaks in fields).
fn fields(line: &str) -> Vec<String> {
    let (mut out, mut field, mut quoted) = (Vec::new(), String::new(), false);
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        match (c, quoted) {
            ('"', true) if chars.peek() == Some(&'"') => field.extend(chars.next()),
            ('"', _) => quoted = !quoted,
            (',', false) => out.push(std::mem::take(&mut field)),
            _ => field.push(c),
        }
    }
    out.push(field);
    out
}

/// Entries by their first byte, the longer before the shorter, and the set of what they begin with: a bit for five bits
/// each of three bytes.
fn table(rows: &[Row]) -> String {
    assert!(rows.len() < 1024, "{TABLE}: weights have room for 1023 rows");
    let mut beginnings = [0u64; 512];
    for row in rows {
        let [first, second, third] = [0, 1, 2].map(|at| usize::from(row.token.as_bytes()[at] & 31));
        beginnings[first << 4 | second >> 1] |= 1 << ((second & 1) << 5 | third);
    }
    let mut out = format!("static BEGINNINGS: [u64; 512] = {beginnings:?};\n");
    out.push_str("/// By the first byte; the longest first.\nstatic BUCKETS: [&[Entry]; 128] = [\n");
    for first in 0u8..128 {
        let mut of: Vec<(usize, &Row)> =
            rows.iter().enumerate().filter(|(_, r)| r.token.as_bytes()[0] == first).collect();
        of.sort_by_key(|(index, row)| (std::cmp::Reverse(row.token.len()), *index));
        out.push_str("    &[");
        for (index, row) in of {
            let known = row.class.map_or_else(
                || "None".to_owned(),
                |class| {
                    let purpose = row.purpose.map_or("None".to_owned(), |p| format!("Some(Purpose::{p})"));
                    let class = CLASSES[class].1;
                    format!("Some(Known {{ class: Class::{class}, purpose: {purpose}, name: {:?} }})", row.name)
                },
            );
            write!(
                out,
                "\n        Entry {{ token: {:?}, second: {}, at: At::{}, weight: {}, known: {known} }},",
                row.token,
                row.token.as_bytes()[1],
                row.at,
                row.weight(index)
            )
            .expect("a string");
        }
        out.push_str("],\n");
    }
    out.push_str("];\n");
    out
}

fn examples(rows: &[Row]) -> String {
    let mut out = String::from("static EXAMPLES: &[(Option<Class>, Option<Purpose>, &str, &str)] = &[\n");
    for row in rows {
        let class = row.class.map_or("None".to_owned(), |class| format!("Some(Class::{})", CLASSES[class].1));
        let purpose = row.purpose.map_or("None".to_owned(), |purpose| format!("Some(Purpose::{purpose})"));
        writeln!(out, "    ({class}, {purpose}, {:?}, {:?}),", row.name, row.example).expect("a string");
    }
    out.push_str("];\n");
    out
}
