//! Sends the mails that tell staff of arrivals (NF-59). One that cannot be sent is
//! tried again with growing pauses for three days, then given up.

use lgwan_zone_store::notices::{self, Due};
use lgwan_zone_web::letters;
use platform_mail::{BATCH, EVERY, Outcome, PostOffice, leased_until, outcome};
use platform_service::clock::Clock;
use platform_service::metrics::{Gauge, Metrics};
use platform_service::shutdown::Shutdown;
use platform_store::{Store, StoreError};

/// The sending task.
pub(crate) struct Mails {
    store: Store,
    clock: Clock,
    office: PostOffice,
    staff_url: String,
    sent: Gauge,
    failed: Gauge,
    given_up: Gauge,
    waiting: Gauge,
}

impl Mails {
    pub(crate) fn new(
        (store, clock): (Store, Clock),
        office: PostOffice,
        staff_url: String,
        metrics: &Metrics,
    ) -> Self {
        Self {
            store,
            clock,
            office,
            staff_url,
            sent: metrics.counter("mails_sent_total", "Mails taken by the mail server"),
            failed: metrics.counter("mails_failed_total", "Tries to send a mail that failed"),
            given_up: metrics.counter("mails_given_up_total", "Mails that were never sent"),
            waiting: metrics.gauge("mails_waiting", "Mails in the queue"),
        }
    }

    /// Sends until told to stop. A fault is logged: mails never stop the pages.
    pub(crate) async fn run(self, stop: Shutdown) -> Result<(), String> {
        loop {
            if let Err(error) = self.look(&stop).await {
                tracing::error!(%error, "the mail queue cannot be worked off");
            }
            tokio::select! {
                () = stop.wait() => return Ok(()),
                () = tokio::time::sleep(EVERY) => {}
            }
        }
    }

    async fn look(&self, stop: &Shutdown) -> Result<(), StoreError> {
        let now = self.now();
        let read = move |db: &mut _| Ok((notices::due(db, now, BATCH)?, notices::waiting(db)?));
        let (due, waiting) = self.store.read(read).await?;
        self.waiting.set(waiting);
        for one in due {
            if stop.is_triggered() {
                break;
            }
            self.send(one).await?;
        }
        Ok(())
    }

    async fn send(&self, due: Due) -> Result<(), StoreError> {
        let (id, now) = (due.id.clone(), self.now());
        let lease = self.store.write(move |tx| notices::lease(tx, &id, now, leased_until(now)));
        if !lease.await? {
            return Ok(());
        }
        let (subject, body) = letters::written(&due, &self.staff_url);
        let sent = self.office.send(&due.id, &due.recipient, &subject, body).await;
        let (id, tries) = (due.id, i64::from(due.attempts));
        match outcome(sent, tries, (due.created_at, self.now())) {
            Outcome::Sent => {
                self.sent.add(1);
                self.store.write(move |tx| notices::forget(tx, &id)).await
            }
            Outcome::Again(next, why) => {
                self.failed.add(1);
                tracing::warn!(mail = id, tries, why, "a mail will be tried again");
                self.store.write(move |tx| notices::put_off(tx, &id, next, &why)).await
            }
            Outcome::GivenUp(why) => {
                self.given_up.add(1);
                tracing::error!(mail = id, why, "a mail was given up");
                self.store.write(move |tx| notices::forget(tx, &id)).await
            }
        }
    }

    fn now(&self) -> i64 {
        self.clock.now().as_microsecond()
    }
}
