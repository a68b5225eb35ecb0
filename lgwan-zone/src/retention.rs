//! The night's work on what is over (IK-3.5.1a): by the rules that two people made, a few at a time,
//! each with its tombstone. What breaks off goes on at the next look; files go after their rows.

use std::sync::Arc;
use std::time::Duration;

use domain::calendar::time_in_japan;
use domain::ids::ProcedureId;
use lgwan_zone_store::By;
use lgwan_zone_store::invitations;
use lgwan_zone_store::letters::done_for;
use lgwan_zone_store::post::Office;
use lgwan_zone_store::retention::deletion::{self, Part, Piece};
use lgwan_zone_store::retention::{CheckpointKey, TASK};
use lgwan_zone_store::trials::{self, How};
use platform_service::clock::Clock;
use platform_service::shutdown::Shutdown;
use platform_store::files::Files;
use platform_store::{Store, StoreError};

/// Time between two looks at the clock.
const EVERY: Duration = Duration::from_secs(60);
/// Microseconds for which ended invitations are kept: 90 days.
const INVITATIONS: i64 = 90 * 24 * 3_600_000_000;
/// Files that go at once.
const FILES: i64 = 200;

/// The task.
#[derive(Clone)]
pub struct Keeper {
    /// The staff database.
    pub store: Store,
    /// Rebuilt attachments and issued documents.
    pub files: Files,
    /// Tells the day.
    pub clock: Clock,
    /// Signs the tombstones; nothing goes without it.
    pub key: Option<Arc<CheckpointKey>>,
    /// Tells the citizens' zone what goes.
    pub office: Office,
    /// Called after something was put into the outbox.
    pub posted: Arc<dyn Fn() + Send + Sync>,
    /// Hour in Japan from which it works.
    pub hour: i64,
}

impl Keeper {
    /// Looks until told to stop. A fault is logged, and tried again a minute later.
    pub(crate) async fn run(self, stop: Shutdown) -> Result<(), String> {
        loop {
            if let Err(error) = self.look(&stop).await {
                tracing::error!(%error, "what is over cannot be deleted");
            }
            tokio::select! {
                () = stop.wait() => return Ok(()),
                () = tokio::time::sleep(EVERY) => {}
            }
        }
    }

    /// Does the night's work when its time has come and it is not done. How many things went.
    ///
    /// # Errors
    /// When the database cannot be used; what went before stays gone.
    pub async fn look(&self, stop: &Shutdown) -> Result<i64, StoreError> {
        self.bury_files().await?;
        let now = self.clock.now();
        let ended = platform_store::time::to_micros(now) - INVITATIONS;
        self.store.write(move |tx| invitations::sweep(tx, ended)).await?;
        self.end_trials(ended).await?;
        let local = time_in_japan(now);
        let today = local.date().to_string();
        let Some(key) = self.key.clone().filter(|_| i64::from(local.hour()) >= self.hour) else {
            return Ok(0);
        };
        if self.store.read(|db| done_for(db, TASK)).await? >= today {
            return Ok(0);
        }
        let mut all = 0;
        for part in self.store.read(move |db| deletion::parts(db, now)).await? {
            all += self.work(&key, part, stop).await?;
            if stop.is_triggered() {
                return Ok(all);
            }
        }
        self.store.write(move |tx| deletion::done(tx, &today)).await?;
        Ok(all)
    }

    /// Ends trials whose time is over, or whose design was published or thrown away. What is on its way
    /// of those that ended before a moment has come.
    async fn end_trials(&self, before: i64) -> Result<(), StoreError> {
        let by = By::system(self.clock.now());
        let now = platform_store::time::to_micros(by.at);
        for id in self.store.read(move |db| trials::due(db, now)).await? {
            let Ok(trial) = ProcedureId::parse(&id) else { continue };
            let (by, message) = (by.clone(), self.office.trial_over(&trial, by.at));
            let gone = self
                .store
                .write(move |tx| trials::end(tx, &by, trial.as_str(), How::Over, &message))
                .await?;
            if gone.is_some() {
                (self.posted)();
            }
        }
        self.store.write(move |tx| trials::sweep(tx, before)).await?;
        self.bury_files().await
    }

    /// Works a part off, with the files of each piece behind it.
    async fn work(
        &self,
        key: &Arc<CheckpointKey>,
        mut part: Part,
        stop: &Shutdown,
    ) -> Result<i64, StoreError> {
        let look = part.clone();
        if !self.store.read(move |db| deletion::has_work(db, &look)).await? {
            return Ok(0);
        }
        let mut all = 0;
        while !stop.is_triggered() {
            let (by, key) = (By::system(self.clock.now()), Arc::clone(key));
            let office = self.office.clone();
            let (piece, behind) = self
                .store
                .write(move |tx| {
                    let piece = deletion::piece(
                        tx,
                        &by,
                        (&key, &|ids, at| office.gone(ids, at)),
                        &mut part,
                    )?;
                    Ok((piece, part))
                })
                .await?;
            part = behind;
            match piece {
                Piece::Gone(count) => {
                    all += count;
                    (self.posted)();
                }
                Piece::Finished => break,
                Piece::Broken(seq) => {
                    tracing::error!(seq, "a log that is not as it was written is kept");
                    break;
                }
            }
            self.bury_files().await?;
        }
        Ok(all)
    }

    /// Deletes the files whose rows are gone. A crash in between finds them on the list again.
    async fn bury_files(&self) -> Result<(), StoreError> {
        loop {
            let ids = self.store.read(|db| deletion::doomed(db, FILES)).await?;
            if ids.is_empty() {
                return Ok(());
            }
            let (files, doomed) = (self.files.clone(), ids);
            let gone = tokio::task::spawn_blocking(move || -> Vec<String> {
                doomed.into_iter().filter(|id| files.delete(id).is_ok()).collect()
            });
            let gone = gone.await.unwrap_or_default();
            if gone.is_empty() {
                tracing::error!("files of what was deleted cannot be deleted");
                return Ok(());
            }
            self.store.write(move |tx| deletion::buried(tx, &gone)).await?;
        }
    }
}
