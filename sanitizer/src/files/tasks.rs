//! The files a run treats.

use std::io;
use std::path::{Path, PathBuf};

/// Folders within folders that are followed.
const MAX_DEPTH: usize = 32;

/// One file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Task {
    /// Where it is.
    pub path: PathBuf,
    /// The folder it lay in, below the folder that was named; empty for files
    /// named one by one.
    pub below: PathBuf,
}

/// Lists the files named and the files in the folders named, by name.
/// Symbolic links within folders are not followed.
///
/// # Errors
/// When a path does not exist or a folder cannot be listed.
pub fn collect(inputs: &[PathBuf]) -> io::Result<Vec<Task>> {
    let mut tasks = Vec::new();
    for input in inputs {
        let named = |error| with_path(input, &error);
        if std::fs::metadata(input).map_err(named)?.is_dir() {
            folder(input, Path::new(""), 0, &mut tasks).map_err(named)?;
        } else {
            tasks.push(Task { path: input.clone(), below: PathBuf::new() });
        }
    }
    Ok(tasks)
}

fn folder(path: &Path, below: &Path, depth: usize, tasks: &mut Vec<Task>) -> io::Result<()> {
    if depth > MAX_DEPTH {
        return Err(io::Error::other("folders within folders too deep"));
    }
    let mut entries = std::fs::read_dir(path)?.collect::<io::Result<Vec<_>>>()?;
    entries.sort_by_key(std::fs::DirEntry::file_name);
    for entry in entries {
        let kind = entry.file_type()?;
        if kind.is_dir() {
            folder(&entry.path(), &below.join(entry.file_name()), depth + 1, tasks)?;
        } else if kind.is_file() {
            tasks.push(Task { path: entry.path(), below: below.to_owned() });
        }
    }
    Ok(())
}

fn with_path(path: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{}: {error}", path.display()))
}
