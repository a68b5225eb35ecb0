//! Both ends of the lanes with their databases, and the three roles between them.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use bridge::config::{Confinement, Inner, Log, Outer, Relay, Sanitizer};
use bridge::relay::{NoAnswer, Sanitize};
use bridge::{Running, inner, outer, relay};
use bridge_contract::bundle::NewItem;
use bridge_contract::digest::Digest;
use bridge_contract::ids::{ApplicationId, AttachmentId, ProcedureId};
use bridge_contract::keys::{KeyFolder, LiveKeys, SigningKey, new_keys};
use bridge_contract::messages::{
    Applicant, Arrival, Declared, Outcome, Part, RawItem, Rebuilt, Submission as Said, ToCitizen,
    ToStaff, Verdict,
};
use bridge_contract::pipe::{PipeAnswer, PipeRequest};
use bridge_contract::place::{Environment, Host, Lane, Tenant};
use bridge_contract::seal::Series;
use bridge_contract::wire::encode;
use bridge_lanes::{
    CompleterSetup, FromCitizen, Gate, Incoming, Ingest, LargeFiles, ReceiverSetup, Refusal,
    SenderSetup, Wake, complete, outbox, receive, send,
};
use diesel::prelude::*;
use diesel_migrations::{EmbeddedMigrations, embed_migrations};
use platform_service::clock::Clock;
use platform_service::config::Within;
use platform_service::shutdown::Shutdown;
use platform_store::files::Files;
use platform_store::{Migrations, NoJournal, Store, StoreConfig, Tx};
use tempfile::TempDir;
use tokio::task::JoinSet;

use super::CLIENTS;

const SQLITE: EmbeddedMigrations = embed_migrations!("../../bridge/lanes/tests/migrations/sqlite");
const POSTGRES: EmbeddedMigrations =
    embed_migrations!("../../bridge/lanes/tests/migrations/postgres");
/// Longest time until something is in.
const PATIENCE: Duration = Duration::from_secs(300);

diesel::table! {
    seen (place) {
        place -> BigInt,
        uuid -> Text,
        said -> Text,
    }
}

/// What somebody sends.
#[derive(Clone, Copy, Debug)]
pub(super) struct Submission {
    /// Its number; each once.
    pub(super) number: usize,
    /// Bytes of its answers.
    pub(super) says: usize,
    /// Bytes of its file; none when 0.
    pub(super) file: usize,
}

/// I, S and L in this process, connected over loopback; or one end of them.
pub(super) struct Both {
    dir: PathBuf,
    /// Deletes the folder in the end, when it is ours.
    own: Option<TempDir>,
    i: Store,
    l: Store,
    keys: Arc<LiveKeys>,
    series: Arc<Series>,
    wake: Wake,
    clock: Clock,
    shutdown: Shutdown,
    lanes: JoinSet<Result<(), bridge_lanes::LaneFault>>,
    roles: Vec<Running>,
}

impl Both {
    pub(super) async fn open() -> Result<Self, String> {
        let mut both = Self::open_without_carrier()?;
        both.open_carrier().await?;
        Ok(both)
    }

    /// The databases and their lanes; nothing between them yet.
    pub(super) fn open_without_carrier() -> Result<Self, String> {
        Self::open_ends(&[Host::Internet, Host::Lgwan])
    }

    /// The lanes of these zones in a fresh folder.
    pub(super) fn open_ends(zones: &[Host]) -> Result<Self, String> {
        let dir = tempfile::Builder::new().prefix("load-").tempdir().map_err(words)?;
        let tenant = Tenant::parse("mirai").map_err(words)?;
        new_keys(tenant, Environment::Demo).write(&dir.path().join("keys")).map_err(words)?;
        Self::open_in(dir.path().to_owned(), Some(dir), zones)
    }

    /// The lanes of one zone in a folder that is there.
    pub(super) fn open_end(dir: PathBuf, zone: Host) -> Result<Self, String> {
        Self::open_in(dir, None, &[zone])
    }

    fn open_in(dir: PathBuf, own: Option<TempDir>, zones: &[Host]) -> Result<Self, String> {
        let [i, l] = ["i", "l"].map(|host| store(&dir, host));
        let keys = folder(&dir, Host::Internet)?.live();
        let (wake, shutdown) = (Wake::new(), Shutdown::new());
        let mut both = Self {
            dir,
            own,
            i: i?,
            l: l?,
            keys,
            series: Arc::default(),
            wake,
            clock: Clock::system(),
            shutdown,
            lanes: JoinSet::new(),
            roles: Vec::new(),
        };
        for zone in zones {
            match zone {
                Host::Internet => both.start_sending()?,
                _ => both.start_taking_in()?,
            }
        }
        Ok(both)
    }

    /// I: `raw` out, `pub.ctl` in.
    fn start_sending(&mut self) -> Result<(), String> {
        self.send(Host::Internet, Lane::Raw, &self.wake.clone())?;
        let back = self.receiver(Host::Internet, Lane::PubCtl, &self.wake.clone())?;
        let take = Arc::new(Take(std::marker::PhantomData::<fn() -> ToCitizen>));
        self.lanes.spawn(receive(back, take));
        Ok(())
    }

    /// L: `in` and `in.bulk` in, `pub.ctl` out.
    fn start_taking_in(&mut self) -> Result<(), String> {
        let receipts = Wake::new();
        let files = Files::open(self.dir.join("files")).map_err(words)?;
        self.send(Host::Lgwan, Lane::PubCtl, &receipts)?;
        let take = Arc::new(Take(std::marker::PhantomData::<fn() -> FromCitizen>));
        let setup = self.receiver(Host::Lgwan, Lane::In, &receipts)?;
        self.lanes.spawn(complete(
            CompleterSetup {
                lane: Lane::In,
                store: setup.store.clone(),
                keys: Arc::clone(&setup.keys),
                openers: Arc::clone(&setup.openers),
                files: Some(files.clone()),
                clock: setup.clock.clone(),
                receipts: receipts.clone(),
                shutdown: self.shutdown.clone(),
            },
            Arc::clone(&take),
        ));
        self.lanes.spawn(receive(setup, take));
        let bulk = self.receiver(Host::Lgwan, Lane::InBulk, &receipts)?;
        self.lanes.spawn(receive(bulk, Arc::new(LargeFiles::new(files, self.clock.clone()))));
        Ok(())
    }

    fn send(&mut self, host: Host, lane: Lane, wake: &Wake) -> Result<(), String> {
        let setup = SenderSetup {
            lane,
            store: self.store(host).clone(),
            spool: self.spool(host),
            keys: Arc::clone(&self.keys),
            key: folder(&self.dir, host)?.signers(lane).map_err(words)?,
            clock: self.clock.clone(),
            retention: Duration::from_secs(30 * 86_400),
            turn_after: Duration::from_secs(7 * 86_400),
            tells: None,
            gate: Gate::new(),
            wake: wake.clone(),
            shutdown: self.shutdown.clone(),
        };
        self.lanes.spawn(send(setup));
        Ok(())
    }

    fn receiver(&self, host: Host, lane: Lane, receipts: &Wake) -> Result<ReceiverSetup, String> {
        Ok(ReceiverSetup {
            lane,
            store: self.store(host).clone(),
            spool: self.spool(host),
            keys: Arc::clone(&self.keys),
            openers: Arc::new(folder(&self.dir, host)?.openers(lane).map_err(words)?),
            clock: self.clock.clone(),
            receipts: receipts.clone(),
            shutdown: self.shutdown.clone(),
        })
    }

    const fn store(&self, host: Host) -> &Store {
        match host {
            Host::Internet => &self.i,
            _ => &self.l,
        }
    }

    fn spool(&self, host: Host) -> PathBuf {
        self.dir.join("spool").join(host.word())
    }

    /// Where keys, spools and databases lie.
    pub(super) fn folder(&self) -> &Path {
        &self.dir
    }

    /// The three roles between the zones.
    pub(super) async fn open_carrier(&mut self) -> Result<(), String> {
        let any = SocketAddr::from(([127, 0, 0, 1], 0));
        let key_dir = |host: Host| self.dir.join("keys").join(host.word());
        let backlog_mb = Within::new(100_000).ok_or("a limit")?;
        let outer = outer::run(
            Outer {
                keys: key_dir(Host::Internet),
                spool: self.spool(Host::Internet),
                listen: any,
                ops: None,
                backlog_mb,
                log: Log::default(),
                confinement: Confinement::default(),
            },
            self.clock.clone(),
            self.shutdown.clone(),
        );
        let outer = outer.await.map_err(words)?;
        let relay = relay::run_with(
            Relay {
                keys: key_dir(Host::Sanitizer),
                spool: self.spool(Host::Sanitizer),
                listen: any,
                peer: outer.addr.ok_or("no address")?.to_string(),
                sanitizer: Sanitizer {
                    program: PathBuf::new(),
                    arguments: Vec::new(),
                    scanners: Vec::new(),
                    timeout_seconds: Within::new(60).ok_or("a limit")?,
                    parallel: None,
                },
                bulk_kib: Within::new(1024).ok_or("a limit")?,
                retention_days: Within::new(30).ok_or("a limit")?,
                seal_key_days: Within::new(7).ok_or("a limit")?,
                ops: None,
                backlog_mb,
                log: Log::default(),
                confinement: Confinement::default(),
            },
            self.clock.clone(),
            self.shutdown.clone(),
            Unchanged(folder(&self.dir, Host::Sanitizer)?.verdict_signer().map_err(words)?),
        );
        let relay = relay.await.map_err(words)?;
        let inner = inner::run(
            Inner {
                keys: key_dir(Host::Lgwan),
                spool: self.spool(Host::Lgwan),
                peer: relay.addr.ok_or("no address")?.to_string(),
                ops: None,
                backlog_mb,
                log: Log::default(),
                confinement: Confinement::default(),
            },
            self.clock.clone(),
            self.shutdown.clone(),
        );
        self.roles = vec![outer, relay, inner.await.map_err(words)?];
        Ok(())
    }

    /// Seals and commits, many at once, as requests of citizens do. Returns when the
    /// last one was committed.
    pub(super) async fn submit(&self, all: Vec<Submission>) -> Result<Instant, String> {
        let share = all.len().div_ceil(CLIENTS).max(1);
        let mut clients = JoinSet::new();
        for own in all.chunks(share) {
            let (own, keys, store) = (own.to_vec(), Arc::clone(&self.keys), self.i.clone());
            let series = Arc::clone(&self.series);
            let (clock, wake) = (self.clock.clone(), self.wake.clone());
            clients.spawn(async move {
                for one in own {
                    let now = clock.now();
                    let item = sealed(one, &keys.set(), &series, now).ok_or("no key to seal to")?;
                    let put = store.write(move |tx| outbox::put(tx, Lane::Raw, &item, now));
                    put.await.map_err(words)?;
                    wake.signal();
                }
                Ok::<_, String>(())
            });
        }
        for done in clients.join_all().await {
            done?;
        }
        Ok(Instant::now())
    }

    /// Returns when so many submissions are in L's database.
    pub(super) async fn until_in(&self, count: usize) -> Result<(), String> {
        self.until(count, |db| seen::table.count().get_result(db)).await
    }

    /// The same for those without a file.
    pub(super) async fn until_small_in(&self, count: usize) -> Result<(), String> {
        let small = |db: &mut platform_store::Db| {
            seen::table.filter(seen::said.eq("small")).count().get_result(db)
        };
        self.until(count, small).await
    }

    /// Returns when a bundle lies before L's door.
    pub(super) async fn until_carried(&self) -> Result<(), String> {
        let (until, fetched) =
            (Instant::now() + PATIENCE, self.spool(Host::Lgwan).join("in/fetched"));
        let lies = || std::fs::read_dir(&fetched).is_ok_and(|mut files| files.next().is_some());
        while !lies() {
            if Instant::now() > until {
                return Err("nothing crossed".to_owned());
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Ok(())
    }

    async fn until(
        &self,
        count: usize,
        look: fn(&mut platform_store::Db) -> QueryResult<i64>,
    ) -> Result<(), String> {
        let (until, count) = (Instant::now() + PATIENCE, i64::try_from(count).map_err(words)?);
        loop {
            let found = self.l.read(look).await.map_err(words)?;
            if found == count {
                return Ok(());
            }
            if found > count || Instant::now() > until {
                return Err(format!("{found} of {count} are in"));
            }
            // Counting many rows takes from what is measured; near the end it is exact.
            let pause = if count - found > 500 { 20 } else { 1 };
            tokio::time::sleep(Duration::from_millis(pause)).await;
        }
    }

    pub(super) async fn close(mut self) -> Result<(), String> {
        self.shutdown.trigger();
        for role in self.roles.drain(..) {
            role.join().await.map_err(words)?;
        }
        while let Some(ended) = self.lanes.join_next().await {
            ended.map_err(words)?.map_err(words)?;
        }
        self.own.map_or(Ok(()), TempDir::close).map_err(words)
    }
}

/// What the internet zone would put into its outbox.
fn sealed(
    one: Submission,
    keys: &bridge_contract::keys::KeySet,
    series: &Series,
    now: jiff::Timestamp,
) -> Option<NewItem> {
    let id = AttachmentId::from_bits(one.number as u128);
    let parts: Vec<Part> = match one.file {
        0 => Vec::new(),
        size => vec![Part { attachment_id: id, bytes: vec![0x61; size] }],
    };
    let declare = |part: &Part| Declared {
        id: part.attachment_id.clone(),
        field: "file".to_owned(),
        name: "a.txt".to_owned(),
        media: "text/plain".to_owned(),
        size: part.bytes.len() as u64,
        sha256: Digest::of(&part.bytes),
    };
    // A text has at most a mebibyte; a large answer is many texts.
    let texts = vec!["あ".repeat(one.says.min(99_000) / 3); one.says.div_ceil(99_000)];
    let application = ApplicationId::from_bits(one.number as u128);
    let message = ToStaff::from(Box::new(Said {
        application_id: application.clone(),
        procedure_id: ProcedureId::from_bits(1),
        revision: 1,
        definition_sha256: Digest::ZERO,
        applicant: Applicant::Anonymous,
        answers: BTreeMap::from([("voice".to_owned(), texts)]),
        provenance: BTreeMap::new(),
        attachments: parts.iter().map(declare).collect(),
        cosigners: Vec::new(),
    }));
    let content = RawItem { message: encode(&message), parts, passwords: Vec::new() };
    let (uuid, kind) = (application.as_str(), message.kind());
    let mut item = series.seal_for(keys, Lane::Raw, uuid, kind, &content)?;
    item.stamp = encode(&Arrival { number: Some(one.number.to_string()), at: now });
    Some(item)
}

/// Keeps one row of each message.
struct Take<M>(std::marker::PhantomData<fn() -> M>);

impl Ingest for Take<FromCitizen> {
    type Message = FromCitizen;

    fn apply(&self, tx: &mut Tx<'_>, incoming: &Incoming<FromCitizen>) -> Result<(), Refusal> {
        let at = incoming.position;
        let place = i64::try_from(at.seq * 10_000 + u64::from(at.idx)).unwrap_or(i64::MAX);
        let said = if incoming.message.verdicts.is_empty() { "small" } else { "large" };
        diesel::insert_into(seen::table)
            .values((seen::place.eq(place), seen::uuid.eq(&incoming.uuid), seen::said.eq(said)))
            .execute(tx.db)?;
        Ok(())
    }
}

impl Ingest for Take<ToCitizen> {
    type Message = ToCitizen;

    fn apply(&self, _: &mut Tx<'_>, _: &Incoming<ToCitizen>) -> Result<(), Refusal> {
        Ok(())
    }
}

/// Gives every file back as it is, so that the lanes alone are measured.
struct Unchanged(SigningKey);

impl Sanitize for Unchanged {
    async fn rebuild(&self, request: PipeRequest) -> Result<PipeAnswer, NoAnswer> {
        let made = Rebuilt {
            out_sha256: request.declared.sha256,
            size: request.bytes.len() as u64,
            media: request.declared.media,
            name: request.declared.name,
            removed: Vec::new(),
        };
        let verdict = Verdict::sign(
            &request.application_id,
            request.declared.id,
            request.declared.sha256,
            Outcome::Rebuilt(made),
            1,
            &self.0,
        );
        Ok(PipeAnswer { verdict, rebuilt: Some(request.bytes) })
    }
}

fn store(dir: &Path, host: &str) -> Result<Store, String> {
    let url = format!("sqlite:{}", dir.join(format!("{host}.db")).display());
    let migrations = Migrations { sqlite: SQLITE, postgres: POSTGRES };
    Store::open(&StoreConfig::at(url), migrations, Box::new(NoJournal)).map_err(words)
}

fn folder(dir: &Path, host: Host) -> Result<KeyFolder, String> {
    KeyFolder::open(&dir.join("keys").join(host.word())).map_err(words)
}

pub(super) fn words(error: impl std::fmt::Display) -> String {
    error.to_string()
}
