//! What handlers share.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Deref;
use std::sync::{Arc, LazyLock};

use lgwan_zone_store::By;
use lgwan_zone_store::audit::CheckpointKey;
use lgwan_zone_store::lanes::Lane;
use lgwan_zone_store::post::Office;
use lgwan_zone_store::shelf::Shelf;
use platform_service::clock::Clock;
use platform_service::halts::Halts;
use platform_service::ids;
use platform_store::Store;
use platform_store::files::Files;
use platform_web::Catalogue;
use platform_web::passwords::Passwords;

use crate::api::webhooks::Reach;
use crate::identity::secret::Vault;
use crate::identity::sso::SingleSignOn;
use crate::networks::Networks;
use crate::paper::Typeface;
use crate::press::Remedies;
use crate::procedures::bundle::signed::Bundles;
use crate::signatory::Signatories;

/// Every text staff read.
pub static TEXTS: LazyLock<Catalogue> = LazyLock::new(|| {
    Catalogue::load(&[
        ("api", include_str!("../texts/ja/api.toml")),
        ("applications", include_str!("../texts/ja/applications.toml")),
        ("audit", include_str!("../texts/ja/audit.toml")),
        ("batches", include_str!("../texts/ja/batches.toml")),
        ("bridge", include_str!("../texts/ja/bridge.toml")),
        ("definition", include_str!("../texts/ja/definition.toml")),
        ("design", include_str!("../texts/ja/design.toml")),
        ("entry", include_str!("../texts/ja/entry.toml")),
        ("exports", include_str!("../texts/ja/exports.toml")),
        // One sentence for one fault, whoever fills in the form.
        ("forms", include_str!("../../../internet-zone/web/texts/ja/forms.toml")),
        ("frame", include_str!("../texts/ja/frame.toml")),
        ("identity", include_str!("../texts/ja/identity.toml")),
        ("inquiries", include_str!("../texts/ja/inquiries.toml")),
        ("internal", include_str!("../texts/ja/internal.toml")),
        ("numbers", include_str!("../texts/ja/numbers.toml")),
        ("notices", include_str!("../texts/ja/notices.toml")),
        ("procedures", include_str!("../texts/ja/procedures.toml")),
        ("retention", include_str!("../texts/ja/retention.toml")),
    ])
    .expect("the texts are checked by a test")
});

/// What the operator decides about the pages.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Name of the city.
    pub city: String,
    /// Whose name stands under issued documents.
    pub sender: String,
    /// Citizens' address without a slash at the end.
    pub citizen_url: String,
    /// Addresses under which staff reach this service, when a proxy changes the host.
    pub origins: Vec<String>,
    /// From where which role may work.
    pub networks: Networks,
    /// The city's identity provider, where staff sign in.
    pub single_sign_on: Option<Arc<SingleSignOn>>,
    /// What the monthly report is held against.
    pub goals: Goals,
    /// Whether this zone sends mails.
    pub mails: bool,
    /// Where staff reach these pages, for mails; without a slash at the end.
    pub staff_url: String,
    /// Who is told by mail of what a department is asked, by its code.
    pub told: BTreeMap<String, Vec<String>>,
    /// 教示 of refusals; no refusal is designed without it.
    pub remedies: Option<Remedies>,
    /// Whether who is put in charge of an application is told by mail.
    pub told_in_charge: bool,
    /// Networks in which business systems may be told of what happens.
    pub webhooks: Reach,
    /// Whether a revision is proposed by one person and released by another.
    pub four_eyes: bool,
}

/// The goals of the service level (NB-9).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Goals {
    /// Hundredths of a percent of the time in which the service can be used.
    pub availability: i64,
    /// Hours from the beginning of a fault to its end, on average.
    pub recovery_hours: i64,
    /// Hundredths of a percent of the citizens' pages that are answered within three seconds.
    pub fast: i64,
}

/// What operators see of the spool's folder and of the keys, beside what the database knows.
#[derive(Clone, Debug, Default)]
pub struct SpoolSeen {
    /// How full the disk is, and the fullest lane of what it may hold back, in percent; `None` when
    /// the folder cannot be looked at.
    pub used: Option<(u64, u64)>,
    /// Microseconds within which ninety-nine of a hundred of the newest writes were durable, and
    /// how many writes those are; `None` before the first.
    pub sync: Option<(u64, usize)>,
    /// Files that were no bundles, within the last hour, by lane.
    pub refused: Vec<(Lane, usize)>,
    /// Version of the key set in use.
    pub key_set: u32,
    /// The keys that sign.
    pub signers: Vec<SignerSeen>,
}

/// A key that signs the bundles of a lane.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignerSeen {
    /// The lane.
    pub lane: Lane,
    /// Its short name.
    pub key: String,
    /// The first number it may sign.
    pub from: u64,
    /// The last; `u64::MAX` while it is in use.
    pub until: u64,
}

/// The parts of a [`Site`].
pub struct SiteParts {
    /// The staff database.
    pub store: Store,
    /// Rebuilt attachments and issued documents.
    pub files: Files,
    /// The time.
    pub clock: Clock,
    /// Seals messages to the citizens' zone.
    pub office: Office,
    /// Compiled definitions.
    pub shelf: Shelf,
    /// Operator's settings.
    pub settings: Settings,
    /// Compares passwords.
    pub passwords: Passwords,
    /// Seals the secrets of authenticator apps.
    pub vault: Vault,
    /// Typeface of issued documents.
    pub typeface: Typeface,
    /// Whose certificates sign issued documents.
    pub signatories: Signatories,
    /// Signs definitions for other cities, and knows theirs.
    pub bundles: Bundles,
    /// Verifies the checkpoints of the operation log.
    pub checkpoints: Option<Arc<CheckpointKey>>,
    /// Parts of the service that stopped.
    pub halts: Halts,
    /// A look at the spool's folder and the keys in use.
    pub spool_seen: Box<dyn Fn() -> SpoolSeen + Send + Sync>,
    /// Called after something was put into the outbox.
    pub posted: Box<dyn Fn() + Send + Sync>,
    /// Called after an export generation was started.
    pub export_started: Box<dyn Fn() + Send + Sync>,
    /// Called after a batch was started.
    pub batch_started: Box<dyn Fn() + Send + Sync>,
}

/// What handlers share. Clones are cheap.
#[derive(Clone)]
pub struct Site(Arc<SiteParts>);

impl Site {
    /// A site of these parts.
    #[must_use]
    pub fn new(parts: SiteParts) -> Self {
        Self(Arc::new(parts))
    }

    /// A new identifier.
    #[must_use]
    pub fn new_id(&self) -> String {
        ids::new(&self.clock)
    }

    /// The service acting by itself now.
    #[must_use]
    pub fn system(&self) -> By {
        By::system(self.clock.now())
    }
}

impl Deref for Site {
    type Target = SiteParts;
    fn deref(&self) -> &SiteParts {
        &self.0
    }
}

impl fmt::Debug for Site {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Site").finish_non_exhaustive()
    }
}
