//! Writes generations into the folder of server A and reads pick-up receipts.

use std::sync::Arc;

use platform_service::shutdown::Shutdown;
use tokio::sync::Notify;

use crate::config::Exports;
use crate::parts::Parts;

/// The export task.
pub(crate) struct Exporter {
    started: Arc<Notify>,
}

impl Exporter {
    pub(crate) fn new(_parts: &Parts, _config: &Exports, started: Arc<Notify>) -> Self {
        Self { started }
    }

    pub(crate) async fn run(self, stop: Shutdown) -> Result<(), String> {
        loop {
            tokio::select! {
                () = stop.wait() => return Ok(()),
                () = self.started.notified() => {}
            }
        }
    }
}
