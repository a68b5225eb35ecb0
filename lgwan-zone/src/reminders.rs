//! The daily reminder of what is left to do (IK-2.1.1b): one letter a recipient on every open
//! day, made in one transaction with the mark that the day is done.

use std::collections::BTreeMap;
use std::time::Duration;

use domain::calendar::{date_in_japan, end_of_day_in_japan, time_in_japan};
use domain::forms::definition::Notify;
use jiff::civil::Date;
use lgwan_zone_store::QueryError;
use lgwan_zone_store::applications::{countdown, inquiries};
use lgwan_zone_store::identity::departments::{self, Department};
use lgwan_zone_store::letters::{Letter, done_for, queue_day};
use lgwan_zone_store::procedures;
use lgwan_zone_store::reminders::{self, ACT, TASK, Waiting};
use lgwan_zone_store::shelf::Shelf;
use lgwan_zone_web::reminder::{self, Asked, Left, Pile};
use platform_service::clock::Clock;
use platform_service::shutdown::Shutdown;
use platform_store::{Db, Store, StoreError, time};

use crate::config::Reminders;

/// Time between two looks at the clock.
const EVERY: Duration = Duration::from_secs(60);

/// Open days before a deadline at which a procedure or department may begin to remind.
const EARLIEST: u16 = 30;

/// The reminding task.
#[derive(Clone)]
pub struct Reminder {
    /// The staff database.
    pub store: Store,
    /// Definitions name their recipients.
    pub shelf: Shelf,
    /// Tells the day.
    pub clock: Clock,
    /// When, how early and to whom.
    pub settings: Reminders,
    /// Where staff reach these pages.
    pub staff_url: String,
}

impl Reminder {
    /// Looks until told to stop. A fault is logged, and tried again a minute later.
    pub(crate) async fn run(self, stop: Shutdown) -> Result<(), String> {
        loop {
            if let Err(error) = self.look().await {
                tracing::error!(%error, "the reminders of today cannot be made");
            }
            tokio::select! {
                () = stop.wait() => return Ok(()),
                () = tokio::time::sleep(EVERY) => {}
            }
        }
    }

    /// Makes the reminders of today when their time has come and they are not made yet.
    ///
    /// # Errors
    /// When the database cannot be used; nothing is made then.
    pub async fn look(&self) -> Result<bool, StoreError> {
        let now = time_in_japan(self.clock.now());
        let today = now.date();
        let early = i64::from(now.hour()) < self.settings.hour.get();
        if early || !self.settings.days.is_open(today) {
            return Ok(false);
        }
        let day = today.to_string();
        if self.store.read(|db| done_for(db, TASK)).await? >= day {
            return Ok(false);
        }
        let own = self.clone();
        let all = self.store.read(move |db| own.letters(db, today)).await?;
        let clock = self.clock.clone();
        self.store.write(move |tx| queue_day(tx, &clock, (TASK, ACT), &day, &all)).await
    }

    /// The letters of a day.
    fn letters(&self, db: &mut Db, today: Date) -> Result<Vec<Letter>, QueryError> {
        let office = &self.settings.days;
        let until = countdown::end_of(office.add(today, EARLIEST));
        let patience = i32::try_from(self.settings.untaken_days.get()).unwrap_or(0);
        let arrived = end_of_day_in_japan(office.moved(today, -patience)).as_microsecond();
        let departments = departments::all(db)?;
        let on: Vec<String> = departments
            .iter()
            .filter(|one| !self.settings.of(&one.code).is_some_and(|own| own.off))
            .map(|one| one.id.clone())
            .collect();
        let waiting = reminders::waiting(db, &on, (until, arrived), &today.to_string())?;
        let mut letters: BTreeMap<String, (Vec<Pile>, Vec<Asked>)> = BTreeMap::new();
        self.asked(db, (&departments, &on), today, &mut letters)?;
        for department in &departments {
            let here = waiting.iter().filter(|one| one.department_id == department.id);
            let mut by_procedure: BTreeMap<&str, Vec<&Waiting>> = BTreeMap::new();
            for one in here {
                by_procedure.entry(&one.procedure_id).or_default().push(one);
            }
            for (procedure, left) in by_procedure {
                let Some((title, notify)) = self.told(db, procedure)? else {
                    continue;
                };
                let days = self.days(department, &notify);
                let pile = Pile {
                    department: department.name.clone(),
                    procedure_id: procedure.to_owned(),
                    procedure: title,
                    days,
                    patience: patience.unsigned_abs(),
                    ..sorted(&left, today, office.add(today, days))
                };
                if pile.is_empty() {
                    continue;
                }
                let own = self.settings.of(&department.code).map(|own| own.to.as_slice());
                let all = notify.staff_mail.iter().chain(own.unwrap_or_default());
                let mut all: Vec<&String> = all.collect();
                all.sort_unstable();
                all.dedup();
                for recipient in all {
                    letters.entry(recipient.clone()).or_default().0.push(pile.clone());
                }
            }
        }
        let written = |(recipient, (piles, asked)): (String, (Vec<Pile>, Vec<Asked>))| {
            let left = (piles.as_slice(), asked.as_slice());
            let (subject, body) = reminder::written(left, (today, office), &self.staff_url);
            Letter { recipient, subject, body }
        };
        Ok(letters.into_iter().map(written).collect())
    }

    /// What departments are asked by others and have not answered, near or past its day.
    fn asked(
        &self,
        db: &mut Db,
        (departments, on): (&[Department], &[String]),
        today: Date,
        letters: &mut BTreeMap<String, (Vec<Pile>, Vec<Asked>)>,
    ) -> Result<(), QueryError> {
        let near = |code: &str| {
            let own = self.settings.of(code).and_then(|own| own.soon_days);
            let days = own.unwrap_or(self.settings.soon_days).get();
            self.settings.days.add(today, u16::try_from(days).unwrap_or(EARLIEST))
        };
        let until = self.settings.days.add(today, EARLIEST).to_string();
        for (request, number, procedure, _) in inquiries::due(db, on, &until)? {
            let of = departments.iter().find(|one| one.id == request.department_id);
            let Some((department, day)) = of.zip(request.due.parse::<Date>().ok()) else {
                continue;
            };
            if day > near(&department.code) {
                continue;
            }
            let to = self.settings.of(&department.code).map(|own| own.to.as_slice());
            for recipient in to.unwrap_or_default() {
                let asked = Asked {
                    department: department.name.clone(),
                    number: number.clone(),
                    procedure: procedure.clone(),
                    day,
                };
                letters.entry(recipient.clone()).or_default().1.push(asked);
            }
        }
        Ok(())
    }

    /// Title of a procedure, and whom its newest revision tells.
    fn told(&self, db: &mut Db, id: &str) -> Result<Option<(String, Notify)>, QueryError> {
        let Some(row) = procedures::find(db, id)? else {
            return Ok(None);
        };
        let form = self.shelf.get(db, id, row.revision)?;
        Ok(form.map(|form| (row.title, form.procedure().notify.clone())))
    }

    /// Open days before a deadline from which it is near: by the procedure, the department, the
    /// town.
    fn days(&self, department: &Department, notify: &Notify) -> u16 {
        let own = self.settings.of(&department.code).and_then(|own| own.soon_days);
        let settings = own.unwrap_or(self.settings.soon_days).get();
        let settings = u16::try_from(settings).unwrap_or(EARLIEST);
        notify.remind_days.unwrap_or(settings).min(EARLIEST)
    }
}

/// What is late, near, not taken up and not corrected.
fn sorted(left: &[&Waiting], today: Date, near: Date) -> Pile {
    let mut pile = Pile::default();
    for one in left {
        let number = one.number.clone();
        if let Some(due) = &one.due {
            pile.uncorrected.extend(due.parse().ok().map(|day| Left { number, day }));
            continue;
        }
        match one.deadline_at.map(countdown::last_day) {
            Some(day) if day < today => pile.late.push(Left { number, day }),
            Some(day) if day <= near => pile.soon.push(Left { number, day }),
            Some(_) => {}
            None => {
                let day = date_in_japan(time::from_micros(one.arrived_at));
                pile.untaken.push(Left { number, day });
            }
        }
    }
    pile
}
