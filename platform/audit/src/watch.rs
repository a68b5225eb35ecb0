//! Looks by itself whether the logs are as they were written, and raises an alarm when one is
//! not (IK-3.5.1a, IK-3.5.5).

use std::sync::Arc;
use std::time::Duration;

use diesel::QueryResult;
use platform_service::clock::Clock;
use platform_service::halts::{Halts, Need};
use platform_service::shutdown::Shutdown;
use platform_store::{Db, Store, StoreError};

use crate::chain::record;
use crate::checkpoint::CheckpointKey;
use crate::event::Event;
use crate::search::Log;
use crate::verify::{Reached, Verdict};

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
    /// Walks a log: [`verify_log`](crate::verify_log), or [`verify_standing`](crate::verify_standing)
    /// in a zone that takes the oldest events away.
    pub walk: fn(&mut Db, Option<&CheckpointKey>, Log, Reached) -> QueryResult<Verdict>,
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

impl Watch {
    /// Looks at what was written since `reached`, and moves it on; a break raises an alarm that
    /// stays, and is itself written into the log once.
    ///
    /// # Errors
    /// When the database cannot be used.
    pub async fn look(&self, log: Log, reached: &mut Reached) -> Result<(), StoreError> {
        let (key, from, walk) = (self.key.clone(), reached.clone(), self.walk);
        let verdict = self.store.read(move |db| walk(db, key.as_deref(), log, from)).await?;
        match verdict {
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
