//! The sending task of a lane.
//!
//! ```text
//! items ─► ALLOCATED (tx: number, members, prev) ─► file durable in ready/ ─► READY (tx: header kept)
//!                                                    head shows it            └ same tx allocates the next
//! ```
//! It clocks itself: while one bundle is made durable the next gathers, so an
//! idle lane sends one item at once and a busy one sends many together.

mod allocate;
mod reconcile;
mod release;
pub(crate) mod replay;
pub mod turn;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use bridge_contract::bundle::{Built, Draft, Envelope, Signer, build, rebuild};
use bridge_contract::digest::Digest;
use bridge_contract::head::{Head, Lists, RECENT};
use bridge_contract::keys::{KeyId, KeySet, LiveKeys, SigningKeys};
use bridge_contract::place::Lane;
use bridge_spool::{Identity, SenderSpool, troubles_of};
use jiff::Timestamp;
use platform_service::clock::Clock;
use platform_service::halts::Halts;
use platform_service::shutdown::Shutdown;
use platform_store::Store;
use tokio::time::{Interval, MissedTickBehavior};

use crate::epochs::Life;
use crate::fault::{LaneFault, blocking};
use crate::gate::Gate;
use crate::wake::Wake;
use allocate::Allocated;
pub(crate) use allocate::{newest as newest_of, newest_made};

/// Time after which a sender looks without being woken.
const SCAN: Duration = Duration::from_secs(2);
/// Bundles that are sent before a look at what else is due.
const A_TURN: usize = 16;
/// The head is signed anew this often, as a sign of life.
const HEARTBEAT: Duration = Duration::from_secs(10);
/// The mark by which a database that was set back is known is renewed this often.
const LIFE: Duration = Duration::from_secs(60);

/// What the sender of a lane needs.
pub struct SenderSetup {
    /// The lane.
    pub lane: Lane,
    /// The zone's database.
    pub store: Store,
    /// The spool folder, above the lanes.
    pub spool: PathBuf,
    /// The installation's key set.
    pub keys: Arc<LiveKeys>,
    /// The lane's signing keys.
    pub key: SigningKeys,
    /// After this time new items are sealed to the next key that the set lists.
    pub turn_after: Duration,
    /// The time written into bundles.
    pub clock: Clock,
    /// How long the far end must have had a bundle before it is forgotten here.
    pub retention: Duration,
    /// What the head tells the far end of this host; a lane that leads to less trusted
    /// hosts tells nothing.
    pub tells: Option<Halts>,
    /// Opened once the database is found to be no older one.
    pub gate: Gate,
    /// Signalled after each commit that put an item into the lane's outbox.
    pub wake: Wake,
    /// Ends the task.
    pub shutdown: Shutdown,
}

/// Sends a lane until told to stop. Everything that an earlier run left
/// undone is brought to its end first.
///
/// # Errors
/// [`LaneFault`] when the lane cannot go on; what is in the outbox stays there.
pub async fn send(setup: SenderSetup) -> Result<(), LaneFault> {
    let (shutdown, wake) = (setup.shutdown.clone(), setup.wake.clone());
    let mut sender = Sender::open(setup).await?;
    let (mut scan, mut beat, mut life) = (ticks(SCAN), ticks(HEARTBEAT), ticks(LIFE));
    // The start leaves the first one.
    life.reset();
    let mut ready = false;
    while !shutdown.is_triggered() {
        let worked = if ready { sender.send_some().await } else { sender.reconcile().await };
        let mut more = false;
        match worked {
            Ok(left) => (ready, more) = (true, left),
            Err(fault) if fault.may_pass() => {
                // What was half done is brought to its end when the database is back.
                tracing::warn!(lane = %sender.lane, %fault, "sending was interrupted");
                ready = false;
            }
            Err(fault) => return Err(fault),
        }
        // What is due is done first, so that a lane that always has more to send stays tidy.
        tokio::select! {
            biased;
            () = shutdown.wait() => {}
            _ = scan.tick() => sender.tidy().await.or_else(LaneFault::pass)?,
            _ = beat.tick(), if ready => sender.show_head().await?,
            _ = life.tick(), if ready => sender.live_on().await.or_else(LaneFault::pass)?,
            () = std::future::ready(()), if more => {}
            () = wake.wait(), if ready => {}
        }
    }
    Ok(())
}

/// Ticks that never come in bursts.
fn ticks(every: Duration) -> Interval {
    let mut ticks = tokio::time::interval(every);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks
}

/// The newest bundle of a lane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Last {
    pub(crate) epoch: u32,
    pub(crate) seq: u64,
    pub(crate) hash: Digest,
}

impl Last {
    const NOTHING: Self = Self { epoch: 1, seq: 0, hash: Digest::ZERO };
}

pub(crate) struct Sender {
    lane: Lane,
    store: Store,
    spool: Arc<SenderSpool>,
    keys: Arc<LiveKeys>,
    key: Arc<SigningKeys>,
    clock: Clock,
    retention: Duration,
    turn_after: Duration,
    /// Seal keys that nothing of the lane needs any more; named in heads.
    done: Vec<KeyId>,
    /// When they were last looked for.
    looked: Option<Timestamp>,
    /// Bundles that stay in `ready/` because an operator asked.
    shown: Vec<replay::Shown>,
    last: Last,
    /// Number and hash of the newest bundles of the epoch, for who hears heads alone.
    recent: Vec<(u64, Digest)>,
    /// A bundle whose file is durable and whose row does not say so yet.
    made: Option<Made>,
    /// The mark of this start.
    life: Option<Life>,
    /// What the head tells of this host.
    tells: Option<Halts>,
    /// Opened once the database is found to be no older one.
    gate: Gate,
}

/// A bundle that is in the folder.
#[derive(Clone, Copy, Debug)]
struct Made {
    envelope: Envelope,
    at: Timestamp,
}

impl Sender {
    pub(crate) async fn open(setup: SenderSetup) -> Result<Self, LaneFault> {
        let SenderSetup {
            lane,
            store,
            spool,
            keys,
            key,
            clock,
            retention,
            turn_after,
            tells,
            gate,
            ..
        } = setup;
        let set = keys.set();
        let identity = Identity { tenant: set.tenant, environment: set.environment, lane };
        let spool = blocking(lane, move || SenderSpool::open(&spool, &identity)).await?;
        let (spool, key) = (Arc::new(spool), Arc::new(key));
        let (last, shown) = (Last::NOTHING, Vec::new());
        let (done, looked, made, life, recent) = (Vec::new(), None, None, None, Vec::new());
        Ok(Self {
            lane,
            store,
            spool,
            keys,
            key,
            clock,
            retention,
            turn_after,
            done,
            looked,
            shown,
            last,
            recent,
            made,
            life,
            tells,
            gate,
        })
    }

    /// Sends until the outbox has nothing more, or a turn's bundles; `true` when there may be more.
    pub(crate) async fn send_some(&mut self) -> Result<bool, LaneFault> {
        if self.made.is_none() && !self.anything_waits().await? {
            return Ok(false);
        }
        for _ in 0..A_TURN {
            let Some(allocated) = self.settle_and_allocate().await? else { return Ok(false) };
            self.make(allocated).await?;
        }
        Ok(true)
    }

    async fn anything_waits(&self) -> Result<bool, LaneFault> {
        let lane = self.lane;
        Ok(self.store.read(move |db| allocate::anything_waits(db, lane)).await?)
    }

    /// One transaction: the bundle just made becomes READY, the next one gets
    /// its number.
    pub(crate) async fn settle_and_allocate(&mut self) -> Result<Option<Allocated>, LaneFault> {
        let (lane, made, now) = (self.lane, self.made, self.clock.now());
        let (set, next) = (self.keys.set(), self.last.seq + 1);
        let signer = signer(&set, &self.key, lane, next)?.key.verify_key().id();
        let version = set.version;
        let allocated = self
            .store
            .write(move |tx| {
                if let Some(made) = &made {
                    allocate::ready(tx, made, now)?;
                }
                allocate::allocate(tx, lane, (signer, version), now)
            })
            .await?;
        self.made = None;
        Ok(allocated)
    }

    /// Makes the file of an allocated bundle and shows it.
    pub(crate) async fn make(&mut self, allocated: Allocated) -> Result<(), LaneFault> {
        let (lane, epoch, seq) = (self.lane, allocated.epoch, allocated.seq);
        let items = self.store.read(move |db| allocate::members(db, lane, epoch, seq)).await?;
        let (spool, set, key) = (Arc::clone(&self.spool), self.keys.set(), Arc::clone(&self.key));
        let (at, mut lists) = (self.clock.now(), self.lists());
        let (envelope, hash) = blocking(lane, move || {
            let signer = signer(&set, &key, lane, seq)?;
            let built = bundle(&allocated, &items, &signer);
            spool.publish(epoch, seq, &built.bytes)?;
            let hash = built.envelope.header.hash();
            lists.recent.push((seq, hash));
            spool.write_head(&Head::sign_with(lane, (epoch, seq, hash), lists, at, &signer))?;
            Ok::<_, LaneFault>((built.envelope, hash))
        })
        .await?;
        self.last = Last { epoch, seq, hash };
        self.recent.push((seq, hash));
        self.recent.drain(..self.recent.len().saturating_sub(RECENT));
        self.made = Some(Made { envelope, at });
        Ok(())
    }

    async fn show_head(&self) -> Result<(), LaneFault> {
        let (lane, last, at) = (self.lane, self.last, self.clock.now());
        let (spool, set, key) = (Arc::clone(&self.spool), self.keys.set(), Arc::clone(&self.key));
        let lists = self.lists();
        blocking(lane, move || match signer(&set, &key, lane, last.seq.max(1)) {
            Ok(signer) => {
                let place = (last.epoch, last.seq, last.hash);
                Ok::<_, LaneFault>(
                    spool.write_head(&Head::sign_with(lane, place, lists, at, &signer))?,
                )
            }
            // The key of the newest bundle is gone; the next bundle brings the next head.
            Err(_) => Ok(()),
        })
        .await
    }

    fn lists(&self) -> Lists {
        let troubles = self.tells.as_ref().map(|halts| troubles_of(self.lane.sender(), halts));
        Lists {
            recent: self.recent.clone(),
            done: self.done.clone(),
            troubles: troubles.unwrap_or_default(),
        }
    }

    /// What is not urgent: what was asked for again, what the far end has, what may
    /// be forgotten.
    pub(crate) async fn tidy(&mut self) -> Result<(), LaneFault> {
        self.turn().await?;
        self.replay().await?;
        self.shelve().await?;
        self.release().await
    }

    /// Moves the files the far end has taken in out of the way.
    async fn shelve(&self) -> Result<(), LaneFault> {
        let lane = self.lane;
        let Some((epoch, seq)) = self.store.read(move |db| allocate::taken_in(db, lane)).await?
        else {
            return Ok(());
        };
        let (spool, shown, now) = (Arc::clone(&self.spool), self.shown.clone(), self.clock.now());
        blocking(lane, move || {
            for (file_epoch, file_seq) in spool.unsent()? {
                let file = (file_epoch, file_seq);
                if file <= (epoch, seq) && !shown.iter().any(|range| range.holds(file, now)) {
                    spool.shelve(file_epoch, file_seq)?;
                }
            }
            Ok::<_, LaneFault>(())
        })
        .await
    }
}

/// The signer of a number of the lane, by the key set in use.
fn signer<'a>(
    set: &KeySet,
    keys: &'a SigningKeys,
    lane: Lane,
    seq: u64,
) -> Result<Signer<'a>, LaneFault> {
    let key = keys.for_bundle(set, lane, seq).ok_or(LaneFault::NoSigningKey { lane, seq })?;
    Ok(Signer {
        tenant: set.tenant,
        environment: set.environment,
        key_set_version: set.version,
        key,
    })
}

/// The bundle of an allocated number: a pure function of its rows and the key.
fn bundle(
    allocated: &Allocated,
    items: &[bridge_contract::bundle::NewItem],
    signer: &Signer<'_>,
) -> Built {
    let Allocated { lane, epoch, seq, prev, at, key_set_version } = *allocated;
    let signer = Signer { key_set_version, ..*signer };
    build(&Draft { lane, epoch, seq, prev, at }, items, &signer)
}

/// The file of a bundle whose header the database kept.
fn file(envelope: &Envelope, items: &[bridge_contract::bundle::NewItem]) -> Option<Vec<u8>> {
    rebuild(envelope, items)
}
