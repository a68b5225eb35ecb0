//! A folder of files with opaque names: what is put is durable before it is
//! named, and a name never changes its content.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

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
        drop(file);
        // A hard link refuses to replace, a rename would not.
        let linked = fs::hard_link(&draft, &place);
        fs::remove_file(&draft)?;
        linked?;
        sync_folder(folder)
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

    /// The names of all files, for the job that looks for orphans.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn names(&self) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        for folder in fs::read_dir(&self.root)? {
            let folder = folder?;
            if folder.file_name() == "tmp" || !folder.file_type()?.is_dir() {
                continue;
            }
            for file in fs::read_dir(folder.path())? {
                names.extend(file?.file_name().into_string());
            }
        }
        Ok(names)
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
        assert_eq!(files.names().expect("readable"), ["abcdefgh01"]);

        files.delete("abcdefgh01").expect("it can be deleted");
        files.delete("abcdefgh01").expect("a second time is no error");
        assert_eq!(files.get("abcdefgh01").expect_err("gone").kind(), io::ErrorKind::NotFound);
    }

    /// MN-7.2: a name from outside never becomes a path.
    #[test]
    fn a_name_that_is_no_identifier_is_refused() {
        let (_root, files) = folder();
        for name in ["../../etc/passwd", "a/b", "", "short", "ABCDEFGH", "abcdefgh\0"] {
            let error = files.put(name, b"x").expect_err(name);
            assert_eq!(error.kind(), io::ErrorKind::InvalidInput, "{name:?}");
        }
    }
}
