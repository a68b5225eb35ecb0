//! What S may forget. It has no database and opens no receipt, so L says beside each
//! receipt for `raw`, in the clear and signed, what it has; and I says in its receipts,
//! which are items of `raw`, what it has of `pub.*`. Nothing goes before (I13).
//!
//! | Files | go when |
//! |---|---|
//! | `raw/done/` | L has every item of the bundle: sealed originals stay nowhere longer |
//! | `in/`, `in.bulk/` | two verified backups of L hold them, and they are old enough |
//! | `pub.*/done/` | two verified backups of I hold them, and they are old enough |
//!
//! What was heard is kept in memory: after a restart the next receipt says it again.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use bridge_contract::bundle::{Expect, verify};
use bridge_contract::keys::KeySet;
use bridge_contract::messages::{Held, RECEIPT_KIND, Receipt};
use bridge_contract::place::Lane;
use bridge_spool::Inbox;
use jiff::Timestamp;
use platform_service::clock::Clock;
use platform_service::shutdown::Shutdown;
use tokio::sync::Notify;

use crate::faults::RoleFault;
use crate::own_lane::{OwnLane, settle};
use crate::running::blocking;

/// Time between two looks, which go through every file.
const EVERY: Duration = Duration::from_secs(60);
/// From the first news to the first look.
const FIRST: Duration = Duration::from_secs(1);

/// What the far ends have.
#[derive(Debug, Default)]
pub(super) struct Heard {
    lanes: Mutex<BTreeMap<Lane, Held>>,
    news: Notify,
}

impl Heard {
    /// The newest says all; an older one that comes late changes nothing.
    fn note(&self, held: Held) {
        let mut all = self.lanes.lock().unwrap_or_else(PoisonError::into_inner);
        let known = all.entry(held.lane).or_insert(held);
        if (held.epoch, held.ingested, held.kept) > (known.epoch, known.ingested, known.kept) {
            *known = held;
        }
        self.news.notify_one();
    }

    /// L speaks: a verified bundle of `pub.ctl` passes through.
    pub(super) fn l_says(&self, bundle: &[u8], keys: &KeySet) {
        let Ok(bundle) = verify(bundle, &Expect { lane: Lane::PubCtl, keys }) else { return };
        let receipts = bundle.items.iter().filter(|item| item.entry.kind == RECEIPT_KIND);
        for held in receipts.flat_map(|item| Held::read_stamp(&item.entry.stamp)) {
            if matches!(held.lane, Lane::Raw | Lane::In | Lane::InBulk) {
                self.note(held);
            }
        }
    }

    /// I speaks: a receipt that was an item of `raw`.
    pub(super) fn i_says(&self, receipt: &Receipt) {
        if matches!(receipt.lane, Lane::PubCtl | Lane::PubDoc) {
            self.note(Held {
                lane: receipt.lane,
                epoch: receipt.epoch,
                ingested: receipt.ingested_seq,
                kept: receipt.backup_seq.min(receipt.ingested_seq),
            });
        }
    }

    fn of(&self, lane: Lane) -> Option<Held> {
        self.lanes.lock().unwrap_or_else(PoisonError::into_inner).get(&lane).copied()
    }
}

/// Everything that may lie around here.
pub(super) struct Forgetting {
    pub(super) heard: Arc<Heard>,
    pub(super) own: Vec<(Lane, Arc<Mutex<OwnLane>>)>,
    pub(super) taken: Arc<Inbox>,
    pub(super) passed: Vec<(Lane, Arc<crate::carrier::Forward>)>,
    pub(super) retention: Duration,
    pub(super) clock: Clock,
}

impl Forgetting {
    pub(super) async fn run(self, shutdown: Shutdown) -> Result<(), RoleFault> {
        let this = Arc::new(self);
        tokio::select! {
            () = this.heard.news.notified() => {}
            () = shutdown.wait() => return Ok(()),
        }
        let mut pause = FIRST;
        loop {
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = shutdown.wait() => return Ok(()),
            }
            let own = Arc::clone(&this);
            blocking(move || own.sweep()).await?;
            pause = EVERY;
        }
    }

    fn sweep(&self) -> Result<(), RoleFault> {
        let old = SystemTime::from(self.clock.now()).checked_sub(self.retention);
        let old = old.unwrap_or(SystemTime::UNIX_EPOCH);
        if let Some(held) = self.heard.of(Lane::Raw) {
            let any_age = SystemTime::from(Timestamp::MAX);
            self.taken.forget((held.epoch, held.ingested), any_age)?;
        }
        for (lane, own) in &self.own {
            if let Some(held) = self.heard.of(*lane) {
                let folder = own.lock().unwrap_or_else(PoisonError::into_inner).folder();
                settle(&folder, &held, old)?;
            }
        }
        for (lane, passed) in &self.passed {
            if let Some(held) = self.heard.of(*lane) {
                passed.inbox.forget(held.twice_kept(), old)?;
            }
        }
        Ok(())
    }
}
