//! The proof. Pure: lines in, accounts and faults out.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use shared::money::yuan;

use super::line::Line;

/// The trial balance, and what does not hold. Sums of any number of lines fit.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct TrialBalance {
    pub lines: usize,
    pub refunds: usize,
    pub accounts: Vec<AccountBalance>,
    pub debit_fen: i128,
    pub credit_fen: i128,
    /// Debits less credits: zero.
    pub balance_fen: i128,
    /// In words, each with the refund and the entry.
    pub faults: Vec<String>,
}

/// One account.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub struct AccountBalance {
    pub account: String,
    pub debit_fen: i128,
    pub credit_fen: i128,
    /// Debits less credits.
    pub balance_fen: i128,
}

impl TrialBalance {
    pub fn of(lines: &[Line]) -> TrialBalance {
        let mut faults = Vec::new();
        let mut seen = BTreeSet::new();
        let mut entries: BTreeMap<(&str, &str), (i128, i128)> = BTreeMap::new();
        let mut accounts: BTreeMap<&str, (i128, i128)> = BTreeMap::new();
        for line in lines {
            let Line { refund, entry, line: place, debit_fen, credit_fen, .. } = line;
            if !seen.insert((refund, entry, place)) {
                faults.push(format!("{refund} {entry}: line {place} occurs twice"));
            }
            if *debit_fen < 0 || *credit_fen < 0 || (*debit_fen > 0) == (*credit_fen > 0) {
                faults.push(format!(
                    "{refund} {entry}: line {place} must have one amount above zero; debit {debit_fen}, \
                     credit {credit_fen}"
                ));
            }
            for sums in
                [entries.entry((refund, entry)).or_default(), accounts.entry(line.account.as_str()).or_default()]
            {
                sums.0 += i128::from(*debit_fen);
                sums.1 += i128::from(*credit_fen);
            }
        }
        for ((refund, entry), (debit, credit)) in entries.iter().filter(|(_, (debit, credit))| debit != credit) {
            faults.push(format!("{refund} {entry}: does not balance; debit {debit}, credit {credit}"));
        }
        let debit_fen = accounts.values().map(|(debit, _)| debit).sum();
        let credit_fen = accounts.values().map(|(_, credit)| credit).sum();
        let accounts = accounts.iter().map(|(account, (debit, credit))| AccountBalance {
            account: (*account).to_owned(),
            debit_fen: *debit,
            credit_fen: *credit,
            balance_fen: debit - credit,
        });
        TrialBalance {
            lines: lines.len(),
            refunds: lines.iter().map(|line| &line.refund).collect::<BTreeSet<_>>().len(),
            accounts: accounts.collect(),
            debit_fen,
            credit_fen,
            balance_fen: debit_fen - credit_fen,
            faults,
        }
    }

    /// For people, in yuan.
    pub fn table(&self) -> Vec<String> {
        let names = self.accounts.iter().map(|account| account.account.as_str()).chain(["account", "total"]);
        let width = names.map(str::len).max().unwrap_or(0);
        let row = |name: &str, debit: String, credit: String, balance: String| {
            format!("{name:width$}  {debit:>16}  {credit:>16}  {balance:>16}")
        };
        let mut rows = vec![row("account", "debit".into(), "credit".into(), "balance".into())];
        rows.extend(self.accounts.iter().map(|account| {
            row(&account.account, yuan(account.debit_fen), yuan(account.credit_fen), yuan(account.balance_fen))
        }));
        rows.push(row("total", yuan(self.debit_fen), yuan(self.credit_fen), yuan(self.balance_fen)));
        rows.push(format!("lines: {}; refunds: {}; amounts in CNY", self.lines, self.refunds));
        rows
    }
}
