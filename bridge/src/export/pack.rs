//! Complete generations become bundles.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use bridge_contract::bundle::NewItem;
use bridge_contract::digest::Running as Hash;
use bridge_contract::keys::LiveKeys;
use bridge_contract::messages::{ExportedFile, GenerationEnd, GenerationPart, ToBusiness};
use bridge_contract::place::{Host, Lane};
use bridge_contract::seal::seal_for;
use bridge_contract::wire::encode;
use bridge_spool::{FROM_SERVER_A, Inbox, LastWord, replace, troubles_heard, troubles_of};
use platform_service::clock::Clock;
use platform_service::halts::{Halts, Need};
use platform_service::ids;
use platform_service::shutdown::Shutdown;

use crate::config::{Export, days};
use crate::disk::mark;
use crate::faults::{RoleFault, StartError};
use crate::generation::{self, Generation};
use crate::own_lane::OwnLane;
use crate::running::blocking;

use super::forget::{Bundles, taken_in};

/// Bytes of a file in one item.
const PIECE: usize = 4 << 20;
/// How often the folder is looked at.
const SCAN: Duration = Duration::from_secs(2);
/// The head is signed anew this often, also while a large generation is packed.
const BEAT: Duration = Duration::from_secs(10);

/// The one packer of host A.
pub(super) struct Packer {
    pub(super) folder: PathBuf,
    /// One file for each generation that was packed: in which bundles.
    pub(super) packed: PathBuf,
    keys: Arc<LiveKeys>,
    pub(super) own: OwnLane,
    /// What B says back.
    pub(super) receipts: Arc<Inbox>,
    /// How long bundles stay at least.
    pub(super) retention: Duration,
    pub(super) clock: Clock,
    /// The spool folder, above the lanes.
    spool: PathBuf,
    /// What B said last.
    heard_b: LastWord,
    /// What stopped here, or is in need.
    halts: Halts,
    /// When the head was last signed.
    beaten: Option<Instant>,
}

/// A generation that is complete and cannot be sent, by its name at `/readyz`.
const UNREAD: &str = "generation";
/// What may go is looked for after this many looks.
const FORGET: u32 = 30;

/// Why a generation was not packed.
enum Trouble {
    /// Its files cannot be read; tried again with the next look.
    Files(io::Error),
    /// The lane cannot be written.
    Role(RoleFault),
}

impl From<io::Error> for Trouble {
    fn from(error: io::Error) -> Self {
        Self::Files(error)
    }
}

impl From<RoleFault> for Trouble {
    fn from(fault: RoleFault) -> Self {
        Self::Role(fault)
    }
}

impl Packer {
    pub(super) fn open(
        config: &Export,
        keys: Arc<LiveKeys>,
        (own, receipts): (OwnLane, Arc<Inbox>),
        clock: Clock,
    ) -> Result<Self, StartError> {
        if keys.set().seal_key(Lane::Exp).is_none() {
            return Err(StartError::NoSealKey(Lane::Exp));
        }
        let packed = config.spool.join("packed");
        for dir in [&packed, &config.folder] {
            fs::create_dir_all(dir).map_err(RoleFault::disk(dir.display().to_string()))?;
        }
        let (folder, retention) = (config.folder.clone(), days(config.retention_days));
        let (spool, heard_b) = (config.spool.clone(), LastWord::none(Instant::now()));
        let (halts, beaten) = (Halts::default(), None);
        Ok(Self {
            folder,
            packed,
            keys,
            own,
            receipts,
            retention,
            clock,
            spool,
            heard_b,
            halts,
            beaten,
        })
    }

    pub(super) async fn run(mut self, halts: Halts, shutdown: Shutdown) -> Result<(), RoleFault> {
        self.halts = halts;
        let mut looks = 0_u32;
        loop {
            looks = looks.wrapping_add(1);
            let forgets = looks % FORGET == 1;
            self = blocking(move || {
                self.pack_all()?;
                self.beat_when_due()?;
                if forgets {
                    self.forget()?;
                }
                Ok::<_, RoleFault>(self)
            })
            .await?;
            tokio::select! {
                () = tokio::time::sleep(SCAN) => {}
                () = shutdown.wait() => return Ok(()),
            }
        }
    }

    /// Says beside the generations what operators must hear of here and at B: L has no other
    /// way to A, and what a head of `exp` said would be told to B (I21).
    fn tell(&mut self) -> Result<(), RoleFault> {
        let mut troubles = troubles_of(Host::ServerA, &self.halts);
        let (here, keys) = ((Host::ServerA, Instant::now()), self.keys.set());
        troubles.extend(troubles_heard(&self.spool, Lane::Exr, &keys, here, &mut self.heard_b));
        let head = self.own.aside(troubles)?;
        if let Err(error) = replace(&self.folder, &self.folder.join(FROM_SERVER_A), &head) {
            // A share that is away for a moment stops nobody; L tells of the silence.
            tracing::warn!(%error, "the staff zone is not told how this server is");
        }
        Ok(())
    }

    /// Signs of life, to B and to the staff zone.
    fn beat_when_due(&mut self) -> Result<(), RoleFault> {
        if self.beaten.is_none_or(|at| at.elapsed() >= BEAT) {
            self.beaten = Some(Instant::now());
            self.own.beat()?;
            self.tell()?;
        }
        Ok(())
    }

    fn pack_all(&mut self) -> Result<(), RoleFault> {
        let mut unread = Vec::new();
        let found = generation::all(&self.folder)
            .map_err(RoleFault::disk(self.folder.display().to_string()))?;
        for generation in found {
            if generation.dir(&self.packed).exists() {
                continue;
            }
            match self.pack(&generation) {
                Ok(()) => {}
                Err(Trouble::Role(fault)) => return Err(fault),
                Err(Trouble::Files(error)) => {
                    tracing::error!(%generation, %error, "a generation cannot be read");
                    unread.push((generation.to_string(), error));
                }
            }
        }
        match unread.into_iter().next() {
            Some((detail, error)) => self.halts.warn(Need {
                part: UNREAD.to_owned(),
                code: "not_packed",
                why: format!("{detail} cannot be read: {error}"),
                detail,
            }),
            None => self.halts.all_is_well(UNREAD),
        }
        Ok(())
    }

    /// Sends one generation, if it is complete. After a crash in between it is
    /// sent again from its start; B then has the same files already.
    fn pack(&mut self, generation: &Generation) -> Result<(), Trouble> {
        let dir = generation.dir(&self.folder);
        let Some(end_name) = generation::control_file(&dir)? else { return Ok(()) };
        let (epoch, before) = self.own.last();
        let mut files = Vec::new();
        for path in generation::files(&dir, Some(&end_name))? {
            files.push(self.pack_file(generation, &dir, path)?);
        }
        let end_bytes = fs::read(dir.join(&end_name))?;
        let (job, name) = (generation.job.clone(), generation.name.clone());
        let count = files.len();
        self.send(GenerationEnd { job, generation: name, files, end_name, end_bytes }.into())?;
        let bundles = Bundles { epoch, first: before + 1, last: self.own.last().1 };
        self.note(generation, &bundles)?;
        tracing::info!(%generation, files = count, "a generation was packed");
        Ok(())
    }

    fn pack_file(
        &mut self,
        generation: &Generation,
        dir: &Path,
        path: String,
    ) -> Result<ExportedFile, Trouble> {
        let mut file = File::open(dir.join(&path))?;
        let (mut hash, mut offset) = (Hash::new(), 0);
        loop {
            let mut bytes = Vec::with_capacity(PIECE);
            file.by_ref().take(PIECE as u64).read_to_end(&mut bytes)?;
            // An empty file has one empty piece, so that it appears at B.
            if bytes.is_empty() && offset > 0 {
                break;
            }
            // A large file takes longer than anybody waits for a sign of life.
            self.beat_when_due()?;
            hash.update(&bytes);
            let (length, last) = (bytes.len() as u64, bytes.len() < PIECE);
            self.send(
                GenerationPart {
                    job: generation.job.clone(),
                    generation: generation.name.clone(),
                    path: path.clone(),
                    offset,
                    bytes,
                }
                .into(),
            )?;
            offset += length;
            if last {
                break;
            }
        }
        Ok(ExportedFile { path, size: offset, sha256: hash.finish() })
    }

    fn send(&mut self, message: ToBusiness) -> Result<(), Trouble> {
        let uuid = ids::new(&self.clock);
        let item: Option<NewItem> =
            seal_for(&self.keys.set(), Lane::Exp, &uuid, message.kind(), &message);
        let item = item.ok_or_else(|| io::Error::other("the key set has no key for B"))?;
        let stamp = self.receipts.ingested().map(|at| encode(&vec![taken_in(&at)]));
        let stamp = stamp.unwrap_or_default();
        Ok(self.own.publish(&[NewItem { stamp, ..item }])?)
    }

    /// Remembers, after the last bundle is durable, that this one is done.
    fn note(&self, generation: &Generation, bundles: &Bundles) -> Result<(), RoleFault> {
        let path = generation.dir(&self.packed);
        mark(&path, bundles.text()).map_err(RoleFault::disk(path.display().to_string()))
    }
}

#[cfg(test)]
mod tests {
    use bridge_contract::keys::{KeyFolder, new_keys};
    use bridge_contract::place::{Environment, Tenant};
    use bridge_spool::server_a_says;
    use jiff::Timestamp;
    use platform_service::config::Within;

    use super::*;
    use crate::own_lane::identity;

    /// I21: while a generation is packed, however large it is, B and the staff zone go on hearing
    /// of server A.
    #[test]
    fn a_large_generation_silences_nobody() {
        let dir = tempfile::tempdir().expect("a folder");
        let tenant = Tenant::parse("mirai").expect("a good name");
        new_keys(tenant, Environment::Demo).write(&dir.path().join("keys")).expect("written");
        let keys = KeyFolder::open(&dir.path().join("keys/a")).expect("a key folder");
        let config = Export {
            keys: dir.path().join("keys/a"),
            spool: dir.path().join("spool"),
            folder: dir.path().join("server-a"),
            peer: String::new(),
            retention_days: Within::new(30).expect("in bounds"),
            seal_key_days: Within::new(7).expect("in bounds"),
            ops: None,
            backlog_mb: Within::new(100).expect("in bounds"),
            log: crate::config::Log::default(),
            confinement: crate::config::Confinement::default(),
        };
        let (clock, live) = (Clock::fixed(Timestamp::UNIX_EPOCH), keys.live());
        let week = days(config.seal_key_days);
        let own = OwnLane::open(&config.spool, Lane::Exp, (&keys, &live), week, clock.clone());
        let receipts = Inbox::open(&config.spool, &identity(keys.set(), Lane::Exr)).expect("free");
        let own = (own.expect("it starts"), Arc::new(receipts));
        let mut packer = Packer::open(&config, live, own, clock).expect("it starts");
        let generation = Generation::of("job", "000001").expect("plain");
        let here = generation.dir(&config.folder);
        fs::create_dir_all(&here).expect("made");
        fs::write(here.join("data.csv"), b"a,b\r\n").expect("written");

        let said = || server_a_says(&config.folder, keys.set());
        assert_eq!(said(), None);
        let packed = packer.pack_file(&generation, &here, "data.csv".to_owned());
        assert!(packed.is_ok() && said().is_some(), "within the packing");
        fs::remove_file(config.folder.join(FROM_SERVER_A)).expect("said");
        let packed = packer.pack_file(&generation, &here, "data.csv".to_owned());
        assert!(packed.is_ok() && said().is_none(), "not with each piece");
        packer.beaten = Instant::now().checked_sub(BEAT);
        let packed = packer.pack_file(&generation, &here, "data.csv".to_owned());
        assert!(packed.is_ok() && said().is_some(), "when it is time");
    }
}
