//! Taking a lane in on a host without a database: bundle after bundle, in
//! order, each verified and chained to the one before.

#[cfg(test)]
mod machine;

use std::cmp::Ordering;
use std::collections::VecDeque;
use std::path::Path;
use std::sync::Arc;

use bridge_contract::bundle::{Expect, IndexEntry, PREFIX_BYTES, Verified, verify, verify_closed};
use bridge_contract::keys::{KeySet, LiveKeys, OpenKeys};
use bridge_contract::place::Lane;
use bridge_contract::seal::{Aad, Plain, Unopened};
use bridge_spool::{Inbox, Ingested, Proof, SpoolError, Waiting, Watch, begins_anew};
use platform_service::clock::Clock;
use platform_service::halts::{Halt, Halts};

use crate::faults::RoleFault;
use crate::own_lane::identity;
use crate::running::blocking;

/// Where a lane goes on.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Next {
    /// With the bundle after this one.
    After(Ingested),
    /// Within this very bundle, which was begun before a restart.
    Within(Ingested),
}

/// The one taker of a lane.
pub(crate) struct Taker {
    lane: Lane,
    inbox: Arc<Inbox>,
    keys: Arc<LiveKeys>,
    next: Next,
    /// Everything up to here was worked off; what is between here and `next` is in work.
    settled: (u32, u64),
    /// The same as the far end is told; `None` before the first one after a restart in the middle.
    shown: Option<Ingested>,
    /// What waited at the last look at the folder, oldest first: a long line is not listed
    /// again for each bundle of it.
    line: VecDeque<Waiting>,
    /// Nothing else on this host knows how far the lane was taken in.
    alone: bool,
    /// Two signed bundles contradicted each other: nothing more is taken until an operator
    /// has decided and the role is started again.
    halted: bool,
    halts: Halts,
    clock: Clock,
}

/// What the folder has in line.
enum Found {
    Bundle(Box<Taken>),
    /// Nothing, or not what comes next.
    Nothing,
    /// A signed bundle that contradicts what was taken before.
    Forked(String),
}

/// A verified bundle that waits to be worked off.
pub(crate) struct Taken {
    waiting: Waiting,
    pub(crate) verified: Verified,
    pub(crate) items: Vec<Sealed>,
}

impl Taken {
    /// Size of its file.
    pub(crate) fn bytes(&self) -> usize {
        self.items.first().map_or(0, |item| item.file.len())
    }
}

/// One sealed item of it; shares the file.
#[derive(Clone)]
pub(crate) struct Sealed {
    file: Arc<Vec<u8>>,
    range: (usize, usize),
    lane: Lane,
    epoch: u32,
    seq: u64,
    idx: usize,
    pub(crate) entry: IndexEntry,
}

impl Sealed {
    /// Where it is on the lane, as a name of a file.
    pub(crate) fn place(&self) -> String {
        format!("e{}-{:016}-{}.item", self.epoch, self.seq, self.idx)
    }

    /// The item as it came.
    pub(crate) fn sealed(&self) -> &[u8] {
        &self.file[self.range.0..self.range.1]
    }

    /// Opens the item.
    pub(crate) fn open(&self, openers: &OpenKeys, keys: &KeySet) -> Result<Plain, Unopened> {
        let aad = Aad {
            tenant: keys.tenant,
            environment: keys.environment,
            lane: self.lane,
            uuid: &self.entry.uuid,
            kind: self.entry.kind,
        };
        openers.open_in(keys, self.seq, self.sealed(), &aad)
    }
}

impl Taker {
    /// Opens the lane's folder; goes on where the copy of the watermark there
    /// says, unless the caller knows better. Blocking.
    pub(crate) fn open(
        spool: &Path,
        lane: Lane,
        keys: Arc<LiveKeys>,
        next: Option<Next>,
        clock: Clock,
    ) -> Result<Self, RoleFault> {
        let inbox = Inbox::open(spool, &identity(&keys.set(), lane))?;
        let alone = next.is_none();
        let shown = Next::After(inbox.ingested().unwrap_or(Ingested::NOTHING));
        let next = match next {
            Some(next) => next,
            None => {
                let at = inbox.ingested().unwrap_or(Ingested::NOTHING);
                begins_anew(spool, lane, at.epoch, &keys.set())?.map_or(shown, Next::After)
            }
        };
        if let Next::After(at) = next {
            show(&inbox, alone, &at)?;
        }
        let settled = match next {
            Next::After(at) => (at.epoch, at.seq),
            Next::Within(at) => (at.epoch, at.seq.saturating_sub(1)),
        };
        let shown = match next {
            Next::After(at) => Some(at),
            Next::Within(_) => None,
        };
        let (inbox, halts) = (Arc::new(inbox), Halts::default());
        let (line, halted) = (VecDeque::new(), false);
        Ok(Self { lane, inbox, keys, next, settled, shown, line, alone, halted, halts, clock })
    }

    /// Where it is noted when the lane stops.
    pub(crate) fn telling(self, halts: Halts) -> Self {
        Self { halts, ..self }
    }

    /// The lane's folder, for whoever tidies it.
    pub(crate) fn inbox(&self) -> Arc<Inbox> {
        Arc::clone(&self.inbox)
    }

    pub(crate) fn watch(&self) -> Watch {
        self.inbox.watch()
    }

    /// The next bundle in line, if it is here. Files that are no acceptable
    /// bundle are rejected, and fetched again. Several may be in work at once. A fork
    /// stops this lane and nothing else (I17).
    pub(crate) async fn next(&mut self) -> Result<Option<Taken>, RoleFault> {
        if self.halted {
            return Ok(None);
        }
        let (inbox, keys, lane) = (Arc::clone(&self.inbox), self.keys.set(), self.lane);
        let (next, settled) = (self.next, self.settled);
        let (shown, alone, mut line) = (self.shown, self.alone, std::mem::take(&mut self.line));
        let (found, line) = blocking(move || {
            // Without its copy of the watermark the far end begins again, and what it sends is
            // put away as known before anybody counts it: it is shown again.
            let lost = |at: &Ingested| {
                inbox.ingested().is_none_or(|told| told.epoch == at.epoch && told.seq < at.seq)
            };
            if let Some(at) = shown.filter(lost) {
                show(&inbox, alone, &at)?;
            }
            let found = look(&inbox, &keys, lane, (next, settled), &mut line)?;
            Ok::<_, RoleFault>((found, line))
        })
        .await?;
        self.line = line;
        match found {
            Found::Bundle(taken) => {
                self.next = Next::After(at(&taken.verified));
                Ok(Some(*taken))
            }
            Found::Nothing => Ok(None),
            Found::Forked(why) => {
                self.halt(why);
                Ok(None)
            }
        }
    }

    fn halt(&mut self, why: String) {
        let lane = self.lane;
        tracing::error!(%lane, why, "a lane stops; an operator must look");
        self.halted = true;
        let (part, at) = (format!("lane {lane}"), self.clock.now());
        self.halts.note(Halt { part, code: "halted", why, at });
    }

    /// The bundle was worked off, as all before it were, and what was made of it is
    /// durable.
    pub(crate) async fn done(&mut self, taken: Taken) -> Result<(), RoleFault> {
        let at = at(&taken.verified);
        self.settled = (at.epoch, at.seq);
        self.shown = Some(at);
        let (inbox, alone) = (Arc::clone(&self.inbox), self.alone);
        blocking(move || {
            show(&inbox, alone, &at)?;
            // A bundle has at least one item, and each shares the file.
            match taken.items.first() {
                Some(item) => inbox.done(&taken.waiting, &Proof::Bytes(&item.file)),
                None => Ok(()),
            }
        })
        .await
    }
}

/// Says in the folder how far the lane was taken in. Where that is the only record, each time for good:
/// one that is not synced would let the next write into the file that the name leads to on the disk.
fn show(inbox: &Inbox, alone: bool, at: &Ingested) -> Result<(), SpoolError> {
    if alone { inbox.record_ingested(at) } else { inbox.set_ingested(at) }
}

fn at(verified: &Verified) -> Ingested {
    let header = verified.header();
    Ingested { epoch: header.epoch, seq: header.seq, hash: verified.hash }
}

fn look(
    inbox: &Inbox,
    keys: &KeySet,
    lane: Lane,
    (next, settled): (Next, (u32, u64)),
    line: &mut VecDeque<Waiting>,
) -> Result<Found, RoleFault> {
    let wanted = match next {
        Next::After(at) => (at.epoch, at.seq + 1),
        Next::Within(at) => (at.epoch, at.seq),
    };
    loop {
        let listed = line.is_empty();
        if listed {
            line.extend(inbox.waiting()?);
        }
        while let Some(waiting) = line.pop_front() {
            match (waiting.epoch, waiting.seq).cmp(&wanted) {
                // Worked off before a restart, or still in work.
                Ordering::Less if (waiting.epoch, waiting.seq) <= settled => {
                    let is = |bytes: &[u8]| is_of(&waiting, bytes, keys, lane);
                    inbox.done(&waiting, &Proof::Check(&is))?;
                }
                Ordering::Less => {}
                Ordering::Greater => line.clear(),
                Ordering::Equal => match open(&waiting, keys, lane)? {
                    Ok(taken) => return Ok(follow(taken, next)),
                    Err(file) => {
                        if !inbox.refuse(&waiting, &file, &Expect { lane, keys })? {
                            line.clear();
                            return Ok(Found::Nothing);
                        }
                    }
                },
            }
        }
        // What was listed before may lack what has come since.
        if listed {
            return Ok(Found::Nothing);
        }
    }
}

/// Whether these bytes are a bundle of the number that the name says.
fn is_of(waiting: &Waiting, bytes: &[u8], keys: &KeySet, lane: Lane) -> bool {
    let verified = verify_closed(bytes, &Expect { lane, keys });
    verified.is_ok_and(|it| (it.header().epoch, it.header().seq) == (waiting.epoch, waiting.seq))
}

/// The file itself when it is not the bundle its name says.
fn open(
    waiting: &Waiting,
    keys: &KeySet,
    lane: Lane,
) -> Result<Result<Taken, Arc<Vec<u8>>>, RoleFault> {
    let file = Arc::new(waiting.read()?);
    let (verified, entries) = match verify(&file, &Expect { lane, keys }) {
        Ok(bundle) => {
            let entries: Vec<IndexEntry> =
                bundle.items.into_iter().map(|item| item.entry).collect();
            (bundle.verified, entries)
        }
        Err(why) => {
            tracing::warn!(%lane, seq = waiting.seq, %why, "a file is not an acceptable bundle");
            return Ok(Err(file));
        }
    };
    let header = verified.header();
    if (header.epoch, header.seq) != (waiting.epoch, waiting.seq) {
        return Ok(Err(file));
    }
    let sealed: usize = entries.iter().map(|entry| entry.size as usize).sum();
    let mut start = file.len().saturating_sub(sealed).max(PREFIX_BYTES);
    let items = entries
        .into_iter()
        .enumerate()
        .map(|(idx, entry)| {
            let range = (start, start + entry.size as usize);
            start = range.1;
            let (epoch, seq) = (waiting.epoch, waiting.seq);
            Sealed { file: Arc::clone(&file), range, lane, epoch, seq, idx, entry }
        })
        .collect();
    Ok(Ok(Taken { waiting: waiting.clone(), verified, items }))
}

/// The bundle must continue the chain, or be the very one that was begun.
fn follow(taken: Taken, next: Next) -> Found {
    let header = taken.verified.header();
    let fits = match next {
        Next::After(before) => header.prev == before.hash,
        Next::Within(begun) => begun.hash == taken.verified.hash,
    };
    if fits {
        return Found::Bundle(Box::new(taken));
    }
    Found::Forked(format!(
        "bundle e{}-{} is signed and does not follow what came before",
        header.epoch, header.seq
    ))
}
