//! The work of S: raw bundles in, `in` bundles out, in order, never stopping.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use bridge_contract::bundle::{BYTES_SOFT, ITEMS_SOFT, NewItem};
use bridge_contract::keys::KeyFolder;
use bridge_contract::messages::{Origin, Position};
use bridge_contract::place::Lane;
use bridge_contract::wire::decode;
use bridge_spool::Ingested;
use futures_util::future::FutureExt as _;
use futures_util::stream::{self, StreamExt as _};
use platform_service::shutdown::Shutdown;
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;

use super::sanitize::Sanitize;
use super::treat::{Bench, treat};
use crate::config::Relay;
use crate::faults::{RoleFault, StartError};
use crate::own_lane::OwnLane;
use crate::running::blocking;
use crate::taker::{Next, Sealed, Taken, Taker};

/// Items of one bundle in work at once.
const AHEAD: usize = 32;
/// The head is signed anew this often.
const HEARTBEAT: Duration = Duration::from_secs(10);

pub(super) struct Crossing<S> {
    taker: Taker,
    own: Arc<Mutex<OwnLane>>,
    bench: Arc<Bench<S>>,
    /// The last raw item that is in an `in` bundle.
    crossed: Option<Position>,
}

impl<S: Sanitize> Crossing<S> {
    pub(super) fn open(
        config: &Relay,
        keys: &KeyFolder,
        own: Arc<Mutex<OwnLane>>,
        sanitizer: S,
    ) -> Result<Self, StartError> {
        let set = Arc::new(keys.set().clone());
        if set.seal_key(Lane::In).is_none() {
            return Err(StartError::NoSealKey(Lane::In));
        }
        let last = last_origin(&own);
        let next = last.as_ref().map_or(Next::After(Ingested::NOTHING), resume);
        let taker = Taker::open(&config.spool, Lane::Raw, Arc::clone(&set), Some(next))?;
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let places = config.sanitizer.parallel.map_or(cores, |count| count.as_usize());
        let openers = Arc::new(keys.openers(Lane::Raw)?);
        let bench = Bench { keys: set, openers, sanitizer, places: Semaphore::new(places) };
        Ok(Self { taker, own, bench: Arc::new(bench), crossed: last.map(|origin| origin.at) })
    }

    pub(super) async fn run(mut self, shutdown: Shutdown) -> Result<(), RoleFault> {
        let watch = self.taker.watch();
        let mut beat = tokio::time::interval(HEARTBEAT);
        loop {
            tokio::select! {
                worked = self.work_off() => worked?,
                () = shutdown.wait() => return Ok(()),
            }
            tokio::select! {
                () = watch.changed() => {}
                _ = beat.tick() => {
                    let own = Arc::clone(&self.own);
                    blocking(move || locked(&own).beat()).await?;
                }
                () = shutdown.wait() => return Ok(()),
            }
        }
    }

    async fn work_off(&mut self) -> Result<(), RoleFault> {
        while let Some(bundle) = self.taker.next().await? {
            self.cross(&bundle).await?;
            self.taker.done(bundle).await?;
        }
        Ok(())
    }

    /// Treats the items of a bundle side by side and publishes them in order:
    /// what is ready travels at once, nobody waits for a timer.
    async fn cross(&mut self, bundle: &Taken) -> Result<(), RoleFault> {
        let work: Vec<(Origin, Sealed)> = bundle
            .items
            .iter()
            .enumerate()
            .map(|(idx, item)| (origin(bundle, idx), item.clone()))
            .filter(|(origin, _)| Some(origin.at) > self.crossed)
            .collect();
        let bench = Arc::clone(&self.bench);
        let start =
            move |(origin, item)| Treating(tokio::spawn(treat(Arc::clone(&bench), item, origin)));
        let mut treated = stream::iter(work).map(start).buffered(AHEAD);
        let mut batch = Batch::default();
        loop {
            let ready = treated.next().now_or_never();
            let next = match ready {
                Some(next) => next,
                None if batch.items.is_empty() => treated.next().await,
                None => {
                    publish(&self.own, &mut batch).await?;
                    treated.next().await
                }
            };
            match next {
                None => break,
                Some(Some(item)) => {
                    if !batch.has_room_for(&item) {
                        publish(&self.own, &mut batch).await?;
                    }
                    batch.push(item);
                }
                Some(None) => {
                    return Err(RoleFault::Panicked("an item could not be sealed".to_owned()));
                }
            }
        }
        drop(treated);
        publish(&self.own, &mut batch).await?;
        self.crossed = bundle.items.len().checked_sub(1).map(|idx| origin(bundle, idx).at);
        Ok(())
    }
}

async fn publish(own: &Arc<Mutex<OwnLane>>, batch: &mut Batch) -> Result<(), RoleFault> {
    let items = std::mem::take(batch).items;
    if items.is_empty() {
        return Ok(());
    }
    let own = Arc::clone(own);
    blocking(move || locked(&own).publish(&items)).await
}

fn locked(own: &Mutex<OwnLane>) -> std::sync::MutexGuard<'_, OwnLane> {
    own.lock().unwrap_or_else(PoisonError::into_inner)
}

fn origin(bundle: &Taken, idx: usize) -> Origin {
    let header = bundle.verified.header();
    let idx = u32::try_from(idx).unwrap_or(u32::MAX);
    Origin {
        at: Position { epoch: header.epoch, seq: header.seq, idx },
        items: header.items,
        hash: bundle.verified.hash,
    }
}

/// The raw item behind the newest `in` item.
fn last_origin(own: &Mutex<OwnLane>) -> Option<Origin> {
    locked(own).last_stamp().and_then(|stamp| decode(stamp).ok())
}

/// Where the raw lane goes on after that item.
fn resume(last: &Origin) -> Next {
    let at = Ingested { epoch: last.at.epoch, seq: last.at.seq, hash: last.hash };
    if last.at.idx + 1 == last.items { Next::After(at) } else { Next::Within(at) }
}

/// Items for the next bundle.
#[derive(Default)]
struct Batch {
    items: Vec<NewItem>,
    bytes: usize,
}

impl Batch {
    fn has_room_for(&self, item: &NewItem) -> bool {
        self.items.is_empty()
            || self.items.len() < ITEMS_SOFT && self.bytes + item.sealed.len() <= BYTES_SOFT
    }

    fn push(&mut self, item: NewItem) {
        self.bytes += item.sealed.len();
        self.items.push(item);
    }
}

/// A task that ends when nobody waits for it any more.
struct Treating(JoinHandle<Option<NewItem>>);

impl Drop for Treating {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Future for Treating {
    /// `None` also when the task panicked.
    type Output = Option<NewItem>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.0).poll(context).map(|ended| ended.ok().flatten())
    }
}
