//! Paths in, paths out: what the command line names, as a plan.

mod place;
mod tasks;

pub use place::{Place, write};
pub use tasks::{Task, collect};

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;

use crate::rebuild::{End, Rebuilder};
use crate::report::FileReport;
use crate::words::Words;

/// Treats the tasks on `jobs` threads and hands each result on as it comes,
/// with the number of its task. `place` is absent to write nothing.
pub fn treat(
    tasks: &[Task],
    rebuilder: &Rebuilder,
    place: Option<&Place>,
    words: &Words,
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
                    let report = one(&tasks[number], rebuilder, place, words);
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

fn one(task: &Task, rebuilder: &Rebuilder, place: Option<&Place>, words: &Words) -> FileReport {
    let input = task.path.display().to_string();
    match attempt(task, rebuilder, place) {
        Ok((original, treated)) => FileReport::treated(input, &original, &treated, words),
        Err(why) => FileReport::fault(input, why),
    }
}

fn attempt(
    task: &Task,
    rebuilder: &Rebuilder,
    place: Option<&Place>,
) -> Result<(Vec<u8>, crate::rebuild::Treated), String> {
    let original = read(&task.path, rebuilder.runner.limits.input_bytes)?;
    let name = task.path.file_name().map(|it| it.to_string_lossy()).unwrap_or_default();
    let mut treated = rebuilder.rebuild(&name, &original).map_err(|error| error.to_string())?;
    if let (Some(place), End::Rebuilt(rebuilt)) = (place, &mut treated.end) {
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
