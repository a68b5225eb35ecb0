//! Exports: generations for the business systems in the folder of server A, and
//! the receipts that come back (IK-2.1.2d1, IK-3.5.7b).
//!
//! ```text
//!  timer, button ─► exports::start (tx: ledger) ─► folder/<job>/<000012>/  data, attachments,
//!                                                  then <layout>_<day>_<000012>.end ─► 未取込
//!  folder/<job>/<000012>/receipt.json ─────────────────────────────────► 取込済, 取込エラー
//!  folder/.failed/<job>.<000012>: receipt.json again ──────────────────► 取込エラー after 取込済
//!  folder/<job>/<000013>/.members, unknown to the ledger ─► found::enter_all ─► 未取込
//!  未取込, and not in the folder ─► found::lost ─► written once more
//! ```

mod attachments;
mod failed;
mod found;
mod generation;
mod members;
mod out;
mod receipt;
mod share;
mod sheet;

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use lgwan_zone_store::By;
use lgwan_zone_store::exports::{self, Definition, Generation, Job, Said, Started};
use lgwan_zone_store::shelf::Shelf;
use platform_service::clock::Clock;
use platform_service::halts::{Halts, Need};
use platform_service::metrics::{Gauge, Metrics};
use platform_service::shutdown::Shutdown;
use platform_store::files::Files;
use platform_store::{Store, StoreError, Tx};
use tokio::sync::Notify;

use crate::config::Exports;
use crate::parts::Parts;

/// Receipts are looked for this often.
const RECEIPTS: Duration = Duration::from_secs(2);

/// Why a look at the jobs ended early. The next look tries again.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ExportError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("folder of server A: {0}")]
    Io(#[from] std::io::Error),
    #[error("{0}")]
    Unusable(String),
}

/// The export task.
#[derive(Clone)]
pub(crate) struct Exporter {
    store: Store,
    files: Files,
    shelf: Shelf,
    clock: Clock,
    folder: PathBuf,
    every: Option<Duration>,
    started: Arc<Notify>,
    halts: Halts,
    overdue: Gauge,
    /// When server A had spoken at the last look.
    heard: Arc<Mutex<Option<SystemTime>>>,
    failed: Arc<failed::Known>,
}

/// Generations nobody picked up in the hours their job allows.
fn late(open: &[Generation], jobs: &[Job], now: i64) -> i64 {
    let hours = |job: &str| {
        let job = jobs.iter().find(|one| one.id == job)?;
        Definition::from_json(&job.definition).ok()?.overdue_hours
    };
    let late = open.iter().filter(|one| exports::overdue(one, hours(&one.job), now));
    i64::try_from(late.count()).unwrap_or(i64::MAX)
}

impl Exporter {
    pub(crate) fn new(
        parts: &Parts,
        config: &Exports,
        started: Arc<Notify>,
        metrics: &Metrics,
    ) -> Self {
        let help = "Export generations that nobody picked up in time";
        let seconds = u64::try_from(config.every_seconds.get()).unwrap_or(0);
        Self {
            store: parts.store.clone(),
            files: parts.files.clone(),
            shelf: parts.shelf.clone(),
            clock: parts.clock.clone(),
            folder: config.folder.clone(),
            every: (seconds > 0).then(|| Duration::from_secs(seconds)),
            started,
            halts: parts.halts.clone(),
            overdue: metrics.gauge("exports_overdue", help),
            heard: Arc::default(),
            failed: Arc::default(),
        }
    }

    /// Works until told to stop. A fault is logged and tried again: exports
    /// never stop the pages.
    pub(crate) async fn run(self, stop: Shutdown) -> Result<(), String> {
        // What an earlier run left unfinished is brought to its end first.
        let mut all_known = self.look(false, false).await;
        let mut due = tokio::time::Instant::now();
        loop {
            let timed = self.every.is_some_and(|_| tokio::time::Instant::now() >= due);
            if let Some(every) = self.every.filter(|_| timed) {
                due = tokio::time::Instant::now() + every;
            }
            all_known = self.look(all_known, timed).await;
            tokio::select! {
                () = stop.wait() => return Ok(()),
                () = self.started.notified() => {}
                () = tokio::time::sleep(RECEIPTS) => {}
            }
        }
    }

    /// Whether every generation on server A is known to the database, before and after the look. A database
    /// is set back while the service is down, so that is looked at until it is so, and not again.
    async fn look(&self, all_known: bool, timed: bool) -> bool {
        let done = async {
            let wait = if all_known { BTreeSet::new() } else { found::enter_all(self).await? };
            self.start_all(timed, &wait).await?;
            let written = self.write_all().await?;
            self.take_receipts().await?;
            Ok::<_, ExportError>(wait.is_empty() && written)
        };
        done.await.unwrap_or_else(|error| {
            tracing::error!(%error, "exports wait; the next look tries again");
            false
        })
    }

    /// Starts what has its turn: by its schedule, or, without one, when the interval is over. Nothing of
    /// the jobs that wait.
    async fn start_all(&self, timed: bool, wait: &BTreeSet<String>) -> Result<(), ExportError> {
        let now = self.clock.now();
        for job in self.store.read(exports::jobs).await? {
            let definition = Definition::from_json(&job.definition)
                .map_err(|error| ExportError::Unusable(format!("job {}: {error}", job.id)))?;
            let turn = definition.turn(now);
            let due = if definition.schedule.is_some() { turn > job.turn } else { timed };
            if !job.enabled || !due || wait.contains(&job.id) {
                continue;
            }
            let (by, most) = (By::system(now), definition.most());
            let (id, named) = (job.id.clone(), job.id);
            let waits = {
                let id = id.clone();
                self.store.read(move |db| exports::waiting(db, &id, 1)).await?
            };
            if waits.is_empty() && turn.is_none() {
                continue;
            }
            let started = self.store.write(move |tx| match &turn {
                Some(turn) => exports::start_in_turn(tx, &by, (&id, turn), most),
                None => exports::start(tx, &by, &id, most),
            });
            let started = started.await?;
            if let Started::Generation(number) = started {
                tracing::info!(job = named, number, "an export generation begins");
            }
        }
        Ok(())
    }

    /// Writes what was started. `false` when the number of one is taken by another that the database does
    /// not know: it is taken back.
    async fn write_all(&self) -> Result<bool, ExportError> {
        let open = self.store.read(|db| exports::in_state(db, "writing")).await?;
        let mut all_known = true;
        for one in open {
            let written = generation::write(self, &one).await?;
            let by = By::system(self.clock.now());
            let (job, number) = (one.job.clone(), one.generation);
            let is_complete = written.is_some();
            self.store
                .write(move |tx| match &written {
                    Some(all) => exports::finish(tx, &by, (&one.job, one.generation), all),
                    None => exports::take_back(tx, &by, (&one.job, one.generation)),
                })
                .await?;
            if is_complete {
                tracing::info!(job, number, "an export generation is complete");
            } else {
                tracing::error!(job, number, "the number of an export generation is taken");
                all_known = false;
            }
        }
        Ok(all_known)
    }

    fn tell_overdue(&self, count: i64) {
        const PART: &str = "exports";
        self.overdue.set(count);
        if count == 0 {
            self.halts.all_is_well(PART);
        } else {
            self.halts.warn(Need {
                part: PART.to_owned(),
                code: "overdue",
                detail: count.to_string(),
                why: format!("{count} generations were not picked up in time"),
            });
        }
    }

    /// What was written while the share of server A was away is on a disk that nobody looks at: it is
    /// written again by the next look.
    async fn write_lost_again(&self, open: &[Generation]) -> Result<(), ExportError> {
        let unstored = open.iter().filter(|one| one.stored_at.is_none());
        let all: Vec<(String, i32)> =
            unstored.map(|one| (one.job.clone(), one.generation)).collect();
        let folder = self.folder.clone();
        let before = *self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        let (lost, heard) = generation::blocking(move || found::lost(&folder, all, before)).await?;
        *self.heard.lock().unwrap_or_else(PoisonError::into_inner) = heard;
        for (job, number) in lost {
            tracing::error!(job, number, "a generation is not on server A; it is written again");
            let by = By::system(self.clock.now());
            let again =
                move |tx: &mut Tx<'_>| exports::write_again(tx, &by, (job.as_str(), number));
            self.store.write(again).await?;
        }
        Ok(())
    }

    async fn take_receipts(&self) -> Result<(), ExportError> {
        let (open, jobs) = self
            .store
            .read(|db| Ok((exports::in_state(db, "waiting")?, exports::jobs(db)?)))
            .await?;
        self.tell_overdue(late(&open, &jobs, self.clock.now().as_microsecond()));
        failed::tell(self).await?;
        self.write_lost_again(&open).await?;
        for one in open {
            let folder = generation::folder(&self.folder, &one.job, one.generation);
            let read = tokio::task::spawn_blocking(move || receipt::read(&folder)).await;
            let Ok(Some(found)) = read else { continue };
            if found.said == Said::Stored && one.stored_at.is_some() {
                continue;
            }
            let by = By::system(self.clock.now());
            self.store
                .write(move |tx| {
                    let of = (one.job.as_str(), one.generation);
                    exports::receipt(tx, &by, of, &found)
                })
                .await?;
        }
        failed::look(self).await
    }
}
