//! Small durable steps outside the spool.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::Path;
use std::time::Duration;

use rustix::fs::{CWD, RenameFlags, renameat, renameat_with};
use rustix::io::Errno;

/// Makes a file that stays: a note that something is done. A power cut leaves it out, or
/// leaves it without its content.
pub(crate) fn mark(path: &Path, text: impl AsRef<[u8]>) -> io::Result<()> {
    let dir = path.parent().unwrap_or(path);
    fs::create_dir_all(dir)?;
    let mut file = File::create(path)?;
    file.write_all(text.as_ref())?;
    file.sync_all()?;
    sync_dir(dir)
}

/// Makes names in a folder durable. A share that cannot be asked for that keeps them by itself.
pub(crate) fn sync_dir(dir: &Path) -> io::Result<()> {
    match File::open(dir)?.sync_all() {
        Err(error) if cannot(&error) => Ok(()),
        done => done,
    }
}

/// Renames; what is there is never replaced. A Windows share cannot do both in one step and may hold
/// a file open for a moment, as its virus scanner does: the first is done in two steps, which is safe
/// because one role alone writes here, the second is tried again.
pub(crate) fn rename_new(from: &Path, to: &Path) -> io::Result<()> {
    into_place(&Disk, from, to)
}

/// Renames over what is there, and tries again while somebody holds one of the two open.
pub(crate) fn rename_over(from: &Path, to: &Path) -> io::Result<()> {
    patiently(&Disk, || Disk.rename(from, to))
}

/// What a folder can do to a name.
trait Names {
    /// Renames in one step, or refuses because something is there.
    fn rename_new(&self, from: &Path, to: &Path) -> io::Result<()>;
    /// Renames.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;
    /// Waits before another try.
    fn wait(&self);
}

struct Disk;

impl Names for Disk {
    fn rename_new(&self, from: &Path, to: &Path) -> io::Result<()> {
        Ok(renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE)?)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        Ok(renameat(CWD, from, CWD, to)?)
    }

    fn wait(&self) {
        std::thread::sleep(PAUSE);
    }
}

/// Tries while somebody else holds a file open, and the pause between them.
const TRIES: u32 = 10;
const PAUSE: Duration = Duration::from_millis(100);

fn into_place(names: &impl Names, from: &Path, to: &Path) -> io::Result<()> {
    patiently(names, || once(names, from, to))
}

fn patiently(names: &impl Names, step: impl Fn() -> io::Result<()>) -> io::Result<()> {
    let mut tries = 1;
    loop {
        match step() {
            Err(error) if is_held(&error) && tries < TRIES => {
                tries += 1;
                names.wait();
            }
            done => return done,
        }
    }
}

fn once(names: &impl Names, from: &Path, to: &Path) -> io::Result<()> {
    match names.rename_new(from, to) {
        Err(error) if cannot(&error) => {
            if to.try_exists()? {
                return Err(io::ErrorKind::AlreadyExists.into());
            }
            names.rename(from, to)
        }
        done => done,
    }
}

/// The file system does not know this call.
fn cannot(error: &io::Error) -> bool {
    let known = [Errno::INVAL, Errno::NOSYS, Errno::OPNOTSUPP];
    Errno::from_io_error(error).is_some_and(|code| known.contains(&code))
}

/// Somebody holds the file open: what a share answers where a disk would go on.
fn is_held(error: &io::Error) -> bool {
    let known = [Errno::BUSY, Errno::TXTBSY, Errno::ACCESS, Errno::AGAIN];
    Errno::from_io_error(error).is_some_and(|code| known.contains(&code))
}

#[cfg(test)]
mod tests {
    use std::cell::{Cell, RefCell};

    use super::*;

    /// A share: renames in two steps, and holds files open for a while.
    #[derive(Default)]
    struct Share {
        held: Cell<u32>,
        asked: RefCell<Vec<&'static str>>,
    }

    impl Names for Share {
        fn rename_new(&self, _: &Path, _: &Path) -> io::Result<()> {
            self.asked.borrow_mut().push("both");
            Err(Errno::INVAL.into())
        }

        fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
            self.asked.borrow_mut().push("rename");
            match self.held.get() {
                0 => fs::rename(from, to),
                left => {
                    self.held.set(left - 1);
                    Err(Errno::BUSY.into())
                }
            }
        }

        fn wait(&self) {
            self.asked.borrow_mut().push("wait");
        }
    }

    /// IK-3.5.7b: a share that cannot refuse in one step still never loses what is there.
    #[test]
    fn a_share_gets_a_name_once() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = |name: &str| folder.path().join(name);
        fs::write(path("a"), b"1").expect("written");
        fs::write(path("b"), b"2").expect("written");
        let share = Share { held: Cell::new(2), ..Share::default() };
        into_place(&share, &path("a"), &path("there")).expect("renamed");
        let steps = ["both", "rename", "wait", "both", "rename", "wait", "both", "rename"];
        assert_eq!(*share.asked.borrow(), steps);
        let refused = into_place(&share, &path("b"), &path("there")).expect_err("it is there");
        assert_eq!(refused.kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(fs::read(path("there")).expect("read"), b"1");
        assert_eq!(fs::read(path("b")).expect("still here"), b"2");
    }

    /// IK-3.5.7b: what is replaced on a share is tried again while somebody reads it.
    #[test]
    fn what_is_read_at_the_moment_is_replaced_a_little_later() {
        let folder = tempfile::tempdir().expect("a folder");
        let (from, to) = (folder.path().join("new"), folder.path().join("there"));
        fs::write(&from, b"2").expect("written");
        fs::write(&to, b"1").expect("written");
        let share = Share { held: Cell::new(2), ..Share::default() };
        patiently(&share, || share.rename(&from, &to)).expect("replaced");
        assert_eq!(*share.asked.borrow(), ["rename", "wait", "rename", "wait", "rename"]);
        assert_eq!(fs::read(&to).expect("read"), b"2");
    }

    /// IK-3.5.7b: a file that stays open ends the tries, not the role's day.
    #[test]
    fn a_file_that_stays_open_is_given_up() {
        let folder = tempfile::tempdir().expect("a folder");
        let share = Share { held: Cell::new(u32::MAX), ..Share::default() };
        let (from, to) = (folder.path().join("a"), folder.path().join("b"));
        let error = into_place(&share, &from, &to).expect_err("it is held");
        assert!(is_held(&error), "{error}");
        let waits = share.asked.borrow().iter().filter(|one| **one == "wait").count();
        assert_eq!(waits, 9);
    }
}
