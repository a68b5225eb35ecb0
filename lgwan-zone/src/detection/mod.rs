//! Looks into the operation logs of both zones for what is worth an alert, and tells operators
//! (IK-3.5.5). What was found stays in the list of alerts until an auditor has looked at it.

mod rules;

use std::collections::BTreeMap;
use std::time::Duration;

use domain::identity::Role;
use jiff::SignedDuration;
use lgwan_zone_store::alerts::{self, Noticed};
use lgwan_zone_store::audit::{self, Filter, Zone};
use lgwan_zone_store::identity::staff;
use lgwan_zone_store::{By, QueryError};
use platform_service::clock::Clock;
use platform_service::halts::{Halts, Need};
use platform_service::shutdown::Shutdown;
use platform_store::{Db, Store, StoreError};

use crate::config::DetectionConfig;

/// Time between two looks: what happens is told within a minute, mail included.
const EVERY: Duration = Duration::from_secs(30);
/// Most events of one kind that a look reads.
const MOST: usize = 20_000;
/// So old is at most what the other zone tells and is looked at: the bridge may have stood still.
const LATE: SignedDuration = SignedDuration::from_hours(24);
/// Part of the name of an alert among what is in need.
const PART: &str = "alert ";

/// Looks until told to stop.
pub(crate) async fn run(
    (store, clock): (Store, Clock),
    limits: DetectionConfig,
    halts: Halts,
    stop: Shutdown,
) -> Result<(), String> {
    loop {
        if let Err(error) = look(&store, &clock, &limits, &halts).await {
            tracing::error!(%error, "the operation logs cannot be looked through");
        }
        tokio::select! {
            () = stop.wait() => return Ok(()),
            () = tokio::time::sleep(EVERY) => {}
        }
    }
}

/// Looks once: keeps what is new, and says what nobody has looked at yet.
///
/// # Errors
/// When the database cannot be used; the next look finds the same.
pub async fn look(
    store: &Store,
    clock: &Clock,
    limits: &DetectionConfig,
    halts: &Halts,
) -> Result<(), StoreError> {
    let now = clock.now();
    let limits = limits.clone();
    let found = store.read(move |db| find(db, now, &limits)).await?;
    if !found.is_empty() {
        let by = By::system(now);
        let clock = clock.clone();
        let new = store.write(move |tx| {
            let mut new = 0;
            for one in &found {
                let id = platform_service::ids::new(&clock);
                new += i32::from(alerts::notice(tx, &by, &id, one)? == Noticed::New);
            }
            Ok(new)
        });
        if new.await? > 0 {
            tracing::warn!("the operation logs hold something that is worth an alert");
        }
    }
    let open = store.read(alerts::open).await?;
    for need in halts.warnings() {
        let id = need.part.strip_prefix(PART);
        if id.is_some_and(|id| open.iter().all(|alert| alert.id != id)) {
            halts.all_is_well(&need.part);
        }
    }
    for alert in open {
        halts.warn(Need {
            part: format!("{PART}{}", alert.id),
            code: alert.rule.key(),
            detail: alert.count.to_string(),
            why: format!("{} by {} ({})", alert.rule.key(), alert.subject, alert.count),
        });
    }
    Ok(())
}

fn find(
    db: &mut Db,
    now: jiff::Timestamp,
    limits: &DetectionConfig,
) -> Result<Vec<alerts::Finding>, QueryError> {
    let recent = now - rules::WINDOW;
    let mut found = within(db, (recent, None), &rules::ACTS, limits)?;
    // By itself, so that what is older hides nothing of now.
    let told: Vec<(Zone, &str)> =
        rules::ACTS.into_iter().filter(|(zone, _)| *zone == Zone::Citizens).collect();
    found.extend(within(db, (now - LATE, Some(recent)), &told, limits)?);
    Ok(found)
}

/// What is worth an alert among these acts of a time.
fn within(
    db: &mut Db,
    (from, until): (jiff::Timestamp, Option<jiff::Timestamp>),
    acts: &[(Zone, &str)],
    limits: &DetectionConfig,
) -> Result<Vec<alerts::Finding>, QueryError> {
    let mut lines = Vec::new();
    for (zone, act) in acts {
        let act = Some((*act).to_owned());
        // Of what citizens do, what was refused is looked at, and nothing else of a day is read for it.
        let result = (*zone == Zone::Citizens).then(|| "refused".to_owned());
        let filter = Filter { from: Some(from), until, act, result, ..Filter::default() };
        lines.extend(audit::look(db, Some(*zone), &filter, None, MOST)?);
    }
    let mut ids: Vec<String> = lines
        .iter()
        .filter(|line| rules::let_in(&line.event))
        .filter_map(|line| line.event.object.strip_prefix("staff:").map(str::to_owned))
        .collect();
    ids.sort_unstable();
    ids.dedup();
    let mut roles: BTreeMap<String, Role> = BTreeMap::new();
    for some in ids.chunks(500) {
        let some = staff::roles(db, some)?;
        roles.extend(some.into_iter().filter_map(|(id, role)| Some((id, Role::parse(&role)?))));
    }
    Ok(rules::find(&lines, &roles, limits))
}
