//! A lane that a host without a database sends: the folder itself is the
//! record. What comes next follows from the newest bundle in it.

use std::path::Path;
use std::sync::Arc;
use std::time::SystemTime;

use bridge_contract::bundle::{Bundle, Draft, Expect, NewItem, Signer, build, verify};
use bridge_contract::digest::Digest;
use bridge_contract::head::Head;
use bridge_contract::keys::{KeyFolder, KeySet, SigningKey};
use bridge_contract::messages::Held;
use bridge_contract::place::Lane;
use bridge_spool::{Identity, SenderSpool};
use platform_service::clock::Clock;

use crate::faults::{RoleFault, StartError};

/// The one sender of a lane.
pub(crate) struct OwnLane {
    lane: Lane,
    spool: SenderSpool,
    keys: Arc<KeySet>,
    key: SigningKey,
    clock: Clock,
    /// Epoch, number and header hash of the newest bundle.
    last: (u32, u64, Digest),
    /// Stamp of the newest bundle's last item.
    last_stamp: Option<Vec<u8>>,
}

impl OwnLane {
    /// Opens the folder and finds the newest bundle. Blocking.
    pub(crate) fn open(
        spool: &Path,
        lane: Lane,
        keys: &KeyFolder,
        clock: Clock,
    ) -> Result<Self, StartError> {
        let (set, key) = (Arc::new(keys.set().clone()), keys.signer(lane)?);
        let identity = identity(&set, lane);
        let spool = SenderSpool::open(spool, &identity).map_err(RoleFault::from)?;
        let mut own = Self {
            lane,
            spool,
            keys: set,
            key,
            clock,
            last: (1, 0, Digest::ZERO),
            last_stamp: None,
        };
        own.find_last()?;
        own.beat()?;
        Ok(own)
    }

    /// Stamp of the newest bundle's last item: how far this lane's source was
    /// worked off.
    pub(crate) fn last_stamp(&self) -> Option<&[u8]> {
        self.last_stamp.as_deref()
    }

    /// Seals nothing and decides nothing: numbers, signs and shows these items
    /// as one bundle. Durable when it returns. Blocking.
    pub(crate) fn publish(&mut self, items: &[NewItem]) -> Result<(), RoleFault> {
        let (epoch, seq, prev) = (self.last.0, self.last.1 + 1, self.last.2);
        let draft = Draft { lane: self.lane, epoch, seq, prev, at: self.clock.now() };
        let built = build(&draft, items, &self.signer());
        self.spool.publish(epoch, seq, &built.bytes)?;
        self.last = (epoch, seq, built.envelope.header.hash());
        self.last_stamp = items.last().map(|item| item.stamp.clone());
        self.beat()
    }

    /// Signs the head anew. Blocking.
    pub(crate) fn beat(&self) -> Result<(), RoleFault> {
        let head = Head::sign(self.lane, self.last, self.clock.now(), &self.signer());
        Ok(self.spool.write_head(&head)?)
    }

    /// Puts what the far end has taken in out of the way, and deletes what its backups
    /// hold and was written before a moment. Blocking.
    pub(crate) fn settle(&self, held: &Held, before: SystemTime) -> Result<(), RoleFault> {
        for (epoch, seq) in self.spool.unsent()? {
            if (epoch, seq) <= (held.epoch, held.ingested) {
                self.spool.shelve(epoch, seq)?;
            }
        }
        self.spool.forget((held.epoch, held.kept), before)?;
        Ok(())
    }

    fn signer(&self) -> Signer<'_> {
        Signer {
            tenant: self.keys.tenant,
            environment: self.keys.environment,
            key_set_version: self.keys.version,
            key: &self.key,
        }
    }

    fn find_last(&mut self) -> Result<(), RoleFault> {
        let lane = self.lane;
        let found = self.spool.last()?;
        self.halt_when_set_back(found.unwrap_or((1, 0)))?;
        let Some((epoch, seq)) = found else { return Ok(()) };
        let file = self.spool.read(epoch, seq)?.unwrap_or_default();
        let bundle: Bundle<'_> = verify(&file, &Expect { lane, keys: &self.keys })
            .map_err(|fault| RoleFault::OwnBundle { lane, why: fault.to_string() })?;
        self.last = (epoch, seq, bundle.verified.hash);
        self.last_stamp = bundle.items.last().map(|item| item.entry.stamp.clone());
        Ok(())
    }

    /// The head is written after the file it names is durable, so a head that
    /// is ahead means that files are gone.
    fn halt_when_set_back(&self, found: (u32, u64)) -> Result<(), RoleFault> {
        let head =
            self.spool.head()?.and_then(|head| Head::open(&head, self.lane, &self.keys).ok());
        match head.map(|head| (head.epoch, head.seq)) {
            Some(head) if head > found => Err(RoleFault::SetBack { lane: self.lane, found, head }),
            Some(_) | None => Ok(()),
        }
    }
}

/// The identity of a lane's folder.
pub(crate) const fn identity(keys: &KeySet, lane: Lane) -> Identity {
    Identity { tenant: keys.tenant, environment: keys.environment, lane }
}
