//! What operators do when things went wrong, and what must come of it.

use bridge_contract::reset::{Reset, ResetDocument};

use super::model::At;
use super::world::{KEYS, LANE, World};
use crate::{epochs, receipts};

/// Rounds after which everything must be in: each may end one epoch.
const ROUNDS: usize = 6;

impl World {
    /// Brings the lane to rest by honest means alone.
    pub(super) async fn heal(&mut self) -> Result<(), String> {
        for _ in 0..ROUNDS {
            self.install_known().await?;
            self.sender = None;
            let goes_on = self.send().await? && {
                self.check().await?;
                self.catch_up(None).await?
            };
            if !goes_on {
                self.reset().await?;
                continue;
            }
            let receipt = self.i.read(|db| receipts::make(db, LANE)).await.expect("a place");
            let now = self.clock.now();
            self.l.write(move |tx| receipts::take(tx, &receipt, now)).await;
            let newest = self.l.read(|db| crate::sender::newest_of(db, LANE)).await;
            if newest.unwrap_or((1, 0)) == self.watermark().await {
                return Ok(());
            }
        }
        Err("the lane does not come to rest".to_owned())
    }

    /// Two operators end the epoch where the receiver is.
    pub(super) async fn reset(&mut self) -> Result<(), String> {
        self.check().await?;
        self.install_known().await?;
        let here = self.i.read(|db| epochs::place(db, LANE)).await.expect("a place");
        let set = KEYS.l.set();
        let mut document = Reset {
            tenant: set.tenant,
            environment: set.environment,
            lane: LANE,
            old_epoch: here.epoch,
            old_seq: here.seq,
            old_hash: here.hash,
            at: self.clock.now(),
        }
        .proposed();
        for operator in &KEYS.operators {
            document.sign(operator, set).map_err(|why| why.to_string())?;
        }
        self.model.resets.push(document);
        self.model.set_back = true;
        self.install_known().await
    }

    /// Installs what was signed before wherever it is not known (any more). A receiver that
    /// was set back takes in first what the old epoch still has for it.
    async fn install_known(&mut self) -> Result<(), String> {
        for document in self.model.resets.clone() {
            let reset = document.reset;
            let newest = self.l.read(|db| crate::sender::newest_of(db, LANE)).await;
            if newest.unwrap_or((1, 0)).0 == reset.old_epoch {
                self.sender = None;
                self.install(&document, true).await?;
            }
            if self.watermark().await.0 == reset.old_epoch {
                self.catch_up(Some((reset.old_epoch, reset.old_seq))).await?;
                self.install(&document, false).await?;
                self.receiver = None;
            }
        }
        Ok(())
    }

    async fn install(&self, document: &ResetDocument, sends: bool) -> Result<(), String> {
        let (zone, document, now) =
            (if sends { &self.l } else { &self.i }, document.clone(), self.clock.now());
        let installed = zone.write(move |tx| epochs::install(tx, &document, sends, now)).await;
        installed.map_err(|why| format!("a reset is refused: {why}"))
    }

    /// Carries what comes after the receiver's watermark, up to a bundle; whether the lane
    /// goes on.
    async fn catch_up(&mut self, upto: Option<At>) -> Result<bool, String> {
        let from = self.watermark().await;
        for (at, bytes) in &self.model.made {
            if at.0 == from.0 && *at > from && upto.is_none_or(|upto| *at <= upto) {
                self.drop_file(*at, bytes);
            }
        }
        self.take().await
    }
}
