//! Publishing: the one way, for the page and for the local command.

use std::collections::BTreeSet;

use domain::forms::definition::{Listing, Procedure, RefusalNotice};
use domain::forms::publish::{Problem, ProblemCode, Severity, problems};
use domain::identity::{Action, Object};
use domain::ids::{DepartmentId, ProcedureId};
use lgwan_zone_store::exports::Definition;
use lgwan_zone_store::identity::departments;
use lgwan_zone_store::letters::Letter;
use lgwan_zone_store::post::Office;
use lgwan_zone_store::procedures::{self, Looked, NewRevision, Published};
use lgwan_zone_store::{proposals, templates};
use platform_service::clock::Clock;
use platform_store::Db;
use platform_web::{OrFault as _, Trouble};

use crate::guard::{Who, sha256};
use crate::site::Site;

/// The revision that comes after the newest one.
///
/// # Errors
/// When the database cannot be read.
pub fn next_revision(db: &mut Db, id: &ProcedureId) -> Result<u32, lgwan_zone_store::QueryError> {
    let known = procedures::find(db, id.as_str())?;
    let newest = known.map_or(0, |known| known.revision);
    Ok(u32::try_from(newest).unwrap_or(0) + 1)
}

/// Problems that stop publishing, and those that do not.
#[must_use]
pub fn checked(procedure: &Procedure) -> (Vec<Problem>, Vec<Problem>) {
    problems(procedure).into_iter().partition(|problem| problem.severity == Severity::Error)
}

/// Codes of what a definition asks for that a law guards, each once: who publishes it says that they
/// looked, and the log keeps what at.
#[must_use]
pub fn guarded(warnings: &[Problem]) -> Vec<&'static str> {
    let codes = warnings.iter().map(|one| one.code).filter(|code| code.is_guarded());
    let mut keys: Vec<&str> = codes.map(ProblemCode::key).collect();
    keys.sort_unstable();
    keys.dedup();
    keys.into_iter().map(|key| key.rsplit('.').next().unwrap_or(key)).collect()
}

/// Departments the city does not have: of the routing (NF-48), and of the staff who may apply (NB-2.1).
///
/// # Errors
/// When the database cannot be read.
pub fn unknown_departments(
    db: &mut Db,
    procedure: &Procedure,
) -> Result<Vec<Problem>, lgwan_zone_store::QueryError> {
    let all = departments::all(db)?;
    let routes = procedure.routing.iter().enumerate();
    let routes = routes.map(|(n, route)| (format!("routing[{n}].department"), &route.department));
    let staff = procedure.staff_of.iter().enumerate();
    let staff = staff.map(|(n, department)| (format!("staff_of[{n}]"), department));
    let unknown = routes
        .chain(staff)
        .filter(|(_, department)| !all.iter().any(|one| one.id == department.as_str()))
        .map(|(at, department)| Problem {
            at,
            code: ProblemCode::UnknownDepartment,
            detail: department.to_string(),
            severity: Severity::Error,
            why: None,
        });
    Ok(unknown.collect())
}

/// Departments in which nothing could be refused: the procedure wants a notice with every refusal, and there is no
/// text for one. A text is kept on its own and may come later, so it stops nothing.
///
/// # Errors
/// When the database cannot be read.
pub fn without_refusals(
    db: &mut Db,
    procedure: &Procedure,
) -> Result<Vec<Problem>, lgwan_zone_store::QueryError> {
    if procedure.workflow.refusal_notice == RefusalNotice::Optional {
        return Ok(Vec::new());
    }
    let desks: BTreeSet<&str> = procedure
        .routing
        .iter()
        .map(|route| &route.department)
        .chain([&procedure.department])
        .map(DepartmentId::as_str)
        .collect();
    let mut found = Vec::new();
    for desk in departments::all(db)?.into_iter().filter(|one| desks.contains(one.id.as_str())) {
        if templates::refusals(db, &desk.id, procedure.id.as_str())?.is_empty() {
            found.push(Problem {
                at: "workflow.refusal_notice".to_owned(),
                code: ProblemCode::NoRefusalText,
                detail: desk.name,
                severity: Severity::Warning,
                why: None,
            });
        }
    }
    Ok(found)
}

/// The row and message of a revision.
///
/// # Errors
/// A fault when the document cannot be written.
pub fn revision(
    office: &Office,
    mut procedure: Procedure,
    number: u32,
) -> Result<NewRevision, Trouble> {
    let guarded = guarded(&checked(&procedure).1);
    procedure.revision = number;
    procedure.counts_by(office.days());
    let document = procedure.canonical_json().or_fault()?;
    let job = match &procedure.export {
        None => None,
        Some(layout) => {
            let job = Definition::of(&procedure.id, layout);
            Some((job.job.clone(), serde_json::to_string(&job).or_fault()?))
        }
    };
    let message = office.published(&procedure.id, number, &document);
    Ok(NewRevision {
        procedure_id: procedure.id.to_string(),
        slug: procedure.slug.clone(),
        title: procedure.title.ja().to_owned(),
        department_id: procedure.department.to_string(),
        revision: i32::try_from(number).unwrap_or(i32::MAX),
        internal: procedure.listing == Listing::Internal,
        sha256: sha256(&document),
        document: String::from_utf8(document).or_fault()?,
        message,
        job,
        guarded,
        import: None,
    })
}

/// Publishes a definition as the revision `number`, when this person may: `import` is what it was brought
/// in as, and the letter goes with it.
///
/// # Errors
/// A refusal when the person may not, or a fault.
pub async fn publish(
    site: &Site,
    who: &Who,
    procedure: Procedure,
    (number, looked): (u32, Looked),
    (import, letter): (Option<String>, Option<(Letter, Clock)>),
) -> Result<Published, Trouble> {
    let department = procedure.department.clone();
    who.may(Action::PublishDefinition, &Object::Definition { department })?;
    let by = who.by(site);
    let new = NewRevision { import, ..revision(&site.office, procedure, number)? };
    let write = site.store.write(move |tx| {
        let done = procedures::publish(tx, &by, &new, &looked)?;
        if done == Published::Done {
            proposals::tell(tx, letter.as_ref().map(|(letter, clock)| (clock, letter)))?;
        }
        Ok(done)
    });
    let done = write.await?;
    if done == Published::Done {
        (site.posted)();
    }
    Ok(done)
}
