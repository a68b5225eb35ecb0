//! Generations of backups: the database as it was at one moment and every file it may name. Each is a
//! folder that stands alone: `zone.db` (SQLite) or `zone.dump` (PostgreSQL, for `pg_restore`), and
//! `files/`.
//!
//! ```text
//!  DIR/2026-11-22T021500Z/zone.db      files/ab/…      written beside the running service
//!  DIR/2026-11-23T021500Z/zone.db      files/ab/…      a file that was there before is a hard link
//!  DIR/draft/                                          what broke off; the next run begins anew
//! ```
//!
//! Files go before and after the database: what it names was there before, or came meanwhile. A file's
//! name never changes its content, so a generation links those of the one before it.
//!
//! Source: NN-12, IK-3.1.1o, MN-8.2a.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use diesel::prelude::*;
use diesel::sql_types::Text;
use jiff::Timestamp;

const SQLITE: &str = "zone.db";
const POSTGRES: &str = "zone.dump";
const DRAFT: &str = "draft";

/// What to back up, and where to.
#[derive(Clone, Debug)]
pub struct Plan<'a> {
    /// Of the database: `sqlite:PATH` or `postgres://…`.
    pub url: &'a str,
    /// The folder of [`crate::files::Files`].
    pub files: &'a Path,
    /// The folder of the generations; best the disk of another machine.
    pub to: &'a Path,
    /// How many generations are kept, the new one among them.
    pub keep: usize,
    /// Names the generation.
    pub at: Timestamp,
}

/// A generation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Made {
    /// Its name.
    pub name: String,
    /// Its folder.
    pub folder: PathBuf,
    /// How many files it holds.
    pub files: usize,
    /// Generations that were let go.
    pub gone: Vec<String>,
}

/// Why there is no new generation, or nothing was restored. What was there before is untouched.
#[derive(Debug, thiserror::Error)]
pub enum NotDone {
    /// The disk.
    #[error("{0}: {1}")]
    Disk(PathBuf, io::Error),
    /// Another run is at work.
    #[error("{0}: another backup is being made")]
    Busy(PathBuf),
    /// The database.
    #[error("the database: {0}")]
    Database(String),
    /// A password would be seen in the list of processes.
    #[error(
        "the url of the database holds a password, which the list of processes would show; write it into \
         ~/.pgpass of the service's user, or let the server know that user"
    )]
    Password,
    /// `pg_dump` says why.
    #[error("pg_dump: {0}")]
    Dump(String),
    /// Something would be written over.
    #[error("{0} is there already; nothing is ever written over")]
    Taken(PathBuf),
    /// Not the folder of a generation for this database.
    #[error("{0} is no generation of such a database")]
    NoGeneration(PathBuf),
}

/// Attaches the path to what the disk says.
fn at<T>(path: &Path, done: io::Result<T>) -> Result<T, NotDone> {
    done.map_err(|error| NotDone::Disk(path.to_owned(), error))
}

/// Makes a generation beside the running service and lets the oldest go. Durable when this returns.
///
/// Blocking: call it from a blocking thread.
///
/// # Errors
/// [`NotDone`]; there is no new generation then.
pub fn make(plan: &Plan<'_>) -> Result<Made, NotDone> {
    at(plan.to, private_folder(plan.to))?;
    let lock = plan.to.join("lock");
    let locked = at(&lock, File::options().create(true).append(true).open(&lock))?;
    locked.try_lock().map_err(|_| NotDone::Busy(plan.to.to_owned()))?;

    let before = generations(plan.to)?;
    let name = plan.at.strftime("%Y-%m-%dT%H%M%SZ").to_string();
    let folder = plan.to.join(&name);
    if folder.exists() {
        return Err(NotDone::Taken(folder));
    }
    let draft = plan.to.join(DRAFT);
    if draft.exists() {
        at(&draft, fs::remove_dir_all(&draft))?;
    }
    at(&draft, private_folder(&draft))?;
    let older = before.last().map(|name| plan.to.join(name).join("files"));
    let copies = Copies { from: plan.files, to: &draft.join("files"), older: older.as_deref() };
    copies.make()?;
    dump(plan.url, &draft)?;
    copies.make()?;
    let files = count(copies.to)?;
    at(&draft, sync(&draft))?;
    at(&folder, fs::rename(&draft, &folder))?;
    at(plan.to, sync(plan.to))?;

    let mut gone = before;
    gone.truncate((gone.len() + 1).saturating_sub(plan.keep.max(1)));
    for name in &gone {
        let old = plan.to.join(name);
        at(&old, fs::remove_dir_all(&old))?;
    }
    Ok(Made { name, folder, files, gone })
}

/// Names of the generations, oldest first.
///
/// # Errors
/// When the folder cannot be read.
pub fn generations(to: &Path) -> Result<Vec<String>, NotDone> {
    let mut names = Vec::new();
    for entry in at(to, fs::read_dir(to))? {
        let name = at(to, entry)?.file_name().into_string().unwrap_or_default();
        // 2026-11-22T021500Z
        if name.len() == 18 && name.ends_with('Z') && name.starts_with("20") {
            names.push(name);
        }
    }
    names.sort_unstable();
    Ok(names)
}

/// Copies the database of a generation to a place where nothing is, to be opened there.
///
/// # Errors
/// [`NotDone`]; of PostgreSQL `pg_restore` makes a database.
pub fn copy_out(generation: &Path, to: &Path) -> Result<(), NotDone> {
    let from = generation.join(SQLITE);
    if !from.exists() {
        return Err(NotDone::NoGeneration(generation.to_owned()));
    }
    if to.exists() {
        return Err(NotDone::Taken(to.to_owned()));
    }
    at(&from, durably_copied(&from, to))
}

/// Puts a generation back where nothing is: its files, and of SQLite the database. A dump of
/// PostgreSQL is for `pg_restore`; returned is what to restore with it, if any.
///
/// # Errors
/// [`NotDone`] when something is there already, or the generation is of another kind.
pub fn restore(generation: &Path, url: &str, files: &Path) -> Result<Option<PathBuf>, NotDone> {
    let filled = files.is_dir() && count(files)? > 0;
    if filled {
        return Err(NotDone::Taken(files.to_owned()));
    }
    let dump = generation.join(POSTGRES);
    let left = match url.strip_prefix("sqlite:") {
        Some(path) => {
            let path = Path::new(path);
            let folder = path.parent().unwrap_or(Path::new("."));
            at(folder, private_folder(folder))?;
            copy_out(generation, path)?;
            at(folder, sync(folder))?;
            None
        }
        None if dump.exists() => Some(dump),
        None => return Err(NotDone::NoGeneration(generation.to_owned())),
    };
    let from = generation.join("files");
    Copies { from: &from, to: files, older: None }.make()?;
    Ok(left)
}

/// The database as it is now.
fn dump(url: &str, into: &Path) -> Result<(), NotDone> {
    let Some(path) = url.strip_prefix("sqlite:") else { return postgres_dump(url, into) };
    if !Path::new(path).exists() {
        let error = io::Error::from(io::ErrorKind::NotFound);
        return Err(NotDone::Disk(path.into(), error));
    }
    let fault = |error: &dyn std::fmt::Display| NotDone::Database(error.to_string());
    let mut db = SqliteConnection::establish(path).map_err(|error| fault(&error))?;
    let copy = into.join(SQLITE);
    diesel::sql_query("pragma busy_timeout = 30000")
        .execute(&mut db)
        .map_err(|error| fault(&error))?;
    diesel::sql_query("vacuum into ?")
        .bind::<Text, _>(copy.display().to_string())
        .execute(&mut db)
        .map_err(|error| fault(&error))?;
    // The engine does not wait for the disk here.
    at(&copy, sync(&copy))
}

fn postgres_dump(url: &str, into: &Path) -> Result<(), NotDone> {
    if holds_password(url) {
        return Err(NotDone::Password);
    }
    let copy = into.join(POSTGRES);
    let done = Command::new("pg_dump")
        .args(["--format=custom", "--no-password", "--file"])
        .arg(&copy)
        .arg("--dbname")
        .arg(url)
        .output()
        .map_err(|error| NotDone::Dump(error.to_string()))?;
    if !done.status.success() {
        return Err(NotDone::Dump(String::from_utf8_lossy(&done.stderr).trim().to_owned()));
    }
    at(&copy, sync(&copy))
}

/// Whether an address of a database holds a password: `postgres://user:password@…`, `…?password=…`.
#[must_use]
pub fn holds_password(url: &str) -> bool {
    let behind = url.split_once("://").map_or(url, |(_, rest)| rest);
    let person = behind.split(['/', '?']).next().and_then(|place| place.rsplit_once('@'));
    person.is_some_and(|(person, _)| person.contains(':')) || url.contains("password=")
}

/// A folder of files and where its copy goes.
struct Copies<'a> {
    from: &'a Path,
    to: &'a Path,
    /// The same folder in the generation before.
    older: Option<&'a Path>,
}

impl Copies<'_> {
    /// Copies what is not there yet; a file that goes meanwhile is none.
    fn make(&self) -> Result<(), NotDone> {
        at(self.to, private_folder(self.to))?;
        if !self.from.exists() {
            return Ok(());
        }
        for shelf in at(self.from, fs::read_dir(self.from))? {
            let shelf = at(self.from, shelf)?;
            let name = shelf.file_name();
            if name == "tmp" || !at(&shelf.path(), shelf.file_type())?.is_dir() {
                continue;
            }
            let into = self.to.join(&name);
            at(&into, private_folder(&into))?;
            for file in at(&shelf.path(), fs::read_dir(shelf.path()))? {
                let file = at(&shelf.path(), file)?.file_name();
                let older = self.older.map(|older| older.join(&name).join(&file));
                let (from, to) = (shelf.path().join(&file), into.join(&file));
                match one(&from, older.as_deref(), &to) {
                    Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                    done => at(&from, done)?,
                }
            }
            at(&into, sync(&into))?;
        }
        at(self.to, sync(self.to))
    }
}

/// One file: there already, a link to the generation before, or a copy.
fn one(from: &Path, older: Option<&Path>, to: &Path) -> io::Result<()> {
    if to.exists() {
        return Ok(());
    }
    let facts = fs::metadata(from)?;
    let same = |old: &Path| {
        let old = fs::metadata(old)?;
        Ok::<_, io::Error>(old.len() == facts.len() && old.modified()? == facts.modified()?)
    };
    // A file system without links gets a copy.
    if older.is_some_and(|old| same(old).unwrap_or(false) && fs::hard_link(old, to).is_ok()) {
        return Ok(());
    }
    durably_copied(from, to)
}

/// Copies with the time of the last change, by which the next generation knows it.
fn durably_copied(from: &Path, to: &Path) -> io::Result<()> {
    fs::copy(from, to)?;
    let file = File::options().write(true).open(to)?;
    file.set_modified(fs::metadata(from)?.modified()?)?;
    file.sync_all()
}

fn count(files: &Path) -> Result<usize, NotDone> {
    let mut count = 0;
    for shelf in at(files, fs::read_dir(files))? {
        let shelf = at(files, shelf)?.path();
        if shelf.is_dir() {
            count += at(&shelf, fs::read_dir(&shelf))?.count();
        }
    }
    Ok(count)
}

/// What is backed up is about people: only its owner reads it.
fn private_folder(folder: &Path) -> io::Result<()> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

fn sync(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::MetadataExt as _;

    use super::*;
    use crate::files::Files;

    struct Zone {
        root: tempfile::TempDir,
        files: Files,
        db: SqliteConnection,
    }

    impl Zone {
        fn new() -> Self {
            let root = tempfile::tempdir().expect("a folder");
            let files = Files::open(root.path().join("files")).expect("a folder");
            let path = root.path().join("live.db").display().to_string();
            let mut db = SqliteConnection::establish(&path).expect("a database");
            let table = "create table letters (words text)";
            diesel::sql_query("pragma journal_mode = wal").execute(&mut db).expect("set");
            diesel::sql_query(table).execute(&mut db).expect("made");
            Self { root, files, db }
        }

        fn writes(&mut self, words: &str) {
            let insert = format!("insert into letters values ('{words}')");
            diesel::sql_query(insert).execute(&mut self.db).expect("written");
        }

        fn backs_up(&self, at: i64) -> Result<Made, NotDone> {
            let url = format!("sqlite:{}", self.root.path().join("live.db").display());
            make(&Plan {
                url: &url,
                files: &self.root.path().join("files"),
                to: &self.root.path().join("backups"),
                keep: 7,
                at: Timestamp::from_second(1_795_000_000 + at * 86_400).expect("a time"),
            })
        }
    }

    #[derive(QueryableByName)]
    struct Line {
        #[diesel(sql_type = Text)]
        words: String,
    }

    fn letters(db: &Path) -> Vec<String> {
        let mut db = SqliteConnection::establish(&db.display().to_string()).expect("a database");
        let lines: Vec<Line> =
            diesel::sql_query("select words from letters").load(&mut db).expect("readable");
        lines.into_iter().map(|line| line.words).collect()
    }

    /// NN-12, IK-3.1.1o: a generation a day, made beside the open database; seven are kept, each
    /// stands alone, holds what was there on its day, and is restored where nothing is.
    #[test]
    fn seven_generations_are_kept_and_each_is_restored() {
        let mut zone = Zone::new();
        zone.files.put("firstfile01", b"first").expect("stored");
        let mut made = Vec::new();
        for day in 0..9 {
            zone.writes(&format!("day {day}"));
            if day == 4 {
                zone.files.put("secondfile02", b"second").expect("stored");
            }
            if day == 6 {
                zone.files.delete("firstfile01").expect("deleted");
            }
            made.push(zone.backs_up(day).expect("a generation"));
        }
        let kept = generations(&zone.root.path().join("backups")).expect("readable");
        assert_eq!(kept.len(), 7);
        assert_eq!(made[7].gone, [made[0].name.clone()]);
        assert_eq!(made[8].gone, [made[1].name.clone()]);
        assert_eq!([made[2].files, made[4].files, made[8].files], [1, 2, 1]);
        let inode = |day: usize| {
            let file = made[day].folder.join("files/02/secondfile02");
            fs::metadata(file).expect("there").ino()
        };
        assert_eq!(inode(4), inode(8), "stored once for all generations");
        assert_eq!(fs::metadata(&made[8].folder).expect("there").mode() & 0o777, 0o700);

        let back = zone.root.path().join("back");
        let (url, files) =
            (format!("sqlite:{}", back.join("new.db").display()), back.join("files"));
        assert_eq!(restore(&made[5].folder, &url, &files).expect("restored"), None);
        assert_eq!(
            letters(&back.join("new.db")),
            (0..6).map(|n| format!("day {n}")).collect::<Vec<_>>()
        );
        let restored = Files::open(&files).expect("a folder");
        assert_eq!(restored.get("firstfile01").expect("it was there that day"), b"first");
        assert_eq!(restored.get("secondfile02").expect("and this one"), b"second");
        let again = restore(&made[6].folder, &url, &files).expect_err("something is there");
        assert!(matches!(again, NotDone::Taken(_)), "{again}");
    }

    /// NN-12: what breaks off leaves the generations as they were, and two runs never mix.
    #[test]
    fn what_breaks_off_is_begun_anew_and_one_runs_at_a_time() {
        let mut zone = Zone::new();
        zone.writes("a");
        let first = zone.backs_up(0).expect("a generation");
        assert!(matches!(zone.backs_up(0), Err(NotDone::Taken(_))));
        let to = zone.root.path().join("backups");
        fs::create_dir(to.join(DRAFT)).expect("left behind");
        fs::write(to.join(DRAFT).join(SQLITE), "half").expect("left behind");
        let lock = File::open(to.join("lock")).expect("there");
        lock.lock().expect("free");
        assert!(matches!(zone.backs_up(1), Err(NotDone::Busy(_))));
        lock.unlock().expect("ours");
        let second = zone.backs_up(1).expect("a generation");
        assert_eq!(letters(&second.folder.join(SQLITE)), ["a"]);
        assert_eq!(generations(&to).expect("readable"), [first.name, second.name]);
    }

    /// NN-18: no password is handed to another program where every user of the machine sees it.
    #[test]
    fn a_password_in_an_address_is_seen() {
        for url in ["postgres://u:secret@db/zone", "postgres:///z?host=/run&password=x"] {
            assert!(holds_password(url), "{url}");
            let folder = Path::new("/nowhere");
            assert!(matches!(postgres_dump(url, folder), Err(NotDone::Password)));
        }
        for url in
            ["postgres://u@db/zone", "postgres:///z?host=/run/postgresql&user=u", "sqlite:/a"]
        {
            assert!(!holds_password(url), "{url}");
        }
    }
}
