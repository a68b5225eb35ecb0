//! The settings of each role: one TOML file a process.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use bridge_spool::{SpoolMeter, Unsent};
use platform_service::config::Within;
use platform_service::log::Format;
use serde::Deserialize;

pub use crate::confine::Confinement;

/// Megabytes of unsent bundles.
pub type Backlog = Within<1, 1_000_000>;

const fn ten_gigabytes() -> Backlog {
    match Within::new(10_000) {
        Some(megabytes) => megabytes,
        None => unreachable!(),
    }
}

/// How a role logs.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Log {
    /// `json` or `plain`.
    pub format: Format,
    /// A level, or a list of `target=level`.
    pub filter: String,
}

impl Default for Log {
    fn default() -> Self {
        Self { format: Format::Json, filter: "info".to_owned() }
    }
}

/// `bridge outer`, on host I.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Outer {
    /// Key folder of host I. Of its private keys only `tls.key` is read.
    pub keys: PathBuf,
    /// Spool folder of host I, shared with the internet zone.
    pub spool: PathBuf,
    /// Where S dials.
    pub listen: SocketAddr,
    /// Where monitors ask.
    pub ops: Option<SocketAddr>,
    /// Megabytes that one lane may hold back before nothing new is taken.
    #[serde(default = "ten_gigabytes")]
    pub backlog_mb: Backlog,
    /// Log lines.
    #[serde(default)]
    pub log: Log,
    /// Whether the role starts without all of its walls.
    #[serde(default)]
    pub confinement: Confinement,
}

/// `bridge relay`, on host S.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Relay {
    /// Key folder of host S.
    pub keys: PathBuf,
    /// Spool folder of host S.
    pub spool: PathBuf,
    /// Where L dials.
    pub listen: SocketAddr,
    /// `host:port` of `bridge outer`.
    pub peer: String,
    /// How attachments are rebuilt.
    pub sanitizer: Sanitizer,
    /// Rebuilt files above so many KiB travel on a lane of their own, `in.bulk`.
    #[serde(default = "one_mebibyte")]
    pub bulk_kib: Within<16, 51_200>,
    /// Days for which bundles stay here at least that the backups of the far end hold.
    #[serde(default = "thirty_days")]
    pub retention_days: Within<0, 3650>,
    /// Days after which `in` and `in.bulk` are sealed to the next key.
    #[serde(default = "one_week")]
    pub seal_key_days: Within<1, 366>,
    /// Where monitors ask.
    pub ops: Option<SocketAddr>,
    /// Megabytes that one lane may hold back before nothing new is taken.
    #[serde(default = "ten_gigabytes")]
    pub backlog_mb: Backlog,
    /// Log lines.
    #[serde(default)]
    pub log: Log,
    /// Whether the role starts without all of its walls.
    #[serde(default)]
    pub confinement: Confinement,
}

/// The program that rebuilds one attachment and ends.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sanitizer {
    /// Path of the program; it is called with `arguments`, then `--key FILE`.
    pub program: PathBuf,
    /// First arguments.
    #[serde(default = "pipe")]
    pub arguments: Vec<String>,
    /// Malware scanners that its policy names: `host:port`, or the path of a
    /// socket. The walls leave exactly these ports; nothing else may be dialled.
    #[serde(default)]
    pub scanners: Vec<String>,
    /// Seconds after which an attachment is held as `timeout`.
    #[serde(default = "two_minutes")]
    pub timeout_seconds: Within<1, 3600>,
    /// Attachments at once; the number of cores when absent.
    pub parallel: Option<Within<1, 64>>,
}

fn pipe() -> Vec<String> {
    vec!["pipe".to_owned()]
}

const fn one_mebibyte() -> Within<16, 51_200> {
    match Within::new(1024) {
        Some(kib) => kib,
        None => unreachable!(),
    }
}

const fn thirty_days() -> Within<0, 3650> {
    match Within::new(30) {
        Some(days) => days,
        None => unreachable!(),
    }
}

const fn one_week() -> Within<1, 366> {
    match Within::new(7) {
        Some(days) => days,
        None => unreachable!(),
    }
}

const fn two_minutes() -> Within<1, 3600> {
    match Within::new(120) {
        Some(seconds) => seconds,
        None => unreachable!(),
    }
}

/// `bridge inner`, on host L. It dials and never listens toward S.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Inner {
    /// Key folder of host L. Of its private keys only `tls.key` is read.
    pub keys: PathBuf,
    /// Spool folder of host L, shared with the LGWAN zone.
    pub spool: PathBuf,
    /// `host:port` of `bridge relay`.
    pub peer: String,
    /// Where monitors ask.
    pub ops: Option<SocketAddr>,
    /// Megabytes that one lane may hold back before nothing new is taken.
    #[serde(default = "ten_gigabytes")]
    pub backlog_mb: Backlog,
    /// Log lines.
    #[serde(default)]
    pub log: Log,
    /// Whether the role starts without all of its walls.
    #[serde(default)]
    pub confinement: Confinement,
}

/// `bridge export`, on host A. It dials and never listens toward B.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Export {
    /// Key folder of host A.
    pub keys: PathBuf,
    /// Spool folder of host A.
    pub spool: PathBuf,
    /// Folder where the LGWAN zone leaves `<job>/<generation>/`.
    pub folder: PathBuf,
    /// `host:port` of `bridge drop`.
    pub peer: String,
    /// Days for which bundles stay here at least, also of generations that were picked up.
    #[serde(default = "thirty_days")]
    pub retention_days: Within<0, 3650>,
    /// Days after which `exp` is sealed to the next key.
    #[serde(default = "one_week")]
    pub seal_key_days: Within<1, 366>,
    /// Where monitors ask.
    pub ops: Option<SocketAddr>,
    /// Megabytes that one lane may hold back before nothing new is taken.
    #[serde(default = "ten_gigabytes")]
    pub backlog_mb: Backlog,
    /// Log lines.
    #[serde(default)]
    pub log: Log,
    /// Whether the role starts without all of its walls.
    #[serde(default)]
    pub confinement: Confinement,
}

/// `bridge drop`, on host B.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drop {
    /// Key folder of host B.
    pub keys: PathBuf,
    /// Spool folder of host B.
    pub spool: PathBuf,
    /// Folder where the business systems pick up `<job>/<generation>/`.
    pub folder: PathBuf,
    /// Whether a business system may pick a generation up by moving it out of the folder. Otherwise
    /// only `.done` and `.err` say so.
    #[serde(default)]
    pub pick_up_by_move: bool,
    /// Where A dials.
    pub listen: SocketAddr,
    /// Days for which bundles stay here at least.
    #[serde(default = "thirty_days")]
    pub retention_days: Within<0, 3650>,
    /// Days after which `exr` is sealed to the next key.
    #[serde(default = "one_week")]
    pub seal_key_days: Within<1, 366>,
    /// Where monitors ask.
    pub ops: Option<SocketAddr>,
    /// Megabytes that one lane may hold back before nothing new is taken.
    #[serde(default = "ten_gigabytes")]
    pub backlog_mb: Backlog,
    /// Log lines.
    #[serde(default)]
    pub log: Log,
    /// Whether the role starts without all of its walls.
    #[serde(default)]
    pub confinement: Confinement,
}

/// What every role's settings have: enough to look at its lanes.
#[derive(Clone, Debug, Deserialize)]
pub struct Common {
    /// Key folder of the host.
    pub keys: PathBuf,
    /// Spool folder of the host.
    pub spool: PathBuf,
    /// Megabytes that one lane may hold back.
    #[serde(default = "ten_gigabytes")]
    pub backlog_mb: Backlog,
}

/// Looks how full a spool folder is.
pub(crate) fn meter(spool: &Path, backlog: Backlog) -> SpoolMeter {
    let megabytes = u64::try_from(backlog.get()).unwrap_or(1);
    let (spool, unsent) = (spool.to_owned(), Unsent::default());
    SpoolMeter { spool, backlog_limit: megabytes * 1_000_000, unsent }
}

/// A number of days.
pub(crate) fn days<const LEAST: i64, const MOST: i64>(
    days: Within<LEAST, MOST>,
) -> std::time::Duration {
    std::time::Duration::from_secs(86_400 * days.as_usize() as u64)
}
