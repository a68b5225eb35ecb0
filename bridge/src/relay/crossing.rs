//! The work of S: raw bundles in, `in` bundles out. Items are treated side by side
//! and shown as they become ready: a slow one holds up only its own application.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use bridge_contract::bundle::NewItem;
use bridge_contract::keys::{KeyFolder, LiveKeys};
use bridge_contract::messages::{Crossed, Origin, Position};
use bridge_contract::place::{Host, Lane};
use bridge_spool::{Inbox, Ingested, LastWord, begins_anew, troubles_heard, troubles_of};
use futures_util::future::join_all;
use platform_service::clock::Clock;
use platform_service::halts::Halts;
use platform_service::shutdown::Shutdown;
use tokio::sync::Semaphore;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::forget::Heard;
use super::line::{Line, Thread};
use super::sanitize::Sanitize;
use super::treat::{Begun, Bench, FirstLook, begin, finish};
use crate::config::Relay;
use crate::faults::{RoleFault, StartError};
use crate::own_lane::OwnLane;
use crate::running::blocking;
use crate::taker::{Next, Sealed, Taken, Taker};

/// No further raw bundle is taken while so many items are in work …
const AHEAD: usize = 1024;
/// … or bundles of so many bytes.
const AHEAD_BYTES: usize = 64 << 20;
/// What is ready waits so long for company while much is in work.
const COMPANY: Duration = Duration::from_millis(15);
/// The heads are signed anew this often.
const HEARTBEAT: Duration = Duration::from_secs(10);

/// Small items are opened, and sealed again, so many in one go …
const TOGETHER: usize = 16;
/// … or as many as have so many bytes.
const TOGETHER_BYTES: usize = 512 << 10;

/// Where an item stands, whose it is, and what came of it where it has no files.
type Seen = (Position, Thread, Option<Result<NewItem, RoleFault>>);

/// What the treatment of items tells.
enum News {
    /// Whose they are; those without files are treated.
    Opened(Vec<Seen>),
    Treated(Position, Result<NewItem, RoleFault>),
}

pub(super) struct Crossing<S> {
    /// The spool folder, above the lanes.
    spool: PathBuf,
    /// What I said last.
    heard_i: LastWord,
    taker: Taker,
    own: Arc<Mutex<OwnLane>>,
    bench: Arc<Bench<S>>,
    line: Line,
    /// Raw bundles whose items are in the line, oldest first.
    bundles: VecDeque<Taken>,
    /// The folder may hold a bundle that was not looked at.
    look: bool,
    /// When what is ready is shown, whatever else is in work.
    show_by: Option<Instant>,
    treating: JoinSet<()>,
    tell: UnboundedSender<News>,
    news: UnboundedReceiver<News>,
}

impl<S: Sanitize> Crossing<S> {
    pub(super) fn open(
        config: &Relay,
        (folder, keys, clock): (&KeyFolder, &Arc<LiveKeys>, &Clock),
        (own, bulk): (Arc<Mutex<OwnLane>>, Arc<Mutex<OwnLane>>),
        heard: Arc<Heard>,
        sanitizer: S,
    ) -> Result<Self, StartError> {
        let set = keys.set();
        for lane in [Lane::In, Lane::InBulk] {
            if set.seal_key(lane).is_none() {
                return Err(StartError::NoSealKey(lane));
            }
        }
        let floor = last_floor(&own);
        let next = floor.as_ref().map_or(Next::After(Ingested::NOTHING), resume);
        let epoch = match next {
            Next::After(at) | Next::Within(at) => at.epoch,
        };
        let anew = begins_anew(&config.spool, Lane::Raw, epoch, &set).map_err(RoleFault::from)?;
        let next = anew.map_or(next, Next::After);
        let live = Arc::clone(keys);
        let taker = Taker::open(&config.spool, Lane::Raw, live, Some(next), clock.clone())?;
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let places = config.sanitizer.parallel.map_or(cores, |count| count.as_usize());
        let openers = Arc::new(folder.openers(Lane::Raw)?);
        let bench = Bench {
            keys: Arc::clone(keys),
            openers,
            series: Arc::default(),
            sanitizer,
            places: Semaphore::new(places),
            hands: Semaphore::new(cores * 2),
            bulk_above: config.bulk_kib.as_usize() * 1024,
            bulk,
            heard,
        };
        let (tell, news) = unbounded_channel();
        Ok(Self {
            spool: config.spool.clone(),
            heard_i: LastWord::none(std::time::Instant::now()),
            taker,
            own,
            bench: Arc::new(bench),
            line: Line::after(floor),
            bundles: VecDeque::new(),
            look: true,
            show_by: None,
            treating: JoinSet::new(),
            tell,
            news,
        })
    }

    /// The folder of `raw`.
    pub(super) fn inbox(&self) -> Arc<Inbox> {
        self.taker.inbox()
    }

    pub(super) async fn run(mut self, halts: Halts, shutdown: Shutdown) -> Result<(), RoleFault> {
        self.taker = self.taker.telling(halts.clone());
        let watch = self.taker.watch();
        let mut beat = tokio::time::interval(HEARTBEAT);
        loop {
            tokio::select! {
                worked = self.work_off() => worked?,
                () = shutdown.wait() => return Ok(()),
            }
            tokio::select! {
                // The channel does not close: this end holds a sender too.
                Some(news) = self.news.recv() => self.hear(news)?,
                () = watch.changed(), if self.has_room() => self.look = true,
                () = until(self.show_by) => {}
                _ = beat.tick() => {
                    self.beat(&halts).await?;
                }
                () = shutdown.wait() => return Ok(()),
            }
        }
    }

    /// Signs both heads anew; that of `in` tells what operators must hear of here and at I.
    async fn beat(&mut self, halts: &Halts) -> Result<(), RoleFault> {
        let (own, bulk) = (Arc::clone(&self.own), Arc::clone(&self.bench.bulk));
        let (spool, keys, halts) = (self.spool.clone(), self.bench.keys.set(), halts.clone());
        let mut last = self.heard_i;
        self.heard_i = blocking(move || {
            let mut troubles = troubles_of(Host::Sanitizer, &halts);
            let here = (Host::Sanitizer, std::time::Instant::now());
            troubles.extend(troubles_heard(&spool, Lane::Raw, &keys, here, &mut last));
            {
                let mut own = locked(&own);
                own.tell(troubles);
                own.beat()?;
            }
            locked(&bulk).beat()?;
            Ok::<_, RoleFault>(last)
        })
        .await?;
        Ok(())
    }

    /// Takes in what there is room for, and shows what is ready. The folder is looked into when
    /// something happened there or room was made, and not for each item that is ready.
    async fn work_off(&mut self) -> Result<(), RoleFault> {
        loop {
            while self.look && self.has_room() {
                match self.taker.next().await? {
                    Some(bundle) => self.begin(bundle),
                    None => self.look = false,
                }
            }
            while let Ok(news) = self.news.try_recv() {
                self.hear(news)?;
            }
            if !self.show().await? {
                return Ok(());
            }
            self.look = true;
        }
    }

    fn has_room(&self) -> bool {
        let bytes: usize = self.bundles.iter().map(Taken::bytes).sum();
        self.line.len() < AHEAD && bytes < AHEAD_BYTES
    }

    /// Starts the treatment of every item of a bundle that is not shown yet.
    fn begin(&mut self, bundle: Taken) {
        while self.treating.try_join_next().is_some() {}
        let (mut together, mut bytes) = (Vec::new(), 0);
        for (idx, item) in bundle.items.iter().enumerate() {
            let origin = origin(&bundle, idx);
            if Some(origin.at) <= self.line.floor() {
                continue;
            }
            self.line.enter(origin);
            let size = item.sealed().len();
            // A large one holds up nobody but itself.
            if together.len() >= TOGETHER || bytes + size > TOGETHER_BYTES {
                self.start(std::mem::take(&mut together));
                bytes = 0;
            }
            bytes += size;
            together.push((origin, item.clone()));
        }
        self.start(together);
        self.bundles.push_back(bundle);
    }

    fn start(&mut self, items: Vec<(Origin, Sealed)>) {
        let Some(first) = items.first().map(|(origin, _)| origin.at) else { return };
        let (bench, tell) = (Arc::clone(&self.bench), self.tell.clone());
        // Nobody listens any more when the role ends.
        self.treating.spawn(async move {
            let looked_at = match begin(&bench, items).await {
                Ok(looked_at) => looked_at,
                Err(fault) => {
                    let _ = tell.send(News::Treated(first, Err(fault)));
                    return;
                }
            };
            let (mut opened, mut later) = (Vec::new(), Vec::new());
            for FirstLook { origin, item, about, begun } in looked_at {
                let thread = about.map_or(Thread::Loose, Thread::Of);
                let treated = match begun {
                    Begun::Done(sealed) => Some(sealed),
                    begun @ (Begun::Opened(_) | Begun::Unreadable(_)) => {
                        later.push((origin, item, begun));
                        None
                    }
                };
                opened.push((origin.at, thread, treated));
            }
            let _ = tell.send(News::Opened(opened));
            let finishing = later.into_iter().map(|(origin, item, begun)| {
                let (bench, tell) = (Arc::clone(&bench), tell.clone());
                async move {
                    let treated = Treating(tokio::spawn(finish(bench, item, origin, begun))).await;
                    let _ = tell.send(News::Treated(origin.at, treated));
                }
            });
            join_all(finishing).await;
        });
    }

    fn hear(&mut self, news: News) -> Result<(), RoleFault> {
        match news {
            News::Opened(all) => {
                for (at, thread, treated) in all {
                    self.line.opened(at, thread);
                    if let Some(treated) = treated {
                        self.line.ready(at, treated?);
                    }
                }
            }
            News::Treated(at, treated) => self.line.ready(at, treated?),
        }
        Ok(())
    }

    /// Shows one bundle of what is ready; `false` when nothing is, or when more is
    /// worth a moment's waiting.
    async fn show(&mut self) -> Result<bool, RoleFault> {
        let now = Instant::now();
        if self.line.has_ready() && !self.line.is_worth_a_bundle() {
            let by = *self.show_by.get_or_insert(now + COMPANY);
            if now < by {
                return Ok(false);
            }
        }
        self.show_by = None;
        let batch = self.line.next_batch();
        if batch.items.is_empty() {
            return Ok(false);
        }
        let (own, items) = (Arc::clone(&self.own), batch.items);
        blocking(move || locked(&own).publish(&items)).await?;
        for _ in 0..batch.finished {
            let Some(bundle) = self.bundles.pop_front() else { break };
            self.taker.done(bundle).await?;
        }
        Ok(true)
    }
}

/// Never, when there is no such moment.
async fn until(moment: Option<Instant>) {
    match moment {
        Some(moment) => tokio::time::sleep_until(moment).await,
        None => std::future::pending().await,
    }
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

/// The raw item up to which everything is in `in` bundles.
fn last_floor(own: &Mutex<OwnLane>) -> Option<Origin> {
    let stamp = locked(own).last_stamp().map(Crossed::read_stamp);
    stamp.and_then(Result::ok).and_then(|crossed| crossed.floor)
}

/// Where the raw lane goes on after that item.
fn resume(last: &Origin) -> Next {
    let at = Ingested { epoch: last.at.epoch, seq: last.at.seq, hash: last.hash };
    if last.at.idx + 1 == last.items { Next::After(at) } else { Next::Within(at) }
}

/// A task that ends when nobody waits for it any more.
struct Treating(tokio::task::JoinHandle<Result<NewItem, RoleFault>>);

impl Drop for Treating {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Future for Treating {
    /// A panic is a fault of the role.
    type Output = Result<NewItem, RoleFault>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.0)
            .poll(context)
            .map(|ended| ended.unwrap_or_else(|why| Err(RoleFault::Panicked(why.to_string()))))
    }
}
