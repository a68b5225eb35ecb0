//! Forgets people without an account who are needed no more: 30 days after they came, when nothing of
//! theirs is left in this zone. One look takes the next few, so that it costs the same however many stay.

use internet_zone_store::identity::guests;
use internet_zone_web::site::Site;
use platform_store::StoreError;

/// Guests of one look.
const BATCH: i64 = 100;
/// Microseconds after which one may go.
const OLD: i64 = 30 * 24 * 3_600_000_000;

/// Where the last look ended.
#[derive(Debug, Default)]
pub struct Round {
    after: String,
}

/// Looks at the next few; returns how many were forgotten.
///
/// # Errors
/// When the database cannot be used. The next look goes on where this one began.
pub async fn look(site: &Site, round: &mut Round) -> Result<usize, StoreError> {
    let (after, before) = (round.after.clone(), site.micros() - OLD);
    let next = site.store.read(move |db| guests::old(db, &after, before, BATCH)).await?;
    let Some(last) = next.last().cloned() else {
        round.after.clear();
        return Ok(0);
    };
    let gone = site.store.write(move |tx| guests::forget_unneeded(tx, &next, before)).await?;
    round.after = last;
    Ok(gone)
}
