//! The published procedures in memory: parsed, compiled, drawn once. Anonymous
//! pages are answered from here without asking the database.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, OnceLock, PoisonError, RwLock};

use domain::forms::Compiled;
use domain::forms::definition::{CitizenMail, Lang, Listing, Procedure, Words};
use domain::procedures::{SearchEntry, is_listed};
use internet_zone_store::procedures::{self as stored, Department};
use platform_store::{Store, StoreError};

use crate::markdown;
use crate::reader::{self, marks};
use crate::trials;

/// Looks without a change after which everything is compared all the same.
const SKIPPED: u32 = 20;
/// Old revisions kept in memory for corrections.
const OLD_KEPT: usize = 64;
/// Their names, kept for lists.
const TITLES_KEPT: usize = 10_000;

/// One published revision, ready to be shown and checked.
pub struct Entry {
    /// The procedure with its expressions parsed.
    pub form: Compiled,
    /// Which revision.
    pub revision: i64,
    /// SHA-256 of the document.
    pub sha256: Vec<u8>,
    /// Whether staff took it away.
    pub closed: bool,
    /// The description as HTML.
    pub description: String,
    /// Its words, folded for the search.
    pub search: SearchEntry,
    /// Its name as it was published, in every language it has.
    pub title: Words,
    /// Its mails to applicants as they were published, in every language they have.
    pub mail: CitizenMail,
    /// The same in the other languages, made when somebody reads it.
    told: [OnceLock<Option<Arc<Self>>>; Lang::ALL.len()],
}

impl fmt::Debug for Entry {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Entry").field("revision", &self.revision).finish_non_exhaustive()
    }
}

impl Entry {
    /// The document.
    #[must_use]
    pub fn procedure(&self) -> &Procedure {
        self.form.procedure()
    }

    /// Whether a citizen may see it who knows the address and nothing else (NF-45).
    #[must_use]
    pub fn is_reachable(&self) -> bool {
        match self.procedure().listing {
            Listing::Public | Listing::Unlisted => !self.closed,
            Listing::Internal | Listing::Invite => false,
        }
    }

    /// The same in the reader's language, as far as the document has it: for the pages of this one
    /// procedure. Its files are left out.
    #[must_use]
    pub(crate) fn told(self: &Arc<Self>) -> Arc<Self> {
        let lang = reader::lang();
        let nth = Lang::ALL.iter().position(|known| *known == lang).unwrap_or_default();
        if lang == Lang::Ja {
            return Arc::clone(self);
        }
        let told = self.told[nth].get_or_init(|| self.tell(lang).map(Arc::new));
        Arc::clone(told.as_ref().unwrap_or(self))
    }

    fn tell(&self, lang: Lang) -> Option<Self> {
        let form = self.form.told(lang, &marks::left)?;
        Some(Self {
            revision: self.revision,
            sha256: self.sha256.clone(),
            closed: self.closed,
            description: markdown::html(form.procedure().description.ja()),
            search: SearchEntry::of(self.procedure()),
            form,
            title: self.title.clone(),
            mail: self.mail.clone(),
            told: Default::default(),
        })
    }

    fn read(id: &str, document: &[u8], revision: i64, closed: bool) -> Option<Self> {
        let procedure = match trials::read(id, document) {
            Ok(procedure) => procedure,
            Err(error) => {
                tracing::error!(%error, "a published document does not read");
                return None;
            }
        };
        let (title, mail) = (procedure.title.clone(), procedure.notify.citizen.clone());
        match Compiled::new(procedure) {
            Ok(form) => Some(Self {
                revision,
                sha256: ring::digest::digest(&ring::digest::SHA256, document).as_ref().to_vec(),
                closed,
                description: markdown::html(form.procedure().description.ja()),
                search: SearchEntry::of(form.procedure()),
                form,
                title,
                mail,
                told: Default::default(),
            }),
            Err(problems) => {
                tracing::error!(problems = problems.len(), "a published document does not compile");
                None
            }
        }
    }
}

/// Everything shown at one moment.
#[derive(Debug, Default)]
pub struct Shown {
    /// What the database said; compared to see whether something changed.
    stamp: Vec<stored::Shown>,
    by_slug: HashMap<String, Arc<Entry>>,
    by_id: HashMap<String, Arc<Entry>>,
    /// What search and lists offer, in the order of the reading.
    pub listed: Vec<Arc<Entry>>,
    /// Departments by identifier.
    departments: HashMap<String, Department>,
}

impl Shown {
    /// The procedure with this address, if a citizen may see it.
    #[must_use]
    pub fn by_slug(&self, slug: &str) -> Option<&Arc<Entry>> {
        self.by_slug.get(slug).filter(|entry| entry.is_reachable())
    }

    /// The procedure with this identifier, also when it is closed.
    #[must_use]
    pub fn by_id(&self, id: &str) -> Option<&Arc<Entry>> {
        self.by_id.get(id)
    }

    /// The procedure with this address that opens to who holds an invitation (NF-45).
    #[must_use]
    pub fn by_invitation(&self, slug: &str) -> Option<&Arc<Entry>> {
        let invited = |entry: &&Arc<Entry>| entry.procedure().listing == Listing::Invite;
        self.by_slug.get(slug).filter(invited).filter(|entry| !entry.closed)
    }

    /// A department.
    #[must_use]
    pub fn department(&self, id: &str) -> Option<&Department> {
        self.departments.get(id)
    }
}

/// Holds what is shown and replaces it as a whole.
#[derive(Debug, Default)]
pub struct Shelf {
    now: RwLock<Arc<Shown>>,
    /// The count of changes at the last comparison, and the looks since.
    compared: Mutex<Option<(i64, u32)>>,
    old: RwLock<HashMap<(String, i64), Arc<Entry>>>,
    titles: RwLock<HashMap<(String, i64), Words>>,
}

impl Shelf {
    /// What is shown now.
    #[must_use]
    pub fn shown(&self) -> Arc<Shown> {
        Arc::clone(&self.now.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Looks whether something was published or closed and takes it over.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn refresh(&self, store: &Store) -> Result<bool, StoreError> {
        let changes = store.read(stored::changes).await?;
        if self.is_compared(changes) {
            return Ok(false);
        }
        let before = self.shown();
        let known = before.departments.len();
        let (stamp, departments) =
            store.read(|db| Ok((stored::shown(db)?, stored::departments(db)?))).await?;
        let same = departments.len() == known
            && departments.iter().all(|d| before.departments.get(&d.id) == Some(d));
        let is_new = stamp != before.stamp || !same;
        if is_new {
            let next = read_all(store, &before, stamp, departments).await?;
            *self.now.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(next);
        }
        *self.compared.lock().unwrap_or_else(PoisonError::into_inner) = Some((changes, 0));
        Ok(is_new)
    }

    /// Whether nothing was changed since everything was compared, which was lately.
    fn is_compared(&self, changes: i64) -> bool {
        let mut compared = self.compared.lock().unwrap_or_else(PoisonError::into_inner);
        match &mut *compared {
            Some((known, looks)) if *known == changes && *looks < SKIPPED => {
                *looks += 1;
                true
            }
            Some(_) | None => false,
        }
    }

    /// One revision, current or old: corrections are checked with the rules
    /// the application was made with.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn revision(
        &self,
        store: &Store,
        id: &str,
        revision: i64,
    ) -> Result<Option<Arc<Entry>>, StoreError> {
        if let Some(entry) = self.shown().by_id(id).filter(|entry| entry.revision == revision) {
            return Ok(Some(Arc::clone(entry)));
        }
        let key = (id.to_owned(), revision);
        if let Some(entry) = self.old.read().unwrap_or_else(PoisonError::into_inner).get(&key) {
            return Ok(Some(Arc::clone(entry)));
        }
        let (wanted, _) = key.clone();
        let document = store.read(move |db| stored::document(db, &wanted, revision)).await?;
        let entry =
            document.and_then(|bytes| Entry::read(id, &bytes, revision, true)).map(Arc::new);
        if let Some(entry) = &entry {
            let mut old = self.old.write().unwrap_or_else(PoisonError::into_inner);
            make_room(&mut old, OLD_KEPT);
            old.insert(key, Arc::clone(entry));
        }
        Ok(entry)
    }

    /// The name of one revision, current or old, without the rest of it; empty for one that never came.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn title(&self, store: &Store, id: &str, revision: i64) -> Result<Words, StoreError> {
        if let Some(entry) = self.shown().by_id(id).filter(|entry| entry.revision == revision) {
            return Ok(entry.title.clone());
        }
        let key = (id.to_owned(), revision);
        if let Some(title) = self.titles.read().unwrap_or_else(PoisonError::into_inner).get(&key) {
            return Ok(title.clone());
        }
        let (wanted, _) = key.clone();
        let document = store.read(move |db| stored::document(db, &wanted, revision)).await?;
        let procedure = document.and_then(|bytes| trials::read(id, &bytes).ok());
        let Some(Procedure { title, .. }) = procedure else { return Ok(Words::default()) };
        let mut titles = self.titles.write().unwrap_or_else(PoisonError::into_inner);
        make_room(&mut titles, TITLES_KEPT);
        titles.insert(key, title.clone());
        Ok(title)
    }
}

/// Lets one go when as many are kept as there may be.
fn make_room<T>(kept: &mut HashMap<(String, i64), T>, most: usize) {
    if kept.len() >= most
        && let Some(one) = kept.keys().next().cloned()
    {
        kept.remove(&one);
    }
}

async fn read_all(
    store: &Store,
    before: &Shown,
    stamp: Vec<stored::Shown>,
    departments: Vec<Department>,
) -> Result<Shown, StoreError> {
    let mut next = Shown {
        departments: departments.into_iter().map(|d| (d.id.clone(), d)).collect(),
        ..Shown::default()
    };
    for row in &stamp {
        let (id, revision, _, closed_at) = row.clone();
        let closed = closed_at.is_some();
        let kept = before.by_id(&id).filter(|e| e.revision == revision && e.closed == closed);
        let entry = match kept {
            Some(entry) => Some(Arc::clone(entry)),
            None => {
                let wanted = id.clone();
                let document =
                    store.read(move |db| stored::document(db, &wanted, revision)).await?;
                document.and_then(|bytes| Entry::read(&id, &bytes, revision, closed)).map(Arc::new)
            }
        };
        let Some(entry) = entry else { continue };
        next.by_slug.insert(entry.procedure().slug.clone(), Arc::clone(&entry));
        if entry.is_reachable() && is_listed(entry.procedure()) {
            next.listed.push(Arc::clone(&entry));
        }
        next.by_id.insert(id, entry);
    }
    let reading = |entry: &Arc<Entry>| {
        let procedure = entry.procedure();
        (procedure.title_kana.clone(), procedure.title.ja().to_owned())
    };
    next.listed.sort_by_cached_key(reading);
    next.stamp = stamp;
    Ok(next)
}
