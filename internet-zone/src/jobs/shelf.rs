//! Keeps the procedures in memory equal to the database.

use std::time::Duration;

use bridge_lanes::Wake;
use internet_zone_web::site::Site;
use platform_service::shutdown::Shutdown;

use super::next_look;

/// The database is asked this often whether something was published; the
/// question is one small query, and another process may have done it.
const EVERY: Duration = Duration::from_millis(500);

/// Looks until told to stop.
pub async fn run(site: Site, wake: Wake, shutdown: Shutdown) {
    while next_look(&wake, EVERY, &shutdown).await {
        if let Err(error) = site.shelf.refresh(&site.store).await {
            tracing::error!(%error, "published procedures cannot be read");
        }
    }
}
