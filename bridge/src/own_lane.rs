//! A lane that a host without a database sends: the folder itself is the
//! record. What comes next follows from the newest bundle in it.

mod turns;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bridge_contract::bundle::{
    Bundle, Draft, Expect, NewItem, PREFIX_BYTES, Signer, build, verify, verify_prefix,
};
use bridge_contract::digest::Digest;
use bridge_contract::head::{Head, Lists, RECENT, Trouble};
use bridge_contract::keys::{KeyFolder, KeyId, KeySet, LiveKeys, SigningKeys};
use bridge_contract::messages::Held;
use bridge_contract::place::Lane;
use bridge_contract::seal::key_id;
use bridge_spool::{Identity, SenderSpool, begins_anew, look_for_keys};
use jiff::Timestamp;
use platform_service::clock::Clock;

use crate::faults::{RoleFault, StartError};
use turns::Turns;

/// How often keys that are done with are looked for, in seconds.
const LOOK: i64 = 600;

/// The one sender of a lane.
pub(crate) struct OwnLane {
    lane: Lane,
    /// The spool folder, above the lanes.
    home: PathBuf,
    spool: Arc<SenderSpool>,
    keys: Arc<LiveKeys>,
    key: SigningKeys,
    clock: Clock,
    /// Epoch, number and header hash of the newest bundle.
    last: (u32, u64, Digest),
    /// Number and hash of the newest bundles of the epoch, for who hears heads alone.
    recent: Vec<(u64, Digest)>,
    /// Stamp of the newest bundle's last item.
    last_stamp: Option<Vec<u8>>,
    /// After this time new items are sealed to the next key that the set lists.
    turn_after: Duration,
    turns: Turns,
    /// Which key the newest bundle is sealed to.
    used: Option<KeyId>,
    /// Seal keys that nothing here needs any more; named in heads.
    done: Vec<KeyId>,
    /// When they were last looked for.
    looked: Option<Timestamp>,
    /// What the head tells of this host and of those before it.
    troubles: Vec<Trouble>,
}

impl OwnLane {
    /// Opens the folder and finds the newest bundle. Blocking.
    pub(crate) fn open(
        spool: &Path,
        lane: Lane,
        (folder, keys): (&KeyFolder, &Arc<LiveKeys>),
        turn_after: Duration,
        clock: Clock,
    ) -> Result<Self, StartError> {
        let (keys, key) = (Arc::clone(keys), folder.signers(lane)?);
        let identity = identity(&keys.set(), lane);
        let home = spool.to_owned();
        let spool = Arc::new(SenderSpool::open(spool, &identity).map_err(RoleFault::from)?);
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
            turn_after,
            turns: Turns::default(),
            used: None,
            done: Vec::new(),
            looked: None,
            troubles: Vec::new(),
        };
        own.turns = own
            .spool
            .seals()
            .map_err(RoleFault::from)?
            .map_or_else(Turns::default, |text| Turns::read(&text));
        own.find_last()?;
        own.find_recent()?;
        own.beat()?;
        Ok(own)
    }

    /// Epoch and number of the newest bundle.
    pub(crate) const fn last(&self) -> (u32, u64) {
        (self.last.0, self.last.1)
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
        self.show_head()
    }

    /// Turns to the next seal key when it is time, and signs the head anew. Blocking.
    pub(crate) fn beat(&mut self) -> Result<(), RoleFault> {
        self.turn()?;
        self.show_head()
    }

    /// What heads tell from now on; on a lane that leads to more trusted hosts.
    pub(crate) fn tell(&mut self, troubles: Vec<Trouble>) {
        self.troubles = troubles;
    }

    /// A head that is shown to nobody on the lane: where this host tells somebody else.
    pub(crate) fn aside(&self, troubles: Vec<Trouble>) -> Result<Vec<u8>, RoleFault> {
        let set = self.keys.set();
        let signer = self.signer(&set, self.last.1.max(1))?;
        let lists = Lists { troubles, ..Lists::default() };
        Ok(Head::sign_with(self.lane, self.last, lists, self.clock.now(), &signer))
    }

    fn turn(&mut self) -> Result<(), RoleFault> {
        let (lane, now) = (self.lane, self.clock.now());
        let listed: Vec<KeyId> = self.keys.signed().seal_keys(lane).map(|key| key.id()).collect();
        if listed.len() < 2 && self.turns.key().is_none() {
            return Ok(());
        }
        let next = (self.last.0, self.last.1 + 1);
        let mut turns = self.turns.clone();
        if turns.advance(&listed, self.used, next, (self.turn_after, now)) {
            self.spool.set_seals(&turns.text())?;
            self.turns = turns;
        }
        if let Some(key) = self.turns.key() {
            self.keys.turn(lane, key);
        }
        if self.looked.is_none_or(|at| (now.as_second() - at.as_second()).abs() >= LOOK) {
            self.looked = Some(now);
            self.done = self.turns.done(self.spool.first()?);
        }
        Ok(())
    }

    fn show_head(&self) -> Result<(), RoleFault> {
        let set = self.keys.set();
        let signer = self.signer(&set, self.last.1.max(1))?;
        let lists = Lists {
            recent: self.recent.clone(),
            done: self.done.clone(),
            troubles: self.troubles.clone(),
        };
        let head = Head::sign_with(self.lane, self.last, lists, self.clock.now(), &signer);
        Ok(self.spool.write_head(&head)?)
    }

    /// The folder, for whoever tidies it beside the sender.
    pub(crate) fn folder(&self) -> Arc<SenderSpool> {
        Arc::clone(&self.spool)
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
        self.used = bundle.items.last().and_then(|item| key_id(item.sealed).ok());
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

/// Puts what the far end has taken in out of the way, and deletes what its backups
/// hold and was written before a moment. It looks at every file, so the lane is not held
/// meanwhile: what is sent beside it is newer than all that may go. Blocking.
pub(crate) fn settle(
    folder: &SenderSpool,
    held: &Held,
    before: SystemTime,
) -> Result<(), RoleFault> {
    for (epoch, seq) in folder.unsent()? {
        if (epoch, seq) <= (held.epoch, held.ingested) {
            folder.shelve(epoch, seq)?;
        }
    }
    folder.forget(held.twice_kept(), before)?;
    Ok(())
}

/// The identity of a lane's folder.
pub(crate) const fn identity(keys: &KeySet, lane: Lane) -> Identity {
    Identity { tenant: keys.tenant, environment: keys.environment, lane }
}

#[cfg(test)]
mod tests {
    use bridge_contract::head::Head;
    use bridge_contract::keys::{KeyEntry, OpenKey, Purpose, SigningKey, new_keys};
    use bridge_contract::place::{Environment, Tenant};
    use bridge_contract::seal::seal_for;
    use jiff::SignedDuration;

    use super::*;

    const LANE: Lane = Lane::In;
    const WEEK: Duration = Duration::from_secs(7 * 86_400);

    /// Host S with three seal keys of L in its list.
    struct Town {
        dir: tempfile::TempDir,
        folder: KeyFolder,
        clock: Clock,
    }

    impl Town {
        fn new() -> Self {
            let dir = tempfile::tempdir().expect("a folder");
            let made = new_keys(Tenant::parse("mirai").expect("a good name"), Environment::Demo);
            made.write(dir.path()).expect("written");
            let root = SigningKey::from_pkcs8(&made.root_private).expect("the root");
            let mut set = KeySet::open(&made.key_set, &root.verify_key(), 0).expect("signed");
            for _ in 0..2 {
                let (purpose, public) = (Purpose::Seal(LANE), OpenKey::generate().0.seal_key().0);
                set.keys.push(KeyEntry { purpose, public, valid_from: 0, valid_until: u64::MAX });
            }
            set.version = 2;
            std::fs::write(dir.path().join("s/keyset"), set.sign(&root)).expect("written");
            let folder = KeyFolder::open(&dir.path().join("s")).expect("a key folder");
            let clock = Clock::fixed(Timestamp::from_second(1_792_000_000).expect("in 2026"));
            Self { dir, folder, clock }
        }

        fn spool(&self) -> PathBuf {
            self.dir.path().join("spool")
        }

        /// The lane as it is after a start of the role.
        fn open(&self) -> OwnLane {
            let live = self.folder.live();
            OwnLane::open(&self.spool(), LANE, (&self.folder, &live), WEEK, self.clock.clone())
                .expect("it starts")
        }

        fn listed(&self) -> Vec<KeyId> {
            self.folder.set().seal_keys(LANE).map(|key| key.id()).collect()
        }

        /// What the head says is done.
        fn done(&self) -> Vec<KeyId> {
            let head = std::fs::read(self.spool().join("in/head")).expect("readable");
            Head::open(&head, LANE, self.folder.set()).expect("signed").lists.done
        }
    }

    impl OwnLane {
        /// Sends one item and says which key it is sealed to.
        fn say(&mut self, uuid: &str) -> KeyId {
            let item =
                seal_for(&self.keys.set(), LANE, uuid, 1, b"said".as_slice()).expect("a key");
            let key = key_id(&item.sealed).expect("sealed");
            self.publish(&[item]).expect("sent");
            key
        }
    }

    /// NF-32, I8, I13: a lane without a database turns its seal key every week by itself, also
    /// over a restart, and names a key as done when it has forgotten what was sealed to it.
    #[test]
    fn a_lane_without_a_database_turns_its_seal_key_every_week() {
        let town = Town::new();
        let listed = town.listed();
        let week = || town.clock.advance(SignedDuration::from_hours(7 * 24));
        let mut lane = town.open();
        assert_eq!(lane.say("a"), listed[0]);
        week();
        lane.beat().expect("turned");
        assert_eq!(lane.say("b"), listed[1]);
        drop(lane);
        let mut lane = town.open();
        assert_eq!(lane.say("c"), listed[1], "the same after a restart");
        week();
        lane.beat().expect("turned");
        assert_eq!(lane.say("d"), listed[2]);
        week();
        lane.beat().expect("the last one stays");
        assert_eq!(lane.say("e"), listed[2]);
        assert_eq!(town.done(), [], "everything is still here");

        let held = Held { lane: LANE, epoch: 1, ingested: 5, kept: 4 };
        let any_age = SystemTime::from(Timestamp::MAX);
        settle(&lane.spool, &held, any_age).expect("forgotten");
        town.clock.advance(SignedDuration::from_mins(20));
        lane.beat().expect("looked");
        assert_eq!(town.done(), [listed[0]]);
    }

    /// I13: when a lane began anew, what was sent before goes with the first bundle of the new
    /// epoch that two backups hold, and not before.
    #[test]
    fn backups_of_an_epoch_without_a_bundle_let_nothing_go() {
        let town = Town::new();
        let mut lane = town.open();
        for uuid in ["a", "b", "c"] {
            lane.say(uuid);
        }
        let any_age = SystemTime::from(Timestamp::MAX);
        let held = |ingested, kept| Held { lane: LANE, epoch: 2, ingested, kept };
        settle(&lane.spool, &held(1, 0), any_age).expect("nothing to forget");
        assert_eq!(lane.spool.first().expect("readable"), Some((1, 1)));
        assert_eq!(lane.spool.unsent().expect("readable"), [], "it is out of the way");
        settle(&lane.spool, &held(1, 1), any_age).expect("forgotten");
        assert_eq!(lane.spool.first().expect("readable"), Some((1, 3)), "the newest stays");
    }
}
