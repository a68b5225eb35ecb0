//! 納付: what staff record about the payment of a fee (NF-15). Lines are added, never changed; where the payment
//! stands follows from all of them.

use diesel::prelude::*;
use diesel::result::Error::DeserializationError;
use domain::applications::payment::{Covered, Entry, Payment};
use domain::applications::{Event, State};
use domain::forms::definition::{PayWhen, Procedure};
use domain::forms::{Answers, fees};
use platform_store::{Db, Tx, each_backend};

use super::file;
use super::messages::{self, Message};
use super::rows::Application;
use super::steps::{self, Hop};
use crate::post::Sealed;
use crate::record::By;
use crate::schema::{applications, payments};

/// One line.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = payments)]
pub struct Line {
    /// Of which application.
    pub application_id: String,
    /// From 1.
    pub seq: i32,
    /// Key of [`Entry`].
    pub act: String,
    /// The sum in yen: what was asked for, or what was paid.
    pub yen: i64,
    /// How it was paid; empty for what is no payment.
    pub way: String,
    /// The day on which it was paid, as ISO; empty for what is no payment.
    pub paid_on: String,
    /// What the applicant was told, a note, or the reason.
    pub words: String,
    /// When, microseconds.
    pub at: i64,
    /// Who, staff id.
    pub staff_id: String,
    /// Their name.
    pub staff_name: String,
}

/// What somebody records now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct New {
    /// What it is.
    pub entry: Entry,
    /// See [`Line`].
    pub yen: i64,
    /// See [`Line`].
    pub way: String,
    /// See [`Line`].
    pub paid_on: String,
    /// See [`Line`].
    pub words: String,
    /// The same for the history.
    pub shown: String,
}

/// What became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// It is recorded.
    Done,
    /// The same person recorded the same from the same page; nothing changed.
    Before,
    /// Somebody else recorded something in between, or it does not apply now; nothing changed.
    Overtaken,
}

/// The lines of an application, the oldest first.
///
/// # Errors
/// When the database cannot be read.
pub fn of(db: &mut Db, application: &str) -> QueryResult<Vec<Line>> {
    payments::table
        .filter(payments::application_id.eq(application))
        .order(payments::seq)
        .select(Line::as_select())
        .load(db)
}

/// Where the payment of `owed` yen stands after these lines.
#[must_use]
pub fn stands((when, owed): (Option<PayWhen>, u64), lines: &[Line]) -> Payment {
    Payment::of(when, owed, entries(lines))
}

/// What these lines come to.
#[must_use]
pub fn covered(lines: &[Line]) -> Covered {
    Covered::of(entries(lines))
}

fn entries(lines: &[Line]) -> impl Iterator<Item = (Entry, u64)> {
    let entry =
        |line: &Line| Some((Entry::parse(&line.act)?, u64::try_from(line.yen).unwrap_or(0)));
    lines.iter().filter_map(entry)
}

/// Records a line, and sends what the applicant is told with it. `fee` is when it is paid and what it comes to by
/// the answers of this version; `seen` is the last line that was seen, 0 for none.
///
/// # Errors
/// When the database cannot be written.
pub fn put(
    tx: &mut Tx<'_>,
    by: &By,
    (row, fee): (&Application, (Option<PayWhen>, u64)),
    (seen, new): (i32, &New),
    told: Option<&(Message, Sealed)>,
) -> QueryResult<Kept> {
    let lines = of(tx.db, &row.id)?;
    let line = Line {
        application_id: row.id.clone(),
        seq: seen.saturating_add(1),
        act: new.entry.key().to_owned(),
        yen: new.yen,
        way: new.way.clone(),
        paid_on: new.paid_on.clone(),
        words: new.words.clone(),
        at: by.at.as_microsecond(),
        staff_id: by.staff.clone(),
        staff_name: by.name.clone(),
    };
    let newest = lines.last();
    if newest.is_some_and(|one| *one == Line { at: one.at, ..line.clone() }) {
        return Ok(Kept::Before);
    }
    if newest.map_or(0, |one| one.seq) != seen || !stands(fee, &lines).takes(new.entry) {
        return Ok(Kept::Overtaken);
    }
    let (state, department, version): (String, String, i32) = applications::table
        .find(&row.id)
        .select((applications::state, applications::department_id, applications::version))
        .first(tx.db)?;
    // What is asked for was worked out from the answers of this version.
    let moved = version != row.version || department != row.department_id;
    let at = State::parse(&state).map_err(|error| DeserializationError(error.into()))?;
    if moved || (new.entry == Entry::Asked && !Payment::may_be_asked(at)) {
        return Ok(Kept::Overtaken);
    }
    let kept = each_backend!(tx.db, conn => diesel::insert_into(payments::table)
        .values(&line).on_conflict_do_nothing().execute(conn))?;
    if kept == 0 {
        return Err(diesel::result::Error::RollbackTransaction);
    }
    let hop = Hop {
        act: format!("payment_{}", new.entry.key()),
        actor: by.staff.clone(),
        actor_name: by.name.clone(),
        from: None,
        to: state,
        words: new.shown.clone(),
    };
    steps::remember(tx, &row.id, line.at, &hop)?;
    let act = match new.entry {
        Entry::Asked => "applications.payment_asked",
        Entry::Paid => "applications.payment_paid",
        Entry::Waived => "applications.payment_waived",
        Entry::Undone => "applications.payment_undone",
    };
    let detail = match new.entry {
        Entry::Paid => {
            format!("{} yen={} way={} paid_on={}", row.number, line.yen, line.way, line.paid_on)
        }
        Entry::Asked | Entry::Waived | Entry::Undone => {
            format!("{} yen={}", row.number, line.yen)
        }
    };
    by.record(tx, act, "application", &row.id, &detail);
    if let Some((message, sealed)) = told {
        messages::tell(tx, by, message, sealed)?;
    }
    Ok(Kept::Done)
}

/// What of an application is to be paid before its decision, in yen; 0 when nothing is.
///
/// # Errors
/// When the database cannot be read, or holds answers that do not read.
pub fn owes(db: &mut Db, procedure: &Procedure, row: &Application) -> QueryResult<u64> {
    if procedure.pay.when != Some(PayWhen::AtApplication) {
        return Ok(0);
    }
    let Some(stored) = file::answers(db, &row.id, row.round)? else {
        return Ok(0);
    };
    let answers: Answers = serde_json::from_str(&stored.answers)
        .map_err(|error| DeserializationError(error.into()))?;
    Ok(fees::owed(procedure, &answers))
}

/// The same for a step: what must be recorded before it, because it tells a decision.
///
/// # Errors
/// As [`owes`].
pub fn waits(
    db: &mut Db,
    procedure: &Procedure,
    row: &Application,
    hops: &[Hop],
) -> QueryResult<u64> {
    let tells = hops.iter().any(|hop| hop.act == Event::Notify.key());
    if tells { owes(db, procedure, row) } else { Ok(0) }
}

/// Whether so much was paid, or the decision goes on without it.
///
/// # Errors
/// When the database cannot be read.
pub fn settled(db: &mut Db, application: &str, owed: u64) -> QueryResult<bool> {
    // Nothing waits for a fee that is due after the review.
    let fee = (Some(PayWhen::AtApplication), owed);
    Ok(owed == 0 || stands(fee, &of(db, application)?).is_settled())
}
