//! Sends the mails that tell staff of arrivals (NF-59) and the letters of every day (IK-2.1.1b).
//! One that cannot be sent is tried again with growing pauses for three days, then given up.

use lgwan_zone_store::{By, letters as queue, notices};
use lgwan_zone_web::letters;
use platform_mail::{BATCH, EVERY, Lost, Outcome, PostOffice, leased_until, outcome};
use platform_service::clock::Clock;
use platform_service::halts::Halts;
use platform_service::metrics::{Gauge, Metrics};
use platform_service::shutdown::Shutdown;
use platform_store::{Db, Store, StoreError};

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
    halts: Halts,
    lost: Lost,
}

impl Mails {
    pub(crate) fn new(
        (store, clock): (Store, Clock),
        office: PostOffice,
        staff_url: String,
        (metrics, halts): (&Metrics, Halts),
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
            halts,
            lost: Lost::default(),
        }
    }

    /// Sends until told to stop. A fault is logged: mails never stop the pages.
    pub(crate) async fn run(mut self, stop: Shutdown) -> Result<(), String> {
        loop {
            if let Err(error) = self.look(&stop).await {
                tracing::error!(%error, "the mail queue cannot be worked off");
            }
            self.lost.tell(self.now(), &self.halts);
            tokio::select! {
                () = stop.wait() => return Ok(()),
                () = tokio::time::sleep(EVERY) => {}
            }
        }
    }

    async fn look(&mut self, stop: &Shutdown) -> Result<(), StoreError> {
        let (now, url) = (self.now(), self.staff_url.clone());
        let read = move |db: &mut Db| {
            let arrivals = notices::due(db, now, BATCH)?;
            let letters = queue::due(db, now, BATCH)?;
            let arrivals = arrivals.iter().map(|one| Ready::arrival(one, &url));
            let ready: Vec<Ready> = arrivals.chain(letters.into_iter().map(Ready::from)).collect();
            Ok((ready, notices::waiting(db)? + queue::waiting(db)?))
        };
        let (ready, waiting) = self.store.read(read).await?;
        self.waiting.set(waiting);
        for one in ready {
            if stop.is_triggered() {
                break;
            }
            self.send(one).await?;
        }
        Ok(())
    }

    async fn send(&mut self, ready: Ready) -> Result<(), StoreError> {
        let Ready { from, id, recipient, subject, body, attempts, created_at } = ready;
        let (mail, now) = (id.clone(), self.now());
        let lease = self.store.write(move |tx| match from {
            Queue::Arrivals => notices::lease(tx, &mail, now, leased_until(now)),
            Queue::Letters => queue::lease(tx, &mail, now, leased_until(now)),
        });
        if !lease.await? {
            return Ok(());
        }
        let sent = self.office.send(&id, &recipient, &subject, body).await;
        let tries = i64::from(attempts);
        let (forgotten, lost) = match outcome(sent, tries, (created_at, self.now())) {
            Outcome::Sent => {
                self.sent.add(1);
                (id, None)
            }
            Outcome::Again(next, why) => {
                self.failed.add(1);
                tracing::warn!(mail = id, tries, why, "a mail will be tried again");
                let put_off = self.store.write(move |tx| match from {
                    Queue::Arrivals => notices::put_off(tx, &id, next, &why),
                    Queue::Letters => queue::put_off(tx, &id, next, &why),
                });
                return put_off.await;
            }
            Outcome::Refused(why) => (id, Some((why, true))),
            Outcome::GivenUp(why) => (id, Some((why, false))),
        };
        let by = By::system(self.clock.now());
        if let Some((why, refused)) = &lost {
            self.given_up.add(1);
            self.lost.note(self.now(), *refused);
            tracing::error!(mail = forgotten, why, "a mail was given up");
        }
        let forget = self.store.write(move |tx| {
            if let Some((why, _)) = &lost {
                by.record_failed(
                    tx,
                    "notices.mail_given_up",
                    "mail",
                    &forgotten,
                    &format!("reason={why}"),
                );
            }
            match from {
                Queue::Arrivals => notices::forget(tx, &forgotten),
                Queue::Letters => queue::forget(tx, &forgotten),
            }
        });
        forget.await
    }

    fn now(&self) -> i64 {
        self.clock.now().as_microsecond()
    }
}

/// Which table a mail waits in.
#[derive(Clone, Copy)]
enum Queue {
    Arrivals,
    Letters,
}

/// A mail with its words.
struct Ready {
    from: Queue,
    id: String,
    recipient: String,
    subject: String,
    body: String,
    attempts: i32,
    created_at: i64,
}

impl Ready {
    /// The words of an arrival are written when it is sent.
    fn arrival(due: &notices::Due, staff_url: &str) -> Self {
        let (subject, body) = letters::written(due, staff_url);
        Self {
            from: Queue::Arrivals,
            id: due.id.clone(),
            recipient: due.recipient.clone(),
            subject,
            body,
            attempts: due.attempts,
            created_at: due.created_at,
        }
    }
}

impl From<queue::Due> for Ready {
    fn from(due: queue::Due) -> Self {
        Self {
            from: Queue::Letters,
            id: due.id,
            recipient: due.recipient,
            subject: due.subject,
            body: due.body,
            attempts: due.attempts,
            created_at: due.created_at,
        }
    }
}
