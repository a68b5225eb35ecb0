//! One signal to stop, heard by every task.

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

/// A shared stop signal. Clones hear each other; once triggered it stays so.
#[derive(Clone, Debug)]
pub struct Shutdown(watch::Sender<bool>);

impl Default for Shutdown {
    fn default() -> Self {
        Self::new()
    }
}

impl Shutdown {
    /// A signal that nobody has triggered.
    #[must_use]
    pub fn new() -> Self {
        Self(watch::channel(false).0)
    }

    /// Tells every task to stop.
    pub fn trigger(&self) {
        self.0.send_replace(true);
    }

    /// Whether the signal was given.
    #[must_use]
    pub fn is_triggered(&self) -> bool {
        *self.0.borrow()
    }

    /// Returns once the signal is given.
    pub async fn wait(&self) {
        let mut heard = self.0.subscribe();
        // The sender lives as long as `self`, so this cannot fail.
        let _ = heard.wait_for(|stop| *stop).await;
    }

    /// Triggers this signal on SIGTERM or SIGINT.
    ///
    /// # Errors
    /// When the signal handlers cannot be installed.
    pub fn on_signals(&self) -> std::io::Result<()> {
        let (mut term, mut int) =
            (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
        let stop = self.clone();
        tokio::spawn(async move {
            tokio::select! {
                _ = term.recv() => {}
                _ = int.recv() => {}
                () = stop.wait() => {}
            }
            stop.trigger();
        });
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn every_clone_hears_the_signal() {
        let stop = Shutdown::new();
        let heard = stop.clone();
        assert!(!heard.is_triggered());
        stop.trigger();
        heard.wait().await;
        assert!(heard.is_triggered());
    }
}
