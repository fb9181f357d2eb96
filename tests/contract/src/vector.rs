//! What a vector says. `tests/vectors/README.md` describes the form for whoever writes one.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::Value;

use crate::functions::{self, Known};
use crate::merge_patch::merge_patch;
use crate::placeholders::{expand, expand_all};
use crate::sign::Sign;
use crate::{Result, context};

/// The clock of a vector that sets none.
pub const NOW_MS: i64 = 1_790_000_000_000;

/// The host that requests are for unless they name one.
pub const HOST: &str = "t.example";

/// A vector's file: as it is written, and what it means.
pub struct File {
    pub function: &'static Known,
    pub path: PathBuf,
    /// With its placeholders.
    pub raw: Value,
    pub vector: Vector,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Vector {
    pub title: String,
    /// Which rule it pins down: a law, a standard, a document and its section.
    pub source: String,
    #[serde(default = "now")]
    pub now: i64,
    /// Over the fixtures' configuration; null takes a value away.
    #[serde(default)]
    pub config: BTreeMap<String, Option<String>>,
    #[serde(default)]
    pub fixtures: Vec<String>,
    /// Over what the fixtures put there; null takes a key away.
    #[serde(default)]
    pub kv: BTreeMap<String, Option<Content>>,
    /// Run before the first step.
    #[serde(default)]
    pub sql: Vec<Query>,
    /// Ports that fail in every step.
    #[serde(default)]
    pub fail: Vec<Port>,
    #[serde(default)]
    pub place: Option<Place>,
    pub steps: Vec<Step>,
    #[serde(default)]
    pub after: Vec<After>,
    /// What the test gateways have paid in the end, by payment: the amounts, in the order paid, fen.
    #[serde(default)]
    pub paid: BTreeMap<String, Vec<i64>>,
    /// Where it makes sense; everywhere by default.
    #[serde(default)]
    pub hosts: Option<Vec<HostName>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum HostName {
    Native,
    Workers,
    Spin,
}

impl HostName {
    pub const ALL: [HostName; 3] = [HostName::Native, HostName::Workers, HostName::Spin];

    /// As on the command line.
    pub const fn text(self) -> &'static str {
        match self {
            HostName::Native => "native",
            HostName::Workers => "workers",
            HostName::Spin => "spin",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Port {
    Sql,
    Kv,
}

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Place {
    pub country: String,
    #[serde(default)]
    pub region: Option<String>,
    pub city: Option<String>,
}

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Query {
    pub shard: String,
    pub sql: String,
    #[serde(default)]
    pub params: Vec<Value>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct After {
    pub shard: String,
    pub sql: String,
    #[serde(default)]
    pub params: Vec<Value>,
    #[serde(default)]
    pub rows: Vec<Vec<Value>>,
}

impl After {
    pub fn query(&self) -> Query {
        Query { shard: self.shard.clone(), sql: self.sql.clone(), params: self.params.clone() }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    pub request: Request,
    /// The request is a gateway's notification: its header fields and body are the test gateway's.
    pub notification: Option<Notification>,
    pub now: Option<i64>,
    /// Run before it.
    #[serde(default)]
    pub sql: Vec<Query>,
    /// Instead of the vector's.
    pub fail: Option<Vec<Port>>,
    /// Instead of the vector's.
    pub place: Option<Place>,
    #[serde(default)]
    pub response: Expected,
}

/// A notification of a test gateway.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Notification {
    pub gateway: String,
    /// Our key of the refund that it is about.
    pub key: String,
    /// How it is spoilt; `genuine` if it is not.
    #[serde(default = "genuine")]
    pub how: String,
}

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    #[serde(default = "get")]
    pub method: String,
    /// Sent exactly as it stands.
    pub target: String,
    #[serde(default = "host")]
    pub host: String,
    #[serde(default)]
    pub headers: Vec<(String, String)>,
    pub body: Option<Content>,
    /// An RFC 9421 signature, made at the step's clock.
    pub sign: Option<Sign>,
}

/// Bytes.
#[derive(Clone, Deserialize)]
#[serde(untagged, deny_unknown_fields)]
pub enum Content {
    Text(String),
    Base64 {
        base64: String,
    },
    Repeat {
        repeat: String,
        times: usize,
    },
    Json {
        json: Value,
    },
    /// A document of `cases/` beside the vector, with a merge patch (RFC 7396).
    Case {
        case: String,
        #[serde(default = "no_change")]
        merge: Value,
    },
}

impl Content {
    pub fn bytes(&self) -> Result<Vec<u8>> {
        match self {
            Content::Text(text) => Ok(text.clone().into_bytes()),
            Content::Base64 { base64 } => STANDARD.decode(base64).map_err(context("base64")),
            Content::Repeat { repeat, times } => Ok(repeat.repeat(*times).into_bytes()),
            Content::Json { json } => Ok(json.to_string().into_bytes()),
            Content::Case { case, .. } => Err(format!("case {case:?}: only as a request's body")),
        }
    }

    /// A case becomes its text.
    fn resolve(&mut self, dir: &Path) -> Result<()> {
        let Content::Case { case, merge } = self else { return Ok(()) };
        let path = dir.join("cases").join(format!("{case}.json"));
        let text = fs::read(&path).map_err(context(path.display()))?;
        let mut document: Value = serde_json::from_slice(&text).map_err(context(path.display()))?;
        merge_patch(&mut document, merge);
        *self = Content::Json { json: document };
        Ok(())
    }
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expected {
    #[serde(default)]
    pub status: u16,
    /// A value, `null` for "must be absent", `true` for "must be there".
    #[serde(default)]
    pub headers: BTreeMap<String, Value>,
    pub body: Option<ExpectedBody>,
}

#[derive(Deserialize)]
#[serde(untagged, deny_unknown_fields)]
pub enum ExpectedBody {
    Text(String),
    /// A file beside the vector.
    File {
        file: String,
    },
    /// Equal as JSON, but for patterns; and, as always, the same bytes on every host.
    Json {
        json: Value,
    },
    /// Of each object the members that matter to this vector.
    Part {
        part: Value,
    },
    Absent {
        absent: bool,
    },
    /// Not compared, not even between hosts.
    Any {
        any: bool,
    },
}

/// The patch that changes nothing: not null, which replaces the whole.
fn no_change() -> Value {
    Value::Object(serde_json::Map::new())
}

fn genuine() -> String {
    "genuine".to_owned()
}

fn now() -> i64 {
    NOW_MS
}

fn get() -> String {
    "GET".to_owned()
}

fn host() -> String {
    HOST.to_owned()
}

/// Every vector under `dir/<function>/*.json` whose `function/file` contains the filter, in order.
pub fn load(dir: &Path, filter: Option<&str>) -> Result<Vec<File>> {
    let mut found = Vec::new();
    for folder in entries(dir)?.into_iter().filter(|path| path.is_dir()) {
        let function = name(&folder);
        for path in entries(&folder)?.into_iter().filter(|path| path.extension().is_some_and(|e| e == "json")) {
            let label = format!("{function}/{}", name(&path));
            if filter.is_none_or(|wanted| label.contains(wanted)) {
                found.push(read(functions::of(&function)?, &path).map_err(context(&label))?);
            }
        }
    }
    Ok(found)
}

/// Reads one vector.
pub fn read(function: &'static Known, path: &Path) -> Result<File> {
    let text = fs::read(path).map_err(context("read"))?;
    let raw: Value = serde_json::from_slice(&text).map_err(context("JSON"))?;
    let expanded = expand_all(&raw, function)?;
    // Not from_value: its errors name no line, but those of the expanded text would name the wrong one.
    let mut vector: Vector = serde_json::from_value(expanded).map_err(context("vector"))?;
    let dir = path.parent().unwrap_or(path);
    for body in vector.steps.iter_mut().filter_map(|step| step.request.body.as_mut()) {
        body.resolve(dir)?;
    }
    Ok(File { function, path: path.to_owned(), raw, vector })
}

impl File {
    pub fn title(&self) -> &str {
        &self.vector.title
    }

    pub fn source(&self) -> &str {
        &self.vector.source
    }

    /// The function's name.
    pub fn function(&self) -> &'static str {
        self.function.name
    }

    pub fn label(&self) -> String {
        format!("{}/{}", self.function.name, name(&self.path))
    }

    /// The text of a file beside the vector, expanded.
    pub fn sidecar(&self, file: &str) -> Result<String> {
        let text = fs::read_to_string(self.path.with_file_name(file)).map_err(context(file))?;
        expand(&text, self.function)
    }
}

fn entries(dir: &Path) -> Result<Vec<PathBuf>> {
    let read = fs::read_dir(dir).map_err(context(dir.display()))?;
    let mut paths = read.map(|entry| Ok(entry.map_err(context(dir.display()))?.path())).collect::<Result<Vec<_>>>()?;
    paths.sort();
    Ok(paths)
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}
