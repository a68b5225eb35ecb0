//! Takes over the lists of staff whose day has come (NB-7.1).

use std::time::Duration;

use lgwan_zone_store::By;
use lgwan_zone_store::identity::rosters;
use lgwan_zone_web::words;
use platform_service::clock::Clock;
use platform_service::shutdown::Shutdown;
use platform_store::{Store, StoreError};

/// Time between two looks: who moves at midnight has moved before anybody is at the desk.
const EVERY: Duration = Duration::from_secs(60);

/// Looks until told to stop. A list that cannot be taken over is tried again.
pub(crate) async fn run(store: Store, clock: Clock, stop: Shutdown) -> Result<(), String> {
    loop {
        if let Err(error) = take_over(&store, &clock).await {
            tracing::error!(%error, "a list of staff cannot be taken over");
        }
        tokio::select! {
            () = stop.wait() => return Ok(()),
            () = tokio::time::sleep(EVERY) => {}
        }
    }
}

/// Takes over what is due now.
///
/// # Errors
/// When the database cannot be used; what was taken over before stays.
pub async fn take_over(store: &Store, clock: &Clock) -> Result<(), StoreError> {
    let today = words::day(clock.now()).to_string();
    for id in store.read(move |db| rosters::due(db, &today)).await? {
        let (by, clock) = (By::system(clock.now()), clock.clone());
        store.write(move |tx| rosters::apply(tx, &by, &clock, &id)).await?;
    }
    Ok(())
}
