//! Generations that the LGWAN zone lays down at server A, what server B has, and what A hears of it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use bridge_contract::digest::Digest;
use serde_json::Value;

/// Time in which a generation must be at B. Both ends look every two seconds, and
/// each may be killed meanwhile.
const PATIENCE: Duration = platform_testkit::PATIENCE;
pub(crate) const JOB: &str = "faults";

/// Generations of a job of our own.
#[derive(Debug, Default)]
pub struct Outbound {
    /// Number, bytes and time of those that are not known to be at B.
    waiting: Vec<(usize, Vec<u8>, Instant)>,
    /// Hash of the control file of each that was seen at B.
    there: BTreeMap<usize, Digest>,
    /// Those that the business system said it took in.
    taken: BTreeSet<usize>,
    count: usize,
}

impl Outbound {
    /// Lays down the next generation at A, its control file last. Those that were seen at B are
    /// taken in, so that something goes the other way, too.
    ///
    /// # Errors
    /// When a folder cannot be written.
    pub fn lay_down(&mut self, root: &Path) -> io::Result<()> {
        self.take_in(root)?;
        self.count += 1;
        let folder = folder(root, "a/exports", self.count);
        fs::create_dir_all(&folder)?;
        let data = format!("number,what\r\n{},{}\r\n", self.count, "x".repeat(self.count % 97));
        fs::write(folder.join("data.csv"), &data)?;
        let end = format!("file={} {} data.csv\nend=1\n", Digest::of(data.as_bytes()), data.len());
        let draft = folder.join(".end");
        fs::write(&draft, end)?;
        fs::rename(draft, folder.join("data.end"))?;
        self.waiting.push((self.count, data.into_bytes(), Instant::now()));
        Ok(())
    }

    /// The business system says of every generation that was seen at B that it took it in.
    fn take_in(&mut self, root: &Path) -> io::Result<()> {
        for number in self.there.keys() {
            if self.taken.insert(*number) {
                fs::write(folder(root, "b/drop", *number).join("data.done"), "")?;
            }
        }
        Ok(())
    }

    /// At the end of a run: every generation is at B, and what the business system said of each is
    /// known at A (I1 of `exr`, IK-3.5.7b).
    ///
    /// # Errors
    /// When one is late, incomplete, wrong or was changed, or a word was lost on the way back.
    pub fn close(&mut self, root: &Path) -> io::Result<()> {
        self.check(root, true)?;
        self.take_in(root)?;
        let until = Instant::now() + PATIENCE;
        for number in &self.taken {
            while !is_known_at_a(root, *number)? {
                if Instant::now() > until {
                    let lost = format!("I1: A does not hear that generation {number} was taken in");
                    return Err(io::Error::other(lost));
                }
                std::thread::sleep(Duration::from_millis(50));
            }
        }
        Ok(())
    }

    /// I20: a control file at B means that all its files are there and right, and what
    /// was seen there stays as it is. `all` waits for every generation.
    ///
    /// # Errors
    /// When one is late, incomplete, wrong or was changed.
    pub fn check(&mut self, root: &Path, all: bool) -> io::Result<()> {
        for (number, seen) in &self.there {
            let end = fs::read(folder(root, "b/drop", *number).join("data.end"))?;
            if Digest::of(&end) != *seen {
                return Err(io::Error::other(format!("generation {number} was changed at B")));
            }
        }
        loop {
            let mut waiting = Vec::new();
            for (number, data, since) in std::mem::take(&mut self.waiting) {
                match control_file(root, number, &data)? {
                    Some(end) => drop(self.there.insert(number, end)),
                    None if since.elapsed() > PATIENCE => {
                        let late = format!("generation {number} is not at B after a minute");
                        return Err(io::Error::other(late));
                    }
                    None => waiting.push((number, data, since)),
                }
            }
            self.waiting = waiting;
            if self.waiting.is_empty() || !all {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

/// The business system says of every generation at B that it took it in.
///
/// # Errors
/// When the folder cannot be written.
pub(crate) fn pick_up(root: &Path) -> io::Result<()> {
    for generation in fs::read_dir(root.join("b/drop").join(JOB)).into_iter().flatten() {
        let folder = generation?.path();
        let done = folder.join("data.done");
        if folder.join("data.end").exists() && !done.exists() {
            fs::write(done, "")?;
        }
    }
    Ok(())
}

/// Whether the receipt beside a generation at A says that it was taken in.
fn is_known_at_a(root: &Path, number: usize) -> io::Result<bool> {
    match fs::read(folder(root, "a/exports", number).join("receipt.json")) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        receipt => Ok(serde_json::from_slice::<Value>(&receipt?)?["outcome"] == "done"),
    }
}

/// Hash of the control file at B, when it is there; its file must then be whole.
fn control_file(root: &Path, number: usize, data: &[u8]) -> io::Result<Option<Digest>> {
    let folder = folder(root, "b/drop", number);
    let end = match fs::read(folder.join("data.end")) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        end => end?,
    };
    if fs::read(folder.join("data.csv"))? == data {
        return Ok(Some(Digest::of(&end)));
    }
    Err(io::Error::other(format!("generation {number} at B has other bytes than at A")))
}

fn folder(root: &Path, side: &str, number: usize) -> PathBuf {
    root.join(side).join(JOB).join(format!("{number:06}"))
}
