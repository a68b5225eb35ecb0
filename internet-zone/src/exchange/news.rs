//! A mail to the owner of an application, queued with the change it tells of.

use bridge_lanes::Refusal;
use domain::applications::State;
use domain::forms::definition::{CitizenEvent, CitizenMail, Words, Workflow};
use domain::identity::Action;
use internet_zone_store::applications::cosigns;
use internet_zone_store::applications::status::{self, Application};
use internet_zone_store::identity::{Owner, accounts};
use internet_zone_store::{mail, procedures};
use internet_zone_web::applications::cosigners_told;
use internet_zone_web::letters::{Letter, Template};
use internet_zone_web::places;
use internet_zone_web::trials;
use platform_service::ids;
use platform_store::{Db, Tx, time};

use super::FromStaff;
use crate::delegates::{self, Of};

/// What the mails of the procedure say of one (NF-29).
#[derive(Clone, Copy, Debug)]
pub(super) enum Sets {
    /// It goes out as it is: it answers the applicant, or what they were told before holds no more.
    Always,
    /// It is of this event.
    Event(CitizenEvent),
    /// It is of what the state of the application is to its owner.
    State,
}

impl Sets {
    fn letter(self, letter: Letter, mail: &CitizenMail, here: CitizenEvent) -> Option<Letter> {
        match self {
            Self::Always => Some(letter),
            Self::Event(event) => letter.as_set(mail, event),
            Self::State => letter.as_set(mail, here),
        }
    }
}

impl FromStaff {
    /// Queues the mail; nothing when the owner gave no address, or when the procedure sends none of the
    /// event (NF-29).
    pub(super) fn news(
        &self,
        tx: &mut Tx<'_>,
        application_id: &str,
        (template, sets): (Template, Sets),
        finish: impl FnOnce(Letter) -> Letter,
    ) -> Result<(), Refusal> {
        let Some(application) = status::find(tx.db, application_id)? else { return Ok(()) };
        let Some(to) = self.address(tx.db, &application)? else { return Ok(()) };
        let is_account = application.owner.as_ref().is_some_and(|o| o.account().is_some());
        let path = if is_account {
            format!("/applications/{application_id}")
        } else {
            "/lookup".to_owned()
        };
        let delegate = self.delegate(tx.db, &application, template)?;
        let (title, mail, here) = self.set(tx.db, &application)?;
        let letter = Letter::new(to, template)
            .about(&title)
            .with("number", &application.number)
            .with("link", format!("{}{path}", self.city.base_url));
        let Some(letter) = sets.letter(finish(letter), &mail, here) else { return Ok(()) };
        let signers = self.signers(tx.db, application_id, template)?;
        let copies: Vec<Letter> =
            delegate.into_iter().chain(signers).map(|to| Letter { to, ..letter.clone() }).collect();
        for letter in std::iter::once(letter).chain(copies) {
            let sealed = letter.seal(&self.vault, ids::new(&self.clock));
            mail::queue(tx, &sealed, time::to_micros(self.clock.now()))?;
        }
        self.mails.signal();
        Ok(())
    }

    /// The address of who filled in for the owner, while they may follow it (NF-16).
    fn delegate(
        &self,
        db: &mut Db,
        application: &Application,
        template: Template,
    ) -> Result<Option<String>, Refusal> {
        let action = if template == Template::Document {
            Action::ReadDocument
        } else {
            Action::ReadApplication
        };
        let of = Of::Application(&application.id, action);
        let now = time::to_micros(self.clock.now());
        Ok(delegates::address(&self.vault, db, (of, &application.procedure_id), now)?)
    }

    /// The addresses of who agreed to it: they hear what becomes of it, not what is asked of the
    /// applicant (連署).
    fn signers(&self, db: &mut Db, id: &str, template: Template) -> Result<Vec<String>, Refusal> {
        if !matches!(template, Template::State | Template::WithdrawalRefused) {
            return Ok(Vec::new());
        }
        Ok(cosigners_told(&self.vault, &cosigns::of_application(db, id)?))
    }

    fn address(&self, db: &mut Db, application: &Application) -> Result<Option<String>, Refusal> {
        let (place, sealed) = match (&application.owner, &application.contact_sealed) {
            (Some(Owner::Account(id)), _) => {
                let Some(account) = accounts::find(db, id)? else { return Ok(None) };
                (places::account_email(id), account.email_sealed)
            }
            (_, Some(sealed)) => (places::contact(&application.id), sealed.clone()),
            (_, None) => return Ok(None),
        };
        Ok(self.vault.open_text(place, &sealed).ok())
    }

    /// Name and mails of the procedure, and what the state of the application is to its owner.
    fn set(
        &self,
        db: &mut Db,
        application: &Application,
    ) -> Result<(Words, CitizenMail, CitizenEvent), Refusal> {
        // A state this version does not know is told like a result: always.
        let event = |workflow: &Workflow| {
            State::parse(&application.state)
                .map_or(CitizenEvent::Result, |state| CitizenEvent::of(state, workflow))
        };
        if let Some(entry) = self.shelf.shown().by_id(&application.procedure_id) {
            let event = event(&entry.procedure().workflow);
            return Ok((entry.title.clone(), entry.mail.clone(), event));
        }
        let document = procedures::document(db, &application.procedure_id, application.revision)?;
        let Some(procedure) =
            document.and_then(|bytes| trials::read(&application.procedure_id, &bytes).ok())
        else {
            return Ok((Words::default(), CitizenMail::default(), CitizenEvent::Result));
        };
        let event = event(&procedure.workflow);
        Ok((procedure.title, procedure.notify.citizen, event))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// NF-29, NF-34: who is told of no progress still hears that a withdrawal was not taken or not agreed to,
    /// and that what was decided is taken up again.
    #[test]
    fn what_answers_or_revokes_goes_out_whatever_the_procedure_says() {
        let mail = CitizenMail { off: CitizenEvent::ALL.to_vec(), ..CitizenMail::default() };
        let goes = |sets: Sets| {
            let letter = Letter::new("taro@example.jp".to_owned(), Template::WithdrawalRefused);
            sets.letter(letter, &mail, CitizenEvent::Progress).is_some()
        };
        assert!(goes(Sets::Always));
        assert!(!goes(Sets::State));
        assert!(!goes(Sets::Event(CitizenEvent::Message)));
        assert!(goes(Sets::Event(CitizenEvent::Correction)), "what must be acted upon");
    }
}
