//! `bridge outer` on host I: serves the raw lane to S and takes publications
//! from S. It holds no key but its TLS key and cannot open an item.

use std::sync::Arc;

use bridge_contract::place::{Host, Lane};
use bridge_spool::{ReceiverSpool, Source, open_keys};
use platform_service::clock::Clock;
use platform_service::shutdown::Shutdown;

use crate::carrier::{Desk, Pins, Served, listener, serve};
use crate::config::Outer;
use crate::faults::{RoleFault, StartError};
use crate::own_lane::identity;
use crate::running::{Running, bind};

/// Starts the role.
///
/// # Errors
/// [`StartError`] names what the settings or keys got wrong.
pub async fn run(config: Outer, _clock: Clock, shutdown: Shutdown) -> Result<Running, StartError> {
    let keys = open_keys(&config.keys, &config.spool)?;
    let tls = listener(&keys, Host::Internet, Pins::of(&keys, Host::Sanitizer)?)?;
    let set = Arc::new(keys.set().clone());
    let raw = Source::open(&config.spool, &identity(&set, Lane::Raw)).map_err(RoleFault::from)?;
    let mut lanes = vec![(Lane::Raw, Served::Sent(Arc::new(raw)))];
    for lane in [Lane::PubCtl, Lane::PubDoc] {
        let spool =
            ReceiverSpool::open(&config.spool, &identity(&set, lane)).map_err(RoleFault::from)?;
        lanes.push((lane, Served::Received(Arc::new(spool))));
    }
    let desk = Arc::new(Desk::new(lanes, set, &shutdown));
    let (socket, addr) = bind(config.listen).await?;
    let mut running = Running::new(&shutdown);
    running.addr = Some(addr);
    running.open_ops(config.ops).await?;
    running.spawn(serve(socket, tls, desk, shutdown));
    tracing::info!(%addr, "bridge outer is ready");
    Ok(running)
}
