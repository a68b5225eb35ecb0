//! Takes in what crossed the bridge: once each, whatever is sent twice.

use diesel::prelude::*;
use domain::applications::State;
use jiff::Timestamp;
use platform_store::{Db, Tx, each_backend, time};

use super::counts::{self, Pile};
use super::plan::{Actor, Way};
use super::rows::{Answers, Application, Attachment, Cosigner, Delegate, Event};
use super::{slots, steps};
use crate::api::webhooks::{self, Came};
use crate::exports::waiting;
use crate::numbers::{self, What};
use crate::post::{self, Sealed};
use crate::record::By;
use crate::schema::{
    application_answers, application_attachments, application_cosigners, application_delegates,
    application_events, application_keys, application_terminals, applications, corrections,
    issued_documents,
};

/// A submission, checked and ready to be kept.
#[derive(Clone, Debug)]
pub struct Arrival {
    /// The row; `state` is the one after automatic steps.
    pub application: Application,
    /// Who filled in for the applicant, if somebody did (NF-16).
    pub delegate: Option<Delegate>,
    /// Who agreed to it before it was sent.
    pub cosigners: Vec<Cosigner>,
    /// Search keys of the applicant: name, reading, address for notices.
    pub keys: Vec<String>,
    /// The first round of answers.
    pub answers: Answers,
    /// Days and times they ask for.
    pub slots: Vec<String>,
    /// Files with their verdicts.
    pub attachments: Vec<Attachment>,
    /// The arrival and the automatic steps after it.
    pub events: Vec<Event>,
    /// What the citizen is told.
    pub messages: Vec<Sealed>,
}

/// The history of an application that arrives: the arrival by `actor` as `act`, then what the
/// system does at once.
#[must_use]
pub fn history(
    id: &str,
    (arrived_at, now): (i64, i64),
    act: &str,
    actor: Actor<'_>,
    way: &Way,
) -> Vec<Event> {
    let arrived = steps::Hop {
        act: act.to_owned(),
        actor: actor.id.to_owned(),
        actor_name: actor.name.to_owned(),
        from: None,
        to: State::Arrived.key().to_owned(),
        words: String::new(),
    };
    let hops = way.hops.iter().map(|hop| (now, hop));
    std::iter::once((arrived_at, &arrived))
        .chain(hops)
        .zip(1..)
        .map(|((at, hop), seq)| Event {
            application_id: id.to_owned(),
            seq,
            at,
            actor: hop.actor.clone(),
            actor_name: hop.actor_name.clone(),
            act: hop.act.clone(),
            from_state: hop.from.clone(),
            to_state: hop.to.clone(),
            words: hop.words.clone(),
            version: 1,
        })
        .collect()
}

/// What came of an arrival.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrived {
    /// It is in the inbox now.
    Kept,
    /// It was there before; nothing changed.
    Before,
}

/// Keeps one submission.
///
/// # Errors
/// When the database cannot be written.
pub fn keep(tx: &mut Tx<'_>, by: &By, new: &Arrival) -> QueryResult<Arrived> {
    let row = &new.application;
    let known = applications::table.find(&row.id).count().get_result::<i64>(tx.db)?;
    if known > 0 {
        return Ok(Arrived::Before);
    }
    diesel::insert_into(applications::table).values(row).execute(tx.db)?;
    if let Some(delegate) = &new.delegate {
        diesel::insert_into(application_delegates::table)
            .values((application_delegates::application_id.eq(&row.id), delegate))
            .execute(tx.db)?;
    }
    for cosigner in &new.cosigners {
        diesel::insert_into(application_cosigners::table).values(cosigner).execute(tx.db)?;
    }
    let mut keys = new.keys.clone();
    keys.sort_unstable();
    keys.dedup();
    for key in keys.iter().filter(|key| !key.is_empty()) {
        diesel::insert_into(application_keys::table)
            .values((
                application_keys::application_id.eq(&row.id),
                application_keys::department_id.eq(&row.department_id),
                application_keys::search_key.eq(key),
                application_keys::arrived_at.eq(row.arrived_at),
            ))
            .execute(tx.db)?;
    }
    counts::add(
        tx,
        &Pile { department: &row.department_id, procedure: &row.procedure_id, state: &row.state },
        1,
    )?;
    numbers::add(tx, time::from_micros(row.arrived_at), &row.procedure_id, What::Arrived, 1)?;
    waiting::place(tx, &row.id)?;
    webhooks::tell(tx, &Came { row, state: &row.state, version: row.version }, by.at)?;
    diesel::insert_into(application_answers::table).values(&new.answers).execute(tx.db)?;
    slots::keep(tx, &row.id, &new.slots)?;
    for attachment in &new.attachments {
        diesel::insert_into(application_attachments::table).values(attachment).execute(tx.db)?;
    }
    for event in &new.events {
        diesel::insert_into(application_events::table).values(event).execute(tx.db)?;
    }
    for message in &new.messages {
        post::put(tx, message, by.at)?;
    }
    by.record(tx, "applications.arrived", "application", &row.id, &said(new));
    Ok(Arrived::Kept)
}

/// The number, who filled in for the applicant, and who agreed.
fn said(new: &Arrival) -> String {
    let said = match &new.delegate {
        Some(delegate) => format!("{} by=account:{}", new.application.number, delegate.account_id),
        None => new.application.number.clone(),
    };
    let signed = new.cosigners.iter().map(|one| format!(" cosigned=account:{}", one.account_id));
    std::iter::once(said).chain(signed).collect()
}

/// A corrected application, checked and ready to be kept.
#[derive(Clone, Debug)]
pub struct Corrected {
    /// The step back to the stage it came from.
    pub step: steps::Step,
    /// The new round, complete.
    pub answers: Answers,
    /// Days and times they ask for.
    pub slots: Vec<String>,
    /// New files with their verdicts.
    pub attachments: Vec<Attachment>,
}

/// Whether a request for correction still waits for this answer, and its application is as it was seen.
///
/// # Errors
/// When the database cannot be read.
pub fn awaits(db: &mut Db, new: &Corrected) -> QueryResult<bool> {
    let asked = corrections::table
        .find((&new.answers.application_id, new.answers.round))
        .filter(corrections::answered_at.is_null());
    let seen = applications::table
        .find(&new.answers.application_id)
        .filter(applications::version.eq(new.step.seen));
    Ok(asked.count().get_result::<i64>(db)? == 1 && seen.count().get_result::<i64>(db)? == 1)
}

/// Keeps the answer to a request for correction.
///
/// # Errors
/// When the database cannot be written.
pub fn correct(tx: &mut Tx<'_>, by: &By, new: &Corrected) -> QueryResult<Arrived> {
    let round = &new.answers;
    let asked = corrections::table
        .find((&round.application_id, round.round))
        .filter(corrections::answered_at.is_null());
    let open =
        diesel::update(asked).set(corrections::answered_at.eq(round.received_at)).execute(tx.db)?;
    if open == 0 {
        return Ok(Arrived::Before);
    }
    diesel::insert_into(application_answers::table).values(round).execute(tx.db)?;
    slots::keep(tx, &round.application_id, &new.slots)?;
    for attachment in &new.attachments {
        diesel::insert_into(application_attachments::table).values(attachment).execute(tx.db)?;
    }
    let held = new.attachments.iter().filter(|one| one.outcome == "held").count();
    diesel::update(applications::table.find(&round.application_id))
        .set((
            applications::round.eq(round.round),
            applications::attachments.eq(applications::attachments + small(new.attachments.len())),
            applications::held.eq(applications::held + small(held)),
        ))
        .execute(tx.db)?;
    match steps::take_on(tx, by, &new.step, time::from_micros(round.received_at))? {
        steps::Taken::Done => Ok(Arrived::Kept),
        // The writer is the only one who changes states, and the step was
        // planned inside this job.
        steps::Taken::Overtaken { .. }
        | steps::Taken::Unapproved
        | steps::Taken::Unmarked
        | steps::Taken::Own
        | steps::Taken::Unpaid => Err(diesel::result::Error::RollbackTransaction),
    }
}

/// Notes that the applicant opened an issued document.
///
/// # Errors
/// When the database cannot be written.
pub fn document_opened(tx: &mut Tx<'_>, by: &By, document: &str, at: i64) -> QueryResult<Arrived> {
    let unopened =
        issued_documents::table.find(document).filter(issued_documents::opened_at.is_null());
    let opened = diesel::update(unopened).set(issued_documents::opened_at.eq(at)).execute(tx.db)?;
    if opened == 0 {
        return Ok(Arrived::Before);
    }
    let (application, title) = issued_documents::table
        .find(document)
        .select((issued_documents::application_id, issued_documents::title))
        .first::<(String, String)>(tx.db)?;
    let state = applications::table
        .find(&application)
        .select(applications::state)
        .first::<String>(tx.db)?;
    steps::remember(
        tx,
        &application,
        at,
        &steps::Hop {
            act: "document_opened".to_owned(),
            actor: "applicant".to_owned(),
            actor_name: String::new(),
            from: None,
            to: state,
            words: title,
        },
    )?;
    by.record(tx, "documents.opened", "document", document, &application);
    Ok(Arrived::Kept)
}

/// Notes at which counter terminal an application is sent (IK-2.1.2a2). It may not be here yet.
///
/// # Errors
/// When the database cannot be written.
pub fn sent_at_terminal(
    tx: &mut Tx<'_>,
    (application, procedure): (&str, &str),
    terminal: &str,
    at: Timestamp,
) -> QueryResult<Arrived> {
    let row = (
        application_terminals::application_id.eq(application),
        application_terminals::terminal.eq(terminal),
    );
    let kept = each_backend!(tx.db, conn => diesel::insert_into(application_terminals::table)
        .values(row).on_conflict_do_nothing().execute(conn))?;
    if kept == 0 {
        return Ok(Arrived::Before);
    }
    numbers::add(tx, at, procedure, What::Terminal, 1)?;
    Ok(Arrived::Kept)
}

/// Notes that the applicant took the answers over into a new application.
///
/// # Errors
/// When the database cannot be written.
pub fn copied(tx: &mut Tx<'_>, by: &By, application: &str) -> QueryResult<()> {
    let state =
        applications::table.find(application).select(applications::state).first::<String>(tx.db)?;
    let hop = steps::Hop {
        act: "copied".to_owned(),
        actor: "applicant".to_owned(),
        actor_name: String::new(),
        from: None,
        to: state,
        words: String::new(),
    };
    steps::remember(tx, application, by.at.as_microsecond(), &hop)?;
    by.record(tx, "applications.copied", "application", application, "");
    Ok(())
}

fn small(count: usize) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}
