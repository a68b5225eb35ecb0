//! The writer thread: many writes, one durable commit.
//!
//! It clocks itself. While one batch is being made durable the next gathers, so
//! nobody waits for a timer and one commit serves all who came meanwhile.

use std::any::Any;
use std::panic::AssertUnwindSafe;

use diesel::QueryResult;
use tokio::sync::{mpsc, oneshot, watch};

use crate::db::{Access, Db};
use crate::store::StoreError;

/// Jobs that share one commit at most: more brings little (18,300 a second at
/// 64, 20,700 at 512) and costs the first ones time.
const BATCH: usize = 64;

/// Requests that may wait before more have to wait outside.
const WAITING: usize = 1024;

/// One row for the journal; only the [`Journal`] knows its type.
pub type JournalEntry = Box<dyn Any + Send>;

/// Writes the rows that go in once a batch, in the same transaction as the
/// changes they tell of. The audit log is one.
pub trait Journal: Send {
    /// Writes the rows of a batch, oldest first.
    ///
    /// # Errors
    /// When a query fails: the whole batch is undone then.
    fn flush(&mut self, db: &mut Db, rows: Vec<JournalEntry>) -> QueryResult<()>;
}

/// For databases without a journal: a row is an error, never dropped in silence.
#[derive(Debug)]
pub struct NoJournal;

impl Journal for NoJournal {
    fn flush(&mut self, _: &mut Db, rows: Vec<JournalEntry>) -> QueryResult<()> {
        if rows.is_empty() {
            return Ok(());
        }
        Err(diesel::result::Error::QueryBuilderError("this store has no journal".into()))
    }
}

/// What a writing job sees: the open transaction.
pub struct Tx<'a> {
    /// The connection, inside the transaction.
    pub db: &'a mut Db,
    rows: &'a mut Vec<JournalEntry>,
}

impl std::fmt::Debug for Tx<'_> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Tx").field("journal_rows", &self.rows.len()).finish_non_exhaustive()
    }
}

impl Tx<'_> {
    /// Adds a row to the journal; kept or dropped together with this job.
    pub fn journal(&mut self, row: JournalEntry) {
        self.rows.push(row);
    }
}

/// Tells the caller how the commit went; `Err` has the engine's words.
type Answer = Box<dyn FnOnce(Result<(), StoreError>) + Send>;

struct Ran {
    keep: bool,
    answer: Answer,
}

type Job = Box<dyn FnOnce(&mut Tx<'_>) -> Ran + Send>;

pub(crate) struct Writer {
    jobs: mpsc::Sender<Job>,
    failed: watch::Receiver<bool>,
}

impl Writer {
    pub(crate) fn start(db: Db, url: &str, journal: Box<dyn Journal>) -> Result<Self, StoreError> {
        let (jobs, receiver) = mpsc::channel(WAITING);
        let (fail, failed) = watch::channel(false);
        let work = Work { db, url: url.to_owned(), journal };
        std::thread::Builder::new()
            .name("store-writer".to_owned())
            .spawn(move || work.run(receiver, &fail))
            .map_err(|error| StoreError::Connect(error.to_string()))?;
        Ok(Self { jobs, failed })
    }

    pub(crate) async fn send<T, F>(
        &self,
        job: F,
        answer: oneshot::Sender<Result<T, StoreError>>,
    ) -> Result<(), StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&mut Tx<'_>) -> QueryResult<T> + Send + 'static,
    {
        let job: Job = Box::new(move |tx| {
            let result = std::panic::catch_unwind(AssertUnwindSafe(|| job(tx)));
            let result = match result {
                Ok(result) => result.map_err(StoreError::Query),
                Err(panic) => Err(StoreError::Panicked(words(&*panic))),
            };
            Ran {
                keep: result.is_ok(),
                // A caller that left does not need the answer.
                answer: Box::new(move |commit| {
                    let _ = answer.send(commit.and(result));
                }),
            }
        });
        if self.failed() {
            return Err(StoreError::Closed);
        }
        self.jobs.send(job).await.map_err(|_| StoreError::Closed)
    }

    pub(crate) fn failed(&self) -> bool {
        *self.failed.borrow()
    }

    pub(crate) async fn until_failed(&self) {
        let mut failed = self.failed.clone();
        if failed.wait_for(|failed| *failed).await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

struct Work {
    db: Db,
    url: String,
    journal: Box<dyn Journal>,
}

impl Work {
    fn run(mut self, mut jobs: mpsc::Receiver<Job>, fail: &watch::Sender<bool>) {
        let mut batch = Vec::with_capacity(BATCH);
        while jobs.blocking_recv_many(&mut batch, BATCH) > 0 {
            if let Err(why) = self.commit(&mut batch) {
                // After a failed commit nobody knows what the disk holds; the
                // engine must recover before anything is written again.
                tracing::error!(error = %why, "commit failed; the store takes no more writes");
                fail.send_replace(true);
                return;
            }
        }
    }

    /// Runs a batch in one transaction. `Err` when the outcome is not known.
    fn commit(&mut self, batch: &mut Vec<Job>) -> Result<(), String> {
        if let Err(error) = self.begin() {
            batch.clear(); // Their callers are told that the store is closed.
            return Err(error.to_string());
        }
        let mut rows = Vec::new();
        let mut ran = Vec::with_capacity(batch.len());
        for job in batch.drain(..) {
            match self.step(job, ran.is_empty(), &mut rows) {
                Ok(one) => ran.push(one),
                Err(error) => return Err(give_up(ran, &error)),
            }
        }
        let done = self.journal.flush(&mut self.db, rows).and_then(|()| self.db.commit());
        match done {
            Ok(()) => {
                for one in ran {
                    (one.answer)(Ok(()));
                }
                Ok(())
            }
            Err(error) => Err(give_up(ran, &error)),
        }
    }

    /// Opens the transaction. A server that restarted since the last batch is
    /// connected to anew: nothing was sent to it yet.
    fn begin(&mut self) -> Result<(), StoreError> {
        match &mut self.db {
            Db::Sqlite(_) => Ok(self.db.begin()?),
            Db::Pg(_) => match self.db.begin() {
                Ok(()) => Ok(()),
                Err(_) => {
                    self.db = Db::connect(&self.url, Access::Write)?;
                    Ok(self.db.begin()?)
                }
            },
        }
    }

    fn step(&mut self, job: Job, first: bool, rows: &mut Vec<JournalEntry>) -> QueryResult<Ran> {
        self.db.savepoint(first)?;
        let before = rows.len();
        let ran = job(&mut Tx { db: &mut self.db, rows });
        if !ran.keep {
            self.db.undo()?;
            rows.truncate(before);
        }
        Ok(ran)
    }
}

fn give_up(ran: Vec<Ran>, error: &diesel::result::Error) -> String {
    for one in ran {
        (one.answer)(Err(StoreError::CommitUnknown(error.to_string())));
    }
    error.to_string()
}

/// The words of a panic, for the log.
pub(crate) fn words(panic: &(dyn Any + Send)) -> String {
    panic
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "no message".to_owned())
}
