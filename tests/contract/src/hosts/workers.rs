//! The built Workers in workerd, through `scripts/workers-host.mjs --contract`.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::child::{self, Process};
use super::{Conditions, Host, Paths, framing};
use crate::client::{self, Answer, Message};
use crate::functions::Known;
use crate::vector::{Content, Port, Query, Request};
use crate::{Result, context};

pub struct Workers {
    process: Process,
    address: SocketAddr,
    control: SocketAddr,
    token: String,
    function: &'static str,
    /// Each vector has a space of its own: Durable Objects cannot be listed, so nothing could empty them. 0:
    /// where they are without this suite.
    space: usize,
}

impl Workers {
    pub fn start(config: &BTreeMap<String, Option<String>>, paths: &Paths, work: &Path) -> Result<Workers> {
        let (vars, dev) = (work.join("vars"), work.join("dev.json"));
        let set = config.iter().filter_map(|(name, value)| Some((name, value.as_ref()?)));
        let text: String = set.map(|(name, value)| format!("{name}={}\n", Value::from(value.as_str()))).collect();
        std::fs::write(&vars, text).map_err(context(vars.display()))?;
        let mut command = Command::new("node");
        command.current_dir(&paths.root).arg("scripts/workers-host.mjs").args(["--contract", "--quiet"]);
        command.arg("--vars-file").arg(&vars).arg("--dev-file").arg(&dev);
        if let Some(function) = super::before_an_origin(config) {
            command.arg("--everything").arg(function);
        }
        let state = work.join("state");
        if state.exists() {
            command.arg("--state-dir").arg(&state);
        }
        let mut process = Process::spawn(&mut command, &work.join("workers.log"))?;
        let start = Instant::now();
        let ready = loop {
            match std::fs::read(&dev) {
                Ok(text) => break serde_json::from_slice::<Value>(&text).map_err(context("dev.json"))?,
                Err(_) if start.elapsed() > child::START => return Err("the Workers host does not start".to_owned()),
                Err(_) => process.alive()?,
            }
            std::thread::sleep(Duration::from_millis(30));
        };
        let address = |name: &str| {
            let url = ready[name].as_str().unwrap_or_default();
            url.trim_start_matches("http://").parse().map_err(context(url))
        };
        Ok(Workers {
            address: address("url")?,
            control: address("control")?,
            token: ready["token"].as_str().unwrap_or_default().to_owned(),
            process,
            function: "",
            space: 0,
        })
    }

    fn prefix(&self) -> String {
        if self.space == 0 { String::new() } else { format!("{}/", self.space) }
    }

    fn control(&mut self, path: &str, body: &Value) -> Result<Vec<u8>> {
        let headers = vec![
            ("host".to_owned(), self.control.to_string()),
            ("authorization".to_owned(), format!("Bearer {}", self.token)),
        ];
        let body = Some(body.to_string().into_bytes());
        let message = Message { method: "POST".to_owned(), target: path.to_owned(), headers, body };
        let answer = client::exchange(self.control, &message)?;
        match answer.status {
            200 => Ok(answer.body),
            status => Err(format!("control {path}: {status} {}", String::from_utf8_lossy(&answer.body))),
        }
    }
}

impl Host for Workers {
    fn begin(&mut self, function: &'static Known, kv: BTreeMap<String, Vec<u8>>) -> Result<()> {
        self.space += 1;
        self.resume(function, kv)
    }

    fn resume(&mut self, function: &'static Known, kv: BTreeMap<String, Vec<u8>>) -> Result<()> {
        self.process.alive()?;
        self.function = function.name;
        let prefix = self.prefix();
        let entry = |(key, value): (&String, &Vec<u8>)| json!({ "key": format!("{prefix}{key}"), "value": STANDARD.encode(value), "base64": true });
        let entries: Vec<Value> = kv.iter().map(entry).collect();
        if !entries.is_empty() {
            self.control(&format!("/kv?function={}", function.name), &json!(entries))?;
        }
        Ok(())
    }

    fn query(&mut self, query: &Query) -> Result<Vec<Vec<Value>>> {
        let shard = format!("{}{}", self.prefix(), query.shard);
        let call = json!({ "function": self.function, "shard": shard, "sql": query.sql, "params": query.params });
        serde_json::from_slice(&self.control("/sql", &call)?).map_err(context("rows"))
    }

    fn send(&mut self, request: &Request, conditions: &Conditions<'_>) -> Result<Answer> {
        let mut headers = super::head(request);
        let mut add = |name: &str, value: String| headers.push((name.to_owned(), value));
        add("x-contract-space", self.prefix());
        add("x-contract-now", conditions.now.to_string());
        add("x-contract-seed", conditions.seed.to_string());
        if !conditions.fail.is_empty() {
            let name = |port: &Port| if *port == Port::Sql { "sql" } else { "kv" };
            add("x-contract-fail", conditions.fail.iter().map(name).collect::<Vec<_>>().join(","));
        }
        if let Some(place) = conditions.place {
            add(
                "x-contract-cf",
                json!({ "country": place.country, "city": place.city, "regionCode": place.region }).to_string(),
            );
        }
        let body = request.body.as_ref().map(Content::bytes).transpose()?;
        let message = Message { method: request.method.clone(), target: request.target.clone(), headers, body };
        let answer = client::exchange(self.address, &message);
        let answer = answer.map_err(|error| format!("{error}\n{}", self.process.tail()))?;
        framing::check(&message.method, &answer)?;
        Ok(answer)
    }
}
