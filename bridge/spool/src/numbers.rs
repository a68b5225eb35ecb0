//! How far the numbers that a zone gives have leapt, kept where no backup sets it back (I14).
//!
//! A database that was set back leaps over what it may have given since. Set back once more to the same
//! backup it would leap to the same place again: so the place stands in the spool, one line a counter.

use std::collections::BTreeMap;
use std::fs;
use std::io::{ErrorKind, Write as _};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use crate::SpoolError;
use crate::durable::sync_dir;

/// To which number each counter of a zone leapt last, by the name of the counter.
pub type Leapt = BTreeMap<String, i64>;

const NAME: &str = "numbers";

/// Two lanes of a zone may stop at the same moment.
static WRITES: Mutex<()> = Mutex::new(());

/// How far the numbers of this zone have leapt; nothing when they never have.
///
/// # Errors
/// [`SpoolError::Io`] when the file cannot be read.
pub fn leapt(spool: &Path) -> Result<Leapt, SpoolError> {
    let path = spool.join(NAME);
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(why) if why.kind() == ErrorKind::NotFound => return Ok(Leapt::new()),
        Err(why) => return Err(SpoolError::io("read", &path, why)),
    };
    let counter = |line: &str| {
        let (name, number) = line.split_once(' ')?;
        Some((name.to_owned(), number.parse::<i64>().ok()?))
    };
    Ok(text.lines().filter_map(counter).collect())
}

/// Notes how far numbers leapt; what was noted never gets less. Durable when this returns.
///
/// # Errors
/// [`SpoolError::Io`] when the disk refuses.
pub fn note_leapt(spool: &Path, now: &Leapt) -> Result<(), SpoolError> {
    let _one = WRITES.lock().unwrap_or_else(PoisonError::into_inner);
    let mut all = leapt(spool)?;
    for (name, number) in now {
        let noted = all.entry(name.clone()).or_insert(*number);
        *noted = (*noted).max(*number);
    }
    let lines: Vec<String> =
        all.iter().map(|(name, number)| format!("{name} {number}\n")).collect();
    let (path, draft) = (spool.join(NAME), spool.join("numbers.new"));
    let write = || {
        let mut file = fs::File::create(&draft)?;
        file.write_all(lines.concat().as_bytes())?;
        file.sync_all()?;
        fs::rename(&draft, &path)
    };
    write().map_err(|why| SpoolError::io("write", &path, why))?;
    sync_dir(spool)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counters(all: &[(&str, i64)]) -> Leapt {
        all.iter().map(|(name, number)| ((*name).to_owned(), *number)).collect()
    }

    /// I14: the greatest number of each counter stays; a line that is none is left out.
    #[test]
    fn what_was_leapt_to_never_gets_less() {
        let dir = tempfile::tempdir().expect("a folder");
        assert_eq!(leapt(dir.path()).expect("no file"), Leapt::new());
        note_leapt(dir.path(), &counters(&[("a", 5), ("b", 1)])).expect("noted");
        note_leapt(dir.path(), &counters(&[("a", 3), ("c", 7)])).expect("noted");
        let all = counters(&[("a", 5), ("b", 1), ("c", 7)]);
        assert_eq!(leapt(dir.path()).expect("readable"), all);
        fs::write(dir.path().join(NAME), "a 5\nb\nc x\n").expect("written");
        assert_eq!(leapt(dir.path()).expect("readable"), counters(&[("a", 5)]));
    }
}
