//! Before room is taken that a refund released because its gateway had refused it, the gateway is asked once more: a
//! "failed" may have paid after all, and its money must not be spent a second time.

use futures_util::future::join_all;
use shared::platform::{Clock, Entropy, Outbound, Sql, StorageError};

use super::{Issuer, NO_GATEWAY};
use crate::decision::Hold;
use crate::gateway::Report;
use crate::refund::{Came, Refund, State, id_of_hold};
use crate::store::Stored;

impl<H: Clock + Entropy + Outbound + Sql> Issuer<'_, H> {
    /// Asks after each refund that released room on the accounts of these holds. What keeps the present one from being
    /// sent, if anything: one of them was paid, and what is held here is given back; or the gateway does not say.
    ///
    /// # Errors
    /// [`StorageError`].
    pub(super) async fn ask_the_refused(
        &self,
        refund: &Refund,
        version: i64,
        holds: &[&Hold],
    ) -> Result<Option<&'static str>, StorageError> {
        let (store, name) = (self.store(), refund.hold_as());
        let of_payment = holds.iter().filter(|hold| hold.account.is_of_payment());
        let mut ids: Vec<String> = Vec::new();
        for names in join_all(of_payment.map(|hold| store.doubted(hold, &name))).await {
            ids.extend(names?.iter().map(|name| id_of_hold(name).to_owned()));
        }
        ids.sort();
        ids.dedup();
        ids.retain(|id| *id != refund.id);
        let (mut paid, mut unclear) = (false, false);
        for id in &ids {
            let Some(stored) = store.load(id).await? else { continue };
            match self.paid_after_all(stored).await? {
                Some(true) => paid = true,
                Some(false) => {}
                None => unclear = true,
            }
        }
        if paid || !self.still_fits(holds, &name).await? {
            let given_back = holds.iter().map(|hold| store.give_back(hold, &name, version));
            join_all(given_back).await.into_iter().collect::<Result<(), _>>()?;
            // Without one that was paid after all it is a refund made outside, or a dispute that was lost.
            return Ok(Some(if paid { "paid_after_all" } else { "room_gone" }));
        }
        Ok(unclear.then_some("asks_the_refused"))
    }

    /// Whether what is held leaves room for what others hold by now: what was paid after all is held again whatever the
    /// limit, perhaps since we held.
    async fn still_fits(&self, holds: &[&Hold], name: &str) -> Result<bool, StorageError> {
        let store = self.store();
        let bounded = holds.iter().filter(|hold| hold.account.is_bounded());
        let all = join_all(bounded.map(async |hold| {
            let others = store.others(hold, name).await?;
            Ok(others.sum_fen.saturating_add(hold.amount_fen) <= hold.limit_fen)
        }));
        Ok(all.await.into_iter().collect::<Result<Vec<bool>, _>>()?.into_iter().all(|fits| fits))
    }

    /// Whether its gateway would show by now what it has done.
    fn would_be_seen(&self, refund: &Refund) -> bool {
        let semantics = self.gateway(refund).map_or(&NO_GATEWAY, |gateway| gateway.semantics());
        let settled_at = refund.issuing.as_ref().map_or(0, |issuing| issuing.settled_at(semantics));
        self.host.now_ms() >= settled_at
    }

    /// Whether a refund that was refused was paid all the same; `None` if nobody can say.
    async fn paid_after_all(&self, stored: Stored) -> Result<Option<bool>, StorageError> {
        match stored.refund.state {
            // It holds its room again, or is about to; or it was paid another way, and holds it under another name.
            State::Posted => return Ok(Some(!stored.refund.reinstating.is_empty())),
            State::Void | State::Reversed => {}
            // Its gateway is being asked; or it is paid another way, and holds room of its own.
            State::Issuing if stored.refund.gateway_fen() > 0 => return Ok(None),
            State::Waiting | State::Declined | State::Issuing => return Ok(Some(false)),
        }
        match self.query(&stored.refund).await {
            Came::Report(report @ Report::Succeeded(_)) => {
                let stored = self.take(stored, report, false).await?;
                // In a box: whoever is resumed may reserve, and ask in turn.
                Box::pin(self.resume(stored)).await?;
                Ok(Some(true))
            }
            Came::Report(Report::NotFound) if !self.would_be_seen(&stored.refund) => Ok(None),
            Came::Report(Report::Refused { .. } | Report::InsufficientFunds { .. } | Report::NotFound) => {
                Ok(Some(false))
            }
            _ => Ok(None),
        }
    }
}
