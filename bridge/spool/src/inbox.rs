//! The receiving end of a lane's folder, for the process that takes in.

use std::collections::BTreeMap;
use std::fs;
use std::io::{ErrorKind, Read as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use bridge_contract::bundle::{Expect, bundle_name, may_be_unfinished};
use bridge_contract::digest::{Digest, unhex};

use crate::durable::{read_shown, rename_new, swap, swap_for_good, write_new_from};
use crate::folder::{Folder, forget, shelf};
use crate::{Identity, SpoolError, Watch};

/// Most rejected files kept for operators.
const REJECTED_FILES: usize = 32;
/// Most bytes of rejected files kept.
const REJECTED_BYTES: u64 = 256 << 20;

/// A file that is not whole and stays as it is for so long is not being copied.
const STILL: Duration = Duration::from_secs(3);
/// However it changes, nobody copies one bundle for longer.
const LONGEST: Duration = Duration::from_secs(15 * 60);
/// Most files that are watched for changes.
const COPIED: usize = 64;

/// How far a lane was taken in. The truth is in the database (or, where there
/// is none, in what was made from it); this file is a copy for the fetcher,
/// who asks for everything after it. A lost one costs fetching again; where there is no
/// database it is the only record, and durable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ingested {
    /// The epoch.
    pub epoch: u32,
    /// The number of the last bundle.
    pub seq: u64,
    /// The hash of its header.
    pub hash: Digest,
}

impl Ingested {
    /// Before the first bundle.
    pub const NOTHING: Self = Self { epoch: 1, seq: 0, hash: Digest::ZERO };

    fn text(&self) -> String {
        format!("{} {} {}\n", self.epoch, self.seq, self.hash)
    }

    /// What the folder of a lane says; `None` when it says nothing.
    #[must_use]
    pub fn read(root: &Path) -> Option<Self> {
        let text = String::from_utf8(read_shown(&root.join("ingested")).ok()?).ok()?;
        let mut words = text.split_whitespace();
        let epoch = words.next()?.parse().ok()?;
        let seq = words.next()?.parse().ok()?;
        let hash = Digest(unhex(words.next()?)?);
        Some(Self { epoch, seq, hash })
    }
}

/// A bundle that waits to be taken in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// The epoch in its name.
    pub epoch: u32,
    /// The number in its name.
    pub seq: u64,
    path: PathBuf,
}

impl Waiting {
    /// The whole file; nothing when somebody took it away meanwhile. Nothing is no
    /// acceptable bundle: it is fetched again like any other that is not.
    ///
    /// # Errors
    /// [`SpoolError::Io`] when it cannot be read.
    pub fn read(&self) -> Result<Vec<u8>, SpoolError> {
        match fs::read(&self.path) {
            Err(why) if why.kind() == ErrorKind::NotFound => Ok(Vec::new()),
            read => read.map_err(|why| SpoolError::io("read", &self.path, why)),
        }
    }
}

/// The one process that takes a lane in. Holds its own lock.
#[derive(Debug)]
pub struct Inbox {
    folder: Folder,
    /// Files that may still be written.
    copied: Mutex<BTreeMap<(u32, u64), Copied>>,
    /// How long a file that is not whole must stay as it is.
    still: Duration,
}

/// A file that is not whole.
#[derive(Debug)]
struct Copied {
    /// Its size and time at the last look.
    state: (u64, Option<SystemTime>),
    /// Since when it stays so, by a clock that nobody sets.
    since: Instant,
    /// When it was first seen.
    first: Instant,
}

impl Inbox {
    /// Opens the folder and takes the ingester's lock.
    ///
    /// # Errors
    /// [`SpoolError`] when another process holds it, it is another lane's, or
    /// the disk refuses.
    pub fn open(spool: &Path, identity: &Identity) -> Result<Self, SpoolError> {
        let parts = ["part", "fetched", "done", "rejected"];
        let folder = Folder::open(spool, identity, ("receiver", Some("lock.ingest")), &parts)?;
        Ok(Self { folder, copied: Mutex::default(), still: STILL })
    }

    /// Bundles that wait, in the order of their names.
    ///
    /// # Errors
    /// [`SpoolError`] when the folder is not the one it was or cannot be read.
    pub fn waiting(&self) -> Result<Vec<Waiting>, SpoolError> {
        self.folder.check()?;
        let dir = self.folder.part("fetched");
        let bundles = self.folder.bundles("fetched")?;
        let waiting =
            |(epoch, seq)| Waiting { epoch, seq, path: dir.join(bundle_name(epoch, seq)) };
        Ok(bundles.into_iter().map(waiting).collect())
    }

    /// The bytes of a bundle, waiting or done; `None` when it is not here.
    ///
    /// # Errors
    /// [`SpoolError`] when the folder is not the one it was or cannot be read.
    pub fn read(&self, epoch: u32, seq: u64) -> Result<Option<Vec<u8>>, SpoolError> {
        self.folder.check()?;
        let done = self.folder.part("done").join(shelf(seq));
        for dir in [self.folder.part("fetched"), done] {
            let path = dir.join(bundle_name(epoch, seq));
            match fs::read(&path) {
                Ok(bytes) => return Ok(Some(bytes)),
                Err(why) if why.kind() == std::io::ErrorKind::NotFound => {}
                Err(why) => return Err(SpoolError::io("read", &path, why)),
            }
        }
        Ok(None)
    }

    /// Puts a bundle that was taken in on its shelf. A mover may have laid another file down
    /// under its name since it was read, or taken it away: that one is set aside. What is
    /// on a shelf stays (I4): a file that comes again under its number is dropped.
    ///
    /// # Errors
    /// [`SpoolError::Io`] when the disk refuses.
    pub fn done(&self, bundle: &Waiting, is: &Proof<'_>) -> Result<(), SpoolError> {
        let (name, dir) = (
            bundle_name(bundle.epoch, bundle.seq),
            self.folder.part("done").join(shelf(bundle.seq)),
        );
        fs::create_dir_all(&dir).map_err(|why| SpoolError::io("create", &dir, why))?;
        let to = dir.join(&name);
        if to.exists() {
            return remove(&bundle.path);
        }
        // Off the name that movers write to: what is looked at is what is kept.
        let own = self.folder.part("part").join(format!("{name}.moving"));
        let moved = fs::rename(&bundle.path, &own).and_then(|()| is.this(&own));
        match moved {
            Err(why) if why.kind() == ErrorKind::NotFound => {}
            Err(why) => return Err(SpoolError::io("move", &bundle.path, why)),
            Ok(true) => {
                return match rename_new(&own, &to) {
                    Err(SpoolError::Exists(_)) => remove(&own),
                    shelved => gone(shelved),
                };
            }
            Ok(false) => gone(set_aside(&self.folder, &own))?,
        }
        match is {
            // Who passes a lane on must be able to show it again.
            // The fetcher may be writing the same bundle: a draft of its own.
            Proof::Bytes(bytes) => {
                let draft = self.folder.part("part").join(format!("{name}.shelved"));
                match write_new_from(&draft, &dir, &name, bytes) {
                    Err(SpoolError::Exists(_)) => Ok(()),
                    written => written,
                }
            }
            Proof::Check(_) => Ok(()),
        }
    }

    /// Deletes what was taken in, up to a number, and was written before a moment: the
    /// database, or the next host, has it. Returns how many.
    ///
    /// # Errors
    /// [`SpoolError`] when the folder is not the one it was or the disk refuses.
    pub fn forget(&self, upto: (u32, u64), before: SystemTime) -> Result<usize, SpoolError> {
        self.folder.check()?;
        forget(&self.folder.shelves("done")?, |at| at <= upto, before)
    }

    /// Sets a file aside that is no acceptable bundle. It counts as not
    /// received and is fetched again.
    ///
    /// # Errors
    /// [`SpoolError::Io`] when the disk refuses.
    pub fn reject(&self, bundle: &Waiting) -> Result<(), SpoolError> {
        gone(set_aside(&self.folder, &bundle.path))
    }

    /// Sets a file aside that is no acceptable bundle, unless it is still being copied: a mover that
    /// cannot rename writes under the last name, so what may be unfinished is left alone as long as
    /// it changes. `false` when it was left, to be looked at again.
    ///
    /// # Errors
    /// [`SpoolError::Io`] when the disk refuses.
    pub fn refuse(
        &self,
        bundle: &Waiting,
        bytes: &[u8],
        expect: &Expect<'_>,
    ) -> Result<bool, SpoolError> {
        if may_be_unfinished(bytes, expect) && self.is_copied(bundle) {
            return Ok(false);
        }
        self.reject(bundle).map(|()| true)
    }

    /// Whether somebody may still be writing the file.
    fn is_copied(&self, bundle: &Waiting) -> bool {
        let Ok(about) = fs::metadata(&bundle.path) else { return false };
        let (now, state) = (Instant::now(), (about.len(), about.modified().ok()));
        let mut all = self.copied.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= COPIED {
            all.clear();
        }
        let place = (bundle.epoch, bundle.seq);
        let copied = all.entry(place).or_insert(Copied { state, since: now, first: now });
        if copied.state != state {
            (copied.state, copied.since) = (state, now);
        }
        let waits = now.duration_since(copied.since) < self.still
            && now.duration_since(copied.first) < LONGEST;
        if !waits {
            all.remove(&place);
        }
        waits
    }

    /// The same folder for somebody who waits for no mover.
    #[must_use]
    pub fn without_patience(self) -> Self {
        Self { still: Duration::ZERO, ..self }
    }

    /// Tells the fetcher how far the lane was taken in, by a database that knows it for good.
    ///
    /// # Errors
    /// [`SpoolError::Io`] when the disk refuses.
    pub fn set_ingested(&self, at: &Ingested) -> Result<(), SpoolError> {
        // Folders of drafts are emptied by the fetcher when it starts.
        swap(&self.folder.root, &self.folder.part("ingested"), at.text().as_bytes())
    }

    /// The same where nothing else knows how far it was: on a host without a database a lane
    /// whose watermark is lost would ask for what was forgotten long ago. Durable when this
    /// returns.
    ///
    /// # Errors
    /// [`SpoolError::Io`] when the disk refuses.
    pub fn record_ingested(&self, at: &Ingested) -> Result<(), SpoolError> {
        swap_for_good(&self.folder.root, &self.folder.part("ingested"), at.text().as_bytes())
    }

    /// How far the lane was taken in, by the copy in the folder.
    #[must_use]
    pub fn ingested(&self) -> Option<Ingested> {
        Ingested::read(&self.folder.root)
    }

    /// Tells when something was fetched.
    #[must_use]
    pub fn watch(&self) -> Watch {
        Watch::of(&self.folder.part("fetched"))
    }
}

/// What tells a bundle that was taken in from another file under its name.
pub enum Proof<'a> {
    /// Its bytes; they get to the shelf even when the file is gone.
    Bytes(&'a [u8]),
    /// A look at the file.
    Check(&'a dyn Fn(&[u8]) -> bool),
}

impl Proof<'_> {
    fn this(&self, path: &Path) -> std::io::Result<bool> {
        match self {
            Self::Bytes(bytes) => holds(path, bytes),
            Self::Check(is_it) => Ok(is_it(&fs::read(path)?)),
        }
    }
}

/// Whether a file is these bytes; read a piece at a time, so that a large bundle is not in memory
/// twice.
fn holds(path: &Path, mut bytes: &[u8]) -> std::io::Result<bool> {
    let mut file = fs::File::open(path)?;
    if file.metadata()?.len() != bytes.len() as u64 {
        return Ok(false);
    }
    let mut piece = vec![0; bytes.len().min(256 * 1024)];
    loop {
        let read = file.read(&mut piece)?;
        match bytes.split_at_checked(read) {
            Some((expected, rest)) if *expected == piece[..read] => bytes = rest,
            _ => return Ok(false),
        }
        if read == 0 {
            return Ok(bytes.is_empty());
        }
    }
}

fn remove(path: &Path) -> Result<(), SpoolError> {
    gone(fs::remove_file(path).map_err(|why| SpoolError::io("remove", path, why)))
}

/// A file that somebody took away meanwhile needs no tidying: what was taken in is
/// in the database, what was refused is fetched again.
fn gone(moved: Result<(), SpoolError>) -> Result<(), SpoolError> {
    match moved {
        Err(SpoolError::Io { why, .. }) if why.kind() == ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

/// Moves a file to `rejected/` and drops the oldest there over the bounds (I18).
pub(crate) fn set_aside(folder: &Folder, path: &Path) -> Result<(), SpoolError> {
    let dir = folder.part("rejected");
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let to = (0..=REJECTED_FILES)
        .map(|count| dir.join(format!("{name}.{count}")))
        .find(|to| !to.exists())
        .unwrap_or_else(|| dir.join(format!("{name}.0")));
    fs::rename(path, &to).map_err(|why| SpoolError::io("rename", &to, why))?;
    drop_oldest(&dir).map_err(|why| SpoolError::io("tidy", &dir, why))
}

/// Files of a lane's folder that were set aside as no bundles since a second of the clock. A file is
/// set aside under its own time, so it is the time of the name that counts.
///
/// # Errors
/// When the folder cannot be read; one that is not there holds none.
pub fn rejected_since(lane: &Path, second: i64) -> std::io::Result<usize> {
    let entries = match fs::read_dir(lane.join("rejected")) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(0),
        entries => entries?,
    };
    let mut count = 0;
    for entry in entries {
        count += usize::from(entry?.metadata().is_ok_and(|about| about.ctime() >= second));
    }
    Ok(count)
}

fn drop_oldest(dir: &Path) -> std::io::Result<()> {
    let mut files = Vec::new();
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        let about = entry.metadata()?;
        let age = about.modified().unwrap_or(SystemTime::UNIX_EPOCH);
        files.push((age, about.len(), entry.path()));
    }
    files.sort();
    let mut bytes: u64 = files.iter().map(|(_, size, _)| size).sum();
    let mut count = files.len();
    for (_, size, path) in files {
        if count <= REJECTED_FILES && bytes <= REJECTED_BYTES {
            break;
        }
        fs::remove_file(path)?;
        bytes -= size;
        count -= 1;
    }
    Ok(())
}
