//! Deletes what has had its time: sessions, links, drafts, files, secrets. Tells
//! the owners of drafts beforehand.

use std::sync::Arc;
use std::time::Duration;

use bridge_lanes::Wake;
use domain::forms::definition::CitizenEvent;
use internet_zone_store::By;
use internet_zone_store::applications::drafts::{self, Draft};
use internet_zone_store::applications::{cosigns, status, trials, uploads};
use internet_zone_store::identity::accounts::Account;
use internet_zone_store::identity::{
    Owner, accounts, guests as visitors, mandates, represented, sessions, tokens, tries,
};
use internet_zone_store::{invitations, mail, terminals};
use internet_zone_web::applications::{cosign_expired, cosigns_thrown_away, takes_delegates};
use internet_zone_web::letters::{Letter, Template, Told};
use internet_zone_web::mandate_ended;
use internet_zone_web::places;
use internet_zone_web::site::Site;
use jiff::ToSpan as _;
use platform_audit::CheckpointKey;
use platform_service::shutdown::Shutdown;
use platform_store::{Db, StoreError, time};

use super::{bulletins, guests, line, next_look, orphans, pause, stale};
use crate::config::LimitConfig;
use crate::delegates::{self, Of};

/// Time between two sweeps without a nudge.
const EVERY: Duration = Duration::from_secs(30);
/// Time between two sweeps at least: every arrival nudges.
const LEAST: Duration = Duration::from_secs(5);
/// Rows of one transaction, so that nobody waits long behind a sweep.
const BATCH: i64 = 100;
const HOUR: i64 = 3_600_000_000;
const DAY: i64 = 24 * HOUR;
/// Hour of the day from which people are reminded.
const MORNING: i8 = 8;
/// Time an invitation is kept after its end.
const INVITATIONS: i64 = 90 * DAY;
/// Time since the last save before which nobody is told that a draft ends.
const RESTED: i64 = 12 * HOUR;

/// Sweeps until told to stop; signs a checkpoint of the operation log each time.
pub async fn run(
    site: Site,
    limits: LimitConfig,
    audit: Arc<CheckpointKey>,
    wake: Wake,
    shutdown: Shutdown,
) {
    let (mut round, mut looked) = (orphans::Round::default(), stale::Looked::default());
    let mut visitors = guests::Round::default();
    loop {
        if let Err(error) = sweep(&site, &limits).await {
            tracing::error!(%error, "the sweep did not finish");
        }
        if let Err(error) = stale::look(&site, &mut looked).await {
            tracing::error!(%error, "the look for agreements that are stale did not finish");
        }
        if let Err(error) = orphans::look(&site, &mut round).await {
            tracing::error!(%error, "the look for files without a row did not finish");
        }
        if let Err(error) = guests::look(&site, &mut visitors).await {
            tracing::error!(%error, "the look for guests who are needed no more did not finish");
        }
        let (key, now) = (Arc::clone(&audit), site.clock.now());
        let signed = site.store.write(move |tx| platform_audit::checkpoint(tx, &key, now)).await;
        if let Err(error) = signed {
            tracing::error!(%error, "no checkpoint of the operation log");
        }
        if !pause(LEAST, &shutdown).await || !next_look(&wake, EVERY - LEAST, &shutdown).await {
            return;
        }
    }
}

/// One sweep.
///
/// # Errors
/// When the database cannot be used; what was done is kept.
pub async fn sweep(site: &Site, limits: &LimitConfig) -> Result<(), StoreError> {
    let now = site.micros();
    let idle = limits.idle_minutes.get() * 60_000_000;
    let secret = limits.secret_hours.get() * HOUR;
    site.store
        .write(move |tx| {
            sessions::sweep(tx, now, idle)?;
            tokens::sweep(tx, now)?;
            tries::sweep(tx, now - 2 * DAY)?;
            invitations::sweep(tx, now - INVITATIONS)?;
            trials::sweep(tx, now - INVITATIONS)?;
            status::forget_secrets(tx, now - secret)
        })
        .await?;
    line::free_holds(site, now).await?;
    line::tell_promoted(site, now).await?;
    line::end_waiting(site, now).await?;
    line::end_late(site, now).await?;
    end_mandates(site, now).await?;
    end_cosigns(site, now).await?;
    warn_owners(site, now, limits.warn_days.get()).await?;
    remind_of_corrections(site, now, limits.warn_days.get()).await?;
    bulletins::tell(site, now).await?;
    discard_left_behind(site, now).await?;
    discard_expired(site, now).await?;
    forget_unfinished(site, now).await?;
    bury_files(site).await
}

/// Ends what somebody may do for another and whose time is over; tells both.
async fn end_mandates(site: &Site, now: i64) -> Result<(), StoreError> {
    let expired = site.store.read(move |db| mandates::expired(db, now, BATCH)).await?;
    let some = !expired.is_empty();
    for row in expired {
        let this = site.clone();
        site.store
            .write(move |tx| {
                if !mandates::end(tx, &By::system("sweep", now), &row.id)? {
                    return Ok(());
                }
                let principal = accounts::find(tx.db, &row.principal_id)?;
                let delegate = row.delegate_id.as_deref().map(|id| accounts::find(tx.db, id));
                let delegate = delegate.transpose()?.flatten();
                for letter in mandate_ended(&this, row, principal.as_ref(), delegate.as_ref()) {
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

/// Tells applicants of those who did not answer in time whether they agree (連署).
async fn end_cosigns(site: &Site, now: i64) -> Result<(), StoreError> {
    let over = site.store.read(move |db| cosigns::over(db, now, BATCH)).await?;
    let some = !over.is_empty();
    for cosign in over {
        let this = site.clone();
        site.store
            .write(move |tx| {
                if !cosigns::expire(tx, &By::system("sweep", now), &cosign)? {
                    return Ok(());
                }
                let Some((draft, _)) = drafts::find(tx.db, &cosign.draft_id, now)? else {
                    return Ok(());
                };
                let people = applicants(tx.db, &draft)?;
                for letter in cosign_expired(&this, &cosign, &draft, &people) {
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

/// Whose a draft is, and who fills it in for them.
pub(super) fn applicants(db: &mut Db, draft: &Draft) -> diesel::QueryResult<Vec<Account>> {
    let delegate = represented::of_draft(db, &draft.id)?;
    let owner = draft.owner.account().map(str::to_owned);
    let mut people = Vec::new();
    for id in owner.into_iter().chain(delegate.map(|begun| begun.delegate_id)) {
        people.extend(accounts::find(db, &id)?);
    }
    Ok(people)
}

async fn warn_owners(site: &Site, now: i64, days: i64) -> Result<(), StoreError> {
    let times = (now, now + days * DAY, now - RESTED);
    let expiring = site.store.read(move |db| drafts::expiring(db, times, BATCH)).await?;
    for draft in expiring {
        let this = site.clone();
        site.store
            .write(move |tx| {
                if !drafts::warned(tx, &draft.id, now)? {
                    return Ok(());
                }
                for letter in warnings(&this, tx.db, &draft)? {
                    mail::queue(tx, &letter, now)?;
                }
                Ok(())
            })
            .await?;
    }
    Ok(())
}

/// Reminds of corrections that nobody answered: once some days before their day, and once on it, not
/// in the night.
async fn remind_of_corrections(site: &Site, now: i64, days: i64) -> Result<(), StoreError> {
    let here = domain::calendar::time_in_japan(time::from_micros(now));
    if here.hour() < MORNING {
        return Ok(());
    }
    let today = here.date();
    let until = today.saturating_add(days.days());
    let asked = (today.to_string(), until.to_string());
    let due = site
        .store
        .read(move |db| status::corrections_due(db, (&asked.0, &asked.1), now - DAY, BATCH));
    let due = due.await?;
    let some = !due.is_empty();
    for one in due {
        let this = site.clone();
        site.store
            .write(move |tx| {
                let reminder =
                    if one.due == today.to_string() { status::DAY } else { status::SOON };
                if !status::remind(tx, &one, reminder)? {
                    return Ok(());
                }
                let Some(application) = status::find(tx.db, &one.application_id)? else {
                    return Ok(());
                };
                let Ok(day) = one.due.parse() else { return Ok(()) };
                let templates = (Template::CorrectionWaits, Template::CorrectionWaits);
                let of = (templates, CitizenEvent::Reminder);
                for letter in line::to_people(&this, tx.db, &application, of)? {
                    let letter = letter.told("due", Told::Day(day));
                    mail::queue(tx, &letter.seal(&this.vault, this.new_id()), now)?;
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

/// The mails to the owner of a draft and to who fills in for them (NF-16).
fn warnings(site: &Site, db: &mut Db, draft: &Draft) -> diesel::QueryResult<Vec<mail::NewLetter>> {
    let to = match &draft.owner {
        Owner::Account(id) => address_of_account(site, db, id)?,
        Owner::Guest(id) => visitors::email(db, id)?
            .and_then(|sealed| site.vault.open_text(places::guest_email(id), &sealed).ok()),
    };
    let shown = site.shelf.shown();
    let entry = shown.by_id(&draft.procedure_id);
    // Where a procedure stopped taking delegates, they open what they correct and nothing else.
    let represented =
        draft.correction.is_some() || entry.is_some_and(|entry| takes_delegates(entry.procedure()));
    let of = (Of::Draft(&draft.id), draft.procedure_id.as_str());
    let delegate =
        if represented { delegates::address(&site.vault, db, of, site.micros())? } else { None };
    let title = entry.map(|entry| entry.title.clone());
    let mail = entry.map(|entry| entry.mail.clone()).unwrap_or_default();
    let date = domain::calendar::date_in_japan(time::from_micros(draft.expires_at));
    let is_message = draft.correction.as_ref().is_some_and(|(_, round)| *round == drafts::MESSAGE);
    let template = if is_message { Template::MessageExpires } else { Template::DraftExpires };
    let title = title.unwrap_or_default();
    let letter = |to: String| {
        let letter = Letter::new(to, template)
            .about(&title)
            .told("date", Told::Day(date))
            .with("link", format!("{}/drafts/{}", site.city.base_url, draft.id));
        // What is begun and a message that is not sent yet are both unsent answers.
        let letter = letter.as_set(&mail, CitizenEvent::Draft)?;
        Some(letter.seal(&site.vault, site.new_id()))
    };
    Ok(to.into_iter().chain(delegate).filter_map(letter).collect())
}

/// The address of an account.
pub(super) fn address_of_account(
    site: &Site,
    db: &mut Db,
    id: &str,
) -> diesel::QueryResult<Option<String>> {
    let account = accounts::find(db, id)?;
    let place = places::account_email(id);
    Ok(account.and_then(|account| site.vault.open_text(place, &account.email_sealed).ok()))
}

async fn discard_expired(site: &Site, now: i64) -> Result<(), StoreError> {
    loop {
        let expired = site.store.read(move |db| drafts::expired(db, now, BATCH)).await?;
        let all = (expired.len() as i64) < BATCH;
        let this = site.clone();
        let told = site.store.write(move |tx| {
            let by = By::system("sweep", now);
            let mut told = false;
            for (id, procedure, revision) in &expired {
                let asked = cosigns::of_draft(tx.db, id)?;
                if !asked.is_empty() {
                    let title = line::title(&this, tx.db, procedure, *revision)?;
                    for letter in cosigns_thrown_away(&this, &title, &asked) {
                        mail::queue(tx, &letter, now)?;
                        told = true;
                    }
                }
                drafts::discard(tx, &by, id)?;
            }
            Ok(told)
        });
        if told.await? {
            (site.wake)();
        }
        if all {
            return Ok(());
        }
    }
}

/// Throws away what was begun at a terminal whose visit nobody ended, once the session is gone.
async fn discard_left_behind(site: &Site, now: i64) -> Result<(), StoreError> {
    let left = site.store.read(|db| terminals::left_behind(db, BATCH)).await?;
    if left.is_empty() {
        return Ok(());
    }
    site.store
        .write(move |tx| {
            let by = By::system("sweep", now);
            for id in &left {
                drafts::discard(tx, &by, id)?;
            }
            Ok(())
        })
        .await
}

/// Forgets files that came in part and that nobody goes on with.
async fn forget_unfinished(site: &Site, now: i64) -> Result<(), StoreError> {
    let over = site.store.read(move |db| uploads::over(db, now, BATCH)).await?;
    for id in over {
        site.store.write(move |tx| uploads::remove(tx, &id)).await?;
    }
    Ok(())
}

/// Deletes the files that rows say are to go. The row goes after the file, so a
/// crash in between only repeats a deletion.
async fn bury_files(site: &Site) -> Result<(), StoreError> {
    loop {
        let doomed = site.store.read(|db| drafts::doomed(db, BATCH)).await?;
        if doomed.is_empty() {
            return Ok(());
        }
        let (files, ids) = (site.files.clone(), doomed);
        let gone = tokio::task::spawn_blocking(move || {
            ids.into_iter().filter(|id| files.delete(id).is_ok()).collect::<Vec<_>>()
        });
        let gone = gone.await.unwrap_or_default();
        if gone.is_empty() {
            return Ok(());
        }
        site.store.write(move |tx| drafts::buried(tx, &gone)).await?;
    }
}
