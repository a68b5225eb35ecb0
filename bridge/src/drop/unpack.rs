//! Bundles become generations.

use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bridge_contract::digest::{Digest, Running as Hash};
use bridge_contract::keys::{LiveKeys, OpenKeys};
use bridge_contract::messages::{
    ExportedFile, GenerationEnd, GenerationPart, GenerationStored, PickupOutcome,
    RefusedGeneration, ToBusiness,
};
use bridge_contract::wire::decode;
use platform_service::shutdown::Shutdown;

use super::home::Home;
use super::pickup::Post;
use crate::aside::Aside;
use crate::disk::{rename_new, sync_dir};
use crate::faults::RoleFault;
use crate::generation::{self, Generation, has_extension, inside, is_plain};
use crate::running::blocking;
use crate::taker::{Sealed, Taker};
use crate::words::say;

/// Largest file a generation may have, in bytes.
const LARGEST: u64 = 64 << 30;

/// Turns the items of the `exp` lane into files.
pub(super) struct Unpacker {
    folder: PathBuf,
    /// Notes of what was picked up, where business systems pick up by moving away.
    moved: Option<PathBuf>,
    keys: Arc<LiveKeys>,
    openers: Arc<OpenKeys>,
    post: Arc<Post>,
    home: Arc<Home>,
}

impl Unpacker {
    pub(super) fn new(
        (folder, moved): (PathBuf, Option<PathBuf>),
        keys: Arc<LiveKeys>,
        openers: Arc<OpenKeys>,
        post: Arc<Post>,
        home: Arc<Home>,
    ) -> Self {
        Self { folder, moved, keys, openers, post, home }
    }

    pub(super) async fn run(
        self,
        mut taker: Taker,
        aside: Aside,
        shutdown: Shutdown,
    ) -> Result<(), RoleFault> {
        let (unpacker, aside, watch) = (Arc::new(self), Arc::new(aside), taker.watch());
        loop {
            aside.tell();
            while let Some(bundle) = taker.next().await? {
                let (unpacker, items) = (Arc::clone(&unpacker), bundle.items.clone());
                let aside = Arc::clone(&aside);
                blocking(move || unpacker.work_off(&items, &aside)).await?;
                taker.done(bundle).await?;
                if shutdown.is_triggered() {
                    return Ok(());
                }
            }
            tokio::select! {
                () = watch.changed() => {}
                () = shutdown.wait() => return Ok(()),
            }
        }
    }

    /// All items of a bundle. What they wrote is durable when this returns.
    fn work_off(&self, items: &[Sealed], aside: &Aside) -> Result<(), RoleFault> {
        // On an empty mount nobody would see it, and A would hear that it is here: the role ends, and the
        // lane waits.
        let folder = || RoleFault::disk(self.folder.display().to_string());
        if !self.home.is_there().map_err(folder())? {
            return Err(folder()(io::Error::other("not the folder it was; is it mounted?")));
        }
        let mut written = BTreeSet::new();
        for item in items {
            self.post.hear(&item.entry.stamp);
            let read = item
                .open(&self.openers, &self.keys.set())
                .map_err(|error| error.to_string())
                .and_then(|content| decode(&content).map_err(|error| error.to_string()));
            match read {
                Ok(ToBusiness::Part(part)) => written.extend(self.part(&part)?),
                Ok(ToBusiness::End(end)) => {
                    // The files are durable before they appear.
                    sync(&std::mem::take(&mut written))
                        .map_err(RoleFault::disk("sync a generation"))?;
                    self.end(&end)?;
                }
                Err(why) => aside.keep(item, &why)?,
            }
        }
        sync(&written).map_err(RoleFault::disk("sync a generation"))
    }

    /// Writes one piece. `None` when its place is no place inside a generation.
    fn part(&self, part: &GenerationPart) -> Result<Option<PathBuf>, RoleFault> {
        let place = Generation::of(&part.job, &part.generation).zip(inside(&part.path));
        let end = part.offset.saturating_add(part.bytes.len() as u64);
        let Some((generation, path)) = place.filter(|_| end <= LARGEST) else {
            tracing::error!(job = %part.job, "a piece outside every generation is left out");
            return Ok(None);
        };
        let file = generation.dir(&self.incoming()).join(path);
        let write = || {
            fs::create_dir_all(file.parent().unwrap_or(&self.folder))?;
            let open = OpenOptions::new()
                .write(true)
                .create(true)
                .truncate(part.offset == 0)
                .open(&file)?;
            open.write_all_at(&part.bytes, part.offset)
        };
        // A name that cannot be written: the end will find it missing.
        match write() {
            Ok(()) => Ok(Some(file)),
            Err(error) if is_of_the_name(&error) => {
                tracing::error!(%generation, %error, "a piece cannot be written");
                Ok(None)
            }
            Err(error) => {
                Err(RoleFault::Disk { what: "write a generation".to_owned(), why: error })
            }
        }
    }

    /// Lets a generation appear, if all of it is here, and tells A.
    fn end(&self, end: &GenerationEnd) -> Result<(), RoleFault> {
        let at = self.post.now();
        let (job, generation) = (end.job.clone(), end.generation.clone());
        match self.appear(end) {
            Ok(()) => {
                tracing::info!(%job, %generation, files = end.files.len(), "a generation appeared");
                self.post.send(&GenerationStored { job, generation, at }.into())
            }
            Err(Refusal::Disk(why)) => {
                Err(RoleFault::Disk { what: format!("generation {job}/{generation}"), why })
            }
            Err(Refusal::Content(reason)) => {
                tracing::error!(%job, %generation, %reason, "a generation cannot appear");
                self.clear(end);
                let reason = say(reason);
                self.post.send(&RefusedGeneration { job, generation, at, reason }.into())
            }
        }
    }

    fn appear(&self, end: &GenerationEnd) -> Result<(), Refusal> {
        let generation = Generation::of(&end.job, &end.generation)
            .filter(|_| is_plain(&end.end_name) && has_extension(&end.end_name, "end"))
            .ok_or(Refusal::Content("refused_name"))?;
        let target = generation.dir(&self.folder);
        if !target.exists() && self.was_moved(&generation) {
            // The same generation again, after a crash at A: a second one would be taken in twice.
            self.clear(end);
            return Ok(());
        }
        if !target.exists() {
            let staged = generation.dir(&self.incoming());
            // A generation without files is a folder with its control file.
            fs::create_dir_all(&staged)?;
            remove_others(&staged, &end.files)?;
            check(&staged, &end.files)?;
            let job = self.folder.join(&generation.job);
            fs::create_dir_all(&job)?;
            rename_new(&staged, &target)?;
            sync_dir(&job)?;
            sync_dir(&self.folder)?;
        }
        self.clear(end);
        // There already: a crash came before the control file, or it is the
        // same generation again. Never other content under the same name.
        check(&target, &end.files)?;
        self.control(&target, end)
    }

    /// Whether a business system took it by moving it away.
    fn was_moved(&self, generation: &Generation) -> bool {
        let taken = format!("{}.{}", generation.name, PickupOutcome::Done);
        self.moved.as_ref().is_some_and(|notes| notes.join(&generation.job).join(taken).exists())
    }

    /// The control file comes last, whole and durable.
    fn control(&self, target: &Path, end: &GenerationEnd) -> Result<(), Refusal> {
        let path = target.join(&end.end_name);
        if path.exists() {
            return if fs::read(&path)? == end.end_bytes {
                Ok(())
            } else {
                Err(Refusal::Content("refused_control"))
            };
        }
        let draft = self.incoming().join(format!("{}.{}", end.job, end.generation));
        let mut file = File::create(&draft)?;
        file.write_all(&end.end_bytes)?;
        file.sync_all()?;
        rename_new(&draft, &path)?;
        Ok(sync_dir(target)?)
    }

    /// Takes away what was staged for a generation that is there, or will never be.
    fn clear(&self, end: &GenerationEnd) {
        let Some(generation) = Generation::of(&end.job, &end.generation) else { return };
        match fs::remove_dir_all(generation.dir(&self.incoming())) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                tracing::warn!(%generation, %error, "what was staged is not taken away");
            }
            _ => {}
        }
    }

    fn incoming(&self) -> PathBuf {
        self.folder.join(".incoming")
    }
}

/// Whether what was sent is the cause. Anything else is the disk's or that of a program that has
/// the file open, and is tried again after a start.
fn is_of_the_name(error: &io::Error) -> bool {
    use io::ErrorKind::{
        AlreadyExists, InvalidData, InvalidFilename, InvalidInput, IsADirectory, NotADirectory,
    };
    let kinds =
        [AlreadyExists, InvalidData, InvalidFilename, InvalidInput, IsADirectory, NotADirectory];
    kinds.contains(&error.kind())
}

/// Why a generation does not appear.
enum Refusal {
    /// It is not what A said; staff read why, by this name of a text.
    Content(&'static str),
    /// The disk refused; the role stops and tries again.
    Disk(io::Error),
}

impl From<io::Error> for Refusal {
    fn from(error: io::Error) -> Self {
        if is_of_the_name(&error) {
            tracing::error!(%error, "a name that cannot be here");
            Self::Content("refused_name")
        } else {
            Self::Disk(error)
        }
    }
}

/// Takes out of an unfinished generation what does not belong to it.
fn remove_others(staged: &Path, files: &[ExportedFile]) -> io::Result<()> {
    let listed: BTreeSet<&str> = files.iter().map(|file| file.path.as_str()).collect();
    for path in generation::files(staged, None)? {
        if !listed.contains(path.as_str()) {
            fs::remove_file(staged.join(path))?;
        }
    }
    Ok(())
}

/// Whether every file is there with its size and hash.
fn check(dir: &Path, files: &[ExportedFile]) -> Result<(), Refusal> {
    for expected in files {
        let path = inside(&expected.path).ok_or(Refusal::Content("refused_name"))?;
        let found = match hash(&dir.join(path)) {
            Ok(found) => found,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(Refusal::Content("refused_missing"));
            }
            Err(error) => return Err(error.into()),
        };
        if found != (expected.size, expected.sha256) {
            return Err(Refusal::Content("refused_differs"));
        }
    }
    Ok(())
}

fn hash(path: &Path) -> io::Result<(u64, Digest)> {
    let mut file = File::open(path)?;
    let (mut hash, mut size, mut piece) = (Hash::new(), 0, vec![0; 1 << 20]);
    loop {
        let count = file.read(&mut piece)?;
        if count == 0 {
            return Ok((size, hash.finish()));
        }
        hash.update(&piece[..count]);
        size += count as u64;
    }
}

fn sync(files: &BTreeSet<PathBuf>) -> io::Result<()> {
    let mut folders = BTreeSet::new();
    for file in files {
        File::open(file)?.sync_all()?;
        folders.extend(file.parent().map(Path::to_owned));
    }
    folders.iter().try_for_each(|folder| sync_dir(folder))
}
