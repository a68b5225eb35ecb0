//! Moves an application from state to state: the state, the message to the
//! citizen and the audit record stand or fall together (NF-34).

use diesel::prelude::*;
use diesel::result::Error::DeserializationError;
use domain::applications::{Event, State};
use domain::calendar::OfficeDays;
use jiff::Timestamp;
use platform_store::{Db, Tx};

use super::approvals;
use super::countdown;
use super::counts::{self, Pile};
use super::entered;
use super::inquiries;
use super::labels;
use super::payments;
use super::review;
use super::rows::{Application, Correction, Document};
use super::withdrawal_requests;
use crate::api::keys;
use crate::api::webhooks::{self, Came};
use crate::exports::waiting;
use crate::fillings;
use crate::notices;
use crate::numbers;
use crate::post::{self, Sealed};
use crate::record::By;
use crate::schema::{application_events, applications, corrections, issued_documents};

/// One move, as the history shows it. A step may have several: the person's own
/// and the automatic ones behind it.
#[derive(Clone, Debug)]
pub struct Hop {
    /// What happened, a catalogue key.
    pub act: String,
    /// Staff id, `applicant` or `system`.
    pub actor: String,
    /// Name to show.
    pub actor_name: String,
    /// State before.
    pub from: Option<String>,
    /// State after.
    pub to: String,
    /// Reason or note.
    pub words: String,
}

/// A planned step: made from the row the person saw, refused when somebody
/// else was faster.
#[derive(Clone, Debug)]
pub struct Step {
    /// Which application.
    pub application: String,
    /// Version the plan was made from.
    pub seen: i32,
    /// At least one.
    pub hops: Vec<Hop>,
    /// Request for correction, when this step asks for one.
    pub correction: Option<Correction>,
    /// Documents issued with this step.
    pub documents: Vec<Document>,
    /// What the citizen is told, sealed.
    pub messages: Vec<Sealed>,
    /// When the office is open.
    pub days: OfficeDays,
    /// Points of the review that must be marked before it (`Workflow::needs`).
    pub needs: Vec<String>,
    /// The fee that must be recorded as paid before it, in yen ([`payments::waits`]); 0 when nothing waits for one.
    pub fee: u64,
}

/// What came of a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Taken {
    /// It is done.
    Done,
    /// Somebody else changed the application in between.
    Overtaken {
        /// State now.
        state: String,
    },
    /// The decision is not approved (決裁); nothing changed.
    Unapproved,
    /// A point of the review is not marked (審査の確認項目); nothing changed.
    Unmarked,
    /// Who takes the step applied for it themselves (庁内の申請); nothing changed.
    Own,
    /// Its fee is not recorded as paid, or less than it comes to now (納付確認); nothing changed.
    Unpaid,
}

/// Takes a planned step.
///
/// # Errors
/// When the database cannot be written.
pub fn take(tx: &mut Tx<'_>, by: &By, step: &Step) -> QueryResult<Taken> {
    take_on(tx, by, step, by.at)
}

/// Takes a planned step that counts as done at another moment: a correction counts from when it
/// arrived in the citizens' zone.
///
/// # Errors
/// When the database cannot be written.
pub(super) fn take_on(tx: &mut Tx<'_>, by: &By, step: &Step, on: Timestamp) -> QueryResult<Taken> {
    let row = applications::table
        .find(&step.application)
        .select(Application::as_select())
        .first(tx.db)?;
    let Some(last) = step.hops.last() else {
        return Err(diesel::result::Error::RollbackTransaction);
    };
    if let Some(stopped) = stopped(tx.db, by, (&row, step))? {
        return Ok(stopped);
    }
    let to = State::parse(&last.to).map_err(|error| DeserializationError(error.into()))?;
    let (deadline_at, days_left) = countdown::columns(countdown::after(&row, to, on, &step.days));
    let unchanged =
        applications::table.find(&step.application).filter(applications::version.eq(step.seen));
    let moved = diesel::update(unchanged)
        .set((
            applications::state.eq(&last.to),
            applications::due.eq(step.correction.as_ref().map(|asked| &asked.due)),
            applications::deadline_at.eq(deadline_at),
            applications::days_left.eq(days_left),
            applications::version.eq(applications::version + 1),
            applications::updated_at.eq(by.at.as_microsecond()),
        ))
        .execute(tx.db)?;
    if moved == 0 {
        return Ok(Taken::Overtaken { state: row.state });
    }
    approvals::after(tx, &row, step)?;
    labels::moved(tx, &row.id, &last.to, deadline_at)?;
    move_pile(tx, &row, &last.to)?;
    waiting::place(tx, &row.id)?;
    let came = Came { row: &row, state: &last.to, version: step.seen + 1 };
    webhooks::tell(tx, &came, by.at)?;
    for hop in &step.hops {
        remember(tx, &row.id, by.at.as_microsecond(), hop)?;
        numbers::step(tx, by.at, &row.procedure_id, &hop.to, row.arrived_at)?;
        if decides(hop) {
            fillings::decided(tx, by.at, &row.procedure_id, row.arrived_at)?;
        }
        let from = hop.from.as_deref().unwrap_or("-");
        let detail = format!("{} {from} -> {}", row.number, hop.to);
        by.record(tx, &format!("applications.{}", hop.act), "application", &row.id, &detail);
    }
    inquiries::after(tx, by, &row.id, &last.to)?;
    withdrawal_requests::after(tx, by, &row, (to, &step.hops))?;
    if let Some(asked) = &step.correction {
        diesel::insert_into(corrections::table).values(asked).execute(tx.db)?;
    }
    for document in &step.documents {
        diesel::insert_into(issued_documents::table).values(document).execute(tx.db)?;
        by.record(tx, "documents.issued", "document", &document.id, &document.sha256);
    }
    if entered::is_online(tx.db, &row.id)? {
        for message in &step.messages {
            post::put(tx, message, by.at)?;
        }
    } else {
        // The citizens' zone knows nothing of it: who left an address gets a mail from here.
        notices::tell(tx, &row, by.at)?;
    }
    Ok(Taken::Done)
}

/// What stands in the way of a step of this application as it is now; `None` when nothing does. Before a step is
/// taken it is asked to foresee what would come of it, and asked again when it is taken.
///
/// # Errors
/// When the database cannot be read.
pub fn stopped(
    db: &mut Db,
    by: &By,
    (row, step): (&Application, &Step),
) -> QueryResult<Option<Taken>> {
    if row.version == step.seen && !approvals::allow(db, row, step)? {
        return Ok(Some(Taken::Unapproved));
    }
    if row.version == step.seen && !review::allow(db, &row.id, &step.needs)? {
        return Ok(Some(Taken::Unmarked));
    }
    if is_own(db, by, (row, step))? {
        return Ok(Some(Taken::Own));
    }
    if row.version == step.seen && !payments::settled(db, &row.id, step.fee)? {
        return Ok(Some(Taken::Unpaid));
    }
    Ok(None)
}

/// Whether somebody at a desk works on what they applied for themselves (NB-2.1): as themselves, or with
/// a key whose secret they saw. Who applied never changes. Correcting and taking back are the applicant's.
fn is_own(db: &mut Db, by: &By, (row, step): (&Application, &Step)) -> QueryResult<bool> {
    if row.applied_by.is_none() {
        return Ok(false);
    }
    let works = |hop: &Hop| !Event::parse(&hop.act).is_some_and(Event::is_by_applicant);
    if !step.hops.iter().any(|hop| hop.actor == by.staff && works(hop)) {
        return Ok(false);
    }
    match by.staff.strip_prefix("key:") {
        None => Ok(row.is_of(&by.staff)),
        Some(key) => Ok(keys::find(db, key)?.is_some_and(|key| row.is_of(&key.made_by))),
    }
}

/// Whether a move decides; what takes a later move back does not.
fn decides(hop: &Hop) -> bool {
    hop.act == Event::Notify.key() || hop.act == Event::Reject.key()
}

fn move_pile(tx: &mut Tx<'_>, row: &Application, to: &str) -> QueryResult<()> {
    let pile = |state| Pile { department: &row.department_id, procedure: &row.procedure_id, state };
    counts::add(tx, &pile(&row.state), -1)?;
    counts::add(tx, &pile(to), 1)
}

/// Adds a line to the history.
pub(super) fn remember(tx: &mut Tx<'_>, application: &str, at: i64, hop: &Hop) -> QueryResult<()> {
    let last = application_events::table
        .filter(application_events::application_id.eq(application))
        .select(diesel::dsl::max(application_events::seq))
        .first::<Option<i32>>(tx.db)?;
    let version: i32 =
        applications::table.find(application).select(applications::version).first(tx.db)?;
    diesel::insert_into(application_events::table)
        .values((
            application_events::application_id.eq(application),
            application_events::seq.eq(last.unwrap_or(0) + 1),
            application_events::at.eq(at),
            application_events::actor.eq(&hop.actor),
            application_events::actor_name.eq(&hop.actor_name),
            application_events::act.eq(&hop.act),
            application_events::from_state.eq(&hop.from),
            application_events::to_state.eq(&hop.to),
            application_events::words.eq(&hop.words),
            application_events::version.eq(version),
        ))
        .execute(tx.db)
        .map(drop)
}
