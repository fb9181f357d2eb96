//! `venditor keys revoke`: withdrawing a key, and what becomes of what it signed.

use anyhow::{Context as _, Result, bail, ensure};
use clap::{Args, ValueEnum};
use shared::china_time;
use shared::keyset::{Key, Revocation, RevocationReason, Use};
use trace_verify::chain::Trust;
use trace_verify::status::State;

use super::apps::AppKey;
use super::callers::CallerKey;
use super::dir::KeyDir;
use super::listed;
use super::uploaders::UploaderKey;
use crate::out;
use crate::status::book;

#[derive(Args)]
pub struct Revoke {
    kid: String,
    /// `compromised` voids everything the key ever signed; the others, what it signs from now on.
    #[arg(long, value_enum)]
    reason: Reason,
    /// The id is a MAC key's.
    #[arg(long)]
    mac: bool,
    /// The id is a caller's key's.
    #[arg(long, conflicts_with = "mac")]
    caller: bool,
    /// The id is a bearer key's: an uploader's, an edge's, or an operator's.
    #[arg(long, conflicts_with_all = ["mac", "caller"])]
    uploader: bool,
    /// The id is that of an app's key.
    #[arg(long, conflicts_with_all = ["mac", "caller", "uploader"])]
    app: bool,
    /// Of a stolen status key: the first day on which somebody else may have held it, `YYYY-MM-DD` (China time). What it
    /// stated before stands; without the day, nothing it stated does.
    #[arg(long, value_name = "DAY")]
    compromised_at: Option<String>,
    /// The root that signs the key set, if not the last one that did.
    #[arg(long)]
    root: Option<String>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Reason {
    Compromised,
    Superseded,
    Ceased,
}

pub fn run(revoke: &Revoke, keys: &KeyDir) -> Result<()> {
    let _lock = keys.lock()?;
    if revoke.caller {
        listed::revoke::<CallerKey>(keys, &revoke.kid, revoke.reason.now())?;
        out::line(format!("revoked {}", revoke.kid));
        out::note("export and set REFUND_CALLERS now: until then the function still believes the key");
        return Ok(());
    }
    if revoke.app {
        listed::revoke::<AppKey>(keys, &revoke.kid, revoke.reason.now())?;
        out::line(format!("revoked {}", revoke.kid));
        out::note("export and set TRACE_CALLERS now: until then the function still believes the key");
        return Ok(());
    }
    if revoke.uploader {
        listed::revoke::<UploaderKey>(keys, &revoke.kid, revoke.reason.now())?;
        out::line(format!("revoked {}", revoke.kid));
        out::note(
            "export and set what holds its digest now (LISTING_CALLERS, SCREEN_CALLERS or TRACE_OPERATORS): until then the function still believes the key",
        );
        return Ok(());
    }
    let version = withdraw(revoke, keys)?;
    out::line(format!("revoked {}; {} is edition {version}", revoke.kid, keys.keyset_path().display()));
    tell_void(keys)?;
    out::note("publish the key set now: until then the functions still trust the key");
    Ok(())
}

impl Revoke {
    fn day(&self) -> Result<Option<i64>> {
        let Some(text) = &self.compromised_at else { return Ok(None) };
        ensure!(
            matches!(self.reason, Reason::Compromised) && !(self.mac || self.caller || self.uploader || self.app),
            "--compromised-at: goes with a signing key and --reason compromised"
        );
        let day = china_time::parse_date(text).with_context(|| format!("--compromised-at {text}: takes YYYY-MM-DD"))?;
        Ok(Some(china_time::start_of_day(day)))
    }
}

/// Statements that no longer count are to be made anew, with a key that does.
fn tell_void(keys: &KeyDir) -> Result<()> {
    for book in book::all(keys, out::now_ms())? {
        for link in book.chain.links.iter().filter(|link| link.trust == Trust::Void) {
            let statement = &link.statement.payload;
            let (state, scope) = (statement.status.state.code(), &statement.status.scope);
            let doubt = if statement.status.state == State::Active {
                ""
            } else {
                ", or, if it is the thief's, take it back by name (status lift); until then what it covers reads \"cannot be fully checked\""
            };
            out::note(format!(
                "statement {} of {} ({scope} {state}) no longer counts: state it anew with another key{doubt}",
                statement.sequence, book.issuer
            ));
        }
    }
    Ok(())
}

impl Reason {
    fn now(self) -> Revocation {
        let reason = match self {
            Reason::Compromised => RevocationReason::Compromised,
            Reason::Superseded => RevocationReason::Superseded,
            Reason::Ceased => RevocationReason::Ceased,
        };
        Revocation { at: out::now_ms(), reason, compromised_at: None }
    }
}

fn withdraw(revoke: &Revoke, keys: &KeyDir) -> Result<u64> {
    let revocation @ Revocation { at: now, reason, .. } = revoke.reason.now();
    let day = revoke.day()?;
    let revocation = Revocation { compromised_at: day, ..revocation };
    keys.edit(revoke.root.as_deref(), now, |document| {
        let steals = |key: &&Key| key.kid == revoke.kid && key.uses.contains(&Use::Policy);
        if reason == RevocationReason::Compromised && !revoke.mac && document.keys.iter().any(|key| steals(&key)) {
            // Whatever version its thief has published is behind the versions of the next epoch.
            document.policy_epoch += 1;
        }
        let entry = if revoke.mac {
            let entry = document.mac_keys.iter_mut().find(|key| key.kid.to_string() == revoke.kid);
            entry.map(|key| &mut key.revoked)
        } else {
            document.keys.iter_mut().find(|key| key.kid == revoke.kid).map(|key| &mut key.revoked)
        };
        let revoked = entry.with_context(|| format!("{}: the key set has no such key", revoke.kid))?;
        match revoked {
            // The one change that makes a revocation stricter.
            Some(old) if reason == RevocationReason::Compromised && old.reason != reason => {
                (old.reason, old.compromised_at) = (reason, day);
            }
            // The day is learnt later than the theft, or turns out to have been an earlier one.
            Some(old)
                if day.is_some()
                    && old.reason == reason
                    && old.compromised_at.is_none_or(|known| day < Some(known)) =>
            {
                old.compromised_at = day;
            }
            Some(old) => bail!("{}: revoked already, {:?}", revoke.kid, old.reason),
            None => *revoked = Some(revocation),
        }
        Ok(())
    })
}
