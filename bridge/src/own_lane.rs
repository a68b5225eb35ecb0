//! A lane that a host without a database sends: the folder itself is the
//! record. What comes next follows from the newest bundle in it.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use bridge_contract::bundle::{
    Bundle, Draft, Expect, NewItem, PREFIX_BYTES, Signer, build, verify, verify_prefix,
};
use bridge_contract::digest::Digest;
use bridge_contract::head::{Head, Lists, RECENT};
use bridge_contract::keys::{KeyFolder, KeySet, LiveKeys, SigningKeys};
use bridge_contract::messages::Held;
use bridge_contract::place::Lane;
use bridge_spool::{Identity, SenderSpool, begins_anew, look_for_keys};
use platform_service::clock::Clock;

use crate::faults::{RoleFault, StartError};

/// The one sender of a lane.
pub(crate) struct OwnLane {
    lane: Lane,
    /// The spool folder, above the lanes.
    home: PathBuf,
    spool: SenderSpool,
    keys: Arc<LiveKeys>,
    key: SigningKeys,
    clock: Clock,
    /// Epoch, number and header hash of the newest bundle.
    last: (u32, u64, Digest),
    /// Number and hash of the newest bundles of the epoch, for who hears heads alone.
    recent: Vec<(u64, Digest)>,
    /// Stamp of the newest bundle's last item.
    last_stamp: Option<Vec<u8>>,
}

impl OwnLane {
    /// Opens the folder and finds the newest bundle. Blocking.
    pub(crate) fn open(
        spool: &Path,
        lane: Lane,
        (folder, keys): (&KeyFolder, &Arc<LiveKeys>),
        clock: Clock,
    ) -> Result<Self, StartError> {
        let (keys, key) = (Arc::clone(keys), folder.signers(lane)?);
        let identity = identity(&keys.set(), lane);
        let home = spool.to_owned();
        let spool = SenderSpool::open(spool, &identity).map_err(RoleFault::from)?;
        let mut own = Self {
            lane,
            home,
            spool,
            keys,
            key,
            clock,
            last: (1, 0, Digest::ZERO),
            recent: Vec::new(),
            last_stamp: None,
        };
        own.find_last()?;
        own.find_recent()?;
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
        // A set that was installed before counts for this number already.
        if let Err(why) = look_for_keys(&self.keys, &self.home) {
            tracing::error!(lane = %self.lane, %why, "the installed key set is not taken over");
        }
        let set = self.keys.set();
        let built = build(&draft, items, &self.signer(&set, seq)?);
        self.spool.publish(epoch, seq, &built.bytes)?;
        self.last = (epoch, seq, built.envelope.header.hash());
        self.recent.push((seq, self.last.2));
        self.recent.drain(..self.recent.len().saturating_sub(RECENT));
        self.last_stamp = items.last().map(|item| item.stamp.clone());
        self.beat()
    }

    /// Signs the head anew. Blocking.
    pub(crate) fn beat(&self) -> Result<(), RoleFault> {
        let set = self.keys.set();
        let signer = self.signer(&set, self.last.1.max(1))?;
        let lists = Lists { recent: self.recent.clone(), done: Vec::new() };
        let head = Head::sign_with(self.lane, self.last, lists, self.clock.now(), &signer);
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

    /// The signer of a number, by the key set in use.
    fn signer(&self, set: &KeySet, seq: u64) -> Result<Signer<'_>, RoleFault> {
        let lane = self.lane;
        let key =
            self.key.for_bundle(set, lane, seq).ok_or(RoleFault::NoSigningKey { lane, seq })?;
        Ok(Signer {
            tenant: set.tenant,
            environment: set.environment,
            key_set_version: set.version,
            key,
        })
    }

    fn find_last(&mut self) -> Result<(), RoleFault> {
        let lane = self.lane;
        let found = self.spool.last()?;
        let epoch = found.map_or(1, |(epoch, _)| epoch);
        if let Some(anew) = begins_anew(&self.home, lane, epoch, &self.keys.set())? {
            // Two operators said so: whatever the folder lost, no number is used twice.
            self.last = (anew.epoch, 0, anew.hash);
            self.last_stamp = self.stamp_of(found)?;
            return Ok(());
        }
        self.halt_when_set_back(found.unwrap_or((1, 0)))?;
        let Some((epoch, seq)) = found else { return Ok(()) };
        let file = self.spool.read(epoch, seq)?.unwrap_or_default();
        let bundle: Bundle<'_> = verify(&file, &Expect { lane, keys: &self.keys.set() })
            .map_err(|fault| RoleFault::OwnBundle { lane, why: fault.to_string() })?;
        self.last = (epoch, seq, bundle.verified.hash);
        self.last_stamp = bundle.items.last().map(|item| item.entry.stamp.clone());
        Ok(())
    }

    /// The newest bundles that are still here, for the head.
    fn find_recent(&mut self) -> Result<(), RoleFault> {
        let (epoch, newest, _) = self.last;
        let set = self.keys.set();
        let expect = Expect { lane: self.lane, keys: &set };
        for seq in newest.saturating_sub(RECENT as u64 - 1).max(1)..=newest {
            let found = self.spool.beginning(epoch, seq, PREFIX_BYTES as u64)?;
            let verified = found.and_then(|bytes| verify_prefix(&bytes, &expect).ok());
            self.recent.extend(verified.map(|verified| (seq, verified.hash)));
        }
        Ok(())
    }

    /// Stamp of a bundle's last item, when it is here and ours.
    fn stamp_of(&self, found: Option<(u32, u64)>) -> Result<Option<Vec<u8>>, RoleFault> {
        let Some((epoch, seq)) = found else { return Ok(None) };
        let file = self.spool.read(epoch, seq)?.unwrap_or_default();
        let set = self.keys.set();
        let bundle = verify(&file, &Expect { lane: self.lane, keys: &set }).ok();
        Ok(bundle.and_then(|bundle| bundle.items.last().map(|item| item.entry.stamp.clone())))
    }

    /// The head is written after the file it names is durable, so a head that
    /// is ahead means that files are gone.
    fn halt_when_set_back(&self, found: (u32, u64)) -> Result<(), RoleFault> {
        let head =
            self.spool.head()?.and_then(|head| Head::open(&head, self.lane, &self.keys.set()).ok());
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
