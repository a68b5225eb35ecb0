//! Two zones tell of the same lanes: do they tell the same?

use std::collections::BTreeMap;

use super::check::{Chain, End, Findings};
use crate::digest::Digest;
use crate::messages::Position;
use crate::place::Lane;

/// Two zones that contradict each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Contradiction {
    /// One number, two bundles.
    #[error("{0} e{1}-{2}: the two ends have different bundles under this number")]
    Bundle(Lane, u32, u64),
    /// The relay worked from a raw bundle that the internet zone never made.
    #[error("raw e{0}-{1}: what arrived was made of another bundle than the one that was sent")]
    Origin(u32, u64),
}

/// How far two ends agree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agreement {
    /// The lane.
    pub lane: Lane,
    /// Bundles (on `raw` items) that both tell of, in the same words.
    pub both: u64,
    /// Numbers that only the sender tells of: on their way, or outside the evidence.
    pub sent_only: Vec<Position>,
    /// How many those are; the list holds the first hundred.
    pub sent_only_count: u64,
    /// How many only the receiver tells of: outside the sender's evidence.
    pub received_only: u64,
}

/// Most positions an [`Agreement`] lists.
const LISTED: usize = 100;

/// Compares every lane that one of the two sends and the other receives; `raw`, which
/// the relay receives, with the raw items that arrived on `in`.
///
/// # Errors
/// [`Contradiction`]: the first number under which the two have different content.
pub fn compare(one: &Findings, other: &Findings) -> Result<Vec<Agreement>, Contradiction> {
    let mut agreements = Vec::new();
    for (from, to) in [(one, other), (other, one)] {
        for lane in Lane::ALL {
            let Some(sent) = from.chains.get(&(*lane, End::Sender)) else { continue };
            if let Some(received) = to.chains.get(&(*lane, End::Receiver)) {
                agreements.push(bundles(*lane, sent, received)?);
            } else if *lane == Lane::Raw
                && let Some(arrived) = to.chains.get(&(Lane::In, End::Receiver))
            {
                agreements.push(items(sent, &arrived.origins)?);
            }
        }
    }
    Ok(agreements)
}

fn bundles(lane: Lane, sent: &Chain, received: &Chain) -> Result<Agreement, Contradiction> {
    let mut agreement = nothing(lane);
    for ((epoch, seq), (hash, _)) in &sent.bundles {
        match received.bundles.get(&(*epoch, *seq)) {
            Some((other, _)) if other == hash => agreement.both += 1,
            Some(_) => return Err(Contradiction::Bundle(lane, *epoch, *seq)),
            None => agreement.alone(Position { epoch: *epoch, seq: *seq, idx: 0 }),
        }
    }
    let unknown = received.bundles.keys().filter(|at| !sent.bundles.contains_key(at)).count();
    agreement.received_only = unknown as u64;
    Ok(agreement)
}

fn items(sent: &Chain, arrived: &BTreeMap<Position, Digest>) -> Result<Agreement, Contradiction> {
    let mut agreement = nothing(Lane::Raw);
    for ((epoch, seq), (hash, items)) in &sent.bundles {
        for idx in 0..*items {
            let at = Position { epoch: *epoch, seq: *seq, idx };
            match arrived.get(&at) {
                Some(origin) if origin == hash => agreement.both += 1,
                Some(_) => return Err(Contradiction::Origin(*epoch, *seq)),
                None => agreement.alone(at),
            }
        }
    }
    let known = |at: &&Position| sent.bundles.contains_key(&(at.epoch, at.seq));
    agreement.received_only = (arrived.len() - arrived.keys().filter(known).count()) as u64;
    Ok(agreement)
}

const fn nothing(lane: Lane) -> Agreement {
    Agreement { lane, both: 0, sent_only: Vec::new(), sent_only_count: 0, received_only: 0 }
}

impl Agreement {
    fn alone(&mut self, at: Position) {
        self.sent_only_count += 1;
        if self.sent_only.len() < LISTED {
            self.sent_only.push(at);
        }
    }
}
