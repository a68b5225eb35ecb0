//! A citizens' zone of its own: temporary folders, fresh keys, the sample
//! procedures published, a mail server that keeps what it gets.

use std::fs;
use std::path::{Path, PathBuf};

use bridge_contract::keys::{KeyFolder, OpenKeys, new_keys};
use bridge_contract::{Environment, Host, Lane, Tenant};
use domain::forms::compiled::capacities;
use domain::forms::definition::{Capacity, Procedure};
use internet_zone::{Config, Keys, Running};
use internet_zone_store::By;
use internet_zone_store::procedures::{self, Department, NewPool, NewRevision};
use platform_service::clock::Clock;
use platform_service::secret;
use platform_service::shutdown::Shutdown;
use platform_store::Store;
use platform_testkit::TempDir;
use platform_testkit::smtp::Sink;

/// A running zone.
pub(crate) struct Zone {
    pub(crate) running: Running,
    pub(crate) mails: Sink,
    pub(crate) clock: Clock,
    pub(crate) root: PathBuf,
    /// What the host behind the raw lane opens items with.
    pub(crate) sanitizer: OpenKeys,
    pub(crate) shutdown: Shutdown,
    _folder: TempDir,
}

/// Where the sample city is.
pub(crate) fn sample_city() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy/sample-city")
}

/// Makes the keys of all hosts; returns those that open the raw lane.
fn make_keys(root: &Path) -> OpenKeys {
    let tenant = Tenant::parse("mirai").expect("a good name");
    let made = new_keys(tenant, Environment::Demo);
    for host in made.hosts {
        let name = match host.host {
            Host::Internet => "keys",
            Host::Sanitizer => "sanitizer",
            _ => continue,
        };
        let folder = root.join(name);
        fs::create_dir_all(&folder).expect("a folder");
        for (file, bytes) in &host.private {
            secret::write_new(&folder.join(file), bytes).expect("a new file");
        }
        fs::write(folder.join("keyset"), &made.key_set).expect("a new file");
        fs::write(folder.join("root.pub"), &made.root_public).expect("a new file");
    }
    Keys::make_missing(&root.join("keys")).expect("the zone's own keys");
    let sanitizer = KeyFolder::open(&root.join("sanitizer")).expect("a key folder");
    sanitizer.openers(Lane::Raw).expect("the key of the raw lane")
}

fn settings(root: &Path, url: &str, smtp: u16, public: &str) -> Config {
    let text = format!(
        r#"
[city]
name = "みらい市"
contact = "デジタル推進課 000-000-0000"
base_url = "http://{public}"
[listen]
public = "{public}"
ops = "127.0.0.1:0"
[database]
url = "{url}"
[folders]
files = "{root}/files"
spool = "{root}/spool"
keys = "{root}/keys"
postal = "{sample}/postal.csv"
[mail]
from = "みらい市 <shinsei@mirai.example>"
smtp = {{ host = "127.0.0.1", port = {smtp}, security = "none" }}
[[notices]]
date = "2026-11-01"
title = "年末年始のお知らせ"
body = "12月29日から1月3日までは、審査を休みます。申請はできます。"
"#,
        root = root.display(),
        sample = sample_city().display(),
    );
    toml::from_str(&text).expect("good settings")
}

/// The sample procedures as they would arrive from the staff zone.
pub(crate) fn sample_procedures() -> Vec<Procedure> {
    let mut paths: Vec<PathBuf> = fs::read_dir(sample_city().join("procedures"))
        .expect("the sample city")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    paths.sort();
    let read = |path: PathBuf| {
        let bytes = fs::read(&path).expect("a file");
        Procedure::from_json(&bytes).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    };
    paths.into_iter().map(read).collect()
}

/// The sample procedure with this address.
pub(crate) fn sample(slug: &str) -> Procedure {
    let mut all = sample_procedures().into_iter();
    all.find(|procedure| procedure.slug == slug).expect("a sample procedure")
}

/// Publishes a procedure with these pools of seats.
pub(crate) async fn publish(
    store: &Store,
    procedure: &Procedure,
    pools: Vec<(String, i64)>,
    at: i64,
) {
    publish_pools(store, procedure, pools.into_iter().map(Into::into).collect(), at).await;
}

/// Publishes a procedure with the seats and waiting lists it names.
pub(crate) async fn publish_as_written(store: &Store, procedure: &Procedure, at: i64) {
    let pool = |(pool, _, capacity): (String, String, Capacity)| NewPool {
        pool,
        capacity: i64::from(capacity.max),
        waitlist: i64::from(capacity.waitlist),
    };
    let pools = capacities(procedure).into_iter().map(pool).collect();
    publish_pools(store, procedure, pools, at).await;
}

async fn publish_pools(store: &Store, procedure: &Procedure, pools: Vec<NewPool>, at: i64) {
    let document = procedure.canonical_json().expect("it was read");
    let sha256 = bridge_contract::digest::Digest::of(&document).0.to_vec();
    let new = NewRevision {
        procedure_id: procedure.id.as_str().to_owned(),
        revision: i64::from(procedure.revision),
        slug: procedure.slug.clone(),
        sha256,
        document,
        files: Vec::new(),
        pools,
        at,
    };
    store
        .write(move |tx| procedures::publish(tx, &By::system("test", at), &new))
        .await
        .expect("it is published");
}

async fn fill(config: &Config, clock: &Clock) {
    let store = internet_zone::open_store(config).expect("a database");
    let at = clock.now().as_microsecond();
    for procedure in sample_procedures() {
        publish(&store, &procedure, pools(&procedure), at).await;
    }
    let city = fs::read(sample_city().join("city.json")).expect("the sample city");
    let city: serde_json::Value = serde_json::from_slice(&city).expect("JSON");
    let text = |one: &serde_json::Value, key: &str| one[key].as_str().unwrap_or("").to_owned();
    let departments: Vec<Department> = city["departments"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|one| Department {
            id: text(one, "id"),
            name: text(one, "name"),
            phone: text(one, "phone"),
            place: text(one, "place"),
        })
        .collect();
    store
        .write(move |tx| procedures::replace_departments(tx, &departments))
        .await
        .expect("they are stored");
}

/// Every pool of a document.
pub(crate) fn pools(procedure: &Procedure) -> Vec<(String, i64)> {
    use domain::forms::definition::FieldKind;
    let all = procedure.capacity.as_ref().map(|all| ("procedure".to_owned(), i64::from(all.max)));
    let mut pools: Vec<_> = all.into_iter().collect();
    for field in procedure.pages.iter().flat_map(|page| &page.fields) {
        let options = match &field.kind {
            FieldKind::Choice(choice) => &choice.options[..],
            FieldKind::Multi(multi) => &multi.options[..],
            _ => &[],
        };
        for option in options {
            if let Some(capacity) = &option.capacity {
                pools.push((format!("{}.{}", field.id, option.code), i64::from(capacity.max)));
            }
        }
    }
    pools
}

impl Zone {
    /// Starts a zone on SQLite and any free port.
    pub(crate) async fn open(clock: Clock) -> Self {
        Self::open_at(clock, "127.0.0.1:0", None).await
    }

    /// Starts a zone with a listener at `public`.
    pub(crate) async fn open_at(clock: Clock, public: &str, url: Option<String>) -> Self {
        Self::open_with(clock, public, url, |_| {}).await
    }

    /// Starts a zone with other settings.
    pub(crate) async fn open_with(
        clock: Clock,
        public: &str,
        url: Option<String>,
        change: impl FnOnce(&mut Config),
    ) -> Self {
        let folder = TempDir::new();
        let root = folder.path().to_owned();
        let sanitizer = make_keys(&root);
        let any = std::net::SocketAddr::from(([127, 0, 0, 1], 0));
        let mails = Sink::start_at(any, Some(root.join("mails"))).expect("a mail server");
        let url = url.unwrap_or_else(|| format!("sqlite:{}/zone.db", root.display()));
        let mut config = settings(&root, &url, mails.addr().port(), public);
        change(&mut config);
        fill(&config, &clock).await;
        let shutdown = Shutdown::new();
        let running = internet_zone::run(config, clock.clone(), shutdown.clone())
            .await
            .unwrap_or_else(|error| panic!("the zone does not start: {error}"));
        Self { running, mails, clock, root, sanitizer, shutdown, _folder: folder }
    }

    /// Opens the zone's database beside the zone.
    pub(crate) fn store(&self) -> Store {
        let url = format!("sqlite:{}/zone.db", self.root.display());
        let journal = Box::new(platform_audit::Chain::new("internet"));
        let config = platform_store::StoreConfig::at(url);
        Store::open(&config, internet_zone_store::migrations(), journal).expect("the database")
    }

    /// Stops the zone and waits.
    pub(crate) async fn close(self) {
        drop(self.close_but_keep().await);
    }

    /// The same; the folder stays as long as what this returns.
    pub(crate) async fn close_but_keep(self) -> TempDir {
        self.shutdown.trigger();
        self.running.join().await.expect("it ends well");
        self._folder
    }
}

/// The words of a mail: quoted-printable or base64 read back.
pub(crate) fn words(raw: &str) -> String {
    let (head, body) =
        raw.split_once("\r\n\r\n").or_else(|| raw.split_once("\n\n")).expect("a mail");
    let head = head.to_ascii_lowercase();
    let bytes = if head.contains("content-transfer-encoding: base64") {
        base64(body)
    } else if head.contains("quoted-printable") {
        quoted(body)
    } else {
        body.as_bytes().to_vec()
    };
    String::from_utf8(bytes).expect("UTF-8")
}

fn quoted(body: &str) -> Vec<u8> {
    let body = body.replace("=\r\n", "").replace("=\n", "");
    let mut bytes = Vec::new();
    let mut rest = body.as_bytes();
    while let [first, tail @ ..] = rest {
        match (first, tail) {
            (b'=', [high, low, after @ ..]) => {
                let digits = [*high, *low];
                let hex = std::str::from_utf8(&digits).expect("hex");
                bytes.push(u8::from_str_radix(hex, 16).expect("hex"));
                rest = after;
            }
            (byte, after) => {
                bytes.push(*byte);
                rest = after;
            }
        }
    }
    bytes
}

pub(crate) fn base64(body: &str) -> Vec<u8> {
    const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let (mut out, mut bits, mut held) = (Vec::new(), 0_u32, 0);
    for value in body.bytes().filter_map(|byte| DIGITS.iter().position(|digit| *digit == byte)) {
        bits = (bits << 6) | value as u32;
        held += 6;
        if held >= 8 {
            held -= 8;
            out.push((bits >> held) as u8);
            bits &= (1 << held) - 1;
        }
    }
    out
}

/// The link in the newest of `count` mails to an address, as a path.
pub(crate) fn link(zone: &Zone, to: &str, count: usize) -> String {
    let mails = zone.mails.wait_for(to, count);
    let words = words(&mails.last().expect("a mail").raw);
    let line = words.lines().find(|line| line.starts_with("http://")).expect("a link");
    let path = line.trim().splitn(4, '/').nth(3).expect("a path");
    format!("/{path}")
}
