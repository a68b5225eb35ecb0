//! What an application was told to pay: kept sealed for its receipt and its page.

use domain::forms::Answers;
use internet_zone_store::applications::charges;
use platform_web::Trouble;

use crate::forms::fee::{self, Fee};
use crate::places;
use crate::shelf::Entry;
use crate::site::Site;

/// The amounts of these answers, sealed; `None` when nothing is charged for at all.
pub(super) fn sealed(
    site: &Site,
    entry: &Entry,
    (application, answers): (&str, &Answers),
) -> Option<Vec<u8>> {
    let amounts = fee::amounts(entry.procedure(), answers);
    let written = serde_json::to_vec(&amounts).ok()?;
    let told = !amounts.is_empty();
    told.then(|| site.vault.seal(places::charges(application), &written))
}

/// The amounts an application was told.
pub(super) async fn of(site: &Site, application: &str) -> Result<Answers, Trouble> {
    let id = application.to_owned();
    let sealed = site.store.read(move |db| charges::of(db, &id)).await?;
    let open = |sealed: &Vec<u8>| site.vault.open(places::charges(application), sealed).ok();
    let amounts = sealed.as_ref().and_then(open);
    let amounts = amounts.and_then(|plain| serde_json::from_slice(&plain).ok());
    Ok(amounts.unwrap_or_default())
}

/// The same as pages show it.
pub(super) async fn told(
    site: &Site,
    entry: &Entry,
    application: &str,
) -> Result<Vec<(String, Fee)>, Trouble> {
    Ok(fee::all(entry.procedure(), &of(site, application).await?))
}
