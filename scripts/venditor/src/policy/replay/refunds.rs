//! Refunds: decided again by the pack of their decision and by another.

use std::collections::BTreeMap;
use std::io::BufRead as _;
use std::path::Path;

use anyhow::{Context as _, Result, bail};
use instant_refund::auth::Scope;
use instant_refund::decide;
use instant_refund::decision::{Decision, Payer};
use instant_refund::handler::{DecidedRefund, DecisionPage};
use instant_refund::policy::{Rules, yuan};
use pack_source::PackFile;
use serde::Serialize;
use shared::lang::Lang;
use shared::policy::Pack;

use super::Command;
use crate::client::Client;
use crate::files::{self, Access};
use crate::keys::dir::KeyDir;
use crate::out;
use crate::policy::record::Record;

/// What would change.
#[derive(Default, Serialize)]
struct Difference {
    /// The pack that was tried.
    policy: String,
    /// Decisions that were judged.
    judged: usize,
    /// Those whose own pack is not known here: they are compared as they were recorded.
    compared_as_recorded: usize,
    /// Those that would be others.
    changed: usize,
    /// From one outcome to another, how many.
    outcomes: BTreeMap<String, usize>,
    /// What each payer would bear more, fen; of approved decisions.
    by_payer: BTreeMap<String, i64>,
    /// What each merchant's buyers would get more, fen, and in how many decisions.
    by_merchant: BTreeMap<String, (usize, i64)>,
    /// Each changed decision, the largest difference first.
    decisions: Vec<Changed>,
}

#[derive(Serialize)]
struct Changed {
    refund: String,
    merchant: String,
    was: &'static str,
    was_fen: i64,
    is: &'static str,
    is_fen: i64,
}

pub fn replay(command: &Command, keys: &KeyDir, new: PackFile, base: Option<PackFile>) -> Result<()> {
    let refunds = match &command.from {
        Some(path) => read(path)?,
        None => ask(command, keys)?,
    };
    if let Some(path) = &command.save {
        let lines = refunds.iter().map(serde_json::to_string).collect::<Result<Vec<_>, _>>()?;
        files::replace(path, (lines.join("\n") + "\n").as_bytes(), Access::Secret)?;
    }
    let record = Record::open(keys)?;
    let new = Pack::from_file(new);
    let base = base.map(Pack::from_file);
    let mut known: BTreeMap<String, Option<Pack>> = BTreeMap::new();
    let rules = Rules::of(&new);
    if let Some(lack) = rules.lack() {
        bail!("{}: {lack}", command.pack.display());
    }
    let mut found = Difference { policy: rules.digest.to_owned(), ..Difference::default() };
    for refund in &refunds {
        let policy = refund.decision.policy.as_ref();
        let own = known.entry(policy.to_owned()).or_insert_with(|| {
            let digest = Rules::known_as(policy);
            record.pack(instant_refund::NAME, digest).ok().map(Pack::from_file)
        });
        let decide = |pack: &Pack| decide::by(&Rules::of(pack), &refund.case, refund.decided_at);
        let was = match base.as_ref().or(own.as_ref()) {
            Some(pack) => decide(pack),
            None => {
                found.compared_as_recorded += 1;
                refund.decision.clone()
            }
        };
        found.compare(refund, &was, &decide(&new));
    }
    found.decisions.sort_by_key(|one| std::cmp::Reverse((one.is_fen - one.was_fen).abs()));
    if command.json {
        return out::json(&found);
    }
    found.show(command.list);
    Ok(())
}

impl Difference {
    fn compare(&mut self, refund: &DecidedRefund, was: &Decision, is: &Decision) {
        self.judged += 1;
        if was.pays_as(is) {
            return;
        }
        self.changed += 1;
        let (was_name, is_name) = (was.outcome.name(), is.outcome.name());
        *self.outcomes.entry(format!("{was_name} -> {is_name}")).or_default() += 1;
        let paid = |decision: &Decision| if is_paid(decision) { decision.total_fen } else { 0 };
        for payer in [Payer::Insurer, Payer::Merchant, Payer::Platform, Payer::ProtectionFund] {
            let borne = |decision: &Decision| {
                if is_paid(decision) { decision.sum_fen(|leg| leg.payer == payer) } else { 0 }
            };
            let more = borne(is) - borne(was);
            if more != 0 {
                let name = serde_json::to_value(payer).ok().and_then(|name| name.as_str().map(str::to_owned));
                *self.by_payer.entry(name.unwrap_or_default()).or_default() += more;
            }
        }
        let merchant = &refund.case.merchant.merchant_id;
        let of_merchant = self.by_merchant.entry(merchant.clone()).or_default();
        of_merchant.0 += 1;
        of_merchant.1 += paid(is) - paid(was);
        self.decisions.push(Changed {
            refund: refund.refund.clone(),
            merchant: merchant.clone(),
            was: was_name,
            was_fen: paid(was),
            is: is_name,
            is_fen: paid(is),
        });
    }

    fn show(&self, list: usize) {
        let money = |fen| yuan(Lang::En, fen);
        let signed = |fen: i64| if fen > 0 { format!("+{}", money(fen)) } else { money(fen) };
        out::line(format!("{} decisions judged by {}: {} would differ", self.judged, self.policy, self.changed));
        if self.compared_as_recorded > 0 {
            let many = self.compared_as_recorded;
            out::line(format!("  {many} compared as they were recorded: their pack was not signed here (--base PACK)"));
        }
        for (change, many) in &self.outcomes {
            out::line(format!("  {change}: {many}"));
        }
        for (payer, more) in &self.by_payer {
            out::line(format!("  {payer} bears {}", signed(*more)));
        }
        for (merchant, (many, more)) in &self.by_merchant {
            out::line(format!("  buyers of merchant {merchant}: in {many} decisions {}", signed(*more)));
        }
        for one in self.decisions.iter().take(list) {
            let (was, is) = (money(one.was_fen), money(one.is_fen));
            out::line(format!("  {} of {}: {} {was} -> {} {is}", one.refund, one.merchant, one.was, one.is));
        }
        if self.decisions.len() > list {
            out::line(format!("  and {} more (--list, --json)", self.decisions.len() - list));
        }
    }
}

/// Whether it moves money now.
fn is_paid(decision: &Decision) -> bool {
    decision.outcome.name() == "approved"
}

fn read(path: &Path) -> Result<Vec<DecidedRefund>> {
    let file = std::fs::File::open(path).with_context(|| path.display().to_string())?;
    let mut all = Vec::new();
    for (number, line) in (1..).zip(std::io::BufReader::new(file).lines()) {
        let line = line.with_context(|| path.display().to_string())?;
        if !line.trim().is_empty() {
            all.push(serde_json::from_str(&line).with_context(|| format!("{}:{number}", path.display()))?);
        }
    }
    Ok(all)
}

fn ask(command: &Command, keys: &KeyDir) -> Result<Vec<DecidedRefund>> {
    let client = Client::new(&command.caller, keys, Scope::Operations)?;
    let pages = client.pages("/v1/refunds/decisions", |page: &DecisionPage| page.next.as_deref())?;
    Ok(pages.into_iter().flat_map(|page| page.decisions).collect())
}
