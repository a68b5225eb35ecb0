//! Files that are there whole or not at all, even after a power cut.

use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Read as _, Seek as _, Write as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, RenameFlags, renameat_with};
use rustix::io::Errno;

use crate::SpoolError;
use crate::syncs::timed;

/// How often a file that changes while it is read is read.
const LOOKS: usize = 8;

/// Writes a new file: create exclusively in `tmp`, write, sync, rename into
/// `dir` without replacing, sync the folder. When this returns, the file is
/// durable. The folders must be two, on one file system; one process writes `tmp`.
///
/// # Errors
/// [`SpoolError::Exists`] when the name is taken; [`SpoolError::Io`] when the
/// disk refuses. After a failed sync nobody knows what the disk holds: the
/// draft is dropped, never synced again, and the caller must stop.
pub fn write_new(tmp: &Path, dir: &Path, name: &str, bytes: &[u8]) -> Result<(), SpoolError> {
    write_new_from(&tmp.join(name), dir, name, bytes)
}

/// The same with a draft of another name, for who shares the folder of drafts with the one who
/// writes this file as well.
pub(crate) fn write_new_from(
    draft: &Path,
    dir: &Path,
    name: &str,
    bytes: &[u8],
) -> Result<(), SpoolError> {
    let written = again_if_gone(|| {
        write_draft(draft, bytes).and_then(|()| rename_new(draft, &dir.join(name)))
    });
    if let Err(error) = written {
        // Nobody saw the draft; that it cannot be removed changes nothing.
        let _ = fs::remove_file(draft);
        return Err(error);
    }
    sync_dir(dir)
}

/// Replaces a small file whose loss is harmless (a head, a hint): readers see
/// the old or the new bytes, but it is not synced.
///
/// # Errors
/// [`SpoolError::Io`] when the disk refuses.
pub fn replace(tmp: &Path, path: &Path, bytes: &[u8]) -> Result<(), SpoolError> {
    let draft = draft_of(tmp, path);
    again_if_gone(|| {
        fs::write(&draft, bytes).map_err(|why| SpoolError::io("write", &draft, why))?;
        fs::rename(&draft, path).map_err(|why| SpoolError::io("rename", path, why))
    })
}

/// The same for a file that is replaced with every bundle, by its one writer: two files take turns,
/// and a rename exchanges their names. None is made and none is deleted: ext4 passes over each
/// number of a file that went a moment ago when it looks for a free one, and these were most of them.
///
/// Readers see the old or the new bytes. Who opened the file before the last but one exchange may
/// read while it is written anew: a head is signed, and for the rest there is [`read_shown`].
/// After a power cut the name may lead to the bytes before the last, or a long file to a mixture;
/// that head nobody believes, and its sender writes another at its start.
///
/// # Errors
/// [`SpoolError::Io`] when the disk refuses.
pub(crate) fn swap(tmp: &Path, path: &Path, bytes: &[u8]) -> Result<(), SpoolError> {
    let draft = draft_of(tmp, path);
    again_if_gone(|| overwrite(&draft, bytes).and_then(|_| exchange(&draft, path)))
}

/// The same for a file that somebody goes by after a power cut: what the name leads to is not
/// written to before the exchange that took the name from it is durable. Durable when this returns.
///
/// # Errors
/// [`SpoolError::Io`] when the disk refuses; after a failed sync the caller must stop.
pub(crate) fn swap_for_good(tmp: &Path, path: &Path, bytes: &[u8]) -> Result<(), SpoolError> {
    let draft = draft_of(tmp, path);
    again_if_gone(|| {
        let file = overwrite(&draft, bytes)?;
        if let Err(why) = timed(|| file.sync_all()) {
            // It is not synced again; that it cannot be removed changes nothing.
            let _ = fs::remove_file(&draft);
            return Err(SpoolError::io("sync", &draft, why));
        }
        exchange(&draft, path)
    })?;
    path.parent().map_or(Ok(()), sync_dir)
}

/// Reads a small file that [`swap`] replaces, whole: again when it was written to meanwhile.
pub(crate) fn read_shown(path: &Path) -> std::io::Result<Vec<u8>> {
    let mut seen = Vec::new();
    for _ in 0..LOOKS {
        let sure;
        (seen, sure) = look(path, || {})?;
        if sure {
            break;
        }
    }
    Ok(seen)
}

/// What a file holds, and whether that was whole. Two looks may agree on a mixture, when its writer
/// stands still in the middle; then another file has the name. `between` happens in between.
fn look(path: &Path, between: impl FnOnce()) -> std::io::Result<(Vec<u8>, bool)> {
    let mut file = File::open(path)?;
    let mut seen = Vec::new();
    file.read_to_end(&mut seen)?;
    between();
    let (read, shown) = (file.metadata()?, fs::metadata(path)?);
    let stays = (read.dev(), read.ino()) == (shown.dev(), shown.ino());
    let mut again = Vec::with_capacity(seen.len());
    file.rewind()?;
    file.read_to_end(&mut again)?;
    let sure = stays && again == seen;
    Ok((seen, sure))
}

fn draft_of(tmp: &Path, path: &Path) -> PathBuf {
    tmp.join(path.file_name().unwrap_or(path.as_os_str())).with_extension("new")
}

/// Writes over what a draft holds; nobody looks at it.
fn overwrite(draft: &Path, bytes: &[u8]) -> Result<File, SpoolError> {
    let write = || -> std::io::Result<File> {
        let open = || OpenOptions::new().write(true).create(true).truncate(false).open(draft);
        let mut file = open()?;
        if file.metadata()?.nlink() > 1 {
            // Somebody keeps it under another name: a copy of the folder that is made of links.
            fs::remove_file(draft)?;
            file = open()?;
        }
        file.write_all(bytes)?;
        if file.metadata()?.len() != bytes.len() as u64 {
            file.set_len(bytes.len() as u64)?;
        }
        Ok(file)
    };
    write().map_err(|why| SpoolError::io("write", draft, why))
}

/// Exchanges the names of two files; the first file of a name is given it, and so is each where
/// the file system knows no exchange.
fn exchange(draft: &Path, path: &Path) -> Result<(), SpoolError> {
    exchanged(renameat_with(CWD, draft, CWD, path, RenameFlags::EXCHANGE), draft, path)
}

/// What is to be done after the system's answer.
fn exchanged(answer: rustix::io::Result<()>, draft: &Path, path: &Path) -> Result<(), SpoolError> {
    match answer {
        Ok(()) => Ok(()),
        Err(Errno::NOENT | Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP) => {
            fs::rename(draft, path).map_err(|why| SpoolError::io("rename", path, why))
        }
        Err(why) => Err(SpoolError::io("rename", path, why.into())),
    }
}

/// Does it anew when somebody else emptied the folder of drafts half way: the
/// disk refused nothing, and nobody saw the draft. Three times at most.
pub(crate) fn again_if_gone(write: impl Fn() -> Result<(), SpoolError>) -> Result<(), SpoolError> {
    let mut done = write();
    for _ in 0..2 {
        match &done {
            Err(SpoolError::Io { why, .. }) if why.kind() == ErrorKind::NotFound => done = write(),
            _ => break,
        }
    }
    done
}

/// Makes names in a folder durable.
pub(crate) fn sync_dir(dir: &Path) -> Result<(), SpoolError> {
    File::open(dir)
        .and_then(|folder| timed(|| folder.sync_all()))
        .map_err(|why| SpoolError::io("sync folder", dir, why))
}

/// Renames; an existing file is never replaced.
pub(crate) fn rename_new(from: &Path, to: &Path) -> Result<(), SpoolError> {
    renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE).map_err(|why| {
        let why = std::io::Error::from(why);
        if why.kind() == ErrorKind::AlreadyExists {
            SpoolError::Exists(to.to_owned())
        } else {
            SpoolError::io("rename", to, why)
        }
    })
}

fn write_draft(draft: &Path, bytes: &[u8]) -> Result<(), SpoolError> {
    let create = || OpenOptions::new().write(true).create_new(true).open(draft);
    let mut file = match create() {
        // A draft left by an earlier try of this same process.
        Err(why) if why.kind() == ErrorKind::AlreadyExists => {
            fs::remove_file(draft).and_then(|()| create())
        }
        other => other,
    }
    .map_err(|why| SpoolError::io("create", draft, why))?;
    file.write_all(bytes).map_err(|why| SpoolError::io("write", draft, why))?;
    timed(|| file.sync_all()).map_err(|why| SpoolError::io("sync", draft, why))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// I17: a folder of drafts that somebody empties half way stops no lane.
    #[test]
    fn a_draft_that_vanishes_is_written_anew() {
        let tries = std::cell::Cell::new(0);
        let gone = || SpoolError::io("rename", Path::new("draft"), ErrorKind::NotFound.into());
        let twice = again_if_gone(|| {
            tries.set(tries.get() + 1);
            if tries.get() < 3 { Err(gone()) } else { Ok(()) }
        });
        assert!(twice.is_ok() && tries.get() == 3);

        tries.set(0);
        let full = || SpoolError::io("sync", Path::new("draft"), ErrorKind::StorageFull.into());
        let refused = again_if_gone(|| {
            tries.set(tries.get() + 1);
            Err(full())
        });
        assert!(refused.is_err() && tries.get() == 1, "what the disk refuses is never tried again");
    }

    /// A file that is replaced often takes turns with the one before it, whatever their lengths, and
    /// begins anew when somebody takes either away.
    #[test]
    fn two_files_take_turns_under_one_name() {
        let dir = tempfile::tempdir().expect("a folder");
        let (tmp, path) = (dir.path().join("tmp"), dir.path().join("head"));
        fs::create_dir(&tmp).expect("a new folder");
        let draft = tmp.join("head.new");
        let mut before: Option<&[u8]> = None;
        let texts: [&[u8]; 5] = [b"first", b"the second", b"3", b"fourth", b"the fifth"];
        for (round, text) in texts.into_iter().enumerate() {
            match round % 2 {
                0 => swap(&tmp, &path, text).expect("replaced"),
                _ => swap_for_good(&tmp, &path, text).expect("replaced"),
            }
            assert_eq!(read_shown(&path).expect("there"), text);
            assert_eq!(fs::read(&draft).ok().as_deref(), before, "it waits for its turn");
            before = Some(text);
        }
        for gone in [&draft, &path] {
            fs::remove_file(gone).expect("taken away");
            swap(&tmp, &path, b"anew").expect("replaced");
            assert_eq!(read_shown(&path).expect("there"), b"anew");
            swap_for_good(&tmp, &path, b"and again").expect("replaced");
            assert_eq!(read_shown(&path).expect("there"), b"and again");
        }
        let nowhere = dir.path().join("nowhere");
        assert!(swap(&nowhere, &path, b"x").is_err());
        assert_eq!(read_shown(&path).expect("there"), b"and again");
    }

    /// I13: a copy of the folder that is made of links keeps what it was when it was made.
    #[test]
    fn a_file_with_another_name_is_not_written_to() {
        let dir = tempfile::tempdir().expect("a folder");
        let (path, kept) = (dir.path().join("ingested"), dir.path().join("kept"));
        swap_for_good(dir.path(), &path, b"then").expect("replaced");
        fs::hard_link(&path, &kept).expect("linked");
        for text in [b"now", b"one", b"two"] {
            swap_for_good(dir.path(), &path, text).expect("replaced");
            assert_eq!(read_shown(&path).expect("there"), text);
        }
        assert_eq!(fs::read(&kept).expect("there"), b"then");
    }

    /// I13: what is read while the file is written to is known for a mixture, also when both looks at it
    /// agree, and when the file has its name back meanwhile.
    #[test]
    fn a_mixture_is_not_taken_for_the_whole() {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("ingested");
        let shows = |text: &str| swap_for_good(dir.path(), &path, text.as_bytes());
        for text in ["one", "two"] {
            shows(text).expect("replaced");
        }
        let all = look(&path, || {}).expect("there");
        assert_eq!(all, (b"two".to_vec(), true));
        let (_, sure) = look(&path, || shows("three").expect("replaced")).expect("there");
        assert!(!sure, "the file that was read is written to next");
        let twice = || ["four", "five"].into_iter().for_each(|text| shows(text).expect("replaced"));
        let (_, sure) = look(&path, twice).expect("there");
        assert!(!sure, "it was written to in between");
        assert_eq!(read_shown(&path).expect("there"), b"five");
    }

    /// A file system that knows no exchange gets a new file each time; a fault stays one.
    #[test]
    fn where_no_names_are_exchanged_one_replaces() {
        let dir = tempfile::tempdir().expect("a folder");
        let (draft, path) = (dir.path().join("head.new"), dir.path().join("head"));
        for unknown in [Errno::INVAL, Errno::NOSYS, Errno::OPNOTSUPP] {
            fs::write(&path, b"old").expect("written");
            fs::write(&draft, b"new").expect("written");
            exchanged(Err(unknown), &draft, &path).expect("replaced");
            assert!(fs::read(&path).is_ok_and(|text| text == b"new") && !draft.exists());
        }
        fs::write(&draft, b"newer").expect("written");
        assert!(exchanged(Err(Errno::IO), &draft, &path).is_err());
        assert_eq!(fs::read(&path).expect("there"), b"new");
    }

    /// I4: a name that was seen keeps its bytes.
    #[test]
    fn a_visible_file_is_never_replaced() {
        let dir = tempfile::tempdir().expect("a folder");
        let (tmp, ready) = (dir.path().join("tmp"), dir.path().join("ready"));
        for folder in [&tmp, &ready] {
            fs::create_dir(folder).expect("a new folder");
        }
        write_new(&tmp, &ready, "a", b"first").expect("a new name");
        let again = write_new(&tmp, &ready, "a", b"second");
        assert!(matches!(again, Err(SpoolError::Exists(_))), "{again:?}");
        assert_eq!(fs::read(ready.join("a")).expect("there"), b"first");
        assert_eq!(fs::read_dir(&tmp).expect("readable").count(), 0);
    }
}
