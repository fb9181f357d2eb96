//! `venditor verify`: the edge's verdict on a label without the edge; and on a refund's receipt. The same code judges (`trace_verify::assess`) and speaks
//! (`trace_verify::answer`); only the documents come from files.
//!
//! Exit code 0: genuine, or a receipt that holds; 1: not, or not shown to be; 2: the question could not be put (bad arguments, unreadable files).

mod files;
mod operator;
mod page;
mod partial;
mod receipt;
mod search;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Result, anyhow};
use clap::{Args, ValueEnum};
use serde_json::{Value, json};
use shared::lang::Lang;
use trace_verify::answer::Answer;
use trace_verify::assess::{Assessment, Verdict, assess};
use trace_verify::digital_link::Link;
use trace_verify::outcome::Ledger;
use trace_verify::policy::Rules;
use trace_verify::serial::Code;

use crate::keys::dir::KeyDir;
use crate::out;
use files::Inputs;

#[derive(Args)]
pub struct Command {
    /// The label's URL, or its path.
    #[arg(required_unless_present = "receipt")]
    url: Option<String>,
    /// In place of a label: a refund's receipt, or the whole answer that it came in.
    #[arg(long, conflicts_with_all = ["url", "manifest", "record", "status", "page"])]
    receipt: Option<PathBuf>,
    /// The signed key set; without it, the key directory's.
    #[arg(long)]
    keyset: Option<PathBuf>,
    /// Folders and files in which the documents that are not named are looked for; the current folder, if none is named at
    /// all.
    #[arg(long = "in", value_name = "PATH")]
    folders: Vec<PathBuf>,
    /// The signed mint manifest of the batch.
    #[arg(long)]
    manifest: Option<PathBuf>,
    /// The signed inspection record.
    #[arg(long)]
    record: Option<PathBuf>,
    /// Signed status statements: chains, and statements that stand alone.
    #[arg(long)]
    status: Vec<PathBuf>,
    /// Signed heads of their issuers.
    #[arg(long)]
    head: Vec<PathBuf>,
    /// A file with TRACE_ROOT_KEY and TRACE_MAC_KEYS (`keys export-env` writes one); without it, the key directory's.
    #[arg(long)]
    env: Option<PathBuf>,
    /// A JSON answer of the edge, to be compared with what the documents say.
    #[arg(long)]
    page: Option<PathBuf>,
    /// Also what a shopper is told, in this language.
    #[arg(long, value_enum)]
    lang: Option<Language>,
    /// The answer for machines.
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum Language {
    Zh,
    En,
}

pub fn run(command: &Command, keys: &KeyDir) -> ExitCode {
    match judge(command, keys) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(error) => {
            out::note(format!("error: {error:#}"));
            ExitCode::from(2)
        }
    }
}

fn judge(command: &Command, keys: &KeyDir) -> Result<bool> {
    let lang = match command.lang {
        Some(Language::Zh) => Lang::Zh,
        Some(Language::En) | None => Lang::En,
    };
    if let Some(path) = &command.receipt {
        return receipt::judge(command, path, keys, lang);
    }
    let url = command.url.as_deref().unwrap_or_default();
    let link = Link::parse(url).map_err(|e| anyhow!("{url}: {e}"))?;
    let inputs = Inputs::read(command, keys)?;
    let now = out::now_ms();
    let Some(mac_keys) = &inputs.mac_keys else {
        return partial::report(command, &link, &inputs, now);
    };
    let Ok(code) = Code::verify(&link, mac_keys) else {
        let answer = Answer::bad_code(&link, &[], Rules::bundled(), lang, now);
        if !command.json {
            operator::forged(&inputs);
        }
        tell(command, lang, &answer, &[], &[])?;
        return Ok(false);
    };
    let assessment = assess(&code, &inputs.documents, &inputs.roots, now);
    // The scan history is the edge's; offline nobody can ask it.
    let answer = Answer::new(&code, &assessment, &Ledger::Unavailable, &[], Rules::bundled(), lang, now);
    let differences = match &command.page {
        Some(path) => page::compare(path, &answer, &assessment)?,
        None => Vec::new(),
    };
    if !command.json {
        operator::tell(&code, &inputs, &assessment, &answer, keys);
    }
    tell(command, lang, &answer, &not_checked(&inputs, &assessment, lang), &differences)?;
    Ok(assessment.verdict == Verdict::Genuine && differences.is_empty())
}

/// What nothing of the above speaks of.
fn not_checked(inputs: &Inputs, assessment: &Assessment, lang: Lang) -> Vec<&'static str> {
    let mut left = vec![lang.pick("扫描记录（只有边缘服务知道）", "the scan history (only the edge knows it)")];
    if !inputs.has_status {
        left.push(lang.pick("召回与撤销（没有找到，也没有给出）", "recalls and withdrawals (none was found or given)"));
    }
    if !inputs.has_manifest {
        left.push(lang.pick(
            "此码是否发放过（没有找到，也没有给出清单）",
            "whether the code was issued (no manifest was found or given)",
        ));
    } else if !inputs.has_record && assessment.manifest.is_some() {
        left.push(lang.pick("检验记录（没有找到，也没有给出）", "the inspection record (none was found or given)"));
    }
    left
}

fn tell(command: &Command, lang: Lang, answer: &Answer, not_checked: &[&str], differences: &[String]) -> Result<()> {
    if command.json {
        let mut value = serde_json::to_value(answer)?;
        if let Value::Object(members) = &mut value {
            members.insert("not_checked".into(), json!(not_checked));
            members.insert("page_differences".into(), json!(differences));
        }
        return out::json(&value);
    }
    if command.lang.is_some() {
        shopper(lang, answer);
    }
    not_checked.iter().for_each(|what| out::line(format!("{} {what}", lang.pick("未查验：", "not checked:"))));
    differences.iter().for_each(|what| out::line(format!("{} {what}", lang.pick("页面与文件不符：", "page differs:"))));
    if command.page.is_some() && differences.is_empty() {
        out::line(lang.pick("页面与签名文件一致", "the page says what the signed documents say"));
    }
    Ok(())
}

/// What a shopper is told.
fn shopper(lang: Lang, answer: &Answer) {
    out::line("");
    out::line(&answer.title);
    out::line(&answer.summary);
    out::line(answer.code.element_string.as_deref().unwrap_or(&answer.code.digital_link));
    for reason in &answer.reasons {
        // The stable code is for whoever has to repair it; a consumer's page does without.
        let cause = reason.cause.map_or_else(String::new, |cause| format!(" [{cause}]"));
        out::line(format!("- {}{cause}", reason.message));
    }
    if let Some(notice) = &answer.notice {
        out::line(format!("! {} ({})", notice.reason, notice.by));
        for told in [notice.product_name, notice.advice, notice.telephone, notice.return_url].into_iter().flatten() {
            out::line(format!("! {told}"));
        }
    }
    if let Some(record) = &answer.record {
        let (product, inspection) = (&record.document.product, &record.document.inspection);
        out::line(format!("{} | {}", product.name.get(lang), product.brand.get(lang)));
        out::line(format!("{} {} {}", inspection.body.get(lang), inspection.certificate, inspection.inspected_on));
        for result in &inspection.results {
            out::line(format!(
                "  {}: {} {}",
                result.name.get(lang),
                result.value,
                result.unit.as_deref().unwrap_or("")
            ));
        }
    }
    for evidence in &answer.evidence {
        let age = evidence.age_days.map_or(String::new(), |days| format!(", {days} {}", lang.pick("天前", "d ago")));
        let by = evidence.by.map_or(String::new(), |by| format!("{by}, "));
        out::line(format!("✓ {} [{by}{}{age}]", evidence.proves, evidence.kid));
        out::line(format!("  {}", evidence.does_not_prove));
    }
    out::line("");
}
