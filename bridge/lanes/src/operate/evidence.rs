//! `evidence`.

use std::fs::OpenOptions;
use std::io::BufWriter;
use std::path::{Path, PathBuf};

use bridge_contract::evidence::Opening;
use bridge_contract::place::Lane;
use clap::Args;
use serde_json::json;

use super::answer::Answer;
use super::{Desk, NotDone, lane};
use crate::epochs;
use crate::evidence::{self, NoEvidence, Wish};

/// What the evidence is of.
#[derive(Clone, Debug, Args)]
pub struct Order {
    /// The file to write; it must not be there yet.
    #[arg(short, long)]
    out: PathBuf,
    /// One lane; all without it.
    #[arg(long, value_parser = lane)]
    lane: Option<Lane>,
    /// One epoch; all without it. Each counts from 1, so where a lane began anew, numbers want one.
    #[arg(long)]
    epoch: Option<u32>,
    /// First number.
    #[arg(long)]
    from: Option<u64>,
    /// Last number.
    #[arg(long)]
    to: Option<u64>,
}

impl Desk {
    pub(super) async fn evidence(&self, order: Order) -> Result<Answer, NotDone> {
        let opening = Opening {
            format: String::new(),
            zone: self.zone.to_owned(),
            tenant: self.keys.tenant.to_string(),
            environment: self.keys.environment.word().to_owned(),
            made_at: self.clock.now().to_string(),
        };
        if order.epoch.is_none() && (order.from.is_some() || order.to.is_some()) {
            self.in_one_epoch(order.lane).await?;
        }
        let (from, to) = (order.from.unwrap_or(1), order.to.unwrap_or(u64::MAX));
        let wish = Wish { lane: order.lane, epoch: order.epoch, from, to };
        let shown = order.out.display().to_string();
        let bundles = self
            .written(wish, opening, &order.out)
            .await
            .map_err(|why| NotDone::Refused(format!("{shown}: {why}")))?;
        let which = order.lane.map_or("all lanes", Lane::word);
        let epoch = order.epoch.map_or_else(String::new, |epoch| format!(" e{epoch}"));
        let detail = format!("{which}{epoch} {from}–{to}: {bundles} bundles");
        let done = self.done("bridge.evidence", order.lane.map_or("", Lane::word), detail);
        let record = self.record;
        self.store
            .write(move |tx| {
                record(tx, &done);
                Ok(())
            })
            .await?;
        Ok(Answer {
            words: format!(
                "{shown}: {bundles} bundles; check it with `bridge verify {shown} --keys …`\n"
            ),
            facts: json!({ "file": shown, "bundles": bundles }),
        })
    }

    /// Numbers that every epoch has once more would be evidence with holes, which no auditor can tell from bundles
    /// that were taken out.
    async fn in_one_epoch(&self, wished: Option<Lane>) -> Result<(), NotDone> {
        for lane in Lane::ALL.iter().copied().filter(|lane| wished.is_none_or(|one| one == *lane)) {
            let newest = self.store.read(move |db| epochs::newest_here(db, lane)).await?;
            if newest > 1 {
                return Err(NotDone::Refused(format!(
                    "{lane} is in epoch {newest}, and each epoch counts from 1: name one with --epoch"
                )));
            }
        }
        Ok(())
    }

    async fn written(&self, wish: Wish, opening: Opening, path: &Path) -> Result<u64, NoEvidence> {
        let file = OpenOptions::new().write(true).create_new(true).open(path)?;
        let out = BufWriter::new(file.try_clone()?);
        let bundles = evidence::write(&self.store, wish, opening, out).await?;
        file.sync_all()?;
        Ok(bundles)
    }
}
