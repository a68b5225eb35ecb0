//! The three lanes of this zone as tasks.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use bridge_contract::Lane;
use bridge_contract::keys::{LiveKeys, OpenKeys, SigningKeys};
use bridge_lanes::{
    CompleterSetup, Gate, LaneFault, ReceiverSetup, SenderSetup, Wake, complete, receive, send,
    watched, write_stop,
};
use internet_zone_store::lanes::stopped as lane_stopped;
use platform_service::clock::Clock;
use platform_service::halts::Halts;
use platform_service::shutdown::Shutdown;
use platform_store::Store;
use tokio::task::JoinSet;

use super::FromStaff;

/// What the lanes need.
pub(crate) struct Lanes {
    /// The database.
    pub(crate) store: Store,
    /// The spool folder.
    pub(crate) spool: PathBuf,
    /// Public keys of the installation.
    pub(crate) set: Arc<LiveKeys>,
    /// Signs our bundles.
    pub(crate) signer: SigningKeys,
    /// Open `pub.ctl`.
    pub(crate) ctl: Arc<OpenKeys>,
    /// Open `pub.doc`.
    pub(crate) doc: Arc<OpenKeys>,
    /// How long sent bundles are kept at least.
    pub(crate) retention: Duration,
    /// After this time applications are sealed to the next key.
    pub(crate) turn_after: Duration,
    /// The time.
    pub(crate) clock: Clock,
    /// Opened once no number can be given that was given before.
    pub(crate) gate: Gate,
    /// Told when something waits in the outbox.
    pub(crate) outbox: Wake,
    /// Where a lane that stops is noted.
    pub(crate) halts: Halts,
    /// Ends the tasks.
    pub(crate) shutdown: Shutdown,
}

impl Lanes {
    fn watching(&self) -> Watch {
        Watch {
            store: self.store.clone(),
            spool: self.spool.clone(),
            halts: self.halts.clone(),
            clock: self.clock.clone(),
            gate: self.gate.clone(),
            shutdown: self.shutdown.clone(),
        }
    }
}

/// Starts sending `raw` and receiving `pub.ctl` and `pub.doc`. A lane that waits
/// for an operator stops alone; a task that ends with a fault must end the service.
pub(crate) fn start(
    lanes: Lanes,
    ingest: Arc<FromStaff>,
    tasks: &mut JoinSet<Result<(), LaneFault>>,
) {
    for (lane, openers) in [(Lane::PubCtl, &lanes.ctl), (Lane::PubDoc, &lanes.doc)] {
        let setup = ReceiverSetup {
            lane,
            store: lanes.store.clone(),
            spool: lanes.spool.clone(),
            keys: Arc::clone(&lanes.set),
            openers: Arc::clone(openers),
            clock: lanes.clock.clone(),
            receipts: lanes.outbox.clone(),
            shutdown: lanes.shutdown.clone(),
        };
        let again = CompleterSetup {
            lane,
            store: setup.store.clone(),
            keys: Arc::clone(&setup.keys),
            openers: Arc::clone(openers),
            files: None,
            clock: lanes.clock.clone(),
            receipts: lanes.outbox.clone(),
            shutdown: lanes.shutdown.clone(),
        };
        tasks.spawn(lanes.watching().over(lane, complete(again, Arc::clone(&ingest))));
        tasks.spawn(lanes.watching().over(lane, receive(setup, Arc::clone(&ingest))));
    }
    let watch = lanes.watching();
    let sending = send(SenderSetup {
        lane: Lane::Raw,
        store: lanes.store,
        spool: lanes.spool,
        keys: lanes.set,
        key: lanes.signer,
        clock: lanes.clock,
        retention: lanes.retention,
        turn_after: lanes.turn_after,
        tells: Some(lanes.halts),
        gate: lanes.gate,
        wake: lanes.outbox,
        shutdown: lanes.shutdown,
    });
    tasks.spawn(watch.over(Lane::Raw, sending));
}

/// Keeps a lane that stops from ending the service, and writes it down.
#[derive(Clone)]
struct Watch {
    store: Store,
    spool: PathBuf,
    halts: Halts,
    clock: Clock,
    gate: Gate,
    shutdown: Shutdown,
}

impl Watch {
    async fn over(
        self,
        lane: Lane,
        task: impl Future<Output = Result<(), LaneFault>>,
    ) -> Result<(), LaneFault> {
        let (store, spool, gate) = (self.store, self.spool, self.gate);
        let stop = self.shutdown.clone();
        watched(lane, task, (self.halts, self.clock, self.shutdown), |halt| async move {
            let written = write_stop(&store, (lane, spool), &stop, move |tx, before| {
                lane_stopped(tx, lane, &halt, before)
            });
            match written.await {
                // Numbers of a database that was set back have leapt.
                Ok(()) if lane == Lane::Raw => gate.open(),
                Ok(()) => {}
                Err(error) => {
                    tracing::error!(%error, "the stop of a lane is not in the operation log");
                }
            }
        })
        .await
    }
}
