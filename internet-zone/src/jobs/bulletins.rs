//! Tells who asked for news of what is new (IK-2.1.1a), a few at a time, and only while few mails wait:
//! news never stand before a mail that somebody waits for.

use internet_zone_store::bulletins::{self, NewBulletin};
use internet_zone_store::mail;
use internet_zone_web::news;
use internet_zone_web::site::Site;
use platform_store::StoreError;

/// Accounts of one look.
const BATCH: i64 = 100;
/// Mails that may wait when a look begins.
const WAITING: i64 = 100;

/// Notes the announcements of the settings that concern somebody; each once, whenever the zone starts.
///
/// # Errors
/// When the database cannot be written.
pub async fn announce(site: &Site) -> Result<(), StoreError> {
    let announced = site.notices.iter().filter(|notice| !notice.topics.is_empty());
    let new: Vec<NewBulletin> = announced.map(news::announcement).collect();
    let now = site.micros();
    site.store
        .write(move |tx| {
            for one in &new {
                bulletins::put(tx, one, now)?;
            }
            Ok(())
        })
        .await
}

/// Tells the next accounts of the oldest news. The mails are queued in the transaction that notes how far
/// it came, so nobody is told twice and nobody is left out.
///
/// # Errors
/// When the database cannot be used.
pub async fn tell(site: &Site, now: i64) -> Result<(), StoreError> {
    let due = site.store.read(|db| {
        let room = mail::waiting(db)? < WAITING;
        if room { bulletins::due(db) } else { Ok(None) }
    });
    let Some(bulletin) = due.await? else { return Ok(()) };
    let this = site.clone();
    let told = site.store.write(move |tx| {
        // Who unsubscribed a moment ago is not among them.
        let people = bulletins::recipients(tx.db, &bulletin, BATCH)?;
        let last = people.last().map(|account| account.id.as_str());
        if !bulletins::advance(tx, &bulletin, last, now)? {
            return Ok(false);
        }
        for account in &people {
            if let Some(letter) = news::letter(&this, &bulletin, account) {
                mail::queue(tx, &letter, now)?;
            }
        }
        Ok(!people.is_empty())
    });
    if told.await? {
        (site.wake)();
    }
    Ok(())
}
