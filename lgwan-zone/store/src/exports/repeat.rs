//! Putting a generation out again (再出力): always as a new generation that
//! names the one it repeats, with a reason, and with a second person where the
//! job asks for one. The ledger keeps where each application left first
//! (IK-3.5.7b).

use diesel::dsl::exists;
use diesel::prelude::*;
use platform_store::{Db, Tx, insert_many};

use super::held::LeftOut;
use super::{Generation, generation_of, is_writing, job, members, next};
use crate::record::By;
use crate::schema::{
    export_generations, export_record_errors as errors, export_repeated as repeated,
    export_requests as requests,
};

/// Which applications of a generation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// All of them.
    All,
    /// Those that were not taken in.
    Failed,
}

impl Part {
    /// Word in the table and in forms.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Failed => "failed",
        }
    }

    /// Reads [`Self::key`].
    #[must_use]
    pub fn parse(key: &str) -> Option<Self> {
        [Self::All, Self::Failed].into_iter().find(|part| part.key() == key)
    }
}

/// A wish that a second person must agree to.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = requests)]
pub struct Request {
    /// Identifier.
    pub id: String,
    /// Job.
    pub job: String,
    /// The generation to repeat.
    pub generation: i32,
    /// `all` or `failed`.
    pub part: String,
    /// Why.
    pub reason: String,
    /// Microseconds.
    pub requested_at: i64,
    /// Staff id.
    pub requested_by: String,
    /// `open`, `agreed` or `declined`.
    pub state: String,
}

/// What came of a wish.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Repeated {
    /// This generation is to be written.
    Generation(i32),
    /// It waits for a second person.
    Asked,
    /// The second person said no.
    Declined,
    /// A person cannot agree to their own wish.
    SamePerson,
    /// No application of it failed.
    Nothing,
    /// The generation is still being written or on its way, or another is being written.
    Busy,
    /// More became of the generation than was known when it was wished: it arrived after all, or left again.
    Changed,
    /// There is no such generation or wish.
    Missing,
}

/// A wish to put a generation out again.
#[derive(Clone, Debug)]
pub struct Wish {
    /// Job.
    pub job: String,
    /// The generation to repeat.
    pub generation: i32,
    /// Which of its applications.
    pub part: Part,
    /// Why, for the log and the other person.
    pub reason: String,
    /// Until when what became of the generation was known to whoever wished it, microseconds.
    pub known_at: i64,
}

/// An application that a generation has again.
#[derive(Insertable)]
#[diesel(table_name = repeated, treat_none_as_default_value = false)]
struct Again<'a> {
    job: &'a str,
    generation: i32,
    application_id: &'a str,
}

/// Starts a generation that repeats another at once.
///
/// # Errors
/// When the database cannot be written.
pub fn start(
    tx: &mut Tx<'_>,
    by: &By,
    wish: &Wish,
    approved_by: Option<&str>,
) -> QueryResult<Repeated> {
    let of = (wish.job.as_str(), wish.generation);
    let (Some(known), Some(old)) = (job(tx.db, &wish.job)?, generation_of(tx.db, of.0, of.1)?)
    else {
        return Ok(Repeated::Missing);
    };
    if old.state == "writing" || is_writing(tx.db, &wish.job)? {
        return Ok(Repeated::Busy);
    }
    if has_changed(tx.db, &old, wish.known_at)? {
        return Ok(Repeated::Changed);
    }
    let which = match wish.part {
        Part::All => members(tx.db, of.0, of.1)?.into_iter().map(|one| one.id).collect(),
        Part::Failed => failed(tx.db, of)?,
    };
    if which.is_empty() {
        return Ok(Repeated::Nothing);
    }
    let generation = next(tx, by, &known, which.len())?;
    diesel::update(export_generations::table.find((of.0, generation)))
        .set((
            export_generations::replaces.eq(old.generation),
            export_generations::reason.eq(&wish.reason),
            export_generations::approved_by.eq(approved_by),
        ))
        .execute(tx.db)?;
    let again: Vec<Again<'_>> = which
        .iter()
        .map(|application_id| Again { job: of.0, generation, application_id })
        .collect();
    insert_many!(tx.db, repeated::table, again)?;
    let detail = format!(
        "generation {generation} repeats {}, {} records: {}",
        old.generation,
        which.len(),
        wish.reason
    );
    by.record(tx, "exports.repeated", "export", of.0, &detail);
    Ok(Repeated::Generation(generation))
}

/// Keeps a wish for a second person.
///
/// # Errors
/// When the database cannot be written.
pub fn ask(tx: &mut Tx<'_>, by: &By, id: &str, wish: &Wish) -> QueryResult<Repeated> {
    let Some(old) = generation_of(tx.db, &wish.job, wish.generation)? else {
        return Ok(Repeated::Missing);
    };
    if has_changed(tx.db, &old, wish.known_at)? {
        return Ok(Repeated::Changed);
    }
    diesel::insert_into(requests::table)
        .values((
            requests::id.eq(id),
            requests::job.eq(&wish.job),
            requests::generation.eq(wish.generation),
            requests::part.eq(wish.part.key()),
            requests::reason.eq(&wish.reason),
            requests::requested_at.eq(by.at.as_microsecond()),
            requests::requested_by.eq(&by.staff),
        ))
        .execute(tx.db)?;
    let detail = format!("generation {}: {}", wish.generation, wish.reason);
    by.record(tx, "exports.repeat_asked", "export", &wish.job, &detail);
    Ok(Repeated::Asked)
}

/// The second person agrees, or not.
///
/// # Errors
/// When the database cannot be written.
pub fn decide(tx: &mut Tx<'_>, by: &By, id: &str, agrees: bool) -> QueryResult<Repeated> {
    let open = requests::table.find(id).filter(requests::state.eq("open"));
    let found = open.select(Request::as_select()).first::<Request>(tx.db).optional()?;
    let Some((request, part)) =
        found.and_then(|one| Some((Part::parse(&one.part)?, one))).map(|(part, one)| (one, part))
    else {
        return Ok(Repeated::Missing);
    };
    if agrees && request.requested_by == by.staff {
        by.record_refused(tx, "exports.repeat_agreed", "export", &request.job, "same person");
        return Ok(Repeated::SamePerson);
    }
    let (job, generation, known_at) = (request.job, request.generation, request.requested_at);
    let wish = Wish { job, generation, part, reason: request.reason, known_at };
    let made = if agrees { start(tx, by, &wish, Some(&by.staff))? } else { Repeated::Declined };
    let state = match made {
        Repeated::Generation(_) => "agreed",
        Repeated::Declined => "declined",
        Repeated::Asked
        | Repeated::SamePerson
        | Repeated::Nothing
        | Repeated::Busy
        | Repeated::Changed
        | Repeated::Missing => return Ok(made),
    };
    diesel::update(requests::table.find(id))
        .set((
            requests::state.eq(state),
            requests::decided_at.eq(by.at.as_microsecond()),
            requests::decided_by.eq(&by.staff),
        ))
        .execute(tx.db)?;
    if state == "declined" {
        let detail = format!("generation {}", wish.generation);
        by.record(tx, "exports.repeat_declined", "export", &wish.job, &detail);
    }
    Ok(made)
}

/// Wishes that wait for a second person, oldest first.
///
/// # Errors
/// When the database cannot be read.
pub fn open(db: &mut Db, job: &str) -> QueryResult<Vec<Request>> {
    requests::table
        .filter(requests::job.eq(job).and(requests::state.eq("open")))
        .order(requests::requested_at)
        .select(Request::as_select())
        .load(db)
}

/// Whether somebody said something of a generation, or put it out again, since a moment.
fn has_changed(db: &mut Db, one: &Generation, since: i64) -> QueryResult<bool> {
    if one.receipt_at.into_iter().chain(one.stored_at).any(|at| at > since) {
        return Ok(true);
    }
    let again = export_generations::table
        .filter(export_generations::job.eq(&one.job))
        .filter(export_generations::replaces.eq(one.generation))
        .filter(export_generations::started_at.gt(since));
    diesel::select(exists(again)).get_result(db)
}

fn failed(db: &mut Db, of: (&str, i32)) -> QueryResult<Vec<String>> {
    errors::table
        .filter(errors::job.eq(of.0).and(errors::generation.eq(of.1)))
        .order(errors::application_id)
        .select(errors::application_id)
        .load(db)
}

/// Takes an application out of a generation that repeats another. It counts among the failed of
/// that generation, so that it can be repeated once the reason is put right. `false` when the
/// generation repeats none.
pub(super) fn leave_out(
    tx: &mut Tx<'_>,
    of: (&str, i32),
    one: &LeftOut,
    at: i64,
) -> QueryResult<bool> {
    let member = repeated::table.find((of.0, of.1, &one.application));
    if diesel::delete(member).execute(tx.db)? == 0 {
        return Ok(false);
    }
    diesel::insert_into(errors::table)
        .values((
            errors::job.eq(of.0),
            errors::generation.eq(of.1),
            errors::application_id.eq(&one.application),
            errors::why.eq(&one.why),
            errors::noted_at.eq(at),
        ))
        .execute(tx.db)?;
    Ok(true)
}
