//! `bridge outer` on host I: serves the raw lane to S and takes publications
//! from S. It holds no key but its TLS key and cannot open an item.

use std::sync::Arc;

use bridge_contract::place::{Host, Lane};
use bridge_spool::{ReceiverSpool, Source, open_keys};
use platform_service::clock::Clock;
use platform_service::halts::Halts;
use platform_service::shutdown::Shutdown;

use crate::carrier::{Desk, Pins, Served, listener};
use crate::config::{Outer, meter};
use crate::confine::Allowance;
use crate::door::Door;
use crate::faults::{RoleFault, StartError};
use crate::own_lane::identity;
use crate::running::{Ready, Running};

/// Starts the role in this process as it is: the walls are the program's.
///
/// # Errors
/// [`StartError`] names what the settings or keys got wrong.
pub async fn run(config: Outer, _: Clock, shutdown: Shutdown) -> Result<Running, StartError> {
    prepare(config)?.begin(Halts::default(), &shutdown)
}

/// Reads the keys and opens what the role works with.
///
/// # Errors
/// [`StartError`] names what the settings or keys got wrong.
pub fn prepare(config: Outer) -> Result<Ready, StartError> {
    let keys = open_keys(&config.keys, &config.spool)?;
    let (live, set) = (keys.live(), keys.set());
    let tls = listener(&keys, Host::Internet, Pins::of(&live, Host::Sanitizer)?)?;
    let raw = Source::open(&config.spool, &identity(set, Lane::Raw)).map_err(RoleFault::from)?;
    let mut lanes = vec![(Lane::Raw, Served::Sent(Arc::new(raw)))];
    for lane in [Lane::PubCtl, Lane::PubDoc] {
        let spool =
            ReceiverSpool::open(&config.spool, &identity(set, lane)).map_err(RoleFault::from)?;
        lanes.push((lane, Served::Received(Arc::new(spool))));
    }
    let door = Door::new(config.listen)?;
    let meter = meter(&config.spool, config.backlog_mb);
    let allowance = Allowance::new(&config.spool);
    let watched = (Arc::clone(&live), config.spool.clone());
    Ready::new(allowance, (config.ops, meter), watched, move |running| {
        let desk = Arc::new(Desk::new(lanes, live, &running.shutdown()));
        let addr = running.serve(door, tls, desk)?;
        tracing::info!(%addr, "bridge outer is ready");
        Ok(())
    })
}
