//! A role that is ready, and one that runs: its tasks, and how they end.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use bridge_contract::keys::LiveKeys;
use bridge_spool::{Pressure, SpoolMeter, watch_keys, watch_room};
use platform_service::halts::Halts;
use platform_service::metrics::Metrics;
use platform_service::ops;
use platform_service::shutdown::Shutdown;
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

use crate::carrier::{Desk, serve};
use crate::confine::Allowance;
use crate::door::Door;
use crate::faults::{RoleFault, StartError};

type Begin = Box<dyn FnOnce(&mut Running) -> Result<(), StartError> + Send>;

/// A role whose keys are read and whose listeners are open, and which has not
/// heard a byte from anyone: the moment to raise its walls.
pub struct Ready {
    allowance: Allowance,
    ops: Option<Door>,
    meter: SpoolMeter,
    /// The key set, and the spool folder where a newer one appears.
    keys: (Arc<LiveKeys>, PathBuf),
    begin: Begin,
}

impl Ready {
    pub(crate) fn new(
        allowance: Allowance,
        (ops, meter): (Option<SocketAddr>, SpoolMeter),
        keys: (Arc<LiveKeys>, PathBuf),
        begin: impl FnOnce(&mut Running) -> Result<(), StartError> + Send + 'static,
    ) -> Result<Self, StartError> {
        let ops = ops.map(Door::new).transpose()?;
        Ok(Self { allowance, ops, meter, keys, begin: Box::new(begin) })
    }

    /// What it still needs.
    #[must_use]
    pub const fn allowance(&self) -> &Allowance {
        &self.allowance
    }

    /// Begins to work, within a runtime whose threads have the walls.
    /// Monitors see `halts`.
    ///
    /// # Errors
    /// [`StartError`] when an open listener cannot be used.
    pub fn begin(self, halts: Halts, shutdown: &Shutdown) -> Result<Running, StartError> {
        let mut running = Running::new(shutdown, halts.clone());
        let metrics = Metrics::default();
        running.open_ops(self.ops, halts.clone(), metrics.clone())?;
        let watched =
            watch_room(self.meter, running.pressure(), (halts, metrics), running.shutdown());
        running.spawn(async move {
            watched.await;
            Ok(())
        });
        let watched = watch_keys(self.keys.0, self.keys.1, running.shutdown());
        running.spawn(async move {
            watched.await;
            Ok(())
        });
        (self.begin)(&mut running)?;
        Ok(running)
    }
}

/// A role that has started.
#[derive(Debug)]
pub struct Running {
    /// Where it listens for its peer; `None` for roles that only dial.
    pub addr: Option<SocketAddr>,
    /// Where monitors reach it, when the settings say so.
    pub ops_addr: Option<SocketAddr>,
    tasks: JoinSet<Result<(), RoleFault>>,
    shutdown: Shutdown,
    pressure: Pressure,
    halts: Halts,
}

impl Running {
    fn new(shutdown: &Shutdown, halts: Halts) -> Self {
        Self {
            addr: None,
            ops_addr: None,
            tasks: JoinSet::new(),
            shutdown: shutdown.clone(),
            pressure: Pressure::default(),
            halts,
        }
    }

    pub(crate) fn spawn(
        &mut self,
        task: impl Future<Output = Result<(), RoleFault>> + Send + 'static,
    ) {
        self.tasks.spawn(task);
    }

    fn open_ops(
        &mut self,
        door: Option<Door>,
        halts: Halts,
        metrics: Metrics,
    ) -> Result<(), StartError> {
        let Some(door) = door else { return Ok(()) };
        let (address, health): (_, ops::Health) = (door.addr, Arc::new(|| Ok(())));
        let ops = door
            .open()
            .and_then(|listener| {
                ops::serve_on(listener, health, halts, metrics, self.shutdown.clone())
            })
            .map_err(|why| StartError::Listen { address, why })?;
        self.ops_addr = Some(ops.addr);
        Ok(())
    }

    /// Answers peers on the door; says where it is.
    pub(crate) fn serve(
        &mut self,
        door: Door,
        tls: TlsAcceptor,
        desk: Arc<Desk>,
    ) -> Result<SocketAddr, StartError> {
        let address = door.addr;
        let listener = door.open().map_err(|why| StartError::Listen { address, why })?;
        self.addr = Some(address);
        self.spawn(serve(listener, tls, desk, self.shutdown()));
        Ok(address)
    }

    pub(crate) fn shutdown(&self) -> Shutdown {
        self.shutdown.clone()
    }

    /// How full the spool is; a role that fetches stops at the last mark.
    pub(crate) fn pressure(&self) -> Pressure {
        self.pressure.clone()
    }

    /// Lanes that stopped while the role goes on, and what is in need.
    #[must_use]
    pub fn halts(&self) -> Halts {
        self.halts.clone()
    }

    /// Returns when every task has ended.
    ///
    /// # Errors
    /// What stopped the role, when nobody asked it to.
    pub async fn join(mut self) -> Result<(), RoleFault> {
        let mut fault = None;
        while let Some(ended) = self.tasks.join_next().await {
            let ended = ended.unwrap_or_else(|error| Err(RoleFault::Panicked(error.to_string())));
            if let Err(why) = ended {
                tracing::error!(%why, "a task ended; the role stops");
                fault.get_or_insert(why);
            }
            self.shutdown.trigger();
        }
        fault.map_or(Ok(()), Err)
    }
}

/// Runs disk work away from the async threads.
pub(crate) async fn blocking<T, E, F>(work: F) -> Result<T, RoleFault>
where
    T: Send + 'static,
    E: Into<RoleFault> + Send + 'static,
    F: FnOnce() -> Result<T, E> + Send + 'static,
{
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result.map_err(Into::into),
        Err(error) => Err(RoleFault::Panicked(error.to_string())),
    }
}
