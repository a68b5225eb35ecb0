//! For whom somebody applies: for themselves, or for who let them act (NF-16).

use std::collections::BTreeSet;

use domain::identity::{Action, Actor, Mandate, Object, Owner as Holder, authorize};
use internet_zone_store::identity::{Owner, accounts, mandates};
use platform_web::Trouble;
use platform_web::fields::{Choice, Field};

use super::acting::{called, person, takes_delegates};
use crate::caller::Caller;
use crate::forms::{Question, Shape};
use crate::shelf::Entry;
use crate::site::Site;
use crate::texts::TEXTS;

/// Input that names the mandate; empty for oneself.
pub(super) const INPUT: &str = "for";

/// Whose a draft will be, and who begins it for them.
#[derive(Clone, Debug)]
pub(crate) struct Whose {
    /// Whose it is.
    pub(crate) owner: Owner,
    /// The account that begins it for the owner.
    pub(crate) delegate: Option<String>,
}

impl From<Owner> for Whose {
    fn from(owner: Owner) -> Self {
        Self { owner, delegate: None }
    }
}

impl Whose {
    /// Who acts: the delegate, or the owner.
    pub(crate) fn actor(&self) -> Owner {
        self.delegate.clone().map_or_else(|| self.owner.clone(), Owner::Account)
    }
}

/// Somebody for whom the caller may begin this procedure.
pub(super) struct Principal {
    mandate: String,
    account: String,
    name: String,
}

/// Whether this mandate allows to begin this procedure.
fn may_begin(mandate: &Mandate, entry: &Entry) -> bool {
    let owner = Holder::Represented {
        principal: mandate.principal.clone(),
        delegate: mandate.delegate.clone(),
        procedure: entry.procedure().id.clone(),
    };
    let actor = Actor::Delegate(mandate.clone());
    takes_delegates(entry.procedure())
        && authorize(&actor, Action::UseDraft, &Object::Draft { owner }).is_ok()
}

/// Everybody for whom the caller may begin this procedure.
pub(super) async fn principals(
    site: &Site,
    caller: &Caller,
    entry: &Entry,
) -> Result<Vec<Principal>, Trouble> {
    let Some(me) = caller.account().map(str::to_owned) else { return Ok(Vec::new()) };
    if !takes_delegates(entry.procedure()) {
        return Ok(Vec::new());
    }
    let now = site.micros();
    let found = site
        .store
        .read(move |db| {
            let mut found = Vec::new();
            for row in mandates::accepted_by(db, &me, now)? {
                let account = accounts::find(db, &row.principal_id)?;
                found.extend(mandates::mandate(db, &row)?.map(|m| (row.id, m, account)));
            }
            Ok(found)
        })
        .await?;
    let may = found.into_iter().filter(|(_, mandate, _)| may_begin(mandate, entry));
    let may = may.map(|(id, mandate, account)| {
        let account_id = mandate.principal.as_str().to_owned();
        let name = called(&person(&site.vault, account_id.clone(), account.as_ref()));
        Principal { mandate: id, account: account_id, name }
    });
    // Two mandates of one person, to an old address and to a new one, are one choice.
    let mut known = BTreeSet::new();
    Ok(may.filter(|one| known.insert(one.account.clone())).collect())
}

/// For whom? Nothing is asked where there is nobody else.
pub(super) fn question(principals: &[Principal], chosen: &str) -> Option<Question> {
    if principals.is_empty() {
        return None;
    }
    let own = Choice::new("", TEXTS.text("applications.start.for_me"));
    let others = principals.iter().map(|one| {
        let words = TEXTS.fill("applications.start.for_other", &[("name", &one.name)]);
        Choice::new(one.mandate.as_str(), words)
    });
    let choices = std::iter::once(own).chain(others).map(|choice| choice.among([chosen]));
    let field = Field::new(INPUT, TEXTS.text("applications.start.for_whom"))
        .required()
        .choices(choices.collect());
    Some(Question { field, shape: Shape::Radio })
}

/// Whose the draft will be; `None` when that mandate is not among the caller's any more.
pub(super) fn chosen(own: Owner, principals: &[Principal], mandate: &str) -> Option<Whose> {
    if mandate.is_empty() {
        return Some(own.into());
    }
    let delegate = own.account()?.to_owned();
    let principal = principals.iter().find(|one| one.mandate == mandate)?;
    let owner = Owner::Account(principal.account.clone());
    Some(Whose { owner, delegate: Some(delegate) })
}
