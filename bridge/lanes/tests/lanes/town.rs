//! Two zones with their databases, and a mover that carries files between them.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bridge_contract::bundle::{NewItem, bundle_name, parse_bundle_name};
use bridge_contract::keys::{KeyFolder, new_keys};
use bridge_contract::messages::{StatusChanged, ToCitizen};
use bridge_contract::place::{Environment, Lane, Tenant};
use bridge_contract::seal;
use bridge_lanes::operate::Done;
use bridge_lanes::{
    Gate, Incoming, Ingest, LaneFault, Message, ReceiverSetup, Refusal, SenderSetup, Unprepared,
    Wake, outbox, receive, send,
};
use bridge_spool::{Identity, ReceiverSpool};
use diesel::prelude::*;
use diesel_migrations::{EmbeddedMigrations, embed_migrations};
use domain::applications::State;
use domain::ids::ApplicationId;
use jiff::Timestamp;
use platform_service::clock::Clock;
use platform_service::shutdown::Shutdown;
use platform_store::{Db, Migrations, NoJournal, Store, StoreConfig, StoreError, Tx};
use tokio::task::JoinHandle;

const SQLITE: EmbeddedMigrations = embed_migrations!("tests/migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("tests/migrations/postgres");

diesel::table! {
    seen (place) {
        place -> BigInt,
        uuid -> Text,
        said -> Text,
    }
}

diesel::table! {
    outbox_items (id) {
        id -> BigInt,
        lane -> Text,
        seq -> Nullable<BigInt>,
    }
}

diesel::table! {
    outbox_sealed (item) {
        item -> BigInt,
        sealed -> Binary,
    }
}

diesel::joinable!(outbox_sealed -> outbox_items (item));
diesel::allow_tables_to_appear_in_same_query!(outbox_items, outbox_sealed);

/// One zone: a database, a spool folder and its keys.
pub(crate) struct Zone {
    pub(crate) store: Store,
    pub(crate) spool: PathBuf,
    pub(crate) keys: KeyFolder,
    /// The file of its database, when it is one.
    pub(crate) file: String,
}

impl Zone {
    fn open(url: &str, dir: &Path, host: &str) -> Self {
        let migrations = Migrations { sqlite: SQLITE, postgres: POSTGRES };
        let config = StoreConfig { url: url.to_owned(), readers: 2 };
        let store = Store::open(&config, migrations, Box::new(NoJournal)).expect("a database");
        let keys = KeyFolder::open(&dir.join("keys").join(host)).expect("a key folder");
        let file = url.trim_start_matches("sqlite:").to_owned();
        Self { store, spool: dir.join(host), keys, file }
    }

    pub(crate) fn identity(&self, lane: Lane) -> Identity {
        let set = self.keys.set();
        Identity { tenant: set.tenant, environment: set.environment, lane }
    }

    pub(crate) async fn read<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Db) -> QueryResult<T> + Send + 'static,
    ) -> T {
        self.store.read(job).await.expect("readable")
    }

    /// What arrived, in the order it was taken in.
    pub(crate) async fn seen(&self) -> Vec<(String, String)> {
        self.read(|db| seen::table.order(seen::place).select((seen::uuid, seen::said)).load(db))
            .await
    }

    pub(crate) async fn wait_until(&self, what: &str, mut good: impl AsyncFnMut(&Self) -> bool) {
        let patient = async {
            while !good(self).await {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        let done = tokio::time::timeout(platform_testkit::PATIENCE, patient).await;
        assert!(done.is_ok(), "waited in vain until {what}");
    }
}

/// What a test zone does with what arrives: keeps it, in order.
#[derive(Default)]
pub(crate) struct Keep {
    /// Items whose id is in here are refused.
    pub(crate) poison: Mutex<Vec<String>>,
    /// How often each refusal was tried.
    pub(crate) tries: Mutex<Vec<String>>,
    /// Whether a refusal is a panic, a database error or said in words.
    pub(crate) manner: Manner,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Manner {
    #[default]
    Words,
    Database,
    Panic,
    /// Its disk is full for as many looks as there are words in `poison`.
    Disk,
}

pub(crate) struct Keeping<M>(pub(crate) Arc<Keep>, pub(crate) std::marker::PhantomData<fn() -> M>);

impl<M> Keeping<M> {
    pub(crate) fn new(keep: &Arc<Keep>) -> Arc<Self> {
        Arc::new(Self(Arc::clone(keep), std::marker::PhantomData))
    }
}

impl<M: Message + Said> Ingest for Keeping<M> {
    type Message = M;

    fn prepare(&self, incoming: &Incoming<M>) -> Result<(), Unprepared> {
        let mut full = self.0.poison.lock().expect("whole");
        if self.0.manner != Manner::Disk || full.pop().is_none() {
            return Ok(());
        }
        self.0.tries.lock().expect("whole").push(incoming.uuid.clone());
        Err(std::io::Error::from(std::io::ErrorKind::StorageFull).into())
    }

    fn apply(&self, tx: &mut Tx<'_>, incoming: &Incoming<M>) -> Result<(), Refusal> {
        let at = incoming.position;
        let place = u64::from(at.epoch - 1) * 100_000_000 + at.seq * 10_000 + u64::from(at.idx);
        let place = i64::try_from(place).expect("a small number");
        diesel::insert_into(seen::table)
            .values((
                seen::place.eq(place),
                seen::uuid.eq(&incoming.uuid),
                seen::said.eq(incoming.message.said()),
            ))
            .execute(tx.db)?;
        if !self.0.poison.lock().expect("whole").contains(&incoming.uuid) {
            return Ok(());
        }
        self.0.tries.lock().expect("whole").push(incoming.uuid.clone());
        match self.0.manner {
            Manner::Words => Err(Refusal::Poison("no such thing".to_owned())),
            Manner::Database => {
                let again = (seen::place.eq(place), seen::uuid.eq(""), seen::said.eq(""));
                diesel::insert_into(seen::table).values(again).execute(tx.db)?;
                Ok(())
            }
            Manner::Panic => panic!("as told"),
            Manner::Disk => Ok(()),
        }
    }
}

/// What a message says, for comparing.
pub(crate) trait Said {
    fn said(&self) -> String;
}

impl Said for ToCitizen {
    fn said(&self) -> String {
        match self {
            Self::StatusChanged(change) => change.note_public.clone().unwrap_or_default(),
            other => other.word().to_owned(),
        }
    }
}

impl Said for bridge_lanes::FromCitizen {
    fn said(&self) -> String {
        self.message.word().to_owned()
    }
}

/// L publishes on `pub.ctl`, I takes it in; receipts go back on `raw`.
pub(crate) struct Town {
    pub(crate) l: Zone,
    pub(crate) i: Zone,
    pub(crate) clock: Clock,
    pub(crate) keep: Arc<Keep>,
    pub(crate) wake: Wake,
    dir: tempfile::TempDir,
}

impl Town {
    /// Both zones keep their tables in databases of the same kind.
    pub(crate) fn open(url: String) -> Self {
        Self::with(url, Keep::default())
    }

    pub(crate) fn with(url: String, keep: Keep) -> Self {
        let dir = tempfile::tempdir().expect("a folder");
        let tenant = Tenant::parse("mirai").expect("a good name");
        new_keys(tenant, Environment::Demo).write(&dir.path().join("keys")).expect("written");
        let other = match url.starts_with("sqlite:") {
            true => format!("sqlite:{}", dir.path().join("l.db").display()),
            false => platform_testkit::postgres::fresh_database(),
        };
        Self {
            l: Zone::open(&other, dir.path(), "l"),
            i: Zone::open(&url, dir.path(), "i"),
            clock: Clock::fixed(Timestamp::from_second(1_792_000_000).expect("in 2026")),
            keep: Arc::new(keep),
            wake: Wake::new(),
            dir,
        }
    }

    pub(crate) fn path(&self) -> &Path {
        self.dir.path()
    }

    /// A sealed item for I that says `said`.
    pub(crate) fn item(&self, uuid: &str, said: &str) -> NewItem {
        let message = ToCitizen::StatusChanged(StatusChanged {
            application_id: ApplicationId::from_bits(1),
            state: State::Accepted,
            at: self.clock.now(),
            note_public: Some(said.to_owned()),
            expected: None,
        });
        seal::to_citizen(self.l.keys.set(), uuid, &message).expect("a key for I")
    }

    /// Commits items to L's outbox, each in its own transaction.
    pub(crate) async fn publish(&self, said: &[&str]) {
        for said in said {
            let (item, at) = (self.item(&format!("id-{said}"), said), self.clock.now());
            self.l
                .store
                .write(move |tx| outbox::put(tx, Lane::PubCtl, &item, at))
                .await
                .expect("committed");
        }
        self.wake.signal();
    }

    /// Commits many items in one transaction.
    pub(crate) async fn publish_at_once(&self, said: Vec<String>) {
        let items: Vec<NewItem> =
            said.iter().map(|said| self.item(&format!("id-{said}"), said)).collect();
        let at = self.clock.now();
        self.l
            .store
            .write(move |tx| {
                items.iter().try_for_each(|item| outbox::put(tx, Lane::PubCtl, item, at))
            })
            .await
            .expect("committed");
        self.wake.signal();
    }

    pub(crate) fn sender_setup(&self, zone: &Zone, lane: Lane, shutdown: Shutdown) -> SenderSetup {
        SenderSetup {
            lane,
            store: zone.store.clone(),
            spool: zone.spool.clone(),
            keys: zone.keys.live(),
            key: zone.keys.signers(lane).expect("a key of this host"),
            turn_after: Duration::from_secs(7 * 86_400),
            clock: self.clock.clone(),
            retention: Duration::from_secs(30 * 86_400),
            tells: None,
            gate: Gate::new(),
            wake: self.wake.clone(),
            shutdown,
        }
    }

    pub(crate) fn receiver_setup(
        &self,
        zone: &Zone,
        lane: Lane,
        shutdown: Shutdown,
    ) -> ReceiverSetup {
        ReceiverSetup {
            lane,
            store: zone.store.clone(),
            spool: zone.spool.clone(),
            keys: zone.keys.live(),
            openers: Arc::new(zone.keys.openers(lane).expect("a key of this host")),
            clock: self.clock.clone(),
            receipts: Wake::new(),
            shutdown,
        }
    }

    pub(crate) fn start_sender(&self, zone: &Zone, lane: Lane) -> Running {
        let shutdown = Shutdown::new();
        let task = tokio::spawn(send(self.sender_setup(zone, lane, shutdown.clone())));
        Running { shutdown, task }
    }

    /// A sender that forgets what it may at once.
    pub(crate) fn start_forgetful_sender(&self, zone: &Zone, lane: Lane) -> Running {
        let shutdown = Shutdown::new();
        let mut setup = self.sender_setup(zone, lane, shutdown.clone());
        setup.retention = Duration::ZERO;
        Running { shutdown, task: tokio::spawn(send(setup)) }
    }

    pub(crate) fn start_receiver<M: Message + Said>(&self, zone: &Zone, lane: Lane) -> Running {
        let shutdown = Shutdown::new();
        let setup = self.receiver_setup(zone, lane, shutdown.clone());
        let task = tokio::spawn(receive(setup, Keeping::<M>::new(&self.keep)));
        Running { shutdown, task }
    }

    /// Sends everything in the outbox of a lane.
    pub(crate) async fn send_all(&self, zone: &Zone, lane: Lane) {
        let sender = self.start_sender(zone, lane);
        zone.wait_until("everything is sent", async |zone| {
            let waiting = zone.read(move |db| waiting(db, lane)).await;
            let newest = zone.read(move |db| bridge_lanes::status::sent(db, lane, 1)).await;
            waiting == 0 && newest.iter().all(|bundle| bundle.ready_at.is_some())
        })
        .await;
        sender.stop().await.expect("a clean stop");
    }
}

/// Items of a lane that have no number yet, receipts too.
pub(crate) fn waiting(db: &mut Db, lane: Lane) -> QueryResult<i64> {
    outbox_items::table
        .filter(outbox_items::lane.eq(lane.word()).and(outbox_items::seq.is_null()))
        .count()
        .get_result(db)
}

/// Bytes of the sealed items of a bundle that are still kept.
pub(crate) fn kept_bytes(db: &mut Db, lane: Lane, seq: i64) -> QueryResult<usize> {
    let sealed: Vec<Vec<u8>> = outbox_items::table
        .inner_join(outbox_sealed::table)
        .filter(outbox_items::lane.eq(lane.word()).and(outbox_items::seq.eq(seq)))
        .select(outbox_sealed::sealed)
        .load(db)?;
    Ok(sealed.iter().map(Vec::len).sum())
}

/// Opens a copy of a zone's database.
pub(crate) fn open_copy(url: &str) -> Result<Store, StoreError> {
    let migrations = Migrations { sqlite: SQLITE, postgres: POSTGRES };
    Store::open(&StoreConfig::at(url), migrations, Box::new(NoJournal))
}

/// Plays the operation log: keeps what was ordered beside what was seen.
pub(crate) fn record(tx: &mut Tx<'_>, done: &Done) {
    let earlier = seen::table.filter(seen::place.lt(0)).count().get_result::<i64>(tx.db);
    let place = -1_000_000 + earlier.expect("readable");
    diesel::insert_into(seen::table)
        .values((seen::place.eq(place), seen::uuid.eq(done.act), seen::said.eq(&done.detail)))
        .execute(tx.db)
        .expect("written");
}

/// A lane's task.
pub(crate) struct Running {
    shutdown: Shutdown,
    task: JoinHandle<Result<(), LaneFault>>,
}

impl Running {
    pub(crate) async fn stop(self) -> Result<(), LaneFault> {
        self.shutdown.trigger();
        self.task.await.expect("no panic")
    }

    /// How it ended by itself.
    pub(crate) async fn ended(self) -> Result<(), LaneFault> {
        let patient = tokio::time::timeout(platform_testkit::PATIENCE, self.task).await;
        patient.expect("it ends by itself").expect("no panic")
    }
}

/// The files a sender shows for a lane, in order.
pub(crate) fn shown(zone: &Zone, lane: Lane) -> Vec<((u32, u64), Vec<u8>)> {
    let dir = zone.spool.join(lane.word()).join("ready");
    let mut files: Vec<_> = std::fs::read_dir(dir)
        .expect("readable")
        .map(|entry| entry.expect("readable").path())
        .filter_map(|path| {
            let name = path.file_name()?.to_str()?;
            Some((parse_bundle_name(name)?, std::fs::read(&path).expect("readable")))
        })
        .collect();
    files.sort();
    files
}

/// The folder as its fetcher has it.
fn fetcher(zone: &Zone, lane: Lane) -> ReceiverSpool {
    ReceiverSpool::open(&zone.spool, &zone.identity(lane)).expect("free")
}

/// Carries one file to the receiver, as a fetcher does.
pub(crate) fn deliver(zone: &Zone, lane: Lane, at: (u32, u64), bytes: &[u8]) {
    fetcher(zone, lane).store(at, bytes).expect("stored");
}

/// Puts a file where a careless mover would, whatever is there.
pub(crate) fn drop_file(zone: &Zone, lane: Lane, at: (u32, u64), bytes: &[u8]) {
    drop(fetcher(zone, lane));
    let folder = zone.spool.join(lane.word());
    let (draft, name) = (folder.join("part/draft"), bundle_name(at.0, at.1));
    std::fs::write(&draft, bytes).expect("written");
    std::fs::rename(draft, folder.join("fetched").join(name)).expect("renamed");
}

/// Carries everything a sender shows.
pub(crate) fn deliver_all(from: &Zone, to: &Zone, lane: Lane) {
    for (at, bytes) in shown(from, lane) {
        deliver(to, lane, at, &bytes);
    }
}
