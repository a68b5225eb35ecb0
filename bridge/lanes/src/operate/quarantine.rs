//! Items that were set aside: look, drive again, give up.

use std::fmt::Write as _;

use bridge_contract::digest::Digest;
use bridge_contract::messages::Position;
use bridge_contract::place::Lane;
use clap::Args;
use serde_json::{Value, json};

use super::answer::Answer;
use super::{Desk, Done, NotDone, lane};
use crate::quarantine::{self, Aside, Redriven};
use crate::status;

/// Most items one list shows.
const LISTED: u32 = 1000;

/// An order about items that were set aside.
#[derive(Clone, Debug, clap::Subcommand)]
pub enum Order {
    /// Lists them, newest first.
    List,
    /// Shows one.
    Show(Place),
    /// Takes it in once more, after what stood in its way was put right.
    Redrive(Place),
    /// Gives it up. Its sealed bytes are gone; the operation log keeps their hash.
    Discard {
        #[command(flatten)]
        place: Place,
        /// Why, for the operation log.
        #[arg(long)]
        why: String,
    },
}

/// Where an item is.
#[derive(Clone, Copy, Debug, Args)]
pub struct Place {
    /// The lane.
    #[arg(value_parser = lane)]
    lane: Lane,
    /// The bundle's number.
    seq: u64,
    /// The item's place in the bundle, from 0.
    idx: u32,
    /// The epoch.
    #[arg(long, default_value_t = 1)]
    epoch: u32,
}

impl Place {
    const fn at(&self) -> Position {
        Position { epoch: self.epoch, seq: self.seq, idx: self.idx }
    }

    fn missing(&self) -> NotDone {
        NotDone::Refused(format!("{}: nothing is set aside", self.words()))
    }

    fn facts(&self) -> Value {
        json!({
            "lane": self.lane.word(), "epoch": self.epoch, "seq": self.seq, "idx": self.idx,
        })
    }

    fn words(&self) -> String {
        format!("{} e{}-{} item {}", self.lane, self.epoch, self.seq, self.idx)
    }
}

impl Desk {
    pub(super) async fn quarantine(&self, order: Order) -> Result<Answer, NotDone> {
        match order {
            Order::List => self.list().await,
            Order::Show(place) => self.show_aside(place).await,
            Order::Redrive(place) => self.redrive(place).await,
            Order::Discard { place, why } => self.discard(place, &why).await,
        }
    }

    async fn list(&self) -> Result<Answer, NotDone> {
        let all = self.store.read(|db| status::quarantined(db, LISTED)).await?;
        let row = |one: &status::Quarantined| {
            json!({
                "lane": one.lane.word(), "epoch": one.epoch, "seq": one.seq,
                "idx": one.idx, "uuid": one.uuid, "reason": one.reason,
                "at": one.at.to_string(),
            })
        };
        let facts = all.iter().map(row).collect();
        let mut text = format!("{} items set aside\n", all.len());
        for one in all {
            let (lane, epoch, seq, idx) = (one.lane, one.epoch, one.seq, one.idx);
            // Writing to a String cannot fail.
            let _ = writeln!(text, "{lane} e{epoch}-{seq} item {idx}  {}  {}", one.at, one.reason);
        }
        Ok(Answer { words: text, facts })
    }

    async fn show_aside(&self, place: Place) -> Result<Answer, NotDone> {
        let aside = self.aside(place).await?;
        let (bytes, sha256) = (aside.sealed.len(), Digest::of(&aside.sealed));
        let mut facts = place.facts();
        facts["uuid"] = json!(aside.uuid);
        facts["kind"] = json!(aside.kind);
        facts["reason"] = json!(aside.reason);
        facts["bytes"] = json!(bytes);
        facts["sha256"] = json!(sha256.hex());
        Ok(Answer {
            words: format!(
                "{}\nuuid    {}\nkind    {}\nreason  {}\nsealed  {bytes} bytes, SHA-256 {sha256}\n",
                place.words(),
                aside.uuid,
                aside.kind,
                aside.reason,
            ),
            facts,
        })
    }

    async fn redrive(&self, place: Place) -> Result<Answer, NotDone> {
        let done = self.done("bridge.redrive", place.lane.word(), place.words());
        let record = self.record;
        let (lane, at) = (place.lane, place.at());
        let redriven = self
            .store
            .write(move |tx| {
                let redriven = quarantine::redrive(tx, lane, at, done.at)?;
                if redriven == Redriven::Done {
                    record(tx, &done);
                }
                Ok(redriven)
            })
            .await?;
        match redriven {
            Redriven::Done => Ok(Answer {
                words: format!("{}: it is taken in again within seconds\n", place.words()),
                facts: place.facts(),
            }),
            Redriven::Missing => Err(place.missing()),
            Redriven::Elsewhere => Err(NotDone::Refused(
                "S could not open this item, and the internet zone has its bytes; put S right, then \
                 order there `bridge replay --lane raw --from SEQ --to SEQ`: it comes under a new \
                 number"
                    .to_owned(),
            )),
        }
    }

    async fn discard(&self, place: Place, why: &str) -> Result<Answer, NotDone> {
        let (lane, at, why) = (place.lane, place.at(), why.to_owned());
        let done = self.done("bridge.discard", lane.word(), place.words());
        let record = self.record;
        let given_up = self
            .store
            .write(move |tx| {
                let Some((uuid, hash)) = quarantine::discard(tx, lane, at)? else {
                    return Ok(None);
                };
                let detail = format!("{}: uuid {uuid} sha256 {hash}: {why}", done.detail);
                record(tx, &Done { detail, ..done });
                Ok(Some(hash))
            })
            .await?;
        let hash = given_up.ok_or_else(|| place.missing())?;
        let mut facts = place.facts();
        facts["sha256"] = json!(hash.hex());
        Ok(Answer {
            words: format!(
                "{}: given up; its hash {hash} is in the operation log\n",
                place.words()
            ),
            facts,
        })
    }

    async fn aside(&self, place: Place) -> Result<Aside, NotDone> {
        let (lane, at) = (place.lane, place.at());
        let found = self.store.read(move |db| quarantine::find(db, lane, at)).await?;
        found.ok_or_else(|| place.missing())
    }
}
