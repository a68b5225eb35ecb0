//! A lane that needs an operator stops alone; the service goes on.

use std::future::Future;
use std::path::PathBuf;
use std::time::Duration;

use bridge_contract::place::Lane;
use bridge_spool::Leapt;
use diesel::QueryResult;
use platform_service::clock::Clock;
use platform_service::halts::{Halt, Halts};
use platform_service::shutdown::Shutdown;
use platform_store::{Store, Tx};

use crate::LaneFault;
use crate::fault::blocking;

/// Time after which a stop that could not be written is written again.
const AGAIN: Duration = Duration::from_secs(2);

/// Runs the task of a lane. When it ends with a fault that waits for an operator,
/// the fault is logged, noted among `halts` and handed to `record`, and this
/// returns only at the end of the service.
///
/// # Errors
/// A fault of the disk or the database, which must end the service.
pub async fn watched<R: Future<Output = ()>>(
    lane: Lane,
    task: impl Future<Output = Result<(), LaneFault>>,
    (halts, clock, shutdown): (Halts, Clock, Shutdown),
    record: impl FnOnce(Halt) -> R,
) -> Result<(), LaneFault> {
    let fault = match task.await {
        Err(fault) if fault.waits_for_operator() => fault,
        ended => return ended,
    };
    tracing::error!(%lane, code = fault.code(), %fault, "a lane stops; an operator must look");
    let halt = Halt {
        part: format!("lane {lane}"),
        code: fault.code(),
        why: fault.to_string(),
        at: clock.now(),
    };
    halts.note(halt.clone());
    record(halt).await;
    shutdown.wait().await;
    Ok(())
}

/// Writes the stop of a lane into the zone's database. `write` hears how far the zone's numbers leapt before,
/// as the spool knows it and an older database may not, and says how far they leap now; when this returns, that
/// is durable in the spool (I14). A database that refuses is asked again: until then no number may be given.
///
/// # Errors
/// [`LaneFault`] when the disk refuses or the service ends before that.
pub async fn write_stop<F>(
    store: &Store,
    (lane, spool): (Lane, PathBuf),
    shutdown: &Shutdown,
    write: F,
) -> Result<(), LaneFault>
where
    F: Fn(&mut Tx<'_>, &Leapt) -> QueryResult<Leapt> + Clone + Send + 'static,
{
    let read = || {
        let spool = spool.clone();
        blocking(lane, move || bridge_spool::leapt(&spool))
    };
    let before = until_done(lane, shutdown, read).await?;
    let written = || {
        let (write, before) = (write.clone(), before.clone());
        async move { store.write(move |tx| write(tx, &before)).await.map_err(LaneFault::from) }
    };
    let leapt = until_done(lane, shutdown, written).await?;
    if leapt.is_empty() {
        return Ok(());
    }
    // Apart from the database, so that nothing leaps once more because of the disk.
    let noted = || {
        let (spool, leapt) = (spool.clone(), leapt.clone());
        blocking(lane, move || bridge_spool::note_leapt(&spool, &leapt))
    };
    until_done(lane, shutdown, noted).await
}

/// Tries until it succeeds, fails in a way that does not pass by itself, or the service ends.
async fn until_done<T, R: Future<Output = Result<T, LaneFault>>>(
    lane: Lane,
    shutdown: &Shutdown,
    attempt: impl Fn() -> R,
) -> Result<T, LaneFault> {
    loop {
        let fault = match attempt().await {
            Ok(done) => return Ok(done),
            // After a disk that refused nothing is tried again.
            Err(fault) if !fault.may_pass() => return Err(fault),
            Err(fault) => fault,
        };
        tracing::error!(%lane, %fault, "the stop of a lane is not written yet; it is tried again");
        tokio::select! {
            () = tokio::time::sleep(AGAIN) => {}
            () = shutdown.wait() => return Err(fault),
        }
    }
}

#[cfg(test)]
mod tests {
    use bridge_spool::SpoolError;

    use super::*;

    fn clock() -> Clock {
        Clock::fixed("2026-11-20T01:00:00Z".parse().expect("a time"))
    }

    /// I14: two bundles of one number stop the lane, and nothing but the lane.
    #[tokio::test]
    async fn a_lane_that_waits_for_an_operator_keeps_the_service_up() {
        let (halts, stop) = (Halts::default(), Shutdown::new());
        let (noted, ended) = (halts.clone(), stop.clone());
        let fault = LaneFault::Halted { lane: Lane::PubCtl, why: "forked".to_owned() };
        let task = async { Err::<(), _>(fault) };
        let lane = watched(Lane::PubCtl, task, (halts, clock(), stop), |halt| async move {
            assert_eq!((halt.code, halt.part.as_str()), ("halted", "lane pub.ctl"));
            assert_eq!(noted.all(), [halt]);
            ended.trigger();
        });
        lane.await.expect("it ends with the service, not with the fault");
    }

    /// I14: a disk that refuses ends the service.
    #[tokio::test]
    async fn a_disk_that_refuses_ends_the_service() {
        let why = std::io::Error::other("no space");
        let fault = SpoolError::Io { what: "sync", path: "ready".into(), why };
        let task = async { Err::<(), _>(LaneFault::from(fault)) };
        let halts = Halts::default();
        let parts = (halts.clone(), clock(), Shutdown::new());
        let ended = watched(Lane::Raw, task, parts, |_| async {}).await;
        assert!(ended.is_err() && halts.all().is_empty());
    }
}
