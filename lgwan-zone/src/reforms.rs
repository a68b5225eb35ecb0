//! Does the reforms whose day has come (NB-6.5): departments, staff, procedures and applications in
//! one transaction, with what the citizens' zone is told.

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
use platform_service::shutdown::Shutdown;
use platform_store::{Store, StoreError, Tx};

/// Time between two looks: a reform holds before anybody is at the desk.
const EVERY: Duration = Duration::from_secs(60);

/// Looks until told to stop. A reform that fails by a fault of ours is tried again.
pub(crate) async fn run(
    (store, office, clock): (Store, Office, Clock),
    posted: Arc<dyn Fn() + Send + Sync>,
    stop: Shutdown,
) -> Result<(), String> {
    loop {
        match take_effect(&store, &office, &clock).await {
            Ok(true) => posted(),
            Ok(false) => {}
            Err(error) => tracing::error!(%error, "a reform cannot be done"),
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

fn one(
    tx: &mut Tx<'_>,
    by: &By,
    (office, clock): (&Office, &Clock),
    of: (&str, &str),
) -> Result<bool, QueryError> {
    let anew = match reforms::take_effect(tx, by, clock, of)? {
        Effect::Done(anew) => anew,
        Effect::Blocked | Effect::Not => return Ok(false),
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
