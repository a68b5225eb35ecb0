//! A mail to the owner of an application, queued with the change it tells of.

use bridge_lanes::Refusal;
use domain::forms::definition::{Procedure, Words};
use domain::identity::{Action, Actor, Object, Owner as Holder, authorize};
use domain::ids::{ApplicationId, DepartmentId, ProcedureId};
use internet_zone_store::applications::cosigns;
use internet_zone_store::applications::status::{self, Application};
use internet_zone_store::identity::{Owner, accounts, represented};
use internet_zone_store::{mail, procedures};
use internet_zone_web::applications::cosigners_told;
use internet_zone_web::letters::{Letter, Template};
use internet_zone_web::places;
use platform_service::ids;
use platform_store::{Db, Tx, time};

use super::FromStaff;

impl FromStaff {
    /// Queues the mail; nothing when the owner gave no address.
    pub(super) fn news(
        &self,
        tx: &mut Tx<'_>,
        application_id: &str,
        template: Template,
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
        let letter = Letter::new(to, template)
            .about(&self.title(tx.db, &application)?)
            .with("number", &application.number)
            .with("link", format!("{}{path}", self.city.base_url));
        let letter = finish(letter);
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
        let Some(begun) = represented::of_application(db, &application.id)? else {
            return Ok(None);
        };
        let now = time::to_micros(self.clock.now());
        let delegate = begun.delegate_id.as_str();
        let Some(right) = represented::right_of(db, &begun, Some(delegate), now)? else {
            return Ok(None);
        };
        let object =
            (ApplicationId::parse(&application.id), ProcedureId::parse(&application.procedure_id));
        let (Ok(id), Ok(procedure)) = object else { return Ok(None) };
        let (principal, acts) = (right.principal.clone(), right.delegate.clone());
        let owner = Holder::Represented { principal, delegate: acts, procedure };
        // The citizens' side knows no departments of applications; its rules ask for none.
        let department = DepartmentId::from_bits(0);
        let object = Object::Application { id, owner, department };
        let action = if template == Template::Document {
            Action::ReadDocument
        } else {
            Action::ReadApplication
        };
        if authorize(&Actor::Delegate(right), action, &object).is_err() {
            return Ok(None);
        }
        let Some(account) = accounts::find(db, delegate)? else { return Ok(None) };
        Ok(self.vault.open_text(places::account_email(delegate), &account.email_sealed).ok())
    }

    /// The addresses of who agreed to it: they hear what becomes of it, not what is asked of the
    /// applicant (連署).
    fn signers(&self, db: &mut Db, id: &str, template: Template) -> Result<Vec<String>, Refusal> {
        if template != Template::State {
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

    fn title(&self, db: &mut Db, application: &Application) -> Result<Words, Refusal> {
        if let Some(entry) = self.shelf.shown().by_id(&application.procedure_id) {
            return Ok(entry.title.clone());
        }
        let document = procedures::document(db, &application.procedure_id, application.revision)?;
        let procedure = document.and_then(|bytes| Procedure::from_json(&bytes).ok());
        Ok(procedure.map(|procedure| procedure.title).unwrap_or_default())
    }
}
