//! `bridge relay` on host S, between the zones.
//!
//! ```text
//!            pull raw                                           serve in
//! I ◄────────────────── raw/ ─► open ─► sanitizer ─► seal ─► in/ ◄───────────── L
//!   ──────────────────►          one process an attachment    ─────────────────►
//! I ◄────────────────── pub.ctl/, pub.doc/  (passed on closed) ◄─────────────── L
//!            push pub                                           put pub
//! ```
//! Raw items become `in` items as they are ready; those of one application stay in
//! their order. Every `in` item carries the place of its raw item as its stamp and
//! the last one before which nothing is missing, so that the newest `in` bundle says
//! where to go on: there is no other record. What a crash shows again has the id it
//! had, and L takes it in once. Rebuilt files above `bulk_kib` go ahead on `in.bulk`.

mod crossing;
mod forget;
mod line;
mod sanitize;
mod treat;

use std::sync::{Arc, Mutex};

use bridge_contract::keys::KeyFolder;
use bridge_contract::place::{Host, Lane};
use bridge_spool::{Inbox, ReceiverSpool, Source, begins_anew, open_keys};
use platform_service::clock::Clock;
use platform_service::halts::Halts;
use platform_service::shutdown::Shutdown;

pub use sanitize::{NoAnswer, Program, Sanitize};

use crate::carrier::{Desk, Forward, Peer, Pins, Served, dialler, listener, pull, push};
use crate::config::{Relay, days, meter};
use crate::confine::Allowance;
use crate::door::Door;
use crate::faults::{RoleFault, StartError};
use crate::own_lane::{OwnLane, identity};
use crate::running::{Ready, Running};
use crossing::Crossing;
use forget::{Forgetting, Heard};

/// Starts the role in this process as it is, with another sanitizer, for tests.
///
/// # Errors
/// [`StartError`] names what the settings or keys got wrong.
pub async fn run_with<S: Sanitize>(
    config: Relay,
    clock: Clock,
    shutdown: Shutdown,
    sanitizer: S,
) -> Result<Running, StartError> {
    let keys = open_keys(&config.keys, &config.spool)?;
    prepare_with(config, clock, &keys, sanitizer)?.begin(Halts::default(), &shutdown)
}

/// Reads the keys and opens what the role works with; its sanitizer is the
/// program of the settings.
///
/// # Errors
/// [`StartError`] names what the settings or keys got wrong.
pub fn prepare(config: Relay, clock: Clock) -> Result<Ready, StartError> {
    let keys = open_keys(&config.keys, &config.spool)?;
    let program = Program::new(&config.sanitizer, keys.verdict_key_path())?;
    prepare_with(config, clock, &keys, program)
}

fn prepare_with<S: Sanitize>(
    config: Relay,
    clock: Clock,
    keys: &KeyFolder,
    sanitizer: S,
) -> Result<Ready, StartError> {
    let (live, set) = (keys.live(), keys.set());
    let outward = dialler(keys, Host::Sanitizer, Pins::of(&live, Host::Internet)?)?;
    let inward = listener(keys, Host::Sanitizer, Pins::of(&live, Host::Lgwan)?)?;
    let peer = Peer { address: config.peer.clone(), tls: outward, keys: Arc::clone(&live) };
    let door = Door::new(config.listen)?;

    let turn_after = days(config.seal_key_days);
    let own = |lane| {
        let own = OwnLane::open(&config.spool, lane, (keys, &live), turn_after, clock.clone())?;
        Ok::<_, StartError>(Arc::new(Mutex::new(own)))
    };
    let heard = Arc::new(Heard::default());
    let (shown, bulk) = (own(Lane::In)?, own(Lane::InBulk)?);
    let both = (Arc::clone(&shown), Arc::clone(&bulk));
    let crossing =
        Crossing::open(&config, (keys, &live, &clock), both, Arc::clone(&heard), sanitizer)?;

    let spool = |lane| ReceiverSpool::open(&config.spool, &identity(set, lane));
    let raw = Arc::new(spool(Lane::Raw).map_err(RoleFault::from)?);
    let mut lanes = Vec::new();
    for lane in [Lane::In, Lane::InBulk] {
        let sent = Source::open(&config.spool, &identity(set, lane)).map_err(RoleFault::from)?;
        lanes.push((lane, Served::Sent(Arc::new(sent))));
    }
    let mut passed_on = Vec::new();
    for lane in [Lane::PubCtl, Lane::PubDoc] {
        lanes.push((lane, Served::Received(Arc::new(spool(lane).map_err(RoleFault::from)?))));
        let inbox = Inbox::open(&config.spool, &identity(set, lane)).map_err(RoleFault::from)?;
        let epoch = inbox.ingested().map_or(1, |at| at.epoch);
        if let Some(anew) = begins_anew(&config.spool, lane, epoch, set).map_err(RoleFault::from)? {
            inbox.record_ingested(&anew).map_err(RoleFault::from)?;
        }
        let (told, keys) = (Arc::clone(&heard), Arc::clone(&live));
        let tell = Box::new(move |bundle: &[u8]| {
            if lane == Lane::PubCtl {
                told.l_says(bundle, &keys.set());
            }
        });
        let keys = Arc::clone(&live);
        passed_on
            .push((lane, Arc::new(Forward { inbox, lane, keys, tell, line: Mutex::default() })));
    }
    let forgetting = Forgetting {
        heard,
        own: vec![(Lane::In, shown), (Lane::InBulk, bulk)],
        taken: crossing.inbox(),
        passed: passed_on.iter().map(|(lane, shelf)| (*lane, Arc::clone(shelf))).collect(),
        retention: days(config.retention_days),
        clock,
    };
    let meter = meter(&config.spool, config.backlog_mb);
    let allowance = Allowance::new(&config.spool)
        .dialling(&config.peer)
        .starting(&config.sanitizer, &keys.verdict_key_path());
    let watched = (Arc::clone(&live), config.spool.clone());
    Ready::new(allowance, (config.ops, meter), watched, move |running| {
        let shutdown = running.shutdown();
        running.spawn(crossing.run(running.halts(), shutdown.clone()));
        running.spawn(forgetting.run(shutdown.clone()));
        running.spawn(pull(
            peer.clone(),
            Lane::Raw,
            raw,
            Arc::clone(&live),
            running.pressure(),
            shutdown.clone(),
        ));
        for (lane, shelf) in passed_on {
            running.spawn(push(peer.clone(), lane, shelf, shutdown.clone()));
        }
        let desk = Arc::new(Desk::new(lanes, live, &shutdown));
        let addr = running.serve(door, inward, desk)?;
        tracing::info!(%addr, "bridge relay is ready");
        Ok(())
    })
}
