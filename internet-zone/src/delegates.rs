//! Who fills in for somebody else hears what becomes of it, too, as long as the mandate lets them follow
//! it (NF-16).

use domain::identity::{Action, Actor, Object, Owner as Holder, authorize};
use domain::ids::{ApplicationId, DepartmentId, ProcedureId};
use internet_zone_store::identity::{accounts, represented};
use internet_zone_store::vault::Vault;
use internet_zone_web::places;
use platform_store::Db;

/// What is told of.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Of<'a> {
    /// What is not sent, or never arrived: the draft it was.
    Draft(&'a str),
    /// An application, and what its mail leads to.
    Application(&'a str, Action),
}

/// The address of who filled in for the owner of it; `None` when nobody did, or may no more. Whether the
/// procedure still takes delegates is not asked: what is sent stays theirs to follow.
///
/// # Errors
/// When the database cannot be read.
pub(crate) fn address(
    vault: &Vault,
    db: &mut Db,
    (of, procedure): (Of<'_>, &str),
    now: i64,
) -> diesel::QueryResult<Option<String>> {
    let begun = match of {
        Of::Draft(id) => represented::of_draft(db, id)?,
        Of::Application(id, _) => represented::of_application(db, id)?,
    };
    let Some(begun) = begun else { return Ok(None) };
    let delegate = begun.delegate_id.as_str();
    let Some(right) = represented::right_of(db, &begun, (Some(delegate), procedure), now)? else {
        return Ok(None);
    };
    let Ok(procedure) = ProcedureId::parse(procedure) else { return Ok(None) };
    let (principal, acts) = (right.principal.clone(), right.delegate.clone());
    let owner = Holder::Represented { principal, delegate: acts, procedure };
    let (action, object) = match of {
        Of::Draft(_) => (Action::UseDraft, Object::Draft { owner }),
        Of::Application(id, action) => {
            let Ok(id) = ApplicationId::parse(id) else { return Ok(None) };
            // The citizens' side knows no departments of applications; its rules ask for none.
            let department = DepartmentId::from_bits(0);
            (action, Object::Application { id, owner, department })
        }
    };
    if authorize(&Actor::Delegate(right), action, &object).is_err() {
        return Ok(None);
    }
    let Some(account) = accounts::find(db, delegate)? else { return Ok(None) };
    Ok(vault.open_text(places::account_email(delegate), &account.email_sealed).ok())
}
