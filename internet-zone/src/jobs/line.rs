//! The waiting line: seats kept too long are free again, and whose turn came is told.

use domain::forms::definition::{CitizenEvent, CitizenMail, Words};
use domain::identity::Action;
use internet_zone_store::applications::status;
use internet_zone_store::applications::waiting::Over;
use internet_zone_store::applications::{holds, seats, waiting};
use internet_zone_store::identity::Owner;
use internet_zone_store::{By, mail, procedures};
use internet_zone_web::last_moment;
use internet_zone_web::letters::{Booked, Letter, Template, Told};
use internet_zone_web::places;
use internet_zone_web::site::Site;
use internet_zone_web::trials;
use platform_store::{Db, StoreError, time};

use super::sweep::address_of_account;
use crate::delegates::{self, Of};

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
                for letter in letters(&this, tx.db, &id)? {
                    mail::queue(tx, &letter, now)?;
                }
                Ok(())
            })
            .await?;
    }
    if some {
        (site.wake)();
    }
    Ok(())
}

/// Ends the wait for procedures that ended: their period is over, grace included, or they were
/// closed. Who waited is told in the same transaction.
pub(super) async fn end_waiting(site: &Site, now: i64) -> Result<(), StoreError> {
    for (procedure, closed) in site.store.read(waiting::waited_for).await? {
        let entry = site.shelf.shown().by_id(&procedure).cloned();
        let last = entry.and_then(|entry| last_moment(&entry.procedure().open));
        let over = last.is_some_and(|end| time::to_micros(end) <= now);
        if closed.is_none() && !over {
            continue;
        }
        loop {
            let (this, id) = (site.clone(), procedure.clone());
            let ended = site.store.write(move |tx| {
                let by = By::system("waiting-list", now);
                let Some(over) = waiting::end(tx, &by, &id)? else { return Ok(false) };
                for letter in farewell(&this, tx.db, &over)? {
                    mail::queue(tx, &letter, now)?;
                }
                Ok(true)
            });
            if !ended.await? {
                break;
            }
            (site.wake)();
        }
    }
    Ok(())
}

/// Ends the wait for days and times for which it is too late; who waited is told.
pub(super) async fn end_late(site: &Site, now: i64) -> Result<(), StoreError> {
    loop {
        let this = site.clone();
        let ended = site.store.write(move |tx| {
            let by = By::system("waiting-list", now);
            let Some(over) = waiting::end_late(tx, &by)? else { return Ok(false) };
            for letter in farewell(&this, tx.db, &over)? {
                mail::queue(tx, &letter, now)?;
            }
            Ok(true)
        });
        if !ended.await? {
            return Ok(());
        }
        (site.wake)();
    }
}

/// The mails to who waited in vain, and to who filled in for them (NF-16).
fn farewell(site: &Site, db: &mut Db, over: &Over) -> diesel::QueryResult<Vec<mail::NewLetter>> {
    let waited = &over.waiting;
    let to = match (&waited.owner, &over.contact_sealed) {
        (Some(Owner::Account(account)), _) => address_of_account(site, db, account)?,
        (_, Some(sealed)) => site.vault.open_text(places::contact(&waited.id), sealed).ok(),
        (_, None) => None,
    };
    let title = title(site, db, &waited.procedure_id, waited.revision)?;
    let of = (Of::Draft(&over.draft_id), waited.procedure_id.as_str());
    let delegate = delegates::address(&site.vault, db, of, site.micros())?;
    let letter = |to: String| {
        Letter::new(to, Template::WaitingOver)
            .about(&title)
            .with("number", &waited.number)
            .with("link", format!("{}/procedures", site.city.base_url))
            .seal(&site.vault, site.new_id())
    };
    Ok(to.into_iter().chain(delegate).map(letter).collect())
}

/// The title of a procedure, also of one that is closed.
pub(super) fn title(
    site: &Site,
    db: &mut Db,
    id: &str,
    revision: i64,
) -> diesel::QueryResult<Words> {
    Ok(set(site, db, id, revision)?.0)
}

/// Title and mails of a procedure, also of one that is closed.
fn set(
    site: &Site,
    db: &mut Db,
    id: &str,
    revision: i64,
) -> diesel::QueryResult<(Words, CitizenMail)> {
    if let Some(entry) = site.shelf.shown().by_id(id) {
        return Ok((entry.title.clone(), entry.mail.clone()));
    }
    let document = procedures::document(db, id, revision)?;
    let procedure = document.and_then(|bytes| trials::read(id, &bytes).ok());
    Ok(procedure.map(|procedure| (procedure.title, procedure.notify.citizen)).unwrap_or_default())
}

/// The days and times an application holds, by the form that is shown now.
fn booked(
    site: &Site,
    db: &mut Db,
    application: &status::Application,
) -> diesel::QueryResult<Vec<Booked>> {
    let held = seats::held(db, &application.id)?;
    let entry = site.shelf.shown().by_id(&application.procedure_id).cloned();
    Ok(entry.map_or_else(Vec::new, |entry| Booked::of(&entry.form, &held)))
}

fn letters(site: &Site, db: &mut Db, id: &str) -> diesel::QueryResult<Vec<mail::NewLetter>> {
    let Some(application) = status::find(db, id)? else { return Ok(Vec::new()) };
    // Taking it back, of which the owner is told, is the owner's alone.
    let templates = (Template::Promoted, Template::ArrivedForAnother);
    let letters = to_people(site, db, &application, (templates, CitizenEvent::Arrived))?;
    let booked = booked(site, db, &application)?;
    let arrived = |letter: Letter| {
        letter
            .told("time", Told::Moment(application.arrived_at))
            .booked(&booked)
            .seal(&site.vault, site.new_id())
    };
    Ok(letters.into_iter().map(arrived).collect())
}

/// The mails to the owner of an application and to who filled in for them (NF-16); none when the owner
/// gave no address, or when the procedure sends none of this event (NF-29).
pub(super) fn to_people(
    site: &Site,
    db: &mut Db,
    application: &status::Application,
    ((own, other), event): ((Template, Template), CitizenEvent),
) -> diesel::QueryResult<Vec<Letter>> {
    let id = application.id.as_str();
    let (to, path) = match (&application.owner, &application.contact_sealed) {
        (Some(Owner::Account(account)), _) => {
            (address_of_account(site, db, account)?, format!("/applications/{id}"))
        }
        (_, Some(sealed)) => {
            (site.vault.open_text(places::contact(id), sealed).ok(), "/lookup".to_owned())
        }
        (_, None) => (None, String::new()),
    };
    let Some(to) = to else { return Ok(Vec::new()) };
    let (title, mail) = set(site, db, &application.procedure_id, application.revision)?;
    let letter = Letter::new(to, own)
        .about(&title)
        .with("number", &application.number)
        .with("link", format!("{}{path}", site.city.base_url));
    let Some(letter) = letter.as_set(&mail, event) else { return Ok(Vec::new()) };
    let of = (Of::Application(id, Action::ReadApplication), application.procedure_id.as_str());
    let delegate = delegates::address(&site.vault, db, of, site.micros())?;
    let copy = delegate.map(|to| Letter { to, template: other, ..letter.clone() });
    Ok(std::iter::once(letter).chain(copy).collect())
}
