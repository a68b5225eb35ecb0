//! The store as a zone sees it.

use std::fmt;
use std::sync::Arc;

use diesel::QueryResult;
use serde::Deserialize;
use tokio::sync::oneshot;

use crate::db::{Access, Db};
use crate::migrate::Migrations;
use crate::reader::Readers;
use crate::writer::{Journal, Tx, Writer};

/// Which database, and how many connections read it at once.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StoreConfig {
    /// `sqlite:PATH` or `postgres://…`.
    pub url: String,
    /// Reading connections; each has a thread.
    #[serde(default = "four")]
    pub readers: usize,
}

fn four() -> usize {
    4
}

impl StoreConfig {
    /// The default number of readers for this database.
    #[must_use]
    pub fn at(url: impl Into<String>) -> Self {
        Self { url: url.into(), readers: four() }
    }
}

/// Why a read or write gave no result.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database cannot be reached or opened.
    #[error("cannot open the database: {0}")]
    Connect(String),
    /// The tables cannot be brought up to date.
    #[error("cannot migrate the database: {0}")]
    Migrate(String),
    /// The query failed; nothing of this write is kept.
    #[error("query: {0}")]
    Query(#[from] diesel::result::Error),
    /// The job panicked; nothing of it is kept.
    #[error("the job stopped with a panic: {0}")]
    Panicked(String),
    /// The commit failed, so whether it is stored is not known. The store
    /// takes no more writes: the service must stop and start anew, and the
    /// caller may try again with the same idempotency key.
    #[error("commit: {0}; the store takes no more writes")]
    CommitUnknown(String),
    /// An earlier commit failed, or the service is stopping.
    #[error("the store takes no more writes")]
    Closed,
}

/// One zone's database. Clones share it.
#[derive(Clone)]
pub struct Store(Arc<Parts>);

struct Parts {
    writer: Writer,
    readers: Readers,
}

impl fmt::Debug for Store {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Store").field("failed", &self.failed()).finish_non_exhaustive()
    }
}

impl Store {
    /// Opens the database, brings its tables up to date, starts the writer
    /// thread and the readers. `journal` writes the rows that go in once a batch.
    ///
    /// # Errors
    /// When the database cannot be opened or migrated.
    pub fn open(
        config: &StoreConfig,
        migrations: Migrations,
        journal: Box<dyn Journal>,
    ) -> Result<Self, StoreError> {
        let mut db = Db::connect(&config.url, Access::Write)?;
        migrations.run(&mut db)?;
        Ok(Self(Arc::new(Parts {
            writer: Writer::start(db, &config.url, journal)?,
            readers: Readers::start(&config.url, config.readers)?,
        })))
    }

    /// Runs a job that only reads. All it reads is of one state of the database, whatever is
    /// committed meanwhile: a page never shows the news beside the state before.
    ///
    /// # Errors
    /// When the query fails, the job panics, or the readers are gone.
    pub async fn read<T, F>(&self, job: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&mut Db) -> QueryResult<T> + Send + 'static,
    {
        let (answer, answered) = oneshot::channel();
        self.0.readers.send(job, answer).await?;
        answered.await.map_err(|_| StoreError::Closed)?
    }

    /// Runs a job that writes. Everything it does is kept or nothing is; when
    /// this returns `Ok`, it is on the disk.
    ///
    /// # Errors
    /// See [`StoreError`]; all but `CommitUnknown` mean that nothing is kept.
    pub async fn write<T, F>(&self, job: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&mut Tx<'_>) -> QueryResult<T> + Send + 'static,
    {
        let (answer, answered) = oneshot::channel();
        self.0.writer.send(job, answer).await?;
        answered.await.map_err(|_| StoreError::Closed)?
    }

    /// Whether a commit failed: the service must stop.
    #[must_use]
    pub fn failed(&self) -> bool {
        self.0.writer.failed()
    }

    /// Returns when a commit has failed: the service must stop then.
    pub async fn until_failed(&self) {
        self.0.writer.until_failed().await;
    }
}
