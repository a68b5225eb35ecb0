//! Looks by itself whether the logs are as they were written, and raises an alarm when one is
//! not (IK-3.5.1a, IK-3.5.5).

use std::sync::Arc;
use std::time::Duration;

use platform_service::clock::Clock;
use platform_service::halts::{Halts, Need};
use platform_service::shutdown::Shutdown;
use platform_store::{Db, Store, StoreError};

use crate::chain::record;
use crate::checkpoint::CheckpointKey;
use crate::event::Event;
use crate::search::Log;
use crate::tombstones::step_tombstones;
use crate::verify::{Reached, Step, Verdict, Walk};

/// Time between two looks at what is new.
const EVERY: Duration = Duration::from_secs(60);
/// Looks after which the whole log is walked again: a day.
const WHOLE: u32 = 24 * 60;

/// What a watch needs.
#[derive(Clone, Debug)]
pub struct Watch {
    /// The zone's database.
    pub store: Store,
    /// Checks the signatures of checkpoints.
    pub key: Option<Arc<CheckpointKey>>,
    /// Walks a log.
    pub walk: Walk,
    /// The logs to look at.
    pub logs: &'static [Log],
    /// The time.
    pub clock: Clock,
    /// Where an alarm is raised.
    pub halts: Halts,
}

/// Watches until told to stop: the whole of each log at the start and once a day, what is new
/// every minute.
pub async fn watch(watch: Watch, shutdown: Shutdown) {
    let mut reached = vec![Reached::default(); watch.logs.len()];
    let mut round = 0_u32;
    loop {
        if round.is_multiple_of(WHOLE) {
            reached.fill(Reached::default());
        }
        for (log, from) in watch.logs.iter().zip(&mut reached) {
            if let Err(error) = watch.look(*log, from).await {
                tracing::error!(%error, ?log, "the log cannot be checked");
            }
        }
        round = round.wrapping_add(1);
        tokio::select! {
            () = shutdown.wait() => return,
            () = tokio::time::sleep(EVERY) => {}
        }
    }
}

/// Walks a log to its end since an earlier walk, each step a job of its own: no state of the database is held
/// for as long as the whole walk takes.
///
/// # Errors
/// When the database cannot be used.
pub async fn walk_through(
    store: &Store,
    walk: Walk,
    key: Option<Arc<CheckpointKey>>,
    (log, mut from): (Log, Reached),
) -> Result<Verdict, StoreError> {
    loop {
        let key = key.clone();
        match store.read(move |db| walk(db, key.as_deref(), log, from)).await? {
            Step::On(reached) => from = reached,
            Step::End(verdict) => return Ok(verdict),
        }
    }
}

/// Walks all tombstones, each step a job of its own; `told` as for [`step_tombstones`].
///
/// # Errors
/// When the database cannot be used.
pub async fn walk_tombstones(
    store: &Store,
    key: Option<Arc<CheckpointKey>>,
    told: Option<(i64, Vec<u8>)>,
) -> Result<Verdict, StoreError> {
    let mut from = Reached::default();
    loop {
        let (key, told) = (key.clone(), told.clone());
        let step = move |db: &mut Db| step_tombstones(db, key.as_deref(), told.as_ref(), from);
        match store.read(step).await? {
            Step::On(reached) => from = reached,
            Step::End(verdict) => return Ok(verdict),
        }
    }
}

impl Watch {
    /// Looks at what was written since `reached`, and moves it on; a break raises an alarm that
    /// stays, and is itself written into the log once.
    ///
    /// # Errors
    /// When the database cannot be used.
    pub async fn look(&self, log: Log, reached: &mut Reached) -> Result<(), StoreError> {
        let (key, from) = (self.key.clone(), reached.clone());
        match walk_through(&self.store, self.walk, key, (log, from)).await? {
            Verdict::Whole { events, head } => *reached = Reached { seq: events, hash: head },
            Verdict::Broken { seq, why } => self.alarm(log, seq, why).await?,
        }
        Ok(())
    }

    async fn alarm(&self, log: Log, seq: i64, why: &'static str) -> Result<(), StoreError> {
        let (part, code) = match log {
            Log::Own => ("audit", "log_broken"),
            Log::Other => ("audit of the other zone", "mirror_broken"),
        };
        let known = self.halts.warnings().iter().any(|need| need.part == part);
        self.halts.warn(Need {
            part: part.to_owned(),
            code,
            detail: seq.to_string(),
            why: format!("event {seq}: {why}"),
        });
        if known {
            return Ok(());
        }
        tracing::error!(part, seq, why, "a log is not as it was written");
        let event = Event::new(self.clock.now(), "system", "audit.broken", "log")
            .detail(format!("{code} {seq}"))
            .result("failed");
        let written = self.store.write(move |tx| {
            record(tx, event);
            Ok(())
        });
        written.await
    }
}
