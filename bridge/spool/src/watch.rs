//! When to look at a folder again.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use notify::event::{EventKind, ModifyKind};
use notify::{RecommendedWatcher, RecursiveMode, Watcher as _};
use tokio::sync::Notify;

/// Longest time between two looks. This, not the system's events, is what
/// correctness stands on: events get lost under load and on network folders.
const SCAN: Duration = Duration::from_secs(2);

/// Returns when a folder may have changed.
#[derive(Debug)]
pub struct Watch {
    changed: Arc<Notify>,
    _watcher: Option<RecommendedWatcher>,
}

impl Watch {
    pub(crate) fn of(dir: &Path) -> Self {
        let changed = Arc::new(Notify::new());
        let nudge = Arc::clone(&changed);
        let watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
            // Our own reading must not wake us; an error or overflow must.
            if event.as_ref().map_or(true, tells_of_a_name) {
                nudge.notify_one();
            }
        })
        .and_then(|mut watcher| {
            watcher.watch(dir, RecursiveMode::NonRecursive)?;
            Ok(watcher)
        });
        if let Err(error) = &watcher {
            tracing::warn!(%error, "no change events for a spool folder; it is scanned every 2 s");
        }
        Self { changed, _watcher: watcher.ok() }
    }

    /// Returns after a change, or after 2 s. A change between two calls makes
    /// the second return at once.
    pub async fn changed(&self) {
        // Both outcomes mean the same: look.
        let _ = tokio::time::timeout(SCAN, self.changed.notified()).await;
    }
}

fn tells_of_a_name(event: &notify::Event) -> bool {
    event.need_rescan()
        || matches!(
            event.kind,
            EventKind::Create(_) | EventKind::Remove(_) | EventKind::Modify(ModifyKind::Name(_))
        )
}
