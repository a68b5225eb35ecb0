//! The whole staff service on a port of its own, with what the bridge would bring.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bridge_contract::digest::Digest;
use bridge_contract::keys::{KeyFolder, SigningKey, new_keys};
use bridge_contract::messages::{
    Applicant, Arrival, Declared, HoldReason, Origin, Outcome, Part, Position, Rebuilt, Removed,
    Submission, ToStaff, Verdict,
};
use bridge_contract::place::{Environment, Host, Lane, Tenant};
use bridge_lanes::{FromCitizen, Incoming, Ingest as _, Refusal};
use domain::applications::ReceiptNumber;
use domain::ids::{AccountId, ApplicationId, AttachmentId, ProcedureId};
use jiff::Timestamp;
use lgwan_zone::commands::{load_city, publish};
use lgwan_zone::config::Mail;
use lgwan_zone::exchange::Intake;
use lgwan_zone::{Config, Running, run};
use lgwan_zone_store::applications::file;
use lgwan_zone_store::applications::rows::Application;
use lgwan_zone_store::post::Office;
use lgwan_zone_store::procedures;
use lgwan_zone_store::shelf::Shelf;
use platform_mail::{MailConfig, SmtpConfig, SmtpSecurity};
use platform_service::clock::Clock;
use platform_service::ids;
use platform_service::shutdown::Shutdown;
use platform_store::Store;
use platform_store::files::Files;
use platform_web::passwords::Cost;

use crate::browser::Browser;
use crate::city;

/// A service with the sample city.
pub(crate) struct Desk {
    pub(crate) clock: Clock,
    pub(crate) store: Store,
    pub(crate) config: Config,
    pub(crate) passwords: BTreeMap<String, (String, Option<String>)>,
    running: Option<Running>,
    shutdown: Shutdown,
    intake: Arc<Intake>,
    serial: std::sync::atomic::AtomicU64,
    pub(crate) folder: tempfile::TempDir,
}

/// One file of a submission.
pub(crate) enum Sent {
    /// Comes through as a small picture.
    Picture(&'static str),
    /// The same, past a scanner that gave no answer.
    Unscanned(&'static str),
    /// Says it was rebuilt as a picture, and carries more than our encoders write.
    Foreign(&'static str),
    /// Is held back.
    Locked(&'static str),
    /// Is held back: a scanner knows it.
    Infected(&'static str),
}

impl Sent {
    fn name(&self) -> &'static str {
        match self {
            Self::Picture(name)
            | Self::Unscanned(name)
            | Self::Foreign(name)
            | Self::Locked(name)
            | Self::Infected(name) => name,
        }
    }

    /// What host S says of it, with the bytes that cross.
    fn outcome(&self) -> (Outcome, Option<Vec<u8>>) {
        let mut removed = vec![("metadata", 2)];
        let mut bytes = PNG.to_vec();
        match self {
            Self::Locked(_) => return (Outcome::Held(HoldReason::Encrypted), None),
            Self::Infected(_) => {
                return (Outcome::Infected("Win.Test.EICAR_HDB-1".to_owned()), None);
            }
            Self::Picture(_) => {}
            Self::Unscanned(_) => removed.push(("not_scanned_clamd", 1)),
            Self::Foreign(_) => bytes.extend_from_slice(b"MZ"),
        }
        let removed = removed.into_iter().map(|(what, count)| Removed {
            what: what.to_owned(),
            place: String::new(),
            count,
        });
        let rebuilt = Rebuilt {
            out_sha256: Digest::of(&bytes),
            size: bytes.len() as u64,
            media: "image/png".to_owned(),
            name: self.name().to_owned(),
            removed: removed.collect(),
        };
        (Outcome::Rebuilt(rebuilt), Some(bytes))
    }
}

impl Desk {
    /// A service on SQLite.
    pub(crate) async fn open() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let url = format!("sqlite:{}", folder.path().join("staff.db").display());
        Self::on(&url, folder).await
    }

    /// A service on this database.
    pub(crate) async fn on(url: &str, folder: tempfile::TempDir) -> Self {
        let clock = Clock::fixed("2026-11-20T01:00:00Z".parse().expect("a time"));
        Self::at(url, folder, clock, "127.0.0.1:0").await
    }

    /// A service on this database with other settings.
    pub(crate) async fn on_with(
        url: &str,
        folder: tempfile::TempDir,
        change: impl FnOnce(&mut Config),
    ) -> Self {
        let clock = Clock::fixed("2026-11-20T01:00:00Z".parse().expect("a time"));
        let mut config = settings(folder.path(), url, "127.0.0.1:0");
        change(&mut config);
        Self::of(config, folder, clock).await
    }

    /// A service on SQLite with other settings.
    pub(crate) async fn with(change: impl FnOnce(&mut Config)) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let url = format!("sqlite:{}", folder.path().join("staff.db").display());
        Self::on_with(&url, folder, change).await
    }

    /// A service on this database, clock and address.
    pub(crate) async fn at(
        url: &str,
        folder: tempfile::TempDir,
        clock: Clock,
        listen: &str,
    ) -> Self {
        let config = settings(folder.path(), url, listen);
        Self::of(config, folder, clock).await
    }

    /// A service on this database, or on SQLite, at the time of the machine and on an address known
    /// beforehand.
    pub(crate) async fn today(
        url: Option<&str>,
        listen: std::net::SocketAddr,
        change: impl FnOnce(&mut Config),
    ) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let own = format!("sqlite:{}", folder.path().join("staff.db").display());
        let mut config = settings(folder.path(), url.unwrap_or(&own), &listen.to_string());
        change(&mut config);
        Self::of(config, folder, Clock::fixed(Clock::system().now())).await
    }

    /// A service on SQLite with the city everybody may look at.
    pub(crate) async fn sample_city() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let url = format!("sqlite:{}", folder.path().join("staff.db").display());
        let clock = Clock::fixed("2026-11-20T01:00:00Z".parse().expect("a time"));
        let config = settings(folder.path(), &url, "127.0.0.1:0");
        Self::with_city(config, folder, clock, Path::new(city::SAMPLE)).await
    }

    async fn of(config: Config, folder: tempfile::TempDir, clock: Clock) -> Self {
        let city_file = folder.path().join("city.json");
        std::fs::write(&city_file, city::city().to_string()).expect("written");
        Self::with_city(config, folder, clock, &city_file).await
    }

    async fn with_city(
        config: Config,
        folder: tempfile::TempDir,
        clock: Clock,
        city_file: &Path,
    ) -> Self {
        let handed = load_city(&config, &clock, city_file, None, true).await.expect("a city");
        let passwords =
            handed.into_iter().map(|one| (one.login_id, (one.password, one.totp_secret)));
        let shutdown = Shutdown::new();
        let running =
            run(config.clone(), clock.clone(), shutdown.clone()).await.expect("it starts");
        let keys = KeyFolder::open(&config.folders.keys).expect("keys");
        let office = Office::open(keys.live(), clock.clone()).expect("lane keys");
        let office = office.with_days(config.office_days.days());
        let files = Files::open(&config.folders.files).expect("files");
        Self {
            intake: Arc::new(Intake::new(office, Shelf::default(), files, clock.clone()).telling()),
            store: running.store.clone(),
            passwords: passwords.collect(),
            running: Some(running),
            shutdown,
            config,
            clock,
            serial: std::sync::atomic::AtomicU64::new(0),
            folder,
        }
    }

    /// Publishes the sample procedure with these stages.
    pub(crate) async fn publishes(&self, stages: &[&str]) {
        let file = self.file("procedure.json", &city::definition(stages).to_string());
        publish(&self.config, &self.clock, "tetsuzuki", &[file], None).await.expect("published");
    }

    /// Publishes the sample procedure with a change.
    pub(crate) async fn publishes_with(&self, change: impl FnOnce(&mut serde_json::Value)) {
        let mut definition = city::definition(&["accept", "review", "notify"]);
        change(&mut definition);
        let file = self.file("procedure.json", &definition.to_string());
        publish(&self.config, &self.clock, "tetsuzuki", &[file], Some("試験のため"))
            .await
            .expect("published");
    }

    /// Publishes the sample procedure with people who are told of arrivals.
    pub(crate) async fn publishes_telling(&self, stages: &[&str], people: &[&str]) {
        let mut definition = city::definition(stages);
        definition["notify"] = serde_json::json!({ "staff_mail": people });
        let file = self.file("procedure.json", &definition.to_string());
        publish(&self.config, &self.clock, "tetsuzuki", &[file], None).await.expect("published");
    }

    /// A file in the desk's own folder.
    pub(crate) fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, text).expect("written");
        path
    }

    /// A browser in which this person is logged in.
    pub(crate) async fn logged_in(&self, login_id: &str) -> Browser {
        let browser = self.browser();
        let (password, secret) = &self.passwords[login_id];
        let fields = [("login_id", login_id), ("password", password.as_str())];
        let answer = browser.post("/login", "/login", &fields).await;
        assert_eq!(answer.status, 303, "{}", answer.text());
        if let Some(secret) = secret {
            let code = code(secret, self.clock.now());
            let answer = browser.post("/login/code", "/login/code", &[("code", &code)]).await;
            assert_eq!(answer.status, 303, "{}", answer.text());
        }
        browser
    }

    /// A browser nobody is logged in with.
    pub(crate) fn browser(&self) -> Browser {
        Browser::new(self.running.as_ref().expect("it runs").public_addr)
    }

    /// Moves the clock to the time of the machine where it is behind.
    pub(crate) fn catches_up(&self) {
        let behind = Clock::system().now().duration_since(self.clock.now());
        if behind.is_positive() {
            self.clock.advance(behind);
        }
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> std::net::SocketAddr {
        self.running.as_ref().expect("it runs").public_addr
    }

    /// Brings a message in as the receiving task does.
    pub(crate) async fn arrives(&self, incoming: Incoming<FromCitizen>) -> Result<(), String> {
        let intake = Arc::clone(&self.intake);
        if let Err(refusal) = intake.prepare(&incoming) {
            return Err(format!("{refusal:?}"));
        }
        let why = Arc::new(std::sync::Mutex::new(String::new()));
        let noted = Arc::clone(&why);
        let done = self
            .store
            .write(move |tx| {
                intake.apply(tx, &incoming).map_err(|refusal| match refusal {
                    Refusal::Query(error) => error,
                    Refusal::Poison(words) => {
                        *noted.lock().expect("not poisoned") = words;
                        diesel_rollback()
                    }
                })
            })
            .await;
        done.map_err(|error| {
            let words = why.lock().expect("not poisoned").clone();
            if words.is_empty() { error.to_string() } else { words }
        })
    }

    /// A submission as it comes out of the bridge.
    pub(crate) async fn submission(
        &self,
        name: (&str, &str),
        files: &[Sent],
    ) -> Incoming<FromCitizen> {
        let serial = 1 + self.serial.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        let id = ApplicationId::parse(&ids::new(&self.clock)).expect("an id");
        let revision = self
            .store
            .read(|db| {
                let row = procedures::find(db, city::COPY)?.expect("published");
                Ok(procedures::revision(db, city::COPY, row.revision)?.expect("published"))
            })
            .await
            .expect("readable");
        let mut answers = BTreeMap::new();
        for (input, value) in [
            ("name.family", name.0),
            ("name.given", name.1),
            ("name.family_kana", "ヤマダ"),
            ("name.given_kana", "ハナコ"),
            ("phone", "0312345678"),
            ("kind", "all"),
            ("reason", "銀行の手続きのため"),
        ] {
            answers.insert(input.to_owned(), vec![value.to_owned()]);
        }
        let mut declared = Vec::new();
        let mut verdicts = Vec::new();
        let mut parts = Vec::new();
        for file in files {
            let file_name = file.name();
            let attachment = AttachmentId::parse(&ids::new(&self.clock)).expect("an id");
            let original = format!("original {file_name}");
            let sha256 = Digest::of(original.as_bytes());
            let (outcome, bytes) = file.outcome();
            let media = if bytes.is_some() { "image/png" } else { "application/pdf" };
            parts.extend(bytes.map(|bytes| Part { attachment_id: attachment.clone(), bytes }));
            verdicts.push(Verdict::sign(
                &id,
                attachment.clone(),
                sha256,
                outcome,
                1,
                &SigningKey::generate().0,
            ));
            declared.push(Declared {
                id: attachment,
                field: "proof".to_owned(),
                name: file_name.to_owned(),
                media: media.to_owned(),
                size: original.len() as u64,
                sha256,
            });
        }
        answers.insert("proof".to_owned(), declared.iter().map(|one| one.id.to_string()).collect());
        let message = Submission {
            application_id: id,
            procedure_id: ProcedureId::parse(city::COPY).expect("an id"),
            revision: u32::try_from(revision.revision).expect("positive"),
            definition_sha256: Digest::of(revision.document.as_bytes()),
            applicant: Applicant::Account {
                id: AccountId::from_bits(u128::from(serial)),
                display_name: format!("{} {}", name.0, name.1),
                email: "hanako@example.jp".to_owned(),
            },
            answers,
            provenance: BTreeMap::new(),
            attachments: declared,
            cosigners: Vec::new(),
        };
        let number = ReceiptNumber::new(2026, serial).expect("a number").to_string();
        let arrival = Arrival { number: Some(number), at: self.clock.now() };
        incoming(serial, Box::new(message).into(), Some(arrival), verdicts, parts)
    }

    /// Stops the service and waits for it.
    pub(crate) async fn closes(mut self) {
        self.shutdown.trigger();
        if let Some(running) = self.running.take() {
            running.join().await.expect("it stops cleanly");
        }
    }
}

/// An application without files arrives.
pub(crate) async fn arrive(desk: &Desk) -> ApplicationId {
    let sent = desk.submission(("山田", "花子"), &[]).await;
    let id = sent.message.message.application().expect("a submission").clone();
    desk.arrives(sent).await.expect("taken in");
    id
}

/// An application as it lies at the desk.
pub(crate) async fn row(desk: &Desk, id: &ApplicationId) -> Application {
    let id = id.to_string();
    desk.store.read(move |db| file::row(db, &id)).await.expect("readable").expect("it is there")
}

/// Settings of a desk that sends mails, though nobody takes them here.
pub(crate) fn mails_nowhere() -> Mail {
    Mail {
        staff_url: "https://shokuin.mirai.lgwan.example/".to_owned(),
        operators: Vec::new(),
        out: MailConfig {
            from: "noreply@mirai.lgwan.example".to_owned(),
            folder: None,
            smtp: Some(SmtpConfig {
                host: "127.0.0.1".to_owned(),
                port: 9,
                security: SmtpSecurity::None,
                user: None,
                password_file: None,
            }),
        },
    }
}

/// A message as it comes out of the bridge.
pub(crate) fn incoming(
    serial: u64,
    message: ToStaff,
    arrival: Option<Arrival>,
    verdicts: Vec<Verdict>,
    parts: Vec<Part>,
) -> Incoming<FromCitizen> {
    let position = Position { epoch: 1, seq: serial, idx: 0 };
    Incoming {
        lane: Lane::In,
        position,
        uuid: format!("{serial:026}"),
        sent_at: Timestamp::UNIX_EPOCH,
        message: FromCitizen {
            origin: Origin { at: position, items: 1, hash: Digest::ZERO },
            arrival,
            message,
            verdicts,
            parts,
            awaited: Vec::new(),
        },
    }
}

/// The code an authenticator app shows.
pub(crate) fn code(base32: &str, at: Timestamp) -> String {
    let mut bits = Vec::new();
    for letter in base32.bytes() {
        let value = if letter.is_ascii_uppercase() { letter - b'A' } else { letter - b'2' + 26 };
        bits.extend((0..5).rev().map(|place| value >> place & 1));
    }
    let bytes = bits.chunks_exact(8).map(|byte| byte.iter().fold(0, |all, bit| all << 1 | bit));
    platform_web::totp::Secret::from_bytes(bytes.collect()).code_at(at)
}

fn diesel_rollback() -> lgwan_zone_store::QueryError {
    lgwan_zone_store::QueryError::RollbackTransaction
}

fn settings(folder: &Path, url: &str, listen: &str) -> Config {
    let keys = folder.join("keys");
    std::fs::create_dir_all(&keys).expect("a folder");
    let made = new_keys(Tenant::parse("mirai").expect("a name"), Environment::Demo);
    let host = made.hosts.into_iter().find(|one| one.host == Host::Lgwan).expect("five hosts");
    for (name, bytes) in host.private {
        let path = keys.join(name);
        std::fs::write(&path, bytes.as_slice()).expect("written");
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).expect("set");
    }
    std::fs::write(keys.join("keyset"), &made.key_set).expect("written");
    std::fs::write(keys.join("root.pub"), &made.root_public).expect("written");
    std::fs::write(folder.join("secret"), [7; 32]).expect("written");
    let typeface = concat!(env!("CARGO_MANIFEST_DIR"), "/fonts/NotoSansJP-Regular.otf");
    let base = folder.display();
    let text = format!(
        r#"
        [listen]
        public = "{listen}"
        ops = "127.0.0.1:0"
        [database]
        url = "{url}"
        [city]
        name = "みらい市"
        sender = "みらい市長 未来 太郎"
        citizen_url = "https://shinsei.mirai.example"
        [remedy]
        authority = "みらい市長"
        defendant = "みらい市"
        represented_by = "みらい市長"
        departments = {{ kodomo = "みらい市教育委員会" }}
        [folders]
        files = "{base}/files"
        keys = "{base}/keys"
        spool = "{base}/spool"
        secret = "{base}/secret"
        typeface = "{typeface}"
        [exports]
        folder = "{base}/server-a"
        every_seconds = 0
        "#
    );
    let path = folder.join("lgwan-zone.toml");
    std::fs::write(&path, text).expect("written");
    let mut config: Config = platform_service::config::load(&path).expect("settings");
    // Each test logs in several people; what a guess costs is the matter of one.
    config.password_cost = Cost { memory_kib: 64, passes: 1 };
    config
}

/// A picture of one pixel.
pub(crate) const PNG: &[u8] = &[
    0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0, 0, 0, 0x0D, 0x49, 0x48, 0x44, 0x52, 0, 0, 0,
    1, 0, 0, 0, 1, 8, 2, 0, 0, 0, 0x90, 0x77, 0x53, 0xDE, 0, 0, 0, 0x0C, 0x49, 0x44, 0x41, 0x54,
    0x78, 0x9C, 0x63, 0xF8, 0xCF, 0xC0, 0, 0, 3, 1, 1, 0, 0xC9, 0xFE, 0x92, 0xEF, 0, 0, 0, 0, 0x49,
    0x45, 0x4E, 0x44, 0xAE, 0x42, 0x60, 0x82,
];

/// Gives a submission another answer.
pub(crate) fn answer(sent: &mut Incoming<FromCitizen>, input: &str, value: &str) {
    if let ToStaff::Submission(submission) = &mut sent.message.message {
        submission.answers.insert(input.to_owned(), vec![value.to_owned()]);
    }
}
