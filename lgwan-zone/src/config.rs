//! The settings file. `deploy/profiles/lgwan-zone.toml` is a sample.

use std::net::SocketAddr;
use std::path::PathBuf;

use lgwan_zone_web::networks::Networks;
use platform_mail::MailConfig;
use platform_service::config::Within;
use platform_service::log::Format;
use platform_store::StoreConfig;
use platform_web::server::{Limits, Proxies, TlsFiles};
use serde::Deserialize;

/// Everything an operator decides.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The city.
    pub city: City,
    /// Where it listens.
    pub listen: Listen,
    /// The staff database.
    pub database: StoreConfig,
    /// Folders and key files.
    pub folders: Folders,
    /// From where which role may work; from everywhere without it.
    #[serde(default)]
    pub networks: Networks,
    /// Exports to server A.
    pub exports: Exports,
    /// Mails that tell staff of arrivals; none without it.
    #[serde(default)]
    pub mail: Option<Mail>,
    /// Form of the log.
    #[serde(default)]
    pub log: Log,
}

/// Where the service listens.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Listen {
    /// For staff, or the proxy in front.
    pub public: SocketAddr,
    /// For operators: `/livez`, `/readyz`, `/metrics`.
    pub ops: SocketAddr,
    /// Certificate and key; none behind a proxy that speaks TLS.
    #[serde(default)]
    pub tls: Option<TlsFiles>,
    /// Proxies whose forwarded addresses are believed.
    #[serde(default)]
    pub proxies: Proxies,
    /// Addresses staff type, when a proxy changes the host.
    #[serde(default)]
    pub origins: Vec<String>,
    /// Time, size and number limits.
    #[serde(default)]
    pub limits: Limits,
}

/// The city.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct City {
    /// Name.
    pub name: String,
    /// Whose name stands under issued documents.
    pub sender: String,
    /// Address of the citizens' pages, for procedure URLs and QR codes.
    pub citizen_url: String,
}

fn a_week() -> Within<1, 366> {
    Within::new(7).expect("the default is within its bounds")
}

fn thirty_days() -> Within<1, 3650> {
    Within::new(30).expect("the default is within its bounds")
}

fn ten_gigabytes() -> Within<1, 1_000_000> {
    Within::new(10_000).expect("the default is within its bounds")
}

/// Folders and key files.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Folders {
    /// Rebuilt attachments and issued documents.
    pub files: PathBuf,
    /// This host's key folder (`docs/wire/keyset.md`).
    pub keys: PathBuf,
    /// Lanes to and from the other hosts.
    pub spool: PathBuf,
    /// Megabytes that one lane may hold back before monitors are told.
    #[serde(default = "ten_gigabytes")]
    pub backlog_mb: Within<1, 1_000_000>,
    /// Days that a sent bundle is kept at least, also when two backups hold it.
    #[serde(default = "thirty_days")]
    pub retention_days: Within<1, 3650>,
    /// Days after which messages are sealed to the next key of the key set.
    #[serde(default = "a_week")]
    pub seal_key_days: Within<1, 366>,
    /// 32 random bytes: tokens in forms, secrets of authenticator apps.
    pub secret: PathBuf,
    /// OpenType typeface of issued documents.
    pub typeface: PathBuf,
    /// PKCS#8 key that signs checkpoints of the operation log.
    #[serde(default)]
    pub checkpoint_key: Option<PathBuf>,
}

/// Mails that tell staff of arrivals: who gets them says each procedure.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mail {
    /// Address of these pages in the mails: `https://shokuin.city.lgwan.example`.
    pub staff_url: String,
    /// Operators who are told of alarms: lanes, spool, exports nobody picked up.
    #[serde(default)]
    pub operators: Vec<String>,
    /// Sender and LGWAN's own mail server.
    pub out: MailConfig,
}

/// Exports to server A.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exports {
    /// The folder of server A.
    pub folder: PathBuf,
    /// Seconds between two looks at the jobs; 0 leaves it to the button.
    #[serde(default = "every_ten_minutes")]
    pub every_seconds: Within<0, 86_400>,
}

fn every_ten_minutes() -> Within<0, 86_400> {
    Within::new(600).expect("600 lies between the bounds")
}

/// Form of the log.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Log {
    /// `json` or `text`.
    pub format: Format,
    /// What is logged, for example `info,access=warn`; empty for `info`.
    pub filter: String,
}
