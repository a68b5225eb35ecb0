//! Drops what staff began to enter and left for a month (IK-2.1.2a3), with its scans.

use std::time::Duration;

use jiff::ToSpan as _;
use lgwan_zone_store::By;
use lgwan_zone_store::applications::entries;
use platform_service::clock::Clock;
use platform_service::shutdown::Shutdown;
use platform_store::files::Files;
use platform_store::{Store, StoreError};

/// Time between two looks.
const EVERY: Duration = Duration::from_secs(3_600);

/// Looks until told to stop. What cannot be dropped is tried again.
pub(crate) async fn run(
    (store, files): (Store, Files),
    clock: Clock,
    stop: Shutdown,
) -> Result<(), String> {
    loop {
        if let Err(error) = drop_left(&store, &files, &clock).await {
            tracing::error!(%error, "entries that were left cannot be dropped");
        }
        tokio::select! {
            () = stop.wait() => return Ok(()),
            () = tokio::time::sleep(EVERY) => {}
        }
    }
}

/// Drops what nobody saved for [`entries::KEPT_DAYS`].
///
/// # Errors
/// When the database cannot be used; what was dropped before stays so.
pub async fn drop_left(store: &Store, files: &Files, clock: &Clock) -> Result<(), StoreError> {
    let hours = entries::KEPT_DAYS * 24;
    let before = clock.now().checked_sub(hours.hours()).unwrap_or(clock.now()).as_microsecond();
    for id in store.read(move |db| entries::left(db, before)).await? {
        let by = By::system(clock.now());
        let gone = store.write(move |tx| entries::discard(tx, &by, &id)).await?;
        let files = files.clone();
        let deleted = tokio::task::spawn_blocking(move || {
            gone.iter().try_for_each(|name| files.delete(name))
        });
        if !matches!(deleted.await, Ok(Ok(()))) {
            tracing::error!("a scan of a dropped entry cannot be deleted");
        }
    }
    Ok(())
}
