//! How long the disk takes until what was written is durable, as this process found it (NS-2).

use std::fs;
use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::durable::replace;

/// So many of the newest measurements count.
const LAST: usize = 1_000;
/// A folder is told at most this often.
const EVERY: Duration = Duration::from_secs(10);
/// The file in a lane's folder that tells operators; harmless when it is lost.
const NAME: &str = "syncs";

static TIMES: Mutex<Times> = Mutex::new(Times::new());

/// How long the disk took, over the newest measurements.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SyncTime {
    /// Ninety-nine of a hundred were durable within so many microseconds.
    pub p99_micros: u64,
    /// How many measurements there are, at most 1,000.
    pub of: usize,
}

/// What this process found; `None` before it wrote anything.
#[must_use]
pub fn sync_time() -> Option<SyncTime> {
    TIMES.lock().unwrap_or_else(PoisonError::into_inner).p99()
}

/// What the process found that writes a lane's folder, as it last told.
#[must_use]
pub fn sync_time_of(lane: &Path) -> Option<SyncTime> {
    let text = fs::read_to_string(lane.join(NAME)).ok()?;
    let (p99, of) = text.trim_end().split_once(' ')?;
    Some(SyncTime { p99_micros: p99.parse().ok()?, of: of.parse().ok()? })
}

/// Measures a sync. What the disk refuses is no measurement.
pub(crate) fn timed(sync: impl FnOnce() -> io::Result<()>) -> io::Result<()> {
    let begun = Instant::now();
    sync()?;
    let micros = u64::try_from(begun.elapsed().as_micros()).unwrap_or(u64::MAX);
    TIMES.lock().unwrap_or_else(PoisonError::into_inner).note(micros);
    Ok(())
}

/// When a folder was last told.
#[derive(Debug, Default)]
pub(crate) struct Told {
    at: Mutex<Option<Instant>>,
    /// The last time it could not be told.
    failed: AtomicBool,
}

impl Told {
    /// Tells operators who look into the folder, at most every ten seconds. It is for people: where
    /// it cannot be written that is logged, once, and nobody stops for it.
    pub(crate) fn tell(&self, tmp: &Path, lane: &Path) {
        let mut last = self.at.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(time) = sync_time().filter(|_| last.is_none_or(|at| at.elapsed() >= EVERY)) else {
            return;
        };
        *last = Some(Instant::now());
        let text = format!("{} {}\n", time.p99_micros, time.of);
        let told = replace(tmp, &lane.join(NAME), text.as_bytes());
        let failed_before = self.failed.swap(told.is_err(), Ordering::Relaxed);
        if let Err(why) = told
            && !failed_before
        {
            tracing::warn!(%why, "how long the disk takes is not written down; the lane goes on");
        }
    }
}

/// The newest measurements, in a ring.
#[derive(Debug)]
struct Times {
    micros: Vec<u64>,
    next: usize,
}

impl Times {
    const fn new() -> Self {
        Self { micros: Vec::new(), next: 0 }
    }

    fn note(&mut self, micros: u64) {
        match self.micros.get_mut(self.next) {
            Some(oldest) => *oldest = micros,
            None => self.micros.push(micros),
        }
        self.next = (self.next + 1) % LAST;
    }

    fn p99(&self) -> Option<SyncTime> {
        let mut sorted = self.micros.clone();
        sorted.sort_unstable();
        let at = (sorted.len() * 99).div_ceil(100).checked_sub(1)?;
        Some(SyncTime { p99_micros: *sorted.get(at)?, of: sorted.len() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// NS-2: ninety-nine of the newest hundred, whatever came before; one slow write of a hundred
    /// is none of them.
    #[test]
    fn the_newest_measurements_count() {
        let mut times = Times::new();
        assert_eq!(times.p99(), None);
        times.note(7);
        assert_eq!(times.p99(), Some(SyncTime { p99_micros: 7, of: 1 }));
        let mut times = Times::new();
        (1..=100).for_each(|micros| times.note(micros));
        assert_eq!(times.p99(), Some(SyncTime { p99_micros: 99, of: 100 }));
        for _ in 0..LAST {
            times.note(5);
        }
        assert_eq!(times.p99(), Some(SyncTime { p99_micros: 5, of: LAST }));
    }

    /// NS-2: who looks into the folder of a lane reads what the process found that writes it; that
    /// it cannot be written is no fault.
    #[test]
    fn a_folder_tells_what_was_found() {
        let dir = tempfile::tempdir().expect("a folder");
        let (lane, tmp) = (dir.path(), dir.path().join("tmp"));
        fs::create_dir(&tmp).expect("made");
        assert_eq!(sync_time_of(lane), None);
        timed(|| Ok(())).expect("measured");
        // Nothing can be put over a folder; it is written when that is gone.
        fs::create_dir(lane.join(NAME)).expect("made");
        let told = Told::default();
        told.tell(&tmp, lane);
        assert!(told.failed.load(Ordering::Relaxed) && sync_time_of(lane).is_none());
        fs::remove_dir(lane.join(NAME)).expect("removed");
        *told.at.lock().expect("nobody panicked") = None;
        told.tell(&tmp, lane);
        assert!(!told.failed.load(Ordering::Relaxed));
        let told = sync_time_of(lane).expect("told");
        assert!((1..=LAST).contains(&told.of), "{told:?}");
        assert!(timed(|| Err(io::ErrorKind::StorageFull.into())).is_err());
        fs::write(lane.join(NAME), "x").expect("written");
        assert_eq!(sync_time_of(lane), None);
    }
}
