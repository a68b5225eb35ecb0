//! A running role: its tasks, and how they end.

use std::net::SocketAddr;

use platform_service::halts::Halts;
use platform_service::metrics::Metrics;
use platform_service::ops;
use platform_service::shutdown::Shutdown;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use crate::faults::{RoleFault, StartError};

/// A role that has started.
#[derive(Debug)]
pub struct Running {
    /// Where it listens for its peer; `None` for roles that only dial.
    pub addr: Option<SocketAddr>,
    /// Where monitors reach it, when the settings say so.
    pub ops_addr: Option<SocketAddr>,
    tasks: JoinSet<Result<(), RoleFault>>,
    shutdown: Shutdown,
}

impl Running {
    pub(crate) fn new(shutdown: &Shutdown) -> Self {
        Self { addr: None, ops_addr: None, tasks: JoinSet::new(), shutdown: shutdown.clone() }
    }

    pub(crate) fn spawn(
        &mut self,
        task: impl Future<Output = Result<(), RoleFault>> + Send + 'static,
    ) {
        self.tasks.spawn(task);
    }

    pub(crate) async fn open_ops(&mut self, listen: Option<SocketAddr>) -> Result<(), StartError> {
        let Some(address) = listen else { return Ok(()) };
        let health: ops::Health = std::sync::Arc::new(|| Ok(()));
        let ops = ops::serve(
            address,
            health,
            Halts::default(),
            Metrics::default(),
            self.shutdown.clone(),
        )
        .await
        .map_err(|why| StartError::Listen { address, why })?;
        self.ops_addr = Some(ops.addr);
        Ok(())
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

pub(crate) async fn bind(address: SocketAddr) -> Result<(TcpListener, SocketAddr), StartError> {
    let fail = |why| StartError::Listen { address, why };
    let listener = TcpListener::bind(address).await.map_err(fail)?;
    let addr = listener.local_addr().map_err(fail)?;
    Ok((listener, addr))
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
