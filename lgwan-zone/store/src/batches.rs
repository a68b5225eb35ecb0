//! What is done to many applications at once (まとめ処理, NF-36): looked at first, started, then
//! worked off row by row. A row and what it does stand or fall together, so a restart goes on
//! where it stopped.

pub mod foresee;
pub mod undo;

use std::collections::BTreeSet;

use diesel::dsl::{count_star, max, min};
use diesel::prelude::*;
use platform_store::{Db, Tx, insert_many};
use serde::{Deserialize, Serialize};

use crate::applications::steps::Taken;
use crate::record::By;
use crate::retention::{Content, Old};
use crate::schema::{applications, batch_rows, batches};

/// Most rows of a batch.
pub const MOST: usize = 5_000;

/// [`Batch::event`] that puts a label on.
pub const LABEL_ON: &str = "label_on";
/// [`Batch::event`] that takes a label off.
pub const LABEL_OFF: &str = "label_off";
/// [`Batch::event`] that puts somebody in charge, or nobody (担当者).
pub const CHARGE: &str = "charge";
/// [`Batch::event`] that puts back who was in charge before.
pub const CHARGE_BACK: &str = "charge_back";

/// Where a batch is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Worked out, nothing done yet.
    Looked,
    /// Being worked off.
    Running,
    /// Every row has its outcome.
    Done,
    /// Given up before it began.
    Dropped,
}

impl Stage {
    /// The stored word.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Looked => "looked",
            Self::Running => "running",
            Self::Done => "done",
            Self::Dropped => "dropped",
        }
    }

    /// Reads [`code`](Self::code).
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Looked, Self::Running, Self::Done, Self::Dropped]
            .into_iter()
            .find(|stage| stage.code() == word)
    }
}

/// What became of a row, or why nothing will.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// The step was taken.
    Done,
    /// Somebody else changed the application after it was looked at.
    Overtaken,
    /// The state does not allow it.
    NotNow,
    /// The decision is not approved (決裁).
    Unapproved,
    /// A point of the review is not marked (審査の確認項目).
    Unmarked,
    /// Its fee is not recorded as paid (納付確認).
    Unpaid,
    /// Not there, or another department's.
    Missing,
    /// The person may no longer do it.
    NotAllowed,
    /// The person applied for it themselves (庁内の申請).
    Own,
    /// The file name has no receipt number.
    NoNumber,
    /// The number in the file name has a wrong digit.
    WrongNumber,
    /// The file name has numbers of several applications.
    SeveralNumbers,
    /// Another file of the batch is for the same application.
    Twice,
    /// The file is no PDF.
    NotPdf,
    /// The file is too large.
    TooLarge,
    /// It was so before.
    Before,
    /// The label is another department's, or put on no more.
    Foreign,
    /// Who is to be in charge does not work in its department.
    NotMember,
    /// Not taken back: the applicant was told.
    Told,
    /// Not taken back: the decision was told.
    Decided,
    /// Not taken back: the applicant opened the document.
    Opened,
    /// Not taken back: a business system has it.
    Exported,
    /// Not taken back: nothing was kept that it could go back to.
    NotKept,
    /// The decision is before its approvers (決裁).
    Deciding,
    /// Another department still has to say something (意見照会).
    Asking,
    /// The newer revision asks for answers that are not there, and nobody is asked for them.
    NeedsAnswers,
    /// The fee would be another amount under the newer revision.
    Charged,
    /// The newer revision has no desk for the stage it is at.
    NoStage,
    /// The template is one of another procedure.
    OtherProcedure,
    /// None of the questions to correct is in this revision of the procedure.
    OtherForm,
    /// The template names what this revision of the procedure does not have.
    Unfit,
    /// The document would have characters nobody can print.
    Unprintable,
    /// The certificate that signs does not hold now.
    Unsigned,
    /// The procedure refuses nobody without a notice with the 教示, and there is no text for one.
    NoNotice,
    /// A fault of ours; the log has the cause.
    Fault,
}

impl Outcome {
    /// Every outcome.
    pub const ALL: [Self; 35] = [
        Self::Done,
        Self::Overtaken,
        Self::NotNow,
        Self::Unapproved,
        Self::Unmarked,
        Self::Unpaid,
        Self::Missing,
        Self::NotAllowed,
        Self::Own,
        Self::NoNumber,
        Self::WrongNumber,
        Self::SeveralNumbers,
        Self::Twice,
        Self::NotPdf,
        Self::TooLarge,
        Self::Before,
        Self::Foreign,
        Self::NotMember,
        Self::Told,
        Self::Decided,
        Self::Opened,
        Self::Exported,
        Self::NotKept,
        Self::Deciding,
        Self::Asking,
        Self::NeedsAnswers,
        Self::Charged,
        Self::NoStage,
        Self::OtherProcedure,
        Self::OtherForm,
        Self::Unfit,
        Self::Unprintable,
        Self::Unsigned,
        Self::NoNotice,
        Self::Fault,
    ];

    /// The stored word, and the last part of its catalogue key.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Overtaken => "overtaken",
            Self::NotNow => "not_now",
            Self::Unapproved => "unapproved",
            Self::Unmarked => "unmarked",
            Self::Unpaid => "unpaid",
            Self::Missing => "missing",
            Self::NotAllowed => "not_allowed",
            Self::Own => "own",
            Self::NoNumber => "no_number",
            Self::WrongNumber => "wrong_number",
            Self::SeveralNumbers => "several_numbers",
            Self::Twice => "twice",
            Self::NotPdf => "not_pdf",
            Self::TooLarge => "too_large",
            Self::Before => "before",
            Self::Foreign => "foreign",
            Self::NotMember => "not_member",
            Self::Told => "told",
            Self::Decided => "decided",
            Self::Opened => "opened",
            Self::Exported => "exported",
            Self::NotKept => "not_kept",
            Self::Deciding => "deciding",
            Self::Asking => "asking",
            Self::NeedsAnswers => "needs_answers",
            Self::Charged => "charged",
            Self::NoStage => "no_stage",
            Self::OtherProcedure => "other_procedure",
            Self::OtherForm => "other_form",
            Self::Unfit => "unfit",
            Self::Unprintable => "unprintable",
            Self::Unsigned => "unsigned",
            Self::NoNotice => "no_notice",
            Self::Fault => "fault",
        }
    }

    /// Reads [`code`](Self::code).
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.code() == word)
    }
}

impl From<&Taken> for Outcome {
    fn from(taken: &Taken) -> Self {
        match taken {
            Taken::Done => Self::Done,
            Taken::Overtaken { .. } => Self::Overtaken,
            Taken::Unapproved => Self::Unapproved,
            Taken::Unmarked => Self::Unmarked,
            Taken::Own => Self::Own,
            Taken::Unpaid => Self::Unpaid,
        }
    }
}

/// A batch as stored. Times are microseconds.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = batches)]
pub struct Batch {
    /// Identifier.
    pub id: String,
    /// Key of the `domain::applications::Event` each row gets; [`LABEL_ON`], [`LABEL_OFF`], [`CHARGE`],
    /// [`CHARGE_BACK`] or [`REBASE`](crate::applications::rebase::REBASE).
    pub event: String,
    /// Title of the documents, empty for the one of the procedure; what the label says; the name of who
    /// is put in charge, empty for nobody.
    pub title: String,
    /// What applicants are told; may be empty.
    pub words: String,
    /// [`Stage`].
    pub state: String,
    /// When it was worked out.
    pub made_at: i64,
    /// By whom.
    pub made_by: String,
    /// Their name.
    pub made_by_name: String,
    /// When it began.
    pub started_at: Option<i64>,
    /// When the last row was done.
    pub ended_at: Option<i64>,
    /// Whether the list had more than [`MOST`].
    pub more: bool,
    /// The label each row gets or loses, instead of an event.
    pub label_id: Option<String>,
    /// The batch this one takes back.
    pub undoes: Option<String>,
    /// The text of the documents that are designed for each row: JSON of
    /// [`Words`](crate::templates::Words).
    pub notice: Option<String>,
    /// What applicants are asked to correct: JSON of [`Asked`]; known once it began.
    pub asked: Option<String>,
    /// The revision applications are moved to: JSON of [`Onto`](crate::applications::rebase::Onto).
    pub onto: Option<String>,
    /// Its place in the order of those that run: whose piece was longest ago has the smallest.
    pub turn: i64,
    /// Hash of the session in which its button was pressed; empty when it does not run.
    pub session: String,
    /// Address from which it was pressed; empty when it does not run.
    pub ip: String,
    /// Who is put in charge by [`CHARGE`]; nobody when there is none.
    pub person: Option<String>,
}

impl Batch {
    /// One of an event that somebody looks at; nothing is said and nothing done.
    #[must_use]
    pub fn looked_at(id: String, event: &str, (who, name): (&str, &str), at: i64) -> Self {
        Self {
            id,
            event: event.to_owned(),
            title: String::new(),
            words: String::new(),
            state: Stage::Looked.code().to_owned(),
            made_at: at,
            made_by: who.to_owned(),
            made_by_name: name.to_owned(),
            started_at: None,
            ended_at: None,
            more: false,
            label_id: None,
            undoes: None,
            notice: None,
            asked: None,
            onto: None,
            turn: 0,
            session: String::new(),
            ip: String::new(),
            person: None,
        }
    }
}

/// What every applicant of a batch is asked to correct (差戻し).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// The last day, ISO.
    pub due: String,
    /// Which questions; every question of the form when empty.
    pub fields: BTreeSet<String>,
}

/// What is said to every applicant when a batch begins that takes a reason.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Said {
    /// The reason; what was there stays when there is none.
    pub words: Option<String>,
    /// JSON of [`Asked`].
    pub asked: Option<String>,
}

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = batch_rows, treat_none_as_default_value = false)]
pub struct Row {
    /// Of which batch.
    pub batch_id: String,
    /// From 1.
    pub place: i32,
    /// Which application; none when the file leads to none.
    pub application_id: Option<String>,
    /// Its receipt number.
    pub number: String,
    /// Version it was looked at in.
    pub seen: i32,
    /// Name of the file for it; empty without one.
    pub file_name: String,
    /// Where the file is kept.
    pub file_id: Option<String>,
    /// Its bytes.
    pub size: i64,
    /// Its SHA-256, lower-case hex.
    pub sha256: String,
    /// [`Outcome`]; none as long as the row waits.
    pub outcome: Option<String>,
    /// State of the application when it was looked at; none in batches of before.
    pub before_state: Option<String>,
    /// What else there is to say of it, in words; may be empty.
    pub note: String,
    /// Of a batch about who is in charge: who was when the row was first looked at; nobody when there is
    /// none.
    pub person: Option<String>,
}

/// Keeps a batch that was worked out.
///
/// # Errors
/// When the database cannot be written.
pub fn make(tx: &mut Tx<'_>, by: &By, batch: &Batch, rows: &[Row]) -> QueryResult<()> {
    diesel::insert_into(batches::table).values(batch).execute(tx.db)?;
    insert_many!(tx.db, batch_rows::table, rows)?;
    let detail = format!("{} {} rows", batch.event, rows.len());
    by.record(tx, "batches.looked", "batch", &batch.id, &detail);
    Ok(())
}

/// Keeps what was done to chosen applications at once, so that it can be seen again and taken back.
///
/// # Errors
/// When the database cannot be written.
pub fn keep_done(tx: &mut Tx<'_>, by: &By, batch: &Batch, rows: &[Row]) -> QueryResult<()> {
    diesel::insert_into(batches::table).values(batch).execute(tx.db)?;
    insert_many!(tx.db, batch_rows::table, rows)?;
    let done = rows.iter().filter(|row| row.outcome.as_deref() == Some(Outcome::Done.code()));
    let detail = format!("{} done={} of {}", batch.event, done.count(), rows.len());
    by.record(tx, "batches.ended", "batch", &batch.id, &detail);
    Ok(())
}

/// A batch of this person; those of others look as if they were not there.
///
/// # Errors
/// When the database cannot be read.
pub fn find(db: &mut Db, staff: &str, id: &str) -> QueryResult<Option<Batch>> {
    batches::table
        .find(id)
        .filter(batches::made_by.eq(staff))
        .select(Batch::as_select())
        .first(db)
        .optional()
}

/// The newest batches of this person.
///
/// # Errors
/// When the database cannot be read.
pub fn newest(db: &mut Db, staff: &str, most: i64) -> QueryResult<Vec<Batch>> {
    batches::table
        .filter(batches::made_by.eq(staff))
        .order((batches::made_at.desc(), batches::id.desc()))
        .limit(most)
        .select(Batch::as_select())
        .load(db)
}

/// How many rows wait, and how many have which outcome.
///
/// # Errors
/// When the database cannot be read.
pub fn counts(db: &mut Db, id: &str) -> QueryResult<Vec<(Option<String>, i64)>> {
    batch_rows::table
        .filter(batch_rows::batch_id.eq(id))
        .group_by(batch_rows::outcome)
        .order(batch_rows::outcome)
        .select((batch_rows::outcome, diesel::dsl::count_star()))
        .load(db)
}

/// Rows behind a place; only those that came to nothing when `left` is set.
///
/// # Errors
/// When the database cannot be read.
pub fn rows(db: &mut Db, id: &str, left: bool, after: i32, most: i64) -> QueryResult<Vec<Row>> {
    let mut query = batch_rows::table
        .filter(batch_rows::batch_id.eq(id).and(batch_rows::place.gt(after)))
        .order(batch_rows::place)
        .limit(most)
        .select(Row::as_select())
        .into_boxed();
    if left {
        query = query.filter(batch_rows::outcome.ne(Outcome::Done.code()));
    }
    query.load(db)
}

/// The forms of the applications whose rows wait: procedure and newest revision, at most two.
///
/// # Errors
/// When the database cannot be read.
pub fn forms(db: &mut Db, id: &str) -> QueryResult<Vec<(String, Option<i32>)>> {
    batch_rows::table
        .inner_join(
            applications::table.on(batch_rows::application_id.eq(applications::id.nullable())),
        )
        .filter(batch_rows::batch_id.eq(id).and(batch_rows::outcome.is_null()))
        .group_by(applications::procedure_id)
        .order(applications::procedure_id)
        .limit(2)
        .select((applications::procedure_id, max(applications::revision)))
        .load(db)
}

/// Begins with what is said to everybody; `false` when it began or was given up before.
///
/// # Errors
/// When the database cannot be written.
pub fn start(tx: &mut Tx<'_>, by: &By, id: &str, said: &Said) -> QueryResult<bool> {
    let looked = batches::table.find(id).filter(batches::state.eq(Stage::Looked.code()));
    let started = diesel::update(looked)
        .set((
            batches::state.eq(Stage::Running.code()),
            batches::started_at.eq(by.at.as_microsecond()),
            batches::session.eq(&by.session),
            batches::ip.eq(&by.ip),
            said.words.as_ref().map(|words| batches::words.eq(words)),
            said.asked.as_ref().map(|asked| batches::asked.eq(asked)),
        ))
        .execute(tx.db)?;
    if started == 1 {
        by.record(tx, "batches.started", "batch", id, "");
    }
    if started == 1 && said.asked.is_some() {
        // Whose answers are missing is asked for them, and waits for its turn like the others.
        let missing = batch_rows::table
            .filter(batch_rows::batch_id.eq(id))
            .filter(batch_rows::outcome.eq(Outcome::NeedsAnswers.code()));
        diesel::update(missing).set(batch_rows::outcome.eq(None::<String>)).execute(tx.db)?;
    }
    Ok(started == 1)
}

/// Gives up a batch that did not begin. The files that were kept for it, or `None` when it began
/// or was given up before.
///
/// # Errors
/// When the database cannot be written.
pub fn drop_it(tx: &mut Tx<'_>, by: &By, id: &str) -> QueryResult<Option<Vec<String>>> {
    let looked = batches::table.find(id).filter(batches::state.eq(Stage::Looked.code()));
    let dropped =
        diesel::update(looked).set(batches::state.eq(Stage::Dropped.code())).execute(tx.db)?;
    if dropped == 0 {
        return Ok(None);
    }
    by.record(tx, "batches.dropped", "batch", id, "");
    files(tx.db, id, None).map(Some)
}

/// Files kept for rows; of all rows, or of those that came to nothing.
fn files(db: &mut Db, id: &str, except: Option<Outcome>) -> QueryResult<Vec<String>> {
    let mut query = batch_rows::table
        .filter(batch_rows::batch_id.eq(id).and(batch_rows::file_id.is_not_null()))
        .select(batch_rows::file_id.assume_not_null())
        .into_boxed();
    if let Some(except) = except {
        query = query.filter(batch_rows::outcome.ne(except.code()));
    }
    query.load(db)
}

/// The batch whose turn it is: one that has just begun, then the one whose piece was longest ago, so that
/// few rows of one department do not wait for the thousands of another.
///
/// # Errors
/// When the database cannot be read.
pub fn running(db: &mut Db) -> QueryResult<Option<Batch>> {
    batches::table
        .filter(batches::state.eq(Stage::Running.code()))
        .order((batches::turn.asc(), batches::started_at.asc(), batches::id.asc()))
        .select(Batch::as_select())
        .first(db)
        .optional()
}

/// A piece of it was worked off: it goes behind every other one that runs.
///
/// # Errors
/// When the database cannot be written.
pub fn turned(tx: &mut Tx<'_>, id: &str) -> QueryResult<()> {
    let last: Option<i64> = batches::table
        .filter(batches::state.eq(Stage::Running.code()))
        .select(max(batches::turn))
        .first(tx.db)?;
    diesel::update(batches::table.find(id))
        .set(batches::turn.eq(last.unwrap_or(0) + 1))
        .execute(tx.db)
        .map(drop)
}

/// Batches nobody started or gave up since `before`.
///
/// # Errors
/// When the database cannot be read.
pub fn stale(db: &mut Db, before: i64) -> QueryResult<Vec<String>> {
    batches::table
        .filter(batches::state.eq(Stage::Looked.code()).and(batches::made_at.lt(before)))
        .select(batches::id)
        .load(db)
}

/// The next rows that wait.
///
/// # Errors
/// When the database cannot be read.
pub fn waiting(db: &mut Db, id: &str, most: i64) -> QueryResult<Vec<Row>> {
    batch_rows::table
        .filter(batch_rows::batch_id.eq(id).and(batch_rows::outcome.is_null()))
        .order(batch_rows::place)
        .limit(most)
        .select(Row::as_select())
        .load(db)
}

/// Takes a row for its outcome in the transaction of what it does; `false` when it has one.
///
/// # Errors
/// When the database cannot be written.
pub fn settle(tx: &mut Tx<'_>, row: &Row, outcome: Outcome) -> QueryResult<bool> {
    let waiting =
        batch_rows::table.find((&row.batch_id, row.place)).filter(batch_rows::outcome.is_null());
    diesel::update(waiting)
        .set(batch_rows::outcome.eq(outcome.code()))
        .execute(tx.db)
        .map(|changed| changed == 1)
}

/// Ends a batch none of whose rows waits. The files that were kept for nothing.
///
/// # Errors
/// When the database cannot be written.
pub fn end(tx: &mut Tx<'_>, by: &By, id: &str) -> QueryResult<Vec<String>> {
    let running = batches::table.find(id).filter(batches::state.eq(Stage::Running.code()));
    diesel::update(running)
        .set((
            batches::state.eq(Stage::Done.code()),
            batches::ended_at.eq(by.at.as_microsecond()),
            // The log has them with every row.
            batches::session.eq(""),
            batches::ip.eq(""),
        ))
        .execute(tx.db)?;
    let counts = counts(tx.db, id)?;
    let said = |(outcome, count): &(Option<String>, i64)| {
        format!("{}={count}", outcome.as_deref().unwrap_or("waiting"))
    };
    let detail: Vec<String> = counts.iter().map(said).collect();
    by.record(tx, "batches.ended", "batch", id, &detail.join(" "));
    files(tx.db, id, Some(Outcome::Done))
}

/// How many batches are over since before a moment, the first and last one.
pub(crate) fn count_over(db: &mut Db, before: i64) -> QueryResult<(i64, Option<i64>, Option<i64>)> {
    batches::table
        .filter(batches::state.eq_any([Stage::Done.code(), Stage::Dropped.code()]))
        .filter(batches::made_at.lt(before))
        .select((count_star(), min(batches::made_at), max(batches::made_at)))
        .first(db)
}

/// The next batches that are over; their time counts from when they were made.
pub(crate) fn over(db: &mut Db, before: i64, most: i64) -> QueryResult<Vec<Old>> {
    let all: Vec<Batch> = batches::table
        .filter(batches::state.eq_any([Stage::Done.code(), Stage::Dropped.code()]))
        .filter(batches::made_at.lt(before))
        .order((batches::made_at, batches::id))
        .limit(most)
        .select(Batch::as_select())
        .load(db)?;
    let mut old = Vec::with_capacity(all.len());
    for batch in all {
        let rows = rows(db, &batch.id, false, 0, i64::MAX)?;
        let hash = Content::of("batch").text(&batch.event).text(&batch.words);
        let hash = hash.list(&rows, |hash, row| {
            hash.text(&row.number).text(row.outcome.as_deref().unwrap_or_default())
        });
        let label = batch.id.clone();
        old.push(Old { id: batch.id, label, ended_at: batch.made_at, content: hash.hash() });
    }
    Ok(old)
}

/// Deletes batches with their rows. Documents that were issued belong to their applications.
pub(crate) fn delete(tx: &mut Tx<'_>, old: &[Old]) -> QueryResult<()> {
    for one in old {
        let rows = batch_rows::table.filter(batch_rows::batch_id.eq(&one.id));
        diesel::delete(rows).execute(tx.db)?;
        diesel::delete(batches::table.find(&one.id)).execute(tx.db)?;
    }
    Ok(())
}
