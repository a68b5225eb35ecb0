//! States, corrections, held files and documents of applications.

use bridge_contract::digest::Digest;
use bridge_contract::messages::{
    ApplicationsGone, AttachmentHeld, CopyGiven, CorrectionAsked, DepartmentChanged,
    DocumentIssued, RevisionChanged, StaffWrote, StatusChanged, WithdrawalRefused,
};
use bridge_lanes::{Refusal, Unprepared};
use domain::applications::State;
use domain::forms::Answers;
use domain::forms::definition::CitizenEvent;
use internet_zone_store::applications::drafts::{self, Save};
use internet_zone_store::applications::gone;
use internet_zone_store::applications::messages::{self, Message, Writer};
use internet_zone_store::applications::status;
use internet_zone_store::applications::told::{self, NewCorrection, NewDocument, NewState};
use internet_zone_store::applications::withdrawal_requests;
use internet_zone_store::procedures;
use internet_zone_web::applications::{Asked, Earlier, taken_over};
use internet_zone_web::letters::{Template, Told};
use internet_zone_web::places;
use platform_store::{Tx, time};

use super::news::Sets;
use super::{FromStaff, poison};

/// Told about an application that this zone does not have.
const UNKNOWN: &str = "no such application in this zone";

impl FromStaff {
    pub(super) fn status(&self, tx: &mut Tx<'_>, new: &StatusChanged) -> Result<(), Refusal> {
        let state = new.state;
        let told = NewState {
            application_id: new.application_id.as_str().to_owned(),
            state,
            at: time::to_micros(new.at),
            note: new.note_public.clone().unwrap_or_default(),
            expected: new.expected.map(|day| day.to_string()).unwrap_or_default(),
        };
        let before = status::find(tx.db, &told.application_id)?;
        let before = before.and_then(|before| State::parse(&before.state).ok());
        let reopened = before.is_some_and(|before| before.is_reopened_by(state));
        if !told::state(tx, &self.by(), &told)? {
            return Err(poison(UNKNOWN));
        }
        // What the citizen did meanwhile stands: then there is nothing to tell.
        let here = status::find(tx.db, &told.application_id)?;
        if here.is_none_or(|here| here.state != state.key()) {
            return Ok(());
        }
        // A correction has a mail of its own, which says what to do.
        if state.waits_for_applicant() || (state == State::Arrived && !reopened) {
            return Ok(());
        }
        // Not their own withdrawal: the office agreed to what they asked for.
        let granted = state == State::Withdrawn && before != Some(State::Withdrawn);
        let sets = if reopened || granted { Sets::Always } else { Sets::State };
        self.news(tx, &told.application_id, (Template::State, sets), |letter| {
            letter.told("state", Told::Text(state.name_key().to_owned()))
        })
    }

    /// A withdrawal came too late, or the office does not agree to one: the application goes on.
    pub(super) fn not_withdrawn(
        &self,
        tx: &mut Tx<'_>,
        new: &WithdrawalRefused,
    ) -> Result<(), Refusal> {
        if let Some(request) = &new.request_id {
            return self.not_agreed(tx, new, request);
        }
        let told = NewState {
            application_id: new.application_id.as_str().to_owned(),
            state: new.state,
            at: time::to_micros(new.at),
            note: new.note_public.clone().unwrap_or_default(),
            expected: new.expected.map(|day| day.to_string()).unwrap_or_default(),
        };
        if !told::not_withdrawn(tx, &self.by(), &told)? {
            return Err(poison(UNKNOWN));
        }
        self.news(tx, &told.application_id, (Template::WithdrawalRefused, Sets::Always), |letter| {
            letter.told("state", Told::Text(new.state.name_key().to_owned()))
        })
    }

    fn not_agreed(
        &self,
        tx: &mut Tx<'_>,
        new: &WithdrawalRefused,
        request: &str,
    ) -> Result<(), Refusal> {
        let (id, note) =
            (new.application_id.as_str(), new.note_public.as_deref().unwrap_or_default());
        let told = (time::to_micros(new.at), note);
        match withdrawal_requests::declined(tx, &self.by(), (id, request), told)? {
            None => Err(poison(UNKNOWN)),
            // It was taken back meanwhile: nobody waits for this answer.
            Some(false) => Ok(()),
            Some(true) => {
                self.news(tx, id, (Template::WithdrawalDeclined, Sets::Always), |letter| letter)
            }
        }
    }

    /// Whether the citizen withdrew it: what was on its way to them meanwhile is kept and not told. The
    /// staff zone answers the withdrawal, and that is told.
    fn is_withdrawn(tx: &mut Tx<'_>, id: &str) -> Result<bool, Refusal> {
        let here = status::find(tx.db, id)?;
        Ok(here.is_some_and(|here| here.state == State::Withdrawn.key()))
    }

    /// Another department is in charge (所管替え).
    pub(super) fn department(
        &self,
        tx: &mut Tx<'_>,
        new: &DepartmentChanged,
    ) -> Result<(), Refusal> {
        let (id, department) = (new.application_id.as_str(), new.department_id.as_str());
        if !told::department(tx, &self.by(), id, department)? {
            return Err(poison(UNKNOWN));
        }
        let known = procedures::departments(tx.db)?;
        match known.into_iter().find(|one| one.id == department) {
            Some(one) => self.news(
                tx,
                id,
                (Template::DepartmentChanged, Sets::Event(CitizenEvent::Department)),
                |letter| letter.with("department", &one.name),
            ),
            None => Ok(()),
        }
    }

    /// The form it goes on under. Nobody is mailed: what there is to do, if anything, comes as a correction.
    pub(super) fn revision(&self, tx: &mut Tx<'_>, new: &RevisionChanged) -> Result<(), Refusal> {
        let (id, revision) = (new.application_id.as_str(), i64::from(new.revision));
        if told::revision(tx, &self.by(), id, revision)? { Ok(()) } else { Err(poison(UNKNOWN)) }
    }

    pub(super) fn correction(
        &self,
        tx: &mut Tx<'_>,
        asked: &CorrectionAsked,
    ) -> Result<(), Refusal> {
        let id = asked.application_id.as_str();
        let round = i64::from(asked.round);
        let content = Asked {
            reason: asked.reason.clone(),
            fields: asked.fields.clone(),
            prefill: answers(&asked.prefill),
            context: answers(&asked.context),
        };
        let due = asked.due.map(|day| day.to_string()).unwrap_or_default();
        let new = NewCorrection {
            application_id: id.to_owned(),
            round,
            asked_sealed: content.seal(&self.vault, id, round),
            due,
            at: time::to_micros(self.clock.now()),
        };
        if !told::correction(tx, &self.by(), &new)? {
            return Err(poison(UNKNOWN));
        }
        if Self::is_withdrawn(tx, id)? {
            return Ok(());
        }
        self.news(tx, id, (Template::Correction, Sets::Event(CitizenEvent::Correction)), |letter| {
            let none = || Told::Text("notices.no_due".to_owned());
            letter.told("due", asked.due.map_or_else(none, Told::Day))
        })
    }

    /// Answers of an earlier application for the draft that asked (NF-58).
    pub(super) fn copy(&self, tx: &mut Tx<'_>, given: &CopyGiven) -> Result<(), Refusal> {
        let at = time::to_micros(self.clock.now());
        // A draft that was thrown away meanwhile needs nothing any more.
        let Some((draft, _)) = drafts::find(tx.db, &given.draft_id, at)? else { return Ok(()) };
        let sent = given.answers.as_ref().map(answers);
        let application = given.application_id.as_str();
        let earlier = Earlier {
            application,
            revision: status::find(tx.db, application)?.map(|known| known.revision),
            answers: sent.as_ref(),
        };
        let Some(answers_sealed) = taken_over((&self.vault, &self.shelf), &draft, earlier) else {
            return Ok(());
        };
        let save = Save {
            answers_sealed,
            id: draft.id,
            version: draft.version,
            revision: draft.revision,
            reached: draft.reached,
            at,
            expires_at: draft.expires_at,
            add: None,
            remove: None,
            finishes: None,
            voids: None,
        };
        drafts::save(tx, &save)?;
        Ok(())
    }

    pub(super) fn message(&self, tx: &mut Tx<'_>, written: &StaffWrote) -> Result<(), Refusal> {
        let (id, application) = (written.message_id.as_str(), written.application_id.as_str());
        let new = Message {
            id: id.to_owned(),
            application_id: application.to_owned(),
            at: time::to_micros(written.at),
            writer: Writer::Staff,
            words_sealed: self.vault.seal(places::message(id), written.words.as_bytes()),
            files: i32::try_from(written.files).unwrap_or(i32::MAX),
        };
        if !messages::from_staff(tx, &self.by(), &new)? {
            return Err(poison(UNKNOWN));
        }
        self.news(
            tx,
            application,
            (Template::Message, Sets::Event(CitizenEvent::Message)),
            |letter| letter,
        )
    }

    /// What is left here of applications whose time is over (IK-3.5.1a). One that is gone already is
    /// no fault: the message may be taken in again.
    pub(super) fn gone(&self, tx: &mut Tx<'_>, gone: &ApplicationsGone) -> Result<(), Refusal> {
        for id in &gone.application_ids {
            gone::forget(tx, &self.by(), id.as_str())?;
        }
        Ok(())
    }

    pub(super) fn held(&self, tx: &mut Tx<'_>, held: &AttachmentHeld) -> Result<(), Refusal> {
        let id = held.application_id.as_str();
        let seal = |row: &str| self.vault.seal(places::held_name(row), held.name.as_bytes());
        let file = (id, held.attachment_id.as_str());
        if !told::held(tx, &self.by(), file, held.reason.word(), seal)? {
            return Err(poison(UNKNOWN));
        }
        self.news(tx, id, (Template::Held, Sets::Event(CitizenEvent::Held)), |letter| letter)
    }

    /// Seals the bytes into the folder before the transaction. Doing it twice
    /// changes nothing but its age, so that no sweep takes it for an orphan before
    /// the transaction names it: the name is the document's own.
    pub(super) fn keep_document(&self, document: &DocumentIssued) -> Result<(), Unprepared> {
        let id = document.document_id.as_str();
        let sealed = self.vault.seal(places::document(id), &document.bytes);
        Ok(self.files.put_again(id, &sealed)?)
    }

    pub(super) fn document(
        &self,
        tx: &mut Tx<'_>,
        document: &DocumentIssued,
    ) -> Result<(), Refusal> {
        let (id, application) = (document.document_id.as_str(), document.application_id.as_str());
        let new = NewDocument {
            id: id.to_owned(),
            application_id: application.to_owned(),
            name_sealed: self.vault.seal(places::document_name(id), document.name.as_bytes()),
            media: document.media.clone(),
            size: i64::try_from(document.bytes.len()).unwrap_or(i64::MAX),
            file_id: id.to_owned(),
            sha256: Digest::of(&document.bytes).0.to_vec(),
            message_id: document.message_id.clone(),
        };
        if !told::document(tx, &self.by(), &new)? {
            return Err(poison(UNKNOWN));
        }
        // The message it comes with has a mail of its own.
        if new.message_id.is_some() || Self::is_withdrawn(tx, application)? {
            return Ok(());
        }
        self.news(
            tx,
            application,
            (Template::Document, Sets::Event(CitizenEvent::Document)),
            |letter| letter,
        )
    }
}

fn answers(map: &bridge_contract::messages::Answers) -> Answers {
    let mut answers = Answers::new();
    for (input, values) in map {
        answers.put(input.as_str(), values.clone());
    }
    answers
}
