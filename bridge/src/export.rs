//! `bridge export` on host A: packs complete generations into the `exp` lane
//! and writes the pick-up receipts that come back (IK-3.5.7b, IK-2.1.2d1).
//!
//! ```text
//! <folder>/<job>/<generation>/…, ….end   ─► exp/ ─► push ─► B
//! <folder>/<job>/<generation>/receipt.json ◄─ exr/ ◄─ pull ◄─ B
//! <folder>/.failed/<job>.<generation>      ◄─ that it failed, for the staff zone
//! <folder>/.server-a                       ◄─ what A and B are in need of, for the staff zone
//! ```
//! It dials B and never listens. A generation is complete when a file ending
//! in `.end` is in it; from then on nothing in it may change.

mod forget;
mod pack;
mod receipt;

use std::sync::Arc;

use bridge_contract::place::{Host, Lane};
use bridge_spool::{ReceiverSpool, Source, open_keys};
use platform_service::clock::Clock;
use platform_service::halts::Halts;
use platform_service::shutdown::Shutdown;

pub use receipt::{Outcome, Receipt};

use crate::aside::Aside;
use crate::carrier::{Peer, Pins, dialler, pull, push};
use crate::config::{Export, days, meter};
use crate::confine::Allowance;
use crate::faults::{RoleFault, StartError};
use crate::own_lane::{OwnLane, identity};
use crate::running::{Ready, Running};
use crate::taker::Taker;

/// Starts the role in this process as it is: the walls are the program's.
///
/// # Errors
/// [`StartError`] names what the settings or keys got wrong.
pub async fn run(config: Export, clock: Clock, shutdown: Shutdown) -> Result<Running, StartError> {
    prepare(config, clock)?.begin(Halts::default(), &shutdown)
}

/// Reads the keys and opens what the role works with.
///
/// # Errors
/// [`StartError`] names what the settings or keys got wrong.
pub fn prepare(config: Export, clock: Clock) -> Result<Ready, StartError> {
    let keys = open_keys(&config.keys, &config.spool)?;
    let (live, set) = (keys.live(), keys.set());
    let tls = dialler(&keys, Host::ServerA, Pins::of(&live, Host::ServerB)?)?;
    let peer = Peer { address: config.peer.clone(), tls, keys: Arc::clone(&live) };

    let turn_after = days(config.seal_key_days);
    let own = OwnLane::open(&config.spool, Lane::Exp, (&keys, &live), turn_after, clock.clone())?;
    let taker = Taker::open(&config.spool, Lane::Exr, Arc::clone(&live), None, clock.clone())?;
    let packer = pack::Packer::open(&config, Arc::clone(&live), (own, taker.inbox()), clock)?;
    let sent = Source::open(&config.spool, &identity(set, Lane::Exp)).map_err(RoleFault::from)?;

    let spool =
        ReceiverSpool::open(&config.spool, &identity(set, Lane::Exr)).map_err(RoleFault::from)?;
    let openers = Arc::new(keys.openers(Lane::Exr)?);
    let meter = meter(&config.spool, config.backlog_mb);
    let allowance =
        Allowance::new(&config.spool).with_folder(&config.folder).dialling(&config.peer);
    let clerk =
        receipt::Clerk::new((config.folder, config.spool.as_path()), Arc::clone(&live), openers);
    let (watched, home) = ((Arc::clone(&live), config.spool.clone()), config.spool);
    Ready::new(allowance, (config.ops, meter), watched, move |running| {
        let shutdown = running.shutdown();
        running.spawn(packer.run(running.halts(), shutdown.clone()));
        running.spawn(push(peer.clone(), Lane::Exp, Arc::new(sent), shutdown.clone()));
        let aside = Aside::new(&home, Lane::Exr, running.halts());
        running.spawn(clerk.run(taker.telling(running.halts()), aside, shutdown.clone()));
        running.spawn(pull(peer, Lane::Exr, Arc::new(spool), live, running.pressure(), shutdown));
        tracing::info!("bridge export is ready");
        Ok(())
    })
}
