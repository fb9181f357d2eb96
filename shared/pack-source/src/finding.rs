//! What is to be said about a file: where, why, and what may have been meant.

use std::cell::RefCell;
use std::fmt;

/// How grave a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// There is no pack.
    Error,
    /// There is one, but look at it.
    Warning,
}

impl Severity {
    /// `error` or `warning`.
    pub const fn name(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
        }
    }
}

/// One finding. Shown as `file:line:column: error: reason; did you mean suggestion?`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// How grave it is.
    pub severity: Severity,
    /// The file's path below the pack's folder; empty if it is about the folder.
    pub file: String,
    /// The line, from 1; 0 if it is about the whole file.
    pub line: u32,
    /// The column in characters, from 1; 0 if it is about the whole line.
    pub column: u32,
    /// What is wrong, without a full stop.
    pub reason: String,
    /// What may have been meant.
    pub suggestion: Option<String>,
}

impl Finding {
    /// An error.
    pub fn error(file: impl Into<String>, line: u32, column: u32, reason: impl Into<String>) -> Finding {
        let (file, reason) = (file.into(), reason.into());
        Finding { severity: Severity::Error, file, line, column, reason, suggestion: None }
    }

    /// A warning.
    pub fn warning(file: impl Into<String>, line: u32, column: u32, reason: impl Into<String>) -> Finding {
        Finding { severity: Severity::Warning, ..Finding::error(file, line, column, reason) }
    }

    /// The same, with what may have been meant.
    pub fn meant(self, suggestion: Option<impl Into<String>>) -> Finding {
        Finding { suggestion: suggestion.map(Into::into), ..self }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.file.is_empty() {
            f.write_str(&self.file)?;
            for number in [self.line, self.column].into_iter().take_while(|number| *number > 0) {
                write!(f, ":{number}")?;
            }
            f.write_str(": ")?;
        }
        write!(f, "{}: {}", self.severity.name(), self.reason)?;
        match &self.suggestion {
            Some(suggestion) => write!(f, "; did you mean {suggestion}?"),
            None => Ok(()),
        }
    }
}

/// Findings, collected while files are read. Shared by whatever reads one of them.
#[derive(Debug, Default)]
pub struct Findings(RefCell<Vec<Finding>>);

impl Findings {
    /// None yet.
    pub fn new() -> Findings {
        Findings::default()
    }

    /// Adds one.
    pub fn push(&self, finding: Finding) {
        self.0.borrow_mut().push(finding);
    }

    /// Adds an error without a suggestion.
    pub fn error(&self, file: &str, line: u32, column: u32, reason: impl Into<String>) {
        self.push(Finding::error(file, line, column, reason));
    }

    /// Whether one of them is an error.
    pub fn has_errors(&self) -> bool {
        self.0.borrow().iter().any(|finding| finding.severity == Severity::Error)
    }

    /// All of them, in the order of files and lines.
    pub fn sorted(self) -> Vec<Finding> {
        let mut findings = self.0.into_inner();
        findings.sort_by(|a, b| (&a.file, a.line, a.column).cmp(&(&b.file, b.line, b.column)));
        findings
    }
}

/// The name that was probably meant: the nearest of `names`, unless most of it would have to change. Of two that are as
/// near, the first.
pub fn nearest<'n>(name: &str, names: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    let distance = |known: &'n str| (strsim::osa_distance(name, known), known);
    let (distance, known) = names.into_iter().map(distance).min_by_key(|(distance, _)| *distance)?;
    (distance <= name.chars().count().div_ceil(3)).then_some(known)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finding_reads_like_a_compilers() {
        let finding = Finding::error("policy.toml", 3, 9, "no such figure").meant(Some("devices"));
        assert_eq!(finding.to_string(), "policy.toml:3:9: error: no such figure; did you mean devices?");
        assert_eq!(Finding::warning("a.csv", 2, 0, "odd").to_string(), "a.csv:2: warning: odd");
        assert_eq!(Finding::error("a.csv", 0, 0, "is missing").to_string(), "a.csv: error: is missing");
        assert_eq!(Finding::error("", 0, 0, "the folder is empty").to_string(), "error: the folder is empty");
    }

    #[test]
    fn findings_are_in_the_order_of_their_places() {
        let findings = Findings::new();
        findings.push(Finding::warning("b", 1, 1, "1"));
        assert!(!findings.has_errors());
        for (file, line, column) in [("a", 2, 1), ("a", 1, 5), ("a", 1, 2)] {
            findings.error(file, line, column, "2");
        }
        assert!(findings.has_errors());
        let places: Vec<_> = findings.sorted().into_iter().map(|f| (f.file, f.line, f.column)).collect();
        assert_eq!(
            places.iter().map(|(f, l, c)| (f.as_str(), *l, *c)).collect::<Vec<_>>(),
            [("a", 1, 2), ("a", 1, 5), ("a", 2, 1), ("b", 1, 1)]
        );
    }

    #[test]
    fn the_nearest_name_is_near() {
        let names = ["devices", "places", "per_item"];
        assert_eq!(nearest("device", names), Some("devices"));
        assert_eq!(nearest("palces", names), Some("places"));
        assert_eq!(nearest("weather", names), None);
        assert_eq!(nearest("x", []), None);
    }
}
