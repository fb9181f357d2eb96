//! `{{ name }}` templates, as in Spin's `crates/expressions/src/template.rs`: an expression runs to the next `}}`,
//! spaces around its name do not matter, everything else is literal, and an unclosed `{{` is an error.

use wasmtime::{Result, bail};

#[derive(Clone, Debug, PartialEq)]
pub enum Part {
    Literal(String),
    Variable(String),
}

#[derive(Clone, Debug, PartialEq)]
pub struct Template(Vec<Part>);

impl Template {
    pub fn parse(text: &str) -> Result<Self> {
        let mut parts = Vec::new();
        let mut rest = text;
        while !rest.is_empty() {
            if let Some(expression) = rest.strip_prefix("{{") {
                let Some((name, after)) = expression.split_once("}}") else {
                    bail!("unmatched '{{{{' in template {text:?}");
                };
                parts.push(Part::Variable(name.trim().to_owned()));
                rest = after;
            } else {
                let (literal, after) = rest.split_at(rest.find("{{").unwrap_or(rest.len()));
                parts.push(Part::Literal(literal.to_owned()));
                rest = after;
            }
        }
        Ok(Self(parts))
    }

    /// The text with every variable replaced; the first one that `lookup` refuses is the error.
    pub fn render<E>(&self, mut lookup: impl FnMut(&str) -> Result<String, E>) -> Result<String, E> {
        let mut text = String::new();
        for part in &self.0 {
            match part {
                Part::Literal(literal) => text.push_str(literal),
                Part::Variable(name) => text.push_str(&lookup(name)?),
            }
        }
        Ok(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn render(template: &str) -> Result<String, String> {
        let template = Template::parse(template).map_err(|error| error.to_string())?;
        template.render(|name| match name {
            "a" => Ok("1".to_owned()),
            "b" => Ok("{{ a }}".to_owned()),
            other => Err(format!("no {other}")),
        })
    }

    #[test]
    fn literals_and_expressions_mix() {
        assert_eq!(render("").unwrap(), "");
        assert_eq!(render("plain } text {").unwrap(), "plain } text {");
        assert_eq!(render("x-{{ a }}-y").unwrap(), "x-1-y");
        assert_eq!(render("{{a}}{{  a\t}}").unwrap(), "11");
    }

    #[test]
    fn a_value_is_not_a_template() {
        assert_eq!(render("{{ b }}").unwrap(), "{{ a }}");
    }

    #[test]
    fn errors_are_named() {
        assert!(render("{{ a }} {{ open").unwrap_err().contains("unmatched"));
        assert_eq!(render("{{ other }}").unwrap_err(), "no other");
    }
}
