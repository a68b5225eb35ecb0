//! Collects files that no row names.

use internet_zone_store::applications::orphans;
use internet_zone_web::site::Site;
use platform_store::orphans::OrphanError;
pub use platform_store::orphans::Round;

/// Looks into the next few folders; returns how many files it deleted.
///
/// # Errors
/// [`OrphanError`]; what was deleted stays deleted.
pub async fn look(site: &Site, round: &mut Round) -> Result<usize, OrphanError> {
    let place = (&site.store, &site.files);
    platform_store::orphans::look(place, site.clock.now(), round, orphans::unnamed).await
}
