//! `venditor listing explain`: what a text is read as, and why it counts or does not.

use std::process::ExitCode;

use anyhow::Result;
use clap::Args;
use listing_check::contact;
use listing_engine::{Text, find};

use super::{Policy, rules};
use crate::out;

#[derive(Args)]
pub struct Command {
    /// The text.
    text: String,
    /// The most readings that are told.
    #[arg(long, default_value_t = 40)]
    most: usize,
    #[command(flatten)]
    policy: Policy,
}

pub fn run(command: &Command) -> Result<ExitCode> {
    let (pack, lang) = (command.policy.pack()?, command.policy.lang()?);
    let rules = rules(&pack, command.policy.now()?)?;
    let raw = &command.text;
    let slice = |start: u32, end: u32| -> String {
        raw.chars().skip(start as usize).take(end.saturating_sub(start) as usize).collect()
    };
    let text = Text::of(raw, &rules.language);
    let canonical: String = text.units.iter().map(|unit| unit.char).collect();
    out::line(lang.pick(format!("规范形式：{canonical}"), format!("canonical form: {canonical}")));
    let terms = find(raw, &rules.language, &rules.lexicon, &rules.tuning, false);
    for found in contact::find(&text, &rules, &terms).contacts {
        let (kind, value, raw) = (found.kind.code(), &found.value, slice(found.start, found.end));
        let cue = if found.cue.is_empty() { String::new() } else { format!(", {}", found.cue) };
        out::line(
            lang.pick(format!("计入　{raw} → {kind} {value}{cue}"), format!("counts  {raw} -> {kind} {value}{cue}")),
        );
    }
    let readings = find(raw, &rules.language, &rules.lexicon, &rules.tuning, true);
    let bits = |quarters: i32| f64::from(quarters) / 4.0;
    for one in readings.iter().take(command.most) {
        let Some(term) = rules.lexicon.term(one.term) else { continue };
        let steps: Vec<_> =
            one.steps.each().map(|step| rules.text(&format!("step/{}", step.name()), lang, &[])).collect();
        let steps = if steps.is_empty() {
            lang.pick("原样", "as it stands").to_owned()
        } else {
            steps.join(lang.pick("、", ", "))
        };
        let (raw, term) = (slice(one.start, one.end), term.text());
        let (literal, prior, cost) = (bits(one.literal), bits(one.prior), bits(one.cost));
        let (context, gain) = (bits(one.evidence), bits(one.gain));
        out::line(lang.pick(
            format!(
                "{}　{raw} → {term}（{steps}）：字面 {literal} − 词 {prior} − 变写 {cost} + 语境 {context} = {gain} 比特",
                match (one.counts, one.part) {
                    (true, false) => "计入",
                    (true, true) => "组合",
                    (false, _) => "不计",
                },
            ),
            format!(
                "{} {raw} -> {term} ({steps}): literal {literal} - term {prior} - steps {cost} + context {context} = {gain} bits",
                match (one.counts, one.part) {
                    (true, false) => "counts ",
                    (true, true) => "part of rules",
                    (false, _) => "does not",
                },
            ),
        ));
    }
    if readings.len() > command.most {
        out::note(format!("{} more: --most", readings.len() - command.most));
    }
    Ok(ExitCode::SUCCESS)
}
