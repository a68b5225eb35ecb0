//! Putting the parts together, and keeping them together.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bridge_contract::digest::unhex;
use bridge_contract::place::Lane;
use bridge_lanes::{AlarmSetup, Gate, LaneFault, Wake, watch_lanes};
use bridge_spool::{Pressure, SpoolMeter, Unsent, watch_keys, watch_room};
use domain::postal::PostalBook;
use internet_zone_store::post::Post;
use internet_zone_store::vault::Vault;
use internet_zone_web::look::LookAhead;
use internet_zone_web::news;
use internet_zone_web::shelf::Shelf;
use internet_zone_web::site::{City, Limits, Notice, Parts, Site, Terminal};
use internet_zone_web::{TEXTS, routes};
use platform_audit::{Chain, Log, Watch};
use platform_mail::{BadMail, Lost, PostOffice};
use platform_service::clock::Clock;
use platform_service::halts::Halts;
use platform_service::metrics::Metrics;
use platform_service::ops;
use platform_service::shutdown::Shutdown;
use platform_store::files::Files;
use platform_store::{NoJournal, Store, StoreConfig, StoreError};
use platform_web::passwords::{Cost, Passwords};
use platform_web::server::{self, Settings, Tls};
use tokio::net::TcpListener;
use tokio::task::{JoinHandle, JoinSet};

use crate::config::Config;
use crate::exchange::{self, FromStaff, Lanes};
use crate::jobs::{bulletins, evidence, mail, shelf, sweep, usage};
use crate::keys::{BadKeys, Keys};
use crate::look_ahead::Sanitizer;

/// Why the service does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A key.
    #[error("keys: {0}")]
    Keys(#[from] BadKeys),
    /// The database.
    #[error("database: {0}")]
    Store(#[from] StoreError),
    /// The mail settings.
    #[error(transparent)]
    Mail(#[from] BadMail),
    /// A file, folder or address.
    #[error("{what}: {why}")]
    Io {
        /// Which.
        what: &'static str,
        /// The cause.
        why: std::io::Error,
    },
    /// A setting that reads but cannot work.
    #[error("{0}")]
    Setting(String),
}

/// Why a running service ended.
#[derive(Debug, thiserror::Error)]
pub enum Ended {
    /// The disk or the database refused a lane.
    #[error("lane: {0}")]
    Lane(#[from] LaneFault),
    /// A commit failed: what is stored is not known until the next start.
    #[error("the database failed")]
    Database,
    /// The public listener cannot be used.
    #[error("listener: {0}")]
    Listener(std::io::Error),
    /// A task panicked.
    #[error("a task stopped: {0}")]
    Task(String),
}

/// A running service.
#[derive(Debug)]
pub struct Running {
    /// Where citizens reach it; differs from the wish when port 0 was asked for.
    pub public_addr: SocketAddr,
    /// Where operators reach it.
    pub ops_addr: SocketAddr,
    task: JoinHandle<Result<(), Ended>>,
}

impl Running {
    /// Waits for the end.
    ///
    /// # Errors
    /// [`Ended`] when it was a fault and not the signal.
    pub async fn join(self) -> Result<(), Ended> {
        self.task.await.map_err(|error| Ended::Task(error.to_string()))?
    }
}

/// Opens the database of a configuration.
///
/// # Errors
/// When it cannot be opened or brought up to date.
pub fn open_store(config: &Config) -> Result<Store, StoreError> {
    let journal = Box::new(Chain::new("internet"));
    Store::open(&config.database, internet_zone_store::migrations(), journal)
}

/// Opens a restored copy of the zone's database, to verify a backup.
///
/// # Errors
/// When it cannot be opened or brought up to date.
pub fn open_copy(url: &str) -> Result<Store, StoreError> {
    let config = StoreConfig::at(url);
    Store::open(&config, internet_zone_store::migrations(), Box::new(NoJournal))
}

/// Reads everything a start needs without starting: settings, keys, certificate,
/// texts, postal codes. Touches neither database nor network.
///
/// # Errors
/// [`StartError`] names the first thing that is wrong.
pub fn check(config: &Config) -> Result<(), StartError> {
    Keys::read(&config.folders.keys)?;
    PostOffice::new(&config.mail)?;
    postal(config)?;
    tls(config)?;
    look_ahead(config)?;
    terminals(config)?;
    let base = &config.city.base_url;
    if !base.starts_with("http") || base.ends_with('/') {
        return Err(StartError::Setting(format!("city.base_url: {base} is not https://host")));
    }
    TEXTS.check();
    Ok(())
}

fn postal(config: &Config) -> Result<PostalBook, StartError> {
    let Some(path) = &config.folders.postal else { return Ok(PostalBook::default()) };
    let bytes =
        std::fs::read(path).map_err(|why| StartError::Io { what: "folders.postal", why })?;
    PostalBook::parse(&bytes).map_err(|row| {
        StartError::Setting(format!("folders.postal: line {}: {}", row.line, row.reason))
    })
}

fn look_ahead(config: &Config) -> Result<Option<Box<dyn LookAhead>>, StartError> {
    let Some(look) = &config.look_ahead else { return Ok(None) };
    let sanitizer =
        Sanitizer::new(look).map_err(|why| StartError::Io { what: "look_ahead.program", why })?;
    Ok(Some(Box::new(sanitizer)))
}

fn terminals(config: &Config) -> Result<Vec<Arc<Terminal>>, StartError> {
    let mut all: Vec<Arc<Terminal>> = Vec::new();
    for one in &config.terminals {
        let wrong = |what: &str| StartError::Setting(format!("terminals: {}: {what}", one.name));
        let name = one.name.trim();
        if name.is_empty() || name.chars().count() > 40 || name.chars().any(char::is_control) {
            return Err(wrong("the name has 1 to 40 characters"));
        }
        let hash: [u8; 32] =
            unhex(&one.code_sha256).ok_or_else(|| wrong("code_sha256 is not 64 hex digits"))?;
        let terminal = Terminal {
            name: name.to_owned(),
            code_hash: hash.to_vec(),
            idle_seconds: one.idle_seconds.get(),
            warn_seconds: one.warn_seconds.get(),
        };
        let twice = |other: &Arc<Terminal>| {
            other.name == terminal.name || other.code_hash == terminal.code_hash
        };
        if all.iter().any(twice) {
            return Err(wrong("another terminal has this name or code"));
        }
        all.push(Arc::new(terminal));
    }
    Ok(all)
}

fn tls(config: &Config) -> Result<Option<Tls>, StartError> {
    let files = config.listen.tls.as_ref();
    files
        .map(Tls::load)
        .transpose()
        .map_err(|error| StartError::Setting(format!("listen.tls: {error}")))
}

/// Starts everything and returns once the listeners are open.
///
/// # Errors
/// [`StartError`] names what stands in the way; nothing keeps running then.
pub async fn run(config: Config, clock: Clock, shutdown: Shutdown) -> Result<Running, StartError> {
    check(&config)?;
    let keys = Keys::open(&config.folders.keys, &config.folders.spool)?;
    let store = open_store(&config)?;
    let wakes = Wakes::default();
    let (meter, pressure) = (meter(&config), Pressure::default());
    std::fs::create_dir_all(&config.folders.spool)
        .and_then(|()| pressure.look(&meter))
        .map_err(|why| StartError::Io { what: "folders.spool", why })?;
    let site = site(&config, &keys, (store.clone(), clock.clone()), &wakes, pressure.clone())?;
    site.shelf.refresh(&store).await?;
    bulletins::announce(&site).await?;
    let (metrics, halts) = (Metrics::default(), Halts::default());
    let office = PostOffice::new(&config.mail)?;

    let listener = bind(config.listen.public, "listen.public").await?;
    let public_addr =
        listener.local_addr().map_err(|why| StartError::Io { what: "listen.public", why })?;
    let healthy = store.clone();
    let health = move || if healthy.failed() { Err("database".to_owned()) } else { Ok(()) };
    let ops = {
        let (halts, metrics, stop) = (halts.clone(), metrics.clone(), shutdown.clone());
        ops::serve(config.listen.ops, Arc::new(health), halts, metrics, stop).await
    }
    .map_err(|why| StartError::Io { what: "listen.ops", why })?;

    let mut lanes = JoinSet::new();
    let ingest = Arc::new(FromStaff {
        vault: site.vault.clone(),
        files: site.files.clone(),
        shelf: site.shelf.clone(),
        city: site.city.clone(),
        clock: clock.clone(),
        mails: wakes.mails.clone(),
        procedures: wakes.procedures.clone(),
    });
    let unsent = meter.unsent.clone();
    let watched = watch_room(meter, pressure, (halts.clone(), metrics.clone()), shutdown.clone());
    let alarms = watch_lanes(AlarmSetup {
        store: store.clone(),
        spool: config.folders.spool.clone(),
        keys: Arc::clone(&keys.set),
        receives: &[Lane::PubCtl, Lane::PubDoc],
        server_a: None,
        clock: clock.clone(),
        halts: halts.clone(),
        unsent,
        shutdown: shutdown.clone(),
    });
    let lost = halts.clone();
    let newer = watch_keys(Arc::clone(&keys.set), config.folders.spool.clone(), shutdown.clone());
    let audit = Arc::new(keys.audit);
    let log = Watch {
        store: store.clone(),
        key: Some(Arc::clone(&audit)),
        walk: platform_audit::step_log,
        logs: &[Log::Own],
        clock: clock.clone(),
        halts: halts.clone(),
    };
    let gate = Gate::new();
    let setup = Lanes {
        store: store.clone(),
        spool: config.folders.spool.clone(),
        set: keys.set,
        signer: keys.signer,
        ctl: keys.ctl,
        doc: keys.doc,
        retention: days(config.limits.retention_days.as_usize()),
        turn_after: days(config.limits.seal_key_days.as_usize()),
        clock,
        gate: gate.clone(),
        outbox: wakes.outbox.clone(),
        halts,
        shutdown: shutdown.clone(),
    };
    exchange::start(setup, ingest, &mut lanes);

    let mut jobs = JoinSet::new();
    let counts = mail::Counts {
        sent: metrics.counter("mails_sent_total", "Mails taken by the mail server"),
        failed: metrics.counter("mails_failed_total", "Tries to send a mail that failed"),
        given_up: metrics.counter("mails_given_up_total", "Mails that were never sent"),
        waiting: metrics.gauge("mails_waiting", "Mails in the queue"),
    };
    let sender = mail::Sender { office, counts, halts: lost, lost: Lost::default() };
    jobs.spawn(mail::run(site.clone(), sender, wakes.mails, shutdown.clone()));
    jobs.spawn(watched);
    jobs.spawn(alarms);
    jobs.spawn(newer);
    jobs.spawn(shelf::run(site.clone(), wakes.procedures, shutdown.clone()));
    jobs.spawn(usage::run(site.clone(), shutdown.clone()));
    jobs.spawn(evidence::run(site.clone(), shutdown.clone()));
    jobs.spawn(platform_audit::watch(log, shutdown.clone()));
    let limits = config.limits.clone();
    jobs.spawn(sweep::run(site.clone(), limits, audit, wakes.files, shutdown.clone()));

    let origins = vec![config.city.base_url.clone()];
    let app = routes::router(&site, &keys.csrf, origins);
    let settings = Settings {
        limits: config.listen.limits.clone(),
        tls: tls(&config)?,
        proxies: config.listen.proxies.clone(),
    };
    let stop = shutdown.clone();
    let pages = tokio::spawn(async move {
        // Until then a number could be given that an older database does not know (I14). Who comes waits.
        tokio::select! {
            () = gate.wait() => {}
            () = stop.wait() => {}
        }
        server::serve(listener, app, settings, stop).await
    });
    let task = tokio::spawn(together(store, lanes, jobs, pages, shutdown));
    tracing::info!(%public_addr, ops_addr = %ops.addr, "the citizens' zone is up");
    Ok(Running { public_addr, ops_addr: ops.addr, task })
}

fn days(count: usize) -> Duration {
    Duration::from_secs(count as u64 * 86_400)
}

/// Nudges between the parts.
#[derive(Clone, Default)]
struct Wakes {
    outbox: Wake,
    mails: Wake,
    procedures: Wake,
    files: Wake,
}

async fn bind(addr: SocketAddr, what: &'static str) -> Result<TcpListener, StartError> {
    TcpListener::bind(addr).await.map_err(|why| StartError::Io { what, why })
}

/// Looks how full the way to the staff zone is.
fn meter(config: &Config) -> SpoolMeter {
    let megabytes = u64::try_from(config.limits.backlog_mb.get()).unwrap_or(1);
    let (spool, unsent) = (config.folders.spool.clone(), Unsent::default());
    SpoolMeter { spool, backlog_limit: megabytes * 1_000_000, unsent }
}

fn site(
    config: &Config,
    keys: &Keys,
    (store, clock): (Store, Clock),
    wakes: &Wakes,
    pressure: Pressure,
) -> Result<Site, StartError> {
    let set = keys.set.set();
    let files = Files::open(&config.folders.files)
        .map_err(|why| StartError::Io { what: "folders.files", why })?;
    let passwords = Passwords::new(Cost::CITIZEN)
        .map_err(|_| StartError::Setting("passwords cannot be hashed".to_owned()))?;
    let notices = config.notices.iter().map(|notice| Notice {
        title: notice.title.clone(),
        body: notice.body.clone(),
        date: notice.date,
        urgent: notice.urgent,
        topics: news::topics(&notice.categories, &notice.life_events),
    });
    let woken = wakes.clone();
    Ok(Site::new(Parts {
        store,
        clock,
        vault: Arc::new(Vault::new(&keys.draft, set.tenant.as_str())),
        files,
        shelf: Arc::new(Shelf::default()),
        post: Arc::new(Post::with(Arc::clone(&keys.set)).ok_or(BadKeys::NoSealKey)?),
        passwords,
        postal: Arc::new(postal(config)?),
        look_ahead: look_ahead(config)?,
        wake: Box::new(move || {
            woken.outbox.signal();
            woken.mails.signal();
            woken.files.signal();
        }),
        open: Box::new(move || !pressure.is_full()),
        city: City {
            name: config.city.name.clone(),
            contact: config.city.contact.clone(),
            base_url: config.city.base_url.clone(),
        },
        notices: notices.collect(),
        terminals: terminals(config)?,
        limits: Limits {
            idle_minutes: config.limits.idle_minutes.get(),
            session_hours: config.limits.session_hours.get(),
            mandate_years: config.limits.mandate_years.get(),
            upload_mb: usize::try_from(config.limits.upload_mb.get()).unwrap_or(1),
            ..Limits::default()
        },
    }))
}

/// Waits for the first end of any part, then ends all.
async fn together(
    store: Store,
    mut lanes: JoinSet<Result<(), LaneFault>>,
    mut jobs: JoinSet<()>,
    mut pages: JoinHandle<std::io::Result<()>>,
    shutdown: Shutdown,
) -> Result<(), Ended> {
    let stopped = |error: tokio::task::JoinError| Ended::Task(error.to_string());
    let ended = tokio::select! {
        () = shutdown.wait() => Ok(()),
        () = store.until_failed() => Err(Ended::Database),
        Some(lane) = lanes.join_next() => match lane {
            Ok(ended) => ended.map_err(Ended::Lane),
            Err(error) => Err(stopped(error)),
        },
        Some(job) = jobs.join_next() => job.map_err(stopped),
        served = &mut pages => match served {
            Ok(served) => served.map_err(Ended::Listener),
            Err(error) => Err(stopped(error)),
        },
    };
    if let Err(fault) = &ended {
        tracing::error!(%fault, "the service stops");
    }
    shutdown.trigger();
    if !pages.is_finished() {
        let _ = pages.await;
    }
    while lanes.join_next().await.is_some() {}
    while jobs.join_next().await.is_some() {}
    ended
}
