//! The walk over an operation log: every event read and hashed anew, then the same with one event
//! altered, which must be named. The floor hashes as many bytes and reads nothing.

use std::time::Instant;

use diesel::connection::SimpleConnection as _;
use jiff::{SignedDuration, Timestamp};
use platform_audit::{Event, Verdict, record, verify};
use platform_store::{Store, each_backend};

use crate::floor;
use crate::line::{Goal, line};
use crate::memory::peak;

/// Events written in one transaction.
const BATCH: i64 = 5_000;

/// Writes so many events and walks over them.
///
/// # Errors
/// When the database cannot be used, or the altered event is not named.
pub async fn measure(events: i64) -> Result<(), String> {
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let store = floor::store(&format!("sqlite:{}", folder.path().join("log.db").display()))?;
    fill(&store, events).await?;
    let bare = bare(events);
    let (verdict, rate) = walk(&store, events).await?;
    if !matches!(verdict, Verdict::Whole { events: walked, .. } if walked == events) {
        return Err(format!("the log is not whole: {verdict:?}"));
    }
    line("audit verify, events/s", "/s", rate, Some(bare), Goal::AtLeast(200_000.0));
    let bad = events - events / 10;
    forge(&store, bad).await?;
    match walk(&store, events).await?.0 {
        Verdict::Broken { seq, .. } if seq == bad => {}
        other => return Err(format!("event {bad} was altered, and the walk says {other:?}")),
    }
    line("memory after both walks, peak", "MiB", peak()?, None, Goal::AtMost(128.0));
    Ok(())
}

async fn fill(store: &Store, events: i64) -> Result<(), String> {
    for first in (0..events).step_by(usize::try_from(BATCH).unwrap_or(1)) {
        let written = store.write(move |tx| {
            for n in first..(first + BATCH).min(events) {
                record(tx, event(n));
            }
            Ok(())
        });
        written.await.map_err(|error| error.to_string())?;
    }
    Ok(())
}

/// An event as the staff zone writes them: some 250 bytes.
fn event(n: i64) -> Event {
    let at = Timestamp::UNIX_EPOCH + SignedDuration::from_millis(n);
    let actor = format!("staff:01k9{:022}", n % 300);
    let object = format!("application:01k9{:022}", n / 4);
    Event::new(at, &actor, "applications.accept", &object)
        .from("0123456789abcdef", "192.168.10.25")
        .detail("from=arrived to=accepted version=2")
}

async fn walk(store: &Store, events: i64) -> Result<(Verdict, f64), String> {
    let begun = Instant::now();
    let verdict = store.read(|db| verify(db, None)).await.map_err(|error| error.to_string())?;
    #[expect(clippy::cast_precision_loss, reason = "a rate has few digits")]
    let rate = events as f64 / begun.elapsed().as_secs_f64();
    Ok((verdict, rate))
}

/// Changes an event as an intruder with the database's password would.
async fn forge(store: &Store, seq: i64) -> Result<(), String> {
    let sql = format!(
        "drop trigger audit_events_never_change;
         update audit_events set detail = 'from=arrived to=rejected' where seq = {seq}"
    );
    let forged = store.write(move |tx| each_backend!(tx.db, conn => conn.batch_execute(&sql)));
    forged.await.map_err(|error| error.to_string())
}

/// Events a second when their bytes are hashed and nothing is read.
fn bare(events: i64) -> f64 {
    use bridge_contract::digest::Digest;
    let bytes = vec![7_u8; 250];
    let begun = Instant::now();
    for _ in 0..events {
        std::hint::black_box(Digest::of(std::hint::black_box(&bytes[..])));
    }
    #[expect(clippy::cast_precision_loss, reason = "a rate has few digits")]
    let events = events as f64;
    events / begun.elapsed().as_secs_f64()
}
