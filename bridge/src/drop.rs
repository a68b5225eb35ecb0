//! `bridge drop` on host B, the DMZ server: generations from A appear in its
//! folder whole and for ever, and what the business systems make of them goes
//! back (IK-3.5.7b).
//!
//! ```text
//! A ── put ─► exp/ ─► .incoming/<job>/<generation>/ ─► <job>/<generation>/, then ….end
//! A ◄─ pull ─ exr/ ◄─ stored, refused;  ….done, ….err left by the business system, or moved away
//! ```
//! A control file (`.end`) implies a complete, checked generation (I20). A
//! generation that is there is never written again.

mod home;
mod pickup;
mod unpack;

use std::fs;
use std::sync::{Arc, Mutex};

use bridge_contract::place::{Host, Lane};
use bridge_spool::{ReceiverSpool, Source, open_keys};
use platform_service::clock::Clock;
use platform_service::halts::Halts;
use platform_service::shutdown::Shutdown;

use crate::aside::Aside;
use crate::carrier::{Desk, Pins, Served, listener};
use crate::config::{Drop, days, meter};
use crate::confine::Allowance;
use crate::door::Door;
use crate::faults::{RoleFault, StartError};
use crate::own_lane::{OwnLane, identity};
use crate::running::{Ready, Running};
use crate::taker::Taker;
use home::Home;
use pickup::{Post, Watcher};
use unpack::Unpacker;

/// Starts the role in this process as it is: the walls are the program's.
///
/// # Errors
/// [`StartError`] names what the settings or keys got wrong.
pub async fn run(config: Drop, clock: Clock, shutdown: Shutdown) -> Result<Running, StartError> {
    prepare(config, clock)?.begin(Halts::default(), &shutdown)
}

/// Reads the keys and opens what the role works with.
///
/// # Errors
/// [`StartError`] names what the settings or keys got wrong.
pub fn prepare(config: Drop, clock: Clock) -> Result<Ready, StartError> {
    let keys = open_keys(&config.keys, &config.spool)?;
    let (live, set) = (keys.live(), keys.set());
    let tls = listener(&keys, Host::ServerB, Pins::of(&live, Host::ServerA)?)?;
    if set.seal_key(Lane::Exr).is_none() {
        return Err(StartError::NoSealKey(Lane::Exr));
    }
    fs::create_dir_all(&config.folder)
        .map_err(RoleFault::disk(config.folder.display().to_string()))?;
    let door = Door::new(config.listen)?;

    let turn_after = days(config.seal_key_days);
    let own = OwnLane::open(&config.spool, Lane::Exr, (&keys, &live), turn_after, clock.clone())?;
    let taker = Taker::open(&config.spool, Lane::Exp, Arc::clone(&live), None, clock.clone())?;
    let stays = (taker.inbox(), days(config.retention_days));
    let reported = config.spool.join("reported");
    let home = Arc::new(Home::new(&config.folder, &reported, clock.clone()));
    let post = Arc::new(Post::new(Mutex::new(own), Arc::clone(&live), stays, clock));
    let openers = Arc::new(keys.openers(Lane::Exp)?);
    let moved = config.pick_up_by_move.then(|| reported.clone());
    let unpacker = Unpacker::new(
        (config.folder.clone(), moved),
        Arc::clone(&live),
        openers,
        Arc::clone(&post),
        Arc::clone(&home),
    );
    let meter = meter(&config.spool, config.backlog_mb);
    let allowance = Allowance::new(&config.spool).with_folder(&config.folder);
    let watcher = Watcher::new((config.folder, reported), post, home, config.pick_up_by_move);

    let received =
        ReceiverSpool::open(&config.spool, &identity(set, Lane::Exp)).map_err(RoleFault::from)?;
    let sent = Source::open(&config.spool, &identity(set, Lane::Exr)).map_err(RoleFault::from)?;
    let lanes = [
        (Lane::Exp, Served::Received(Arc::new(received))),
        (Lane::Exr, Served::Sent(Arc::new(sent))),
    ];
    let (watched, spool) = ((Arc::clone(&live), config.spool.clone()), config.spool);
    Ready::new(allowance, (config.ops, meter), watched, move |running| {
        let shutdown = running.shutdown();
        let aside = Aside::new(&spool, Lane::Exp, running.halts());
        running.spawn(unpacker.run(taker.telling(running.halts()), aside, shutdown.clone()));
        running.spawn(watcher.run(running.halts(), shutdown.clone()));
        let desk = Arc::new(Desk::new(lanes, live, &shutdown));
        let addr = running.serve(door, tls, desk)?;
        tracing::info!(%addr, "bridge drop is ready");
        Ok(())
    })
}
