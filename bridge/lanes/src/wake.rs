//! A nudge from the side that commits to the side that sends.

use std::sync::Arc;

use tokio::sync::Notify;

/// Tells a lane's sender that something was committed. A lost nudge costs
/// two seconds, never an item: the sender also looks by itself.
#[derive(Clone, Debug, Default)]
pub struct Wake(Arc<Notify>);

impl Wake {
    /// A nudge nobody has given yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Call after the commit that put an item into the outbox.
    pub fn signal(&self) {
        self.0.notify_one();
    }

    /// Returns after the next signal, or at once when one was given meanwhile.
    pub async fn wait(&self) {
        self.0.notified().await;
    }
}
