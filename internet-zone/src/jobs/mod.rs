//! Work that no request waits for. Each job looks again by itself, so a lost
//! nudge costs seconds, never a mail or a deletion.

pub mod bulletins;
pub mod evidence;
pub mod guests;
mod line;
pub mod mail;
pub mod orphans;
pub mod shelf;
pub mod stale;
pub mod sweep;
pub mod usage;

use std::time::Duration;

use bridge_lanes::Wake;
use platform_service::shutdown::Shutdown;

/// Waits so long whatever nudges; `false` at the end.
async fn pause(least: Duration, shutdown: &Shutdown) -> bool {
    tokio::select! {
        () = shutdown.wait() => false,
        () = tokio::time::sleep(least) => true,
    }
}

/// Waits for a nudge, the next look, or the end; `false` at the end.
async fn next_look(wake: &Wake, every: Duration, shutdown: &Shutdown) -> bool {
    tokio::select! {
        () = shutdown.wait() => false,
        () = wake.wait() => true,
        () = tokio::time::sleep(every) => true,
    }
}
