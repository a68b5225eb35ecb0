//! `bridge inner` on host L: pulls sanitized applications from S and pushes
//! publications to S. It dials; nothing on L listens toward S or I (IK-3.5.7b).
//! It holds no key but its TLS key and cannot open an item.

use std::sync::Arc;

use bridge_contract::place::{Host, Lane};
use bridge_spool::{ReceiverSpool, Source, open_keys};
use platform_service::clock::Clock;
use platform_service::shutdown::Shutdown;

use crate::carrier::{Peer, Pins, dialler, pull, push};
use crate::config::Inner;
use crate::faults::{RoleFault, StartError};
use crate::own_lane::identity;
use crate::running::Running;

/// Starts the role.
///
/// # Errors
/// [`StartError`] names what the settings or keys got wrong.
pub async fn run(config: Inner, _clock: Clock, shutdown: Shutdown) -> Result<Running, StartError> {
    let keys = open_keys(&config.keys, &config.spool)?;
    let tls = dialler(&keys, Host::Lgwan, Pins::of(&keys, Host::Sanitizer)?)?;
    let peer = Peer { address: config.peer, tls };
    let set = Arc::new(keys.set().clone());
    let mut running = Running::new(&shutdown);
    running.open_ops(config.ops).await?;
    let spool =
        ReceiverSpool::open(&config.spool, &identity(&set, Lane::In)).map_err(RoleFault::from)?;
    let (spool, keys) = (Arc::new(spool), Arc::clone(&set));
    running.spawn(pull(peer.clone(), Lane::In, spool, keys, shutdown.clone()));
    for lane in [Lane::PubCtl, Lane::PubDoc] {
        let source = Source::open(&config.spool, &identity(&set, lane)).map_err(RoleFault::from)?;
        running.spawn(push(peer.clone(), lane, Arc::new(source), shutdown.clone()));
    }
    tracing::info!("bridge inner is ready");
    Ok(running)
}
