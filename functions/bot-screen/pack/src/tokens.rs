//! The words, texts, numbers and signs of an expression.

use std::fmt;

use crate::expression::Wrong;

/// One of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Token {
    /// A signal's name, or a word of the language.
    Word(String),
    /// A text in double quotes.
    Text(String),
    /// A number.
    Number(i64),
    /// A sign.
    Sign(&'static str),
}

impl Token {
    /// Whether it is this word or sign.
    pub fn is(&self, what: &str) -> bool {
        match self {
            Token::Word(word) => word == what,
            Token::Sign(sign) => *sign == what,
            Token::Text(_) | Token::Number(_) => false,
        }
    }
}

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Token::Word(word) => f.write_str(word),
            Token::Text(text) => write!(f, "{text:?}"),
            Token::Number(number) => write!(f, "{number}"),
            Token::Sign(sign) => f.write_str(sign),
        }
    }
}

/// Longer ones before those that they begin with.
const SIGNS: [&str; 11] = ["==", "!=", "<=", ">=", "<", ">", "(", ")", "[", "]", ","];

/// All of a text, with where each begins, in characters.
///
/// # Errors
/// The first character that is none of it.
pub fn tokens(text: &str) -> Result<Vec<(usize, Token)>, Wrong> {
    let chars: Vec<char> = text.chars().collect();
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(first) = chars.get(at).copied() {
        let rest = chars.get(at..).unwrap_or_default();
        let run = |fits: fn(&char) -> bool| -> String { rest.iter().take_while(|c| fits(c)).collect() };
        let begins = |sign: &&&str| sign.chars().zip(rest).filter(|(a, b)| a == *b).count() == sign.len();
        let (token, len) = if first.is_whitespace() {
            at = at.saturating_add(1);
            continue;
        } else if first == '"' {
            let text: String = rest.iter().skip(1).take_while(|c| **c != '"').collect();
            let len = text.chars().count().saturating_add(2);
            if rest.len() < len {
                return Err(Wrong::at(at, "a text begins here and does not end: \" is missing"));
            }
            (Token::Text(text), len)
        } else if first.is_ascii_digit() || first == '-' {
            let digits = run(|c| c.is_ascii_digit() || *c == '-');
            let number = digits.parse().map_err(|_| Wrong::at(at, format!("{digits} is no number")))?;
            (Token::Number(number), digits.len())
        } else if first.is_ascii_lowercase() {
            let word = run(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '.'));
            let len = word.len();
            (Token::Word(word), len)
        } else if let Some(sign) = SIGNS.iter().find(begins) {
            (Token::Sign(sign), sign.len())
        } else {
            return Err(Wrong::at(at, format!("{first:?} is not expected here")));
        };
        tokens.push((at, token));
        at = at.saturating_add(len);
    }
    Ok(tokens)
}
