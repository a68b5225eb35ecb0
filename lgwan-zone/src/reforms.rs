//! Does the reforms whose day has come (NB-6.5): departments, staff, procedures and applications in
//! one transaction, with what the citizens' zone is told. One that does not fit any more is an alarm.

use std::sync::Arc;
use std::time::Duration;

use lgwan_zone_store::identity::departments;
use lgwan_zone_store::identity::reforms::{self, Effect};
use lgwan_zone_store::post::{self, Office};
use lgwan_zone_store::procedures::{self, Looked, Published};
use lgwan_zone_store::{By, QueryError};
use lgwan_zone_web::procedures::publish;
use lgwan_zone_web::words;
use platform_service::clock::Clock;
use platform_service::halts::{Halts, Need};
use platform_service::shutdown::Shutdown;
use platform_store::{Store, StoreError, Tx};

/// Time between two looks: a reform holds before anybody is at the desk.
const EVERY: Duration = Duration::from_secs(60);
/// Part of the name of a stopped reform among what is in need.
const PART: &str = "reform ";

/// Looks until told to stop. A reform that fails by a fault of ours is tried again.
pub(crate) async fn run(
    (store, office, clock, halts): (Store, Office, Clock, Halts),
    posted: Arc<dyn Fn() + Send + Sync>,
    stop: Shutdown,
) -> Result<(), String> {
    loop {
        match take_effect(&store, &office, &clock).await {
            Ok(true) => posted(),
            Ok(false) => {}
            Err(error) => tracing::error!(%error, "a reform cannot be done"),
        }
        if let Err(error) = tell(&store, &halts).await {
            tracing::error!(%error, "it cannot be told which reforms were stopped");
        }
        tokio::select! {
            () = stop.wait() => return Ok(()),
            () = tokio::time::sleep(EVERY) => {}
        }
    }
}

/// Does what is due now; `true` when the citizens' zone is told something.
///
/// # Errors
/// When the database cannot be used; each reform is done whole or not at all.
pub async fn take_effect(
    store: &Store,
    office: &Office,
    clock: &Clock,
) -> Result<bool, StoreError> {
    let today = words::day(clock.now()).to_string();
    let wanted = today.clone();
    let mut told = false;
    for id in store.read(move |db| reforms::due(db, &wanted)).await? {
        let (by, office) = (By::system(clock.now()), office.clone());
        let (clock, today) = (clock.clone(), today.clone());
        told |= store.write(move |tx| one(tx, &by, (&office, &clock), (&id, &today))).await?;
    }
    Ok(told)
}

/// Says which reforms were stopped on their day, until an administrator has set them anew or given them up.
///
/// # Errors
/// When the database cannot be read.
pub async fn tell(store: &Store, halts: &Halts) -> Result<(), StoreError> {
    let blocked = store.read(reforms::blocked).await?;
    for need in halts.warnings() {
        let id = need.part.strip_prefix(PART);
        if id.is_some_and(|id| blocked.iter().all(|(one, _)| one != id)) {
            halts.all_is_well(&need.part);
        }
    }
    for (id, day) in blocked {
        let day = day.unwrap_or_default();
        halts.warn(Need {
            part: format!("{PART}{id}"),
            code: "reform_blocked",
            why: format!("the reform {id} of {day} does not fit any more: nothing of it was done"),
            detail: day,
        });
    }
    Ok(())
}

fn one(
    tx: &mut Tx<'_>,
    by: &By,
    (office, clock): (&Office, &Clock),
    of: (&str, &str),
) -> Result<bool, QueryError> {
    let anew = match reforms::take_effect(tx, by, clock, of)? {
        Effect::Done(anew) => anew,
        Effect::Blocked => {
            tracing::error!(reform = of.0, "a reform does not fit any more: nothing of it is done");
            return Ok(false);
        }
        Effect::Not => return Ok(false),
    };
    for (newest, procedure) in anew {
        let number = u32::try_from(newest).unwrap_or(0) + 1;
        let new = publish::revision(office, *procedure, number)
            .map_err(|_| QueryError::SerializationError("a definition".into()))?;
        if procedures::publish(tx, by, &new, &Looked::Once)? != Published::Done {
            return Err(QueryError::RollbackTransaction);
        }
    }
    let departments = departments::told(tx.db)?;
    post::put(tx, &office.departments(&departments, by.at), by.at)?;
    Ok(true)
}
