//! 庁内の申請: a member of staff applies for an internal procedure as themselves (NB-2.1, NF-45).
//!
//! Nothing of it crosses to the citizens' zone: it is an application that began in this zone, and the deciding
//! department meets it in its inbox like any other (`docs/decisions/0110`).
//!
//! | Module | Does |
//! |---|---|
//! | [`list`] | the internal procedures, what was begun, what was sent; begins a draft |
//! | [`show`] | one own application: state, correction, result, documents, receipt, taking back |
//!
//! The form itself is the page of [`crate::entry`].

use std::collections::BTreeMap;
use std::sync::Arc;

use domain::forms::Compiled;
use domain::forms::definition::Mode;
use domain::identity::{Action, Object};
use domain::ids::{ApplicationId, DepartmentId};
use domain::procedures::is_trial;
use lgwan_zone_store::applications::entered;
use lgwan_zone_store::applications::rows::Application;
use lgwan_zone_store::audit;
use lgwan_zone_store::identity::reforms;
use lgwan_zone_store::procedures::{self, Procedure};
use platform_web::{Fault, Reply, Trouble};

use crate::applications::desk::{self, Desk};
use crate::guard::Who;
use crate::site::Site;

pub mod list;
pub mod show;

/// An internal procedure as it is published now, for somebody whom it is for. What is not there and what is for
/// others look the same; the attempt is recorded.
///
/// # Errors
/// A refusal with 404.
pub(crate) async fn offered(
    site: &Site,
    who: &Who,
    id: &str,
) -> Result<(Procedure, Arc<Compiled>), Trouble> {
    let (wanted, shelf) = (id.to_owned(), site.shelf.clone());
    let found = site
        .store
        .read(move |db| {
            let Some(row) = procedures::inside(db, &wanted)? else { return Ok(None) };
            let form = shelf.get(db, &row.id, row.revision)?;
            let heirs = reforms::heirs(db, reforms::REST)?;
            Ok(form.map(|form| (row, form, heirs)))
        })
        .await?;
    let for_them = found.filter(|(_, form, heirs)| {
        takes(form) && who.can(Action::UseDraft, &procedure(form, heirs))
    });
    if let Some((row, form, _)) = for_them {
        return Ok((row, form));
    }
    let (by, id) = (who.by(site), id.chars().take(100).collect::<String>());
    site.store
        .write(move |tx| audit::refused(tx, &by, "identity.refused", "procedure", &id))
        .await?;
    Err(Reply::not_found("internal.no_procedure").link("/internal").into())
}

/// The procedure as the authorization function sees it. Whose staff may apply is said by the departments there
/// are today, also while a reform is not yet in the definition.
fn procedure(form: &Compiled, heirs: &BTreeMap<DepartmentId, DepartmentId>) -> Object {
    let today = |one: &DepartmentId| heirs.get(one).unwrap_or(one).clone();
    Object::Internal { staff_of: form.procedure().staff_of.iter().map(today).collect() }
}

/// Where own applications have their pages.
pub(crate) const APPLICATIONS: &str = "/internal/applications";

/// An own application with its form, for an action of its applicant. What is not there and what
/// somebody else applied for look the same; the attempt is recorded.
///
/// # Errors
/// A refusal with 404 or 403.
pub(crate) async fn open(
    site: &Site,
    who: &Who,
    id: &str,
    action: Action,
) -> Result<Desk, Trouble> {
    let (wanted, staff, shelf) = (id.to_owned(), who.id.clone(), site.shelf.clone());
    let found = site
        .store
        .read(move |db| {
            let Some(row) = entered::own(db, &staff, &wanted)? else {
                return Ok(None);
            };
            let form = shelf.get(db, &row.procedure_id, row.revision)?;
            Ok(form.map(|form| (row, form)))
        })
        .await?;
    let Some((row, form)) = found else {
        let (by, id) = (who.by(site), id.chars().take(100).collect::<String>());
        site.store
            .write(move |tx| audit::refused(tx, &by, "identity.refused", "application", &id))
            .await?;
        return Err(Reply::not_found("internal.missing").into());
    };
    who.may(action, &object(who, &row)?)?;
    desk::with(row, form)
}

/// The application as the authorization function sees it from its applicant's side.
fn object(who: &Who, row: &Application) -> Result<Object, Trouble> {
    let unreadable = |_| Fault::because("an application row without identifiers");
    Ok(Object::Application {
        id: ApplicationId::parse(&row.id).map_err(unreadable)?,
        owner: who.owner()?,
        department: DepartmentId::parse(&row.department_id).map_err(unreadable)?,
    })
}

/// Whether a form of this procedure is filled in here, whatever the day.
fn takes(form: &Compiled) -> bool {
    form.procedure().mode == Mode::Online
}

/// Whether what was begun may still be sent: the procedure is published and within its period, grace
/// included (NF-50).
///
/// # Errors
/// A refusal with 409; what was filled in is kept.
pub(crate) fn still_open(
    site: &Site,
    row: &Procedure,
    form: &Compiled,
    back: &str,
) -> Result<(), Trouble> {
    let period = form.procedure().open.at(site.clock.now());
    if (row.state == "published" || is_trial(&row.id)) && period.may_send() {
        return Ok(());
    }
    Err(Reply::conflict("internal.closed").link(back).into())
}
