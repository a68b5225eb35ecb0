//! The waiting line: seats kept too long are free again, and whose turn came is told.

use internet_zone_store::applications::status;
use internet_zone_store::applications::{holds, waiting};
use internet_zone_store::identity::Owner;
use internet_zone_store::mail;
use internet_zone_web::letters::{Letter, Template};
use internet_zone_web::places;
use internet_zone_web::site::Site;
use platform_store::{Db, StoreError};

use super::sweep::address_of_account;

/// People told in one look.
const BATCH: i64 = 100;

/// Frees what was kept for drafts beyond its time.
pub(super) async fn free_holds(site: &Site, now: i64) -> Result<(), StoreError> {
    while let Some((procedure, pool)) = site.store.read(move |db| holds::expired(db, now)).await? {
        site.store.write(move |tx| holds::expire(tx, (&procedure, &pool), now)).await?;
    }
    Ok(())
}

/// Tells whose turn came. The mail is queued in the transaction that notes it.
pub(super) async fn tell_promoted(site: &Site, now: i64) -> Result<(), StoreError> {
    let promoted = site.store.read(|db| waiting::promoted(db, BATCH)).await?;
    let some = !promoted.is_empty();
    for id in promoted {
        let this = site.clone();
        site.store
            .write(move |tx| {
                if !waiting::told(tx, &id)? {
                    return Ok(());
                }
                match letter(&this, tx.db, &id)? {
                    Some(letter) => mail::queue(tx, &letter, now),
                    None => Ok(()),
                }
            })
            .await?;
    }
    if some {
        (site.wake)();
    }
    Ok(())
}

fn letter(site: &Site, db: &mut Db, id: &str) -> diesel::QueryResult<Option<mail::NewLetter>> {
    let Some(application) = status::find(db, id)? else { return Ok(None) };
    let (to, path) = match (&application.owner, &application.contact_sealed) {
        (Some(Owner::Account(account)), _) => {
            (address_of_account(site, db, account)?, format!("/applications/{id}"))
        }
        (_, Some(sealed)) => {
            (site.vault.open_text(places::contact(id), sealed).ok(), "/lookup".to_owned())
        }
        (_, None) => (None, String::new()),
    };
    let Some(to) = to else { return Ok(None) };
    let shown = site.shelf.shown();
    let title = shown.by_id(&application.procedure_id).map(|entry| entry.procedure().title.ja());
    let letter = Letter::new(to, Template::Promoted)
        .with("title", title.unwrap_or_default())
        .with("number", &application.number)
        .with("link", format!("{}{path}", site.city.base_url));
    Ok(Some(letter.seal(&site.vault, site.new_id())))
}
