//! What a citizen sees of an application after it arrived.

use std::collections::HashMap;

use diesel::dsl::exists;
use diesel::prelude::*;
use platform_store::{Db, Tx};

use super::messages::Writer;
use crate::identity::Owner;
use crate::schema::{
    application_steps, applications, corrections, documents, held_files, messages,
};

/// Applications that one page tells to do something about, for each reason.
const MOST_TO_DO: i64 = 100;

/// An application as this zone knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Application {
    /// Identifier.
    pub id: String,
    /// Receipt number.
    pub number: String,
    /// The procedure.
    pub procedure_id: String,
    /// The revision it was made with.
    pub revision: i64,
    /// Who applied; `None` for an application nobody owns.
    pub owner: Option<Owner>,
    /// Sealed address for mails to a guest.
    pub contact_sealed: Option<Vec<u8>>,
    /// Sealed secret of a guest, for a while after arrival.
    pub secret_sealed: Option<Vec<u8>>,
    /// Microseconds.
    pub arrived_at: i64,
    /// Key of the state.
    pub state: String,
    /// Since when, microseconds.
    pub state_at: i64,
    /// Words of the department for the citizen.
    pub note: String,
    /// When the next step is expected, in words or as a date.
    pub expected: String,
    /// Until when the owner has read what the department wrote, microseconds.
    pub read_at: i64,
    /// The department it was handed over to; empty as long as it is where it was sent.
    pub department_id: String,
}

type Row = (
    String,
    String,
    String,
    i64,
    Option<String>,
    Option<String>,
    Option<Vec<u8>>,
    Option<Vec<u8>>,
    i64,
    String,
    i64,
    String,
    String,
    i64,
    String,
);

macro_rules! columns {
    () => {
        (
            applications::id,
            applications::number,
            applications::procedure_id,
            applications::revision,
            applications::account_id,
            applications::guest_id,
            applications::contact_sealed,
            applications::secret_sealed,
            applications::arrived_at,
            applications::state,
            applications::state_at,
            applications::note,
            applications::expected,
            applications::read_at,
            applications::department_id,
        )
    };
}

fn application(row: Row) -> Application {
    let (
        id,
        number,
        procedure_id,
        revision,
        account,
        guest,
        contact_sealed,
        secret_sealed,
        arrived_at,
        state,
        state_at,
        note,
        expected,
        read_at,
        department_id,
    ) = row;
    Application {
        id,
        number,
        procedure_id,
        revision,
        owner: Owner::from_columns(account, guest),
        contact_sealed,
        secret_sealed,
        arrived_at,
        state,
        state_at,
        note,
        expected,
        read_at,
        department_id,
    }
}

/// One application.
///
/// # Errors
/// When the database cannot be read.
pub fn find(db: &mut Db, id: &str) -> QueryResult<Option<Application>> {
    let row: Option<Row> = applications::table.find(id).select(columns!()).first(db).optional()?;
    Ok(row.map(application))
}

/// The application with this number.
///
/// # Errors
/// When the database cannot be read.
pub fn by_number(db: &mut Db, number: &str) -> QueryResult<Option<Application>> {
    let row: Option<Row> = applications::table
        .filter(applications::number.eq(number))
        .select(columns!())
        .first(db)
        .optional()?;
    Ok(row.map(application))
}

/// `(id, keyed hash of the secret)` of the application with this number.
///
/// # Errors
/// When the database cannot be read.
pub fn secret_of(db: &mut Db, number: &str) -> QueryResult<Option<(String, Option<Vec<u8>>)>> {
    applications::table
        .filter(applications::number.eq(number))
        .select((applications::id, applications::secret_hash))
        .first(db)
        .optional()
}

/// Applications of one person, newest first.
///
/// # Errors
/// When the database cannot be read.
pub fn of(db: &mut Db, owner: &Owner, limit: i64, offset: i64) -> QueryResult<Vec<Application>> {
    let newest = applications::table
        .order((applications::arrived_at.desc(), applications::id.desc()))
        .limit(limit)
        .offset(offset);
    let rows: Vec<Row> = match owner {
        Owner::Account(id) => {
            newest.filter(applications::account_id.eq(id)).select(columns!()).load(db)?
        }
        Owner::Guest(id) => {
            newest.filter(applications::guest_id.eq(id)).select(columns!()).load(db)?
        }
    };
    Ok(rows.into_iter().map(application).collect())
}

/// The applications that these drafts became, with the draft of each, newest first.
///
/// # Errors
/// When the database cannot be read.
pub fn from_drafts(db: &mut Db, drafts: &[String]) -> QueryResult<Vec<(String, Application)>> {
    let rows: Vec<(String, Row)> = applications::table
        .filter(applications::draft_id.eq_any(drafts))
        .order((applications::arrived_at.desc(), applications::id.desc()))
        .select((applications::draft_id, columns!()))
        .load(db)?;
    Ok(rows.into_iter().map(|(draft, row)| (draft, application(row))).collect())
}

/// One step of the way after arrival.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Key of the state reached.
    pub state: String,
    /// When, microseconds.
    pub at: i64,
    /// Words of the department.
    pub note: String,
    /// What it says beside the state.
    pub turn: Option<Turn>,
}

/// What a step of the way says beside its state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// The applicant withdrew and the staff zone was faster.
    Late,
    /// The same, and somebody else has a seat it gave up.
    LateFull,
    /// The applicant asked the office to let it be withdrawn (取下げの申出).
    Asked,
    /// They took that back.
    TakenBack,
    /// The office agreed.
    Granted,
    /// The office did not agree.
    Declined,
    /// It was decided before the office answered.
    Over,
    /// The office took it up again (再開).
    Reopened,
    /// The same, and somebody else has a seat it gave up.
    ReopenedFull,
}

impl Turn {
    /// Every one, for the test that each has its words.
    pub const ALL: [Self; 9] = [
        Self::Late,
        Self::LateFull,
        Self::Asked,
        Self::TakenBack,
        Self::Granted,
        Self::Declined,
        Self::Over,
        Self::Reopened,
        Self::ReopenedFull,
    ];

    /// How it is stored, and the end of its key in the catalogue.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Late => "late",
            Self::LateFull => "late_full",
            Self::Asked => "asked",
            Self::TakenBack => "taken_back",
            Self::Granted => "granted",
            Self::Declined => "declined",
            Self::Over => "over",
            Self::Reopened => "reopened",
            Self::ReopenedFull => "reopened_full",
        }
    }

    /// Reads [`Self::key`]; `None` for any other text.
    #[must_use]
    pub fn parse(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|turn| turn.key() == key)
    }

    /// Key of its sentence in the catalogue.
    #[must_use]
    pub const fn words_key(self) -> &'static str {
        match self {
            Self::Late => "applications.turn.late",
            Self::LateFull => "applications.turn.late_full",
            Self::Asked => "applications.turn.asked",
            Self::TakenBack => "applications.turn.taken_back",
            Self::Granted => "applications.turn.granted",
            Self::Declined => "applications.turn.declined",
            Self::Over => "applications.turn.over",
            Self::Reopened => "applications.turn.reopened",
            Self::ReopenedFull => "applications.turn.reopened_full",
        }
    }
}

/// A file that could not be taken over.
#[derive(Clone, Debug, PartialEq, Eq, Queryable)]
pub struct HeldFile {
    /// Sequence within the application.
    pub seq: i64,
    /// Sealed name.
    pub name_sealed: Vec<u8>,
    /// Reason code.
    pub reason: String,
    /// When, microseconds.
    pub at: i64,
}

/// A request for a correction.
#[derive(Clone, Debug, PartialEq, Eq, Queryable)]
pub struct Correction {
    /// Which request of this application.
    pub round: i64,
    /// Sealed: reason, flagged fields, answers so far.
    pub asked_sealed: Vec<u8>,
    /// ISO date by which to answer; may be empty.
    pub due: String,
    /// When, microseconds.
    pub asked_at: i64,
    /// When it was answered, microseconds.
    pub answered_at: Option<i64>,
}

/// Everything told about one application, oldest first.
#[derive(Clone, Debug, Default)]
pub struct Story {
    /// States reached after arrival.
    pub steps: Vec<Step>,
    /// Files held.
    pub held: Vec<HeldFile>,
    /// Corrections asked for.
    pub corrections: Vec<Correction>,
}

impl Story {
    /// The correction that waits for an answer.
    #[must_use]
    pub fn open_correction(&self) -> Option<&Correction> {
        self.corrections.iter().rev().find(|correction| correction.answered_at.is_none())
    }
}

/// Whether the form it goes on under is still on its way here (版の移し替え).
///
/// # Errors
/// When the database cannot be read.
pub fn awaits_form(db: &mut Db, id: &str) -> QueryResult<bool> {
    let awaited: Option<Option<i64>> =
        applications::table.find(id).select(applications::next_revision).first(db).optional()?;
    Ok(awaited.flatten().is_some())
}

/// Reads the story of an application.
///
/// # Errors
/// When the database cannot be read.
pub fn story(db: &mut Db, id: &str) -> QueryResult<Story> {
    let steps: Vec<(String, i64, String, String)> = application_steps::table
        .filter(application_steps::application_id.eq(id))
        .order(application_steps::seq)
        .select((
            application_steps::state,
            application_steps::at,
            application_steps::note,
            application_steps::turn,
        ))
        .load(db)?;
    let step = |(state, at, note, turn): (String, i64, String, String)| Step {
        state,
        at,
        note,
        turn: Turn::parse(&turn),
    };
    Ok(Story {
        steps: steps.into_iter().map(step).collect(),
        held: held_files::table
            .filter(held_files::application_id.eq(id))
            .order(held_files::seq)
            .select((held_files::seq, held_files::name_sealed, held_files::reason, held_files::at))
            .load(db)?,
        corrections: corrections::table
            .filter(corrections::application_id.eq(id))
            .order(corrections::round)
            .select((
                corrections::round,
                corrections::asked_sealed,
                corrections::due,
                corrections::asked_at,
                corrections::answered_at,
            ))
            .load(db)?,
    })
}

/// How many applications a person has.
///
/// # Errors
/// When the database cannot be read.
pub fn count(db: &mut Db, owner: &Owner) -> QueryResult<u64> {
    let count: i64 = match owner {
        Owner::Account(id) => {
            applications::table.filter(applications::account_id.eq(id)).count().get_result(db)?
        }
        Owner::Guest(id) => {
            applications::table.filter(applications::guest_id.eq(id)).count().get_result(db)?
        }
    };
    Ok(u64::try_from(count).unwrap_or(0))
}

/// What of an account's applications waits for it, oldest news first.
#[derive(Clone, Debug, Default)]
pub struct ToDo {
    /// Applications to correct.
    pub correct: Vec<Application>,
    /// Applications about which the department wrote something that was not read.
    pub read: Vec<Application>,
    /// Applications with a document that was not opened.
    pub open: Vec<Application>,
}

impl ToDo {
    /// The applications, some more than once.
    pub fn applications(&self) -> impl Iterator<Item = &Application> {
        self.correct.iter().chain(&self.read).chain(&self.open)
    }
}

/// Looks for what waits for an account.
///
/// # Errors
/// When the database cannot be read.
pub fn to_do(db: &mut Db, account: &str) -> QueryResult<ToDo> {
    let own = || {
        applications::table
            .filter(applications::account_id.eq(account))
            .order((applications::state_at, applications::id))
            .limit(MOST_TO_DO)
    };
    let unread = messages::table
        .filter(messages::application_id.eq(applications::id))
        .filter(messages::writer.eq(Writer::Staff.word()))
        .filter(messages::at.gt(applications::read_at));
    let unopened = documents::table
        .filter(documents::application_id.eq(applications::id))
        .filter(documents::opened_at.is_null())
        .filter(documents::message_id.is_null());
    let correct: Vec<Row> =
        own().filter(applications::state.like("correction:%")).select(columns!()).load(db)?;
    let read: Vec<Row> = own().filter(exists(unread)).select(columns!()).load(db)?;
    let open: Vec<Row> = own().filter(exists(unopened)).select(columns!()).load(db)?;
    let told = |rows: Vec<Row>| rows.into_iter().map(application).collect();
    Ok(ToDo { correct: told(correct), read: told(read), open: told(open) })
}

/// Until when each of these is to be corrected, as ISO dates; those without a day are left out.
///
/// # Errors
/// When the database cannot be read.
pub fn due(db: &mut Db, ids: &[String]) -> QueryResult<HashMap<String, String>> {
    let rows: Vec<(String, String)> = corrections::table
        .filter(corrections::application_id.eq_any(ids))
        .filter(corrections::answered_at.is_null())
        .filter(corrections::due.ne(""))
        .order(corrections::round)
        .select((corrections::application_id, corrections::due))
        .load(db)?;
    Ok(rows.into_iter().collect())
}

/// Applications of an account beside these, newest first.
///
/// # Errors
/// When the database cannot be read.
pub fn others(
    db: &mut Db,
    account: &str,
    these: &[String],
    (limit, offset): (i64, i64),
) -> QueryResult<Vec<Application>> {
    let rows: Vec<Row> = applications::table
        .filter(applications::account_id.eq(account))
        .filter(applications::id.ne_all(these))
        .order((applications::arrived_at.desc(), applications::id.desc()))
        .limit(limit)
        .offset(offset)
        .select(columns!())
        .load(db)?;
    Ok(rows.into_iter().map(application).collect())
}

/// A correction nobody answered whose day comes near or is today.
#[derive(Clone, Debug, PartialEq, Eq, Queryable)]
pub struct DueCorrection {
    /// Of which application.
    pub application_id: String,
    /// Which request of it.
    pub round: i64,
    /// Its day, ISO.
    pub due: String,
    /// Which reminder went out last: none, [`SOON`] or [`DAY`].
    pub reminded: String,
}

/// The reminder some days before the day of a correction.
pub const SOON: &str = "soon";
/// The reminder on its day.
pub const DAY: &str = "day";

/// Corrections to remind of: those of today that were not told today, and those due until `until` that
/// were never told and asked for before `asked`, the nearest first.
///
/// # Errors
/// When the database cannot be read.
pub fn corrections_due(
    db: &mut Db,
    (today, until): (&str, &str),
    asked: i64,
    limit: i64,
) -> QueryResult<Vec<DueCorrection>> {
    let now = corrections::due.eq(today).and(corrections::reminded.ne(DAY));
    let soon = corrections::due
        .gt(today)
        .and(corrections::due.le(until))
        .and(corrections::reminded.eq(""))
        .and(corrections::asked_at.lt(asked));
    corrections::table
        .filter(corrections::answered_at.is_null())
        .filter(now.or(soon))
        .order((corrections::due, corrections::application_id))
        .limit(limit)
        .select((
            corrections::application_id,
            corrections::round,
            corrections::due,
            corrections::reminded,
        ))
        .load(db)
}

/// Notes that a reminder goes out; `false` when it went, or the correction was answered.
///
/// # Errors
/// When the database cannot be written.
pub fn remind(tx: &mut Tx<'_>, of: &DueCorrection, reminder: &str) -> QueryResult<bool> {
    let waits = corrections::table
        .find((&of.application_id, of.round))
        .filter(corrections::answered_at.is_null())
        .filter(corrections::reminded.eq(&of.reminded));
    let noted = diesel::update(waits).set(corrections::reminded.eq(reminder)).execute(tx.db)?;
    Ok(noted == 1)
}

/// Forgets the sealed secrets of applications that arrived before `before`; the
/// hash to compare with stays. Returns how many.
///
/// # Errors
/// When the database cannot be written.
pub fn forget_secrets(tx: &mut Tx<'_>, before: i64) -> QueryResult<usize> {
    diesel::update(
        applications::table
            .filter(applications::secret_sealed.is_not_null())
            .filter(applications::arrived_at.lt(before)),
    )
    .set(applications::secret_sealed.eq(None::<Vec<u8>>))
    .execute(tx.db)
}
