//! The daily report to auditors (IK-3.5.1a): one letter each with what both operation logs hold of
//! the day before, made in one transaction with the mark that the day is done.

use std::time::Duration;

use domain::calendar::{end_of_day_in_japan, time_in_japan};
use domain::identity::Role;
use jiff::civil::Date;
use lgwan_zone_store::QueryError;
use lgwan_zone_store::audit::{self, TASK};
use lgwan_zone_store::identity::staff;
use lgwan_zone_store::letters::{Letter, done_for, queue_day};
use lgwan_zone_web::audit::report;
use platform_service::clock::Clock;
use platform_service::shutdown::Shutdown;
use platform_store::{Db, Store, StoreError};

/// Time between two looks at the clock.
const EVERY: Duration = Duration::from_secs(60);
/// Most days that one letter tells of, after the zone stood still.
const MOST_DAYS: i64 = 31;
/// What the operation log says of it.
const ACT: &str = "audit.reported";

/// The reporting task.
#[derive(Clone)]
pub struct AuditReport {
    /// The staff database.
    pub store: Store,
    /// Tells the day.
    pub clock: Clock,
    /// Hour in Japan from which it is made.
    pub hour: i64,
    /// Where staff reach these pages.
    pub staff_url: String,
}

impl AuditReport {
    /// Looks until told to stop. A fault is logged, and tried again a minute later.
    pub(crate) async fn run(self, stop: Shutdown) -> Result<(), String> {
        loop {
            if let Err(error) = self.look().await {
                tracing::error!(%error, "the daily report to auditors cannot be made");
            }
            tokio::select! {
                () = stop.wait() => return Ok(()),
                () = tokio::time::sleep(EVERY) => {}
            }
        }
    }

    /// Makes today's report when its time has come and it is not made yet. It tells of every day
    /// since the last one, at most a month.
    ///
    /// # Errors
    /// When the database cannot be used; nothing is made then.
    pub async fn look(&self) -> Result<bool, StoreError> {
        let now = time_in_japan(self.clock.now());
        let today = now.date();
        if i64::from(now.hour()) < self.hour {
            return Ok(false);
        }
        let day = today.to_string();
        let before = self.store.read(|db| done_for(db, TASK)).await?;
        if before >= day {
            return Ok(false);
        }
        let own = self.clone();
        let all = self.store.read(move |db| own.letters(db, &before, today)).await?;
        let clock = self.clock.clone();
        self.store.write(move |tx| queue_day(tx, &clock, (TASK, ACT), &day, &all)).await
    }

    fn letters(&self, db: &mut Db, before: &str, today: Date) -> Result<Vec<Letter>, QueryError> {
        let last = today.yesterday().unwrap_or(today);
        let earliest = today.saturating_sub(jiff::Span::new().days(MOST_DAYS));
        let first = before.parse::<Date>().unwrap_or(last).clamp(earliest, last);
        let start = first.yesterday().unwrap_or(first);
        let period = (end_of_day_in_japan(start), end_of_day_in_japan(last));
        let days = audit::days(db, period.0, period.1)?;
        let (subject, body) = report::written(&days, (first, last), &self.staff_url);
        let auditors = staff::addresses(db, Role::Auditor.key())?;
        let letter = |recipient| Letter { recipient, subject: subject.clone(), body: body.clone() };
        Ok(auditors.into_iter().map(letter).collect())
    }
}
