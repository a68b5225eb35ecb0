//! What the business systems make of a generation goes back to A.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use bridge_contract::digest::Digest;
use bridge_contract::keys::LiveKeys;
use bridge_contract::messages::{Held, PickedUp, PickupOutcome, ToServerA};
use bridge_contract::place::{Host, Lane};
use bridge_contract::seal::seal_for;
use bridge_spool::{Inbox, troubles_of};
use jiff::Timestamp;
use platform_service::clock::Clock;
use platform_service::halts::{Halts, Need};
use platform_service::ids;
use platform_service::shutdown::Shutdown;

use super::home::Home;
use crate::disk::mark;
use crate::faults::RoleFault;
use crate::generation::{self, Generation, has_extension};
use crate::own_lane::{OwnLane, settle};
use crate::running::blocking;

/// How often the folder is looked at.
const SCAN: Duration = Duration::from_secs(2);
/// What may go is looked for after this many looks.
const FORGET: u32 = 30;
/// Bytes of a `.done` or `.err` file that go back.
const DETAIL: u64 = 512 * 1024;

/// The way back to A, shared by the tasks of B.
pub(super) struct Post {
    own: Mutex<OwnLane>,
    keys: Arc<LiveKeys>,
    /// What came from A; its files are in the folder.
    taken: Arc<Inbox>,
    /// What A last said that it has of this way back.
    heard: Mutex<Option<Held>>,
    /// It said something since the last look.
    news: AtomicBool,
    /// How long bundles stay at least.
    retention: Duration,
    clock: Clock,
}

impl Post {
    pub(super) fn new(
        own: Mutex<OwnLane>,
        keys: Arc<LiveKeys>,
        (taken, retention): (Arc<Inbox>, Duration),
        clock: Clock,
    ) -> Self {
        Self {
            own,
            keys,
            taken,
            heard: Mutex::new(None),
            news: AtomicBool::new(false),
            retention,
            clock,
        }
    }

    /// A speaks, beside an item of its lane: what it has of ours.
    pub(super) fn hear(&self, stamp: &[u8]) {
        let said = Held::read_stamp(stamp).into_iter().find(|held| held.lane == Lane::Exr);
        let mut heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        if said.is_some() && *heard != said {
            *heard = said;
            self.news.store(true, Ordering::SeqCst);
        }
    }

    /// Lets go what A has, and what is in the folder, once it is old enough (decision 0046).
    /// Blocking.
    fn forget(&self) -> Result<(), RoleFault> {
        let old = SystemTime::from(self.clock.now()).checked_sub(self.retention);
        let old = old.unwrap_or(SystemTime::UNIX_EPOCH);
        if let Some(at) = self.taken.ingested() {
            self.taken.forget((at.epoch, at.seq), old)?;
        }
        let heard = *self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        let folder = self.own.lock().unwrap_or_else(PoisonError::into_inner).folder();
        heard.map_or(Ok(()), |held| settle(&folder, &held, old))
    }

    pub(super) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Sends a message. Durable when it returns. Blocking.
    pub(super) fn send(&self, message: &ToServerA) -> Result<(), RoleFault> {
        let uuid = ids::new(&self.clock);
        let item = seal_for(&self.keys.set(), Lane::Exr, &uuid, message.kind(), message)
            .ok_or_else(|| io::Error::other("the key set has no key for A"))
            .map_err(RoleFault::disk("seal a receipt"))?;
        self.own.lock().unwrap_or_else(PoisonError::into_inner).publish(&[item])
    }

    /// Signs the head anew, with what operators must hear of here (I21).
    fn beat(&self, halts: &Halts) -> Result<(), RoleFault> {
        let mut own = self.own.lock().unwrap_or_else(PoisonError::into_inner);
        own.tell(troubles_of(Host::ServerB, halts));
        own.beat()
    }
}

/// Looks for `.done` and `.err` files and, where the settings say so, for generations that a business
/// system took by moving them away.
pub(super) struct Watcher {
    folder: PathBuf,
    /// One empty file for each outcome that was reported.
    reported: PathBuf,
    post: Arc<Post>,
    home: Arc<Home>,
    growing: Mutex<Growing>,
    /// What was complete here and is not reported yet; none where moving is no pick-up.
    shown: Option<Mutex<Shown>>,
}

/// Pick-up files that are not reported, as a look found them: a share shows a file while it is written.
#[derive(Default)]
struct Growing {
    before: BTreeMap<PathBuf, (u64, Digest)>,
    now: BTreeMap<PathBuf, (u64, Digest)>,
}

impl Growing {
    /// Another look begins.
    fn look(&mut self) {
        self.before = std::mem::take(&mut self.now);
    }

    /// Whether the last look found the same, so that nobody writes it any more.
    fn is_whole(&mut self, note: &Path, (length, detail): (u64, &[u8])) -> bool {
        let found = (length, Digest::of(detail));
        let is_whole = self.before.get(note) == Some(&found);
        self.now.insert(note.to_owned(), found);
        is_whole
    }
}

/// Generations that were complete in the folder, and whether it is the folder it was.
#[derive(Default)]
struct Shown {
    /// `None` before the first look.
    open: Option<BTreeSet<Generation>>,
    /// Another folder was told of.
    told: bool,
}

/// The note that a generation was complete here.
const SHOWN: &str = "shown";

impl Watcher {
    pub(super) fn new(
        (folder, reported): (PathBuf, PathBuf),
        post: Arc<Post>,
        home: Arc<Home>,
        moves: bool,
    ) -> Self {
        let growing = Mutex::default();
        Self { folder, reported, post, home, growing, shown: moves.then(Mutex::default) }
    }

    pub(super) async fn run(self, halts: Halts, shutdown: Shutdown) -> Result<(), RoleFault> {
        let watcher = Arc::new(self);
        let mut looks = 0_u32;
        loop {
            let (looking, halts) = (Arc::clone(&watcher), halts.clone());
            blocking(move || {
                looking.look(&halts)?;
                looking.post.beat(&halts)
            })
            .await?;
            looks = looks.wrapping_add(1);
            if looks % FORGET == 1 || watcher.post.news.swap(false, Ordering::SeqCst) {
                let looking = Arc::clone(&watcher);
                blocking(move || looking.post.forget()).await?;
            }
            tokio::select! {
                () = tokio::time::sleep(SCAN) => {}
                () = shutdown.wait() => return Ok(()),
            }
        }
    }

    fn look(&self, halts: &Halts) -> Result<(), RoleFault> {
        self.tell_of_folder(halts)?;
        let all = generation::all(&self.folder)
            .map_err(RoleFault::disk(self.folder.display().to_string()))?;
        let mut growing = self.growing.lock().unwrap_or_else(PoisonError::into_inner);
        growing.look();
        for generation in &all {
            for outcome in [PickupOutcome::Error, PickupOutcome::Done] {
                // Nobody hears that all went well while what did not is still written.
                if !self.report(generation, outcome, &mut growing)? {
                    break;
                }
            }
        }
        drop(growing);
        match &self.shown {
            Some(shown) => {
                let mut shown = shown.lock().unwrap_or_else(PoisonError::into_inner);
                self.look_for_moved(&all, &mut shown)
            }
            None => Ok(()),
        }
    }

    /// Says whether another folder lies where the known one was: an empty mount takes no generation, and
    /// shows no pick-up.
    fn tell_of_folder(&self, halts: &Halts) -> Result<(), RoleFault> {
        const PART: &str = "folder";
        let is_away = self.home.is_away();
        if !is_away.map_err(RoleFault::disk(self.reported.display().to_string()))? {
            halts.all_is_well(PART);
            return Ok(());
        }
        halts.warn(Need {
            part: PART.to_owned(),
            code: "folder_away",
            detail: String::new(),
            why: format!("{} is not the folder it was; is it mounted?", self.folder.display()),
        });
        Ok(())
    }

    /// What was complete and has no file any more was taken by moving it away.
    fn look_for_moved(&self, all: &[Generation], shown: &mut Shown) -> Result<(), RoleFault> {
        let fault = |path: &Path| RoleFault::disk(path.display().to_string());
        if !self.home.is_there().map_err(fault(&self.folder))? {
            if !std::mem::replace(&mut shown.told, true) {
                let folder = self.folder.display();
                tracing::error!(%folder, "not the folder it was: nothing is taken for moved away");
            }
            return Ok(());
        }
        shown.told = false;
        let open = match &mut shown.open {
            Some(open) => open,
            none => none.insert(self.noted().map_err(fault(&self.reported))?),
        };
        for generation in all {
            let complete = generation::control_file(&generation.dir(&self.folder));
            if complete.is_ok_and(|control| control.is_some())
                && !self.is_reported(generation)
                && !open.contains(generation)
            {
                let note = self.note(generation, SHOWN);
                mark(&note, "").map_err(fault(&note))?;
                open.insert(generation.clone());
            }
        }
        open.retain(|generation| !self.is_reported(generation));
        let gone: Vec<Generation> = open.iter().filter(|one| self.is_gone(one)).cloned().collect();
        // A mount that went away while they were looked for took them along.
        if gone.is_empty() || !self.home.is_there().map_err(fault(&self.folder))? {
            return Ok(());
        }
        for generation in gone {
            self.say(&generation, PickupOutcome::Done, Vec::new())?;
            open.remove(&generation);
        }
        Ok(())
    }

    /// Whether a generation has no file any more: its folder went away, or is empty.
    fn is_gone(&self, generation: &Generation) -> bool {
        let dir = generation.dir(&self.folder);
        match generation::files(&dir, None) {
            Ok(files) => files.is_empty(),
            Err(error) => error.kind() == io::ErrorKind::NotFound && !dir.exists(),
        }
    }

    /// What was complete here in an earlier run and is not reported.
    fn noted(&self) -> io::Result<BTreeSet<Generation>> {
        let mut open = BTreeSet::new();
        for job in fs::read_dir(&self.reported)? {
            let job = job?;
            let Ok(name) = job.file_name().into_string() else { continue };
            if !job.file_type()?.is_dir() {
                continue;
            }
            for note in fs::read_dir(job.path())? {
                let note = note?.file_name().into_string().unwrap_or_default();
                let generation = note.strip_suffix(".shown");
                open.extend(generation.and_then(|generation| Generation::of(&name, generation)));
            }
        }
        open.retain(|generation| !self.is_reported(generation));
        Ok(open)
    }

    fn note(&self, generation: &Generation, what: impl std::fmt::Display) -> PathBuf {
        self.reported.join(&generation.job).join(format!("{}.{what}", generation.name))
    }

    fn is_reported(&self, generation: &Generation) -> bool {
        [PickupOutcome::Error, PickupOutcome::Done]
            .into_iter()
            .any(|outcome| self.note(generation, outcome).exists())
    }

    /// Tells A what a pick-up file says, once. `false` while it is still written.
    fn report(
        &self,
        generation: &Generation,
        outcome: PickupOutcome,
        growing: &mut Growing,
    ) -> Result<bool, RoleFault> {
        let note = self.note(generation, outcome);
        if note.exists() {
            return Ok(true);
        }
        // A file another system still holds open is looked at again.
        let (length, detail) = match detail(&generation.dir(&self.folder), outcome) {
            Ok(Some(found)) => found,
            Ok(None) => return Ok(true),
            Err(error) => {
                tracing::warn!(%generation, %error, "a pick-up file cannot be read yet");
                return Ok(false);
            }
        };
        if !growing.is_whole(&note, (length, detail.as_slice())) {
            return Ok(false);
        }
        if length > DETAIL {
            tracing::warn!(%generation, length, "of a pick-up file only the beginning goes back");
        }
        self.say(generation, outcome, detail)?;
        Ok(true)
    }

    /// Tells A, and remembers that it was told.
    fn say(
        &self,
        generation: &Generation,
        outcome: PickupOutcome,
        detail: Vec<u8>,
    ) -> Result<(), RoleFault> {
        let note = self.note(generation, outcome);
        self.post.send(
            &PickedUp {
                job: generation.job.clone(),
                generation: generation.name.clone(),
                outcome,
                at: self.post.now(),
                detail,
            }
            .into(),
        )?;
        tracing::info!(%generation, %outcome, "a generation was picked up");
        mark(&note, "").map_err(RoleFault::disk(note.display().to_string()))
    }
}

/// Length and content of the first file that says this outcome; of a long one the lines that go back.
fn detail(dir: &Path, outcome: PickupOutcome) -> io::Result<Option<(u64, Vec<u8>)>> {
    let extension = match outcome {
        PickupOutcome::Done => "done",
        PickupOutcome::Error => "err",
    };
    let mut names = Vec::new();
    for entry in fs::read_dir(dir)? {
        names.extend(entry?.file_name().into_string());
    }
    names.sort();
    let Some(name) = names.into_iter().find(|name| has_extension(name, extension)) else {
        return Ok(None);
    };
    let (mut file, mut detail) = (File::open(dir.join(name))?, Vec::new());
    file.by_ref().take(DETAIL).read_to_end(&mut detail)?;
    let length = file.metadata()?.len();
    if length > DETAIL {
        // Half a line would be half a number, or half a letter that makes another code of the text.
        let whole =
            detail.iter().rposition(|byte| *byte == b'\n').map_or(detail.len(), |at| at + 1);
        detail.truncate(whole);
    }
    Ok(Some((length, detail)))
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    /// IK-3.5.7b: what a business system still writes on the share is not taken for all it says.
    #[test]
    fn a_pick_up_file_that_is_still_written_is_waited_for() {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("DATA.ERR");
        let mut growing = Growing::default();
        let mut look = || {
            growing.look();
            let found = detail(dir.path(), PickupOutcome::Error).expect("readable");
            let (length, detail) = found?;
            growing
                .is_whole(Path::new("000001.error"), (length, detail.as_slice()))
                .then_some(detail)
        };
        assert_eq!(look(), None);
        let mut file = File::create(&path).expect("made");
        assert_eq!(look(), None, "it has just appeared");
        for line in [&b"2026-000123-4 "[..], b"no such street\r\n"] {
            file.write_all(line).expect("written");
            assert_eq!(look(), None, "it grows");
        }
        let whole = Some(b"2026-000123-4 no such street\r\n".to_vec());
        assert_eq!(look(), whole);
        fs::remove_file(&path).expect("ours");
        assert_eq!(look(), None);
        fs::write(&path, b"2026-000123-4 no such street\r\n").expect("written");
        assert_eq!(look(), None, "another one");
        assert_eq!(look(), whole);
    }

    /// IK-3.5.7b: of a pick-up file that is too long whole lines go back.
    #[test]
    fn of_a_long_pick_up_file_whole_lines_go_back() {
        let dir = tempfile::tempdir().expect("a folder");
        let line = "2026-000123-4 住所コードなし\n";
        let count = usize::try_from(DETAIL).expect("small") / line.len();
        fs::write(dir.path().join("data.err"), line.repeat(count + 9)).expect("written");
        let found = detail(dir.path(), PickupOutcome::Error).expect("readable");
        let (length, detail) = found.expect("it is there");
        assert_eq!(length, (line.len() * (count + 9)) as u64);
        assert_eq!(detail, line.repeat(count).into_bytes());
    }
}
