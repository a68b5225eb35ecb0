//! Where results go.

use std::collections::HashSet;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use super::Task;
use crate::name;
use crate::rebuild::Rebuilt;

/// The place `-o` names.
#[derive(Debug)]
pub enum Place {
    /// One file, whatever its extension.
    File(PathBuf),
    /// A folder; results keep their names.
    Folder {
        /// The folder.
        root: PathBuf,
        /// Results given out so far, so that no two share a name.
        taken: Mutex<HashSet<PathBuf>>,
    },
}

impl Place {
    /// Decides what `-o` means: a file for exactly one file, unless a folder
    /// is there or the path ends in a slash.
    #[must_use]
    pub fn new(out: &Path, inputs: &[PathBuf]) -> Self {
        let one_file = matches!(inputs, [only] if !only.is_dir());
        let means_folder = out.is_dir() || out.as_os_str().as_encoded_bytes().ends_with(b"/");
        if one_file && !means_folder {
            Self::File(out.to_owned())
        } else {
            Self::Folder { root: out.to_owned(), taken: Mutex::default() }
        }
    }

    /// The path for a result. Two results of the same name in one folder: the
    /// second keeps its former extension in its name.
    pub(super) fn target(&self, task: &Task, rebuilt: &Rebuilt) -> io::Result<PathBuf> {
        let (root, taken) = match self {
            Self::File(path) => return Ok(path.clone()),
            Self::Folder { root, taken } => (root, taken),
        };
        let folder = root.join(&task.below);
        fs::create_dir_all(&folder)?;
        let mut taken = taken.lock().unwrap_or_else(PoisonError::into_inner);
        let extension = rebuilt.name.rsplit('.').next().unwrap_or_default();
        let full = task.path.file_name().map(|it| it.to_string_lossy()).unwrap_or_default();
        let first = std::iter::once(rebuilt.name.clone());
        let others = (1..).map(|number| match number {
            1 => name::rebuilt(&format!("{full}.{extension}"), extension),
            _ => name::rebuilt(&format!("{full}.{number}.{extension}"), extension),
        });
        let free = first.chain(others).map(|name| folder.join(name)).find(|it| !taken.contains(it));
        let free = free.ok_or_else(|| io::Error::other("no free name"))?;
        taken.insert(free.clone());
        Ok(free)
    }
}

/// Writes a result whole or not at all.
///
/// # Errors
/// When the folder cannot be written.
pub fn write(target: &Path, bytes: &[u8]) -> io::Result<()> {
    let name = target.file_name().ok_or_else(|| io::Error::other("no file name"))?;
    let mut unfinished = std::ffi::OsString::from(".unfinished-");
    unfinished.push(name);
    let unfinished = target.with_file_name(unfinished);
    let written = create(&unfinished).and_then(|mut file| file.write_all(bytes));
    let moved = written.and_then(|()| fs::rename(&unfinished, target));
    if moved.is_err() {
        let _nothing_there = fs::remove_file(&unfinished);
    }
    moved
}

fn create(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create(true).truncate(true).open(path)
}
