//! What a zone must know of its database before it gives numbers.

use tokio::sync::watch;

/// Opens once the sender of a lane found that the database is not an older one, or once what must be done
/// when it is an older one is done. Clones open together; once open it stays so.
#[derive(Clone, Debug)]
pub struct Gate(watch::Sender<bool>);

impl Default for Gate {
    fn default() -> Self {
        Self::new()
    }
}

impl Gate {
    /// A closed one.
    #[must_use]
    pub fn new() -> Self {
        Self(watch::channel(false).0)
    }

    /// Opens it.
    pub fn open(&self) {
        self.0.send_replace(true);
    }

    /// Whether it is open.
    #[must_use]
    pub fn is_open(&self) -> bool {
        *self.0.borrow()
    }

    /// Returns once it is open.
    pub async fn wait(&self) {
        let mut heard = self.0.subscribe();
        // The sender lives as long as `self`, so this cannot fail.
        let _ = heard.wait_for(|open| *open).await;
    }
}
