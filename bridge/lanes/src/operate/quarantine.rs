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
    /// Counts all, lists the newest 1000.
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
    /// The epoch, where something is set aside under this number in more than one.
    #[arg(long)]
    epoch: Option<u32>,
}

/// An item with its epoch.
#[derive(Clone, Copy)]
struct Exact {
    lane: Lane,
    at: Position,
}

impl Exact {
    fn missing(&self) -> NotDone {
        NotDone::Refused(format!("{}: nothing is set aside", self.words()))
    }

    fn facts(&self) -> Value {
        json!({
            "lane": self.lane.word(), "epoch": self.at.epoch, "seq": self.at.seq,
            "idx": self.at.idx,
        })
    }

    fn words(&self) -> String {
        format!("{} e{}-{} item {}", self.lane, self.at.epoch, self.at.seq, self.at.idx)
    }
}

impl Desk {
    pub(super) async fn quarantine(&self, order: Order) -> Result<Answer, NotDone> {
        match order {
            Order::List => self.list().await,
            Order::Show(place) => self.show_aside(self.exact(place).await?).await,
            Order::Redrive(place) => self.redrive(self.exact(place).await?).await,
            Order::Discard { place, why } => self.discard(self.exact(place).await?, &why).await,
        }
    }

    /// The one item that is meant; every epoch counts from 1.
    async fn exact(&self, place: Place) -> Result<Exact, NotDone> {
        let Place { lane, seq, idx, epoch } = place;
        if let Some(epoch) = epoch {
            return Ok(Exact { lane, at: Position { epoch, seq, idx } });
        }
        let epochs = self.store.read(move |db| quarantine::epochs(db, lane, seq, idx)).await?;
        match *epochs.as_slice() {
            [epoch] => Ok(Exact { lane, at: Position { epoch, seq, idx } }),
            [] => Err(NotDone::Refused(format!("{lane} {seq} item {idx}: nothing is set aside"))),
            [first, .., last] => Err(NotDone::Refused(format!(
                "{lane} {seq} item {idx}: set aside in epoch {first} and in epoch {last}: name one with --epoch"
            ))),
        }
    }

    async fn list(&self) -> Result<Answer, NotDone> {
        let (count, listed) = self
            .store
            .read(|db| Ok((status::set_aside(db)?, status::quarantined(db, LISTED)?)))
            .await?;
        let row = |one: &status::Quarantined| {
            json!({
                "lane": one.lane.word(), "epoch": one.epoch, "seq": one.seq,
                "idx": one.idx, "uuid": one.uuid, "reason": one.reason,
                "at": one.at.to_string(),
            })
        };
        let rows: Vec<Value> = listed.iter().map(row).collect();
        let mut text = format!("{count} items set aside\n");
        // Writing to a String cannot fail.
        if listed.len() < usize::try_from(count).unwrap_or(usize::MAX) {
            let _ = writeln!(text, "these are the newest {}", listed.len());
        }
        for one in listed {
            let (lane, epoch, seq, idx) = (one.lane, one.epoch, one.seq, one.idx);
            let _ = writeln!(text, "{lane} e{epoch}-{seq} item {idx}  {}  {}", one.at, one.reason);
        }
        Ok(Answer { words: text, facts: json!({ "set_aside": count, "listed": rows }) })
    }

    async fn show_aside(&self, place: Exact) -> Result<Answer, NotDone> {
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

    async fn redrive(&self, place: Exact) -> Result<Answer, NotDone> {
        let done = self.done("bridge.redrive", place.lane.word(), place.words());
        let record = self.record;
        let (lane, at) = (place.lane, place.at);
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
            Redriven::Elsewhere => Err(NotDone::Refused(format!(
                "S could not open this item, and the internet zone has its bytes; put S right, then \
                 order there `bridge replay --lane raw --epoch {} --from {} --to {}`: it comes under \
                 a new number",
                at.epoch, at.seq, at.seq
            ))),
        }
    }

    async fn discard(&self, place: Exact, why: &str) -> Result<Answer, NotDone> {
        let (lane, at, why) = (place.lane, place.at, why.to_owned());
        let done = self.done("bridge.discard", lane.word(), place.words());
        let record = self.record;
        let given_up = self
            .store
            .write(move |tx| {
                let Some((uuid, hash)) = quarantine::discard(tx, lane, at, done.at)? else {
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

    async fn aside(&self, place: Exact) -> Result<Aside, NotDone> {
        let (lane, at) = (place.lane, place.at);
        let found = self.store.read(move |db| quarantine::find(db, lane, at)).await?;
        found.ok_or_else(|| place.missing())
    }
}
