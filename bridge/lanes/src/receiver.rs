//! The receiving task of a lane.
//!
//! ```text
//! fetched/…kb ─► verify, open, decode ─► one tx: watermark n−1 → n, inbox rows,
//!                (blocking thread)               Ingest::apply, receipt        ─► done/
//!     └─ not acceptable ─► rejected/ (fetched again)
//!     └─ signed twice with different bytes ─► the lane halts
//! ```

pub(crate) mod ingest;
mod opened;
mod place;

use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bridge_contract::bundle::Expect;
use bridge_contract::digest::Digest;
use bridge_contract::keys::{LiveKeys, OpenKeys};
use bridge_contract::place::Lane;
use bridge_spool::{Identity, Inbox, Ingested, Proof, Waiting};
use jiff::{SignedDuration, Timestamp};
use platform_service::clock::Clock;
use platform_service::shutdown::Shutdown;
use platform_store::{Store, StoreError};

use crate::fault::{LaneFault, blocking};
use crate::incoming::Ingest;
use crate::wake::Wake;
use ingest::{Attempt, Trouble};
use opened::{Opened, Skipped};
use place::Place;

/// How often an item is tried before it is set aside.
const TRIES: u32 = 3;
/// Wait after the first failure; doubled after each further one.
const PAUSE: Duration = Duration::from_millis(50);
/// How long files stay in `done/` for people who want to look: the database has
/// everything that is in them.
const DONE_STAYS: SignedDuration = SignedDuration::from_hours(30 * 24);
/// Time between two looks for older ones.
const TIDY: Duration = Duration::from_secs(3600);
/// Wait while the database cannot be used.
const OUTAGE: Duration = Duration::from_secs(1);

/// What the receiver of a lane needs.
pub struct ReceiverSetup {
    /// The lane.
    pub lane: Lane,
    /// The zone's database.
    pub store: Store,
    /// The spool folder, above the lanes.
    pub spool: PathBuf,
    /// The installation's key set.
    pub keys: Arc<LiveKeys>,
    /// The keys that open the lane's items.
    pub openers: Arc<OpenKeys>,
    /// The time written into rows.
    pub clock: Clock,
    /// Wakes the sender of the lane that takes our receipts back.
    pub receipts: Wake,
    /// Ends the task.
    pub shutdown: Shutdown,
}

/// Receives a lane until told to stop.
///
/// # Errors
/// [`LaneFault`] when the lane cannot go on; nothing that arrived is lost.
pub async fn receive<I: Ingest>(setup: ReceiverSetup, ingest: Arc<I>) -> Result<(), LaneFault> {
    let shutdown = setup.shutdown.clone();
    let receiver = Receiver::start(setup, ingest).await?;
    let watch = receiver.inbox.watch();
    let mut tidy = tokio::time::interval(TIDY);
    while !shutdown.is_triggered() {
        if let Err(fault) = receiver.take_all().await {
            if !fault.may_pass() {
                return Err(fault);
            }
            tracing::warn!(lane = %receiver.setup.lane, %fault, "receiving was interrupted");
        }
        tokio::select! {
            () = shutdown.wait() => {}
            () = watch.changed() => {}
            _ = tidy.tick() => receiver.forget().await.or_else(LaneFault::pass)?,
        }
    }
    Ok(())
}

pub(crate) struct Receiver<I> {
    setup: ReceiverSetup,
    inbox: Arc<Inbox>,
    ingest: Arc<I>,
}

impl<I: Ingest> Receiver<I> {
    pub(crate) async fn start(setup: ReceiverSetup, ingest: Arc<I>) -> Result<Self, LaneFault> {
        let (lane, keys, spool) = (setup.lane, setup.keys.set(), setup.spool.clone());
        let identity = Identity { tenant: keys.tenant, environment: keys.environment, lane };
        let inbox = blocking(lane, move || Inbox::open(&spool, &identity)).await?;
        // The machine's moves take no time.
        let inbox = Arc::new(if cfg!(test) { inbox.without_patience() } else { inbox });
        let now = setup.clock.now();
        setup.store.write(move |tx| place::begin(tx, lane, now)).await?;
        let receiver = Self { setup, inbox, ingest };
        receiver.show(receiver.place().await?.at).await?;
        Ok(receiver)
    }

    /// Takes in every bundle that is next in line.
    pub(crate) async fn take_all(&self) -> Result<(), LaneFault> {
        let here = self.place().await?.at;
        if self.inbox.ingested() != Some(here) {
            // A reset was installed, or the copy is lost: the fetcher would ask for what
            // was taken in, and never hear that it is there.
            self.show(here).await?;
        }
        let inbox = Arc::clone(&self.inbox);
        let waiting = blocking(self.setup.lane, move || inbox.waiting()).await?;
        for bundle in waiting {
            if self.setup.shutdown.is_triggered() {
                return Ok(());
            }
            let at = self.place().await?.at;
            let next = (at.epoch, at.seq + 1);
            match (bundle.epoch, bundle.seq).cmp(&next) {
                std::cmp::Ordering::Less => self.seen_before(bundle).await?,
                std::cmp::Ordering::Equal => self.take(bundle, at).await?,
                // A gap: the fetcher knows what is missing.
                std::cmp::Ordering::Greater => return Ok(()),
            }
        }
        Ok(())
    }

    /// Where the lane is, by the database. A halted lane stays halted.
    async fn place(&self) -> Result<Place, LaneFault> {
        let lane = self.setup.lane;
        let place = self.setup.store.read(move |db| place::read(db, lane)).await?;
        match place.halted {
            Some(why) => Err(LaneFault::Halted { lane, why }),
            None => Ok(place),
        }
    }

    /// A bundle whose number was taken in: the same again, or a fork.
    async fn seen_before(&self, bundle: Waiting) -> Result<(), LaneFault> {
        let (lane, keys) = (self.setup.lane, self.setup.keys.set());
        let file = bundle.clone();
        let hash = blocking(lane, move || {
            Ok::<_, LaneFault>(opened::hash(&file.read()?, &file, lane, &keys))
        })
        .await?;
        let Some(hash) = hash else { return self.refuse(bundle).await };
        let (epoch, seq) = (bundle.epoch, bundle.seq);
        if epoch < self.place().await?.at.epoch {
            // Of an epoch that two operators closed: taken in before, or not counted.
            return self.done(bundle, hash).await;
        }
        let known = self.setup.store.read(move |db| place::known(db, lane, epoch, seq)).await?;
        if known == Some(hash) {
            self.done(bundle, hash).await
        } else {
            self.halt(format!("bundle e{epoch}-{seq} was signed twice with different content"))
                .await
        }
    }

    /// The next bundle in line.
    async fn take(&self, bundle: Waiting, at: Ingested) -> Result<(), LaneFault> {
        let opened = match self.open(&bundle).await? {
            Ok(Some(opened)) => opened,
            Ok(None) => return self.refuse(bundle).await,
            Err(why) => {
                let lane = self.setup.lane;
                tracing::warn!(%lane, %why, "files cannot be stored; trying again");
                self.pause(OUTAGE).await;
                return Ok(());
            }
        };
        if opened.header().prev != at.hash {
            let (epoch, seq) = (bundle.epoch, bundle.seq);
            return self
                .halt(format!("bundle e{epoch}-{seq} does not follow the one before"))
                .await;
        }
        let file = Arc::clone(&opened.file);
        // Nothing is kept of a bundle when the service stops in between.
        let Some(taken) = self.ingest(Arc::new(opened), at).await? else { return Ok(()) };
        self.setup.receipts.signal();
        self.show(taken).await?;
        let inbox = Arc::clone(&self.inbox);
        blocking(self.setup.lane, move || inbox.done(&bundle, &Proof::Bytes(&file))).await
    }

    /// `None` when the file is no acceptable bundle, an error when the zone's own disk cannot
    /// be used now.
    async fn open(
        &self,
        bundle: &Waiting,
    ) -> Result<io::Result<Option<Opened<I::Message>>>, LaneFault> {
        let (lane, file) = (self.setup.lane, bundle.clone());
        let (keys, openers) = (self.setup.keys.set(), Arc::clone(&self.setup.openers));
        let ingest = Arc::clone(&self.ingest);
        let opened = blocking(lane, move || {
            let mut opened = match opened::open(file.read()?, &file, lane, &keys, &openers) {
                Ok(opened) => opened,
                Err(fault) => return Ok::<_, LaneFault>(Ok(Err(fault))),
            };
            Ok(opened.prepare(&*ingest).map(|()| Ok(opened)))
        })
        .await?;
        Ok(opened.map(|opened| {
            let noted = opened.inspect_err(|why| {
                let (epoch, seq) = (bundle.epoch, bundle.seq);
                tracing::warn!(%lane, epoch, seq, %why, "a file is not an acceptable bundle");
            });
            noted.ok()
        }))
    }

    /// Tries until the bundle is in. Items that keep failing are set aside,
    /// so that this always ends (I17). `None` when the service stops.
    async fn ingest(
        &self,
        opened: Arc<Opened<I::Message>>,
        at: Ingested,
    ) -> Result<Option<Ingested>, LaneFault> {
        let (lane, mut skipped) = (self.setup.lane, Skipped::new());
        let mut tries: BTreeMap<usize, u32> = BTreeMap::new();
        while !self.setup.shutdown.is_triggered() {
            match self.attempt(&opened, at, &skipped).await? {
                Attempt::Taken(taken) => return Ok(Some(taken)),
                Attempt::Overtaken => return Err(LaneFault::Overtaken(lane)),
                Attempt::Failed(Trouble::Outage(why)) => {
                    tracing::warn!(%lane, %why, "the database cannot be used; trying again");
                    self.pause(OUTAGE).await;
                }
                Attempt::Failed(Trouble::Item { idx, why, .. }) if skipped.contains_key(&idx) => {
                    tracing::warn!(%lane, idx, %why, "an item cannot be set aside; trying again");
                    self.pause(OUTAGE).await;
                }
                Attempt::Failed(Trouble::Item { idx, why, hopeless }) => {
                    let count = tries.entry(idx).or_default();
                    *count += 1;
                    if hopeless || *count >= TRIES {
                        tracing::error!(%lane, seq = at.seq + 1, idx, %why, "an item is set aside");
                        skipped.insert(idx, why);
                    } else {
                        self.pause(PAUSE * 2_u32.pow(*count)).await;
                    }
                }
            }
        }
        Ok(None)
    }

    async fn attempt(
        &self,
        opened: &Arc<Opened<I::Message>>,
        at: Ingested,
        skipped: &Skipped,
    ) -> Result<Attempt, LaneFault> {
        let (ingest, keys) = (Arc::clone(&self.ingest), self.setup.keys.set());
        let (opened, clock, skipped) =
            (Arc::clone(opened), self.setup.clock.clone(), skipped.clone());
        let trouble = ingest::Note::default();
        let noted = trouble.clone();
        let result = self
            .setup
            .store
            .write(move |tx| {
                ingest::run(tx, &*ingest, &opened, at, &skipped, (&keys, &clock), &noted)
            })
            .await;
        match result {
            Ok(attempt) => Ok(attempt),
            Err(error @ (StoreError::Closed | StoreError::CommitUnknown(_))) => Err(error.into()),
            Err(error) => Ok(Attempt::Failed(trouble.explain(error))),
        }
    }

    async fn pause(&self, how_long: Duration) {
        tokio::select! {
            () = tokio::time::sleep(how_long) => {}
            () = self.setup.shutdown.wait() => {}
        }
    }

    /// Stops the lane until an operator decides, over restarts too.
    async fn halt(&self, why: String) -> Result<(), LaneFault> {
        let (lane, words, now) = (self.setup.lane, why.clone(), self.setup.clock.now());
        tracing::error!(%lane, %why, "the lane halts");
        self.setup.store.write(move |tx| place::halt(tx, lane, &words, now)).await?;
        Err(LaneFault::Halted { lane, why })
    }

    async fn show(&self, at: Ingested) -> Result<(), LaneFault> {
        let inbox = Arc::clone(&self.inbox);
        blocking(self.setup.lane, move || inbox.set_ingested(&at)).await
    }

    /// Deletes old files of what is in the database.
    async fn forget(&self) -> Result<(), LaneFault> {
        let old = self.setup.clock.now().checked_sub(DONE_STAYS).unwrap_or(Timestamp::MIN);
        let (at, inbox) = (self.place().await?.at, Arc::clone(&self.inbox));
        let forgotten = blocking(self.setup.lane, move || {
            inbox.forget((at.epoch, at.seq), SystemTime::from(old))
        });
        forgotten.await.map(drop)
    }

    /// Puts the bundle with this header on its shelf.
    async fn done(&self, bundle: Waiting, hash: Digest) -> Result<(), LaneFault> {
        let (lane, keys, inbox) = (self.setup.lane, self.setup.keys.set(), Arc::clone(&self.inbox));
        blocking(lane, move || {
            let is_it = |file: &[u8]| opened::hash(file, &bundle, lane, &keys) == Some(hash);
            inbox.done(&bundle, &Proof::Check(&is_it))
        })
        .await
    }

    async fn refuse(&self, bundle: Waiting) -> Result<(), LaneFault> {
        let (lane, keys, inbox) = (self.setup.lane, self.setup.keys.set(), Arc::clone(&self.inbox));
        blocking(lane, move || {
            inbox.refuse(&bundle, &bundle.read()?, &Expect { lane, keys: &keys }).map(drop)
        })
        .await
    }
}
