//! Sends the mails that wait. A mail that cannot be sent is tried again with
//! growing pauses for three days, then given up.

use bridge_lanes::Wake;
use internet_zone_store::mail::{self, Due};
use internet_zone_web::letters::Letter;
use internet_zone_web::site::Site;
use platform_mail::{BATCH, EVERY, NotSent, Outcome, PostOffice, leased_until, outcome};
use platform_service::metrics::Gauge;
use platform_service::shutdown::Shutdown;
use platform_store::StoreError;

use super::next_look;

/// What the job counts.
#[derive(Clone, Debug)]
pub struct Counts {
    /// Mails sent.
    pub sent: Gauge,
    /// Tries that failed.
    pub failed: Gauge,
    /// Mails given up.
    pub given_up: Gauge,
    /// Mails that wait.
    pub waiting: Gauge,
}

/// Sends until told to stop.
pub async fn run(site: Site, office: PostOffice, counts: Counts, wake: Wake, shutdown: Shutdown) {
    loop {
        if let Err(error) = look(&site, &office, &counts, &shutdown).await {
            tracing::error!(%error, "the mail queue cannot be worked off");
        }
        if !next_look(&wake, EVERY, &shutdown).await {
            return;
        }
    }
}

async fn look(
    site: &Site,
    office: &PostOffice,
    counts: &Counts,
    shutdown: &Shutdown,
) -> Result<(), StoreError> {
    loop {
        let now = site.micros();
        let (due, waiting) =
            site.store.read(move |db| Ok((mail::due(db, now, BATCH)?, mail::waiting(db)?))).await?;
        counts.waiting.set(waiting);
        let full = due.len() as i64 == BATCH;
        for one in due {
            if shutdown.is_triggered() {
                return Ok(());
            }
            send(site, office, counts, one).await?;
        }
        if !full {
            return Ok(());
        }
    }
}

async fn send(
    site: &Site,
    office: &PostOffice,
    counts: &Counts,
    due: Due,
) -> Result<(), StoreError> {
    let now = site.micros();
    let leased = due.clone();
    if !site.store.write(move |tx| mail::lease(tx, &leased, now, leased_until(now))).await? {
        return Ok(());
    }
    let sent = match Letter::open(&site.vault, &due.id, &due.letter_sealed) {
        Ok(letter) => {
            let (subject, body) = letter.written(&site.city, letter.language(site).await?);
            office.send(&due.id, &letter.to, &subject, body).await
        }
        Err(_) => Err(NotSent::Never("the letter does not open".to_owned())),
    };
    let (id, now) = (due.id.clone(), site.micros());
    match outcome(sent, due.attempts, (due.created_at, now)) {
        Outcome::Sent => {
            counts.sent.add(1);
            site.store.write(move |tx| mail::forget(tx, &id)).await
        }
        Outcome::Again(next, why) => {
            counts.failed.add(1);
            tracing::warn!(mail = id, tries = due.attempts + 1, why, "a mail will be tried again");
            site.store.write(move |tx| mail::put_off(tx, &id, next, &why)).await
        }
        Outcome::GivenUp(why) => {
            counts.given_up.add(1);
            tracing::error!(mail = id, why, "a mail was given up");
            site.store.write(move |tx| mail::forget(tx, &id)).await
        }
    }
}
