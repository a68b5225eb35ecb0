//! Makes agreements void that are no longer to what would be sent, although nobody saved (連署).
//!
//! A draft is opened and checked once: again only when it changed (its version), when something was
//! published, or on another day.

use std::collections::HashMap;
use std::sync::Arc;

use internet_zone_store::applications::{cosigns, drafts};
use internet_zone_web::applications::cosigns_stale;
use internet_zone_web::shelf::Shown;
use internet_zone_web::site::Site;
use jiff::civil::Date;
use platform_store::StoreError;

use super::sweep::applicants;

/// Drafts of one question to the database.
const BATCH: i64 = 100;

/// What was looked at, and under which rules.
#[derive(Debug, Default)]
pub struct Looked {
    under: Option<(Arc<Shown>, Date)>,
    versions: HashMap<String, i64>,
}

/// Looks at the signed drafts that may have become stale and tells the signers and the applicants;
/// returns how many it opened.
///
/// # Errors
/// When the database cannot be used; what was done is kept, and the rest has its turn at the next look.
pub async fn look(site: &Site, looked: &mut Looked) -> Result<usize, StoreError> {
    let (shown, day, now) = (site.shelf.shown(), site.today(), site.micros());
    let same = looked.under.as_ref().is_some_and(|(s, d)| Arc::ptr_eq(s, &shown) && *d == day);
    let before = if same { std::mem::take(&mut looked.versions) } else { HashMap::new() };
    looked.under = Some((shown, day));
    looked.versions.clear();
    let (mut after, mut opened) = (String::new(), 0);
    loop {
        let from = after.clone();
        let signed = site.store.read(move |db| cosigns::signed_drafts(db, &from, BATCH)).await?;
        let Some((last, _)) = signed.last() else { return Ok(opened) };
        after.clone_from(last);
        for (id, version) in signed {
            if before.get(&id) != Some(&version) {
                opened += 1;
                void(site, id.clone(), now).await?;
            }
            looked.versions.insert(id, version);
        }
    }
}

async fn void(site: &Site, id: String, now: i64) -> Result<(), StoreError> {
    let found = site.store.read(move |db| {
        let Some((draft, files)) = drafts::find(db, &id, now)? else { return Ok(None) };
        let people = applicants(db, &draft)?;
        Ok(Some((cosigns::of_draft(db, &draft.id)?, people, draft, files)))
    });
    let Some((signed, people, draft, files)) = found.await? else { return Ok(()) };
    let stale = cosigns_stale(site, &draft, (&files, &signed), &people);
    let Some((voids, letters)) = stale else { return Ok(()) };
    let (id, version) = (draft.id, draft.version);
    site.store.write(move |tx| cosigns::void_stale(tx, (&id, version), &voids, &letters)).await?;
    (site.wake)();
    Ok(())
}
