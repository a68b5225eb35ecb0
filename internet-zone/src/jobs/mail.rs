//! Sends the mails that wait. A mail that cannot be sent is tried again with
//! growing pauses for three days, then given up: logged, counted, and told to operators.

use bridge_lanes::Wake;
use internet_zone_store::By;
use internet_zone_store::mail::{self, Due};
use internet_zone_web::letters::Letter;
use internet_zone_web::site::Site;
use platform_mail::{BATCH, EVERY, Lost, NotSent, Outcome, PostOffice, leased_until, outcome};
use platform_service::halts::Halts;
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

/// How mails leave, and who hears of it.
pub struct Sender {
    /// The way out.
    pub office: PostOffice,
    /// What is counted.
    pub counts: Counts,
    /// Where operators hear of lost ones.
    pub halts: Halts,
    /// Lost ones of the last day.
    pub lost: Lost,
}

/// Sends until told to stop.
pub async fn run(site: Site, mut sender: Sender, wake: Wake, shutdown: Shutdown) {
    loop {
        if let Err(error) = look(&site, &mut sender, &shutdown).await {
            tracing::error!(%error, "the mail queue cannot be worked off");
        }
        sender.lost.tell(site.micros(), &sender.halts);
        if !next_look(&wake, EVERY, &shutdown).await {
            return;
        }
    }
}

async fn look(site: &Site, sender: &mut Sender, shutdown: &Shutdown) -> Result<(), StoreError> {
    loop {
        let now = site.micros();
        let (due, waiting) =
            site.store.read(move |db| Ok((mail::due(db, now, BATCH)?, mail::waiting(db)?))).await?;
        sender.counts.waiting.set(waiting);
        let full = due.len() as i64 == BATCH;
        for one in due {
            if shutdown.is_triggered() {
                return Ok(());
            }
            send(site, sender, one).await?;
        }
        if !full {
            return Ok(());
        }
    }
}

async fn send(site: &Site, sender: &mut Sender, due: Due) -> Result<(), StoreError> {
    let counts = &sender.counts;
    let now = site.micros();
    let leased = due.clone();
    if !site.store.write(move |tx| mail::lease(tx, &leased, now, leased_until(now))).await? {
        return Ok(());
    }
    let letter = Letter::open(&site.vault, &due.id, &due.letter_sealed);
    let name = letter.as_ref().map_or("-", |letter| letter.template.name());
    let sent = match &letter {
        Ok(letter) => {
            let (subject, body) = letter.written(&site.city, letter.language(site).await?);
            let (office, to) = (&sender.office, letter.to.as_str());
            match letter.stop() {
                Some(stop) => office.send_news(&due.id, to, &subject, body, stop).await,
                None => office.send(&due.id, to, &subject, body).await,
            }
        }
        Err(_) => Err(NotSent::Never("not_opened".to_owned())),
    };
    let (id, now) = (due.id.clone(), site.micros());
    let (why, refused) = match outcome(sent, due.attempts, (due.created_at, now)) {
        Outcome::Sent => {
            counts.sent.add(1);
            return site.store.write(move |tx| mail::forget(tx, &id)).await;
        }
        Outcome::Again(next, why) => {
            counts.failed.add(1);
            tracing::warn!(mail = id, tries = due.attempts + 1, why, "a mail will be tried again");
            return site.store.write(move |tx| mail::put_off(tx, &id, next, &why)).await;
        }
        Outcome::Refused(why) => (why, true),
        Outcome::GivenUp(why) => (why, false),
    };
    counts.given_up.add(1);
    sender.lost.note(now, refused);
    tracing::error!(mail = id, name, why, "a mail was given up");
    let (by, why) = (By::system("mail", now), format!("mail={name} reason={why}"));
    site.store.write(move |tx| mail::give_up(tx, &by, &id, &why)).await
}
