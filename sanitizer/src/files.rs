//! Paths in, paths out: what the command line names, as a plan.

mod place;
mod tasks;

pub use place::{Place, write};
pub use tasks::{Task, collect};

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;

use sanitizer_intermediate::Password;

use crate::rebuild::{End, Rebuilder, Sent, Treated};
use crate::report::FileReport;
use crate::words::Words;

/// How tasks are treated.
#[derive(Debug, Clone, Copy)]
pub struct Work<'a> {
    /// Rebuilds them.
    pub rebuilder: &'a Rebuilder,
    /// What is said to open them.
    pub password: Option<&'a Password>,
    /// Where results go; absent to write nothing.
    pub place: Option<&'a Place>,
    /// The catalogue.
    pub words: &'a Words,
}

/// Treats the tasks on `jobs` threads and hands each result on as it comes,
/// with the number of its task.
pub fn treat(
    tasks: &[Task],
    work: &Work<'_>,
    jobs: usize,
    mut done: impl FnMut(usize, FileReport),
) {
    let next = AtomicUsize::new(0);
    let (results, received) = mpsc::channel();
    std::thread::scope(|scope| {
        for _ in 0..jobs.clamp(1, tasks.len().max(1)) {
            let (results, next) = (results.clone(), &next);
            scope.spawn(move || {
                while let Some(number) = claim(next, tasks.len()) {
                    let report = one(&tasks[number], work);
                    if results.send((number, report)).is_err() {
                        return;
                    }
                }
            });
        }
        drop(results);
        for (number, report) in received {
            done(number, report);
        }
    });
}

fn claim(next: &AtomicUsize, all: usize) -> Option<usize> {
    let number = next.fetch_add(1, Ordering::Relaxed);
    (number < all).then_some(number)
}

fn one(task: &Task, work: &Work<'_>) -> FileReport {
    let input = task.path.display().to_string();
    match attempt(task, work) {
        Ok((original, treated)) => FileReport::treated(input, &original, &treated, work.words),
        Err(why) => FileReport::fault(input, why),
    }
}

fn attempt(task: &Task, work: &Work<'_>) -> Result<(Vec<u8>, Treated), String> {
    let original = read(&task.path, work.rebuilder.runner.limits.input_bytes)?;
    let name = task.path.file_name().map(|it| it.to_string_lossy()).unwrap_or_default();
    let sent = Sent { name: &name, bytes: &original, password: work.password };
    let mut treated = work.rebuilder.rebuild_sent(&sent).map_err(|error| error.to_string())?;
    if let (Some(place), End::Rebuilt(rebuilt)) = (work.place, &mut treated.end) {
        let target = place.target(task, rebuilt).map_err(|error| error.to_string())?;
        write(&target, &rebuilt.bytes).map_err(|error| error.to_string())?;
        if let Some(name) = target.file_name() {
            rebuilt.name = name.to_string_lossy().into_owned();
        }
    }
    Ok((original, treated))
}

/// Reads a file, but no more than shows that it is too large.
fn read(path: &Path, most: u64) -> Result<Vec<u8>, String> {
    use std::io::Read as _;
    let mut bytes = Vec::new();
    std::fs::File::open(path)
        .and_then(|file| file.take(most.saturating_add(1)).read_to_end(&mut bytes))
        .map_err(|error| error.to_string())?;
    Ok(bytes)
}
