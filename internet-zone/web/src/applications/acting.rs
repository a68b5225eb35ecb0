//! Acting for somebody else (NF-16): whose a form is, by what right the caller goes on
//! with it, and how every page says so.

use domain::forms::definition::{Delegates, Login, Procedure};
use domain::identity::{Mandate, Owner as Holder};
use domain::ids::{AccountId, BadId, ProcedureId};
use internet_zone_store::identity::accounts::Account;
use internet_zone_store::identity::represented::Begun;
use internet_zone_store::post::Person;
use internet_zone_store::vault::Vault;

use crate::identity::profile::{self, Profile};
use crate::texts::TEXTS;

/// What a delegate began, as seen by one of the two.
#[derive(Clone)]
pub(crate) struct Acting {
    /// Whose it is.
    pub(crate) principal: Person,
    /// Who began it.
    pub(crate) delegate: Person,
    /// The delegate's right, when it is the delegate who asks.
    pub(crate) right: Option<Mandate>,
}

impl Acting {
    /// Reads what was begun.
    pub(crate) fn of(vault: &Vault, begun: Begun) -> Self {
        Self {
            principal: person(vault, begun.begun.principal_id, begun.principal.as_ref()),
            delegate: person(vault, begun.begun.delegate_id, begun.delegate.as_ref()),
            right: begun.right,
        }
    }

    /// Whose it is, for the authorization function.
    pub(crate) fn holder(&self, procedure: &str) -> Result<Holder, BadId> {
        Ok(Holder::Represented {
            principal: AccountId::parse(&self.principal.id)?,
            delegate: AccountId::parse(&self.delegate.id)?,
            procedure: ProcedureId::parse(procedure)?,
        })
    }

    /// The delegate, when it is the delegate who asks.
    pub(crate) fn acts(&self) -> Option<Person> {
        self.right.is_some().then(|| self.delegate.clone())
    }

    /// What every page says on top.
    pub(crate) fn said(&self) -> String {
        if self.right.is_some() {
            TEXTS.fill("identity.delegates.acting", &[("name", &called(&self.principal))])
        } else {
            TEXTS.fill("identity.delegates.acted", &[("name", &called(&self.delegate))])
        }
    }
}

/// An account as people call it: by name, or by address where it has none.
pub(crate) fn called(person: &Person) -> String {
    let known = if person.name.is_empty() { &person.email } else { &person.name };
    known.clone()
}

/// The person of an account; nameless when the account is gone.
pub(crate) fn person(vault: &Vault, id: String, account: Option<&Account>) -> Person {
    let name = account.map(|account| Profile::name_of(vault, account));
    let email = account.map(|account| profile::email(vault, account));
    Person { id, name: name.unwrap_or_default(), email: email.unwrap_or_default() }
}

/// What pages say on top; nothing for who acts for themselves.
pub(crate) fn said(acting: Option<&Acting>) -> String {
    acting.map(Acting::said).unwrap_or_default()
}

/// Whether a procedure takes applications by a delegate: it asks who applies and does not
/// insist on the person.
#[must_use]
pub fn takes_delegates(procedure: &Procedure) -> bool {
    procedure.access.delegates == Delegates::Allowed && procedure.access.login != Login::None
}
