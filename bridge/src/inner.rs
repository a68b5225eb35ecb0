//! `bridge inner` on host L: pulls sanitized applications from S and pushes
//! publications to S. It dials; nothing on L listens toward S or I (IK-3.5.7b).
//! It holds no key but its TLS key and cannot open an item.

use std::sync::Arc;

use bridge_contract::place::{Host, Lane};
use bridge_spool::{ReceiverSpool, Source, open_keys};
use platform_service::clock::Clock;
use platform_service::halts::Halts;
use platform_service::shutdown::Shutdown;

use crate::carrier::{Peer, Pins, dialler, pull, push};
use crate::config::{Inner, meter};
use crate::confine::Allowance;
use crate::faults::{RoleFault, StartError};
use crate::own_lane::identity;
use crate::running::{Ready, Running};

/// Starts the role in this process as it is: the walls are the program's.
///
/// # Errors
/// [`StartError`] names what the settings or keys got wrong.
pub async fn run(config: Inner, _: Clock, shutdown: Shutdown) -> Result<Running, StartError> {
    prepare(config)?.begin(Halts::default(), &shutdown)
}

/// Reads the keys and opens what the role works with.
///
/// # Errors
/// [`StartError`] names what the settings or keys got wrong.
pub fn prepare(config: Inner) -> Result<Ready, StartError> {
    let keys = open_keys(&config.keys, &config.spool)?;
    let (live, set) = (keys.live(), keys.set());
    let tls = dialler(&keys, Host::Lgwan, Pins::of(&live, Host::Sanitizer)?)?;
    let meter = meter(&config.spool, config.backlog_mb);
    let allowance = Allowance::new(&config.spool).dialling(&config.peer);
    let peer = Peer { address: config.peer, tls, keys: Arc::clone(&live) };
    let mut pulled = Vec::new();
    for lane in [Lane::In, Lane::InBulk] {
        let spool =
            ReceiverSpool::open(&config.spool, &identity(set, lane)).map_err(RoleFault::from)?;
        pulled.push((lane, Arc::new(spool)));
    }
    let mut published = Vec::new();
    for lane in [Lane::PubCtl, Lane::PubDoc] {
        let source = Source::open(&config.spool, &identity(set, lane)).map_err(RoleFault::from)?;
        published.push((lane, Arc::new(source)));
    }
    let watched = (Arc::clone(&live), config.spool.clone());
    Ready::new(allowance, (config.ops, meter), watched, move |running| {
        let shutdown = running.shutdown();
        for (lane, spool) in pulled {
            let (peer, keys) = (peer.clone(), Arc::clone(&live));
            running.spawn(pull(peer, lane, spool, keys, running.pressure(), shutdown.clone()));
        }
        for (lane, source) in published {
            running.spawn(push(peer.clone(), lane, source, shutdown.clone()));
        }
        tracing::info!("bridge inner is ready");
        Ok(())
    })
}
