//! A mail to the owner of an application, queued with the change it tells of.

use bridge_lanes::Refusal;
use domain::forms::definition::Procedure;
use internet_zone_store::applications::status::{self, Application};
use internet_zone_store::identity::{Owner, accounts};
use internet_zone_store::{mail, procedures};
use internet_zone_web::letters::{Letter, Template};
use internet_zone_web::{TEXTS, places};
use platform_service::ids;
use platform_store::{Db, Tx, time};
use platform_web::Catalogue;

use super::FromStaff;

impl FromStaff {
    /// Queues the mail; nothing when the owner gave no address.
    pub(super) fn news(
        &self,
        tx: &mut Tx<'_>,
        application_id: &str,
        template: Template,
        finish: impl FnOnce(Letter, &'static Catalogue) -> Letter,
    ) -> Result<(), Refusal> {
        let Some(application) = status::find(tx.db, application_id)? else { return Ok(()) };
        let Some(to) = self.address(tx.db, &application)? else { return Ok(()) };
        let is_account = application.owner.as_ref().is_some_and(|o| o.account().is_some());
        let path = if is_account {
            format!("/applications/{application_id}")
        } else {
            "/lookup".to_owned()
        };
        let letter = Letter::new(to, template)
            .with("title", self.title(tx.db, &application)?)
            .with("number", &application.number)
            .with("link", format!("{}{path}", self.city.base_url));
        let letter = finish(letter, &TEXTS).seal(&self.vault, ids::new(&self.clock));
        mail::queue(tx, &letter, time::to_micros(self.clock.now()))?;
        self.mails.signal();
        Ok(())
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

    fn title(&self, db: &mut Db, application: &Application) -> Result<String, Refusal> {
        if let Some(entry) = self.shelf.shown().by_id(&application.procedure_id) {
            return Ok(entry.procedure().title.ja().to_owned());
        }
        let document = procedures::document(db, &application.procedure_id, application.revision)?;
        let procedure = document.and_then(|bytes| Procedure::from_json(&bytes).ok());
        Ok(procedure.map_or_else(String::new, |procedure| procedure.title.ja().to_owned()))
    }
}
