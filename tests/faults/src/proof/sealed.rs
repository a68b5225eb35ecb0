//! I11: what people said is nowhere on the disks of I and S, except sealed.

use std::fs;
use std::io;
use std::path::Path;

use town::Database;

/// Logs of programs that run on I or S.
const LOGS: [&str; 3] = ["internet-zone.log", "outer.log", "relay.log"];

/// Looks for words that were in every application: in no file of I or S, whole or torn,
/// database, log or spool. They are found at L, or the search would prove nothing.
pub(super) fn look(root: &Path, words: &str, database: Database) -> io::Result<()> {
    for folder in ["i", "s"] {
        if let Some(path) = first_with(&root.join(folder), words)? {
            return Err(io::Error::other(format!("I11: {path} holds an application's words")));
        }
    }
    for log in LOGS {
        if holds(&root.join("logs").join(log), words)? {
            return Err(io::Error::other(format!("I11: {log} holds an application's words")));
        }
    }
    match database {
        Database::Sqlite if first_with(&root.join("l"), words)?.is_none() => {
            Err(io::Error::other("I11: the words are not found where they must be"))
        }
        Database::Sqlite | Database::Postgres => Ok(()),
    }
}

fn first_with(folder: &Path, words: &str) -> io::Result<Option<String>> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            if let Some(found) = first_with(&path, words)? {
                return Ok(Some(found));
            }
        } else if holds(&path, words)? {
            return Ok(Some(path.display().to_string()));
        }
    }
    Ok(None)
}

fn holds(path: &Path, words: &str) -> io::Result<bool> {
    match fs::read(path) {
        // Sockets, and files that are gone by now.
        Err(why) if !path.is_file() || why.kind() == io::ErrorKind::NotFound => Ok(false),
        read => Ok(String::from_utf8_lossy(&read?).contains(words)),
    }
}
