//! Hosts I, S, L, A and B with their keys and folders. The databases' part is
//! played by hand: a sender for what the zones send, a look at what arrives.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bridge::config::{Confinement, Drop, Export, Inner, Log, Outer, Relay, Sanitizer};
use bridge::relay::{NoAnswer, Sanitize};
use bridge::{Running, StartError};
use bridge_contract::bundle::{Draft, Expect, NewItem, Signer, build, verify};
use bridge_contract::digest::Digest;
use bridge_contract::head::{Head, Lists, Trouble};
use bridge_contract::ids::{ApplicationId, AttachmentId, ProcedureId};
use bridge_contract::keys::{KeyFolder, SigningKey, new_keys};
use bridge_contract::messages::{
    Applicant, Arrival, BulkPart, Declared, InItem, Outcome, Part, Position, Rebuilt, Submission,
    ToStaff, Verdict,
};
use bridge_contract::pipe::{PipeAnswer, PipeRequest};
use bridge_contract::place::{Environment, Host, Lane, Tenant};
use bridge_contract::seal::{self, Aad};
use bridge_contract::wire::{decode, encode};
use bridge_spool::{Identity, SenderSpool};
use jiff::Timestamp;
use platform_service::clock::Clock;
use platform_service::config::Within;
use platform_service::shutdown::Shutdown;

pub(crate) struct Town {
    dir: tempfile::TempDir,
    pub(crate) clock: Clock,
    pub(crate) shutdown: Shutdown,
}

impl Town {
    pub(crate) fn new() -> Self {
        let dir = tempfile::tempdir().expect("a folder");
        let tenant = Tenant::parse("mirai").expect("a good name");
        new_keys(tenant, Environment::Demo).write(&dir.path().join("keys")).expect("written");
        let at = Timestamp::from_second(1_792_000_000).expect("in 2026");
        Self { dir, clock: Clock::fixed(at), shutdown: Shutdown::new() }
    }

    /// The same folders, for roles that start after all were stopped.
    pub(crate) fn next_day(self) -> Self {
        Self { shutdown: Shutdown::new(), ..self }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub(crate) fn key_dir(&self, host: Host) -> PathBuf {
        self.path("keys").join(host.word())
    }

    pub(crate) fn keys(&self, host: Host) -> KeyFolder {
        KeyFolder::open(&self.key_dir(host)).expect("a complete folder")
    }

    /// The spool folder of a host.
    pub(crate) fn spool(&self, host: Host) -> PathBuf {
        self.path("spool").join(host.word())
    }

    pub(crate) async fn outer(&self, listen: SocketAddr) -> Running {
        let config = Outer {
            keys: self.key_dir(Host::Internet),
            spool: self.spool(Host::Internet),
            listen,
            ops: None,
            backlog_mb: Within::new(100).expect("in bounds"),
            log: Log::default(),
            confinement: Confinement::default(),
        };
        let started = bridge::outer::run(config, self.clock.clone(), self.shutdown.clone()).await;
        started.expect("outer starts")
    }

    pub(crate) async fn relay<S: Sanitize>(&self, peer: SocketAddr, sanitizer: S) -> Running {
        self.try_relay(peer, any_port(), sanitizer).await.expect("relay starts")
    }

    pub(crate) async fn try_relay<S: Sanitize>(
        &self,
        peer: SocketAddr,
        listen: SocketAddr,
        sanitizer: S,
    ) -> Result<Running, StartError> {
        let config = Relay {
            keys: self.key_dir(Host::Sanitizer),
            spool: self.spool(Host::Sanitizer),
            listen,
            peer: peer.to_string(),
            sanitizer: Sanitizer {
                program: PathBuf::new(),
                arguments: Vec::new(),
                scanners: Vec::new(),
                timeout_seconds: Within::new(1).expect("allowed"),
                parallel: Within::new(4),
            },
            bulk_kib: Within::new(16).expect("in bounds"),
            retention_days: Within::new(0).expect("in bounds"),
            seal_key_days: Within::new(7).expect("in bounds"),
            ops: None,
            backlog_mb: Within::new(100).expect("in bounds"),
            log: Log::default(),
            confinement: Confinement::default(),
        };
        let (clock, shutdown) = (self.clock.clone(), self.shutdown.clone());
        bridge::relay::run_with(config, clock, shutdown, sanitizer).await
    }

    pub(crate) async fn inner(&self, peer: SocketAddr) -> Running {
        let config = Inner {
            keys: self.key_dir(Host::Lgwan),
            spool: self.spool(Host::Lgwan),
            peer: peer.to_string(),
            ops: None,
            backlog_mb: Within::new(100).expect("in bounds"),
            log: Log::default(),
            confinement: Confinement::default(),
        };
        let started = bridge::inner::run(config, self.clock.clone(), self.shutdown.clone()).await;
        started.expect("inner starts")
    }

    pub(crate) async fn export(&self, peer: SocketAddr) -> Running {
        let config = Export {
            keys: self.key_dir(Host::ServerA),
            spool: self.spool(Host::ServerA),
            folder: self.path("server-a"),
            peer: peer.to_string(),
            retention_days: Within::new(0).expect("in bounds"),
            seal_key_days: Within::new(7).expect("in bounds"),
            ops: None,
            backlog_mb: Within::new(100).expect("in bounds"),
            log: Log::default(),
            confinement: Confinement::default(),
        };
        let started = bridge::export::run(config, self.clock.clone(), self.shutdown.clone()).await;
        started.expect("export starts")
    }

    pub(crate) async fn drop_role(&self, listen: SocketAddr) -> Running {
        self.drop_role_where(listen, false).await
    }

    /// Server B, where moving away may be a pick-up.
    pub(crate) async fn drop_role_where(
        &self,
        listen: SocketAddr,
        pick_up_by_move: bool,
    ) -> Running {
        let config = Drop {
            keys: self.key_dir(Host::ServerB),
            spool: self.spool(Host::ServerB),
            folder: self.path("server-b"),
            pick_up_by_move,
            listen,
            retention_days: Within::new(0).expect("in bounds"),
            seal_key_days: Within::new(7).expect("in bounds"),
            ops: None,
            backlog_mb: Within::new(100).expect("in bounds"),
            log: Log::default(),
            confinement: Confinement::default(),
        };
        let started = bridge::drop::run(config, self.clock.clone(), self.shutdown.clone()).await;
        started.expect("drop starts")
    }

    /// I, S and L connected; the sanitizer is the one given.
    pub(crate) async fn three_hosts<S: Sanitize>(&self, sanitizer: S) -> [Running; 3] {
        let outer = self.outer(any_port()).await;
        let relay = self.relay(outer.addr.expect("it listens"), sanitizer).await;
        let inner = self.inner(relay.addr.expect("it listens")).await;
        [outer, relay, inner]
    }

    pub(crate) async fn stop<const N: usize>(&self, roles: [Running; N]) {
        self.shutdown.trigger();
        for role in roles {
            role.join().await.expect("a clean stop");
        }
    }

    /// What the internet zone would put on `raw`.
    pub(crate) fn submission(&self, number: u128, files: &[&[u8]]) -> NewItem {
        let parts: Vec<Part> = files
            .iter()
            .zip(1..)
            .map(|(bytes, place)| Part {
                attachment_id: AttachmentId::from_bits(number * 100 + place),
                bytes: bytes.to_vec(),
            })
            .collect();
        let declared = parts
            .iter()
            .map(|part| Declared {
                id: part.attachment_id.clone(),
                field: "file".to_owned(),
                name: "a.txt".to_owned(),
                media: "text/plain".to_owned(),
                size: part.bytes.len() as u64,
                sha256: Digest::of(&part.bytes),
            })
            .collect();
        let message = ToStaff::from(Box::new(Submission {
            application_id: ApplicationId::from_bits(number),
            procedure_id: ProcedureId::from_bits(1),
            revision: 1,
            definition_sha256: Digest::ZERO,
            applicant: Applicant::Anonymous,
            answers: BTreeMap::new(),
            provenance: BTreeMap::new(),
            attachments: declared,
            cosigners: Vec::new(),
        }));
        let keys = self.keys(Host::Internet);
        let uuid = ApplicationId::from_bits(number).to_string();
        let mut item = seal::to_staff(keys.set(), &uuid, &message, parts).expect("a key for S");
        item.stamp = encode(&Arrival { number: Some(number.to_string()), at: self.clock.now() });
        item
    }

    /// What arrived for L on `in`, opened, by bundle.
    pub(crate) fn arrived(&self) -> Vec<Vec<InItem>> {
        let keys = self.keys(Host::Lgwan);
        let openers = keys.openers(Lane::In).expect("a key of L");
        bundles(&self.spool(Host::Lgwan).join("in/fetched"))
            .iter()
            .map(|file| {
                let expect = Expect { lane: Lane::In, keys: keys.set() };
                let bundle = verify(file, &expect).expect("signed by S");
                let header = bundle.verified.header();
                let open = |item: &bridge_contract::bundle::BundleItem<'_>| {
                    let aad = Aad {
                        tenant: header.tenant,
                        environment: header.environment,
                        lane: Lane::In,
                        uuid: &item.entry.uuid,
                        kind: item.entry.kind,
                    };
                    let content = openers.open(item.sealed, &aad).expect("sealed for L");
                    decode(&content).expect("an item")
                };
                bundle.items.iter().map(open).collect()
            })
            .collect()
    }

    /// What arrived on `in`, each item once, in the order of `raw`.
    pub(crate) fn items(&self) -> Vec<InItem> {
        let all = self.arrived().into_iter().flatten();
        let once: BTreeMap<Position, InItem> = all.map(|item| (item.origin().at, item)).collect();
        once.into_values().collect()
    }

    /// The places on `raw` of everything that arrived, in their order.
    pub(crate) fn origins(&self) -> Vec<Position> {
        self.items().into_iter().map(|item| item.origin().at).collect()
    }

    /// The large files that arrived for L on `in.bulk`.
    pub(crate) fn bulk(&self) -> Vec<BulkPart> {
        let keys = self.keys(Host::Lgwan);
        let openers = keys.openers(Lane::InBulk).expect("a key of L");
        let files = bundles(&self.spool(Host::Lgwan).join("in.bulk/fetched"));
        let open = |file: &Vec<u8>| {
            let expect = Expect { lane: Lane::InBulk, keys: keys.set() };
            let bundle = verify(file, &expect).expect("signed by S");
            let header = bundle.verified.header();
            let item = bundle.items.first().expect("one file");
            let aad = Aad {
                tenant: header.tenant,
                environment: header.environment,
                lane: Lane::InBulk,
                uuid: &item.entry.uuid,
                kind: item.entry.kind,
            };
            decode(&openers.open(item.sealed, &aad).expect("sealed for L")).expect("a part")
        };
        files.iter().map(open).collect()
    }
}

pub(crate) fn any_port() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 0))
}

/// The files of a folder, in the order of their names.
pub(crate) fn bundles(dir: &Path) -> Vec<Vec<u8>> {
    let Ok(entries) = std::fs::read_dir(dir) else { return Vec::new() };
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("readable").path()).collect();
    paths.sort();
    paths.iter().map(|path| std::fs::read(path).expect("readable")).collect()
}

pub(crate) async fn wait_until(what: &str, good: impl FnMut() -> bool) {
    wait_for(platform_testkit::PATIENCE, what, good).await;
}

pub(crate) async fn wait_for(long: Duration, what: &str, mut good: impl FnMut() -> bool) {
    let patient = async {
        while !good() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    let done = tokio::time::timeout(long, patient).await;
    assert!(done.is_ok(), "waited in vain until {what}");
}

/// Plays a zone's sender: numbers, signs and shows bundles.
pub(crate) struct Sender {
    spool: SenderSpool,
    keys: KeyFolder,
    key: SigningKey,
    lane: Lane,
    last: (u32, u64, Digest),
    clock: Clock,
}

impl Sender {
    pub(crate) fn open(town: &Town, host: Host, lane: Lane) -> Self {
        let keys = town.keys(host);
        let set = keys.set();
        let identity = Identity { tenant: set.tenant, environment: set.environment, lane };
        let spool = SenderSpool::open(&town.spool(host), &identity).expect("free");
        let key = keys.signer(lane).expect("a key of this host");
        Self { spool, key, keys, lane, last: (1, 0, Digest::ZERO), clock: town.clock.clone() }
    }

    pub(crate) fn send(&mut self, items: &[NewItem]) {
        let (epoch, seq, prev) = (self.last.0, self.last.1 + 1, self.last.2);
        let at = self.clock.now();
        let draft = Draft { lane: self.lane, epoch, seq, prev, at };
        let built = build(&draft, items, &self.signer());
        self.spool.publish(epoch, seq, &built.bytes).expect("published");
        self.last = (epoch, seq, built.envelope.header.hash());
        self.spool
            .write_head(&Head::sign(self.lane, self.last, at, &self.signer()))
            .expect("shown");
    }

    /// Signs its head anew, with what it is in need of.
    pub(crate) fn says(&self, troubles: Vec<Trouble>) {
        let lists = Lists { troubles, ..Lists::default() };
        let head = Head::sign_with(self.lane, self.last, lists, self.clock.now(), &self.signer());
        self.spool.write_head(&head).expect("shown");
    }

    /// Goes on as somebody would who has the signing key and not what was sent before.
    pub(crate) fn forks(&mut self) {
        self.last.2 = Digest::of(b"another history");
    }

    fn signer(&self) -> Signer<'_> {
        let set = self.keys.set();
        Signer {
            tenant: set.tenant,
            environment: set.environment,
            key_set_version: set.version,
            key: &self.key,
        }
    }
}

/// A sanitizer that turns a text into capitals; what a file says decides how
/// it behaves.
pub(crate) struct Capitals {
    key: Arc<SigningKey>,
    /// How many files it was given.
    pub(crate) seen: Arc<Mutex<usize>>,
    /// Whether it goes on with files that say "wait".
    pub(crate) released: Arc<AtomicBool>,
}

impl Capitals {
    pub(crate) fn of(town: &Town) -> Self {
        let key = town.keys(Host::Sanitizer).verdict_signer().expect("a key of S");
        Self { key: Arc::new(key), seen: Arc::default(), released: Arc::default() }
    }
}

impl Sanitize for Capitals {
    async fn rebuild(&self, request: PipeRequest) -> Result<PipeAnswer, NoAnswer> {
        *self.seen.lock().expect("whole") += 1;
        let mut bytes = match request.bytes.as_slice() {
            b"wait" => {
                while !self.released.load(Ordering::SeqCst) {
                    tokio::time::sleep(Duration::from_millis(5)).await;
                }
                b"WAITED".to_vec()
            }
            b"slow" => return Err(NoAnswer::TooLong),
            b"crash" => return Err(NoAnswer::Failed),
            b"panic" => panic!("as told"),
            text => text.to_ascii_uppercase(),
        };
        let rebuilt = Rebuilt {
            out_sha256: Digest::of(&bytes),
            size: bytes.len() as u64,
            media: "text/plain".to_owned(),
            name: request.declared.name,
            removed: Vec::new(),
        };
        if request.bytes == b"liar" {
            bytes.push(b'!');
        }
        let verdict = Verdict::sign(
            &request.application_id,
            request.declared.id,
            request.declared.sha256,
            Outcome::Rebuilt(rebuilt),
            1,
            &self.key,
        );
        Ok(PipeAnswer { verdict, rebuilt: Some(bytes) })
    }
}
