//! A folder of files with opaque names: what is put is durable before it is
//! named, and a name never changes its content.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// The folder. Names are identifiers made by the application, never by a user.
#[derive(Clone, Debug)]
pub struct Files {
    root: PathBuf,
}

impl Files {
    /// Opens the folder, making it when it is missing.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn open(root: impl Into<PathBuf>) -> io::Result<Self> {
        let root = root.into();
        fs::create_dir_all(root.join("tmp"))?;
        Ok(Self { root })
    }

    /// Stores bytes under a new name. Durable when this returns.
    ///
    /// Blocking: call it from a blocking thread.
    ///
    /// # Errors
    /// When the name is not an identifier, is taken, or the disk refuses.
    pub fn put(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let (draft, place) = self.written(name, bytes)?;
        // A hard link refuses to replace, a rename would not.
        let linked = fs::hard_link(&draft, &place);
        fs::remove_file(&draft)?;
        linked?;
        sync_folder(place.parent().unwrap_or(&self.root))
    }

    /// Stores bytes that an earlier try may have stored already. The file is new
    /// afterwards, so that [`Files::delete_aged`] leaves it alone.
    ///
    /// # Errors
    /// As [`Files::put`], a taken name aside.
    pub fn put_again(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let (draft, place) = self.written(name, bytes)?;
        fs::rename(&draft, &place)?;
        sync_folder(place.parent().unwrap_or(&self.root))
    }

    /// The bytes durable beside their place, and the place.
    fn written(&self, name: &str, bytes: &[u8]) -> io::Result<(PathBuf, PathBuf)> {
        let place = self.place(name)?;
        let folder = place.parent().unwrap_or(&self.root);
        if !folder.exists() {
            fs::create_dir_all(folder)?;
            sync_folder(&self.root)?;
        }
        let draft = self.root.join("tmp").join(name);
        let mut file = File::create(&draft)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        Ok((draft, place))
    }

    /// Reads a file whole.
    ///
    /// # Errors
    /// `NotFound` when there is none of that name.
    pub fn get(&self, name: &str) -> io::Result<Vec<u8>> {
        fs::read(self.place(name)?)
    }

    /// Deletes a file; one that is gone already is no error.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn delete(&self, name: &str) -> io::Result<()> {
        match fs::remove_file(self.place(name)?) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// The folders that hold the files, sorted: a look for orphans takes a few at
    /// a time.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn shelves(&self) -> io::Result<Vec<String>> {
        let mut shelves = Vec::new();
        for folder in fs::read_dir(&self.root)? {
            let folder = folder?;
            if folder.file_name() != "tmp" && folder.file_type()?.is_dir() {
                shelves.extend(folder.file_name().into_string());
            }
        }
        shelves.sort_unstable();
        Ok(shelves)
    }

    /// The files of one shelf written before `before`.
    ///
    /// # Errors
    /// When the shelf cannot be read.
    pub fn aged(&self, shelf: &str, before: SystemTime) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        for file in fs::read_dir(self.root.join(shelf))? {
            let file = file?;
            if older(&file.path(), before)? {
                names.extend(file.file_name().into_string());
            }
        }
        names.sort_unstable();
        Ok(names)
    }

    /// Deletes a file unless it was written, or stored again, since `before`;
    /// `false` when it stays or was gone.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn delete_aged(&self, name: &str, before: SystemTime) -> io::Result<bool> {
        let place = self.place(name)?;
        if !older(&place, before)? {
            return Ok(false);
        }
        fs::remove_file(place).map(|()| true)
    }

    /// Deletes what a [`Files::put`] that broke off before `before` left; returns
    /// how many.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn clear_unfinished(&self, before: SystemTime) -> io::Result<usize> {
        let mut cleared = 0;
        for draft in fs::read_dir(self.root.join("tmp"))? {
            let draft = draft?.path();
            if older(&draft, before)? {
                fs::remove_file(draft)?;
                cleared += 1;
            }
        }
        Ok(cleared)
    }

    /// Two last characters are random, so folders fill evenly.
    fn place(&self, name: &str) -> io::Result<PathBuf> {
        let plain = name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
        if !plain || !(8..=64).contains(&name.len()) {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "not an identifier"));
        }
        Ok(self.root.join(&name[name.len() - 2..]).join(name))
    }
}

/// `false` for a file that is gone by now.
fn older(path: &Path, before: SystemTime) -> io::Result<bool> {
    match fs::metadata(path) {
        Ok(facts) => Ok(facts.is_file() && facts.modified()? < before),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder() -> (tempfile::TempDir, Files) {
        let root = tempfile::tempdir().expect("a temporary folder");
        let files = Files::open(root.path().join("files")).expect("it can be made");
        (root, files)
    }

    #[test]
    fn what_was_put_is_read_back_and_never_replaced() {
        let (_root, files) = folder();
        files.put("abcdefgh01", b"first").expect("a new name");
        let again = files.put("abcdefgh01", b"second").expect_err("the name is taken");
        assert_eq!(again.kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(files.get("abcdefgh01").expect("it is there"), b"first");
        assert_eq!(files.shelves().expect("readable"), ["01"]);

        files.delete("abcdefgh01").expect("it can be deleted");
        files.delete("abcdefgh01").expect("a second time is no error");
        assert_eq!(files.get("abcdefgh01").expect_err("gone").kind(), io::ErrorKind::NotFound);
    }

    /// MN-7.2: only a file that nobody wrote or stored again since then is deleted
    /// as old; one that is being stored again stays.
    #[test]
    fn a_file_that_is_stored_again_is_young() {
        let (_root, files) = folder();
        let hour = std::time::Duration::from_secs(3600);
        files.put("abcdefgj01", b"young").expect("a new name");
        let written = |name: &str| {
            let facts = fs::metadata(files.place(name).expect("an identifier"));
            facts.expect("it is there").modified().expect("known")
        };
        let now = written("abcdefgj01");
        for name in ["abcdefgh01", "abcdefgi01"] {
            files.put(name, b"bytes").expect("a new name");
            let place = files.place(name).expect("an identifier");
            let file = File::options().append(true).open(place).expect("it is there");
            file.set_modified(now - 48 * hour).expect("settable");
        }
        fs::write(files.root.join("tmp/abcdefgk01"), b"half").expect("writable");
        let before = now - 24 * hour;
        assert_eq!(files.aged("01", before).expect("readable"), ["abcdefgh01", "abcdefgi01"]);

        files.put_again("abcdefgi01", b"bytes").expect("it is there");
        assert!(written("abcdefgi01") >= now);
        assert!(files.delete_aged("abcdefgh01", before).expect("deleted"));
        assert!(!files.delete_aged("abcdefgh01", before).expect("gone already"));
        assert!(!files.delete_aged("abcdefgi01", before).expect("stored again"));
        assert_eq!(files.get("abcdefgi01").expect("it is there"), b"bytes");
        files.put_again("abcdefgh01", b"anew").expect("gone, so it is written");
        assert_eq!(files.get("abcdefgh01").expect("it is there"), b"anew");

        assert_eq!(files.clear_unfinished(before).expect("readable"), 0, "it may go on");
        assert_eq!(files.clear_unfinished(now + hour).expect("readable"), 1);
    }

    /// MN-7.2, MN-7.4: a name from outside never becomes a path.
    #[test]
    fn a_name_that_is_no_identifier_is_refused() {
        let (_root, files) = folder();
        for name in ["../../etc/passwd", "a/b", "", "short", "ABCDEFGH", "abcdefgh\0"] {
            let error = files.put(name, b"x").expect_err(name);
            assert_eq!(error.kind(), io::ErrorKind::InvalidInput, "{name:?}");
        }
    }
}
