//! What the business systems make of a generation goes back to A.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use bridge_contract::keys::LiveKeys;
use bridge_contract::messages::{Held, PickedUp, PickupOutcome, ToServerA};
use bridge_contract::place::{Host, Lane};
use bridge_contract::seal::seal_for;
use bridge_spool::{Inbox, troubles_of};
use jiff::Timestamp;
use platform_service::clock::Clock;
use platform_service::halts::Halts;
use platform_service::ids;
use platform_service::shutdown::Shutdown;

use crate::disk::mark;
use crate::faults::RoleFault;
use crate::generation::{self, Generation, has_extension};
use crate::own_lane::{OwnLane, settle};
use crate::running::blocking;

/// How often the folder is looked at.
const SCAN: Duration = Duration::from_secs(2);
/// What may go is looked for after this many looks.
const FORGET: u32 = 30;
/// Bytes of a `.done` or `.err` file that go back.
const DETAIL: u64 = 512 * 1024;

/// The way back to A, shared by the tasks of B.
pub(super) struct Post {
    own: Mutex<OwnLane>,
    keys: Arc<LiveKeys>,
    /// What came from A; its files are in the folder.
    taken: Arc<Inbox>,
    /// What A last said that it has of this way back.
    heard: Mutex<Option<Held>>,
    /// It said something since the last look.
    news: AtomicBool,
    /// How long bundles stay at least.
    retention: Duration,
    clock: Clock,
}

impl Post {
    pub(super) fn new(
        own: Mutex<OwnLane>,
        keys: Arc<LiveKeys>,
        (taken, retention): (Arc<Inbox>, Duration),
        clock: Clock,
    ) -> Self {
        Self {
            own,
            keys,
            taken,
            heard: Mutex::new(None),
            news: AtomicBool::new(false),
            retention,
            clock,
        }
    }

    /// A speaks, beside an item of its lane: what it has of ours.
    pub(super) fn hear(&self, stamp: &[u8]) {
        let said = Held::read_stamp(stamp).into_iter().find(|held| held.lane == Lane::Exr);
        let mut heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        if said.is_some() && *heard != said {
            *heard = said;
            self.news.store(true, Ordering::SeqCst);
        }
    }

    /// Lets go what A has, and what is in the folder, once it is old enough (decision 0046).
    /// Blocking.
    fn forget(&self) -> Result<(), RoleFault> {
        let old = SystemTime::from(self.clock.now()).checked_sub(self.retention);
        let old = old.unwrap_or(SystemTime::UNIX_EPOCH);
        if let Some(at) = self.taken.ingested() {
            self.taken.forget((at.epoch, at.seq), old)?;
        }
        let heard = *self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        let folder = self.own.lock().unwrap_or_else(PoisonError::into_inner).folder();
        heard.map_or(Ok(()), |held| settle(&folder, &held, old))
    }

    pub(super) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Sends a message. Durable when it returns. Blocking.
    pub(super) fn send(&self, message: &ToServerA) -> Result<(), RoleFault> {
        let uuid = ids::new(&self.clock);
        let item = seal_for(&self.keys.set(), Lane::Exr, &uuid, message.kind(), message)
            .ok_or_else(|| io::Error::other("the key set has no key for A"))
            .map_err(RoleFault::disk("seal a receipt"))?;
        self.own.lock().unwrap_or_else(PoisonError::into_inner).publish(&[item])
    }

    /// Signs the head anew, with what operators must hear of here (I21).
    fn beat(&self, halts: &Halts) -> Result<(), RoleFault> {
        let mut own = self.own.lock().unwrap_or_else(PoisonError::into_inner);
        own.tell(troubles_of(Host::ServerB, halts));
        own.beat()
    }
}

/// Looks for `.done` and `.err` files.
pub(super) struct Watcher {
    folder: PathBuf,
    /// One empty file for each outcome that was reported.
    reported: PathBuf,
    post: Arc<Post>,
}

impl Watcher {
    pub(super) const fn new(folder: PathBuf, reported: PathBuf, post: Arc<Post>) -> Self {
        Self { folder, reported, post }
    }

    pub(super) async fn run(self, halts: Halts, shutdown: Shutdown) -> Result<(), RoleFault> {
        let watcher = Arc::new(self);
        let mut looks = 0_u32;
        loop {
            let (looking, halts) = (Arc::clone(&watcher), halts.clone());
            blocking(move || looking.look().and_then(|()| looking.post.beat(&halts))).await?;
            looks = looks.wrapping_add(1);
            if looks % FORGET == 1 || watcher.post.news.swap(false, Ordering::SeqCst) {
                let looking = Arc::clone(&watcher);
                blocking(move || looking.post.forget()).await?;
            }
            tokio::select! {
                () = tokio::time::sleep(SCAN) => {}
                () = shutdown.wait() => return Ok(()),
            }
        }
    }

    fn look(&self) -> Result<(), RoleFault> {
        let all = generation::all(&self.folder)
            .map_err(RoleFault::disk(self.folder.display().to_string()))?;
        for generation in all {
            for outcome in [PickupOutcome::Error, PickupOutcome::Done] {
                self.report(&generation, outcome)?;
            }
        }
        Ok(())
    }

    fn report(&self, generation: &Generation, outcome: PickupOutcome) -> Result<(), RoleFault> {
        let note =
            self.reported.join(&generation.job).join(format!("{}.{outcome}", generation.name));
        if note.exists() {
            return Ok(());
        }
        // A file another system still holds open is looked at again.
        let detail = match detail(&generation.dir(&self.folder), outcome) {
            Ok(Some(detail)) => detail,
            Ok(None) => return Ok(()),
            Err(error) => {
                tracing::warn!(%generation, %error, "a pick-up file cannot be read yet");
                return Ok(());
            }
        };
        self.post.send(
            &PickedUp {
                job: generation.job.clone(),
                generation: generation.name.clone(),
                outcome,
                at: self.post.now(),
                detail,
            }
            .into(),
        )?;
        tracing::info!(%generation, %outcome, "a generation was picked up");
        mark(&note, "").map_err(RoleFault::disk(note.display().to_string()))
    }
}

/// The content of the first file that says this outcome.
fn detail(dir: &Path, outcome: PickupOutcome) -> io::Result<Option<Vec<u8>>> {
    let extension = match outcome {
        PickupOutcome::Done => "done",
        PickupOutcome::Error => "err",
    };
    let mut names = Vec::new();
    for entry in fs::read_dir(dir)? {
        names.extend(entry?.file_name().into_string());
    }
    names.sort();
    let Some(name) = names.into_iter().find(|name| has_extension(name, extension)) else {
        return Ok(None);
    };
    let mut detail = Vec::new();
    File::open(dir.join(name))?.take(DETAIL).read_to_end(&mut detail)?;
    Ok(Some(detail))
}
