//! Wrong guesses at codes that open nothing by themselves, counted by the minute: those of one network,
//! so that a stranger closes no page for others, and those of everybody together.

use internet_zone_store::identity::tries;
use platform_store::StoreError;

use crate::caller::Caller;
use crate::site::Site;

/// Wrong codes from one network in a minute.
const OF_NETWORK: i64 = 60;
/// Wrong codes of everybody in a minute.
const IN_ALL: i64 = 6_000;
const MINUTE: i64 = 60_000_000;

/// Counts a guess; under what it was counted, or `None` when there is no room this minute. A right one
/// is given back with [`tries::give_back`].
pub(crate) async fn count(
    site: &Site,
    caller: &Caller,
    what: &str,
) -> Result<Option<[Vec<u8>; 2]>, StoreError> {
    let now = site.micros();
    let minute = now / MINUTE;
    let of_network = site.vault.index(what, &format!("{minute} {}", caller.network()));
    let in_all = site.vault.index(what, &minute.to_string());
    let subjects = [(of_network.clone(), OF_NETWORK), (in_all.clone(), IN_ALL)];
    let room = site.store.write(move |tx| tries::count_each(tx, &subjects, now)).await?;
    Ok(room.then_some([of_network, in_all]))
}
