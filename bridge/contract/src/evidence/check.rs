//! Checking evidence line by line, in the memory of its numbers and hashes.

use std::collections::BTreeMap;

use super::{BundleRecord, Closing, FORMAT, Opening, ReceiptRecord, Record, bytes};
use crate::bundle::{BundleFault, Expect, Header, IndexEntry, read_index, verify_prefix};
use crate::digest::{Digest, Running};
use crate::keys::KeySet;
use crate::messages::{BULK_KIND, Crossed, Position, Receipt};
use crate::place::Lane;
use crate::wire::decode;

/// Which end of a lane tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum End {
    /// It made the bundles.
    Sender,
    /// It took them in.
    Receiver,
}

/// A line that does not hold.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {wrong}")]
pub struct EvidenceFault {
    /// Which, from 1.
    pub line: u64,
    /// What is wrong with it.
    pub wrong: Wrong,
}

/// What is wrong with a line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Wrong {
    /// Not a record of this format.
    #[error("not a record of {FORMAT}: {0}")]
    Unreadable(String),
    /// The records do not come in their order.
    #[error("a record out of its order")]
    Order,
    /// Evidence of another town or kind of installation.
    #[error("evidence of {0}, these keys are of another installation")]
    NotOurs(String),
    /// The signature, the signer or the lane does not fit.
    #[error("{lane} e{epoch}-{seq}: {why}")]
    Envelope {
        /// The lane.
        lane: Lane,
        /// The epoch the header claims, 0 when it has none.
        epoch: u32,
        /// The number the header claims, 0 when it has none.
        seq: u64,
        /// What does not fit.
        why: BundleFault,
    },
    /// The index is not the one that was signed.
    #[error("{0} e{1}-{2}: the index is not the signed one")]
    Index(Lane, u32, u64),
    /// A number is missing, twice or out of order.
    #[error("{lane}: e{found_epoch}-{found} follows e{epoch}-{last}")]
    Number {
        /// The lane.
        lane: Lane,
        /// Epoch before.
        epoch: u32,
        /// Number before.
        last: u64,
        /// Epoch found.
        found_epoch: u32,
        /// Number found.
        found: u64,
    },
    /// The header names another one before it.
    #[error("{0} e{1}-{2}: does not follow the header before it")]
    Chain(Lane, u32, u64),
    /// The far end has more than the evidence shows.
    #[error("{lane}: the far end has taken in e{epoch}-{taken}, the evidence ends before")]
    Tail {
        /// The lane.
        lane: Lane,
        /// The receipt's epoch.
        epoch: u32,
        /// The number the receipt names.
        taken: u64,
    },
    /// The receipt names another header than the evidence.
    #[error("{0} e{1}-{2}: the far end took in another bundle under this number")]
    Receipt(Lane, u32, u64),
    /// The file was cut or changed on its way.
    #[error("the lines before are not those that were written")]
    Cut,
}

/// Where an item was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ItemFound {
    /// The lane.
    pub lane: Lane,
    /// Which end tells.
    pub end: End,
    /// Where in the lane.
    pub at: Position,
    /// Hash of the bundle's header.
    pub header: Digest,
    /// What the signed index says.
    pub entry: IndexEntry,
    /// What happened to its bundle, and when, by the zone's clock.
    pub times: Vec<(String, String)>,
    /// Whether it was set aside.
    pub set_aside: bool,
}

/// One lane at one end: all numbers from the first to the last, each signed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Chain {
    /// Header hash and count of items, by epoch and number.
    pub bundles: BTreeMap<(u32, u64), (Digest, u32)>,
    /// Items that were set aside.
    pub set_aside: u64,
    /// On `in`: raw items that the bundles were made of, with the hash of the raw header.
    pub origins: BTreeMap<Position, Digest>,
}

impl Chain {
    /// The newest bundle.
    #[must_use]
    pub fn last(&self) -> Option<((u32, u64), Digest)> {
        self.bundles.last_key_value().map(|(at, (hash, _))| (*at, *hash))
    }

    /// All items.
    #[must_use]
    pub fn items(&self) -> u64 {
        self.bundles.values().map(|(_, items)| u64::from(*items)).sum()
    }
}

/// What holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Findings {
    /// Where it comes from.
    pub opening: Opening,
    /// Lanes.
    pub chains: BTreeMap<(Lane, End), Chain>,
    /// The item that was asked for, at every place it was found.
    pub found: Vec<ItemFound>,
}

/// Reads evidence.
pub struct Checker<'k> {
    keys: &'k KeySet,
    wanted: Option<String>,
    running: Running,
    line: u64,
    bundles: u64,
    opening: Option<Opening>,
    closed: bool,
    chains: BTreeMap<(Lane, End), Chain>,
    found: Vec<ItemFound>,
}

impl<'k> Checker<'k> {
    /// Checks against these keys; notes where the item `wanted` is.
    #[must_use]
    pub fn new(keys: &'k KeySet, wanted: Option<String>) -> Self {
        Self {
            keys,
            wanted,
            running: Running::new(),
            line: 0,
            bundles: 0,
            opening: None,
            closed: false,
            chains: BTreeMap::new(),
            found: Vec::new(),
        }
    }

    /// Takes the next line, without its line feed.
    ///
    /// # Errors
    /// [`EvidenceFault`] when it does not hold; what follows says nothing then.
    pub fn line(&mut self, text: &str) -> Result<(), EvidenceFault> {
        self.line += 1;
        self.take(text).map_err(|wrong| EvidenceFault { line: self.line, wrong })
    }

    /// All lines were taken.
    ///
    /// # Errors
    /// [`EvidenceFault`] when the file has no end.
    pub fn finish(self) -> Result<Findings, EvidenceFault> {
        match (self.opening, self.closed) {
            (Some(opening), true) => {
                Ok(Findings { opening, chains: self.chains, found: self.found })
            }
            (_, _) => Err(EvidenceFault { line: self.line, wrong: Wrong::Cut }),
        }
    }

    fn take(&mut self, text: &str) -> Result<(), Wrong> {
        let record: Record =
            serde_json::from_str(text).map_err(|error| Wrong::Unreadable(error.to_string()))?;
        match (&record, self.opening.is_some(), self.closed) {
            (Record::Opening(_), false, false)
            | (Record::Bundle(_) | Record::Receipt(_) | Record::Closing(_), true, false) => {}
            (
                Record::Opening(_) | Record::Bundle(_) | Record::Receipt(_) | Record::Closing(_),
                _,
                _,
            ) => return Err(Wrong::Order),
        }
        match record {
            Record::Opening(opening) => self.open(opening)?,
            Record::Bundle(bundle) => self.bundle(bundle)?,
            Record::Receipt(receipt) => self.receipt(&receipt)?,
            Record::Closing(closing) => return self.close(&closing),
        }
        self.running.update(text.as_bytes());
        self.running.update(b"\n");
        Ok(())
    }

    fn open(&mut self, opening: Opening) -> Result<(), Wrong> {
        if opening.format != FORMAT {
            return Err(Wrong::Unreadable(opening.format));
        }
        let ours = opening.tenant == self.keys.tenant.as_str()
            && opening.environment == self.keys.environment.word();
        if !ours {
            return Err(Wrong::NotOurs(format!("{} ({})", opening.tenant, opening.environment)));
        }
        self.opening = Some(opening);
        Ok(())
    }

    fn bundle(&mut self, record: BundleRecord) -> Result<(), Wrong> {
        let unreadable = |what: &str| Wrong::Unreadable(what.to_owned());
        let lane = Lane::from_word(&record.lane).ok_or_else(|| unreadable("lane"))?;
        let end = match record.end.as_str() {
            "sender" => End::Sender,
            "receiver" => End::Receiver,
            _ => return Err(unreadable("end")),
        };
        let envelope = bytes(&record.envelope).ok_or_else(|| unreadable("envelope"))?;
        let expect = Expect { lane, keys: self.keys };
        let verified = verify_prefix(&envelope, &expect).map_err(|why| {
            let claimed = envelope.get(..crate::bundle::HEADER_BYTES);
            let claimed: Option<Header> = claimed.and_then(|header| decode(header).ok());
            let (epoch, seq) = claimed.map_or((0, 0), |header| (header.epoch, header.seq));
            Wrong::Envelope { lane, epoch, seq, why }
        })?;
        let header = verified.header();
        let (epoch, seq) = (header.epoch, header.seq);
        let entries = bytes(&record.entries)
            .and_then(|index| read_index(&index, header))
            .ok_or(Wrong::Index(lane, epoch, seq))?;
        let chain = self.chains.entry((lane, end)).or_default();
        follows(chain, header)?;
        chain.bundles.insert((epoch, seq), (verified.hash, header.items));
        chain.set_aside += record.set_aside.len() as u64;
        for (idx, entry) in (0..).zip(entries) {
            if lane == Lane::In
                && entry.kind != BULK_KIND
                && let Ok(crossed) = Crossed::read_stamp(&entry.stamp)
            {
                chain.origins.insert(crossed.origin.at, crossed.origin.hash);
            }
            if self.wanted.as_deref() == Some(entry.uuid.as_str()) {
                self.found.push(ItemFound {
                    lane,
                    end,
                    at: Position { epoch, seq, idx },
                    header: verified.hash,
                    entry,
                    times: record.times.clone(),
                    set_aside: record.set_aside.contains(&idx),
                });
            }
        }
        self.bundles += 1;
        Ok(())
    }

    /// A receipt never names more, or other, than a sender's evidence shows.
    fn receipt(&self, record: &ReceiptRecord) -> Result<(), Wrong> {
        let receipt: Receipt = bytes(&record.receipt)
            .and_then(|bytes| decode(&bytes).ok())
            .ok_or_else(|| Wrong::Unreadable("receipt".to_owned()))?;
        let (lane, epoch, taken) = (receipt.lane, receipt.epoch, receipt.ingested_seq);
        let Some(chain) = self.chains.get(&(lane, End::Sender)) else { return Ok(()) };
        let Some(((last_epoch, last_seq), _)) = chain.last() else { return Ok(()) };
        if taken == 0 {
            return Ok(());
        }
        if (epoch, taken) > (last_epoch, last_seq) {
            return Err(Wrong::Tail { lane, epoch, taken });
        }
        match chain.bundles.get(&(epoch, taken)) {
            Some((hash, _)) if *hash != receipt.head_hash => {
                Err(Wrong::Receipt(lane, epoch, taken))
            }
            // Evidence of later numbers only has nothing to say about it.
            Some(_) | None => Ok(()),
        }
    }

    fn close(&mut self, closing: &Closing) -> Result<(), Wrong> {
        let running = std::mem::take(&mut self.running).finish();
        if closing.bundles != self.bundles || closing.sha256 != running.hex() {
            return Err(Wrong::Cut);
        }
        self.closed = true;
        Ok(())
    }
}

/// Numbers rise by one; a header names the one before. A new epoch begins at 1.
fn follows(chain: &Chain, header: &Header) -> Result<(), Wrong> {
    let Some(((epoch, last), hash)) = chain.last() else { return Ok(()) };
    let (lane, found_epoch, found) = (header.lane, header.epoch, header.seq);
    let next = found_epoch == epoch && found == last + 1;
    let renewed = found_epoch > epoch && found == 1;
    if !next && !renewed {
        return Err(Wrong::Number { lane, epoch, last, found_epoch, found });
    }
    if next && header.prev != hash {
        return Err(Wrong::Chain(lane, found_epoch, found));
    }
    Ok(())
}
