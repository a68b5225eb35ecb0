//! The DMZ server as the business system finds it.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::counter::Counter;

/// The folder of a job at server B.
#[must_use]
pub fn job(counter: &Counter, name: &str) -> PathBuf {
    counter.town.plan.root.join("b/drop").join(name)
}

/// The folder of the first generation of a job, once its control file is there.
///
/// # Panics
/// When there is none in time.
#[must_use]
pub fn first_generation(counter: &Counter, name: &str) -> PathBuf {
    let until = Instant::now() + platform_testkit::PATIENCE;
    loop {
        if let Some(folder) = generations(counter, name).into_iter().next() {
            return folder;
        }
        assert!(Instant::now() < until, "no generation of {name}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// Folders of all complete generations of a job.
#[must_use]
pub fn generations(counter: &Counter, name: &str) -> Vec<PathBuf> {
    let folders = std::fs::read_dir(job(counter, name)).into_iter().flatten().flatten();
    let mut complete: Vec<PathBuf> = folders
        .map(|entry| entry.path())
        .filter(|folder| files(folder, "end").len() == 1)
        .collect();
    complete.sort();
    complete
}

/// The only file of a folder with this extension.
///
/// # Panics
/// When there is none or more than one.
#[must_use]
pub fn only(folder: &Path, extension: &str) -> PathBuf {
    let mut found = files(folder, extension);
    assert_eq!(found.len(), 1, "{extension} in {}: {found:?}", folder.display());
    found.remove(0)
}

/// The data file of a generation, after its control file was found to be true.
///
/// # Panics
/// When size or SHA-256 in the control file is another.
#[must_use]
pub fn checked_data(generation: &Path) -> Vec<u8> {
    let end = std::fs::read_to_string(only(generation, "end")).expect("readable");
    let name = end.lines().find_map(|line| line.strip_prefix("data=")).expect("a data file");
    let data = std::fs::read(generation.join(name)).expect("readable");
    let hash = ring::digest::digest(&ring::digest::SHA256, &data);
    let hash: String = hash.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    assert!(end.contains(&format!("file={hash} {} ", data.len())), "{end}");
    data
}

/// What the business system writes when it has taken a generation.
///
/// # Panics
/// When it may not write there.
pub fn takes(generation: &Path, rows: usize) {
    let done = only(generation, "end").with_extension("done");
    std::fs::write(done, format!("rows={rows}\n")).expect("the business system may write");
}

/// What the business system writes when it has not taken a generation.
///
/// # Panics
/// When it may not write there.
pub fn fails(generation: &Path, words: &str) {
    let err = only(generation, "end").with_extension("err");
    std::fs::write(err, words).expect("the business system may write");
}

fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let all = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    all.filter(|path| path.extension().is_some_and(|it| it == extension)).collect()
}
