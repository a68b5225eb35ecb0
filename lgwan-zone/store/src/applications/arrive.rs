//! Takes in what crossed the bridge: once each, whatever is sent twice.

use diesel::prelude::*;
use platform_store::{Tx, time};

use super::counts::{self, Pile};
use super::rows::{Answers, Application, Attachment, Delegate, Event};
use super::steps;
use crate::exports::waiting;
use crate::numbers::{self, What};
use crate::post::{self, Sealed};
use crate::record::By;
use crate::schema::{
    application_answers, application_attachments, application_delegates, application_events,
    application_keys, applications, corrections, issued_documents,
};

/// A submission, checked and ready to be kept.
#[derive(Clone, Debug)]
pub struct Arrival {
    /// The row; `state` is the one after automatic steps.
    pub application: Application,
    /// Who filled in for the applicant, if somebody did (NF-16).
    pub delegate: Option<Delegate>,
    /// Search keys of the applicant: name, reading, address for notices.
    pub keys: Vec<String>,
    /// The first round of answers.
    pub answers: Answers,
    /// Files with their verdicts.
    pub attachments: Vec<Attachment>,
    /// The arrival and the automatic steps after it.
    pub events: Vec<Event>,
    /// What the citizen is told.
    pub messages: Vec<Sealed>,
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
    diesel::insert_into(application_answers::table).values(&new.answers).execute(tx.db)?;
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

/// The number, and that somebody filled in for the applicant.
fn said(new: &Arrival) -> String {
    match &new.delegate {
        Some(delegate) => format!("{} by=account:{}", new.application.number, delegate.account_id),
        None => new.application.number.clone(),
    }
}

/// A corrected application, checked and ready to be kept.
#[derive(Clone, Debug)]
pub struct Corrected {
    /// The step back to the stage it came from.
    pub step: steps::Step,
    /// The new round, complete.
    pub answers: Answers,
    /// New files with their verdicts.
    pub attachments: Vec<Attachment>,
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
    match steps::take(tx, by, &new.step)? {
        steps::Taken::Done => Ok(Arrived::Kept),
        // The writer is the only one who changes states, and the step was
        // planned inside this job.
        steps::Taken::Overtaken { .. } => Err(diesel::result::Error::RollbackTransaction),
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
