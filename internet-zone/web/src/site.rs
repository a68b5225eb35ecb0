//! What every page may use.

use std::sync::Arc;

use domain::postal::PostalBook;
use internet_zone_store::post::Post;
use internet_zone_store::vault::Vault;
use platform_service::clock::Clock;
use platform_service::ids;
use platform_store::Store;
use platform_store::files::Files;
use platform_web::passwords::Passwords;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::filling::Fillings;
use crate::look::LookAhead;
use crate::missed::Misses;
use crate::shelf::Shelf;
use crate::usage::{Counter, Usage};

/// The parts shared by all pages. Clones are cheap.
#[derive(Clone, Debug)]
pub struct Site(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    parts: Parts,
    /// One permit a megabyte of files in memory.
    uploads: Arc<Semaphore>,
    usage: Counter,
    fillings: Fillings,
    missed: Misses,
}

/// What a zone puts together at its start.
pub struct Parts {
    /// The database.
    pub store: Store,
    /// The time.
    pub clock: Clock,
    /// Seals what is kept for a while.
    pub vault: Arc<Vault>,
    /// Sealed files of drafts, and issued documents.
    pub files: Files,
    /// Published procedures in memory.
    pub shelf: Arc<Shelf>,
    /// Seals what goes to the staff zone.
    pub post: Arc<Post>,
    /// Hashes and compares passwords.
    pub passwords: Passwords,
    /// Postal codes.
    pub postal: Arc<PostalBook>,
    /// Looks at files before they are sent; `None`: nobody does.
    pub look_ahead: Option<Box<dyn LookAhead>>,
    /// Called after something was put into the outbox or the mail queue.
    pub wake: Box<dyn Fn() + Send + Sync>,
    /// Whether new applications can be taken; `false` before the way to the staff
    /// zone is full, so that nothing is accepted that could not be kept (I19).
    pub open: Box<dyn Fn() -> bool + Send + Sync>,
    /// Who runs this service.
    pub city: City,
    /// Announcements on the start page.
    pub notices: Vec<Notice>,
    /// Counter terminals of the town hall.
    pub terminals: Vec<Arc<Terminal>>,
    /// Times and sizes.
    pub limits: Limits,
}

impl std::fmt::Debug for Parts {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Parts").finish_non_exhaustive()
    }
}

/// Who runs this service, as citizens read it.
#[derive(Clone, Debug)]
pub struct City {
    /// Name of the municipality.
    pub name: String,
    /// How to reach the help desk; may be empty.
    pub contact: String,
    /// Public address without a slash at the end: `https://shinsei.city.example`.
    pub base_url: String,
}

/// An announcement (NF-27).
#[derive(Clone, Debug)]
pub struct Notice {
    /// Its heading.
    pub title: String,
    /// Its text in the small markdown.
    pub body: String,
    /// The day it was announced.
    pub date: jiff::civil::Date,
    /// Whether it tells of a disturbance and belongs on every page.
    pub urgent: bool,
    /// Whoever asked for news of one of these gets it by mail, once (IK-2.1.1a).
    pub topics: std::collections::BTreeSet<String>,
}

/// A counter terminal (窓口端末): one browser in the town hall for everybody (IK-2.1.2a2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terminal {
    /// What the town calls it; staff read it at what was sent there.
    pub name: String,
    /// SHA-256 of the code that makes a browser this terminal.
    pub code_hash: Vec<u8>,
    /// Seconds without a touch after which it asks whether somebody is there.
    pub idle_seconds: i64,
    /// Seconds it then waits before it wipes itself.
    pub warn_seconds: i64,
}

/// Times and sizes of this zone.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Minutes without a request after which a session ends (A9).
    pub idle_minutes: i64,
    /// Hours after which a session ends whatever happens (A9).
    pub session_hours: i64,
    /// Minutes a link sent by mail is good for setting a password.
    pub reset_minutes: i64,
    /// Hours a link sent by mail is good for registering or starting.
    pub link_hours: i64,
    /// Megabytes of files that all requests together may hold in memory.
    pub upload_mb: usize,
    /// Years for which somebody may be asked to act for another, at most.
    pub mandate_years: i64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            idle_minutes: 30,
            session_hours: 12,
            reset_minutes: 30,
            link_hours: 24,
            upload_mb: 512,
            mandate_years: 3,
        }
    }
}

impl Site {
    /// Puts the parts together.
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        let uploads = Arc::new(Semaphore::new(parts.limits.upload_mb));
        let (usage, fillings) = (Counter::default(), Fillings::default());
        let missed = Misses::default();
        Self(Arc::new(Shared { parts, uploads, usage, fillings, missed }))
    }

    /// Room for one more megabyte of files in memory, given back when dropped.
    pub(crate) fn megabyte(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.0.uploads).try_acquire_owned().ok()
    }

    /// What was done with the pages since it was last written down.
    #[must_use]
    pub fn usage(&self) -> &Counter {
        &self.0.usage
    }

    /// How forms were filled in since it was last written down.
    #[must_use]
    pub fn fillings(&self) -> &Fillings {
        &self.0.fillings
    }

    /// Words that no search found since they were last written down.
    #[must_use]
    pub fn missed(&self) -> &Misses {
        &self.0.missed
    }

    /// Counts that something was done with a page today.
    pub(crate) fn counts(&self, procedure_id: &str, what: Usage) {
        self.usage().count(self.today(), procedure_id, what);
    }

    /// A new identifier.
    #[must_use]
    pub fn new_id(&self) -> String {
        ids::new(&self.clock)
    }

    /// Now, in microseconds.
    #[must_use]
    pub fn micros(&self) -> i64 {
        platform_store::time::to_micros(self.clock.now())
    }

    /// The wall clock in Japan.
    #[must_use]
    pub fn wall_clock(&self) -> jiff::civil::DateTime {
        domain::calendar::time_in_japan(self.clock.now())
    }

    /// Today in Japan.
    #[must_use]
    pub fn today(&self) -> jiff::civil::Date {
        domain::calendar::date_in_japan(self.clock.now())
    }
}

impl std::ops::Deref for Site {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0.parts
    }
}
