//! Tells the staff zone what the operation log of this zone says, so that it stands in two places
//! (NF-41), and when this zone was at work (NB-9).

use std::time::Duration;

use bridge_lanes::Wake;
use internet_zone_store::{log, uptime};
use internet_zone_web::site::Site;
use platform_service::shutdown::Shutdown;
use platform_store::StoreError;

use super::next_look;

/// Time between two looks.
const EVERY: Duration = Duration::from_secs(60);
/// Events of one message: some 100 KB.
const EVENTS: i64 = 500;
/// Messages of one look: what a busy hour leaves behind goes out over minutes, and never
/// fills the way that applications take.
const MESSAGES: usize = 20;
/// Looks between two messages about the zone's hours: an hour.
const TELL: u32 = 60;
/// Microseconds of the past that a message about hours repeats: two days.
const REPEATED: i64 = 2 * DAY;
/// Microseconds after which a stretch is forgotten here: 400 days.
const KEPT: i64 = 400 * DAY;
const DAY: i64 = 86_400_000_000;

/// Tells until told to stop.
pub async fn run(site: Site, shutdown: Shutdown) {
    let nobody = Wake::default();
    let mut round = 0_u32;
    loop {
        let noted = site.micros();
        if let Err(error) = site.store.write(move |tx| uptime::note(tx, noted)).await {
            tracing::error!(%error, "it cannot be noted that the zone works");
        }
        if !next_look(&nobody, EVERY, &shutdown).await {
            return;
        }
        if let Err(error) = tell_events(&site).await {
            tracing::error!(%error, "the operation log cannot be told");
        }
        round = round.wrapping_add(1);
        if round.is_multiple_of(TELL)
            && let Err(error) = tell_hours(&site).await
        {
            tracing::error!(%error, "the zone's hours cannot be told");
        }
    }
}

/// Tells the staff zone of the events it does not know, oldest first; how many messages it took.
///
/// # Errors
/// When the database cannot be used; what was not told is told the next time.
pub async fn tell_events(site: &Site) -> Result<usize, StoreError> {
    for sent in 0..MESSAGES {
        let Some(told) = site.store.read(|db| log::untold(db, EVENTS)).await? else {
            return Ok(sent);
        };
        let (letter, now) = (site.post.events(site.new_id(), &told), site.micros());
        site.store.write(move |tx| log::tell(tx, &told, letter, now)).await?;
        (site.wake)();
    }
    Ok(MESSAGES)
}

/// Tells the staff zone when this zone was at work.
///
/// # Errors
/// When the database cannot be used; the next message says it too.
pub async fn tell_hours(site: &Site) -> Result<(), StoreError> {
    let now = site.micros();
    let told = site.store.read(move |db| uptime::since(db, now - REPEATED)).await?;
    let letter = site.post.hours(site.new_id(), &told);
    site.store.write(move |tx| uptime::tell(tx, letter, now, now - KEPT)).await?;
    (site.wake)();
    Ok(())
}
