//! Application variables: where their values come from, and which of them a component sees.
//!
//! After Spin's `crates/expressions/src/lib.rs` and `crates/factor-variables/src/host.rs`. A component sees only the
//! names in its own `[component.<id>.variables]`; each is a template over application variables. Spin asks its
//! providers on every `get`; here both the providers and the answers are fixed at start.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use wasmtime::error::Context as _;
use wasmtime::{Result, bail};

use crate::manifest::Variable;
use crate::template::Template;

/// Why `spin:variables` has no value to give.
#[derive(Clone, Debug, PartialEq)]
pub enum Missing {
    InvalidName(String),
    Undefined(String),
}

/// The values of the application's variables.
#[derive(Debug)]
pub struct AppVariables(BTreeMap<String, String>);

impl AppVariables {
    /// `given` holds what the command line and files say; the environment comes second, the manifest's default last.
    pub fn resolve(
        declared: &BTreeMap<String, Variable>,
        given: &BTreeMap<String, String>,
        environment: impl Fn(&str) -> Option<String>,
    ) -> Result<Self> {
        let mut values = BTreeMap::new();
        let mut missing = Vec::new();
        for (name, variable) in declared {
            if let Err(reason) = check_name(name) {
                bail!("[variables] {name:?}: {reason}");
            }
            if variable.required && variable.default.is_some() {
                bail!("[variables] {name:?}: a required variable cannot have a default");
            }
            if !variable.required && variable.default.is_none() {
                bail!("[variables] {name:?}: give it a `default`, or say `required = true`");
            }
            let value =
                given.get(name).cloned().or_else(|| environment(&env_name(name))).or_else(|| variable.default.clone());
            match value {
                Some(value) => _ = values.insert(name.clone(), value),
                None => missing.push(format!("{name} (SPIN_VARIABLE_{})", name.to_uppercase())),
            }
        }
        if !missing.is_empty() {
            bail!("required variables without a value: {}", missing.join(", "));
        }
        Ok(Self(values))
    }

    /// The value of a template that belongs to the manifest, where an unknown name is a mistake of the manifest.
    pub fn render(&self, template: &str) -> Result<String> {
        Template::parse(template)?.render(|name| {
            let value = self.0.get(name).cloned();
            value.with_context(|| format!("unknown variable {name:?} in template {template:?}"))
        })
    }
}

/// What one component sees.
#[derive(Debug)]
pub struct ComponentVariables {
    component: String,
    values: BTreeMap<String, String>,
}

impl ComponentVariables {
    pub fn new(component: &str, mapping: &BTreeMap<String, String>, app: &AppVariables) -> Result<Self> {
        let mut values = BTreeMap::new();
        for (name, template) in mapping {
            if let Err(reason) = check_name(name) {
                bail!("[component.{component}.variables] {name:?}: {reason}");
            }
            let value = app.render(template).with_context(|| format!("[component.{component}.variables] {name:?}"))?;
            values.insert(name.clone(), value);
        }
        Ok(Self { component: component.to_owned(), values })
    }

    pub fn get(&self, name: &str) -> Result<String, Missing> {
        if let Err(reason) = check_name(name) {
            return Err(Missing::InvalidName(format!("{name:?}: {reason}")));
        }
        self.values
            .get(name)
            .cloned()
            .ok_or_else(|| Missing::Undefined(format!("no variable for {:?}.{name:?}", self.component)))
    }
}

/// A `--variable` option, after Spin's `crates/variables-static/src/source.rs`.
#[derive(Clone, Debug, PartialEq)]
pub enum VariableSource {
    /// `NAME=VALUE`.
    Literal(String, String),
    /// `NAME=@FILE`: the file's whole text.
    Content(String, PathBuf),
    /// `@FILE.json`: an object of strings.
    Json(PathBuf),
    /// `@FILE.toml`: a table of strings.
    Toml(PathBuf),
}

impl FromStr for VariableSource {
    type Err = String;

    fn from_str(option: &str) -> Result<Self, String> {
        if let Some(path) = option.strip_prefix('@') {
            let path = PathBuf::from(path);
            return match path.extension().and_then(|extension| extension.to_str()) {
                Some("json") => Ok(Self::Json(path)),
                Some("toml") => Ok(Self::Toml(path)),
                _ => Err("variable files must end in .json or .toml".to_owned()),
            };
        }
        let (name, value) = option.split_once('=').ok_or("neither NAME=VALUE nor @FILE")?;
        Ok(match value.strip_prefix('@') {
            Some(path) => Self::Content(name.to_owned(), path.into()),
            None => Self::Literal(name.to_owned(), value.to_owned()),
        })
    }
}

impl VariableSource {
    /// Its names and values. Errors name the file, and say no value.
    pub fn read(&self) -> Result<BTreeMap<String, String>> {
        let text =
            |path: &Path| std::fs::read_to_string(path).with_context(|| format!("variables: {}", path.display()));
        match self {
            Self::Literal(name, value) => Ok([(name.clone(), value.clone())].into()),
            Self::Content(name, path) => Ok([(name.clone(), text(path)?)].into()),
            Self::Json(path) => {
                serde_json::from_str(&text(path)?).with_context(|| format!("variables: {}", path.display()))
            }
            // Without the parser's own message, which quotes the line.
            Self::Toml(path) => toml::from_str(&text(path)?).map_err(|error| {
                let at = error.span().map_or(String::new(), |span| format!(" at byte {}", span.start));
                wasmtime::format_err!("variables: {}: not a TOML table of strings{at}", path.display())
            }),
        }
    }
}

fn env_name(name: &str) -> String {
    format!("SPIN_VARIABLE_{}", name.to_uppercase())
}

/// Spin's rule for names, so that they survive as environment variables and file names.
fn check_name(name: &str) -> Result<(), String> {
    if name.is_empty() {
        return Err("it is empty".to_owned());
    }
    let allowed = |c: &char| c.is_ascii_lowercase() || c.is_ascii_digit() || *c == '_';
    if let Some(bad) = name.chars().find(|c| !allowed(c)) {
        return Err(format!("{bad:?} is not a lower-case letter, a digit or an underscore"));
    }
    if !name.starts_with(|c: char| c.is_ascii_lowercase()) {
        return Err("it does not start with a lower-case letter".to_owned());
    }
    if name.ends_with('_') {
        return Err("it ends with an underscore".to_owned());
    }
    if name.contains("__") {
        return Err("it has two underscores in a row".to_owned());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn declared() -> BTreeMap<String, Variable> {
        toml::from_str("host = { required = true, secret = true }\nlang = { default = 'zh' }").unwrap()
    }

    fn map(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(k, v)| (k.to_string(), v.to_string())).collect()
    }

    #[test]
    fn a_missing_required_variable_is_named() {
        let error = AppVariables::resolve(&declared(), &map(&[]), |_| None).unwrap_err();
        assert!(error.to_string().contains("host (SPIN_VARIABLE_HOST)"), "{error}");
    }

    #[test]
    fn the_command_line_beats_the_environment_beats_the_default() {
        let environment = |name: &str| (name == "SPIN_VARIABLE_LANG").then(|| "en".to_owned());
        let app = AppVariables::resolve(&declared(), &map(&[("host", "h")]), environment).unwrap();
        assert_eq!(app.render("{{ lang }}@{{host}}").unwrap(), "en@h");
        let given = map(&[("host", "h"), ("lang", "fr")]);
        let app = AppVariables::resolve(&declared(), &given, environment).unwrap();
        assert_eq!(app.render("{{ lang }}").unwrap(), "fr");
        let app = AppVariables::resolve(&declared(), &map(&[("host", "h")]), |_| None).unwrap();
        assert_eq!(app.render("{{ lang }}").unwrap(), "zh");
    }

    #[test]
    fn options_are_read_as_spin_reads_them() {
        let literal = |name: &str, value: &str| VariableSource::Literal(name.to_owned(), value.to_owned());
        assert_eq!("k=v=w".parse(), Ok(literal("k", "v=w")));
        assert_eq!("k=@v.txt".parse(), Ok(VariableSource::Content("k".to_owned(), "v.txt".into())));
        assert_eq!("@v.toml".parse(), Ok(VariableSource::Toml("v.toml".into())));
        for bad in ["nope", "@v", "@v.vars"] {
            assert!(bad.parse::<VariableSource>().is_err(), "{bad}");
        }

        let dir = std::env::temp_dir().join(format!("spin-host-variables-{}", std::process::id()));
        std::fs::create_dir_all(&dir).unwrap();
        let read = |name: &str, text: &str| {
            std::fs::write(dir.join(name), text).unwrap();
            format!("@{}", dir.join(name).display()).parse::<VariableSource>().unwrap().read()
        };
        let wanted = map(&[("a", "[{\"k\":1}]"), ("b", "y")]);
        assert_eq!(read("v.toml", "a = '[{\"k\":1}]'\nb = \"y\"\n").unwrap(), wanted);
        assert_eq!(read("v.json", r#"{"a": "[{\"k\":1}]", "b": "y"}"#).unwrap(), wanted);
        // Strings only, as in Spin; and no value in the message.
        let error = format!("{:#}", read("v.toml", "a = \"s3cret\"\nb = 1\n").unwrap_err());
        assert!(error.contains("v.toml") && !error.contains("s3cret"), "{error}");
        assert!(read("v.json", r#"{"a": 1}"#).is_err());
        std::fs::remove_dir_all(&dir).unwrap();
    }

    #[test]
    fn a_component_sees_only_what_it_maps() {
        let app = AppVariables::resolve(&declared(), &map(&[("host", "h")]), |_| None).unwrap();
        let mapping = map(&[("url", "https://{{ host }}/"), ("fixed", "x")]);
        let seen = ComponentVariables::new("c", &mapping, &app).unwrap();
        assert_eq!(seen.get("url").unwrap(), "https://h/");
        assert_eq!(seen.get("fixed").unwrap(), "x");
        let undefined = Missing::Undefined("no variable for \"c\".\"host\"".to_owned());
        assert_eq!(seen.get("host"), Err(undefined));
        assert!(matches!(seen.get("Host"), Err(Missing::InvalidName(_))));
        assert!(ComponentVariables::new("c", &map(&[("a", "{{ nope }}")]), &app).is_err());
    }

    #[test]
    fn names_follow_spin() {
        for good in ["x", "trace_hosts", "v2", "key_1_old", "k9"] {
            assert!(check_name(good).is_ok(), "{good}");
        }
        for bad in ["", "Trace", "2v", "_key", "key.old", "key_", "key__old", "key-old", "名"] {
            assert!(check_name(bad).is_err(), "{bad}");
        }
    }
}
