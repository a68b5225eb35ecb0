//! Settings: one TOML file. An unknown key or a value out of bounds stops the
//! start, not the day.

use std::net::SocketAddr;
use std::path::PathBuf;

use jiff::civil::Date;
use platform_mail::MailConfig;
use platform_service::config::Within;
use platform_service::log::Format;
use platform_store::StoreConfig;
use platform_web::server::{Limits, Proxies, TlsFiles};
use serde::Deserialize;

/// Everything the citizens' zone can be told.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Who runs the service.
    pub city: CityConfig,
    /// Where it listens.
    pub listen: ListenConfig,
    /// The database.
    pub database: StoreConfig,
    /// The folders.
    pub folders: FolderConfig,
    /// How mails leave.
    pub mail: MailConfig,
    /// The sanitizer that looks at files before they are sent; without it a file
    /// that cannot be rebuilt is known only when it was held.
    #[serde(default)]
    pub look_ahead: Option<LookConfig>,
    /// Times and sizes.
    #[serde(default)]
    pub limits: LimitConfig,
    /// Announcements, newest first (NF-27).
    #[serde(default)]
    pub notices: Vec<NoticeConfig>,
    /// Counter terminals of the town hall (IK-2.1.2a2).
    #[serde(default)]
    pub terminals: Vec<TerminalConfig>,
    /// How log lines look.
    #[serde(default)]
    pub log: LogConfig,
}

/// Who runs the service, as citizens read it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CityConfig {
    /// Name of the municipality.
    pub name: String,
    /// How to reach the help desk.
    #[serde(default)]
    pub contact: String,
    /// Public address: `https://shinsei.city.example`.
    pub base_url: String,
}

/// Where the service listens.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListenConfig {
    /// For citizens, or the proxy in front.
    pub public: SocketAddr,
    /// For operators: never reachable from outside.
    pub ops: SocketAddr,
    /// Certificate and key; none behind a proxy that speaks TLS.
    #[serde(default)]
    pub tls: Option<TlsFiles>,
    /// Proxies whose word about the caller is believed.
    #[serde(default)]
    pub proxies: Proxies,
    /// Connections, header and body limits.
    #[serde(default)]
    pub limits: Limits,
}

/// The folders.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FolderConfig {
    /// Sealed files of drafts, and issued documents.
    pub files: PathBuf,
    /// The bridge's spool, above the lanes.
    pub spool: PathBuf,
    /// Keys: those of the bridge, `draft.key`, `csrf.key`, `audit.key`.
    pub keys: PathBuf,
    /// Postal codes as published by the post: `utf_ken_all.csv` or `KEN_ALL.CSV`.
    #[serde(default)]
    pub postal: Option<PathBuf>,
}

/// A look at files before they are sent (IK-3.5.3).
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LookConfig {
    /// The program `sanitizer`; `sanitizer-worker` lies beside it.
    pub program: PathBuf,
    /// How long one look may take, waiting for its turn included.
    #[serde(default = "within::<1, 60, 20>")]
    pub timeout_seconds: Within<1, 60>,
    /// How many files are looked at at once.
    #[serde(default = "within::<1, 64, 2>")]
    pub parallel: Within<1, 64>,
    /// Whether a citizen may give the password of a protected file. If not, they
    /// are asked for a file without one.
    #[serde(default = "yes")]
    pub ask_passwords: bool,
}

const fn yes() -> bool {
    true
}

/// Times and sizes.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LimitConfig {
    /// Minutes without a request after which a session ends.
    pub idle_minutes: Within<5, 60>,
    /// Hours after which a session ends whatever happens.
    pub session_hours: Within<1, 24>,
    /// Days before the end of a draft at which its owner is told.
    pub warn_days: Within<1, 30>,
    /// Hours a guest's secret can be shown again on the receipt page.
    pub secret_hours: Within<1, 72>,
    /// Years for which a citizen may let somebody act for them, at most (NF-16).
    pub mandate_years: Within<1, 10>,
    /// Megabytes that wait for the staff zone at most; at 95 % of them, or of the
    /// spool's disk, nothing new is accepted.
    pub backlog_mb: Within<1, 1_000_000>,
    /// Megabytes of files that all requests together hold in memory at most (NF-56).
    pub upload_mb: Within<1, 65_536>,
    /// Days that a sent bundle is kept at least, also when two backups hold it.
    pub retention_days: Within<1, 3650>,
    /// Days after which applications are sealed to the next key of the key set.
    pub seal_key_days: Within<1, 366>,
}

impl Default for LimitConfig {
    fn default() -> Self {
        Self {
            idle_minutes: within::<5, 60, 30>(),
            session_hours: within::<1, 24, 12>(),
            warn_days: within::<1, 30, 3>(),
            secret_hours: within::<1, 72, 12>(),
            mandate_years: within::<1, 10, 3>(),
            backlog_mb: within::<1, 1_000_000, 10_000>(),
            upload_mb: within::<1, 65_536, 512>(),
            retention_days: within::<1, 3650, 30>(),
            seal_key_days: within::<1, 366, 7>(),
        }
    }
}

fn within<const MIN: i64, const MAX: i64, const DEFAULT: i64>() -> Within<MIN, MAX> {
    Within::new(DEFAULT).expect("the default is within its bounds")
}

/// An announcement.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoticeConfig {
    /// The day it was announced: `"2026-06-01"`.
    pub date: Date,
    /// Heading.
    pub title: String,
    /// Text in the small markdown of procedures.
    pub body: String,
    /// Shown on every page: a disturbance.
    #[serde(default)]
    pub urgent: bool,
    /// Codes of categories: goes by mail, once, to who asked for news of one of them (IK-2.1.1a).
    #[serde(default)]
    pub categories: Vec<String>,
    /// Codes of events of life, in the same way.
    #[serde(default)]
    pub life_events: Vec<String>,
}

/// A counter terminal. `internet-zone terminal-code` makes the code and its hash.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TerminalConfig {
    /// What staff and visitors read: `"市民課 1番"`.
    pub name: String,
    /// SHA-256 of the code that is typed at the browser, 64 hex digits.
    pub code_sha256: String,
    /// Seconds without a touch after which it asks whether somebody is there.
    #[serde(default = "within::<30, 900, 180>")]
    pub idle_seconds: Within<30, 900>,
    /// Seconds it then waits before it wipes itself.
    #[serde(default = "within::<20, 300, 60>")]
    pub warn_seconds: Within<20, 300>,
}

/// How log lines look.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LogConfig {
    /// JSON for collectors or plain lines.
    pub format: Format,
    /// Level, or a list such as `info,access=warn`.
    pub filter: String,
}

impl Default for LogConfig {
    fn default() -> Self {
        Self { format: Format::Json, filter: "info,access=warn".to_owned() }
    }
}
