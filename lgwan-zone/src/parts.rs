//! What both the service and the local commands are made of.

use std::sync::Arc;

use bridge_contract::keys::{KeyEntry, KeyFault, KeyFolder, LiveKeys, Purpose};
use bridge_contract::place::Lane;
use bridge_spool::{Meter as _, SpoolMeter, Unsent, open_keys, rejected_since, sync_time};
use jiff::SignedDuration;
use lgwan_zone_store::post::{NoKey, Office};
use lgwan_zone_store::shelf::Shelf;
use lgwan_zone_store::{ZONE, migrations};
use lgwan_zone_web::identity::secret::Vault;
use lgwan_zone_web::identity::sso;
use lgwan_zone_web::paper::{NoTypeface, Typeface};
use lgwan_zone_web::procedures::bundle::signed::Bundles;
use lgwan_zone_web::signatory::{BadPkcs12, Signatories, Signatory};
use lgwan_zone_web::{Settings, SignerSeen, SingleSignOn, Site, SiteParts, SpoolSeen};
use platform_audit::{Chain, CheckpointKey};
use platform_mail::BadMail;
use platform_saml::{Agreed, BadCertificate, ServiceProvider};
use platform_service::clock::Clock;
use platform_service::halts::Halts;
use platform_service::secret;
use platform_store::files::Files;
use platform_store::{NoJournal, Store, StoreConfig, StoreError};
use platform_web::passwords::Passwords;
use platform_web::server::{BadTls, Tls};

use crate::config::{Config, SignatoryConfig};
use crate::webhooks::Dialer;

/// Why the service does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A file, folder or address.
    #[error("{what}: {why}")]
    Io {
        /// What it is for.
        what: &'static str,
        /// The cause.
        why: std::io::Error,
    },
    /// The mail settings.
    #[error(transparent)]
    Mail(#[from] BadMail),
    /// The key folder.
    #[error(transparent)]
    Keys(#[from] KeyFault),
    /// A lane without key.
    #[error(transparent)]
    NoKey(#[from] NoKey),
    /// The typeface.
    #[error("typeface: {0}")]
    Typeface(#[from] NoTypeface),
    /// The certificate of a post that signs documents.
    #[error("signatory {0}: {1}")]
    Signatory(String, BadPkcs12),
    /// The certificate.
    #[error(transparent)]
    Tls(#[from] BadTls),
    /// A key for definitions that go from city to city.
    #[error("bundles: {0}")]
    Bundles(String),
    /// The key of the operation log's checkpoints.
    #[error("checkpoint key: {0}")]
    Checkpoint(String),
    /// A certificate of the identity provider.
    #[error(transparent)]
    Saml(#[from] BadCertificate),
    /// An address of the identity provider or of ours for it.
    #[error("single_sign_on: {0:?} is no address of https")]
    SamlAddress(String),
    /// A network of the webhooks that is no closed one.
    #[error("webhooks.networks: {0} is no closed network")]
    WebhookNetwork(String),
    /// Passwords cannot be hashed.
    #[error("passwords cannot be hashed")]
    Passwords,
}

impl StartError {
    pub(crate) fn io(what: &'static str) -> impl Fn(std::io::Error) -> Self {
        move |why| Self::Io { what, why }
    }
}

/// Opened and checked.
pub(crate) struct Parts {
    pub(crate) store: Store,
    pub(crate) keys: KeyFolder,
    pub(crate) live: Arc<LiveKeys>,
    pub(crate) office: Office,
    pub(crate) files: Files,
    pub(crate) shelf: Shelf,
    pub(crate) secret: zeroize::Zeroizing<[u8; 32]>,
    pub(crate) typeface: Typeface,
    pub(crate) signatories: Signatories,
    pub(crate) checkpoints: Option<Arc<CheckpointKey>>,
    pub(crate) halts: Halts,
    /// What the lanes hold back in the database.
    pub(crate) unsent: Unsent,
    pub(crate) clock: Clock,
}

/// Opens everything the settings name.
pub(crate) fn open(config: &Config, clock: &Clock) -> Result<Parts, StartError> {
    let folders = &config.folders;
    let keys = open_keys(&folders.keys, &folders.spool)?;
    let live = keys.live();
    let Papers { office, typeface, signatories, checkpoints, secret } = read(config, &live, clock)?;
    Ok(Parts {
        store: open_store(config)?,
        office,
        keys,
        live,
        files: Files::open(&folders.files).map_err(StartError::io("files"))?,
        shelf: Shelf::default(),
        secret,
        typeface,
        signatories,
        checkpoints,
        halts: Halts::default(),
        unsent: Unsent::default(),
        clock: clock.clone(),
    })
}

/// Reads what a start needs without starting: keys, typeface, certificate. Touches
/// neither database nor network.
///
/// # Errors
/// [`StartError`] names the first thing that is wrong.
pub fn check(config: &Config) -> Result<(), StartError> {
    let keys = KeyFolder::open(&config.folders.keys)?;
    for lane in [Lane::PubCtl, Lane::PubDoc] {
        keys.signer(lane)?;
    }
    keys.openers(Lane::In)?;
    keys.openers(Lane::InBulk)?;
    read(config, &keys.live(), &Clock::system())?;
    single_sign_on(config)?;
    bundles(config)?;
    Dialer::new(&config.webhooks)?;
    config.listen.tls.as_ref().map(Tls::load).transpose()?;
    Ok(())
}

/// Files that are read once.
struct Papers {
    office: Office,
    typeface: Typeface,
    signatories: Signatories,
    checkpoints: Option<Arc<CheckpointKey>>,
    secret: zeroize::Zeroizing<[u8; 32]>,
}

fn read(config: &Config, keys: &Arc<LiveKeys>, clock: &Clock) -> Result<Papers, StartError> {
    let folders = &config.folders;
    let typeface = std::fs::read(&folders.typeface).map_err(StartError::io("typeface"))?;
    let checkpoints = match &folders.checkpoint_key {
        None => None,
        Some(path) => {
            let bytes = secret::read(path).map_err(StartError::io("checkpoint key"))?;
            let key = CheckpointKey::from_pkcs8(&bytes).map_err(StartError::Checkpoint)?;
            Some(Arc::new(key))
        }
    };
    Ok(Papers {
        office: Office::open(Arc::clone(keys), clock.clone())?.with_days(config.office_days.days()),
        typeface: Typeface::new(typeface)?,
        signatories: config.signatories.iter().map(signatory).collect::<Result<_, _>>()?,
        checkpoints,
        secret: secret::read_key(&folders.secret).map_err(StartError::io("secret"))?,
    })
}

fn signatory(config: &SignatoryConfig) -> Result<Signatory, StartError> {
    let pkcs12 = secret::read(&config.pkcs12).map_err(StartError::io("signatory"))?;
    let password = secret::read(&config.password).map_err(StartError::io("signatory"))?;
    let password = String::from_utf8_lossy(&password);
    let (name, departments) = (config.name.clone(), config.departments.clone());
    Signatory::open(&name, departments, &pkcs12, password.trim_end_matches(['\r', '\n']))
        .map_err(|why| StartError::Signatory(name, why))
}

/// The keys for definitions that go from city to city.
fn bundles(config: &Config) -> Result<Bundles, StartError> {
    let set = &config.bundles;
    let key = set.key.as_deref().map(secret::read).transpose();
    let key = key.map_err(StartError::io("bundles.key"))?;
    let cities: Vec<(String, String)> =
        set.cities.iter().map(|city| (city.name.clone(), city.key.clone())).collect();
    Bundles::new(key.as_ref().map(|key| key.as_slice()), &cities).map_err(StartError::Bundles)
}

/// The public key with which other cities verify definitions from here, in base64.
///
/// # Errors
/// When the settings name no key, or one that cannot be used.
pub fn bundle_key(config: &Config) -> Result<String, StartError> {
    let missing = || StartError::Bundles("the settings name no bundles.key".to_owned());
    bundles(config)?.public().ok_or_else(missing)
}

/// The identity provider of the settings.
fn single_sign_on(config: &Config) -> Result<Option<Arc<SingleSignOn>>, StartError> {
    let Some(set) = &config.single_sign_on else { return Ok(None) };
    for address in [&set.address, &set.sign_in] {
        let secure = ["https://", "http://localhost:", "http://127.0.0.1:"];
        let plain = address.bytes().all(|byte| byte.is_ascii_graphic());
        if !plain || !secure.iter().any(|begin| address.starts_with(begin)) {
            return Err(StartError::SamlAddress(address.clone()));
        }
    }
    let address = set.address.trim_end_matches('/');
    let certificates = set.certificates.iter().map(std::fs::read_to_string);
    let provider = ServiceProvider::new(Agreed {
        entity: format!("{address}{}", sso::METADATA),
        acs: format!("{address}{}", sso::ANSWERS),
        idp: set.idp.clone(),
        sign_in: set.sign_in.clone(),
        certificates: certificates
            .collect::<Result<_, _>>()
            .map_err(StartError::io("certificate of the identity provider"))?,
        attribute: set.attribute.clone(),
        skew: SignedDuration::from_secs(set.skew_seconds.get()),
    })?;
    Ok(Some(Arc::new(SingleSignOn {
        provider,
        second_factor: set.second_factor.clone(),
        passwords: set.passwords.clone(),
    })))
}

/// Opens a restored copy of the zone's database, to verify a backup.
///
/// # Errors
/// When it cannot be opened or brought up to date.
pub fn open_copy(url: &str) -> Result<Store, StoreError> {
    Store::open(&StoreConfig::at(url), migrations(), Box::new(NoJournal))
}

/// Opens the database alone.
///
/// # Errors
/// When it cannot be opened or brought up to date.
pub fn open_store(config: &Config) -> Result<Store, StartError> {
    Ok(Store::open(&config.database, migrations(), Box::new(Chain::new(ZONE)))?)
}

/// Looks at the spool's folder.
pub(crate) fn meter(config: &Config, unsent: &Unsent) -> SpoolMeter {
    SpoolMeter {
        spool: config.folders.spool.clone(),
        backlog_limit: u64::try_from(config.folders.backlog_mb.get()).unwrap_or(1) * 1_000_000,
        unsent: unsent.clone(),
    }
}

/// What the operators' page shows of the spool's folder and of the keys.
fn spool_seen(parts: &Parts, config: &Config) -> Box<dyn Fn() -> SpoolSeen + Send + Sync> {
    const HOUR: i64 = 3_600;
    let meter = meter(config, &parts.unsent);
    let (keys, clock) = (Arc::clone(&parts.live), parts.clock.clone());
    Box::new(move || {
        let since = clock.now().as_second() - HOUR;
        let refused = Lane::ALL.iter().filter_map(|lane| {
            let count = rejected_since(&meter.spool.join(lane.word()), since).ok()?;
            Some((*lane, count))
        });
        let set = keys.set();
        let signer = |key: &KeyEntry| match key.purpose {
            Purpose::Sign(lane) => Some(SignerSeen {
                lane,
                key: key.id().to_string(),
                from: key.valid_from,
                until: key.valid_until,
            }),
            _ => None,
        };
        SpoolSeen {
            used: meter.look().ok().map(|room| (room.disk_percent, room.backlog_percent)),
            sync: sync_time().map(|time| (time.p99_micros, time.of)),
            refused: refused.collect(),
            key_set: set.version,
            signers: set.keys.iter().filter_map(signer).collect(),
        }
    })
}

/// The pages' share. The closures nudge the background work.
pub(crate) fn site(
    parts: &Parts,
    config: &Config,
    posted: impl Fn() + Send + Sync + 'static,
    export_started: impl Fn() + Send + Sync + 'static,
    batch_started: impl Fn() + Send + Sync + 'static,
) -> Result<Site, StartError> {
    Ok(Site::new(SiteParts {
        store: parts.store.clone(),
        files: parts.files.clone(),
        clock: parts.clock.clone(),
        office: parts.office.clone(),
        shelf: parts.shelf.clone(),
        settings: Settings {
            city: config.city.name.clone(),
            sender: config.city.sender.clone(),
            citizen_url: config.city.citizen_url.trim_end_matches('/').to_owned(),
            origins: config.listen.origins.clone(),
            networks: config.networks.clone(),
            single_sign_on: single_sign_on(config)?,
            goals: config.goals.goals(),
            mails: config.mail.is_some(),
            staff_url: config.mail.as_ref().map_or_else(String::new, crate::config::Mail::url),
            told: config.reminders.told(),
            remedies: config.remedy.as_ref().map(crate::config::RemedyConfig::remedies),
            told_in_charge: config.reminders.in_charge,
            webhooks: config.webhooks.networks.clone(),
            four_eyes: config.publishing.four_eyes,
        },
        passwords: Passwords::new(config.password_cost).map_err(|_| StartError::Passwords)?,
        vault: Vault::new(&parts.secret),
        typeface: parts.typeface.clone(),
        signatories: parts.signatories.clone(),
        bundles: bundles(config)?,
        checkpoints: parts.checkpoints.clone(),
        halts: parts.halts.clone(),
        spool_seen: spool_seen(parts, config),
        posted: Box::new(posted),
        export_started: Box::new(export_started),
        batch_started: Box::new(batch_started),
    }))
}
