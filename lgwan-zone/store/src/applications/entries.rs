//! What a clerk is entering from paper, phone or fax (IK-2.1.2a3), or fills in for an internal procedure
//! as themselves (NB-2.1): a draft of that person, which becomes an application, or the answer to a correction, in one transaction.

use std::collections::BTreeMap;

use diesel::prelude::*;
use domain::applications::Channel;
use domain::procedures::is_trial;
use platform_store::{Db, Tx, time};

use super::arrive::{self, Arrival, Arrived, Corrected};
use super::entered::{self, Entered};
use super::{file, over};
use crate::notices;
use crate::numbers::{self, What};
use crate::record::By;
use crate::schema::{application_keys, applications, entry_drafts, entry_files};

/// Days after the last save for which a draft is kept.
pub const KEPT_DAYS: i64 = 30;
/// Drafts shown to a clerk.
const MOST: i64 = 50;
/// Hits of a search for the same person that are looked at.
const ALIKE: i64 = 20;

/// A draft as stored. Times are microseconds.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = entry_drafts)]
pub struct Draft {
    /// Identifier.
    pub id: String,
    /// What is applied for.
    pub procedure_id: String,
    /// Revision of its definition.
    pub revision: i32,
    /// Whose draft it is.
    pub staff_id: String,
    /// Key of the [`Channel`].
    pub channel: String,
    /// Day of receipt, ISO: deadlines count from it.
    pub received_on: String,
    /// Address for notices; may be empty.
    pub email: String,
    /// JSON: input name to values.
    pub answers: String,
    /// JSON: field to the reason for taking it as it is.
    pub reasons: String,
    /// Moves by one with every save.
    pub version: i32,
    /// When it was begun.
    pub began_at: i64,
    /// When it was saved last.
    pub saved_at: i64,
    /// The application whose correction is entered; none for a new one.
    pub corrects: Option<String>,
    /// What became of it.
    pub application_id: Option<String>,
}

/// A scan in a draft.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = entry_files)]
pub struct Scan {
    /// Identifier, and where it is kept.
    pub id: String,
    /// Of which draft.
    pub draft_id: String,
    /// For which field.
    pub field: String,
    /// Name the clerk gave.
    pub name: String,
    /// Media type, by its first bytes.
    pub media: String,
    /// Bytes.
    pub size: i64,
    /// Lower-case hex SHA-256.
    pub sha256: String,
}

/// An entry, checked and ready to be kept.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Of which draft.
    pub draft: String,
    /// Version the clerk saw.
    pub seen: i32,
    /// Reasons for what the rules of the form do not take, by field.
    pub reasons: BTreeMap<String, String>,
    /// What is kept.
    pub made: Made,
}

/// What an entry becomes.
#[derive(Clone, Debug)]
pub enum Made {
    /// An application; its number is given when it is kept.
    Application {
        /// The arrival.
        arrival: Box<Arrival>,
        /// How it came.
        channel: Channel,
        /// 年度 of its number.
        fiscal_year: i16,
    },
    /// The answer to a correction.
    Correction(Box<Corrected>),
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kept {
    /// It is this application.
    As(String),
    /// The draft was changed elsewhere, or is gone.
    Overtaken,
    /// Nobody waits for this correction any more. The draft stays as it was saved.
    Over,
}

/// Begins a draft; gives the files that belong to nothing now. What the same person began before the newest
/// request for correction was asked is dropped.
///
/// # Errors
/// When the database cannot be written.
pub fn begin(tx: &mut Tx<'_>, by: &By, draft: &Draft) -> QueryResult<Vec<String>> {
    let gone = match &draft.corrects {
        Some(application) => discard_earlier(tx, by, &draft.staff_id, application)?,
        None => Vec::new(),
    };
    diesel::insert_into(entry_drafts::table).values(draft).execute(tx.db)?;
    let act = if draft.channel == Channel::Staff.key() {
        "applications.internal_begun"
    } else {
        "applications.entry_begun"
    };
    by.record(tx, act, "entry", &draft.id, &draft.procedure_id);
    Ok(gone)
}

/// Drops the drafts in which this person entered an earlier correction of an application.
fn discard_earlier(
    tx: &mut Tx<'_>,
    by: &By,
    staff: &str,
    application: &str,
) -> QueryResult<Vec<String>> {
    let Some(asked) = file::last_asked(tx.db, application)? else {
        return Ok(Vec::new());
    };
    let earlier: Vec<String> = entry_drafts::table
        .filter(entry_drafts::staff_id.eq(staff))
        .filter(entry_drafts::application_id.is_null())
        .filter(entry_drafts::corrects.eq(application))
        .filter(entry_drafts::began_at.lt(asked.asked_at))
        .select(entry_drafts::id)
        .load(tx.db)?;
    let mut files = Vec::new();
    for id in &earlier {
        files.extend(discard(tx, by, id)?);
    }
    Ok(files)
}

/// A draft of this person with its scans; those of others look as if they were not there.
///
/// # Errors
/// When the database cannot be read.
pub fn find(db: &mut Db, staff: &str, id: &str) -> QueryResult<Option<(Draft, Vec<Scan>)>> {
    let own = entry_drafts::table.find(id).filter(entry_drafts::staff_id.eq(staff));
    let Some(draft) = own.select(Draft::as_select()).first(db).optional()? else {
        return Ok(None);
    };
    Ok(Some((draft, scans(db, id)?)))
}

fn scans(db: &mut Db, draft: &str) -> QueryResult<Vec<Scan>> {
    entry_files::table
        .filter(entry_files::draft_id.eq(draft))
        .order(entry_files::id)
        .select(Scan::as_select())
        .load(db)
}

/// Drafts of this person that came one of these ways and are not sent yet, the newest first, and whether there
/// are more than are given.
///
/// # Errors
/// When the database cannot be read.
pub fn open(db: &mut Db, staff: &str, channels: &[Channel]) -> QueryResult<(Vec<Draft>, bool)> {
    let channels: Vec<&str> = channels.iter().map(|channel| channel.key()).collect();
    let mut drafts: Vec<Draft> = entry_drafts::table
        .filter(entry_drafts::staff_id.eq(staff))
        .filter(entry_drafts::channel.eq_any(channels))
        .filter(entry_drafts::application_id.is_null())
        .order(entry_drafts::saved_at.desc())
        .limit(MOST + 1)
        .select(Draft::as_select())
        .load(db)?;
    let most = usize::try_from(MOST).unwrap_or(usize::MAX);
    let more = drafts.len() > most;
    drafts.truncate(most);
    Ok((drafts, more))
}

/// The draft in which this person enters the correction of an application that was asked for last; what was
/// begun before is of an earlier one.
///
/// # Errors
/// When the database cannot be read.
pub fn correcting(db: &mut Db, staff: &str, application: &str) -> QueryResult<Option<String>> {
    let Some(asked) = file::last_asked(db, application)? else {
        return Ok(None);
    };
    entry_drafts::table
        .filter(entry_drafts::staff_id.eq(staff))
        .filter(entry_drafts::application_id.is_null())
        .filter(entry_drafts::corrects.eq(application))
        .filter(entry_drafts::began_at.ge(asked.asked_at))
        .select(entry_drafts::id)
        .first(db)
        .optional()
}

/// Saves a draft as it is given with its scans; `false` when it was saved elsewhere since.
///
/// # Errors
/// When the database cannot be written.
pub fn save(tx: &mut Tx<'_>, draft: &Draft, scans: &[Scan]) -> QueryResult<bool> {
    let unchanged = entry_drafts::table
        .find(&draft.id)
        .filter(entry_drafts::version.eq(draft.version))
        .filter(entry_drafts::application_id.is_null());
    let saved = diesel::update(unchanged)
        .set((
            entry_drafts::revision.eq(draft.revision),
            entry_drafts::channel.eq(&draft.channel),
            entry_drafts::received_on.eq(&draft.received_on),
            entry_drafts::email.eq(&draft.email),
            entry_drafts::answers.eq(&draft.answers),
            entry_drafts::reasons.eq(&draft.reasons),
            entry_drafts::version.eq(entry_drafts::version + 1),
            entry_drafts::saved_at.eq(draft.saved_at),
        ))
        .execute(tx.db)?;
    if saved == 0 {
        return Ok(false);
    }
    forget_scans(tx, &draft.id)?;
    for scan in scans {
        diesel::insert_into(entry_files::table).values(scan).execute(tx.db)?;
    }
    Ok(true)
}

fn forget_scans(tx: &mut Tx<'_>, draft: &str) -> QueryResult<()> {
    let own = entry_files::table.filter(entry_files::draft_id.eq(draft));
    diesel::delete(own).execute(tx.db).map(drop)
}

/// Drops a draft; gives the files that belong to nothing now.
///
/// # Errors
/// When the database cannot be written.
pub fn discard(tx: &mut Tx<'_>, by: &By, id: &str) -> QueryResult<Vec<String>> {
    let files = scans(tx.db, id)?.into_iter().map(|scan| scan.id).collect();
    forget_scans(tx, id)?;
    let open = entry_drafts::table.find(id).filter(entry_drafts::application_id.is_null());
    diesel::delete(open).execute(tx.db)?;
    by.record(tx, "applications.entry_discarded", "entry", id, "");
    Ok(files)
}

/// Drops every draft for a trial that ends, with its scans, whose files are doomed.
///
/// # Errors
/// When the database cannot be written.
pub(crate) fn forget_trial(tx: &mut Tx<'_>, trial: &str) -> QueryResult<()> {
    let here = entry_drafts::procedure_id.eq(trial);
    let drafts: Vec<String> =
        entry_drafts::table.filter(here).select(entry_drafts::id).load(tx.db)?;
    let theirs = || entry_files::table.filter(entry_files::draft_id.eq_any(&drafts));
    let files: Vec<String> = theirs().select(entry_files::id).load(tx.db)?;
    over::doom_files(tx, files)?;
    diesel::delete(theirs()).execute(tx.db)?;
    diesel::delete(entry_drafts::table.filter(here)).execute(tx.db).map(drop)
}

/// Drafts nobody saved since, microseconds.
///
/// # Errors
/// When the database cannot be read.
pub fn left(db: &mut Db, before: i64) -> QueryResult<Vec<String>> {
    entry_drafts::table
        .filter(entry_drafts::saved_at.lt(before))
        .filter(entry_drafts::application_id.is_null())
        .limit(MOST)
        .select(entry_drafts::id)
        .load(db)
}

/// Makes the application, or answers the correction. Pressing twice finds the first.
///
/// # Errors
/// When the database cannot be written.
pub fn keep(tx: &mut Tx<'_>, by: &By, entry: &Entry) -> QueryResult<Kept> {
    let id = match &entry.made {
        Made::Application { arrival, .. } => &arrival.application.id,
        Made::Correction(corrected) => &corrected.answers.application_id,
    };
    if let Made::Correction(corrected) = &entry.made
        && is_open(tx.db, &entry.draft)?
        && !arrive::awaits(tx.db, corrected)?
    {
        return Ok(Kept::Over);
    }
    let open = entry_drafts::table
        .find(&entry.draft)
        .filter(entry_drafts::staff_id.eq(&by.staff))
        .filter(entry_drafts::version.eq(entry.seen))
        .filter(entry_drafts::application_id.is_null());
    let ended = diesel::update(open)
        .set((
            entry_drafts::application_id.eq(id),
            entry_drafts::answers.eq("{}"),
            entry_drafts::reasons.eq("{}"),
            entry_drafts::email.eq(""),
        ))
        .execute(tx.db)?;
    if ended == 0 {
        let before = find(tx.db, &by.staff, &entry.draft)?;
        let known = before.and_then(|(draft, _)| draft.application_id);
        return Ok(known.map_or(Kept::Overtaken, Kept::As));
    }
    forget_scans(tx, &entry.draft)?;
    match &entry.made {
        Made::Application { arrival, channel, fiscal_year } => {
            enter(tx, by, entry, (arrival, *channel, *fiscal_year))?;
        }
        Made::Correction(corrected) => match arrive::correct(tx, by, corrected)? {
            Arrived::Kept => {
                let round = corrected.answers.round;
                entered::keep_reasons(tx, by, (id, round), &entry.reasons)?;
            }
            Arrived::Before => return Err(diesel::result::Error::RollbackTransaction),
        },
    }
    Ok(Kept::As(id.clone()))
}

/// Whether nothing became of a draft yet.
fn is_open(db: &mut Db, draft: &str) -> QueryResult<bool> {
    let open = entry_drafts::table.find(draft).filter(entry_drafts::application_id.is_null());
    Ok(open.count().get_result::<i64>(db)? == 1)
}

fn enter(
    tx: &mut Tx<'_>,
    by: &By,
    entry: &Entry,
    (arrival, channel, fiscal_year): (&Arrival, Channel, i16),
) -> QueryResult<()> {
    let mut arrival = arrival.clone();
    let on_trial = is_trial(&arrival.application.procedure_id);
    arrival.application.number = entered::next_number(tx, fiscal_year, on_trial)?.to_string();
    let row = &arrival.application;
    arrive::keep(tx, by, &arrival)?;
    numbers::add(tx, time::from_micros(row.arrived_at), &row.procedure_id, What::of(channel), 1)?;
    entered::note(
        tx,
        &Entered {
            application_id: row.id.clone(),
            channel: channel.key().to_owned(),
            entered_at: by.at.as_microsecond(),
            staff_id: by.staff.clone(),
            staff_name: by.name.clone(),
        },
    )?;
    entered::keep_reasons(tx, by, (&row.id, 0), &entry.reasons)?;
    notices::tell(tx, row, by.at)?;
    let detail = format!("{} {}", row.number, channel.key());
    let act = if channel == Channel::Staff {
        "applications.internal_sent"
    } else {
        "applications.entered"
    };
    by.record(tx, act, "application", &row.id, &detail);
    Ok(())
}

/// An application that may be of the same person.
#[derive(Clone, Debug, PartialEq, Eq, Queryable)]
pub struct Alike {
    /// Identifier.
    pub id: String,
    /// Receipt number.
    pub number: String,
    /// Procedure.
    pub procedure_id: String,
    /// State code.
    pub state: String,
    /// Applicant.
    pub applicant_name: String,
    /// Arrival, microseconds.
    pub arrived_at: i64,
    /// JSON: its newest answers.
    pub answers: String,
}

/// Applications of these departments in one of these states that are found under a key of this one:
/// name, reading or address. The newest first. One of a trial is like those of its trial alone, and no
/// other is like one of a trial.
///
/// # Errors
/// When the database cannot be read.
pub fn alike_to(
    db: &mut Db,
    departments: &[String],
    application: &str,
    states: &[String],
) -> QueryResult<Vec<Alike>> {
    let keys: Vec<String> = application_keys::table
        .filter(application_keys::application_id.eq(application))
        .select(application_keys::search_key)
        .load(db)?;
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    let own: Option<String> = applications::table
        .find(application)
        .select(applications::procedure_id)
        .first(db)
        .optional()?;
    let trial = own.filter(|procedure| is_trial(procedure));
    let mut found = under(db, departments, (&keys, states), trial.as_deref())?;
    found.retain(|one| one.id != application);
    Ok(found)
}

/// Applications of these departments in one of these states that are found under one of these
/// keys: name, reading or address. The newest first; trials aside.
///
/// # Errors
/// When the database cannot be read.
pub fn alike(
    db: &mut Db,
    departments: &[String],
    keys: &[String],
    states: &[String],
) -> QueryResult<Vec<Alike>> {
    under(db, departments, (keys, states), None)
}

/// The same of a trial, or without one of everything else.
fn under(
    db: &mut Db,
    departments: &[String],
    (keys, states): (&[String], &[String]),
    trial: Option<&str>,
) -> QueryResult<Vec<Alike>> {
    use crate::schema::application_answers as answers;
    let query = application_keys::table
        .inner_join(applications::table.on(applications::id.eq(application_keys::application_id)))
        .filter(application_keys::department_id.eq_any(departments))
        .filter(application_keys::search_key.eq_any(keys))
        .filter(applications::state.eq_any(states))
        .order(application_keys::arrived_at.desc())
        .limit(ALIKE * 2)
        .select(application_keys::application_id)
        .into_boxed();
    let query = of_trial!(query, trial);
    let ids: Vec<String> = query.load(db)?;
    applications::table
        .inner_join(
            answers::table.on(answers::application_id
                .eq(applications::id)
                .and(answers::round.eq(applications::round))),
        )
        .filter(applications::id.eq_any(ids))
        .order(applications::arrived_at.desc())
        .limit(ALIKE)
        .select((
            applications::id,
            applications::number,
            applications::procedure_id,
            applications::state,
            applications::applicant_name,
            applications::arrived_at,
            answers::answers,
        ))
        .load(db)
}
