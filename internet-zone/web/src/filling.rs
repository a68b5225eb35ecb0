//! Counts how forms are filled in, page by page, in memory; the job that writes the use of pages down
//! writes this down, too (NF-25). Which draft it was is not noted.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use domain::forms::{Answers, Checked};
pub use internet_zone_store::filling::{CHECK, Filling, Key};

use crate::device::Device;
use crate::shelf::Entry;
use crate::site::Site;

/// Counts since they were last taken.
#[derive(Debug, Default)]
pub struct Fillings(Mutex<BTreeMap<Key, u64>>);

impl Fillings {
    /// Counts one more.
    pub fn count(&self, key: Key) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(key).or_default() += 1;
    }

    /// Takes the counts; they begin anew.
    #[must_use]
    pub fn take(&self) -> BTreeMap<Key, u64> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Gives counts back that could not be written down.
    pub fn give_back(&self, counts: BTreeMap<Key, u64>) {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for (key, times) in counts {
            *held.entry(key).or_default() += times;
        }
    }
}

fn count(site: &Site, entry: &Entry, page: &str, what: Filling) {
    let procedure = entry.procedure().id.as_str().to_owned();
    site.fillings().count((site.today().to_string(), procedure, page.to_owned(), what));
}

/// The page behind `index` that is shown with these answers; the check page behind the last.
fn behind<'e>(site: &Site, entry: &'e Entry, answers: &Answers, index: Option<usize>) -> &'e str {
    let visible = entry.form.visible_pages(answers, site.today());
    let next = visible.iter().find(|(at, _)| index.is_none_or(|index| *at > index));
    next.map_or(CHECK, |(_, page)| page.id.as_str())
}

/// An application was begun: its first page is reached, on this device.
pub(crate) fn begun(site: &Site, entry: &Entry) {
    count(site, entry, "", Device::now().started());
    count(site, entry, behind(site, entry, &Answers::new(), None), Filling::Reached);
}

/// Somebody pressed on: the page came back with faults, or was passed for the first time and the next
/// one is reached.
pub(crate) fn went_on(
    site: &Site,
    entry: &Entry,
    (index, first): (usize, bool),
    (answers, checked): (&Answers, &Checked),
) {
    let page = &entry.procedure().pages[index].id;
    if !checked.faults.is_empty() {
        count(site, entry, page, Filling::Faulty);
    } else if first && checked.is_clean() {
        count(site, entry, page, Filling::Passed);
        count(site, entry, behind(site, entry, answers, Some(index)), Filling::Reached);
    }
}

/// An application was sent from this device.
pub(crate) fn sent(site: &Site, entry: &Entry) {
    count(site, entry, CHECK, Filling::Passed);
    count(site, entry, "", Device::now().sent());
}
