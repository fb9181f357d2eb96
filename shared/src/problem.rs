//! RFC 9457 problem details: what every answer that is not 2xx or 3xx looks like.

use http::StatusCode;
use serde::Serialize;

use crate::config::ConfigError;
use crate::http::{BodyError, Response};
use crate::lang::{Lang, Text};

// Every problem is worded with it.
pub use crate::lang::text;

/// The namespace of our problem types. RFC 9457 §3.1.1 wants a stable URI; it need not resolve.
pub const TYPE_BASE: &str = "https://venditor.example/problems/";

/// A kind of problem: the part of an answer that never varies.
#[derive(Debug, PartialEq, Eq)]
pub struct Kind {
    /// Last segment of the `type` URI; stable, kebab-case.
    pub code: &'static str,
    /// HTTP status.
    pub status: StatusCode,
    /// `title` in Chinese.
    pub zh: &'static str,
    /// `title` in English.
    pub en: &'static str,
}

/// Declares a [`Kind`].
#[macro_export]
macro_rules! problem_kinds {
    ($($(#[$doc:meta])* $name:ident = $status:ident $code:literal, $zh:literal, $en:literal;)*) => {
        $($(#[$doc])* pub const $name: $crate::problem::Kind = $crate::problem::Kind {
            code: $code, status: $crate::problem::StatusCodeForMacro::$status, zh: $zh, en: $en,
        };)*
    };
}
#[doc(hidden)]
pub use http::StatusCode as StatusCodeForMacro;

problem_kinds! {
    /// No such resource.
    NOT_FOUND = NOT_FOUND "not-found", "没有这个地址", "No such resource";
    /// The resource exists, the method does not.
    METHOD_NOT_ALLOWED = METHOD_NOT_ALLOWED "method-not-allowed", "不支持这种请求方法", "Method not allowed";
    /// The body is over its cap.
    BODY_TOO_LARGE = PAYLOAD_TOO_LARGE "body-too-large", "请求内容过大", "Request body too large";
    /// The body could not be read.
    BODY_BROKEN = BAD_REQUEST "body-incomplete", "请求内容不完整", "Request body incomplete";
    /// The body is not UTF-8.
    NOT_UTF8 = BAD_REQUEST "not-utf8", "请求内容不是 UTF-8", "Request body is not UTF-8";
    /// The body is not JSON of the wanted shape.
    NOT_JSON = BAD_REQUEST "not-json", "请求内容不是有效的 JSON", "Request body is not valid JSON";
    /// `Content-Type` is not one that the resource takes.
    UNSUPPORTED_MEDIA_TYPE = UNSUPPORTED_MEDIA_TYPE "unsupported-media-type",
        "不支持这种内容类型", "Unsupported media type";
    /// The host cannot express the request (target or headers beyond what it parses).
    BAD_REQUEST = BAD_REQUEST "bad-request", "请求无法解析", "The request could not be understood";
    /// A configuration value is missing or malformed.
    MISCONFIGURED = SERVICE_UNAVAILABLE "misconfigured", "服务配置有误", "The service is misconfigured";
    /// Storage does not answer.
    STORAGE_UNAVAILABLE = SERVICE_UNAVAILABLE "storage-unavailable", "存储暂时不可用", "Storage is unavailable";
    /// What is stored was written by a newer build; nothing was read or written.
    DATABASE_NEWER = SERVICE_UNAVAILABLE "database-newer", "数据库比程序新", "The database is newer than the program";
    /// The function is planned and not built.
    NOT_IMPLEMENTED = NOT_IMPLEMENTED "not-implemented", "功能尚未实现", "Not implemented yet";
}

/// One fault in one field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldError {
    /// Where: an RFC 6901 JSON pointer into the body, or `/path`, `/query/<name>`, `/header/<name>`, `/config/<KEY>`.
    pub pointer: String,
    /// What: stable, kebab-case.
    pub code: &'static str,
    /// Why, for a person.
    pub detail: Text,
}

/// Members of a problem's own.
pub type Members = serde_json::Map<String, serde_json::Value>;

/// A problem about to be answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Its kind.
    pub kind: &'static Kind,
    /// What happened this time, for a person.
    pub detail: Text,
    /// Field by field, where fields are to blame.
    pub errors: Vec<FieldError>,
    /// Headers of its own (`Allow`, `Retry-After`).
    pub headers: Vec<(&'static str, String)>,
    /// Members of its own (RFC 9457 §3.2), by name.
    pub members: Option<Box<Members>>,
}

impl Problem {
    /// A problem of a kind.
    pub fn new(kind: &'static Kind, detail: Text) -> Problem {
        Problem { kind, detail, errors: Vec::new(), headers: Vec::new(), members: None }
    }

    /// Names a field that is to blame.
    pub fn field(mut self, pointer: impl Into<String>, code: &'static str, detail: Text) -> Problem {
        self.errors.push(FieldError { pointer: pointer.into(), code, detail });
        self
    }

    /// Adds a member of its own.
    pub fn member(mut self, name: &str, value: impl Into<serde_json::Value>) -> Problem {
        self.members.get_or_insert_default().insert(name.to_owned(), value.into());
        self
    }

    /// Adds a header.
    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Problem {
        self.headers.push((name, value.into()));
        self
    }

    /// `404` for a path that no route takes.
    pub fn not_found() -> Problem {
        Problem::new(&NOT_FOUND, text("这个地址下没有内容。", "There is nothing at this address."))
    }

    /// `405` with `Allow`.
    pub fn method_not_allowed(allow: &'static str) -> Problem {
        let detail = text(format!("此地址只接受：{allow}。"), format!("This address takes: {allow}."));
        Problem::new(&METHOD_NOT_ALLOWED, detail).header("allow", allow)
    }

    /// `501` for a function that is not built yet.
    pub fn not_implemented(function: &str) -> Problem {
        let zh = format!("{function} 目前只提供健康检查，业务功能尚未实现。");
        let en = format!("{function} answers only its health check so far; its decisions are not built yet.");
        Problem::new(&NOT_IMPLEMENTED, text(zh, en))
    }

    /// `503` for what a newer build stored. Only the operator can help, so callers are asked to wait a minute.
    pub fn database_newer() -> Problem {
        let detail = text(
            "数据由较新版本的程序写入，此版本不读也不写。请部署较新的版本；未作任何改动。",
            "A newer version of the program wrote this data, and this version neither reads nor writes it. Deploy the \
             newer one; nothing was changed.",
        );
        Problem::new(&DATABASE_NEWER, detail).retry_after(60)
    }

    /// A problem that holds for a while.
    pub fn retry_after(self, seconds: u32) -> Problem {
        self.header("retry-after", seconds.to_string())
    }

    /// The answer, in one language.
    pub fn response(&self, lang: Lang) -> Response {
        let body = Body {
            type_uri: format!("{TYPE_BASE}{}", self.kind.code),
            title: lang.pick(self.kind.zh, self.kind.en),
            status: self.kind.status.as_u16(),
            detail: self.detail.get(lang),
            errors: self
                .errors
                .iter()
                .map(|e| FieldBody { pointer: &e.pointer, code: e.code, detail: e.detail.get(lang) })
                .collect(),
            members: self.members.as_deref(),
        };
        let bytes = serde_json::to_vec(&body).unwrap_or_else(|_| b"{}".to_vec());
        let mut response = Response::new(self.kind.status, crate::http::PROBLEM, bytes)
            .with("content-language", lang.tag())
            .with("vary", crate::http::VARY);
        for (name, value) in &self.headers {
            response = response.with(name, value.as_str());
        }
        response
    }
}

#[derive(Serialize)]
struct Body<'a> {
    #[serde(rename = "type")]
    type_uri: String,
    title: &'a str,
    status: u16,
    detail: &'a str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<FieldBody<'a>>,
    #[serde(flatten)]
    members: Option<&'a Members>,
}

#[derive(Serialize)]
struct FieldBody<'a> {
    pointer: &'a str,
    code: &'a str,
    detail: &'a str,
}

impl From<BodyError> for Problem {
    fn from(error: BodyError) -> Problem {
        match error {
            BodyError::TooLarge { limit } => {
                let zh = format!("请求内容不得超过 {limit} 字节。");
                let en = format!("The request body may have at most {limit} bytes.");
                Problem::new(&BODY_TOO_LARGE, text(zh.clone(), en.clone())).field("", "too-large", text(zh, en))
            }
            BodyError::Broken => {
                Problem::new(&BODY_BROKEN, text("请求内容没有收全。", "The request body ended early."))
            }
            BodyError::NotUtf8 { at } => {
                let detail = text(format!("第 {at} 字节起不是 UTF-8。"), format!("Not UTF-8 from byte {at} on."));
                Problem::new(&NOT_UTF8, detail.clone()).field("", "not-utf8", detail)
            }
            BodyError::NotJson { line, column } => {
                let zh = format!("第 {line} 行第 {column} 列有误。");
                let en = format!("Fault at line {line}, column {column}.");
                Problem::new(&NOT_JSON, text(zh.clone(), en.clone())).field("", "not-json", text(zh, en))
            }
        }
    }
}

impl From<&ConfigError> for Problem {
    fn from(error: &ConfigError) -> Problem {
        let zh = format!("配置项 {} {}。", error.key, error.fault.zh());
        let en = format!("Configuration key {} {}.", error.key, error.fault.en());
        Problem::new(&MISCONFIGURED, text(zh.clone(), en.clone()))
            .field(format!("/config/{}", error.key), error.fault.code(), text(zh, en))
            .retry_after(60)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_says_where_and_why_in_the_callers_language() {
        let problem = Problem::from(BodyError::TooLarge { limit: 10 });
        let body = problem.response(Lang::En).body;
        assert_eq!(
            String::from_utf8(body).expect("utf-8"),
            r#"{"type":"https://venditor.example/problems/body-too-large","title":"Request body too large","status":413,"detail":"The request body may have at most 10 bytes.","errors":[{"pointer":"","code":"too-large","detail":"The request body may have at most 10 bytes."}]}"#
        );
        assert!(String::from_utf8(problem.response(Lang::Zh).body).expect("utf-8").contains("请求内容过大"));
    }
}
