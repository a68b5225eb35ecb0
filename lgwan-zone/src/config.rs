//! The settings file. `deploy/profiles/lgwan-zone.toml` is a sample.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;

use domain::calendar::{BadDay, OfficeDays};
use lgwan_zone_web::Goals;
use lgwan_zone_web::api::webhooks::Reach;
use lgwan_zone_web::networks::Networks;
use lgwan_zone_web::press::Remedies;
use platform_mail::MailConfig;
use platform_service::config::Within;
use platform_service::log::Format;
use platform_store::StoreConfig;
use platform_web::passwords::Cost;
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
    /// Days on which the office of this town is closed or open beside the law's: deadlines, reminders
    /// and what is off hours follow this one calendar.
    #[serde(default)]
    pub office_days: TownDays,
    /// From where which role may work; from everywhere without it.
    #[serde(default)]
    pub networks: Networks,
    /// The city's identity provider, where staff sign in; passwords of this service without it.
    #[serde(default)]
    pub single_sign_on: Option<SingleSignOnConfig>,
    /// Exports to server A.
    pub exports: Exports,
    /// Mails that tell staff of arrivals; none without it.
    #[serde(default)]
    pub mail: Option<Mail>,
    /// The daily reminder of what is left to do; it needs `mail`.
    #[serde(default)]
    pub reminders: Reminders,
    /// What the monthly report is held against.
    #[serde(default)]
    pub goals: GoalConfig,
    /// Posts (職) whose certificates sign the documents designed here (NF-34); none are signed
    /// without them.
    #[serde(default)]
    pub signatories: Vec<SignatoryConfig>,
    /// Where and until when somebody may object to a refusal (教示); none is designed without it.
    #[serde(default)]
    pub remedy: Option<RemedyConfig>,
    /// How procedures are published.
    #[serde(default)]
    pub publishing: Publishing,
    /// Definitions for other cities and from them.
    #[serde(default)]
    pub bundles: BundlesConfig,
    /// From how many on what is logged is worth an alert.
    #[serde(default)]
    pub detection: DetectionConfig,
    /// When what is over is deleted.
    #[serde(default)]
    pub retention: Retention,
    /// Business systems that are told of what happens; none without networks.
    #[serde(default)]
    pub webhooks: WebhookConfig,
    /// Form of the log.
    #[serde(default)]
    pub log: Log,
    /// How much work one guess of a password costs. No file says it, so that no city weakens it; tests
    /// that are about something else do.
    #[serde(skip, default = "strong")]
    pub password_cost: Cost,
}

const fn strong() -> Cost {
    Cost::STAFF
}

/// 教示 (行政不服審査法82条, 行政事件訴訟法46条): it stands in every designed refusal.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RemedyConfig {
    /// Whom 審査請求 goes to: `みらい市長`.
    pub authority: String,
    /// Whom a suit is brought against: `みらい市`.
    pub defendant: String,
    /// Who represents it in court: `みらい市長`.
    pub represented_by: String,
    /// Months for 審査請求; three by law.
    #[serde(default = "three_months")]
    pub months: Within<1, 12>,
    /// Months for a suit; six by law.
    #[serde(default = "six_months")]
    pub suit_months: Within<1, 24>,
    /// Whom 審査請求 of other departments goes to, by their code.
    #[serde(default)]
    pub departments: BTreeMap<String, String>,
}

impl RemedyConfig {
    /// As the pages know it.
    #[must_use]
    pub fn remedies(&self) -> Remedies {
        Remedies {
            authority: self.authority.clone(),
            defendant: self.defendant.clone(),
            represented_by: self.represented_by.clone(),
            months: self.months.get(),
            suit_months: self.suit_months.get(),
            departments: self.departments.clone(),
        }
    }
}

fn three_months() -> Within<1, 12> {
    Within::new(3).expect("the default is within its bounds")
}

fn six_months() -> Within<1, 24> {
    Within::new(6).expect("the default is within its bounds")
}

/// When what is over is deleted (IK-3.5.1a); what and after how long, two people decide on the pages.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Retention {
    /// Hour in Japan from which the night's work begins.
    pub hour: Within<0, 23>,
}

impl Default for Retention {
    fn default() -> Self {
        Self { hour: Within::new(2).expect("the default is within its bounds") }
    }
}

/// Days of this town: `2026-12-28` once, `05-15` every year.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(try_from = "WrittenDays")]
pub struct TownDays(OfficeDays);

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct WrittenDays {
    /// 創立記念日, a longer 年末年始.
    closed: Vec<String>,
    /// 休日開庁.
    open: Vec<String>,
}

impl TryFrom<WrittenDays> for TownDays {
    type Error = BadDay;

    fn try_from(written: WrittenDays) -> Result<Self, BadDay> {
        OfficeDays::read(&written.closed, &written.open).map(Self)
    }
}

impl TownDays {
    /// As rules ask for them.
    #[must_use]
    pub fn days(&self) -> OfficeDays {
        self.0.clone()
    }
}

/// Where business systems may be told of what happens (`docs/decisions/0079`).
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct WebhookConfig {
    /// Networks that may be dialled: closed ones only (10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16,
    /// fc00::/7, this machine). Without any, nothing is sent.
    pub networks: Reach,
    /// PEM file with the authorities whose certificates are believed; plain HTTP only without it.
    pub ca: Option<PathBuf>,
    /// Failures in a row after which a webhook halts until somebody lets it go on.
    pub failures: Within<3, 1_000>,
    /// Seconds until an answer has come.
    pub timeout_seconds: Within<1, 60>,
}

impl Default for WebhookConfig {
    fn default() -> Self {
        Self {
            networks: Reach::default(),
            ca: None,
            failures: Within::new(20).expect("the default is within its bounds"),
            timeout_seconds: Within::new(10).expect("the default is within its bounds"),
        }
    }
}

/// Sign-in at the city's identity provider by SAML 2.0 (IK-3.5.7a).
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SingleSignOnConfig {
    /// Address of these pages: `https://shokuin.city.lgwan.example`. The metadata is below it, at
    /// `/login/saml/metadata`.
    pub address: String,
    /// The identity provider's name (`entityID`).
    pub idp: String,
    /// Where it takes requests by redirect.
    pub sign_in: String,
    /// Files with its certificates, PEM; both while it changes them.
    pub certificates: Vec<PathBuf>,
    /// The attribute that holds the log-in id; the name identifier without it.
    #[serde(default)]
    pub attribute: Option<String>,
    /// What counts as a second factor when it was proven there (`AuthnContextClassRef`).
    #[serde(default)]
    pub second_factor: Vec<String>,
    /// How far its clock and ours may differ.
    #[serde(default = "a_minute")]
    pub skew_seconds: Within<0, 300>,
    /// Log-in ids of the only accounts that may still use a password; everybody without it.
    #[serde(default)]
    pub passwords: Option<Vec<String>>,
}

fn a_minute() -> Within<0, 300> {
    Within::new(60).expect("60 lies between the bounds")
}

/// From how many on what is logged is worth an alert (IK-3.5.5).
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DetectionConfig {
    /// Refused log-ins from one place in ten minutes.
    pub failed_logins: Within<3, 10_000>,
    /// Refused pages of one person in ten minutes.
    pub refusals: Within<3, 10_000>,
    /// Lists and bundles of files one person takes out in an hour.
    pub lists_an_hour: Within<1, 10_000>,
    /// Lines of the lists one person takes out in an hour.
    pub rows_an_hour: Within<100, 10_000_000>,
    /// Applications and files one key of a business system reads in an hour.
    pub api_reads_an_hour: Within<100, 10_000_000>,
    /// Applications, files and documents one person opens in an hour.
    pub reads_an_hour: Within<10, 100_000>,
    /// The hour in Japan from which administrators are expected at work.
    pub opens_at: Within<0, 23>,
    /// The hour in Japan from which they are not.
    pub closes_at: Within<1, 24>,
    /// The hour in Japan from which auditors get the report of the day before; it needs `mail`.
    pub report_hour: Within<0, 23>,
    /// When the office is open: [`Config::office_days`].
    #[serde(skip)]
    pub days: OfficeDays,
}

impl Default for DetectionConfig {
    fn default() -> Self {
        fn within<const MIN: i64, const MAX: i64>(value: i64) -> Within<MIN, MAX> {
            Within::new(value).expect("the default is within its bounds")
        }
        Self {
            failed_logins: within(20),
            refusals: within(20),
            lists_an_hour: within(5),
            rows_an_hour: within(10_000),
            api_reads_an_hour: within(10_000),
            reads_an_hour: within(300),
            opens_at: within(7),
            closes_at: within(21),
            report_hour: within(7),
            days: OfficeDays::default(),
        }
    }
}

/// How procedures are published (NB-2.5).
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Publishing {
    /// Whether one person proposes a revision and another one releases it.
    pub four_eyes: bool,
}

/// The goals of the service level.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct GoalConfig {
    /// Hundredths of a percent of the time in which the service can be used; 9950 is 99.50 %.
    pub availability: Within<0, 10_000>,
    /// Hours from the beginning of a fault to its end, on average.
    pub recovery_hours: Within<1, 720>,
    /// Hundredths of a percent of the pages that are answered within three seconds; 9500 is 95.00 %.
    pub fast: Within<0, 10_000>,
}

impl Default for GoalConfig {
    fn default() -> Self {
        Self {
            availability: Within::new(9_950).expect("the default is within its bounds"),
            recovery_hours: Within::new(12).expect("the default is within its bounds"),
            fast: Within::new(9_500).expect("the default is within its bounds"),
        }
    }
}

impl GoalConfig {
    /// The same for the pages.
    pub(crate) fn goals(&self) -> Goals {
        let (availability, recovery_hours) = (self.availability.get(), self.recovery_hours.get());
        Goals { availability, recovery_hours, fast: self.fast.get() }
    }
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

/// A post that signs documents, with its certificate (LGPKI 職責証明書).
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignatoryConfig {
    /// Words staff read: 市長.
    pub name: String,
    /// PKCS#12 file with key, certificate and those above it.
    pub pkcs12: PathBuf,
    /// File with its password.
    pub password: PathBuf,
    /// Codes of the departments whose documents it signs; all that no other names when empty.
    #[serde(default)]
    pub departments: Vec<String>,
}

/// Definitions for other cities and from them (`docs/operations/bundles.md`).
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct BundlesConfig {
    /// PKCS#8 key that signs what is saved for other cities; nothing is saved without it.
    pub key: Option<PathBuf>,
    /// Cities whose bundles are taken.
    pub cities: Vec<KnownCity>,
}

/// A city whose bundles are taken.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KnownCity {
    /// Its name, as staff read it.
    pub name: String,
    /// Its public key, 32 bytes in base64.
    pub key: String,
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

impl Mail {
    /// [`staff_url`](Self::staff_url) without a slash at the end.
    #[must_use]
    pub fn url(&self) -> String {
        self.staff_url.trim_end_matches('/').to_owned()
    }
}

/// The daily reminder of what is left to do (IK-2.1.1b). Recipients are the addresses a procedure
/// names (`notify.staff_mail`) and those of the department here.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Reminders {
    /// Hour in Japan from which it is sent on open days.
    pub hour: Within<0, 23>,
    /// Open days before a deadline from which it is near; a procedure may name its own
    /// (`notify.remind_days`).
    pub soon_days: Within<0, 30>,
    /// Open days after which what was not taken up is named, where nothing is promised.
    pub untaken_days: Within<1, 30>,
    /// Whether who is put in charge of an application is told by mail (担当者).
    pub in_charge: bool,
    /// By code of the department.
    pub departments: BTreeMap<String, DepartmentReminders>,
    /// When the office is open: [`Config::office_days`].
    #[serde(skip)]
    pub days: OfficeDays,
}

/// The daily reminder of one department.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DepartmentReminders {
    /// Who gets it for all work of the department.
    pub to: Vec<String>,
    /// As in [`Reminders`], for this department.
    pub soon_days: Option<Within<0, 30>>,
    /// Nobody is reminded of work of this department.
    pub off: bool,
}

impl Default for Reminders {
    fn default() -> Self {
        Self {
            hour: Within::new(8).expect("the default is within its bounds"),
            soon_days: Within::new(3).expect("the default is within its bounds"),
            untaken_days: Within::new(5).expect("the default is within its bounds"),
            in_charge: true,
            departments: BTreeMap::new(),
            days: OfficeDays::default(),
        }
    }
}

impl Reminders {
    /// What is set for a department.
    #[must_use]
    pub fn of(&self, code: &str) -> Option<&DepartmentReminders> {
        self.departments.get(code)
    }

    /// Who is told of what a department is asked, by its code.
    #[must_use]
    pub fn told(&self) -> BTreeMap<String, Vec<String>> {
        let on = self.departments.iter().filter(|(_, own)| !own.off);
        on.map(|(code, own)| (code.clone(), own.to.clone())).collect()
    }
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
