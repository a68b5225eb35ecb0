//! Reader threads: each has a connection and takes the next job.

use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, PoisonError};

use diesel::QueryResult;
use tokio::sync::{mpsc, oneshot};

use crate::db::{Access, Db};
use crate::store::StoreError;
use crate::writer::words;

/// Gets a connection with its transaction open, or why there is none.
type Job = Box<dyn FnOnce(&mut Db, QueryResult<()>) + Send>;

/// Requests that may wait for a reader before more have to wait outside.
const WAITING: usize = 256;

pub(crate) struct Readers(mpsc::Sender<Job>);

impl Readers {
    pub(crate) fn start(url: &str, count: usize) -> Result<Self, StoreError> {
        let (sender, receiver) = mpsc::channel::<Job>(WAITING);
        let receiver = Arc::new(Mutex::new(receiver));
        for _ in 0..count.max(1) {
            let mut db = Db::connect(url, Access::Read)?;
            let (jobs, url) = (Arc::clone(&receiver), url.to_owned());
            std::thread::Builder::new()
                .name("store-reader".to_owned())
                .spawn(move || {
                    while let Some(job) = next(&jobs) {
                        let begun = begin(&mut db, &url);
                        job(&mut db, begun);
                        replace_if_broken(&mut db, &url);
                    }
                })
                .map_err(|error| StoreError::Connect(error.to_string()))?;
        }
        Ok(Self(sender))
    }

    pub(crate) async fn send<T, F>(
        &self,
        job: F,
        answer: oneshot::Sender<Result<T, StoreError>>,
    ) -> Result<(), StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&mut Db) -> QueryResult<T> + Send + 'static,
    {
        let job: Job = Box::new(move |db, begun| {
            let read = || begun.and_then(|()| job(db));
            let result = std::panic::catch_unwind(AssertUnwindSafe(read));
            // A connection that cannot end it is broken, and replaced.
            let _ = db.end_reading();
            // A caller that left does not need the answer.
            let _ = answer.send(match result {
                Ok(result) => result.map_err(StoreError::Query),
                Err(panic) => Err(StoreError::Panicked(words(&*panic))),
            });
        });
        self.0.send(job).await.map_err(|_| StoreError::Closed)
    }
}

fn next(jobs: &Mutex<mpsc::Receiver<Job>>) -> Option<Job> {
    jobs.lock().unwrap_or_else(PoisonError::into_inner).blocking_recv()
}

/// Opens the transaction of a job. A server that restarted since the last one is connected to anew: nothing
/// was asked of it yet.
fn begin(db: &mut Db, url: &str) -> QueryResult<()> {
    let Err(error) = db.begin_reading() else { return Ok(()) };
    let Ok(fresh) = Db::connect(url, Access::Read) else { return Err(error) };
    *db = fresh;
    db.begin_reading()
}

/// A database server that restarted leaves dead connections behind.
fn replace_if_broken(db: &mut Db, url: &str) {
    use diesel::r2d2::R2D2Connection as _;
    let broken = crate::each_backend!(db, conn => conn.is_broken());
    if broken && let Ok(fresh) = Db::connect(url, Access::Read) {
        *db = fresh;
    }
}
