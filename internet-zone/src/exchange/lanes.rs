//! The three lanes of this zone as tasks.

use std::path::PathBuf;
use std::sync::Arc;

use bridge_contract::Lane;
use bridge_contract::keys::{KeySet, OpenKeys, SigningKey};
use bridge_lanes::{LaneFault, ReceiverSetup, SenderSetup, Wake, receive, send};
use platform_service::clock::Clock;
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
    pub(crate) set: Arc<KeySet>,
    /// Signs our bundles.
    pub(crate) signer: SigningKey,
    /// Open `pub.ctl`.
    pub(crate) ctl: Arc<OpenKeys>,
    /// Open `pub.doc`.
    pub(crate) doc: Arc<OpenKeys>,
    /// The time.
    pub(crate) clock: Clock,
    /// Told when something waits in the outbox.
    pub(crate) outbox: Wake,
    /// Ends the tasks.
    pub(crate) shutdown: Shutdown,
}

/// Starts sending `raw` and receiving `pub.ctl` and `pub.doc`. A task that ends
/// with a fault must end the service.
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
        tasks.spawn(receive(setup, Arc::clone(&ingest)));
    }
    tasks.spawn(send(SenderSetup {
        lane: Lane::Raw,
        store: lanes.store,
        spool: lanes.spool,
        keys: lanes.set,
        key: lanes.signer,
        clock: lanes.clock,
        wake: lanes.outbox,
        shutdown: lanes.shutdown,
    }));
}
