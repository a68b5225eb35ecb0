//! 版の移し替え: an application in flight goes on under a newer revision of its form
//! (`docs/decisions/0112`). The row, its line in the history, the record, the word to the citizens'
//! zone and, where answers are missing, the request for just those stand or fall together.

use std::collections::BTreeSet;
use std::sync::Arc;

use diesel::prelude::*;
use domain::applications::{Rules, State};
use domain::calendar::time_in_japan;
use domain::forms::{Answers, AttachedFile, Compiled, Context, Rebased};
use platform_store::{Db, Tx, time};
use serde::{Deserialize, Serialize};

use super::rows::{Application, Attachment};
use super::steps::{self, Hop, Step, Taken};
use super::{approvals, entered, file, inquiries};
use crate::api::webhooks::{self, Came};
use crate::batches::Outcome;
use crate::post::{self, Sealed};
use crate::record::By;
use crate::schema::{application_answers, applications};
use crate::shelf::Shelf;

/// [`Batch::event`](crate::batches::Batch::event) that moves applications to a newer revision.
pub const REBASE: &str = "rebase";

/// The revision applications are moved to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Onto {
    /// Of which procedure.
    pub procedure: String,
    /// Which one.
    pub revision: i32,
}

/// What moving one application comes to.
#[derive(Clone, Debug)]
pub struct Judged {
    /// What the newer revision makes of the answers.
    pub rebased: Rebased,
    /// The newer revision.
    pub newer: Arc<Compiled>,
    /// The newest answers.
    pub answers: Answers,
    /// Fields staff are to look at again under the newer revision, as stored.
    pub doubts: String,
}

/// A move that was worked out.
#[derive(Clone, Debug)]
pub struct Move<'a> {
    /// Where to.
    pub onto: &'a Onto,
    /// What it comes to.
    pub judged: &'a Judged,
    /// What the history says.
    pub words: String,
    /// What the citizens' zone is told, sealed.
    pub told: Sealed,
    /// The request for the answers that are missing, made for the version after the move.
    pub asks: Option<Step>,
}

/// What moving an application to this revision comes to, or why it stays.
///
/// # Errors
/// When the database cannot be read.
pub fn judge(
    db: &mut Db,
    shelf: &Shelf,
    onto: &Onto,
    row: &Application,
) -> QueryResult<Result<Judged, Outcome>> {
    if row.procedure_id != onto.procedure {
        return Ok(Err(Outcome::OtherProcedure));
    }
    if row.revision >= onto.revision {
        return Ok(Err(Outcome::Before));
    }
    let Some(state) = State::parse(&row.state).ok().filter(|state| state.may_be_rebased()) else {
        return Ok(Err(Outcome::NotNow));
    };
    if approvals::newest(db, &row.id)?.is_some_and(|(decision, _)| decision.holds(row)) {
        return Ok(Err(Outcome::Deciding));
    }
    if inquiries::of(db, &row.id)?.iter().any(|(one, _)| one.at().is_open()) {
        return Ok(Err(Outcome::Asking));
    }
    let older = shelf.get(db, &row.procedure_id, row.revision)?;
    let newer = shelf.get(db, &row.procedure_id, onto.revision)?;
    let stored = file::answers(db, &row.id, row.round)?;
    let (Some(older), Some(newer), Some(stored)) = (older, newer, stored) else {
        return Ok(Err(Outcome::Fault));
    };
    // What the system would do by itself at once is decided by nobody.
    if !Rules::from(&newer.procedure().workflow).settle(state).is_empty() {
        return Ok(Err(Outcome::NoStage));
    }
    let answers = serde_json::from_str::<Answers>(&stored.answers);
    let doubts = serde_json::from_str::<BTreeSet<String>>(&stored.doubts);
    let (Ok(answers), Ok(mut doubts)) = (answers, doubts) else {
        return Ok(Err(Outcome::Fault));
    };
    let files = file::attachments_of(db, &row.id)?;
    let files: Vec<AttachedFile> = files.iter().map(Attachment::checked).collect();
    let now = time_in_japan(time::from_micros(row.arrived_at));
    let context = Context { files: &files, now, ..Context::on(now.date()) };
    let rebased = older.rebase(&newer, &answers, &context);
    if rebased.charges {
        return Ok(Err(Outcome::Charged));
    }
    doubts.retain(|field| newer.field(field).is_some());
    doubts.extend(rebased.other.iter().cloned());
    let Ok(doubts) = serde_json::to_string(&doubts) else {
        return Ok(Err(Outcome::Fault));
    };
    Ok(Ok(Judged { rebased, newer, answers, doubts }))
}

/// Moves an application, and asks for what is missing.
///
/// # Errors
/// When the database cannot be written.
pub fn take(
    tx: &mut Tx<'_>,
    by: &By,
    (row, seen): (&Application, i32),
    wish: Move<'_>,
) -> QueryResult<Outcome> {
    let Move { onto, judged, words, told, asks } = wish;
    let stages = judged.newer.procedure().workflow.approvals.len();
    let filled = filled(tx.db, &row.id)?.unwrap_or(row.revision);
    let unchanged = applications::table
        .find(&row.id)
        .filter(applications::version.eq(seen))
        .filter(applications::revision.eq(row.revision));
    let moved = diesel::update(unchanged)
        .set((
            applications::revision.eq(onto.revision),
            applications::filled_revision.eq(Some(filled)),
            applications::approvals.eq(i32::try_from(stages).unwrap_or(i32::MAX)),
            applications::version.eq(applications::version + 1),
            applications::updated_at.eq(by.at.as_microsecond()),
        ))
        .execute(tx.db)?;
    if moved == 0 {
        return Ok(Outcome::Overtaken);
    }
    diesel::update(application_answers::table.find((&row.id, row.round)))
        .set(application_answers::doubts.eq(&judged.doubts))
        .execute(tx.db)?;
    let hop = Hop {
        act: REBASE.to_owned(),
        actor: by.staff.clone(),
        actor_name: by.name.clone(),
        from: None,
        to: row.state.clone(),
        words,
    };
    steps::remember(tx, &row.id, by.at.as_microsecond(), &hop)?;
    let detail = format!("{} revision {} -> {}", row.number, row.revision, onto.revision);
    by.record(tx, "applications.rebase", "application", &row.id, &detail);
    webhooks::tell(tx, &Came { row, state: &row.state, version: seen + 1 }, by.at)?;
    if entered::is_online(tx.db, &row.id)? {
        post::put(tx, &told, by.at)?;
    }
    match asks.map(|step| steps::take(tx, by, &step)).transpose()? {
        None | Some(Taken::Done) => Ok(Outcome::Done),
        // Nothing can come between in one transaction: then neither stands.
        Some(
            Taken::Overtaken { .. }
            | Taken::Unapproved
            | Taken::Unmarked
            | Taken::Own
            | Taken::Unpaid,
        ) => Err(diesel::result::Error::RollbackTransaction),
    }
}

/// The revision an application was filled in under, when it was moved to a newer one.
///
/// # Errors
/// When the database cannot be read.
pub fn filled(db: &mut Db, id: &str) -> QueryResult<Option<i32>> {
    let found: Option<Option<i32>> =
        applications::table.find(id).select(applications::filled_revision).first(db).optional()?;
    Ok(found.flatten())
}
