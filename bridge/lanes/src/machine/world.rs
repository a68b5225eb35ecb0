//! Both ends of a lane and what lies between them.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use bridge_contract::bundle::{NewItem, bundle_name, parse_bundle_name};
use bridge_contract::keys::{KeyEntry, KeyFolder, KeySet, Purpose, SigningKey, new_keys};
use bridge_contract::messages::{StatusChanged, ToCitizen};
use bridge_contract::place::{Environment, Lane, Tenant};
use bridge_contract::seal;
use diesel::prelude::*;
use diesel_migrations::{EmbeddedMigrations, embed_migrations};
use domain::applications::State;
use domain::ids::ApplicationId;
use jiff::Timestamp;
use platform_service::clock::Clock;
use platform_service::shutdown::Shutdown;
use platform_store::{Db, Migrations, NoJournal, Store, StoreConfig, Tx};

use crate::receiver::Receiver;
use crate::sender::Sender;
use crate::{Gate, Incoming, Ingest, LaneFault, ReceiverSetup, Refusal, SenderSetup, Wake};

pub(super) const LANE: Lane = Lane::PubCtl;
const SQLITE: EmbeddedMigrations = embed_migrations!("tests/migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("tests/migrations/postgres");
/// Nothing is forgotten meanwhile, however the clock is set.
const FOR_EVER: Duration = Duration::from_secs(400 * 365 * 86_400);

diesel::table! {
    seen (place) {
        place -> BigInt,
        uuid -> Text,
        said -> Text,
    }
}

/// Keys of a town with two operators, and a stranger's.
pub(super) struct Keys {
    pub(super) l: KeyFolder,
    i: KeyFolder,
    pub(super) operators: [SigningKey; 2],
    pub(super) stranger: SigningKey,
    /// An empty database.
    empty: PathBuf,
}

pub(super) static KEYS: LazyLock<Keys> = LazyLock::new(|| {
    let dir = room().keep();
    let made = new_keys(Tenant::parse("mirai").expect("a good name"), Environment::Demo);
    made.write(&dir.join("keys")).expect("written");
    let root = SigningKey::from_pkcs8(&made.root_private).expect("the root");
    let mut set = KeySet::open(&made.key_set, &root.verify_key(), 0).expect("signed");
    let [one, other, stranger] = [(); 3].map(|()| SigningKey::generate().0);
    for key in [&one, &other] {
        let (purpose, public) = (Purpose::Operator, key.verify_key().0);
        set.keys.push(KeyEntry { purpose, public, valid_from: 0, valid_until: u64::MAX });
    }
    set.version = 2;
    let [l, i] = ["l", "i"].map(|host| {
        let folder = dir.join("keys").join(host);
        fs::write(folder.join("keyset"), set.sign(&root)).expect("written");
        KeyFolder::open(&folder).expect("a key folder")
    });
    drop(open(&dir.join("first.db")));
    let empty = dir.join("empty.db");
    copy(&dir.join("first.db"), &empty);
    Keys { l, i, operators: [one, other], stranger, empty }
});

/// In memory where there is such a place: nothing here is about the disk.
fn room() -> tempfile::TempDir {
    let memory = tempfile::Builder::new().prefix("lane-").tempdir_in("/dev/shm");
    memory.or_else(|_| tempfile::tempdir()).expect("a folder")
}

fn open(file: &Path) -> Store {
    let migrations = Migrations { sqlite: SQLITE, postgres: POSTGRES };
    let config = StoreConfig { url: format!("sqlite:{}", file.display()), readers: 1 };
    Store::open(&config, migrations, Box::new(NoJournal)).expect("a database")
}

/// A backup, made beside the running service.
pub(super) fn copy(from: &Path, to: &Path) {
    let mut db = SqliteConnection::establish(&from.display().to_string()).expect("a database");
    let order = format!("vacuum into '{}'", to.display());
    diesel::sql_query(order).execute(&mut db).expect("copied");
}

/// One zone: its database and its spool.
pub(super) struct Zone {
    pub(super) store: Store,
    pub(super) spool: PathBuf,
    pub(super) file: PathBuf,
    restored: usize,
}

impl Zone {
    fn new(dir: &Path, name: &str) -> Self {
        let file = dir.join(format!("{name}-0.db"));
        fs::copy(&KEYS.empty, &file).expect("copied");
        Self { store: open(&file), spool: dir.join(name), file, restored: 0 }
    }

    /// Goes on with a copy of the database; the copy stays as it is.
    pub(super) fn restore(&mut self, copy: &Path) {
        self.restored += 1;
        self.file = self.file.with_extension(format!("{}.db", self.restored));
        fs::copy(copy, &self.file).expect("copied");
        self.store = open(&self.file);
    }

    pub(super) async fn read<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Db) -> QueryResult<T> + Send + 'static,
    ) -> T {
        self.store.read(job).await.expect("readable")
    }

    pub(super) async fn write<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Tx<'_>) -> QueryResult<T> + Send + 'static,
    ) -> T {
        self.store.write(job).await.expect("writable")
    }

    /// The bundles in these parts of the lane's folder.
    pub(super) fn bundles(&self, parts: &[&str]) -> Vec<((u32, u64), PathBuf)> {
        let mut found = Vec::new();
        let mut folders: Vec<PathBuf> =
            parts.iter().map(|part| self.spool.join(LANE.word()).join(part)).collect();
        while let Some(folder) = folders.pop() {
            let Ok(entries) = fs::read_dir(folder) else { continue };
            for path in entries.map(|entry| entry.expect("readable").path()) {
                let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
                match parse_bundle_name(name) {
                    Some(at) => found.push((at, path)),
                    None if path.is_dir() => folders.push(path),
                    None => {}
                }
            }
        }
        found.sort();
        found
    }
}

/// What the far end does with messages: keeps them; some it cannot take in.
pub(crate) struct Keeping;

impl Ingest for Keeping {
    type Message = ToCitizen;

    fn apply(&self, tx: &mut Tx<'_>, incoming: &Incoming<ToCitizen>) -> Result<(), Refusal> {
        let said = match &incoming.message {
            ToCitizen::StatusChanged(change) => change.note_public.clone().unwrap_or_default(),
            other => return Err(Refusal::Poison(other.word().to_owned())),
        };
        if said.starts_with("poison") {
            return Err(Refusal::Poison(said));
        }
        let at = incoming.position;
        let place = u64::from(at.epoch) * 100_000_000 + at.seq * 10_000 + u64::from(at.idx);
        diesel::insert_into(seen::table)
            .values((
                seen::place.eq(i64::try_from(place).expect("a small number")),
                seen::uuid.eq(&incoming.uuid),
                seen::said.eq(said),
            ))
            .execute(tx.db)?;
        Ok(())
    }
}

/// Both zones, and who works in them now.
pub(super) struct World {
    pub(super) dir: tempfile::TempDir,
    pub(super) clock: Clock,
    pub(super) l: Zone,
    pub(super) i: Zone,
    pub(super) sender: Option<Sender>,
    pub(super) receiver: Option<Receiver<Keeping>>,
    pub(super) model: super::model::Model,
}

impl World {
    pub(super) async fn open() -> Self {
        let dir = room();
        let (l, i) = (Zone::new(dir.path(), "l"), Zone::new(dir.path(), "i"));
        let clock = Clock::fixed(Timestamp::from_second(1_792_000_000).expect("in 2026"));
        let model = super::model::Model::default();
        let mut world = Self { dir, clock, l, i, sender: None, receiver: None, model };
        world.receiver = Some(world.start_receiver().await.expect("a new lane"));
        world
    }

    /// A sealed message for I.
    pub(super) fn item(&self, uuid: &str, said: &str) -> NewItem {
        let message = ToCitizen::StatusChanged(StatusChanged {
            application_id: ApplicationId::from_bits(1),
            state: State::Accepted,
            at: self.clock.now(),
            note_public: Some(said.to_owned()),
            expected: None,
        });
        seal::to_citizen(KEYS.l.set(), uuid, &message).expect("a key for I")
    }

    pub(super) async fn open_sender(&self) -> Result<Sender, LaneFault> {
        Sender::open(SenderSetup {
            lane: LANE,
            store: self.l.store.clone(),
            spool: self.l.spool.clone(),
            keys: KEYS.l.live(),
            key: KEYS.l.signers(LANE).expect("a key of this host"),
            turn_after: FOR_EVER,
            clock: self.clock.clone(),
            retention: FOR_EVER,
            tells: None,
            gate: Gate::new(),
            wake: Wake::new(),
            shutdown: Shutdown::new(),
        })
        .await
    }

    pub(super) async fn start_receiver(&self) -> Result<Receiver<Keeping>, LaneFault> {
        let setup = ReceiverSetup {
            lane: LANE,
            store: self.i.store.clone(),
            spool: self.i.spool.clone(),
            keys: KEYS.i.live(),
            openers: Arc::new(KEYS.i.openers(LANE).expect("a key of this host")),
            clock: self.clock.clone(),
            receipts: Wake::new(),
            shutdown: Shutdown::new(),
        };
        Receiver::start(setup, Arc::new(Keeping)).await
    }

    /// Lays a file down at the receiver as a careless mover does, whatever is there.
    pub(super) fn drop_file(&self, at: (u32, u64), bytes: &[u8]) {
        let folder = self.i.spool.join(LANE.word());
        let (draft, name) = (folder.join("part/draft"), bundle_name(at.0, at.1));
        fs::write(&draft, bytes).expect("written");
        fs::rename(draft, folder.join("fetched").join(name)).expect("renamed");
    }

    /// What I took in, in order, and what it set aside.
    pub(super) async fn arrived(&self) -> (Vec<(String, String)>, BTreeSet<String>) {
        use crate::schema::quarantine;
        let seen = self
            .i
            .read(|db| seen::table.order(seen::place).select((seen::uuid, seen::said)).load(db));
        let aside = self.i.read(|db| quarantine::table.select(quarantine::uuid).load(db));
        (seen.await, aside.await.into_iter().collect::<BTreeSet<String>>())
    }
}
