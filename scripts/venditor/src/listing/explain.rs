//! `venditor listing explain`: what a text is read as, and why it counts or does not.

use std::process::ExitCode;

use anyhow::Result;
use clap::Args;
use listing_check::contact;
use listing_check::listing::{Listing, Seller};
use listing_check::passed::{self, Passed};
use listing_engine::step::{ALL, Step};
use listing_engine::{Text, find};
use shared::lang::Lang;

use super::{Policy, rules};
use crate::out;

#[derive(Args)]
pub struct Command {
    /// The text.
    text: String,
    /// The path of the category that it is in, parts between `/`: rules may hold in some alone.
    #[arg(long, default_value = "")]
    category: String,
    /// The seller's id: exceptions may name it.
    #[arg(long)]
    seller: Option<String>,
    /// The most readings that are told.
    #[arg(long, default_value_t = 40)]
    most: usize,
    #[command(flatten)]
    policy: Policy,
}

/// Why a term that was read is no finding.
fn because(why: Passed, lang: Lang) -> &'static str {
    let (zh, en) = match why {
        Passed::NotInForce => (
            "其分组此时或对此类商品不适用（日期、类目、价格、资质）",
            "its group does not hold now or here (dates, category, price, qualifications)",
        ),
        Passed::OtherField => ("其分组不看描述", "its group does not look at descriptions"),
        Passed::NeedsCue => ("旁边没有引向某人的词", "no word beside it leads to somebody"),
        Passed::Serves => ("说的是适用对象或售后", "it says what a thing works with, or who answers after the sale"),
        Passed::Contact => ("已由联系方式说明", "a contact says it already"),
        Passed::Compound => ("是另一物名称的一部分", "it is a part of another thing's name"),
        Passed::OtherSense => {
            ("旁边的词或类目说明是另一义", "a word beside it, or the category, gives it another sense")
        }
        Passed::Denied => ("前文否认或警示", "it is denied or warned of"),
        Passed::Excepted => ("有例外", "an exception holds"),
    };
    lang.pick(zh, en)
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
    let listing = Listing {
        description: raw.clone(),
        category: command.category.split('/').filter(|part| !part.is_empty()).map(str::to_owned).collect(),
        seller: command.seller.clone().map(|id| Seller { id }),
        ..Listing::default()
    };
    let readings = passed::explain(&listing, &rules);
    if readings.is_empty() {
        let name = |step: Step| rules.text(&format!("step/{}", step.name()), lang, &[]);
        let tried: Vec<_> = ALL.into_iter().map(name).collect();
        let tried = tried.join(lang.pick("、", ", "));
        out::line(lang.pick(
            format!("没有读出词条。试过的读法：原样、{tried}；没有一种接近任何词条。"),
            format!("No term was read. Tried: as it stands, {tried}; none came near a term."),
        ));
    } else {
        out::line(lang.pick(
            "以下数值单位为比特；检查结果中的 evidence 以四分之一比特计（乘以 4）。",
            "Figures are in bits; a verdict's evidence has them in quarter bits (times 4).",
        ));
    }
    let bits = |quarters: i32| f64::from(quarters) / 4.0;
    for (one, passed) in readings.iter().take(command.most) {
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
                match (one.counts, one.part, passed) {
                    (true, false, None) => "计入",
                    (true, false, Some(_)) => "放过",
                    (true, true, _) => "组合",
                    (false, ..) => "不计",
                },
            ) + &passed.map_or(String::new(), |why| format!("；{}", because(why, lang))),
            format!(
                "{} {raw} -> {term} ({steps}): literal {literal} - term {prior} - steps {cost} + context {context} = {gain} bits",
                match (one.counts, one.part, passed) {
                    (true, false, None) => "counts ",
                    (true, false, Some(_)) => "passed over",
                    (true, true, _) => "part of rules",
                    (false, ..) => "does not",
                },
            ) + &passed.map_or(String::new(), |why| format!("; {}", because(why, lang))),
        ));
    }
    if readings.len() > command.most {
        out::note(format!("{} more: --most", readings.len() - command.most));
    }
    Ok(ExitCode::SUCCESS)
}
