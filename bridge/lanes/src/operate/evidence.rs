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
    /// First number.
    #[arg(long, default_value_t = 1)]
    from: u64,
    /// Last number.
    #[arg(long, default_value_t = u64::MAX)]
    to: u64,
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
        let wish = Wish { lane: order.lane, from: order.from, to: order.to };
        let shown = order.out.display().to_string();
        let bundles = self
            .written(wish, opening, &order.out)
            .await
            .map_err(|why| NotDone::Refused(format!("{shown}: {why}")))?;
        let which = order.lane.map_or("all lanes", Lane::word);
        let detail = format!("{which} {}–{}: {bundles} bundles", order.from, order.to);
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

    async fn written(&self, wish: Wish, opening: Opening, path: &Path) -> Result<u64, NoEvidence> {
        let file = OpenOptions::new().write(true).create_new(true).open(path)?;
        let out = BufWriter::new(file.try_clone()?);
        let bundles = evidence::write(&self.store, wish, opening, out).await?;
        file.sync_all()?;
        Ok(bundles)
    }
}
