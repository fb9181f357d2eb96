//! Expressions of rules: read, and checked against the signals that there are.
//!
//! ```text
//! all     = any ("or" any)*                     weakest
//! any     = one ("and" one)*
//! one     = "not" one | "(" all ")" | test
//! test    = "known" "(" signal ")" | "header" "(" name ")" | "label" "(" name ")" | flag
//!         | "before" "(" name "," name ")"
//!         | signal ("==" | "!=") value | signal "in" list
//!         | signal ("starts_with" | "ends_with" | "contains") (value | list)
//!         | signal ("<" | "<=" | ">" | ">=") number
//!         | "header" "(" name ")" ("==" | "!=" | "in" | "starts_with" | "contains") (value | list)
//! list    = "[" value ("," value)* "]"
//! ```
//!
//! Texts stand in double quotes and have no escapes.

use pack_source::nearest;
use screen_rules::program::{Kind, MOST_LIST, MOST_OPS};
use screen_rules::signal::{ACTIONS, Signal, Type};

use crate::tokens::{Token, tokens};

/// How deep brackets and `not` may stand within each other.
const DEEPEST: usize = 16;

/// What agents are classed as, as signals say it.
pub const CLASSES: [&str; 9] =
    ["unknown", "old_browser", "browser", "in_app", "library", "headless", "crawler", "preview", "mail_scanner"];
/// What agents are for.
pub const PURPOSES: [&str; 11] =
    ["search", "ai", "assistant", "feed", "monitor", "seo", "ads", "archive", "security", "social", "other"];
/// What an address says of an agent's name.
pub const STANDINGS: [&str; 3] = ["verified", "impostor", "claimed"];
/// What a signature of Web Bot Auth comes to.
pub const SIGNATURES: [&str; 4] = ["verified", "unknown", "refused", "replayed"];
const ADDRESSES: [&str; 2] = ["consumer", "data_centre"];
const SITES: [&str; 4] = ["none", "same-origin", "same-site", "cross-site"];
const MODES: [&str; 5] = ["navigate", "cors", "no-cors", "same-origin", "websocket"];

/// A value in an expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Literal {
    /// A text.
    Text(String),
    /// A number.
    Number(i64),
}

/// A test of an expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Test {
    /// What it does.
    pub kind: Kind,
    /// Of which signal.
    pub signal: Option<Signal>,
    /// With which values; of a header field, its name first.
    pub values: Vec<Literal>,
}

/// An expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expression {
    /// A test.
    Test(Test),
    /// All of them.
    And(Vec<Expression>),
    /// One of them.
    Or(Vec<Expression>),
    /// Not it.
    Not(Box<Expression>),
}

/// What is wrong with an expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong {
    /// Where, in characters from 0.
    pub at: usize,
    /// How.
    pub reason: String,
    /// What may have been meant.
    pub meant: Option<String>,
}

impl Wrong {
    pub(crate) fn at(at: usize, reason: impl Into<String>) -> Wrong {
        Wrong { at, reason: reason.into(), meant: None }
    }

    fn meaning<'n>(at: usize, reason: String, name: &str, names: impl IntoIterator<Item = &'n str>) -> Wrong {
        Wrong { at, reason, meant: nearest(name, names).map(str::to_owned) }
    }
}

/// Reads an expression.
///
/// # Errors
/// The first thing that is wrong.
pub fn read(text: &str) -> Result<Expression, Wrong> {
    let tokens = tokens(text)?;
    let end = text.chars().count();
    let mut reader = Reader { tokens: &tokens, place: 0, end, deep: 0 };
    let expression = reader.all()?;
    if let Some((at, token)) = reader.next() {
        return Err(Wrong::at(at, format!("{token} is not expected here: and, or, or the end is")));
    }
    let steps = steps(&expression);
    if steps > MOST_OPS {
        return Err(Wrong::at(
            0,
            format!("the expression has {steps} steps, and may have {MOST_OPS}: make it two rules"),
        ));
    }
    Ok(expression)
}

/// How many steps an expression takes.
fn steps(expression: &Expression) -> usize {
    match expression {
        Expression::Test(_) => 1,
        Expression::Not(one) => steps(one).saturating_add(1),
        Expression::And(all) | Expression::Or(all) => {
            all.iter().map(steps).fold(all.len().saturating_sub(1), usize::saturating_add)
        }
    }
}

struct Reader<'t> {
    tokens: &'t [(usize, Token)],
    place: usize,
    end: usize,
    deep: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.place).map(|(_, token)| token)
    }

    fn next(&mut self) -> Option<(usize, Token)> {
        let token = self.tokens.get(self.place).cloned();
        self.place = self.place.saturating_add(1);
        token
    }

    fn at(&self) -> usize {
        self.tokens.get(self.place).map_or(self.end, |(at, _)| *at)
    }

    fn takes(&mut self, word: &str) -> bool {
        let takes = self.peek().is_some_and(|token| token.is(word));
        self.place = self.place.saturating_add(usize::from(takes));
        takes
    }

    fn wants(&mut self, sign: &str) -> Result<(), Wrong> {
        let at = self.at();
        if self.takes(sign) { Ok(()) } else { Err(Wrong::at(at, format!("{sign} is wanted here"))) }
    }

    fn all(&mut self) -> Result<Expression, Wrong> {
        let mut all = vec![self.any()?];
        while self.takes("or") {
            all.push(self.any()?);
        }
        Ok(if all.len() == 1 { all.remove(0) } else { Expression::Or(all) })
    }

    fn any(&mut self) -> Result<Expression, Wrong> {
        let mut all = vec![self.one()?];
        while self.takes("and") {
            all.push(self.one()?);
        }
        Ok(if all.len() == 1 { all.remove(0) } else { Expression::And(all) })
    }

    fn one(&mut self) -> Result<Expression, Wrong> {
        self.deep = self.deep.saturating_add(1);
        if self.deep > DEEPEST {
            return Err(Wrong::at(self.at(), format!("not and brackets stand deeper than {DEEPEST}")));
        }
        let one = if self.takes("not") {
            Expression::Not(Box::new(self.one()?))
        } else if self.takes("(") {
            let all = self.all()?;
            self.wants(")")?;
            all
        } else {
            self.test()?
        };
        self.deep = self.deep.saturating_sub(1);
        Ok(one)
    }

    fn test(&mut self) -> Result<Expression, Wrong> {
        let at = self.at();
        let Some((_, Token::Word(word))) = self.next() else {
            return Err(Wrong::at(at, "a signal, known(…), header(…), label(…), not or ( is wanted here"));
        };
        let test = match word.as_str() {
            "known" => {
                self.wants("(")?;
                let signal = self.signal()?;
                self.wants(")")?;
                Test { kind: Kind::Known, signal: Some(signal), values: Vec::new() }
            }
            "label" => Test { kind: Kind::Label, signal: None, values: vec![self.name()?] },
            "before" => self.of_order()?,
            "header" => return self.of_header(),
            _ => return self.of_signal(signal(at, &word)?),
        };
        Ok(Expression::Test(test))
    }

    fn of_order(&mut self) -> Result<Test, Wrong> {
        self.wants("(")?;
        let name = self.field()?;
        self.wants(",")?;
        let values = vec![name, self.field()?];
        self.wants(")")?;
        Ok(Test { kind: Kind::Before, signal: None, values })
    }

    fn field(&mut self) -> Result<Literal, Wrong> {
        let at = self.at();
        let name = self.value(Type::Text, None)?;
        match &name {
            Literal::Text(text) if is_field(text) => Ok(name),
            _ => Err(Wrong::at(at, "the name of a header field: lower-case letters, digits and -")),
        }
    }

    fn of_header(&mut self) -> Result<Expression, Wrong> {
        self.wants("(")?;
        let name = self.field()?;
        self.wants(")")?;
        let (kind, no) = match self.peek() {
            Some(token) if token.is("==") || token.is("in") => (Kind::HeaderIn, false),
            Some(token) if token.is("!=") => (Kind::HeaderIn, true),
            Some(token) if token.is("starts_with") => (Kind::HeaderStarts, false),
            Some(token) if token.is("contains") => (Kind::HeaderContains, false),
            _ => return Ok(Expression::Test(Test { kind: Kind::HasHeader, signal: None, values: vec![name] })),
        };
        self.next();
        let values = self.values(Type::Text, None)?;
        let test = Expression::Test(Test { kind, signal: None, values: [vec![name], values].concat() });
        Ok(if no { Expression::Not(Box::new(test)) } else { test })
    }

    fn of_signal(&mut self, signal: Signal) -> Result<Expression, Wrong> {
        let at = self.at();
        let kind = signal.kind();
        let sign = self.peek().map(ToString::to_string).unwrap_or_default();
        let (does, no) = match (sign.as_str(), kind) {
            (_, Type::Flag) => {
                return Ok(Expression::Test(Test { kind: Kind::Is, signal: Some(signal), values: Vec::new() }));
            }
            ("==" | "in", _) => (Kind::In, false),
            ("!=", _) => (Kind::In, true),
            ("starts_with", Type::Text) => (Kind::StartsWith, false),
            ("ends_with", Type::Text) => (Kind::EndsWith, false),
            ("contains", Type::Text) => (Kind::Contains, false),
            ("<", Type::Number) => (Kind::Less, false),
            (">=", Type::Number) => (Kind::Less, true),
            (">", Type::Number) => (Kind::More, false),
            ("<=", Type::Number) => (Kind::More, true),
            _ => {
                let name = signal.name();
                let may = if kind == Type::Text {
                    "==, !=, in, starts_with, ends_with or contains"
                } else {
                    "==, !=, in, <, <=, > or >="
                };
                return Err(Wrong::at(at, format!("{name} is {}: {may} is wanted here", kind.name())));
            }
        };
        self.next();
        let values = self.values(kind, known(signal))?;
        let test = Expression::Test(Test { kind: does, signal: Some(signal), values });
        Ok(if no { Expression::Not(Box::new(test)) } else { test })
    }

    fn signal(&mut self) -> Result<Signal, Wrong> {
        let at = self.at();
        match self.next() {
            Some((_, Token::Word(word))) => signal(at, &word),
            _ => Err(Wrong::at(at, "a signal is wanted here")),
        }
    }

    fn name(&mut self) -> Result<Literal, Wrong> {
        self.wants("(")?;
        let name = self.value(Type::Text, None)?;
        self.wants(")")?;
        Ok(name)
    }

    fn values(&mut self, kind: Type, known: Option<&[&str]>) -> Result<Vec<Literal>, Wrong> {
        let at = self.at();
        if !self.takes("[") {
            return Ok(vec![self.value(kind, known)?]);
        }
        let mut values = vec![self.value(kind, known)?];
        while self.takes(",") {
            values.push(self.value(kind, known)?);
        }
        self.wants("]")?;
        if values.len() >= MOST_LIST {
            return Err(Wrong::at(at, format!("a list has fewer than {MOST_LIST} values")));
        }
        Ok(values)
    }

    fn value(&mut self, kind: Type, known: Option<&[&str]>) -> Result<Literal, Wrong> {
        let at = self.at();
        match (kind, self.next().map(|(_, token)| token)) {
            (Type::Text, Some(Token::Text(text))) => match known {
                Some(known) if !known.contains(&text.as_str()) => {
                    let reason = format!("{text:?} is never its value: one of {} is", known.join(", "));
                    Err(Wrong::meaning(at, reason, &text, known.iter().copied()))
                }
                _ => Ok(Literal::Text(text)),
            },
            (Type::Number, Some(Token::Number(number))) => Ok(Literal::Number(number)),
            _ => Err(Wrong::at(
                at,
                format!("{} is wanted here{}", kind.name(), if kind == Type::Text { ", in double quotes" } else { "" }),
            )),
        }
    }
}

fn is_field(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

fn signal(at: usize, word: &str) -> Result<Signal, Wrong> {
    Signal::of_name(word).ok_or_else(|| {
        let names = Signal::ALL.iter().map(|signal| signal.name()).chain(["known", "header", "before", "label", "not"]);
        Wrong::meaning(at, format!("{word}: there is no such signal"), word, names)
    })
}

/// All values that a signal can have, where that is known.
fn known(signal: Signal) -> Option<&'static [&'static str]> {
    match signal {
        Signal::Action => Some(&ACTIONS),
        Signal::AgentClass => Some(&CLASSES),
        Signal::AgentPurpose => Some(&PURPOSES),
        Signal::AgentStanding => Some(&STANDINGS),
        Signal::Signature => Some(&SIGNATURES),
        Signal::AddressClass => Some(&ADDRESSES),
        Signal::FetchSite => Some(&SITES),
        Signal::FetchMode => Some(&MODES),
        _ => None,
    }
}
