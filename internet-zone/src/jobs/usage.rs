//! Writes down how the pages were used, and tells the staff zone (NF-25, IK-2.1.3).

use std::time::Duration;

use bridge_lanes::Wake;
use internet_zone_store::{filling, missed, usage};
use internet_zone_web::site::Site;
use platform_service::shutdown::Shutdown;
use platform_store::StoreError;

use super::next_look;

/// Time between two writings.
const EVERY: Duration = Duration::from_secs(30);
/// Writings between two messages to the staff zone: an hour.
const TELL: u32 = 120;
/// Days kept after they were told.
const KEPT: i64 = 400;

/// Counts until told to stop, and writes down once more then.
pub async fn run(site: Site, shutdown: Shutdown) {
    let nobody = Wake::default();
    let mut round = 0_u32;
    loop {
        let go_on = next_look(&nobody, EVERY, &shutdown).await;
        if let Err(error) = write_down(&site).await {
            tracing::error!(%error, "the use of pages cannot be written down");
        }
        round = round.wrapping_add(1);
        if !go_on {
            return;
        }
        if round.is_multiple_of(TELL)
            && let Err(error) = tell(&site).await
        {
            tracing::error!(%error, "the use of pages cannot be told");
        }
    }
}

/// Writes down what was counted since the last time.
///
/// # Errors
/// When the database cannot be written; the counts are kept for the next time.
pub async fn write_down(site: &Site) -> Result<(), StoreError> {
    for (day, words) in site.missed().take(&site.vault) {
        let since = day.saturating_sub(jiff::Span::new().days(missed::DAYS)).to_string();
        let day = day.to_string();
        site.store.write(move |tx| missed::add(tx, (&since, &day), &words)).await?;
    }
    let counts = site.fillings().take();
    if !counts.is_empty() {
        let kept = counts.clone();
        let written = site.store.write(move |tx| {
            counts.iter().try_for_each(|(key, times)| filling::add(tx, key, *times))
        });
        if let Err(error) = written.await {
            site.fillings().give_back(kept);
            return Err(error);
        }
    }
    let counts = site.usage().take();
    if counts.is_empty() {
        return Ok(());
    }
    let kept = counts.clone();
    let written = site
        .store
        .write(move |tx| counts.iter().try_for_each(|(key, times)| usage::add(tx, key, *times)))
        .await;
    if written.is_err() {
        site.usage().give_back(kept);
    }
    written
}

/// Tells the staff zone of every day it does not know everything of, and forgets old days.
///
/// # Errors
/// When the database cannot be used; what was not told is told the next time.
pub async fn tell(site: &Site) -> Result<(), StoreError> {
    for day in site.store.read(usage::untold).await? {
        let counted = site.store.read(move |db| usage::counted(db, &day)).await?;
        let (letter, now) = (site.post.usage(site.new_id(), &counted), site.micros());
        site.store.write(move |tx| usage::tell(tx, &counted, letter, now)).await?;
        (site.wake)();
    }
    while let Some(counted) = site.store.read(filling::untold).await? {
        let (letter, now) = (site.post.filling(site.new_id(), &counted), site.micros());
        site.store.write(move |tx| filling::tell(tx, &counted, letter, now)).await?;
        (site.wake)();
    }
    for day in site.store.read(missed::untold).await? {
        let words = site.store.read(move |db| missed::counted(db, &day)).await?;
        let (letter, now) = (site.post.missed(site.new_id(), &words), site.micros());
        site.store.write(move |tx| missed::tell(tx, &words, letter, now)).await?;
        (site.wake)();
    }
    let since = site.today().saturating_sub(jiff::Span::new().days(missed::DAYS)).to_string();
    let before = site.today().saturating_sub(jiff::Span::new().days(KEPT)).to_string();
    site.store
        .write(move |tx| {
            missed::forget(tx, &since, &before)?;
            filling::forget(tx, &before)?;
            usage::forget(tx, &before).map(drop)
        })
        .await
}
