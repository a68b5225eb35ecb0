//! Notes every minute that this zone works (NB-9), and tells the citizens' zone every hour how
//! long the operation log is (NF-43).

use std::time::Duration;

use bridge_lanes::Wake;
use lgwan_zone_store::post::Office;
use lgwan_zone_store::{audit, uptime};
use platform_service::clock::Clock;
use platform_service::shutdown::Shutdown;
use platform_store::{Store, StoreError, time};

/// Time between two notes.
const EVERY: Duration = Duration::from_secs(60);
/// Notes between two messages: an hour.
const TELL: u32 = 60;

/// Notes and tells until told to stop.
pub(crate) async fn run(
    store: Store,
    office: Office,
    clock: Clock,
    posted: Wake,
    stop: Shutdown,
) -> Result<(), String> {
    let mut round = 0_u32;
    loop {
        let now = time::to_micros(clock.now());
        if let Err(error) = store.write(move |tx| uptime::note(tx, now)).await {
            tracing::error!(%error, "it cannot be noted that the zone works");
        }
        if round.is_multiple_of(TELL) {
            match anchor(&store, &office, &clock).await {
                Ok(true) => posted.signal(),
                Ok(false) => {}
                Err(error) => tracing::error!(%error, "the citizens' zone cannot be told"),
            }
        }
        round = round.wrapping_add(1);
        tokio::select! {
            () = stop.wait() => break,
            () = tokio::time::sleep(EVERY) => {}
        }
    }
    Ok(())
}

/// Tells the citizens' zone of the newest checkpoint; `false` when it knows.
///
/// # Errors
/// When the database cannot be used.
pub async fn anchor(store: &Store, office: &Office, clock: &Clock) -> Result<bool, StoreError> {
    let (office, now) = (office.clone(), clock.now());
    store.write(move |tx| audit::anchor(tx, &office, now)).await
}
