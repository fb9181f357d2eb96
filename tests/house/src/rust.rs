//! As much of Rust as the rules need: a file's lines without comments and without its tests, and the words of a line.

/// A line of code and its number from 1. Comments and strings' insides are blanked; they may name anything.
pub struct Line {
    pub number: usize,
    pub code: String,
}

/// All lines of code.
pub fn lines(text: &str) -> Vec<Line> {
    let code = blank(text);
    code.lines().enumerate().map(|(at, code)| Line { number: at + 1, code: code.to_owned() }).collect()
}

/// The lines before the tests, which stand last in a file (`#[cfg(test)]` and a module with a body).
pub fn lines_before_tests(text: &str) -> Vec<Line> {
    let lines = lines(text);
    let tests = lines.windows(2).position(|two| {
        let module = two[1].code.trim_start_matches("pub ").trim_start_matches("pub(crate) ");
        two[0].code.starts_with("#[cfg(test)]") && module.starts_with("mod ") && module.contains('{')
    });
    let until = tests.unwrap_or(lines.len());
    lines.into_iter().take(until).collect()
}

/// Whether a file holds nothing but tests.
pub fn is_test_file(path: &str) -> bool {
    path.contains("/tests/") || path.ends_with("/tests.rs")
}

/// The identifiers of a line, each with what stands before and after it, spaces removed at both ends.
pub fn words(code: &str) -> Vec<Word<'_>> {
    let mut found = Vec::new();
    let mut start = None;
    for (at, c) in code.char_indices().chain([(code.len(), ' ')]) {
        if c.is_alphanumeric() || c == '_' {
            start.get_or_insert(at);
        } else if let Some(from) = start.take() {
            let word = Word { name: &code[from..at], before: code[..from].trim(), after: code[at..].trim() };
            found.push(word);
        }
    }
    found
}

pub struct Word<'a> {
    pub name: &'a str,
    pub before: &'a str,
    pub after: &'a str,
}

impl Word<'_> {
    /// Whether this names a crate: `name::…`, `use name…`, `extern crate name`, and not a module of the same name.
    pub fn is_crate(&self) -> bool {
        let inside = self.before.ends_with("::") && self.before.len() > 2 && !self.before.ends_with(" ::");
        !inside
            && (self.after.starts_with("::") || self.before.ends_with("use") || self.before.ends_with("extern crate"))
    }
}

/// The text with comments and the insides of literals replaced by spaces, line by line as it was.
fn blank(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    let blanked = |c: char| if c == '\n' { '\n' } else { ' ' };
    while at < chars.len() {
        let rest = &chars[at..];
        if rest.starts_with(&['/', '/']) {
            let end = rest.iter().position(|&c| c == '\n').unwrap_or(rest.len());
            at += end;
        } else if rest.starts_with(&['/', '*']) {
            let mut depth = 0;
            while at < chars.len() {
                if chars[at..].starts_with(&['/', '*']) {
                    (depth, at) = (depth + 1, at + 2);
                } else if chars[at..].starts_with(&['*', '/']) {
                    (depth, at) = (depth - 1, at + 2);
                } else {
                    out.push(blanked(chars[at]));
                    at += 1;
                }
                if depth == 0 {
                    break;
                }
            }
        } else if let Some(hashes) = raw_string(rest, chars.get(at.wrapping_sub(1))) {
            at += 2 + hashes;
            out.push('"');
            let close: Vec<char> = std::iter::once('"').chain(std::iter::repeat_n('#', hashes)).collect();
            while at < chars.len() && !chars[at..].starts_with(&close) {
                out.push(blanked(chars[at]));
                at += 1;
            }
            at += close.len();
            out.push('"');
        } else if rest[0] == '"' {
            out.push('"');
            at += 1;
            while at < chars.len() && chars[at] != '"' {
                let skip = if chars[at] == '\\' { 2 } else { 1 };
                for c in chars[at..].iter().take(skip) {
                    out.push(blanked(*c));
                }
                at += skip;
            }
            at += 1;
            out.push('"');
        } else if let Some(length) = char_literal(rest) {
            out.push_str("''");
            at += length;
        } else {
            out.push(rest[0]);
            at += 1;
        }
    }
    out
}

/// The number of `#` of a raw string that begins here.
fn raw_string(rest: &[char], before: Option<&char>) -> Option<usize> {
    let within_word = before.is_some_and(|c| (c.is_alphanumeric() && *c != 'b') || *c == '_');
    if within_word || rest.first() != Some(&'r') {
        return None;
    }
    let hashes = rest[1..].iter().take_while(|&&c| c == '#').count();
    (rest.get(1 + hashes) == Some(&'"')).then_some(hashes)
}

/// The length of a character literal that begins here; a lifetime is none.
fn char_literal(rest: &[char]) -> Option<usize> {
    match rest {
        ['\'', '\\', _, tail @ ..] => tail.iter().position(|&c| c == '\'').map(|end| end + 4),
        ['\'', _, '\'', ..] => Some(3),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_literals_are_blanked() {
        let code: Vec<String> = lines("a // b\nc /* d\n e */ f\n\"g\\\"\" h r#\"i\"\"# j 'k' '\\'' &'l m")
            .into_iter()
            .map(|line| line.code)
            .collect();
        let seen: Vec<Vec<&str>> = code.iter().map(|code| words(code).iter().map(|word| word.name).collect()).collect();
        assert_eq!(seen, [vec!["a"], vec!["c"], vec!["f"], vec!["h", "j", "l", "m"]]);
    }

    #[test]
    fn a_crate_is_told_from_a_module() {
        let is_crate = |code: &str| words(code).iter().any(|word| word.name == "worker" && word.is_crate());
        assert!(is_crate("worker::Date"));
        assert!(is_crate("use worker as w;"));
        assert!(is_crate("fn f(a: &worker::Env)"));
        assert!(is_crate("::worker::Env"));
        assert!(!is_crate("crate::worker::Env"));
        assert!(!is_crate("worker.join()"));
    }

    #[test]
    fn tests_stand_last() {
        let text = "fn a() {}\n#[cfg(test)]\nmod tests;\nfn b() {}\n#[cfg(test)]\nmod tests {\nfn c() {}\n}\n";
        assert_eq!(lines_before_tests(text).len(), 4);
    }
}
