//! Drops the files that no row names: an upload broke off, a step was refused after its document was
//! durable (MN-7.2). What was never part of an application would never be deleted with one.

use std::time::Duration;

use lgwan_zone_store::orphans::unnamed;
use platform_service::clock::Clock;
use platform_service::shutdown::Shutdown;
use platform_store::Store;
use platform_store::files::Files;
use platform_store::orphans::{OrphanError, Round, look};

/// Time between two looks; a round through all folders takes about two hours.
const EVERY: Duration = Duration::from_secs(60);

/// Looks until told to stop.
pub(crate) async fn run(
    (store, files): (Store, Files),
    clock: Clock,
    stop: Shutdown,
) -> Result<(), String> {
    let mut round = Round::default();
    loop {
        if let Err(error) = drop_nameless((&store, &files), &clock, &mut round).await {
            tracing::error!(%error, "the look for files without a row did not finish");
        }
        tokio::select! {
            () = stop.wait() => return Ok(()),
            () = tokio::time::sleep(EVERY) => {}
        }
    }
}

/// Drops the files of the next folders that are a day old and that no row names; returns how many.
///
/// # Errors
/// [`OrphanError`]; what was deleted stays deleted.
pub async fn drop_nameless(
    place: (&Store, &Files),
    clock: &Clock,
    round: &mut Round,
) -> Result<usize, OrphanError> {
    look(place, clock.now(), round, unnamed).await
}
